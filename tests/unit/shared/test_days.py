"""Local days, in zones that do everything to them that clocks do."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.shared.days import day_of, day_start_ms

HOUR_MS = 3_600_000
QUARTER_MS = HOUR_MS // 4
ZONES = [
    "Europe/London",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Tehran",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Asuncion",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "UTC",
]


def ordinal(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "day", "starts", "hours"),
    [
        ("Europe/London", "2026-03-29", "2026-03-29T00:00", 23),
        ("Europe/London", "2026-10-25", "2026-10-24T23:00", 25),
        ("Europe/London", "2026-10-26", "2026-10-26T00:00", 24),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00", 23),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00", 25),
        ("Asia/Kathmandu", "2026-06-01", "2026-05-31T18:15", 24),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30", 23.5),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00", 23),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", 25),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00", 23),
        ("Asia/Beirut", "2026-10-24", "2026-10-23T21:00", 25),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", 23),
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00", 24),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", 24),
    ],
)
def test_a_day_begins_at_its_own_midnight(zone: str, day: str, starts: str, hours: float) -> None:
    start, end = (day_start_ms(ordinal(day) + n, zone) for n in (0, 1))
    assert start == ms(starts)
    assert (end - start) / HOUR_MS == hours


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Europe/London", "2026-10-25T00:59", "2026-10-25"),
        ("Europe/London", "2026-10-24T22:59:59.999", "2026-10-24"),
        ("America/Havana", "2026-03-08T04:59:59.999", "2026-03-07"),
        ("America/Havana", "2026-03-08T05:00", "2026-03-08"),
        ("America/Havana", "2026-11-01T04:30", "2026-11-01"),
        ("America/Havana", "2026-11-01T05:30", "2026-11-01"),
        ("America/St_Johns", "2006-10-29T02:29", "2006-10-28"),
        ("America/St_Johns", "2006-10-29T02:30", "2006-10-29"),
        # a minute past midnight the clocks went back to 23:01; the new day has begun
        ("America/St_Johns", "2006-10-29T02:45", "2006-10-29"),
        ("America/St_Johns", "2006-10-29T03:45", "2006-10-29"),
        ("Pacific/Apia", "2011-12-30T09:59", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00", "2011-12-31"),
    ],
)
def test_an_instant_lies_in_one_day(zone: str, instant: str, day: str) -> None:
    assert date.fromordinal(day_of(ms(instant), zone)) == date.fromisoformat(day)


instants = st.integers(ms("1973-01-01T00:00"), ms("2037-12-31T00:00"))


@given(at=instants, zone=st.sampled_from(ZONES))
@settings(deadline=None, max_examples=400)
def test_days_follow_each_other_without_gap_or_overlap(at: int, zone: str) -> None:
    day = day_of(at, zone)
    start, end = day_start_ms(day, zone), day_start_ms(day + 1, zone)
    assert start <= at < end
    assert day_of(start, zone) == day_of(end - 1, zone) == day
    assert start % QUARTER_MS == 0


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_of_half_a_century_holds_its_quarter_hours(zone: str) -> None:
    """No quarter hour belongs to a day other than the one whose span it lies in."""
    for day in range(ordinal("1975-01-01"), ordinal("2036-01-01")):
        start, end = day_start_ms(day, zone), day_start_ms(day + 1, zone)
        if end - start != 24 * HOUR_MS:
            assert end == start or 20 * HOUR_MS <= end - start <= 28 * HOUR_MS
            assert {day_of(at, zone) for at in range(start, end, QUARTER_MS)} <= {day}
