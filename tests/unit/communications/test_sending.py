"""The outbox: written with its cause, sent once, put off, dropped; choices count as of sending."""

from collections.abc import Mapping

import pytest

from portal.domain.communications.documents import MESSAGE
from portal.domain.communications.model import MessageClass, Topic, Way, class_of
from portal.domain.communications.outbox import row
from portal.domain.communications.ports import Busy, Carrier, Parcel, Refused
from portal.domain.communications.sending import HOLD_MS, Sending, Told
from portal.domain.communications.texts import SHARED, WORDS, written
from portal.domain.shared.errors import Conflict, InvalidInput
from portal.wiring import Services
from tests.fakes.centre import Killed
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import MAIL, OLIVER, actions, who

OPTIONAL, ESSENTIAL = MessageClass.OPTIONAL, MessageClass.ESSENTIAL


class Ledger:
    """Writes down what is handed over. `trouble` is raised instead, `after` when it was taken."""

    def __init__(self) -> None:
        self.taken: list[Parcel] = []
        self.trouble: list[BaseException] = []
        self.after: list[BaseException] = []

    async def carry(self, parcel: Parcel) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.taken.append(parcel)
        if self.after:
            raise self.after.pop(0)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def sending(services: Services, ledger: Carrier, *ways: Way) -> Sending:
    carriers: Mapping[Way, Carrier] = dict.fromkeys(ways or tuple(Way), ledger)
    return Sending(
        services.directory, services.documents, carriers, services.clock, "https://x.example"
    )


async def put(
    services: Services, topic: Topic, cause: str = "c", *, way: Way = Way.MAIL, minutes: int = 60
) -> str:
    tenancy = await services.directory.get("harbour")
    now_ms = services.clock.now_ms()
    values = {"path": "/verify#t", "due": "soon", "code": "12345678", "minutes": "15"}
    write = row(
        tenancy,
        topic,
        way,
        cause=cause,
        person=OLIVER,
        now_ms=now_ms,
        to=MAIL,
        values=values,
        until_ms=now_ms + minutes * 60_000,
    )
    await services.documents.batch(tenancy.partition, [write])
    return write.id


async def test_a_message_is_sent_once_and_its_content_forgotten(
    services: Services, ledger: Ledger
) -> None:
    id = await put(services, Topic.MAIL_LINK)
    sender = sending(services, ledger)
    assert await sender.send() == Told(sent=1)
    assert await sender.send() == Told()
    (parcel,) = ledger.taken
    assert (parcel.to, parcel.words.link) == (MAIL, "https://x.example/verify#t")
    assert parcel.words.link in parcel.words.text
    tenancy = await services.directory.get("harbour")
    known = await services.documents.get(tenancy.partition, MESSAGE, id)
    assert known is not None
    assert len(known.body["to"]) < 50
    assert known.body["stage"] == "sent"


async def test_the_same_cause_makes_one_message(services: Services) -> None:
    await put(services, Topic.LOCKED)
    with pytest.raises(Conflict):
        await put(services, Topic.LOCKED)


async def test_what_fails_is_tried_again_with_the_same_key(
    services: Services, ledger: Ledger, clock: StandingClock
) -> None:
    await put(services, Topic.MAIL_LINK)
    ledger.trouble = [OSError("down"), Busy(60)]
    sender = sending(services, ledger)
    told = await sender.send()
    assert (told.put_off, len(told.failures)) == (1, 1)
    assert await sender.send() == Told()
    clock.pass_time(seconds=5)
    assert await sender.send() == Told(put_off=1)
    clock.pass_time(seconds=60)
    assert await sender.send() == Told(sent=1)


async def test_a_process_that_ends_in_between_hands_over_the_same_again(
    services: Services, ledger: Ledger, clock: StandingClock
) -> None:
    await put(services, Topic.PHONE_CODE)
    ledger.after = [Killed()]
    with pytest.raises(Killed):
        await sending(services, ledger).send()
    assert await sending(services, ledger).send() == Told()
    clock.pass_time(seconds=HOLD_MS / 1000)
    assert await sending(services, ledger).send() == Told(sent=1)
    first, second = ledger.taken
    assert first == second


