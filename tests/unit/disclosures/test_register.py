"""The register of who outside asked for data."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.disclosures.documents import ENTRY
from portal.domain.disclosures.model import (
    Basis,
    Case,
    Check,
    Data,
    RegisterStep,
    Ruling,
    Whose,
    Words,
)
from portal.domain.disclosures.service import Disclosures, Said
from portal.domain.shared.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from portal.domain.shared.fields import faults
from portal.domain.standing.export import Part
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import actions, trail

DAY_MS = 24 * 3600 * 1000
ASKED = frozenset({Data.RECORDINGS, Data.CONTACT_RECORDS})
SECRET = "Landgericht Musterstadt, Kammer 4"
REQUEST = Said(
    RegisterStep.RECEIVED,
    Words(SECRET, "4 O 12/26", "Section 100a", "The caller of 3 May", "By courier"),
    basis=Basis.LEGAL_ORDER,
    data=ASKED,
    whose=frozenset({Whose.CUSTOMERS}),
)
GRANT = Said(
    RegisterStep.DECIDED,
    Words(text="The order is in force"),
    data=ASKED,
    checks=frozenset(Check),
    outcome=Ruling.GRANTED,
)
REFUSE = Said(RegisterStep.DECIDED, Words(text="Not a court of ours"), outcome=Ruling.REFUSED)
NARROW = GRANT._replace(outcome=Ruling.NARROWED, data=frozenset({Data.RECORDINGS}))
HAND_OVER = Said(
    RegisterStep.HANDED_OVER,
    Words(text="On a disk, to the clerk"),
    data=frozenset({Data.RECORDINGS}),
)
NOTIFY = Said(RegisterStep.NOTIFIED, Words(text="By letter"))


def somebody(person: str, role: Role = Role.OPERATOR) -> Actor:
    return acting_as(role, person, person.title(), "harbour")


ONE, OTHER = somebody("one"), somebody("other")
REPRESENTATIVE = somebody("oliver.bright", Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE)
OFFICER = somebody("hana.novak", Role.PRIVACY_OFFICER)


@pytest.fixture
def register(services: Services) -> Disclosures:
    return services.setting_up.disclosures


async def entered(register: Disclosures, *said: Said, **silent: int) -> Case:
    """A case with these entries behind the receipt; decisions are somebody else's."""
    case = await register.receive(REQUEST, actor=ONE, **silent)
    for one in said:
        case = await register.enter(case.id, one, version=case.version, actor=OTHER)
    return case


async def test_a_case_from_receipt_to_notice(register: Disclosures, services: Services) -> None:
    case = await entered(register, NARROW, HAND_OVER, NOTIFY)
    assert await register.case(case.id, actor=OFFICER) == case
    assert [one.kind for one in case.entries] == [
        RegisterStep.RECEIVED,
        RegisterStep.DECIDED,
        RegisterStep.HANDED_OVER,
        RegisterStep.NOTIFIED,
    ]
    assert case.receipt.words.requester == SECRET
    assert case.decision is not None
    assert (case.decision.by, case.decision.outcome) == ("other", Ruling.NARROWED)
    assert (await actions(services)).count("disclosure.entered") == 4
    assert SECRET not in str(await trail(services))


@pytest.mark.parametrize("missing", ["requester", "reference", "basis", "data", "whose"])
async def test_nothing_is_entered_without_asker_basis_and_extent(
    register: Disclosures, missing: str
) -> None:
    said = REQUEST
    if missing in Words._fields:
        said = said._replace(words=said.words._replace(**{missing: ""}))
    else:
        empty: Any = None if missing == "basis" else frozenset()
        said = said._replace(**{missing: empty})
    with pytest.raises(InvalidInput) as refused:
        await register.receive(said, actor=ONE)
    assert set(refused.value.fields) == {missing}
    assert await register.cases(actor=ONE) == []


async def test_somebody_else_grants_than_who_entered_it(register: Disclosures) -> None:
    case = await entered(register)
    for said in (GRANT, NARROW):
        with pytest.raises(Forbidden) as refused:
            await register.enter(case.id, said, version=1, actor=ONE)
        assert refused.value.code == "four-eyes"
    refusal = await register.enter(case.id, REFUSE, version=1, actor=ONE)
    assert refusal.decision is not None


@pytest.mark.parametrize(
    "said",
    [
        GRANT._replace(checks=frozenset(Check) - {Check.JURISDICTION}),
        GRANT._replace(data=frozenset({Data.RECORDINGS})),
        GRANT._replace(words=Words()),
        NARROW._replace(data=ASKED),
        NARROW._replace(data=frozenset()),
        NARROW._replace(data=frozenset({Data.INCIDENTS})),
        REFUSE._replace(data=frozenset({Data.RECORDINGS})),
        REFUSE._replace(words=Words()),
    ],
)
async def test_a_decision_fits_the_request_and_says_why(register: Disclosures, said: Said) -> None:
    case = await entered(register)
    with pytest.raises(InvalidInput):
        await register.enter(case.id, said, version=1, actor=OTHER)


