"""Break-glass: somebody blind asks to see identities for a while, a representative decides."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from portal.domain.access.book import Book
from portal.domain.access.directory import Directory
from portal.domain.access.granting import STALE
from portal.domain.access.grants import BreakGlass, Stage
from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import LIFTED, contains, may, require, require_recent_proof
from portal.domain.access.shelf import Changed, Shelf
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.errors import Conflict, Forbidden, NotFound

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 480
MOST_KEPT = 200
NO_REQUEST = "There is no such request."
SEEING = (
    "Partners ask for this. Ask your organisation's Authorized Customer Representative if you need "
    "to see more."
)

BEYOND = (
    "This would show more than you decide about. Ask an Authorized Customer Representative for "
    "the whole organisation."
)


class ListedGlass(NamedTuple):
    """A request as it is listed at a moment."""

    request: BreakGlass
    stage: Stage
    name: str
    decided_by: str
    may_decide: bool
    may_end: bool


class Breaking:
    """Requests of one organisation at a time. `proof_s` as in Management."""

    def __init__(
        self, *, shelf: Shelf, directory: Directory, clock: Clock, ids: Ids, proof_s: float
    ) -> None:
        self._shelf = shelf
        self._directory = directory
        self._clock = clock
        self._ids = ids
        self._proof_s = proof_s

    async def ask(self, reason: str, minutes: int, *, actor: Actor) -> str:
        """A request that waits for a day; its id. Forbidden for somebody who is not blind,
        Conflict while another of theirs waits or works."""
        require(actor, Permission.DASHBOARDS_VIEW)
        now_ms = self._clock.now_ms()
        made = BreakGlass(self._ids.new(), 1, actor.person_id, reason, minutes, now_ms)

        def change(book: Book) -> Changed:
            for one in book.glass.values():
                if one.person_id == actor.person_id and one.at(now_ms) in OPEN:
                    raise Conflict("Your last request is still open.", code="still-open")
            facts: dict[str, Fact] = {"minutes": minutes}
            event = Event(Action.BREAK_GLASS_ASKED, actor.person_id, made.id, facts)
            return Changed(_with(book, made), [event])

        if not actor.is_blind:
            raise Forbidden(SEEING)
        await self._shelf.change(actor.organization, change)
        return made.id

    async def requests(self, *, actor: Actor) -> tuple[ListedGlass, ...]:
        """Requests, newest first: all for who decides, else one's own. Forbidden."""
        require(actor, Permission.DASHBOARDS_VIEW)
        book, now_ms = await self._shelf.book(actor.organization), self._clock.now_ms()
        decides = may(actor, Permission.ACCESS_DECIDE)
        found = [one for one in book.glass.values() if decides or one.person_id == actor.person_id]
        names = await self._names(actor.organization, found)
        listed = []
        for one in sorted(found, key=lambda one: (-one.asked_at_ms, one.id)):
            stage, own = one.at(now_ms), one.person_id == actor.person_id
            listed.append(
                ListedGlass(
                    one,
                    stage,
                    names.get(one.person_id, one.person_id),
                    names.get(one.decided_by, one.decided_by),
                    stage is Stage.ASKED and not own and may_lift(book, one, actor, now_ms),
                    (own or decides) and stage in OPEN,
                )
            )
        return tuple(listed)

    async def decide(self, id: str, *, approve: bool, version: int, actor: Actor) -> None:
        """Lifts the asker's blindness for as long as they asked, or does not. Forbidden (also for
        one's own, and for more than one sees oneself), NotFound, Conflict, StepUpRequired."""
        require(actor, Permission.ACCESS_DECIDE)
        now_ms = self._clock.now_ms()
        require_recent_proof(actor, now_ms=now_ms, max_age_s=self._proof_s)
        action = Action.BREAK_GLASS_APPROVED if approve else Action.BREAK_GLASS_REFUSED

        def decided(book: Book, one: BreakGlass) -> BreakGlass:
            if one.person_id == actor.person_id:
                raise Forbidden("Somebody else has to decide about your own request.")
            if not may_lift(book, one, actor, now_ms):
                raise Forbidden(BEYOND)
            if one.at(now_ms) is not Stage.ASKED:
                raise Conflict("This request does not wait any more.")
            return one._replace(
                version=one.version + 1,
                stage=Stage.APPROVED if approve else Stage.REFUSED,
                decided_by=actor.person_id,
                decided_at_ms=now_ms,
                until_ms=now_ms + one.minutes * 60_000 if approve else 0,
            )

        await self._shelf.change(actor.organization, _changing(id, version, decided, action, actor))

    async def end(self, id: str, *, version: int, actor: Actor) -> None:
        """Takes a request back, or ends what it lifted: one's own, or any for who decides.
        Forbidden, NotFound, Conflict."""
        require(actor, Permission.DASHBOARDS_VIEW)
        now_ms = self._clock.now_ms()

        def ended(_: Book, one: BreakGlass) -> BreakGlass:
            if one.person_id != actor.person_id and not may(actor, Permission.ACCESS_DECIDE):
                raise NotFound(NO_REQUEST)
            if one.at(now_ms) not in OPEN:
                raise Conflict("This request is over already.")
            return one._replace(version=one.version + 1, stage=Stage.ENDED)

        change = _changing(id, version, ended, Action.BREAK_GLASS_ENDED, actor)
        await self._shelf.change(actor.organization, change)

    async def _names(self, organization: str, found: list[BreakGlass]) -> Mapping[str, str]:
        names = {}
        for person_id in {one.person_id for one in found} | {one.decided_by for one in found}:
            member = await self._directory.member(organization, person_id) if person_id else None
            if member is not None:
                names[person_id] = member.name
        return names


OPEN = frozenset({Stage.ASKED, Stage.APPROVED})


def may_lift(book: Book, one: BreakGlass, actor: Actor, now_ms: int) -> bool:
    """Whether the actor decides about, and sees, everything that the asker would see."""
    needed = LIFTED | {Permission.ACCESS_DECIDE}
    deciding = [held.scope for held in actor.holdings if needed <= held.permissions]
    asked = [
        grant.terms.scope
        for grant in book.working(now_ms)
        if grant.holder.id == one.person_id and book.is_blind(grant.terms.role)
    ]
    return bool(deciding) and all(any(contains(own, scope) for own in deciding) for scope in asked)


def _changing(
    id: str,
    version: int,
    change: Callable[[Book, BreakGlass], BreakGlass],
    action: Action,
    actor: Actor,
) -> Callable[[Book], Changed]:
    def changed(book: Book) -> Changed:
        one = book.glass.get(id)
        if one is None:
            raise NotFound(NO_REQUEST)
        after = change(book, one)
        if one.version != version:
            raise Conflict(STALE)
        return Changed(_with(book, after), [Event(action, actor.person_id, id)])

    return changed


def _with(book: Book, one: BreakGlass) -> Book:
    """The book with the request; the oldest beyond MOST_KEPT are forgotten, the trail has them."""
    glass = {**book.glass, one.id: one}
    newest = sorted(glass.values(), key=lambda kept: -kept.asked_at_ms)[:MOST_KEPT]
    return book._replace(glass={kept.id: kept for kept in newest})
