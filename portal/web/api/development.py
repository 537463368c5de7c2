"""Signing in as a local person, without a password. These routes exist in development only."""

from collections.abc import Mapping

from aiohttp import web
from pydantic import TypeAdapter

from portal.domain.access.ports import LocalSignIn
from portal.domain.shared.errors import NotFound
from portal.web.exchange import SERVICES, SETTINGS, Handler, body, respond
from portal.web.schemas import development as schemas

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LIST = TypeAdapter(list[schemas.DevelopmentPerson])


async def people(request: web.Request) -> web.StreamResponse:
    """Everyone one may sign in as, a JSON array."""
    listed = [
        schemas.DevelopmentPerson(
            person=person.person_id,
            name=person.display_name,
            role=next(iter(person.holdings.values()))[0].role,
            organization=person.organizations[0],
            organizations=list(person.organizations),
        )
        for person in _sign_in(request).people()
    ]
    return web.Response(body=LIST.dump_json(listed), content_type="application/json")


async def token(request: web.Request) -> web.StreamResponse:
    """A signed token for the person."""
    asked = await body(request, schemas.TokenRequest)
    issued = _sign_in(request).issue(asked.person, asked.organization)
    return respond(
        schemas.TokenAnswer(token=issued.text, token_type="Bearer", expires_in=issued.expires_in)
    )


def is_here(request: web.Request) -> bool:
    """Whether the request came by a name of this machine, where only this machine is served."""
    listens_here = request.app[SETTINGS].host in LOOPBACK
    return not listens_here or request.url.host in LOOPBACK


def _sign_in(request: web.Request) -> LocalSignIn:
    """Local sign-in, for requests to this machine by its own name: a page elsewhere that gave its
    own host this machine's address (DNS rebinding) is not helped."""
    local = request.app[SERVICES].local_sign_in
    if local is None or not is_here(request):
        raise NotFound("There is nothing at this address.")
    return local


HANDLERS: Mapping[str, Handler] = {"people": people, "token": token}
