from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal.domain.alerts import rules
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

ZONE = "Europe/London"
LOW = Threshold(AlertMetric.SERVICE_LEVEL, Comparison.BELOW, 80, 15, 60)
HOUR_MS = 3_600_000


def at(text: str, zone: str = ZONE) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("value", "comparison", "beyond"),
    [
        (79.9, Comparison.BELOW, True),
        (80, Comparison.BELOW, False),
        (80, Comparison.ABOVE, False),
        (80.1, Comparison.ABOVE, True),
    ],
)
def test_equal_is_not_beyond(value: float, comparison: Comparison, beyond: bool) -> None:
    assert rules.is_beyond(LOW._replace(comparison=comparison), value) is beyond


def test_a_rule_fires_once_an_episode() -> None:
    standing, fires = rules.after_threshold(LOW, Standing(), beyond=True, now_ms=1000)
    assert fires
    assert (standing.breached, standing.episode, standing.fired_at_ms) == (True, 1, 1000)
    assert rules.after_threshold(LOW, standing, beyond=True, now_ms=2000) == (standing, False)


def test_the_next_episode_waits_for_the_cool_down() -> None:
    fired = Standing(breached=True, episode=1, changed_at_ms=0, fired_at_ms=0)
    calm, fires = rules.after_threshold(LOW, fired, beyond=False, now_ms=60_000)
    assert (calm.breached, fires) == (False, False)
    soon = rules.after_threshold(LOW, calm, beyond=True, now_ms=HOUR_MS - 1)
    assert soon == (calm, False)
    later, fires = rules.after_threshold(LOW, calm, beyond=True, now_ms=HOUR_MS)
    assert fires
    assert later.episode == 2


@pytest.mark.parametrize("breached", [True, False])
def test_an_unknown_figure_changes_nothing(breached: bool) -> None:
    standing = Standing(breached=breached, episode=3)
    assert rules.after_threshold(LOW, standing, beyond=None, now_ms=9) == (standing, False)


@pytest.mark.parametrize(
    ("time", "is_open"),
    [
        ("2026-10-28T08:59", False),
        ("2026-10-28T09:00", True),
        ("2026-10-28T16:59", True),
        ("2026-10-28T17:00", False),
        ("2026-10-31T12:00", False),
    ],
)
def test_hours_are_local_and_end_before_their_end(time: str, is_open: bool) -> None:
    hours = Hours((0, 1, 2, 3, 4), 9 * 60, 17 * 60)
    assert rules.is_open(hours, at(time), ZONE) is is_open
    assert rules.is_open(None, at(time), ZONE)


def spoken(rule: Daily, times: list[str]) -> list[str]:
    """The times at which the rule speaks, asked at each of them in turn."""
    standing, found = Standing(), []
    for time in times:
        standing, fires = rules.after_daily(rule, standing, now_ms=at(time), time_zone=ZONE)
        if fires:
            found.append(time)
    return found


def test_a_daily_rule_speaks_once_a_day_from_its_minute_on() -> None:
    times = [
        "2026-10-27T08:29",
        "2026-10-27T08:30",
        "2026-10-27T08:31",
        "2026-10-28T00:00",
        "2026-10-28T09:10",
    ]
    assert spoken(Daily(8 * 60 + 30), times) == ["2026-10-27T08:30", "2026-10-28T09:10"]


def test_a_daily_rule_that_nobody_looked_at_in_time_waits_for_the_next_day() -> None:
    assert spoken(Daily(8 * 60), ["2026-10-27T14:00", "2026-10-27T14:01", "2026-10-28T08:00"]) == [
        "2026-10-28T08:00"
    ]


def test_a_daily_rule_keeps_to_its_week_days() -> None:
    weekdays = Daily(8 * 60, (0, 1, 2, 3, 4))
    times = [f"2026-10-{day}T08:00" for day in (23, 24, 25, 26)]
    assert spoken(weekdays, times) == ["2026-10-23T08:00", "2026-10-26T08:00"]


def test_the_hour_that_comes_twice_speaks_once_and_the_missing_one_is_not_missed() -> None:
    assert spoken(Daily(90), ["2026-10-25T01:30", "2026-10-25T02:30"]) == ["2026-10-25T01:30"]
    again = at("2026-10-25T01:30") + HOUR_MS
    standing = Standing(last_day=datetime(2026, 10, 25, tzinfo=ZoneInfo(ZONE)).toordinal())
    assert not rules.after_daily(Daily(90), standing, now_ms=again, time_zone=ZONE)[1]
    assert spoken(Daily(90), ["2026-03-29T00:59", "2026-03-29T02:00"]) == ["2026-03-29T02:00"]


