"""What senders ask of the store: of every organisation its outbox, of none that has nothing to
send how it stands."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from portal.domain.communications.documents import MESSAGE
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.incidents.documents import DELIVERY
from portal.domain.incidents.receivers import RECEIVER
from portal.domain.organizations.standing import STANDING, State
from portal.domain.shared.fields import Kind
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.standing import stand

ORGANIZATIONS = 2


@pytest.fixture
def asked(services: Services, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the store was asked for which kind, by a get or a query."""
    counts: Counter[str] = Counter()
    store = type(services.documents)

    def counted(name: str) -> None:
        real: Callable[..., Awaitable[Any]] = getattr(store, name)

        async def ask(self: Any, partition: str, kind: Kind, *rest: Any, **more: Any) -> Any:
            counts[kind.name] += 1
            return await real(self, partition, kind, *rest, **more)

        monkeypatch.setattr(store, name, ask)

    counted("get")
    counted("query")
    return counts


async def test_what_has_nothing_to_send_is_asked_for_its_outbox_alone(
    services: Services, asked: Counter[str]
) -> None:
    teams = centre.Ledger()
    for send in (
        services.sending(teams, centre.PlainComposer()).send,
        services.incident_sending(None).send,
        services.setting_up.messages(None).send,
        services.forwarding().send,
    ):
        await send()
    assert asked[STANDING.name] == 0
    assert asked[MESSAGE.name] == asked[RECEIVER.name] == asked[DELIVERY.name] == ORGANIZATIONS
    assert sum(asked.values()) == 4 * ORGANIZATIONS + 4  # and the directory by each of the four


async def told(services: Services) -> set[str]:
    """What was sent by a round, and before it."""
    await services.setting_up.messages(None).send()
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    return {one.parcel.topic for one in mailbox.messages()}


async def test_how_it_stands_is_asked_when_something_waits(
    services: Services, asked: Counter[str], clock: StandingClock
) -> None:
    tenancy = await services.directory.get("harbour")
    to = {"due": "2026-12-01", "minutes": "15"}
    waiting = row(
        tenancy,
        Topic.ATTESTATION_DUE,
        Way.MAIL,
        cause="test",
        person="organization",
        now_ms=clock.now,
        to="desk@harbour.example",
        values=to,
    )
    await services.documents.batch(tenancy.partition, [waiting])
    await stand(services, State.SUSPENDED)
    asked.clear()
    assert Topic.ATTESTATION_DUE not in await told(services)
    assert asked[STANDING.name] == 1
    assert services.directory.last_state("harbour") is State.SUSPENDED
    await stand(services, State.ACTIVE)
    assert Topic.ATTESTATION_DUE in await told(services)
