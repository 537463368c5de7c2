"""The channel's signing keys, kept fresh without ever holding up a turn for long.

A fetch takes 2 seconds at most and runs once for everybody who waits for it. Keys older than six
hours are refreshed beside the turn that noticed; a key id we do not know causes a fetch at most
once in five minutes, so random ids cost nothing; when fetching fails the old keys go on, for 48
hours at most.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from portal.logs import event

LOGGER = logging.getLogger(__name__)
FETCH_SECONDS = 2.0
LARGEST = 512 * 1024
MOST_KEYS = 200
SHORTEST_KEY = 2048
STALE_S = 6 * 3600.0
TOO_OLD_S = 48 * 3600.0
UNKNOWN_EVERY_S = 300.0
EMPTY_EVERY_S = 2.0


class KeysUnavailable(Exception):
    """There are no keys to judge by: none was ever fetched, or they are too old."""


class SigningKey(NamedTuple):
    """A public key, and the channels it may speak for."""

    public: RSAPublicKey
    endorsements: frozenset[str]


class SigningKeys:
    """The keys of one issuer. `seconds` is a monotonic clock."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        metadata_url: str,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._metadata_url = metadata_url
        self._seconds = seconds
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at = self._tried_at = -TOO_OLD_S
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> SigningKey | None:
        """The key of that id, or None. Raises KeysUnavailable when nobody can be judged."""
        age = self._seconds() - self._fetched_at
        known = self._keys.get(key_id) if age < TOO_OLD_S else None
        if known is None and self._may_try(UNKNOWN_EVERY_S if age < TOO_OLD_S else EMPTY_EVERY_S):
            await self.refresh()
        elif known is not None and age >= STALE_S and self._may_try(UNKNOWN_EVERY_S):
            self._begin()
        elif known is None and self._fetching is not None:
            await asyncio.shield(self._fetching)
        if self._seconds() - self._fetched_at >= TOO_OLD_S:
            raise KeysUnavailable
        return self._keys.get(key_id)

    def current(self, key_id: str) -> SigningKey | None:
        """The key of that id if it is here and fresh; never fetches."""
        fresh = self._seconds() - self._fetched_at < STALE_S
        return self._keys.get(key_id) if fresh else None

    async def refresh(self) -> None:
        """Fetches now, or waits for the fetch that runs. A failure keeps the keys there are."""
        await asyncio.shield(self._begin())

    async def close(self) -> None:
        """Ends a fetch that runs."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _may_try(self, every_s: float) -> bool:
        return self._seconds() - self._tried_at >= every_s

    def _begin(self) -> asyncio.Task[None]:
        if self._fetching is None:
            self._tried_at = self._seconds()
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                metadata = await self._read(self._metadata_url)
                keys = read_keys(await self._read(self._keys_url(metadata)))
            if keys:
                self._keys, self._fetched_at = keys, self._seconds()
            else:
                event(LOGGER, logging.WARNING, "no usable signing key was published")
        except Exception as error:  # noqa: BLE001 - whatever is wrong over there, old keys go on
            event(LOGGER, logging.WARNING, "signing keys could not be fetched", error=error)
        finally:
            self._fetching = None

    async def _read(self, url: str) -> Any:
        async with self._session().get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            body = await answer.content.read(LARGEST)
            while chunk := await answer.content.read(LARGEST):
                body += chunk
                if len(body) > LARGEST:
                    raise ValueError("too large")
        return msgspec.json.decode(body)

    def _keys_url(self, metadata: Any) -> str:
        """Where the metadata says the keys are; the same scheme and host as its own."""
        url = str(metadata["jwks_uri"])
        here, there = urlsplit(self._metadata_url), urlsplit(url)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise ValueError("the keys are said to be somewhere else")
        return url


def read_keys(published: Any) -> dict[str, SigningKey]:
    """The usable RSA keys of a key set (RFC 7517) by their ids; others are left out."""
    keys: dict[str, SigningKey] = {}
    for entry in published["keys"][:MOST_KEYS]:
        try:
            if entry["kty"] != "RSA" or entry.get("use", "sig") != "sig":
                continue
            public = jwt.algorithms.RSAAlgorithm.from_jwk(entry)
            endorsements = frozenset(map(str, entry.get("endorsements") or ()))
            if isinstance(public, RSAPublicKey) and public.key_size >= SHORTEST_KEY:
                keys[str(entry["kid"])] = SigningKey(public, endorsements)
        except (KeyError, TypeError, ValueError, AttributeError, jwt.PyJWTError):
            continue
    return keys
