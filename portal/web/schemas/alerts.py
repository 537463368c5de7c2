"""Rules, their triggers, who hears of them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from portal.web.schemas.base import Answer, Request

ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
WeekDays = Annotated[
    list[Annotated[int, Field(ge=0, le=6)]],
    Field(min_length=1, max_length=7, description="0: Monday"),
]


class AlertHours(Request):
    """Opening hours in the organisation's time zone."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    days: WeekDays
    from_: Annotated[ClockTime, Field(alias="from")]
    to: ClockTime


class ThresholdTrigger(Request):
    """Fires when a figure over the last minutes is beyond a limit."""

    kind: Literal["threshold"]
    metric: Literal["service_level", "longest_wait", "abandonment_rate", "offered"]
    comparison: Literal["below", "above"]
    limit: Annotated[float, Field(allow_inf_nan=False, description="Percent, seconds or contacts")]
    window_minutes: int
    cool_down_minutes: int = 60
    hours: AlertHours | None = None


class DailyTrigger(Request):
    """Sends the figures of the day, or of the day before, at a time of day."""

    kind: Literal["daily"]
    at: ClockTime
    days: WeekDays = [0, 1, 2, 3, 4, 5, 6]
    yesterday: bool = False


AlertTrigger = Annotated[ThresholdTrigger | DailyTrigger, Field(discriminator="kind")]


class NewAlert(Request):
    """A rule as it is to be; `queue` is a queue's id, key or name, empty for all."""

    queue: Annotated[str, Field(max_length=256)] = ""
    trigger: AlertTrigger


class AlertVersion(Request):
    """The version of the rule that the caller saw."""

    version: Annotated[int, Field(ge=1)]


class OwnSubscription(Request):
    """Whether the caller has the alert sent to their chat with the bot, for how many minutes they
    want quiet (0 ends the quiet), and the language they read (such as `de-DE`)."""

    subscribed: bool
    quiet_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 0
    language: Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] = ""


class AlertSubscription(Answer):
    """The caller's own subscription."""

    quiet_until: AwareDatetime | None


class Alert(Answer):
    """A rule, how it stands, and who hears of it."""

    id: str
    version: int
    queue: str
    queue_name: Annotated[str | None, Field(description="None for all queues")]
    trigger: AlertTrigger
    beyond_since: AwareDatetime | None
    fired_at: AwareDatetime | None
    places: Annotated[int, Field(description="To how many chats and channels it is sent")]
    own: AlertSubscription | None


class AlertList(Answer):
    """The organisation's alerts, oldest first."""

    alerts: list[Alert]
