import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from portal.domain.access.model import Claims, Person, Role
from portal.domain.access.rules import holding
from portal.domain.alerts.documents import CONVERSATION, DELIVERY, STANDING, delivery
from portal.domain.alerts.model import Daily, Delivery, Scope, Subscription
from portal.domain.alerts.ports import Busy, OutcomeUnknown
from portal.domain.alerts.sending import (
    HOLD_MS,
    LATEST_MS,
    PREPARE_SECONDS,
    SEND_SECONDS,
    Sending,
    Sent,
)
from portal.domain.shared.documents import Replace, Upsert
from portal.wiring import Services
from portal.worker import AlertWorker
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.alerts.helpers import chat, heard, listen

SECOND = 1000


class Directory:
    """People whose roles change while a test runs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.roles: dict[str, Mapping[str, Role]] = {}

    async def recognise(self, claims: Claims) -> Person | None:
        return await self.find(claims.person_id)

    async def find(self, person_id: str) -> Person | None:
        person = await self._services.people.find(person_id)
        if person is None or person_id not in self.roles:
            return person
        held = {code: (holding(role),) for code, role in self.roles[person_id].items()}
        return Person(person_id, person.display_name, held)

    async def find_in_teams(self, tenant_id: str, aad_object_id: str) -> Person | None:
        return await self._services.people.find_in_teams(tenant_id, aad_object_id)


@pytest.fixture
def teams() -> centre.Ledger:
    return centre.Ledger()


@pytest.fixture
def people(services: Services) -> Directory:
    return Directory(services)


@pytest.fixture
def sending(services: Services, teams: centre.Ledger, people: Directory) -> Sending:
    made = services.sending(teams, centre.PlainComposer())
    made._people = people
    return made


async def states(services: Services) -> list[dict[str, Any]]:
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, DELIVERY)
    return [dict(one.body) for one in page.documents]


async def deliveries(services: Services) -> list[Delivery]:
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, DELIVERY)
    return [delivery(one.id, one.body) for one in page.documents]


async def subscriptions(services: Services) -> int:
    sofia = await centre.actor(services, "sofia.lindqvist")
    return sum(len(one.subscriptions) for one in await services.alerts.all(actor=sofia))


async def test_a_message_reaches_the_chat_once(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    await heard(services)
    await services.evaluation.look()
    assert await sending.send() == Sent(sent=1)
    assert await sending.send() == Sent()
    assert [one["to"] for one in teams.visible.values()] == ["sofia.lindqvist"]
    (state,) = await states(services)
    assert (state["stage"], state["activity"]) == ("sent", "m1")


async def test_two_workers_do_not_send_the_same(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    await heard(services)
    await services.evaluation.look()
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, DELIVERY)
    (waiting,) = page.documents
    await sending.send()
    stale, _ = await sending._one(tenancy, delivery(waiting.id, waiting.body), waiting.etag)
    assert stale is None
    assert len(teams.visible) == 1


async def test_quiet_means_nothing_is_sent(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    _, subscription = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.snooze(subscription.id, 60, actor=sofia)
    await services.evaluation.look()
    assert await sending.send() == Sent(put_off=1)
    assert teams.visible == {}
    assert (await states(services))[0]["stage"] == "waiting"
    assert await subscriptions(services) == 1


async def settle(services: Services, *, breached: bool) -> None:
    """Has every rule stand so, as a look at its figure would."""
    tenancy = await services.directory.get("harbour")
    for one in (await services.documents.query(tenancy.partition, STANDING)).documents:
        body = {**one.body, "breached": breached}
        await services.documents.batch(
            tenancy.partition, [Replace(STANDING, one.id, body, one.etag)]
        )


async def quiet_breach(services: Services, sending: Sending, minutes: int = 480) -> Subscription:
    """A breach that began while its reader wanted quiet."""
    _, subscription = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.snooze(subscription.id, minutes, actor=sofia)
    await services.evaluation.look()
    assert await sending.send() == Sent(put_off=1)
    return subscription


async def test_a_breach_that_outlasts_the_quiet_is_told_once_behind_it(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await quiet_breach(services, sending)
    for _ in range(48):
        assert teams.visible == {}
        clock.pass_time(seconds=600)
        await sending.send()
    assert len(teams.visible) == 1
    clock.pass_time(seconds=600)
    assert await sending.send() == Sent()


async def test_a_breach_is_told_soon_when_its_reader_ends_the_quiet(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    subscription = await quiet_breach(services, sending)
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.snooze(subscription.id, 0, actor=sofia)
    clock.pass_time(seconds=600)
    assert await sending.send() == Sent(sent=1)


async def test_a_breach_that_ends_within_the_quiet_is_not_told(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await quiet_breach(services, sending, minutes=5)
    clock.pass_time(seconds=300)
    await settle(services, breached=False)
    assert await sending.send() == Sent(dropped=1)
    assert teams.visible == {}
    assert (await states(services))[0]["dropped"] == "snoozed"


async def test_a_daily_message_is_not_made_up_for_behind_the_quiet(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    rule = await services.alerts.create("claims", Daily(14 * 60 + 1), actor=sofia)
    subscription = await listen(services, rule, sofia, chat("sofia"))
    await services.alerts.snooze(subscription.id, 60, actor=sofia)
    clock.pass_time(seconds=60)
    await services.evaluation.look()
    assert await sending.send() == Sent(dropped=1)


async def test_unsubscribed_between_cause_and_sending_is_not_sent(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    _, subscription = await heard(services)
    await services.evaluation.look()
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.unsubscribe(subscription.id, actor=sofia)
    assert await sending.send() == Sent(dropped=1)
    assert teams.visible == {}


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        ({}, "no_longer_member"),
        ({"juniper": Role.SUPERVISOR}, "no_longer_member"),
        ({"harbour": Role.AGENT}, "not_permitted"),
        ({"harbour": Role.SECURITY_RESPONDER}, "not_permitted"),
    ],
)
async def test_who_lost_their_role_gets_nothing_and_is_not_subscribed_any_more(
    services: Services,
    sending: Sending,
    teams: centre.Ledger,
    people: Directory,
    roles: Mapping[str, Role],
    why: str,
) -> None:
    await heard(services)
    await services.evaluation.look()
    people.roles["sofia.lindqvist"] = roles
    assert await sending.send() == Sent(dropped=1)
    assert teams.visible == {}
    assert (await states(services))[0]["dropped"] == why
    assert await subscriptions(services) == 0


async def test_a_channel_needs_somebody_who_still_manages_alerts(
    services: Services, sending: Sending, teams: centre.Ledger, people: Directory
) -> None:
    await heard(services, where=chat("team", Scope.CHANNEL))
    await services.evaluation.look()
    people.roles["sofia.lindqvist"] = {"harbour": Role.MANAGING_PARTNER}
    assert await sending.send() == Sent(dropped=1)
    assert (await states(services))[0]["dropped"] == "not_permitted"


async def test_who_left_the_channel_has_nothing_sent_there(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    await heard(services, where=chat("team", Scope.CHANNEL))
    await services.evaluation.look()
    teams.left.add("aad-sofia.lindqvist")
    assert await sending.send() == Sent(dropped=1)
    assert teams.visible == {}
    assert (await states(services))[0]["dropped"] == "no_longer_member"


async def test_a_chat_that_is_gone_ends_everything_that_went_there(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    _, subscription = await heard(services)
    await heard(services)
    teams.gone.add("sofia.lindqvist")
    await services.evaluation.look()
    assert (await sending.send()).dropped == 2
    assert await subscriptions(services) == 0
    tenancy = await services.directory.get("harbour")
    assert await services.conversations.get(tenancy, subscription.conversation) is None


async def test_a_busy_channel_is_tried_again_when_it_says(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await heard(services)
    await services.evaluation.look()
    teams.trouble.append(Busy(30))
    assert await sending.send() == Sent(put_off=1)
    clock.pass_time(seconds=29)
    assert await sending.send() == Sent()
    clock.pass_time(seconds=1)
    assert await sending.send() == Sent(sent=1)
    assert len(teams.visible) == 1


async def test_an_unknown_failure_is_tried_again_ever_later(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await heard(services)
    await services.evaluation.look()
    for wait in (10, 20, 40):
        teams.trouble.append(OSError("no route"))
        told = await sending.send()
        assert (told.put_off, [type(one) for one in told.failures]) == (1, [OSError])
        clock.pass_time(seconds=wait - 1)
        assert await sending.send() == Sent()
        clock.pass_time(seconds=1)
    assert (await sending.send()).sent == 1


async def test_a_process_that_ends_before_sending_leaves_it_to_the_next(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await heard(services)
    await services.evaluation.look()
    teams.trouble.append(centre.Killed())
    with pytest.raises(centre.Killed):
        await sending.send()
    assert await sending.send() == Sent()
    clock.pass_time(seconds=HOLD_MS / SECOND)
    assert await sending.send() == Sent(sent=1)
    assert len(teams.visible) == 1


async def test_a_process_that_ends_behind_the_yes_sends_again_and_knows_the_copy(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await heard(services)
    await services.evaluation.look()
    teams.after.append(centre.Killed())
    with pytest.raises(centre.Killed):
        await sending.send()
    clock.pass_time(seconds=HOLD_MS / SECOND)
    assert await sending.send() == Sent(sent=1)
    (state,) = await states(services)
    assert (state["activity"], state["attempts"]) == ("m2", 2)
    assert teams.visible["m1"]["card"] == teams.visible["m2"]["card"]


async def test_old_news_is_not_sent(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await heard(services)
    await services.evaluation.look()
    clock.pass_time(seconds=LATEST_MS / SECOND + 1)
    assert await sending.send() == Sent(dropped=1)
    assert (await states(services))[0]["dropped"] == "too_late"
    assert await subscriptions(services) == 1


async def test_a_reference_that_was_tampered_with_is_nobodys_address(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    _, subscription = await heard(services)
    await services.evaluation.look()
    tenancy = await services.directory.get("harbour")
    id = subscription.conversation
    kept = await services.documents.get(tenancy.partition, CONVERSATION, id)
    assert kept is not None
    body = {**kept.body, "reference": "AAAA" * 20}
    await services.documents.batch(tenancy.partition, [Upsert(CONVERSATION, id, body)])
    assert await sending.send() == Sent(dropped=1)
    assert teams.visible == {}


async def test_a_daily_message_carries_the_figures_of_its_day(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    rule = await services.alerts.create("claims", Daily(14 * 60 + 1), actor=sofia)
    await listen(services, rule, sofia, chat("sofia"))
    clock.pass_time(seconds=60)
    await services.evaluation.look()
    assert await sending.send() == Sent(sent=1)
    assert [one["text"] for one in teams.visible.values()] == ["Claims"]


async def test_the_worker_looks_once_a_minute_and_sends_every_round(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    worker = AlertWorker(services.evaluation, sending, clock)
    await worker.round()
    await heard(services)
    await worker.round()
    assert teams.visible == {}
    clock.pass_time(seconds=60)
    await worker.round()
    assert len(teams.visible) == 1


async def test_the_worker_outlives_what_goes_wrong(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await heard(services)
    teams.trouble.append(OSError("no route"))
    worker = AlertWorker(services.evaluation, sending, clock)
    await worker.round()
    clock.pass_time(seconds=60)
    await worker.round()
    assert len(teams.visible) == 1


async def test_messages_that_wait_for_later_hold_up_none_behind_them(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    rule, _ = await heard(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    for number in range(39):
        await listen(services, rule, sofia, chat(f"g{number}", Scope.GROUP))
    await services.evaluation.look()
    teams.trouble += [Busy(600) for _ in range(40)]
    assert (await sending.send()).put_off == 40
    await heard(services, by="oliver.bright")
    await services.evaluation.look()
    assert await sending.send() == Sent(sent=1)
    assert [one["to"] for one in teams.visible.values()] == ["oliver.bright"]


async def test_a_message_that_takes_too_long_is_given_up_before_another_may_have_it(
    services: Services,
    sending: Sending,
    teams: centre.Ledger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await heard(services)
    await services.evaluation.look()
    monkeypatch.setattr("portal.domain.alerts.sending.PREPARE_SECONDS", 0)
    told = await sending.send()
    assert (told.put_off, [type(one) for one in told.failures]) == (1, [TimeoutError])
    assert (PREPARE_SECONDS + SEND_SECONDS) * SECOND < HOLD_MS


async def test_a_message_whose_answer_never_came_is_not_sent_again(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await heard(services)
    await services.evaluation.look()
    teams.after.append(OutcomeUnknown())
    assert await sending.send() == Sent(sent=1)
    for _ in range(6):
        clock.pass_time(seconds=600)
        assert await sending.send() == Sent()
    assert len(teams.visible) == 1
    (state,) = await states(services)
    assert (state["stage"], state["activity"]) == ("sent", "")


async def test_a_messenger_that_hangs_is_not_asked_again(
    services: Services,
    sending: Sending,
    teams: centre.Ledger,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await heard(services)
    await services.evaluation.look()
    asked = []

    async def hang(*of: object) -> str:
        asked.append(of)
        return await asyncio.Future[str]()

    monkeypatch.setattr(teams, "send", hang)
    monkeypatch.setattr("portal.domain.alerts.sending.SEND_SECONDS", 0)
    assert await sending.send() == Sent(sent=1)
    clock.pass_time(seconds=600)
    assert await sending.send() == Sent()
    assert len(asked) == 1


async def test_the_id_of_a_message_is_learnt_once_when_sending_did_not_tell(
    services: Services, sending: Sending, teams: centre.Ledger
) -> None:
    await heard(services)
    await services.evaluation.look()
    (waiting,) = await deliveries(services)
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.notices.learn(waiting, "early", actor=sofia)
    teams.after.append(OutcomeUnknown())
    await sending.send()
    (sent,) = await deliveries(services)
    assert sent.activity == ""
    for id in ("m1", "m2"):
        await services.notices.learn(sent, id, actor=sofia)
    (known,) = await deliveries(services)
    assert known.activity == "m1"
