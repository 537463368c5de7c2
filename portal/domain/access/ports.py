"""What access needs: someone who vouches for tokens, someone who knows the people."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from portal.domain.access.model import Claims, Person


class Verifier(Protocol):
    """Vouches for bearer tokens of one issuer."""

    async def verify(self, token: str) -> Claims:
        """What a valid token says. Raises NotAuthenticated for every other text."""
        ...


class People(Protocol):
    """The directory of people."""

    async def recognise(self, claims: Claims) -> Person | None:
        """The person whom a verified token is of, with their present holdings, also those of
        their groups; None for whom nothing is known."""
        ...

    async def find(self, person_id: str) -> Person | None:
        """The person with their present holdings, or None."""
        ...

    async def find_in_teams(self, tenant_id: str, aad_object_id: str) -> Person | None:
        """The person behind a Teams account, or None; both ids as the channel vouched for them.
        Whether somebody who merely is of the tenant is its guest, the channel has to say."""
        ...


class Newcomers(Protocol):
    """Notes who is met elsewhere than at sign-in."""

    async def met(self, organization: str, tenant_id: str, object_id: str, name: str) -> None:
        """Notes somebody of the organisation's tenant who writes in Teams and never signed in."""
        ...


class Token(NamedTuple):
    """A signed token and the seconds it is valid for."""

    text: str
    expires_in: int


class LocalSignIn(Protocol):
    """Signing in without passwords as one of a few local people; exists in development only."""

    def people(self) -> Sequence[Person]:
        """Everyone one may sign in as."""
        ...

    def issue(self, person_id: str, organization: str | None = None) -> Token:
        """A token for the person, in their home organisation unless another is named.

        Raises NotFound for an unknown person, or an organisation they do not belong to.
        """
        ...
