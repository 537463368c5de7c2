"""What every contact store does; see the port `portal.domain.contacts.ports.Contacts`."""

import itertools
import random
from typing import Any

import numpy as np
import pytest

from portal.domain.contacts import encoding
from portal.domain.contacts.model import (
    Agent,
    Channel,
    Contact,
    Customer,
    Direction,
    Outcome,
    Queue,
    SourceRecord,
)
from portal.domain.contacts.pages import SLOT_MS, Count, Fact, Page
from portal.domain.contacts.ports import Batch, Contacts, Parts, Selection, Side, Tally, Tenant
from portal.domain.shared.days import day_of, day_start_ms
from portal.domain.shared.documents import Create, Documents
from portal.domain.shared.errors import Conflict, InvalidInput, Unavailable
from portal.domain.shared.fields import Category, Field, Kind
from tests.contract.conftest import OpenStore
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    ANA,
    BEN,
    CASEY,
    DAY_MS,
    DREW,
    MINUTE_MS,
    SALES,
    SERVICE,
    abandoned,
    contact,
    record,
    tenant,
)

NOTE = Kind("note", (Field("text", Category.OPERATIONAL),))
BAY, COVE = tenant("bay"), tenant("cove", key=b"c")
EVERYTHING = Parts(agents=True, values=True)
ALL_DAYS = (day_of(NOON_MS, BAY.time_zone) - 40, day_of(NOON_MS, BAY.time_zone) + 40)
ALL_SLOTS = (NOON_MS // SLOT_MS - 4000, NOON_MS // SLOT_MS + 4000)
OUTCOMES = tuple(Outcome)


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


# --- idempotence and order ----------------------------------------------------------------


async def test_the_same_record_again_changes_nothing(contacts: Contacts) -> None:
    assert await ingest(contacts, record()) == Tally(1, 0, 0, 0, ())
    before, standing = await everything(contacts), contacts.standing(BAY.partition)
    assert await ingest(contacts, record()) == Tally(0, 0, 1, 0, ())
    assert await ingest(contacts, record(line=9), record(line=10)) == Tally(0, 0, 2, 0, ())
    assert await everything(contacts) == before
    assert contacts.standing(BAY.partition) == standing


async def test_the_same_record_twice_in_a_batch_counts_once(contacts: Contacts) -> None:
    assert await ingest(contacts, record(), record(line=2)) == Tally(1, 0, 1, 0, ())
    assert (await counts(contacts))["contacts"] == 1


async def test_a_newer_version_inside_the_batch_replaces(contacts: Contacts) -> None:
    old, new = record(), record(abandoned(), version=2)
    assert await ingest(contacts, old, new, record(line=3)) == Tally(1, 1, 0, 1, ())
    assert (await counts(contacts)).get("answered", 0) == 0


NEXT_DAY = NOON_MS + DAY_MS
CORRECTIONS: dict[str, tuple[Contact, ...]] = {
    "queue": (contact(queue=SERVICE),),
    "no queue any more": (contact(queue=None, outcome=Outcome.CONNECTED, wait_ms=None),),
    "slot": (contact(arrived_ms=NOON_MS + 16 * MINUTE_MS),),
    "day": (contact(arrived_ms=NEXT_DAY),),
    "end in the next day": (contact(ended_ms=NEXT_DAY),),
    "still going on": (contact(ended_ms=None),),
    "customer": (contact(customer=DREW),),
    "no customer": (contact(customer=None),),
    "agent": (contact(agent=BEN),),
    "no agent": (contact(agent=None),),
    "outcome": (abandoned(),),
    "wait": (contact(wait_ms=999_000),),
    "wait not given": (contact(wait_ms=None),),
    "talk": (contact(talk_ms=1),),
    "channel": (contact(channel=Channel.CHAT),),
    "direction": (contact(direction=Direction.OUTBOUND),),
    "a further leg": (contact(), contact(agent=BEN, outcome=Outcome.CONNECTED)),
    "three legs elsewhere": (
        contact(queue=SERVICE, arrived_ms=NEXT_DAY),
        contact(agent=BEN),
        abandoned(),
    ),
    "transfer": (contact(transferred=True),),
}


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("change", CORRECTIONS)
async def test_a_newer_version_corrects_exactly(
    contacts: Contacts, open_store: OpenStore, change: str, settled: bool
) -> None:
    """After the correction and its taking back nothing is left of what was there between."""
    other = record(contact(arrived_ms=NOON_MS + MINUTE_MS, agent=BEN), id="other")
    await ingest(contacts, other, record())
    if settled:
        await contacts.settle(BAY)
    before = await everything(contacts)
    tally = await ingest(contacts, record(*CORRECTIONS[change], version=2))
    assert tally == Tally(0, 1, 0, 0, ())
    assert await is_true_to_its_contacts(contacts)
    assert await everything(contacts) != before
    assert await ingest(contacts, record(version=3)) == Tally(0, 1, 0, 0, ())
    if settled:
        await contacts.settle(BAY)
    assert await everything(contacts) == before
    assert await is_true_to_its_contacts(contacts)


async def test_fewer_legs_take_the_others_away(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(), contact(agent=BEN), abandoned()))
    await ingest(contacts, record(contact(), version=2))
    assert (await counts(contacts))["contacts"] == 1
    assert await is_true_to_its_contacts(contacts)


