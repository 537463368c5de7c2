"""Who the signed-in person is here, and what they may do."""

from collections.abc import Mapping

from aiohttp import web

from portal.domain.organizations.model import Organization
from portal.web.exchange import SERVICES, Handler, actor, respond
from portal.web.schemas import access as schemas


async def me(request: web.Request) -> web.StreamResponse:
    """The signed-in person in the organisation of this request."""
    who, known = actor(request), request.app[SERVICES].organizations
    return respond(
        schemas.Me(
            person=who.person_id,
            display_name=who.display_name,
            role=who.role,
            permissions=sorted(who.permissions),
            organization=_shown(known[who.organization]),
            organizations=[_shown(known[code]) for code in who.organizations],
        )
    )


def _shown(one: Organization) -> schemas.Organization:
    return schemas.Organization(
        code=one.code, name=one.name, region=one.region, time_zone=one.time_zone
    )


HANDLERS: Mapping[str, Handler] = {"me": me}
