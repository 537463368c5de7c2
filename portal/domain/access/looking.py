"""Looking at roles and grants: who holds what, why somebody sees it, what a change would do."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from portal.domain.access import documents as stored
from portal.domain.access import granting, reach, rules
from portal.domain.access.book import Book
from portal.domain.access.directory import Directory
from portal.domain.access.documents import MEMBER
from portal.domain.access.granting import Alter, Change, Give, Recast, Rights, Take
from portal.domain.access.grants import (
    DAY_MS,
    Grant,
    Holder,
    HolderKind,
    Member,
    ReviewTerms,
    State,
    Terms,
    Words,
)
from portal.domain.access.model import Actor, Permission, Role
from portal.domain.access.reach import Reach, Universe
from portal.domain.access.rules import require
from portal.domain.access.shelf import Shelf
from portal.domain.access.simulating import (
    Simulated,
    differences,
    held,
    holder_name,
    person_name,
)
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import DomainError, InvalidInput, NotFound

MOST_MEMBERS = 5000
SOON_MS = 14 * DAY_MS
NO_PERSON = "There is no such person in this organisation."


class ListedRole(NamedTuple):
    """A role as it is listed; built-in ones have version 0."""

    id: str
    version: int
    title: str
    blind: bool
    permissions: frozenset[Permission]
    grants: int
    may_grant: bool


class ListedGrant(NamedTuple):
    """A grant as it is listed; `rights` are the caller's."""

    grant: Grant
    holder_name: str
    role_title: str
    blind: bool
    permissions: frozenset[Permission]
    granted_by: str
    confirmed_by: str
    review_at_ms: int
    lapses_at_ms: int
    state: State
    rights: Rights


class Effective(NamedTuple):
    """What a person reaches, and the grants that cause it."""

    person_id: str
    name: str
    blind: bool
    reach: Reach
    grants: tuple[ListedGrant, ...]


class Newcomer(NamedTuple):
    """Somebody to be given their first grant: a person of ours, or an account of a tenant."""

    person_id: str
    tenant_id: str = ""
    object_id: str = ""
    name: str = ""


