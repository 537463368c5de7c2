"""Ranges: how they are written, how they are cut, and that nothing is counted twice or lost."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.domain.contacts.pages import SLOT_MS
from portal.domain.dashboards.model import Asked, Grain, MetricName
from portal.domain.dashboards.ranges import HOUR_MS, MOST_POINTS, Span, parse, plan, points, resolve
from portal.domain.shared.days import day_of, day_start_ms
from portal.domain.shared.errors import InvalidInput
from tests.fakes.clock import NOON_MS
from tests.fakes.world import World, opened
from tests.unit.shared.test_days import ZONES, ms

LONDON = "Europe/London"
DAY_MS = 24 * HOUR_MS


# --- writing a range ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-29", LONDON, "2026-03-29T00:00"),
        ("2026-10-25", LONDON, "2026-10-24T23:00"),
        ("2026-03-08", "America/Havana", "2026-03-08T05:00"),
        ("2026-03-29T09:00:00+01:00", LONDON, "2026-03-29T08:00"),
        ("2026-03-29T09:00:00Z", "Asia/Kathmandu", "2026-03-29T09:00"),
        ("2026-03-29T09:00", "Asia/Kathmandu", "2026-03-29T03:15"),
        ("2026-10-25T01:30:00", LONDON, "2026-10-25T00:30"),
        ("2026-10-25T01:30:00+00:00", LONDON, "2026-10-25T01:30"),
        ("2026-03-29T01:30:00", LONDON, "2026-03-29T01:30"),
        ("2026-03-29T09:00:00.250-05:45", LONDON, "2026-03-29T14:45:00.250"),
        ("1971-01-01", "UTC", "1971-01-01T00:00"),
        ("2200-01-01", "UTC", "2200-01-01T00:00"),
    ],
)
def test_a_time_is_read(text: str, zone: str, expected: str) -> None:
    assert parse(text, zone, field="from") == ms(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "today",
        "2026-13-01",
        "2026-02-30",
        "2026-1-1",
        "29.03.2026",
        "03/29/2026",
        "2026-03-29T25:00",
        "2026-03-29T09:00:00+99:00",
        "2026-03-29 09:00 Europe/London",
        "1743206400",
        "٢٠٢٦-03-29",
        "2026-03-29\n",
        "0001-01-01",
        "1970-12-31",
        "2200-01-02",
        "9999-12-31",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+12:00",
        "x" * 10_000,
    ],
)
def test_what_is_no_time_is_refused_at_its_field(text: str) -> None:
    for zone in (LONDON, "Pacific/Chatham", "America/New_York"):
        with pytest.raises(InvalidInput) as refused:
            parse(text, zone, field="to")
        assert set(refused.value.fields) == {"to"}
        assert len(refused.value.message) < 300


def test_without_ends_the_range_is_today() -> None:
    today = day_of(NOON_MS, LONDON)
    expected = Span(day_start_ms(today, LONDON), day_start_ms(today + 1, LONDON))
    assert resolve(None, None, LONDON, NOON_MS) == expected
    assert expected.to_ms - expected.from_ms == 25 * HOUR_MS


def test_with_one_end_the_range_is_its_day() -> None:
    assert resolve("2026-03-29T12:00Z", None, LONDON, NOON_MS) == (
        ms("2026-03-29T12:00"),
        ms("2026-03-29T23:00"),
    )
    assert resolve(None, "2026-03-29T12:00Z", LONDON, NOON_MS) == (
        ms("2026-03-29T00:00"),
        ms("2026-03-29T12:00"),
    )
    assert resolve(None, "2026-03-30", LONDON, NOON_MS) == (
        ms("2026-03-29T00:00"),
        ms("2026-03-29T23:00"),
    )


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        ("2026-03-30", "2026-03-29"),
        ("2026-03-29", "2026-03-29"),
        ("2026-03-29T10:00:00+02:00", "2026-03-29T08:00:00Z"),
        ("2100-01-01", "2026-01-01"),
    ],
)
def test_a_range_must_end_after_it_begins(from_: str, to: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        resolve(from_, to, LONDON, NOON_MS)
    assert refused.value.code == "empty-range"
    assert set(refused.value.fields) == {"to"}


# --- cutting it ---------------------------------------------------------------------------

starts = st.integers(ms("1973-01-01T00:00"), ms("2037-01-01T00:00"))


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, str]:
    """A range that begins and ends anywhere, often at a border or beside one."""
    zone = draw(st.sampled_from(ZONES))
    first = draw(starts)
    second = first + draw(st.integers(1, 3 * DAY_MS) | st.integers(1, 2 * SLOT_MS))

    def moved(at: int) -> int:
        day = day_start_ms(day_of(at, zone), zone)
        return draw(st.sampled_from([at, day, at // SLOT_MS * SLOT_MS])) + draw(
            st.sampled_from([0, 0, 1, -1])
        )

    a, b = sorted((moved(first), moved(second)))
    return Span(a, b if b > a else a + 1), zone


@given(case=spans(), whole_days=st.booleans())
@example(case=(Span(94_694_400_001, 94_796_100_000), LONDON), whole_days=True)
@settings(deadline=None, max_examples=400)
def test_a_plan_covers_the_range_exactly_once(case: tuple[Span, str], whole_days: bool) -> None:
    span, zone = case
    cut = plan(span, zone, whole_days=whole_days)
    pieces = [*cut.slots, *cut.edges]
    if cut.days is not None:
        assert whole_days
        assert cut.days[0] <= cut.days[1]
        pieces.extend(
            Span(day_start_ms(day, zone), day_start_ms(day + 1, zone))
            for day in range(cut.days[0], cut.days[1] + 1)
        )
    pieces = sorted(piece for piece in pieces if piece.from_ms != piece.to_ms)
    assert pieces[0].from_ms == span.from_ms
    assert pieces[-1].to_ms == span.to_ms
    assert all(a.to_ms == b.from_ms for a, b in pairwise(pieces))
    assert all(s.from_ms % SLOT_MS == s.to_ms % SLOT_MS == 0 for s in cut.slots)
    assert all(0 < edge.to_ms - edge.from_ms < 2 * SLOT_MS for edge in cut.edges)
    assert len(cut.edges) <= 2
    if whole_days:
        # Beside whole days stand parts of one; without any, the parts of two neighbours meet.
        longest = 28 if cut.days is not None else 2 * 28
        assert all(s.to_ms - s.from_ms < longest * HOUR_MS for s in cut.slots)


def test_one_whole_day_is_known_as_such() -> None:
    day = resolve("2026-10-25", None, LONDON, NOON_MS)
    assert plan(day, LONDON).is_one_day
    assert not plan(day, "UTC").is_one_day
    assert not plan(Span(day.from_ms, day.to_ms + 1), LONDON).is_one_day
    assert not plan(Span(day.from_ms, day.to_ms + 25 * HOUR_MS), LONDON).is_one_day
    assert not plan(day, LONDON, whole_days=False).is_one_day


@given(case=spans(), grain=st.sampled_from(Grain))
@settings(deadline=None, max_examples=300)
def test_points_cover_the_range_exactly_once(case: tuple[Span, str], grain: Grain) -> None:
    span, zone = case
    found = points(span, grain, zone)
    assert found[0].from_ms == span.from_ms
    assert found[-1].to_ms == span.to_ms
    assert all(a.to_ms == b.from_ms for a, b in pairwise(found))
    assert all(point.from_ms < point.to_ms for point in found)
    longest = {Grain.QUARTER_HOUR: SLOT_MS, Grain.HOUR: HOUR_MS, Grain.DAY: 28 * HOUR_MS}[grain]
    assert all(point.to_ms - point.from_ms <= longest for point in found)
    for point in found[1:]:
        since_midnight = point.from_ms - day_start_ms(day_of(point.from_ms, zone), zone)
        assert since_midnight % longest == 0 if grain is not Grain.DAY else since_midnight == 0


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)]
)
def test_a_day_has_as_many_points_as_its_clock_strikes(day: str, hours: int) -> None:
    span = resolve(day, None, LONDON, NOON_MS)
    assert len(points(span, Grain.HOUR, LONDON)) == hours
    assert len(points(span, Grain.QUARTER_HOUR, LONDON)) == hours * 4
    assert len(points(span, Grain.DAY, LONDON)) == 1


def test_hours_begin_at_the_hour_of_the_zone() -> None:
    span = resolve("2026-06-01", None, "Asia/Kathmandu", NOON_MS)
    found = points(span, Grain.HOUR, "Asia/Kathmandu")
    assert len(found) == 24
    assert {p.from_ms % HOUR_MS for p in found} == {15 * 60_000}


def test_a_skipped_day_has_no_point() -> None:
    span = resolve("2011-12-29", "2012-01-01", "Pacific/Apia", NOON_MS)
    assert len(points(span, Grain.DAY, "Pacific/Apia")) == 2


# --- long ranges --------------------------------------------------------------------------


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        yield services


async def test_ten_years_can_be_summed_up_but_not_told_in_quarter_hours(world: World) -> None:
    span = resolve("2016-10-25", "2026-10-25", LONDON, NOON_MS)
    asked = Asked(*span)
    summary = await world.dashboards.summary(asked, actor=world.actor())
    assert summary.metrics[MetricName.OFFERED].value == 0
    days = await world.dashboards.series(asked, Grain.DAY, actor=world.actor())
    assert (
        len(days) == (datetime(2026, 10, 25, tzinfo=UTC) - datetime(2016, 10, 25, tzinfo=UTC)).days
    )
    for grain in (Grain.QUARTER_HOUR, Grain.HOUR):
        with pytest.raises(InvalidInput) as refused:
            await world.dashboards.series(asked, grain, actor=world.actor())
        assert set(refused.value.fields) == {"grain"}
        assert f"{MOST_POINTS}" in refused.value.message


async def test_a_series_ends_with_the_point_of_the_present(world: World) -> None:
    span = resolve("2026-10-24", "2026-10-31", LONDON, NOON_MS)
    found = await world.dashboards.series(Asked(*span), Grain.HOUR, actor=world.actor())
    assert found[-1].from_ms <= NOON_MS < found[-1].to_ms
    ahead = resolve("2026-11-01", "2026-11-08", LONDON, NOON_MS)
    assert len(await world.dashboards.series(Asked(*ahead), Grain.DAY, actor=world.actor())) == 1
