"""The built tab under /tab/, the page at /verify that links in mails open, and in development the
local Teams page at /."""

import re
from pathlib import Path

from aiohttp import web

from portal.domain.shared.errors import NotFound
from portal.settings import ROOT

DIST = ROOT / "tabs" / "dist"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
NAME = re.compile(r"(?:[\w-][\w.-]{0,99}/){0,4}[\w-][\w.-]{0,99}", re.ASCII)
NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Switchroom: the tab is not built</title>
<h1>The tab is not built</h1>
<p>Run <code>make build</code> in the checkout, then reload this page.</p>
"""


def routes(*, development: bool, dist: Path = DIST) -> list[web.RouteDef]:
    """Routes for the files in `dist`. Names under assets/ carry a hash of their content, so
    browsers keep them for ever; everything else is asked for again."""

    async def tab(request: web.Request) -> web.StreamResponse:
        return _file(dist, request.match_info["path"] or "index.html")

    async def without_slash(_: web.Request) -> web.StreamResponse:
        return web.Response(status=308, headers={"Location": "/tab/"})

    async def teams_page(_: web.Request) -> web.StreamResponse:
        return _file(dist, "teams.html")

    async def verify_page(_: web.Request) -> web.StreamResponse:
        return _file(dist, "verify.html")

    files = [
        web.get("/tab", without_slash),
        web.get("/tab/{path:.*}", tab, name="tab"),
        web.get("/verify", verify_page, name="verify"),
    ]
    return [*files, web.get("/", teams_page)] if development else files


def _file(dist: Path, name: str) -> web.StreamResponse:
    if not dist.is_dir():
        return web.Response(text=NOT_BUILT, content_type="text/html", status=503)
    if not NAME.fullmatch(name):
        raise NotFound("There is nothing at this address.")
    path = (dist / name).resolve()
    if not path.is_relative_to(dist.resolve()) or not path.is_file():
        raise NotFound("There is nothing at this address.")
    keep = FOR_EVER if path.parent.name == "assets" else ASK_AGAIN
    return web.FileResponse(path, headers={"Cache-Control": keep})
