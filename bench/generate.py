"""Millions of contacts for the benchmarks, as Amazon Connect would write them and as columns.

`columns` and `connect_lines` tell the same contacts for the same arguments: the lines are written
from the columns. Both stream in time order, a chunk at a time, and need memory for one day only.

Contacts follow a weekly and a daily curve; waits grow with the hour's load; talk is lognormal.
Times are whole seconds, as in contact records. Customers are numbered under +999, a country code
that is not in use, since a million fictional numbers exist nowhere else.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.connect_text import lines

FIRST_DAY: Final = date(2025, 1, 6)
CHANNELS: Final = ("voice", "chat", "email")
DIRECTIONS: Final = ("inbound", "outbound")
OUTCOMES: Final = ("answered", "abandoned", "flow_out", "callback", "connected", "unconnected")
ANSWERED, ABANDONED, FLOW_OUT, CALLBACK, CONNECTED, UNCONNECTED = range(6)

_LINES_A_CHUNK: Final = 8192
_WEEK: Final = np.array([1.25, 1.05, 1.0, 1.0, 0.95, 0.35, 0.2])
_DAY_MS: Final = 86_400_000

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Tiny = npt.NDArray[np.int8]


class Columns(NamedTuple):
    """Some contacts, one array element each.

    `arrived_ms` and `ended_ms`: milliseconds since 1970-01-01T00:00Z, ascending by arrival.
    `queue`, `agent`, `customer`: numbers from 0, whose keys in the records `bench.connect_text`
    gives (`queue_arn`, `queue_name`, `agent_arn`, `customer_number`); `agent` is -1 where nobody
    answered. `channel`, `direction`, `outcome`: places in `CHANNELS`, `DIRECTIONS`, `OUTCOMES`.
    `wait_ms` is 0 for outbound contacts, `talk_ms`, `hold_ms` and `acw_ms` are 0 where nobody
    answered. `contact_id` has 16 random bytes for each contact.
    """

    arrived_ms: Ints
    ended_ms: Ints
    queue: Small
    channel: Tiny
    direction: Tiny
    agent: Small
    outcome: Tiny
    wait_ms: Ints
    talk_ms: Ints
    hold_ms: Ints
    acw_ms: Ints
    customer: Small
    contact_id: npt.NDArray[np.uint8]

    def part(self, first: int, last: int) -> "Columns":
        """The contacts from `first` to before `last`."""
        return Columns._make(column[first:last] for column in self)


def columns(
    n: int,
    *,
    days: int = 90,
    queues: int = 40,
    agents: int = 800,
    customers: int = 1_000_000,
    seed: int = 1,
    first_day: date = FIRST_DAY,
) -> Iterator[Columns]:
    """`n` contacts over `days` days from `first_day` (UTC), a chunk for each day that has any.

    Raises ValueError for a count that is not positive.
    """
    if min(n, days, queues, agents, customers) < 1:
        message = "contacts, days, queues, agents and customers are counted from 1"
        raise ValueError(message)
    start = (first_day.toordinal() - date(1970, 1, 1).toordinal()) * _DAY_MS
    weights = _WEEK[(np.arange(days) + first_day.weekday()) % 7]
    counts = np.random.default_rng([seed]).multinomial(n, weights / weights.sum())
    for day, count in enumerate(counts.tolist()):
        if count:
            rng = np.random.default_rng([seed, day + 1])
            yield _day(rng, start + day * _DAY_MS, count, queues, agents, customers)


def connect_lines(
    n: int,
    *,
    days: int = 90,
    queues: int = 40,
    agents: int = 800,
    customers: int = 1_000_000,
    seed: int = 1,
    first_day: date = FIRST_DAY,
) -> Iterator[bytes]:
    """The contacts of `columns` as contact records: chunks of whole JSON lines of about 1.1 KB.

    Raises ValueError for a count that is not positive.
    """
    for day in columns(
        n,
        days=days,
        queues=queues,
        agents=agents,
        customers=customers,
        seed=seed,
        first_day=first_day,
    ):
        for first in range(0, len(day.queue), _LINES_A_CHUNK):
            yield lines(day.part(first, first + _LINES_A_CHUNK)._asdict())


def _curve() -> npt.NDArray[np.float64]:
    """Share of a day's contacts in each minute: a morning and an after-lunch peak."""
    hour = np.arange(1440) / 60
    load = 0.02 + np.exp(-(((hour - 10.4) / 1.9) ** 2)) + 0.8 * np.exp(-(((hour - 14.7) / 2) ** 2))
    share: npt.NDArray[np.float64] = load / load.sum()
    return share


_SHARE: Final = _curve()


def _seconds(values: npt.NDArray[Any], longest: int) -> Ints:
    seconds: Ints = np.clip(values, 0, longest).astype(np.int64)
    return seconds * 1000


def _day(
    rng: np.random.Generator, start: int, n: int, queues: int, agents: int, customers: int
) -> Columns:
    """One day's contacts in order of arrival."""
    minute = np.sort(rng.choice(1440, n, p=_SHARE))
    arrived = np.sort(start + minute * 60_000 + rng.integers(0, 60, n) * 1000)
    queue = (queues * rng.random(n) ** 1.5).astype(np.int32)
    channel = np.select([queue % 10 < 7, queue % 10 < 9], [0, 1], 2).astype(np.int8)
    outbound = rng.random(n) < 0.08
    load = _SHARE[minute] / _SHARE.max()
    wait = _seconds(rng.exponential(3 + 22 * load * (1 + queue % 5 / 4)), 3600)
    wait[outbound] = 0
    chance = rng.random(n) - 0.15 * (wait > 60_000)
    outcome = np.select(
        [outbound & (chance < 0.12), outbound, chance < 0.05, chance < 0.065, chance < 0.07],
        [UNCONNECTED, CONNECTED, ABANDONED, FLOW_OUT, CALLBACK],
        ANSWERED,
    ).astype(np.int8)
    handled = (outcome == ANSWERED) | (outcome == CONNECTED)
    talk = _seconds(5 + rng.lognormal(5.3, 0.7, n), 7200) * handled
    hold = _seconds(rng.exponential(60, n) * (rng.random(n) < 0.25), 1800) * handled
    acw = _seconds(rng.lognormal(3.2, 0.6, n), 1800) * handled
    agent = np.where(handled, rng.integers(0, agents, n), -1).astype(np.int32)
    customer = (customers * rng.random(n) ** 1.3).astype(np.int32)
    return Columns(
        arrived,
        arrived + wait + talk + hold,
        queue,
        channel,
        outbound.astype(np.int8),
        agent,
        outcome,
        wait,
        talk,
        hold,
        acw,
        customer,
        rng.integers(0, 256, (n, 16), dtype=np.uint8),
    )
