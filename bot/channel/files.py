"""Files in somebody's own chat with the bot: fetched from where Teams keeps them, and put there.

Teams puts an attached file into the sender's OneDrive and hands the bot an address that needs no
sign-in ("Send and receive files", `file.download.info`). The address is part of what somebody sent:
it is asked only at the hosts of SharePoint, by https, without following it anywhere else, with no
credential of ours. Where an offered file may be put is told the same way, once its reader agreed
(`uploadInfo` of fileConsent/invoke, an upload session of OneDrive), and trusted as little.
"""

from collections.abc import AsyncIterator, Callable, Collection
from http import HTTPStatus
from typing import Final

import aiohttp
from yarl import URL

from portal.domain.shared.errors import InvalidInput, NotFound, Unavailable

HOSTS: Final = (".sharepoint.com", ".sharepoint.us", ".sharepoint-mil.us", ".sharepoint.cn")
"""OneDrive for Business, of everybody and of the clouds of governments and of China."""
CHUNK: Final = 256 * 1024
TIMEOUT: Final = aiohttp.ClientTimeout(total=None, connect=3, sock_read=5)
"""Whoever takes the pieces bounds the whole."""
PUTTING: Final = aiohttp.ClientTimeout(total=None, connect=3)
"""While a file goes out nothing comes in; again whoever asks for it bounds the whole."""
MOST_BYTES: Final = 60 * 1024 * 1024
"""In one request of an upload session."""
DONE: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
PORTS: Final = frozenset({443})
ELSEWHERE: Final = "The file is not where Teams keeps files."


class TeamsFiles:
    """Fetches and puts files. `schemes` and `ports` are other than Teams' own in tests alone."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        *,
        hosts: Collection[str] = HOSTS,
        schemes: Collection[str] = ("https",),
        ports: Collection[int] = PORTS,
    ) -> None:
        self._session = session
        self._hosts = tuple(hosts)
        self._schemes = frozenset(schemes)
        self._ports = frozenset(ports)

    async def pieces(self, address: str) -> AsyncIterator[bytes]:
        """The file piece by piece. InvalidInput for an address that is not Teams', NotFound for one
        that gives nothing (it lasts some minutes), Unavailable when it does not answer."""
        url = self._trusted(address)
        try:
            async with self._session().get(
                url, allow_redirects=False, timeout=TIMEOUT, headers={"Accept": "*/*"}
            ) as answer:
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise Unavailable("The file does not come at the moment.")
                if answer.status != HTTPStatus.OK:
                    raise NotFound("The file is not there any more.")
                async for piece in answer.content.iter_chunked(CHUNK):
                    yield piece
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("The file does not come at the moment.") from error

    async def deliver(
        self, address: str, shown: str, body: AsyncIterator[bytes], *, size: int
    ) -> None:
        """Puts a file of so many bytes (at least one, at most MOST_BYTES) into the upload session,
        as its one range. `shown` is where it is seen then. InvalidInput for an address that is not
        Teams' and for another size, NotFound for a session that takes nothing, Unavailable when it
        does not answer."""
        if not 0 < size <= MOST_BYTES:
            raise InvalidInput("The file is too large to be put there at once.")
        url, _ = self._trusted(address), self._trusted(shown)
        headers = {
            "Content-Length": str(size),
            "Content-Range": f"bytes 0-{size - 1}/{size}",
            "Content-Type": "application/octet-stream",
        }
        try:
            async with self._session().put(
                url, data=body, headers=headers, allow_redirects=False, timeout=PUTTING
            ) as answer:
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise Unavailable("The file cannot be put there at the moment.")
                if answer.status not in DONE:
                    raise NotFound("The file cannot be put there any more.")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("The file cannot be put there at the moment.") from error

    def _trusted(self, address: str) -> URL:
        try:
            url = URL(address, encoded=True)
            host, port = (url.host or "").lower(), url.port
        except ValueError as error:
            raise InvalidInput(ELSEWHERE) from error
        ours = any(host.endswith(one) and len(host) > len(one) for one in self._hosts)
        plain = url.user is None and url.password is None
        if not (url.scheme in self._schemes and ours and plain and port in self._ports):
            raise InvalidInput(ELSEWHERE)
        return url
