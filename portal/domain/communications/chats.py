"""Teams as a way of messages: a card in its reader's own chat with the bot, in their language."""

from portal.domain.access.ports import People
from portal.domain.access.rules import act
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.own_chats import OwnChats
from portal.domain.alerts.ports import Busy as ChannelBusy
from portal.domain.alerts.ports import Gone
from portal.domain.communications.model import SECRET, Topic
from portal.domain.communications.ports import Busy, Composer, Parcel, Refused, Unreachable


class Chats:
    """The carrier of Way.TEAMS. Whoever is no longer of the organisation is not reached, whoever
    blocked the bot is not until they write to it again."""

    def __init__(
        self, people: People, conversations: Conversations, chats: OwnChats, composer: Composer
    ) -> None:
        self._people = people
        self._conversations = conversations
        self._chats = chats
        self._composer = composer

    async def carry(self, parcel: Parcel) -> None:
        """See the port. Refused for codes and links that prove something."""
        if Topic(parcel.topic) in SECRET:
            raise Refused
        person = await self._people.find(parcel.person)
        if person is None or parcel.organization not in person.holdings:
            raise Unreachable(for_good=True)
        actor = act(person, parcel.organization)
        chat = await self._chats.of(actor)
        if chat is None:
            raise Unreachable
        chosen = await self._conversations.preference(person)
        worded = parcel._replace(language=chosen.language or parcel.language)
        message = await self._composer.compose(worded, chat.id)
        try:
            await self._chats.send(actor, chat, message)
        except ChannelBusy as busy:
            raise Busy(busy.retry_after) from busy
        except Gone as gone:
            raise Unreachable from gone
