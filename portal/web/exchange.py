"""What a handler reads of a request and how it answers.

A handler is bound by the name of its operation (portal/web/operations.py) in the `HANDLERS` of its
feature's file under `api/`, and is a few lines long:

    async def imports(request: web.Request) -> web.StreamResponse:
        found = await request.app[SERVICES].imports.list(actor=actor(request))
        return respond(schemas.ImportList(imports=[status(one) for one in found]))

    HANDLERS: Mapping[str, Handler] = {"imports": imports}

Before it runs, the guard has put in the actor (401 without a valid token, 404 for a stranger to
the organisation). Handlers raise DomainErrors; the middleware turns them into problem details.
Event streams end when `request.app[STOPPING]` is set.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, lru_cache
from typing import Any, TypeVar, cast, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yarl import URL

from portal.domain.access.model import Actor, Claims
from portal.domain.organizations.standing import State
from portal.domain.shared.errors import InvalidInput, TooLarge
from portal.measures import Measures
from portal.settings import Settings
from portal.tracing import Tracer
from portal.web.draining import Running
from portal.web.remembering import WORTH_COMPRESSING, Confirmed, Remembered, Tags
from portal.web.scraping import Metrics
from portal.wiring import Services

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
M = TypeVar("M", bound=BaseModel)

SERVICES = web.AppKey("services", Services)
SETTINGS = web.AppKey("settings", Settings)
STARTED = web.AppKey("started", asyncio.Event)
STOPPING = web.AppKey("stopping", asyncio.Event)
CONFIRMED = web.AppKey("confirmed", Confirmed)
REMEMBERED = web.AppKey("remembered", Remembered)
TAGS = web.AppKey("tags", Tags)
RUNNING = web.AppKey("running", Running)
SCRAPER = web.AppKey("scraper", str)
METRICS = web.AppKey("metrics", Metrics)
MEASURES = web.AppKey("measures", Measures)
TRACER = web.AppKey("tracer", Tracer)
ACTOR = web.RequestKey("actor", Actor)
CLAIMS = web.RequestKey("claims", Claims)

ORGANIZATION = "organization"
SESSION_COOKIE = "__Host-switchroom"
VARY = "Authorization, Cookie"
BODY_LIMIT = 1024 * 1024
MALFORMED = "Some of what was sent is malformed; `fields` says what and where."
LONGEST_REMEMBERED = 512
OFFSET_LOST = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+) (\d\d:?\d\d)")


def actor(request: web.Request) -> Actor:
    """The signed-in person in the organisation of this request."""
    return request[ACTOR]


def query(request: web.Request, model: type[M]) -> M:
    """The query parameters as `model`; a list field takes a repeated parameter. A `+` of a time's
    offset that arrived as a space is read as the `+` it was. Equal texts give the same object, so
    that watchers who ask the same again cost no second reading: do not change its lists.

    Raises InvalidInput with every parameter that is unknown, repeated or malformed.
    """
    text = request.rel_url.raw_query_string
    read = _remembered_query if len(text) <= LONGEST_REMEMBERED else _read_query
    return cast(M, read(model, text))


def _read_query(model: type[BaseModel], text: str) -> BaseModel:
    lists = _list_parameters(model)
    values: dict[str, Any] = {}
    repeated: dict[str, str] = {}
    for name, given in URL.build(query_string=text, encoded=True).query.items():
        value = OFFSET_LOST.sub(r"\1+\2", given) if OFFSET_LOST.fullmatch(given) else given
        if name in lists:
            values.setdefault(name, []).append(value)
        elif name in values:
            repeated[name] = "given more than once"
        else:
            values[name] = value
    if ORGANIZATION not in model.model_fields:
        values.pop(ORGANIZATION, None)
    parsed = parse(model, values, wrong=repeated)
    if repeated:
        raise InvalidInput(MALFORMED, fields=repeated)
    return parsed


_remembered_query = lru_cache(maxsize=512)(_read_query)


def parse(model: type[M], values: Mapping[str, Any], *, wrong: Mapping[str, str] = {}) -> M:
    """The values as `model`. Raises InvalidInput with every malformed field, `wrong` too."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(MALFORMED, fields={**wrong, **_fields(error)}) from None


