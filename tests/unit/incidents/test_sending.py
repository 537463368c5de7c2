from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from portal.domain.alerts.model import Scope
from portal.domain.alerts.ports import Busy, OutcomeUnknown
from portal.domain.incidents.documents import DELIVERY
from portal.domain.incidents.handling import Handling
from portal.domain.incidents.model import (
    Category,
    EntryKind,
    Impact,
    IncidentKind,
    Severity,
    State,
    Task,
)
from portal.domain.incidents.sending import HOLD_MS, LATEST_MS, Sent
from portal.domain.shared.errors import Unavailable
from portal.wiring import Services
from portal.worker import IncidentWorker
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.incidents.helpers import (
    OFFICER,
    REPORTER,
    RESPONDER,
    Drawn,
    Post,
    chat,
    proven,
    reported,
    sending,
)


@pytest.fixture
def teams() -> centre.Ledger:
    return centre.Ledger()


@pytest.fixture
def drawn() -> Drawn:
    return Drawn()


def heard(drawn: Drawn) -> set[tuple[str, EntryKind]]:
    """Which chat was told of what."""
    return {(one.conversation, one.entry.kind) for one in drawn.told}


async def taken(services: Services) -> str:
    """A report that its responder took; one message to the reporter waits."""
    id = (await reported(services)).incident.id
    tomas = await centre.actor(services, RESPONDER)
    await services.handling.take(id, actor=tomas, version=1)
    return id


LOST = Category.LOST_DEVICE
Change = Callable[[Handling, str, dict[str, Any]], Awaitable[Any]]
TOLD: list[tuple[EntryKind, Change]] = [
    (EntryKind.STATE, lambda to, id, seen: to.take(id, **seen)),
    (EntryKind.STATE, lambda to, id, seen: to.step(id, State.TRIAGED, text="We look", **seen)),
    (
        EntryKind.RATED,
        lambda to, id, seen: to.rate(id, LOST, Severity.CRITICAL, Impact.ORGANIZATION, **seen),
    ),
    (EntryKind.ASSIGNED, lambda to, id, seen: to.assign(id, OFFICER, [], [], **seen)),
    (EntryKind.MESSAGE, lambda to, id, seen: to.say(id, EntryKind.MESSAGE, "Thanks", **seen)),
    (EntryKind.QUESTION, lambda to, id, seen: to.say(id, EntryKind.QUESTION, "When?", **seen)),
    (EntryKind.CONVERTED, lambda to, id, seen: to.convert(id, IncidentKind.INQUIRY, **seen)),
    (EntryKind.MERGED, lambda to, id, seen: to.link(id, "00000002", merge=True, **seen)),
]
KEPT: list[Change] = [
    lambda to, id, seen: to.rate(id, LOST, Severity.MEDIUM, Impact.ORGANIZATION, **seen),
    lambda to, id, seen: to.assign(id, "", [], [OFFICER], **seen),
    lambda to, id, seen: to.say(id, EntryKind.NOTE, "Among us", **seen),
    lambda to, id, seen: to.set_tasks(id, [Task("Lock it")], **seen),
    lambda to, id, seen: to.breach(id, centre.NOW_MS, **seen),
    lambda to, id, seen: to.link(id, "00000002", **seen),
]


async def changed(services: Services, change: Change) -> None:
    """A report that its responder changed; another, of somebody else's, stands beside it."""
    id = (await reported(services)).incident.id
    await reported(services, who="oliver.bright")
    tomas = await centre.actor(services, RESPONDER)
    await change(services.handling, id, {"actor": tomas, "version": 1})


