"""Whether records and the copies by end say what the contacts say, and mending them.

Compared by sums of hashes, so that it takes no memory however many there are; only mending lays
the entries side by side.
"""

from collections.abc import AsyncIterator, Iterable
from hashlib import blake2b

from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos.contacts_head import Head
from portal.adapters.storage.cosmos.contacts_items import StoredRecord
from portal.adapters.storage.cosmos.contacts_journal import Step, steps
from portal.adapters.storage.cosmos.container import Container, Item

OF_RECORDS, OF_ENDS = "index of records", "contacts by their end"
CHECK = "contacts.check"
OF_KIND = "SELECT * FROM c WHERE c.pk = @pk AND c.kind = @kind"
MODULUS = 1 << 128


class Balance:
    """Hashes of what should be there, less those of what is: zero for equal multisets of entries
    in whatever order they came."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, sign: int, *entry: str | int) -> None:
        """One more entry, expected (1) or there (-1)."""
        digest = blake2b(repr(entry).encode(), digest_size=16).digest()
        self._sum = (self._sum + sign * int.from_bytes(digest, "big")) % MODULUS

    @property
    def is_even(self) -> bool:
        """Whether what is there is what should be."""
        return self._sum == 0


async def each_contact(box: Container, partition: str, head: Head) -> AsyncIterator[Item]:
    """Every contact once, day by day."""
    for first, last in head.days:
        for day in range(first, last + 1):
            pk = items.day_partition(partition, day)
            async for item in box.each(CHECK, pk, OF_KIND, {"@kind": items.CONTACT}):
                yield item


async def wrong(box: Container, partition: str, head: Head) -> tuple[str, ...]:
    """The indexes that do not say exactly what the contacts say."""
    records, copies = Balance(), Balance()
    async for item in each_contact(box, partition, head):
        records.add(1, items.record_id(item["source"], item["record"]), item["number"])
        for pk, id in items.places_of(item, partition)[1:]:
            copies.add(1, pk, id, *items.facts_of(item))
    async for item in _records(box, partition):
        for number in item["contacts"]:
            records.add(-1, item["id"], number)
    async for item in _copies(box, partition, head):
        copies.add(-1, item["pk"], item["id"], *items.facts_of(item))
    found = {OF_RECORDS: records, OF_ENDS: copies}
    return tuple(name for name, balance in found.items() if not balance.is_even)


async def mending(box: Container, partition: str, head: Head, names: Iterable[str]) -> list[Step]:
    """What makes those indexes right."""
    upserts: list[Item] = []
    deletes: list[tuple[str, str]] = []
    if OF_RECORDS in names:
        records: dict[tuple[str, str], tuple[int, list[tuple[int, int]]]] = {}
        async for item in each_contact(box, partition, head):
            legs = records.setdefault((item["source"], item["record"]), (item["version"], []))[1]
            legs.append((item["leg"], item["number"]))
        there = {item["id"]: item async for item in _records(box, partition)}
        for (source, record), (version, legs) in records.items():
            numbers = tuple(number for _, number in sorted(legs))
            known = there.pop(items.record_id(source, record), None)
            if known is None or tuple(known["contacts"]) != numbers:
                stored = StoredRecord(record, version, numbers, "")
                upserts.append(items.record_item(partition, source, stored))
        deletes += [(item["pk"], item["id"]) for item in there.values() if item["contacts"]]
    if OF_ENDS in names:
        stale = {(item["pk"], item["id"]) async for item in _copies(box, partition, head)}
        async for item in each_contact(box, partition, head):
            for pk, id in items.places_of(item, partition)[1:]:
                stale.discard((pk, id))
                own = {name: value for name, value in item.items() if not name.startswith("_")}
                upserts.append(own | {"pk": pk, "kind": items.ENDED_COPY})
        deletes += sorted(stale)
    return steps(upserts, deletes)


async def _records(box: Container, partition: str) -> AsyncIterator[Item]:
    for pk in items.shards(partition):
        async for item in box.each(CHECK, pk, OF_KIND, {"@kind": items.RECORD}):
            yield item


async def _copies(box: Container, partition: str, head: Head) -> AsyncIterator[Item]:
    for first, last in head.days:
        for day in range(first, last + 1):
            pk = items.day_partition(partition, day)
            async for item in box.each(CHECK, pk, OF_KIND, {"@kind": items.ENDED_COPY}):
                yield item
