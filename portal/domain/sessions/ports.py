"""What sessions need: an identity provider, and the documents they are kept in."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from portal.domain.access.model import Claims
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject


class Begun(NamedTuple):
    """Where to send the browser, and what the provider wants to see again; the latter is secret."""

    address: str
    kept: str


class Granted(NamedTuple):
    """A token for another service, and the seconds it is valid for."""

    text: str
    expires_in: float


class IdentityProvider(Protocol):
    """Signs people in by way of their browser."""

    async def begin(
        self,
        redirect_uri: str,
        *,
        claims: str = "",
        again: bool = False,
        scopes: tuple[str, ...] = (),
    ) -> Begun:
        """Begins a sign-in that comes back to `redirect_uri`. `claims` asks for more than usual,
        `again` wants the person to sign in anew, `scopes` are to be consented to. Raises
        Unavailable."""
        ...

    async def finish(self, kept: str, answer: Mapping[str, str]) -> Claims:
        """Who came back with that answer. Raises NotAuthenticated, Unavailable."""
        ...


class OnBehalf(Protocol):
    """Asks another service for somebody."""

    async def on_behalf_of(self, tenant_id: str, token: str, scopes: tuple[str, ...]) -> Granted:
        """A token for the scopes, for the person of the verified token. Raises ConsentRequired,
        InteractionRequired, NotAuthenticated, Unavailable."""
        ...


SESSION = Kind(
    "session",
    (
        Field("tenant_id", Category.IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("object_id", Category.IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("is_guest", Category.OPERATIONAL, Subject.MEMBER, Erase.DELETE),
        Field("groups", Category.IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("authenticated_at_s", Category.OPERATIONAL),
        Field("methods", Category.OPERATIONAL),
        Field("contexts", Category.OPERATIONAL),
        Field("device", Category.OPERATIONAL),
        Field("opened_at_ms", Category.OPERATIONAL),
        Field("seen_at_ms", Category.OPERATIONAL),
        Field("ends_at_ms", Category.OPERATIONAL),
    ),
)
SIGN_IN = Kind(
    "sign_in",
    (Field("sealed", Category.KEY_MATERIAL, Subject.NOBODY, Erase.DELETE, sealed=True),),
)
PROOF = Kind(
    "sign_in_proof",
    (
        Field("authenticated_at_s", Category.OPERATIONAL),
        Field("methods", Category.OPERATIONAL),
        Field("contexts", Category.OPERATIONAL),
    ),
)
KEPT_TOKEN = Kind(
    "kept_token",
    (Field("sealed", Category.KEY_MATERIAL, Subject.MEMBER, Erase.DELETE, sealed=True),),
)
SIGN_IN_KEY = Kind(
    "sign_in_key",
    (Field("key", Category.KEY_MATERIAL, Subject.NOBODY, Erase.DELETE, sealed=True),),
)