@pytest.mark.parametrize(("kind", "change"), TOLD, ids=lambda one: str(one)[:9])
async def test_every_change_reaches_the_reporter_once(
    services: Services,
    teams: centre.Ledger,
    drawn: Drawn,
    kind: EntryKind,
    change: Change,
) -> None:
    await chat(services, REPORTER)
    await changed(services, change)
    worker = sending(services, teams, drawn)
    assert (await worker.send()).sent == 1
    assert await worker.send() == Sent()
    (told,) = drawn.told
    assert (told.reader, told.entry.kind) == (True, kind)
    assert len(teams.visible) == 1
    whole = await services.incidents.get(
        told.incident.id, actor=await centre.actor(services, REPORTER)
    )
    shown = whole.entries[-1]
    assert (shown.kind, shown.actor) == (kind, "")
    if kind in {EntryKind.RATED, EntryKind.ASSIGNED}:
        assert shown.facts == ((("priority", "p1"),) if kind is EntryKind.RATED else ())


@pytest.mark.parametrize("change", KEPT)
async def test_what_is_the_responders_is_not_told_to_the_reporter(
    services: Services, teams: centre.Ledger, drawn: Drawn, change: Change
) -> None:
    await chat(services, REPORTER)
    await changed(services, change)
    assert (await sending(services, teams, drawn).send()).sent == 0
    whole = await services.incidents.get("00000001", actor=await centre.actor(services, REPORTER))
    assert [one.kind for one in whole.entries] == [EntryKind.REPORTED]


