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


WHOLE = "organization"
"""The person of what is written to an organisation as such."""


def id_of(topic: Topic, way: Way, person: str, cause: str) -> str:
    """What names a message."""
    return f"{topic}|{way}|{person}|{cause}"


def to_person(tenancy: Tenancy, one: Message, address: str, now_ms: int) -> Create:
    """The write of a mail to somebody's own address, of what their chat did not take."""
    _, _, person, cause = one.id.split("|", 3)
    return _instead(tenancy, one, person, f"{cause}|instead", address, now_ms)


def to_organization(
    tenancy: Tenancy, one: Message, address: str, now_ms: int
) -> tuple[str, Create]:
    """The id of the mail that tells the organisation the same already if anybody wrote it, and
    the write of one to its address: one for each cause, however many were not reached."""
    _, _, person, cause = one.id.split("|", 3)
    written = _instead(tenancy, one, WHOLE, cause, address, now_ms)
    return id_of(one.topic, Way.MAIL, person, cause), written


def _instead(
    tenancy: Tenancy, one: Message, person: str, cause: str, address: str, now_ms: int
) -> Create:
    return row(
        tenancy,
        one.topic,
        Way.MAIL,
        cause=cause,
        person=person,
        now_ms=now_ms,
        to=address,
        values=one.values,
        until_ms=max(one.until_ms, now_ms + WORTH_MS),
    )


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
        id_of(topic, way, person, cause),
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
