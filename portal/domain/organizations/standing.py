"""How an organisation stands, and what that lets happen: one table for whoever asks (R9, R25).

A restricted organisation can look and do what repairs it. A suspended one is closed to everybody
but its representatives, who see why, may appeal, take their data along and report incidents; so is
a terminated one, until its erasure begins. The operator's own acts stay open, since they end it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from portal.domain.shared.errors import Forbidden
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject


class State(StrEnum):
    """How an organisation stands. `erasing`: terminated, and its erasure has begun."""

    ACTIVE = "active"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    ERASING = "erasing"


class Activity(StrEnum):
    """A class of what happens in an organisation."""

    ACCOUNT = "account"  # one's own sign-ins and choices
    STANDING = "standing"  # seeing how the organisation stands, and appealing
    EXPORT = "export"
    REPORT = "report"  # incidents: reporting, following and handling them
    DISCLOSE = "disclose"  # the register of who outside asked for data
    REPAIR = "repair"  # set-up, verification, policies
    LOOK = "look"
    CHANGE = "change"
    OPERATE = "operate"  # the operator's acts
    INTAKE = "intake"  # reading accepted uploads
    TELL = "tell"  # alerts, news of incidents, optional messages
    TELL_ESSENTIAL = "tell_essential"


class Part(StrEnum):
    """Who does it."""

    MEMBER = "member"
    REPRESENTATIVE = "representative"
    OPERATOR = "operator"
    SERVICE = "service"


_A = Activity
_SERVICE = frozenset({_A.INTAKE, _A.TELL, _A.TELL_ESSENTIAL})
_MENDING = frozenset(
    {_A.ACCOUNT, _A.STANDING, _A.EXPORT, _A.REPORT, _A.DISCLOSE, _A.REPAIR, _A.LOOK}
)
_CLOSED: Mapping[Part, frozenset[Activity]] = {
    Part.MEMBER: frozenset({_A.ACCOUNT}),
    Part.REPRESENTATIVE: frozenset({_A.ACCOUNT, _A.STANDING, _A.EXPORT, _A.REPORT, _A.DISCLOSE}),
    Part.OPERATOR: frozenset({_A.ACCOUNT, _A.STANDING, _A.DISCLOSE, _A.OPERATE}),
    Part.SERVICE: frozenset({_A.TELL_ESSENTIAL}),
}
TABLE: Mapping[State, Mapping[Part, frozenset[Activity]]] = {
    State.ACTIVE: dict.fromkeys(Part, frozenset(Activity)),
    State.RESTRICTED: {
        Part.MEMBER: _MENDING,
        Part.REPRESENTATIVE: _MENDING,
        Part.OPERATOR: _MENDING | {_A.OPERATE},
        Part.SERVICE: _SERVICE,
    },
    State.SUSPENDED: _CLOSED,
    State.TERMINATED: _CLOSED,
    State.ERASING: dict.fromkeys(Part, frozenset[Activity]()),
}
"""The one place that decides what a standing lets happen."""

SENTENCES: Mapping[State, str] = {
    State.RESTRICTED: (
        "Your organisation is restricted: you can look, export and put right what is wrong, "
        "nothing else. Why, and how to appeal, is under Standing."
    ),
    State.SUSPENDED: (
        "Your organisation is suspended. Its Authorized Customer Representatives see why, and "
        "may appeal, export and report incidents; ask them."
    ),
    State.TERMINATED: (
        "The service for your organisation is terminated. Its Authorized Customer "
        "Representatives see why, and may appeal and export until its data is erased; ask them."
    ),
    State.ERASING: "The data of your organisation is being erased.",
}
STANDING_ID = "standing"
STANDING = Kind(
    "organization_standing",
    (
        Field("version", Category.OPERATIONAL),
        Field("state", Category.OPERATIONAL),
        Field("reason", Category.OPERATIONAL),
        Field("text", Category.FREE_TEXT, Subject.ORGANIZATION, Erase.SHRED, sealed=True),
        Field("by", Category.IDENTIFIER, Subject.MEMBER),
        Field("at_ms", Category.OPERATIONAL),
        Field("open_appeal", Category.IDENTIFIER),
        Field("appeals", Category.OPERATIONAL),
        Field("erase_at_ms", Category.OPERATIONAL),
        Field("is_stopped", Category.OPERATIONAL),
    ),
)
"""How it stands now; without one it is active. See portal/domain/standing for who sets it."""


ERASURE = Kind(
    "organization_erasure",
    tuple(
        Field(name, Category.OPERATIONAL)
        for name in (
            "code", "begun_at_ms", "files_at_ms", "directory_at_ms", "key_at_ms", "contacts_at_ms",
            "documents_at_ms", "verified_at_ms", "files", "directory", "key", "contacts",
            "documents", "verified", "entries", "trail",
        )
    ),
)  # fmt: skip
"""In the region's directory, by the code, which is not used again: how far the erasure of an
organisation is, and what went. It holds counts and nothing personal, and shows later that it was
done."""


def lets(state: State, part: Part, activity: Activity) -> bool:
    """Whether somebody of that part may do that where an organisation stands so."""
    return activity in TABLE[state][part]


def require_open(state: State, parts: Iterable[Part], activity: Activity) -> None:
    """Raises Forbidden `organization-<state>` unless one of the parts may do that."""
    if not any(lets(state, part, activity) for part in parts):
        raise refusal(state)


def refusal(state: State) -> Forbidden:
    """What somebody is told whom the standing keeps out."""
    return Forbidden(SENTENCES[state], code=f"organization-{state}")
