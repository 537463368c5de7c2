"""Instants as the vendors write them. All take milliseconds since 1970-01-01T00:00Z."""

from datetime import date
from functools import lru_cache
from typing import Final

_DAY_MS: Final = 86_400_000
_EPOCH: Final = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=64)
def _date(days: int) -> str:
    return date.fromordinal(_EPOCH + days).isoformat()


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def seconds_z(ms: int) -> str:
    """`2026-04-08T15:00:49Z`, as Amazon Connect and Graph write."""
    return f"{_date(ms // _DAY_MS)}T{_clock(ms % _DAY_MS)}Z"


def millis_z(ms: int) -> str:
    """`2026-04-08T15:00:49.123Z`, as Genesys writes."""
    return f"{_date(ms // _DAY_MS)}T{_clock(ms % _DAY_MS)}.{ms % 1000:03}Z"


def slashed(ms: int) -> str:
    """`2026/04/08 15:00:49` in UTC, as 3CX writes."""
    return f"{_date(ms // _DAY_MS).replace('-', '/')} {_clock(ms % _DAY_MS)}"


def clock(duration_ms: int) -> str:
    """`00:05:15`, as 3CX writes a duration."""
    return _clock(duration_ms)
