import asyncio
import random
from functools import partial
from typing import Any

import pytest

from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.domain.alerts.activities import Replayed
from portal.domain.incidents import rules
from portal.domain.incidents.documents import COUNT, DELIVERY, ENTRY, INCIDENT, TERMS
from portal.domain.incidents.handling import Filters
from portal.domain.incidents.model import (
    Category,
    Due,
    EntryKind,
    Impact,
    IncidentKind,
    NoticeDecision,
    Severity,
    State,
    Task,
)
from portal.domain.incidents.service import is_asked
from portal.domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    StepUpRequired,
)
from portal.domain.shared.fields import faults
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.incidents.helpers import OFFICER, REPORTER, RESPONDER, proven, reported


async def test_a_report_is_numbered_receipted_and_masked(services: Services) -> None:
    first = await reported(services, "Sent to jo@example.com, password: hunter22")
    second = await reported(services)
    assert (first.incident.reference, second.incident.reference) == ("SR-000001", "SR-000002")
    assert first.masked == 2
    amira = await centre.actor(services, REPORTER)
    whole = await services.incidents.get(first.incident.id, actor=amira)
    assert whole.report is not None
    assert whole.report.what == "Sent to [email], password: [secret]"
    assert await services.incidents.verify("sr-000001", first.code.lower(), actor=amira)
    assert await services.incidents.verify("SR-000001", second.code, actor=amira) is None
    assert await services.incidents.verify("SR-000009", first.code, actor=amira) is None


async def test_the_reporter_may_keep_what_was_found(services: Services) -> None:
    receipt = await reported(services, "Sent to jo@example.com", keep=["email"])
    whole = await services.incidents.get(
        receipt.incident.id, actor=await centre.actor(services, REPORTER)
    )
    assert whole.report is not None
    assert (whole.report.what, receipt.masked) == ("Sent to jo@example.com", 0)


async def test_twenty_reports_at_once_get_twenty_numbers(services: Services) -> None:
    made = await asyncio.gather(*(reported(services) for _ in range(20)))
    assert sorted(one.incident.id for one in made) == [f"{n:08d}" for n in range(1, 21)]


async def test_an_activity_reports_once(services: Services) -> None:
    await reported(services, once="a" * 64)
    with pytest.raises(Replayed):
        await reported(services, once="a" * 64)
    assert len(await services.incidents.own(actor=await centre.actor(services, REPORTER))) == 1


async def test_a_duplicate_can_be_joined(services: Services) -> None:
    first = await reported(services)
    amira = await centre.actor(services, REPORTER)
    (open_,) = await services.incidents.similar(Category.LOST_DEVICE, actor=amira)
    assert await services.incidents.similar(Category.PHISHING, actor=amira) == ()
    joined = await reported(services, "And the phone too", joins=open_.id)
    assert joined.incident.id == first.incident.id
    whole = await services.incidents.get(open_.id, actor=amira)
    assert [one.text for one in whole.entries] == ["", "And the phone too"]


async def test_others_reports_are_not_there(services: Services) -> None:
    receipt = await reported(services)
    id = receipt.incident.id
    for who, organization in (("sofia.lindqvist", "harbour"), ("noah.reyes", "juniper")):
        other = await centre.actor(services, who, organization)
        with pytest.raises(NotFound):
            await services.incidents.get(id, actor=other)
        with pytest.raises(NotFound):
            await services.incidents.answer(id, "hello", actor=other)
        with pytest.raises(Forbidden):
            await services.handling.get(id, actor=other)
    with pytest.raises(NotFound):
        await services.handling.get(id, actor=await centre.actor(services, "mei.tanaka"))


