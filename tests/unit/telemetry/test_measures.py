"""What a process counts of itself, before anybody reads it."""

import asyncio
from typing import cast

import pytest

from portal.domain.contacts.ports import Batch, Contacts, Tally, Tenant, no_writes
from portal.measures import MOST_SERIES, OTHER, SECONDS, Counter, Gauge, Histogram, Measures
from portal.measuring import measured
from portal.worker import LagWatch


@pytest.mark.parametrize(
    ("seconds", "place"),
    [(0.0, 0), (0.001, 0), (0.0011, 1), (1.0, SECONDS.index(1.0)), (31.0, len(SECONDS))],
)
def test_a_duration_falls_into_the_class_whose_bound_it_does_not_pass(
    seconds: float, place: int
) -> None:
    histogram = Histogram("x", "says")
    histogram.record(seconds)
    (spread,) = histogram.read().values()
    assert [index for index, count in enumerate(spread.counts) if count] == [place]
    assert (spread.total, spread.sum) == (1, seconds)


def test_classes_and_sums_add_up_by_label() -> None:
    histogram = Histogram("x", "says", "operation")
    for seconds in (0.002, 0.2, 2.0, 200.0):
        histogram.record(seconds, ("one",))
    histogram.record(1.0, ("other",))
    spread = histogram.read()[("one",)]
    assert (spread.total, len(spread.counts)) == (4, len(SECONDS) + 1)
    assert spread.sum == pytest.approx(202.202)


def test_work_that_fails_is_timed_too() -> None:
    histogram = Histogram("x", "says", "source")
    with pytest.raises(ValueError, match="no"), histogram.timed("genesys"):
        raise ValueError("no")
    assert histogram.read()[("genesys",)].total == 1


def test_labels_cannot_grow_without_bound() -> None:
    counter, histogram = Counter("x", "says", "1", "code"), Histogram("y", "says", "code")
    for number in range(MOST_SERIES + 50):
        counter.add(f"code-{number}")
        histogram.record(0.1, (f"code-{number}",))
    assert len(counter.read()) == MOST_SERIES + 1
    assert counter.read()[(OTHER,)] == 50
    assert histogram.read()[(OTHER,)].total == 50


def test_a_gauge_says_nothing_before_it_was_set() -> None:
    gauge = Gauge("x", "says", "1")
    assert gauge.read() == {}
    gauge.set(3)
    gauge.set(2)
    assert gauge.read() == {(): 2}


def test_what_the_store_charged_is_read_when_it_is_asked_for() -> None:
    measures, charged = Measures(), {"documents.get": (3, 4.5)}
    requests, units = measures.counters[-2:]
    assert (requests.read(), units.read()) == ({}, {})
    measures.charges = lambda: charged
    charged["pages.read"] = (1, 1.0)
    requests, units = measures.counters[-2:]
    assert requests.read() == {("documents.get",): 3, ("pages.read",): 1}
    assert units.read() == {("documents.get",): 4.5, ("pages.read",): 1.0}


class Store:
    """Stores nothing, and takes its time or fails."""

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        if now_ms < 0:
            raise OSError("full")
        return Tally(1, 0, 0, 0, ())

    async def settle(self, tenant: Tenant) -> int:
        return 4

    async def name_queues(self, partition: str, source: str, names: dict[str, str]) -> int:
        return len(names)


async def test_storing_and_settling_are_measured_and_stay_as_they_are() -> None:
    measures = Measures()
    contacts = measured(cast(Contacts, Store()), measures)
    tenant = cast(Tenant, None)
    batch = Batch("genesys", (), no_writes)
    assert (await contacts.ingest(tenant, batch, now_ms=0)).accepted == 1
    with pytest.raises(OSError, match="full"):
        await contacts.ingest(tenant, batch, now_ms=-1)
    assert await contacts.settle(tenant) == 4
    assert await contacts.name_queues("eu|harbour", "genesys", {"a": "b"}) == 1
    assert measures.batches.read()[("genesys",)].total == 2
    assert measures.settling.read()[()].total == 1
    assert measures.settled.read() == {(): 4}


async def test_a_loop_that_is_held_up_is_seen() -> None:
    measures = Measures()
    task = LagWatch(measures, seconds=0.0).start()
    loop = asyncio.get_running_loop()
    while not measures.lag.read():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    before = measures.lag.read()[()].sum
    begun = loop.time()
    while loop.time() - begun < 0.05:
        pass  # what a callback that never gives way does
    while measures.lag.read()[()].sum - before < 0.04:  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