async def test_an_older_version_is_ignored(contacts: Contacts) -> None:
    await ingest(contacts, record(version=5))
    before, standing = await everything(contacts), contacts.standing(BAY.partition)
    assert await ingest(contacts, record(abandoned(), version=4)) == Tally(0, 0, 0, 1, ())
    assert await everything(contacts) == before
    assert contacts.standing(BAY.partition) == standing


@pytest.mark.parametrize("other", CORRECTIONS)
async def test_of_equal_versions_with_other_content_the_same_one_stays_in_any_order(
    contacts: Contacts, open_store: OpenStore, other: str
) -> None:
    one, two = record(line=1), record(*CORRECTIONS[other], line=2)
    both = ((one, two), (two, one))
    tenants = [tenant("bay"), tenant("bay2"), tenant("bay3"), tenant("bay4")]
    outcomes = []
    for where, order in zip(tenants[:2], both, strict=True):
        tallies = [await ingest(contacts, r, to=where) for r in order]
        assert tallies[0] == Tally(1, 0, 0, 0, ())
        loser = order[1].line
        assert tallies[1] in (Tally(0, 1, 0, 0, ()), Tally(0, 0, 0, 0, (loser,)))
        outcomes.append(tallies[1].corrected)
    for where, order in zip(tenants[2:], both, strict=True):
        await ingest(contacts, *order, to=where)
    assert sum(outcomes) == 1
    totals = [await counts(contacts, where) for where in tenants]
    assert all(total == totals[0] for total in totals)
    facts = [
        (await contacts.facts(where.partition, Side.ARRIVED, 0, 2 * NOON_MS))[1]
        for where in tenants
    ]
    plain = [Fact.ARRIVED, Fact.ENDED, Fact.WAIT, Fact.TALK, Fact.OUTCOME, Fact.CHANNEL]
    assert all(np.array_equal(f[:, plain], facts[0][:, plain]) for f in facts)


async def test_attributes_are_content(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(attributes={"a": "1", "b": "2"})))
    same = record(contact(attributes={"b": "2", "a": "1"}))
    assert await ingest(contacts, same) == Tally(0, 0, 1, 0, ())
    other = await ingest(contacts, record(contact(attributes={"a": "1", "b": "3"}), line=7))
    assert (other.unchanged, other.ignored, other.corrected + len(other.conflicts)) == (0, 0, 1)


async def test_records_of_several_sources_with_one_id_are_apart(contacts: Contacts) -> None:
    await ingest(contacts, record(), source="alpha")
    assert await ingest(contacts, record(), source="beta") == Tally(1, 0, 0, 0, ())
    assert (await counts(contacts))["contacts"] == 2
    assert {q.source for q in await contacts.queues(BAY.partition)} == {"alpha", "beta"}


async def test_any_order_and_any_batches_give_the_same_figures(contacts: Contacts) -> None:
    draw = random.Random(7)
    stream = [
        record(
            *(
                contact(
                    arrived_ms=NOON_MS + draw.randrange(-3 * DAY_MS, 3 * DAY_MS),
                    queue=draw.choice([SALES, SERVICE]),
                    agent=draw.choice([ANA, BEN]),
                    wait_ms=draw.randrange(60_000),
                )
                for _ in range(draw.randrange(1, 3))
            ),
            id=f"r-{draw.randrange(12)}",
            version=version,
        )
        for version in range(40)
    ]
    first = [record(contact(), id="first"), record(contact(queue=SERVICE, agent=BEN), id="second")]
    results = []
    for turn in range(3):
        where = tenant("bay", key=b"k") if turn == 0 else tenant(f"bay{turn}")
        await ingest(contacts, *first, to=where)
        order = stream if turn == 0 else draw.sample(stream, len(stream))
        position = 0
        while position < len(order):
            size = draw.randrange(1, 9)
            await ingest(contacts, *order[position : position + size], to=where)
            position += size
        results.append(await everything(contacts, where))
    assert results[0].keys() == results[1].keys() == results[2].keys()
    assert results[1] == results[0]
    assert results[2] == results[0]


