"""What somebody may pass on: what they hold themselves, where they hold it."""

from portal.domain.access.model import Actor, Permission, Role, Scope
from portal.domain.access.rules import LIFTED, contains

IMPLIED = {Permission.AGENTS_VIEW_OWN: Permission.AGENTS_VIEW}


def is_held(
    actor: Actor,
    permissions: frozenset[Permission],
    scope: Scope,
    had: tuple[tuple[frozenset[Permission], Scope], ...],
) -> bool:
    """Whether each permission is one that a single holding of the actor, or what was there before,
    gives throughout the scope."""
    # What break-glass lends for a while is not the partner's to pass on.
    lent = LIFTED if any(one.role == Role.MANAGING_PARTNER for one in actor.holdings) else set()
    sources = [(one.permissions - lent, one.scope) for one in actor.holdings]
    sources += had
    for permission in permissions:
        shows = permission in LIFTED
        enough = {permission, IMPLIED.get(permission, permission)}
        if not any(
            enough & given and contains(reach, scope, details=shows) for given, reach in sources
        ):
            return False
    return True


def manages(actor: Actor, scope: Scope) -> bool:
    """Whether the scope lies within one in which the actor decides who may see what."""
    return any(
        Permission.ACCESS_MANAGE in one.permissions and contains(one.scope, scope, details=False)
        for one in actor.holdings
    )


def is_only_operator(actor: Actor) -> bool:
    """Whether they decide about access as an operator alone."""
    managing = {one.role for one in actor.holdings if Permission.ACCESS_MANAGE in one.permissions}
    return managing == {Role.OPERATOR}
