"""Binds each operation to its handler; operations.py is the one list of what there is."""

from collections.abc import Iterable, Mapping

from aiohttp import web

from portal.web.api import (
    access,
    access_grants,
    alerts,
    call_handling,
    communications,
    contact_data,
    contacts,
    dashboards,
    development,
    disclosures,
    imports,
    incident_files,
    incidents,
    informing,
    policies,
    receivers,
    service,
    setup,
    sign_in,
    standing,
    views,
)
from portal.web.exchange import Handler, query
from portal.web.guards import identified, scraped, signed_in
from portal.web.openapi import Operation
from portal.web.operations import DEVELOPMENT_OPERATIONS, OPERATIONS
from portal.web.schemas.base import Request

HANDLERS: Mapping[str, Handler] = {
    **service.HANDLERS,
    **access.HANDLERS,
    **access_grants.HANDLERS,
    **sign_in.HANDLERS,
    **dashboards.HANDLERS,
    **contacts.HANDLERS,
    **imports.HANDLERS,
    **alerts.HANDLERS,
    **incidents.HANDLERS,
    **incident_files.HANDLERS,
    **receivers.HANDLERS,
    **views.HANDLERS,
    **setup.HANDLERS,
    **call_handling.HANDLERS,
    **communications.HANDLERS,
    **contact_data.HANDLERS,
    **policies.HANDLERS,
    **informing.HANDLERS,
    **disclosures.HANDLERS,
    **standing.HANDLERS,
}
DEVELOPMENT_HANDLERS: Mapping[str, Handler] = {
    **development.HANDLERS,
    **communications.DEVELOPMENT_HANDLERS,
}
WATCHED = frozenset({"health", "readiness", "metrics"})


def routes(*, development: bool) -> list[web.RouteDef]:
    """Every route of the HTTP interface, those for development only there."""
    bound = _bind(OPERATIONS, HANDLERS)
    return bound + (_bind(DEVELOPMENT_OPERATIONS, DEVELOPMENT_HANDLERS) if development else [])


def of_every_role() -> list[web.RouteDef]:
    """The routes by which any process is watched, one that serves nobody too."""
    return _bind([one for one in OPERATIONS if one.name in WATCHED], HANDLERS)


def _bind(operations: Iterable[Operation], handlers: Mapping[str, Handler]) -> list[web.RouteDef]:
    return [
        web.route(one.method, one.path, _wrap(one, handlers[one.name]), name=one.name)
        for one in operations
    ]


def _wrap(operation: Operation, handler: Handler) -> Handler:
    checked = handler if operation.query else _without_query(handler)
    if operation.public:
        return checked
    if operation.stranger:
        return identified(checked)
    guarded = signed_in(
        checked, operation.does, held=operation.method != "GET" and not operation.unheld
    )
    return scraped(checked, guarded) if operation.scraped else guarded


def _without_query(handler: Handler) -> Handler:
    """The handler, refusing query parameters it would overlook."""

    async def checked(request: web.Request) -> web.StreamResponse:
        if request.query_string:
            query(request, Request)
        return await handler(request)

    return checked
