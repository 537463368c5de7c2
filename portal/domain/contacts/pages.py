"""Interval pages: what the contacts of one quarter hour or day add up to, exact and subtractable.

A page holds cells, one for each (queue, channel, direction) and one for each (agent, queue,
channel, direction), each with integer counters, and for each queue cell three multisets: the waits
of answered contacts, the waits of abandoned ones (milliseconds) and the customers (subject
numbers). Keeping the values rather than a histogram makes every percentile, every threshold, the
longest wait and the number of distinct customers exact, and lets a correction subtract.

A page is canonical: cells sorted by key, values sorted inside a cell, cells of nothing but zeros
left out. So the same contacts give the same bytes in whatever order they came.

Contacts enter as rows of a fact matrix (`FACTS`, int64, -1 for "not given") with a sign: +1 adds,
-1 takes away. Counters by arrival fall into the slot of the arrival in the queue, counters by end
into the slot in which the contact ended (domain reference, section E).
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from portal.domain.contacts.model import OFFERED, Channel, Contact, Direction, Outcome

Ints = npt.NDArray[np.int64]
Values = npt.NDArray[np.uint32]

SLOT_MS = 15 * 60 * 1000
CHANNELS = tuple(Channel)
DIRECTIONS = tuple(Direction)
OUTCOMES = tuple(Outcome)


class Fact(IntEnum):
    """Columns of the fact matrix."""

    ARRIVED = 0
    ENDED = 1
    QUEUE = 2
    AGENT = 3
    CHANNEL = 4
    DIRECTION = 5
    OUTCOME = 6
    WAIT = 7
    TALK = 8
    HOLD = 9
    AFTER_CONTACT_WORK = 10
    TRANSFERRED = 11
    CUSTOMER = 12


class Count(IntEnum):
    """Counters of a queue cell. Sums are milliseconds, `..._KNOWN` the contacts behind a sum.

    CONTACTS to ABANDONED_WAIT are counted by arrival, the others by end.
    """

    CONTACTS = 0
    OFFERED = 1
    ANSWERED = 2
    ABANDONED = 3
    FLOW_OUT = 4
    CALLBACK = 5
    WAITING = 6
    ANSWERED_WAIT_KNOWN = 7
    ANSWERED_WAIT = 8
    ABANDONED_WAIT_KNOWN = 9
    ABANDONED_WAIT = 10
    HANDLED = 11
    HANDLE_KNOWN = 12
    HANDLE = 13
    TALK_KNOWN = 14
    TALK = 15
    HOLD_KNOWN = 16
    HOLD = 17
    AFTER_CONTACT_WORK_KNOWN = 18
    AFTER_CONTACT_WORK = 19
    TRANSFER_KNOWN = 20
    TRANSFERRED = 21


class Multiset(IntEnum):
    """The values kept for each queue cell."""

    WAIT_ANSWERED = 0
    WAIT_ABANDONED = 1
    CUSTOMER = 2


COUNTS = len(Count)
BY_END = slice(Count.HANDLED, COUNTS)
AGENT_COUNTS = COUNTS - Count.HANDLED
EMPTY_KEYS: Ints = np.zeros(0, np.int64)
EMPTY_VALUES: Values = np.zeros(0, np.uint32)

_CHANNEL_CODE = {channel: code for code, channel in enumerate(CHANNELS)}
_DIRECTION_CODE = {direction: code for code, direction in enumerate(DIRECTIONS)}
_OUTCOME_CODE = {outcome: code for code, outcome in enumerate(OUTCOMES)}
_OFFERED_CODES = np.array([outcome in OFFERED for outcome in OUTCOMES])
_HANDLED_CODES = np.array(
    [outcome in (Outcome.ANSWERED, Outcome.CONNECTED) for outcome in OUTCOMES]
)
_INTERNAL = _DIRECTION_CODE[Direction.INTERNAL]


def facts(contact: Contact, queue: int, agent: int, customer: int) -> tuple[int, ...]:
    """A contact's row of the fact matrix; `queue`, `agent`, `customer` are the store's numbers,
    0 for none."""
    _, channel, direction, outcome, _, arrived, ended, _, _, wait, talk, hold, after, moved, *_ = (
        contact
    )
    return (
        arrived,
        -1 if ended is None else ended,
        queue,
        agent,
        _CHANNEL_CODE[channel],
        _DIRECTION_CODE[direction],
        _OUTCOME_CODE[outcome],
        -1 if wait is None else wait,
        -1 if talk is None else talk,
        -1 if hold is None else hold,
        -1 if after is None else after,
        -1 if moved is None else int(moved),
        customer,
    )


class Cells(NamedTuple):
    """Sorted keys (n,) and their counters (n, columns)."""

    keys: Ints
    counts: Ints

    @classmethod
    def empty(cls, columns: int) -> Self:
        """No cells."""
        return cls(EMPTY_KEYS, np.zeros((0, columns), np.int64))

    @classmethod
    def joined(cls, parts: "Sequence[Cells]", columns: int) -> Self:
        """The cells of several parts one after the other."""
        if not parts:
            return cls.empty(columns)
        keys = np.concatenate([part.keys for part in parts])
        return cls(keys, np.concatenate([part.counts for part in parts]))

    @classmethod
    def total(cls, keys: Ints, counts: Ints) -> Self:
        """Adds up rows of the same key; all-zero cells stay (a page leaves them out itself)."""
        if len(keys) == 0:
            return cls(keys, counts)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        return cls(ordered[starts], np.add.reduceat(counts[order], starts, axis=0))


class Page(NamedTuple):
    """One slot's or day's cells. `values[m]` are the multiset's values, cell after cell, sorted
    inside each; `lengths[m]` says how many belong to each queue cell."""

    queues: Cells
    agents: Cells
    lengths: Ints
    values: tuple[Values, Values, Values]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is counted in it."""
        return len(self.queues.keys) == 0 and len(self.agents.keys) == 0


