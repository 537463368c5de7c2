"""What every contact store finds again, and for whom; see the port
`portal.domain.contacts.ports.Contacts`."""

import asyncio
import itertools
from typing import Any

import pytest

from portal.domain.contacts.model import (
    Agent,
    Channel,
    Contact,
    Customer,
    Direction,
    Outcome,
    Queue,
)
from portal.domain.contacts.pages import Fact
from portal.domain.contacts.ports import Box, Contacts, Selection, Side, Tally
from portal.domain.shared.errors import InvalidInput, Unavailable
from tests.contract.conftest import OpenStore
from tests.contract.counted import (
    BAY,
    COVE,
    counts,
    everything,
    find_all,
    ingest,
    is_true_to_its_contacts,
)
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    BEN,
    CASEY,
    DREW,
    MINUTE_MS,
    SERVICE,
    abandoned,
    contact,
    record,
    tenant,
)

OUTCOMES = tuple(Outcome)


# --- finding -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("boxes", "found"),
    [
        (None, ["a", "b", "c", "d"]),
        ((), []),
        ([(None, None)], ["a", "b", "c", "d"]),
        ([("sales", None)], ["a", "b"]),
        ([("sales", Channel.CHAT)], ["b"]),
        ([("sales", Channel.VOICE), ("service", Channel.CHAT)], ["a", "d"]),
        ([(None, Channel.CHAT)], ["b", "d"]),
        ([("nothing", None), (None, Channel.EMAIL)], []),
    ],
)
async def test_boxes_narrow_to_their_union_and_not_to_the_box_around_them(
    contacts: Contacts, boxes: Any, found: list[str]
) -> None:
    sales, service = Queue("q-sales", "Sales"), Queue("q-service", "Service")
    cells = [(sales, Channel.VOICE), (sales, Channel.CHAT), (service, Channel.VOICE)]
    cells.append((service, Channel.CHAT))
    named = zip("abcd", cells, strict=True)
    made = [record(contact(queue=q, channel=c), id=id) for id, (q, c) in named]
    await ingest(contacts, *made)
    numbers = {entry.name.lower(): entry.number for entry in await contacts.queues(BAY.partition)}
    within = boxes
    if boxes is not None:
        within = tuple(
            Box(
                None if queue is None else frozenset({numbers.get(queue, 99)}),
                None if channel is None else frozenset({channel}),
            )
            for queue, channel in boxes
        )
    for side in Side:
        wanted = Selection(side, NOON_MS - MINUTE_MS, NOON_MS + 60 * MINUTE_MS, within=within)
        assert await find_all(contacts, wanted) == [f"{id}/0" for id in found]


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


# --- customers ---------------------------------------------------------------------------


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
    assert numbers == [1, 1, 2, 2, 3, 0, 0]  # a name alone stands for nobody
    selection = Selection(Side.ARRIVED, NOON_MS, NOON_MS + 1)
    found = (await contacts.find(BAY, selection, cursor=None, limit=10)).contacts
    assert [one.customer for one in found] == [*customers[:-1], None]


async def test_a_customer_without_any_identifier_stays_the_same_content(contacts: Contacts) -> None:
    one = record(contact(customer=Customer()))
    await ingest(contacts, one)
    assert await ingest(contacts, one) == Tally(0, 0, 1, 0, ())


# --- apart -------------------------------------------------------------------------------


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
    turns = itertools.cycle([(await open_store()).contacts, (await open_store()).contacts])
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
    assert await first.standing(BAY.partition) == await second.standing(BAY.partition)
    assert await is_true_to_its_contacts(second)


async def test_two_processes_write_at_once(open_store: OpenStore) -> None:
    """Records, settling and rebuilding beside each other; nothing is lost or counted twice."""
    first, second = (await open_store()).contacts, (await open_store()).contacts

    async def write(store: Contacts, numbers: range) -> None:
        for n in numbers:
            one = contact(
                arrived_ms=NOON_MS + n * 5 * MINUTE_MS,
                agent=Agent(f"a-{n % 5}", f"Agent {n % 5}"),
                customer=Customer(f"+1202555{n % 7:04d}"),
                queue=Queue(f"q-{n % 3}", f"Queue {n % 3}"),
            )
            await ingest(store, record(one, id=f"r-{n}"))

    await asyncio.gather(
        write(first, range(30)),
        write(second, range(10, 40)),
        first.settle(BAY),
        second.settle(BAY),
        second.rebuild(BAY, verify=False),
    )
    assert (await counts(first))["contacts"] == 40
    assert len(await second.agents(BAY)) == 5
    assert len(await second.queues(BAY.partition)) == 3
    _, matrix = await first.facts(BAY.partition, Side.ARRIVED, 0, 2 * NOON_MS)
    assert sorted(set(matrix[:, Fact.CUSTOMER].tolist())) == [1, 2, 3, 4, 5, 6, 7]
    assert await is_true_to_its_contacts(second)


async def test_another_regions_organisation_is_refused(open_store: OpenStore) -> None:
    await (await open_store("uk")).close()
    with pytest.raises(Unavailable, match="uk"):
        await open_store("eu")
    await open_store("uk")


async def test_customers_are_opened_with_their_organisations_key_only(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(customer=CASEY)))
    impostor = tenant("bay", key=b"other")
    with pytest.raises(Unavailable):
        await contacts.find(impostor, Selection(Side.ARRIVED, 0, 2 * NOON_MS), cursor=None, limit=1)
    with pytest.raises(Unavailable):
        await contacts.agents(impostor)
