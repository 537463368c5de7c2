"""Which addresses the bot talks to: the connector's exact hosts over https, nothing else.

The address comes from outside, with every activity and in every stored reference, and the bot's
token is sent to it. So it is compared as a whole host, never by its end (anybody may register a
name below trafficmanager.net), and checked wherever it is used.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

LONGEST = 512
CHARACTERS = re.compile(r"[A-Za-z0-9:/._~-]+", re.ASCII)
PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?", re.ASCII)
LOOPBACK = frozenset({"localhost", "127.0.0.1"})


class UntrustedServiceUrl(Exception):
    """An address that the bot does not talk to."""

    def __init__(self) -> None:
        super().__init__("the service URL is not one of the channel's")


class ServiceUrls:
    """The addresses that are trusted. `loopback` adds http to this machine, for the emulator."""

    def __init__(self, hosts: Iterable[str], *, loopback: bool = False) -> None:
        self._hosts = frozenset(hosts)
        self._loopback = loopback

    def trusted(self, url: object) -> str:
        """The address without a slash at its end. Raises UntrustedServiceUrl for every other."""
        if not isinstance(url, str) or len(url) > LONGEST or not CHARACTERS.fullmatch(url):
            raise UntrustedServiceUrl
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise UntrustedServiceUrl from None
        if (":" in parts.netloc and port is None) or not PATH.fullmatch(parts.path):
            raise UntrustedServiceUrl
        of_channel = parts.scheme == "https" and parts.netloc in self._hosts
        here = self._loopback and parts.scheme == "http" and parts.hostname in LOOPBACK
        if not of_channel and not here:
            raise UntrustedServiceUrl
        return url.rstrip("/")
