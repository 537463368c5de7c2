"""The client's way to the network, closed when it says that it is closed.

An encrypted connection ends a moment after its client, and one that was cancelled in the middle of
a request, as the client's own background work is when it stops, ends later still. An event loop
that is closed before complains, and so does the process that it belongs to.
"""

import asyncio
import socket
from typing import Any
from weakref import WeakSet

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

POLL_SECONDS = 0.01
CLOSING_SECONDS = 3.0
"""How long a peer may take to say goodbye."""


class ClosingTransport(AioHttpTransport):  # type: ignore[misc]  # mypy cannot see it
    """Waits in `close` until every connection is gone, for CLOSING_SECONDS at most."""

    session: aiohttp.ClientSession | None

    def __init__(self) -> None:
        super().__init__()
        self._sockets: WeakSet[socket.socket] = WeakSet()

    async def open(self) -> None:
        """Makes the session that the client's own transport would make, on sockets we know."""
        if self.session is None and not self._has_been_opened:
            self.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=self._socket),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=True,
            )
        await super().open()

    async def close(self) -> None:
        """Ends the session and waits for its connections."""
        await super().close()
        for _ in range(round(CLOSING_SECONDS / POLL_SECONDS)):
            if all(one.fileno() == -1 for one in self._sockets):
                return
            await asyncio.sleep(POLL_SECONDS)

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol = address[:3]
        made = socket.socket(family=family, type=kind, proto=protocol)
        self._sockets.add(made)
        return made
