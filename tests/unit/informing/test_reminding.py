"""Asking for a notice: growing waits, a few times, until it is confirmed."""

import pytest

from portal.domain.alerts.model import Conversation, Scope
from portal.domain.communications.documents import MESSAGE
from portal.domain.informing.model import Audience, Text
from portal.domain.informing.reminding import LOOK_MS
from portal.domain.informing.rules import DAY_MS, WAITS_MS
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import who
from tests.unit.informing.helpers import AMIRA, confirm, publish, require


async def waiting(services: Services) -> list[str]:
    """The ids of messages about it."""
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, MESSAGE, limit=1000)
    return sorted(one.id for one in page.documents if one.id.startswith("people_informed"))


async def test_everybody_concerned_is_asked_once_at_first(services: Services) -> None:
    assert await services.reminding.look() == 0
    await publish(services)
    assert await services.reminding.look() == 1
    assert await services.reminding.look() == 0
    assert await waiting(services) == [f"people_informed|teams|{AMIRA}|1|1"]
    await require(services, Audience.EVERYONE, required=False)
    assert await services.reminding.look() >= 5


async def test_waits_grow_and_end(services: Services, clock: StandingClock) -> None:
    await publish(services)
    begun, asked = clock.now, []
    for hour in range(24 * 90):
        clock.now = begun + hour * 3600 * 1000
        if await services.reminding.look():
            asked.append((clock.now - begun) // DAY_MS)
    assert asked == [0, 2, 6, 14, 30]
    assert len(asked) == len(WAITS_MS) + 1


@pytest.mark.parametrize("after", [0, 2])
async def test_confirming_ends_it_and_a_new_text_begins_it_again(
    services: Services, clock: StandingClock, after: int
) -> None:
    edition = await publish(services)
    await services.reminding.look()
    clock.pass_time(seconds=after * DAY_MS / 1000)
    await services.reminding.look()
    await confirm(services, edition)
    for _ in range(20):
        clock.pass_time(seconds=5 * DAY_MS / 1000)
        assert await services.reminding.look() == 0
    await publish(services, Text("Your calls", "Another text."))
    assert await services.reminding.look() == 1


async def test_two_workers_ask_once(services: Services) -> None:
    await publish(services)
    other = type(services.reminding)(
        services.directory,
        services.documents,
        services.reminding._book,
        services.clock,
    )
    assert await services.reminding.look() + await other.look() == 1


async def test_somebody_who_comes_later_is_asked_too(
    services: Services, clock: StandingClock
) -> None:
    await publish(services)
    await services.reminding.look()
    management, oliver = services.management, await who(services)
    people = await management.people(actor=oliver)
    sofia = next(one for one in people if one.person_id == "sofia.lindqvist")
    await management.set_agent_keys(
        sofia.person_id, {"genesys": "g-1"}, version=sofia.version, actor=oliver
    )
    clock.pass_time(seconds=LOOK_MS / 1000)
    assert await services.reminding.look() == 1


async def test_a_chat_is_where_it_is_asked(services: Services) -> None:
    """What is written there is drawn from how things stand when it is sent."""
    chat = Conversation("c", Scope.PERSONAL, "t", {"conversation": "a:amira", "tenant": "t"})
    await services.conversations.remember(chat, actor=await who(services, AMIRA))
    await publish(services)
    await services.reminding.look()
    assert len(await waiting(services)) == 1
