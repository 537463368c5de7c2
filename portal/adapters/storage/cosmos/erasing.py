"""An organisation out of the containers, partition by partition."""

from collections.abc import Iterator
from contextlib import suppress

from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos import contacts_journal as journal
from portal.adapters.storage.cosmos.contacts_head import Head
from portal.adapters.storage.cosmos.container import Container, DeleteItem
from portal.adapters.storage.cosmos.faults import Ambiguous, Rejected
from portal.adapters.storage.cosmos.pages import UNIX_DAY
from portal.adapters.storage.cosmos.pages_stored import days_partition, slots_partition

OPERATION = "erase"
IDS = "SELECT c.id FROM c WHERE c.pk = @pk"
TOGETHER = 99


async def partition(box: Container, pk: str, most: int) -> int:
    """Deletes items of one partition, about so many; how many."""
    gone = 0
    while gone < most:
        ids = [item["id"] for item in await box.query(OPERATION, pk, IDS, most=TOGETHER)]
        if not ids:
            break
        try:
            await box.batch(OPERATION, pk, [DeleteItem(id) for id in ids])
        except (Rejected, Ambiguous):  # some went meanwhile, or all did
            for id in ids:
                with suppress(Rejected, Ambiguous):
                    await box.batch(OPERATION, pk, [DeleteItem(id)])
        gone += len(ids)
    return gone


def contact_partitions(of: str, head: Head) -> Iterator[str]:
    """Where contacts, records, customers and what waits for the pages are."""
    for first, last in head.days:
        for day in range(first, last + 1):
            yield items.day_partition(of, day)
    yield from items.shards(of)
    yield items.meta_partition(of)
    yield journal.partition_of(of)


def page_partitions(of: str, head: Head) -> Iterator[str]:
    """Where pages are; a local day lies within a day of the UTC one."""
    for first, last in head.days:
        for day in range(first, last + 1):
            yield slots_partition(of, day)
    near = {
        days_partition(of, UNIX_DAY + day + away)
        for first, last in head.days
        for day in range(first, last + 1)
        for away in (-1, 0, 1)
    }
    yield from sorted(near)