@pytest.mark.parametrize(
    ("before", "said", "code"),
    [
        ((), HAND_OVER, "not-granted"),
        ((REFUSE,), HAND_OVER, "not-granted"),
        ((NARROW,), HAND_OVER._replace(data=ASKED), "invalid-input"),
        ((GRANT,), HAND_OVER._replace(data=frozenset()), "invalid-input"),
        ((GRANT,), HAND_OVER._replace(words=Words()), "invalid-input"),
        ((GRANT,), HAND_OVER._replace(happened_at_ms=2**50), "invalid-input"),
        ((GRANT,), REFUSE, "decided"),
        ((), NOTIFY, "not-decided"),
        ((GRANT, NOTIFY), NOTIFY, "notified"),
        ((), Said(RegisterStep.CORRECTED, Words(text="x"), corrects=2), "invalid-input"),
        ((), Said(RegisterStep.CORRECTED, Words(), corrects=1), "invalid-input"),
        ((), Said(RegisterStep.GAGGED, Words(), until_ms=2**50), "invalid-input"),
        ((), Said(RegisterStep.GAGGED, Words(reference="x"), until_ms=1), "invalid-input"),
        ((), Said(RegisterStep.GAGGED, Words(reference="x")), "not-silent"),
        ((), REQUEST, "received"),
    ],
)
async def test_what_does_not_follow_is_refused(
    register: Disclosures, before: tuple[Said, ...], said: Said, code: str
) -> None:
    case = await entered(register, *before)
    with pytest.raises(DomainError) as refused:
        await register.enter(case.id, said, version=case.version, actor=OTHER)
    assert refused.value.code == code
    assert (await register.case(case.id, actor=ONE)).version == case.version


async def test_a_refusal_can_be_followed_by_another_decision(register: Disclosures) -> None:
    case = await entered(register, REFUSE, GRANT)
    assert case.decision is not None
    assert case.decision.outcome is Ruling.GRANTED


async def test_a_correction_is_an_entry_and_nothing_is_written_over(
    register: Disclosures, services: Services
) -> None:
    case = await entered(register)
    partition = (await services.directory.get("harbour")).partition
    before = (await services.documents.query(partition, ENTRY)).documents
    said = Said(RegisterStep.CORRECTED, Words(text="It was chamber 5"), corrects=1)
    corrected = await register.enter(case.id, said, version=1, actor=ONE)
    after = (await services.documents.query(partition, ENTRY)).documents
    assert after[:1] == before
    assert corrected.entries[0] == case.entries[0]
    assert corrected.entries[1].corrects == 1


# --- silence ------------------------------------------------------------------------------


async def test_while_silence_is_ordered_the_case_is_there_for_operators_alone(
    register: Disclosures, clock: StandingClock
) -> None:
    until = clock.now_ms() + DAY_MS
    case = await entered(register, GRANT, silent_until_ms=until)
    seen = await entered(register)
    for actor in (REPRESENTATIVE, OFFICER):
        assert [one.id for one in await register.cases(actor=actor)] == [seen.id]
        assert [one.id for one in await register.export(actor=actor)] == [seen.id]
        with pytest.raises(NotFound):
            await register.case(case.id, actor=actor)
        with pytest.raises(NotFound):
            await register.enter(case.id, REFUSE, version=case.version, actor=actor)
    assert len(await register.cases(actor=ONE)) == 2
    clock.pass_time(seconds=DAY_MS / 1000)
    assert {one.id for one in await register.cases(actor=OFFICER)} == {case.id, seen.id}


async def test_nothing_that_the_organisation_takes_along_tells_of_a_silent_case(
    register: Disclosures, services: Services, clock: StandingClock
) -> None:
    before = await actions(services)
    silent = await entered(register, GRANT, silent_until_ms=clock.now_ms() + DAY_MS)
    lifted = Said(RegisterStep.GAGGED, Words(reference="4 O 12/26, lifted"))
    assert await actions(services) == before
    taker = replace(REPRESENTATIVE, proved_at_s=clock.now_ms() / 1000)
    for part in Part:
        pieces = [piece async for piece in await services.export.take(part, actor=taker)]
        assert silent.id.encode() not in b"".join(pieces), part
    await register.export(actor=ONE)
    assert (await trail(services))[-1].facts == {"cases": 0}
    kept = [one async for one in services.audit.entries(services.directory.directory)]
    assert [
        (one.actor, one.target, one.facts["kind"])
        for one in kept
        if one.action == "disclosure.entered"
    ] == [
        ("one", f"harbour|{silent.id}|1", "received"),
        ("one", f"harbour|{silent.id}|2", "gagged"),
        ("other", f"harbour|{silent.id}|3", "decided"),
    ]
    await register.enter(silent.id, lifted, version=silent.version, actor=ONE)
    pieces = [piece async for piece in await services.export.take(Part.SETTINGS, actor=taker)]
    assert silent.id.encode() in b"".join(pieces)


