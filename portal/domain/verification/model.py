"""An organisation's mail address and phone, and how far they are proven."""

from enum import StrEnum
from typing import NamedTuple


class Standing(StrEnum):
    """How far an organisation is verified. Mail address and phone make it verified (R3); mail
    address and an authenticator app prove two things about the person and nothing of the number,
    which is a kind of its own (decision 0025)."""

    UNVERIFIED = "unverified"
    MAIL_PROVEN = "mail_proven"
    PHONE_PROVEN = "phone_proven"
    VERIFIED_BY_AUTHENTICATOR = "verified_by_authenticator"
    VERIFIED = "verified"


PROVEN_TWICE = frozenset({Standing.VERIFIED, Standing.VERIFIED_BY_AUTHENTICATOR})
"""What is looked at once a year; outbound calls need the first alone."""


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
    """What the organisation gave of itself; `authenticator` is the proof of somebody's app and has
    no value. `attested_at_ms` is when somebody last said that it is
    still right."""

    mail: Reach = Reach()
    phone: Reach = Reach()
    attested_at_ms: int = 0
    authenticator: Reach = Reach()

    @property
    def standing(self) -> Standing:
        """Two proofs together make it verified; none alone unlocks anything."""
        if self.mail.proven_at_ms and self.phone.proven_at_ms:
            return Standing.VERIFIED
        if self.mail.proven_at_ms and self.authenticator.proven_at_ms:
            return Standing.VERIFIED_BY_AUTHENTICATOR
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
