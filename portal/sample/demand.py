"""When customers get in touch: the days' volumes and the hours' curve.

Arrivals form a Poisson-like stream over local half hours with a morning and an after-lunch peak,
more on Mondays, fewer at weekends, and a spike on the storm day. Times are local wall clock, so
the curve keeps its place through changes of daylight saving.
"""

import math
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.sample.model import Organization, Queue

_WEEKDAYS: Final = (1.22, 1.05, 1.0, 0.97, 0.93, 0.38, 0.24)
_STORM_HOURS: Final = (13.0, 20.0)
STORM_CYCLE: Final = 30


def is_storm(organization: Organization, day: date) -> bool:
    """Whether a storm breaks that day: exactly once in any thirty days."""
    return day.toordinal() % STORM_CYCLE == organization.storm_day


def local_ms(day: date, hour: float, zone: ZoneInfo) -> int:
    """The instant of a local wall-clock hour of a day; hours from 24 on are the next day's."""
    wall = datetime.combine(day, time(), zone) + timedelta(hours=hour)
    return int(wall.timestamp() * 1000)


def curve(hour: float) -> float:
    """How busy a local hour is: 1 at the morning's peak, a little less after lunch."""
    morning = math.exp(-(((hour - 10.4) / 1.7) ** 2))
    afternoon = 0.8 * math.exp(-(((hour - 14.6) / 1.9) ** 2))
    evening = 0.25 * math.exp(-(((hour - 19.0) / 2.2) ** 2))
    return 0.04 + morning + afternoon + evening


def _half_hours(queue: Queue, day: date, *, storm: bool) -> list[tuple[float, float]]:
    """(hour, weight) of the open half hours; weights of an ordinary day sum to 1."""
    hours = queue.hours(day.weekday())
    if hours is None:
        return []
    first, last = hours
    starts = [first + n / 2 for n in range(round((last - first) * 2))]
    total = sum(curve(hour + 0.25) for hour in starts)
    low, high = _STORM_HOURS
    return [
        (hour, curve(hour + 0.25) / total * (queue.storm if storm and low <= hour < high else 1.0))
        for hour in starts
    ]


def _count(rng: random.Random, expected: float) -> int:
    return max(0, round(rng.gauss(expected, math.sqrt(expected))))


def arrivals(
    rng: random.Random, organization: Organization, queue: Queue, day: date
) -> Iterator[int]:
    """The day's arrivals in a queue: instants in milliseconds, in order within half hours."""
    zone = ZoneInfo(organization.time_zone)
    busyness = queue.daily * _WEEKDAYS[day.weekday()] * rng.lognormvariate(0, 0.07)
    for hour, weight in _half_hours(queue, day, storm=is_storm(organization, day)):
        for moment in sorted(rng.random() for _ in range(_count(rng, busyness * weight))):
            yield local_ms(day, hour + moment / 2, zone)
