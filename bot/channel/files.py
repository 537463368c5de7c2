"""Files that somebody attached in their own chat with the bot, fetched from where Teams keeps them.

Teams puts an attached file into the sender's OneDrive and hands the bot an address that needs no
sign-in ("Send and receive files", `file.download.info`). The address is part of what somebody sent:
it is asked only at the hosts of SharePoint, by https, without following it anywhere else, with no
credential of ours.
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
PORTS: Final = frozenset({443})
ELSEWHERE: Final = "The file is not where Teams keeps files."


class TeamsFiles:
    """Fetches files. `schemes` and `ports` are other than Teams' own in tests alone."""

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
