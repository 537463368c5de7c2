"""Who is asking: from the bearer token and the named organisation to the actor of the request."""

from aiohttp import web

from portal.domain.shared.errors import NotAuthenticated
from portal.web.exchange import ACTOR, ORGANIZATION, SERVICES, Handler

LONGEST_TOKEN = 8192


def signed_in(handler: Handler) -> Handler:
    """The handler, run only for a person with a valid token, as a member of the organisation that
    the token or the query parameter `organization` names.

    Raises NotAuthenticated, or NotFound for a stranger to the organisation, before the handler.
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        token = bearer(request.headers.get("Authorization", ""))
        organization = request.query.get(ORGANIZATION)
        request[ACTOR] = await request.app[SERVICES].access.identify(token, organization)
        return await handler(request)

    return guarded


def bearer(header: str) -> str:
    """The token of an Authorization header. Raises NotAuthenticated when there is none."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(token) > LONGEST_TOKEN:
        raise NotAuthenticated("Sign in: send `Authorization: Bearer` with a token.")
    return token.strip()
