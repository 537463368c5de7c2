"""Which role may do what. Use cases call `require` first; nothing else decides."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, replace
from functools import lru_cache
from hashlib import sha256
from typing import TypeVar

from portal.domain.access.model import (
    EVERYTHING,
    Actor,
    Board,
    Claims,
    Detail,
    Holding,
    Permission,
    Person,
    Role,
    Scope,
)
from portal.domain.organizations.standing import Activity, Part, State, lets, refusal, require_open
from portal.domain.shared.errors import Forbidden, NotFound, StepUpRequired

S = TypeVar("S")

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset(
        {Permission.DASHBOARDS_VIEW, Permission.AGENTS_VIEW_OWN, Permission.INCIDENTS_REPORT}
    ),
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
            Permission.VIEWS_SHARE,
            Permission.INCIDENTS_REPORT,
        }
    ),
    # What the whole service counts, and the keys it seals with, are the operator's; all of one
    # organisation is the customer's.
    Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE: frozenset(Permission)
    - {
        Permission.METRICS_VIEW,
        Permission.KEYS_ROTATE,
        Permission.DISCLOSURES_SILENT,
        Permission.STANDING_SET,
    },
    Role.MANAGING_PARTNER: frozenset(
        {
            Permission.DASHBOARDS_VIEW,
            Permission.AGENTS_VIEW,
            Permission.ALERTS_VIEW,
            Permission.VIEWS_SHARE,
            Permission.ACCESS_VIEW,
            Permission.ACCESS_MANAGE,
            Permission.INCIDENTS_REPORT,
            Permission.INCIDENTS_COUNT,
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.DASHBOARDS_VIEW,
            Permission.AGENTS_VIEW,
            Permission.CONTACTS_VIEW,
            Permission.IDENTITIES_VIEW,
            Permission.IMPORTS_VIEW,
            Permission.QUARANTINE_VIEW,
            Permission.INCIDENTS_REPORT,
            Permission.INCIDENTS_HANDLE,
            Permission.INCIDENTS_COUNT,
            Permission.SETUP_VIEW,
            Permission.DISCLOSURES_VIEW,
            Permission.DISCLOSURES_RECORD,
            Permission.DISCLOSURES_DECIDE,
        }
    ),
    Role.SECURITY_RESPONDER: frozenset(
        {
            Permission.INCIDENTS_REPORT,
            Permission.INCIDENTS_HANDLE,
            Permission.INCIDENTS_COUNT,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.DASHBOARDS_VIEW,
            Permission.IMPORTS_CREATE,
            Permission.IMPORTS_VIEW,
            Permission.QUARANTINE_VIEW,
            Permission.METRICS_VIEW,
            Permission.KEYS_ROTATE,
            Permission.ACCESS_VIEW,
            Permission.ACCESS_MANAGE,
            Permission.INCIDENTS_REPORT,
            Permission.INCIDENTS_COUNT,
            Permission.SETUP_VIEW,
            Permission.SETUP_UNLOCK,
            Permission.DISCLOSURES_VIEW,
            Permission.DISCLOSURES_RECORD,
            Permission.DISCLOSURES_DECIDE,
            Permission.DISCLOSURES_SILENT,
            Permission.STANDING_VIEW,
            Permission.STANDING_SET,
        }
    ),
    # Who is of the organisation's tenant and holds nothing else has this without a grant.
    Role.REPORTER: frozenset({Permission.INCIDENTS_REPORT}),
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
    Permission.ALERTS_MANAGE: "make, change and remove alerts",
    Permission.METRICS_VIEW: "see what the service counts of itself",
    Permission.KEYS_ROTATE: "change the keys that data is sealed with",
    Permission.VIEWS_SHARE: "share saved views",
    Permission.ACCESS_VIEW: "see who may see what",
    Permission.ACCESS_MANAGE: "decide who may see what",
    Permission.ACCESS_DECIDE: "let partners in and let them see identities",
    Permission.INCIDENTS_REPORT: "report security incidents",
    Permission.INCIDENTS_HANDLE: "handle security incidents",
    Permission.INCIDENTS_COUNT: "see how many security incidents there are",
    Permission.INCIDENTS_FORWARD: "have other systems told of security incidents",
    Permission.SETUP_VIEW: "see how the organisation is set up",
    Permission.SETUP_MANAGE: "set the organisation up",
    Permission.SETUP_UNLOCK: "end the lock of somebody's verification",
    Permission.DISCLOSURES_VIEW: "see who outside asked for data",
    Permission.DISCLOSURES_RECORD: "enter who outside asked for data",
    Permission.DISCLOSURES_DECIDE: "decide what data is handed over",
    Permission.DISCLOSURES_SILENT: "see requests that are to be kept silent about",
    Permission.STANDING_VIEW: "see why the organisation stands as it does",
    Permission.STANDING_APPEAL: "appeal against how the organisation stands",
    Permission.STANDING_SET: "restrict, suspend or terminate the organisation",
    Permission.ORGANIZATION_EXPORT: "take along everything of the organisation",
}
ACTIVITIES: Mapping[Permission, Activity] = {
    Permission.DASHBOARDS_VIEW: Activity.LOOK,
    Permission.AGENTS_VIEW: Activity.LOOK,
    Permission.AGENTS_VIEW_OWN: Activity.LOOK,
    Permission.CONTACTS_VIEW: Activity.LOOK,
    Permission.IMPORTS_CREATE: Activity.CHANGE,
    Permission.IMPORTS_VIEW: Activity.LOOK,
    Permission.QUARANTINE_VIEW: Activity.LOOK,
    Permission.IDENTITIES_VIEW: Activity.LOOK,
    Permission.ALERTS_VIEW: Activity.LOOK,
    Permission.ALERTS_MANAGE: Activity.CHANGE,
    Permission.METRICS_VIEW: Activity.OPERATE,
    Permission.KEYS_ROTATE: Activity.OPERATE,
    Permission.VIEWS_SHARE: Activity.CHANGE,
    Permission.ACCESS_VIEW: Activity.LOOK,
    Permission.ACCESS_MANAGE: Activity.CHANGE,
    Permission.ACCESS_DECIDE: Activity.CHANGE,
    Permission.INCIDENTS_REPORT: Activity.REPORT,
    Permission.INCIDENTS_HANDLE: Activity.REPORT,
    Permission.INCIDENTS_COUNT: Activity.LOOK,
    Permission.INCIDENTS_FORWARD: Activity.LOOK,
    Permission.SETUP_VIEW: Activity.REPAIR,
    Permission.SETUP_MANAGE: Activity.REPAIR,
    Permission.SETUP_UNLOCK: Activity.OPERATE,
    Permission.DISCLOSURES_VIEW: Activity.DISCLOSE,
    Permission.DISCLOSURES_RECORD: Activity.DISCLOSE,
    Permission.DISCLOSURES_DECIDE: Activity.DISCLOSE,
    Permission.DISCLOSURES_SILENT: Activity.DISCLOSE,
    Permission.STANDING_VIEW: Activity.STANDING,
    Permission.STANDING_APPEAL: Activity.STANDING,
    Permission.STANDING_SET: Activity.OPERATE,
    Permission.ORGANIZATION_EXPORT: Activity.EXPORT,
}
"""The class of what each permission is for: where the organisation's standing does not let that
happen, nobody has the permission."""
_OF_PEOPLE = frozenset(Activity) - {Activity.INTAKE, Activity.TELL, Activity.TELL_ESSENTIAL}
PARTS: Mapping[str, Part] = {
    Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE: Part.REPRESENTATIVE,
    Role.OPERATOR: Part.OPERATOR,
}


RANKED = (
    Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE,
    Role.MANAGING_PARTNER,
    Role.PRIVACY_OFFICER,
    Role.SECURITY_RESPONDER,
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.AGENT,
    Role.REPORTER,
)
"""Who holds several roles is called by the first of them."""
OF_TENANT = "tenant"
"""In place of a grant's id, for what is held by being of the tenant."""
BLIND = frozenset({Role.MANAGING_PARTNER})
"""Roles that see figures without identities."""
LIFTED = frozenset({Permission.IDENTITIES_VIEW, Permission.CONTACTS_VIEW})
"""What they may besides while their blindness is lifted."""
UNSEEN = LIFTED | {
    Permission.QUARANTINE_VIEW,
    Permission.INCIDENTS_HANDLE,
    Permission.ORGANIZATION_EXPORT,
}
"""What nobody blind may, whatever else they hold: it shows single contacts and whose they were,
what people wrote of each other in incidents and who reported them, or everything at once."""
BOARDS: Mapping[Board, frozenset[Permission]] = {
    Board.OVERVIEW: frozenset({Permission.DASHBOARDS_VIEW}),
    Board.QUEUES: frozenset({Permission.DASHBOARDS_VIEW}),
    Board.AGENTS: frozenset({Permission.AGENTS_VIEW, Permission.AGENTS_VIEW_OWN}),
    Board.CONTACTS: frozenset({Permission.CONTACTS_VIEW}),
    Board.RECONCILIATION: frozenset({Permission.DASHBOARDS_VIEW}),
}
"""The permissions of which one opens the dashboard."""
DETAILS: Mapping[Detail, Permission] = {
    Detail.AGENT_NAMES: Permission.IDENTITIES_VIEW,
    Detail.CUSTOMER_NUMBERS: Permission.CONTACTS_VIEW,
}
"""The permission without which the field is shown nowhere."""


