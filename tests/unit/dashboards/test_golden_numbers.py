"""The golden numbers of the domain reference, section E, through store, pages and engine."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.contacts.model import Channel, Contact, Outcome
from portal.domain.contacts.ports import Batch
from portal.domain.dashboards.model import Asked, Definition, Metric, MetricName, Metrics, Unit
from portal.domain.shared.days import day_of, day_start_ms
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import SERVICE, abandoned, contact, record
from tests.fakes.world import World, opened

M = MetricName
ZONE = "Europe/London"
DAY = Asked(
    day_start_ms(day_of(NOON_MS, ZONE), ZONE), day_start_ms(day_of(NOON_MS, ZONE) + 1, ZONE)
)
DATASET = [
    *(contact(wait_ms=20_000) for _ in range(860)),
    *(contact(wait_ms=20_001) for _ in range(140)),
    *(abandoned(wait_ms=4_999) for _ in range(10)),
    *(abandoned(wait_ms=5_000) for _ in range(5)),
    *(abandoned(wait_ms=20_000) for _ in range(5)),
    *(abandoned(wait_ms=20_001) for _ in range(40)),
]
"""A=1000, of which 860 within 20 s; B=60, of which 20 within 20 s and 10 within 5 s."""

Feed = Callable[..., Awaitable[None]]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, sources=SOURCES) as services:
        yield services


@pytest.fixture
def feed(world: World) -> Feed:
    async def into(source: str, contacts: list[Contact]) -> None:
        records = [record(one, id=f"r-{n}") for n, one in enumerate(contacts)]
        await world.contacts.ingest(world.tenant, Batch(source, records), now_ms=NOON_MS)
        await world.contacts.settle(world.tenant)

    return into


async def metrics(world: World, asked: Asked = DAY) -> Metrics:
    """The figures of the day; from its rollups and from its values, which must be the same."""
    rolled = await world.dashboards.summary(asked, actor=world.actor())
    every = frozenset(Channel)
    valued = await world.dashboards.summary(asked._replace(channels=every), actor=world.actor())
    assert rolled.metrics == valued.metrics
    return rolled.metrics


async def service_level(world: World, definition: Definition, threshold_s: int = 20) -> Metric:
    asked = DAY._replace(definition=definition, threshold_ms=threshold_s * 1000)
    return (await metrics(world, asked))[M.SERVICE_LEVEL]


@pytest.mark.parametrize(
    ("definition", "percent", "part", "whole"),
    [
        (Definition.POSITIVE, 83.02, 880, 1060),
        (Definition.ANSWERED_ONLY, 86.00, 860, 1000),
        (Definition.STRICT, 81.13, 860, 1060),
        (Definition.IGNORE_ABANDONED, 82.69, 860, 1040),
        (Definition.SHORT_EXCLUDED, 81.90, 860, 1050),
    ],
)
async def test_the_same_calls_by_each_definition(
    world: World, feed: Feed, definition: Definition, percent: float, part: int, whole: int
) -> None:
    await feed("genesys", DATASET)
    level = await service_level(world, definition)
    assert level.value is not None
    assert round(level.value, 2) == percent
    assert (level.numerator, level.denominator, level.unit) == (part, whole, Unit.PERCENT)
    assert level.reason is None


async def test_icmi_5_can_be_recomputed_from_what_is_told(world: World, feed: Feed) -> None:
    await feed("genesys", DATASET)
    found = await metrics(world)
    level, short = found[M.SERVICE_LEVEL], found[M.SHORT_ABANDONED]
    assert short.value == 10
    assert level.numerator is not None
    assert level.denominator is not None
    assert round(100 * (level.numerator + short.value) / level.denominator, 2) == 82.08


async def test_the_rates_of_the_dataset(world: World, feed: Feed) -> None:
    await feed("genesys", DATASET)
    found = await metrics(world)
    rate = found[M.ABANDONMENT_RATE]
    assert (rate.numerator, rate.denominator) == (50, 1050)
    asa = found[M.AVERAGE_SPEED_OF_ANSWER]
    assert asa.value == pytest.approx((860 * 20 + 140 * 20.001) / 1000)
    assert found[M.AVERAGE_HANDLE_TIME].value == 188
    assert found[M.DISTINCT_CUSTOMERS].value == 1


@pytest.mark.parametrize(
    ("definition", "percent"),
    [
        (Definition.IGNORE_ABANDONED, 77.78),
        (Definition.STRICT, 70.00),
        (Definition.POSITIVE, 80.00),
    ],
)
async def test_ciscos_example(
    world: World, feed: Feed, definition: Definition, percent: float
) -> None:
    in_time = [contact(wait_ms=10_000)] * 70
    gave_up = [abandoned(wait_ms=10_000)] * 10
    late = [contact(wait_ms=30_000)] * 20
    await feed("amazon-connect", [*in_time, *gave_up, *late])
    level = await service_level(world, definition)
    assert level.value is not None
    assert round(level.value, 2) == percent


async def test_the_classic_genesys_example(world: World, feed: Feed) -> None:
    await feed(
        "genesys",
        [
            *[contact(wait_ms=8_000)] * 200,
            *[contact(wait_ms=12_000)] * 100,
            *[abandoned(wait_ms=10_000)] * 50,
            *[abandoned(wait_ms=10_001)] * 50,
        ],
    )
    level = await service_level(world, Definition.IGNORE_ABANDONED, threshold_s=10)
    assert (level.numerator, level.denominator) == (200, 350)
    assert round(level.value or 0, 2) == 57.14


# --- vendors' own formulas ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amazon-connect", {"Amazon Connect": (83.02, 20)}),
        (
            "genesys",
            {
                "Genesys Cloud, all included": (81.13, 0),
                "Genesys Cloud, without short abandons": (81.90, 10),
                "Genesys Cloud, without abandons": (86.00, 60),
            },
        ),
    ],
)
async def test_vendors_own_service_levels_beside_ours(
    world: World, feed: Feed, source: str, expected: dict[str, tuple[float, int]]
) -> None:
    await feed(source, DATASET)
    figures = await world.dashboards.reconcile(DAY, actor=world.actor())
    found = {f.title: (round(f.vendor.value or 0, 2), f.explained_total) for f in figures}
    assert found == expected
    for figure in figures:
        assert figure.contacts == 1060
        assert round(figure.ours.value or 0, 2) == 81.13
        assert {row.outcome for row in figure.explained_by} <= {Outcome.ABANDONED}
        assert len(figure.explained_by) == min(figure.explained_total, 50)


async def test_the_explaining_contacts_make_exactly_the_difference(
    world: World, feed: Feed
) -> None:
    """Connect counts callbacks and flow-outs as queued; ours does not."""
    await feed(
        "amazon-connect",
        [
            contact(wait_ms=1_000),
            abandoned(wait_ms=2_000),
            abandoned(wait_ms=30_000),
            abandoned(outcome=Outcome.CALLBACK, wait_ms=3_000),
            abandoned(outcome=Outcome.FLOW_OUT, wait_ms=4_000),
        ],
    )
    [figure] = await world.dashboards.reconcile(DAY, actor=world.actor())
    assert (figure.ours.numerator, figure.ours.denominator) == (1, 3)
    assert (figure.vendor.numerator, figure.vendor.denominator) == (3, 5)
    told = sorted((row.outcome, row.wait_ms) for row in figure.explained_by)
    assert told == [
        (Outcome.ABANDONED, 2_000),
        (Outcome.CALLBACK, 3_000),
        (Outcome.FLOW_OUT, 4_000),
    ]


# --- what cannot be told ------------------------------------------------------------------


@pytest.mark.parametrize("asked", [DAY, DAY._replace(from_ms=DAY.from_ms + 1)])
async def test_nothing_to_count_is_neither_0_nor_100_percent(world: World, asked: Asked) -> None:
    found = (await world.dashboards.summary(asked, actor=world.actor())).metrics
    counts = {name for name, one in found.items() if one.value == 0}
    assert counts == {
        M.OFFERED,
        M.ANSWERED,
        M.ABANDONED,
        M.SHORT_ABANDONED,
        M.FLOW_OUT,
        M.DISTINCT_CUSTOMERS,
        M.HANDLED,
    }
    others = [one for name, one in found.items() if name not in counts]
    assert all(one.value is None and one.reason for one in others)


async def test_who_still_waits_is_offered_and_in_no_rate_of_answered_ones(
    world: World, feed: Feed
) -> None:
    await feed("genesys", [abandoned(outcome=Outcome.WAITING, wait_ms=None, ended_ms=None)])
    found = await metrics(world)
    assert found[M.OFFERED].value == 1
    assert found[M.SERVICE_LEVEL].value is None
    assert found[M.LONGEST_WAIT].value is None
    assert found[M.ABANDONMENT_RATE].value == 0
    summary = await world.dashboards.summary(DAY, actor=world.actor())
    assert summary.completeness.waiting == 1


@pytest.mark.parametrize("source", ["three-cx", "teams"])
async def test_what_a_source_cannot_give_is_not_derivable_and_says_why(
    world: World, feed: Feed, source: str
) -> None:
    bare = {"talk_ms": None, "hold_ms": None, "after_contact_work_ms": None, "transferred": None}
    without_wait = {"wait_ms": None} if source == "three-cx" else {}
    without_customer = {"customer": None} if source == "teams" else {}
    one = contact(**bare, **without_wait, **without_customer)
    await feed(source, [one] * 6 + [abandoned(wait_ms=2_000, **without_customer)])
    found = await metrics(world)
    title = SOURCES[source].title
    lost = {M.AVERAGE_HANDLE_TIME, M.AVERAGE_TALK_TIME, M.AVERAGE_HOLD_TIME}
    lost |= {M.AVERAGE_AFTER_CONTACT_WORK, M.TRANSFER_RATE}
    if source == "three-cx":
        lost |= {M.SERVICE_LEVEL, M.AVERAGE_SPEED_OF_ANSWER, M.LONGEST_WAIT}
        lost |= {M.WAIT_P50, M.WAIT_P90, M.WAIT_P99}
        assert "time-answered" in (found[M.AVERAGE_SPEED_OF_ANSWER].reason or "")
    else:
        lost |= {M.DISTINCT_CUSTOMERS}
        assert "PSTNCallType" in (found[M.DISTINCT_CUSTOMERS].reason or "")
    assert {name for name, one in found.items() if one.value is None} == lost
    for name in lost:
        reason = found[name].reason or ""
        assert reason.startswith("Not derivable.")
        assert title in reason
    assert found[M.ABANDONED].value == found[M.SHORT_ABANDONED].value == 1


async def test_mixed_sources_add_counts_and_never_average_percentages(
    world: World, feed: Feed
) -> None:
    """1 of 1 and 0 of 3 are 25 %, not 50 %; who cannot say stays out and is told."""
    await feed("amazon-connect", [contact(wait_ms=1_000)])
    await feed("genesys", [contact(wait_ms=60_000, queue=SERVICE)] * 3)
    level = (await metrics(world))[M.SERVICE_LEVEL]
    assert (level.value, level.numerator, level.denominator, level.reason) == (25, 1, 4, None)
    await feed("three-cx", [contact(wait_ms=None), abandoned(wait_ms=1_000)])
    found = await metrics(world)
    level = found[M.SERVICE_LEVEL]
    assert (level.value, level.covered, level.total) == (25, 4, 6)
    assert level.reason is not None
    assert level.reason.startswith("Covers 4 of 6 contacts.")
    assert "3CX (time-answered)" in level.reason
    assert found[M.OFFERED].value == 6
    rate = found[M.ABANDONMENT_RATE]
    assert (rate.numerator, rate.denominator, rate.reason) == (0, 5, None)


async def test_missing_values_of_an_able_source_are_told_too(world: World, feed: Feed) -> None:
    await feed("genesys", [contact(wait_ms=1_000), contact(wait_ms=None)])
    asa = (await metrics(world))[M.AVERAGE_SPEED_OF_ANSWER]
    assert (asa.value, asa.covered, asa.total) == (1, 1, 2)
    assert asa.reason is not None
    assert "Genesys" in asa.reason


# --- percentiles --------------------------------------------------------------------------


@pytest.mark.parametrize("waits", [0, 1, 4])
async def test_percentiles_of_fewer_than_five_are_not_shown(
    world: World, feed: Feed, waits: int
) -> None:
    await feed("genesys", [contact(wait_ms=1_000 * n) for n in range(waits)])
    found = await metrics(world)
    for name in (M.WAIT_P50, M.WAIT_P90, M.WAIT_P99):
        assert found[name].value is None
        assert ("Fewer than 5" in (found[name].reason or "")) == (waits > 0)
    assert (found[M.LONGEST_WAIT].value is None) == (waits == 0)


@pytest.mark.parametrize(
    ("count", "p50", "p90", "p99"),
    [
        (5, 3, 5, 5),
        (10, 5, 9, 10),
        (11, 6, 10, 11),
        (20, 10, 18, 20),
        (50, 25, 45, 50),
        (100, 50, 90, 99),
        (101, 51, 91, 100),
        (200, 100, 180, 198),
    ],
)
async def test_percentiles_are_nearest_ranks(
    world: World, feed: Feed, count: int, p50: int, p90: int, p99: int
) -> None:
    """x[⌈p·n⌉] of waits 1, 2, ... n s, answered and abandoned ones together."""
    waits = [1_000 * n for n in range(count, 0, -1)]
    await feed(
        "genesys",
        [contact(wait_ms=w) if n % 3 else abandoned(wait_ms=w) for n, w in enumerate(waits)],
    )
    found = await metrics(world)
    assert (found[M.WAIT_P50].value, found[M.WAIT_P90].value, found[M.WAIT_P99].value) == (
        p50,
        p90,
        p99,
    )
    assert found[M.LONGEST_WAIT].value == count
