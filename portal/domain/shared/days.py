"""Local days: an organisation's day begins at its own midnight, daylight saving included.

A day is its proleptic ordinal (`date.toordinal`). Where midnight does not exist (clocks jump over
it) the day begins at the jump; where it comes twice, at the first, and the time until the second
belongs to the day that has begun.
"""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=65536)
def day_of(ms: int, time_zone: str) -> int:
    """The local day in which the instant lies."""
    day = datetime.fromtimestamp(ms / 1000, ZoneInfo(time_zone)).date().toordinal()
    return day + 1 if ms >= day_start_ms(day + 1, time_zone) else day


@lru_cache(maxsize=65536)
def day_start_ms(day: int, time_zone: str) -> int:
    """The instant at which the local day begins."""
    d = date.fromordinal(day)
    midnight = datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(time_zone))
    return int(midnight.timestamp() * 1000)
