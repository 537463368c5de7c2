"""Rules and chats that tests begin from."""

from portal.domain.access.model import Actor
from portal.domain.alerts.model import (
    AlertMetric,
    Comparison,
    Conversation,
    Listener,
    Rule,
    Scope,
    Subscription,
    Threshold,
)
from portal.domain.alerts.places import Places
from portal.wiring import Services
from tests.fakes import centre

BUSY = Threshold(AlertMetric.OFFERED, Comparison.ABOVE, 3, 15)
"""Beyond its limit at the moment of the tests."""
NEVER = BUSY._replace(limit=1_000_000)


def places(services: Services) -> Places:
    """The bindings of shared chats and channels."""
    return Places(
        services.directory, services.documents, services.activities, services.conversations
    )


def chat(name: str, scope: Scope = Scope.PERSONAL) -> Conversation:
    """A conversation of Teams by that name."""
    return Conversation(f"id-{name}", scope, "tenant", {"conversation": name, "version": 1})


async def heard(
    services: Services,
    trigger: Threshold = BUSY,
    *,
    by: str = "sofia.lindqvist",
    where: Conversation | None = None,
) -> tuple[Rule, Subscription]:
    """A rule with somebody who hears of it, in their own chat by default."""
    owner, listener = await centre.actor(services, "sofia.lindqvist"), by
    reader = await centre.actor(services, listener)
    rule = await services.alerts.create("", trigger, actor=owner)
    return rule, await listen(services, rule, reader, where or chat(by))


async def listen(
    services: Services, rule: Rule, reader: Actor, where: Conversation
) -> Subscription:
    """Has the rule's messages sent there."""
    await services.conversations.remember(where, actor=reader)
    listener = Listener(where, f"aad-{reader.person_id}", language="en")
    return await services.alerts.subscribe(rule.id, listener, actor=reader)
