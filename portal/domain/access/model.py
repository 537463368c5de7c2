"""People, what they hold in organisations, and the permissions that use cases ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.domain.organizations.standing import State


class Role(StrEnum):
    """What someone is in one organisation; each has its permissions in `rules.PERMISSIONS`."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    AUTHORIZED_CUSTOMER_REPRESENTATIVE = "authorized_customer_representative"
    MANAGING_PARTNER = "managing_partner"
    PRIVACY_OFFICER = "privacy_officer"
    SECURITY_RESPONDER = "security_responder"
    OPERATOR = "operator"
    REPORTER = "reporter"


class Permission(StrEnum):
    """One thing a use case may demand."""

    DASHBOARDS_VIEW = "dashboards.view"
    AGENTS_VIEW = "agents.view"
    AGENTS_VIEW_OWN = "agents.view_own"
    CONTACTS_VIEW = "contacts.view"
    IMPORTS_CREATE = "imports.create"
    IMPORTS_VIEW = "imports.view"
    QUARANTINE_VIEW = "quarantine.view"
    IDENTITIES_VIEW = "identities.view"
    ALERTS_VIEW = "alerts.view"
    ALERTS_MANAGE = "alerts.manage"
    METRICS_VIEW = "metrics.view"
    KEYS_ROTATE = "keys.rotate"
    VIEWS_SHARE = "views.share"
    ACCESS_VIEW = "access.view"
    ACCESS_MANAGE = "access.manage"
    ACCESS_DECIDE = "access.decide"
    INCIDENTS_REPORT = "incidents.report"
    INCIDENTS_HANDLE = "incidents.handle"
    INCIDENTS_COUNT = "incidents.count"
    INCIDENTS_FORWARD = "incidents.forward"
    SETUP_VIEW = "setup.view"
    SETUP_MANAGE = "setup.manage"
    SETUP_UNLOCK = "setup.unlock"
    DISCLOSURES_VIEW = "disclosures.view"
    DISCLOSURES_RECORD = "disclosures.record"
    DISCLOSURES_DECIDE = "disclosures.decide"
    DISCLOSURES_SILENT = "disclosures.silent"
    STANDING_VIEW = "standing.view"
    STANDING_APPEAL = "standing.appeal"
    STANDING_SET = "standing.set"
    ORGANIZATION_EXPORT = "organization.export"


class Board(StrEnum):
    """A dashboard that a grant can reach."""

    OVERVIEW = "overview"
    QUEUES = "queues"
    AGENTS = "agents"
    CONTACTS = "contacts"
    RECONCILIATION = "reconciliation"


class Detail(StrEnum):
    """A field that a grant can show or leave out."""

    AGENT_NAMES = "agent_names"
    CUSTOMER_NUMBERS = "customer_numbers"


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a grant reaches, in four dimensions; None does not narrow.

    `queues` are ids of queues as the dashboards give them, `channels` values of contacts.Channel.
    """

    boards: frozenset[Board] | None = None
    queues: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    details: frozenset[Detail] | None = None


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Holding:
    """A grant at work: what it permits, and how far.

    `role` is a built-in role or the id of one of the organisation's own. A blind holding gives
    figures without identities and without small cells.
    """

    grant: str
    role: str
    permissions: frozenset[Permission]
    scope: Scope = EVERYTHING
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can sign in. `holdings` are by organisation code, the home organisation first,
    each with at least one; `agent_keys` are their own keys as an agent, by organisation code and
    source name; `groups` are ids of the groups of their tenant, as far as known; `states` is how
    these organisations stand, active unless told."""

    person_id: str
    display_name: str
    holdings: Mapping[str, tuple[Holding, ...]]
    agent_keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    states: Mapping[str, State] = field(default_factory=dict)

    @property
    def organizations(self) -> tuple[str, ...]:
        """The codes of the organisations they belong to, home first."""
        return tuple(self.holdings)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting in one organisation: what every use case is given.

    `organization` is the code of the organisation of this request, `holdings` theirs in it,
    `organizations` the codes of all they belong to. `agent_keys` are theirs here by source name,
    `groups` as in Person. `proved_at_s` is when they last proved with a second factor who they
    are, None when nothing says so. `state` is how the organisation stands; the holdings are what
    it leaves of theirs.
    """

    person_id: str
    display_name: str
    organization: str
    holdings: tuple[Holding, ...]
    organizations: tuple[str, ...]
    agent_keys: Mapping[str, str] = field(default_factory=dict)
    proved_at_s: float | None = None
    groups: frozenset[str] = frozenset()
    state: State = State.ACTIVE

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of their holdings, each once, foremost first."""
        return tuple(dict.fromkeys(one.role for one in self.holdings))

    @property
    def role(self) -> str:
        """What they are foremost; words for it are the front ends'."""
        return self.roles[0]

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that some holding permits, however far it reaches."""
        return frozenset[Permission]().union(*(one.permissions for one in self.holdings))

    @property
    def is_blind(self) -> bool:
        """Whether they see figures without identities: one blind holding makes all so."""
        return any(one.blind for one in self.holdings)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token or session says.

    `person_id` is the issuer's word for the person (development) or made of `tenant_id` and
    `object_id`; `organization` is the one they signed in for, "" for their home. `groups` are ids
    of groups of that tenant; `authenticated_at_s`, `methods` (amr) and `contexts` (acrs) say when
    and how they proved who they are. `session_id` is empty without a session. A guest is somebody
    whom the tenant merely invited. `mail` is where mail reaches them, by their tenant's word, ""
    where it says none; it identifies nobody.
    """

    person_id: str
    organization: str
    expires_s: float
    tenant_id: str | None = None
    object_id: str | None = None
    display_name: str = ""
    groups: frozenset[str] = frozenset()
    authenticated_at_s: float | None = None
    methods: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()
    session_id: str = ""
    is_guest: bool = False
    mail: str = ""
