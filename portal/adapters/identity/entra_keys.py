"""Entra's signing keys, kept fresh without holding requests up.

A fetch takes 2 seconds at most and runs once for everybody who waits for it. Keys older than six
hours are fetched again beside the request that noticed; an unknown key id causes a fetch at most
once in five minutes, so random ids cost nothing; while fetching fails the old keys go on, for 48
hours at most. A key that is published no longer is gone with the next successful fetch.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from portal.domain.shared.errors import Unavailable

LOGGER = logging.getLogger(__name__)
FETCH_S = 2.0
MOST_KEYS = 200
SHORTEST_KEY = 2048
STALE_S = 6 * 3600.0
TOO_OLD_S = 48 * 3600.0
UNKNOWN_EVERY_S = 300.0
EMPTY_EVERY_S = 2.0


class SigningKey(NamedTuple):
    """A public key, and the issuer that it may sign for: a pattern with `{tenantid}` in it."""

    public: RSAPublicKey
    issuer: str | None


class SigningKeys:
    """The published keys. `fetch` answers the key set (RFC 7517); `seconds` is a monotonic
    clock."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Any]],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch_set = fetch
        self._seconds = seconds
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at = self._tried_at = -TOO_OLD_S
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> SigningKey | None:
        """The key of that id, or None. Raises Unavailable when nobody can be judged."""
        age = self._seconds() - self._fetched_at
        usable = age < TOO_OLD_S
        known = self._keys.get(key_id) if usable else None
        if known is None and self._may_try(UNKNOWN_EVERY_S if usable else EMPTY_EVERY_S):
            await asyncio.shield(self._begin())
        elif known is not None and age >= STALE_S and self._may_try(UNKNOWN_EVERY_S):
            self._begin()
        elif known is None and self._fetching is not None:
            await asyncio.shield(self._fetching)
        if self._seconds() - self._fetched_at >= TOO_OLD_S:
            raise Unavailable("Sign-ins cannot be checked just now; try again in a moment.")
        return self._keys.get(key_id)

    def is_current(self, key_id: str, key: SigningKey) -> bool:
        """Whether that very key is still the one published under the id. Never fetches."""
        age = self._seconds() - self._fetched_at
        return age < STALE_S and self._keys.get(key_id) is key

    async def close(self) -> None:
        """Ends a fetch that runs."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _may_try(self, every_s: float) -> bool:
        return self._fetching is None and self._seconds() - self._tried_at >= every_s

    def _begin(self) -> "asyncio.Task[None]":
        if self._fetching is None:
            self._tried_at = self._seconds()
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_S):
                keys = read_keys(await self._fetch_set(), self._keys)
            if keys:
                self._keys, self._fetched_at = keys, self._seconds()
            else:
                LOGGER.warning("no usable signing key was published")
        except Exception as error:  # noqa: BLE001 - whatever is wrong over there, old keys go on
            LOGGER.warning("signing keys could not be fetched: %s", type(error).__name__)
        finally:
            self._fetching = None


def read_keys(published: Any, known: dict[str, SigningKey]) -> dict[str, SigningKey]:
    """The usable RSA keys of a key set by their ids; others are left out. One that is `known` and
    did not change stays the same object."""
    keys: dict[str, SigningKey] = {}
    for entry in published["keys"][:MOST_KEYS]:
        try:
            if entry["kty"] != "RSA" or entry.get("use", "sig") != "sig":
                continue
            public = jwt.algorithms.RSAAlgorithm.from_jwk(entry)
            if not isinstance(public, RSAPublicKey) or public.key_size < SHORTEST_KEY:
                continue
            key_id, issuer = str(entry["kid"]), entry.get("issuer")
            key = SigningKey(public, str(issuer) if issuer is not None else None)
        except (KeyError, TypeError, ValueError, AttributeError, jwt.PyJWTError):
            continue
        before = known.get(key_id)
        same = before is not None and before.issuer == key.issuer
        keys[key_id] = (
            before
            if before is not None
            and same
            and before.public.public_numbers() == public.public_numbers()
            else key
        )
    return keys
