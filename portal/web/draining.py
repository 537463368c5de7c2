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
        self._none: asyncio.Event | None = None

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._count -= 1
        if self._none is not None and not self._count:
            self._none.set()

    async def finished(self, seconds: float) -> bool:
        """Waits until no request runs; False when some still do after that many seconds."""
        self._none = asyncio.Event()
        try:
            async with asyncio.timeout(seconds):
                while self._count:
                    self._none.clear()
                    await self._none.wait()
        except TimeoutError:
            return False
        return True
