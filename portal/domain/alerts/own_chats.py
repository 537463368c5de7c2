"""Writing to somebody in their own chat with the bot: one way for everything that is told there."""

import asyncio

from portal.domain.access.model import Actor
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.model import Conversation
from portal.domain.alerts.ports import Gone, Message, Messenger, OutcomeUnknown
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.errors import Unavailable

SEND_SECONDS = 20


class OwnChats:
    """The chats that people have with the bot, by their stored references."""

    def __init__(
        self, organizations: Organizations, conversations: Conversations, messenger: Messenger
    ) -> None:
        self._organizations = organizations
        self._conversations = conversations
        self._messenger = messenger

    async def of(self, actor: Actor) -> Conversation | None:
        """The person's chat; None before they wrote to the bot, or when the reference was tampered
        with and so is nobody's address."""
        try:
            return await self._conversations.own(actor=actor)
        except Unavailable:
            return None

    async def send(self, actor: Actor, chat: Conversation, message: Message) -> str:
        """Writes it, as `hand_over`."""
        return await self.hand_over(
            await self._organizations.get(actor.organization), chat, message
        )

    async def hand_over(self, tenancy: Tenancy, chat: Conversation, message: Message) -> str:
        """Writes it to a chat, whoever reads there; the id of the message, "" for one that was
        handed over without an answer and counts as sent. Raises Busy, and Gone once a chat that
        takes nothing more was forgotten."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._messenger.send(chat.reference, message.card, message.text)
        except (OutcomeUnknown, TimeoutError):
            return ""
        except Gone:
            await self._conversations.end(tenancy, chat.id)
            raise
