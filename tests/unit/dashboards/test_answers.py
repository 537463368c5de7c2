"""What answers promise beside their numbers: which queue, how complete, how current, who looked."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.audit.model import Action
from portal.domain.contacts.model import Customer, Outcome, Queue
from portal.domain.contacts.ports import Batch
from portal.domain.dashboards.model import Asked, MetricName
from portal.domain.dashboards.ranges import Span
from portal.domain.shared.errors import NotFound
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import abandoned, contact, record
from tests.fakes.world import World, opened

ASKED = Asked(NOON_MS, NOON_MS + 3_600_000)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        yield services


async def store(world: World, *records: Any, source: str = "alpha") -> None:
    await world.contacts.ingest(world.tenant, Batch(source, records), now_ms=NOON_MS)


async def test_an_id_is_no_other_queues_name(world: World) -> None:
    await store(
        world,
        record(contact(queue=Queue("sales", "Sales")), id="r-1"),
        record(contact(queue=Queue("other", "Q1")), id="r-2"),
    )
    for asked in ("q1", "sales", "SALES"):
        summary = await world.dashboards.summary(
            ASKED._replace(queues=(asked,)), actor=world.actor()
        )
        assert summary.metrics[MetricName.OFFERED].value == 1, asked


async def test_complete_means_every_figure_covers_every_contact(world: World) -> None:
    await store(world, record(contact(customer=Customer("+12025550101")), id="r-1"))
    complete = (await world.dashboards.summary(ASKED, actor=world.actor())).completeness
    assert complete.complete
    unknown = record(contact(customer=None, hold_ms=None), id="r-2")
    await store(world, unknown)
    summary = await world.dashboards.summary(ASKED, actor=world.actor())
    assert not summary.completeness.complete
    assert summary.metrics[MetricName.AVERAGE_HANDLE_TIME].covered == 1


async def test_a_name_alone_is_no_customer(world: World) -> None:
    guests = [record(contact(customer=Customer(name="Guest")), id=f"r-{n}") for n in range(3)]
    await store(world, *guests)
    metrics = (await world.dashboards.summary(ASKED, actor=world.actor())).metrics
    assert metrics[MetricName.DISTINCT_CUSTOMERS].value is None
    rows = await _contacts(world)
    assert {row.customer for row in rows.rows} == {"G•••"}


async def test_an_outcome_the_metric_does_not_count_leaves_nothing(world: World) -> None:
    await store(world, record(contact(), id="r-1"), record(abandoned(wait_ms=9_000), id="r-2"))
    found = await _contacts(world, metric="answered", outcomes=frozenset({Outcome.ABANDONED}))
    assert (found.rows, found.total) == ((), 0)
    with pytest.raises(NotFound):
        await _contacts(world, agent="a77")


async def test_a_repair_makes_every_held_answer_stale(world: World) -> None:
    await store(world, record(contact(), id="r-1"))
    await world.contacts.settle(world.tenant)
    before = await world.dashboards.tag("q", Span(0, 1), actor=world.actor())
    await world.imports.rebuild(verify=False, actor=world.actor())
    assert await world.dashboards.tag("q", Span(0, 1), actor=world.actor()) == before
    await world.database.write(lambda c: c.execute("UPDATE pages SET stamp = 'spoiled'"))
    assert (await world.imports.rebuild(verify=False, actor=world.actor())).different
    assert await world.dashboards.tag("q", Span(0, 1), actor=world.actor()) != before


async def test_each_look_at_explaining_contacts_is_audited(tmp_path: Path) -> None:
    async with opened(tmp_path, sources=SOURCES) as world:
        await store(world, record(abandoned(wait_ms=9_000), id="r-1"), source="amazon-connect")
        for _ in range(2):
            [figure] = await world.dashboards.reconcile(ASKED, actor=world.actor())
            assert figure.explained_total == 1
        trail = [e.action async for e in world.audit.entries(world.tenant.partition)]
        assert trail.count(Action.CONTACTS_VIEWED) == 2


async def _contacts(world: World, **how: Any) -> Any:
    asked = {"metric": None, "outcomes": frozenset[Outcome](), "agent": None, "cursor": None}
    return await world.dashboards.contacts(ASKED, actor=world.actor(), limit=50, **asked | how)
