"""A browser's session, the sign-in that leads to it, and the proof that somebody is who they are.

All three are known by a secret that only the browser has; the store has its hash.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from portal.domain.access.model import Claims


class Purpose(StrEnum):
    """What a sign-in is for."""

    SESSION = "session"  # a browser outside Teams
    STEP_UP = "step_up"  # a session that has to prove its person anew
    PROOF = "proof"  # the tab in Teams, which has no session, through a window of its own
    CONSENT = "consent"  # letting the app ask other services, through a window as well


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in with a browser. `id` is the hash of the secret, `device` what the browser
    said it is, in two words; `idle_at_ms` and `ends_at_ms` say when it ends unused and at last."""

    id: str
    claims: Claims
    device: str
    opened_at_ms: int
    seen_at_ms: int
    idle_at_ms: int
    ends_at_ms: int


class Opened(NamedTuple):
    """A new session, and what the browser keeps of it."""

    session: Session
    cookie: str


class Started(NamedTuple):
    """Where to send the browser for a sign-in, and what it keeps until it is back."""

    address: str
    cookie: str


class Finished(NamedTuple):
    """What a sign-in gave: a session's cookie, or the word for the tab; where to go on."""

    purpose: Purpose
    return_to: str
    cookie: str = ""
    proof: str = ""
