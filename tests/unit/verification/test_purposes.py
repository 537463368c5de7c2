"""Contact data is read for what it was given for, and for nothing else."""

import sys
from typing import Any

import pytest

from portal.adapters.secrets.keyring import AesKeyring
from portal.domain.access.documents import MEMBER
from portal.domain.alerts.documents import CONVERSATION
from portal.domain.communications import outbox
from portal.domain.communications.documents import MESSAGE
from portal.domain.communications.model import PURPOSES, Topic, Way, purpose_of
from portal.domain.shared import contact_data
from portal.domain.shared.contact_data import WrongPurpose
from portal.domain.shared.fields import Category, Erase, Field, Kind, Purpose, Subject, faults
from portal.domain.verification.documents import CONTACT, CONTACT_ID
from portal.domain.verification.held import FIELDS, Data, Whose
from portal.domain.verification.model import Standing
from portal.domain.verification.proofs import Proofs
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import MAIL, PHONE, deliver, link, trail, verify, who


@pytest.fixture
def proofs(services: Services) -> Proofs:
    return Proofs(services.documents, services.audit)


@pytest.mark.parametrize("purpose", [Purpose.NEWS, Purpose.BILLING, Purpose.ACCESS])
async def test_a_read_for_what_it_was_not_given_for_is_refused_and_audited(
    services: Services, clock: StandingClock, proofs: Proofs, purpose: Purpose
) -> None:
    await verify(services, clock)
    tenancy = await services.directory.get("harbour")
    with pytest.raises(WrongPurpose) as refused:
        await proofs.of(tenancy, Purpose.VERIFICATION, purpose, by="oliver.bright")
    entry = (await trail(services))[-1]
    assert entry.action == "contact_data.purpose_refused"
    assert entry.actor == "oliver.bright"
    assert entry.target == "verification_contact.mail"
    assert entry.facts == {"purpose": purpose.value}
    told = f"{refused.value.message} {entry}"
    assert MAIL not in told
    assert PHONE not in told


async def test_the_phone_is_not_for_messages_about_the_service(
    services: Services, clock: StandingClock, proofs: Proofs
) -> None:
    await verify(services, clock)
    tenancy = await services.directory.get("harbour")
    assert await proofs.mail(tenancy, Purpose.SERVICE) == MAIL
    with pytest.raises(WrongPurpose):
        await proofs.of(tenancy, Purpose.SERVICE)
    assert (await trail(services))[-1].target == "verification_contact.phone"


async def test_a_mail_address_is_handed_out_once_it_is_proven_only(
    services: Services, proofs: Proofs
) -> None:
    await link(services)
    tenancy = await services.directory.get("harbour")
    assert await proofs.mail(tenancy, Purpose.SERVICE) == ""


async def test_what_was_proven_is_known_without_unsealing(
    services: Services, clock: StandingClock, proofs: Proofs, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verify(services, clock)
    tenancy = await services.directory.get("harbour")
    monkeypatch.setattr(AesKeyring, "open", None)
    proven = await proofs.proven(tenancy)
    assert proven.standing is Standing.VERIFIED
    assert proven.contact.mail.value == ""


def test_a_read_for_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="for nothing"):
        contact_data.check(CONTACT, "mail")


def test_contact_data_of_members_must_say_what_it_is_for() -> None:
    field = Field("mail", Category.CONTACT_DETAILS, Subject.MEMBER, Erase.SHRED, sealed=True)
    assert faults(Kind("k", (field,))) == ["k.mail: contact data of a member needs its purposes"]
    held = field._replace(purposes=frozenset({Purpose.SECURITY}))
    assert faults(Kind("k", (held,))) == []


def test_nothing_is_held_for_news_or_bills() -> None:
    for kind, name, _ in FIELDS.values():
        assert not kind.field(name).purposes & {Purpose.NEWS, Purpose.BILLING}


def test_proofs_and_warnings_use_addresses_for_that() -> None:
    assert {topic for topic in Topic if purpose_of(topic) is Purpose.VERIFICATION} == {
        Topic.MAIL_LINK,
        Topic.PHONE_CODE,
        Topic.PHONE_CALL,
    }
    assert purpose_of(Topic.LOCKED) is Purpose.SECURITY
    assert purpose_of(Topic.POLICY_PUBLISHED) is Purpose.SERVICE


async def test_no_message_is_written_for_another_purpose(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PURPOSES, Topic.ATTESTATION_DUE, Purpose.NEWS)
    tenancy = await services.directory.get("harbour")
    with pytest.raises(WrongPurpose):
        outbox.row(
            tenancy, Topic.ATTESTATION_DUE, Way.MAIL, cause="x", person="p", now_ms=0, to=MAIL
        )


# --- one place ----------------------------------------------------------------------------

CONTEXTS = ("contact|", "member|", "conversation|")


@pytest.fixture
def openers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was unsealed, and by which module."""
    found: list[tuple[str, str]] = []
    real = AesKeyring.open

    def watched(self: AesKeyring, key: bytes, context: str, sealed: bytes) -> bytes:
        found.append((context, str(sys._getframe(1).f_globals["__name__"])))
        return real(self, key, context, sealed)

    monkeypatch.setattr(AesKeyring, "open", watched)
    return found


async def test_contact_data_is_unsealed_in_one_place(
    services: Services, clock: StandingClock, openers: list[tuple[str, str]]
) -> None:
    await verify(services, clock)
    setting_up = services.setting_up
    oliver = await who(services)
    await setting_up.verification.status(actor=oliver)
    await setting_up.setup.progress(actor=oliver)
    await setting_up.held_data.of(actor=oliver)
    await setting_up.verification.asking.send_link("new@harbour.example", actor=oliver)
    await deliver(services)
    personal = {
        module
        for context, module in openers
        if context.startswith(CONTEXTS) or (context.startswith("message|") and "|to" in context)
    }
    assert personal == {contact_data.__name__}


async def test_every_declared_field_of_these_kinds_is_told_of(services: Services) -> None:
    declared = {
        (kind.name, field.name)
        for kind in (CONTACT, MESSAGE, MEMBER, CONVERSATION)
        for field in kind.fields
        if field.purposes
    }
    assert {(kind.name, name) for kind, name, _ in FIELDS.values()} == declared


# --- what people see ----------------------------------------------------------------------


async def test_a_representative_sees_what_is_held_for_what(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    held = {
        one.data: one for one in await services.setting_up.held_data.of(actor=await who(services))
    }
    assert set(held) == set(Data)
    assert held[Data.MAIL].purposes == (
        Purpose.VERIFICATION,
        Purpose.SECURITY,
        Purpose.SERVICE,
    )
    assert held[Data.MAIL].shown == "d•••@harbour.example"
    assert held[Data.PHONE].shown == "••• 006"
    assert held[Data.NAME].is_held


async def test_who_does_not_see_the_setup_sees_their_own_only(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    sofia = await who(services, "sofia.lindqvist")
    held = await services.setting_up.held_data.of(actor=sofia)
    assert {one.whose for one in held} == {Whose.YOU}


async def test_particulars_that_were_stored_before_open_as_they_did(
    services: Services, clock: StandingClock
) -> None:
    """Where it is unsealed changed, not how it is sealed."""
    await verify(services, clock)
    tenancy = await services.directory.get("harbour")
    known = await services.documents.get(tenancy.partition, CONTACT, CONTACT_ID)
    assert known is not None
    body: dict[str, Any] = dict(known.body)
    assert set(body) == {field.name for field in CONTACT.fields}
