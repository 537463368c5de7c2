"""What the suites of contact stores share: putting records in, reading everything back."""

from typing import Any

import numpy as np

from portal.domain.contacts import encoding
from portal.domain.contacts.model import (
    SourceRecord,
)
from portal.domain.contacts.pages import SLOT_MS, Count, Page
from portal.domain.contacts.ports import Batch, Contacts, Parts, Selection, Tally, Tenant
from portal.domain.shared.days import day_of
from portal.domain.shared.fields import Category, Field, Kind
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    DAY_MS,
    tenant,
)

BAY, COVE = tenant("bay"), tenant("cove", key=b"c")
EVERYTHING = Parts(agents=True, values=True)
NEXT_DAY = NOON_MS + DAY_MS
NOTE = Kind("note", (Field("text", Category.OPERATIONAL),))
ALL_DAYS = (day_of(NOON_MS, BAY.time_zone) - 40, day_of(NOON_MS, BAY.time_zone) + 40)
ALL_SLOTS = (NOON_MS // SLOT_MS - 4000, NOON_MS // SLOT_MS + 4000)


async def ingest(
    contacts: Contacts,
    *records: SourceRecord,
    source: str = "alpha",
    to: Tenant = BAY,
    writes: Any = None,
) -> Tally:
    batch = Batch(source, records) if writes is None else Batch(source, records, writes)
    return await contacts.ingest(to, batch, now_ms=NOON_MS)


def as_bytes(page: Page) -> tuple[bytes, ...]:
    return encoding.encode(page)


async def everything(contacts: Contacts, of: Tenant = BAY) -> dict[str, tuple[bytes, ...]]:
    """Every page of the organisation in bytes."""
    slots = await contacts.slot_pages(of, *ALL_SLOTS, EVERYTHING)
    days = await contacts.day_pages(of, *ALL_DAYS, EVERYTHING)
    found = {f"slot {one.slot}": as_bytes(one.page) for one in slots}
    for one in days:
        found[f"day {one.day}"] = (*as_bytes(one.page), encoding.encode_cells(one.glance))
    for entry in await contacts.agents(of):
        for day, cells in await contacts.agent_days(of, entry.number, *ALL_DAYS):
            found[f"agent {entry.key} {day}"] = (encoding.encode_cells(cells),)
    return found


async def counts(contacts: Contacts, of: Tenant = BAY) -> dict[str, int]:
    """The counters of everything added up."""
    total = np.zeros(len(Count), np.int64)
    for one in await contacts.slot_pages(of, *ALL_SLOTS, Parts()):
        total += one.page.queues.counts.sum(axis=0)
    return {count.name.lower(): int(total[count]) for count in Count if total[count]}


async def is_true_to_its_contacts(contacts: Contacts, of: Tenant = BAY) -> bool:
    """Whether a rebuild finds every page as it is, before and after the days are settled."""
    rebuilt = await contacts.rebuild(of, verify=True)
    await contacts.settle(of)
    again = await contacts.rebuild(of, verify=True)
    return rebuilt.different == again.different == ()


async def find_all(
    contacts: Contacts, selection: Selection, *, limit: int = 3, of: Tenant = BAY
) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = await contacts.find(of, selection, cursor=cursor, limit=limit)
        assert len(page.contacts) <= limit
        found.extend(f"{one.record}/{one.leg}" for one in page.contacts)
        cursor = page.next
        if cursor is None:
            assert page.total == len(found)
            return found
