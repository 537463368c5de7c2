"""Around every request: correlation id, log record, refusals; headers on every answer."""

import itertools
import logging
import re
import secrets
import time

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from portal.domain.shared.errors import DomainError, InvalidInput
from portal.logs import CORRELATION_ID, event
from portal.measures import STATUS_CLASSES
from portal.tracing import Tracer
from portal.web import problems
from portal.web.exchange import MEASURES, RUNNING, STOPPING, TRACER, Handler

LOGGER = logging.getLogger(__name__)
CORRELATION_HEADER = "X-Correlation-Id"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
NO_OPERATION = "none"
BROKEN = "The body ended early, or is not encoded as its headers say. Send it again."
BEGINNING, NUMBERS = secrets.token_hex(8), itertools.count()
"""Correlation ids are those of this process, numbered: a draw for each would be dear."""

READS = frozenset({"GET", "HEAD"})
KEPT_OUT = frozenset({401, 403, 404, 429})
TEAMS_HOSTS = (
    "https://*.cloud.microsoft",
    "https://teams.microsoft.com",
    "https://*.teams.microsoft.com",
    "https://*.microsoft365.com",
    "https://*.office.com",
    "https://outlook.office.com",
    "https://outlook.office365.com",
    "https://outlook-sdf.office.com",
    "https://outlook-sdf.office365.com",
)
"""Who may frame the tab: Teams, Microsoft 365 and Outlook on the web (reference of TeamsJS)."""

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "connect-src 'self' https://res.cdn.office.net",
        "img-src 'self' data:",
        "font-src 'self'",
        "frame-src 'self'",
        f"frame-ancestors 'self' {' '.join(TEAMS_HOSTS)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Server": "Switchroom",
}


@web.middleware
async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Sets the correlation id (a well-formed one of the caller is kept), turns every error into
    problem details and logs the request by its route, never by its full address."""
    given = request.headers.get(CORRELATION_HEADER)
    known = given is not None and WELL_FORMED.fullmatch(given)
    CORRELATION_ID.set(given if known else f"{BEGINNING}{next(NUMBERS):016x}")
    begun = time.perf_counter()
    application = request.app
    measures, tracer = application[MEASURES], application.get(TRACER)
    operation = request.match_info.route.name or NO_OPERATION
    with application[RUNNING]:
        if tracer is None:
            response, error = await _answer(request, handler)
        else:
            response, error = await _traced(tracer, operation, request, handler)
    took, status = time.perf_counter() - begun, response.status
    measures.requests.record(took, (operation, STATUS_CLASSES[status // 100]))
    if status in KEPT_OUT:
        measures.refusals.add("http", str(status))
    if application[STOPPING].is_set():
        response.force_close()
    level = _level(request.method, response.status)
    if LOGGER.isEnabledFor(level):
        resource = request.match_info.route.resource
        event(
            LOGGER,
            level,
            "request",
            error=error,
            method=request.method,
            route=resource.canonical if resource else "none",
            status=response.status,
            duration_ms=round(took * 1000, 2),
        )
    return response


async def _traced(
    tracer: Tracer, operation: str, request: web.Request, handler: Handler
) -> tuple[web.StreamResponse, Exception | None]:
    with tracer.span(operation) as span:
        response, error = await _answer(request, handler)
        span.tell(status=response.status)
        if error is not None:
            span.tell(error=type(error).__name__)
        return response, error


async def _answer(
    request: web.Request, handler: Handler
) -> tuple[web.StreamResponse, Exception | None]:
    try:
        return await handler(request), None
    except DomainError as refused:
        return problems.refusal(refused), None
    except web.HTTPException as refused:
        return problems.of_http(refused), None
    except Exception as unknown:  # noqa: BLE001 - the last line of defence, logged with its type
        if _is_broken_body(request, unknown):
            return problems.refusal(InvalidInput(BROKEN, code="broken-body")), None
        return problems.unknown(), unknown


def _is_broken_body(request: web.Request, error: Exception) -> bool:
    """Whether reading the body failed by the sender's doing: wrongly encoded, or hung up."""
    if isinstance(error, ConnectionResetError):
        return request.transport is None
    return isinstance(error, web.RequestPayloadError | BadHttpMessage)


def _level(method: str, status: int) -> int:
    if status == 500:
        return logging.ERROR
    if status > 500:
        return logging.WARNING
    return logging.DEBUG if method in READS and status < 400 else logging.INFO


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The headers of every answer, streams and files included. Nothing is kept by caches unless
    its handler said so; a handler may have set a policy of its own for content. A 304 repeats none
    of the copy it confirms (RFC 9110, section 15.4.5)."""
    headers = response.headers
    if response.status != 304:
        stricter = headers.get("Content-Security-Policy")
        headers.update(SECURITY_HEADERS)
        if stricter is not None:
            headers["Content-Security-Policy"] = stricter
    else:
        headers["Server"] = SECURITY_HEADERS["Server"]
    correlation_id = CORRELATION_ID.get()
    if correlation_id is not None:
        headers[CORRELATION_HEADER] = correlation_id
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
