"""From a bearer token to the actor of a request."""

from typing import NamedTuple

from portal.domain.access import rules
from portal.domain.access.model import Actor, Person
from portal.domain.access.ports import People, Verifier
from portal.domain.shared.errors import NotAuthenticated


class SignedIn(NamedTuple):
    """A person whose token was verified, and the organisation it was issued for."""

    person: Person
    organization: str

    def acting_in(self, organization: str | None) -> Actor:
        """The person in that organisation, by default the token's. NotFound for a stranger."""
        return rules.act(self.person, organization or self.organization)

    def home(self, organization: str | None) -> str | None:
        """The first of these that the person belongs to: that organisation, the token's, their
        first; None for someone who belongs to none."""
        roles = self.person.roles
        wanted = (organization, self.organization)
        return next((one for one in wanted if one in roles), next(iter(roles), None))


class Access:
    """Identifies people. Without a verifier nobody can sign in."""

    def __init__(self, verifier: Verifier | None, people: People) -> None:
        self._verifier = verifier
        self._people = people

    async def sign_in(self, token: str) -> SignedIn:
        """The token's person. Raises NotAuthenticated for an invalid token or an unknown person."""
        if self._verifier is None:
            raise NotAuthenticated("No identity provider is configured, so no token is accepted.")
        claims = await self._verifier.verify(token)
        person = await self._people.find(claims.person_id)
        if person is None:
            raise NotAuthenticated("Sign in again: this person is no longer known here.")
        return SignedIn(person, claims.organization)

    async def identify(self, token: str, organization: str | None = None) -> Actor:
        """The token's person, in the organisation it was issued for unless another is named.

        Raises NotAuthenticated as `sign_in`, NotFound for an organisation the person does not
        belong to.
        """
        return (await self.sign_in(token)).acting_in(organization)
