"""Named ranges as instants in the organisation's time zone, and the grain a trend has over them."""

from datetime import date
from typing import NamedTuple

from bot.reading import Preset
from portal.domain.dashboards.model import Grain
from portal.domain.dashboards.ranges import HOUR_MS, Span
from portal.domain.shared.days import day_of, day_start_ms


class Stretch(NamedTuple):
    """A span and the grain to draw it in."""

    span: Span
    grain: Grain


def stretch(range_: str, time_zone: str, now_ms: int) -> Stretch:
    """The range as of now; `range_` is a preset or a day. Every text else is read as today."""
    today = day_of(now_ms, time_zone)
    if range_ == Preset.HOUR:
        return Stretch(Span(now_ms - HOUR_MS, now_ms), Grain.QUARTER_HOUR)
    first, last = today, today
    if range_ == Preset.YESTERDAY:
        first = last = today - 1
    elif range_ == Preset.LAST_7:
        first = today - 6
    elif range_ == Preset.LAST_30:
        first = today - 29
    elif range_ and range_ not in set(Preset):
        first = last = date.fromisoformat(range_).toordinal()
    span = Span(day_start_ms(first, time_zone), day_start_ms(last + 1, time_zone))
    return Stretch(span, Grain.HOUR if first == last else Grain.DAY)