async def test_what_is_refused_or_too_late_is_dropped(
    services: Services, ledger: Ledger, clock: StandingClock
) -> None:
    await put(services, Topic.MAIL_LINK, "refused")
    ledger.trouble = [Refused()]
    sender = sending(services, ledger)
    assert await sender.send() == Told(dropped=1)
    await put(services, Topic.PHONE_CODE, "late", minutes=5)
    clock.pass_time(seconds=300)
    assert await sender.send() == Told(dropped=1)
    assert ledger.taken == []


async def test_what_has_no_carrier_waits(services: Services, ledger: Ledger) -> None:
    await put(services, Topic.LOCKED, way=Way.TEAMS)
    assert await sending(services, ledger, Way.MAIL).send() == Told(put_off=1)
    assert ledger.taken == []


async def test_the_most_pressing_goes_first(services: Services, ledger: Ledger) -> None:
    await put(services, Topic.LOCKED, minutes=600)
    await put(services, Topic.PHONE_CODE, minutes=5)
    await sending(services, ledger).send()
    assert [one.topic for one in ledger.taken] == ["phone_code", "locked"]


# --- choices ------------------------------------------------------------------------------


async def test_an_optional_message_is_silenced_by_the_choice_as_of_sending(
    services: Services, ledger: Ledger
) -> None:
    await put(services, Topic.ATTESTATION_DUE, "mail")
    await put(services, Topic.ATTESTATION_DUE, "teams", way=Way.TEAMS)
    communications, oliver = services.setting_up.communications, await who(services)
    await communications.choose({(OPTIONAL, Way.MAIL): False}, version=0, actor=oliver)
    assert await sending(services, ledger).send() == Told(sent=1, dropped=1)
    await communications.choose({(OPTIONAL, Way.MAIL): True}, version=1, actor=oliver)
    await put(services, Topic.ATTESTATION_DUE, "again")
    assert await sending(services, ledger).send() == Told(sent=1)
    assert (await actions(services)).count("communications.preferences_changed") == 2


@pytest.mark.parametrize("way", Way)
async def test_essential_messages_cannot_be_silenced(
    services: Services, ledger: Ledger, way: Way
) -> None:
    communications, oliver = services.setting_up.communications, await who(services)
    with pytest.raises(InvalidInput) as refused:
        await communications.choose({(ESSENTIAL, way): False}, version=0, actor=oliver)
    assert refused.value.code == "essential"
    silent = {(OPTIONAL, one): False for one in Way}
    await communications.choose(silent, version=0, actor=oliver)
    await put(services, Topic.LOCKED, way=way)
    assert await sending(services, ledger).send() == Told(sent=1)


async def test_stale_choices_are_refused(services: Services) -> None:
    communications, oliver = services.setting_up.communications, await who(services)
    await communications.choose({(OPTIONAL, Way.SMS): False}, version=0, actor=oliver)
    with pytest.raises(Conflict):
        await communications.choose({(OPTIONAL, Way.SMS): True}, version=0, actor=oliver)


# --- words --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("topic", Topic)
def test_every_message_says_that_codes_are_not_shared(topic: Topic, language: str) -> None:
    values = dict.fromkeys(
        (
            "organization",
            "code",
            "minutes",
            "what",
            "title",
            "number",
            "effective",
            "summary",
            "id",
            "due",
            "until",
            "reference",
            "tenant",
        ),
        "x",
    )
    said = written(topic, language, values, "https://x.example")
    assert SHARED[language] in said.text
    assert set(WORDS[language]) == set(Topic)


def test_security_and_terms_are_essential() -> None:
    assert {one for one in Topic if class_of(one) is OPTIONAL} == {Topic.ATTESTATION_DUE}