# --- pages --------------------------------------------------------------------------------


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
    assert contacts.standing(BAY.partition) == (0, 0, 0)
    nothing = Selection(Side.ARRIVED, 0, 2 * NOON_MS)
    assert await contacts.find(BAY, nothing, cursor=None, limit=10) == ((), 0, None)


# --- names --------------------------------------------------------------------------------


async def test_queues_and_agents_are_told_by_their_source(contacts: Contacts) -> None:
    await ingest(contacts, record(), record(contact(queue=SERVICE, agent=BEN), id="r-2"))
    queues = await contacts.queues(BAY.partition)
    assert [(q.source, q.key, q.name) for q in queues] == [
        ("alpha", "q-sales", "Sales"),
        ("alpha", "q-service", "Service"),
    ]
    agents = await contacts.agents(BAY)
    assert [(a.source, a.key, a.name) for a in agents] == [
        ("alpha", "ana", "Ana Example"),
        ("alpha", "ben", "Ben Example"),
    ]


async def test_a_new_name_replaces_the_old_and_a_key_alone_does_not(contacts: Contacts) -> None:
    await ingest(contacts, record())
    renamed = contact(queue=Queue("q-sales", "Sales Europe"), agent=Agent("ana", "Ana Married"))
    await ingest(contacts, record(renamed, id="r-2"))
    keyed = contact(queue=Queue("q-sales", "q-sales"), agent=Agent("ana", "ana"))
    await ingest(contacts, record(keyed, id="r-3"))
    [queue] = await contacts.queues(BAY.partition)
    [agent] = await contacts.agents(BAY)
    assert (queue.name, agent.name) == ("Sales Europe", "Ana Married")


async def test_queues_are_named_by_hand_and_told_as_a_change(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(queue=Queue("q-1", "q-1"))))
    before = contacts.standing(BAY.partition).revision
    named = await contacts.name_queues(BAY.partition, "alpha", {"q-1": "Sales", "q-9": "None"})
    assert named == 1
    assert [q.name for q in await contacts.queues(BAY.partition)] == ["Sales"]
    assert contacts.standing(BAY.partition).revision > before
    assert await contacts.name_queues(COVE.partition, "alpha", {"q-1": "Theirs"}) == 0
    assert await contacts.name_queues(BAY.partition, "beta", {"q-1": "Theirs"}) == 0
    assert [q.name for q in await contacts.queues(BAY.partition)] == ["Sales"]


# --- standing -----------------------------------------------------------------------------


async def test_standing_tells_how_far_the_contacts_have_come(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(arrived_ms=NOON_MS, ended_ms=NOON_MS + 9)))
    first = contacts.standing(BAY.partition)
    assert (first.as_of_ms, first.imported_at_ms) == (NOON_MS + 9, NOON_MS)
    old = Batch("alpha", [record(contact(arrived_ms=NOON_MS - DAY_MS), id="r-2")])
    await contacts.ingest(BAY, old, now_ms=NOON_MS + 5)
    second = contacts.standing(BAY.partition)
    assert (second.as_of_ms, second.imported_at_ms) == (NOON_MS + 9, NOON_MS + 5)
    assert second.revision > first.revision
    assert contacts.standing(COVE.partition) == (0, 0, 0)


# --- documents in the same transaction ------------------------------------------------------


async def test_documents_are_written_with_the_records(
    contacts: Contacts, documents: Documents
) -> None:
    tallies = []

    def writes(tally: Tally) -> list[Create]:
        tallies.append(tally)
        return [Create(NOTE, "n-1", {"text": str(tally.accepted)})]

    await ingest(contacts, record(), writes=writes)
    assert tallies == [Tally(1, 0, 0, 0, ())]
    note = await documents.get(BAY.partition, NOTE, "n-1")
    assert note is not None
    assert note.body == {"text": "1"}


