"""What may be changed in who may see what. Pure: a book and a change give another book, or a
refusal.

Nobody raises themselves: nobody touches a grant or role that they hold, and nobody gives what
neither they hold nor the grant had before. Partners are let in by representatives alone, in
person and for a time, and give only to the customer's own people. One representative in person, in
full and without end is always left.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from portal.domain.access.book import Book
from portal.domain.access.grants import (
    DAY_MS,
    Grant,
    Holder,
    HolderKind,
    OwnRole,
    Terms,
    Words,
    is_standing,
)
from portal.domain.access.model import Actor, Permission, Role, Scope
from portal.domain.access.passing import is_held, is_only_operator, manages
from portal.domain.access.rules import may
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound

LONGEST_PARTNER_DAYS = 366
MOST_GRANTS = 2000
MOST_ROLES = 50
OF_SERVICE = frozenset(
    {
        Permission.METRICS_VIEW,
        Permission.KEYS_ROTATE,
        Permission.DISCLOSURES_SILENT,
        Permission.STANDING_SET,
    }
)
"""What reaches beyond one organisation: operators have it, and no customer can give it."""
FIXED = OF_SERVICE | {
    Permission.ACCESS_VIEW,
    Permission.ACCESS_MANAGE,
    Permission.ACCESS_DECIDE,
    Permission.SETUP_MANAGE,
    Permission.SETUP_UNLOCK,
    Permission.DISCLOSURES_VIEW,
    Permission.DISCLOSURES_RECORD,
    Permission.DISCLOSURES_DECIDE,
    Permission.STANDING_VIEW,
    Permission.STANDING_APPEAL,
    Permission.ORGANIZATION_EXPORT,
}
"""Permissions of built-in roles alone: role management is for representatives, partners, operators.
"""
OUT_OF_REACH = frozenset(
    {
        Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE,
        Role.MANAGING_PARTNER,
        Role.PRIVACY_OFFICER,
        Role.SECURITY_RESPONDER,
        Role.OPERATOR,
    }
)
"""Grants of these roles are not a partner's to touch."""

LAST = (
    "One Authorized Customer Representative must stay: in person, for everything and without an "
    "end. Make somebody else one first."
)
ASK = "Ask your organisation's Authorized Customer Representative."
OWN = f"These are your own rights: somebody else has to change them. {ASK}"
TOO_MUCH = f"You cannot give more than you hold yourself. {ASK}"
BEYOND = f"These rights reach beyond what you decide about. {ASK}"
PARTNERS = f"Partners are the representatives' to let in and to remove. {ASK}"
OPERATORS = f"An operator changes the rights of operators only. {ASK}"
OUTSIDERS = f"A partner gives rights to the customer's own people only. {ASK}"
NOT_A_PARTNERS = f"Rights of this role are not a partner's to change. {ASK}"
STALE = "This was changed meanwhile; look at it again."
NO_GRANT = "There is no such grant; it may have been removed."
NO_ROLE = "There is no such role; it may have been removed."


class Give(NamedTuple):
    """A new grant. `outside`: the holder is not one of the customer's own people."""

    id: str
    holder: Holder
    terms: Terms
    words: Words
    outside: bool = False


class Alter(NamedTuple):
    """Other terms for a grant; `version` None: whatever it is by now. `outside` as in Give."""

    grant: str
    terms: Terms
    words: Words
    version: int | None = None
    outside: bool = False


class Take(NamedTuple):
    """The end of a grant."""

    grant: str
    version: int | None = None


class Recast(NamedTuple):
    """Other permissions for an own role; `title` None keeps it."""

    role: str
    permissions: frozenset[Permission]
    title: str | None = None
    version: int | None = None


Change = Give | Alter | Take | Recast


def changed(book: Book, change: Change, *, actor: Actor, now_ms: int) -> Book:
    """The book behind the change. Raises Forbidden, NotFound, Conflict, InvalidInput."""
    if isinstance(change, Give):
        after = _given(book, change, actor, now_ms)
    elif isinstance(change, Alter):
        after = _altered(book, change, actor, now_ms)
    elif isinstance(change, Take):
        after = _taken(book, change, actor)
    else:
        after = _recast(book, change, actor)
    if _has_standing(book) and not _has_standing(after):
        raise Conflict(LAST, code="last-representative")
    return after


class Rights(NamedTuple):
    """What somebody may do with a grant; `why_not` is why they may not change it, None when they
    may."""

    why_not: str | None
    may_remove: bool
    may_confirm: bool


def rights(book: Book, grant: Grant, *, actor: Actor, outside: bool) -> Rights:
    """What the actor may do with the grant as it is. `outside` as in Give."""

    def refused(act: Callable[[], object]) -> str | None:
        try:
            act()
        except Forbidden as error:
            return error.message
        return None

    touch = refused(lambda: _touch(book, grant, actor))
    again = partial(confirmed, book, grant.id, grant.version, actor=actor, now_ms=0)
    confirm = refused(lambda: again(outside=outside))
    change = OUTSIDERS if actor.is_blind and outside else None
    return Rights(touch or change, touch is None, confirm is None)


