"""Who somebody is: accounts, groups, guests, other tenants; break-glass; claiming."""

import asyncio
from dataclasses import replace

import pytest

from portal.domain.access.grants import GROUP_DAYS, Holder, HolderKind, Stage
from portal.domain.access.looking import Newcomer
from portal.domain.access.model import Actor, Claims, Permission, Role
from portal.domain.access.rules import account_id, acting_as, only_reports
from portal.domain.audit.model import Action
from portal.domain.incidents.model import Category, Report
from portal.domain.incidents.service import Reported
from portal.domain.organizations.model import Organization, Region
from portal.domain.shared.errors import Conflict, Forbidden, NotFound
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.unit.access.helpers import (
    ACR,
    AMIRA,
    OLIVER,
    RUTH,
    WHY,
    give,
    terms,
    trail,
    who,
)

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "bbbbbbbb-0000-4000-8000-000000000002"
GROUP = "cccccccc-0000-4000-8000-000000000003"
DAY_S = 24 * 3600


def claims(number: int, tenant: str = TENANT, **more: object) -> Claims:
    """What a token of the tenant's person says."""
    object_id = f"dddddddd-0000-4000-8000-{number:012d}"
    said = Claims(
        account_id(tenant, object_id), "", 9e9, tenant, object_id, display_name=f"Person {number}"
    )
    return replace(said, **more)  # type: ignore[arg-type]


@pytest.fixture
async def cove(services: Services) -> str:
    """An organisation nobody has claimed, and its code."""
    await services.directory.ensure(
        Organization("cove", "Cove Example", Region.EU, "Europe/London", "GB")
    )
    operator = acting_as(Role.OPERATOR, "command-line", "Command line", "cove")
    return await services.onboarding.make_code(actor=operator)


async def acting(services: Services, said: Claims, organization: str = "cove") -> Actor:
    signed_in = await services.access.recognise(said)
    actor = signed_in.acting_in(organization)
    return replace(actor, proved_at_s=services.clock.now_ms() / 1000)


