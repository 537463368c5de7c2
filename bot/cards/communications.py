"""Cards of what is told people about the organisation: a heading, what happened, what to do."""

from collections.abc import Mapping
from typing import Final

from bot.cards import elements as e
from bot.cards.elements import Card, Element
from bot.messages import Words
from portal.domain.communications.model import Topic

WARNINGS: Final = frozenset(
    {
        Topic.LOCKED,
        Topic.CODE_VOIDED,
        Topic.CONTACT_CHANGED,
        Topic.AUTHENTICATOR_ADDED,
        Topic.FELL_BACK,
        Topic.ATTESTATION_LAPSED,
        Topic.STANDING_RESTRICTED,
        Topic.STANDING_SUSPENDED,
        Topic.STANDING_TERMINATED,
        Topic.APPEAL_REFUSED,
        Topic.ERASURE_RESUMED,
    }
)
FACTS: Final[Mapping[Topic, tuple[str, ...]]] = {
    Topic.LOCKED: ("minutes",),
    Topic.CONTACT_CHANGED: ("what",),
    Topic.POLICY_PUBLISHED: ("title", "number", "effective"),
    Topic.ATTESTATION_DUE: ("due",),
    Topic.STANDING_TERMINATED: ("until",),
}
"""The values of a message that its card shows as rows."""


def told(words: Words, topic: Topic, values: Mapping[str, str], text: str, url: str) -> Card:
    """A message as a card. `text` is what mail would say, its last paragraph that codes are shared
    with nobody; `url` leads to where something can be done, "" for nowhere."""
    *said, caution = text.split("\n\n")
    rows = [
        (words.say(f"told.fact.{one}"), _value(words, one, values)) for one in FACTS.get(topic, ())
    ]
    happened = e.passage("\n".join(said))
    body: list[Element] = [e.heading(words.say(f"told.{topic}"))]
    organization = values.get("organization", "")
    if organization:
        body.append(e.written(organization, isSubtle=True, spacing="None"))
    style = {"style": "warning"} if topic in WARNINGS else {}
    body.append(e.container(happened, **style))
    body += e.facts(rows)
    body.append(e.written(caution, isSubtle=True, size="Small", separator=True))
    actions = [e.link(words.say(f"told.{topic}.open"), url)] if url else []
    return e.card(body, actions, fallback=words.say(f"told.{topic}"))


def _value(words: Words, name: str, values: Mapping[str, str]) -> str:
    value = values.get(name, "")
    return words.say(f"told.what.{value}") if name == "what" else value
