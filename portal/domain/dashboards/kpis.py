"""The KPI engine: counts in, figures out, by one set of definitions (domain reference, section E).

Counts of several sources are added before anything is divided, so percentages are never averaged.
A source that cannot give a timing stays out of the figures that need it, and those figures say so.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from portal.domain.contacts.model import Gap, Timing
from portal.domain.contacts.pages import Count, Ints
from portal.domain.dashboards.definitions import AGENT_METRICS, MEANINGS
from portal.domain.dashboards.model import Basis, Definition, Metric, MetricName, Metrics, Unit

FEWEST_FOR_PERCENTILES = 5
NOTHING = "No contacts to compute it from."
TOO_FEW = f"Fewer than {FEWEST_FOR_PERCENTILES} waits; a percentile of so few would mislead."

M = MetricName


class SourceFacts(NamedTuple):
    """What is known of a source: its title and its gaps."""

    title: str
    gaps: Mapping[Timing, Gap]


class Waits(NamedTuple):
    """What the single waits of a group say, over the sources that give the waits of answered
    contacts; ms. `short` counts short abandons over the sources that give those waits,
    `short_measured` over the former. Percentiles are None where there is no wait."""

    answered_within: int
    abandoned_within: int
    short: int
    short_measured: int
    known: int
    p50: int | None
    p90: int | None
    p99: int | None
    longest: int | None
    identified: int
    customers: int


class Group(NamedTuple):
    """What figures are computed from: counters by source (`pages.Count`), and the waits."""

    counts: Mapping[str, Ints]
    waits: Waits


def compute(group: Group, sources: Mapping[str, SourceFacts], definition: Definition) -> Metrics:
    """Every metric of the group, in the order of MetricName."""
    return _Engine(group, sources).all(definition)


def compute_agent(counts: Ints, source: str, sources: Mapping[str, SourceFacts]) -> Metrics:
    """An agent's metrics, from counters by end (`pages.Count`, HANDLED first)."""
    engine = _Engine(Group({source: counts}, _NO_WAITS), sources, offset=Count.HANDLED)
    return {name: engine.by_end(name) for name in AGENT_METRICS}


_NO_WAITS = Waits(0, 0, 0, 0, 0, None, None, None, None, 0, 0)
_AVERAGES = {
    M.AVERAGE_HANDLE_TIME: (Count.HANDLE, Count.HANDLE_KNOWN),
    M.AVERAGE_TALK_TIME: (Count.TALK, Count.TALK_KNOWN),
    M.AVERAGE_HOLD_TIME: (Count.HOLD, Count.HOLD_KNOWN),
    M.AVERAGE_AFTER_CONTACT_WORK: (Count.AFTER_CONTACT_WORK, Count.AFTER_CONTACT_WORK_KNOWN),
}