class TestClaiming:
    async def test_makes_the_first_representative(self, services: Services, cove: str) -> None:
        first = claims(1)
        assert await services.onboarding.claim("cove", cove.lower(), first) == first.person_id
        actor = await acting(services, first)
        assert (actor.roles, actor.display_name) == ((ACR,), "Person 1")
        told = [entry.action for entry in await trail(services, "cove")]
        assert told[-1] == Action.ORGANIZATION_CLAIMED
        with pytest.raises(NotFound):
            await services.onboarding.claim("cove", cove, claims(2))
        operator = acting_as(Role.OPERATOR, "command-line", "Command line", "cove")
        with pytest.raises(Conflict):
            await services.onboarding.make_code(actor=operator)

    async def test_is_refused_alike_whatever_is_wrong(self, services: Services, cove: str) -> None:
        said = set()
        for organization, code, who_ in (
            ("cove", "WRONG0-WRONG0-WRONG0-WRONG0", claims(1)),
            ("nowhere", cove, claims(1)),
            ("harbour", cove, claims(1)),
            ("../cove", cove, claims(1)),
            ("cove", cove, claims(1, is_guest=True)),
            ("cove", cove, Claims(AMIRA, "harbour", 9e9)),
        ):
            with pytest.raises(NotFound) as refused:
                await services.onboarding.claim(organization, code, who_)
            said.add(refused.value.message)
        assert len(said) == 1
        assert await services.people.find(claims(1).person_id) is None

    async def test_guesses_of_strangers_do_not_keep_the_customer_out(
        self, services: Services, cove: str, clock: StandingClock
    ) -> None:
        for _ in range(12):
            with pytest.raises(NotFound):
                await services.onboarding.claim("cove", "x" * 24, claims(2, OTHER))
        assert await services.onboarding.claim("cove", cove, claims(1))
        await services.refusals.settle()
        clock.pass_time(seconds=60)
        await services.refusals.close_windows()
        told = [one for one in await trail(services, "cove") if one.action.startswith("access.ref")]
        assert [(one.actor, one.facts.get("times", 1)) for one in told] == [
            ("unknown", 1),
            ("unknown", 11),
        ]
        assert {one.facts["operation"] for one in told} == {"claim_organization"}

    async def test_guesses_at_once_are_refused_as_any(self, services: Services, cove: str) -> None:
        refused = await asyncio.gather(
            *(services.onboarding.claim("cove", "x" * 24, claims(n)) for n in range(8)),
            return_exceptions=True,
        )
        assert {type(one) for one in refused} == {NotFound}

    async def test_of_many_at_once_one_is_first(self, services: Services, cove: str) -> None:
        done = await asyncio.gather(
            *(services.onboarding.claim("cove", cove, claims(n)) for n in range(8)),
            return_exceptions=True,
        )
        assert sum(isinstance(one, str) for one in done) == 1

    async def test_who_was_not_first_is_not_tied(self, services: Services, cove: str) -> None:
        await asyncio.gather(
            services.onboarding.claim("cove", cove, claims(1)),
            services.onboarding.claim("cove", cove, claims(1, OTHER)),
            return_exceptions=True,
        )
        people = [await services.people.recognise(claims(1, one)) for one in (TENANT, OTHER)]
        assert [one is not None and bool(one.holdings) for one in people].count(True) == 1
        tied = [await services.onboarding._directory.organization_of(t) for t in (TENANT, OTHER)]
        assert sorted(tied, key=str) == [None, "cove"]

    async def test_a_tenant_is_one_organisation(self, services: Services, cove: str) -> None:
        await services.onboarding.claim("cove", cove, claims(1))
        await services.directory.ensure(
            Organization("inlet", "Inlet Example", Region.EU, "Europe/London", "GB")
        )
        operator = acting_as(Role.OPERATOR, "command-line", "Command line", "inlet")
        code = await services.onboarding.make_code(actor=operator)
        with pytest.raises(Conflict):
            await services.onboarding.claim("inlet", code, claims(1))

    async def test_a_code_is_for_two_weeks(
        self, services: Services, cove: str, clock: StandingClock
    ) -> None:
        clock.pass_time(seconds=15 * DAY_S)
        with pytest.raises(NotFound):
            await services.onboarding.claim("cove", cove, claims(1))


