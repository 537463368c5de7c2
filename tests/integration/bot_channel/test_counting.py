"""What the channel counts of turns and of what it does not let in."""

from collections.abc import Sequence

from bot.channel.turn import Answer, Incoming
from tests.integration.bot_channel.conftest import World

NUMBER = "+12025550187"


async def failing(_: Incoming) -> Sequence[Answer]:
    raise ValueError(NUMBER)


async def test_turns_are_counted_by_kind_and_outcome(world: World) -> None:
    assert (await world.post(world.activity(id="1")))[0] == 200
    world.bot.answer = failing
    assert (await world.post(world.activity(id="2")))[0] == 200
    counted = {labels: one.total for labels, one in world.channel._measures.turns.read().items()}
    assert counted == {("message", "answered"): 1, ("message", "failed"): 1}


async def test_what_is_not_let_in_is_counted_by_what_is_wrong(world: World) -> None:
    await world.post(world.activity(channelId=NUMBER))
    await world.post(world.activity(channelId="webchat"))
    await world.post({"text": NUMBER})
    await world.post(world.activity(), headers={"Authorization": f"Bearer {NUMBER}"})
    refused = world.channel._measures.refusals.read()
    assert refused[("bot", "channel-not-teams")] == 2
    assert sum(refused.values()) == 4
    assert NUMBER not in str(refused)
    assert world.channel._measures.turns.read() == {}
