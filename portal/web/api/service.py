"""The service itself: whether it lives, whether it is ready, what it offers."""

from collections.abc import Mapping
from functools import cache

from aiohttp import web

from portal.domain.access.model import Permission
from portal.domain.access.rules import require
from portal.domain.shared.errors import Unavailable
from portal.web.exchange import ACTOR, METRICS, SERVICES, STARTED, STOPPING, Handler, actor
from portal.web.operations import document

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


async def health(_: web.Request) -> web.StreamResponse:
    """200 while the process runs."""
    return web.json_response({"status": "ok"})


async def readiness(request: web.Request) -> web.StreamResponse:
    """200 when the store answers and the work of starting is done, else 503."""
    serving = request.app[STARTED].is_set() and not request.app[STOPPING].is_set()
    if not serving or not await request.app[SERVICES].is_ready():
        raise Unavailable("Not ready: starting or stopping. Try again in a few seconds.")
    return web.json_response({"status": "ready"})


async def openapi(_: web.Request) -> web.StreamResponse:
    """The OpenAPI description."""
    return web.Response(body=_description(), content_type="application/json", charset="utf-8")


async def metrics(request: web.Request) -> web.StreamResponse:
    """What the process counts. A person needs the permission; the scraper has shown its token."""
    if ACTOR in request:
        require(actor(request), Permission.METRICS_VIEW)
    text = await request.app[METRICS].text()
    return web.Response(body=text, headers={"Content-Type": PROMETHEUS})


@cache
def _description() -> bytes:
    return document()


HANDLERS: Mapping[str, Handler] = {
    "health": health,
    "readiness": readiness,
    "metrics": metrics,
    "openapi": openapi,
}
