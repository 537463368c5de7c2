"""What communications are stored as, and back. Addresses and contents are sealed, and overwritten
with nothing once a message is through."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from portal.domain.communications.model import Choices, Message, Stage, Topic, Way, purpose_of
from portal.domain.shared import contact_data
from portal.domain.shared.documents import Body
from portal.domain.shared.fields import Category, Erase, Field, Kind, Purpose, Subject
from portal.domain.shared.sealing import Keyring

OPERATIONAL = Category.OPERATIONAL
MESSAGE = Kind(
    "message",
    (
        Field("topic", OPERATIONAL),
        Field("way", OPERATIONAL),
        Field("person", Category.IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field(
            "to",
            Category.CONTACT_DETAILS,
            Subject.MEMBER,
            Erase.DELETE,
            sealed=True,
            purposes=frozenset({Purpose.VERIFICATION, Purpose.SECURITY, Purpose.SERVICE}),
        ),
        Field("values", Category.FREE_TEXT, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("language", Category.CONFIGURATION),
        Field("created_at_ms", OPERATIONAL),
        Field("until_ms", OPERATIONAL),
        Field("stage", OPERATIONAL),
        Field("due_at_ms", OPERATIONAL),
        Field("held_until_ms", OPERATIONAL),
        Field("attempts", OPERATIONAL),
        Field("dropped", OPERATIONAL),
    ),
)
CHOICES = Kind(
    "message_choices",
    (
        Field("version", OPERATIONAL),
        Field("silenced", Category.CONFIGURATION, Subject.MEMBER, Erase.DELETE),
    ),
)
KEPT_MS = 30 * 24 * 3600 * 1000
"""How long it is remembered that a message was sent."""


def message_body(of: Message, keyring: Keyring) -> Body:
    """A message for the store. WrongPurpose when its topic is none that addresses are held for."""
    contact_data.check(MESSAGE, "to", purpose_of(of.topic))
    through = of.stage is not Stage.WAITING
    to, values = ("", {}) if through else (of.to, of.values)
    body = of._asdict() | {
        "topic": of.topic.value,
        "way": of.way.value,
        "stage": of.stage.value,
        "to": _sealed(keyring, of.id, "to", to),
        "values": _sealed(keyring, of.id, "values", dict(values)),
    }
    del body["id"]
    return body


def message(id: str, body: Body, keyring: Keyring) -> Message:
    """A stored message. WrongPurpose, Unavailable when it was tampered with."""
    topic = Topic(body["topic"])
    to = contact_data.opened(
        MESSAGE,
        "to",
        (purpose_of(topic),),
        keyring,
        key=keyring.own_key,
        context=f"message|{id}|to",
        sealed=base64.b64decode(body["to"]),
    )
    values = keyring.open(keyring.own_key, f"message|{id}|values", base64.b64decode(body["values"]))
    known: dict[str, Any] = {
        **body,
        "topic": topic,
        "way": Way(body["way"]),
        "stage": Stage(body["stage"]),
        "to": json.loads(to),
        "values": json.loads(values),
    }
    return Message(id, **known)


def choices_body(of: Choices) -> Body:
    """Choices for the store."""
    return {"version": of.version, "silenced": sorted(one.value for one in of.silenced)}


def choices(body: Body) -> Choices:
    """Stored choices."""
    return Choices(body["version"], frozenset(Way(one) for one in body["silenced"]))


def _sealed(keyring: Keyring, id: str, field: str, value: str | Mapping[str, str]) -> str:
    plain = json.dumps(value).encode()
    return base64.b64encode(keyring.seal(keyring.own_key, f"message|{id}|{field}", plain)).decode()
