"""Systems outside that hear of incidents."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from portal.web.schemas.base import Answer, Request

Way = Literal["webhook", "mail"]
Format = Literal["json", "cef"]
Content = Literal["facts", "texts"]
Stage = Literal["waiting", "sent", "dead"]
Target = Annotated[
    str,
    Field(max_length=2000, description="An https address, or a mail address; empty to leave it"),
]


class ReceiverBody(Request):
    """A system as it is to be told. `content` facts holds no text of people; texts holds what they
    wrote as well, which may be personal data. `way` cannot be changed."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    way: Way
    target: Target = ""
    format: Format = "json"
    content: Content = "facts"
    on: bool = True


class ReceiverVersion(Request):
    """The version that the caller saw: every change is one over it (409 for another)."""

    version: Annotated[int, Field(ge=1)]


class IncidentReceiver(Answer):
    """A system that hears. `target` is the address without what comes behind the host, which may
    hold secrets, or the mail address. `secret` is there once: when it was made."""

    id: str
    version: int
    name: str
    way: Way
    target: str
    format: Format
    content: Content
    standing: Annotated[
        Literal["on", "off", "refused"], Field(description="refused: it answered 410, gone")
    ]
    created_at: AwareDatetime
    changed_at: AwareDatetime
    former_until: Annotated[
        AwareDatetime | None, Field(description="Until when the secret before signs as well")
    ]
    secret: str | None


class IncidentReceivers(Answer):
    """Every system, oldest first, and how many there may be."""

    receivers: list[IncidentReceiver]
    most: int


class ForwardQuery(Request):
    """Which lines of the log."""

    stage: Stage | None = None
    cursor: Annotated[str, Field(max_length=200)] = ""


class IncidentForward(Answer):
    """A line on its way to a system, or there. `delivery` is the webhook-id. `incident` and
    `reference` are null for a trial. `trouble` is a code such as status_500, timeout, tls, name,
    address or connection, "" for none."""

    id: str
    delivery: str
    incident: str | None
    reference: str | None
    entry: int
    stage: Stage
    attempts: int
    trouble: str
    created_at: AwareDatetime
    due_at: AwareDatetime | None
    ended_at: AwareDatetime | None


class IncidentForwards(Answer):
    """The log of a system, newest incident first; `next` is the cursor of more."""

    forwards: list[IncidentForward]
    next: str | None


class SentAgain(Answer):
    """How many lines wait again."""

    count: int
