"""Interval pages on Cosmos: read with what is not in them yet, flushed, settled into days.

A committed batch waits in the journal until it is flushed. Readers read the head, the waiting
batches, then the pages, and add to each page the batches behind its `seq`. Whatever others flush or
settle in between, a page and what is added to it count each contact once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeVar

import numpy as np

from portal.adapters.storage.cosmos import contacts_batch, contacts_head
from portal.adapters.storage.cosmos.contacts_commit import Commits
from portal.adapters.storage.cosmos.contacts_head import Entry, Head, within
from portal.adapters.storage.cosmos.contacts_journal import Counted, Journal
from portal.adapters.storage.cosmos.container import Container, backoff
from portal.adapters.storage.cosmos.faults import Ambiguous, Rejected
from portal.adapters.storage.cosmos.pages_stored import (
    DAY,
    DAYS_TOGETHER,
    EVERYTHING,
    SLOT,
    SLOTS_OF_DAY,
    GoneError,
    Stored,
    StoredPages,
    Wanted,
    days_partition,
    slots_partition,
)
from portal.domain.contacts import encoding, pages
from portal.domain.contacts.model import Gap, Timing
from portal.domain.contacts.pages import EMPTY, SLOT_MS, Cells, Page
from portal.domain.contacts.ports import DayPage, Parts, SlotPage, Tenant
from portal.domain.contacts.rollups import COLUMNS, Blind, roll_up
from portal.domain.shared.days import day_start_ms
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import Unavailable

Gaps = Mapping[str, Mapping[Timing, Gap]]
T = TypeVar("T")

FORMAT = "1"
UNIX_DAY = 719_163
"""The proleptic ordinal of 1970-01-01."""
AT_ONCE = 8
TRIES = 12


class Pages:
    """The pages of contacts."""

    def __init__(
        self,
        documents: Documents,
        box: Container,
        commits: Commits,
        journal: Journal,
        stored: StoredPages,
        gaps: Gaps,
    ) -> None:
        self._documents = documents
        self._box = box
        self._commits = commits
        self._journal = journal
        self._stored = stored
        self._gaps = gaps

    # --- reading ------------------------------------------------------------------------

    async def slot_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[SlotPage, ...]:
        """See the port."""

        async def once() -> tuple[SlotPage, ...]:
            head = await self._commits.head(tenant.partition)
            found = await self.slots_of(tenant.partition, head, first, last, parts)
            return tuple(SlotPage(slot, found[slot]) for slot in sorted(found))

        return await again_while_gone(once)

    async def day_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[DayPage, ...]:
        """See the port. Days that are not settled, or were under other gaps, are merged here."""

        async def once() -> tuple[DayPage, ...]:
            head = await self._commits.head(tenant.partition)
            blind, stamp = await self.blind(tenant.partition)
            stale = {day for day in head.unsettled if first <= day <= last}
            found: dict[int, DayPage] = {}
            for one in await self.stored_days(tenant.partition, head, first, last, parts):
                if one.stamp != stamp:
                    stale.add(one.number)
                elif one.number not in stale and not (page := one.page).is_empty:
                    glance = encoding.decode_cells(one.glance, COLUMNS)
                    found[one.number] = DayPage(one.number, page, glance)
            for day, page in (await self.merged(tenant, head, stale)).items():
                if not page.is_empty:
                    found[day] = DayPage(day, page, roll_up(page, blind))
            return tuple(found[day] for day in sorted(found))

        return await again_while_gone(once)

    async def agent_days(
        self, tenant: Tenant, agent: int, first: int, last: int
    ) -> tuple[tuple[int, Cells], ...]:
        """See the port."""
        days = await self.day_pages(tenant, first, last, Parts(agents=True))
        found = []
        for day in days:
            cells = day.page.agents
            mine = cells.keys >> 32 == agent
            if mine.any():
                found.append((day.day, Cells(cells.keys[mine], cells.counts[mine])))
        return tuple(found)

    async def slots_of(
        self, partition: str, head: Head, first: int, last: int, parts: Parts
    ) -> dict[int, Page]:
        """The pages of the slots that count anything, with what waits. Raises GoneError."""
        waiting = await self._journal.counted(partition, head.journal)
        if waiting is None:
            raise GoneError
        days = within(head.days, first // SLOTS_OF_DAY, last // SLOTS_OF_DAY)
        touched = {slot for counted in waiting for slot in counted.deltas if first <= slot <= last}
        whole = EVERYTHING if touched else parts  # a page changes as a whole
        spans = await gathered(
            self._stored.span(slots_partition(partition, day), SLOT, first, last, whole)
            for day in days
        )
        found: dict[int, Page] = {}
        for stored in spans:
            found.update((slot, caught_up(one, slot, waiting)) for slot, one in stored.items())
        for slot in touched - found.keys():
            found[slot] = caught_up(None, slot, waiting)
        return {slot: page for slot, page in found.items() if not page.is_empty}

    async def merged(self, tenant: Tenant, head: Head, days: Iterable[int]) -> dict[int, Page]:
        """The pages of local days, merged from their slots. Raises GoneError."""

        async def one(day: int) -> tuple[int, Page]:
            first = day_start_ms(day, tenant.time_zone) // SLOT_MS
            last = day_start_ms(day + 1, tenant.time_zone) // SLOT_MS - 1
            found = await self.slots_of(tenant.partition, head, first, last, EVERYTHING)
            return day, pages.merge([found[slot] for slot in sorted(found)])

        return dict(await gathered(one(day) for day in days))

    async def blind(self, partition: str) -> tuple[Blind, str]:
        """The queues whose source cannot give waits or customers, and the stamp that says so."""
        without = {
            timing: tuple(sorted(name for name, given in self._gaps.items() if timing in given))
            for timing in (Timing.WAIT_ANSWERED, Timing.CUSTOMER)
        }
        queues = await contacts_batch.queues_of(self._box, partition)
        waits, customers = (
            np.array([q.number for q in queues if q.source in names], np.int64)
            for names in without.values()
        )
        stamp = _stamp(without[Timing.WAIT_ANSWERED], without[Timing.CUSTOMER])
        return Blind(waits, customers), stamp

    async def stored_days(
        self, partition: str, head: Head, first: int, last: int, parts: Parts
    ) -> list[Stored]:
        """The stored pages of local days, settled or not. Raises GoneError."""
        spans = await gathered(
            self._stored.span(
                days_partition(partition, place * DAYS_TOGETHER), DAY, first, last, parts
            )
            for place in self.places(head, first, last)
        )
        return [one for stored in spans for one in stored.values()]

    def places(self, head: Head, first: int, last: int) -> list[int]:
        """Which partitions of local days there are from first to last. A local day lies within a
        day of the UTC one."""
        near = {
            UNIX_DAY + day + away
            for day in within(head.days, first - UNIX_DAY - 1, last - UNIX_DAY + 1)
            for away in (-1, 0, 1)
        }
        return sorted({day // DAYS_TOGETHER for day in near if first <= day <= last})

    # --- writing ------------------------------------------------------------------------

    async def flush(self, partition: str) -> Head:
        """Counts every waiting batch into the stored pages. One at a time does this, or else they
        are in each other's way; nothing worse."""
        head = await self._commits.head(partition)
        waiting = await self._journal.counted(partition, head.journal)
        if not waiting:
            return head
        by_day: dict[int, set[int]] = {}
        for counted in waiting:
            for slot in counted.deltas:
                by_day.setdefault(slot // SLOTS_OF_DAY, set()).add(slot)
        await gathered(
            self._flush(slots_partition(partition, day), slots, waiting)
            for day, slots in by_day.items()
        )
        done = waiting[-1].seq

        def flushed(present: Head) -> Head:
            left: tuple[Entry, ...] = tuple(e for e in present.journal if e.seq > done)
            return present._replace(journal=left)

        head = await contacts_head.change(self._documents, partition, flushed)
        await self._journal.sweep(partition, head)
        return head

    async def _flush(self, pk: str, slots: set[int], waiting: Sequence[Counted]) -> None:
        async def once() -> None:
            stored = await self._stored.span(pk, SLOT, min(slots), max(slots), EVERYTHING)
            wanted = await asyncio.to_thread(_wanted, stored, sorted(slots), waiting)
            await self._stored.put(pk, SLOT, wanted)

        await again_while_overtaken(once)

    async def settle(self, tenant: Tenant, days: Sequence[int], *, anew: bool = False) -> None:
        """Merges the days into their pages, a few at once, and takes them off the list of the
        unsettled unless they change meanwhile. `anew` writes pages that seem to be right too."""
        for start in range(0, len(days), AT_ONCE):
            part = days[start : start + AT_ONCE]
            work = (partial(self._settle, tenant, day, anew=anew) for day in part)
            through = dict(
                zip(part, await gathered(again_while_overtaken(one) for one in work), strict=True)
            )

            def settled(head: Head, through: Mapping[int, int] = through) -> Head:
                left = {
                    day: seq for day, seq in head.unsettled.items() if seq > through.get(day, -1)
                }
                return head._replace(unsettled=left)

            await contacts_head.change(self._documents, tenant.partition, settled)

    async def _settle(self, tenant: Tenant, day: int, *, anew: bool) -> int:
        """Merges the day; through which batch."""
        head = await self._commits.head(tenant.partition)
        blind, stamp = await self.blind(tenant.partition)
        pk = days_partition(tenant.partition, day)
        # Read before its slots: whoever writes the page in between is found out by the etag.
        before = (await self._stored.span(pk, DAY, day, day, Parts())).get(day)
        fresh = before is not None and before.seq >= head.seq and before.stamp == stamp
        if fresh and not anew:
            return head.seq
        page = (await self.merged(tenant, head, [day]))[day]
        glance = encoding.encode_cells(await asyncio.to_thread(roll_up, page, blind))
        if before is not None or not page.is_empty:
            item = before.item if before else None
            await self._stored.put(pk, DAY, [Wanted(day, page, head.seq, item, stamp, glance)])
        return head.seq


def _wanted(
    stored: Mapping[int, Stored], slots: Sequence[int], waiting: Sequence[Counted]
) -> list[Wanted]:
    """The pages of the slots that do not count all that waits."""
    seq = waiting[-1].seq
    found = []
    for slot in slots:
        one = stored.get(slot)
        if one is None or one.seq < seq:
            page = caught_up(one, slot, waiting)
            found.append(Wanted(slot, page, seq, one.item if one else None))
    return found


def caught_up(stored: Stored | None, slot: int, waiting: Sequence[Counted]) -> Page:
    """The slot's page with the batches that it does not count yet."""
    page = EMPTY if stored is None else stored.page
    for counted in waiting:
        if slot in counted.deltas and (stored is None or counted.seq > stored.seq):
            page = pages.apply(page, counted.deltas[slot])
    return page


async def gathered(work: Iterable[Awaitable[T]]) -> list[T]:
    """The results of all in order, a few at once."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(of: Awaitable[T]) -> T:
        async with slots:
            return await of

    results = await asyncio.gather(*map(one, work), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def again_while_gone(work: Callable[[], Awaitable[T]]) -> T:
    """Repeats reading while others replace what is read."""
    for attempt in range(TRIES):
        try:
            return await work()
        except GoneError:
            await asyncio.sleep(backoff(min(attempt, 3)))
    raise Unavailable("The figures change faster than they can be read; try again.")


async def again_while_overtaken(work: Callable[[], Awaitable[T]]) -> T:
    """Repeats a change that others were in the way of, from what is stored by then."""
    for attempt in range(TRIES):
        try:
            return await work()
        except (Rejected, Ambiguous, GoneError):
            await asyncio.sleep(backoff(min(attempt, 3)))
    raise Unavailable("A page is written by others all the time; try again.")


@lru_cache
def _stamp(waits: tuple[str, ...], customers: tuple[str, ...]) -> str:
    return f"{FORMAT};{','.join(waits)};{','.join(customers)}"
