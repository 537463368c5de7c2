"""People, their roles in organisations, and the permissions that use cases ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What someone is in one organisation; each has its permissions in `rules.PERMISSIONS`."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    AUTHORIZED_CUSTOMER_REPRESENTATIVE = "authorized_customer_representative"
    MANAGING_PARTNER = "managing_partner"
    PRIVACY_OFFICER = "privacy_officer"
    SECURITY_RESPONDER = "security_responder"
    OPERATOR = "operator"


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


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can sign in. `roles` is by organisation code, the home organisation first;
    `agent_keys` are their own keys as an agent, by source name."""

    person_id: str
    display_name: str
    roles: Mapping[str, Role]
    agent_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting in one organisation: what every use case is given.

    `organization` is the code of the organisation of this request, `role` theirs in it,
    `organizations` the codes of all they belong to. `agent_keys` as in Person.
    """

    person_id: str
    display_name: str
    organization: str
    role: Role
    organizations: tuple[str, ...]
    agent_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says: who, and in which organisation they signed in."""

    person_id: str
    organization: str
    expires_s: float
