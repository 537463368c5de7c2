"""The service itself: whether it lives, whether it is ready, what it offers."""

from collections.abc import Mapping
from functools import cache

from aiohttp import web

from portal.domain.shared.errors import Unavailable
from portal.web.exchange import SERVICES, STARTED, STOPPING, Handler
from portal.web.operations import document


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


@cache
def _description() -> bytes:
    return document()


HANDLERS: Mapping[str, Handler] = {"health": health, "readiness": readiness, "openapi": openapi}