def holding(role: Role, grant: str = "") -> Holding:
    """The role in full, as the grant of that id gives it."""
    return Holding(grant or role.value, role.value, PERMISSIONS[role], blind=role in BLIND)


def of_tenant() -> tuple[Holding, ...]:
    """What somebody holds who is of the organisation's own tenant and was granted nothing."""
    return (holding(Role.REPORTER, OF_TENANT),)


def only_reports(holdings: Iterable[Holding]) -> bool:
    """Whether reporting incidents, and following one's own, is all that they permit."""
    held = frozenset[Permission]().union(*(one.permissions for one in holdings))
    return held == PERMISSIONS[Role.REPORTER]


def acting_as(
    role: Role,
    person_id: str,
    display_name: str,
    organization: str,
    *,
    agent_keys: Mapping[str, str] | None = None,
    proved_at_s: float | None = None,
    state: State = State.ACTIVE,
) -> Actor:
    """Somebody of one organisation with one role: the system itself, the command line."""
    return Actor(
        person_id,
        display_name,
        organization,
        _left((holding(role),), state),
        (organization,),
        agent_keys or {},
        proved_at_s,
        state=state,
    )


def _left(holdings: Iterable[Holding], state: State) -> tuple[Holding, ...]:
    """What the standing of the organisation leaves of the holdings; the roles stay."""
    if state is State.ACTIVE:
        return tuple(holdings)
    return tuple(
        replace(
            one,
            permissions=frozenset(
                each for each in one.permissions if lets(state, _part(one.role), ACTIVITIES[each])
            ),
        )
        for one in holdings
    )


