"""A client that costs little: sends one request again and again over a number of connections.

`python -m bench.load PORT CONNECTIONS REQUESTS` reads the request's bytes from standard input and
prints JSON: seconds, its own CPU seconds, answers by status. A connection has one request under
way at a time. It reads no more of an answer than status and length.
"""

import asyncio
import json
import sys
import time

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """One connection: sends, counts the answer's bytes, sends again."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._held = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """More of the answer."""
        if self._missing:
            self._missing -= len(data)
        else:
            self._held += data
            end = self._held.find(_END)
            if end < 0:
                return
            head = self._held[:end].lower()
            self._load.count(head[9:12].decode())
            self._missing = length(head) - (len(self._held) - end - len(_END))
            self._held = b""
        if self._missing == 0:
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """The server must not close while requests are left."""
        self._load.lost()

    def _next(self) -> None:
        if self._load.take():
            self._transport.write(self._load.request)
        else:
            self._transport.close()


class Load:
    """The requests that are left, and what was answered."""

    def __init__(self, request: bytes, requests: int, connections: int) -> None:
        self.request = request
        self.statuses: dict[str, int] = {}
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._left = requests
        self._open = connections

    def take(self) -> bool:
        """Whether a request is left."""
        self._left -= 1
        return self._left >= 0

    def count(self, status: str) -> None:
        """An answer came."""
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def lost(self) -> None:
        """A connection ended; the last one ends the load."""
        self._open -= 1
        if not self._open and not self.done.done():
            self.done.set_result(None)


def length(head: bytes) -> int:
    """The bytes behind an answer's head, given in lower case."""
    at = head.find(_LENGTH)
    return int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def run(port: int, connections: int, requests: int, request: bytes) -> dict[str, object]:
    """Sends them all; what it took."""
    loop = asyncio.get_running_loop()
    load = Load(request, requests, connections)
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", port)
    await load.done
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "statuses": load.statuses}


def main() -> None:
    """See the module."""
    port, connections, requests = map(int, sys.argv[1:])
    found = asyncio.run(run(port, connections, requests, sys.stdin.buffer.read()))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
