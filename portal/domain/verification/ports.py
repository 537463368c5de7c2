"""What verification needs: somebody who reads phone numbers, and what depends on being verified."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from portal.domain.audit.model import Event
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Write
from portal.domain.verification.model import Number


class Numbers(Protocol):
    """The numbering plans of the world."""

    def read(self, text: str, country: str) -> Number | None:
        """The valid number that somebody of that country writes so; None for none."""
        ...


class AuthenticatorApps(Protocol):
    """The codes of authenticator apps (RFC 6238)."""

    def secret(self) -> str:
        """160 random bits, as people type them into an app."""
        ...

    def code(self, secret: str, step: int) -> str:
        """The six digits of that step of 30 seconds since 1970."""
        ...

    def picture(self, secret: str, account: str) -> str:
        """What an app's camera reads, as a data URI of an image."""
        ...


class RegionKey(Protocol):
    """Blind indexes that are the same for every organisation of the region."""

    async def blind(self, kind: str, value: str) -> str:
        """32 hexadecimal digits that stand for the value of this kind."""
        ...


class Loss(NamedTuple):
    """What is written when an organisation stops being verified."""

    writes: Sequence[Write] = ()
    events: Sequence[Event] = ()


class Dependent(Protocol):
    """Something that only verified organisations may have."""

    async def lost(self, tenancy: Tenancy, now_ms: int) -> Loss:
        """How to switch it off, as things stand; for the batch that ends the verification."""
        ...