async def test_records_and_documents_go_in_together_or_not_at_all(
    contacts: Contacts, documents: Documents
) -> None:
    await documents.batch(BAY.partition, [Create(NOTE, "n-1", {"text": "taken"})])
    await ingest(contacts, record(id="r-0"))
    before, standing = await everything(contacts), contacts.standing(BAY.partition)
    refused = [Create(NOTE, "n-2", {"text": "new"}), Create(NOTE, "n-1", {"text": "again"})]
    fresh = contact(queue=Queue("q-9", "New"), agent=Agent("zoe", "Zoe"), customer=DREW)
    with pytest.raises(Conflict):
        await ingest(contacts, record(fresh), writes=lambda _: refused)
    assert await everything(contacts) == before
    assert contacts.standing(BAY.partition) == standing
    assert await documents.get(BAY.partition, NOTE, "n-2") is None
    assert [q.key for q in await contacts.queues(BAY.partition)] == ["q-sales"]
    assert await ingest(contacts, record(fresh)) == Tally(1, 0, 0, 0, ())
    assert [a.key for a in await contacts.agents(BAY)] == ["ana", "zoe"]
    assert await is_true_to_its_contacts(contacts)


async def test_documents_alone_are_a_change_that_standing_tells(
    contacts: Contacts, documents: Documents
) -> None:
    await ingest(contacts, record())
    before = contacts.standing(BAY.partition)
    await ingest(contacts, writes=lambda _: [Create(NOTE, "n-1", {"text": "x"})])
    after = contacts.standing(BAY.partition)
    assert after.revision > before.revision
    assert after[1:] == before[1:]


# --- finding ------------------------------------------------------------------------------


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


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_paging_finds_every_contact_once_in_order(
    contacts: Contacts, side: Side, limit: int
) -> None:
    minutes = [5, 3, 3, 3, 9, 1]
    await ingest(
        contacts,
        *(
            record(
                contact(
                    arrived_ms=NOON_MS + m * MINUTE_MS, ended_ms=NOON_MS + (20 - m) * MINUTE_MS
                ),
                id=f"r-{n}",
            )
            for n, m in enumerate(minutes)
        ),
    )
    selection = Selection(side, NOON_MS, NOON_MS + 60 * MINUTE_MS)
    found = await find_all(contacts, selection, limit=limit)
    by_arrival = ["r-5/0", "r-1/0", "r-2/0", "r-3/0", "r-0/0", "r-4/0"]
    by_end = ["r-4/0", "r-0/0", "r-1/0", "r-2/0", "r-3/0", "r-5/0"]
    assert found == (by_arrival if side is Side.ARRIVED else by_end)


async def test_a_selection_includes_its_start_and_excludes_its_end(contacts: Contacts) -> None:
    for n in range(3):
        await ingest(contacts, record(contact(arrived_ms=NOON_MS + n), id=f"r-{n}"))
    assert await find_all(contacts, Selection(Side.ARRIVED, NOON_MS, NOON_MS + 2)) == [
        "r-0/0",
        "r-1/0",
    ]


async def test_a_stored_contact_is_what_came_with_its_customer_opened(contacts: Contacts) -> None:
    given = contact(attributes={"order": "A-1"}, transferred=True)
    await ingest(contacts, record(given))
    selection = Selection(Side.ARRIVED, NOON_MS, NOON_MS + 1)
    [one] = (await contacts.find(BAY, selection, cursor=None, limit=1)).contacts
    for name in (
        "channel", "direction", "outcome", "started_ms", "arrived_ms", "ended_ms", "wait_ms",
        "talk_ms", "hold_ms", "after_contact_work_ms", "transferred", "customer",
    ):  # fmt: skip
        assert getattr(one, name) == getattr(given, name), name
    assert (one.record, one.leg, one.source) == ("r-1", 0, "alpha")
    assert await contacts.by_ids(BAY, [one.id]) == (one,)
    assert await contacts.by_ids(COVE, [one.id]) == ()


async def test_what_was_not_given_stays_not_given(contacts: Contacts) -> None:
    bare = Contact(0, Channel.TASK, Direction.INTERNAL, Outcome.UNCONNECTED, NOON_MS, NOON_MS, None)
    await ingest(contacts, record(bare))
    [one] = (
        await contacts.find(
            BAY, Selection(Side.ARRIVED, NOON_MS, NOON_MS + 1), cursor=None, limit=1
        )
    ).contacts
    assert [*one][11:] == [None] * 7
    assert one.agent == 0


SELECTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "channels": ({"channels": frozenset({Channel.CHAT})}, "chat"),
    "directions": ({"directions": frozenset({Direction.OUTBOUND})}, "out"),
    "outcomes": ({"outcomes": frozenset({Outcome.ABANDONED})}, "gone long short unknown"),
    "wait above": (
        {"outcomes": frozenset({Outcome.ABANDONED}), "wait_above": 12_000},
        "long unknown",
    ),
    "wait within": (
        {"outcomes": frozenset({Outcome.ABANDONED}), "wait_within": 12_000},
        "gone short",
    ),
    "wait under": ({"outcomes": frozenset({Outcome.ABANDONED}), "wait_under": 12_000}, "short"),
    "transferred": ({"transferred": True}, "passed"),
    "with customer": (
        {"with_customer": True, "directions": frozenset({Direction.INTERNAL})},
        "inside",
    ),
    "handled": (
        {"handled": True, "directions": frozenset({Direction.INTERNAL, Direction.OUTBOUND})},
        "out",
    ),
}


@pytest.mark.parametrize("name", SELECTIONS)
async def test_a_selection_narrows_by(contacts: Contacts, name: str) -> None:
    connected = {"outcome": Outcome.CONNECTED, "queue": None, "wait_ms": None}
    various = {
        "plain": contact(),
        "chat": contact(channel=Channel.CHAT),
        "out": contact(direction=Direction.OUTBOUND, **connected),
        "inside": contact(direction=Direction.INTERNAL, **connected),
        "anonymous": contact(direction=Direction.INTERNAL, customer=None, **connected),
        "gone": abandoned(),
        "long": abandoned(wait_ms=12_001),
        "short": abandoned(wait_ms=11_999),
        "unknown": abandoned(wait_ms=None, ended_ms=None),
        "passed": contact(transferred=True),
    }
    await ingest(contacts, *(record(one, id=id) for id, one in various.items()))
    narrowing, expected = SELECTIONS[name]
    selection = Selection(Side.ARRIVED, NOON_MS, NOON_MS + 1, **narrowing)
    found = await find_all(contacts, selection)
    assert sorted(one.removesuffix("/0") for one in found) == sorted(expected.split())


async def test_a_selection_narrows_by_queues_and_agent(contacts: Contacts) -> None:
    await ingest(contacts, record(), record(contact(queue=SERVICE, agent=BEN), id="r-2"))
    sales, service = (q.number for q in await contacts.queues(BAY.partition))
    ana, ben = (a.number for a in await contacts.agents(BAY))
    base = Selection(Side.ARRIVED, NOON_MS, NOON_MS + 1)
    for narrowing, expected in (
        ({"queues": frozenset({sales})}, ["r-1/0"]),
        ({"queues": frozenset({sales, service})}, ["r-1/0", "r-2/0"]),
        ({"without_queues": frozenset({sales})}, ["r-2/0"]),
        ({"agent": ana}, ["r-1/0"]),
        ({"agent": ben, "queues": frozenset({sales})}, []),
        ({"agent": 99}, []),
    ):
        assert await find_all(contacts, base._replace(**narrowing)) == expected


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-", "-1-1", "1-x", "1-1-1", "9" * 25 + "-1"])
async def test_cursors_that_are_not_its_own_are_refused(contacts: Contacts, cursor: str) -> None:
    await ingest(contacts, record())
    selection = Selection(Side.ARRIVED, NOON_MS, NOON_MS + 1)
    with pytest.raises(InvalidInput):
        await contacts.find(BAY, selection, cursor=cursor, limit=1)


async def test_facts_are_those_of_the_side_in_the_range(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(arrived_ms=NOON_MS, ended_ms=NOON_MS + 100)))
    for side, from_ms, to_ms, expected in (
        (Side.ARRIVED, NOON_MS, NOON_MS + 1, 1),
        (Side.ARRIVED, NOON_MS + 1, NOON_MS + 100, 0),
        (Side.ENDED, NOON_MS, NOON_MS + 100, 0),
        (Side.ENDED, NOON_MS + 100, NOON_MS + 101, 1),
    ):
        ids, rows = await contacts.facts(BAY.partition, side, from_ms, to_ms)
        assert (ids.shape, rows.shape) == ((expected,), (expected, len(Fact)))
    _, matrix = await contacts.facts(BAY.partition, Side.ARRIVED, NOON_MS, NOON_MS + 1)
    assert matrix[0, Fact.WAIT] == 12_000
    assert OUTCOMES[matrix[0, Fact.OUTCOME]] is Outcome.ANSWERED


# --- customers ----------------------------------------------------------------------------


