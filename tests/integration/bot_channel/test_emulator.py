"""The whole product under the Teams client emulator: without credentials as in development, and
with authentication on behind a proxy that signs as the channel does."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.channel.channel import PATH, Channel
from bot.channel.cloud import PUBLIC
from bot.channel.service_urls import ServiceUrls
from bot.opening import opened
from portal import wiring
from portal.adapters.identity import local
from portal.domain.alerts.ports import Gone
from portal.settings import EMULATOR_TENANT, ROOT, Settings
from tests.emulator import playground
from tests.fakes import teams
from tests.integration.bot_channel.conftest import surrounded


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`app.py` in development, on a port of its own; its address."""
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "SWITCHROOM_ENV": "development",
        "SWITCHROOM_SAMPLE": "off",
        "SWITCHROOM_DATA_DIR": str(tmp_path_factory.mktemp("store") / "data"),
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def emulator(product: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator against the product."""
    endpoint = product.replace("localhost", "127.0.0.1") + PATH
    with playground.running(endpoint, tmp_path_factory.mktemp("emulator")) as base:
        yield base


@pytest.fixture
async def teams_client(emulator: str) -> AsyncIterator[playground.Client]:
    async with playground.client(emulator) as client:
        yield client


def texts(value: Any) -> Iterator[str]:
    """Every text of a card."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_the_emulator_plays_the_people_of_the_sample() -> None:
    text = (playground.HERE / playground.CONFIGURATION).read_text(encoding="utf-8")
    names = {person.display_name: person.person_id for person in local.people({})}
    played = [line.split(": ", 1)[1] for line in text.splitlines() if " name: " in line]
    people = [name for name in played if name in names]
    assert people[:3] == ["Sofia Lindqvist", "Amira Khan", "Oliver Bright"]
    assert len(people) == 6
    assert all(local.teams_account(names[name]) in text for name in people)
    assert f"tenantId: {local.TEAMS_TENANT}" in text
    assert local.TEAMS_TENANT == EMULATOR_TENANT


async def test_a_supervisor_asks_for_help_and_gets_a_card(
    teams_client: playground.Client,
) -> None:
    await teams_client.say("help")
    _, card = await teams_client.card()
    assert card["type"] == "AdaptiveCard"
    assert "dashboard" in set(texts(card))


@pytest.mark.parametrize("where", [playground.GROUP, playground.CHANNEL])
async def test_the_bot_answers_where_it_is_mentioned(
    teams_client: playground.Client, where: str
) -> None:
    await teams_client.say("help", where)
    _, card = await teams_client.card(where)
    assert card["type"] == "AdaptiveCard"


async def test_a_dashboard_comes_as_a_card(teams_client: playground.Client) -> None:
    await teams_client.say("dashboard")
    _, card = await teams_client.card()
    assert card["version"] >= "1.5"


async def test_a_forged_action_draws_no_error_and_changes_nothing(
    teams_client: playground.Client,
) -> None:
    await teams_client.say("help")
    message, _ = await teams_client.card()
    forged = {"type": "Action.Execute", "verb": "snooze", "data": {"ref": "forged"}}
    answer = await teams_client.press(message, forged)
    assert answer["type"] == "application/vnd.microsoft.error"
    assert answer["value"]["code"] == "403"


async def test_the_message_extension_answers(teams_client: playground.Client) -> None:
    answer = await teams_client.search("queues", "bill")
    assert answer["composeExtension"]["type"] in {"result", "message"}


async def test_the_bot_writes_on_its_own_initiative(
    emulator: str, teams_client: playground.Client
) -> None:
    channel = Channel(
        urls=ServiceUrls((), loopback=True),
        tenant_id=EMULATOR_TENANT,
        cloud=PUBLIC,
        clock=wiring.SystemClock(),
    )
    channel.start(teams.Recorder())
    reference = {
        "serviceUrl": f"{emulator}/_connector",
        "conversation": playground.GROUP,
        "tenant": EMULATOR_TENANT,
    }
    card = {"type": "AdaptiveCard", "version": "1.5", "body": []}
    sent = await channel.messenger.send(reference, card, "Billing: 71 %")
    message, shown = await teams_client.card(playground.GROUP)
    assert (message["message"]["messageId"], shown["version"]) == (sent, "1.5")
    await channel.messenger.update(reference, sent, card | {"version": "1.6"}, "Billing: 85 %")
    account = local.teams_account
    assert await channel.messenger.is_member(reference, account("amira.khan"))
    assert not await channel.messenger.is_member(reference, account("noah.reyes"))
    with pytest.raises(Gone):
        await channel.messenger.send(reference | {"conversation": "no-such"}, card, "text")
    await channel.close()


# With authentication on: proxy -> bot, as channel -> bot.


class SigningProxy(teams.Loopback):
    """Passes activities on with the token that the channel would have put in."""

    def __init__(self, issuer: teams.Issuer, bot: str) -> None:
        super().__init__()
        self._issuer = issuer
        self._bot = bot
        self.statuses: list[int] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._pass_on)]

    async def _pass_on(self, request: web.Request) -> web.Response:
        activity = await request.json()
        token = self._issuer.token(serviceurl=activity["serviceUrl"])
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._bot, json=activity, headers=headers) as answer,
        ):
            self.statuses.append(answer.status)
            body = await answer.read()
            kind = answer.content_type if body else None
            return web.Response(status=answer.status, body=body, content_type=kind)


