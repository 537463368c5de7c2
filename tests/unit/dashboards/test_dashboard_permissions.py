"""Who sees which figures, names and contacts: every role against every question."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.access.model import Role
from portal.domain.audit.model import Action
from portal.domain.contacts.model import Outcome
from portal.domain.contacts.ports import Batch
from portal.domain.dashboards.model import Asked, Grain, MetricName
from portal.domain.dashboards.ranges import Span
from portal.domain.shared.errors import Forbidden, InvalidInput, NotFound
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import ANA, BEN, CASEY, SERVICE, abandoned, contact, record
from tests.fakes.world import World, opened

ASKED = Asked(NOON_MS, NOON_MS + 3_600_000)
EVERYBODY = set(Role) - {Role.SECURITY_RESPONDER, Role.REPORTER}
SEE_CONTACTS = {
    Role.SUPERVISOR,
    Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE,
    Role.PRIVACY_OFFICER,
}
SEE_AGENTS = SEE_CONTACTS | {Role.MANAGING_PARTNER}
ACR = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        records = [
            record(contact(customer=CASEY), id="r-1"),
            record(contact(agent=BEN, queue=SERVICE), id="r-2"),
            record(abandoned(wait_ms=90_000), id="r-3"),
        ]
        for source in ("alpha", "beta"):
            await services.contacts.ingest(services.tenant, Batch(source, records), now_ms=NOON_MS)
        yield services


async def contacts(world: World, actor: Any, **how: Any) -> Any:
    asked = {"metric": None, "outcomes": frozenset[Outcome](), "agent": None, "cursor": None}
    return await world.dashboards.contacts(ASKED, actor=actor, limit=50, **asked | how)


Question = Callable[[World, Any], Awaitable[object]]
QUESTIONS: dict[str, tuple[set[Role], Question]] = {
    "summary": (EVERYBODY, lambda w, a: w.dashboards.summary(ASKED, actor=a)),
    "series": (EVERYBODY, lambda w, a: w.dashboards.series(ASKED, Grain.HOUR, actor=a)),
    "queues": (EVERYBODY, lambda w, a: w.dashboards.queues(ASKED, actor=a)),
    "queue_choices": (EVERYBODY, lambda w, a: w.dashboards.queue_choices(actor=a)),
    "reconcile": (EVERYBODY, lambda w, a: w.dashboards.reconcile(ASKED, actor=a)),
    "revision": (EVERYBODY, lambda w, a: w.dashboards.revision(actor=a)),
    "tag": (EVERYBODY, lambda w, a: w.dashboards.tag("q", Span(0, 1), actor=a)),
    "agents": (SEE_AGENTS | {Role.AGENT}, lambda w, a: w.dashboards.agents(ASKED, actor=a)),
    "contacts": (SEE_CONTACTS, contacts),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_roles_are_answered_what_they_may_see(world: World, name: str) -> None:
    allowed, question = QUESTIONS[name]
    for role in Role:
        if role in allowed:
            await question(world, world.actor(role))
        else:
            with pytest.raises(Forbidden):
                await question(world, world.actor(role))


@pytest.mark.parametrize("name", QUESTIONS)
async def test_an_unknown_organisation_is_not_found(world: World, name: str) -> None:
    stranger = replace(world.actor(), organization="cove", organizations=("cove",))
    with pytest.raises(NotFound):
        await QUESTIONS[name][1](world, stranger)


async def test_an_agent_sees_their_own_row_of_their_own_source(world: World) -> None:
    mine = await world.dashboards.agents(ASKED, actor=world.actor(Role.AGENT, alpha="ana"))
    assert [(row.source, row.name) for row in mine] == [("alpha", "Ana Example")]
    every = await world.dashboards.agents(ASKED, actor=world.actor())
    assert mine[0] in every
    assert len(every) == 4
    none = await world.dashboards.agents(ASKED, actor=world.actor(Role.AGENT))
    assert none == ()
    assert await world.dashboards.agents(ASKED, actor=world.actor(Role.AGENT, alpha="zoe")) == ()


async def test_a_partner_sees_figures_of_agents_without_names(world: World) -> None:
    more = [record(contact(agent=ANA), id=f"ana-{n}") for n in range(7)]
    more += [record(contact(agent=BEN), id=f"ben-{n}") for n in range(6)]
    await world.contacts.ingest(world.tenant, Batch("alpha", more), now_ms=NOON_MS)
    rows = await world.dashboards.agents(ASKED, actor=world.actor(Role.MANAGING_PARTNER))
    assert len(rows) == 2
    assert {row.name for row in rows} == {None}
    assert "Ana" not in repr(rows)


@pytest.mark.parametrize("role", sorted(SEE_CONTACTS))
async def test_contacts_show_customers_masked_and_the_look_is_audited(
    world: World, role: Role
) -> None:
    found = await contacts(world, world.actor(role))
    assert found.total == 6
    assert {row.customer for row in found.rows} == {"••• 101"}
    assert {row.agent for row in found.rows} == {"Ana Example", "Ben Example", None}
    assert "2025550101" not in repr(found)
    assert "Casey" not in repr(found)
    entries = [one async for one in world.audit.entries(world.tenant.partition)]
    assert (entries[-1].action, entries[-1].facts) == (Action.CONTACTS_VIEWED, {"shown": 6})


async def test_explaining_contacts_are_for_those_who_may_see_contacts(tmp_path: Path) -> None:
    async with opened(tmp_path, sources=SOURCES) as world:
        await world.contacts.ingest(
            world.tenant,
            Batch("amazon-connect", [record(abandoned(wait_ms=1_000))]),
            now_ms=NOON_MS,
        )
        for role in EVERYBODY:
            figures = await world.dashboards.reconcile(ASKED, actor=world.actor(role))
            if role is Role.MANAGING_PARTNER:
                assert figures == ()
                continue
            [figure] = figures
            assert figure.explained_total == 1
            assert len(figure.explained_by) == (role in SEE_CONTACTS)


async def test_tags_differ_by_role_question_and_revision(world: World) -> None:
    span = Span(0, 1)
    tags = {await world.dashboards.tag("q", span, actor=world.actor(role)) for role in EVERYBODY}
    tags |= {await world.dashboards.tag("other", span, actor=world.actor())}
    tags |= {await world.dashboards.tag("q", Span(0, 2), actor=world.actor())}
    tags |= {await world.dashboards.tag("q", span, actor=world.actor(Role.AGENT, alpha="ana"))}
    assert len(tags) == len(EVERYBODY) + 3
    again = await world.dashboards.tag("q", span, actor=world.actor())
    assert again in tags
    await world.contacts.ingest(world.tenant, Batch("alpha", [record(id="r-9")]), now_ms=NOON_MS)
    assert await world.dashboards.tag("q", span, actor=world.actor()) != again


@pytest.mark.parametrize("queue", ["q99", "q0", "q", "", "q1 ", "Nowhere", "q" + "9" * 30, "é"])
async def test_an_unknown_queue_is_not_found(world: World, queue: str) -> None:
    with pytest.raises(NotFound):
        await world.dashboards.summary(ASKED._replace(queues=(queue,)), actor=world.actor())


async def test_a_queue_is_known_by_id_key_and_name_in_any_case(world: World) -> None:
    for name in ("Sales", "sales", "SALES", "q-sales"):
        asked = ASKED._replace(queues=(name,))
        summary = await world.dashboards.summary(asked, actor=world.actor())
        assert summary.metrics[MetricName.OFFERED].value == 4
    choices = await world.dashboards.queue_choices(actor=world.actor())
    one = next(c for c in choices if (c.source, c.name) == ("alpha", "Sales"))
    summary = await world.dashboards.summary(ASKED._replace(queues=(one.id,)), actor=world.actor())
    assert summary.metrics[MetricName.OFFERED].value == 2


@pytest.mark.parametrize("agent", ["a", "x1", "1", "a-1", "a" + "9" * 10, "a1.5"])
async def test_an_agent_id_that_is_none_is_not_found(world: World, agent: str) -> None:
    with pytest.raises(NotFound):
        await contacts(world, world.actor(), agent=agent)


async def test_an_unknown_metric_and_a_foreign_cursor_are_refused(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        await contacts(world, world.actor(), metric="happiness")
    assert set(refused.value.fields) == {"metric"}
    with pytest.raises(InvalidInput):
        await contacts(world, world.actor(), cursor="9" * 30 + "-1")


async def test_reconciliation_takes_at_most_a_month(world: World) -> None:
    asked = ASKED._replace(to_ms=NOON_MS + 32 * 25 * 3_600_000)
    with pytest.raises(InvalidInput) as refused:
        await world.dashboards.reconcile(asked, actor=world.actor(ACR))
    assert set(refused.value.fields) == {"from"}
