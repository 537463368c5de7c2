"""Roles and grants: who may change what, in which order, with which trace."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from portal.domain.access import reach
from portal.domain.access.book import Book
from portal.domain.access.directory import Directory
from portal.domain.access.documents import OWN_TENANT
from portal.domain.access.granting import OUTSIDERS, OWN, Alter, Recast, Take
from portal.domain.access.grants import DAY_MS, Holder, HolderKind, ReviewTerms, State, Words
from portal.domain.access.looking import Newcomer
from portal.domain.access.management import Management
from portal.domain.access.model import Board, Permission, Role
from portal.domain.access.shelf import OWN_TENANT_ID, Shelf
from portal.domain.audit.model import Action
from portal.domain.audit.service import Audit
from portal.domain.shared.documents import Create
from portal.domain.shared.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StepUpRequired,
)
from portal.domain.standing.export import Part
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.access.helpers import (
    ACR,
    AMIRA,
    MP,
    OLIVER,
    RUTH,
    SOFIA,
    WHY,
    give,
    terms,
    trail,
    version,
    who,
)

YEAR_MS = 365 * DAY_MS
UNIVERSE = reach.Universe(["q1", "q2"], ["voice", "chat"])


class TestWhoMayManage:
    @pytest.mark.parametrize("slug", [SOFIA, AMIRA, "hana.novak", "tomas.silva"])
    async def test_others_do_not_enter(self, services: Services, slug: str) -> None:
        actor = await who(services, slug)
        management = services.management
        for call in (
            management.roles(actor=actor),
            management.grants(actor=actor),
            management.people(actor=actor),
            management.due(actor=actor),
            management.matrix(actor=actor),
            management.effective(OLIVER, UNIVERSE, actor=actor),
            management.simulate([], UNIVERSE, actor=actor),
            management.grant(Newcomer(AMIRA), terms("agent"), WHY, actor=actor),
            management.alter("local-amira.khan", terms("agent"), WHY, version=1, actor=actor),
            management.revoke("local-amira.khan", version=1, actor=actor),
            management.confirm([("local-amira.khan", 1)], actor=actor),
            management.create_role("Viewer", frozenset(), actor=actor),
            management.set_agent_keys(AMIRA, {}, version=1, actor=actor),
        ):
            with pytest.raises(Forbidden):
                await call

    async def test_a_change_asks_for_a_recent_second_factor(
        self, services: Services, clock: StandingClock
    ) -> None:
        actor = await who(services, OLIVER)
        for proved in (None, actor.proved_at_s - 601 if actor.proved_at_s else None):
            with pytest.raises(StepUpRequired):
                await services.management.revoke(
                    "local-amira.khan", version=1, actor=replace(actor, proved_at_s=proved)
                )
        await services.management.revoke("local-amira.khan", version=1, actor=actor)

    async def test_anybody_may_know_their_own(self, services: Services) -> None:
        amira = await who(services, AMIRA)
        told = await services.management.effective(AMIRA, UNIVERSE, actor=amira)
        assert told.reach.permissions[Permission.AGENTS_VIEW_OWN] == ("local-amira.khan",)


class TestNobodyRaisesThemselves:
    @pytest.mark.parametrize("slug", [OLIVER, RUTH, "luca.moretti"])
    async def test_own_grants_stay(self, services: Services, slug: str) -> None:
        actor = await who(services, slug)
        own, management = f"local-{slug}", services.management
        for call in (
            management.alter(own, terms("supervisor"), WHY, version=1, actor=actor),
            management.revoke(own, version=1, actor=actor),
            management.grant(Newcomer(slug), terms("supervisor"), WHY, actor=actor),
        ):
            with pytest.raises(Forbidden):
                await call

    async def test_nobody_confirms_their_own_but_the_only_one_who_could(
        self, services: Services
    ) -> None:
        for slug in (RUTH, "luca.moretti"):
            with pytest.raises(Forbidden):
                await services.management.confirm(
                    [(f"local-{slug}", 1)], actor=await who(services, slug)
                )
        oliver = await who(services, OLIVER)
        await services.management.confirm([(f"local-{OLIVER}", 1)], actor=oliver)
        await give(services, AMIRA, terms(ACR))
        with pytest.raises(Forbidden):
            await services.management.confirm([(f"local-{OLIVER}", 2)], actor=oliver)

    async def test_nor_by_way_of_a_group_of_theirs(self, services: Services) -> None:
        group = "0a1b2c3d-0000-4000-8000-000000000001"
        actor = replace(await who(services, OLIVER), groups=frozenset({group}))
        await _with_tenant(services)
        with pytest.raises(Forbidden):
            await services.management.grant(
                Holder(HolderKind.GROUP, group), terms("agent"), WHY, actor=actor
            )

    async def test_nor_by_way_of_a_role_they_hold(self, services: Services) -> None:
        oliver = await who(services, OLIVER)
        role = await services.management.create_role("Viewer", frozenset(), actor=oliver)
        await give(services, AMIRA, terms(ACR))
        await give(services, OLIVER, terms(role), by=AMIRA)
        with pytest.raises(Forbidden):
            await services.management.change_role(
                role,
                "Viewer",
                frozenset({Permission.IMPORTS_CREATE}),
                version=1,
                actor=await who(services, OLIVER),
            )

    async def test_nobody_gives_what_they_do_not_hold(self, services: Services) -> None:
        for role in (ACR, MP, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.OPERATOR):
            with pytest.raises(Forbidden):
                await give(services, AMIRA, terms(role, until_ms=YEAR_MS + centre.NOW_MS), by=RUTH)
        await give(services, SOFIA, terms(Role.AGENT), by=RUTH)
        until = centre.NOW_MS + DAY_MS
        for role in set(Role) - {Role.OPERATOR}:
            with pytest.raises(Forbidden):
                await give(services, AMIRA, terms(role, until_ms=until), by="luca.moretti")
        await give(services, SOFIA, terms(Role.OPERATOR), by="luca.moretti")

    async def test_nor_farther_than_they_hold_it(self, services: Services) -> None:
        await give(services, AMIRA, terms(ACR, queues=["q1"]))
        await give(
            services, SOFIA, terms("supervisor", queues=["q1"], channels=["voice"]), by=AMIRA
        )
        for wider in (terms("supervisor"), terms("agent", queues=["q1", "q2"])):
            with pytest.raises(Forbidden):
                await give(services, SOFIA, wider, by=AMIRA)

    async def test_a_partner_narrows_but_does_not_widen(self, services: Services) -> None:
        ruth = await who(services, RUTH)
        narrowed = terms("supervisor", queues=["q1"])
        id = "local-sofia.lindqvist"
        await services.management.alter(id, narrowed, WHY, version=1, actor=ruth)
        with pytest.raises(Forbidden):
            await services.management.alter(id, terms("supervisor"), WHY, version=2, actor=ruth)
        for protected in (OLIVER, "hana.novak", "luca.moretti"):
            with pytest.raises(Forbidden):
                await services.management.revoke(f"local-{protected}", version=1, actor=ruth)


class TestPartners:
    async def test_are_let_in_by_representatives_for_a_time(self, services: Services) -> None:
        with pytest.raises(InvalidInput) as refused:
            await give(services, AMIRA, terms(MP))
        assert set(refused.value.fields) == {"expires_at"}
        with pytest.raises(InvalidInput):
            await give(services, AMIRA, terms(MP, until_ms=centre.NOW_MS + 367 * DAY_MS))
        id = await give(services, AMIRA, terms(MP, until_ms=centre.NOW_MS + DAY_MS))
        assert (await who(services, AMIRA)).is_blind
        oliver = await who(services, OLIVER)
        await services.management.revoke(id, version=1, actor=oliver)
        assert not (await who(services, AMIRA)).is_blind

    async def test_come_as_persons(self, services: Services) -> None:
        await _with_tenant(services)
        group = Holder(HolderKind.GROUP, "0a1b2c3d-0000-4000-8000-000000000001")
        wanted = terms(MP, until_ms=centre.NOW_MS + DAY_MS)
        with pytest.raises(InvalidInput):
            await services.management.grant(group, wanted, WHY, actor=await who(services, OLIVER))

    async def test_give_nothing_to_people_of_elsewhere(self, services: Services) -> None:
        tenant = await _with_tenant(services)
        ruth = await who(services, RUTH)
        elsewhere = Newcomer("", "9" * 8 + "-0000-4000-8000-000000000001", "1" * 36, "Else")
        with pytest.raises(Forbidden):
            await services.management.grant(elsewhere, terms("agent"), WHY, actor=ruth)
        here = Newcomer("", tenant, "2" * 36, "Here")
        assert await services.management.grant(here, terms("agent"), WHY, actor=ruth)

    async def test_change_nothing_of_people_of_elsewhere(self, services: Services) -> None:
        await _with_tenant(services)
        elsewhere = Newcomer("", "9" * 8 + "-0000-4000-8000-000000000001", "1" * 36, "Else")
        id = await services.management.grant(
            elsewhere, terms("agent", queues=["q1"]), WHY, actor=await who(services, OLIVER)
        )
        ruth = await who(services, RUTH)
        with pytest.raises(Forbidden):
            await services.management.alter(id, terms("agent"), WHY, version=1, actor=ruth)
        wider = Alter(id, terms("agent"), WHY, 1)
        simulated = await services.management.simulate([wider], UNIVERSE, actor=ruth)
        assert (simulated.refused, simulated.differences) == (OUTSIDERS, ())
        _, listed = await services.management.grants(actor=ruth)
        (shown,) = [one for one in listed if one.grant.id == id]
        assert shown.rights == (OUTSIDERS, True, False)
        with pytest.raises(Forbidden):
            await services.management.confirm([(id, 1)], actor=ruth)
        await services.management.revoke(id, version=1, actor=ruth)

    async def test_one_blind_grant_makes_all_blind(self, services: Services) -> None:
        await give(services, SOFIA, terms(MP, until_ms=centre.NOW_MS + DAY_MS))
        sofia = await who(services, SOFIA)
        assert sofia.is_blind
        assert set(sofia.roles) == {MP, Role.SUPERVISOR}
        assert not sofia.permissions & {Permission.CONTACTS_VIEW, Permission.IDENTITIES_VIEW}

    async def test_take_nothing_along_whatever_else_they_hold(self, services: Services) -> None:
        await give(services, AMIRA, terms(ACR))
        assert Permission.ORGANIZATION_EXPORT in (await who(services, AMIRA)).permissions
        await give(services, AMIRA, terms(MP, until_ms=centre.NOW_MS + DAY_MS))
        amira = await who(services, AMIRA)
        assert ACR in amira.roles
        for part in Part:
            with pytest.raises(Forbidden):
                await services.export.take(part, actor=amira)

    async def test_read_no_incidents_whatever_else_they_hold(self, services: Services) -> None:
        await give(services, SOFIA, terms(Role.SECURITY_RESPONDER))
        assert Permission.INCIDENTS_HANDLE in (await who(services, SOFIA)).permissions
        id = await give(services, SOFIA, terms(MP, until_ms=centre.NOW_MS + DAY_MS))
        sofia = await who(services, SOFIA)
        assert Permission.INCIDENTS_HANDLE not in sofia.permissions
        assert Permission.INCIDENTS_COUNT in sofia.permissions
        with pytest.raises(Forbidden):
            await services.handling.export(actor=sofia)
        oliver = await who(services, OLIVER)
        await services.management.revoke(id, version=1, actor=oliver)
        assert await services.handling.export(actor=await who(services, SOFIA)) == ()

    async def test_of_development_are_let_in_for_a_time_too(self, services: Services) -> None:
        _, listed = await services.management.grants(actor=await who(services, OLIVER))
        ends = {one.grant.holder.id: one.grant.terms.expires_at_ms for one in listed}
        assert ends.pop(RUTH) == centre.NOW_MS + 366 * DAY_MS
        assert set(ends.values()) == {None}

    async def test_do_not_pass_an_outsider_off_as_one_of_the_customers_own(
        self, services: Services
    ) -> None:
        tenant = await _with_tenant(services)
        ruth = await who(services, RUTH)
        twice = Newcomer("somebody-of-elsewhere", tenant, "1" * 36, "Else")
        with pytest.raises(InvalidInput):
            await services.management.grant(twice, terms("agent"), WHY, actor=ruth)


class TestLastRepresentative:
    async def test_stays_whatever_another_tries(self, services: Services) -> None:
        await give(services, AMIRA, terms(ACR, until_ms=centre.NOW_MS + DAY_MS))
        amira = await who(services, AMIRA)
        id = f"local-{OLIVER}"
        management = services.management
        for call in (
            management.revoke(id, version=1, actor=amira),
            management.alter(id, terms("agent"), WHY, version=1, actor=amira),
            management.alter(id, terms(ACR, queues=["q1"]), WHY, version=1, actor=amira),
            management.alter(
                id, terms(ACR, until_ms=centre.NOW_MS + DAY_MS), WHY, version=1, actor=amira
            ),
        ):
            with pytest.raises(Conflict) as refused:
                await call
            assert refused.value.code == "last-representative"
        await give(services, SOFIA, terms(ACR))
        await management.revoke(id, version=1, actor=await who(services, SOFIA))

    async def test_two_who_remove_each_other_leave_one(self, services: Services) -> None:
        made = await give(services, AMIRA, terms(ACR))
        amira, oliver = await who(services, AMIRA), await who(services, OLIVER)
        done = await asyncio.gather(
            services.management.revoke(f"local-{OLIVER}", version=1, actor=amira),
            services.management.revoke(made, version=1, actor=oliver),
            return_exceptions=True,
        )
        assert sum(one is None for one in done) == 1
        assert sum(isinstance(one, Conflict) for one in done) == 1

    async def test_does_not_lapse_while_nobody_else_could_confirm(
        self, services: Services, clock: StandingClock
    ) -> None:
        clock.pass_time(seconds=200 * DAY_MS / 1000)
        oliver = await who(services, OLIVER)
        terms_, due = await services.management.due(actor=oliver)
        states = {one.grant.holder.id: one.state for one in due}
        assert states.pop(OLIVER) is State.OVERDUE
        assert set(states.values()) == {State.LAPSED}
        assert terms_.days == 90
        person = await services.people.find(AMIRA)
        assert person is not None
        assert not person.holdings
        own = next(one for one in due if one.grant.holder.id == OLIVER)
        assert (own.rights.why_not, own.rights.may_confirm) == (OWN, True)
        await services.management.confirm(
            [(one.grant.id, one.grant.version) for one in due], actor=oliver
        )
        person = await services.people.find(AMIRA)
        assert person is not None
        assert person.organizations == ("harbour",)


class TestReview:
    async def test_overdue_shows_before_it_lapses(
        self, services: Services, clock: StandingClock
    ) -> None:
        seen = []
        for days in (75, 2, 14, 13, 2):
            clock.pass_time(seconds=days * DAY_MS / 1000)
            _, due = await services.management.due(actor=await who(services, OLIVER))
            state = {one.grant.holder.id: one.state for one in due}.get(AMIRA)
            person = await services.people.find(AMIRA)
            seen.append((state, bool(person and person.holdings)))
        assert seen == [
            (None, True),
            (State.ACTIVE, True),
            (State.OVERDUE, True),
            (State.LAPSED, False),
            (State.LAPSED, False),
        ]

    async def test_the_matrix_is_exported_with_a_trace(self, services: Services) -> None:
        _, rows = await services.management.matrix(actor=await who(services, OLIVER))
        assert len(rows) == 7
        entry = (await trail(services))[-1]
        assert (entry.action, entry.actor) == (Action.ACCESS_EXPORTED, OLIVER)


class TestConcurrency:
    async def test_fifty_grants_at_once_are_all_there_in_some_order(
        self, services: Services
    ) -> None:
        before = len(await trail(services))
        oliver = await who(services, OLIVER)
        revision = await services.management.revision(actor=oliver)
        ids = await asyncio.gather(
            *(give(services, AMIRA, terms("agent", queues=[f"q{n}"])) for n in range(50))
        )
        _, listed = await services.management.grants(actor=oliver, person=AMIRA)
        assert {one.grant.id for one in listed} == {*ids, "local-amira.khan"}
        assert await services.management.revision(actor=oliver) == revision + 50
        entries = (await trail(services))[before:]
        assert sorted(entry.target for entry in entries) == sorted(ids)
        tenancy = await services.directory.get("harbour")
        assert await services.audit.first_break(tenancy.partition) is None

    async def test_fifty_edits_of_one_version_leave_one(self, services: Services) -> None:
        oliver = await who(services, OLIVER)
        done = await asyncio.gather(
            *(
                services.management.alter(
                    "local-amira.khan",
                    terms("agent", queues=[f"q{n}"]),
                    WHY,
                    version=1,
                    actor=oliver,
                )
                for n in range(50)
            ),
            return_exceptions=True,
        )
        assert sum(one is None for one in done) == 1
        assert sum(isinstance(one, Conflict) for one in done) == 49
        assert await version(services, "local-amira.khan") == 2

    async def test_two_processes_lose_nothing_of_each_other(
        self, services: Services, clock: StandingClock
    ) -> None:
        other = await _other_process(services)
        ids = await asyncio.gather(
            *(
                give(one, AMIRA, terms("agent", queues=[f"q{n}{name}"]))
                for n in range(12)
                for name, one in (("a", services), ("b", other))
            )
        )
        clock.pass_time(seconds=6)
        for one in (services, other):
            person = await one.people.find(AMIRA)
            assert person is not None
            held = {holding.grant for holding in person.holdings["harbour"]}
            assert held == {*ids, "local-amira.khan"}


class TestWhatIsKept:
    async def test_words_and_names_are_sealed_and_not_in_the_trail(
        self, services: Services, tmp_path: Path
    ) -> None:
        oliver = await who(services, OLIVER)
        canary = "Quokka canary 7781"
        newcomer = Newcomer("", "1" * 36, "2" * 36, canary)
        await services.management.grant(newcomer, terms("agent"), Words(canary), actor=oliver)
        _, listed = await services.management.grants(actor=oliver)
        assert canary in {one.holder_name for one in listed}
        assert canary in {one.grant.words.reason for one in listed}
        assert canary not in repr(await trail(services))
        stored = b"".join(path.read_bytes() for path in _files(tmp_path))
        assert canary.encode() not in stored
        assert b"Amira Khan" not in stored

    async def test_every_change_is_in_the_trail(self, services: Services) -> None:
        oliver = await who(services, OLIVER)
        before, m = len(await trail(services)), services.management
        role = await m.create_role("Viewer", frozenset({Permission.DASHBOARDS_VIEW}), actor=oliver)
        await m.change_role(role, "Viewers", frozenset(), version=1, actor=oliver)
        id = await give(services, AMIRA, terms(role))
        await m.alter(id, terms(role, queues=["q1"]), WHY, version=1, actor=oliver)
        await m.confirm([(id, 2)], actor=oliver)
        await m.revoke(id, version=3, actor=oliver)
        await m.remove_role(role, version=2, actor=oliver)
        (amira,) = [one for one in await m.people(actor=oliver) if one.person_id == AMIRA]
        await m.set_agent_keys(AMIRA, {"genesys": "x"}, version=amira.version, actor=oliver)
        told = [(one.action, one.actor) for one in (await trail(services))[before:]]
        assert told == [
            (action, OLIVER)
            for action in (
                Action.ROLE_CREATED,
                Action.ROLE_CHANGED,
                Action.ACCESS_GRANTED,
                Action.ACCESS_CHANGED,
                Action.ACCESS_CONFIRMED,
                Action.ACCESS_REVOKED,
                Action.ROLE_REMOVED,
                Action.AGENT_KEYS_SET,
            )
        ]
        assert (await who(services, AMIRA)).agent_keys == {"genesys": "x"}


class TestRoles:
    async def test_role_management_is_for_built_in_roles(self, services: Services) -> None:
        oliver = await who(services, OLIVER)
        for one in (Permission.ACCESS_VIEW, Permission.ACCESS_MANAGE, Permission.ACCESS_DECIDE):
            with pytest.raises(InvalidInput):
                await services.management.create_role("Chief", frozenset({one}), actor=oliver)

    async def test_what_is_held_or_built_in_or_named_alike_stays(self, services: Services) -> None:
        oliver, m = await who(services, OLIVER), services.management
        role = await m.create_role("Viewer", frozenset(), actor=oliver)
        await give(services, AMIRA, terms(role))
        for call in (
            m.remove_role(role, version=1, actor=oliver),
            m.remove_role("agent", version=1, actor=oliver),
            m.create_role("viewer", frozenset(), actor=oliver),
            m.create_role("Supervisor", frozenset(), actor=oliver),
            m.change_role(role, "Viewer", frozenset(), version=2, actor=oliver),
        ):
            with pytest.raises(Conflict):
                await call
        with pytest.raises(NotFound):
            await m.remove_role("nothing", version=1, actor=oliver)

    async def test_a_changed_role_changes_everybody_who_holds_it(self, services: Services) -> None:
        oliver, m = await who(services, OLIVER), services.management
        role = await m.create_role("Viewer", frozenset(), actor=oliver)
        await give(services, "tomas.silva", terms(role))
        assert Permission.DASHBOARDS_VIEW not in (await who(services, "tomas.silva")).permissions
        view = frozenset({Permission.DASHBOARDS_VIEW})
        await m.change_role(role, "Viewer", view, version=1, actor=oliver)
        assert Permission.DASHBOARDS_VIEW in (await who(services, "tomas.silva")).permissions


class TestSimulation:
    async def test_says_who_gains_and_loses_and_stores_nothing(self, services: Services) -> None:
        oliver = await who(services, OLIVER)
        revision = await services.management.revision(actor=oliver)
        told = await services.management.simulate(
            [
                (Newcomer(AMIRA), terms("supervisor", queues=["q1"]), WHY),
                Alter(f"local-{SOFIA}", terms("supervisor", queues=["q2"]), WHY),
                Take("local-tomas.silva"),
            ],
            UNIVERSE,
            actor=oliver,
        )
        assert told.refused is None
        by_name = {one.name: one for one in told.differences}
        assert set(by_name) == {"Amira Khan", "Sofia Lindqvist", "Tomas Silva"}
        assert Permission.CONTACTS_VIEW in by_name["Amira Khan"].gains.permissions
        assert by_name["Amira Khan"].gains.boards == (Board.CONTACTS,)
        assert by_name["Amira Khan"].gains.details == ("agent_names", "customer_numbers")
        assert by_name["Sofia Lindqvist"].loses.queues == ("q1",)
        assert await services.management.revision(actor=oliver) == revision

    async def test_is_what_saving_then_does(self, services: Services) -> None:
        oliver, m = await who(services, OLIVER), services.management
        role = await m.create_role("Viewer", frozenset({Permission.DASHBOARDS_VIEW}), actor=oliver)
        await give(services, "tomas.silva", terms(role))
        wider = frozenset({Permission.DASHBOARDS_VIEW, Permission.CONTACTS_VIEW})
        told = await m.simulate([Recast(role, wider)], UNIVERSE, actor=oliver)
        (difference,) = told.differences
        before = await m.effective("tomas.silva", UNIVERSE, actor=oliver)
        await m.change_role(role, "Viewer", wider, version=1, actor=oliver)
        after = await m.effective("tomas.silva", UNIVERSE, actor=oliver)
        assert difference.gains == reach.more(after.reach, before.reach)
        assert difference.loses == reach.NOTHING

    async def test_tells_what_saving_would_be_refused_with(self, services: Services) -> None:
        told = await services.management.simulate(
            [Take(f"local-{OLIVER}")], UNIVERSE, actor=await who(services, RUTH)
        )
        assert told.refused is not None
        assert told.differences == ()


def _files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.db*"))


async def _with_tenant(services: Services) -> str:
    """Ties harbour to a Microsoft tenant."""
    tenant = "5" * 8 + "-0000-4000-8000-000000000001"
    tenancy = await services.directory.get("harbour")
    body = {"tenant_id": tenant}
    await services.documents.batch(tenancy.partition, [Create(OWN_TENANT, OWN_TENANT_ID, body)])
    services.management._shelf.forget("harbour")
    return tenant


async def _other_process(services: Services) -> Services:
    """The same store, with caches and turns of its own."""
    audit = Audit(services.documents, services.clock)
    shelf = Shelf(services.directory, services.documents, audit, services.clock, ReviewTerms())
    people = Directory(
        services.directory, services.documents, shelf, services.clock, lambda _, __: None
    )
    management = Management(
        organizations=services.directory,
        documents=services.documents,
        shelf=shelf,
        directory=people,
        audit=audit,
        clock=services.clock,
        ids=services.management._ids,
        proof_s=600,
    )
    return replace(services, audit=audit, people=people, management=management)


def test_a_book_knows_no_grant_of_nobody() -> None:
    book = Book(0, "", {}, {}, {}, ReviewTerms())
    assert book.holdings("somebody", ["group"], 0) == ((), None)
