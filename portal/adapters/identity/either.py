"""Two issuers of tokens at once: Microsoft Entra ID, and the local people of development."""

import jwt

from portal.domain.access.model import Claims
from portal.domain.access.ports import Verifier


class EitherVerifier:
    """Asks the one whose algorithm the token names: local tokens are signed with `algorithm`.
    Whoever lies about it is refused by the one who was asked."""

    def __init__(self, local: Verifier, algorithm: str, other: Verifier) -> None:
        self._local = local
        self._algorithm = algorithm
        self._other = other

    async def verify(self, token: str) -> Claims:
        """See the port."""
        try:
            is_local = jwt.get_unverified_header(token).get("alg") == self._algorithm
        except Exception:  # noqa: BLE001 - whatever it is, either refuses it
            is_local = True
        return await (self._local if is_local else self._other).verify(token)