async def body(request: web.Request, model: type[M]) -> M:
    """The JSON body as `model`.

    Raises InvalidInput for another media type, for text that is no JSON and for every malformed
    field, TooLarge beyond 1 MiB.
    """
    if request.content_type != "application/json":
        raise InvalidInput("Send JSON with Content-Type: application/json.", code="not-json")
    raw = await request.content.read(BODY_LIMIT + 1)
    while len(raw) <= BODY_LIMIT and (more := await request.content.read(BODY_LIMIT + 1)):
        raw += more
    if len(raw) > BODY_LIMIT:
        raise TooLarge("The body is larger than 1 MiB.")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise InvalidInput("The body is not valid JSON.", code="not-json") from None
        raise InvalidInput(MALFORMED, fields=_fields(error)) from None


def respond(
    answer: BaseModel,
    *,
    status: int = 200,
    etag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The answer as JSON, under its fields' own names. With `etag` (without quotes) the client may
    keep it and asks again with If-None-Match; without, nothing keeps it."""
    body = answer.model_dump_json(by_alias=True).encode()
    return respond_bytes(body, status=status, etag=etag, headers=headers)


def respond_bytes(
    body: bytes,
    *,
    status: int = 200,
    etag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """An answer that is JSON already; otherwise as `respond`."""
    response = web.Response(
        body=body,
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )
    if etag is not None:
        response.headers.update(_validator(etag))
    return response


def respond_remembered(request: web.Request, tag: str, body: bytes) -> web.Response:
    """A JSON answer under its tag, compressed for clients that take it so."""
    takes = request.headers.get("Accept-Encoding", "")
    if len(body) < WORTH_COMPRESSING or "gzip" not in takes:
        return respond_bytes(body, etag=tag)
    response = respond_bytes(request.app[REMEMBERED].compressed(tag, body), etag=tag)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = f"{VARY}, Accept-Encoding"
    return response


def is_current(request: web.Request, etag: str) -> bool:
    """Whether the client says it holds the answer of that tag. `*` names none: nobody here asks
    for "any answer", and it must not confirm one that would be a refusal."""
    held = request.headers.get("If-None-Match")
    if held is None:
        return False
    quoted = f'"{etag}"'
    return held == quoted or any(
        one.strip().removeprefix("W/") == quoted for one in held.split(",")
    )


def confirm(request: web.Request, organization: str, tag: str, moment: tuple[int, int]) -> None:
    """Remembers for a few seconds that the client's copy was current in that moment."""
    copy, services = request.headers.get("If-None-Match", ""), request.app[SERVICES]
    revision = services.management.known_revision(organization)
    if revision is not None:
        request.app[CONFIRMED].put(
            credentials(request), request.raw_path, copy, tag, organization, (*moment, revision)
        )


def confirmed(request: web.Request) -> web.Response | None:
    """304 for a copy that was confirmed a few seconds ago, with nothing stored, no access changed
    and its organisation active since."""
    copy = request.headers.get("If-None-Match")
    if copy is None:
        return None
    services = request.app[SERVICES]

    def now(organization: str) -> tuple[int, ...] | None:
        if services.directory.last_state(organization) is not State.ACTIVE:
            return None
        moment = services.dashboards.moment_of(organization)
        revision = services.management.known_revision(organization)
        return None if moment is None or revision is None else (*moment, revision)

    tag = request.app[CONFIRMED].get(credentials(request), request.raw_path, copy, now)
    return None if tag is None else not_modified(tag)


def credentials(request: web.Request) -> str:
    """What the caller shows, token or cookie: two who show the same are the same."""
    token = request.headers.get("Authorization")
    if token is not None:
        return token
    # With a cookie the page that asks counts too, or a copy could confirm another site's request.
    site, origin = (request.headers.get(name, "") for name in ("Sec-Fetch-Site", "Origin"))
    return f"{request.cookies.get(SESSION_COOKIE, '')}\n{site}\n{origin}"


def not_modified(etag: str) -> web.Response:
    """304 for a client whose copy is current."""
    return web.Response(status=304, headers=_validator(etag))


def _validator(etag: str) -> dict[str, str]:
    return {"ETag": f'"{etag}"', "Cache-Control": "private, no-cache", "Vary": VARY}


@cache
def _list_parameters(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is list
    )


def _fields(error: ValidationError) -> dict[str, str]:
    return {".".join(map(str, one["loc"])) or "body": _sentence(one) for one in error.errors()}


def _sentence(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "not known here"
    if error["type"] == "missing":
        return "required"
    return error["msg"].removeprefix("Value error, ")
