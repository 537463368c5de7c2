"""Figures for somebody who must not recognise anybody: which cells they are made of.

The rule (decision 0013). Figures are made of atoms: the contacts of one local day, queue, channel
and direction. An atom with fewer than FEWEST contacts is left out of everything. Of the others a
split (by outcome, wait, transfer, timing) counts only where each of its parts is empty or has at
least FEWEST contacts, and of an agent only as much as leaves the rest of the atom empty or so
large. Whatever is asked is a union of atoms, so what two answers differ by is one too: nobody can
subtract their way to a smaller group. To keep it so, ranges are whole days, the threshold is one,
and figures that are one contact's own are not given.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from portal.domain.contacts.pages import (
    AGENT_COUNTS,
    BY_END,
    EMPTY_VALUES,
    Cells,
    Count,
    Ints,
    Multiset,
    Page,
    Values,
)
from portal.domain.contacts.rollups import SHORT_ABANDON_MS
from portal.domain.dashboards.model import Metric, MetricName, Metrics

FEWEST: Final = 5
THRESHOLD_MS: Final = 20_000
WITHHELD = f"Groups of fewer than {FEWEST} contacts are left out, so that nobody is recognised."
NEVER = "Not shown where identities are not: it is a single contact's own."
TAILS = {MetricName.WAIT_P50: 0.5, MetricName.WAIT_P90: 0.1, MetricName.WAIT_P99: 0.01}
"""The share of waits beyond each percentile: at least FEWEST must be."""
OF_ONE = frozenset({MetricName.LONGEST_WAIT, MetricName.DISTINCT_CUSTOMERS})
SPLITS = frozenset(
    {
        MetricName.ANSWERED,
        MetricName.ABANDONED,
        MetricName.SHORT_ABANDONED,
        MetricName.FLOW_OUT,
    }
)
"""Counts that a cell whose outcomes are withheld has no part in."""

_ARRIVAL_SPLIT = (
    Count.ANSWERED,
    Count.ABANDONED,
    Count.FLOW_OUT,
    Count.CALLBACK,
    Count.ANSWERED_WAIT_KNOWN,
    Count.ANSWERED_WAIT,
    Count.ABANDONED_WAIT_KNOWN,
    Count.ABANDONED_WAIT,
)
_TIMINGS = (
    (Count.HANDLE_KNOWN, Count.HANDLE),
    (Count.TALK_KNOWN, Count.TALK),
    (Count.HOLD_KNOWN, Count.HOLD),
    (Count.AFTER_CONTACT_WORK_KNOWN, Count.AFTER_CONTACT_WORK),
)
_TIMES_KNOWN = tuple(known for known, _ in _TIMINGS)


def page(of: Page) -> Page:
    """A whole day's page with nothing in it that is of too few. Values of customers are gone."""
    counts = of.queues.counts.copy()
    edges = [np.concatenate(([0], np.cumsum(of.lengths[kind]))) for kind in Multiset]
    kept: list[list[Values]] = [[], []]
    lengths = of.lengths.copy()
    lengths[Multiset.CUSTOMER] = 0
    for place in range(len(counts)):
        row = counts[place]
        waits = [
            of.values[kind][edges[kind][place] : edges[kind][place + 1]]
            for kind in (Multiset.WAIT_ANSWERED, Multiset.WAIT_ABANDONED)
        ]
        if _blind_arrivals(row, *waits):
            for kind in (Multiset.WAIT_ANSWERED, Multiset.WAIT_ABANDONED):
                kept[kind].append(waits[kind])
        else:
            lengths[Multiset.WAIT_ANSWERED, place] = lengths[Multiset.WAIT_ABANDONED, place] = 0
        _blind_ends(row)
    answered, abandoned = (np.concatenate(one) if one else EMPTY_VALUES for one in kept)
    some = counts.any(axis=1)
    queues = Cells(of.queues.keys[some], counts[some])
    values = (answered, abandoned, EMPTY_VALUES)
    return Page(queues, _blind_agents(of), lengths[:, some], values)


def metrics(of: Metrics) -> Metrics:
    """The figures without those that are one contact's own, and saying what they leave out."""
    offered = of.get(MetricName.OFFERED)
    return {name: _metric(name, one, of, offered) for name, one in of.items()}


def _metric(name: MetricName, one: Metric, of: Metrics, offered: Metric | None) -> Metric:
    if name in OF_ONE:
        return Metric(None, one.unit, NEVER)
    if name in TAILS and (one.covered or 0) * TAILS[name] < FEWEST:
        return Metric(None, one.unit, WITHHELD)
    if name in SPLITS and offered is not None and _split(of) != (offered.value or 0):
        covered = round(_split(of))
        if covered == 0:
            return Metric(None, one.unit, WITHHELD)
        return one._replace(reason=WITHHELD, covered=covered, total=_whole(offered))
    if one.reason is not None:
        return one._replace(reason=f"{one.reason} {WITHHELD}")
    return one


