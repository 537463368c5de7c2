"""An echo bot on the product's channel, authentication on. For `bench.turn`."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from bench import turn_world
from bot.channel.channel import Channel
from bot.channel.cloud import PUBLIC, Cloud
from bot.channel.credentials import AccessToken, BotTokens
from bot.channel.service_urls import ServiceUrls
from bot.channel.turn import Answer, Incoming, Say
from portal import logs
from portal.measures import Measures
from portal.web.draining import Running
from portal.web.exchange import MEASURES, RUNNING, STOPPING
from portal.web.middleware import add_headers, around
from portal.wiring import SystemClock


class Echo:
    """Says what it heard."""

    async def turn(self, incoming: Incoming) -> Sequence[Answer]:
        """See the port."""
        return [Say(f"echo: {incoming.text}")]

    async def failed(self, incoming: Incoming, correlation_id: str) -> Sequence[Answer]:
        """See the port."""
        return [Say(f"failed: {incoming.kind} {correlation_id}")]


async def main() -> None:
    """Serves until it is ended, inside the product's middleware."""
    logs.configure("WARNING")
    where = turn_world.places()
    cloud = Cloud(PUBLIC.issuer, where.metadata_url, PUBLIC.login_url, PUBLIC.scope, PUBLIC.hosts)
    channel = Channel(
        urls=ServiceUrls(PUBLIC.hosts, loopback=True),
        tenant_id=turn_world.TENANT,
        cloud=cloud,
        clock=SystemClock(),
        app_id=turn_world.APP,
        tokens=BotTokens(lambda _: AccessToken(turn_world.BOT_TOKEN, 3600.0)),
    )
    channel.start(Echo())
    application = web.Application(middlewares=[around])
    application[RUNNING] = Running()
    application[MEASURES] = Measures()
    application[STOPPING] = asyncio.Event()
    application.on_response_prepare.append(add_headers)
    application.router.add_post(turn_world.PATH, channel.handle)
    await turn_world.listen(application)


if __name__ == "__main__":
    asyncio.run(main())
