"""Interval pages as items: a head with what most figures need, large parts in pieces beside it.

    <organisation>|s|<UTC day>    the quarter hours of the day
    <organisation>|y|<number>     DAYS_TOGETHER local days

A page's head tells through which committed batch its contacts are counted (`seq`). It is replaced
by its etag only, so of two writers of one page the second finds out. A part that does not fit the
head is cut into pieces of PIECE_BYTES under names used once: they are written before the head that
names them and deleted behind the one that no longer does. A page of nothing stays, because its
`seq` tells readers which batches not to count again.
"""

import asyncio
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from portal.adapters.storage.cosmos.contacts_items import IN_ONE_QUESTION, among, packed, unpacked
from portal.adapters.storage.cosmos.container import (
    Container,
    CreateItem,
    DeleteItem,
    Item,
    ReplaceItem,
)
from portal.adapters.storage.cosmos.faults import Ambiguous, Rejected
from portal.domain.contacts import encoding
from portal.domain.contacts.pages import AGENT_COUNTS, COUNTS, EMPTY, Page
from portal.domain.contacts.ports import Parts

SLOT, DAY, PIECE = "slot", "day", "piece"
SLOTS_OF_DAY = 96
DAYS_TOGETHER = 32
INLINE_BYTES = {SLOT: 44_000, DAY: 30_000}
"""What a head holds at most, before base64."""
INLINE_PART_BYTES = {SLOT: 44_000, DAY: 4_000}
"""What of agents and values a head holds: a day's are seldom asked for."""
PIECE_BYTES = 44_000
MOST_BATCH_BYTES = 1_500_000
MOST_WRITES = 99
READ, WRITE, SWEEP = "pages.read", "pages.write", "pages.sweep"
RANGE = (
    "SELECT * FROM c WHERE c.pk = @pk AND c.kind = @kind"
    " AND c.number >= @first AND c.number <= @last ORDER BY c.number"
)
PIECES = "SELECT * FROM c WHERE c.pk = @pk AND c.kind = 'piece' AND "
ALL_PIECES = "SELECT c.id FROM c WHERE c.pk = @pk AND c.kind = 'piece'"
EVERYTHING = Parts(agents=True, values=True)


class GoneError(Exception):
    """A page was replaced while it was read: read it again."""


class Stored(NamedTuple):
    """A page's head with the parts that were asked for. `item` is as stored."""

    number: int
    seq: int
    stamp: str
    glance: bytes
    parts: Mapping[str, bytes]
    item: Item

    @property
    def page(self) -> Page:
        """The page; parts not asked for are empty."""
        parts = self.parts
        cells = encoding.decode_cells(parts["queues"], COUNTS)
        agents = encoding.decode_cells(parts.get("agents", b""), AGENT_COUNTS)
        if not parts.get("values"):
            return Page(cells, agents, EMPTY.lengths, EMPTY.values)
        return Page(cells, agents, *encoding.decode_values(parts["values"]))


class Wanted(NamedTuple):
    """A page to be written, in place of the one that was read."""

    number: int
    page: Page
    seq: int
    before: Item | None
    stamp: str = ""
    glance: bytes = b""


def slots_partition(partition: str, day: int) -> str:
    """Where the quarter hours of a UTC day are."""
    return f"{partition}|s|{day}"


def days_partition(partition: str, day: int) -> str:
    """Where a local day is."""
    return f"{partition}|y|{day // DAYS_TOGETHER}"


