"""`who can see`: who reaches a queue or a dashboard, and what one person reaches, for those who may
see who may see what. Answered in the asker's own chat wherever they ask."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from bot.cards import access as cards
from bot.cards.access import Holder
from bot.cards.elements import Card
from bot.channel.turn import Answer, Show, ShowPrivately
from bot.context import Asker, Desk
from bot.messages import CATALOGUES, Words
from bot.reading import Named, choose
from portal.domain.access import reach
from portal.domain.access.grants import WORKING, HolderKind
from portal.domain.access.looking import ListedGrant
from portal.domain.access.model import Board, Detail, Holding, Permission, Role
from portal.domain.access.reach import Reach, Universe
from portal.domain.access.rules import may, require
from portal.domain.contacts.model import Channel

SEPARATOR: Final = ":"
QUEUE, BOARD, PERSON = "queue", "board", "person"
MOST_NAMES: Final = 12
"""Queues of a person that are named one by one."""


async def who_can_see(desk: Desk, asker: Asker, wanted: str) -> Sequence[Answer]:
    """Who sees a queue, a dashboard or, without either, any dashboard; of a person what they see.
    Forbidden."""
    require(asker.actor, Permission.ACCESS_VIEW)
    words, card = asker.words, await _card(desk, asker, wanted)
    if asker.is_alone:
        return [Show(card, words.say("access.fallback"))]
    return [ShowPrivately(words.say("access.private"), words.say("who.unreachable"), card)]


async def _card(desk: Desk, asker: Asker, wanted: str) -> Card:
    queues = await _queues(desk, asker)
    if not wanted:
        return await _holders(desk, asker, "", "", queues)
    named = await _named(desk, asker, queues)
    found = list(dict.fromkeys(one.id for one in choose(wanted, named, most=20)))
    if len(found) != 1:
        shown = [_sort_and_name(id, named, asker.words) for id in found[:6]]
        return cards.several(asker.words, shown)
    sort, _, id = found[0].partition(SEPARATOR)
    if sort == PERSON:
        return await _person(desk, asker, id, queues)
    return await _holders(desk, asker, sort, id, queues)


async def _queues(desk: Desk, asker: Asker) -> Mapping[str, str]:
    """The names of the queues that the asker sees, by id."""
    if not may(asker.actor, Permission.DASHBOARDS_VIEW):
        return {}
    choices = await desk.dashboards.queue_choices(actor=asker.actor)
    return {one.id: one.name for one in choices}


async def _named(desk: Desk, asker: Asker, queues: Mapping[str, str]) -> list[Named]:
    """Everything that can be asked about: its name first, then with its sort before it, so that a
    queue and a person of one name can be told apart."""
    named = [Named(f"{QUEUE}{SEPARATOR}{id}", name) for id, name in queues.items()]
    people = await desk.management.people(actor=asker.actor)
    named += [Named(f"{PERSON}{SEPARATOR}{one.person_id}", one.name) for one in people]
    for catalogue in CATALOGUES.values():
        named += [Named(f"{BOARD}{SEPARATOR}{one}", catalogue[f"dashboard.{one}"]) for one in Board]
    sorted_: list[Named] = []
    for catalogue in CATALOGUES.values():
        sorted_ += [
            Named(one.id, f"{catalogue[f'access.{one.id.partition(SEPARATOR)[0]}']} {one.name}")
            for one in named
        ]
    return named + sorted_


def _sort_and_name(id: str, named: Sequence[Named], words: Words) -> tuple[str, str]:
    sort, _, rest = id.partition(SEPARATOR)
    name = next(one.name for one in named if one.id == id)
    shown = words.say(f"dashboard.{rest}") if sort == BOARD else name
    return words.say(f"access.{sort}"), shown


def _universe(queues: Mapping[str, str]) -> Universe:
    return Universe(list(queues), [one.value for one in Channel])


async def _holders(desk: Desk, asker: Asker, sort: str, id: str, queues: Mapping[str, str]) -> Card:
    """The holders of working grants that reach it, by name."""
    words = asker.words
    _, listed = await desk.management.grants(actor=asker.actor)
    holders: dict[tuple[str, str], list[str]] = {}
    for one in listed:
        reached, blind = await _reached(desk, asker, one, _universe(queues))
        if one.state in WORKING and one.grant.id in _causes(reached, sort, id):
            holder = one.grant.holder
            said = holders.setdefault((holder.kind.value, holder.id), [one.holder_name])
            said.append(_because(one, asker, blind=blind))
    rows = [Holder(name, "; ".join(dict.fromkeys(why))) for name, *why in holders.values()]
    url = desk.links.access(words.say("access.open"))
    return cards.holders(words, _target(sort, id, queues, words), rows, url=url)


async def _reached(
    desk: Desk, asker: Asker, one: ListedGrant, universe: Universe
) -> tuple[Reach, bool]:
    """What the grant reaches, and whether without identities. Whether somebody's blindness is
    lifted for a while is known of the person, not of the grant."""
    holder = one.grant.holder
    if one.blind and holder.kind is HolderKind.PERSON:
        found = await desk.management.effective(holder.id, universe, actor=asker.actor)
        return found.reach, found.blind
    terms = one.grant.terms
    held = Holding(one.grant.id, terms.role, one.permissions, terms.scope, one.blind)
    return reach.reached([held], universe), one.blind


def _causes(reached: Reach, sort: str, id: str) -> Iterable[str]:
    """The grants because of which it is reached."""
    if sort:
        return (reached.queues if sort == QUEUE else reached.boards).get(id, ())
    return chain.from_iterable(reached.boards.values())


def _because(one: ListedGrant, asker: Asker, *, blind: bool) -> str:
    """The role, and how far it goes."""
    words, until_ms = asker.words, one.grant.terms.expires_at_ms
    said = [_role(one, words)]
    if one.grant.holder.kind is HolderKind.GROUP:
        said.append(words.say("access.group"))
    if blind:
        said.append(words.say("access.without_names"))
    if until_ms is not None:
        until = words.time(until_ms, asker.organization.time_zone)
        said.append(words.say("access.until", until=until))
    return ", ".join(said)


def _role(one: ListedGrant, words: Words) -> str:
    role = one.grant.terms.role
    return words.role(role) if role in set(Role) else one.role_title


def _target(sort: str, id: str, queues: Mapping[str, str], words: Words) -> str:
    if sort == QUEUE:
        return queues[id]
    return words.say(f"dashboard.{id}") if sort else words.say("access.any")


async def _person(desk: Desk, asker: Asker, id: str, queues: Mapping[str, str]) -> Card:
    words = asker.words
    found = await desk.management.effective(id, _universe(queues), actor=asker.actor)
    reached = found.reach
    shown = [queues[one] for one in reached.queues]
    if len(shown) == len(queues) > 1:
        shown = [words.say("board.all_queues")]
    elif len(shown) > MOST_NAMES:
        shown = [*shown[:MOST_NAMES], words.say("access.others", count=len(shown) - MOST_NAMES)]
    lists = [
        ("access.roles", [_role(one, words) for one in found.grants if one.state in WORKING]),
        ("access.dashboards", [words.say(f"dashboard.{one}") for one in reached.boards]),
        ("access.queues", shown),
        ("access.channels", [words.say(f"channel.{one}") for one in reached.channels]),
        ("access.details", [words.say(f"detail.{Detail(one)}") for one in reached.details]),
    ]
    nothing = words.say("access.nothing")
    rows = [(words.say(key), ", ".join(dict.fromkeys(of)) or nothing) for key, of in lists]
    url = desk.links.access(words.say("access.open"))
    return cards.person(words, found.name, rows, blind=found.blind, url=url)
