"""Writing changes together with their audit entries, and reading the chain."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from portal.domain.audit import rules
from portal.domain.audit.model import ENTRY, HEAD, Entry, Event
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict

HEAD_ID = "head"
TRIES = 20


class Audit:
    """The chains of all organisations, one in each partition."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def commit(
        self, partition: str, events: Sequence[Event], writes: Sequence[Write] = ()
    ) -> None:
        """Writes the changes and their events in one batch, or nothing.

        Raises what the batch raises. When only the chain moved on meanwhile, tries again behind
        its new end.
        """
        async with self._turns[partition]:  # so that only other processes can be in the way
            for _ in range(TRIES):
                head = await self._documents.get(partition, HEAD, HEAD_ID)
                try:
                    await self._documents.batch(partition, [*writes, *self._entries(head, events)])
                except Conflict:
                    if not await self._moved(partition, head):
                        raise
                else:
                    return
        raise Conflict("Too many changes at once; try again.")

    async def entries(self, partition: str) -> AsyncIterator[Entry]:
        """The chain from its beginning."""
        cursor = None
        while True:
            page = await self._documents.query(partition, ENTRY, cursor=cursor)
            for document in page.documents:
                yield rules.read(document.body)
            cursor = page.next
            if cursor is None:
                return

    async def first_break(self, partition: str) -> int | None:
        """Where the stored chain is broken; None when it is whole."""
        entries = [entry async for entry in self.entries(partition)]
        head = await self._documents.get(partition, HEAD, HEAD_ID)
        end = str(head.body["hash"]) if head else rules.BEGINNING
        return rules.first_break(entries, head=end)

    async def _moved(self, partition: str, seen: Document | None) -> bool:
        head = await self._documents.get(partition, HEAD, HEAD_ID)
        return (head.etag if head else None) != (seen.etag if seen else None)

    def _entries(self, head: Document | None, events: Sequence[Event]) -> list[Write]:
        sequence = int(head.body["sequence"]) if head else 0
        previous = str(head.body["hash"]) if head else rules.BEGINNING
        writes: list[Write] = []
        for event in events:
            sequence += 1
            entry = rules.chained(
                event, sequence=sequence, at_ms=self._clock.now_ms(), previous=previous
            )
            previous = entry.hash
            writes.append(Create(ENTRY, f"{sequence:012d}", entry._asdict()))
        body = {"sequence": sequence, "hash": previous}
        if head is None:
            writes.append(Create(HEAD, HEAD_ID, body))
        else:
            writes.append(Replace(HEAD, HEAD_ID, body, head.etag))
        return writes