class StoredPages:
    """The pages in their container."""

    def __init__(self, box: Container) -> None:
        self._box = box

    async def span(
        self, pk: str, kind: str, first: int, last: int, parts: Parts
    ) -> dict[int, Stored]:
        """The pages of a partition from first to last. Raises GoneError."""
        given = {"@kind": kind, "@first": first, "@last": last}
        heads = [item async for item in self._box.each(READ, pk, RANGE, given)]
        names = ["queues", *(name for name in ("agents", "values") if getattr(parts, name))]
        wanted = [id for head in heads for name in names for id in head["pieces"].get(name, ())]
        pieces = await self._pieces(pk, wanted)
        return {head["number"]: _stored(head, names, pieces) for head in heads}

    async def put(self, pk: str, kind: str, wanted: Sequence[Wanted]) -> None:
        """Writes the pages, in few batches. Raises Rejected when one was changed meanwhile, or
        Ambiguous; others of them may be written then."""
        made = await asyncio.to_thread(_made, pk, kind, wanted)
        written: list[str] = []
        try:
            for _, _, pieces in made:
                for piece in pieces:
                    await self._box.batch(WRITE, pk, [CreateItem(piece)])
                    written.append(piece["id"])
            for part in _parts([(one.before, head) for one, head, _ in made]):
                await self._box.batch(WRITE, pk, part)
                written.clear()  # some are named by now: the others are swept
        except Rejected:
            await self._delete(pk, written)
            raise
        await self._delete(pk, [id for one in wanted for id in _named(one.before)])

    async def sweep(self, pk: str, kind: str) -> None:
        """Deletes the pieces that no page names: their writer ended before the page was written,
        or was overtaken. Only while nobody else writes pages."""
        given = {"@kind": kind, "@first": 0, "@last": 1 << 40}
        heads = [item async for item in self._box.each(SWEEP, pk, RANGE, given)]
        named = {id for head in heads for id in _named(head)}
        there = [item["id"] async for item in self._box.each(SWEEP, pk, ALL_PIECES)]
        await self._delete(pk, [id for id in there if id not in named])

    async def _delete(self, pk: str, ids: Iterable[str]) -> None:
        for id in ids:
            with suppress(Rejected, Ambiguous):  # gone already, or swept later
                await self._box.batch(SWEEP, pk, [DeleteItem(id)])

    async def _pieces(self, pk: str, ids: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for start in range(0, len(ids), IN_ONE_QUESTION):
            part = ids[start : start + IN_ONE_QUESTION]
            condition, given = among("id", part)
            for item in await self._box.query(READ, pk, PIECES + condition, given, most=len(part)):
                found[item["id"]] = unpacked(item["data"])
        if len(found) != len(ids):
            raise GoneError
        return found


def _parts(
    writes: Iterable[tuple[Item | None, Item]],
) -> Iterator[list[CreateItem | ReplaceItem]]:
    """The heads in place of those before them, as many together as a batch takes."""
    batch: list[CreateItem | ReplaceItem] = []
    size = 0
    for before, head in writes:
        bytes_ = len(str(head))
        if batch and (len(batch) >= MOST_WRITES or size + bytes_ > MOST_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(ReplaceItem(head, before["_etag"]) if before else CreateItem(head))
        size += bytes_
    if batch:
        yield batch


def _named(head: Item | None) -> list[str]:
    """The pieces that a head names."""
    return [id for ids in head["pieces"].values() for id in ids] if head else []


def _stored(head: Item, names: Iterable[str], pieces: Mapping[str, bytes]) -> Stored:
    parts: dict[str, bytes] = {}
    for name in names:
        inline, ids = head["parts"].get(name), head["pieces"].get(name, ())
        data = unpacked(inline) if inline else b"".join(pieces[id] for id in ids)
        parts[name] = zlib.decompress(data) if data else b""
    glance = zlib.decompress(unpacked(head["glance"])) if head["glance"] else b""
    return Stored(head["number"], head["seq"], head["stamp"], glance, parts, head)


def _made(pk: str, kind: str, wanted: Sequence[Wanted]) -> list[tuple[Wanted, Item, list[Item]]]:
    return [(one, *_items(pk, kind, one)) for one in wanted]


def _items(pk: str, kind: str, wanted: Wanted) -> tuple[Item, list[Item]]:
    """The head and the pieces it names."""
    number = wanted.number
    queues, agents, values = encoding.encode(wanted.page)
    glance = zlib.compress(wanted.glance) if wanted.glance else b""
    room = INLINE_BYTES[kind] - len(glance)
    generation = secrets.token_hex(4)
    inline: dict[str, Any] = {}
    named: dict[str, list[str]] = {}
    pieces: list[Item] = []
    for name, plain in (("queues", queues), ("agents", agents), ("values", values)):
        if not plain:
            continue
        data = zlib.compress(plain)
        if len(data) <= room and (name == "queues" or len(data) <= INLINE_PART_BYTES[kind]):
            inline[name] = packed(data)
            room -= len(data)
            continue
        named[name] = []
        for place, start in enumerate(range(0, len(data), PIECE_BYTES)):
            id = f"{number}-{generation}-{name}-{place}"
            named[name].append(id)
            content = packed(data[start : start + PIECE_BYTES])
            pieces.append({"id": id, "pk": pk, "kind": PIECE, "data": content})
    head: Item = {
        "id": str(number),
        "pk": pk,
        "kind": kind,
        "number": number,
        "seq": wanted.seq,
        "stamp": wanted.stamp,
        "glance": packed(glance),
        "parts": inline,
        "pieces": named,
    }
    return head, pieces