class Guarded:
    """The product's conversation behind a channel with authentication on, in this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.issuer = teams.Issuer("channel", ["msteams"])
        self.entra = teams.Entra()
        self.endpoint = ""

    async def start(self) -> None:
        await self.issuer.start()
        settings = Settings(
            env="development",
            region="uk",
            data_dir=self._folder / "data",
            key_file=self._folder / "data.key",
            sample="off",
        )
        self._services = await wiring.build(settings)
        self._channel = Channel(
            urls=teams.urls(),
            tenant_id=EMULATOR_TENANT,
            cloud=teams.cloud(self.issuer),
            clock=self._services.clock,
            app_id=teams.APP,
            tokens=self.entra.tokens(),
        )
        self._channel.start(opened(self._services, settings).talk)
        self._runner = web.AppRunner(surrounded(self._channel), access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.endpoint = f"http://127.0.0.1:{self._runner.addresses[0][1]}{PATH}"

    async def stop(self) -> None:
        await self._runner.cleanup()
        await self._channel.close()
        await self._services.close()
        await self.issuer.stop()


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    made = Guarded(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_with_authentication_on_the_signed_way_in_works(
    guarded: Guarded, tmp_path: Path
) -> None:
    proxy = SigningProxy(guarded.issuer, guarded.endpoint)
    await proxy.start()
    emulated = playground.running(proxy.base + PATH, tmp_path)
    base = await asyncio.to_thread(emulated.__enter__)
    try:
        async with playground.client(base) as client:
            await client.install()
            _, greeting = await client.card()
            assert greeting["type"] == "AdaptiveCard"
            await client.say("help")
            await client.reply(lambda one: one is not client.seen[0])
            assert len(client.seen) == 2
            answer = await client.search("queues", "")
            assert "composeExtension" in answer
        assert set(proxy.statuses) == {200}
        assert len(guarded.entra.asked) == 1
    finally:
        await asyncio.to_thread(emulated.__exit__, None, None, None)
        await proxy.stop()


async def test_with_authentication_on_the_emulator_alone_is_not_heard(
    guarded: Guarded, tmp_path: Path
) -> None:
    emulated = playground.running(guarded.endpoint, tmp_path)
    base = await asyncio.to_thread(emulated.__enter__)
    try:
        async with playground.client(base) as client:
            with pytest.raises(AssertionError):
                await client.search("queues", "")
            await client.say("help")
            assert client.seen == []
        assert guarded.entra.asked == []
    finally:
        await asyncio.to_thread(emulated.__exit__, None, None, None)
