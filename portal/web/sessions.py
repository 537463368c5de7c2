"""Whose request it is: by a bearer token, or by the cookie of a browser's session.

A cookie comes along whoever sends the request, so with one the request must be of our own pages:
browsers say where a request comes from (Fetch Metadata, Origin), and a change must carry a header
that no other site can set.
"""

from aiohttp import web

from portal.domain.access.model import Claims
from portal.domain.access.service import SignedIn
from portal.domain.sessions.model import Session
from portal.domain.sessions.rules import LONGEST_MS, SIGN_IN_MS
from portal.domain.shared.errors import Forbidden, NotAuthenticated
from portal.web.exchange import SERVICES, SESSION_COOKIE, SETTINGS

SIGN_IN_COOKIE = "__Host-switchroom-sign-in"
OWN_HEADER = "X-Switchroom-Request"
UNATTENDED_HEADER = "X-Switchroom-Unattended"
PROOF_HEADER = "X-Switchroom-Proof"
LONGEST_TOKEN = 8192
LONGEST_PROOF = 128
SAFE = frozenset({"GET", "HEAD"})
NO_TOKEN = "Sign in: send `Authorization: Bearer` with a token."
CROSS_SITE = "This request did not come from a page of this service."


async def claims(request: web.Request, *, used: bool = True) -> Claims:
    """What the request's token or session says, with what a proof adds to it. A session counts as
    used unless the page says that nobody is at it, or the caller that it only looks again.

    Raises NotAuthenticated, Forbidden for a request with a cookie that another site caused, or
    Unavailable.
    """
    services, header = request.app[SERVICES], request.headers.get("Authorization")
    if header is None and SESSION_COOKIE in request.cookies:
        require_own_page(request)
        attended = used and UNATTENDED_HEADER not in request.headers
        found = await services.sessions.find(request.cookies[SESSION_COOKIE], used=attended)
        said = found.claims
    else:
        said = await services.access.claims(bearer(header or ""))
    proof = request.headers.get(PROOF_HEADER, "")
    if not proof or len(proof) > LONGEST_PROOF:
        return said
    return await services.sessions.proven(said, proof)


def bearer(header: str) -> str:
    """The token of an Authorization header. Raises NotAuthenticated when there is none."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(token) > LONGEST_TOKEN:
        raise NotAuthenticated(NO_TOKEN)
    return token.strip()


def require_own_page(request: web.Request) -> None:
    """Raises Forbidden unless one of our own pages sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    changes = request.method not in SAFE
    wrong = (
        (site is not None and site not in ({"same-origin"} if changes else {"same-origin", "none"}))
        or (origin is not None and origin != own_origin(request))
        or (changes and (OWN_HEADER not in request.headers or (site is None and origin is None)))
    )
    if wrong:
        raise Forbidden(CROSS_SITE, code="cross-site")


def own_origin(request: web.Request) -> str:
    """Where people reach this service."""
    return request.app[SETTINGS].public_url or f"{request.scheme}://{request.host}"


async def current(request: web.Request) -> Session | None:
    """The session of the request's cookie; None without a living one."""
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        return None
    try:
        return await request.app[SERVICES].sessions.find(cookie, used=False)
    except NotAuthenticated:
        return None


async def behind(request: web.Request) -> SignedIn | None:
    """Whose browser sent a request that another site caused; None when that cannot be told."""
    session = await current(request)
    if session is None:
        return None
    try:
        return await request.app[SERVICES].access.recognise(session.claims)
    except NotAuthenticated:
        return None


def keep_session(response: web.StreamResponse, cookie: str) -> None:
    """Gives the browser the cookie of its session."""
    # Lax: Microsoft's page sends the browser back to us, and Strict would not come along then.
    _set(response, SESSION_COOKIE, cookie, LONGEST_MS // 1000, "Lax")


def keep_sign_in(response: web.StreamResponse, secret: str) -> None:
    """Gives the browser the cookie of a sign-in that is under way."""
    # None: the answer is posted by Microsoft's page, so that no code is ever in an address.
    _set(response, SIGN_IN_COOKIE, secret, SIGN_IN_MS // 1000, "None")


def _set(response: web.StreamResponse, name: str, value: str, max_age: int, same_site: str) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite=same_site
    )


def drop(response: web.StreamResponse, name: str) -> None:
    """Takes the cookie away from the browser."""
    same_site = "None" if name == SIGN_IN_COOKIE else "Lax"
    response.del_cookie(name, path="/", secure=True, httponly=True, samesite=same_site)
