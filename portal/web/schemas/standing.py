"""How an organisation stands: what was decided, appeals, and what is open meanwhile."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from portal.web.schemas.access import OrganizationState
from portal.web.schemas.base import Answer, Request

SetState = Literal["active", "restricted", "suspended", "terminated"]
Reason = Literal[
    "none",
    "unverified",
    "inaccurate_information",
    "misuse",
    "security",
    "legal",
    "customer_wish",
    "put_right",
    "mistake",
    "appeal_granted",
    "erasure_due",
]
Act = Literal[
    "set",
    "appealed",
    "appeal_granted",
    "appeal_refused",
    "erasure_stopped",
    "erasure_resumed",
    "erasure_begun",
]
Words = Annotated[
    str,
    StringConstraints(min_length=3, max_length=2000, strip_whitespace=True),
    Field(description="In words; sealed where it is stored"),
]
Seen = Annotated[int, Field(ge=0, description="The version that the caller saw; 0 for none")]


class StandingChange(Answer):
    """One step of the history: `state` and `reason` are those after it."""

    version: int
    act: Act
    state: OrganizationState
    reason: Reason
    text: str | None
    by: str
    at: AwareDatetime


class StandingAppeal(Answer):
    """A representative's word against a standing, and the operator's answer to it."""

    id: str
    against: OrganizationState
    text: str
    by: str
    at: AwareDatetime
    outcome: Literal["open", "granted", "refused", "settled"]
    answer: str | None
    decided_at: AwareDatetime | None


class StandingView(Answer):
    """How the organisation stands and came to, newest first. `open` are the classes of what the
    caller may do meanwhile. `erase_at` is when the erasure of a terminated one begins: until then
    its data can be taken along; null while it is stopped, or not planned."""

    version: int
    state: OrganizationState
    reason: Reason
    text: str | None
    since: AwareDatetime | None
    erase_at: AwareDatetime | None
    erasure_stopped: bool
    open: list[str]
    history: list[StandingChange]
    appeals: list[StandingAppeal]
    may_appeal: bool
    may_set: bool
    may_export: bool


class SetStanding(Request):
    """Another standing, with its reason from the list and in words."""

    version: Seen
    state: SetState
    reason: Reason
    text: Words


class MakeAppeal(Request):
    """What speaks against the standing."""

    version: Seen
    text: Words


class DecideAppeal(Request):
    """The answer to the appeal that waits; `state` is the milder one when it is granted."""

    version: Seen
    granted: bool
    state: Literal["active", "restricted", "suspended"] = "active"
    text: Words


class PlanErasure(Request):
    """Stops the erasure of a terminated organisation, or takes it up again."""

    version: Seen
    stopped: bool
    text: Words
