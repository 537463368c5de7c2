"""Which role may do what. Use cases call `require` first; nothing else decides."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from portal.domain.access.model import Actor, Claims, Holding, Permission, Person, Role
from portal.domain.shared.errors import Forbidden, NotFound, StepUpRequired

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
    Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE: frozenset(Permission),
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
}


BLIND = frozenset({Role.MANAGING_PARTNER})
"""Roles that see figures without identities."""


def holding(role: Role, grant: str = "") -> Holding:
    """The role in full, as the grant of that id gives it."""
    return Holding(grant or role.value, role.value, PERMISSIONS[role], blind=role in BLIND)


def acting_as(
    role: Role,
    person_id: str,
    display_name: str,
    organization: str,
    *,
    agent_keys: Mapping[str, str] | None = None,
    proved_at_s: float | None = None,
) -> Actor:
    """Somebody of one organisation with one role in full: the system itself, the command line."""
    return Actor(
        person_id,
        display_name,
        organization,
        (holding(role),),
        (organization,),
        agent_keys or {},
        proved_at_s,
    )


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor has the permission in the organisation of the request."""
    return any(permission in one.permissions for one in actor.holdings)


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden, saying what the actor may not do and whom to ask."""
    if not may(actor, permission):
        roles = ", ".join(_words(actor.roles))
        raise Forbidden(
            f"Your role here ({roles}) does not let you {ACTIONS[permission]}. Ask your "
            "organisation's Authorized Customer Representative if you need it."
        )


def _words(roles: Iterable[str]) -> list[str]:
    known = set(Role)
    return [
        one.replace("_", " ") if one in known else "a role of your organisation's own"
        for one in roles
    ]


def require_recent_proof(actor: Actor, *, now_ms: int, max_age_s: float) -> None:
    """For acts that ask for more than a session: raises StepUpRequired unless the actor proved
    with a second factor who they are, at most `max_age_s` ago."""
    proved = actor.proved_at_s
    if proved is None or now_ms / 1000 - proved > max_age_s:
        raise StepUpRequired(max_age_s=max_age_s)


def proved_at_s(claims: Claims, *, context: str = "") -> float | None:
    """When a second factor was proven, by the token's word: its methods name one, or its contexts
    name the one that the organisation's sign-in asks a second factor for."""
    strong = "mfa" in claims.methods or (context != "" and context in claims.contexts)
    return claims.authenticated_at_s if strong else None


def act(person: Person, organization: str, *, proved_at_s: float | None = None) -> Actor:
    """The person in that organisation. Raises NotFound for a stranger to it."""
    holdings = person.holdings.get(organization)
    if not holdings:
        raise NotFound("There is no such organisation, or you do not belong to it.")
    return Actor(
        person_id=person.person_id,
        display_name=person.display_name,
        organization=organization,
        holdings=holdings,
        organizations=person.organizations,
        agent_keys=person.agent_keys,
        proved_at_s=proved_at_s,
    )


def account_id(tenant_id: str, object_id: str) -> str:
    """The person id of an account of Microsoft Entra ID: opaque, and the same everywhere."""
    return sha256(f"{tenant_id}|{object_id}".encode()).hexdigest()[:32]
