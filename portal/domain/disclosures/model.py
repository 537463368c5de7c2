"""A case of the register and its entries.

A case is one request from outside for data of the organisation. Everything about it is an entry,
written once; what was written wrong is corrected by a further entry, and both stay to be read.
"""

from enum import StrEnum
from typing import NamedTuple


class Basis(StrEnum):
    """What the request stands on. Without one nothing is handed over (R10)."""

    LEGAL_ORDER = "legal_order"  # of a court, or one that may be enforced like it
    LAWFUL_REQUEST = "lawful_request"  # of an authority, by a law that it names
    CONSENT = "consent"  # of those whose data it is


class Data(StrEnum):
    """Categories of data that can be asked for."""

    CONTACT_DETAILS = "contact_details"
    CONTACT_RECORDS = "contact_records"
    RECORDINGS = "recordings"
    TRANSCRIPTS = "transcripts"
    INCIDENTS = "incidents"
    ACCOUNTS = "accounts"
    AUDIT_TRAIL = "audit_trail"


class Whose(StrEnum):
    """Whose data it is."""

    CUSTOMERS = "customers"
    AGENTS = "agents"
    MEMBERS = "members"
    ORGANIZATION = "organization"


class Check(StrEnum):
    """What is looked at before anything is granted."""

    IDENTITY = "identity"  # it comes from whom it says
    AUTHORITY = "authority"  # who may ask for this
    JURISDICTION = "jurisdiction"  # here
    FORM = "form"  # in the form that the law wants
    NECESSITY = "necessity"  # and for no more than is needed


class Ruling(StrEnum):
    """What was decided."""

    GRANTED = "granted"
    NARROWED = "narrowed"
    REFUSED = "refused"


class RegisterStep(StrEnum):
    """What an entry says."""

    RECEIVED = "received"
    DECIDED = "decided"
    HANDED_OVER = "handed_over"
    GAGGED = "gagged"
    NOTIFIED = "notified"
    CORRECTED = "corrected"


class Words(NamedTuple):
    """What people wrote; sealed where it is stored. `requester` is who asked, `reference` the order
    or consent, `law` what it names, `persons` whom it is about, `text` everything else."""

    requester: str = ""
    reference: str = ""
    law: str = ""
    persons: str = ""
    text: str = ""


class Entry(NamedTuple):
    """One entry. `number` counts them within the case from 1, which is the receipt. `data` are the
    categories asked for, granted or handed over; `until_ms` is the end of an order to keep silent,
    0 for one that was lifted; `corrects` is the number of a wrong entry."""

    case: str
    number: int
    kind: RegisterStep
    at_ms: int
    by: str
    happened_at_ms: int
    words: Words
    basis: Basis | None = None
    data: frozenset[Data] = frozenset()
    whose: frozenset[Whose] = frozenset()
    checks: frozenset[Check] = frozenset()
    outcome: Ruling | None = None
    until_ms: int = 0
    corrects: int = 0


class Case(NamedTuple):
    """A case as its entries tell it, the receipt first."""

    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """Its id in the register; it says nothing of how many there are."""
        return self.entries[0].case

    @property
    def version(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    @property
    def receipt(self) -> Entry:
        """Its first entry."""
        return self.entries[0]

    @property
    def decision(self) -> Entry | None:
        """The decision that stands, if any."""
        return self._last(RegisterStep.DECIDED)

    @property
    def is_handed_over(self) -> bool:
        """Whether anything left."""
        return self._last(RegisterStep.HANDED_OVER) is not None

    @property
    def silent_until_ms(self) -> int:
        """Until when those concerned must not be told; 0 for no such order."""
        order = self._last(RegisterStep.GAGGED)
        return order.until_ms if order else 0

    @property
    def notice(self) -> Entry | None:
        """The word to those concerned, if it was given."""
        return self._last(RegisterStep.NOTIFIED)

    def is_silent(self, now_ms: int) -> bool:
        """Whether an order to keep silent is in force."""
        return self.silent_until_ms > now_ms

    def owes_notice(self, now_ms: int) -> bool:
        """Whether those concerned have to be told now: something was decided for the asker, and
        nothing forbids it any more."""
        decided = self.decision
        grants = decided is not None and decided.outcome is not Ruling.REFUSED
        return grants and self.notice is None and not self.is_silent(now_ms)

    def _last(self, kind: RegisterStep) -> Entry | None:
        return next((one for one in reversed(self.entries) if one.kind is kind), None)
