"""Who is asking, and who may see what: roles, grants, what comes of them, reviews, break-glass."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from portal.domain.access.model import Board, Detail, Permission
from portal.domain.contacts.model import Channel
from portal.web.schemas.base import Answer, Request

Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._-]+$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Reason = Annotated[
    str,
    StringConstraints(min_length=3, max_length=500, strip_whitespace=True),
    Field(description="Why, in words; sealed where it is stored"),
]
Version = Annotated[int, Field(ge=1, description="The version that the caller saw")]
Most = Field(max_length=200)


class Organization(Answer):
    """An organisation as its members see it."""

    code: str
    name: str
    region: str
    time_zone: str


OrganizationState = Literal["active", "restricted", "suspended", "terminated", "erasing"]


class Me(Answer):
    """The signed-in person in the organisation of this request. `boards` are the dashboards they
    may open, `details` the fields they are shown; `blind` means figures without identities.
    `standing` is how the organisation stands: what is listed is what that leaves them."""

    person: str
    display_name: str
    role: str
    roles: list[str]
    permissions: list[str]
    boards: list[Board]
    details: list[Detail]
    blind: bool
    standing: OrganizationState
    organization: Organization
    organizations: list[Organization]


# --- roles --------------------------------------------------------------------------------


class PermissionChoice(Answer):
    """A permission, as "lets you <title>"; `grantable` is whether an own role may have it."""

    permission: Permission
    title: str
    grantable: bool


class AccessRole(Answer):
    """A role; built-in ones have version 0 and cannot be changed."""

    id: str
    title: str
    built_in: bool
    blind: bool
    permissions: list[Permission]
    version: int
    grants: Annotated[int, Field(description="How many grants there are of it")]
    may_grant: Annotated[bool, Field(description="Whether the caller may grant it to someone")]


class RoleList(Answer):
    """Every role, the built-in first."""

    roles: list[AccessRole]
    permissions: list[PermissionChoice]


class NewRole(Request):
    """A role of the organisation's own."""

    title: Title
    permissions: Annotated[list[Permission], Field(max_length=64)]


class ChangedRole(NewRole):
    """A role as it shall be."""

    version: Version


class RoleVersion(Request):
    """The version of the role that the caller saw."""

    version: Version


# --- grants -------------------------------------------------------------------------------


class AccessScope(Request):
    """How far a grant reaches; a dimension left out (null) is not narrowed."""

    boards: Annotated[list[Board] | None, Most] = None
    queues: Annotated[
        list[Id] | None, Most, Field(description="Ids of /api/dashboards/queue-choices")
    ] = None
    channels: Annotated[list[Channel] | None, Most] = None
    details: Annotated[list[Detail] | None, Most] = None


class PersonHolder(Request):
    """A person: known here by `person`, or of a Microsoft tenant by its id and the object id.
    `name` is what they are called until they sign in."""

    kind: Literal["person"]
    person: Id | None = None
    tenant_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")] | None = None
    object_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")] | None = None
    name: Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)] = ""


class GroupHolder(Request):
    """A group of the organisation's own Microsoft tenant."""

    kind: Literal["group"]
    group: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    name: Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)] = ""


GrantHolder = Annotated[PersonHolder | GroupHolder, Field(discriminator="kind")]


class GrantTerms(Request):
    """What a grant gives, and until when."""

    role: Id
    scope: AccessScope = AccessScope()
    expires_at: AwareDatetime | None = None
    reason: Reason


class NewGrant(GrantTerms):
    """A grant to be made."""

    holder: GrantHolder


class ChangedGrant(GrantTerms):
    """A grant as it shall be; its holder stays."""

    version: Version


class GrantVersion(Request):
    """The version of the grant that the caller saw."""

    version: Version


class GrantFilter(Request):
    """Which grants are wanted; nothing narrows to none."""

    person: Id | None = None
    role: Id | None = None


class AccessHolder(Answer):
    """Who holds a grant."""

    kind: Literal["person", "group"]
    id: str
    name: str


GrantState = Literal["active", "overdue", "lapsed", "expired"]


class Grant(Answer):
    """A grant: who may what, how far, since when, by whom and why.

    `state`: active; overdue when its review date is past (it still works until `lapses_at`);
    lapsed and expired grants give nothing. `may_change`, `may_remove` and `may_confirm` are
    the caller's rights, and `why_not` the sentence when they may not change it.
    """

    id: str
    version: int
    holder: AccessHolder
    role: str
    role_title: str
    blind: bool
    scope: AccessScope
    expires_at: AwareDatetime | None
    granted_at: AwareDatetime
    granted_by: str
    reason: str
    confirmed_at: AwareDatetime
    confirmed_by: str
    review_at: AwareDatetime
    lapses_at: AwareDatetime
    state: GrantState
    may_change: bool
    may_remove: bool
    may_confirm: bool
    why_not: str | None


class GrantList(Answer):
    """The organisation's grants by holder; `revision` grows with every change of access."""

    revision: int
    grants: list[Grant]


# --- people -------------------------------------------------------------------------------


