"""Saved views: whose they are, who shares them with whom, and that they show nobody more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.domain.access.model import Actor, Board, Role, Scope
from portal.domain.audit.model import Action
from portal.domain.contacts.model import Channel, Direction
from portal.domain.dashboards.model import Definition, MetricName
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.domain.views.model import Filters, Preset, Tile, TileKind, Wanted
from portal.domain.views.service import MOST_OWN
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock

PLAIN = Wanted("Mornings", Board.OVERVIEW, Filters(), (), ())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return centre.filled(tmp_path_factory.mktemp("views"))


@pytest.fixture
async def services(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Services]:
    clock = StandingClock(centre.NOW_MS)
    built = await centre.services(centre.copied(template, tmp_path), clock, monkeypatch)
    yield built
    await built.close()


async def queues(services: Services, actor: Actor) -> list[str]:
    return [one.id for one in await services.dashboards.queue_choices(actor=actor)]


def limited(actor: Actor, *seen: str) -> Actor:
    """The same person, seeing these queues only."""
    scope = Scope(queues=frozenset(seen))
    return replace(actor, holdings=tuple(replace(one, scope=scope) for one in actor.holdings))


async def test_everything_of_a_view_comes_back(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    (first, *_) = await queues(services, sofia)
    wanted = Wanted(
        "Mornings",
        Board.QUEUES,
        Filters(
            Preset.LAST_7_DAYS,
            (first,),
            (Channel.VOICE,),
            (Direction.INBOUND,),
            Definition.POSITIVE,
            12.5,
        ),
        (MetricName.SERVICE_LEVEL, MetricName.OFFERED),
        (Tile(TileKind.KPI, 4, MetricName.SERVICE_LEVEL), Tile(TileKind.QUEUES, 12)),
        "agent",
    )
    id = await services.views.save(wanted, actor=sofia)
    listed = await services.views.get(id, actor=sofia)
    assert (listed.view.wanted, listed.own, listed.role_title) == (wanted, True, "Agent")


async def test_a_private_view_is_nobody_elses(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    id = await services.views.save(PLAIN, actor=sofia)
    for slug in ("amira.khan", "oliver.bright", "grace.osei"):
        other = await centre.actor(services, slug)
        assert await services.views.all(actor=other) == ()
        for call in (
            services.views.get(id, actor=other),
            services.views.change(id, PLAIN, version=1, actor=other),
            services.views.remove(id, version=1, actor=other),
        ):
            with pytest.raises(NotFound):
                await call


async def test_a_shared_view_is_that_roles_and_its_owners_to_change(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    amira = await centre.actor(services, "amira.khan")
    hana = await centre.actor(services, "hana.novak")
    id = await services.views.save(PLAIN._replace(role="agent"), actor=sofia)
    assert [one.own for one in await services.views.all(actor=amira)] == [False]
    assert await services.views.all(actor=hana) == ()
    with pytest.raises(NotFound):
        await services.views.change(id, PLAIN, version=1, actor=amira)
    with pytest.raises(Forbidden):
        await services.views.save(PLAIN._replace(role="agent"), actor=amira)
    await services.views.change(id, PLAIN, version=1, actor=sofia)
    assert await services.views.all(actor=amira) == ()
    with pytest.raises(Conflict):
        await services.views.change(id, PLAIN, version=1, actor=sofia)


async def test_who_decides_about_access_takes_shared_ones_down(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    oliver = await centre.actor(services, "oliver.bright")
    acr = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE
    id = await services.views.save(PLAIN._replace(role=acr), actor=sofia)
    (listed,) = await services.views.all(actor=oliver)
    assert (listed.own, listed.may_remove) == (False, True)
    await services.views.remove(id, version=1, actor=oliver)
    assert await services.views.all(actor=sofia) == ()


async def test_a_view_shows_nobody_a_queue_they_do_not_see(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    amira = await centre.actor(services, "amira.khan")
    first, second, *_ = await queues(services, sofia)
    both = PLAIN._replace(filters=Filters(queues=(first, second)), role="agent")
    one = PLAIN._replace(filters=Filters(queues=(second,)), role="agent")
    kept = await services.views.save(both, actor=sofia)
    await services.views.save(one, actor=sofia)
    (listed,) = await services.views.all(actor=limited(amira, first))
    assert (listed.view.id, listed.view.wanted.filters.queues) == (kept, (first,))
    with pytest.raises(InvalidInput) as refused:
        await services.views.save(one._replace(role=""), actor=limited(amira, first))
    assert set(refused.value.fields) == {"filters.queues"}


async def test_a_view_opens_no_dashboard_that_grants_keep_closed(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    amira = await centre.actor(services, "amira.khan")
    await services.views.save(PLAIN._replace(board=Board.CONTACTS, role="agent"), actor=sofia)
    assert await services.views.all(actor=amira) == ()
    with pytest.raises(InvalidInput):
        await services.views.save(PLAIN._replace(board=Board.CONTACTS), actor=amira)
    with pytest.raises(InvalidInput):
        await services.views.save(PLAIN._replace(role="nothing"), actor=sofia)


async def test_every_change_is_in_the_trail_and_titles_are_not(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    tenancy = await services.directory.get("harbour")
    wanted = PLAIN._replace(title="Quokka canary")
    id = await services.views.save(wanted, actor=sofia)
    await services.views.change(id, wanted, version=1, actor=sofia)
    await services.views.remove(id, version=2, actor=sofia)
    entries = [one async for one in services.audit.entries(tenancy.partition)][-3:]
    assert [(one.action, one.actor, one.target) for one in entries] == [
        (action, "sofia.lindqvist", id)
        for action in (Action.VIEW_SAVED, Action.VIEW_CHANGED, Action.VIEW_REMOVED)
    ]
    assert "Quokka" not in repr(entries)


async def test_there_is_an_end_to_them(services: Services) -> None:
    amira = await centre.actor(services, "amira.khan")
    for _ in range(MOST_OWN):
        await services.views.save(PLAIN, actor=amira)
    with pytest.raises(Conflict):
        await services.views.save(PLAIN, actor=amira)
    tomas = await centre.actor(services, "tomas.silva")
    with pytest.raises(Forbidden):
        await services.views.all(actor=tomas)
