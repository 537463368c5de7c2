"""How every contact store takes records in: once, the newest, in any order; see the port
`portal.domain.contacts.ports.Contacts`."""

import random

import numpy as np
import pytest

from portal.domain.contacts.model import (
    Channel,
    Contact,
    Direction,
    Outcome,
)
from portal.domain.contacts.pages import Fact
from portal.domain.contacts.ports import Contacts, Side, Tally
from tests.contract.conftest import OpenStore
from tests.contract.counted import (
    BAY,
    NEXT_DAY,
    counts,
    everything,
    ingest,
    is_true_to_its_contacts,
)
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    ANA,
    BEN,
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


async def test_the_same_record_again_changes_nothing(contacts: Contacts) -> None:
    assert await ingest(contacts, record()) == Tally(1, 0, 0, 0, ())
    before, standing = await everything(contacts), await contacts.standing(BAY.partition)
    assert await ingest(contacts, record()) == Tally(0, 0, 1, 0, ())
    assert await ingest(contacts, record(line=9), record(line=10)) == Tally(0, 0, 2, 0, ())
    assert await everything(contacts) == before
    assert await contacts.standing(BAY.partition) == standing


async def test_the_same_record_twice_in_a_batch_counts_once(contacts: Contacts) -> None:
    assert await ingest(contacts, record(), record(line=2)) == Tally(1, 0, 1, 0, ())
    assert (await counts(contacts))["contacts"] == 1


async def test_a_newer_version_inside_the_batch_replaces(contacts: Contacts) -> None:
    old, new = record(), record(abandoned(), version=2)
    assert await ingest(contacts, old, new, record(line=3)) == Tally(1, 1, 0, 1, ())
    assert (await counts(contacts)).get("answered", 0) == 0


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
    before, standing = await everything(contacts), await contacts.standing(BAY.partition)
    assert await ingest(contacts, record(abandoned(), version=4)) == Tally(0, 0, 0, 1, ())
    assert await everything(contacts) == before
    assert await contacts.standing(BAY.partition) == standing


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
        assert tallies[1] in (Tally(0, 1, 0, 0, ()), Tally(0, 0, 0, 0, (0,)))
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
