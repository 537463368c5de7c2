"""Random streams of records, as hypothesis strategies, and what survives of them."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

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
from portal.domain.contacts.pages import SLOT_MS
from portal.domain.dashboards.model import Definition
from tests.fakes.clock import NOON_MS
from tests.unit.dashboards.naive import Known, Question

T = TypeVar("T")
HOUR_MS = 3_600_000
SPAN_MS = 60 * HOUR_MS  # around the day on which London's clocks go back
QUEUES = [Queue("q-1", "Sales"), Queue("q-2", "Service"), Queue("q-3", "Claims")]
AGENTS = [Agent("ana", "Ana Example"), Agent("ben", "Ben Example"), Agent("cy", "Cy Example")]
CUSTOMERS = [
    Customer("+12025550101"),
    Customer("+12025550102", "two@example.test"),
    Customer(None, "two@example.test"),
    Customer(None, None, None, "x-3"),
    Customer(None, None, "Only Name"),
    Customer(),
]
SOURCES = ["alpha", "beta", "gamma"]
QUEUED = [
    Outcome.ANSWERED,
    Outcome.ABANDONED,
    Outcome.FLOW_OUT,
    Outcome.CALLBACK,
    Outcome.WAITING,
]

slots = st.integers(-SPAN_MS // SLOT_MS, SPAN_MS // SLOT_MS).map(lambda n: NOON_MS + n * SLOT_MS)
instants = slots.flatmap(
    lambda slot: st.sampled_from([slot - 1, slot, slot + 1]) | st.integers(slot, slot + SLOT_MS)
)
waits = st.none() | st.sampled_from([0, 4_999, 5_000, 20_000, 20_001]) | st.integers(0, 250_000)
lengths = st.none() | st.integers(0, 400_000)


class Sent(NamedTuple):
    """A record on its way from a source."""

    source: str
    record: SourceRecord


@st.composite
def contacts(draw: st.DrawFn, source: str, leg: int) -> Contact:
    """Anything a source may say."""
    arrived = draw(instants)
    outcome = draw(
        st.sampled_from([*QUEUED, Outcome.ANSWERED, Outcome.ANSWERED, Outcome.ABANDONED])
        | st.sampled_from(Outcome)
    )
    queued = outcome in QUEUED
    with_agent = outcome in {Outcome.ANSWERED, Outcome.CONNECTED}
    return Contact(
        leg=leg,
        channel=draw(st.sampled_from(Channel)),
        direction=draw(st.sampled_from(Direction)),
        outcome=outcome,
        started_ms=arrived,
        arrived_ms=arrived,
        ended_ms=draw(st.none() | st.integers(0, 3 * HOUR_MS).map(lambda ms: arrived + ms)),
        queue=draw(st.sampled_from(QUEUES) if queued else st.sampled_from([None, *QUEUES])),
        agent=draw(st.sampled_from([*AGENTS, None])) if with_agent else None,
        wait_ms=draw(waits) if queued else None,
        talk_ms=None if source == "beta" or not with_agent else draw(lengths),
        hold_ms=draw(lengths) if with_agent else None,
        after_contact_work_ms=draw(lengths) if with_agent else None,
        transferred=draw(st.sampled_from([True, False, None])) if with_agent else None,
        customer=draw(st.sampled_from([*CUSTOMERS, None])),
    )


@st.composite
def records(draw: st.DrawFn) -> list[Sent]:
    """Versions of records of several sources, each version once."""
    sent: list[Sent] = []
    for number in range(draw(st.integers(1, 14))):
        source = draw(st.sampled_from(SOURCES))
        for version in range(draw(st.integers(1, 3))):
            legs = draw(st.integers(1, 3))
            parts = tuple(draw(contacts(source, leg)) for leg in range(legs))
            sent.append(Sent(source, SourceRecord(1, f"r-{number}", version, parts)))
    return sent


@st.composite
def streams(draw: st.DrawFn) -> list[list[Sent]]:
    """The records shuffled, some again, cut into batches of one source each."""
    sent = draw(records())
    again = draw(st.lists(st.sampled_from(sent), max_size=6))
    order = draw(st.permutations([*sent, *again]))
    batches: list[list[Sent]] = []
    for one in order:
        fits = batches and batches[-1][0].source == one.source
        if fits and draw(st.integers(0, 3)):
            batches[-1].append(one)
        else:
            batches.append([one])
    return batches


def surviving(stream: list[list[Sent]]) -> list[Known]:
    """The contacts of each record's highest version."""
    newest: dict[tuple[str, str], Sent] = {}
    for batch in stream:
        for one in batch:
            key = (one.source, one.record.record_id)
            if key not in newest or newest[key].record.version < one.record.version:
                newest[key] = one
    return [Known(one.source, c) for one in newest.values() for c in one.record.contacts]


def some(values: Iterable[T]) -> st.SearchStrategy[frozenset[T]]:
    return st.just(frozenset[T]()) | st.frozensets(st.sampled_from(list(values)), max_size=3)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Any range, aligned or not, with any filters, definition and threshold."""
    first, second = draw(instants), draw(instants)
    return Question(
        min(first, second),
        max(first, second) + 1,
        queues=draw(some(q.key for q in QUEUES)),
        channels=draw(some(Channel)),
        directions=draw(some(Direction)),
        definition=draw(st.sampled_from(Definition)),
        threshold_ms=draw(st.sampled_from([0, 5_000, 20_000, 33_333, 60_000, 240_000])),
    )
