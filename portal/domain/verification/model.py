"""An organisation's mail address and phone, and how far they are proven."""

from enum import StrEnum
from typing import NamedTuple


class Standing(StrEnum):
    """How far an organisation is verified; only the last counts for anything (R3)."""

    UNVERIFIED = "unverified"
    MAIL_PROVEN = "mail_proven"
    PHONE_PROVEN = "phone_proven"
    VERIFIED = "verified"


class Factor(StrEnum):
    """A way to reach the organisation."""

    MAIL = "mail"
    PHONE = "phone"


class Reach(NamedTuple):
    """An address or number, "" before there is one. Instants are ms, 0 for never."""

    value: str = ""
    proven_at_ms: int = 0
    proven_by: str = ""
    sent_at_ms: int = 0


class Contact(NamedTuple):
    """What the organisation gave of itself. `attested_at_ms` is when somebody last said that it is
    still right."""

    mail: Reach = Reach()
    phone: Reach = Reach()
    attested_at_ms: int = 0

    @property
    def standing(self) -> Standing:
        """Both proofs together make it verified; neither alone unlocks anything."""
        if self.mail.proven_at_ms and self.phone.proven_at_ms:
            return Standing.VERIFIED
        if self.mail.proven_at_ms:
            return Standing.MAIL_PROVEN
        return Standing.PHONE_PROVEN if self.phone.proven_at_ms else Standing.UNVERIFIED


class Attempts(NamedTuple):
    """Somebody's failures since the last success or lock, how often they were locked in a row,
    and until when they are."""

    failures: int = 0
    locks: int = 0
    locked_until_ms: int = 0


class LineType(StrEnum):
    """What a number belongs to, as far as its plan says."""

    MOBILE = "mobile"
    FIXED = "fixed"
    VOIP = "voip"
    PREMIUM = "premium"
    OTHER = "other"


class Number(NamedTuple):
    """A valid number: E.164, ISO 3166 country ("" for none), line type."""

    e164: str
    country: str
    line: LineType
