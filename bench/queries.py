"""The dashboard's questions beside DuckDB computing the same figures from the raw contacts.

Both are asked in process: the product through its use cases (permissions, time zone, definitions
and completeness included, HTTP and JSON not), DuckDB by a warm SQL statement. They take turns of a
few runs each, and the medians are compared. Equal answers are asserted, figure by figure.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

import numpy as np

from bench.generate import Columns
from bench.raw_contacts import AGENT, SUMMARY, TREND, RawContacts, Row
from bench.report import Line
from bench.store import DAYS, TIME_ZONE, agent, supervisor
from portal.domain.dashboards.model import Asked, Grain, MetricName, Metrics
from portal.domain.shared.days import day_of, day_start_ms
from portal.wiring import Services

AGENT_NUMBER: Final = 17
AGENT_DAYS: Final = 30
REPETITIONS = 21
TURN: Final = 5
M = MetricName


class Question(NamedTuple):
    """A question to both, how often to ask it, and how to tell whether the answers agree."""

    name: str
    target: float
    repetitions: int
    ours: Callable[[], Awaitable[Any]]
    theirs: Callable[[], list[Row]]
    agree: Callable[[Any, list[Row]], None]


async def measure(services: Services, raw: RawContacts, days: list[Columns]) -> list[Line]:
    """Each question's medians in ms, ours and DuckDB's."""
    return [await _timed(question) for question in _questions(services, raw, days)]


async def _timed(question: Question) -> Line:
    for _ in range(3):
        question.agree(await question.ours(), question.theirs())
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(question.repetitions):
        for _ in range(TURN):
            began = time.perf_counter()
            await question.ours()
            ours.append(time.perf_counter() - began)
        for _ in range(TURN):
            began = time.perf_counter()
            question.theirs()
            theirs.append(time.perf_counter() - began)
    mine, other = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    return Line(
        question.name, mine, "ms", peer="DuckDB", peer_value=other, ratio=other / mine,
        target=question.target, note="figures equal",
    )  # fmt: skip


def _questions(services: Services, raw: RawContacts, days: list[Columns]) -> list[Question]:
    dashboards = services.dashboards
    first = day_of(int(days[0].arrived_ms[0]), TIME_ZONE)
    counts = [len(day.queue) for day in days]
    busiest = first + int(np.argmax(counts))
    one = Asked(*_range(busiest, 1))
    whole = Asked(*_range(first, DAYS))
    month = Asked(*_range(first + DAYS - AGENT_DAYS, AGENT_DAYS))
    who, person = supervisor(), agent(AGENT_NUMBER)
    return [
        Question(
            f"Q1 summary of the busiest day ({max(counts):,} contacts)", 5, REPETITIONS,
            lambda: dashboards.summary(one, actor=who),
            lambda: raw.rows(SUMMARY, **_bounds(one)),
            lambda mine, rows: _agree(mine.metrics, rows[0]),
        ),
        Question(
            f"Q2 trend of {DAYS} days, every figure of every day", 40, max(REPETITIONS // 7, 1),
            lambda: dashboards.series(whole, Grain.DAY, actor=who),
            lambda: raw.rows(TREND, **_bounds(whole)),
            _agree_by_day,
        ),
        Question(
            f"Q3 one agent's {AGENT_DAYS} days", 100, REPETITIONS,
            lambda: dashboards.agents(month, actor=person),
            lambda: raw.rows(AGENT, agent=AGENT_NUMBER, **_bounds(month)),
            lambda mine, rows: _agree_by_end(mine[0].metrics, rows[0]),
        ),
    ]  # fmt: skip


def _range(first: int, days: int) -> tuple[int, int]:
    return day_start_ms(first, TIME_ZONE), day_start_ms(first + days, TIME_ZONE)


def _bounds(asked: Asked) -> dict[str, int]:
    return {"from": asked.from_ms, "to": asked.to_ms}


def _agree_by_day(points: Any, rows: list[Row]) -> None:
    assert len(points) == len(rows)
    for point, row in zip(points, rows, strict=True):
        _agree(point.metrics, row)


def _agree(metrics: Metrics, row: Row) -> None:
    """Raises AssertionError unless every figure is the same number."""
    answered, abandoned, short = row["answered"], row["abandoned"], row["short_abandoned"]
    expected = {
        M.OFFERED: row["offered"],
        M.ANSWERED: answered,
        M.ABANDONED: abandoned,
        M.SHORT_ABANDONED: short,
        M.FLOW_OUT: row["flow_out"],
        M.SERVICE_LEVEL: 100 * row["within"] / (answered + abandoned),
        M.AVERAGE_SPEED_OF_ANSWER: row["answered_wait"] / (1000 * answered),
        M.ABANDONMENT_RATE: 100 * (abandoned - short) / (row["offered"] - short),
        M.WAIT_P50: row["waits"][0] / 1000,
        M.WAIT_P90: row["waits"][1] / 1000,
        M.WAIT_P99: row["waits"][2] / 1000,
        M.LONGEST_WAIT: row["longest"] / 1000,
        M.DISTINCT_CUSTOMERS: row["customers"],
    }
    for name, value in expected.items():
        assert metrics[name].value == value, (name, metrics[name], value)
    _agree_by_end(metrics, row)


def _agree_by_end(metrics: Metrics, row: Row) -> None:
    handled = row["handled"]
    expected = {
        M.HANDLED: handled,
        M.AVERAGE_TALK_TIME: row["talk"] / (1000 * handled),
        M.AVERAGE_HOLD_TIME: row["hold"] / (1000 * handled),
        M.AVERAGE_AFTER_CONTACT_WORK: row["acw"] / (1000 * handled),
        M.AVERAGE_HANDLE_TIME: (row["talk"] + row["hold"] + row["acw"]) / (1000 * handled),
    }
    for name, value in expected.items():
        assert metrics[name].value == value, (name, metrics[name], value)
