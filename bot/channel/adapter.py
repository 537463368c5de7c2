"""The Bot Framework's cloud adapter, with what is wrong in it replaced.

Kept are its turns: turn context, middleware, error hook, the way answers of invokes are found.
Replaced are reading a request, judging who sent it, its clients and credentials; decision 0007
lists the defects of 4.17.1 one by one.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity, ResourceResponse
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)

from bot.channel.connector import Connector
from bot.channel.guard import Envelope
from bot.channel.wire import to_activity, to_wire

Logic = Callable[[TurnContext], Awaitable[None]]


class Conversations:
    """What the adapter calls of a connector client, on our own client."""

    def __init__(self, connector: Connector, service_url: str) -> None:
        self._connector = connector
        self._service_url = service_url

    async def send_to_conversation(
        self, conversation_id: str, activity: Activity
    ) -> ResourceResponse:
        """Writes a message. Raises as `Connector.call`."""
        message = to_wire(activity)
        sent = await self._connector.send(self._service_url, conversation_id, message)
        return ResourceResponse(id=sent)

    async def reply_to_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        """Writes a message in answer to another. Raises as `Connector.call`."""
        message = to_wire(activity)
        sent = await self._connector.send(self._service_url, conversation_id, message, activity_id)
        return ResourceResponse(id=sent)

    async def update_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        """Replaces a message. Raises as `Connector.call`."""
        message = to_wire(activity)
        kept = await self._connector.update(
            self._service_url, conversation_id, activity_id, message
        )
        return ResourceResponse(id=kept)

    async def delete_activity(self, conversation_id: str, activity_id: str) -> None:
        """Removes a message. Raises as `Connector.call`."""
        await self._connector.delete(self._service_url, conversation_id, activity_id)


class Client:
    """A connector client of one service URL, as the adapter expects it."""

    def __init__(self, connector: Connector, service_url: str) -> None:
        self.conversations = Conversations(connector, service_url)


class Clients(ConnectorFactory):
    """Makes clients that share one session, one token and one allow-list."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def create(self, service_url: str, audience: str) -> Client:
        """A client; the address is checked at each call."""
        return Client(self._connector, service_url)


class Authentication(BotFrameworkAuthentication):
    """Clients for the adapter. It never judges anybody: requests were judged before they come here,
    and every path by which the framework would judge them itself is closed."""

    def __init__(self, connector: Connector) -> None:
        self._clients = Clients(connector)

    async def authenticate_request(self, activity: Activity, auth_header: str) -> Any:
        """Closed."""
        raise PermissionError("requests are judged by the guard")

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:
        """Closed: there are no streaming connections."""
        raise PermissionError("streaming is not offered")

    async def authenticate_channel_request(self, auth_header: str) -> Any:
        """Closed: the bot has no skills."""
        raise PermissionError("skills are not offered")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        """The one factory."""
        return self._clients

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """None: tokens of people are not had through the channel."""

    def admitted(self, claims: dict[str, Any]) -> AuthenticateRequestResult:
        """The result for a request that the guard let in."""
        result = AuthenticateRequestResult()
        result.claims_identity = ClaimsIdentity(claims, True)
        result.connector_factory = self._clients
        return result


class TeamsAdapter(CloudAdapter):
    """Runs turns of activities that were let in."""

    def __init__(self, connector: Connector) -> None:
        self._authentication = Authentication(connector)
        super().__init__(self._authentication)

    async def process(self, request: Any, bot: Any, ws_response: Any = None) -> Any:
        """Closed: `Channel.handle` reads requests."""
        raise PermissionError("requests are read by the guard")

    async def run(
        self, envelope: Envelope, claims: dict[str, Any], logic: Logic
    ) -> InvokeResponse | None:
        """Runs a turn; what it left as the answer of an invoke."""
        return await self.process_activity(
            self._authentication.admitted(claims), to_activity(envelope.activity), logic
        )

    def create_claims_identity(self, bot_app_id: str = "") -> ClaimsIdentity:
        """An identity with the audience as a claim, as the framework's own."""
        return ClaimsIdentity({"aud": bot_app_id}, True)
