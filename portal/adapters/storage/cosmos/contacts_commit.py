"""Committing a batch and carrying it out, so that every step has its effect exactly once.

1. What the batch counts and does is staged in the journal: no effect yet.
2. One transactional batch among the documents moves the head to it: the commit.
3. Its steps are carried out, each a transactional batch of one partition. Every partition has a
   fence that says which step of which commit was the last; a step moves it by its etag in the batch
   of its writes. A step that was done is passed over, so anybody may carry a commit out, as often
   as they like: a process that ends in between costs nothing but time, and one that wakes up after
   others have gone on changes nothing.

Readers carry out what they find committed, so they never see half of a batch.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from typing import Any

from portal.adapters.storage.cosmos import contacts_head
from portal.adapters.storage.cosmos.contacts_head import Entry, Head
from portal.adapters.storage.cosmos.contacts_journal import Counts, Journal, Step
from portal.adapters.storage.cosmos.container import (
    Container,
    CreateItem,
    DeleteItem,
    Item,
    ReplaceItem,
    UpsertItem,
    backoff,
)
from portal.adapters.storage.cosmos.faults import NOT_FOUND, Ambiguous, Rejected
from portal.domain.shared.documents import Documents, Write
from portal.domain.shared.errors import Conflict, NotFound, RateLimited, Unavailable

FENCE = "fence"
APPLY, LOOK = "contacts.apply", "contacts.look"
AT_ONCE = 8
STEP_TRIES = 6
CATCH_UP_TRIES = 20
MOST_FENCES = 4096
TORN = "What a committed batch has to do is missing from the store's journal."


class OvertakenError(Exception):
    """Another writer committed meanwhile: decide again from what is stored now."""


class Commits:
    """Commits of contacts."""

    def __init__(self, documents: Documents, box: Container, journal: Journal) -> None:
        self._documents = documents
        self._box = box
        self._journal = journal
        self._fences: dict[str, Item] = {}

    async def head(self, partition: str) -> Head:
        """The head, its last commit carried out."""
        for attempt in range(CATCH_UP_TRIES):
            head = await contacts_head.read(self._documents, partition)
            if head.applied == head.seq:
                return head
            steps = await self._journal.steps(partition, head)
            if steps is not None:
                await self._carry_out(head.seq, steps)
                await self._applied(partition, head.seq)
            elif attempt:
                await asyncio.sleep(backoff(0))
        raise Unavailable(TORN)

    async def commit(
        self,
        partition: str,
        wanted: Head,
        writes: Sequence[Write],
        steps: Sequence[Step],
        counts: Counts | None = None,
    ) -> None:
        """Commits what leads to the wanted head: made of the present one, whose etag it has, its
        revision and numbers moved on.

        Raises OvertakenError, what the documents raise for `writes` (nothing has happened), or
        Unavailable when nobody knows whether it is committed; it is whole or not at all.
        """
        now_ms, facts = time.time_ns() // 1_000_000, counts.items if counts else 0
        entry = Entry(wanted.seq + 1, secrets.token_hex(4), now_ms, facts)
        redo = await self._journal.stage(partition, entry, counts, steps)
        wanted = wanted._replace(
            seq=entry.seq,
            applied=wanted.applied if steps else entry.seq,
            token=entry.token,
            redo=redo,
            journal=(*wanted.journal, entry) if counts else wanted.journal,
        )
        staged = self._journal.staged(entry, redo)
        try:
            await self._documents.batch(partition, [*writes, contacts_head.write(wanted)])
        except (Conflict, NotFound, Unavailable, RateLimited) as error:
            if not await self._landed(partition, entry, wanted.etag, staged, error):
                raise
        except BaseException:
            await asyncio.shield(self._journal.discard(partition, staged))
            raise
        if counts:
            self._journal.remember(partition, entry, counts.deltas)
        if steps:
            try:
                await self._carry_out(entry.seq, steps)
                await self._applied(partition, entry.seq)
            except (Unavailable, RateLimited):
                return  # committed: the next one to read or write carries it out
        await self._journal.discard(partition, staged[:redo])

    async def _landed(
        self, partition: str, entry: Entry, etag: str, staged: Sequence[str], error: Exception
    ) -> bool:
        """Whether the commit took effect although it seemed to fail. Raises OvertakenError."""
        present = await contacts_head.read(self._documents, partition)
        if present.token == entry.token:
            return True
        moved = present.etag != etag
        if moved or not isinstance(error, Unavailable):
            await self._journal.discard(partition, staged)
        if moved:
            raise OvertakenError
        return False

    async def _applied(self, partition: str, seq: int) -> None:
        def done(head: Head) -> Head:
            return head._replace(applied=seq) if head.applied < seq == head.seq else head

        await contacts_head.change(self._documents, partition, done)

    async def _carry_out(self, seq: int, steps: Sequence[Step]) -> None:
        """The steps; those of one partition in turn."""
        slots = asyncio.Semaphore(AT_ONCE)
        by_partition: dict[str, list[Step]] = {}
        for step in steps:
            by_partition.setdefault(step.pk, []).append(step)

        async def one(of: Sequence[Step]) -> None:
            async with slots:
                for step in sorted(of, key=lambda step: step.part):
                    await self._step(seq, step)

        results = await asyncio.gather(*map(one, by_partition.values()), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _step(self, seq: int, step: Step) -> None:
        """Does the step unless the fence says that it was done."""
        deletes = step.deletes
        for attempt in range(STEP_TRIES):
            fence = self._fences.get(step.pk) if attempt == 0 else None
            if fence is None:
                fence = await self._box.read(LOOK, step.pk, FENCE)
            if fence is not None and (fence["seq"], fence["part"]) >= (seq, step.part):
                self._remember(step.pk, fence)
                return
            moved: Item = {
                "id": FENCE, "pk": step.pk, "kind": FENCE, "seq": seq, "part": step.part
            }  # fmt: skip
            move = ReplaceItem(moved, fence["_etag"]) if fence else CreateItem(moved)
            writes = [UpsertItem(item) for item in step.upserts]
            try:
                etags = await self._box.batch(
                    APPLY, step.pk, [move, *writes, *(DeleteItem(id) for id in deletes)]
                )
            except Rejected as refused:
                self._fences.pop(step.pk, None)
                if refused.status == NOT_FOUND and refused.index > len(writes):
                    deletes = await self._present(step.pk, deletes)
            except Ambiguous:
                self._fences.pop(step.pk, None)
                await asyncio.sleep(backoff(attempt))
            except RateLimited as busy:
                if attempt + 1 == STEP_TRIES:
                    raise
                await asyncio.sleep(busy.retry_after)
            else:
                self._remember(step.pk, moved | {"_etag": etags[0]})
                return
        raise Unavailable("A partition of the store does not take writes; try again.")

    async def _present(self, pk: str, ids: Sequence[str]) -> list[str]:
        """Those of the ids that are still there: others were erased since."""
        return [id for id in ids if await self._box.read(LOOK, pk, id) is not None]

    def _remember(self, pk: str, fence: dict[str, Any]) -> None:
        while len(self._fences) >= MOST_FENCES:
            self._fences.pop(next(iter(self._fences)))
        self._fences[pk] = fence
