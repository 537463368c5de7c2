"""How much is sent, to whom it is not, and what pumping costs whoever tries it."""

from pathlib import Path

import pytest

from portal import wiring
from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.communications.documents import MESSAGE
from portal.domain.shared.errors import DomainError, InvalidInput, RateLimited
from portal.domain.verification import rules
from portal.domain.verification.model import LineType, Number
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import PHONE, actions, deliver, who

SUPPORT = "support@service.example"
REPRESENTATIVE = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE


def someone(services: Services, id: str, organization: str = "harbour") -> Actor:
    at = services.clock.now_ms() / 1000
    return acting_as(REPRESENTATIVE, id, id, organization, proved_at_s=at)


async def sent(services: Services, phone: str, actor: Actor) -> str:
    """The refusal's code, "" for a code that was sent."""
    try:
        await services.setting_up.verification.asking.send_code(phone, actor=actor)
    except DomainError as refused:
        return refused.code
    return ""


async def written(services: Services, *organizations: str) -> int:
    """How many SMS there are."""
    total = 0
    for code in organizations or ("harbour",):
        partition = (await services.directory.get(code)).partition
        total += await services.documents.count(partition, MESSAGE)
    return total


def test_waits_grow_and_three_go_out_in_ten_minutes() -> None:
    assert rules.wait_ms([], 0) == 0
    assert rules.wait_ms([0], 0) == 30_000
    assert rules.wait_ms([0], 30_000) == 0
    assert rules.wait_ms([0, 30_000], 30_000) == 60_000
    assert rules.wait_ms([0, 30_000, 90_000], 90_000) == 10 * 60_000 - 90_000
    many = [n * 400_000 for n in range(9)]
    assert rules.wait_ms(many, many[-1]) == 3600 * 1000
    assert rules.wait_ms(many, many[-1] + 3600 * 1000) == 0


async def test_a_person_is_sent_three_in_ten_minutes(
    services: Services, clock: StandingClock
) -> None:
    went = 0
    for _ in range(600):
        went += await sent(services, PHONE, await who(services)) == ""
        clock.pass_time(seconds=1)
    assert went == 3


async def test_the_refusal_says_how_long_to_wait(services: Services) -> None:
    oliver = await who(services)
    await services.setting_up.verification.asking.send_code(PHONE, actor=oliver)
    with pytest.raises(RateLimited) as refused:
        await services.setting_up.verification.asking.send_code(PHONE, actor=oliver)
    assert (refused.value.code, refused.value.retry_after) == ("wait", 30)


async def test_a_number_is_sent_ten_a_day_from_whichever_organisation(
    services: Services, clock: StandingClock
) -> None:
    told = []
    for n in range(14):
        organization = ("harbour", "juniper")[n % 2]
        told.append(await sent(services, PHONE, someone(services, f"p{n}", organization)))
        clock.pass_time(seconds=1)
    assert told == [""] * 10 + ["sending-stopped"] * 4
    clock.pass_time(seconds=24 * 3600)
    assert await sent(services, PHONE, someone(services, "p")) == ""


async def test_a_sixth_number_of_a_block_of_a_thousand_is_stopped_and_alarms(
    services: Services, clock: StandingClock
) -> None:
    told = [
        await sent(services, f"+614915701{n:02d}", someone(services, f"p{n}"))
        for n in (10, 11, 12, 13, 14, 15, 10)
    ]
    assert told == ["", "", "", "", "", "sending-stopped", "wait"]
    assert "verification.pumping_suspected" in await actions(services)
    clock.pass_time(seconds=601)
    assert await sent(services, "+61491570115", someone(services, "later")) == ""


async def test_a_person_is_sent_twelve_a_day_however_long_they_wait_in_between(
    services: Services, clock: StandingClock
) -> None:
    begun, oliver = clock.now, await who(services)
    told = []
    for n in range(14):
        told.append(await sent(services, f"+614915{n:02d}156", oliver))
        clock.pass_time(seconds=3601)
    assert told == [""] * rules.PERSON_A_DAY + ["wait"] * 2
    with pytest.raises(RateLimited) as refused:
        await services.setting_up.verification.asking.send_code(PHONE, actor=oliver)
    assert refused.value.retry_after == (begun + rules.DAY_MS - clock.now) / 1000
    assert await sent(services, PHONE, someone(services, "colleague")) == ""
    clock.now = begun + rules.DAY_MS
    assert await sent(services, PHONE, oliver) == ""


