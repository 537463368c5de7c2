"""The yearly word, and what happens without it."""

from dataclasses import replace

from portal.domain.communications.model import MessageClass, Way
from portal.domain.setup.call_handling import Cause, Switches, Wanted
from portal.domain.verification import rules
from portal.domain.verification.model import Standing
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import actions, deliver, verify, who

DAY_S = 24 * 3600.0
MONTH_S, YEAR_S = 30 * DAY_S, 365 * DAY_S


async def reminders(services: Services) -> list[Way]:
    """By which ways was reminded so far."""
    await services.setting_up.renewal.look()
    await deliver(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    found = mailbox.messages()
    return sorted(one.way for one in found if one.parcel.topic == "attestation_due")


async def standing(services: Services) -> Standing:
    status = await services.setting_up.verification.status(actor=await who(services))
    return status.contact.standing


async def test_reminds_once_a_month_before_the_year_is_over(
    services: Services, clock: StandingClock
) -> None:
    begun = clock.now
    await verify(services, clock)
    clock.now = begun + rules.ATTEST_MS - rules.REMIND_MS - 1
    assert await reminders(services) == []
    clock.now += 1
    assert await reminders(services) == [Way.MAIL, Way.TEAMS]
    clock.pass_time(seconds=DAY_S)
    assert await reminders(services) == [Way.MAIL, Way.TEAMS]


async def test_a_reminder_is_optional(services: Services, clock: StandingClock) -> None:
    await verify(services, clock)
    silent = {(MessageClass.OPTIONAL, Way.MAIL): False}
    await services.setting_up.communications.choose(silent, version=0, actor=await who(services))
    clock.pass_time(seconds=YEAR_S)
    assert await reminders(services) == [Way.TEAMS]


async def test_without_the_word_the_proofs_end_a_month_after_and_outbound_with_them(
    services: Services, clock: StandingClock
) -> None:
    begun = clock.now
    await verify(services, clock)
    handling, oliver = services.setting_up.call_handling, await who(services)
    await handling.decide(Wanted(Switches(outbound=True), "Call back"), version=0, actor=oliver)
    clock.now = begun + rules.ATTEST_MS + rules.REMIND_MS - 1
    await services.setting_up.renewal.look()
    assert await standing(services) is Standing.VERIFIED
    clock.now += 1
    await services.setting_up.renewal.look()
    assert await standing(services) is Standing.UNVERIFIED
    decision = (await handling.history(actor=oliver)).newest
    assert (decision.switches.outbound, decision.cause) == (False, Cause.VERIFICATION_LOST)
    assert "verification.lost" in await actions(services)
    await services.setting_up.renewal.look()
    assert (await actions(services)).count("verification.lost") == 1


async def test_the_word_holds_for_another_year(services: Services, clock: StandingClock) -> None:
    await verify(services, clock)
    clock.pass_time(seconds=YEAR_S)
    oliver = await who(services)
    await services.setting_up.verification.attest(actor=replace(oliver, proved_at_s=None))
    clock.pass_time(seconds=YEAR_S)
    await services.setting_up.renewal.look()
    assert await standing(services) is Standing.VERIFIED
    assert "verification.attested" in await actions(services)