async def test_the_reporter_of_a_merged_one_hears_how_that_goes_on(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    await chat(services, REPORTER)
    handling, tomas = services.handling, await centre.actor(services, RESPONDER)
    parts = [(await reported(services)).incident.id for _ in range(8)]
    target = (await reported(services, who="oliver.bright")).incident.id
    await handling.link(parts[1], parts[0], actor=tomas, version=1, merge=True)
    for one, version in [(parts[0], 2), *((one, 1) for one in parts[2:])]:
        await handling.link(one, target, actor=tomas, version=version, merge=True)
    await handling.take(target, actor=tomas, version=8)
    await sending(services, teams, drawn).send()
    drawn.told.clear()
    await handling.step(target, State.RESOLVED, actor=tomas, version=9, text="For Oliver alone")
    worker = sending(services, teams, drawn)
    assert (await worker.send()).sent == len(parts)
    assert sorted(one.incident.id for one in drawn.told) == parts
    facts = {"state": "resolved", "other": "SR-000009"}
    assert all(dict(one.entry.facts) == facts and not one.entry.text for one in drawn.told)
    assert {one.incident.state for one in drawn.told} == {State.CLOSED}
    assert await worker.send() == Sent()


async def test_two_workers_send_it_once(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    await chat(services, REPORTER)
    await taken(services)
    one, other = sending(services, teams, drawn), sending(services, teams, drawn)
    sent = [(await one.send()).sent, (await other.send()).sent]
    assert sum(sent) == 1
    assert len(teams.visible) == 1


async def test_a_process_that_ends_before_sending_loses_nothing(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    await chat(services, REPORTER)
    await taken(services)
    teams.trouble.append(centre.Killed())
    with pytest.raises(centre.Killed):
        await sending(services, teams, drawn).send()
    assert await sending(services, teams, drawn).send() == Sent()  # the claim still holds
    clock.pass_time(seconds=HOLD_MS / 1000)
    assert (await sending(services, teams, drawn).send()).sent == 1
    assert len(teams.visible) == 1


async def test_a_message_without_an_answer_is_not_repeated(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    await chat(services, REPORTER)
    await taken(services)
    teams.trouble.append(OutcomeUnknown())
    assert (await sending(services, teams, drawn).send()).sent == 1
    clock.pass_time(seconds=3600)
    assert await sending(services, teams, drawn).send() == Sent()


async def test_a_busy_channel_is_asked_again(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    await chat(services, REPORTER)
    await taken(services)
    teams.trouble.append(Busy(30))
    assert (await sending(services, teams, drawn).send()).put_off == 1
    clock.pass_time(seconds=30)
    assert (await sending(services, teams, drawn).send()).sent == 1


async def test_without_a_chat_a_mail_says_that_there_is_something(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    await taken(services)
    post = Post(REPORTER)
    assert (await sending(services, teams, drawn, post).send()).mailed == 1
    (letter,) = post.sent.values()
    assert (letter.person, letter.reference) == (REPORTER, "SR-000001")
    assert await sending(services, teams, drawn, post).send() == Sent()


async def test_a_blocked_bot_falls_back_to_mail(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    teams.gone.add(await chat(services, REPORTER))
    await taken(services)
    post = Post(REPORTER)
    assert (await sending(services, teams, drawn, post).send()).mailed == 1
    assert teams.visible == {}


async def test_without_chat_and_address_it_waits_a_day(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    await taken(services)
    assert (await sending(services, teams, drawn).send()).put_off == 1
    clock.pass_time(seconds=LATEST_MS / 1000)
    assert (await sending(services, teams, drawn).send()).dropped == 1


async def test_who_left_hears_nothing(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    await chat(services, REPORTER)
    id = await taken(services)
    tomas = await proven(services, RESPONDER)
    await services.handling.forget_reporter(id, actor=tomas, version=2)
    assert (await sending(services, teams, drawn).send()).sent == 0
    assert teams.visible == {}


async def test_responders_hear_of_answers_and_the_channel_of_numbers(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    await chat(services, RESPONDER)
    channel = await chat(services, RESPONDER, Scope.CHANNEL)
    tomas = await centre.actor(services, RESPONDER)
    await services.handling.set_terms(
        lambda known: known._replace(triage=channel, triage_language="en"), actor=tomas
    )
    id = (await reported(services, "CANARY in the report")).incident.id
    assert (await sending(services, teams, drawn).send()).sent == 1
    (told,) = drawn.told
    assert (told.conversation, told.whole, told.waiting) == (channel, None, 1)
    assert "CANARY" not in str(told)
    await services.handling.take(id, actor=tomas, version=1)
    await services.incidents.answer(id, "Mine", actor=await centre.actor(services, REPORTER))
    await sending(services, teams, drawn, Post(REPORTER)).send()
    assert (drawn.told[-1].conversation, drawn.told[-1].entry.text) == (
        f"personal-of-{RESPONDER}",
        "Mine",
    )


async def test_a_clock_that_runs_out_is_escalated_once(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    await chat(services, OFFICER)
    id = (await reported(services)).incident.id
    hana = await centre.actor(services, OFFICER)
    await services.handling.assign(id, OFFICER, [], [], actor=hana, version=1)
    assert (await services.escalation.look()).escalated == 0
    clock.pass_time(seconds=3 * 3600)
    assert (await services.escalation.look()).escalated == 1
    assert (await services.escalation.look()).escalated == 0
    await sending(services, teams, drawn).send()
    assert [one.entry.kind for one in drawn.told] == [EntryKind.ESCALATED]
    whole = await services.handling.get(id, actor=hana)
    assert whole.incident.late == ("acknowledge",)
    assert whole.incident.state is State.NEW
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, DELIVERY)
    assert "CANARY" not in str(page)


async def test_what_nobody_has_reaches_whoever_may_handle_it(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    for one in (REPORTER, OFFICER, RESPONDER):
        await chat(services, one)
    await reported(services)
    await sending(services, teams, drawn).send()
    assert heard(drawn) == {
        (f"personal-of-{OFFICER}", EntryKind.REPORTED),
        (f"personal-of-{RESPONDER}", EntryKind.REPORTED),
    }
    drawn.told.clear()
    clock.pass_time(seconds=3 * 3600)
    assert (await services.escalation.look()).escalated == 1
    await sending(services, teams, drawn).send()
    assert heard(drawn) == {
        (f"personal-of-{OFFICER}", EntryKind.ESCALATED),
        (f"personal-of-{RESPONDER}", EntryKind.ESCALATED),
    }


async def test_who_may_handle_it_is_not_called_once_somebody_has_it(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    for one in (OFFICER, RESPONDER):
        await chat(services, one)
    await taken(services)
    await sending(services, teams, drawn, Post(REPORTER)).send()
    assert drawn.told == []


async def test_a_lost_channel_gives_way_to_whoever_may_handle_it(
    services: Services, teams: centre.Ledger, drawn: Drawn
) -> None:
    await chat(services, OFFICER)
    channel = await chat(services, RESPONDER, Scope.CHANNEL)
    tomas = await centre.actor(services, RESPONDER)
    await services.handling.set_terms(
        lambda known: known._replace(triage=channel, triage_language="en"), actor=tomas
    )
    teams.gone.add(channel)
    await reported(services)
    worker = sending(services, teams, drawn, Post(RESPONDER, "oliver.bright"))
    first = await worker.send()
    second = await worker.send()
    assert (first.sent + second.sent, first.mailed + second.mailed) == (1, 2)
    assert [one["to"] for one in teams.visible.values()] == [f"personal-of-{OFFICER}"]
    assert await worker.send() == Sent()


async def test_the_clocks_of_a_breach_are_warned_of_and_escalated_once(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    await chat(services, OFFICER)
    hana = await centre.actor(services, OFFICER)
    await services.handling.set_terms(lambda known: known._replace(contract_hours=100), actor=hana)
    id = (await reported(services)).incident.id
    await services.handling.assign(id, OFFICER, [], [], actor=hana, version=1)
    await services.handling.breach(id, clock.now, actor=hana, version=2)

    async def told_after(hours: int) -> list[tuple[EntryKind, str]]:
        """What the looks of that moment told of the clocks of the breach."""
        clock.pass_time(seconds=hours * 3600)
        before = len((await services.handling.get(id, actor=hana)).entries)
        for _ in range(3):
            assert (await services.escalation.look()).failures == ()
        entries = (await services.handling.get(id, actor=hana)).entries[before:]
        found = [(one.kind, dict(one.facts)["clock"]) for one in entries]
        return [one for one in found if one[1] in {"authority", "contract"}]

    assert await told_after(47) == []
    assert await told_after(1) == [(EntryKind.WARNED, "authority")]
    assert await told_after(23) == []
    assert await told_after(2) == [(EntryKind.ESCALATED, "authority")]
    assert await told_after(4) == [(EntryKind.WARNED, "contract")]
    assert await told_after(24) == [(EntryKind.ESCALATED, "contract")]
    await sending(services, teams, drawn).send()
    assert [one.entry.kind for one in drawn.told].count(EntryKind.WARNED) == 2


async def test_the_worker_looks_once_a_minute_and_sends_in_between(
    services: Services, teams: centre.Ledger, drawn: Drawn, clock: StandingClock
) -> None:
    await chat(services, OFFICER)
    id = (await reported(services)).incident.id
    hana = await centre.actor(services, OFFICER)
    await services.handling.assign(id, OFFICER, [], [], actor=hana, version=1)
    worker = IncidentWorker(services.escalation, sending(services, teams, drawn), clock)
    await worker.round()
    assert drawn.told == []
    clock.pass_time(seconds=3 * 3600)
    await worker.round()
    assert [one.entry.kind for one in drawn.told] == [EntryKind.ESCALATED]


async def test_the_workers_troubles_end_nothing(
    services: Services, drawn: Drawn, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("The store does not answer.")

    monkeypatch.setattr(services.escalation, "look", away)
    await IncidentWorker(services.escalation, sending(services, None, drawn), clock).round()


async def test_without_a_bot_what_is_new_goes_by_mail(services: Services, drawn: Drawn) -> None:
    await chat(services, REPORTER)
    await taken(services)
    post = Post(REPORTER)
    assert (await sending(services, None, drawn, post).send()).mailed == 1
    assert await sending(services, None, drawn, post).send() == Sent()
