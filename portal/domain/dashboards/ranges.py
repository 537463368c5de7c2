"""Cutting a time range into whole days, quarter hours and what is left at its edges."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.domain.contacts.pages import SLOT_MS
from portal.domain.dashboards.model import Grain
from portal.domain.shared.days import day_of, day_start_ms
from portal.domain.shared.errors import InvalidInput

HOUR_MS = 60 * 60 * 1000
MOST_POINTS = 4000
EARLIEST_MS = int(datetime(1971, 1, 1, tzinfo=UTC).timestamp() * 1000)
LATEST_MS = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)
HOW = "Write a date such as 2026-03-29, or a time with offset such as 2026-03-29T09:00:00+01:00."


class Span(NamedTuple):
    """A half-open interval [from_ms, to_ms)."""

    from_ms: int
    to_ms: int


class Plan(NamedTuple):
    """How to read a range: whole days (first, last) or None, spans of whole quarter hours, and
    spans shorter than one."""

    days: tuple[int, int] | None
    slots: tuple[Span, ...]
    edges: tuple[Span, ...]

    @property
    def is_one_day(self) -> bool:
        """Whether the range is one whole day and nothing else."""
        return (
            self.days is not None
            and self.days[0] == self.days[1]
            and not (self.slots or self.edges)
        )


def parse(text: str, time_zone: str, *, field: str) -> int:
    """The instant of a date or time; without offset it is the organisation's own.

    Raises InvalidInput saying how to write it.
    """
    try:
        if not (text.isascii() and text.isprintable()):
            raise ValueError  # `fromisoformat` reads up to a NUL and other scripts' digits
        if len(text) == len("2026-03-29"):
            ms = day_start_ms(date.fromisoformat(text).toordinal(), time_zone)
        else:
            when = datetime.fromisoformat(text)
            if when.tzinfo is None:
                when = when.replace(tzinfo=ZoneInfo(time_zone))
            ms = round(when.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise InvalidInput(f"`{field}` is no time. {HOW}", fields={field: HOW}) from None
    if not EARLIEST_MS <= ms <= LATEST_MS:
        wrong = "outside the years 1971 to 2200"
        raise InvalidInput(f"`{field}` lies {wrong}.", fields={field: wrong})
    return ms


def resolve(from_: str | None, to: str | None, time_zone: str, now_ms: int) -> Span:
    """The range that was asked for; today where nothing was, one day where one end is missing.

    Raises InvalidInput for malformed ends and for an end that is not after the start.
    """
    if from_ is not None:
        start = parse(from_, time_zone, field="from")
        end = day_start_ms(day_of(start, time_zone) + 1, time_zone)
        if to is not None:
            end = parse(to, time_zone, field="to")
    else:
        end = day_start_ms(day_of(now_ms, time_zone) + 1, time_zone)
        if to is not None:
            end = parse(to, time_zone, field="to")
        start = day_start_ms(day_of(end - 1, time_zone), time_zone)
    if end <= start:
        raise InvalidInput(
            "`to` must be after `from`.", fields={"to": "must be after `from`"}, code="empty-range"
        )
    return Span(start, end)


def plan(span: Span, time_zone: str, *, whole_days: bool = True) -> Plan:
    """How to read the range; without `whole_days` from quarter hours only."""
    first_slot = -(-span.from_ms // SLOT_MS) * SLOT_MS
    last_slot = span.to_ms // SLOT_MS * SLOT_MS
    if first_slot > last_slot:
        return Plan(None, (), (span,))
    edges = _filled(Span(span.from_ms, first_slot), Span(last_slot, span.to_ms))
    middle = Span(first_slot, last_slot)
    first = day_of(span.from_ms, time_zone)
    if day_start_ms(first, time_zone) < span.from_ms:
        first += 1
    last = day_of(span.to_ms, time_zone) - 1
    if not whole_days or first > last:
        return Plan(None, _filled(middle), edges)
    before = Span(middle.from_ms, day_start_ms(first, time_zone))
    after = Span(day_start_ms(last + 1, time_zone), middle.to_ms)
    return Plan((first, last), _filled(before, after), edges)


def whole_days(span: Span, time_zone: str) -> Span:
    """The whole days that the range touches."""
    first, last = day_of(span.from_ms, time_zone), day_of(span.to_ms - 1, time_zone)
    return Span(day_start_ms(first, time_zone), day_start_ms(last + 1, time_zone))


def points(span: Span, grain: Grain, time_zone: str) -> list[Span]:
    """The range cut at the grain's borders: local midnights, hours and quarter hours after them.

    Raises InvalidInput for more than MOST_POINTS.
    """
    step = {Grain.QUARTER_HOUR: SLOT_MS, Grain.HOUR: HOUR_MS, Grain.DAY: None}[grain]
    if (span.to_ms - span.from_ms) / (step or 23 * HOUR_MS) > MOST_POINTS:
        raise InvalidInput(
            f"The range has more than {MOST_POINTS} points at this grain; "
            "choose a longer grain or a shorter range.",
            fields={"grain": "too fine for the range"},
        )
    borders = [span.from_ms]
    borders.extend(b for b in _borders(span, step, time_zone) if span.from_ms < b < span.to_ms)
    borders.append(span.to_ms)
    return [Span(a, b) for a, b in pairwise(borders) if a < b]  # a day may be skipped altogether


def _borders(span: Span, step: int | None, time_zone: str) -> Iterator[int]:
    first, last = day_of(span.from_ms, time_zone), day_of(span.to_ms, time_zone)
    for day in range(first, last + 1):
        start = day_start_ms(day, time_zone)
        yield start
        if step is not None:
            yield from range(start + step, day_start_ms(day + 1, time_zone), step)


def _filled(*spans: Span) -> tuple[Span, ...]:
    return tuple(span for span in spans if span.from_ms < span.to_ms)
