"""Cards of alerts: the list with its form, and the messages that alerts send."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.cards import alert_form, figures
from bot.cards import elements as e
from bot.cards.elements import Card, Element
from bot.messages import Words, clock
from portal.domain.alerts.model import (
    Daily,
    Listed,
    Notice,
    Rule,
    Threshold,
    Trigger,
)
from portal.domain.dashboards.definitions import MEANINGS
from portal.domain.dashboards.model import MetricName

MOST_LISTED: Final = 6
EVERY_DAY: Final = 7


class Button(NamedTuple):
    """A button: a key of the catalogue, a verb, a signed reference."""

    title: str
    verb: str
    reference: str


class Line(NamedTuple):
    """A rule in the list, with what may be done about it here."""

    listed: Listed
    is_here: bool
    snoozed_until_ms: int
    buttons: tuple[Button, ...]


def rule_text(trigger: Trigger, words: Words) -> str:
    """A rule as a sentence."""
    if isinstance(trigger, Daily):
        day = "yesterday" if trigger.yesterday else "today"
        text = words.say(f"alerts.daily.{day}", at=clock(trigger.at_minute))
        if len(trigger.days) == EVERY_DAY:
            return text
        return f"{text}, {words.say('alerts.daily.days', days=_days(trigger.days, words))}"
    name = MetricName(trigger.metric.value)
    text = words.say(
        f"alerts.threshold.{trigger.comparison}",
        metric=words.say(f"metric.{name}"),
        limit=words.amount(trigger.limit, MEANINGS[name].unit),
        minutes=trigger.window_minutes,
    )
    if trigger.hours is None:
        return text
    hours = words.say(
        "alerts.hours",
        days=_days(trigger.hours.days, words),
        from_=clock(trigger.hours.from_minute),
        to=clock(trigger.hours.to_minute),
    )
    return f"{text}, {hours}"


def listing(
    lines: Sequence[Line],
    words: Words,
    *,
    time_zone: str,
    now_ms: int,
    url: str,
    queues: Sequence[tuple[str, str]],
    form: Button | None,
    edited: Rule | None = None,
    said: str = "",
    refused: bool = False,
) -> Card:
    """The rules and, for those who may, the `form` of a new one or, open, of the one that is
    `edited`. `queues` are (name, id); `said` is a message of the catalogue told above the list."""
    body: list[Element] = [e.heading(words.say("alerts.heading"))]
    if said:
        body.append(e.notable(said, "warning" if refused else "good"))
    if not lines:
        body.append(e.said(words.say("alerts.none")))
    body += [_line(line, words, time_zone, now_ms) for line in lines[:MOST_LISTED]]
    if len(lines) > MOST_LISTED:
        more = words.say("alerts.more", count=len(lines) - MOST_LISTED)
        body.append(e.said(more, isSubtle=True))
    actions = []
    if form is not None:
        fields = alert_form.fields(queues, words, edited)
        if edited is not None:
            name = next((name for name, id in queues if id == edited.queue), "")
            fields[:0] = [
                e.said(words.say("alerts.editing"), weight="Bolder"),
                e.written(name or words.say("board.all_queues"), spacing="None"),
                e.written(rule_text(edited.trigger, words), spacing="None", isSubtle=True),
            ]
        save = e.execute(words.say(form.title), form.verb, form.reference)
        fields.append({"type": "ActionSet", "actions": [save]})
        is_new = edited is None
        body.append(e.container(fields, id="form", isVisible=not is_new, separator=True))
        if is_new:
            actions.append(e.toggle(words.say("alerts.new"), "form"))
    if url:
        actions.append(e.link(words.say("alerts.open"), url))
    return e.card(body, actions, fallback=words.say("alerts.fallback"))


def _line(line: Line, words: Words, time_zone: str, now_ms: int) -> Element:
    listed = line.listed
    state = [words.say("alerts.places", count=len(listed.subscriptions))]
    if line.is_here:
        state.insert(0, words.say("alerts.here"))
    if line.snoozed_until_ms > now_ms:
        until = words.time(line.snoozed_until_ms, time_zone)
        state.append(words.say("alerts.quiet_until", until=until))
    if listed.standing.breached:
        since = words.time(listed.standing.changed_at_ms, time_zone)
        state.append(words.say("alerts.beyond", since=since))
    items = [
        e.written(listed.queue_name or words.say("board.all_queues"), weight="Bolder"),
        e.written(rule_text(listed.rule.trigger, words), spacing="None"),
        e.written(" · ".join(state), isSubtle=True, size="Small", spacing="None"),
    ]
    if line.buttons:
        items.append(_set(line.buttons, words))
    return e.container(items, separator=True)


def _set(buttons: Sequence[Button], words: Words) -> Element:
    return {
        "type": "ActionSet",
        "actions": [
            e.execute(words.say(one.title), one.verb, one.reference, associatedInputs="none")
            for one in buttons
        ],
    }


def notice(
    of: Notice, words: Words, *, buttons: Sequence[Button], url: str, again: Button, now_ms: int
) -> Card:
    """A message of an alert. `again` draws it anew."""
    daily = of.rule is not None and isinstance(of.rule.trigger, Daily)
    body: list[Element] = [e.heading(words.say("notice.daily" if daily else "notice.heading"))]
    if of.rule is None:
        body.append(e.said(words.say("notice.removed")))
    else:
        body += _cause(of, of.rule, words)
    body += _state(of, words, now_ms)
    actions = [e.execute(words.say(one.title), one.verb, one.reference) for one in buttons]
    if url:
        actions.append(e.link(words.say("board.open"), url))
    return e.card(
        body,
        actions,
        fallback=words.say("notice.fallback_daily" if daily else "notice.fallback"),
        refresh=e.execute(words.say(again.title), again.verb, again.reference),
        users=[of.reader] if of.reader else [],
    )


def _cause(of: Notice, rule: Rule, words: Words) -> list[Element]:
    figure = of.delivery.figure
    span = words.say(
        "notice.span_text",
        from_=words.time(figure.from_ms, of.time_zone),
        to=words.time(figure.to_ms, of.time_zone),
    )
    rows = [(words.say("notice.queue"), of.queue_name or words.say("board.all_queues"))]
    if isinstance(rule.trigger, Threshold) and figure.value is not None:
        unit = MEANINGS[MetricName(rule.trigger.metric.value)].unit
        rows.append((words.say("notice.value"), words.amount(figure.value, unit)))
    rows += [
        (words.say("notice.rule"), rule_text(rule.trigger, words)),
        (words.say("notice.span"), span),
    ]
    made = e.facts(rows)
    if of.summary is not None:
        made += figures.tiles(of.summary.metrics, figures.TILES, figures.NO_GAPS, words)
    elif figure.as_of_ms:
        text = words.say("notice.as_of", as_of=words.time(figure.as_of_ms, of.time_zone))
        made.append(e.written(text, size="Small", isSubtle=True))
    return made


def _state(of: Notice, words: Words, now_ms: int) -> list[Element]:
    if of.subscription is None:
        return [e.notable(words.say("notice.ended"), "warning")]
    until = of.subscription.snoozed_until_ms
    if until > now_ms:
        text = words.say("alerts.quiet_until", until=words.time(until, of.time_zone))
        return [e.notable(text, "good")]
    return []


def moved(words: Words) -> Card:
    """In place of a message that was sent twice."""
    return e.card([e.said(words.say("notice.moved"))], fallback=words.say("notice.moved"))


def _days(days: Sequence[int], words: Words) -> str:
    return ", ".join(words.say(f"day.{day}") for day in sorted(days))
