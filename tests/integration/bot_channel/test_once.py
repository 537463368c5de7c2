"""An activity has its effect once, over processes and restarts: several channels and conversations
on one store, as several processes would be, get the same activity many times at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channel.channel import PATH, Channel
from bot.channel.cloud import PUBLIC
from bot.opening import opened
from portal import wiring
from portal.adapters.identity import local
from portal.settings import EMULATOR_TENANT, Settings
from tests.fakes import teams
from tests.integration.bot_channel.conftest import surrounded

Client = TestClient[web.Request, web.Application]
Start = Callable[[], Awaitable[Client]]


@pytest.fixture
async def connector() -> AsyncIterator[teams.FakeConnector]:
    server = teams.FakeConnector()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts another channel with its conversation on the one store."""
    settings = Settings(
        env="development",
        region="uk",
        data_dir=tmp_path / "data",
        key_file=tmp_path / "data.key",
        sample="off",
    )
    services = await wiring.build(settings)
    channels: list[Channel] = []
    clients: list[Client] = []

    async def another() -> Client:
        made = Channel(
            urls=teams.urls(),
            tenant_id=EMULATOR_TENANT,
            cloud=PUBLIC,
            clock=services.clock,
        )
        made.start(opened(services, settings).talk)
        channels.append(made)
        client = TestClient(TestServer(surrounded(made)))
        clients.append(client)
        await client.start_server()
        return client

    yield another
    for client in clients:
        await client.close()
    for channel in channels:
        await channel.close()
    await services.close()


def asked(connector: teams.FakeConnector, **changes: Any) -> dict[str, Any]:
    who = {"id": "29:sofia", "aadObjectId": local.teams_account("sofia.lindqvist"), "name": "S"}
    where = {"id": "a:chat", "conversationType": "personal", "tenantId": EMULATOR_TENANT}
    tenant = {"tenant": {"id": EMULATOR_TENANT}}
    members = {"from": who, "conversation": where, "channelData": tenant}
    return teams.activity(connector.base, **members | changes)


async def post(client: Client, body: dict[str, Any]) -> int:
    async with client.post(PATH, json=body) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize("times", [2, 100])
async def test_many_processes_answer_one_activity_once(
    start: Start, connector: teams.FakeConnector, times: int
) -> None:
    processes = [await start() for _ in range(4)]
    body = asked(connector)
    sent = [post(processes[number % 4], body) for number in range(times)]
    assert set(await asyncio.gather(*sent)) == {200}
    assert len(connector.received) == 1


async def test_a_restart_does_not_answer_again(
    start: Start, connector: teams.FakeConnector
) -> None:
    for _ in range(3):
        assert await post(await start(), asked(connector)) == 200
    assert len(connector.received) == 1
    assert await post(await start(), asked(connector, id="f:2")) == 200
    assert len(connector.received) == 2


async def test_an_installation_that_is_told_of_twice_at_once_is_greeted_once(
    start: Start, connector: teams.FakeConnector
) -> None:
    client = await start()
    added = asked(connector, type="installationUpdate", action="add", id="f:1", text=None)
    came = {"membersAdded": [{"id": teams.BOT}, {"id": "29:sofia"}]}
    updated = asked(connector, type="conversationUpdate", id="f:2", text=None, **came)
    both = [post(client, body) for body in (added, updated)]
    assert await asyncio.gather(*both) == [200, 200]
    assert len(connector.received) == 1