async def test_a_refusal_about_a_silent_case_is_none_that_is_counted(
    register: Disclosures, clock: StandingClock
) -> None:
    """Refusals of people stand in the organisation's trail, with what they wanted to do."""
    case = await register.receive(REQUEST, silent_until_ms=clock.now_ms() + DAY_MS, actor=ONE)
    with pytest.raises(Conflict) as refused:
        await register.enter(case.id, GRANT, version=case.version, actor=ONE)
    assert refused.value.code == "four-eyes"


async def test_who_silences_a_case_from_within_leaves_a_trace_in_the_own_trail(
    register: Disclosures, services: Services, clock: StandingClock
) -> None:
    case = await register.receive(REQUEST, actor=REPRESENTATIVE)
    order = Said(
        RegisterStep.GAGGED, Words(reference="4 O 12/26"), until_ms=clock.now_ms() + DAY_MS
    )
    await register.enter(case.id, order, version=1, actor=REPRESENTATIVE)
    entry = (await trail(services))[-1]
    assert (entry.actor, entry.facts["kind"]) == ("oliver.bright", "gagged")


async def test_those_concerned_are_told_once_silence_ends(
    register: Disclosures, clock: StandingClock
) -> None:
    case = await entered(register, GRANT, silent_until_ms=clock.now_ms() + DAY_MS)
    assert not case.owes_notice(clock.now_ms())
    with pytest.raises(Conflict) as refused:
        await register.enter(case.id, NOTIFY, version=case.version, actor=ONE)
    assert refused.value.code == "silent"
    clock.pass_time(seconds=DAY_MS / 1000)
    assert case.owes_notice(clock.now_ms())
    told = await register.enter(case.id, NOTIFY, version=case.version, actor=OFFICER)
    assert not told.owes_notice(clock.now_ms())


async def test_an_order_to_keep_silent_can_be_lifted_early(
    register: Disclosures, clock: StandingClock
) -> None:
    case = await entered(register, REFUSE, silent_until_ms=clock.now_ms() + DAY_MS)
    lifted = Said(RegisterStep.GAGGED, Words(reference="4 O 12/26, lifted"))
    case = await register.enter(case.id, lifted, version=case.version, actor=ONE)
    assert not case.is_silent(clock.now_ms())
    assert await register.cases(actor=OFFICER) == [case]


async def test_a_request_with_an_order_that_has_no_end_is_not_entered_at_all(
    register: Disclosures, clock: StandingClock
) -> None:
    with pytest.raises(InvalidInput):
        await register.receive(REQUEST, silent_until_ms=clock.now_ms() - 1, actor=ONE)
    assert await register.cases(actor=ONE) == []


# --- who, and at once ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", [Role.AGENT, Role.SUPERVISOR, Role.MANAGING_PARTNER, Role.SECURITY_RESPONDER]
)
async def test_others_neither_read_nor_write(register: Disclosures, role: Role) -> None:
    case, actor = await entered(register), somebody("somebody", role)
    for attempt in (
        register.cases(actor=actor),
        register.case(case.id, actor=actor),
        register.export(actor=actor),
        register.receive(REQUEST, actor=actor),
        register.enter(case.id, NOTIFY, version=1, actor=actor),
        register.enter(case.id, GRANT, version=1, actor=actor),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_another_organisation_has_no_such_case(register: Disclosures) -> None:
    case = await entered(register)
    elsewhere = replace(OFFICER, organization="juniper", organizations=("juniper",))
    assert await register.cases(actor=elsewhere) == []
    with pytest.raises(NotFound):
        await register.case(case.id, actor=elsewhere)


async def test_of_entries_at_once_one_is_made(register: Disclosures) -> None:
    case = await entered(register)

    async def tried() -> str:
        try:
            await register.enter(case.id, GRANT, version=1, actor=OTHER)
        except Conflict as refused:
            return refused.code
        return ""

    told = await asyncio.gather(*(tried() for _ in range(20)))
    assert sorted(told) == ["", *["conflict"] * 19]
    assert (await register.case(case.id, actor=ONE)).version == 2


async def test_what_people_wrote_is_sealed(register: Disclosures, services: Services) -> None:
    await entered(register, GRANT)
    partition = (await services.directory.get("harbour")).partition
    found = (await services.documents.query(partition, ENTRY)).documents
    told = json.dumps([one.body for one in found])
    assert all(word not in told for word in (SECRET, "4 O 12/26", "The caller of 3 May"))
    assert faults(ENTRY) == []


async def test_that_the_register_was_taken_stands_in_the_trail(
    register: Disclosures, services: Services
) -> None:
    await entered(register)
    assert len(await register.export(actor=OFFICER)) == 1
    entry = (await trail(services))[-1]
    assert (entry.action, entry.actor) == ("disclosures.exported", "hana.novak")
    assert entry.facts == {"cases": 1}
