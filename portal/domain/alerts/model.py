"""Alert rules, who hears of them, the conversations of the bot, and messages on their way out.

A rule watches one figure of one queue (threshold) or speaks at a time of day (daily). Times of a
rule are those of its organisation's time zone.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from portal.domain.dashboards.model import MetricName, Summary

ALL_QUEUES = ""


class AlertMetric(StrEnum):
    """The figures a rule may watch."""

    SERVICE_LEVEL = MetricName.SERVICE_LEVEL.value
    LONGEST_WAIT = MetricName.LONGEST_WAIT.value
    ABANDONMENT_RATE = MetricName.ABANDONMENT_RATE.value
    OFFERED = MetricName.OFFERED.value


class Comparison(StrEnum):
    """When the figure is worth a message."""

    BELOW = "below"
    ABOVE = "above"


class Hours(NamedTuple):
    """Opening hours: week days (0 is Monday) and minutes of the local day, [from, to)."""

    days: tuple[int, ...]
    from_minute: int
    to_minute: int


class Threshold(NamedTuple):
    """Fires when the figure over the last `window_minutes` is beyond `limit` (percent, seconds or
    contacts, as the metric counts), at most once in `cool_down_minutes`; only in `hours` when there
    are any."""

    metric: AlertMetric
    comparison: Comparison
    limit: float
    window_minutes: int
    cool_down_minutes: int = 60
    hours: Hours | None = None


class Daily(NamedTuple):
    """Sends the figures of the day so far, or of the day before, at this minute of the local day on
    these week days."""

    at_minute: int
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    yesterday: bool = False


Trigger = Threshold | Daily


class Rule(NamedTuple):
    """What is watched. `queue` is a queue's opaque id or ALL_QUEUES; `version` grows with every
    change; `created_by` is a person id; `changed_at_ms` is when what fires it was last changed, 0
    when it never was."""

    id: str
    queue: str
    trigger: Trigger
    version: int
    created_by: str
    created_at_ms: int
    changed_at_ms: int = 0


class Scope(StrEnum):
    """Who reads a conversation along."""

    PERSONAL = "personal"
    GROUP = "group"
    CHANNEL = "channel"


class Conversation(NamedTuple):
    """A chat or channel the bot may write to. `id` is a hash of Teams' own id, `reference` what
    the messenger needs, `tenant` Teams' tenant."""

    id: str
    scope: Scope
    tenant: str
    reference: Mapping[str, Any]


class Place(NamedTuple):
    """Whose a shared chat or channel is: the organisation whose figures are told there ("" when it
    is nobody's), and the language of who used it first. While a change of it is being finished,
    `former` is whose it was, `changed_by` the person id of who changed it and `change` its key."""

    organization: str
    language: str
    former: str = ""
    changed_by: str = ""
    change: str = ""


class Subscription(NamedTuple):
    """Somebody has a rule's messages sent to a conversation. `person` is who, `member` their object
    id in Teams and `reader` Teams' own id of them ("" where it is not known), `language` the one
    they read, `snoozed_until_ms` 0 when they hear of everything."""

    id: str
    rule: str
    conversation: str
    person: str
    member: str
    reader: str
    language: str
    snoozed_until_ms: int
    version: int


class Listener(NamedTuple):
    """Where somebody wants a rule's messages, and who they are in Teams; as in Subscription."""

    conversation: Conversation
    member: str = ""
    reader: str = ""
    language: str = ""


class Standing(NamedTuple):
    """How a rule stands: whether its figure is beyond the limit, in which episode, since when; the
    last local day a daily rule spoke."""

    breached: bool = False
    episode: int = 0
    changed_at_ms: int = 0
    fired_at_ms: int = 0
    last_day: int = 0


class Figure(NamedTuple):
    """What a message says of a figure: its value, the span it is of and how fresh the data was."""

    value: float | None
    from_ms: int
    to_ms: int
    as_of_ms: int


class Stage(StrEnum):
    """Where a message is on its way."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"


class Dropped(StrEnum):
    """Why a message was not sent."""

    UNSUBSCRIBED = "unsubscribed"
    SNOOZED = "snoozed"
    NO_LONGER_MEMBER = "no_longer_member"
    NOT_PERMITTED = "not_permitted"
    GONE = "gone"
    TOO_LATE = "too_late"
    CHANGED = "changed"


class Delivery(NamedTuple):
    """One message of one subscription, made for that conversation and language. `id` follows from
    rule, episode and subscription, so that the same cause makes it once. `activity` is the sent
    message's id, "" before and while it is not known; `held_until_ms` keeps others off
    it while one sends; `snoozed`: it waited for the end of a snooze.
    """

    id: str
    rule: str
    subscription: str
    conversation: str
    language: str
    stage: Stage
    figure: Figure
    created_at_ms: int
    due_at_ms: int
    held_until_ms: int = 0
    attempts: int = 0
    activity: str = ""
    dropped: str = ""
    snoozed: bool = False


class Notice(NamedTuple):
    """Everything a message is drawn from. `rule` and `subscription` are None when they ended;
    `queue_name` is "" for all queues; `conversation` is our id of where it is, `reader` the Teams
    id of whom it refreshes for; `summary` are the figures of the span that a daily message shows.
    """

    organization: str
    time_zone: str
    conversation: str
    language: str
    reader: str
    delivery: Delivery
    rule: Rule | None
    subscription: Subscription | None
    queue_name: str
    summary: Summary | None = None


class Listed(NamedTuple):
    """A rule as it is listed: its queue's name ("" for all), how it stands, who hears of it, and
    the caller's own subscription in their chat with the bot."""

    rule: Rule
    queue_name: str
    standing: Standing
    subscriptions: tuple[Subscription, ...]
    own: Subscription | None
