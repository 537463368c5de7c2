"""Counting every contact again: whether pages and indexes are what the contacts say."""

from functools import partial
from typing import NamedTuple

import numpy as np

from portal.adapters.storage.cosmos import contacts_head, contacts_index
from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos.contacts_commit import Commits
from portal.adapters.storage.cosmos.contacts_head import Head
from portal.adapters.storage.cosmos.container import Container
from portal.adapters.storage.cosmos.pages import Pages, again_while_gone, again_while_overtaken
from portal.adapters.storage.cosmos.pages_stored import (
    DAY,
    DAYS_TOGETHER,
    EVERYTHING,
    SLOT,
    SLOTS_OF_DAY,
    StoredPages,
    Wanted,
    days_partition,
    slots_partition,
)
from portal.domain.contacts import encoding, pages
from portal.domain.contacts.pages import EMPTY, SLOT_MS, Page
from portal.domain.contacts.ports import Parts, Rebuilt, Tenant
from portal.domain.contacts.rollups import roll_up
from portal.domain.shared.days import day_of
from portal.domain.shared.documents import Documents

CHUNK = 20_000
GRAINS = ("quarter hour", "day")
OF_SLOT, OF_DAY = 0, 1
ALL = (0, 1 << 31)


class _Expected(NamedTuple):
    """What the contacts say."""

    contacts: int
    slots: dict[int, Page]
    days: dict[int, Page]


class Rebuilding:
    """Rebuilds of pages, while their caller keeps others from writing."""

    def __init__(
        self,
        documents: Documents,
        box: Container,
        commits: Commits,
        pages_: Pages,
        stored: StoredPages,
    ) -> None:
        self._documents = documents
        self._box = box
        self._commits = commits
        self._pages = pages_
        self._stored = stored

    async def run(self, tenant: Tenant, *, verify: bool) -> Rebuilt:
        """See the port. `verify` changes nothing."""
        partition = tenant.partition
        head = await (self._commits.head(partition) if verify else self._pages.flush(partition))
        expected = await self._counted(tenant, head)
        waiting = set(head.unsettled)
        slots = await again_while_gone(partial(self._different_slots, partition, head, expected))
        ignored = waiting if verify else set[int]()
        days = await again_while_gone(
            partial(self._different_days, tenant, head, expected, ignored)
        )
        wrong = await contacts_index.wrong(self._box, partition, head)
        if not verify:
            await self._replace(tenant, head, expected, slots)
            await self._pages.settle(tenant, sorted(days | waiting), anew=True)
            await self._sweep(partition, head)
            if slots or days or wrong:
                await self._revise(partition, head, wrong)
        different = [(OF_SLOT, slot) for slot in slots] + [(OF_DAY, day) for day in days]
        names = tuple(f"{GRAINS[grain]} {number}" for grain, number in sorted(different))
        settled = [day for day in expected.days if not verify or day not in waiting]
        counted = len(expected.slots) + len(settled)
        return Rebuilt(expected.contacts, counted, (*names, *wrong))

    async def _counted(self, tenant: Tenant, head: Head) -> _Expected:
        slots: dict[int, Page] = {}
        rows: list[tuple[int, ...]] = []
        contacts = 0

        def count() -> None:
            matrix = np.array(rows, np.int64)
            for slot, delta in pages.deltas(matrix, np.ones(len(rows), np.int64)).items():
                slots[slot] = pages.apply(slots.get(slot, EMPTY), delta)
            rows.clear()

        async for item in contacts_index.each_contact(self._box, tenant.partition, head):
            rows.append(items.facts_of(item))
            contacts += 1
            if len(rows) >= CHUNK:
                count()
        if rows:
            count()
        days: dict[int, list[Page]] = {}
        for slot in sorted(slots):
            days.setdefault(day_of(slot * SLOT_MS, tenant.time_zone), []).append(slots[slot])
        return _Expected(contacts, slots, {day: pages.merge(parts) for day, parts in days.items()})

    async def _different_slots(self, partition: str, head: Head, expected: _Expected) -> set[int]:
        actual = await self._pages.slots_of(partition, head, *ALL, EVERYTHING)
        return {
            slot
            for slot in actual.keys() | expected.slots.keys()
            if encoding.encode(actual.get(slot, EMPTY))
            != encoding.encode(expected.slots.get(slot, EMPTY))
        }

    async def _different_days(
        self, tenant: Tenant, head: Head, expected: _Expected, waiting: set[int]
    ) -> set[int]:
        blind, stamp = await self._pages.blind(tenant.partition)
        actual = {
            one.number: one
            for one in await self._pages.stored_days(tenant.partition, head, *ALL, EVERYTHING)
            if not one.page.is_empty
        }
        different = set()
        for day in (actual.keys() | expected.days.keys()) - waiting:
            page, one = expected.days.get(day), actual.get(day)
            if page is None or one is None:
                different.add(day)
                continue
            glance = encoding.encode_cells(roll_up(page, blind))
            mine = (*encoding.encode(page), stamp, glance)
            if mine != (*encoding.encode(one.page), one.stamp, one.glance):
                different.add(day)
        return different

    async def _replace(
        self, tenant: Tenant, head: Head, expected: _Expected, slots: set[int]
    ) -> None:
        by_day: dict[int, list[int]] = {}
        for slot in sorted(slots):
            by_day.setdefault(slot // SLOTS_OF_DAY, []).append(slot)
        for day, chosen in by_day.items():
            pk = slots_partition(tenant.partition, day)

            async def once(pk: str = pk, chosen: list[int] = chosen) -> None:
                there = await self._stored.span(pk, SLOT, chosen[0], chosen[-1], Parts())
                wanted = [
                    Wanted(
                        slot,
                        expected.slots.get(slot, EMPTY),
                        head.seq,
                        there[slot].item if slot in there else None,
                    )
                    for slot in chosen
                    if slot not in there or there[slot].seq <= head.seq
                ]
                await self._stored.put(pk, SLOT, wanted)

            await again_while_overtaken(once)

    async def _sweep(self, partition: str, head: Head) -> None:
        days = [day for first, last in head.days for day in range(first, last + 1)]
        for day in days:
            await self._stored.sweep(slots_partition(partition, day), SLOT)
        for place in self._pages.places(head, *ALL):
            await self._stored.sweep(days_partition(partition, place * DAYS_TOGETHER), DAY)

    async def _revise(self, partition: str, head: Head, wrong: tuple[str, ...]) -> None:
        """Mends the indexes, and lets everybody ask again."""
        if wrong:
            head = await self._commits.head(partition)
            todo = await contacts_index.mending(self._box, partition, head, wrong)
            await self._commits.commit(
                partition, head._replace(revision=head.revision + 1), (), todo
            )
            return
        await contacts_head.change(
            self._documents,
            partition,
            lambda present: present._replace(revision=present.revision + 1),
        )