class AccessPerson(Answer):
    """Somebody known in the organisation. `agent_keys` is left out for who sees no identities."""

    person: str
    name: str
    tenant_id: str | None
    version: int
    seen_at: AwareDatetime | None
    agent_keys: dict[str, str] | None


class PersonList(Answer):
    """Everybody who holds a grant or has signed in."""

    people: list[AccessPerson]


class AgentKeys(Request):
    """Which agents of the sources a person is, by source name."""

    agent_keys: Annotated[
        dict[Id, Annotated[str, Field(min_length=1, max_length=256)]], Field(max_length=20)
    ]
    version: Version


# --- what comes of it ---------------------------------------------------------------------


class EffectiveQuery(Request):
    """Whose access is wanted."""

    person: Id


class Reached(Answer):
    """One thing that is reached, and the ids of the grants that cause it."""

    id: str
    title: str
    because: list[str]


class EffectiveAccess(Answer):
    """Everything a person may do and see here, with the grants that cause it."""

    person: str
    name: str
    blind: bool
    permissions: list[Reached]
    boards: list[Reached]
    queues: list[Reached]
    channels: list[Reached]
    details: list[Reached]
    grants: list[Grant]


class AddedGrant(NewGrant):
    """Simulates making this grant."""

    change: Literal["grant"]


class AlteredGrant(ChangedGrant):
    """Simulates changing a grant."""

    change: Literal["change"]
    grant: Id


class RemovedGrant(Request):
    """Simulates removing a grant."""

    change: Literal["remove"]
    grant: Id


class AlteredRole(Request):
    """Simulates changing the permissions of a role of the organisation's own."""

    change: Literal["role"]
    role: Id
    permissions: Annotated[list[Permission], Field(max_length=64)]


SimulatedChange = Annotated[
    AddedGrant | AlteredGrant | RemovedGrant | AlteredRole, Field(discriminator="change")
]


class Simulate(Request):
    """Changes to be tried, in this order; nothing is stored."""

    changes: Annotated[list[SimulatedChange], Field(min_length=1, max_length=50)]


class Difference(Answer):
    """What one person gains and loses. For a group without known members `kind` is group."""

    kind: Literal["person", "group"]
    id: str
    name: str
    gains: "Change"
    loses: "Change"


class Change(Answer):
    """Titles of what is gained or lost, dimension by dimension."""

    permissions: list[str]
    boards: list[str]
    queues: list[str]
    channels: list[str]
    details: list[str]


class Simulation(Answer):
    """Who gains or loses what; `refused` is the sentence with which saving would be refused."""

    differences: list[Difference]
    refused: str | None


# --- reviews ------------------------------------------------------------------------------


class Review(Answer):
    """The access review: every grant is confirmed again within `days`, or lapses `grace_days`
    later. `due` are those overdue or due within two weeks, the most urgent first."""

    days: int
    grace_days: int
    due: list[Grant]


class Confirmed(Request):
    """A grant that goes on being right."""

    grant: Id
    version: Version


class Confirmations(Request):
    """Grants that go on being right."""

    confirm: Annotated[list[Confirmed], Field(min_length=1, max_length=40)]


class MatrixRow(Answer):
    """Who may do what: a line of the export."""

    holder_kind: Literal["person", "group"]
    holder: str
    name: str
    role: str
    permissions: list[Permission]
    boards: list[str] | None
    queues: list[str] | None
    channels: list[str] | None
    details: list[str] | None
    expires_at: AwareDatetime | None
    granted_by: str
    granted_at: AwareDatetime
    reason: str
    confirmed_by: str
    confirmed_at: AwareDatetime
    review_at: AwareDatetime
    state: GrantState


class Matrix(Answer):
    """The access matrix of the organisation at a moment."""

    organization: str
    at: AwareDatetime
    revision: int
    rows: list[MatrixRow]


# --- break-glass --------------------------------------------------------------------------


class NewBreakGlass(Request):
    """A managing partner asks to see identities for a while."""

    reason: Reason
    minutes: Annotated[int, Field(ge=5, le=480)]


class Decision(Request):
    """What a representative of the customer says to it."""

    approve: bool
    version: Version


class BreakGlass(Answer):
    """A request to see identities, and what became of it."""

    id: str
    version: int
    person: str
    name: str
    reason: str
    minutes: int
    asked_at: AwareDatetime
    state: Literal["asked", "approved", "refused", "ended", "expired"]
    decided_by: str | None
    decided_at: AwareDatetime | None
    until: AwareDatetime | None
    may_decide: bool
    may_end: bool


class BreakGlassList(Answer):
    """Requests, newest first: one's own for a partner, all for representatives."""

    requests: list[BreakGlass]


# --- claiming an organisation -------------------------------------------------------------


class ClaimTerms(Answer):
    """Who asks, by their own token or session, and whether that account may claim: guests and
    accounts of no Microsoft tenant may not. `consent` is Microsoft's page on which an administrator
    of their tenant lets this service in; null where no app is registered."""

    display_name: str
    may_claim: bool
    consent: str | None


class Claim(Request):
    """The one-time code that the operator gave to the customer's first representative."""

    organization: Annotated[str, Field(min_length=2, max_length=40)]
    code: Annotated[str, Field(min_length=8, max_length=64)]
