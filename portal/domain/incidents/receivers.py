"""Systems outside that hear of incidents (a SIEM, a ticket system), what is on its way to them, and
how both are kept. Addresses and secrets are sealed; of the incident nothing is kept here."""

import base64
import json
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Body, Documents
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject
from portal.domain.shared.sealing import Keyring

MOST_RECEIVERS = 5
OPERATIONAL, CONFIGURATION = Category.OPERATIONAL, Category.CONFIGURATION
OURS, GONE = Subject.ORGANIZATION, Erase.DELETE


class Way(StrEnum):
    """How a receiver is reached."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class Format(StrEnum):
    """How an event is written: an object of JSON, or a line of the Common Event Format."""

    JSON = "json"
    CEF = "cef"


class Content(StrEnum):
    """What is told: facts alone, or what people wrote as well."""

    FACTS = "facts"
    TEXTS = "texts"


class Standing(StrEnum):
    """Whether a receiver hears: by its organisation's word, or because it said that it is gone."""

    ON = "on"
    OFF = "off"
    REFUSED = "refused"


class Stage(StrEnum):
    """Where an event is on its way; `dead` was given up and can be sent again."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


class Receiver(NamedTuple):
    """A system outside. `target` is an https address or a mail address; `secret` signs what goes to
    a webhook, `former` does besides until `former_until_ms`."""

    id: str
    version: int
    name: str
    way: Way
    format: Format
    content: Content
    standing: Standing
    target: str
    secret: str
    created_at_ms: int
    changed_at_ms: int
    former: str = ""
    former_until_ms: int = 0

    def secrets(self, now_ms: int) -> tuple[str, ...]:
        """The secrets that sign at this moment, the newest first."""
        return (self.secret, self.former) if now_ms < self.former_until_ms else (self.secret,)


class Forward(NamedTuple):
    """A line of a timeline on its way to a receiver. `incident` is "" for a trial, which `entry`
    counts for nothing. `trouble` is the code of what went wrong last."""

    id: str
    receiver: str
    incident: str
    entry: int
    created_at_ms: int
    due_at_ms: int
    stage: Stage = Stage.WAITING
    held_until_ms: int = 0
    since_ms: int = 0
    attempts: int = 0
    trouble: str = ""
    ended_at_ms: int = 0


RECEIVER = Kind(
    "incident_receiver",
    (
        Field("version", OPERATIONAL),
        Field("name", Category.FREE_TEXT, OURS, GONE, sealed=True),
        Field("way", CONFIGURATION),
        Field("format", CONFIGURATION),
        Field("content", CONFIGURATION),
        Field("standing", CONFIGURATION),
        Field("target", Category.CONTACT_DETAILS, OURS, GONE, sealed=True),
        Field("secret", Category.KEY_MATERIAL, OURS, GONE, sealed=True),
        Field("former", Category.KEY_MATERIAL, OURS, GONE, sealed=True),
        Field("former_until_ms", OPERATIONAL),
        Field("created_at_ms", OPERATIONAL),
        Field("changed_at_ms", OPERATIONAL),
    ),
)
FORWARD = Kind(
    "incident_forward",
    (
        Field("receiver", Category.IDENTIFIER),
        Field("incident", Category.IDENTIFIER),
        *(
            Field(name, OPERATIONAL)
            for name in Forward._fields
            if name not in {"id", "receiver", "incident"}
        ),
    ),
)
SEAT = Kind("incident_receiver_seat", (Field("receiver", Category.IDENTIFIER),))
"""The places that receivers take, by number: whatever is added at once, none is had twice."""
SEALED = ("name", "target", "secret", "former")


def receiver_body(of: Receiver, keyring: Keyring) -> Body:
    """A receiver for the store."""
    body = of._asdict()
    del body["id"]
    for field in SEALED:
        plain = json.dumps(body[field]).encode()
        sealed = keyring.seal(keyring.own_key, f"receiver|{of.id}|{field}", plain)
        body[field] = base64.b64encode(sealed).decode()
    return body


def receiver(id: str, body: Body, keyring: Keyring) -> Receiver:
    """A stored receiver. Raises Unavailable when it was tampered with."""
    known: dict[str, Any] = dict(body)
    for field in SEALED:
        sealed = base64.b64decode(str(body[field]))
        opened = keyring.open(keyring.own_key, f"receiver|{id}|{field}", sealed)
        known[field] = json.loads(opened)
    known["way"] = Way(body["way"])
    known["format"] = Format(body["format"])
    known["content"] = Content(body["content"])
    known["standing"] = Standing(body["standing"])
    return Receiver(id, **known)


def forward_body(of: Forward) -> Body:
    """An event on its way, for the store."""
    body = of._asdict()
    del body["id"]
    return body


def forward(id: str, body: Body) -> Forward:
    """A stored event on its way."""
    return Forward(id, **{**body, "stage": Stage(body["stage"])})


def forward_id(entry: str, receiver: str) -> str:
    """The id of a line on its way to a receiver: those of one incident are in their order."""
    return f"{entry}-to-{receiver}"


def delivery_id(partition: str, forward: str) -> str:
    """What a delivery is called outside, the same at every try and unlike any other's."""
    return f"msg_{sha256(f'{partition}|{forward}'.encode()).hexdigest()[:32]}"


async def listening(documents: Documents, tenancy: Tenancy) -> tuple[str, ...]:
    """The ids of the receivers that hear of what is written now."""
    page = await documents.query(tenancy.partition, RECEIVER, limit=MOST_RECEIVERS)
    return tuple(one.id for one in page.documents if one.body["standing"] != Standing.OFF)
