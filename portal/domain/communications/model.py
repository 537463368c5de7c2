"""Messages on their way out, and what people chose.

A message is essential when the account's security or the service's terms need it; everything else
is optional, and its reader may silence it way by way (R7).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from portal.domain.shared.fields import Purpose


class Way(StrEnum):
    """How a message reaches somebody."""

    TEAMS = "teams"
    MAIL = "mail"
    SMS = "sms"
    VOICE = "voice"


CHOSEN_WAYS = (Way.TEAMS, Way.MAIL, Way.SMS)
"""Ways that optional messages come by; calls are made for codes alone."""


class MessageClass(StrEnum):
    """Whether it can be silenced."""

    ESSENTIAL = "essential"
    OPTIONAL = "optional"


class Topic(StrEnum):
    """What a message is about; its words are in texts.py."""

    MAIL_LINK = "mail_link"
    PHONE_CODE = "phone_code"
    PHONE_CALL = "phone_call"
    LOCKED = "locked"
    CODE_VOIDED = "code_voided"
    CONTACT_CHANGED = "contact_changed"
    FELL_BACK = "fell_back"
    AUTHENTICATOR_ADDED = "authenticator_added"
    POLICY_PUBLISHED = "policy_published"
    SUPPORT_REQUEST = "support_request"
    PUMPING_SUSPECTED = "pumping_suspected"
    ATTESTATION_DUE = "attestation_due"
    ATTESTATION_LAPSED = "attestation_lapsed"
    PEOPLE_INFORMED = "people_informed"
    STANDING_ACTIVE = "standing_active"
    STANDING_RESTRICTED = "standing_restricted"
    STANDING_SUSPENDED = "standing_suspended"
    STANDING_TERMINATED = "standing_terminated"
    STANDING_APPEALED = "standing_appealed"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_REFUSED = "appeal_refused"
    ERASURE_STOPPED = "erasure_stopped"
    ERASURE_RESUMED = "erasure_resumed"
    INCIDENT_NEWS = "incident_news"


OPTIONAL = frozenset({Topic.ATTESTATION_DUE})
SECRET = frozenset({Topic.MAIL_LINK, Topic.PHONE_CODE, Topic.PHONE_CALL})
"""What holds a code or link that proves something: never written into a chat."""
PERSONAL = SECRET | {Topic.PEOPLE_INFORMED}
"""What is for one person alone: the organisation's mailbox is no way to them."""
PURPOSES = {
    Topic.MAIL_LINK: Purpose.VERIFICATION,
    Topic.PHONE_CODE: Purpose.VERIFICATION,
    Topic.PHONE_CALL: Purpose.VERIFICATION,
    Topic.LOCKED: Purpose.SECURITY,
    Topic.CODE_VOIDED: Purpose.SECURITY,
    Topic.CONTACT_CHANGED: Purpose.SECURITY,
    Topic.FELL_BACK: Purpose.SECURITY,
    Topic.AUTHENTICATOR_ADDED: Purpose.SECURITY,
    Topic.INCIDENT_NEWS: Purpose.SECURITY,
}


def purpose_of(topic: Topic) -> Purpose:
    """What an address is used for by messages of the topic: those about the service itself unless
    the table says more."""
    return PURPOSES.get(topic, Purpose.SERVICE)


def class_of(topic: Topic) -> MessageClass:
    """The class of a topic's messages."""
    return MessageClass.OPTIONAL if topic in OPTIONAL else MessageClass.ESSENTIAL


class Stage(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"


class Dropped(StrEnum):
    """Why a message was not sent."""

    SILENCED = "silenced"
    TOO_LATE = "too_late"
    REFUSED = "refused"
    BY_MAIL = "by_mail"
    UNREACHABLE = "unreachable"


class Message(NamedTuple):
    """One message by one way. `id` follows from its cause, so that it is written once. `to` is an
    address, a number in E.164, or "" for the person's own chat with the bot; `values` are what its
    words need. Both are forgotten once it is sent. After `until_ms` it is worth nothing."""

    id: str
    topic: Topic
    way: Way
    person: str
    to: str
    values: Mapping[str, str]
    language: str
    created_at_ms: int
    until_ms: int
    stage: Stage = Stage.WAITING
    due_at_ms: int = 0
    held_until_ms: int = 0
    attempts: int = 0
    dropped: str = ""


class Choices(NamedTuple):
    """The ways by which somebody wants no optional messages."""

    version: int = 0
    silenced: frozenset[Way] = frozenset()