class Looking:
    """Roles and grants of one organisation at a time, as they are and as they would be. `proof_s`
    is how recent a second factor must be for a change, in seconds."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        shelf: Shelf,
        directory: Directory,
        audit: Audit,
        clock: Clock,
        ids: Ids,
        proof_s: float,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._shelf = shelf
        self._directory = directory
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._proof_s = proof_s

    async def revision(self, *, actor: Actor) -> int:
        """Grows with every change of access in the organisation; anybody in it may know."""
        return (await self._shelf.book(actor.organization)).revision

    def known_revision(self, organization: str) -> int | None:
        """The revision without asking the store; None when it was not read lately."""
        book = self._shelf.kept(organization)
        return None if book is None else book.revision

    async def roles(self, *, actor: Actor) -> tuple[ListedRole, ...]:
        """Every role, the built-in ones first. Forbidden."""
        require(actor, Permission.ACCESS_VIEW)
        book = await self._shelf.book(actor.organization)
        used: dict[str, int] = {}
        for grant in book.grants.values():
            used[grant.terms.role] = used.get(grant.terms.role, 0) + 1
        own = sorted(book.roles.values(), key=lambda one: one.title.casefold())
        return tuple(
            ListedRole(
                id,
                version,
                book.title(id),
                book.is_blind(id),
                book.permissions(id),
                used.get(id, 0),
                granting.may_grant(book, id, actor=actor),
            )
            for id, version in [(role.value, 0) for role in rules.RANKED]
            + [(role.id, role.version) for role in own]
        )

    async def grants(
        self, *, actor: Actor, person: str | None = None, role: str | None = None
    ) -> tuple[int, tuple[ListedGrant, ...]]:
        """The revision, and the grants by holder; of one person (theirs and their groups'), of one
        role. Forbidden."""
        require(actor, Permission.ACCESS_VIEW)
        tenancy, book = await self._book(actor)
        members = await self._members(tenancy)
        wanted = _holders(person, members.get(person or "")) if person else None
        found = [
            grant
            for grant in book.grants.values()
            if (wanted is None or grant.holder in wanted) and role in {None, grant.terms.role}
        ]
        return book.revision, self._listed(book, found, members, actor)

    async def people(self, *, actor: Actor) -> tuple[Member, ...]:
        """Everybody known in the organisation, by name. Somebody blind is not told keys as agents,
        nor who is known without holding anything: they may have reported something. Forbidden."""
        require(actor, Permission.ACCESS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        shown = list((await self._members(tenancy)).values())
        if actor.is_blind:
            book, now_ms = await self._shelf.book(actor.organization), self._clock.now_ms()
            held = (m for m in shown if book.holdings(m.person_id, m.groups, now_ms)[0])
            shown = [one._replace(agent_keys={}) for one in held]
        return tuple(sorted(shown, key=lambda one: (one.name.casefold(), one.person_id)))

    async def due(self, *, actor: Actor) -> tuple[ReviewTerms, tuple[ListedGrant, ...]]:
        """How often grants are confirmed, and those overdue, lapsed or due within two weeks, the
        most urgent first. Forbidden."""
        require(actor, Permission.ACCESS_VIEW)
        book = await self._shelf.book(actor.organization)
        soon = self._clock.now_ms() + SOON_MS
        _, listed = await self.grants(actor=actor)
        due = [one for one in listed if one.review_at_ms < soon and one.state is not State.EXPIRED]
        return book.review, tuple(sorted(due, key=lambda one: one.review_at_ms))

    async def matrix(self, *, actor: Actor) -> tuple[int, tuple[ListedGrant, ...]]:
        """Every grant for an export, which is audited. Forbidden."""
        revision, listed = await self.grants(actor=actor)
        tenancy = await self._organizations.get(actor.organization)
        facts: dict[str, Fact] = {"grants": len(listed), "revision": revision}
        event = Event(Action.ACCESS_EXPORTED, actor.person_id, actor.organization, facts)
        await self._audit.commit(tenancy.partition, [event])
        return revision, listed

    async def effective(self, person_id: str, universe: Universe, *, actor: Actor) -> Effective:
        """Why the person can see what they see; one's own anybody may know. Forbidden, NotFound."""
        if person_id != actor.person_id:
            require(actor, Permission.ACCESS_VIEW)
        tenancy, book = await self._book(actor)
        members = await self._members(tenancy)
        holders = _holders(person_id, members.get(person_id))
        found = [grant for grant in book.grants.values() if grant.holder in holders]
        if not found and person_id not in members:
            raise NotFound(NO_PERSON)
        holdings = held(book, person_id, members.get(person_id), self._clock.now_ms())
        name = members[person_id].name if person_id in members else ""
        return Effective(
            person_id,
            name,
            any(one.blind for one in holdings),
            reach.reached(holdings, universe),
            self._listed(book, found, members, actor),
        )

    async def simulate(
        self,
        changes: Sequence[Change | tuple[Newcomer | Holder, Terms, Words]],
        universe: Universe,
        *,
        actor: Actor,
    ) -> Simulated:
        """What would come of the changes; nothing is stored. The first that would be refused ends
        it, and what those before it do is told. Forbidden."""
        require(actor, Permission.ACCESS_MANAGE)
        tenancy, before = await self._book(actor)
        members = dict(await self._members(tenancy))
        after, refused = before, None
        now_ms = self._clock.now_ms()
        for number, wanted in enumerate(changes):
            try:
                change = await self._as_change(tenancy, before, wanted, members, number)
                after = granting.changed(after, change, actor=actor, now_ms=now_ms)
            except DomainError as error:
                refused = error.message
                break
        return Simulated(differences(before, after, members, universe, now_ms), refused)

    # --- inside -------------------------------------------------------------------------

    async def _book(self, actor: Actor) -> tuple[Tenancy, Book]:
        tenancy = await self._organizations.get(actor.organization)
        return tenancy, await self._shelf.book(actor.organization)

    async def _members(self, tenancy: Tenancy) -> Mapping[str, Member]:
        found: dict[str, Member] = {}
        cursor = None
        while len(found) < MOST_MEMBERS:
            page = await self._documents.query(tenancy.partition, MEMBER, cursor=cursor, limit=500)
            for one in page.documents:
                found[one.id] = stored.member(one.id, one.body, tenancy.keyring)
            cursor = page.next
            if cursor is None:
                break
        return found

    async def _holder(
        self, tenancy: Tenancy, holder: Newcomer | Holder, name: str
    ) -> tuple[Holder, Member | None]:
        """The holder, and the person as a member, known or to be made known. NotFound for an id
        that nobody has; InvalidInput for neither an id nor an account."""
        if isinstance(holder, Holder):
            if holder.kind is HolderKind.GROUP and not (await self._own_tenant(tenancy)):
                wrong = "groups count once the organisation has its Microsoft tenant"
                raise InvalidInput("A group cannot hold it yet.", fields={"holder": wrong})
            return holder, None
        person_id = holder.person_id
        if person_id and (holder.tenant_id or holder.object_id):
            # An account beside the id could pass somebody of elsewhere off as of this tenant.
            wrong = "name the person by their id or by their account, not by both"
            raise InvalidInput("One person is named twice.", fields={"holder": wrong})
        if not person_id:
            if not (holder.tenant_id and holder.object_id):
                wrong = "name the person, or their tenant and object id"
                raise InvalidInput("Nobody is named.", fields={"holder": wrong})
            person_id = rules.account_id(holder.tenant_id, holder.object_id)
        known = await self._directory.member(tenancy.organization.code, person_id)
        if known is None and not holder.object_id:
            raise NotFound(NO_PERSON)
        made = known or Member(
            person_id, 0, holder.name or name, holder.tenant_id, holder.object_id
        )
        return Holder(HolderKind.PERSON, person_id), made

    async def _own_tenant(self, tenancy: Tenancy) -> str:
        return (await self._shelf.book(tenancy.organization.code)).tenant_id

    def _is_outside(self, book: Book, holder: Holder, member: Member | None) -> bool:
        """Whether the holder is not one of the customer's own people: of another tenant, or let in
        as a partner or operator."""
        theirs = {grant.terms.role for grant in book.grants.values() if grant.holder == holder}
        if theirs & {Role.MANAGING_PARTNER, Role.OPERATOR}:
            return True
        return member is not None and bool(book.tenant_id) and member.tenant_id != book.tenant_id

    async def _as_change(
        self,
        tenancy: Tenancy,
        book: Book,
        wanted: Change | tuple[Newcomer | Holder, Terms, Words],
        members: dict[str, Member],
        number: int,
    ) -> Change:
        if isinstance(wanted, Alter) and wanted.grant in book.grants:
            holds = book.grants[wanted.grant].holder
            return wanted._replace(outside=self._is_outside(book, holds, members.get(holds.id)))
        if isinstance(wanted, Give | Alter | Take | Recast):
            return wanted
        holder, terms, words = wanted
        known, member = await self._holder(tenancy, holder, words.name)
        if member is not None:
            members.setdefault(member.person_id, member)
        outside = self._is_outside(book, known, member)
        return Give(f"simulated-{number}", known, terms, words, outside=outside)

    def _rights(
        self, book: Book, grant: Grant, members: Mapping[str, Member], actor: Actor
    ) -> Rights:
        holder = grant.holder
        outside = actor.is_blind and self._is_outside(book, holder, members.get(holder.id))
        return granting.rights(book, grant, actor=actor, outside=outside)

    def _listed(
        self, book: Book, found: Sequence[Grant], members: Mapping[str, Member], actor: Actor
    ) -> tuple[ListedGrant, ...]:
        states = book.states(self._clock.now_ms())
        managing = rules.may(actor, Permission.ACCESS_MANAGE)
        listed = (
            ListedGrant(
                grant,
                holder_name(book, grant.holder, members),
                book.title(grant.terms.role),
                book.is_blind(grant.terms.role),
                book.permissions(grant.terms.role),
                person_name(grant.granted_by, members),
                person_name(grant.confirmed_by, members),
                book.review.review_at_ms(grant),
                book.review.lapses_at_ms(grant),
                states[grant.id],
                self._rights(book, grant, members, actor) if managing else NO_RIGHTS,
            )
            for grant in found
        )
        return tuple(
            sorted(listed, key=lambda one: (one.holder_name.casefold(), one.grant.granted_at_ms))
        )


NO_RIGHTS = Rights("Deciding who may see what is not a part of your role here.", False, False)


def _holders(person_id: str, member: Member | None) -> set[Holder]:
    groups = member.groups if member else frozenset[str]()
    return {Holder(HolderKind.PERSON, person_id)} | {Holder(HolderKind.GROUP, g) for g in groups}
