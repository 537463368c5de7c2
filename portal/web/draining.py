"""Requests that are being answered, so that stopping can wait for them.

aiohttp's own stop reads no more of a connection at once, which would cut off a body that is still
being sent; so the process first waits here, with its doors closed, and then stops aiohttp.
"""

import asyncio
from types import TracebackType


class Running:
    """Counts requests: `with running: ...` around each."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    def __enter__(self) -> None:
        self._count += 1
        self._none.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._count -= 1
        if not self._count:
            self._none.set()

    async def finished(self, seconds: float) -> bool:
        """Waits until no request runs; False when some still do after that many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._none.wait()
        except TimeoutError:
            return False
        return True