def _split(of: Metrics) -> float:
    """How many of the offered contacts the counted outcomes cover."""
    parts = (MetricName.ANSWERED, MetricName.ABANDONED, MetricName.FLOW_OUT)
    return sum(of[name].value or 0 for name in parts)


def _whole(offered: Metric) -> int:
    return round(offered.value or 0)


def _is_few(number: int) -> bool:
    return 0 < number < FEWEST


def _blind_arrivals(row: Ints, answered: Values, abandoned: Values) -> bool:
    """Takes from a cell's counters by arrival what is of too few; whether its waits stay."""
    contacts = int(row[Count.CONTACTS])
    row[Count.WAITING] = 0
    if contacts < FEWEST:
        row[: Count.HANDLED] = 0
        return False
    in_time = int((answered <= THRESHOLD_MS).sum())
    gave_up = int((abandoned <= THRESHOLD_MS).sum())
    soon = int((abandoned < SHORT_ABANDON_MS).sum())
    outcomes = [int(row[one]) for one in (Count.ANSWERED, Count.ABANDONED, Count.FLOW_OUT)]
    offered = int(row[Count.OFFERED])
    parts = [
        in_time,
        len(answered) - in_time,
        outcomes[0] - len(answered),
        soon,
        gave_up - soon,
        len(abandoned) - gave_up,
        outcomes[1] - len(abandoned),
        outcomes[2],
        offered - sum(outcomes),
        contacts - offered,
    ]
    if any(_is_few(part) for part in parts):
        row[list(_ARRIVAL_SPLIT)] = 0
        if _is_few(offered) or _is_few(contacts - offered):
            row[Count.OFFERED] = 0
        return False
    return True


def _blind_ends(row: Ints) -> None:
    """Takes from a cell's counters by end what is of too few."""
    handled = int(row[Count.HANDLED])
    if handled < FEWEST:
        row[BY_END] = 0
        return
    for known, total in _TIMINGS:
        if _is_few(int(row[known])) or _is_few(handled - int(row[known])):
            row[[known, total]] = 0
    told, moved = int(row[Count.TRANSFER_KNOWN]), int(row[Count.TRANSFERRED])
    if any(_is_few(part) for part in (moved, told - moved, handled - told)):
        row[[Count.TRANSFER_KNOWN, Count.TRANSFERRED]] = 0


def _blind_agents(of: Page) -> Cells:
    """Agents' cells of whom enough is known and whose going leaves enough of the others.

    Transfers are of too few nearly always, and are not given by agent."""
    keys, counts = of.agents
    if len(keys) == 0:
        return of.agents
    totals = {
        int(key): row[BY_END] for key, row in zip(of.queues.keys, of.queues.counts, strict=True)
    }
    stays = np.zeros(len(keys), bool)
    cells = keys & 0xFFFFFFFF
    for cell in np.unique(cells).tolist():
        places = np.flatnonzero(cells == cell)
        whole = totals.get(cell, np.zeros(AGENT_COUNTS, np.int64))
        stays[_enough(places, counts, whole)] = True
    shown = counts[stays].copy()
    for column in (Count.TRANSFER_KNOWN, Count.TRANSFERRED):
        shown[:, column - Count.HANDLED] = 0
    return Cells(keys[stays], shown)


def _enough(places: Ints, counts: Ints, whole: Ints) -> Ints:
    """The places of the agents' cells that may be shown beside the whole of their queue cell: the
    smallest go first until what is left over is nobody's or of enough."""
    handled = counts[places, 0]
    sound = [
        int(place)
        for place, number in zip(places.tolist(), handled.tolist(), strict=True)
        if number >= FEWEST and all(one in {0, number} for one in _known(counts[place]))
    ]
    sound.sort(key=lambda place: (-int(counts[place, 0]), place))
    if int(whole[0]) < FEWEST:
        return np.array([], np.int64)
    while sound:
        rest = whole - counts[sound].sum(axis=0)
        left = [int(rest[0])]
        for known in _known(rest):
            left += [known, int(rest[0]) - known]
        if not any(_is_few(abs(one)) for one in left):
            break
        sound.pop()
    return np.array(sorted(sound), np.int64)


def _known(row: Ints) -> list[int]:
    return [int(row[known - Count.HANDLED]) for known in _TIMES_KNOWN]


def of_agent(of: Mapping[MetricName, Metric]) -> Metrics:
    """An agent's figures as they are shown to somebody blind."""
    hidden = MetricName.TRANSFER_RATE
    return {
        name: Metric(None, one.unit, WITHHELD) if name is hidden else one
        for name, one in of.items()
    }
