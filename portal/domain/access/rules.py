"""Which role may do what. Use cases call `require` first; nothing else decides."""

from collections.abc import Mapping

from portal.domain.access.model import Actor, Permission, Person, Role
from portal.domain.shared.errors import Forbidden, NotFound

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({Permission.DASHBOARDS_VIEW, Permission.AGENTS_VIEW_OWN}),
    Role.SUPERVISOR: frozenset(
        {
            Permission.DASHBOARDS_VIEW,
            Permission.AGENTS_VIEW,
            Permission.AGENTS_VIEW_OWN,
            Permission.CONTACTS_VIEW,
            Permission.IDENTITIES_VIEW,
            Permission.IMPORTS_VIEW,
            Permission.ALERTS_VIEW,
            Permission.ALERTS_MANAGE,
        }
    ),
    # What the whole service counts, and the keys it seals with, are the operator's; all of one
    # organisation is the customer's.
    Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE: frozenset(Permission)
    - {Permission.METRICS_VIEW, Permission.KEYS_ROTATE},
    Role.MANAGING_PARTNER: frozenset(
        {Permission.DASHBOARDS_VIEW, Permission.AGENTS_VIEW, Permission.ALERTS_VIEW}
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.DASHBOARDS_VIEW,
            Permission.AGENTS_VIEW,
            Permission.CONTACTS_VIEW,
            Permission.IDENTITIES_VIEW,
            Permission.IMPORTS_VIEW,
            Permission.QUARANTINE_VIEW,
        }
    ),
    Role.SECURITY_RESPONDER: frozenset(),
    Role.OPERATOR: frozenset(
        {
            Permission.DASHBOARDS_VIEW,
            Permission.IMPORTS_CREATE,
            Permission.IMPORTS_VIEW,
            Permission.QUARANTINE_VIEW,
            Permission.METRICS_VIEW,
            Permission.KEYS_ROTATE,
        }
    ),
}

ACTIONS: Mapping[Permission, str] = {
    Permission.DASHBOARDS_VIEW: "see the dashboards",
    Permission.AGENTS_VIEW: "see the figures of every agent",
    Permission.AGENTS_VIEW_OWN: "see an agent's own figures",
    Permission.CONTACTS_VIEW: "see the contacts behind a figure",
    Permission.IMPORTS_CREATE: "import contact files",
    Permission.IMPORTS_VIEW: "see the imports",
    Permission.QUARANTINE_VIEW: "see the rows kept back from imports",
    Permission.IDENTITIES_VIEW: "see the names of agents",
    Permission.ALERTS_VIEW: "see alerts and have them sent",
    Permission.ALERTS_MANAGE: "make and remove alerts",
    Permission.METRICS_VIEW: "see what the service counts of itself",
    Permission.KEYS_ROTATE: "change the keys that data is sealed with",
}


def permissions(actor: Actor) -> frozenset[Permission]:
    """Everything the actor may do in the organisation of the request."""
    return PERMISSIONS[actor.role]


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor has the permission in the organisation of the request."""
    return permission in PERMISSIONS[actor.role]


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden, saying what the actor may not do and whom to ask."""
    if not may(actor, permission):
        role = actor.role.replace("_", " ")
        raise Forbidden(
            f"Your role here ({role}) does not let you {ACTIONS[permission]}. Ask your "
            "organisation's Authorized Customer Representative if you need it."
        )


def act(person: Person, organization: str) -> Actor:
    """The person in that organisation. Raises NotFound for a stranger to it."""
    role = person.roles.get(organization)
    if role is None:
        raise NotFound("There is no such organisation, or you do not belong to it.")
    return Actor(
        person_id=person.person_id,
        display_name=person.display_name,
        organization=organization,
        role=role,
        organizations=tuple(person.roles),
        agent_keys=person.agent_keys,
    )
