"""The journal: what a batch counts and what there is to carry out, staged before its commit.

Facts stay until they are in the stored pages; readers of pages add them on the way. Steps stay
until they are carried out. Both are named by number and token, so what was staged and never
committed has no effect; it is swept when a later batch of that number is committed.
"""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from portal.adapters.storage.cosmos.contacts_head import Entry, Head
from portal.adapters.storage.cosmos.contacts_items import packed, unpacked
from portal.adapters.storage.cosmos.container import Container, CreateItem, DeleteItem, Item
from portal.adapters.storage.cosmos.faults import Ambiguous, Rejected
from portal.domain.contacts import pages
from portal.domain.contacts.pages import Delta, Fact, Ints

FACTS, STEPS = "facts", "steps"
MOST_STEP_OPERATIONS = 98  # beside the fence
MOST_STEP_BYTES = 900_000
MOST_ITEM_BYTES = 1_200_000
MOST_REMEMBERED = 64
STAGE, READ, SWEEP = "contacts.stage", "contacts.journal", "contacts.sweep"
SEQ_DIGITS = 15
ROWS_TOGETHER = 15_000
"""Facts in one item: 1.7 MB before they are compressed."""
STALE = "SELECT c.id, c.seq, c.token FROM c WHERE c.pk = @pk AND c.kind IN ('facts', 'steps')"

_encode = msgspec.msgpack.encode
_decode_steps = msgspec.msgpack.Decoder(list[tuple[str, int, list[dict[str, Any]], list[str]]])


class Step(NamedTuple):
    """Items to write and ids to delete in one partition, in one transactional batch; `part`
    counts the steps of the partition."""

    pk: str
    part: int
    upserts: list[Item]
    deletes: list[str]


