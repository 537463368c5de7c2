"""Signing in with a browser, and where one is signed in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from portal.web.schemas.base import Answer, Request


class SignInQuery(Request):
    """What to sign in for: a session, a fresh proof for the session (`step_up`), one for the tab
    in Teams (`proof`), or consent. `return_to` is an address of the tab."""

    purpose: Literal["session", "step_up", "proof", "consent"] = "session"
    return_to: Annotated[str, Field(max_length=600)] = "/tab/"


class Session(Answer):
    """A browser in which the person is signed in. `device` is what it says it is."""

    id: str
    device: str
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime
    current: bool


class SessionList(Answer):
    """Where the person is signed in, the newest first."""

    sessions: list[Session]


class SessionsEnded(Answer):
    """How many sessions were ended."""

    ended: int
