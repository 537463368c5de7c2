"""Whatever comes in whatever order, every figure is what plain arithmetic over the surviving
contacts gives (`naive.py`), for any range, filter, definition and threshold."""

import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.contacts.model import Channel, Outcome
from portal.domain.contacts.pages import CHANNELS, DIRECTIONS, SLOT_MS, Multiset
from portal.domain.contacts.ports import Batch, Parts
from portal.domain.dashboards.model import Asked, Grain, Metric, MetricName, Metrics
from portal.domain.shared.days import day_of, day_start_ms
from tests.fakes.clock import NOON_MS, StandingClock
from tests.fakes.contacts import GAPS
from tests.fakes.world import World, opened
from tests.unit.dashboards import naive
from tests.unit.dashboards.naive import Figure, Question
from tests.unit.dashboards.streams import SPAN_MS, Sent, questions, streams, surviving

ZONE = "Europe/London"
MEMORY = "/dev/shm"  # noqa: S108 - files there wait for no disk, where there is such a folder
FASTEST = MEMORY if Path(MEMORY).is_dir() else None
AFTER_ALL_MS = NOON_MS + 20 * SPAN_MS
M = MetricName
COUNTED = (M.OFFERED, M.ANSWERED, M.ABANDONED, M.FLOW_OUT, M.HANDLED)
quick = settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow], database=None
)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(dir=FASTEST) as folder:
        async with opened(Path(folder), clock=StandingClock(AFTER_ALL_MS)) as services:
            yield services


async def feed(services: World, stream: list[list[Sent]], *, settle_after: int = -1) -> None:
    for position, batch in enumerate(stream):
        records = [one.record for one in batch]
        await services.contacts.ingest(
            services.tenant, Batch(batch[0].source, records), now_ms=NOON_MS
        )
        if position == settle_after:
            await services.contacts.settle(services.tenant)


async def known_queues(services: World, question: Question) -> Question:
    """The question, about queues only that exist."""
    choices = await services.dashboards.queue_choices(actor=services.actor())
    return question._replace(queues=question.queues & {choice.key for choice in choices})


def asked(question: Question) -> Asked:
    return Asked(**question._asdict() | {"queues": tuple(sorted(question.queues))})


def same(metric: Metric, figure: Figure) -> bool:
    """Value, numerator and denominator; a denominator that is nothing is not told."""
    if metric.value is None or figure.value is None:
        return metric.value is figure.value is None
    told = (metric.numerator, metric.denominator)
    close = metric.value == pytest.approx(figure.value, rel=1e-12)
    if told == (None, None):
        return bool(close)
    return bool(close) and told == pytest.approx((figure.part, figure.whole), rel=1e-12)


def differences(metrics: Metrics, figures: dict[MetricName, Figure]) -> dict[str, Any]:
    """What is not the same, for the message of a failing test."""
    return {
        name: (metrics[name], figures[name])
        for name in figures
        if not same(metrics[name], figures[name])
    }


def whole_days(question: Question) -> Question:
    first, last = (day_of(ms, ZONE) for ms in (question.from_ms, question.to_ms))
    return question._replace(from_ms=day_start_ms(first, ZONE), to_ms=day_start_ms(last + 1, ZONE))


@given(stream=streams(), question=questions(), settle_after=st.integers(-1, 5))
@quick
async def test_a_summary_is_plain_arithmetic(
    stream: list[list[Sent]], question: Question, settle_after: int
) -> None:
    known = surviving(stream)
    async with world() as services:
        await feed(services, stream, settle_after=settle_after)
        question = await known_queues(services, question)
        day = question._replace(
            from_ms=day_start_ms(day_of(question.from_ms, ZONE), ZONE),
            to_ms=day_start_ms(day_of(question.from_ms, ZONE) + 1, ZONE),
        )
        for one in (question, whole_days(question), day, day._replace(channels=frozenset())):
            summary = await services.dashboards.summary(asked(one), actor=services.actor())
            assert not differences(summary.metrics, naive.figures(known, one, GAPS)), one


@given(stream=streams(), question=questions())
@quick
async def test_rollups_and_values_give_the_same(
    stream: list[list[Sent]], question: Question
) -> None:
    """A whole day unfiltered is answered from its rollups; naming every channel or an unusual
    threshold forces the values."""
    async with world() as services:
        await feed(services, stream)
        await services.contacts.settle(services.tenant)
        start = day_of(question.from_ms, ZONE)
        day = Question(
            day_start_ms(start, ZONE),
            day_start_ms(start + 1, ZONE),
            definition=question.definition,
            threshold_ms=20_000,
        )
        queues = await services.dashboards.queue_choices(actor=services.actor())
        single = [frozenset({choice.id}) for choice in queues]
        for narrowing in (frozenset[str](), *single):
            rolled = asked(day._replace(queues=narrowing))
            valued = rolled._replace(channels=frozenset(Channel))
            one = await services.dashboards.summary(rolled, actor=services.actor())
            other = await services.dashboards.summary(valued, actor=services.actor())
            assert one.metrics == other.metrics
        one_row = await services.dashboards.queues(asked(day), actor=services.actor())
        other_row = await services.dashboards.queues(
            asked(day)._replace(channels=frozenset(Channel)), actor=services.actor()
        )
        assert one_row == other_row


