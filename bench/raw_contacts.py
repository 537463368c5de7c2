"""DuckDB on raw contacts: what it takes to store them, and to compute our figures from them.

The table has fitting types and is sorted by arrival. Its rows carry the local days of arrival and
end, which a raw export would not: DuckDB is spared working out time zones and daylight saving.
"""

import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np

from bench.generate import ABANDONED, ANSWERED, CONNECTED, Columns
from bench.store import TIME_ZONE
from portal.domain.shared.days import day_of, day_start_ms

THRESHOLD_MS: Final = 20_000
SHORT_MS: Final = 5000
_TABLE: Final = """(
    id UHUGEINT {key}, arrived BIGINT, ended BIGINT, arrived_day INTEGER, ended_day INTEGER,
    queue SMALLINT, channel TINYINT, direction TINYINT, agent SMALLINT, outcome TINYINT,
    wait INTEGER, talk INTEGER, hold INTEGER, acw INTEGER, customer INTEGER)"""
_ROWS: Final = """SELECT hi::UHUGEINT << 64 | lo, arrived, ended, arrived_day, ended_day, queue,
    channel, direction, agent, outcome, wait, talk, hold, acw, customer FROM part"""
_BY_ARRIVAL: Final = f"""
    count(*) FILTER (outcome < 4) AS offered,
    count(*) FILTER (outcome = {ANSWERED}) AS answered,
    count(*) FILTER (outcome = {ABANDONED}) AS abandoned,
    count(*) FILTER (outcome = {ABANDONED} AND wait < {SHORT_MS}) AS short_abandoned,
    count(*) FILTER (outcome = 2) AS flow_out,
    count(*) FILTER (outcome = {ANSWERED} AND wait <= {THRESHOLD_MS}) AS within,
    sum(wait) FILTER (outcome = {ANSWERED})::BIGINT AS answered_wait,
    quantile_disc(wait, [0.5, 0.9, 0.99]) FILTER (outcome < 2) AS waits,
    max(wait) FILTER (outcome < 2) AS longest,
    count(DISTINCT customer) FILTER (outcome < 4) AS customers"""
_BY_END: Final = """count(*) AS handled, sum(talk)::BIGINT AS talk, sum(hold)::BIGINT AS hold,
    sum(acw)::BIGINT AS acw"""
_HANDLED: Final = f"outcome IN ({ANSWERED}, {CONNECTED})"
SUMMARY: Final = f"""SELECT * FROM
    (SELECT {_BY_ARRIVAL} FROM contacts WHERE arrived >= $from AND arrived < $to),
    (SELECT {_BY_END} FROM contacts WHERE ended >= $from AND ended < $to AND {_HANDLED})"""
TREND: Final = f"""SELECT * FROM
    (SELECT arrived_day AS day, {_BY_ARRIVAL} FROM contacts
        WHERE arrived >= $from AND arrived < $to GROUP BY arrived_day)
    JOIN (SELECT ended_day AS day, {_BY_END} FROM contacts
        WHERE ended >= $from AND ended < $to AND {_HANDLED} GROUP BY ended_day) USING (day)
    ORDER BY day"""
AGENT: Final = f"""SELECT {_BY_END} FROM contacts
    WHERE agent = $agent AND ended >= $from AND ended < $to AND {_HANDLED}"""

Row = dict[str, Any]


class RawContacts:
    """The table `contacts` in a DuckDB file."""

    def __init__(self, path: Path) -> None:
        self._connection = duckdb.connect(str(path))

    def load(self, days: list[Columns]) -> None:
        """Makes the table, unless it is there."""
        if self._connection.execute("SHOW TABLES").fetchall():
            return
        self._connection.execute(f"CREATE TABLE contacts {_TABLE.format(key='')}")
        for day in days:
            part = _part(day)  # noqa: F841 - DuckDB reads the variable by its name
            self._connection.execute(f"INSERT INTO contacts {_ROWS}")
        self._connection.execute("CHECKPOINT")

    def rows(self, statement: str, **values: int) -> list[Row]:
        """What a statement answers, by column."""
        cursor = self._connection.execute(statement, values)
        names = [one[0] for one in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


class Stored(NamedTuple):
    """What storing contacts cost."""

    contacts: int
    seconds: float
    cpu_seconds: float


def store(path: Path, days: list[Columns], most: int, batch: int) -> Stored:
    """Inserts at most so many contacts into a table with a primary key, a durable transaction for
    each batch, and does nothing else: no parsing, no sealing, no figures."""
    connection = duckdb.connect(str(path))
    connection.execute(f"CREATE TABLE contacts {_TABLE.format(key='PRIMARY KEY')}")
    parts = [
        _part(day.part(first, first + batch))
        for day in days
        for first in range(0, len(day.queue), batch)
    ]
    contacts, began, cpu = 0, time.perf_counter(), time.process_time()
    for part in parts:
        connection.execute(f"INSERT OR REPLACE INTO contacts {_ROWS}")
        contacts += len(part["queue"])
        if contacts >= most:
            break
    stored = Stored(contacts, time.perf_counter() - began, time.process_time() - cpu)
    connection.close()
    return stored


def _part(day: Columns) -> dict[str, np.ndarray]:
    """Contacts as DuckDB reads them."""
    halves = np.ascontiguousarray(day.contact_id).view(">u8").astype(np.uint64)
    return {
        "hi": halves[:, 0],
        "lo": halves[:, 1],
        "arrived": day.arrived_ms,
        "ended": day.ended_ms,
        "arrived_day": _local_days(day.arrived_ms),
        "ended_day": _local_days(day.ended_ms),
        "queue": day.queue,
        "channel": day.channel,
        "direction": day.direction,
        "agent": day.agent,
        "outcome": day.outcome,
        "wait": day.wait_ms,
        "talk": day.talk_ms,
        "hold": day.hold_ms,
        "acw": day.acw_ms,
        "customer": day.customer,
    }


def _local_days(ms: np.ndarray) -> np.ndarray:
    """The organisation's own day of each instant."""
    first, last = (day_of(int(edge), TIME_ZONE) for edge in (ms.min(), ms.max()))
    starts = [day_start_ms(day, TIME_ZONE) for day in range(first, last + 1)]
    days: np.ndarray = first + np.searchsorted(starts, ms, side="right") - 1
    return days