class Counts(NamedTuple):
    """What a batch counts: facts (n, len(Fact)) with their signs (n,), and the changes of slots
    that they make."""

    rows: Ints
    signs: Ints
    deltas: Mapping[int, Delta]

    @property
    def items(self) -> int:
        """In how many items the facts are staged."""
        return -(-len(self.rows) // ROWS_TOGETHER)


class Counted(NamedTuple):
    """A committed batch and the changes it makes to each slot."""

    seq: int
    deltas: Mapping[int, Delta]


def partition_of(partition: str) -> str:
    """Where the journal of an organisation is."""
    return f"{partition}|journal"


def steps(upserts: Sequence[Item], deletes: Sequence[tuple[str, str]]) -> list[Step]:
    """The writes and deletions (partition, id) as steps, each small enough for one batch."""
    by_partition: dict[str, tuple[list[Item], list[str]]] = {}
    for item in upserts:
        by_partition.setdefault(item["pk"], ([], []))[0].append(item)
    for pk, id in deletes:
        by_partition.setdefault(pk, ([], []))[1].append(id)
    found: list[Step] = []
    for pk, (items, ids) in by_partition.items():
        part, size = 1, 0
        step = Step(pk, part, [], [])
        for item in items:
            bytes_ = len(_encode(item))
            full = len(step.upserts) >= MOST_STEP_OPERATIONS or size + bytes_ > MOST_STEP_BYTES
            if step.upserts and full:
                found.append(step)
                part, size = part + 1, 0
                step = Step(pk, part, [], [])
            step.upserts.append(item)
            size += bytes_
        for id in ids:
            if len(step.upserts) + len(step.deletes) >= MOST_STEP_OPERATIONS:
                found.append(step)
                part += 1
                step = Step(pk, part, [], [])
            step.deletes.append(id)
        found.append(step)
    return found


class Journal:
    """The journals in the container of contacts."""

    def __init__(self, box: Container) -> None:
        self._box = box
        self._known: dict[tuple[str, int, str], Counted] = {}

    async def stage(
        self, partition: str, entry: Entry, counts: Counts | None, todo: Sequence[Step]
    ) -> int:
        """Writes the facts, in as many items as the entry says, and the steps; how many items of
        steps there are. Nothing has happened yet."""
        pk = partition_of(partition)
        if counts:
            for place in range(entry.facts):
                part = slice(place * ROWS_TOGETHER, (place + 1) * ROWS_TOGETHER)
                counted = np.column_stack((counts.signs[part], counts.rows[part])).astype("<i8")
                data = await asyncio.to_thread(zlib.compress, counted.tobytes(), 1)
                await self._create(pk, _item(pk, entry, FACTS, place, data))
        chunks = await asyncio.to_thread(_chunks, todo)
        for place, data in enumerate(chunks):
            await self._create(pk, _item(pk, entry, STEPS, place, data))
        return len(chunks)

    async def steps(self, partition: str, head: Head) -> list[Step] | None:
        """What is to be carried out of the last commit; None when somebody has done so by now."""
        found: list[Step] = []
        for place in range(head.redo):
            id = _id(head.seq, head.token, STEPS, place)
            item = await self._box.read(READ, partition_of(partition), id)
            if item is None:
                return None
            decoded = _decode_steps.decode(zlib.decompress(unpacked(item["data"])))
            found.extend(Step(*step) for step in decoded)
        return found

    async def counted(self, partition: str, entries: Sequence[Entry]) -> list[Counted] | None:
        """The changes of committed batches; None when some are in the pages by now and gone."""
        found: list[Counted] = []
        for entry in entries:
            key = (partition, entry.seq, entry.token)
            known = self._known.get(key)
            if known is None:
                rows = await self._facts(partition, entry)
                if rows is None:
                    return None
                known = Counted(entry.seq, pages.deltas(rows[:, 1:], rows[:, 0]))
                self._keep(key, known)
            found.append(known)
        return found

    async def sweep(self, partition: str, head: Head) -> None:
        """Deletes what the head no longer needs. What is staged for a number to come stays: its
        commit may be on its way."""
        pk = partition_of(partition)
        needed = {(entry.seq, entry.token, FACTS) for entry in head.journal}
        if head.applied < head.seq:
            needed.add((head.seq, head.token, STEPS))
        stale = [
            item["id"]
            async for item in self._box.each(SWEEP, pk, STALE)
            if item["seq"] <= head.seq
            and (item["seq"], item["token"], item["id"].split("-")[2]) not in needed
        ]
        await self.discard(partition, stale)

    async def discard(self, partition: str, ids: Sequence[str]) -> None:
        """Deletes items; others may have done so already."""
        pk = partition_of(partition)
        for id in ids:
            try:
                await self._box.batch(SWEEP, pk, [DeleteItem(id)])
            except (Rejected, Ambiguous):
                continue  # gone, or swept next time

    def remember(self, partition: str, entry: Entry, deltas: Mapping[int, Delta]) -> None:
        """Spares this process from reading what it has written itself."""
        self._keep((partition, entry.seq, entry.token), Counted(entry.seq, deltas))

    def staged(self, entry: Entry, redo: int) -> list[str]:
        """The ids of what was staged: first the steps."""
        steps_ = [_id(entry.seq, entry.token, STEPS, place) for place in range(redo)]
        return steps_ + [_id(entry.seq, entry.token, FACTS, place) for place in range(entry.facts)]

    async def _facts(self, partition: str, entry: Entry) -> Ints | None:
        parts = []
        for place in range(entry.facts):
            id = _id(entry.seq, entry.token, FACTS, place)
            item = await self._box.read(READ, partition_of(partition), id)
            if item is None:
                return None
            parts.append(_decoded(item["data"]))
        return np.concatenate(parts)

    async def _create(self, pk: str, item: Item) -> None:
        try:
            await self._box.batch(STAGE, pk, [CreateItem(item)])
        except (Rejected, Ambiguous):
            # Written by this very call, tried again behind the scenes: names are never used twice.
            if await self._box.read(READ, pk, item["id"]) is None:
                await self._box.batch(STAGE, pk, [CreateItem(item)])

    def _keep(self, key: tuple[str, int, str], counted: Counted) -> None:
        while len(self._known) >= MOST_REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[key] = counted


def _id(seq: int, token: str, kind: str, place: int) -> str:
    return f"{seq:0{SEQ_DIGITS}d}-{token}-{kind}-{place}"


def _item(pk: str, entry: Entry, kind: str, place: int, data: bytes) -> Item:
    return {
        "id": _id(entry.seq, entry.token, kind, place),
        "pk": pk,
        "kind": kind,
        "seq": entry.seq,
        "token": entry.token,
        "data": packed(data),
    }


def _decoded(data: str) -> Ints:
    numbers = np.frombuffer(zlib.decompress(unpacked(data)), "<i8")
    return numbers.reshape(-1, 1 + len(Fact)).astype(np.int64)


def _chunks(todo: Sequence[Step]) -> list[bytes]:
    """Steps as bytes, as many together as an item holds."""
    chunks: list[bytes] = []
    together: list[Step] = []
    size = 0
    for step in todo:
        bytes_ = len(_encode(step))
        if together and size + bytes_ > MOST_ITEM_BYTES:
            chunks.append(zlib.compress(_encode(together), 1))
            together, size = [], 0
        together.append(step)
        size += bytes_
    if together:
        chunks.append(zlib.compress(_encode(together), 1))
    return chunks
