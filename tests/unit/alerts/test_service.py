from dataclasses import replace

import pytest

from portal.domain.access.model import Holding, Permission
from portal.domain.access.model import Scope as AccessScope
from portal.domain.alerts.activities import Replayed
from portal.domain.alerts.model import ALL_QUEUES, Daily, Listener, Scope
from portal.domain.alerts.service import MOST_RULES, MOST_SUBSCRIPTIONS
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.alerts.helpers import BUSY, NEVER, chat, heard, listen

KEY = "0" * 64


async def test_a_rule_is_listed_with_its_queue_and_how_it_stands(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    rule = await services.alerts.create("claims", BUSY, actor=sofia)
    (listed,) = await services.alerts.all(actor=sofia)
    assert (listed.rule, listed.queue_name) == (rule, "Claims")
    assert (listed.standing.episode, listed.subscriptions, listed.own) == (0, (), None)
    assert await services.alerts.get(rule.id, actor=sofia) == listed


async def test_other_organisations_do_not_see_it(services: Services) -> None:
    rule, _ = await heard(services)
    grace = await centre.actor(services, "grace.osei")
    assert await services.alerts.all(actor=grace) == ()
    with pytest.raises(NotFound):
        await services.alerts.remove(rule.id, actor=grace)
    with pytest.raises(NotFound):
        await services.alerts.subscribe(rule.id, Listener(chat("grace")), actor=grace)


@pytest.mark.parametrize(
    ("person", "sees", "manages"),
    [
        ("sofia.lindqvist", True, True),
        ("oliver.bright", True, True),
        ("ruth.engel", True, False),
        ("amira.khan", False, False),
        ("hana.novak", False, False),
        ("tomas.silva", False, False),
        ("luca.moretti", False, False),
    ],
)
async def test_roles_decide_who_sees_and_who_makes_alerts(
    services: Services, person: str, sees: bool, manages: bool
) -> None:
    actor = await centre.actor(services, person)
    for may, call in (
        (sees, lambda: services.alerts.all(actor=actor)),
        (manages, lambda: services.alerts.create(ALL_QUEUES, BUSY, actor=actor)),
    ):
        if may:
            await call()
        else:
            with pytest.raises(Forbidden):
                await call()


async def test_malformed_and_unknown_is_refused(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    with pytest.raises(InvalidInput):
        await services.alerts.create("", BUSY._replace(limit=-1), actor=sofia)
    with pytest.raises(NotFound):
        await services.alerts.create("no such queue", BUSY, actor=sofia)
    with pytest.raises(NotFound):
        await services.alerts.remove("unknown", actor=sofia)
    assert await services.alerts.all(actor=sofia) == ()


async def test_removing_ends_the_subscriptions(services: Services) -> None:
    rule, subscription = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.remove(rule.id, actor=sofia, version=1)
    assert await services.alerts.all(actor=sofia) == ()
    with pytest.raises(NotFound):
        await services.alerts.subscription(subscription.id, actor=sofia)


async def test_another_version_is_not_removed(services: Services) -> None:
    rule, _ = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    with pytest.raises(Conflict):
        await services.alerts.remove(rule.id, actor=sofia, version=2)
    assert len(await services.alerts.all(actor=sofia)) == 1


async def test_the_own_chat_is_where_alerts_go_by_default(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    rule = await services.alerts.create("", BUSY, actor=sofia)
    with pytest.raises(Conflict) as refused:
        await services.alerts.subscribe(rule.id, None, actor=sofia)
    assert refused.value.code == "no-chat"
    await services.conversations.remember(chat("sofia"), actor=sofia)
    made = await services.alerts.subscribe(rule.id, None, actor=sofia)
    assert made.conversation == chat("sofia").id
    assert await services.alerts.subscribe(rule.id, None, actor=sofia) == made
    (listed,) = await services.alerts.all(actor=sofia)
    assert listed.own == made


async def test_where_others_read_along_it_takes_the_right_to_manage(services: Services) -> None:
    rule, _ = await heard(services)
    reads = Holding("g", "own", frozenset({Permission.DASHBOARDS_VIEW, Permission.ALERTS_VIEW}))
    ruth = replace(await centre.actor(services, "ruth.engel"), holdings=(reads,))
    assert await listen(services, rule, ruth, chat("ruth"))
    with pytest.raises(Forbidden):
        await listen(services, rule, ruth, chat("team", Scope.CHANNEL))


async def test_who_sees_no_identities_is_told_no_moments(services: Services) -> None:
    rule, _ = await heard(services)
    ruth = await centre.actor(services, "ruth.engel")
    with pytest.raises(Forbidden):
        await listen(services, rule, ruth, chat("ruth"))


async def test_alerts_reach_as_far_as_the_dashboards(services: Services) -> None:
    rule, _ = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    (watched, *others) = [one.id for one in await services.dashboards.queue_choices(actor=sofia)]
    everything = await services.alerts.all(actor=sofia)
    for queues, seen in ((frozenset({watched}), [watched]), (frozenset(others), others)):
        narrow = tuple(replace(one, scope=AccessScope(queues=queues)) for one in sofia.holdings)
        limited = replace(sofia, holdings=narrow)
        listed = await services.alerts.all(actor=limited)
        assert [one.rule.queue for one in listed] == [
            one.rule.queue for one in everything if one.rule.queue in seen
        ]
        with pytest.raises(Forbidden):
            await services.alerts.create("", rule.trigger, actor=limited)
        if rule.queue not in seen:
            with pytest.raises(NotFound):
                await services.alerts.remove(rule.id, actor=limited)


async def test_nobody_touches_the_subscription_of_another_chat(services: Services) -> None:
    _, subscription = await heard(services)
    oliver = await centre.actor(services, "oliver.bright")
    for call in (
        services.alerts.snooze(subscription.id, 60, actor=oliver),
        services.alerts.unsubscribe(subscription.id, actor=oliver),
        services.alerts.subscription(subscription.id, actor=oliver),
    ):
        with pytest.raises(NotFound):
            await call


async def test_a_channel_is_in_the_hands_of_those_who_manage(services: Services) -> None:
    _, subscription = await heard(services, where=chat("team", Scope.CHANNEL))
    ruth = await centre.actor(services, "ruth.engel")
    with pytest.raises(Forbidden):
        await services.alerts.snooze(subscription.id, 60, actor=ruth)
    oliver = await centre.actor(services, "oliver.bright")
    assert (await services.alerts.snooze(subscription.id, 60, actor=oliver)).version == 2
    await services.alerts.unsubscribe(subscription.id, actor=oliver)


async def test_quiet_lasts_as_long_as_asked_and_can_be_ended(
    services: Services, clock: StandingClock
) -> None:
    _, subscription = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    quiet = await services.alerts.snooze(subscription.id, 60, actor=sofia, version=1)
    assert quiet.snoozed_until_ms == clock.now + 3_600_000
    with pytest.raises(Conflict):
        await services.alerts.snooze(subscription.id, 0, actor=sofia, version=1)
    assert (await services.alerts.snooze(subscription.id, 0, actor=sofia)).snoozed_until_ms == 0
    with pytest.raises(InvalidInput):
        await services.alerts.snooze(subscription.id, 7 * 24 * 60 + 1, actor=sofia)


async def test_the_same_activity_has_its_effect_once(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.create("", NEVER, actor=sofia, once=KEY)
    with pytest.raises(Replayed):
        await services.alerts.create("", NEVER, actor=sofia, once=KEY)
    assert len(await services.alerts.all(actor=sofia)) == 1
    with pytest.raises(Replayed):
        await services.activities.claim(KEY, "harbour")
    await services.activities.claim("1" * 64, "harbour")


async def test_a_claim_is_forgotten_after_a_day(services: Services, clock: StandingClock) -> None:
    await services.activities.claim(KEY, "harbour")
    clock.pass_time(seconds=24 * 3600)
    await services.activities.claim(KEY, "harbour")


async def test_there_are_not_more_rules_and_places_than_may_be(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    rule = await services.alerts.create("", Daily(0), actor=sofia)
    for number in range(MOST_SUBSCRIPTIONS):
        await listen(services, rule, sofia, chat(f"c{number}", Scope.GROUP))
    with pytest.raises(Conflict) as refused:
        await listen(services, rule, sofia, chat("one more", Scope.GROUP))
    assert refused.value.code == "too-many"
    for _ in range(MOST_RULES - 1):
        await services.alerts.create("", Daily(0), actor=sofia)
    with pytest.raises(Conflict) as refused:
        await services.alerts.create("", Daily(0), actor=sofia)
    assert refused.value.code == "too-many"


async def test_changes_are_in_the_audit_trail(services: Services) -> None:
    rule, subscription = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.snooze(subscription.id, 60, actor=sofia)
    await services.alerts.unsubscribe(subscription.id, actor=sofia)
    await services.alerts.remove(rule.id, actor=sofia)
    tenancy = await services.directory.get("harbour")
    actions = [one.action async for one in services.audit.entries(tenancy.partition)]
    assert actions[-6:] == [
        "alert.created",
        "bot.installed",
        "alert.subscribed",
        "alert.snoozed",
        "alert.unsubscribed",
        "alert.removed",
    ]
    assert await services.audit.first_break(tenancy.partition) is None
