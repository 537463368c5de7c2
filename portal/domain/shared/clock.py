"""Time, identifiers and randomness, injected so that tests decide them."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The present."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""
        ...


class Ids(Protocol):
    """Identifiers nobody can guess."""

    def new(self) -> str:
        """128 random bits, in the characters that addresses and file names allow."""
        ...


def instant(ms: int) -> datetime:
    """The aware UTC datetime of an instant in milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def iso(ms: int) -> str:
    """The instant as ISO 8601 with milliseconds and offset."""
    return instant(ms).isoformat(timespec="milliseconds")
