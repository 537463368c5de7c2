"""Signing in as a local person; exists in development only."""

from typing import Literal

from portal.web.schemas.base import Answer, Request


class DevelopmentPerson(Answer):
    """A local person (development only)."""

    person: str
    name: str
    role: str
    organization: str
    organizations: list[str]


class TokenRequest(Request):
    """Whom to sign in as (development only)."""

    person: str
    organization: str | None = None


class TokenAnswer(Answer):
    """A signed token (development only)."""

    token: str
    token_type: Literal["Bearer"]
    expires_in: int
