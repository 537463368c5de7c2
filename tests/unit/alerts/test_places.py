import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from portal.domain.access.model import Actor, Person, Role
from portal.domain.access.rules import act, holding
from portal.domain.alerts.activities import Replayed
from portal.domain.alerts.documents import PLACE
from portal.domain.alerts.model import Conversation, Place, Scope
from portal.domain.alerts.places import Kept
from portal.domain.shared.errors import Conflict, Forbidden, NotFound
from portal.domain.shared.fields import faults
from portal.wiring import Services
from tests.fakes import centre
from tests.unit.alerts.helpers import heard, places

TEAM = Conversation("team", Scope.CHANNEL, "tenant", {"conversation": "team", "version": 1})
BOTH = Person(
    "both",
    "Bo Thamber",
    {"harbour": (holding(Role.SUPERVISOR),), "juniper": (holding(Role.SUPERVISOR),)},
)
PARTNER = Person(
    "partner",
    "P",
    {"harbour": (holding(Role.SUPERVISOR),), "juniper": (holding(Role.MANAGING_PARTNER),)},
)


async def bound(services: Services) -> Kept:
    """The team, which Harbour Lane's figures are told in and one of its alerts is sent to."""
    await heard(services, where=TEAM)
    await places(services).bind("team", Place("harbour", "en"))
    return await kept(services)


async def kept(services: Services) -> Kept:
    found = await places(services).of("team")
    assert found is not None
    return found


async def told(services: Services, code: str, *actions: str) -> list[tuple[str, str, Any]]:
    """What the trail of an organisation says of these."""
    tenancy = await services.directory.get(code)
    assert await services.audit.first_break(tenancy.partition) is None
    found = [one async for one in services.audit.entries(tenancy.partition)]
    return [(one.action, one.actor, dict(one.facts)) for one in found if one.action in actions]


async def heard_in_team(services: Services) -> int:
    sofia = await centre.actor(services, "sofia.lindqvist")
    return sum(len(one.subscriptions) for one in await services.alerts.all(actor=sofia))


async def test_a_place_is_whose_was_first(services: Services) -> None:
    binds = (places(services).bind("c", Place(of, "en")) for of in ("harbour", "juniper"))
    first, second = await asyncio.gather(*binds)
    found = await places(services).of("c")
    assert found is not None
    assert first == second == found.place
    assert faults(PLACE) == []


async def test_who_manages_alerts_releases_it_and_what_was_sent_there_ends(
    services: Services,
) -> None:
    version = (await bound(services)).version
    sofia = await centre.actor(services, "sofia.lindqvist")
    assert await places(services).release("team", actor=sofia, version=version) == 1
    assert await places(services).of("team") is None
    assert await heard_in_team(services) == 0
    entries = await told(services, "harbour", "place.released")
    assert entries == [("place.released", "sofia.lindqvist", {"moved": False, "subscriptions": 1})]
    juniper = Place("juniper", "en")
    assert await places(services).bind("team", juniper) == juniper


async def test_who_manages_alerts_in_both_moves_it_and_both_trails_say_so(
    services: Services,
) -> None:
    version = (await bound(services)).version
    actor, to = act(BOTH, "harbour"), act(BOTH, "juniper")
    assert await places(services).move("team", to, actor=actor, version=version) == 1
    assert (await kept(services)).place == Place("juniper", "en")
    assert await heard_in_team(services) == 0
    assert await told(services, "harbour", "place.released", "place.taken") == [
        ("place.released", "both", {"moved": True, "subscriptions": 1})
    ]
    assert await told(services, "juniper", "place.released", "place.taken") == [
        ("place.taken", "both", {})
    ]


@pytest.mark.parametrize(
    ("actor", "to"),
    [
        (act(PARTNER, "harbour"), act(PARTNER, "juniper")),
        (act(PARTNER, "juniper"), act(PARTNER, "harbour")),
    ],
)
async def test_managing_alerts_in_one_of_both_is_not_enough_to_move_it(
    services: Services, actor: Actor, to: Actor
) -> None:
    before = await bound(services)
    with pytest.raises(Forbidden):
        await places(services).move("team", to, actor=actor, version=before.version)
    assert await kept(services) == before
    assert await heard_in_team(services) == 1


