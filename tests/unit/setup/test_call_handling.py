"""Inbound, outbound, recording: gates, history, and what was in force when."""

import asyncio
from contextlib import suppress

import pytest

from portal.domain.setup.acknowledgement import TEXT_HASH
from portal.domain.setup.call_handling import (
    Cause,
    Consent,
    Decision,
    Switches,
    Wanted,
    in_force,
)
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import OTHER_MAIL, OTHER_PHONE, code, link, trail, verify, who

OUTBOUND = Switches(inbound=True, outbound=True)
RECORDING = Switches(inbound=True, recording=True)
WHY = "Because of the test"


async def decide(
    services: Services, switches: Switches, version: int, from_ms: int = 0
) -> Decision:
    return await services.setting_up.call_handling.decide(
        Wanted(switches, WHY, from_ms), version=version, actor=await who(services)
    )


async def now(services: Services) -> Decision:
    history = await services.setting_up.call_handling.history(actor=await who(services))
    return history.in_force(services.clock.now_ms())


async def test_before_any_decision_everything_is_off(services: Services) -> None:
    assert (await now(services)).switches == Switches()


async def test_outbound_needs_a_verified_organisation(
    services: Services, clock: StandingClock
) -> None:
    with pytest.raises(Forbidden) as refused:
        await decide(services, OUTBOUND, 0)
    assert refused.value.code == "not-verified"
    assert "mail address and phone" in refused.value.message
    await verify(services, clock)
    await decide(services, OUTBOUND, 0)
    assert (await now(services)).switches == OUTBOUND


@pytest.mark.parametrize("what", ["mail", "phone"])
async def test_losing_either_proof_switches_outbound_off_and_tells(
    services: Services, clock: StandingClock, what: str
) -> None:
    await verify(services, clock)
    await decide(services, OUTBOUND, 0)
    await (link(services, OTHER_MAIL) if what == "mail" else code(services, OTHER_PHONE))
    after = await now(services)
    assert after.switches == Switches(inbound=True)
    assert after.cause is Cause.VERIFICATION_LOST
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    assert "fell_back" in {one.parcel.topic for one in mailbox.messages()}


async def test_outbound_decided_for_later_goes_with_the_proof_too(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await decide(services, OUTBOUND, 0, clock.now + 3600_000)
    await link(services, OTHER_MAIL)
    clock.pass_time(seconds=7200)
    assert not (await now(services)).switches.outbound


async def test_recording_needs_the_acknowledgement_of_the_present_text(services: Services) -> None:
    handling, oliver = services.setting_up.call_handling, await who(services)
    with pytest.raises(Forbidden) as refused:
        await decide(services, RECORDING, 0)
    assert refused.value.code == "not-acknowledged"
    with pytest.raises(InvalidInput):
        await handling.acknowledge("0" * 64, Consent.ALL_PARTY, actor=oliver)
    await handling.acknowledge(TEXT_HASH, Consent.ALL_PARTY, actor=oliver)
    await decide(services, RECORDING, 0)
    history = await handling.history(actor=oliver)
    given = history.acknowledgement(services.clock.now_ms())
    assert given is not None
    assert (given.person, given.consent_mode, given.text_hash) == (
        "oliver.bright",
        Consent.ALL_PARTY,
        TEXT_HASH,
    )
    with pytest.raises(Conflict):
        await handling.acknowledge(TEXT_HASH, Consent.ONE_PARTY, actor=oliver)


async def test_taking_the_acknowledgement_back_switches_recording_off(
    services: Services, clock: StandingClock
) -> None:
    handling, oliver = services.setting_up.call_handling, await who(services)
    await handling.acknowledge(TEXT_HASH, Consent.ONE_PARTY, actor=oliver)
    await decide(services, RECORDING, 0)
    during = clock.now
    clock.pass_time(seconds=60)
    await handling.retract(WHY, actor=oliver)
    after = await now(services)
    assert (after.switches, after.cause) == (Switches(inbound=True), Cause.RETRACTED)
    history = await handling.history(actor=oliver)
    assert history.in_force(during).switches.recording
    assert history.acknowledgement(during) is not None
    assert history.acknowledgement(clock.now) is None
    with pytest.raises(NotFound):
        await handling.retract(WHY, actor=oliver)
    with pytest.raises(Forbidden):
        await decide(services, RECORDING, after.version)


async def test_switching_recording_on_while_it_is_retracted_never_leaves_it_on_alone(
    services: Services,
) -> None:
    handling, oliver = services.setting_up.call_handling, await who(services)
    await handling.acknowledge(TEXT_HASH, Consent.ONE_PARTY, actor=oliver)

    async def on() -> None:
        with suppress(Conflict, Forbidden):
            await decide(services, RECORDING, 0)

    await asyncio.gather(on(), handling.retract(WHY, actor=oliver), on())
    assert not (await now(services)).switches.recording


async def test_the_history_says_who_when_why_and_what_was_in_force(
    services: Services, clock: StandingClock
) -> None:
    first = clock.now
    await decide(services, Switches(inbound=True), 0)
    clock.pass_time(seconds=3600)
    await decide(services, Switches(), 1, clock.now + 3600_000)
    handling, oliver = services.setting_up.call_handling, await who(services)
    history = await handling.history(actor=oliver)
    assert history.in_force(first - 1).version == 0
    assert history.in_force(first).version == 1
    assert history.in_force(clock.now).version == 1
    assert history.in_force(clock.now + 3600_000).version == 2
    assert {(one.changed_by, one.why) for one in history.decisions} == {("oliver.bright", WHY)}
    assert [one.target for one in await trail(services) if "call_handling" in one.action] == [
        "harbour",
        "harbour",
    ]
    assert WHY not in str(await trail(services))


async def test_the_past_is_not_changed_and_stale_decisions_are_refused(
    services: Services, clock: StandingClock
) -> None:
    with pytest.raises(InvalidInput):
        await decide(services, Switches(inbound=True), 0, clock.now - 1)
    await decide(services, Switches(inbound=True), 0)
    with pytest.raises(Conflict):
        await decide(services, Switches(), 0)
    told = await asyncio.gather(
        *(decide(services, Switches(), 1) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, Decision) for one in told) == 1


async def test_who_may_not_set_up_decides_nothing(services: Services) -> None:
    handling, hana = services.setting_up.call_handling, await who(services, "hana.novak")
    await handling.history(actor=hana)
    for attempt in (
        handling.decide(Wanted(Switches(), WHY), version=0, actor=hana),
        handling.acknowledge(TEXT_HASH, Consent.ONE_PARTY, actor=hana),
        handling.retract(WHY, actor=hana),
    ):
        with pytest.raises(Forbidden):
            await attempt


def test_a_later_decision_counts_for_more_than_one_made_before_for_later() -> None:
    before = Decision(1, OUTBOUND, effective_from_ms=100)
    after = before._replace(version=2, switches=Switches(), effective_from_ms=50)
    assert in_force((before, after), 200) is after
    assert in_force((before, after), 60) is after
    assert in_force((before, after), 40).version == 0