EMPTY = Page(
    Cells.empty(COUNTS),
    Cells.empty(AGENT_COUNTS),
    np.zeros((len(Multiset), 0), np.int64),
    (EMPTY_VALUES, EMPTY_VALUES, EMPTY_VALUES),
)


class Delta(NamedTuple):
    """What a batch changes in one slot: cells to add (counters may be negative) and, for each
    multiset, the composites (cell key, value) to add and to remove."""

    queues: Cells
    agents: Cells
    added: tuple[Ints, Ints, Ints]
    removed: tuple[Ints, Ints, Ints]


def deltas(matrix: Ints, signs: Ints) -> dict[int, Delta]:
    """The changes of each slot that the signed rows (n, len(Fact)) make."""
    arrivals, ends = _arrival_counts(matrix), _end_counts(matrix)
    cell = _cell(matrix)
    arrival_slot = matrix[:, Fact.ARRIVED] // SLOT_MS
    end_slot = matrix[:, Fact.ENDED] // SLOT_MS
    handled = ends[:, 0] != 0
    slots = np.concatenate((arrival_slot, end_slot[handled]))
    keys = np.concatenate((cell, cell[handled]))
    signed_ends = ends * signs[:, None]
    counts = np.zeros((len(keys), COUNTS), np.int64)
    counts[: len(cell), : Count.HANDLED] = arrivals * signs[:, None]
    counts[len(cell) :, BY_END] = signed_ends[handled]
    queues = _by_slot(slots, keys, counts)
    with_agent = handled & (matrix[:, Fact.AGENT] > 0)
    agents = _by_slot(
        end_slot[with_agent],
        matrix[with_agent, Fact.AGENT] << 32 | cell[with_agent],
        signed_ends[with_agent],
    )
    values = _signed_values(matrix, signs, cell, arrival_slot)
    nobody = Cells.empty(AGENT_COUNTS)
    return {
        slot: Delta(
            of_queues,
            agents.get(slot, nobody),
            _of_slot(values, slot, 1),
            _of_slot(values, slot, -1),
        )
        for slot, of_queues in queues.items()
    }


def _by_slot(slots: Ints, keys: Ints, counts: Ints) -> dict[int, Cells]:
    """For each slot the total of its rows, in the order of the slots."""
    if len(slots) == 0:
        return {}
    order = np.lexsort((keys, slots))
    slots, keys = slots[order], keys[order]
    first = np.concatenate(([True], (keys[1:] != keys[:-1]) | (slots[1:] != slots[:-1])))
    starts = np.flatnonzero(first)
    totals = np.add.reduceat(counts[order], starts, axis=0)
    slots, keys = slots[starts], keys[starts]
    present, edges = np.unique(slots, return_index=True)
    edges = np.append(edges, len(slots))
    return {
        slot: Cells(keys[begin:end], totals[begin:end])
        for slot, begin, end in zip(
            present.tolist(), edges.tolist(), edges[1:].tolist(), strict=False
        )
    }


