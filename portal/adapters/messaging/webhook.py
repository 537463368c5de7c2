"""Posting to addresses that people of an organisation chose: HTTPS by the standard library, in
threads of its own.

A name is looked up once, every address it has must be public, and the connection goes to one of
those addresses: what a second look-up would say (DNS rebinding) is never asked. Certificates are
verified against the name, always. There are no redirects, no proxies, no cookies, and of an answer
nothing is read but status and Retry-After. Whoever answers byte by byte is hung up on.
"""

import asyncio
import http.client
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from portal.domain.incidents import targets
from portal.domain.incidents.ports import Answered, Unreached
from portal.domain.shared.clock import Clock

STEP_SECONDS, WHOLE_SECONDS = 10.0, 20.0
THREADS = 8
HTTPS = 443
Place = tuple[int, str, int]
"""Family, address and port."""


class HttpsHook:
    """Implements the Hook of incidents. `loopback` is for development alone; `ca_file` vouches
    instead of the machine's authorities."""

    def __init__(
        self,
        clock: Clock,
        agent: str,
        *,
        loopback: bool = False,
        ca_file: Path | None = None,
        seconds: float = WHOLE_SECONDS,
    ) -> None:
        self._clock = clock
        self._agent = agent
        self._loopback = loopback
        self._seconds = seconds
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._threads = ThreadPoolExecutor(THREADS, "webhook")

    async def fault(self, url: str) -> str:
        """See the port."""
        wrong = targets.fault(url, loopback=self._loopback)
        if wrong:
            return wrong
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self._places, urlsplit(url))
        except Unreached as error:
            known = "an address of the public internet"
            return known if error.trouble == "address" else "a name that can be found"
        return ""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """See the port."""
        if targets.fault(url, loopback=self._loopback):
            raise Unreached("address")
        parts = urlsplit(url)
        connection = _Pinned(parts, self._tls)
        known = {**headers, "User-Agent": self._agent, "Connection": "close"}
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                return await loop.run_in_executor(
                    self._threads, self._post, connection, parts, known, body
                )
        except TimeoutError:
            raise Unreached("timeout") from None
        finally:
            connection.hang_up()

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _post(
        self, connection: "_Pinned", parts: SplitResult, headers: Mapping[str, str], body: bytes
    ) -> Answered:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.reach(self._places(parts))
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            return Answered(answer.status, self._wait_s(answer.getheader("Retry-After")))
        except ssl.SSLError:
            raise Unreached("tls") from None
        except TimeoutError:
            raise Unreached("timeout") from None
        except OSError:
            raise Unreached("connection") from None
        except (http.client.HTTPException, ValueError):
            raise Unreached("protocol") from None

    def _places(self, parts: SplitResult) -> list[Place]:
        """Where the name leads; all of it must be public."""
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or HTTPS, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unreached("name") from None
        places = [(int(family), str(at[0]), int(at[1])) for family, *_, at in found]
        if not all(targets.is_public(one, loopback=self._loopback) for _, one, _ in places):
            raise Unreached("address")
        return list(dict.fromkeys(places))

    def _wait_s(self, said: str | None) -> float:
        """Retry-After in seconds, from seconds or from a date; 0 for neither."""
        if not said:
            return 0.0
        if said.isascii() and said.isdecimal():
            return float(said[:9])
        with suppress(ValueError, TypeError, OverflowError):
            return max(0.0, parsedate_to_datetime(said).timestamp() - self._clock.now_ms() / 1000)
        return 0.0


class _Pinned(http.client.HTTPSConnection):
    """A connection to places that were looked up and judged before."""

    def __init__(self, parts: SplitResult, tls: ssl.SSLContext) -> None:
        super().__init__(parts.hostname or "", parts.port or HTTPS, context=tls)
        self._tls = tls
        self._ended = False

    def reach(self, places: list[Place]) -> None:
        """Connects to the first that answers. OSError when none does."""
        trouble: OSError = ConnectionError()
        for family, *place in places:
            if self._ended:
                break
            plain = socket.socket(family, socket.SOCK_STREAM)
            plain.settimeout(STEP_SECONDS)
            try:
                plain.connect(tuple(place))
            except OSError as error:
                plain.close()
                trouble = error
                continue
            wrapped = self._tls.wrap_socket(
                plain, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock = wrapped
            wrapped.do_handshake()
            return
        raise trouble

    def connect(self) -> None:
        """Nothing leads elsewhere by itself."""
        raise ConnectionError

    def hang_up(self) -> None:
        """Ends it, whatever a thread waits for."""
        self._ended = True
        open_ = self.sock
        if open_ is not None:
            with suppress(OSError):
                socket.socket.shutdown(open_, socket.SHUT_RDWR)
            with suppress(OSError):
                open_.close()
