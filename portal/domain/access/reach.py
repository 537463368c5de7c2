"""What holdings reach, thing by thing, with the grants that cause it; and how two reaches differ.
Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from portal.domain.access import rules
from portal.domain.access.model import Holding

Because = Mapping[str, tuple[str, ...]]
"""Ids of what is reached, each with the grants that cause it."""


class Universe(NamedTuple):
    """Every queue and channel there is, in the order in which they are shown."""

    queues: Sequence[str]
    channels: Sequence[str]


class Reach(NamedTuple):
    """Everything that somebody may do and see."""

    permissions: Because
    boards: Because
    queues: Because
    channels: Because
    details: Because


class Lists(NamedTuple):
    """Ids in the dimensions of a Reach."""

    permissions: tuple[str, ...]
    boards: tuple[str, ...]
    queues: tuple[str, ...]
    channels: tuple[str, ...]
    details: tuple[str, ...]


NOTHING = Lists((), (), (), (), ())


def reached(holdings: Sequence[Holding], universe: Universe) -> Reach:
    """What the holdings reach. Queues and channels count where a holding opens some dashboard;
    nobody blind reaches a field."""
    permissions: dict[str, list[str]] = {}
    boards: dict[str, list[str]] = {}
    queues: dict[str, list[str]] = {}
    channels: dict[str, list[str]] = {}
    details: dict[str, list[str]] = {}
    blind = any(one.blind for one in holdings)
    for one in holdings:
        scope, grant = one.scope, one.grant
        _add(permissions, sorted(one.permissions), grant)
        opened = [
            board
            for board, opening in rules.BOARDS.items()
            if opening & one.permissions and (scope.boards is None or board in scope.boards)
        ]
        _add(boards, opened, grant)
        if opened:
            _add(queues, _within(universe.queues, scope.queues), grant)
            _add(channels, _within(universe.channels, scope.channels), grant)
        shown = [] if blind else [d for d, need in rules.DETAILS.items() if need in one.permissions]
        _add(details, _within(shown, scope.details), grant)
    return Reach(*(_fixed(one) for one in (permissions, boards, queues, channels, details)))


def more(after: Reach, before: Reach) -> Lists:
    """What the one reaches and the other does not."""
    return Lists(
        *(tuple(id for id in a if id not in b) for a, b in zip(after, before, strict=True))
    )


def _within(every: Iterable[str], chosen: frozenset[str] | None) -> list[str]:
    return [str(one) for one in every if chosen is None or one in chosen]


def _add(into: dict[str, list[str]], ids: Iterable[str], grant: str) -> None:
    for id in ids:
        into.setdefault(str(id), []).append(grant)


def _fixed(one: Mapping[str, list[str]]) -> Because:
    return {id: tuple(dict.fromkeys(grants)) for id, grants in one.items()}
