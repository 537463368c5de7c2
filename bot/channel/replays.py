"""The same activity sent again while its turn runs, or shortly after, runs no second turn.

This spares work in one process. What makes an effect happen once, over restarts and processes, is
the document that the effect's own transaction claims by the same key.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

REMEMBERED = 1024
FOR_S = 600.0


class Replays:
    """Turns by their replay key. `seconds` is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._turns: OrderedDict[str, tuple[float, asyncio.Future[Any]]] = OrderedDict()

    async def once(self, key: str, run: Callable[[], Awaitable[Any]]) -> Any:
        """What `run` gives; for a replay, what the first run gave or gives. A run that raised is
        forgotten, so the activity may come again."""
        known = self._turns.get(key)
        if known is not None and self._seconds() - known[0] < FOR_S:
            return await asyncio.shield(known[1])
        turn = asyncio.ensure_future(run())
        self._turns[key] = (self._seconds(), turn)
        turn.add_done_callback(lambda done: self._settle(key, done))
        if len(self._turns) > REMEMBERED:
            self._turns.popitem(last=False)
        return await asyncio.shield(turn)

    def _settle(self, key: str, turn: asyncio.Future[Any]) -> None:
        known = self._turns.get(key)
        if (turn.cancelled() or turn.exception()) and known is not None and known[1] is turn:
            del self._turns[key]

    async def close(self) -> None:
        """Ends the turns that run."""
        running = [turn for _, turn in self._turns.values() if not turn.done()]
        for turn in running:
            turn.cancel()
        await asyncio.gather(*running, return_exceptions=True)