async def test_others_change_nothing(services: Services) -> None:
    before = await bound(services)
    amira, grace = [await centre.actor(services, one) for one in ("amira.khan", "grace.osei")]
    sofia, here = await centre.actor(services, "sofia.lindqvist"), places(services)
    with pytest.raises(Forbidden):
        await here.release("team", actor=amira, version=before.version)
    with pytest.raises(NotFound):
        await here.release("team", actor=grace, version=before.version)
    with pytest.raises(NotFound):
        await here.release("elsewhere", actor=sofia, version=before.version)
    with pytest.raises(NotFound):  # somebody else's right in the other organisation
        await here.move("team", grace, actor=sofia, version=before.version)
    with pytest.raises(NotFound):
        await here.move("team", sofia, actor=sofia, version=before.version)
    assert await kept(services) == before


async def test_a_stale_version_changes_nothing(services: Services) -> None:
    old = await bound(services)
    there, back = act(BOTH, "juniper"), act(BOTH, "harbour")
    await places(services).move("team", there, actor=back, version=old.version)
    newer = (await kept(services)).version
    await places(services).move("team", back, actor=there, version=newer)
    before = await kept(services)
    assert before.place == old.place
    with pytest.raises(Conflict):
        await places(services).release("team", actor=back, version=old.version)
    assert await kept(services) == before


async def test_of_two_who_change_it_at_once_one_does(services: Services) -> None:
    version = (await bound(services)).version
    actor, to = act(BOTH, "harbour"), act(BOTH, "juniper")
    here = places(services)
    changes = [
        here.move("team", to, actor=actor, version=version),
        here.release("team", actor=actor, version=version),
    ]
    outcome = await asyncio.gather(*changes, return_exceptions=True)
    assert sum(isinstance(one, int) for one in outcome) == 1
    assert sum(isinstance(one, Conflict | NotFound) for one in outcome) == 1
    assert len(await told(services, "harbour", "place.released")) == 1


async def test_a_press_that_comes_again_changes_it_once(services: Services) -> None:
    first = await bound(services)
    actor, to, key = act(BOTH, "harbour"), act(BOTH, "juniper"), "c" * 64
    here = places(services)
    await here.move("team", to, actor=actor, version=first.version, once=key)
    with pytest.raises(Replayed):
        await here.move("team", to, actor=actor, version=first.version, once=key)
    assert len(await told(services, "juniper", "place.taken")) == 1


@pytest.mark.parametrize("batches", [1, 2, 3, 4])
async def test_a_move_whose_process_ended_is_finished_by_the_next_to_look(
    services: Services, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    version = (await bound(services)).version
    actor, to = act(BOTH, "harbour"), act(BOTH, "juniper")
    write, done = services.documents.batch, 0

    async def batch(partition: str, writes: Sequence[Any]) -> None:
        nonlocal done
        if done == batches:
            raise centre.Killed
        done += 1
        await write(partition, writes)

    with monkeypatch.context() as patch:
        patch.setattr(services.documents, "batch", batch)
        if batches < 4:
            with pytest.raises(centre.Killed):
                await places(services).move("team", to, actor=actor, version=version)
        else:
            await places(services).move("team", to, actor=actor, version=version)
    assert not await services.conversations.is_told("harbour", "team")
    assert (await kept(services)).place == Place("juniper", "en")
    assert await heard_in_team(services) == 0
    assert len(await told(services, "harbour", "place.released")) == 1
    assert len(await told(services, "juniper", "place.taken")) == 1


async def test_an_alert_is_not_sent_where_another_organisations_figures_are_told(
    services: Services,
) -> None:
    await heard(services, where=TEAM)
    await services.evaluation.look()
    await places(services).bind("team", Place("juniper", "en"))
    teams = centre.Ledger()
    outcome = await services.sending(teams, centre.PlainComposer()).send()
    assert (outcome.sent, outcome.dropped, outcome.failures) == (0, 1, ())
    assert teams.visible == {}
    assert await heard_in_team(services) == 0
