"""The vendors' own service levels, recomputed on the same contacts as ours.

Each formula says of a contact whether it is in the numerator and in the denominator; the contacts
for which a vendor's answer is not ours explain the difference (domain reference, sections 0.3, B).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from portal.domain.contacts.model import OFFERED, Outcome
from portal.domain.contacts.pages import OUTCOMES, Fact, Ints
from portal.domain.contacts.rollups import SHORT_ABANDON_MS
from portal.domain.dashboards.model import Definition

Booleans = npt.NDArray[np.bool_]


class Shares(NamedTuple):
    """For each contact: is it in the numerator, is it in the denominator."""

    part: Booleans
    whole: Booleans


class Formula(NamedTuple):
    """A vendor's formula: its source, what it is called, how it reads, what it does."""

    source: str
    title: str
    text: str
    shares: Callable[[Ints, int], Shares]


def _is(matrix: Ints, *outcomes: Outcome) -> Booleans:
    found: Booleans = np.isin(
        matrix[:, Fact.OUTCOME], [OUTCOMES.index(outcome) for outcome in outcomes]
    )
    return found


def _within(matrix: Ints, threshold_ms: int) -> Booleans:
    wait = matrix[:, Fact.WAIT]
    return (wait >= 0) & (wait <= threshold_ms)


def connect(matrix: Ints, threshold_ms: int) -> Shares:
    """Amazon Connect: contacts removed from the queue (answered, abandoned or callback requested)
    within the threshold, of all that were queued."""
    removed = _is(matrix, Outcome.ANSWERED, Outcome.ABANDONED, Outcome.CALLBACK)
    return Shares(removed & _within(matrix, threshold_ms), _is(matrix, *OFFERED))


def genesys(matrix: Ints, threshold_ms: int) -> Shares:
    """Genesys Cloud with everything included: answered in time, of answered, abandoned and
    flowed out."""
    return Shares(
        _is(matrix, Outcome.ANSWERED) & _within(matrix, threshold_ms),
        _is(matrix, Outcome.ANSWERED, Outcome.ABANDONED, Outcome.FLOW_OUT),
    )


def genesys_without_short(matrix: Ints, threshold_ms: int) -> Shares:
    """As `genesys`, short abandons excluded."""
    part, whole = genesys(matrix, threshold_ms)
    wait = matrix[:, Fact.WAIT]
    short = _is(matrix, Outcome.ABANDONED) & (wait >= 0) & (wait < SHORT_ABANDON_MS)
    return Shares(part, whole & ~short)


def genesys_without_abandons(matrix: Ints, threshold_ms: int) -> Shares:
    """As `genesys`, abandons excluded."""
    part, whole = genesys(matrix, threshold_ms)
    return Shares(part, whole & ~_is(matrix, Outcome.ABANDONED))


FORMULAS: Sequence[Formula] = (
    Formula(
        "amazon-connect",
        "Amazon Connect",
        "(answered≤T + abandoned≤T + callbacks≤T) / queued",
        connect,
    ),
    Formula(
        "genesys",
        "Genesys Cloud, all included",
        "answered≤T / (answered + abandoned + flow-outs)",
        genesys,
    ),
    Formula(
        "genesys",
        "Genesys Cloud, without short abandons",
        "answered≤T / (answered + abandoned + flow-outs − short abandons)",
        genesys_without_short,
    ),
    Formula(
        "genesys",
        "Genesys Cloud, without abandons",
        "answered≤T / (answered + flow-outs)",
        genesys_without_abandons,
    ),
)


def ours(matrix: Ints, threshold_ms: int, definition: Definition) -> Shares:
    """Our service level, contact by contact; the same as the KPI engine's from counts."""
    within = _within(matrix, threshold_ms)
    answered = _is(matrix, Outcome.ANSWERED) & (matrix[:, Fact.WAIT] >= 0)
    abandoned = _is(matrix, Outcome.ABANDONED)
    wait = matrix[:, Fact.WAIT]
    part = answered & within
    if definition is Definition.POSITIVE:
        return Shares(part | (abandoned & within), answered | abandoned)
    if definition is Definition.ANSWERED_ONLY:
        return Shares(part, answered)
    if definition is Definition.SHORT_EXCLUDED:
        short = abandoned & (wait >= 0) & (wait < SHORT_ABANDON_MS)
        return Shares(part, (answered | abandoned) & ~short)
    if definition is Definition.IGNORE_ABANDONED:
        return Shares(part, (answered | abandoned) & ~(abandoned & within))
    return Shares(part, answered | abandoned)


def offered(matrix: Ints) -> Booleans:
    """The contacts that arrived in a queue."""
    return _is(matrix, *OFFERED)


def unlike(one: Shares, other: Shares) -> Booleans:
    """The contacts the two formulas treat differently."""
    different: Booleans = (one.part != other.part) | (one.whole != other.whole)
    return different
