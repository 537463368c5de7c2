"""Instants as the vendors write them. All take milliseconds since 1970-01-01T00:00Z."""

from datetime import UTC, datetime


def _utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def seconds_z(ms: int) -> str:
    """`2026-04-08T15:00:49Z`, as Amazon Connect and Graph write."""
    return _utc(ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def millis_z(ms: int) -> str:
    """`2026-04-08T15:00:49.123Z`, as Genesys writes."""
    return f"{_utc(ms // 1000 * 1000):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"


def slashed(ms: int) -> str:
    """`2026/04/08 15:00:49` in UTC, as 3CX writes."""
    return _utc(ms).strftime("%Y/%m/%d %H:%M:%S")


def clock(duration_ms: int) -> str:
    """`00:05:15`, as 3CX writes a duration."""
    seconds = duration_ms // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