def partial(arrived: Ints, ended: Ints) -> Page:
    """The page of an interval shorter than a slot: `arrived` are the contacts that arrived in it,
    `ended` those that ended in it, each counted on that side only."""
    signs = np.ones(len(arrived), np.int64)
    cell = _cell(arrived)
    counts = np.zeros((len(arrived) + len(ended), COUNTS), np.int64)
    counts[: len(arrived), : Count.HANDLED] = _arrival_counts(arrived)
    ends = _end_counts(ended)
    counts[len(arrived) :, BY_END] = ends
    ended_cell = _cell(ended)
    of_agent = (ends[:, 0] != 0) & (ended[:, Fact.AGENT] > 0)
    values = _signed_values(arrived, signs, cell, np.zeros(len(arrived), np.int64))
    change = Delta(
        Cells.total(np.concatenate((cell, ended_cell)), counts),
        Cells.total(ended[of_agent, Fact.AGENT] << 32 | ended_cell[of_agent], ends[of_agent]),
        _of_slot(values, 0, 1),
        (EMPTY_KEYS, EMPTY_KEYS, EMPTY_KEYS),
    )
    return apply(EMPTY, change)


def _cell(matrix: Ints) -> Ints:
    cells: Ints = (
        matrix[:, Fact.QUEUE] << 8 | matrix[:, Fact.CHANNEL] << 4 | matrix[:, Fact.DIRECTION]
    )
    return cells


def _arrival_counts(matrix: Ints) -> Ints:
    outcome, wait = matrix[:, Fact.OUTCOME], matrix[:, Fact.WAIT]
    counts = np.zeros((len(matrix), Count.HANDLED), np.int64)
    counts[:, Count.CONTACTS] = 1
    counts[:, Count.OFFERED] = _OFFERED_CODES[outcome]
    for column, kind in (
        (Count.ANSWERED, Outcome.ANSWERED),
        (Count.ABANDONED, Outcome.ABANDONED),
        (Count.FLOW_OUT, Outcome.FLOW_OUT),
        (Count.CALLBACK, Outcome.CALLBACK),
        (Count.WAITING, Outcome.WAITING),
    ):
        counts[:, column] = outcome == _OUTCOME_CODE[kind]
    for known, total, of in (
        (Count.ANSWERED_WAIT_KNOWN, Count.ANSWERED_WAIT, Count.ANSWERED),
        (Count.ABANDONED_WAIT_KNOWN, Count.ABANDONED_WAIT, Count.ABANDONED),
    ):
        counts[:, known] = counts[:, of] * (wait >= 0)
        counts[:, total] = counts[:, known] * wait
    return counts


def _end_counts(matrix: Ints) -> Ints:
    """Columns of `Count` from HANDLED on. Handled: an agent's part of a contact that has ended;
    calls between extensions are no contacts of a customer and are left out unless offered."""
    outcome = matrix[:, Fact.OUTCOME]
    external = (matrix[:, Fact.DIRECTION] != _INTERNAL) | _OFFERED_CODES[outcome]
    handled = _HANDLED_CODES[outcome] & external & (matrix[:, Fact.ENDED] >= 0)
    counts = np.zeros((len(matrix), AGENT_COUNTS), np.int64)
    counts[:, 0] = handled
    complete = handled.copy()
    total = np.zeros(len(matrix), np.int64)
    for column, known in (
        (Fact.TALK, Count.TALK_KNOWN),
        (Fact.HOLD, Count.HOLD_KNOWN),
        (Fact.AFTER_CONTACT_WORK, Count.AFTER_CONTACT_WORK_KNOWN),
    ):
        given = handled & (matrix[:, column] >= 0)
        counts[:, known - Count.HANDLED] = given
        counts[:, known - Count.HANDLED + 1] = np.where(given, matrix[:, column], 0)
        complete &= given
        total += counts[:, known - Count.HANDLED + 1]
    counts[:, Count.HANDLE_KNOWN - Count.HANDLED] = complete
    counts[:, Count.HANDLE - Count.HANDLED] = np.where(complete, total, 0)
    transfer = handled & (matrix[:, Fact.TRANSFERRED] >= 0)
    counts[:, Count.TRANSFER_KNOWN - Count.HANDLED] = transfer
    counts[:, Count.TRANSFERRED - Count.HANDLED] = np.where(
        transfer, matrix[:, Fact.TRANSFERRED], 0
    )
    return counts


