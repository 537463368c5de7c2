"""What is said to whom the channel does not let in."""

from http import HTTPStatus

import msgspec
from aiohttp import web

from portal.logs import CORRELATION_ID


class Refused(Exception):
    """An HTTP request that is no turn of the bot. `code` is for our logs and the answer; nothing of
    the request is in it."""

    def __init__(self, status: HTTPStatus, code: str, *, retry_after: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after

    def response(self) -> web.Response:
        """Problem details (RFC 9457) without a word on what exactly was wrong with a token."""
        public = "not-authenticated" if self.status is HTTPStatus.UNAUTHORIZED else self.code
        said = {
            "type": f"urn:switchroom:problem:{public}",
            "title": self.status.phrase,
            "status": int(self.status),
            "code": public,
            "correlation_id": CORRELATION_ID.get() or "",
        }
        response = web.Response(
            status=self.status,
            body=msgspec.json.encode(said),
            content_type="application/problem+json",
        )
        if self.status is HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
        if self.retry_after:
            response.headers["Retry-After"] = str(self.retry_after)
        return response


def bad(code: str) -> Refused:
    """400: what was sent is malformed."""
    return Refused(HTTPStatus.BAD_REQUEST, code)


def unauthorized(code: str) -> Refused:
    """401: the token is missing or not valid."""
    return Refused(HTTPStatus.UNAUTHORIZED, code)


def forbidden(code: str) -> Refused:
    """403: well-formed, and not for this bot."""
    return Refused(HTTPStatus.FORBIDDEN, code)
