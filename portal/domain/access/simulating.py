"""Who would gain or lose what: two books beside each other."""

from collections.abc import Mapping
from typing import NamedTuple

from portal.domain.access import reach
from portal.domain.access.book import Book
from portal.domain.access.grants import SYSTEM, Holder, HolderKind, Member
from portal.domain.access.model import Holding
from portal.domain.access.reach import Lists, Reach, Universe


class Difference(NamedTuple):
    """What one holder gains and loses."""

    holder: Holder
    name: str
    gains: Lists
    loses: Lists


class Simulated(NamedTuple):
    """Who would gain or lose what; `refused` is what saving would be refused with."""

    differences: tuple[Difference, ...]
    refused: str | None


def held(book: Book, person_id: str, member: Member | None, now_ms: int) -> tuple[Holding, ...]:
    """Everything a person holds, their groups of the organisation's own tenant included."""
    groups = member.groups if member and member.tenant_id == book.tenant_id else frozenset[str]()
    return book.holdings(person_id, groups, now_ms)[0]


def differences(
    before: Book, after: Book, members: Mapping[str, Member], universe: Universe, now_ms: int
) -> tuple[Difference, ...]:
    """What each person and group reaches behind a change and not before it, and the other way."""
    holders = [Holder(HolderKind.PERSON, id) for id in members]
    holders += sorted(
        {
            grant.holder
            for book in (before, after)
            for grant in book.grants.values()
            if grant.holder.kind is HolderKind.GROUP
        }
    )
    found = []
    for holder in holders:
        then = _reached(before, holder, members, universe, now_ms)
        now = _reached(after, holder, members, universe, now_ms)
        gains, loses = reach.more(now, then), reach.more(then, now)
        if (gains, loses) != (reach.NOTHING, reach.NOTHING):
            found.append(Difference(holder, holder_name(after, holder, members), gains, loses))
    return tuple(found)


def _reached(
    book: Book, holder: Holder, members: Mapping[str, Member], universe: Universe, now_ms: int
) -> Reach:
    if holder.kind is HolderKind.GROUP:
        return reach.reached(book.holdings("", [holder.id], now_ms)[0], universe)
    return reach.reached(held(book, holder.id, members.get(holder.id), now_ms), universe)


def person_name(person_id: str, members: Mapping[str, Member]) -> str:
    """What a person is called; their id when nobody knows."""
    if person_id == SYSTEM:
        return "Switchroom"
    return members[person_id].name if person_id in members else person_id


def holder_name(book: Book, holder: Holder, members: Mapping[str, Member]) -> str:
    """What a holder is called; a group as it was when it was given something."""
    if holder.kind is HolderKind.PERSON:
        return person_name(holder.id, members)
    names = (one.words.name for one in book.grants.values() if one.holder == holder)
    return next((name for name in names if name), holder.id)
