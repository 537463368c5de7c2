"""The fields of an alert on a card: of a new one as it begins, of another as it stands."""

from collections.abc import Sequence
from typing import Any, Final

from bot.cards import elements as e
from bot.cards.elements import Element
from bot.messages import Words, clock
from portal.domain.alerts.model import AlertMetric, Comparison, Daily, Hours, Rule, Threshold
from portal.domain.alerts.rules import DAY_MINUTES

MOST_OFFERED: Final = 40
"""Queues in the form; the tab offers all."""
ALL: Final = "*"
WEEK: Final = (0, 1, 2, 3, 4, 5, 6)
NEW: Final = Threshold(AlertMetric.SERVICE_LEVEL, Comparison.BELOW, 80, 15, 60)
OFFICE: Final = Hours(WEEK, 9 * 60, 17 * 60)
MORNING: Final = Daily(8 * 60)
LAST_MINUTE: Final = "23:59"
"""A clock on a card ends here; as the end of opening hours it is the end of the day."""


def fields(
    queues: Sequence[tuple[str, str]], words: Words, edited: Rule | None = None
) -> list[Element]:
    """The inputs, filled with the rule that is `edited`; the service checks what comes back.
    `queues` are (name, id)."""

    def label(name: str) -> str:
        return words.say(f"alerts.field.{name}")

    def number(id: str, value: float) -> Element:
        return {"type": "Input.Number", "id": id, "label": label(id), "value": value, "min": 0}

    def time(id: str, minute: int) -> Element:
        shown = LAST_MINUTE if minute == DAY_MINUTES else clock(minute)
        return {"type": "Input.Time", "id": id, "label": label(id), "value": shown}

    trigger = NEW if edited is None else edited.trigger
    watch = trigger if isinstance(trigger, Threshold) else NEW
    daily = trigger if isinstance(trigger, Daily) else MORNING
    hours = watch.hours or OFFICE
    days = daily.days if isinstance(trigger, Daily) else hours.days
    kind = "daily" if isinstance(trigger, Daily) else "threshold"
    kinds = [(words.say(f"alerts.kind.{one}"), one) for one in ("threshold", "daily")]
    metrics = [(words.say(f"metric.{one}"), one.value) for one in AlertMetric]
    sides = [(words.say(f"alerts.comparison.{one}"), one.value) for one in Comparison]
    queue = edited.queue if edited and edited.queue else ALL
    return [
        e.choice_set("kind", label("kind"), kinds, kind),
        e.choice_set("queue", label("queue"), _offered(queues, queue, words), queue),
        e.choice_set("metric", label("metric"), metrics, watch.metric.value),
        e.choice_set("comparison", label("comparison"), sides, watch.comparison.value),
        number("limit", watch.limit),
        number("window", watch.window_minutes),
        number("cool_down", watch.cool_down_minutes),
        _toggle("hours", label("hours"), is_on=watch.hours is not None),
        time("opens", hours.from_minute),
        time("closes", hours.to_minute),
        time("at", daily.at_minute),
        _toggle("yesterday", label("yesterday"), is_on=daily.yesterday),
        e.choice_set(
            "days",
            label("days"),
            [(words.say(f"day.{day}"), str(day)) for day in WEEK],
            ",".join(str(day) for day in sorted(days)),
            isMultiSelect=True,
        ),
    ]


def _offered(queues: Sequence[tuple[str, str]], chosen: str, words: Words) -> list[tuple[str, str]]:
    """All queues, the first MOST_OFFERED, and the chosen one wherever it stands."""
    offered = list(queues[:MOST_OFFERED])
    offered += [one for one in queues[MOST_OFFERED:] if one[1] == chosen]
    return [(words.say("board.all_queues"), ALL), *offered]


def _toggle(id: str, title: str, *, is_on: bool) -> dict[str, Any]:
    value = "true" if is_on else "false"
    return {"type": "Input.Toggle", "id": id, "title": title, "value": value, "wrap": True}