def may_grant(book: Book, role: str, *, actor: Actor) -> bool:
    """Whether the actor may give the role to somebody, in whatever scope."""
    if role == Role.MANAGING_PARTNER:
        return may(actor, Permission.ACCESS_DECIDE)
    held = [one.scope for one in actor.holdings if Permission.ACCESS_MANAGE in one.permissions]
    permissions = book.permissions(role)
    return any(is_held(actor, permissions, scope, ()) for scope in held) and not (
        is_only_operator(actor) and role != Role.OPERATOR
    )


def check_permissions(permissions: Iterable[Permission]) -> None:
    """Raises InvalidInput for permissions that an own role cannot have."""
    wrong = FIXED & frozenset(permissions)
    if wrong:
        told = ", ".join(sorted(wrong))
        raise InvalidInput(
            "These permissions are a part of built-in roles only.", fields={"permissions": told}
        )


def checked_role(book: Book, role: OwnRole, *, actor: Actor) -> Book:
    """The book with a new own role. Raises Forbidden, Conflict, InvalidInput."""
    check_permissions(role.permissions)
    _check_all_held(role.permissions, actor)
    if len(book.roles) >= MOST_ROLES:
        raise Conflict(f"There are {MOST_ROLES} roles already; remove one first.", code="too-many")
    _check_title(book, role.id, role.title)
    return book._replace(roles={**book.roles, role.id: role})


def without_role(book: Book, id: str, version: int, *, actor: Actor) -> Book:
    """The book without an own role that nobody holds. Raises NotFound, Conflict, Forbidden."""
    role = _role(book, id, version)
    if any(grant.terms.role == id for grant in book.grants.values()):
        raise Conflict("Somebody holds this role; take their grants back first.", code="in-use")
    _check_all_held(role.permissions, actor)
    return book._replace(roles={key: one for key, one in book.roles.items() if key != id})


def confirmed(
    book: Book, id: str, version: int, *, actor: Actor, now_ms: int, outside: bool = False
) -> Book:
    """The book with a grant confirmed again; one's own only as the last representative, whom
    nobody else could confirm. `outside` as in Give. Raises NotFound, Conflict, Forbidden."""
    grant = _grant(book, id, version)
    if actor.is_blind and outside:
        raise Forbidden(OUTSIDERS)
    alone = sum(map(is_standing, book.grants.values())) == 1
    if not (is_standing(grant) and alone and grant.holder.id == actor.person_id):
        _touch(book, grant, actor)
        # A customer says who goes on working here, not what operators may of the whole service.
        permissions = book.permissions(grant.terms.role) - OF_SERVICE
        if not is_held(actor, permissions, grant.terms.scope, ()):
            raise Forbidden(TOO_MUCH)
    renewed = grant._replace(
        version=version + 1, confirmed_by=actor.person_id, confirmed_at_ms=now_ms
    )
    return book._replace(grants={**book.grants, id: renewed})


def _given(book: Book, change: Give, actor: Actor, now_ms: int) -> Book:
    if len(book.grants) >= MOST_GRANTS:
        raise Conflict(f"There are {MOST_GRANTS} grants already.", code="too-many")
    _check_terms(book, change.terms, now_ms)
    _check_not_own(change.holder, actor)
    _check_partner(change.holder, change.terms, actor, now_ms)
    if actor.is_blind and change.outside:
        raise Forbidden(OUTSIDERS)
    _check_held(book, change.terms, actor, None)
    made = Grant(
        change.id,
        1,
        change.holder,
        change.terms,
        change.words,
        actor.person_id,
        now_ms,
        actor.person_id,
        now_ms,
    )
    if any((one.holder, one.terms) == (made.holder, made.terms) for one in book.grants.values()):
        raise Conflict("They hold exactly this already.", code="held-already")
    return book._replace(grants={**book.grants, made.id: made})


def _altered(book: Book, change: Alter, actor: Actor, now_ms: int) -> Book:
    grant = _grant(book, change.grant, change.version)
    _touch(book, grant, actor)
    if actor.is_blind and change.outside:
        raise Forbidden(OUTSIDERS)
    _check_terms(book, change.terms, now_ms)
    _check_partner(grant.holder, change.terms, actor, now_ms)
    _check_held(book, change.terms, actor, grant.terms)
    altered = grant._replace(
        version=grant.version + 1,
        terms=change.terms,
        words=change.words,
        confirmed_by=actor.person_id,
        confirmed_at_ms=now_ms,
    )
    return book._replace(grants={**book.grants, grant.id: altered})


def _taken(book: Book, change: Take, actor: Actor) -> Book:
    grant = _grant(book, change.grant, change.version)
    _touch(book, grant, actor)
    return book._replace(grants={id: one for id, one in book.grants.items() if id != grant.id})