def test_a_new_daily_rule_whose_minute_is_past_begins_tomorrow() -> None:
    now = at("2026-10-28T14:00")
    first = rules.at_first(Daily(8 * 60), now_ms=now, time_zone=ZONE)
    assert not rules.after_daily(Daily(8 * 60), first, now_ms=now, time_zone=ZONE)[1]
    assert rules.at_first(Daily(15 * 60), now_ms=now, time_zone=ZONE) == Standing()
    assert rules.at_first(LOW, now_ms=now, time_zone=ZONE) == Standing()


@pytest.mark.parametrize(
    ("trigger", "fields"),
    [
        (LOW._replace(limit=100.1), {"limit"}),
        (LOW._replace(limit=-1), {"limit"}),
        (LOW._replace(limit=float("nan")), {"limit"}),
        (LOW._replace(window_minutes=4), {"window_minutes"}),
        (LOW._replace(window_minutes=1441), {"window_minutes"}),
        (LOW._replace(cool_down_minutes=-1), {"cool_down_minutes"}),
        (LOW._replace(hours=Hours((0,), 60, 60)), {"hours"}),
        (LOW._replace(hours=Hours((), 60, 90)), {"hours"}),
        (LOW._replace(hours=Hours((0, 0), 60, 90)), {"hours"}),
        (LOW._replace(limit=-1, window_minutes=0), {"limit", "window_minutes"}),
        (Daily(1440), {"at"}),
        (Daily(0, ()), {"days"}),
        (Daily(0, (7,)), {"days"}),
    ],
)
def test_every_field_out_of_bounds_is_named(trigger: Trigger, fields: set[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.check(trigger)
    assert set(refused.value.fields) == fields


@pytest.mark.parametrize(
    "trigger",
    [
        LOW,
        LOW._replace(metric=AlertMetric.LONGEST_WAIT, limit=86_400),
        LOW._replace(metric=AlertMetric.OFFERED, limit=1_000_000),
        LOW._replace(hours=Hours((0, 6), 0, 1440)),
        Daily(0),
        Daily(1439, (6,), yesterday=True),
    ],
)
def test_what_is_within_bounds_is_taken(trigger: Trigger) -> None:
    rules.check(trigger)


RULE = Rule("r", "q1", LOW, 1, "sofia.lindqvist", 0)
STANDS = Standing(True, 3, 1000, 900, 5)


@pytest.mark.parametrize(
    ("change", "begins_anew"),
    [
        ({"trigger": LOW._replace(cool_down_minutes=5)}, False),
        ({"trigger": LOW._replace(hours=Hours((0,), 0, 60))}, False),
        ({"trigger": LOW._replace(limit=81)}, True),
        ({"trigger": LOW._replace(comparison=Comparison.ABOVE)}, True),
        ({"trigger": LOW._replace(window_minutes=16)}, True),
        ({"trigger": LOW._replace(metric=AlertMetric.OFFERED)}, True),
        ({"queue": "q2"}, True),
    ],
)
def test_a_changed_rule_begins_anew_when_other_figures_fire_it(
    change: dict[str, object], *, begins_anew: bool
) -> None:
    after = RULE._replace(**change)  # type: ignore[arg-type]
    stands = rules.after_change(RULE, after, STANDS, now_ms=2000, time_zone=ZONE)
    anew = Standing(False, 3, 2000, 900)
    assert stands == (anew if begins_anew else STANDS)


def test_a_rule_that_becomes_daily_speaks_today_when_its_minute_is_to_come() -> None:
    now_ms = at("2026-10-28T14:00")
    for minute, day in ((13 * 60, datetime(2026, 10, 28).toordinal()), (15 * 60, 0)):  # noqa: DTZ001
        after = RULE._replace(trigger=Daily(minute))
        stands = rules.after_change(RULE, after, STANDS, now_ms=now_ms, time_zone=ZONE)
        assert stands == Standing(False, 3, now_ms, 0, day)
        back = rules.after_change(after, RULE, stands, now_ms=now_ms, time_zone=ZONE)
        assert back == Standing(False, 3, now_ms, 0)


def test_the_same_cause_gives_the_same_message_key() -> None:
    rule = Rule("r", "", LOW, 1, "p", 0)
    assert rules.delivery_id(rule.id, 4, "s") == rules.delivery_id(rule.id, 4, "s")
    assert len({rules.delivery_id(rule.id, n, s) for n in range(3) for s in "ab"}) == 6
    assert rules.subscription_id("r", "c") != rules.subscription_id("r", "d")


def test_a_thread_is_its_channel() -> None:
    channel = rules.conversation_id("19:abc@thread.tacv2")
    assert rules.conversation_id("19:abc@thread.tacv2;messageid=1698") == channel
    assert rules.conversation_id("19:abd@thread.tacv2") != channel


def test_only_the_personal_chat_is_not_shared() -> None:
    assert [scope for scope in Scope if not rules.is_shared(scope)] == [Scope.PERSONAL]
