"""The same activity sent again runs no second turn."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.channel.turn import Answer, Incoming, InvokeMessage, Say
from tests.integration.bot_channel.conftest import World


@pytest.mark.parametrize("times", [2, 100])
async def test_an_activity_sent_at_once_many_times_runs_once(world: World, times: int) -> None:
    begun = asyncio.Event()

    async def slow(_: Incoming) -> Sequence[Answer]:
        await begun.wait()
        return [Say("once")]

    world.bot.answer = slow
    headers, body = world.bearer(), world.activity()
    posts = [asyncio.ensure_future(world.post(body, headers)) for _ in range(times)]
    await asyncio.sleep(0)
    begun.set()
    assert {status for status, _ in await asyncio.gather(*posts)} == {200}
    assert len(world.bot.heard) == 1
    assert world.connector.sent == ["once"]


@pytest.mark.parametrize("times", [2, 100])
async def test_an_activity_sent_one_after_the_other_runs_once(world: World, times: int) -> None:
    headers, body = world.bearer(), world.activity()
    for _ in range(times):
        assert (await world.post(body, headers))[0] == 200
    assert len(world.bot.heard) == 1
    assert world.connector.sent == ["heard: help"]


async def test_an_action_that_is_sent_again_is_answered_alike(world: World) -> None:
    async def count(_: Incoming) -> Sequence[Answer]:
        return [InvokeMessage(f"number {len(world.bot.heard)}")]

    world.bot.answer = count
    body = world.activity(type="invoke", name="adaptiveCard/action", value={"action": {}})
    first, second = [await world.post(body) for _ in range(2)]
    assert first == second
    assert first[1]["value"] == "number 1"


async def test_other_activities_run(world: World) -> None:
    conversation = world.activity()["conversation"]
    edit = {"type": "messageUpdate", "timestamp": "2026-03-02T10:00:01.000Z"}
    for changes in (
        {},
        {"id": "f:2"},
        {"conversation": conversation | {"id": "a:other"}},
        edit,
        edit | {"timestamp": "2026-03-02T10:00:02.000Z"},
    ):
        assert (await world.post(world.activity(**changes)))[0] == 200
    assert len({one.replay_key for one in world.bot.heard}) == 5


async def test_an_edit_that_is_sent_again_runs_once(world: World) -> None:
    body = world.activity(type="messageUpdate")
    for _ in range(2):
        await world.post(body)
    assert len(world.bot.heard) == 1


async def test_a_client_that_goes_away_does_not_end_the_turn(world: World) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Incoming) -> Sequence[Answer]:
        begun.set()
        await go_on.wait()
        return [Say("done")]

    world.bot.answer = slow
    post = asyncio.ensure_future(world.post(world.activity()))
    await begun.wait()
    post.cancel()
    await asyncio.gather(post, return_exceptions=True)
    go_on.set()
    assert (await world.post(world.activity()))[0] == 200
    assert len(world.bot.heard) == 1
    assert world.connector.sent == ["done"]


async def test_a_turn_that_could_not_run_may_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(world.channel._adapter, "run", broken)
        assert (await world.post(world.activity()))[0] == 500
    assert (await world.post(world.activity()))[0] == 200
    assert len(world.bot.heard) == 1
