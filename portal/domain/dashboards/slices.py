"""From pages to groups: which cells count, what they add up to, which waits they hold.

Where whole days are asked for without narrowing by channel or direction, the days' rollups answer;
everything else is gathered from the values.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from portal.domain.contacts.model import Timing
from portal.domain.contacts.pages import (
    AGENT_COUNTS,
    CHANNELS,
    COUNTS,
    DIRECTIONS,
    EMPTY_VALUES,
    Cells,
    Ints,
    Multiset,
    Page,
    Values,
)
from portal.domain.contacts.rollups import (
    SHORT_ABANDON_MS,
    WHOLE_DAY,
    Glance,
    percentile,
    within_columns,
)
from portal.domain.dashboards.kpis import Group, SourceFacts, Waits
from portal.domain.dashboards.model import Asked
from portal.domain.dashboards.sight import EVERYTHING, Sight


class Piece(NamedTuple):
    """A page of the range [from_ms, to_ms), with its rollups when it is a whole day."""

    from_ms: int
    to_ms: int
    page: Page
    glance: Cells | None


class Narrowing(NamedTuple):
    """The cells that count: store numbers of queues, codes of channels and directions; None does
    not narrow."""

    queues: Ints | None
    channels: Ints | None
    directions: Ints | None
    sight: Sight = EVERYTHING

    @classmethod
    def of(
        cls, asked: Asked, queues: Iterable[int] | None, sight: Sight = EVERYTHING
    ) -> "Narrowing":
        """The narrowing of a question whose queues were looked up, to what is seen."""
        boxes = sight.boxes
        if boxes is not None and len(boxes) == 1 and boxes[0].channels is None:
            # One box of queues narrows as a question for these queues does, and as fast.
            seen = boxes[0].queues or frozenset()
            queues = seen if queues is None else seen & frozenset(queues)
            sight = EVERYTHING
        return cls(
            None if queues is None else np.array(sorted(queues), np.int64),
            _codes([CHANNELS.index(c) for c in asked.channels]),
            _codes([DIRECTIONS.index(d) for d in asked.directions]),
            sight,
        )

    def mask(self, keys: Ints) -> np.ndarray:
        """Which queue cells count; agent cells by their lower 32 bits."""
        chosen = np.ones(len(keys), bool)
        if self.queues is not None:
            chosen &= np.isin(keys >> 8 & 0xFFFFFF, self.queues)
        if self.channels is not None:
            chosen &= np.isin(keys >> 4 & 15, self.channels)
        if self.directions is not None:
            chosen &= np.isin(keys & 15, self.directions)
        if self.sight.boxes is not None:
            chosen &= self.sight.mask(keys)
        return chosen

    @property
    def is_none(self) -> bool:
        """Whether it narrows at all."""
        narrow = (self.queues, self.channels, self.directions, self.sight.boxes)
        return all(part is None for part in narrow)


def needs_values(narrowing: Narrowing, threshold_ms: int, *, one_day: bool) -> bool:
    """Whether a group cannot be answered from the rollups of one whole day."""
    return (
        not one_day
        or narrowing.channels is not None
        or narrowing.directions is not None
        or narrowing.sight.boxes is not None
        or (narrowing.queues is not None and len(narrowing.queues) != 1)
        or within_columns(threshold_ms) is None
    )


class Sources(NamedTuple):
    """The sources by name, and the source of each queue's number; the same as sorted numbers and
    places in `names`, for many queues at once."""

    facts: Mapping[str, SourceFacts]
    of_queue: Mapping[int, str]
    names: tuple[str, ...]
    numbers: Ints
    places: Ints

    @classmethod
    def of(cls, facts: Mapping[str, SourceFacts], of_queue: Mapping[int, str]) -> "Sources":
        """The sources of these queues."""
        names = tuple(sorted(set(of_queue.values())))
        numbers = sorted(of_queue)
        places = [names.index(of_queue[number]) for number in numbers]
        return cls(facts, of_queue, names, np.array(numbers, np.int64), np.array(places, np.int64))

    def split(self, queues: Ints) -> Iterator[tuple[str, np.ndarray | slice]]:
        """Each source that some of the queues are of, and where those stand."""
        if len(self.names) == 1:
            yield self.names[0], slice(None)
            return
        places = self.places[np.searchsorted(self.numbers, queues)]
        for place, name in enumerate(self.names):
            mine = places == place
            if mine.any():
                yield name, mine

    def blind(self, timing: Timing) -> frozenset[int]:
        """The queues whose source cannot give the timing."""
        return frozenset(q for q, s in self.of_queue.items() if timing in self.facts[s].gaps)


def together(
    pieces: Sequence[Piece], narrowing: Narrowing, sources: Sources, threshold_ms: int
) -> Group:
    """Everything of the pieces as one group."""
    groups = _gather(pieces, narrowing, sources, threshold_ms, by_queue=False)
    return groups.get(WHOLE_DAY) or Group({}, _waits(_Gathered(), threshold_ms))


def by_queue(
    pieces: Sequence[Piece], narrowing: Narrowing, sources: Sources, threshold_ms: int
) -> dict[int, Group]:
    """A group for each queue's number."""
    return _gather(pieces, narrowing, sources, threshold_ms, by_queue=True)


