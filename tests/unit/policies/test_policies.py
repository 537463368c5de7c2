"""Versions, acceptance, being held to looking, declining, being told."""

import pytest

from portal.domain.policies import rules
from portal.domain.policies.model import Policy, Version
from portal.domain.policies.rules import NOTICE_MS, difference, faults
from portal.domain.policies.service import Policies
from portal.domain.policies.texts import CATALOGUE
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.domain.verification.proofs import Proofs
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.ids import CountingIds
from tests.fakes.setting_up import MAIL, actions, deliver, trail, verify, who

DAY_MS = 24 * 3600 * 1000
PUBLISHED, EFFECTIVE = centre.NOW_MS + DAY_MS, centre.NOW_MS + 20 * DAY_MS
FIRST = Version(1, "We keep little.\n\nWe tell you.", "First.", 0, 0)
SECOND = Version(2, "We keep less.\n\nWe tell you.", "Less is kept.", PUBLISHED, EFFECTIVE)
TERMS = Policy("terms", "Terms", centre.NOW_MS, (FIRST, SECOND))


@pytest.fixture
def policies(services: Services) -> Policies:
    return Policies(
        catalogue=(TERMS,),
        organizations=services.directory,
        documents=services.documents,
        audit=services.audit,
        proofs=Proofs(services.documents, services.audit),
        clock=services.clock,
        ids=CountingIds(),
        support_mail="support@service.example",
    )


async def is_held(policies: Policies, services: Services) -> bool:
    try:
        await policies.require_accepted(await who(services))
    except Forbidden as refused:
        return refused.code == "policy-not-accepted"
    return False


async def test_who_has_not_accepted_what_is_in_force_only_looks(
    services: Services, policies: Policies
) -> None:
    assert await is_held(policies, services)
    await policies.accept("terms", 1, FIRST.text_hash, actor=await who(services))
    assert not await is_held(policies, services)
    (own,) = await policies.own(actor=await who(services))
    assert [(one.number, one.text_hash) for one in own.words] == [(1, FIRST.text_hash)]
    entry = (await trail(services))[-1]
    assert (entry.action, entry.actor, entry.target) == (
        "policy.accepted",
        "oliver.bright",
        "terms",
    )


async def test_a_new_version_holds_nobody_before_it_takes_effect(
    services: Services, policies: Policies, clock: StandingClock
) -> None:
    await policies.accept("terms", 1, FIRST.text_hash, actor=await who(services))
    clock.now = EFFECTIVE - 1
    (own,) = await policies.own(actor=await who(services))
    assert own.accept_by_ms == EFFECTIVE
    assert not await is_held(policies, services)
    clock.now = EFFECTIVE
    assert await is_held(policies, services)
    with pytest.raises(InvalidInput):
        await policies.accept("terms", 1, FIRST.text_hash, actor=await who(services))
    await policies.accept("terms", 2, SECOND.text_hash, actor=await who(services))
    assert not await is_held(policies, services)


async def test_a_version_to_come_can_be_accepted_before(
    services: Services, policies: Policies, clock: StandingClock
) -> None:
    with pytest.raises(NotFound):
        await policies.accept("terms", 2, SECOND.text_hash, actor=await who(services))
    clock.now = PUBLISHED
    await policies.accept("terms", 2, SECOND.text_hash, actor=await who(services))
    clock.now = EFFECTIVE
    assert not await is_held(policies, services)


async def test_the_hash_must_be_of_the_text_that_was_read(
    services: Services, policies: Policies
) -> None:
    with pytest.raises(InvalidInput):
        await policies.accept("terms", 1, SECOND.text_hash, actor=await who(services))
    assert await is_held(policies, services)
    await policies.accept("terms", 1, FIRST.text_hash, actor=await who(services))
    with pytest.raises(Conflict):
        await policies.accept("terms", 1, FIRST.text_hash, actor=await who(services))


async def test_declining_opens_a_request_and_accepting_later_is_possible(
    services: Services, policies: Policies
) -> None:
    oliver, why = await who(services), "We keep nothing at all"
    id = await policies.decline("terms", 1, why, actor=oliver)
    assert await is_held(policies, services)
    (request,) = await policies.requests(actor=await who(services, "luca.moretti"))
    assert (request.id, request.person, request.why) == (id, "oliver.bright", why)
    await deliver(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    (told,) = [one.parcel for one in mailbox.messages() if one.parcel.topic == "support_request"]
    assert told.to == "support@service.example"
    assert why not in told.words.text
    assert why not in str(await trail(services))
    assert "policy.declined" in await actions(services)
    with pytest.raises(Conflict):
        await policies.decline("terms", 1, why, actor=oliver)
    await policies.accept("terms", 1, FIRST.text_hash, actor=oliver)
    assert not await is_held(policies, services)


async def test_everybody_is_told_of_a_published_version_once(
    services: Services, policies: Policies, clock: StandingClock
) -> None:
    await verify(services, clock)
    assert await policies.announce() == 0
    clock.now = PUBLISHED
    members = {"harbour": 7, "juniper": 7}
    assert await policies.announce() == sum(members.values()) + 1
    assert await policies.announce() == 0
    await deliver(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    told = [one.parcel for one in mailbox.messages() if one.parcel.topic == "policy_published"]
    assert MAIL in {one.to for one in told}
    assert "oliver.bright" in {one.person for one in told}
    assert all("Less is kept." in one.words.text for one in told)
    assert all("2026-11-17" in one.words.text for one in told)


async def test_acceptances_are_of_one_person(services: Services, policies: Policies) -> None:
    await policies.accept("terms", 1, FIRST.text_hash, actor=await who(services, "amira.khan"))
    assert await is_held(policies, services)


def test_a_difference_gives_both_texts_back() -> None:
    lines = difference(FIRST.text, SECOND.text)
    older = [one.text for one in lines if one.change in {"same", "removed"}]
    newer = [one.text for one in lines if one.change in {"same", "added"}]
    assert older == rules.paragraphs(FIRST.text)
    assert newer == rules.paragraphs(SECOND.text)
    assert [one.change for one in lines] == ["removed", "added", "same"]


def test_the_catalogue_is_in_order() -> None:
    assert faults(CATALOGUE) == []
    assert [one.text_hash[:12] for policy in CATALOGUE for one in policy.versions] == KNOWN


KNOWN = ["92a896722549", "8ee2957a32d1"]
"""Texts are never edited: whoever changes one adds a version, and its hash here."""


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (SECOND._replace(number=3), "gaps"),
        (SECOND._replace(effective_at_ms=PUBLISHED + NOTICE_MS - 1), "14 days"),
        (SECOND._replace(published_at_ms=-NOTICE_MS, effective_at_ms=0), "predecessor"),
        (SECOND._replace(text=FIRST.text), "says what"),
    ],
)
def test_faults_of_a_catalogue_are_told(second: Version, why: str) -> None:
    (found,) = faults([TERMS._replace(versions=(FIRST, second))])
    assert why in found


def test_a_review_is_due_after_a_year() -> None:
    assert TERMS.review_due_ms == centre.NOW_MS + 365 * DAY_MS
