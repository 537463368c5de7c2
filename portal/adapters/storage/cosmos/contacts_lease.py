"""Who writes an organisation's contacts: one at a time, in turn within a process, by a lease among
processes.

The lease only spares writers from overtaking each other. That nothing is lost or done twice when
two believe to hold it (a process that stood still, clocks that differ) is held by the etags of the
head, of the fences and of the pages.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from weakref import WeakValueDictionary

from portal.adapters.storage.cosmos.container import Container, CreateItem, Item, ReplaceItem
from portal.adapters.storage.cosmos.faults import Ambiguous, Rejected, StoreFault
from portal.domain.shared.errors import DomainError, RateLimited

ID, KIND = "lease", "lease"
HELD_MS = 15_000
LONGEST_WAIT_S = 60.0
LOOK_AGAIN_S = 0.02
OPERATION = "contacts.lease"
TAKEN = "Others write to this organisation; try again."


class Lease:
    """A lease while it is held."""

    def __init__(self, box: Container, item: Item, etag: str, now_ms: Callable[[], int]) -> None:
        self._box = box
        self._item = item
        self._etag = etag
        self._now_ms = now_ms

    async def keep(self) -> None:
        """Renews it again and again, until somebody else has it."""
        with suppress(Rejected):
            while True:
                await asyncio.sleep(HELD_MS / 3000)
                with suppress(Ambiguous, DomainError):
                    await self._write(self._now_ms() + HELD_MS)

    async def release(self) -> None:
        """Lets the next one begin; one that took over already keeps it."""
        with suppress(StoreFault, DomainError):
            await self._write(0)

    async def _write(self, until_ms: int) -> None:
        self._item["until_ms"] = until_ms
        [self._etag] = await self._box.batch(
            OPERATION, self._item["pk"], [ReplaceItem(self._item, self._etag)]
        )


class Leases:
    """The leases of this process, under a name of its own."""

    def __init__(self, box: Container, now_ms: Callable[[], int] | None = None) -> None:
        self._box = box
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self._name = secrets.token_hex(8)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def held(self, pk: str) -> AsyncIterator[None]:
        """Holds the lease in that partition. RateLimited when others keep it too long."""
        turn = self._turns.setdefault(pk, asyncio.Lock())
        async with turn:
            lease = await self._taken(pk)
            keeping = asyncio.create_task(lease.keep())
            try:
                yield
            finally:
                keeping.cancel()
                await asyncio.wait({keeping})
                await asyncio.shield(lease.release())

    async def _taken(self, pk: str) -> Lease:
        deadline = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < deadline:
            present = await self._box.read(OPERATION, pk, ID)
            now = self._now_ms()
            if present is None or present["until_ms"] <= now or present["owner"] == self._name:
                item: Item = {
                    "id": ID, "pk": pk, "kind": KIND, "owner": self._name, "until_ms": now + HELD_MS
                }  # fmt: skip
                write = ReplaceItem(item, present["_etag"]) if present else CreateItem(item)
                with suppress(Rejected, Ambiguous):
                    [etag] = await self._box.batch(OPERATION, pk, [write])
                    return Lease(self._box, item, etag, self._now_ms)
            await asyncio.sleep(LOOK_AGAIN_S * (1 + secrets.randbelow(4)))
        raise RateLimited(TAKEN, retry_after=5)