def seen(parts: Iterable[Cells], sight: Sight) -> list[Cells]:
    """The agents' cells of which something is seen."""
    if sight.boxes is None:
        return list(parts)
    found = []
    for keys, counts in parts:
        chosen = sight.mask(keys & 0xFFFFFFFF)
        found.append(Cells(keys[chosen], counts[chosen]))
    return found


def of_agent(cells: Cells, agent: int) -> Cells:
    """One agent's cells."""
    mine = cells.keys >> 32 == agent
    return Cells(cells.keys[mine], cells.counts[mine])


def by_agent(parts: Iterable[Cells], narrowing: Narrowing) -> Cells:
    """Counters by agent's number (columns of `pages.Count` from HANDLED on)."""
    given = list(parts)
    keys, counts = given[0] if len(given) == 1 else Cells.joined(given, AGENT_COUNTS)
    if not narrowing.is_none:
        chosen = narrowing.mask(keys & 0xFFFFFFFF)
        keys, counts = keys[chosen], counts[chosen]
    agents = keys >> 32
    if len(agents) and agents.min() == agents.max():
        return Cells(agents[:1], counts.sum(axis=0, keepdims=True))
    return Cells.total(agents, counts)


class _Gathered:
    """What one group is made of while it is gathered."""

    def __init__(self) -> None:
        self.counts: dict[str, Ints] = {}
        self.answered: list[Values] = []
        self.abandoned: list[Values] = []
        self.short: list[Values] = []
        self.customers: list[Values] = []


def _gather(
    pieces: Sequence[Piece],
    narrowing: Narrowing,
    sources: Sources,
    threshold_ms: int,
    *,
    by_queue: bool,
) -> dict[int, Group]:
    one_day = len(pieces) == 1 and pieces[0].glance is not None
    rolled_up = narrowing._replace(queues=None) if by_queue else narrowing
    glanced = not needs_values(rolled_up, threshold_ms, one_day=one_day)
    gathered: dict[int, _Gathered] = {}
    for piece in pieces:
        chosen = np.flatnonzero(narrowing.mask(piece.page.queues.keys))
        if by_queue:
            _add_counts_by_queue(gathered, piece.page, chosen, sources)
        elif len(chosen):
            _add_counts(gathered.setdefault(WHOLE_DAY, _Gathered()), piece.page, chosen, sources)
        if not glanced:
            _add_values(gathered, piece.page, chosen, sources, by_queue=by_queue)
    if not glanced:
        return {key: Group(one.counts, _waits(one, threshold_ms)) for key, one in gathered.items()}
    glance = pieces[0].glance
    only = None if by_queue or narrowing.queues is None else int(narrowing.queues[0])
    return {
        key: Group(one.counts, _glanced(glance, key if only is None else only, threshold_ms))
        for key, one in gathered.items()
    }


def _add_counts_by_queue(
    gathered: dict[int, _Gathered], page: Page, chosen: Ints, sources: Sources
) -> None:
    totals = Cells.total(page.queues.keys[chosen] >> 8, page.queues.counts[chosen])
    for queue, counts in zip(totals.keys.tolist(), totals.counts, strict=True):
        group = gathered.setdefault(queue, _Gathered())
        source = sources.of_queue[queue]
        group.counts[source] = group.counts.get(source, _ZEROS) + counts