async def test_partners_see_counts_and_nothing_else(services: Services) -> None:
    await reported(services)
    ruth = await centre.actor(services, "ruth.engel", "harbour")
    found = await services.handling.statistics(actor=ruth)
    assert (found.total, found.open, found.by_state[State.NEW]) == (1, 1, 1)
    assert found.weeks[-1].reported == 1
    for refused in (
        services.handling.queue(Filters(), actor=ruth),
        services.handling.get("00000001", actor=ruth),
        services.handling.export(actor=ruth),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_a_life_from_report_to_closing(services: Services, clock: StandingClock) -> None:
    id = (await reported(services)).incident.id
    tomas, amira = await centre.actor(services, RESPONDER), await centre.actor(services, REPORTER)
    whole = await services.handling.take(id, actor=tomas, version=1)
    assert (whole.incident.state, whole.incident.lead) == (State.TRIAGED, RESPONDER)
    version = whole.incident.version
    for state in (State.INVESTIGATING, State.CONTAINED, State.RESOLVED, State.CLOSED):
        clock.pass_time(seconds=60)
        whole = await services.handling.step(id, state, actor=tomas, version=version)
        version = whole.incident.version
    with pytest.raises(Conflict):
        await services.incidents.answer(id, "late", actor=amira)
    whole = await services.handling.step(id, State.INVESTIGATING, actor=tomas, version=version)
    assert dict(whole.entries[-1].facts)["reopened"] == "yes"
    assert whole.incident.resolved_at_ms == whole.incident.closed_at_ms == 0
    tenancy = await services.directory.get("harbour")
    assert await services.audit.first_break(tenancy.partition) is None


async def test_question_and_answer_and_a_note_apart(services: Services) -> None:
    id = (await reported(services)).incident.id
    tomas, amira = await centre.actor(services, RESPONDER), await centre.actor(services, REPORTER)
    whole = await services.handling.say(
        id, EntryKind.NOTE, "Looks like Sam again", actor=tomas, version=1
    )
    whole = await services.handling.say(
        id, EntryKind.QUESTION, "Which laptop?", actor=tomas, version=whole.incident.version
    )
    seen = await services.incidents.get(id, actor=amira)
    assert is_asked(seen.entries)
    assert "Sam" not in str(seen)
    assert RESPONDER not in {one.actor for one in seen.entries}
    seen = await services.incidents.answer(id, "Mine", actor=amira)
    assert not is_asked(seen.entries)
    whole = await services.handling.get(id, actor=tomas)
    assert [one.text for one in whole.entries][-3:] == [
        "Looks like Sam again",
        "Which laptop?",
        "Mine",
    ]


async def test_of_two_at_once_one_wins(services: Services) -> None:
    id = (await reported(services)).incident.id
    both = [await centre.actor(services, who) for who in (RESPONDER, OFFICER)]
    done = await asyncio.gather(
        *(services.handling.take(id, actor=one, version=1) for one in both), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in done) == 1
    whole = await services.handling.get(id, actor=both[0])
    assert [one.kind for one in whole.entries].count(EntryKind.ASSIGNED) == 1


async def test_only_who_may_handle_is_assigned(services: Services) -> None:
    id = (await reported(services)).incident.id
    tomas = await centre.actor(services, RESPONDER)
    for stranger in (REPORTER, "mei.tanaka", "nobody"):
        with pytest.raises(InvalidInput):
            await services.handling.assign(id, stranger, [], [], actor=tomas, version=1)
    whole = await services.handling.assign(id, RESPONDER, [OFFICER], [], actor=tomas, version=1)
    assert whole.incident.responders == (OFFICER,)
    able = [one.person_id for one in await services.handling.candidates(actor=tomas)]
    assert able == [OFFICER, "oliver.bright", RESPONDER]


async def test_an_observer_reads_and_changes_nothing_until_they_take_part(
    services: Services,
) -> None:
    id = (await reported(services)).incident.id
    handling, hana = services.handling, await proven(services, OFFICER)
    tomas = await centre.actor(services, RESPONDER)
    await handling.assign(id, RESPONDER, [], [OFFICER], actor=tomas, version=1)
    seen: dict[str, Any] = {"actor": hana, "version": 2}
    for change in (
        handling.step(id, State.TRIAGED, **seen),
        handling.rate(id, Category.OTHER, Severity.LOW, Impact.ONE, **seen),
        handling.assign(id, OFFICER, [], [], **seen),
        handling.say(id, EntryKind.NOTE, "A note", **seen),
        handling.say(id, EntryKind.MESSAGE, "A word", **seen),
        handling.set_tasks(id, [Task("Lock it")], **seen),
        handling.link(id, "00000009", **seen),
        handling.convert(id, IncidentKind.INQUIRY, **seen),
        handling.breach(id, centre.NOW_MS, **seen),
        handling.decide(id, NoticeDecision.NOTIFY, "So", **seen),
        handling.forget_reporter(id, **seen),
    ):
        with pytest.raises(Forbidden):
            await change
    whole = await handling.get(id, actor=hana)
    assert (whole.incident.version, len(whole.entries)) == (2, 2)
    await handling.take(id, **seen)
    whole = await handling.say(id, EntryKind.NOTE, "A note", actor=hana, version=3)
    assert whole.entries[-1].text == "A note"


async def test_tasks_links_merging_and_conversion(services: Services) -> None:
    one, other = (await reported(services)).incident.id, (await reported(services)).incident.id
    tomas = await centre.actor(services, RESPONDER)
    whole = await services.handling.set_tasks(
        one, [Task("Lock the account", owner=RESPONDER)], actor=tomas, version=1
    )
    assert whole.details.tasks == (Task("Lock the account", owner=RESPONDER),)
    whole = await services.handling.convert(one, IncidentKind.INQUIRY, actor=tomas, version=2)
    assert len(rules.clocks(whole.incident)) == 1
    with pytest.raises(InvalidInput):
        await services.handling.link(one, one, actor=tomas, version=3)
    whole = await services.handling.link(one, other, actor=tomas, version=3, merge=True)
    assert (whole.incident.state, whole.incident.merged_into) == (State.CLOSED, other)
    opposite = await services.handling.get(other, actor=tomas)
    assert (opposite.incident.linked, opposite.incident.version) == ((one,), 2)
    assert dict(opposite.entries[-1].facts) == {"other": "SR-000001"}
    with pytest.raises(Conflict) as refused:
        await services.handling.step(one, State.INVESTIGATING, actor=tomas, version=4)
    assert refused.value.code == "merged"


async def test_a_breach_has_clocks_a_draft_and_a_decision(
    services: Services, clock: StandingClock
) -> None:
    id = (await reported(services, "Letters went to the wrong house")).incident.id
    hana = await centre.actor(services, OFFICER)
    with pytest.raises(Conflict):
        await services.handling.notification(id, actor=hana)
    whole = await services.handling.breach(id, clock.now, actor=hana, version=1)
    assert whole.incident.authority_by_ms == clock.now + 72 * 3600 * 1000
    known, text = await services.handling.notification(id, actor=hana)
    assert known.hours == 72
    assert "Letters went to the wrong house" in text
    assert "SR-000001" in text
    whole = await services.handling.decide(
        id, NoticeDecision.NO_NOTICE, "Nobody opened them", actor=hana, version=2
    )
    assert whole.details.decision_reason == "Nobody opened them"
    assert Due.AUTHORITY not in rules.late(whole.incident, clock.now + 73 * 3600 * 1000)


async def test_forgetting_the_reporter_keeps_the_facts(services: Services) -> None:
    id = (await reported(services, "CANARY-REPORT")).incident.id
    amira, tomas = await centre.actor(services, REPORTER), await centre.actor(services, RESPONDER)
    await services.incidents.answer(id, "CANARY-ANSWER", actor=amira)
    with pytest.raises(StepUpRequired):
        await services.handling.forget_reporter(id, actor=tomas, version=2)
    tomas = await proven(services, RESPONDER)
    with pytest.raises(Conflict):
        await services.handling.forget_reporter(id, actor=tomas, version=1)
    await services.handling.forget_reporter(id, actor=tomas, version=2)
    whole = await services.handling.get(id, actor=tomas)
    assert (whole.report, whole.incident.reporter) == (None, "")
    assert whole.incident.category is Category.LOST_DEVICE
    assert [one.kind for one in whole.entries] == [EntryKind.REPORTED, EntryKind.ANSWER]
    assert "CANARY" not in str(whole)
    assert REPORTER not in {one.actor for one in whole.entries if one.theirs}
    assert await services.incidents.own(actor=amira) == ()
    tenancy = await services.directory.get("harbour")
    kinds = {INCIDENT.name, ENTRY.name, DELIVERY.name}
    changes = await services.documents.changes(tenancy.partition, limit=500)
    assert REPORTER not in str([one.body for one in changes.changes if one.kind in kinds])
    (facts,) = await services.handling.export(actor=tomas)
    assert facts == whole.incident
    assert (await services.handling.statistics(actor=tomas)).total == 1
    assert await services.audit.first_break(tenancy.partition) is None


async def test_an_erasure_that_was_cut_off_finishes_when_it_is_asked_for_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = (await reported(services, "CANARY-REPORT")).incident.id
    amira, tomas = await centre.actor(services, REPORTER), await proven(services, RESPONDER)
    await services.incidents.answer(id, "CANARY-ANSWER", actor=amira)
    write, left = services.documents.batch, [1]

    async def batch(partition: str, writes: Any) -> None:
        if not left:
            raise centre.Killed
        left.pop()
        await write(partition, writes)

    with monkeypatch.context() as patch:
        patch.setattr(services.documents, "batch", batch)
        with pytest.raises(centre.Killed):
            await services.handling.forget_reporter(id, actor=tomas, version=2)
    whole = await services.handling.forget_reporter(id, actor=tomas, version=2)
    assert (whole.report, whole.incident.reporter) == (None, "")
    assert "CANARY" not in str(whole)


async def test_statistics_count_and_time_what_was_done_in_its_week(
    services: Services, clock: StandingClock
) -> None:
    tomas = await centre.actor(services, RESPONDER)
    empty = await services.handling.statistics(actor=tomas)
    assert (empty.total, empty.acknowledge_s, empty.resolve_s) == (0, None, None)
    ids = [(await reported(services)).incident.id for _ in range(3)]
    for minutes, id in zip((10, 20, 90), ids, strict=True):
        clock.pass_time(seconds=60 * minutes)
        await services.handling.take(id, actor=tomas, version=1)
    clock.pass_time(seconds=7 * 24 * 3600)
    await services.handling.step(ids[0], State.RESOLVED, actor=tomas, version=2)
    found = await services.handling.statistics(actor=tomas)
    assert (found.total, found.open, found.acknowledge_s) == (3, 2, 30 * 60)
    last, this = found.weeks[-2:]
    assert (last.reported, last.resolved, last.acknowledge_s) == (3, 0, 30 * 60)
    assert (last.contain_s, last.resolve_s) == (None, None)
    assert (this.reported, this.resolved) == (0, 1)
    assert this.resolve_s == found.resolve_s == 7 * 24 * 3600 + 120 * 60


async def test_nothing_anybody_wrote_lies_in_the_clear(services: Services) -> None:
    id = (await reported(services, "CANARY one")).incident.id
    tomas = await centre.actor(services, RESPONDER)
    await services.handling.say(id, EntryKind.NOTE, "CANARY two", actor=tomas, version=1)
    await services.handling.set_tasks(id, [Task("CANARY three")], actor=tomas, version=2)
    await services.incidents.answer(id, "CANARY four", actor=await centre.actor(services, REPORTER))
    tenancy = await services.directory.get("harbour")
    changes = await services.documents.changes(tenancy.partition, limit=100)
    rows = [str(one.body) for one in changes.changes]
    assert rows
    assert not any("CANARY" in row for row in rows)


async def test_six_hundred_hostile_changes_change_nothing(services: Services) -> None:
    id = (await reported(services)).incident.id
    dice = random.Random(7)
    actors = [
        acting_as(role, "someone", "Some One", "harbour")
        for role in Role
        if role
        not in {
            Role.SECURITY_RESPONDER,
            Role.PRIVACY_OFFICER,
            Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE,
        }
    ]
    able = await centre.actor(services, RESPONDER)
    elsewhere = await centre.actor(services, "mei.tanaka")
    before = await services.handling.get(id, actor=able)
    for _ in range(600):
        who = dice.choice([*actors, able, elsewhere])
        version = dice.choice([0, 2, 3, 99]) if who is able else 1
        one = services.handling
        said: dict[str, Any] = {"actor": who, "version": version}
        made = dice.choice(
            [
                partial(one.take, id, **said),
                partial(one.step, id, State.TRIAGED, **said),
                partial(
                    services.handling.rate, id, Category.OTHER, Severity.LOW, Impact.ONE, **said
                ),
                partial(one.say, id, EntryKind.MESSAGE, "x", **said),
                partial(one.set_tasks, id, [], **said),
            ]
        )
        with pytest.raises(DomainError):
            await made()
    assert await services.handling.get(id, actor=able) == before


def test_every_field_is_declared_and_answered_for() -> None:
    for kind in (INCIDENT, ENTRY, DELIVERY, TERMS, COUNT):
        assert faults(kind) == []