class _Engine:
    """One group's figures."""

    def __init__(
        self, group: Group, sources: Mapping[str, SourceFacts], *, offset: int = 0
    ) -> None:
        # Lists of plain integers: every counter is looked at several times.
        self._counts: dict[str, list[int]] = {s: c.tolist() for s, c in group.counts.items()}
        self._totals = [sum(column) for column in zip(*self._counts.values(), strict=True)]
        self._complete = not any(sources[source].gaps for source in self._counts)
        self._waits = group.waits
        self._sources = sources
        self._offset = offset

    def all(self, definition: Definition) -> Metrics:
        """Every metric."""
        waits = self._waits
        return {
            M.OFFERED: self._count(M.OFFERED, Count.OFFERED),
            M.ANSWERED: self._count(M.ANSWERED, Count.ANSWERED),
            M.ABANDONED: self._count(M.ABANDONED, Count.ABANDONED),
            M.SHORT_ABANDONED: self._short_abandoned(),
            M.FLOW_OUT: self._count(M.FLOW_OUT, Count.FLOW_OUT),
            M.SERVICE_LEVEL: self._service_level(definition),
            M.AVERAGE_SPEED_OF_ANSWER: self._speed_of_answer(),
            M.AVERAGE_HANDLE_TIME: self.by_end(M.AVERAGE_HANDLE_TIME),
            M.AVERAGE_TALK_TIME: self.by_end(M.AVERAGE_TALK_TIME),
            M.AVERAGE_HOLD_TIME: self.by_end(M.AVERAGE_HOLD_TIME),
            M.AVERAGE_AFTER_CONTACT_WORK: self.by_end(M.AVERAGE_AFTER_CONTACT_WORK),
            M.ABANDONMENT_RATE: self._abandonment_rate(),
            M.TRANSFER_RATE: self.by_end(M.TRANSFER_RATE),
            M.WAIT_P50: self._of_waits(M.WAIT_P50, waits.p50, FEWEST_FOR_PERCENTILES),
            M.WAIT_P90: self._of_waits(M.WAIT_P90, waits.p90, FEWEST_FOR_PERCENTILES),
            M.WAIT_P99: self._of_waits(M.WAIT_P99, waits.p99, FEWEST_FOR_PERCENTILES),
            M.LONGEST_WAIT: self._of_waits(M.LONGEST_WAIT, waits.longest, 1),
            M.DISTINCT_CUSTOMERS: self._customers(),
            M.HANDLED: self.by_end(M.HANDLED),
        }

    def by_end(self, name: MetricName) -> Metric:
        """A metric counted by end."""
        if name is M.HANDLED:
            return self._count(name, Count.HANDLED)
        handled = self._sum(Count.HANDLED)
        if name is M.TRANSFER_RATE:
            part, known = self._sum(Count.TRANSFERRED), self._sum(Count.TRANSFER_KNOWN)
        else:
            total, of = _AVERAGES[name]
            part, known = self._sum(total), self._sum(of)
        return self._quotient(name, part, known, covered=known, total=handled)

    # --- by arrival -----------------------------------------------------------------------

    def _short_abandoned(self) -> Metric:
        able = self._able(M.SHORT_ABANDONED)
        abandoned = self._sum(Count.ABANDONED)
        known = self._sum(Count.ABANDONED_WAIT_KNOWN, able)
        unit = MEANINGS[M.SHORT_ABANDONED].unit
        if abandoned and not known:
            return Metric(None, unit, self._missing(M.SHORT_ABANDONED), covered=0, total=abandoned)
        reason = self._partly(M.SHORT_ABANDONED, known, abandoned)
        return Metric(self._waits.short, unit, reason, covered=known, total=abandoned)

    def _service_level(self, definition: Definition) -> Metric:
        able = self._able(M.SERVICE_LEVEL)
        waits = self._waits
        answered = self._sum(Count.ANSWERED_WAIT_KNOWN, able)
        abandoned = self._sum(Count.ABANDONED, able)
        part, whole = {
            Definition.STRICT: (waits.answered_within, answered + abandoned),
            Definition.SHORT_EXCLUDED: (
                waits.answered_within,
                answered + abandoned - waits.short_measured,
            ),
            Definition.IGNORE_ABANDONED: (
                waits.answered_within,
                answered + abandoned - waits.abandoned_within,
            ),
            Definition.POSITIVE: (
                waits.answered_within + waits.abandoned_within,
                answered + abandoned,
            ),
            Definition.ANSWERED_ONLY: (waits.answered_within, answered),
        }[definition]
        total = self._sum(Count.ANSWERED) + self._sum(Count.ABANDONED)
        covered = answered + abandoned
        return self._quotient(M.SERVICE_LEVEL, part, whole, covered=covered, total=total)

    def _speed_of_answer(self) -> Metric:
        able = self._able(M.AVERAGE_SPEED_OF_ANSWER)
        known = self._sum(Count.ANSWERED_WAIT_KNOWN, able)
        part = self._sum(Count.ANSWERED_WAIT, able)
        total = self._sum(Count.ANSWERED)
        return self._quotient(M.AVERAGE_SPEED_OF_ANSWER, part, known, covered=known, total=total)

    def _abandonment_rate(self) -> Metric:
        able = self._able(M.ABANDONMENT_RATE)
        short = self._waits.short
        part = self._sum(Count.ABANDONED, able) - short
        offered = self._sum(Count.OFFERED, able)
        total = self._sum(Count.OFFERED)
        return self._quotient(
            M.ABANDONMENT_RATE, part, offered - short, covered=offered, total=total
        )

    def _of_waits(self, name: MetricName, wait_ms: int | None, fewest: int) -> Metric:
        total = self._sum(Count.ANSWERED) + self._sum(Count.ABANDONED)
        known, unit = self._waits.known, MEANINGS[name].unit
        if wait_ms is None:
            missing = self._missing(name) if total else NOTHING
            return Metric(None, unit, missing, covered=0, total=total)
        if known < fewest:
            return Metric(None, unit, TOO_FEW, covered=known, total=total)
        reason = self._partly(name, known, total)
        return Metric(wait_ms / 1000, unit, reason, covered=known, total=total)

    def _customers(self) -> Metric:
        offered = self._sum(Count.OFFERED)
        known = self._waits.identified
        unit = MEANINGS[M.DISTINCT_CUSTOMERS].unit
        if offered and not known:
            missing = self._missing(M.DISTINCT_CUSTOMERS)
            return Metric(None, unit, missing, covered=0, total=offered)
        reason = self._partly(M.DISTINCT_CUSTOMERS, known, offered)
        return Metric(self._waits.customers, unit, reason, covered=known, total=offered)

    # --- shared ---------------------------------------------------------------------------

    def _sum(self, count: Count, sources: Iterable[str] | None = None) -> int:
        column = count - self._offset
        if sources is None:
            return self._totals[column] if self._totals else 0
        return sum(self._counts[source][column] for source in sources)

    def _able(self, name: MetricName) -> list[str] | None:
        """The sources that give what the metric needs; None when every one does."""
        if self._complete:
            return None
        needs = MEANINGS[name].needs
        return [s for s in self._counts if not any(n in self._sources[s].gaps for n in needs)]

    def _count(self, name: MetricName, count: Count) -> Metric:
        return Metric(self._sum(count), MEANINGS[name].unit)

    def _quotient(
        self, name: MetricName, part: int, whole: int, *, covered: int, total: int
    ) -> Metric:
        meaning = MEANINGS[name]
        if total and not covered:
            return Metric(None, meaning.unit, self._missing(name), covered=0, total=total)
        if whole <= 0:
            return Metric(None, meaning.unit, NOTHING, covered=covered, total=total)
        reason = self._partly(name, covered, total)
        if meaning.unit is Unit.PERCENT:
            value = 100 * part / whole
            return Metric(value, meaning.unit, reason, part, whole, covered, total)
        value = part / (1000 * whole)  # sums are milliseconds, values seconds
        return Metric(value, meaning.unit, reason, part / 1000, whole, covered, total)

    def _gaps(self, name: MetricName) -> list[str]:
        """The gaps of the sources that count for this metric here, as sentences."""
        meaning = MEANINGS[name]
        relevant = Count.HANDLED if meaning.basis is Basis.END else Count.OFFERED
        found: dict[str, None] = {}
        for source, counts in self._counts.items():
            facts = self._sources[source]
            for timing in meaning.needs:
                if timing in facts.gaps and counts[relevant - self._offset]:
                    gap = facts.gaps[timing]
                    found[f"{facts.title} ({gap.field}): {gap.reason}"] = None
        return list(found)

    def _missing(self, name: MetricName) -> str:
        gaps = self._gaps(name)
        return "Not derivable. " + (" ".join(gaps) if gaps else f"{self._unsaid(name)}.")

    def _partly(self, name: MetricName, covered: int, total: int) -> str | None:
        if covered >= total:
            return None
        gaps = self._gaps(name)
        why = " ".join(gaps) if gaps else f"{self._unsaid(name)} for the others."
        return f"Covers {covered} of {total} contacts. {why}"

    def _unsaid(self, name: MetricName) -> str:
        titles = ", ".join(sorted(self._sources[source].title for source in self._counts))
        needs = ", ".join(timing.replace("_", " ") for timing in MEANINGS[name].needs)
        return f"The records of {titles} do not give {needs}"
