"""Who the signed-in person is here and what they may do; roles, and people with their keys."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from portal.domain.access import rules
from portal.domain.access.granting import FIXED
from portal.domain.access.looking import ListedRole
from portal.domain.access.management import Management
from portal.domain.access.model import Permission
from portal.domain.organizations.model import Organization
from portal.domain.shared.clock import instant
from portal.domain.shared.errors import NotFound
from portal.web.exchange import CLAIMS, SERVICES, SETTINGS, Handler, actor, body, query, respond
from portal.web.schemas import access as schemas
from portal.wiring import Services


def zoned(request: web.Request, ms: int) -> datetime:
    """The instant in the time zone of the request's organisation."""
    services = request.app[SERVICES]
    tenancy = services.directory.known(actor(request).organization)
    return instant(ms).astimezone(ZoneInfo(tenancy.organization.time_zone if tenancy else "UTC"))


async def me(request: web.Request) -> web.StreamResponse:
    """The signed-in person in the organisation of this request."""
    who, services = actor(request), request.app[SERVICES]
    return respond(
        schemas.Me(
            person=who.person_id,
            display_name=who.display_name,
            role=who.role,
            roles=list(who.roles),
            permissions=sorted(who.permissions),
            boards=list(rules.boards(who)),
            details=list(rules.details(who)),
            blind=who.is_blind,
            standing=who.state.value,
            organization=await _shown(services, who.organization),
            organizations=[await _shown(services, code) for code in who.organizations],
        )
    )


async def _shown(services: Services, code: str) -> schemas.Organization:
    one: Organization = (await services.directory.get(code)).organization
    return schemas.Organization(
        code=one.code, name=one.name, region=one.region, time_zone=one.time_zone
    )


# --- roles --------------------------------------------------------------------------------


async def access_roles(request: web.Request) -> web.StreamResponse:
    """Every role, and every permission that there is."""
    return await _roles(request)


async def create_role(request: web.Request) -> web.StreamResponse:
    """A role of the organisation's own."""
    said = await body(request, schemas.NewRole)
    id = await _management(request).create_role(
        said.title, frozenset(said.permissions), actor=actor(request)
    )
    return await _role(request, id, status=201)


async def change_role(request: web.Request) -> web.StreamResponse:
    """Another title, other permissions."""
    said, id = await body(request, schemas.ChangedRole), request.match_info["id"]
    await _management(request).change_role(
        id, said.title, frozenset(said.permissions), version=said.version, actor=actor(request)
    )
    return await _role(request, id)


async def remove_role(request: web.Request) -> web.StreamResponse:
    """Ends a role that nobody holds."""
    seen, id = query(request, schemas.RoleVersion), request.match_info["id"]
    await _management(request).remove_role(id, version=seen.version, actor=actor(request))
    return await _roles(request)


async def _roles(request: web.Request) -> web.StreamResponse:
    found = await _management(request).roles(actor=actor(request))
    return respond(
        schemas.RoleList(
            roles=[_listed(one) for one in found],
            permissions=[
                schemas.PermissionChoice(
                    permission=one, title=rules.ACTIONS[one], grantable=one not in FIXED
                )
                for one in Permission
            ],
        )
    )


async def _role(request: web.Request, id: str, *, status: int = 200) -> web.StreamResponse:
    for one in await _management(request).roles(actor=actor(request)):
        if one.id == id:
            return respond(_listed(one), status=status)
    raise NotFound("There is no such role; it may have been removed.")


def _listed(one: ListedRole) -> schemas.AccessRole:
    return schemas.AccessRole(
        id=one.id,
        title=one.title,
        built_in=one.version == 0,
        blind=one.blind,
        permissions=sorted(one.permissions),
        version=one.version,
        grants=one.grants,
        may_grant=one.may_grant,
    )


# --- people -------------------------------------------------------------------------------


async def access_people(request: web.Request) -> web.StreamResponse:
    """Everybody known in the organisation."""
    return await _people(request)


async def set_agent_keys(request: web.Request) -> web.StreamResponse:
    """Which agents of the sources a person is."""
    said = await body(request, schemas.AgentKeys)
    await _management(request).set_agent_keys(
        request.match_info["id"], said.agent_keys, version=said.version, actor=actor(request)
    )
    return await _people(request)


async def _people(request: web.Request) -> web.StreamResponse:
    who = actor(request)
    found = await _management(request).people(actor=who)
    return respond(
        schemas.PersonList(
            people=[
                schemas.AccessPerson(
                    person=one.person_id,
                    name=one.name,
                    tenant_id=one.tenant_id or None,
                    version=one.version,
                    seen_at=zoned(request, one.seen_at_ms) if one.seen_at_ms else None,
                    agent_keys=None if who.is_blind else dict(one.agent_keys),
                )
                for one in found
            ]
        )
    )


async def claim_terms(request: web.Request) -> web.StreamResponse:
    """What the caller needs to claim an organisation; nothing of any organisation."""
    said, settings = request[CLAIMS], request.app[SETTINGS]
    may_claim = bool(said.tenant_id and said.object_id) and not said.is_guest
    consent = None
    if may_claim and settings.entra_app_id:
        asked = urlencode({"client_id": settings.entra_app_id})
        consent = f"{settings.entra_authority}/{quote(said.tenant_id or '')}/adminconsent?{asked}"
    return respond(
        schemas.ClaimTerms(display_name=said.display_name, may_claim=may_claim, consent=consent)
    )


async def claim_organization(request: web.Request) -> web.StreamResponse:
    """Makes the caller the first representative of an organisation."""
    said, services = await body(request, schemas.Claim), request.app[SERVICES]
    await services.onboarding.claim(said.organization, said.code, request[CLAIMS])
    return respond(await _shown(services, said.organization), status=201)


def _management(request: web.Request) -> Management:
    return request.app[SERVICES].management


HANDLERS: Mapping[str, Handler] = {
    "me": me,
    "access_roles": access_roles,
    "create_role": create_role,
    "change_role": change_role,
    "remove_role": remove_role,
    "access_people": access_people,
    "set_agent_keys": set_agent_keys,
    "claim_terms": claim_terms,
    "claim_organization": claim_organization,
}
