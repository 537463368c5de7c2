"""What every contact store counts in pages, settled or not; see the port
`portal.domain.contacts.ports.Contacts`."""

from portal.domain.contacts.pages import SLOT_MS, Count
from portal.domain.contacts.ports import Contacts, Parts, Selection, Side
from portal.domain.shared.days import day_of, day_start_ms
from tests.contract.counted import ALL_DAYS, ALL_SLOTS, BAY, NEXT_DAY, everything, ingest
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    BEN,
    MINUTE_MS,
    contact,
    record,
    tenant,
)


async def test_unsettled_reads_equal_settled_reads(contacts: Contacts) -> None:
    arrivals = [NOON_MS + n * 7 * 60 * MINUTE_MS for n in range(8)]
    await ingest(
        contacts, *(record(contact(arrived_ms=at), id=f"r-{n}") for n, at in enumerate(arrivals))
    )
    unsettled = await everything(contacts)
    assert await contacts.settle(BAY) > 0
    assert await everything(contacts) == unsettled
    assert await contacts.settle(BAY) == 0


async def test_settling_again_counts_only_the_days_that_changed(contacts: Contacts) -> None:
    await ingest(contacts, record(), record(contact(arrived_ms=NEXT_DAY), id="r-2"))
    assert await contacts.settle(BAY) == 2
    await ingest(contacts, record(contact(arrived_ms=NEXT_DAY + MINUTE_MS), id="r-3"))
    assert await contacts.settle(BAY) == 1


async def test_pages_without_values_or_agents_still_count(contacts: Contacts) -> None:
    await ingest(contacts, record())
    for settled in (False, True):
        if settled:
            await contacts.settle(BAY)
        [day] = await contacts.day_pages(BAY, *ALL_DAYS, Parts())
        assert int(day.page.queues.counts[:, Count.ANSWERED].sum()) == 1
        [slot] = await contacts.slot_pages(BAY, *ALL_SLOTS, Parts())
        assert slot.slot == NOON_MS // SLOT_MS


async def test_an_agents_days_leave_when_their_last_contact_does(contacts: Contacts) -> None:
    await ingest(contacts, record())
    await contacts.settle(BAY)
    [ana] = await contacts.agents(BAY)
    assert len(await contacts.agent_days(BAY, ana.number, *ALL_DAYS)) == 1
    await ingest(contacts, record(contact(agent=BEN), version=2))
    assert await contacts.agent_days(BAY, ana.number, *ALL_DAYS) == ()
    await contacts.settle(BAY)
    assert await contacts.agent_days(BAY, ana.number, *ALL_DAYS) == ()


async def test_a_rebuild_forgets_agents_whose_last_contact_left(contacts: Contacts) -> None:
    await ingest(contacts, record())
    await contacts.settle(BAY)
    await ingest(contacts, record(contact(agent=BEN), version=2))
    await contacts.rebuild(BAY, verify=False)
    ana, ben = await contacts.agents(BAY)
    assert await contacts.agent_days(BAY, ana.number, *ALL_DAYS) == ()
    assert len(await contacts.agent_days(BAY, ben.number, *ALL_DAYS)) == 1
    assert await contacts.settle(BAY) == 0


async def test_the_days_follow_the_time_zone(contacts: Contacts) -> None:
    tokyo = tenant("tokyo", time_zone="Asia/Tokyo")
    late = day_start_ms(day_of(NOON_MS, "Asia/Tokyo") + 1, "Asia/Tokyo") - 1
    await ingest(contacts, record(contact(arrived_ms=late, ended_ms=late)), to=tokyo)
    await ingest(contacts, record(contact(arrived_ms=late + 1), id="r-2"), to=tokyo)
    days = [one.day for one in await contacts.day_pages(tokyo, *ALL_DAYS, Parts())]
    assert days == [day_of(NOON_MS, "Asia/Tokyo"), day_of(NOON_MS, "Asia/Tokyo") + 1]


async def test_a_rebuild_mends_nothing_when_nothing_is_wrong(contacts: Contacts) -> None:
    await ingest(contacts, record(), record(contact(agent=BEN), id="r-2"))
    await contacts.settle(BAY)
    before = await everything(contacts)
    rebuilt = await contacts.rebuild(BAY, verify=False)
    assert (rebuilt.contacts, rebuilt.pages, rebuilt.different) == (2, 2, ())
    assert await everything(contacts) == before


async def test_an_empty_organisation_has_nothing(contacts: Contacts) -> None:
    assert await everything(contacts) == {}
    assert await contacts.settle(BAY) == 0
    assert (await contacts.rebuild(BAY, verify=True)).different == ()
    assert await contacts.queues(BAY.partition) == ()
    assert await contacts.standing(BAY.partition) == (0, 0, 0)
    nothing = Selection(Side.ARRIVED, 0, 2 * NOON_MS)
    assert await contacts.find(BAY, nothing, cursor=None, limit=10) == ((), 0, None)