def _add_counts(group: _Gathered, page: Page, chosen: Ints, sources: Sources) -> None:
    counts = page.queues.counts[chosen]
    for source, mine in sources.split(page.queues.keys[chosen] >> 8):
        group.counts[source] = group.counts.get(source, _ZEROS) + counts[mine].sum(axis=0)


_ZEROS: Ints = np.zeros(COUNTS, np.int64)


def _add_values(
    gathered: dict[int, _Gathered], page: Page, chosen: Ints, sources: Sources, *, by_queue: bool
) -> None:
    without_waits = sources.blind(Timing.WAIT_ANSWERED)
    without_abandons = sources.blind(Timing.WAIT_ABANDONED)
    without_customers = sources.blind(Timing.CUSTOMER)
    edges = [np.concatenate(([0], np.cumsum(page.lengths[kind]))).tolist() for kind in Multiset]
    for queue, first, last in _runs(page.queues.keys >> 8, chosen):
        group = gathered[queue if by_queue else WHOLE_DAY]
        answered, abandoned, customers = (
            page.values[kind][edges[kind][first] : edges[kind][last]] for kind in Multiset
        )
        if queue not in without_waits:
            group.answered.append(answered)
            group.abandoned.append(abandoned)
        if queue not in without_abandons:
            group.short.append(abandoned)
        if queue not in without_customers:
            group.customers.append(customers)


def _runs(queue_of: Ints, chosen: Ints) -> Iterator[tuple[int, int, int]]:
    """Runs of neighbouring chosen cells of one queue: queue, first cell, behind the last."""
    position = 0
    cells = chosen.tolist()
    while position < len(cells):
        first = last = cells[position]
        queue = int(queue_of[first])
        while position < len(cells) and cells[position] == last and queue_of[last] == queue:
            position, last = position + 1, last + 1
            if last >= len(queue_of):
                break
        yield queue, first, last


def _waits(one: _Gathered, threshold_ms: int) -> Waits:
    answered, abandoned = _joined(one.answered), _joined(one.abandoned)
    waits = np.concatenate((answered, abandoned))
    customers = _joined(one.customers)
    known = len(waits)
    if known:
        waits.sort()
    return Waits(
        answered_within=int((answered <= threshold_ms).sum()),
        abandoned_within=int((abandoned <= threshold_ms).sum()),
        short=int((_joined(one.short) < SHORT_ABANDON_MS).sum()),
        short_measured=int((abandoned < SHORT_ABANDON_MS).sum()),
        known=known,
        p50=percentile(waits, 50) if known else None,
        p90=percentile(waits, 90) if known else None,
        p99=percentile(waits, 99) if known else None,
        longest=int(waits[-1]) if known else None,
        identified=len(customers),
        customers=_distinct(customers),
    )


def _glanced(glance: Cells | None, key: int, threshold_ms: int) -> Waits:
    columns = within_columns(threshold_ms)
    position = -1 if glance is None else int(np.searchsorted(glance.keys, key))
    if glance is None or columns is None or position >= len(glance.keys):
        return _waits(_Gathered(), threshold_ms)
    row = glance.counts[position].tolist()
    known = row[Glance.WAITS]
    return Waits(
        answered_within=row[columns[0]],
        abandoned_within=row[columns[1]],
        short=row[Glance.SHORT_ABANDONED],
        short_measured=row[Glance.SHORT_ABANDONED_MEASURED],
        known=known,
        p50=row[Glance.P50] if known else None,
        p90=row[Glance.P90] if known else None,
        p99=row[Glance.P99] if known else None,
        longest=row[Glance.LONGEST] if known else None,
        identified=row[Glance.IDENTIFIED],
        customers=row[Glance.CUSTOMERS],
    )


def _joined(parts: Sequence[Values]) -> Values:
    return np.concatenate(parts) if parts else EMPTY_VALUES


def _distinct(customers: Values) -> int:
    """How many different numbers; numbers are dense, so a bitmap beats sorting."""
    if len(customers) == 0:
        return 0
    seen = np.zeros(int(customers.max()) + 1, bool)
    seen[customers] = True
    return int(seen.sum())


def _codes(codes: Sequence[int]) -> Ints | None:
    return np.array(codes, np.int64) if codes else None
