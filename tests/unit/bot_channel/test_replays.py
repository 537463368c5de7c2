"""What is remembered of turns is bounded in number, in bytes and in time."""

import asyncio

import pytest

from bot.channel import replays
from bot.channel.replays import Replays, Result


class Turns:
    """Turns that count themselves, and the clock that the memory of them reads."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ran: list[str] = []
        self.memory = Replays(lambda: self.now)

    async def take(self, key: str, body: bytes = b"") -> Result:
        """What the turn of that key gives."""

        async def run() -> Result:
            self.ran.append(key)
            return 200, body

        return await self.memory.once(key, run)

    async def settle(self) -> None:
        """Lets what ends with a turn end."""
        for _ in range(3):
            await asyncio.sleep(0)


@pytest.fixture
def turns() -> Turns:
    return Turns()


async def test_no_more_bytes_of_answers_are_kept_than_allowed(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "MOST_BYTES", 1000)
    for key in "abcde":
        await turns.take(key, b"x" * 400)
    await turns.settle()
    assert turns.memory.kept == (2, 800)
    await turns.take("e")
    await turns.take("a")
    assert turns.ran == list("abcdea")


async def test_no_more_turns_are_kept_than_allowed(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "REMEMBERED", 3)
    for key in "abcde":
        await turns.take(key)
    await turns.settle()
    assert turns.memory.kept == (3, 0)


async def test_what_is_too_old_is_dropped_at_the_next_turn(turns: Turns) -> None:
    for key in "abc":
        await turns.take(key, b"xx")
    await turns.settle()
    assert turns.memory.kept == (3, 6)
    turns.now = replays.FOR_S
    await turns.take("d")
    await turns.settle()
    assert turns.memory.kept == (1, 0)
    await turns.take("a")
    assert turns.ran == list("abcda")


async def test_a_turn_that_runs_is_not_run_beside_itself_however_many_come(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "REMEMBERED", 2)
    go_on = asyncio.Event()

    async def slow() -> Result:
        turns.ran.append("slow")
        await go_on.wait()
        return 200, b"slow"

    first = asyncio.ensure_future(turns.memory.once("slow", slow))
    await turns.settle()
    for key in "abcde":
        await turns.take(key)
    turns.now = replays.FOR_S
    again = asyncio.ensure_future(turns.memory.once("slow", slow))
    await turns.settle()
    go_on.set()
    assert await first == await again == (200, b"slow")
    assert turns.ran.count("slow") == 1


async def test_turns_that_run_end_when_the_channel_closes(turns: Turns) -> None:
    async def hang() -> Result:
        await asyncio.Event().wait()
        return 200, b""

    waiting = asyncio.ensure_future(turns.memory.once("hang", hang))
    await turns.settle()
    await turns.memory.close()
    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], BaseException)
    assert turns.memory.kept == (0, 0)