def _part(role: str) -> Part:
    return PARTS.get(role, Part.MEMBER)


def activities(actor: Actor, state: State) -> tuple[Activity, ...]:
    """What the state leaves the actor of what people do, in their order."""
    parts = {_part(role) for role in actor.roles}
    return tuple(
        one
        for one in Activity
        if one in _OF_PEOPLE and any(lets(state, part, one) for part in parts)
    )


def require_standing(actor: Actor, activity: Activity) -> None:
    """For what needs no permission: raises Forbidden `organization-<state>` where the standing of
    the organisation does not let the actor do that."""
    require_open(actor.state, {_part(role) for role in actor.roles}, activity)


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor has the permission in the organisation of the request."""
    return any(permission in one.permissions for one in actor.holdings)


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden, saying what the actor may not do and whom to ask; `organization-<state>`
    where it is the organisation's standing that does not let anybody in their place."""
    if not may(actor, permission):
        activity = ACTIVITIES[permission]
        if not any(lets(actor.state, _part(role), activity) for role in actor.roles):
            raise refusal(actor.state)
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


def scopes(
    actor: Actor, permission: Permission, *, board: Board | None = None
) -> tuple[Scope, ...]:
    """How far the permission reaches: the scopes of the holdings that give it, on that board;
    each alone, since what two grants give does not add up to more than both."""
    return tuple(
        one.scope
        for one in actor.holdings
        if permission in one.permissions
        and (board is None or one.scope.boards is None or board in one.scope.boards)
    )


def may_unnarrowed(actor: Actor, permission: Permission) -> bool:
    """Whether one holding gives the permission for everything: no board, queue, channel or detail
    left out. For what cannot be given in part."""
    return EVERYTHING in scopes(actor, permission)


def require_unnarrowed(actor: Actor, permission: Permission) -> None:
    """As `require`; also raises Forbidden, saying what to do, where grants narrow it."""
    require(actor, permission)
    if not may_unnarrowed(actor, permission):
        raise Forbidden(
            f"To {ACTIONS[permission]}, you need a grant that reaches every dashboard, queue, "
            "channel and field; yours is narrowed. Ask an Authorized Customer Representative "
            "whose grant is not narrowed to do it, or to widen yours."
        )


