"""Whether a request comes from the channel: its token, its key, its claims.

Accepted is one kind of token alone: signed with RS256 by a key of the channel's issuer that is
endorsed for Teams, issued by it, for this bot (one audience, exactly), with an expiry, and bound to
the service URL of the activity it came with. Tokens that Entra ID issues (for skills, for the
emulator, the bot's own) have another issuer and are refused.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any, NamedTuple

import jwt

from bot.channel.cloud import CHANNEL
from bot.channel.keys import KeysUnavailable, SigningKey, SigningKeys
from bot.channel.refusal import Refused, forbidden, unauthorized

ALGORITHM = "RS256"
LEEWAY_S = 300
LONGEST = 4096
REMEMBERED = 512
RETRY_S = 5
SERVICE_URL = "serviceurl"
OPTIONS: Any = {"require": ["exp", "iss", "aud", SERVICE_URL], "strict_aud": True}


class Verified(NamedTuple):
    """What a valid token says, and by which key."""

    claims: dict[str, Any]
    key_id: str
    key: SigningKey


class TokenVerifier:
    """Judges the Authorization header. `now_s` is the wall clock in seconds."""

    def __init__(
        self,
        keys: SigningKeys,
        *,
        issuer: str,
        app_id: str,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._app_id = app_id
        self._now_s = now_s
        self._verified: OrderedDict[bytes, Verified] = OrderedDict()

    async def verify(self, header: str, service_url: str) -> dict[str, Any]:
        """The claims of a valid token for that service URL. Raises Refused with 401, with 403 for a
        key that is not Teams', with 503 when no keys are to be had."""
        token = bearer(header)
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        verified = self._remembered(digest) or await self._verify(token)
        if verified.claims[SERVICE_URL] != service_url:
            raise unauthorized("token-for-another-service-url")
        if CHANNEL not in verified.key.endorsements:
            raise forbidden("key-not-endorsed")
        self._remember(digest, verified)
        return verified.claims

    def _remembered(self, digest: bytes) -> Verified | None:
        """A token that was verified with a key that is still current, and has not expired."""
        known = self._verified.get(digest)
        if known is None:
            return None
        current = self._keys.current(known.key_id) is known.key
        if current and float(known.claims["exp"]) > self._now_s():
            return known
        del self._verified[digest]
        return None

    def _remember(self, digest: bytes, verified: Verified) -> None:
        self._verified[digest] = verified
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)

    async def _verify(self, token: str) -> Verified:
        try:
            head = jwt.get_unverified_header(token)
        except Exception:  # noqa: BLE001 - whatever it is, it is no token
            raise unauthorized("token-malformed") from None
        key_id = head.get("kid")
        if head.get("alg") != ALGORITHM or not isinstance(key_id, str) or not key_id:
            raise unauthorized("token-algorithm-or-key")
        try:
            key = await self._keys.find(key_id)
        except KeysUnavailable:
            unavailable = HTTPStatus.SERVICE_UNAVAILABLE
            raise Refused(unavailable, "keys-unavailable", retry_after=RETRY_S) from None
        if key is None:
            raise unauthorized("token-key-unknown")
        return Verified(self._claims(token, key), key_id, key)

    def _claims(self, token: str, key: SigningKey) -> dict[str, Any]:
        try:
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[ALGORITHM],
                audience=self._app_id,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options=OPTIONS,
            )
            float(claims["exp"])
        except Exception:  # noqa: BLE001 - a token that cannot be read to the end is not valid
            raise unauthorized("token-not-valid") from None
        return claims


def bearer(header: str) -> str:
    """The token of an Authorization header. Raises Refused with 401."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST or " " in token:
        raise unauthorized("token-missing" if not header else "token-malformed")
    return token
