"""What is written to people, by which way, and what they chose."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from portal.web.schemas.base import Answer, Request

MessageClass = Literal["essential", "optional"]
Way = Literal["teams", "mail", "sms"]


class Preference(Answer):
    """Whether messages of a class come by a way; essential ones cannot be silenced."""

    message_class: MessageClass
    way: Way
    on: bool
    changeable: bool


class Preferences(Answer):
    """The caller's choices; `version` 0 before they chose."""

    version: int
    preferences: list[Preference]


class OwnPreference(Request):
    """A choice."""

    message_class: MessageClass
    way: Way
    on: bool


class OwnPreferences(Request):
    """Choices; what is left out stays as it is."""

    version: Annotated[int, Field(ge=0)]
    preferences: Annotated[list[OwnPreference], Field(max_length=6)]


class DevelopmentMessage(Answer):
    """A message that development shows instead of sending it."""

    way: Literal["teams", "mail", "sms", "voice"]
    to: str
    topic: str
    subject: str
    text: str
    link: str | None
    code: str | None
    at: AwareDatetime


class DevelopmentMessages(Answer):
    """The newest messages first."""

    messages: list[DevelopmentMessage]
