"""Writing messages: rows for the batch of their cause, so that both are there or neither."""

from collections.abc import Mapping

from portal.domain.communications import documents as stored
from portal.domain.communications.documents import KEPT_MS, MESSAGE
from portal.domain.communications.model import Message, Topic, Way
from portal.domain.communications.texts import language_of
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Create

WORTH_MS = 7 * 24 * 3600 * 1000
"""How long a message is worth sending unless its cause says less."""


def row(
    tenancy: Tenancy,
    topic: Topic,
    way: Way,
    *,
    cause: str,
    person: str,
    now_ms: int,
    to: str = "",
    values: Mapping[str, str] = {},
    until_ms: int = 0,
    language: str = "",
) -> Create:
    """The write of a message; the same cause, topic, way and person give the same id, so that it
    is there once whoever writes it again. Without a language it is the organisation's."""
    organization = tenancy.organization
    message = Message(
        f"{topic}|{way}|{person}|{cause}",
        topic,
        way,
        person,
        to,
        {"organization": organization.name, **values},
        language or language_of(organization.country),
        now_ms,
        until_ms or now_ms + WORTH_MS,
    )
    body = stored.message_body(message, tenancy.keyring)
    return Create(MESSAGE, message.id, body, now_ms + KEPT_MS)
