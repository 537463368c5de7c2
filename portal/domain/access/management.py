"""What people can do with roles and grants. Every change is judged on the newest state, written
with its audit events in one batch, and asks for a recent second factor."""

from collections.abc import Mapping, Sequence

from portal.domain.access import documents as stored
from portal.domain.access import granting
from portal.domain.access.book import Book
from portal.domain.access.directory import put
from portal.domain.access.documents import MEMBER
from portal.domain.access.granting import Alter, Change, Give, Recast, Take
from portal.domain.access.grants import (
    Holder,
    HolderKind,
    Member,
    OwnRole,
    Terms,
    Words,
)
from portal.domain.access.looking import NO_PERSON, Looking, Newcomer
from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import BLIND, require, require_recent_proof
from portal.domain.access.shelf import Changed
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Document, Write
from portal.domain.shared.errors import Conflict, Forbidden, NotFound

LENT = (
    "What break-glass lends for a while does not let you say who an agent is. Ask your "
    "organisation's Authorized Customer Representative."
)


class Management(Looking):
    """Looking, and changing."""

    # --- roles --------------------------------------------------------------------------

    async def create_role(
        self, title: str, permissions: frozenset[Permission], *, actor: Actor
    ) -> str:
        """A role of the organisation's own; its id. Forbidden, Conflict, InvalidInput,
        StepUpRequired."""
        self._may_change(actor)
        role = OwnRole(self._ids.new(), 1, title, permissions)

        def change(book: Book) -> Changed:
            after = granting.checked_role(book, role, actor=actor)
            facts: dict[str, Fact] = {"permissions": len(permissions)}
            return Changed(after, [Event(Action.ROLE_CREATED, actor.person_id, role.id, facts)])

        await self._shelf.change(actor.organization, change)
        return role.id

    async def change_role(
        self,
        id: str,
        title: str,
        permissions: frozenset[Permission],
        *,
        version: int,
        actor: Actor,
    ) -> None:
        """Another title and other permissions. Forbidden, NotFound, Conflict, InvalidInput,
        StepUpRequired."""
        self._may_change(actor)
        recast = Recast(id, permissions, title, version)
        await self._change(actor, [(recast, Action.ROLE_CHANGED, id)])

    async def remove_role(self, id: str, *, version: int, actor: Actor) -> None:
        """Ends a role that nobody holds. As `change_role`."""
        self._may_change(actor)

        def change(book: Book) -> Changed:
            after = granting.without_role(book, id, version, actor=actor)
            return Changed(after, [Event(Action.ROLE_REMOVED, actor.person_id, id)])

        await self._shelf.change(actor.organization, change)

    # --- grants -------------------------------------------------------------------------

    async def grant(
        self, holder: Newcomer | Holder, terms: Terms, words: Words, *, actor: Actor
    ) -> str:
        """Gives a role; the grant's id. Forbidden, NotFound for an unknown person, Conflict,
        InvalidInput, StepUpRequired."""
        self._may_change(actor)
        tenancy, book = await self._book(actor)
        known, member = await self._holder(tenancy, holder, words.name)
        give = Give(
            self._ids.new(), known, terms, words, outside=self._is_outside(book, known, member)
        )
        granting.changed(book, give, actor=actor, now_ms=self._clock.now_ms())
        writes = [] if member is None else await self._made_known(tenancy, member)
        if known.kind is HolderKind.PERSON:
            await self._directory.admit(known.id, [actor.organization])
        await self._change(actor, [(give, Action.ACCESS_GRANTED, give.id)], writes)
        return give.id

    async def alter(
        self, id: str, terms: Terms, words: Words, *, version: int, actor: Actor
    ) -> None:
        """Other terms for a grant. As `grant`."""
        self._may_change(actor)
        book = await self._shelf.book(actor.organization)
        outside = False
        if id in book.grants:
            words = words._replace(name=book.grants[id].words.name)
            holder = book.grants[id].holder
            member = await self._directory.member(actor.organization, holder.id)
            outside = self._is_outside(book, holder, member)
        alter = Alter(id, terms, words, version, outside)
        await self._change(actor, [(alter, Action.ACCESS_CHANGED, id)])

    async def revoke(self, id: str, *, version: int, actor: Actor) -> None:
        """Ends a grant. As `grant`."""
        self._may_change(actor)
        await self._change(actor, [(Take(id, version), Action.ACCESS_REVOKED, id)])

    # --- people -------------------------------------------------------------------------

    async def set_agent_keys(
        self, person_id: str, agent_keys: Mapping[str, str], *, version: int, actor: Actor
    ) -> None:
        """Says which agents of the sources a person is: whose figures are their own. Needs the
        right to see identities, and one that outlasts a break-glass; nobody says it of themselves.
        Forbidden, NotFound, Conflict, StepUpRequired."""
        self._may_change(actor)
        require(actor, Permission.IDENTITIES_VIEW)
        if any(one.role in BLIND for one in actor.holdings):
            raise Forbidden(LENT)
        if person_id == actor.person_id:
            raise Forbidden(granting.OWN)
        tenancy = await self._organizations.get(actor.organization)
        found = await self._documents.get(tenancy.partition, MEMBER, person_id)
        if found is None:
            raise NotFound(NO_PERSON)
        member = stored.member(person_id, found.body, tenancy.keyring)
        if member.version != version:
            raise Conflict(granting.STALE)
        changed = member._replace(version=version + 1, agent_keys=dict(agent_keys))
        writes = [put(MEMBER, found, person_id, stored.member_body(changed, tenancy.keyring))]
        event = Event(
            Action.AGENT_KEYS_SET, actor.person_id, person_id, {"sources": len(agent_keys)}
        )
        await self._shelf.change(actor.organization, lambda book: Changed(book, [event], writes))

    # --- reviews ------------------------------------------------------------------------

    async def confirm(self, grants: Sequence[tuple[str, int]], *, actor: Actor) -> None:
        """Confirms that the grants, each of that version, go on being right: all or none.
        Forbidden, NotFound, Conflict, StepUpRequired."""
        self._may_change(actor)
        now_ms = self._clock.now_ms()
        tenancy, known = await self._book(actor)
        members = await self._members(tenancy) if actor.is_blind else {}
        outside = {
            id
            for id, grant in known.grants.items()
            if actor.is_blind
            and self._is_outside(known, grant.holder, members.get(grant.holder.id))
        }

        def change(book: Book) -> Changed:
            events = []
            for id, version in grants:
                book = granting.confirmed(
                    book, id, version, actor=actor, now_ms=now_ms, outside=id in outside
                )
                events.append(Event(Action.ACCESS_CONFIRMED, actor.person_id, id))
            return Changed(book, events)

        await self._shelf.change(actor.organization, change)

    # --- inside -------------------------------------------------------------------------

    def _may_change(self, actor: Actor) -> None:
        require(actor, Permission.ACCESS_MANAGE)
        require_recent_proof(actor, now_ms=self._clock.now_ms(), max_age_s=self._proof_s)

    async def _change(
        self,
        actor: Actor,
        changes: Sequence[tuple[Change, Action, str]],
        writes: Sequence[Write] = (),
    ) -> None:
        now_ms = self._clock.now_ms()

        def change(book: Book) -> Changed:
            events = []
            for one, action, target in changes:
                book = granting.changed(book, one, actor=actor, now_ms=now_ms)
                events.append(Event(action, actor.person_id, target, _facts(one)))
            return Changed(book, events, writes)

        await self._shelf.change(actor.organization, change)

    async def _made_known(self, tenancy: Tenancy, member: Member) -> list[Write]:
        if member.version:
            return []
        found: Document | None = None
        body = stored.member_body(member._replace(version=1), tenancy.keyring)
        return [put(MEMBER, found, member.person_id, body)]


def _facts(change: Change) -> dict[str, Fact]:
    """What the trail says of a change: ids and counts, no words of people."""
    if isinstance(change, Recast):
        return {"permissions": len(change.permissions)}
    if isinstance(change, Take):
        return {}
    scope = change.terms.scope
    facts: dict[str, Fact] = {"role": change.terms.role}
    if isinstance(change, Give):
        facts |= {"holder": change.holder.id, "holder_kind": change.holder.kind.value}
    for name in ("boards", "queues", "channels", "details"):
        chosen = getattr(scope, name)
        if chosen is not None:
            facts[name] = ",".join(sorted(chosen))
    if change.terms.expires_at_ms is not None:
        facts["expires_at_ms"] = change.terms.expires_at_ms
    return facts
