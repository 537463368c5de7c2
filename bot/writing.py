"""Draws what is told people about the organisation in their own chat."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.cards import communications as cards
from bot.cards.elements import Card
from bot.links import Links
from bot.messages import Words, words
from portal.domain.alerts.ports import Message
from portal.domain.communications.model import Topic
from portal.domain.communications.ports import Parcel
from portal.domain.communications.texts import written

PLACES: Final[Mapping[Topic, Callable[[Links, str], str]]] = {
    Topic.LOCKED: lambda links, label: links.setup("", label),
    Topic.CODE_VOIDED: lambda links, label: links.setup("", label),
    Topic.CONTACT_CHANGED: lambda links, label: links.setup("", label),
    Topic.FELL_BACK: lambda links, label: links.setup("", label),
    Topic.ATTESTATION_DUE: lambda links, label: links.setup("", label),
    Topic.ATTESTATION_LAPSED: lambda links, label: links.setup("", label),
    Topic.POLICY_PUBLISHED: lambda links, label: links.policies(label),
}
"""Where something can be done about it."""


class Writer:
    """Implements the Composer of communications. Nothing on these cards changes anything: what is
    to be done is done in the tab."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def compose(self, parcel: Parcel, chat: str) -> Message:
        """See the port."""
        topic, spoken = Topic(parcel.topic), words(parcel.language)
        where, label = PLACES.get(topic), spoken.say(f"told.{topic}")
        url = where(self._links, label) if where else ""
        return Message(told(spoken, topic, parcel.values, url), label)


def told(spoken: Words, topic: Topic, values: Mapping[str, str], url: str) -> Card:
    """The card of a message: every value on one line, so that none looks like another part."""
    flat = {name: " ".join(value.split()) for name, value in values.items()}
    text = written(topic, spoken.language, flat, "").text
    return cards.told(spoken, topic, flat, text, url)
