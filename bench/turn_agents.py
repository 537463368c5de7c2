"""An echo bot on the Microsoft 365 Agents SDK 1.9, authentication on. For `bench.turn`, in an
environment of its own: the product does not depend on it.

It too is spared requests for its own token.
"""

# mypy: ignore-errors

import asyncio

import turn_world
from aiohttp import web
from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware
from microsoft_agents.hosting.core import (
    ActivityHandler,
    AgentAuthConfiguration,
    AnonymousTokenProvider,
)
from microsoft_agents.hosting.core.authorization.jwt import jwt_token_validator


class Provider(AnonymousTokenProvider):
    """Gives the token that is there."""

    configuration = AgentAuthConfiguration(client_id=turn_world.APP, tenant_id=turn_world.TENANT)

    async def get_access_token(self, *_, **__):
        """A token."""
        return turn_world.BOT_TOKEN


class Connections:
    """One provider for everything."""

    provider = Provider()

    def get_connection(self, *_):
        """The provider."""
        return self.provider

    get_default_connection = get_token_provider = get_token_provider_from_activity = get_connection

    def get_default_connection_configuration(self):
        """The provider's."""
        return self.provider.configuration


class Echo(ActivityHandler):
    """Says what it heard."""

    async def on_message_activity(self, turn_context):
        """One message in, one out."""
        await turn_context.send_activity(f"echo: {turn_context.activity.text}")


async def main():
    """Serves until it is ended."""
    jwt_token_validator.BOTFRAMEWORK_JWKS_URIS[turn_world.ISSUER] = turn_world.places().keys_url
    adapter, agent = CloudAdapter(connection_manager=Connections()), Echo()

    async def messages(request):
        return await adapter.process(request, agent)

    application = web.Application(middlewares=[jwt_authorization_middleware])
    application["agent_configuration"] = Connections.provider.configuration
    application.router.add_post(turn_world.PATH, messages)
    await turn_world.listen(application)


if __name__ == "__main__":
    asyncio.run(main())
