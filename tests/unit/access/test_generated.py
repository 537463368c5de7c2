"""Every role, holder, scope and change that can be drawn, against what must hold of all."""

import itertools
import os
from collections.abc import Callable
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.access import granting, rules
from portal.domain.access.book import Book
from portal.domain.access.granting import Alter, Change, Give, Recast, Take
from portal.domain.access.grants import (
    DAY_MS,
    Grant,
    Holder,
    HolderKind,
    OwnRole,
    ReviewTerms,
    Terms,
    Words,
    is_standing,
)
from portal.domain.access.model import Actor, Board, Detail, Holding, Permission, Role, Scope
from portal.domain.shared.errors import DomainError

CASES = int(os.environ.get("ACCESS_CASES", "2000"))
NOW_MS = 1_000 * DAY_MS
PEOPLE = ("ann", "bob", "cas", "dee")
GROUPS = ("g-1", "g-2")
QUEUES, CHANNELS = ("q1", "q2"), ("voice", "chat")
OWN = "own-role"
WORDS = Words("why")


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(st.sampled_from(values), min_size=1)


scopes = st.one_of(
    st.just(Scope()),
    st.builds(
        Scope,
        boards=st.none() | st.frozensets(st.sampled_from(Board), min_size=1),
        queues=some(QUEUES),
        channels=some(CHANNELS),
        details=st.none() | st.frozensets(st.sampled_from(Detail)),
    ),
)
ends = st.none() | st.sampled_from([NOW_MS - DAY_MS, NOW_MS + DAY_MS, NOW_MS + 400 * DAY_MS])
terms = st.builds(Terms, st.sampled_from([*(r.value for r in Role), OWN]), scopes, ends)
holders = st.one_of(
    st.sampled_from([Holder(HolderKind.PERSON, one) for one in PEOPLE]),
    st.sampled_from([Holder(HolderKind.GROUP, one) for one in GROUPS]),
)
permissions = st.frozensets(st.sampled_from(Permission), max_size=6)
numbers = st.integers(0, 6)


@st.composite
def books(draw: st.DrawFn) -> Book:
    grants = {}
    standing = Terms(Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE, Scope(), None)
    drawn = draw(st.lists(st.tuples(holders, terms), max_size=6))
    for number, (holder, given_terms) in enumerate(
        [(Holder(HolderKind.PERSON, draw(st.sampled_from(PEOPLE))), standing), *drawn]
    ):
        id = f"grant-{number}"
        grants[id] = Grant(id, 1, holder, given_terms, WORDS, "x", NOW_MS, "x", NOW_MS)
    own = draw(permissions) - granting.FIXED
    return Book(1, "e", {OWN: OwnRole(OWN, 1, "Own", own)}, grants, {}, ReviewTerms(), "tenant")


changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Give, st.just("new"), holders, terms, st.just(WORDS), st.booleans()),
    st.builds(Alter, numbers.map(lambda n: f"grant-{n}"), terms, st.just(WORDS), st.none()),
    st.builds(Take, numbers.map(lambda n: f"grant-{n}"), st.none()),
    st.builds(Recast, st.just(OWN), permissions),
)
groups = {"ann": frozenset({"g-1"}), "bob": frozenset({"g-1", "g-2"})}


def held(book: Book, person: str) -> tuple[Holding, ...]:
    return book.holdings(person, groups.get(person, frozenset()), NOW_MS)[0]


def atoms(holdings: tuple[Holding, ...]) -> set[tuple[object, ...]]:
    """Everything the holdings let somebody do and see, piece by piece."""
    found: set[tuple[object, ...]] = set()
    for one in holdings:
        scope = one.scope
        for board, queue, channel in itertools.product(Board, QUEUES, CHANNELS):
            if (
                (scope.boards is not None and board not in scope.boards)
                or (scope.queues is not None and queue not in scope.queues)
                or (scope.channels is not None and channel not in scope.channels)
            ):
                continue
            found |= {(each, board, queue, channel) for each in one.permissions}
            if Permission.AGENTS_VIEW in one.permissions:
                found.add((Permission.AGENTS_VIEW_OWN, board, queue, channel))
            found |= {
                (detail, board, queue, channel)
                for detail, need in rules.DETAILS.items()
                if need in one.permissions and (scope.details is None or detail in scope.details)
            }
    return found


@given(books(), st.sampled_from(PEOPLE), st.lists(changes, min_size=1, max_size=4))
@settings(max_examples=CASES, deadline=None)
def test_no_change_gives_more_than_the_changer_holds(
    book: Book, changer: str, wanted: list[Change]
) -> None:
    holdings = held(book, changer)
    if not holdings:
        return
    own = groups.get(changer, frozenset[str]())
    actor = Actor(changer, changer, "harbour", holdings, ("harbour",), groups=own)
    for number, change in enumerate(wanted):
        named = change._replace(id=f"new-{number}") if isinstance(change, Give) else change
        before = book
        try:
            book = granting.changed(book, named, actor=actor, now_ms=NOW_MS)
        except DomainError:
            continue
        assert rules.may(actor, Permission.ACCESS_MANAGE)
        assert held(book, changer) == held(before, changer), "nobody changes their own"
        assert any(map(is_standing, book.grants.values())), "a representative is left"
        mine = atoms(holdings)
        for person in PEOPLE:
            gained = atoms(held(book, person)) - atoms(held(before, person))
            assert gained <= mine, f"{person} gained {gained - mine}"
        _check_partners(before, book, actor)


def _check_partners(before: Book, after: Book, actor: Actor) -> None:
    decides = rules.may(actor, Permission.ACCESS_DECIDE)
    for id in before.grants.keys() | after.grants.keys():
        then, now = before.grants.get(id), after.grants.get(id)
        if then == now:
            continue
        for one in (then, now):
            if one is not None and one.terms.role == Role.MANAGING_PARTNER:
                assert decides, "partners are the representatives' to let in"
        if now is not None and now.terms.role == Role.MANAGING_PARTNER:
            assert now.holder.kind is HolderKind.PERSON
            assert now.terms.expires_at_ms is not None
            assert now.terms.expires_at_ms <= NOW_MS + 366 * DAY_MS


def _is_forbidden(act: Callable[[], object]) -> bool:
    try:
        act()
    except DomainError as error:
        return error.code == "forbidden"
    return False


@given(books(), st.sampled_from(PEOPLE), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_grant_says_it_refuses_it_refuses(book: Book, changer: str, outside: bool) -> None:
    holdings = held(book, changer)
    if not holdings:
        return
    own = groups.get(changer, frozenset[str]())
    actor = Actor(changer, changer, "harbour", holdings, ("harbour",), groups=own)
    for grant in book.grants.values():
        said = granting.rights(book, grant, actor=actor, outside=outside)
        change = partial(granting.changed, book, actor=actor, now_ms=NOW_MS)
        confirm = partial(granting.confirmed, book, grant.id, grant.version)
        assert said.may_remove is not _is_forbidden(partial(change, Take(grant.id)))
        confirming = partial(confirm, actor=actor, now_ms=NOW_MS, outside=outside)
        assert said.may_confirm is not _is_forbidden(confirming)
        if said.why_not is not None:
            same = Alter(grant.id, grant.terms, WORDS, outside=outside)
            assert _is_forbidden(partial(change, same))