async def test_a_customer_is_known_again_by_number_then_mail_then_id(contacts: Contacts) -> None:
    customers = [
        Customer("+12025550101", None, "Casey", None),
        Customer("+12025550101", "casey@example.test", None, "x-1"),
        Customer(None, "casey@example.test", None, None),
        Customer(None, "casey@example.test", "Casey", "x-1"),
        Customer(None, None, "Casey", "x-1"),
        Customer(None, None, "Casey", None),
        Customer(None, None, None, None),
    ]
    await ingest(
        contacts, *(record(contact(customer=c), id=f"r-{n}") for n, c in enumerate(customers))
    )
    _, matrix = await contacts.facts(BAY.partition, Side.ARRIVED, NOON_MS, NOON_MS + 1)
    numbers = matrix[:, Fact.CUSTOMER].tolist()
    assert numbers == [1, 1, 2, 2, 3, 4, 0]
    selection = Selection(Side.ARRIVED, NOON_MS, NOON_MS + 1)
    found = (await contacts.find(BAY, selection, cursor=None, limit=10)).contacts
    assert [one.customer for one in found] == [*customers[:-1], None]


async def test_a_customer_without_any_identifier_stays_the_same_content(contacts: Contacts) -> None:
    one = record(contact(customer=Customer()))
    await ingest(contacts, one)
    assert await ingest(contacts, one) == Tally(0, 0, 1, 0, ())


# --- apart --------------------------------------------------------------------------------


async def test_organisations_do_not_see_each_other(contacts: Contacts) -> None:
    await ingest(contacts, record())
    await ingest(contacts, record(contact(queue=SERVICE, agent=BEN, customer=DREW)), to=COVE)
    assert [q.name for q in await contacts.queues(COVE.partition)] == ["Service"]
    assert [a.name for a in await contacts.agents(COVE)] == ["Ben Example"]
    assert (await counts(contacts))["contacts"] == 1
    assert (await counts(contacts, COVE))["contacts"] == 1
    found = await contacts.find(COVE, Selection(Side.ARRIVED, 0, 2 * NOON_MS), cursor=None, limit=9)
    assert [one.customer for one in found.contacts] == [DREW]
    await ingest(contacts, record(abandoned(), version=2))
    assert (await counts(contacts, COVE))["answered"] == 1
    assert await is_true_to_its_contacts(contacts)
    assert await is_true_to_its_contacts(contacts, COVE)


async def test_two_processes_write_in_turn(open_store: OpenStore) -> None:
    """Neither works from numbers of queues, agents or customers that the other has overtaken."""
    turns = itertools.cycle([open_store().contacts, open_store().contacts])
    agents = [Agent(f"a-{n}", f"Agent {n}") for n in range(3)]
    customers = [Customer(f"+1202555010{n}") for n in range(5)]
    queues = [Queue(f"q-{n}", f"Queue {n}") for n in range(4)]
    for n, store in zip(range(20), turns, strict=False):
        one = contact(
            arrived_ms=NOON_MS + n * 10 * MINUTE_MS,
            agent=agents[n % 3],
            customer=customers[n % 5],
            queue=queues[n % 4],
        )
        tally = await ingest(store, record(one, id=f"r-{n % 15}", version=n))
        assert tally.accepted == (n < 15)
        if n % 7 == 3:
            await store.settle(BAY)
    first, second = next(turns), next(turns)
    assert await everything(first) == await everything(second)
    assert len(await first.agents(BAY)) == 3
    assert len(await first.queues(BAY.partition)) == 4
    _, matrix = await first.facts(BAY.partition, Side.ARRIVED, 0, 2 * NOON_MS)
    assert sorted(set(matrix[:, Fact.CUSTOMER].tolist())) == [1, 2, 3, 4, 5]
    assert first.standing(BAY.partition) == second.standing(BAY.partition)
    assert await is_true_to_its_contacts(second)


async def test_another_regions_organisation_is_refused(open_store: OpenStore) -> None:
    open_store("uk").close()
    with pytest.raises(Unavailable, match="uk"):
        open_store("eu")
    open_store("uk")


async def test_customers_are_opened_with_their_organisations_key_only(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(customer=CASEY)))
    impostor = tenant("bay", key=b"other")
    with pytest.raises(Unavailable):
        await contacts.find(impostor, Selection(Side.ARRIVED, 0, 2 * NOON_MS), cursor=None, limit=1)
    with pytest.raises(Unavailable):
        await contacts.agents(impostor)
