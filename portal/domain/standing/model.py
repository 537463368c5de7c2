"""How an organisation stands and came to, and what its representatives say to that."""

from enum import StrEnum
from typing import NamedTuple

from portal.domain.organizations.standing import State


class Reason(StrEnum):
    """Why an organisation stands as it does."""

    NONE = "none"
    UNVERIFIED = "unverified"
    INACCURATE = "inaccurate_information"
    MISUSE = "misuse"
    SECURITY = "security"
    LEGAL = "legal"
    CUSTOMER_WISH = "customer_wish"
    PUT_RIGHT = "put_right"
    MISTAKE = "mistake"
    APPEAL_GRANTED = "appeal_granted"
    ERASURE_DUE = "erasure_due"


class Act(StrEnum):
    """What happened to a standing."""

    SET = "set"
    APPEALED = "appealed"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_REFUSED = "appeal_refused"
    ERASURE_STOPPED = "erasure_stopped"
    ERASURE_RESUMED = "erasure_resumed"
    ERASURE_BEGUN = "erasure_begun"


class Outcome(StrEnum):
    """What became of an appeal. `settled`: the organisation became active without a decision."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    SETTLED = "settled"


class Standing(NamedTuple):
    """How it stands; version 0 is what holds before anybody decided anything. `text` is what the
    operator wrote to the reason. `open_appeal` is the appeal that waits, "" for none, `appeals` how
    many there were. `erase_at_ms` is when the erasure of a terminated one begins, 0 for never."""

    version: int = 0
    state: State = State.ACTIVE
    reason: Reason = Reason.NONE
    text: str = ""
    by: str = ""
    at_ms: int = 0
    open_appeal: str = ""
    appeals: int = 0
    erase_at_ms: int = 0
    is_stopped: bool = False


class Change(NamedTuple):
    """One step of its history: `state` and `reason` are those after it."""

    version: int
    act: Act
    state: State
    reason: Reason
    text: str
    by: str
    at_ms: int


class Appeal(NamedTuple):
    """A representative's word against a standing, and the operator's answer."""

    id: str
    against: State
    text: str
    by: str
    at_ms: int
    outcome: Outcome = Outcome.OPEN
    answer: str = ""
    decided_by: str = ""
    decided_at_ms: int = 0


class Wanted(NamedTuple):
    """Another standing."""

    state: State
    reason: Reason
    text: str


class Seen(NamedTuple):
    """Everything about it, newest first."""

    standing: Standing
    changes: tuple[Change, ...]
    appeals: tuple[Appeal, ...]
