"""Setting how an organisation stands, appealing, deciding, and what goes with it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from portal.domain.access.model import Permission, Role
from portal.domain.access.rules import acting_as
from portal.domain.communications.model import Topic, Way
from portal.domain.organizations.standing import STANDING, STANDING_ID, State
from portal.domain.setup.acknowledgement import TEXT_HASH
from portal.domain.setup.call_handling import Cause, Consent, Switches, Wanted
from portal.domain.shared.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StepUpRequired,
)
from portal.domain.standing.documents import APPEAL, CHANGE
from portal.domain.standing.model import Act, Outcome, Reason
from portal.domain.standing.model import Wanted as Standing
from portal.wiring import Services
from tests.fakes import centre, setting_up
from tests.fakes.clock import StandingClock
from tests.fakes.standing import (
    MEMBER,
    OPERATOR,
    REPRESENTATIVE,
    WHY,
    appeal,
    seen,
    stand,
    who,
)

DAY_S = 24 * 3600


async def test_an_organisation_is_active_until_somebody_decides_otherwise(
    services: Services,
) -> None:
    one = (await seen(services)).standing
    assert (one.version, one.state, one.reason) == (0, State.ACTIVE, Reason.NONE)


async def test_the_operator_sets_it_with_reason_and_words(services: Services) -> None:
    await stand(services, State.SUSPENDED, Reason.SECURITY, "Codes were sold on")
    known = await seen(services)
    assert known.standing.state is State.SUSPENDED
    assert known.standing.text == "Codes were sold on"
    assert [(one.act, one.by) for one in known.changes] == [(Act.SET, OPERATOR)]
    entry = (await setting_up.trail(services))[-2]
    assert (entry.action, entry.actor) == ("standing.changed", OPERATOR)
    assert entry.facts == {
        "version": 1,
        "state": "suspended",
        "reason": "security",
        "act": "set",
    }


@pytest.mark.parametrize("slug", [REPRESENTATIVE, MEMBER, "hana.novak", "ruth.engel"])
async def test_nobody_else_sets_it(services: Services, slug: str) -> None:
    wanted = Standing(State.SUSPENDED, Reason.MISUSE, WHY)
    with pytest.raises(Forbidden):
        await services.setting_up.standings.set(wanted, version=0, actor=await who(services, slug))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.SUSPENDED, Reason.PUT_RIGHT),
        (State.SUSPENDED, Reason.NONE),
        (State.ERASING, Reason.ERASURE_DUE),
        (State.ERASING, Reason.MISUSE),
    ],
)
async def test_reasons_and_states_are_from_the_list(
    services: Services, state: State, reason: Reason
) -> None:
    with pytest.raises(InvalidInput):
        await stand(services, state, reason)


async def test_the_same_state_or_a_stale_version_is_refused(services: Services) -> None:
    await stand(services, State.RESTRICTED)
    with pytest.raises(Conflict, match="stands so already"):
        await stand(services, State.RESTRICTED)
    with pytest.raises(Conflict, match="meanwhile"):
        await services.setting_up.standings.set(
            Standing(State.SUSPENDED, Reason.MISUSE, WHY), version=0, actor=await who(services)
        )


async def test_what_anybody_wrote_is_sealed(services: Services) -> None:
    await stand(services, State.SUSPENDED, text="Codes were sold on")
    await appeal(services, "It was a former colleague")
    partition = (await services.directory.get("harbour")).partition
    stored = [await services.documents.get(partition, STANDING, STANDING_ID)]
    for kind in (CHANGE, APPEAL):
        stored += (await services.documents.query(partition, kind)).documents
    text = json.dumps([dict(one.body) for one in stored if one is not None])
    assert "Codes" not in text
    assert "colleague" not in text


async def test_a_suspension_takes_effect_at_once_for_who_was_here_before(
    services: Services,
) -> None:
    before = await who(services, MEMBER)
    assert Permission.DASHBOARDS_VIEW in before.permissions
    await stand(services, State.SUSPENDED)
    after = await who(services, MEMBER)
    assert after.permissions == frozenset()
    assert after.roles == before.roles
    await stand(services, State.ACTIVE)
    assert (await who(services, MEMBER)).permissions == before.permissions


async def test_another_process_s_decision_counts_after_five_seconds(
    services: Services, clock: StandingClock
) -> None:
    assert (await who(services, MEMBER)).permissions
    await stand(services, State.SUSPENDED)
    services.directory._states["harbour"] = State.ACTIVE  # as one that did not decide it
    clock.pass_time(seconds=5)
    assert not (await who(services, MEMBER)).permissions


async def test_an_appeal_waits_alone_until_it_is_decided(services: Services) -> None:
    with pytest.raises(Conflict, match="nothing to appeal"):
        await appeal(services)
    await stand(services, State.SUSPENDED)
    await appeal(services)
    with pytest.raises(Conflict, match="waits"):
        await appeal(services)
    standings, operator = services.setting_up.standings, await who(services)
    with pytest.raises(Forbidden):
        await standings.appeal("Let me", version=2, actor=operator)
    await standings.decide(None, "It was you", version=2, actor=operator)
    known = await seen(services)
    assert known.standing.state is State.SUSPENDED
    assert known.appeals[0].outcome is Outcome.REFUSED
    assert known.appeals[0].answer == "It was you"
    await appeal(services, "Look again")
    await standings.decide(State.RESTRICTED, "In part", version=4, actor=operator)
    known = await seen(services)
    assert (known.standing.state, known.standing.reason) == (
        State.RESTRICTED,
        Reason.APPEAL_GRANTED,
    )
    assert [one.outcome for one in known.appeals] == [Outcome.GRANTED, Outcome.REFUSED]


async def test_granting_is_milder_and_needs_an_appeal(services: Services) -> None:
    standings, operator = services.setting_up.standings, await who(services)
    await stand(services, State.RESTRICTED)
    with pytest.raises(Conflict, match="No appeal"):
        await standings.decide(State.ACTIVE, WHY, version=1, actor=operator)
    await appeal(services)
    for harsher in (State.RESTRICTED, State.SUSPENDED, State.TERMINATED):
        with pytest.raises(InvalidInput):
            await standings.decide(harsher, WHY, version=2, actor=operator)


async def test_being_active_again_settles_the_appeal(services: Services) -> None:
    await stand(services, State.SUSPENDED)
    await appeal(services)
    await stand(services, State.ACTIVE)
    known = await seen(services)
    assert known.appeals[0].outcome is Outcome.SETTLED
    assert known.standing.open_appeal == ""


async def test_calls_go_off_with_it_and_come_back_by_decision_alone(
    services: Services, clock: StandingClock
) -> None:
    await setting_up.verify(services, clock)
    handling = services.setting_up.call_handling
    oliver = await setting_up.who(services)
    await handling.acknowledge(TEXT_HASH, Consent.ALL_PARTY, actor=oliver)
    every = Wanted(Switches(True, True, True), WHY)
    version = (await handling.history(actor=oliver)).newest.version
    await handling.decide(every, version=version, actor=oliver)

    await stand(services, State.SUSPENDED)
    with pytest.raises(Forbidden) as refused:
        await handling.decide(every, version=version + 2, actor=await setting_up.who(services))
    assert refused.value.code == "organization-suspended"
    with pytest.raises(Forbidden) as refused:  # an actor that was made before the suspension
        await handling.decide(every, version=version + 2, actor=oliver)
    assert refused.value.code == "organization-suspended"

    await stand(services, State.ACTIVE)
    history = await handling.history(actor=await setting_up.who(services))
    now = history.in_force(clock.now)
    assert now.switches == Switches(inbound=True)
    assert now.cause is Cause.STANDING
    await handling.decide(
        every, version=history.newest.version, actor=await setting_up.who(services)
    )


async def test_a_restricted_organisation_switches_nothing(services: Services) -> None:
    await stand(services, State.RESTRICTED)
    with pytest.raises(Forbidden) as refused:
        await services.setting_up.call_handling.decide(
            Wanted(Switches(inbound=True), WHY), version=0, actor=await setting_up.who(services)
        )
    assert refused.value.code == "organization-restricted"


async def test_representatives_are_told_in_teams_and_by_mail(
    services: Services, clock: StandingClock
) -> None:
    await setting_up.verify(services, clock)
    await stand(services, State.TERMINATED, text="Secret words")
    await setting_up.deliver(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    told = [one for one in mailbox.messages() if one.parcel.topic == Topic.STANDING_TERMINATED]
    assert {(one.way, one.parcel.person, one.parcel.to) for one in told} == {
        (Way.TEAMS, REPRESENTATIVE, ""),
        (Way.MAIL, "organization", setting_up.MAIL),
    }
    for one in told:
        assert "/tab/?view=standing&organization=harbour" in one.parcel.words.text
        assert "Secret" not in one.parcel.words.text
        assert "2026-11-2" in one.parcel.words.text


async def test_a_termination_opens_a_window_that_the_operator_may_stop(
    services: Services, clock: StandingClock
) -> None:
    standings, operator = services.setting_up.standings, await who(services)
    after = await stand(services, State.TERMINATED)
    assert after.erase_at_ms == clock.now + 30 * DAY_S * 1000
    with pytest.raises(Conflict):
        await standings.plan_erasure(WHY, stopped=False, version=1, actor=operator)
    after = await standings.plan_erasure(WHY, stopped=True, version=1, actor=operator)
    assert (after.erase_at_ms, after.is_stopped) == (0, True)
    clock.pass_time(seconds=40 * DAY_S)
    tenancy = await services.directory.get("harbour")
    assert not await standings.begin_erasure(tenancy)
    operator = await who(services)
    after = await standings.plan_erasure(WHY, stopped=False, version=2, actor=operator)
    assert after.erase_at_ms == clock.now + 30 * DAY_S * 1000


async def test_an_erasure_begins_when_it_is_due_and_no_appeal_waits(
    services: Services, clock: StandingClock
) -> None:
    standings = services.setting_up.standings
    tenancy = await services.directory.get("harbour")
    await stand(services, State.TERMINATED)
    clock.pass_time(seconds=30 * DAY_S - 1)
    assert not await standings.begin_erasure(tenancy)
    await appeal(services)
    clock.pass_time(seconds=2)
    assert not await standings.begin_erasure(tenancy)
    await standings.decide(None, WHY, version=2, actor=await who(services))
    assert await standings.begin_erasure(tenancy)
    assert not await standings.begin_erasure(tenancy)
    command_line = acting_as(Role.OPERATOR, "command-line", "Command line", "harbour")
    command_line = replace(command_line, proved_at_s=clock.now_ms() / 1000)
    with pytest.raises(Conflict) as refused:
        await standings.plan_erasure(WHY, stopped=True, version=4, actor=command_line)
    assert refused.value.code == "erasing"


async def test_strangers_learn_nothing(services: Services) -> None:
    await stand(services, State.SUSPENDED)
    with pytest.raises(NotFound):
        await centre.actor(services, "dana.whitfield", "harbour")


async def test_no_open_session_alone_sets_decides_or_lets_an_erasure_go_on(
    services: Services,
) -> None:
    """Who finds an operator's browser open erases nobody with it."""
    await stand(services, State.TERMINATED)
    await appeal(services)
    known, standings = (await seen(services)).standing, services.setting_up.standings
    too_old = services.clock.now_ms() / 1000 - centre.settings(Path()).step_up_minutes * 60 - 1
    for proved_at_s in (None, too_old):
        actor = replace(await who(services), proved_at_s=proved_at_s)
        wanted = Standing(State.ACTIVE, Reason.MISTAKE, WHY)
        for act in (
            standings.set(wanted, version=known.version, actor=actor),
            standings.decide(None, WHY, version=known.version, actor=actor),
            standings.plan_erasure(WHY, stopped=True, version=known.version, actor=actor),
        ):
            with pytest.raises(StepUpRequired):
                await act
    assert (await seen(services)).standing == known
