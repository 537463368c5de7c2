"""Grants, an organisation's own roles, its members, break-glass: as they are kept and judged.

Instants are ms. A grant works while it has not expired and has been confirmed lately: behind its
review date it is overdue and shown so, behind the grace it lapses and gives nothing.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from portal.domain.access.model import Permission, Role, Scope

DAY_MS = 24 * 3600 * 1000
GROUP_DAYS = 7
SYSTEM = "system"


class HolderKind(StrEnum):
    """Who can hold a grant."""

    PERSON = "person"
    GROUP = "group"


class Holder(NamedTuple):
    """A person by our id, or a group of the organisation's tenant by its id there."""

    kind: HolderKind
    id: str


class Terms(NamedTuple):
    """What a grant gives, and until when; None: without end."""

    role: str
    scope: Scope
    expires_at_ms: int | None


class Words(NamedTuple):
    """What people wrote, sealed where it is stored: why, and what a group is called."""

    reason: str
    name: str = ""


class Grant(NamedTuple):
    """Who may what, how far, since when, by whom and why."""

    id: str
    version: int
    holder: Holder
    terms: Terms
    words: Words
    granted_by: str
    granted_at_ms: int
    confirmed_by: str
    confirmed_at_ms: int


class OwnRole(NamedTuple):
    """A role of the organisation's own."""

    id: str
    version: int
    title: str
    permissions: frozenset[Permission]


class Member(NamedTuple):
    """Somebody the organisation knows. `tenant_id` and `object_id` are empty for local people;
    `groups` were theirs at `seen_at_ms`, 0 before they signed in; `mail` is "" where none is
    known."""

    person_id: str
    version: int
    name: str
    tenant_id: str = ""
    object_id: str = ""
    groups: frozenset[str] = frozenset()
    seen_at_ms: int = 0
    agent_keys: Mapping[str, str] = {}
    mail: str = ""


class Stage(StrEnum):
    """What became of a request to see identities."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"
    EXPIRED = "expired"


class BreakGlass(NamedTuple):
    """A request of somebody blind to see identities for `minutes`. `until_ms` is 0 before it is
    approved."""

    id: str
    version: int
    person_id: str
    reason: str
    minutes: int
    asked_at_ms: int
    stage: Stage = Stage.ASKED
    decided_by: str = ""
    decided_at_ms: int = 0
    until_ms: int = 0

    def at(self, now_ms: int) -> Stage:
        """The stage at that moment: what was approved, or waited for a day, ends by itself."""
        if self.stage is Stage.APPROVED and now_ms >= self.until_ms:
            return Stage.EXPIRED
        if self.stage is Stage.ASKED and now_ms >= self.asked_at_ms + DAY_MS:
            return Stage.EXPIRED
        return self.stage


class State(StrEnum):
    """Whether a grant works."""

    ACTIVE = "active"
    OVERDUE = "overdue"
    LAPSED = "lapsed"
    EXPIRED = "expired"


WORKING = frozenset({State.ACTIVE, State.OVERDUE})


class ReviewTerms(NamedTuple):
    """How often a grant is confirmed again, and how long an overdue one goes on."""

    days: int = 90
    grace_days: int = 14

    def review_at_ms(self, grant: Grant) -> int:
        """When the grant is to be confirmed again."""
        return grant.confirmed_at_ms + self.days * DAY_MS

    def lapses_at_ms(self, grant: Grant) -> int:
        """When it lapses if it is not."""
        return self.review_at_ms(grant) + self.grace_days * DAY_MS

    def state(self, grant: Grant, now_ms: int) -> State:
        """Whether the grant, looked at alone, works at that moment."""
        expires = grant.terms.expires_at_ms
        if expires is not None and now_ms >= expires:
            return State.EXPIRED
        if now_ms >= self.lapses_at_ms(grant):
            return State.LAPSED
        return State.OVERDUE if now_ms >= self.review_at_ms(grant) else State.ACTIVE


def is_standing(grant: Grant) -> bool:
    """Whether it is of the kind that an organisation must always have one of: a representative in
    person, in full and without end."""
    whole = Terms(Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE, Scope(), None)
    return grant.holder.kind is HolderKind.PERSON and grant.terms == whole
