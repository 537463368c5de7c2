import asyncio

import pytest

from portal.domain.alerts.documents import DELIVERY, RULE, STANDING
from portal.domain.alerts.evaluation import Looked
from portal.domain.alerts.model import AlertMetric, Comparison, Daily, Hours, Scope, Threshold
from portal.domain.dashboards.model import Asked, MetricName
from portal.domain.shared.documents import Create, Document
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.alerts.helpers import BUSY, NEVER, chat, heard, listen

MINUTE = 60


async def messages(services: Services, organization: str = "harbour") -> tuple[Document, ...]:
    tenancy = await services.directory.get(organization)
    return (await services.documents.query(tenancy.partition, DELIVERY)).documents


async def test_a_rule_beyond_its_limit_makes_a_message_for_each_who_hears(
    services: Services, clock: StandingClock
) -> None:
    rule, first = await heard(services)
    oliver = await centre.actor(services, "oliver.bright")
    second = await listen(services, rule, oliver, chat("oliver"))
    assert await services.evaluation.look() == Looked(1)
    made = await messages(services)
    assert {one.body["subscription"] for one in made} == {first.id, second.id}
    assert {one.id for one in made} == {f"{rule.id}-1-{first.id}", f"{rule.id}-1-{second.id}"}
    (listed,) = await services.alerts.all(actor=oliver)
    assert listed.standing.breached
    assert listed.standing.fired_at_ms == clock.now


async def test_the_figure_is_the_dashboards_own(services: Services) -> None:
    await heard(services)
    await services.evaluation.look()
    figure = (await messages(services))[0].body["figure"]
    sofia = await centre.actor(services, "sofia.lindqvist")
    summary = await services.dashboards.summary(
        Asked(figure["from_ms"], figure["to_ms"]), actor=sofia
    )
    assert figure["value"] == summary.metrics[MetricName.OFFERED].value
    assert figure["to_ms"] - figure["from_ms"] == 15 * MINUTE * 1000
    assert figure["as_of_ms"] == summary.freshness.as_of_ms


async def test_it_fires_once_however_often_and_by_however_many_it_is_looked_at(
    services: Services, clock: StandingClock
) -> None:
    await heard(services)
    looks = await asyncio.gather(*(services.evaluation.look() for _ in range(8)))
    assert sum(one.fired for one in looks) == 1
    clock.pass_time(seconds=MINUTE)
    assert await services.evaluation.look() == Looked(0)
    assert len(await messages(services)) == 1


async def test_a_rule_within_its_limit_writes_nothing(services: Services) -> None:
    rule, _ = await heard(services, NEVER)
    tenancy = await services.directory.get("harbour")
    before = await services.documents.get(tenancy.partition, STANDING, rule.id)
    assert await services.evaluation.look() == Looked(0)
    assert await services.documents.get(tenancy.partition, STANDING, rule.id) == before


async def test_figures_too_old_for_the_present_say_nothing(
    services: Services, clock: StandingClock
) -> None:
    await heard(services)
    clock.pass_time(seconds=2 * 3600)
    assert await services.evaluation.look() == Looked(0)
    assert await messages(services) == ()


async def test_a_figure_that_cannot_be_derived_says_nothing(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    slow = Threshold(AlertMetric.LONGEST_WAIT, Comparison.BELOW, 86_400, 1440)
    rule = await services.alerts.create("Bristol branch", slow, actor=sofia)
    await listen(services, rule, sofia, chat("sofia"))
    assert await services.evaluation.look() == Looked(0)


async def test_a_closed_centre_is_not_beyond_its_limits(services: Services) -> None:
    await heard(services, BUSY._replace(hours=Hours((5, 6), 0, 1440)))
    assert await services.evaluation.look() == Looked(0)
    await heard(services, BUSY._replace(hours=Hours((2,), 0, 1440)))
    assert await services.evaluation.look() == Looked(1)


async def test_a_removed_rule_is_not_looked_at(services: Services) -> None:
    rule, _ = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.remove(rule.id, actor=sofia)
    assert await services.evaluation.look() == Looked(0)


async def test_organisations_are_looked_at_each_for_itself(services: Services) -> None:
    grace = await centre.actor(services, "grace.osei")
    rule = await services.alerts.create("", BUSY, actor=grace)
    await listen(services, rule, grace, chat("grace"))
    assert await services.evaluation.look() == Looked(1)
    assert len(await messages(services, "juniper")) == 1
    assert await messages(services) == ()


@pytest.mark.parametrize("yesterday", [False, True])
async def test_a_daily_rule_tells_of_its_day(
    services: Services, clock: StandingClock, yesterday: bool
) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    rule = await services.alerts.create("", Daily(14 * 60 + 30, yesterday=yesterday), actor=sofia)
    await listen(services, rule, sofia, chat("team", Scope.GROUP))
    assert await services.evaluation.look() == Looked(0)
    clock.pass_time(seconds=30 * MINUTE)
    assert await services.evaluation.look() == Looked(1)
    assert await services.evaluation.look() == Looked(0)
    figure = (await messages(services))[0].body["figure"]
    length = figure["to_ms"] - figure["from_ms"]
    assert length == (24 if yesterday else 14.5) * 3_600_000


async def test_a_rule_that_cannot_be_read_keeps_no_other_from_firing(services: Services) -> None:
    tenancy = await services.directory.get("harbour")
    broken = {"queue": "", "trigger": {"kind": "threshold"}, "version": 1}
    await services.documents.batch(tenancy.partition, [Create(RULE, "0", broken)])
    await heard(services)
    looked = await services.evaluation.look()
    assert (looked.fired, [type(one) for one in looked.failures]) == (1, [KeyError])


async def test_how_a_rule_stands_is_kept_from_somebody_blind(services: Services) -> None:
    await heard(services)
    await services.evaluation.look()
    ruth = await centre.actor(services, "ruth.engel")
    (listed,) = await services.alerts.all(actor=ruth)
    assert not listed.standing.breached
    assert listed.standing.fired_at_ms == listed.standing.changed_at_ms == 0
