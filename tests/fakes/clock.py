"""A clock that stands still until it is told otherwise."""

from portal.domain.shared.clock import Clock

NOON_MS = 1_792_929_600_000
"""2026-10-25T12:00:00Z, the day Europe's clocks go back."""


class StandingClock(Clock):
    """Shows `now` until `pass_time` moves it."""

    def __init__(self, now: int = NOON_MS) -> None:
        self.now = now

    def now_ms(self) -> int:
        return self.now

    def pass_time(self, *, seconds: float) -> None:
        """Moves the present on."""
        self.now += round(seconds * 1000)