_SignedValues = tuple[tuple[Ints, Ints, Ints], ...]


def _signed_values(matrix: Ints, signs: Ints, cell: Ints, slots: Ints) -> _SignedValues:
    outcome, wait, customer = (
        matrix[:, Fact.OUTCOME],
        matrix[:, Fact.WAIT],
        matrix[:, Fact.CUSTOMER],
    )
    chosen = (
        ((outcome == _OUTCOME_CODE[Outcome.ANSWERED]) & (wait >= 0), wait),
        ((outcome == _OUTCOME_CODE[Outcome.ABANDONED]) & (wait >= 0), wait),
        (_OFFERED_CODES[outcome] & (customer > 0), customer),
    )
    return tuple(
        (slots[mask], signs[mask], cell[mask] << 32 | column[mask]) for mask, column in chosen
    )


def _of_slot(values: _SignedValues, slot: int, sign: int) -> tuple[Ints, Ints, Ints]:
    waits, abandons, customers = (
        composites[(slots == slot) & (signs == sign)] for slots, signs, composites in values
    )
    return waits, abandons, customers


def apply(page: Page, delta: Delta) -> Page:
    """The page after the change; canonical."""
    queues = _added(page.queues, delta.queues)
    agents = _added(page.agents, delta.agents)
    composites = _composites(page)
    values, lengths = [], np.zeros((len(Multiset), len(queues.keys)), np.int64)
    for kind in Multiset:
        merged = _changed(composites[kind], delta.added[kind], delta.removed[kind])
        lengths[kind] = _lengths(merged, queues.keys)
        values.append((merged & 0xFFFFFFFF).astype(np.uint32))
    return Page(queues, agents, lengths, (values[0], values[1], values[2]))


def merge(pages: Sequence[Page]) -> Page:
    """The page of several pages' contacts together, such as a day's of its quarter hours."""
    if len(pages) == 1:
        return pages[0]
    if not pages:
        return EMPTY
    queues = _joined([p.queues for p in pages])
    agents = _joined([p.agents for p in pages])
    parts = [_composites(p) for p in pages]
    values, lengths = [], np.zeros((len(Multiset), len(queues.keys)), np.int64)
    for kind in Multiset:
        merged = np.sort(np.concatenate([part[kind] for part in parts]))
        lengths[kind] = _lengths(merged, queues.keys)
        values.append((merged & 0xFFFFFFFF).astype(np.uint32))
    return Page(queues, agents, lengths, (values[0], values[1], values[2]))


def _joined(cells: Sequence[Cells]) -> Cells:
    return Cells.total(
        np.concatenate([c.keys for c in cells]), np.concatenate([c.counts for c in cells])
    )


def _added(cells: Cells, change: Cells) -> Cells:
    if len(change.keys) == 0:
        return cells
    total = _joined((cells, change))
    kept = total.counts.any(axis=1)
    return total if kept.all() else Cells(total.keys[kept], total.counts[kept])


def _composites(page: Page) -> tuple[Ints, Ints, Ints]:
    def of(kind: Multiset) -> Ints:
        cells: Ints = np.repeat(page.queues.keys << 32, page.lengths[kind])
        return cells | page.values[kind].astype(np.int64)

    return of(Multiset.WAIT_ANSWERED), of(Multiset.WAIT_ABANDONED), of(Multiset.CUSTOMER)


def _changed(values: Ints, added: Ints, removed: Ints) -> Ints:
    if len(added):
        values = np.sort(np.concatenate((values, added)))
    if len(removed) == 0:
        return values
    present, counts = np.unique(values, return_counts=True)
    gone, times = np.unique(removed, return_counts=True)
    counts[np.searchsorted(present, gone)] -= times
    return np.repeat(present, counts)


def _lengths(composites: Ints, keys: Ints) -> Ints:
    edges = np.searchsorted(composites, keys << 32)
    return np.diff(edges, append=len(composites)).astype(np.int64)