async def test_a_block_of_a_thousand_is_sent_thirty_a_day_from_whichever_organisation(
    services: Services, clock: StandingClock
) -> None:
    told = []
    for n in range(rules.BLOCK_A_DAY + 2):
        actor = someone(services, f"p{n}", ("harbour", "juniper")[n % 2])
        told.append(await sent(services, f"+6149157011{n % 5}", actor))
        clock.pass_time(seconds=601)
    assert told == [""] * rules.BLOCK_A_DAY + ["sending-stopped"] * 2
    assert await sent(services, "+61491290156", someone(services, "elsewhere")) == ""
    clock.pass_time(seconds=24 * 3600)
    assert await sent(services, "+61491570110", someone(services, "later")) == ""


async def test_an_organisation_is_sent_twenty_a_day(
    services: Services, clock: StandingClock
) -> None:
    told = []
    for n in range(22):
        told.append(await sent(services, f"+614915{n:02d}156", someone(services, f"p{n}")))
        clock.pass_time(seconds=1)
    assert told == [""] * 20 + ["sending-stopped"] * 2
    assert (await actions(services)).count("verification.pumping_suspected") == 1
    assert await sent(services, PHONE, someone(services, "p", "juniper")) == ""


async def test_codes_that_nobody_types_raise_the_alarm(
    services: Services, clock: StandingClock
) -> None:
    for n in range(9):
        assert await sent(services, f"+614915{n:02d}156", someone(services, f"p{n}")) == ""
        clock.pass_time(seconds=1)
    assert "verification.pumping_suspected" not in await actions(services)
    assert await sent(services, "+61491590156", someone(services, "p10")) == ""
    assert "verification.pumping_suspected" in await actions(services)


async def test_support_is_told_of_an_alarm_once_a_day_and_it_is_counted(
    tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "SystemClock", lambda: clock)
    known = centre.settings(tmp_path).model_copy(update={"support_mail": SUPPORT})
    services = await wiring.build(known)
    for n in range(22):
        await sent(services, f"+614915{n:02d}156", someone(services, f"p{n}"))
        clock.pass_time(seconds=1)
    await deliver(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    found = [one.parcel for one in mailbox.messages() if one.parcel.to == SUPPORT]
    assert [one.topic for one in found] == ["pumping_suspected"]
    assert "Harbour Lane Insurance (harbour)" in found[0].words.text
    assert services.measures.pumping.read() == {(): 1}
    clock.pass_time(seconds=24 * 3600)
    for n in range(6):
        await sent(services, f"+61491570{n:03d}", someone(services, f"q{n}"))
    assert services.measures.pumping.read() == {(): 2}
    await services.close()


async def test_a_process_without_support_mail_counts_alarms_and_writes_to_nobody(
    services: Services, clock: StandingClock
) -> None:
    for n in range(6):
        await sent(services, f"+61491570{n:03d}", someone(services, f"p{n}"))
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, MESSAGE)
    assert not [one for one in page.documents if "pumping" in one.id]
    assert services.measures.pumping.read() == {(): 1}


async def test_ten_thousand_requests_over_adjacent_numbers_send_no_more_than_the_cap(
    services: Services, clock: StandingClock
) -> None:
    """Fifty hijacked accounts of two organisations, three requests a second, for an hour."""
    begun, alarmed = clock.now, 0
    for n in range(10_000):
        actor = someone(services, f"p{n % 50}", ("harbour", "juniper")[n % 2])
        await sent(services, f"+61491{n:06d}", actor)
        clock.pass_time(seconds=1 / 3)
        if (
            not alarmed
            and n % 10 == 0
            and "verification.pumping_suspected" in await actions(services)
        ):
            alarmed = clock.now - begun
    assert await written(services, "harbour", "juniper") <= 2 * rules.ORGANIZATION_A_DAY
    assert 0 < alarmed < 60_000


@pytest.mark.parametrize(
    ("phone", "why"),
    [
        ("+448712345678", "premium"),
        ("+445612345678", "VoIP"),
        ("+442079460000", "fixed"),
        ("+33612345678", "another country"),
        ("+18005550143", "toll free"),
    ],
)
async def test_numbers_that_cost_or_hide_are_refused(
    services: Services, phone: str, why: str
) -> None:
    assert await sent(services, phone, await who(services)) == "number-refused", why
    assert await written(services) == 0


@pytest.mark.parametrize(
    "phone", ["", "12", "+4420794", "+999123456789", "call me", "+1202555014312"]
)
async def test_what_is_no_number_is_refused(services: Services, phone: str) -> None:
    with pytest.raises(InvalidInput):
        await services.setting_up.verification.asking.send_code(phone, actor=await who(services))


def test_countries_are_those_of_the_organisation_and_the_operators_list() -> None:
    number = Number("+491512345678", "DE", LineType.MOBILE)
    rules.check_number(number, frozenset({"GB", "DE"}))
    with pytest.raises(InvalidInput) as refused:
        rules.check_number(number, frozenset({"GB"}))
    assert refused.value.code == "number-refused"
