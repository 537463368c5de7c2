"""From a bearer token to the actor of a request."""

from portal.domain.access import rules
from portal.domain.access.model import Actor
from portal.domain.access.ports import People, Verifier
from portal.domain.shared.errors import NotAuthenticated


class Access:
    """Identifies people. Without a verifier nobody can sign in."""

    def __init__(self, verifier: Verifier | None, people: People) -> None:
        self._verifier = verifier
        self._people = people

    async def identify(self, token: str, organization: str | None = None) -> Actor:
        """The token's person, in the organisation it was issued for unless another is named.

        Raises NotAuthenticated for an invalid token or an unknown person, NotFound for an
        organisation the person does not belong to.
        """
        if self._verifier is None:
            raise NotAuthenticated("No identity provider is configured, so no token is accepted.")
        claims = await self._verifier.verify(token)
        person = await self._people.find(claims.person_id)
        if person is None:
            raise NotAuthenticated("Sign in again: this person is no longer known here.")
        return rules.act(person, organization or claims.organization)
