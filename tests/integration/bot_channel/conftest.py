"""The channel on a real socket, inside the product's middleware, with stand-ins around it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channel.channel import PATH, Channel
from portal.measures import Measures
from portal.web.draining import Running
from portal.web.exchange import MEASURES, RUNNING, STOPPING
from portal.web.middleware import add_headers, around
from portal.wiring import SystemClock
from tests.fakes import teams


@dataclass
class World:
    """Everything around one bot."""

    bot: teams.Recorder
    channel: Channel
    connector: teams.FakeConnector
    entra: teams.Entra
    issuer: teams.Issuer
    foreign: teams.Issuer
    client: TestClient[web.Request, web.Application]

    def activity(self, **changes: Any) -> dict[str, Any]:
        """A message that comes through this world's connector."""
        return teams.activity(self.connector.base, **changes)

    def bearer(self, **claims: Any) -> dict[str, str]:
        """The header of a valid token, with these claims instead."""
        return authorization(self.issuer.token(**{"serviceurl": self.connector.base} | claims))

    async def post(
        self, body: Any, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Posts JSON with a valid token unless headers are given; status and body."""
        given = self.bearer() if headers is None else headers
        async with self.client.post(PATH, json=body, headers=given) as answer:
            read = await answer.read()
            return answer.status, await answer.json(content_type=None) if read else {}


def authorization(token: str) -> dict[str, str]:
    """The header with that token."""
    return {"Authorization": f"Bearer {token}"}


def surrounded(channel: Channel) -> web.Application:
    """An application with the real middleware and the channel's one address."""
    application = web.Application(middlewares=[around])
    application[RUNNING] = Running()
    application[MEASURES] = Measures()
    application[STOPPING] = asyncio.Event()
    application.on_response_prepare.append(add_headers)
    application.router.add_post(PATH, channel.handle)
    return application


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A bot with authentication on, its keys fetched."""
    issuer, foreign = teams.Issuer("channel", ["msteams", "skype"]), teams.Issuer("entra", None)
    connector, entra, bot = teams.FakeConnector(), teams.Entra(), teams.Recorder()
    servers: list[teams.Loopback] = [issuer, foreign, connector]
    for server in servers:
        await server.start()
    channel = Channel(
        urls=teams.urls(),
        tenant_id=teams.TENANT,
        cloud=teams.cloud(issuer),
        clock=SystemClock(),
        app_id=teams.APP,
        tokens=entra.tokens(),
    )
    channel.start(bot)
    await channel._keys.refresh()
    client = TestClient(TestServer(surrounded(channel)))
    await client.start_server()
    yield World(bot, channel, connector, entra, issuer, foreign, client)
    await client.close()
    await channel.close()
    for server in servers:
        await server.stop()


@pytest.fixture
async def emulated() -> AsyncIterator[World]:
    """A bot as in development: no credentials, open to programs on this machine."""
    issuer, foreign = teams.Issuer("channel", ["msteams"]), teams.Issuer("entra", None)
    connector, entra, bot = teams.FakeConnector(), teams.Entra(), teams.Recorder()
    await issuer.start()
    await connector.start()
    channel = Channel(
        urls=teams.urls(), tenant_id=teams.TENANT, cloud=teams.cloud(issuer), clock=SystemClock()
    )
    channel.start(bot)
    client = TestClient(TestServer(surrounded(channel)))
    await client.start_server()
    yield World(bot, channel, connector, entra, issuer, foreign, client)
    await client.close()
    await channel.close()
    await issuer.stop()
    await connector.stop()


@pytest.fixture
async def plain() -> AsyncIterator[aiohttp.ClientSession]:
    """A client session of the test's own."""
    async with aiohttp.ClientSession() as session:
        yield session