def _recast(book: Book, change: Recast, actor: Actor) -> Book:
    role = _role(book, change.role, change.version)
    if change.role in actor.roles:
        raise Forbidden(OWN)
    check_permissions(change.permissions)
    title = role.title if change.title is None else change.title
    _check_title(book, role.id, title)
    added = change.permissions - role.permissions
    _check_all_held(added, actor)
    recast = OwnRole(role.id, role.version + 1, title, change.permissions)
    return book._replace(roles={**book.roles, role.id: recast})


def _grant(book: Book, id: str, version: int | None) -> Grant:
    grant = book.grants.get(id)
    if grant is None:
        raise NotFound(NO_GRANT)
    if version is not None and grant.version != version:
        raise Conflict(STALE)
    return grant


def _role(book: Book, id: str, version: int | None) -> OwnRole:
    role = book.roles.get(id)
    if role is None:
        if id in set(Role):
            raise Conflict("Built-in roles stay as they are.", code="built-in")
        raise NotFound(NO_ROLE)
    if version is not None and role.version != version:
        raise Conflict(STALE)
    return role


def _touch(book: Book, grant: Grant, actor: Actor) -> None:
    _check_not_own(grant.holder, actor)
    if any(one.grant == grant.id for one in actor.holdings):
        raise Forbidden(OWN)
    if not manages(actor, grant.terms.scope):
        raise Forbidden(BEYOND)
    role = grant.terms.role
    if role == Role.MANAGING_PARTNER and not may(actor, Permission.ACCESS_DECIDE):
        raise Forbidden(PARTNERS)
    if actor.is_blind and role in OUT_OF_REACH:
        raise Forbidden(NOT_A_PARTNERS)
    if is_only_operator(actor) and role != Role.OPERATOR:
        raise Forbidden(OPERATORS)


def _check_not_own(holder: Holder, actor: Actor) -> None:
    own_group = holder.kind is HolderKind.GROUP and holder.id in actor.groups
    if own_group or holder == Holder(HolderKind.PERSON, actor.person_id):
        raise Forbidden(OWN)


def _check_terms(book: Book, terms: Terms, now_ms: int) -> None:
    wrong = {}
    if terms.role not in set(Role) and terms.role not in book.roles:
        wrong["role"] = "there is no such role"
    if terms.expires_at_ms is not None and terms.expires_at_ms <= now_ms:
        wrong["expires_at"] = "must lie in the future"
    scope = terms.scope
    for name in ("boards", "queues", "channels"):
        if getattr(scope, name) == frozenset():
            wrong[f"scope.{name}"] = "name at least one, or leave it out for all"
    if wrong:
        raise InvalidInput("The grant has fields that cannot be.", fields=wrong)


def _check_partner(holder: Holder, terms: Terms, actor: Actor, now_ms: int) -> None:
    if terms.role != Role.MANAGING_PARTNER:
        return
    if not may(actor, Permission.ACCESS_DECIDE):
        raise Forbidden(PARTNERS)
    wrong = {}
    if holder.kind is not HolderKind.PERSON:
        wrong["holder"] = "a partner is let in as a person, never as a group"
    latest = now_ms + LONGEST_PARTNER_DAYS * DAY_MS
    if terms.expires_at_ms is None or terms.expires_at_ms > latest:
        wrong["expires_at"] = f"a partner is let in for at most {LONGEST_PARTNER_DAYS} days"
    if wrong:
        raise InvalidInput("A partner cannot be let in so.", fields=wrong)


def _check_held(book: Book, terms: Terms, actor: Actor, before: Terms | None) -> None:
    if is_only_operator(actor) and terms.role != Role.OPERATOR:
        raise Forbidden(OPERATORS)
    if actor.is_blind and terms.role in OUT_OF_REACH - {Role.MANAGING_PARTNER}:
        raise Forbidden(TOO_MUCH)
    if not manages(actor, terms.scope):
        raise Forbidden(TOO_MUCH)
    had: tuple[tuple[frozenset[Permission], Scope], ...] = ()
    if before is not None and _ends_no_later(terms, before):
        had = ((book.permissions(before.role), before.scope),)
    if not is_held(actor, book.permissions(terms.role), terms.scope, had):
        raise Forbidden(TOO_MUCH)


def _ends_no_later(terms: Terms, before: Terms) -> bool:
    if before.expires_at_ms is None:
        return True
    return terms.expires_at_ms is not None and terms.expires_at_ms <= before.expires_at_ms


def _check_all_held(permissions: frozenset[Permission], actor: Actor) -> None:
    """A role can be given in every scope, so it is made by who decides about all of them."""
    held = manages(actor, Scope()) and is_held(actor, permissions, Scope(), ())
    if not held or is_only_operator(actor):
        raise Forbidden(TOO_MUCH)


def _check_title(book: Book, id: str, title: str) -> None:
    taken = {one.title.casefold() for one in book.roles.values() if one.id != id}
    taken |= {book.title(role).casefold() for role in Role}
    if title.casefold() in taken:
        raise Conflict("There is a role of that name already.", code="name-taken")


def _has_standing(book: Book) -> bool:
    return any(map(is_standing, book.grants.values()))