class TestTenants:
    @pytest.fixture
    async def acr(self, services: Services, cove: str) -> Actor:
        await services.onboarding.claim("cove", cove, claims(1))
        return await acting(services, claims(1))

    async def test_a_group_counts_in_its_own_tenant_alone(
        self, services: Services, acr: Actor
    ) -> None:
        group = Holder(HolderKind.GROUP, GROUP)
        await services.management.grant(group, terms("supervisor"), WHY, actor=acr)
        inside = claims(2, groups=frozenset({GROUP}))
        assert (await acting(services, inside)).roles == ("supervisor",)
        for outside in (claims(3), claims(4, groups=frozenset({OTHER}))):
            assert (await acting(services, outside)).roles == ("reporter",)
        for stranger in (
            claims(2, groups=frozenset({GROUP}), is_guest=True),
            claims(3, OTHER, groups=frozenset({GROUP})),
        ):
            person = await services.people.recognise(stranger)
            assert person is None or "cove" not in person.holdings

    async def test_who_is_of_the_tenant_reports_and_nothing_else(
        self, services: Services, acr: Actor
    ) -> None:
        actor = await acting(services, claims(5))
        assert actor.permissions == {Permission.INCIDENTS_REPORT}
        assert actor.organizations == ("cove",)
        assert only_reports(actor.holdings)
        with pytest.raises(Forbidden):
            await services.dashboards.revision(actor=actor)
        assert await services.setting_up.policies.own(actor=actor) == ()
        said = Reported(Category.OTHER, Report("A stranger at the door"))
        receipt = await services.incidents.report(said, actor=actor)
        # Who handles it is told a name, and the reporter is found without signing in again.
        found = await services.people.find(actor.person_id)
        assert found is not None
        assert found.display_name == actor.display_name != ""
        assert only_reports(found.holdings["cove"])
        whole = await services.incidents.get(receipt.incident.id, actor=actor)
        assert whole.incident.reporter == actor.person_id

    async def test_a_home_stays_where_something_is_held(
        self, services: Services, acr: Actor
    ) -> None:
        second = claims(7)
        newcomer = Newcomer("", TENANT, second.object_id or "", "Second")
        id = await services.management.grant(newcomer, terms("agent"), WHY, actor=acr)
        assert (await acting(services, second)).roles == ("agent",)
        _, listed = await services.management.grants(actor=acr)
        version = next(one.grant.version for one in listed if one.grant.id == id)
        await services.management.revoke(id, version=version, actor=acr)
        assert (await acting(services, second)).roles == ("reporter",)

    async def test_a_group_counts_in_the_bot_for_a_week_after_a_sign_in(
        self, services: Services, acr: Actor, clock: StandingClock
    ) -> None:
        group = Holder(HolderKind.GROUP, GROUP)
        await services.management.grant(group, terms("supervisor"), WHY, actor=acr)
        inside = claims(2, groups=frozenset({GROUP}))
        assert inside.object_id is not None
        person = await services.people.find_in_teams(TENANT, inside.object_id)
        assert person is not None
        assert only_reports(person.holdings["cove"])  # if Teams says that they are no guest
        await acting(services, inside)
        person = await services.people.find_in_teams(TENANT, inside.object_id)
        assert person is not None
        assert person.organizations == ("cove",)
        clock.pass_time(seconds=GROUP_DAYS * DAY_S)
        person = await services.people.find_in_teams(TENANT, inside.object_id)
        assert person is not None
        assert only_reports(person.holdings["cove"])

    async def test_somebody_of_elsewhere_holds_what_they_were_given_here(
        self, services: Services, acr: Actor, clock: StandingClock
    ) -> None:
        partner = claims(9, OTHER)
        assert await services.people.recognise(partner) is None
        newcomer = Newcomer("", OTHER, partner.object_id or "", "Partner")
        until = clock.now + 30 * DAY_S * 1000
        given = terms("managing_partner", until_ms=until)
        await services.management.grant(newcomer, given, WHY, actor=acr)
        actor = await acting(services, partner)
        assert actor.is_blind
        assert actor.organizations == ("cove",)
        with pytest.raises(NotFound):
            await acting(services, partner, "harbour")
        clock.pass_time(seconds=30 * DAY_S)
        with pytest.raises(NotFound):
            await acting(services, partner)

    async def test_an_unknown_tenant_is_unknown(self, services: Services, acr: Actor) -> None:
        assert await services.people.recognise(claims(1, OTHER)) is None


