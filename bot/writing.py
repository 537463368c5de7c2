"""Draws what is told people about the organisation in their own chat."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.cards import communications as cards
from bot.cards.elements import Card
from bot.commands.informing import drawn
from bot.context import Desk
from bot.links import Links
from bot.messages import Words, words
from portal.domain.access.rules import act
from portal.domain.alerts.ports import Message
from portal.domain.communications.model import Topic
from portal.domain.communications.ports import Busy, Parcel, Refused
from portal.domain.communications.texts import written
from portal.domain.shared.errors import Forbidden

CLOSED_SECONDS: Final = 900.0
PLACES: Final[Mapping[Topic, Callable[[Links, str], str]]] = {
    Topic.LOCKED: lambda links, label: links.setup("", label),
    Topic.CODE_VOIDED: lambda links, label: links.setup("", label),
    Topic.CONTACT_CHANGED: lambda links, label: links.setup("", label),
    Topic.FELL_BACK: lambda links, label: links.setup("", label),
    Topic.AUTHENTICATOR_ADDED: lambda links, label: links.setup("", label),
    Topic.ATTESTATION_DUE: lambda links, label: links.setup("", label),
    Topic.ATTESTATION_LAPSED: lambda links, label: links.setup("", label),
    Topic.POLICY_PUBLISHED: lambda links, label: links.policies(label),
    **{
        topic: lambda links, label: links.standing(label)
        for topic in (
            Topic.STANDING_ACTIVE,
            Topic.STANDING_RESTRICTED,
            Topic.STANDING_SUSPENDED,
            Topic.STANDING_TERMINATED,
            Topic.APPEAL_GRANTED,
            Topic.APPEAL_REFUSED,
            Topic.ERASURE_STOPPED,
            Topic.ERASURE_RESUMED,
        )
    },
}
"""Where something can be done about it."""


class Writer:
    """Implements the Composer of communications. Of what these cards tell nothing is changed by
    them but that a notice was read: everything else is done in the tab."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def compose(self, parcel: Parcel, chat: str) -> Message:
        """See the port."""
        topic, spoken = Topic(parcel.topic), words(parcel.language)
        if topic is Topic.PEOPLE_INFORMED:
            return await self._notice(parcel, spoken)
        where, label = PLACES.get(topic), spoken.say(f"told.{topic}")
        url = where(self._desk.links, label) if where else ""
        return Message(told(spoken, topic, parcel.values, url), label)

    async def _notice(self, parcel: Parcel, spoken: Words) -> Message:
        """The notice itself, as long as it is the newest and its reader has not confirmed it."""
        person = await self._desk.people.find(parcel.person)
        if person is None:
            raise Refused
        actor = act(person, parcel.organization)
        try:
            own = await self._desk.informing.own(actor=actor)
        except Forbidden as closed:  # the organisation is; it may be open again while this waits
            raise Busy(CLOSED_SECONDS) from closed
        if (
            not own.waits
            or own.edition is None
            or str(own.edition.number) != parcel.values["number"]
        ):
            raise Refused
        tenancy = await self._desk.organizations.get(parcel.organization)
        card = await drawn(self._desk, spoken, tenancy.organization, own, actor)
        return Message(card, str(card["fallbackText"]))


def told(spoken: Words, topic: Topic, values: Mapping[str, str], url: str) -> Card:
    """The card of a message: every value on one line, so that none looks like another part."""
    flat = {name: " ".join(one.split()) for name, one in values.items() if name != "path"}
    text = written(topic, spoken.language, flat, "").text
    return cards.told(spoken, topic, flat, text, url)
