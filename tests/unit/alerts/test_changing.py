from typing import Any

import pytest

from portal.domain.alerts.activities import Replayed
from portal.domain.alerts.documents import DELIVERY
from portal.domain.alerts.evaluation import Looked
from portal.domain.alerts.model import Daily, Dropped, Rule
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.alerts.helpers import BUSY, NEVER, heard


async def changed(services: Services, rule: Rule, **change: Any) -> Rule:
    """The rule, changed by its owner."""
    after = rule._replace(**change)
    sofia = await centre.actor(services, "sofia.lindqvist")
    return await services.alerts.change(
        rule.id, after.queue, after.trigger, actor=sofia, version=rule.version
    )


async def test_who_hears_of_it_stays_and_the_trail_says_who_changed_it(services: Services) -> None:
    rule, subscription = await heard(services)
    after = await changed(services, rule, queue="claims", trigger=Daily(480))
    sofia = await centre.actor(services, "sofia.lindqvist")
    (listed,) = await services.alerts.all(actor=sofia)
    assert listed.rule == after
    assert (after.version, listed.queue_name, listed.rule.trigger) == (2, "Claims", Daily(480))
    assert listed.subscriptions == (subscription,)
    tenancy = await services.directory.get("harbour")
    last = [one async for one in services.audit.entries(tenancy.partition)][-1]
    assert (last.action, last.actor, last.target) == ("alert.changed", "sofia.lindqvist", rule.id)


async def test_what_does_not_hold_changes_nothing(services: Services) -> None:
    rule, _ = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    ruth, grace = [await centre.actor(services, one) for one in ("ruth.engel", "grace.osei")]
    change = services.alerts.change
    with pytest.raises(Forbidden):
        await change(rule.id, "", NEVER, actor=ruth, version=1)
    with pytest.raises(NotFound):
        await change(rule.id, "", NEVER, actor=grace, version=1)
    with pytest.raises(NotFound):
        await change(rule.id, "nowhere", NEVER, actor=sofia, version=1)
    with pytest.raises(InvalidInput):
        await change(rule.id, "", NEVER._replace(limit=-1), actor=sofia, version=1)
    with pytest.raises(Conflict):
        await change(rule.id, "", NEVER, actor=sofia, version=2)
    (listed,) = await services.alerts.all(actor=sofia)
    assert listed.rule == rule


async def test_a_press_that_comes_again_changes_once(services: Services) -> None:
    rule, _ = await heard(services)
    sofia, once = await centre.actor(services, "sofia.lindqvist"), "f" * 64
    await services.alerts.change(rule.id, "", NEVER, actor=sofia, version=1, once=once)
    with pytest.raises(Conflict):
        await services.alerts.change(rule.id, "", NEVER, actor=sofia, version=1, once=once)
    with pytest.raises(Replayed):
        await services.alerts.change(rule.id, "", NEVER, actor=sofia, version=2, once=once)


async def test_another_limit_fires_anew_when_the_cool_down_has_passed(
    services: Services, clock: StandingClock
) -> None:
    rule, _ = await heard(services, BUSY._replace(cool_down_minutes=10))
    assert await services.evaluation.look() == Looked(1)
    await changed(services, rule, trigger=BUSY._replace(limit=2, cool_down_minutes=10))
    assert await services.evaluation.look() == Looked(0)
    clock.pass_time(seconds=600)
    assert await services.evaluation.look() == Looked(1)
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, DELIVERY)
    assert len(page.documents) == 2


async def test_other_hours_do_not_fire_what_was_told(
    services: Services, clock: StandingClock
) -> None:
    rule, _ = await heard(services)
    assert await services.evaluation.look() == Looked(1)
    await changed(services, rule, trigger=BUSY._replace(cool_down_minutes=0))
    clock.pass_time(seconds=60)
    assert await services.evaluation.look() == Looked(0)


@pytest.mark.parametrize(
    ("trigger", "sent"), [(BUSY._replace(limit=5), 0), (BUSY._replace(cool_down_minutes=5), 1)]
)
async def test_a_message_of_what_the_rule_was_before_is_not_sent(
    services: Services, clock: StandingClock, trigger: Any, sent: int
) -> None:
    rule, _ = await heard(services)
    assert await services.evaluation.look() == Looked(1)
    clock.pass_time(seconds=1)
    await changed(services, rule, trigger=trigger)
    teams = centre.Ledger()
    told = await services.sending(teams, centre.PlainComposer()).send()
    assert (told.sent, told.dropped, told.failures) == (sent, 1 - sent, ())
    tenancy = await services.directory.get("harbour")
    (one,) = (await services.documents.query(tenancy.partition, DELIVERY)).documents
    assert one.body["dropped"] == ("" if sent else Dropped.CHANGED)


async def test_who_looks_while_it_is_changed_fires_nothing_of_before(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, _ = await heard(services)
    summary = services.dashboards.summary

    async def meanwhile(*args: Any, **more: Any) -> Any:
        found = await summary(*args, **more)
        with monkeypatch.context():
            monkeypatch.setattr(services.dashboards, "summary", summary)
            await changed(services, rule, trigger=BUSY._replace(cool_down_minutes=1))
        return found

    monkeypatch.setattr(services.dashboards, "summary", meanwhile)
    assert await services.evaluation.look() == Looked(0)
    assert await services.evaluation.look() == Looked(1)