class TestBreakGlass:
    async def test_lifts_blindness_for_as_long_as_was_approved(
        self, services: Services, clock: StandingClock
    ) -> None:
        ruth, oliver = await who(services, RUTH), await who(services, OLIVER)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        assert (await who(services, RUTH)).is_blind
        await services.break_glass.decide(id, approve=True, version=1, actor=oliver)
        seeing = await who(services, RUTH)
        assert not seeing.is_blind
        assert {Permission.IDENTITIES_VIEW, Permission.CONTACTS_VIEW} <= seeing.permissions
        assert (await who(services, RUTH, "juniper")).is_blind
        clock.pass_time(seconds=30 * 60)
        assert (await who(services, RUTH)).is_blind
        (listed,) = await services.break_glass.requests(actor=oliver)
        assert (listed.stage, listed.name) == (Stage.EXPIRED, "Ruth Engel")
        told = [(entry.action, entry.actor) for entry in await trail(services)][-2:]
        assert told == [
            (Action.BREAK_GLASS_ASKED, RUTH),
            (Action.BREAK_GLASS_APPROVED, OLIVER),
        ]
        assert "complaint" not in repr(await trail(services))

    async def test_what_was_lent_is_not_passed_on(self, services: Services) -> None:
        ruth, oliver = await who(services, RUTH), await who(services, OLIVER)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        await services.break_glass.decide(id, approve=True, version=1, actor=oliver)
        with pytest.raises(Forbidden):
            await give(services, AMIRA, terms("supervisor"), by=RUTH)
        seeing = await who(services, RUTH)
        with pytest.raises(Forbidden):
            await services.management.create_role(
                "Names", frozenset({Permission.IDENTITIES_VIEW}), actor=seeing
            )

    async def test_what_was_lent_does_not_say_who_an_agent_is(self, services: Services) -> None:
        ruth, oliver = await who(services, RUTH), await who(services, OLIVER)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        await services.break_glass.decide(id, approve=True, version=1, actor=oliver)
        with pytest.raises(Forbidden):
            await services.management.set_agent_keys(
                AMIRA, {"alpha": "ben"}, version=1, actor=await who(services, RUTH)
            )
        await give(services, RUTH, terms("supervisor"))
        with pytest.raises(Forbidden):
            await services.management.set_agent_keys(
                AMIRA, {"alpha": "ben"}, version=1, actor=await who(services, RUTH)
            )

    async def test_is_not_approved_for_more_than_the_approver_decides_about(
        self, services: Services
    ) -> None:
        ruth = await who(services, RUTH)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        await give(services, AMIRA, terms(ACR, queues=["q1"]))
        amira = await who(services, AMIRA)
        with pytest.raises(Forbidden):
            await services.break_glass.decide(id, approve=True, version=1, actor=amira)
        (listed,) = await services.break_glass.requests(actor=amira)
        assert not listed.may_decide
        (listed,) = await services.break_glass.requests(actor=await who(services, OLIVER))
        assert listed.may_decide

    async def test_nobody_but_a_representative_decides(self, services: Services) -> None:
        ruth = await who(services, RUTH)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        for slug in (RUTH, AMIRA, "luca.moretti", "hana.novak", "sofia.lindqvist"):
            with pytest.raises(Forbidden):
                await services.break_glass.decide(
                    id, approve=True, version=1, actor=await who(services, slug)
                )
        dana = await who(services, "dana.whitfield", "juniper")
        with pytest.raises(NotFound):
            await services.break_glass.decide(id, approve=True, version=1, actor=dana)

    async def test_is_decided_once_and_ended_at_once(self, services: Services) -> None:
        ruth, oliver = await who(services, RUTH), await who(services, OLIVER)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        with pytest.raises(Conflict):
            await services.break_glass.ask("Again", 30, actor=ruth)
        decided = await asyncio.gather(
            *(
                services.break_glass.decide(id, approve=approve, version=1, actor=oliver)
                for approve in (True, False)
            ),
            return_exceptions=True,
        )
        assert sum(one is None for one in decided) == 1
        (listed,) = await services.break_glass.requests(actor=oliver)
        if listed.stage is Stage.APPROVED:
            await services.break_glass.end(id, version=2, actor=oliver)
        assert (await who(services, RUTH)).is_blind

    async def test_others_do_not_see_it_nor_ask(self, services: Services) -> None:
        ruth = await who(services, RUTH)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        amira = await who(services, AMIRA)
        assert await services.break_glass.requests(actor=amira) == ()
        with pytest.raises(NotFound):
            await services.break_glass.end(id, version=1, actor=amira)
        with pytest.raises(Forbidden):
            await services.break_glass.ask("Me too", 30, actor=amira)

    async def test_waits_for_a_day(self, services: Services, clock: StandingClock) -> None:
        ruth = await who(services, RUTH)
        id = await services.break_glass.ask("A complaint", 30, actor=ruth)
        clock.pass_time(seconds=DAY_S)
        with pytest.raises(Conflict):
            await services.break_glass.decide(
                id, approve=True, version=1, actor=await who(services, OLIVER)
            )


class TestExpiry:
    async def test_a_grant_ends_at_its_moment(
        self, services: Services, clock: StandingClock
    ) -> None:
        await give(services, AMIRA, terms("supervisor", until_ms=clock.now + 60_000))
        assert "supervisor" in (await who(services, AMIRA)).roles
        clock.pass_time(seconds=59.999)
        assert "supervisor" in (await who(services, AMIRA)).roles
        clock.pass_time(seconds=0.001)
        assert (await who(services, AMIRA)).roles == ("agent",)
