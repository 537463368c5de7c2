"""From a bearer token to the actor of a request."""

from typing import NamedTuple

from portal.domain.access import rules
from portal.domain.access.model import Actor, Claims, Person
from portal.domain.access.ports import People, Verifier
from portal.domain.shared.errors import NotAuthenticated

REFUSED = "Sign in again: this sign-in is not accepted here."
"""Said of every refused token alike, so that nobody learns what was wrong with theirs."""


class SignedIn(NamedTuple):
    """A person whose token was verified, the organisation it was issued for ("" for their home),
    and when they proved who they are with a second factor."""

    person: Person
    organization: str
    proved_at_s: float | None = None

    def acting_in(self, organization: str | None) -> Actor:
        """The person in that organisation, by default the token's. NotFound for a stranger."""
        code = organization or self.organization or next(iter(self.person.organizations), "")
        return rules.act(self.person, code, proved_at_s=self.proved_at_s)

    def home(self, organization: str | None) -> str | None:
        """The first of these that the person belongs to: that organisation, the token's, their
        first; None for someone who belongs to none."""
        theirs = self.person.organizations
        wanted = (organization, self.organization)
        return next((one for one in wanted if one in theirs), next(iter(theirs), None))


class Access:
    """Identifies people. Without a verifier nobody can sign in."""

    def __init__(self, verifier: Verifier | None, people: People) -> None:
        self._verifier = verifier
        self._people = people

    async def claims(self, token: str) -> Claims:
        """What a valid token says, whoever it is of. Raises NotAuthenticated."""
        if self._verifier is None:
            raise NotAuthenticated(REFUSED)
        return await self._verifier.verify(token)

    async def sign_in(self, token: str) -> SignedIn:
        """The token's person. Raises NotAuthenticated for an invalid token or an unknown person."""
        return await self.recognise(await self.claims(token))

    async def recognise(self, claims: Claims) -> SignedIn:
        """The person of verified claims. Raises NotAuthenticated for an unknown one."""
        person = await self._people.recognise(claims)
        if person is None:
            raise NotAuthenticated(REFUSED)
        return SignedIn(person, claims.organization, rules.proved_at_s(claims))

    async def identify(self, token: str, organization: str | None = None) -> Actor:
        """The token's person, in the organisation it was issued for unless another is named.

        Raises NotAuthenticated as `sign_in`, NotFound for an organisation the person does not
        belong to.
        """
        return (await self.sign_in(token)).acting_in(organization)
