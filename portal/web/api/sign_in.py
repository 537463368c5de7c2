"""Signing in with a browser, and where one is signed in."""

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from portal.domain.sessions import model
from portal.domain.shared.clock import instant
from portal.domain.shared.errors import InvalidInput, NotAuthenticated, NotFound, Unavailable
from portal.logs import event
from portal.web import sessions
from portal.web.exchange import (
    SERVICES,
    SESSION_COOKIE,
    SETTINGS,
    Handler,
    actor,
    query,
    respond,
)
from portal.web.schemas import sign_in as schemas

LOGGER = logging.getLogger(__name__)
BACK = "/sign-in/callback"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LARGEST_ANSWER = 64 * 1024
MOST_PARTS = 20
FORM = "application/x-www-form-urlencoded"


async def start_sign_in(request: web.Request) -> web.StreamResponse:
    """Sends the browser to Microsoft's page; back to the tab where no app is registered."""
    asked = query(request, schemas.SignInQuery)
    signing_in = request.app[SERVICES].signing_in
    if signing_in is None:
        return _onward("/tab/?sign-in=not-set-up", status=302)
    started = await signing_in.start(
        _redirect_uri(request),
        purpose=model.Purpose(asked.purpose),
        return_to=asked.return_to,
        current=await sessions.current(request) if asked.purpose == "step_up" else None,
    )
    response = _onward(started.address, status=302)
    sessions.keep_sign_in(response, started.cookie)
    return response


async def finish_sign_in(request: web.Request) -> web.StreamResponse:
    """Takes the browser back from Microsoft's page, and sends it on into the tab."""
    signing_in = request.app[SERVICES].signing_in
    if signing_in is None:
        raise NotFound("There is nothing at this address.")
    answer = await _answer(request)
    secret = request.cookies.get(sessions.SIGN_IN_COOKIE, "")
    try:
        done = await signing_in.finish(
            secret, answer, user_agent=request.headers.get("User-Agent", "")
        )
    except (NotAuthenticated, Unavailable) as refused:
        event(LOGGER, logging.WARNING, "sign-in not finished", code=refused.code)
        if isinstance(refused, NotAuthenticated):
            request.app[SERVICES].refusals.tell_of_nobody(operation="finish_sign_in", status=401)
        response = _onward(f"/tab/?sign-in={refused.code}")
    else:
        # A fragment never reaches a server, so the proof is in no log.
        response = _onward(f"/tab/#proof={done.proof}" if done.proof else done.return_to)
        if done.cookie:
            sessions.keep_session(response, done.cookie)
    sessions.drop(response, sessions.SIGN_IN_COOKIE)
    return response


async def list_sessions(request: web.Request) -> web.StreamResponse:
    """The caller's own sessions."""
    found = await request.app[SERVICES].sessions.of(actor=actor(request))
    here = await sessions.current(request)
    shown = [_shown(one, here.id if here else "") for one in found]
    return respond(schemas.SessionList(sessions=shown))


async def end_session(request: web.Request) -> web.StreamResponse:
    """Signs out in one browser: this one or another."""
    ended, who = request.match_info["id"], actor(request)
    here = await sessions.current(request)
    await request.app[SERVICES].sessions.end(ended, actor=who)
    response = respond(schemas.SessionsEnded(ended=1))
    if here is not None and here.id == ended:
        sessions.drop(response, SESSION_COOKIE)
    return response


async def end_sessions(request: web.Request) -> web.StreamResponse:
    """Signs out in every browser."""
    ended = await request.app[SERVICES].sessions.end_all(actor=actor(request))
    response = respond(schemas.SessionsEnded(ended=ended))
    sessions.drop(response, SESSION_COOKIE)
    return response


def _redirect_uri(request: web.Request) -> str:
    """Where Microsoft's page sends the browser back to, as it is registered; on the machine of a
    developer, this machine by its own name."""
    public = request.app[SETTINGS].public_url
    if not public and request.url.host not in LOOPBACK:
        raise NotFound("There is nothing at this address.")
    return f"{public or f'http://localhost:{request.url.port}'}{BACK}"


async def _answer(request: web.Request) -> Mapping[str, str]:
    """The form that Microsoft's page posted. Raises InvalidInput."""
    if request.content_type != FORM:
        raise InvalidInput("This address takes the form of a sign-in.", code="not-a-form")
    raw = await request.content.read(LARGEST_ANSWER + 1)
    while len(raw) <= LARGEST_ANSWER and (more := await request.content.read(LARGEST_ANSWER)):
        raw += more
    try:
        parts = parse_qsl(
            raw[: LARGEST_ANSWER + 1].decode("ascii"),
            keep_blank_values=True,
            max_num_fields=MOST_PARTS,
        )
    except ValueError:
        parts = []
    names = [name for name, _ in parts]
    if len(raw) > LARGEST_ANSWER or not parts or len(set(names)) != len(names):
        raise InvalidInput("This is not the form of a sign-in.", code="not-a-form")
    return dict(parts)


def _onward(address: str, *, status: int = 303) -> web.Response:
    return web.Response(status=status, headers={"Location": address}, content_type="text/html")


def _shown(one: model.Session, here: str) -> schemas.Session:
    return schemas.Session(
        id=one.id,
        device=one.device,
        opened_at=instant(one.opened_at_ms),
        seen_at=instant(one.seen_at_ms),
        ends_at=instant(min(one.ends_at_ms, one.idle_at_ms)),
        current=one.id == here,
    )


HANDLERS: Mapping[str, Handler] = {
    "start_sign_in": start_sign_in,
    "finish_sign_in": finish_sign_in,
    "sessions": list_sessions,
    "end_session": end_session,
    "end_sessions": end_sessions,
}
