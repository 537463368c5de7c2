"""How the identity adapters reach Microsoft: blocking calls in a few threads, each with an end.

MSAL is synchronous and takes a `requests` session, so keys and Graph go the same way. At most
`MOST_WAITING` calls wait for a thread; the next is refused at once instead of piling up.
"""

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import requests

from portal.domain.shared.errors import Unavailable

T = TypeVar("T")
THREADS = 8
MOST_WAITING = 64
ATTEMPT_S = 2.0
LARGEST = 512 * 1024
BUSY = "Microsoft's sign-in service does not answer just now; try again in a moment."


class Answer(NamedTuple):
    """The status of an answer, and its JSON; None for a body that is no JSON."""

    status: int
    body: Any


class _Session(requests.Session):
    """A session whose every request has an end, also those that MSAL makes without one."""

    def request(self, method: str, url: str | bytes, *args: Any, **more: Any) -> Any:
        """As the base class, with a time limit and without redirects."""
        more["timeout"] = more.get("timeout") or ATTEMPT_S
        more["allow_redirects"] = False
        return super().request(method, url, *args, **more)


class Outbound:
    """The threads and the session. `ca_file` names who vouches for the servers, by default the
    authorities that come with `requests`."""

    def __init__(self, ca_file: Path | None = None) -> None:
        self.session = _Session()
        if ca_file is not None:
            self.session.verify = str(ca_file)
            self.session.trust_env = False  # REQUESTS_CA_BUNDLE would count for more
        self._threads = ThreadPoolExecutor(THREADS, "identity")
        self._running = 0

    async def run(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` returns. Raises Unavailable beyond that many seconds, when the service cannot
        be reached, or when too many calls wait; whatever else `work` raises."""
        if self._running >= MOST_WAITING:
            raise Unavailable(BUSY)
        self._running += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        future.add_done_callback(self._done)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(future)
        except (TimeoutError, requests.RequestException):
            raise Unavailable(BUSY) from None

    def _done(self, future: "asyncio.Future[T]") -> None:
        self._running -= 1
        if not future.cancelled():
            future.exception()  # seen, also when nobody waits any more

    async def get_json(self, url: str, seconds: float = ATTEMPT_S, token: str = "") -> Answer:
        """The answer to a GET. Raises Unavailable as `run`, and for more than 512 KiB."""
        return await self.run(lambda: self._ask("GET", url, seconds, token, None), seconds)

    async def post_json(
        self, url: str, body: object, seconds: float = ATTEMPT_S, token: str = ""
    ) -> Answer:
        """The answer to a POST of JSON; otherwise as `get_json`."""
        return await self.run(lambda: self._ask("POST", url, seconds, token, body), seconds)

    def _ask(self, method: str, url: str, seconds: float, token: str, body: object) -> Answer:
        end = time.monotonic() + seconds
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with self.session.request(
            method, url, headers=headers, json=body, timeout=seconds, stream=True
        ) as answer:
            read = bytearray()
            for chunk in answer.iter_content(65536):
                read += chunk
                if len(read) > LARGEST or time.monotonic() > end:
                    raise Unavailable(BUSY)
        try:
            return Answer(answer.status_code, json.loads(bytes(read)))
        except ValueError:
            return Answer(answer.status_code, None)

    def close(self) -> None:
        """Takes no more work; what runs ends by its own limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.session.close()