@given(stream=streams(), question=questions(), grain=st.sampled_from(Grain))
@quick
async def test_a_series_is_plain_arithmetic_and_adds_up_to_the_summary(
    stream: list[list[Sent]], question: Question, grain: Grain
) -> None:
    known = surviving(stream)
    async with world() as services:
        await feed(services, stream, settle_after=1)
        question = await known_queues(services, question)
        points = await services.dashboards.series(asked(question), grain, actor=services.actor())
        summary = await services.dashboards.summary(asked(question), actor=services.actor())
    assert points[0].from_ms == question.from_ms
    assert points[-1].to_ms == question.to_ms
    assert all(a.to_ms == b.from_ms for a, b in pairwise(points))
    for point in points:
        of_point = question._replace(from_ms=point.from_ms, to_ms=point.to_ms)
        assert not differences(point.metrics, naive.figures(known, of_point, GAPS)), of_point
    for name in COUNTED:
        assert sum(p.metrics[name].value or 0 for p in points) == summary.metrics[name].value
    for name in (M.SERVICE_LEVEL, M.AVERAGE_HANDLE_TIME, M.ABANDONMENT_RATE):
        total = sum(point.metrics[name].numerator or 0 for point in points)
        assert total == pytest.approx(summary.metrics[name].numerator or 0)


@given(stream=streams(), question=questions())
@quick
async def test_queue_and_agent_rows_are_plain_arithmetic(
    stream: list[list[Sent]], question: Question
) -> None:
    known = surviving(stream)
    async with world() as services:
        await feed(services, stream, settle_after=2)
        question = await known_queues(services, question)
        for one in (question, whole_days(question)):
            rows = await services.dashboards.queues(asked(one), actor=services.actor())
            summary = await services.dashboards.summary(asked(one), actor=services.actor())
            for row in rows:
                of_row = [
                    k
                    for k in known
                    if k.source == row.source and k.contact.queue and k.contact.queue[1] == row.name
                ]
                assert not differences(row.metrics, naive.figures(of_row, one, GAPS)), row.name
            for name in COUNTED[:-1]:
                assert sum(r.metrics[name].value or 0 for r in rows) == summary.metrics[name].value
            agents = await services.dashboards.agents(asked(one), actor=services.actor())
            expected = [
                k for k in naive.handled(naive.narrowed(known, one), one) if k.contact.agent
            ]
            assert {(r.source, r.name) for r in agents} == {
                (k.source, k.contact.agent.name) for k in expected if k.contact.agent
            }
            for row in agents:
                of_agent = [
                    k
                    for k in known
                    if k.source == row.source and k.contact.agent and k.contact.agent[1] == row.name
                ]
                assert not differences(row.metrics, naive.of_agents(of_agent, one)), row.name


DRILLED = (*COUNTED, M.SHORT_ABANDONED)


@given(stream=streams(), question=questions())
@quick
async def test_a_figure_leads_to_exactly_its_contacts(
    stream: list[list[Sent]], question: Question
) -> None:
    known = surviving(stream)
    async with world() as services:
        await feed(services, stream)
        question = await known_queues(services, question)
        figures = naive.figures(known, question, GAPS)

        async def behind(metric: MetricName) -> int:
            rows = await services.dashboards.contacts(
                asked(question),
                metric=metric.value,
                outcomes=frozenset[Outcome](),
                agent=None,
                cursor=None,
                limit=200,
                actor=services.actor(),
            )
            assert len(rows.rows) == rows.total
            return rows.total

        for name in DRILLED:
            if figures[name].value is not None:
                assert await behind(name) == figures[name].value, name
        for name in (M.TRANSFER_RATE, M.ABANDONMENT_RATE):
            if figures[name].part is not None:
                assert await behind(name) == figures[name].part, name


@given(stream=streams(), data=st.data())
@quick
async def test_pages_are_those_of_a_rebuild_in_any_order(
    stream: list[list[Sent]], data: st.DataObject
) -> None:
    """By bytes with a rebuild, and by the names of queues and agents with another order."""
    everything = [one for batch in stream for one in batch]
    order = [[one] for one in data.draw(st.permutations(everything))]
    seen: list[Counter[Any]] = []
    for turn in (stream, order):
        async with world() as services:
            await feed(services, turn, settle_after=data.draw(st.integers(-1, 6)))
            for _ in range(2):
                rebuilt = await services.contacts.rebuild(services.tenant, verify=True)
                assert rebuilt.different == ()
                assert rebuilt.contacts == len(surviving(stream))
                await services.contacts.settle(services.tenant)
            seen.append(await by_names(services))
    assert seen[0] == seen[1]


async def by_names(services: World) -> Counter[Any]:
    """All that the slots count, told by names."""
    queues = {
        entry.number: (entry.source, entry.key)
        for entry in await services.contacts.queues(services.tenant.partition)
    }
    agents = {
        entry.number: (entry.source, entry.name)
        for entry in await services.contacts.agents(services.tenant)
    }

    def cell(key: int) -> tuple[Any, ...]:
        return (queues[key >> 8 & 0xFFFFFF], CHANNELS[key >> 4 & 15], DIRECTIONS[key & 15])

    found: Counter[Any] = Counter()
    first, last = ((NOON_MS + side * 2 * SPAN_MS) // SLOT_MS for side in (-1, 1))
    for slot, page in await services.contacts.slot_pages(
        services.tenant, first, last, Parts(agents=True, values=True)
    ):
        for key, counts in zip(page.queues.keys.tolist(), page.queues.counts, strict=True):
            found[slot, cell(key), tuple(counts.tolist())] += 1
        for key, counts in zip(page.agents.keys.tolist(), page.agents.counts, strict=True):
            found[slot, agents[key >> 32], cell(key & 0xFFFFFFFF), tuple(counts.tolist())] += 1
        for kind in (Multiset.WAIT_ANSWERED, Multiset.WAIT_ABANDONED):
            found[slot, kind, tuple(page.values[kind].tolist())] += 1
        found[slot, "customers", len(page.values[Multiset.CUSTOMER])] += 1
    return found