def require_board(actor: Actor, board: Board, permission: Permission) -> tuple[Scope, ...]:
    """The scopes within which the actor has the permission on that dashboard. Raises Forbidden
    when there is none."""
    require(actor, permission)
    found = scopes(actor, permission, board=board)
    if not found:
        raise Forbidden(
            f"Your grants here do not reach the dashboard `{board}`. Ask your organisation's "
            "Authorized Customer Representative if you need it."
        )
    return found


def sight(actor: Actor) -> str:
    """Stands for everything that decides what the actor is shown: who has the same is shown the
    same, own figures aside."""
    return _sight(actor.holdings)


@lru_cache(maxsize=4096)
def _sight(holdings: tuple[Holding, ...]) -> str:
    told = sorted(
        {
            repr((sorted(one.permissions), *map(_told, astuple(one.scope)), one.blind))
            for one in holdings
        }
    )
    return sha256("|".join(told).encode()).hexdigest()[:24]


def _told(dimension: frozenset[str] | None) -> list[str] | None:
    return None if dimension is None else sorted(dimension)


def reaches(actor: Actor, permission: Permission, queue: str = "") -> bool:
    """Whether the permission reaches all contacts of the queue, "" for all queues, within one
    holding: what a figure of that queue is made of."""
    return any(
        one.channels is None and (one.queues is None or (queue != "" and queue in one.queues))
        for one in scopes(actor, permission, board=Board.OVERVIEW)
    )


def boards(actor: Actor) -> tuple[Board, ...]:
    """The dashboards that the actor may open, in their order."""
    return tuple(
        board
        for board, opening in BOARDS.items()
        if any(scopes(actor, permission, board=board) for permission in opening)
    )


def details(actor: Actor) -> tuple[Detail, ...]:
    """The fields that some holding of the actor shows; nobody blind is shown any."""
    return () if actor.is_blind else tuple(one for one in Detail if detail_scopes(actor, one))


def detail_scopes(actor: Actor, detail: Detail) -> tuple[Scope, ...]:
    """Where the actor is shown the field; nowhere for somebody blind."""
    if actor.is_blind:
        return ()
    found = scopes(actor, DETAILS[detail])
    return tuple(one for one in found if one.details is None or detail in one.details)


def contains(outer: Scope, inner: Scope, *, details: bool = True) -> bool:
    """Whether everything that the inner scope reaches, the outer reaches."""
    return (
        _contains(outer.boards, inner.boards)
        and _contains(outer.queues, inner.queues)
        and _contains(outer.channels, inner.channels)
        and (not details or _contains(outer.details, inner.details))
    )


def _contains(outer: frozenset[S] | None, inner: frozenset[S] | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


def require_recent_proof(actor: Actor, *, now_ms: int, max_age_s: float) -> None:
    """For acts that ask for more than a session: raises StepUpRequired unless the actor proved
    with a second factor who they are, at most `max_age_s` ago."""
    proved = actor.proved_at_s
    if proved is None or now_ms / 1000 - proved > max_age_s:
        raise StepUpRequired(max_age_s=max_age_s)


def proved_at_s(claims: Claims) -> float | None:
    """When a second factor was proven, by the token's word: its methods name one. What else proves
    one is the verifier's to know, and to name so."""
    return claims.authenticated_at_s if "mfa" in claims.methods else None


def act(person: Person, organization: str, *, proved_at_s: float | None = None) -> Actor:
    """The person in that organisation. Raises NotFound for a stranger to it."""
    holdings = person.holdings.get(organization)
    if not holdings:
        raise NotFound("There is no such organisation, or you do not belong to it.")
    state = person.states.get(organization, State.ACTIVE)
    return Actor(
        person_id=person.person_id,
        display_name=person.display_name,
        organization=organization,
        holdings=_left(holdings, state),
        organizations=person.organizations,
        agent_keys=person.agent_keys.get(organization, {}),
        proved_at_s=proved_at_s,
        groups=person.groups,
        state=state,
    )


def account_id(tenant_id: str, object_id: str) -> str:
    """The person id of an account of Microsoft Entra ID: opaque, and the same everywhere."""
    return sha256(f"{tenant_id}|{object_id}".encode()).hexdigest()[:32]
