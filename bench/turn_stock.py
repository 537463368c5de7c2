"""An echo bot on botbuilder 4.17.1 as it is published, authentication on. For `bench.turn`.

One thing is spared it: the request for its own token at every turn, since there is no issuer of
tokens here. That makes it faster than it is.
"""

import asyncio

from aiohttp import web
from botbuilder.core import ActivityHandler, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botframework.connector.auth import ChannelValidation, MicrosoftAppCredentials

from bench import turn_world


class Configuration:
    """What the framework reads."""

    APP_ID = turn_world.APP
    APP_PASSWORD = "none"
    APP_TYPE = "SingleTenant"
    APP_TENANTID = turn_world.TENANT


class Echo(ActivityHandler):  # type: ignore[misc] # the framework has no types
    """Says what it heard."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """One message in, one out."""
        await turn_context.send_activity(f"echo: {turn_context.activity.text}")


async def main() -> None:
    """Serves until it is ended."""
    ChannelValidation.open_id_metadata_endpoint = turn_world.places().metadata_url
    MicrosoftAppCredentials.get_access_token = lambda *_: turn_world.BOT_TOKEN
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration()))
    bot = Echo()

    async def messages(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await adapter.process(request, bot)
        return answer

    application = web.Application()
    application.router.add_post(turn_world.PATH, messages)
    await turn_world.listen(application)


if __name__ == "__main__":
    asyncio.run(main())
