"""Who is asking: from token or session and the named organisation to the actor of a request."""

import asyncio
import hmac
import logging

from aiohttp import web

from portal.domain.access.rules import require_standing
from portal.domain.access.service import SignedIn
from portal.domain.organizations.standing import Activity
from portal.domain.shared.errors import (
    DomainError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    StepUpRequired,
)
from portal.logs import event
from portal.web import problems, sessions
from portal.web.exchange import (
    ACTOR,
    CLAIMS,
    ORGANIZATION,
    SCRAPER,
    SERVICES,
    Handler,
    confirmed,
)

LOGGER = logging.getLogger(__name__)
TELLING_SECONDS = 2.0
"""How long the answer of a refusal may wait for the audit trail."""


def signed_in(handler: Handler, activity: Activity, *, held: bool = False) -> Handler:
    """The handler, run only for a person with a valid token or session, as a member of the
    organisation that the token or the query parameter `organization` names.

    Raises NotAuthenticated, or NotFound for a stranger to the organisation, before the handler;
    Forbidden where the organisation's standing does not let the activity happen and, where `held`,
    for who has a policy in force to accept.
    Every refusal is told to the audit trail, one of a wrong token to that of the region.
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        current = confirmed(request)
        if current is not None:
            return current
        organization, services = _named_organization(request), request.app[SERVICES]
        who = await _who(request, organization)
        try:
            request[ACTOR] = who.acting_in(organization)
            require_standing(request[ACTOR], activity)
            if held:
                await services.setting_up.policies.require_accepted(request[ACTOR])
            return await handler(request)
        except (Forbidden, NotFound) as refused:
            await _tell(request, who, organization, refused)
            raise
        except StepUpRequired as asked:
            asked.claims = asked.claims or services.step_up_claims
            await _tell(request, who, organization, asked)
            raise

    return guarded


def identified(handler: Handler) -> Handler:
    """The handler, run for anybody with a valid token or session, of whatever organisation or of
    none. Raises NotAuthenticated before the handler."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            request[CLAIMS] = await sessions.claims(request)
        except (Forbidden, NotAuthenticated) as refused:
            _tell_of_nobody(request, refused)
            raise
        return await handler(request)

    return guarded


def scraped(handler: Handler, otherwise: Handler) -> Handler:
    """The handler for whoever brings the token of the metrics' reader, `otherwise` for others."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        wanted = request.app[SCRAPER]
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if wanted and hmac.compare_digest(given, f"Bearer {wanted}".encode()):
            return await handler(request)
        return await otherwise(request)

    return guarded


async def _who(request: web.Request, organization: str | None) -> SignedIn:
    """The person of the request's token or session. Raises as `sessions.claims` does."""
    try:
        return await request.app[SERVICES].access.recognise(await sessions.claims(request))
    except NotAuthenticated as refused:
        _tell_of_nobody(request, refused)
        raise
    except Forbidden as refused:  # caused by another site; the cookie says in whose browser
        who = await sessions.behind(request)
        if who is None:
            _tell_of_nobody(request, refused)
        else:
            await _tell(request, who, organization, refused)
        raise


def _named_organization(request: web.Request) -> str | None:
    """The query parameter; most requests have none and are not parsed for it."""
    text = request.rel_url.raw_query_string
    return request.query.get(ORGANIZATION) if ORGANIZATION in text or "%" in text else None


async def _tell(
    request: web.Request, who: SignedIn, organization: str | None, refused: DomainError
) -> None:
    """Tells the audit trail; the answer stays the refusal whatever becomes of that."""
    refusals, operation = request.app[SERVICES].refusals, _operation(request)
    status = problems.status_of(refused)
    try:
        async with asyncio.timeout(TELLING_SECONDS):
            await refusals.tell(who, organization, operation=operation, status=status)
    except Exception as error:  # noqa: BLE001 - the trail's trouble is not the caller's
        event(LOGGER, logging.ERROR, "refusal not audited", error=error, code=refused.code)


def _tell_of_nobody(request: web.Request, refused: DomainError) -> None:
    refusals, status = request.app[SERVICES].refusals, problems.status_of(refused)
    refusals.tell_of_nobody(operation=_operation(request), status=status)


def _operation(request: web.Request) -> str:
    return request.match_info.route.name or "none"
