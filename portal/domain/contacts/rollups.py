"""What a day's page says at a glance, worked out once when the day is settled.

One row for the whole day (key 0) and one for each queue. Everything is exact; what adds up over
days (counts within a threshold, the longest wait by maximum) serves any range, percentiles and
distinct customers serve the day itself. Queues whose source cannot give a value stay out of it.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from portal.domain.contacts.pages import Cells, Ints, Multiset, Page, Values

THRESHOLDS_MS = tuple(s * 1000 for s in (10, 15, 20, 30, 45, 60, 90, 120, 180, 240))
SHORT_ABANDON_MS = 5000
WHOLE_DAY = 0


class Glance(IntEnum):
    """Columns of a rollup row; -1 where there is no such value. Waits are milliseconds.

    Behind the last one come, for each of THRESHOLDS_MS, the contacts answered within it, then for
    each the contacts abandoned within it.
    """

    WAITS = 0
    P50 = 1
    P90 = 2
    P99 = 3
    LONGEST = 4
    IDENTIFIED = 5  # offered contacts with a known customer
    CUSTOMERS = 6
    SHORT_ABANDONED = 7
    SHORT_ABANDONED_MEASURED = 8  # only of queues that give waits of answered contacts


COLUMNS = len(Glance) + 2 * len(THRESHOLDS_MS)


class Blind(NamedTuple):
    """The queues (store numbers, sorted) that a kind of value must leave out."""

    waits: Ints
    customers: Ints


def within_columns(threshold_ms: int) -> tuple[int, int] | None:
    """The columns of answered and abandoned within the threshold, None for an unusual one."""
    if threshold_ms not in THRESHOLDS_MS:
        return None
    position = len(Glance) + THRESHOLDS_MS.index(threshold_ms)
    return position, position + len(THRESHOLDS_MS)


def percentile(values: Values, hundredths: int) -> int:
    """Nearest rank: the ceil(p*n)-th smallest, in integers (a float ceil is off by one)."""
    rank = (hundredths * len(values) + 99) // 100
    return int(np.partition(values, rank - 1)[rank - 1])


def roll_up(page: Page, blind: Blind) -> Cells:
    """The rows of a day, key 0 first, then queue by queue."""
    queue_of_cell = page.queues.keys >> 8
    queues = np.unique(queue_of_cell)
    keys = np.concatenate(([WHOLE_DAY], queues[queues != WHOLE_DAY])).astype(np.int64)
    rows = np.full((len(keys), COLUMNS), -1, np.int64)
    sees_waits = ~np.isin(queue_of_cell, blind.waits)
    sees_customers = ~np.isin(queue_of_cell, blind.customers)
    for position, key in enumerate(keys):
        chosen = queue_of_cell == key if position else np.ones(len(queue_of_cell), bool)
        rows[position] = _row(page, chosen & sees_waits, chosen, chosen & sees_customers)
    return Cells(keys, rows)


def select(page: Page, kind: Multiset, cells: np.ndarray) -> Values:
    """The multiset's values of the cells in the mask, not sorted across cells."""
    if cells.all():
        return page.values[kind]
    chosen: Values = page.values[kind][np.repeat(cells, page.lengths[kind])]
    return chosen


def _row(
    page: Page, waits_in: np.ndarray, abandons_in: np.ndarray, customers_in: np.ndarray
) -> Ints:
    row = np.full(COLUMNS, -1, np.int64)
    answered = select(page, Multiset.WAIT_ANSWERED, waits_in)
    abandoned = select(page, Multiset.WAIT_ABANDONED, waits_in)
    waits = np.concatenate((answered, abandoned))
    row[Glance.WAITS] = len(waits)
    if len(waits):
        row[Glance.P50] = percentile(waits, 50)
        row[Glance.P90] = percentile(waits, 90)
        row[Glance.P99] = percentile(waits, 99)
        row[Glance.LONGEST] = waits.max()
    customers = select(page, Multiset.CUSTOMER, customers_in)
    row[Glance.IDENTIFIED] = len(customers)
    row[Glance.CUSTOMERS] = len(np.unique(customers))
    every_abandon = select(page, Multiset.WAIT_ABANDONED, abandons_in)
    row[Glance.SHORT_ABANDONED] = int((every_abandon < SHORT_ABANDON_MS).sum())
    row[Glance.SHORT_ABANDONED_MEASURED] = int((abandoned < SHORT_ABANDON_MS).sum())
    first = len(Glance)
    for position, threshold in enumerate(THRESHOLDS_MS):
        row[first + position] = int((answered <= threshold).sum())
        row[first + len(THRESHOLDS_MS) + position] = int((abandoned <= threshold).sum())
    return row
