"""Signed references: all that a card's button carries of what it is about.

A card comes back from whoever holds it, so nothing of it is believed but what our own signature
covers: organisation, conversation, record, allowed verbs, version and expiry, under HMAC-SHA-256
with a key of the organisation (security reference, T8). The record is loaded again and the caller's
role looked up again; a reference authorises nobody.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock
from portal.domain.shared.errors import InvalidInput, NotFound

PURPOSE: Final = "card reference"
LONGEST: Final = 1500
FORMAT: Final = 2
ANYWHERE: Final = ""
DAY_S: Final = 24 * 3600


class Verb(StrEnum):
    """What a button may do."""

    BOARD = "board.show"
    OWN = "own.show"
    QUEUES = "queues.show"
    VIEW = "view.show"
    SETTINGS_SAVE = "settings.save"
    ALERT_CREATE = "alert.create"
    ALERT_EDIT = "alert.edit"
    ALERT_CHANGE = "alert.change"
    ALERT_REMOVE = "alert.remove"
    SUBSCRIBE = "alert.subscribe"
    UNSUBSCRIBE = "alert.unsubscribe"
    SNOOZE_1_HOUR = "alert.snooze_1_hour"
    SNOOZE_8_HOURS = "alert.snooze_8_hours"
    WAKE = "alert.wake"
    NOTICE = "notice.show"
    PLACE_MOVE = "place.move"
    PLACE_RELEASE = "place.release"
    BREAK_GLASS_SHOW = "break_glass.show"
    INCIDENT_REPORT = "incident.report"
    INCIDENT_LATER = "incident.later"
    INCIDENT_DISCARD = "incident.discard"
    INCIDENT_SHOW = "incident.show"
    INCIDENT_ANSWER = "incident.answer"
    INCIDENT_TAKE = "incident.take"
    INCIDENT_STEP = "incident.step"
    INCIDENT_SAY = "incident.say"
    INCIDENT_FILE = "incident.file"
    NOTICE_CONFIRM = "notice.confirm"


class Reference(NamedTuple):
    """What a button is about. `conversation` is our id of the only chat it works in, ANYWHERE for
    cards that people insert themselves; `record` is an id or a question in our own words; `version`
    the record's when the card was drawn."""

    organization: str
    conversation: str
    record: str
    verbs: tuple[Verb, ...]
    version: int = 0
    expires_s: int = 0


class Tampered(InvalidInput):
    """The reference is none of ours, or was changed."""

    code = "tampered"

    def __init__(self) -> None:
        super().__init__("The reference is not valid.")


class Foreign(Tampered):
    """The reference is of an organisation that the caller does not belong to."""


class References:
    """Signs and reads references."""

    def __init__(self, organizations: Organizations, clock: Clock) -> None:
        self._organizations = organizations
        self._clock = clock

    async def signer(self, organization: str) -> "Signer":
        """Signs for one organisation."""
        return Signer(await self._organizations.get(organization), self._clock)

    async def read(self, text: object) -> Reference:
        """The reference behind a button. Raises Tampered."""
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST or text.count(".") != 1:
            raise Tampered
        payload, signature = (_decoded(part) for part in text.split("."))
        claimed = _parsed(payload)
        try:
            tenancy = await self._organizations.get(claimed.organization)
        except NotFound:
            raise Tampered from None
        right = tenancy.keyring.authenticate(PURPOSE, payload)
        same = hmac.compare_digest(signature, right)
        if not same or text != f"{_encoded(payload)}.{_encoded(right)}":
            raise Tampered
        return claimed

    def is_expired(self, reference: Reference) -> bool:
        """Whether the card is too old to do anything but draw itself anew."""
        return self._clock.now_ms() >= reference.expires_s * 1000


class Signer:
    """Signs references of one organisation; needs no store."""

    def __init__(self, tenancy: Tenancy, clock: Clock) -> None:
        self._tenancy = tenancy
        self._clock = clock

    @property
    def organization(self) -> str:
        """Whose references these are."""
        return self._tenancy.organization.code

    def sign(
        self,
        conversation: str,
        record: str,
        verbs: Iterable[Verb],
        *,
        version: int = 0,
        days: int = 1,
    ) -> str:
        """A reference that works in that conversation for so many days."""
        expires = self._clock.now_ms() // 1000 + days * DAY_S
        body = [
            FORMAT,
            self.organization,
            conversation,
            record,
            [verb.value for verb in verbs],
            version,
            expires,
        ]
        payload = json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()
        signature = self._tenancy.keyring.authenticate(PURPOSE, payload)
        return f"{_encoded(payload)}.{_encoded(signature)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Tampered from None


def _parsed(payload: bytes) -> Reference:
    """The payload as a reference, before anything of it is believed."""
    try:
        number, organization, conversation, record, verbs, version, expires = json.loads(payload)
        known = tuple(Verb(verb) for verb in verbs)
    except (ValueError, TypeError, RecursionError):
        raise Tampered from None
    texts = (organization, conversation, record)
    numbers = (number, version, expires)
    if number != FORMAT or not all(isinstance(one, str) for one in texts):
        raise Tampered
    if not all(type(one) is int for one in numbers):
        raise Tampered
    return Reference(organization, conversation, record, known, version, expires)
