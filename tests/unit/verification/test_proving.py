"""Mail links and phone codes: what proves, what does not, what is refused whatever comes."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.communications.model import Topic, Way
from portal.domain.shared.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    StepUpRequired,
)
from portal.domain.verification import rules
from portal.domain.verification.documents import ATTEMPTS, CHALLENGE, LINK
from portal.domain.verification.model import Attempts, Standing
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import (
    MAIL,
    OTHER_MAIL,
    OTHER_PHONE,
    PHONE,
    actions,
    code,
    deliver,
    link,
    newest,
    verify,
    who,
)

MINUTE = 60.0


def second(services: Services) -> Actor:
    """Another representative of the same organisation."""
    role = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE
    at = services.clock.now_ms() / 1000
    return acting_as(role, "second.person", "Second Person", "harbour", proved_at_s=at)


async def standing(services: Services) -> Standing:
    status = await services.setting_up.verification.status(actor=await who(services))
    return status.contact.standing


async def tried(attempt: Awaitable[Any]) -> str:
    """What became of an attempt: its refusal's code, "" for none."""
    try:
        await attempt
    except DomainError as refused:
        return refused.code
    return ""


def wrong(right: str) -> str:
    return f"{(int(right) + 1) % 10**8:08d}"


# --- links --------------------------------------------------------------------------------


async def test_a_link_proves_the_address_once(services: Services) -> None:
    token, answering = await link(services), services.setting_up.verification.answering
    assert len(token) == 64
    assert await standing(services) is Standing.UNVERIFIED
    proven = await answering.confirm_mail(token, actor=await who(services))
    assert proven is Standing.MAIL_PROVEN
    with pytest.raises(InvalidInput) as refused:
        await answering.confirm_mail(token, actor=await who(services))
    assert refused.value.code == "link-refused"


async def test_a_link_ends_after_a_day(services: Services, clock: StandingClock) -> None:
    token = await link(services)
    clock.pass_time(seconds=24 * 3600)
    answering = services.setting_up.verification.answering
    assert await tried(answering.confirm_mail(token, actor=await who(services))) == "link-refused"


async def test_a_new_link_ends_the_one_before(services: Services, clock: StandingClock) -> None:
    first = await link(services)
    clock.pass_time(seconds=30)
    newer = await link(services)
    answering, oliver = services.setting_up.verification.answering, await who(services)
    assert await tried(answering.confirm_mail(first, actor=oliver)) == "link-refused"
    assert await tried(answering.confirm_mail(newer, actor=oliver)) == ""


async def test_a_link_is_for_whoever_asked_and_others_do_not_use_it_up(services: Services) -> None:
    token, answering = await link(services), services.setting_up.verification.answering
    assert await tried(answering.confirm_mail(token, actor=second(services))) == "link-refused"
    assert await tried(answering.confirm_mail(token, actor=await who(services))) == ""


async def test_of_link_and_code_only_hashes_are_stored(services: Services) -> None:
    token = await link(services)
    _, text = await code(services)
    partition = (await services.directory.get("harbour")).partition
    stored = [
        one.body
        for kind in (LINK, CHALLENGE)
        for one in (await services.documents.query(partition, kind)).documents
    ]
    assert len(stored) == 2
    assert token not in str(stored)
    assert text not in str(stored)


async def test_who_may_not_set_up_may_not_verify(services: Services) -> None:
    verification = services.setting_up.verification
    sofia = await who(services, "sofia.lindqvist")
    for attempt in (
        verification.asking.send_link(MAIL, actor=sofia),
        verification.asking.send_code(PHONE, actor=sofia),
        verification.answering.confirm_mail("0" * 64, actor=sofia),
        verification.answering.confirm_phone("x", "00000000", actor=sofia),
        verification.attest(actor=sofia),
        verification.status(actor=sofia),
        verification.unlock("amira.khan", actor=sofia),
    ):
        with pytest.raises(Forbidden):
            await attempt


@pytest.mark.parametrize(
    "text",
    [
        "",
        "desk",
        "desk@",
        "@harbour.example",
        "de sk@harbour.example",
        "desk@harbour",
        "a@b..example",
        "desk@harbour.example\nBcc: x@y.example",
        f"{'a' * 65}@harbour.example",
        "dësk@harbour.example",
    ],
)
async def test_what_is_no_mail_address_is_refused(services: Services, text: str) -> None:
    with pytest.raises(InvalidInput):
        await services.setting_up.verification.asking.send_link(text, actor=await who(services))


