"""Messages on the bot's own initiative, to conversations it has stored a reference of.

A stored reference is data like any other: its address is checked against the allow-list again, its
tenant against ours.
"""

import logging
from collections.abc import Mapping
from typing import Any

from bot.channel.connector import PATIENT, Connector, Rejected
from bot.channel.messages import of_card
from bot.channel.service_urls import ServiceUrls, UntrustedServiceUrl
from portal.domain.alerts.ports import Busy, Gone
from portal.logs import event

LOGGER = logging.getLogger(__name__)
Reference = Mapping[str, Any]


class TeamsMessenger:
    """Implements the Messenger of alerts. Raises besides its errors UntrustedServiceUrl for a
    reference that leads elsewhere; nothing is sent then."""

    def __init__(self, connector: Connector, urls: ServiceUrls, tenant_id: str) -> None:
        self._connector = connector
        self._urls = urls
        self._tenant_id = tenant_id

    async def send(self, reference: Reference, card: Mapping[str, Any], text: str) -> str:
        """See the port."""
        where, conversation = self._place(reference)
        message = of_card(card, text)
        return await self._connector.send(where, conversation, message, timeout=PATIENT)

    async def update(
        self, reference: Reference, activity_id: str, card: Mapping[str, Any], text: str
    ) -> None:
        """See the port."""
        where, conversation = self._place(reference)
        message = of_card(card, text) | {"id": activity_id}
        await self._connector.update(where, conversation, activity_id, message)

    async def is_member(self, reference: Reference, aad_object_id: str) -> bool:
        """See the port."""
        where, conversation = self._place(reference)
        roster = conversation.partition(";")[0]
        found = await self._connector.member(where, roster, aad_object_id)
        if found is not None:
            return _object_id(found) == aad_object_id
        # Not every connector finds people by their object id; the roster tells for certain.
        async for member in self._connector.members(where, roster):
            if _object_id(member) == aad_object_id:
                return True
        return False

    async def is_of_tenant(self, reference: Reference, who: str, aad_object_id: str) -> bool:
        """Whether the connector says of that member that they are the account, and a user of our
        tenant. What it does not say, or says of a guest, is no."""
        if not who or not aad_object_id:
            return False
        where, conversation = self._place(reference)
        try:
            found = await self._connector.member(where, conversation.partition(";")[0], who)
        except (Busy, Gone, Rejected):
            return False
        if found is None or _object_id(found) != aad_object_id:
            return False
        role, name = found.get("userRole"), found.get("userPrincipalName")
        guest = isinstance(name, str) and "#EXT#" in name.upper()
        tenant = found.get("tenantId", self._tenant_id)
        return (
            isinstance(role, str)
            and role.lower() == "user"
            and not guest
            and (tenant == self._tenant_id)
        )

    def _place(self, reference: Reference) -> tuple[str, str]:
        where, conversation = reference.get("serviceUrl"), reference.get("conversation")
        ours = reference.get("tenant") == self._tenant_id and isinstance(conversation, str)
        try:
            if not ours:
                raise UntrustedServiceUrl
            self._urls.trusted(where)
        except UntrustedServiceUrl:
            event(LOGGER, logging.ERROR, "a stored reference leads elsewhere; nothing was sent")
            raise
        return str(where), str(conversation)


def _object_id(member: Mapping[str, Any]) -> object:
    """Teams writes it under either name."""
    return member.get("aadObjectId") or member.get("objectId")
