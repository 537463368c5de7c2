import asyncio
import base64

import pytest

from portal.domain.access.model import Person
from portal.domain.alerts.conversations import Preference
from portal.domain.alerts.documents import CONVERSATION
from portal.domain.alerts.model import Place, Scope
from portal.domain.shared.documents import Upsert
from portal.domain.shared.errors import Conflict, NotFound, Unavailable
from portal.domain.shared.fields import faults
from portal.wiring import Services
from tests.fakes import centre
from tests.unit.alerts.helpers import BUSY, chat, heard, listen, places


async def test_a_conversation_is_news_once_and_is_written_again_when_it_changed(
    services: Services,
) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    first = chat("sofia")
    assert await services.conversations.remember(first, actor=sofia)
    assert not await services.conversations.remember(first, actor=sofia)
    moved = first._replace(reference={"conversation": "sofia", "version": 2})
    assert not await services.conversations.remember(moved, actor=sofia)
    assert await services.conversations.own(actor=sofia) == moved


async def test_references_are_sealed_and_a_changed_one_does_not_open(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.conversations.remember(chat("secret-address"), actor=sofia)
    tenancy = await services.directory.get("harbour")
    kept = await services.documents.get(tenancy.partition, CONVERSATION, "id-secret-address")
    assert kept is not None
    assert b"secret-address" not in base64.b64decode(kept.body["reference"])
    body = {**kept.body, "reference": base64.b64encode(b"x" * 64).decode()}
    await services.documents.batch(tenancy.partition, [Upsert(CONVERSATION, kept.id, body)])
    with pytest.raises(Unavailable):
        await services.conversations.get(tenancy, kept.id)
    assert faults(CONVERSATION) == []


async def test_a_bot_that_was_removed_sends_nothing_there_any_more(services: Services) -> None:
    rule, subscription = await heard(services, where=chat("team", Scope.CHANNEL))
    await services.conversations.forget(subscription.conversation)
    sofia = await centre.actor(services, "sofia.lindqvist")
    (listed,) = await services.alerts.all(actor=sofia)
    assert (listed.rule, listed.subscriptions) == (rule, ())
    await services.conversations.forget(subscription.conversation)


async def test_a_removal_that_is_told_again_ends_nothing_that_began_since(
    services: Services,
) -> None:
    team, key = chat("team", Scope.CHANNEL), "a" * 64
    rule, subscription = await heard(services, where=team)
    await places(services).bind(team.id, Place("harbour", "en"))
    await services.conversations.forget(team.id, once=key)
    assert await places(services).of(team.id) is None
    sofia = await centre.actor(services, "sofia.lindqvist")
    grace = await centre.actor(services, "grace.osei")
    await listen(services, rule, sofia, team)
    await services.conversations.remember(team, actor=grace)
    await places(services).bind(team.id, Place("harbour", "en"))
    await services.conversations.forget(team.id, once=key)
    (listed,) = await services.alerts.all(actor=sofia)
    assert [one.conversation for one in listed.subscriptions] == [subscription.conversation]
    for code in ("harbour", "juniper"):
        tenancy = await services.directory.get(code)
        assert await services.conversations.get(tenancy, team.id) == team
    kept = await places(services).of(team.id)
    assert kept is not None
    assert kept.place == Place("harbour", "en")
    await services.conversations.forget(team.id, once="b" * 64)
    (listed,) = await services.alerts.all(actor=sofia)
    assert listed.subscriptions == ()


async def test_a_choice_is_kept_over_the_one_that_was_read_alone(services: Services) -> None:
    ruth = await services.people.find("ruth.engel")
    assert isinstance(ruth, Person)
    assert await services.conversations.chosen(ruth) == (Preference(), "")
    await services.conversations.prefer(ruth, Preference(language="de"), version="")
    kept, version = await services.conversations.chosen(ruth)
    await services.conversations.prefer(ruth, kept._replace(range="hour"), version=version)
    for stale in ("", version, "made-up"):
        with pytest.raises(Conflict):
            await services.conversations.prefer(ruth, Preference(), version=stale)
    assert await services.conversations.preference(ruth) == Preference(language="de", range="hour")


async def test_a_person_chooses_only_what_is_theirs(services: Services) -> None:
    ruth, sofia = [await services.people.find(one) for one in ("ruth.engel", "sofia.lindqvist")]
    assert isinstance(ruth, Person)
    assert isinstance(sofia, Person)
    assert await services.conversations.preference(ruth) == Preference()
    chosen = Preference("juniper", "de", "last7", "positive")
    await services.conversations.prefer(ruth, chosen, version="")
    assert await services.conversations.preference(ruth) == chosen
    with pytest.raises(NotFound):
        await services.conversations.prefer(sofia, Preference("juniper"), version="")
    assert await services.conversations.preference(sofia) == Preference()


async def test_a_removed_bot_leaves_no_subscription_however_many_there_were(
    services: Services,
) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    team = chat("team", Scope.CHANNEL)
    for _ in range(99):
        rule = await services.alerts.create("", BUSY, actor=sofia)
        await listen(services, rule, sofia, team)
    await services.conversations.forget(team.id)
    assert not any(one.subscriptions for one in await services.alerts.all(actor=sofia))
    assert await services.conversations.remember(team, actor=sofia)
    assert not any(one.subscriptions for one in await services.alerts.all(actor=sofia))


async def test_an_installation_told_twice_at_once_is_news_once(services: Services) -> None:
    sofia = await centre.actor(services, "sofia.lindqvist")
    told = [
        services.conversations.remember(chat("sofia"), actor=sofia, once=f"{number:064x}")
        for number in range(5)
    ]
    assert sorted(await asyncio.gather(*told)) == [False] * 4 + [True]
