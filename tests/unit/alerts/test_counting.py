"""What the worker counts of messages on their way out."""

import pytest

from portal.domain.alerts.ports import Busy
from portal.domain.alerts.sending import Sending
from portal.measures import Measures
from portal.wiring import Services
from portal.worker import AlertWorker
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.alerts.helpers import heard


@pytest.fixture
def teams() -> centre.Ledger:
    return centre.Ledger()


@pytest.fixture
def sending(services: Services, teams: centre.Ledger) -> Sending:
    return services.sending(teams, centre.PlainComposer())


async def test_messages_are_counted_by_what_became_of_them(
    services: Services, sending: Sending, teams: centre.Ledger, clock: StandingClock
) -> None:
    measures = Measures()
    worker = AlertWorker(services.evaluation, sending, clock, measures)
    await heard(services)
    teams.trouble.append(Busy(retry_after=300))
    await worker.round()
    assert measures.messages.read()[("put_off",)] == 1
    assert measures.waiting.read() == {(): 1}
    clock.pass_time(seconds=301)
    await worker.round()
    assert measures.messages.read() == {("sent",): 1, ("dropped",): 0, ("put_off",): 1}
    assert measures.waiting.read() == {(): 0}


async def test_a_message_that_is_snoozed_is_no_backlog(
    services: Services, sending: Sending, clock: StandingClock
) -> None:
    _, subscription = await heard(services)
    await services.evaluation.look()
    assert await sending.waiting() == 1
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.alerts.snooze(subscription.id, 60, actor=sofia)
    await sending.send()
    assert await sending.waiting() == 0
