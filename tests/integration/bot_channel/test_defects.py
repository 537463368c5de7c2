"""The fifteen defects of botbuilder 4.17.1, one test each, in the order of decision 0007.

Most are tried in more depth elsewhere; here is the shortest request over a socket that the
framework as it is published gets wrong.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import requests
from botbuilder.core import TurnContext
from botbuilder.schema import Activity, Entity
from msrest.configuration import Configuration
from msrest.pipeline import Pipeline

from bot.channel.connector import ATTEMPTS, BUDGET_S
from bot.channel.guard import Envelope
from bot.channel.turn import Answer, Incoming, InvokeCard, Say
from portal.settings import Settings, SettingsError
from tests.fakes import teams
from tests.integration.bot_channel.conftest import World, authorization
from tests.integration.bot_channel.test_keys import STALL_S, later, longest_stall

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}


def action(world: World, value: Any) -> dict[str, Any]:
    return world.activity(type="invoke", name="adaptiveCard/action", value=value)


async def test_01_an_invoke_is_answered_with_a_body(world: World) -> None:
    async def answer(_: Incoming) -> Sequence[Answer]:
        return [InvokeCard(CARD)]

    world.bot.answer = answer
    status, told = await world.post(action(world, {"action": {}}))
    assert (status, told["value"]) == (200, CARD)


async def test_02_a_rotated_key_is_no_outage(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    later(world, monkeypatch, 7200)
    world.issuer.rotate()
    assert (await world.post(world.activity()))[0] == 200


@pytest.mark.parametrize("wrong", ["garbage", "expired", "forged", "unknown key"])
async def test_03_a_bad_token_is_401_and_a_bad_body_400(world: World, wrong: str) -> None:
    here: dict[str, Any] = {"serviceurl": world.connector.base}
    token = {
        "garbage": "garbage",
        "expired": world.issuer.token(**here, exp=1),
        "forged": world.foreign.token(**here, headers={"kid": world.issuer.key_id}),
        "unknown key": world.issuer.token(**here, headers={"kid": "unknown"}),
    }[wrong]
    assert (await world.post(world.activity(), authorization(token)))[0] == 401
    assert (await world.post(["no activity"], authorization(token)))[0] == 400
    assert world.bot.heard == []


async def test_04_three_turns_take_one_token(world: World) -> None:
    for number in range(3):
        await world.post(world.activity(id=f"f:{number}"))
    assert (len(world.connector.received), len(world.entra.asked)) == (3, 1)


async def test_05_fetching_keys_never_blocks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channel.keys.FETCH_SECONDS", 0.5)
    later(world, monkeypatch, 49 * 3600)
    world.issuer.hung = asyncio.Event()
    headers = world.bearer()
    assert await longest_stall(lambda: world.post(world.activity(), headers)) < STALL_S
    world.issuer.hung.set()


async def test_06_busy_is_repeated_and_dead_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(world.channel._connector, "_sleep", wait)
    world.connector.answers = [(429, {"Retry-After": "1"}), (503, {})]
    await world.post(world.activity())
    assert [body["text"] for _, _, body, _ in world.connector.received] == ["heard: help"] * 3
    assert waits[0] == 1.0
    world.connector.answers = [(503, {})] * 50
    await world.post(world.activity(id="f:2"))
    assert len(world.connector.received) == 3 + ATTEMPTS
    assert sum(waits) < BUDGET_S


async def test_07_the_action_of_a_card_is_read_as_what_it_is(world: World) -> None:
    await world.post(action(world, {"action": {"verb": "refresh", "data": {"ref": "r"}}}))
    heard = world.bot.heard[0]
    assert (heard.verb, heard.value) == ("refresh", {"ref": "r"})


async def test_08_members_of_entities_are_sent(world: World) -> None:
    mention = Entity(type="mention")
    mention.additional_properties = {"text": "<at>x</at>", "mentioned": {"id": "29:x"}}

    async def logic(context: TurnContext) -> None:
        await context.send_activity(Activity(type="message", text="hi", entities=[mention]))

    received = world.activity()
    envelope = Envelope(received, received["serviceUrl"], teams.TENANT)
    await world.channel._adapter.run(envelope, {}, logic)
    assert world.connector.received[0][2]["entities"] == [
        {"type": "mention", "text": "<at>x</at>", "mentioned": {"id": "29:x"}}
    ]


def test_09_without_an_app_id_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"REGION": "uk", "DATA_DIR": "data", "KEY_FILE": "key", "BOT": "on"}.items():
        monkeypatch.setenv(f"SWITCHROOM_{name}", value)
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT_APP_ID"):
        Settings.load()


@pytest.mark.parametrize("missing", ["serviceUrl", "channelId"])
async def test_10_without_service_url_or_channel_nothing_runs(world: World, missing: str) -> None:
    assert (await world.post(world.activity(**{missing: None})))[0] == 400
    assert world.bot.heard == []


@pytest.mark.parametrize("issuer", ["ours", "microsoft"])
async def test_11_tokens_of_entra_do_not_run(world: World, issuer: str) -> None:
    tenant = teams.TENANT if issuer == "ours" else "72f988bf-86f1-41af-91ab-2d7cd011db47"
    claims: dict[str, Any] = {
        "iss": f"https://sts.windows.net/{tenant}/",
        "appid": teams.APP,
        "ver": "1.0",
    }
    token = world.foreign.token(**claims, serviceurl=world.connector.base)
    assert (await world.post(world.activity(), authorization(token)))[0] == 401
    assert world.bot.heard == []


async def test_12_the_token_is_sent_to_the_channel_only(world: World) -> None:
    there = "https://evil.trafficmanager.net/"
    refused = await world.post(world.activity(serviceUrl=there), world.bearer(serviceurl=there))
    assert refused[0] == 403
    assert (world.bot.heard, world.entra.asked) == ([], [])


async def test_13_an_activity_that_comes_twice_runs_once(world: World) -> None:
    body = world.activity()
    assert [(await world.post(body))[0] for _ in range(2)] == [200, 200]
    assert len(world.bot.heard) == 1


async def test_14_skills_are_refused(world: World) -> None:
    skill: dict[str, Any] = {
        "iss": f"https://login.microsoftonline.com/{teams.TENANT}/v2.0",
        "azp": "skill",
    }
    token = world.foreign.token(**skill, ver="2.0", serviceurl=world.connector.base)
    assert (await world.post(world.activity(), authorization(token)))[0] == 401
    authentication = world.channel._adapter.bot_framework_authentication
    for closed in (
        authentication.authenticate_channel_request("Bearer x"),
        authentication.authenticate_streaming_request("Bearer x", "msteams"),
        authentication.authenticate_request(Activity(), "Bearer x"),
        world.channel._adapter.process(None, None),
    ):
        with pytest.raises(PermissionError):
            await closed


async def test_15_a_turn_builds_no_client_of_the_framework(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a client of the framework was built or used")

    monkeypatch.setattr(Configuration, "__init__", refuse)
    monkeypatch.setattr(Pipeline, "__init__", refuse)
    monkeypatch.setattr(requests.Session, "__init__", refuse)

    async def two(_: Incoming) -> Sequence[Answer]:
        return [Say("one"), Say("two")]

    world.bot.answer = two
    assert (await world.post(world.activity()))[0] == 200
    assert world.connector.sent == ["one", "two"]
