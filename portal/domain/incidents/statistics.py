"""How many incidents, how fast and how they went: counts and times, nothing of what was said.

Incidents are taken one after the other and forgotten; what is kept of each are its spans."""

from datetime import date
from statistics import median
from typing import NamedTuple

from portal.domain.incidents import rules
from portal.domain.incidents.model import Incident, Severity, State
from portal.domain.shared.days import day_of

WEEKS = 12


class Week(NamedTuple):
    """A week by the ordinal of its Monday: how many were reported and resolved in it, and the
    median seconds of what was acknowledged, contained and resolved in it, None where nothing was.
    """

    monday: int
    reported: int
    resolved: int
    acknowledge_s: float | None
    contain_s: float | None
    resolve_s: float | None


class Statistics(NamedTuple):
    """Counts of all incidents and inquiries; medians in seconds, None without any."""

    total: int
    open: int
    late: int
    by_state: dict[State, int]
    by_severity: dict[Severity, int]
    acknowledge_s: float | None
    contain_s: float | None
    resolve_s: float | None
    weeks: tuple[Week, ...]


class _Spans:
    """The milliseconds that something took, in all and by the week in which it was done."""

    def __init__(self, mondays: list[int]) -> None:
        self.every: list[int] = []
        self.by_week: dict[int, list[int]] = {monday: [] for monday in mondays}

    def take(self, span_ms: int, monday: int) -> None:
        """One more."""
        self.every.append(span_ms)
        if monday in self.by_week:
            self.by_week[monday].append(span_ms)


class Counted:
    """Counts incidents as of a moment, weeks being those of a time zone."""

    def __init__(self, now_ms: int, zone: str) -> None:
        self._now_ms = now_ms
        self._zone = zone
        this = self._monday(now_ms)
        self._mondays = [this - 7 * back for back in range(WEEKS - 1, -1, -1)]
        self._total = self._open = self._late = 0
        self._states = dict.fromkeys(State, 0)
        self._severities = dict.fromkeys(Severity, 0)
        self._reported = dict.fromkeys(self._mondays, 0)
        self._acknowledge, self._contain, self._resolve = (_Spans(self._mondays) for _ in range(3))

    def take(self, one: Incident) -> None:
        """One more incident."""
        self._total += 1
        self._open += one.is_open
        self._late += any(clock.standing(self._now_ms) == "late" for clock in rules.clocks(one))
        self._states[one.state] += 1
        self._severities[one.severity] += 1
        reported = self._monday(one.created_at_ms)
        if reported in self._reported:
            self._reported[reported] += 1
        for spans, at_ms in (
            (self._acknowledge, one.acknowledged_at_ms),
            (self._contain, one.contained_at_ms),
            (self._resolve, one.resolved_at_ms),
        ):
            if at_ms:
                spans.take(at_ms - one.created_at_ms, self._monday(at_ms))

    def statistics(self) -> Statistics:
        """What was counted."""
        return Statistics(
            self._total,
            self._open,
            self._late,
            self._states,
            self._severities,
            _middle(self._acknowledge.every),
            _middle(self._contain.every),
            _middle(self._resolve.every),
            tuple(
                Week(
                    monday,
                    self._reported[monday],
                    len(self._resolve.by_week[monday]),
                    _middle(self._acknowledge.by_week[monday]),
                    _middle(self._contain.by_week[monday]),
                    _middle(self._resolve.by_week[monday]),
                )
                for monday in self._mondays
            ),
        )

    def _monday(self, at_ms: int) -> int:
        day = day_of(at_ms, self._zone)
        return day - date.fromordinal(day).weekday()


def _middle(spans_ms: list[int]) -> float | None:
    return median(spans_ms) / 1000 if spans_ms else None
