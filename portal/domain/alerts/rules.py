"""What a rule may say, when its figure is beyond it, when it fires. Pure functions.

An episode begins when the figure goes beyond the limit and ends when it comes back; a rule fires
once in an episode. Within the cool-down behind a firing no new episode begins.
"""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.domain.alerts.model import (
    AlertMetric,
    Comparison,
    Daily,
    Hours,
    Rule,
    Scope,
    Standing,
    Threshold,
    Trigger,
)
from portal.domain.shared.errors import InvalidInput

DAY_MINUTES = 24 * 60
SHORTEST_WINDOW, LONGEST_WINDOW = 5, DAY_MINUTES
LONGEST_COOL_DOWN = 7 * DAY_MINUTES
LONGEST_SNOOZE_MINUTES = 7 * DAY_MINUTES
LONGEST_WAIT_S = 24 * 3600
MOST_CONTACTS = 1_000_000
DAILY_GRACE_MINUTES = 6 * 60
"""A daily message that could not be made for so long is left out: it would be of no use."""
STALE_MS = 60 * 60 * 1000
"""Figures whose newest contact is older say nothing of the present."""
LIMITS = {
    AlertMetric.SERVICE_LEVEL: 100.0,
    AlertMetric.ABANDONMENT_RATE: 100.0,
    AlertMetric.LONGEST_WAIT: float(LONGEST_WAIT_S),
    AlertMetric.OFFERED: float(MOST_CONTACTS),
}


def check(trigger: Trigger) -> None:
    """Raises InvalidInput naming every field that is out of its bounds."""
    wrong = _wrong_daily(trigger) if isinstance(trigger, Daily) else _wrong_threshold(trigger)
    if wrong:
        raise InvalidInput("The alert has fields that are out of bounds.", fields=wrong)


def _wrong_daily(daily: Daily) -> dict[str, str]:
    wrong = {}
    if not 0 <= daily.at_minute < DAY_MINUTES:
        wrong["at"] = "a time of day such as 08:30"
    if not _are_days(daily.days):
        wrong["days"] = "one to seven different week days, 0 (Monday) to 6"
    return wrong


def _wrong_threshold(rule: Threshold) -> dict[str, str]:
    wrong = {}
    most = LIMITS[rule.metric]
    if not 0 <= rule.limit <= most:
        wrong["limit"] = f"a number from 0 to {most:g}"
    if not SHORTEST_WINDOW <= rule.window_minutes <= LONGEST_WINDOW:
        wrong["window_minutes"] = f"{SHORTEST_WINDOW} to {LONGEST_WINDOW} minutes"
    if not 0 <= rule.cool_down_minutes <= LONGEST_COOL_DOWN:
        wrong["cool_down_minutes"] = f"0 to {LONGEST_COOL_DOWN} minutes"
    hours = rule.hours
    if hours and not (
        _are_days(hours.days) and 0 <= hours.from_minute < hours.to_minute <= DAY_MINUTES
    ):
        wrong["hours"] = "week days, and a start before the end of the same day"
    return wrong


def _are_days(days: tuple[int, ...]) -> bool:
    return 1 <= len(days) == len(set(days)) and all(0 <= day <= 6 for day in days)


def is_beyond(rule: Threshold, value: float) -> bool:
    """Whether the figure is on the wrong side of the limit; equal is not beyond."""
    return value < rule.limit if rule.comparison is Comparison.BELOW else value > rule.limit


def is_open(hours: Hours | None, now_ms: int, time_zone: str) -> bool:
    """Whether the local time lies in the hours; no hours are always open."""
    if hours is None:
        return True
    local = _local(now_ms, time_zone)
    minute = local.hour * 60 + local.minute
    return local.weekday() in hours.days and hours.from_minute <= minute < hours.to_minute


def after_threshold(
    rule: Threshold, standing: Standing, *, beyond: bool | None, now_ms: int
) -> tuple[Standing, bool]:
    """How the rule stands now and whether it fires. `beyond` None: the figure is not known, which
    changes nothing."""
    if beyond is None or beyond == standing.breached:
        return standing, False
    if not beyond:
        return standing._replace(breached=False, changed_at_ms=now_ms), False
    if standing.episode and now_ms - standing.fired_at_ms < rule.cool_down_minutes * 60_000:
        return standing, False
    begun = standing._replace(
        breached=True, episode=standing.episode + 1, changed_at_ms=now_ms, fired_at_ms=now_ms
    )
    return begun, True


def after_daily(
    rule: Daily, standing: Standing, *, now_ms: int, time_zone: str
) -> tuple[Standing, bool]:
    """As `after_threshold` for a daily rule: once a local day, at its minute or, when nobody was
    there, up to DAILY_GRACE_MINUTES after it."""
    local = _local(now_ms, time_zone)
    today, minute = local.date().toordinal(), local.hour * 60 + local.minute
    if standing.last_day >= today or minute < rule.at_minute:
        return standing, False
    spoken = standing._replace(last_day=today)
    late = minute - rule.at_minute >= DAILY_GRACE_MINUTES
    if late or local.weekday() not in rule.days:
        return spoken, False
    return spoken._replace(episode=standing.episode + 1, fired_at_ms=now_ms), True


def at_first(trigger: Trigger, *, now_ms: int, time_zone: str) -> Standing:
    """How a new rule stands: a daily one whose minute is past begins tomorrow."""
    if isinstance(trigger, Daily):
        local = _local(now_ms, time_zone)
        if local.hour * 60 + local.minute >= trigger.at_minute:
            return Standing(last_day=local.date().toordinal())
    return Standing()


def fires_alike(one: Rule, other: Rule) -> bool:
    """Whether the same figures fire both: they differ in opening hours and cool-down at most."""
    first, second = one.trigger, other.trigger
    if isinstance(first, Threshold) and isinstance(second, Threshold):
        second = second._replace(hours=first.hours, cool_down_minutes=first.cool_down_minutes)
    return one.queue == other.queue and first == second


def after_change(
    before: Rule, after: Rule, standing: Standing, *, now_ms: int, time_zone: str
) -> Standing:
    """How a rule stands that was changed. What fires it otherwise now begins anew, behind its last
    episode, whose messages have their keys; the cool-down of a figure goes on."""
    if fires_alike(before, after):
        return standing
    begun = at_first(after.trigger, now_ms=now_ms, time_zone=time_zone)
    lasts = isinstance(before.trigger, Threshold) and isinstance(after.trigger, Threshold)
    fired_at_ms = standing.fired_at_ms if lasts else 0
    return begun._replace(episode=standing.episode, changed_at_ms=now_ms, fired_at_ms=fired_at_ms)


def subscription_id(rule: str, conversation: str) -> str:
    """One subscription for a rule and a conversation."""
    return hashlib.sha256(f"{rule}|{conversation}".encode()).hexdigest()[:32]


def delivery_id(rule: str, episode: int, subscription: str) -> str:
    """The key of a message: the same cause gives the same key."""
    return f"{rule}-{episode}-{subscription}"


def conversation_id(teams_id: str) -> str:
    """Our id of a conversation of Teams; a thread of a channel is that channel."""
    return hashlib.sha256(teams_id.split(";", 1)[0].encode()).hexdigest()[:32]


def is_shared(scope: Scope) -> bool:
    """Whether others read along."""
    return scope is not Scope.PERSONAL


def _local(now_ms: int, time_zone: str) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, ZoneInfo(time_zone))
