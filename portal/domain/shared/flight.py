"""One piece of work at a time for a key, however many ask for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Work that is shared by all who ask for the same key while it runs. Whoever stops waiting
    stops neither the work nor the others; its outcome, a failure too, is everybody's."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The outcome of the work that runs for the key, begun when there is none."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(work())
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Ends what runs."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, key: str, done: "asyncio.Task[T]") -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # told to whoever still waits, and to nobody else