async def test_every_address_costs_the_same_work_and_gets_the_same_answer(
    services: Services, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that another organisation has proven, one that was never seen, one given before."""
    dana = await who(services, "dana.whitfield", "juniper")
    token = await link(services, OTHER_MAIL, dana)
    await services.setting_up.verification.answering.confirm_mail(token, actor=dana)
    await link(services, "first@harbour.example")
    clock.pass_time(seconds=3700)
    work: list[tuple[str, int]] = []
    get, batch = services.documents.get, services.documents.batch

    async def counted_get(partition: str, kind: Any, id: str) -> Any:
        work.append((f"get {kind.name}", 0))
        return await get(partition, kind, id)

    async def counted_batch(partition: str, writes: Any) -> None:
        work.append(("batch", len(writes)))
        await batch(partition, writes)

    monkeypatch.setattr(services.documents, "get", counted_get)
    monkeypatch.setattr(services.documents, "batch", counted_batch)
    seen = []
    for address in (OTHER_MAIL, "never.seen@nowhere.example", "never.seen@nowhere.example"):
        work.clear()
        await services.setting_up.verification.asking.send_link(address, actor=await who(services))
        seen.append(list(work))
        clock.pass_time(seconds=3700)
    assert seen[0]
    assert seen[0] == seen[1] == seen[2]


# --- codes --------------------------------------------------------------------------------


async def test_link_and_code_together_verify(services: Services, clock: StandingClock) -> None:
    await verify(services, clock)
    assert await standing(services) is Standing.VERIFIED
    told = await actions(services)
    assert {"verification.mail_proven", "verification.phone_proven"} <= set(told)


async def test_a_code_has_eight_digits_and_is_typed_with_or_without_spaces(
    services: Services,
) -> None:
    challenge, text = await code(services)
    assert len(text) == 8
    assert text.isdigit()
    spaced = f" {text[:4]} {text[4:]}".strip()
    answering = services.setting_up.verification.answering
    assert await tried(answering.confirm_phone(challenge, spaced, actor=await who(services))) == ""


async def test_a_code_ends_after_five_minutes(services: Services, clock: StandingClock) -> None:
    challenge, text = await code(services)
    clock.pass_time(seconds=5 * MINUTE)
    answering = services.setting_up.verification.answering
    with pytest.raises(NotFound):
        await answering.confirm_phone(challenge, text, actor=await who(services))


async def test_a_code_is_for_its_person_number_and_challenge(
    services: Services, clock: StandingClock
) -> None:
    challenge, text = await code(services)
    answering, oliver = services.setting_up.verification.answering, await who(services)
    assert (
        await tried(answering.confirm_phone(challenge, text, actor=second(services))) == "no-code"
    )
    clock.pass_time(seconds=31)
    newer, _ = await code(services, OTHER_PHONE)
    assert await tried(answering.confirm_phone(challenge, text, actor=oliver)) == "no-code"
    assert await tried(answering.confirm_phone(newer, text, actor=oliver)) == "code-refused"


async def test_a_hundred_right_codes_at_once_succeed_once(services: Services) -> None:
    challenge, text = await code(services)
    answering, oliver = services.setting_up.verification.answering, await who(services)
    told = await asyncio.gather(
        *(tried(answering.confirm_phone(challenge, text, actor=oliver)) for _ in range(100))
    )
    assert sorted(told) == ["", *["no-code"] * 99]
    assert (await actions(services)).count("verification.phone_proven") == 1


async def test_a_hundred_wrong_codes_at_once_are_five_and_lock(services: Services) -> None:
    challenge, text = await code(services)
    answering, oliver = services.setting_up.verification.answering, await who(services)
    told = await asyncio.gather(
        *(
            tried(
                answering.confirm_phone(challenge, f"{(int(text) + n) % 10**8:08d}", actor=oliver)
            )
            for n in range(1, 101)
        )
    )
    assert sorted(set(told)) == ["code-refused", "locked"]
    assert told.count("code-refused") == 5
    assert (await actions(services)).count("verification.failed") == 5
    assert await tried(answering.confirm_phone(challenge, text, actor=oliver)) == "locked"


# --- lock-out -----------------------------------------------------------------------------


async def fail(services: Services, times: int = 5) -> None:
    answering = services.setting_up.verification.answering
    for _ in range(times):
        told = await tried(answering.confirm_mail("f" * 64, actor=await who(services)))
        assert told == "link-refused"


async def test_five_failures_lock_for_fifteen_minutes_and_the_right_one_is_refused(
    services: Services, clock: StandingClock
) -> None:
    token = await link(services)
    await fail(services)
    answering = services.setting_up.verification.answering
    with pytest.raises(RateLimited) as refused:
        await answering.confirm_mail(token, actor=await who(services))
    assert refused.value.code == "locked"
    assert refused.value.retry_after == 15 * MINUTE
    asking = services.setting_up.verification.asking
    assert await tried(asking.send_link(MAIL, actor=await who(services))) == "locked"
    assert await tried(asking.send_code(PHONE, actor=await who(services))) == "locked"
    clock.pass_time(seconds=15 * MINUTE)
    assert await tried(answering.confirm_mail(token, actor=await who(services))) == ""


async def test_each_further_lock_is_twice_as_long_up_to_a_day() -> None:
    attempts, now, lengths = Attempts(), 0, []
    for _ in range(10):
        for _ in range(5):
            attempts = rules.failed(attempts, now)
        lengths.append((attempts.locked_until_ms - now) // 60_000)
        now = attempts.locked_until_ms
    assert lengths == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]


async def test_a_lock_survives_a_restart(
    services: Services, clock: StandingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fail(services)
    again = await centre.services(tmp_path, clock, monkeypatch)
    answering = again.setting_up.verification.answering
    told = await tried(answering.confirm_mail("f" * 64, actor=await who(again)))
    await again.close()
    assert told == "locked"


async def test_a_success_forgets_the_failures_before_it(services: Services) -> None:
    token = await link(services)
    await fail(services, 4)
    answering = services.setting_up.verification.answering
    assert await tried(answering.confirm_mail(token, actor=await who(services))) == ""
    await fail(services, 4)
    partition = (await services.directory.get("harbour")).partition
    known = await services.documents.get(partition, ATTEMPTS, "oliver.bright")
    assert known is not None
    assert known.body["failures"] == 4
    assert known.body["locks"] == 0


async def test_a_lock_touches_neither_others_nor_signing_in(services: Services) -> None:
    await fail(services)
    answering = services.setting_up.verification.answering
    told = await tried(answering.confirm_mail("f" * 64, actor=second(services)))
    assert told == "link-refused"
    local = services.local_sign_in
    assert local is not None
    actor = await services.access.identify(local.issue("oliver.bright").text)
    assert actor.person_id == "oliver.bright"


async def test_a_lock_is_told_to_its_owner_and_to_the_organisation(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await fail(services)
    await deliver(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    told = [
        (one.way, one.parcel.to, one.parcel.person)
        for one in mailbox.messages()
        if one.parcel.topic == "locked"
    ]
    assert sorted(told) == [
        (Way.MAIL, MAIL, "oliver.bright"),
        (Way.TEAMS, "", "oliver.bright"),
    ]


async def test_an_operator_ends_a_lock_and_it_is_audited(services: Services) -> None:
    token = await link(services)
    await fail(services)
    luca = await who(services, "luca.moretti")
    verification = services.setting_up.verification
    await verification.unlock("oliver.bright", actor=luca)
    assert (await actions(services))[-1] == "verification.unlocked"
    told = await tried(verification.answering.confirm_mail(token, actor=await who(services)))
    assert told == ""
    with pytest.raises(NotFound):
        await verification.unlock("oliver.bright", actor=luca)
    with pytest.raises(Forbidden):
        await verification.unlock("oliver.bright", actor=await who(services))


# --- falling back -------------------------------------------------------------------------


async def test_replacing_a_proven_address_asks_for_a_fresh_proof(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    stale = replace(await who(services), proved_at_s=None)
    asking = services.setting_up.verification.asking
    with pytest.raises(StepUpRequired):
        await asking.send_link(OTHER_MAIL, actor=stale)
    with pytest.raises(StepUpRequired):
        await asking.send_code(OTHER_PHONE, actor=stale)
    assert await standing(services) is Standing.VERIFIED


async def test_replacing_either_falls_back_and_tells_the_address_before(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await link(services, OTHER_MAIL)
    assert await standing(services) is Standing.PHONE_PROVEN
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    told = {one.parcel.to for one in mailbox.messages() if one.parcel.topic == "contact_changed"}
    assert told == {MAIL, ""}
    assert "verification.lost" in await actions(services)


async def test_a_link_to_the_proven_address_takes_nothing_away(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await link(services, MAIL.upper())
    assert await standing(services) is Standing.VERIFIED


# --- leaks --------------------------------------------------------------------------------


async def test_a_living_code_shown_to_others_is_void_and_its_owner_told(
    services: Services,
) -> None:
    challenge, text = await code(services)
    verification = services.setting_up.verification
    assert await verification.void_pasted(f"use {wrong(text)} or 1234567", "harbour") == 0
    assert await verification.void_pasted(f"the code is {text[:4]} {text[4:]}.", "harbour") == 1
    told = await tried(
        verification.answering.confirm_phone(challenge, text, actor=await who(services))
    )
    assert told == "no-code"
    await newest(services, Topic.CODE_VOIDED)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    assert mailbox.messages()[0].parcel.topic == "code_voided"
    assert "verification.code_voided" in await actions(services)


async def test_a_living_link_shown_to_others_is_void(services: Services) -> None:
    token, verification = await link(services), services.setting_up.verification
    url = f"look: http://localhost/verify?organization=harbour#{token}"
    assert await verification.void_pasted(url, "harbour") == 1
    told = await tried(verification.answering.confirm_mail(token, actor=await who(services)))
    assert told == "link-refused"


# --- what is kept -------------------------------------------------------------------------


async def test_address_number_code_and_token_are_nowhere_in_the_store_or_the_trail(
    services: Services, clock: StandingClock, tmp_path: Path
) -> None:
    await verify(services, clock)
    token = await link(services, OTHER_MAIL)
    _, text = await code(services, OTHER_PHONE)
    await fail(services)
    needles = [MAIL, OTHER_MAIL, PHONE, OTHER_PHONE, token, text, PHONE[1:], PHONE[-9:]]
    files = [one for one in (tmp_path / "data").rglob("*") if one.is_file()]
    assert files
    for file in files:
        content = file.read_bytes()
        assert not [one for one in needles if one.encode() in content], file.name


# --- calls ----------------------------------------------------------------------------------


async def spoken(services: Services, phone: str = PHONE) -> tuple[str, str]:
    """Challenge and code of a call."""
    asking = services.setting_up.verification.asking
    challenge = await asking.send_code(phone, spoken=True, actor=await who(services))
    return challenge, (await newest(services, Topic.PHONE_CALL))[0]


async def test_a_spoken_code_proves_the_phone(services: Services) -> None:
    challenge, text = await spoken(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    (shown,) = mailbox.messages()
    assert shown.way is Way.VOICE
    assert shown.parcel.words.text.count(", ".join(text)) == 2  # digit by digit, twice
    answering = services.setting_up.verification.answering
    proven = await answering.confirm_phone(challenge, text, actor=await who(services))
    assert proven is Standing.PHONE_PROVEN


async def test_calls_reach_fixed_lines_but_no_premium_internet_or_foreign_numbers(
    services: Services, clock: StandingClock
) -> None:
    asking = services.setting_up.verification.asking
    fixed = "+61 2 5550 1234"
    assert await tried(asking.send_code(fixed, actor=await who(services))) == "number-refused"
    await spoken(services, fixed)
    for phone in ("+61 1900 654 321", "+44 56 0000 0000", "+91 98765 43210"):
        attempt = asking.send_code(phone, spoken=True, actor=await who(services))
        assert await tried(attempt) in {"number-refused", "invalid-input"}


async def test_calls_and_sms_share_their_limits(services: Services, clock: StandingClock) -> None:
    asking, oliver = services.setting_up.verification.asking, await who(services)
    await asking.send_code(PHONE, actor=oliver)
    assert await tried(asking.send_code(PHONE, spoken=True, actor=oliver)) == "wait"
    sent = 1
    for turn in range(60):
        clock.pass_time(seconds=3700)
        attempt = asking.send_code(PHONE, spoken=turn % 2 == 0, actor=await who(services))
        if await tried(attempt) == "sending-stopped":
            break
        sent += 1
    assert sent == rules.NUMBER_A_DAY


async def test_a_spoken_code_ends_the_one_by_sms(services: Services, clock: StandingClock) -> None:
    challenge, text = await code(services)
    clock.pass_time(seconds=31)
    await spoken(services)
    answering = services.setting_up.verification.answering
    attempt = answering.confirm_phone(challenge, text, actor=await who(services))
    assert await tried(attempt) == "no-code"
