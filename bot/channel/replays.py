"""The same activity sent again while its turn runs, or shortly after, runs no second turn.

This spares work in one process. What makes an effect happen once, over restarts and processes, is
the document that the effect's own transaction claims by the same key.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial

REMEMBERED = 1024
MOST_BYTES = 8 * 1024 * 1024
FOR_S = 600.0

Result = tuple[int, bytes]
"""Status and body of a turn's answer."""


class Replays:
    """Turns by their replay key: those that run, and the answers of those that ended in the last
    ten minutes, 1,024 of them and 8 MiB at most. `seconds` is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._running: dict[str, asyncio.Future[Result]] = {}
        self._ended: OrderedDict[str, tuple[float, Result]] = OrderedDict()
        self._bytes = 0

    @property
    def kept(self) -> tuple[int, int]:
        """How many answers are kept, and their bytes."""
        return len(self._ended), self._bytes

    async def once(self, key: str, run: Callable[[], Awaitable[Result]]) -> Result:
        """What `run` gives; for a replay, what the first run gave or gives. A run that raised is
        forgotten, so the activity may come again."""
        self._drop()
        if key in self._ended:
            return self._ended[key][1]
        turn = self._running.get(key)
        if turn is None:
            turn = self._running[key] = asyncio.ensure_future(run())
            turn.add_done_callback(partial(self._settle, key))
        return await asyncio.shield(turn)

    def _settle(self, key: str, turn: asyncio.Future[Result]) -> None:
        del self._running[key]
        if turn.cancelled() or turn.exception():
            return
        result = turn.result()
        self._ended[key] = (self._seconds(), result)
        self._bytes += len(result[1])
        self._drop()

    def _drop(self) -> None:
        """Forgets the oldest, as far as they are too old or too much."""
        oldest = self._seconds() - FOR_S
        while self._ended:
            ended, (_, body) = next(iter(self._ended.values()))
            if ended > oldest and len(self._ended) <= REMEMBERED and self._bytes <= MOST_BYTES:
                return
            self._ended.popitem(last=False)
            self._bytes -= len(body)

    async def close(self) -> None:
        """Ends the turns that run."""
        running = list(self._running.values())
        for turn in running:
            turn.cancel()
        await asyncio.gather(*running, return_exceptions=True)
