"""Refusals as RFC 9457 problem details."""

import base64
import math
from http import HTTPStatus

from aiohttp import web

from portal.domain.shared import errors
from portal.logs import CORRELATION_ID
from portal.web.schemas import base as schemas

STATUSES: dict[type[errors.DomainError], int] = {
    errors.InvalidInput: 422,
    errors.NotAuthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}
OWN_WORDS = {
    404: ("not-found", "There is nothing at this address."),
    405: (
        "method-not-allowed",
        "This address does not take that method; `Allow` lists those it does.",
    ),
    413: ("too-large", "The body is larger than this address takes."),
}
RETRY_SOON = "5"


def status_of(error: errors.DomainError) -> int:
    """The HTTP status of a refusal."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def problem(
    status: int, code: str, detail: str, *, fields: dict[str, str] | None = None
) -> web.Response:
    """A problem as a response; the correlation id of the request is in it."""
    said = schemas.Problem(
        type=f"urn:switchroom:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        correlation_id=CORRELATION_ID.get() or "",
        fields=fields,
    )
    return web.Response(
        status=status,
        body=said.model_dump_json(exclude_none=True).encode(),
        content_type="application/problem+json",
    )


def refusal(error: errors.DomainError) -> web.Response:
    """A rule's refusal as a response, with the headers its status asks for."""
    status = status_of(error)
    fields = error.fields if isinstance(error, errors.InvalidInput) else None
    response = problem(status, error.code, error.message, fields=fields or None)
    if isinstance(error, errors.RateLimited):
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_SOON
    elif status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = _challenge(error)
    return response


def _challenge(error: errors.DomainError) -> str:
    """What a client must bring: a token; for a step-up one of a recent second factor (RFC 9470);
    one that the identity provider gives after a question, or with more consent (RFC 6750). The
    claims to ask for are in base64, as Microsoft's libraries read them."""
    said = 'Bearer realm="switchroom"'
    if isinstance(error, errors.ConsentRequired):
        return f'{said}, error="insufficient_scope", scope="{" ".join(error.scopes)}"'
    if not isinstance(error, errors.StepUpRequired | errors.InteractionRequired):
        return said
    said += ', error="insufficient_user_authentication"'
    if isinstance(error, errors.StepUpRequired):
        said += f', max_age="{error.max_age_s:.0f}"'
    if error.claims:
        said += f', claims="{base64.b64encode(error.claims.encode()).decode()}"'
    return said


def of_http(error: web.HTTPException) -> web.Response:
    """What aiohttp itself refuses (no such route, wrong method, too large) as a problem."""
    phrase = HTTPStatus(error.status).phrase
    code, detail = OWN_WORDS.get(
        error.status, (phrase.lower().replace(" ", "-"), f"The request was refused: {phrase}.")
    )
    response = problem(error.status, code, detail)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def unknown() -> web.Response:
    """An error nobody foresaw: nothing of it leaves but the correlation id."""
    return problem(
        500,
        "internal-error",
        "Something went wrong on our side. Try again, or give support the correlation id.",
    )
