"""What happens to documents when Cosmos DB is busy, slow, or does not say what it did."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from portal.adapters.storage.cosmos import Address, Cosmos, CosmosDocuments, Timeouts
from portal.adapters.storage.cosmos.containers import DOCUMENTS
from portal.adapters.storage.cosmos.provisioning import provision
from portal.domain.shared.documents import Create, Delete, Document, Replace, Upsert
from portal.domain.shared.errors import Conflict, RateLimited, Unavailable
from portal.domain.shared.fields import Category, Field, Kind
from tests.cosmos import stand_in
from tests.cosmos.faults import (
    NO_MATTER_HOW_OFTEN,
    Fault,
    FaultProxy,
    batches,
    item_reads,
    proxied,
    queries,
)
from tests.fakes.clock import StandingClock

NOTE = Kind("note", (Field("text", Category.OPERATIONAL),))
BAY = "uk|bay"
IMPATIENT = Timeouts(connect_s=2, answer_s=0.4, throttled_tries=2, throttled_s=1)
BUSY = {"x-ms-retry-after-ms": "40"}


@dataclass
class Account:
    """Documents that go through the proxy, and the same ones past it."""

    proxy: FaultProxy
    documents: CosmosDocuments
    past: CosmosDocuments
    store: Cosmos
    waits: list[float] = field(default_factory=list)

    async def texts(self) -> dict[str, str]:
        page = await self.past.query(BAY, NOTE)
        return {one.id: one.body["text"] for one in page.documents}

    async def numbers(self) -> list[str]:
        """The ids as the feed tells them; its cursor counts every write that was ever done."""
        told = await self.past.changes(BAY)
        return [*(one.id for one in told.changes), told.cursor]

    async def note(self, id: str) -> Document:
        found = await self.past.get(BAY, NOTE, id)
        assert found is not None
        return found


@pytest.fixture
async def account(cosmos: stand_in.StandIn) -> AsyncIterator[Account]:
    clock, name, waits = StandingClock(), f"faults-{uuid4().hex}", list[float]()

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    await provision(Address(cosmos.endpoint, name), stand_in.KEY, region="uk")
    async with proxied(cosmos) as proxy:
        opened = [
            await Cosmos.open(
                Address(endpoint, name),
                stand_in.KEY,
                region="uk",
                timeouts=IMPATIENT if endpoint == proxy.endpoint else None,
                pause=pause,
            )
            for endpoint in (proxy.endpoint, cosmos.endpoint)
        ]
        documents, past = (
            CosmosDocuments(one.container(DOCUMENTS), clock.now_ms, pause) for one in opened
        )
        yield Account(proxy, documents, past, opened[0], waits)
        for one in opened:
            await one.close()
    async with stand_in.client(cosmos.endpoint) as client:
        await client.delete_database(name)


LOST = [
    pytest.param(Fault(status, after=after), id=f"{status or 'reset'}-{'done' if after else 'not'}")
    for status in (408, 500, 503, None)
    for after in (False, True)
]


def again(fault: Fault, times: int = 1) -> Fault:
    """A fault of the table; the table itself is used up by nobody."""
    return Fault(fault.status, after=fault.after, headers=dict(fault.headers), times=times)


@pytest.mark.parametrize("fault", LOST)
async def test_a_creation_without_an_answer_is_done_once(account: Account, fault: Fault) -> None:
    account.proxy.plan(batches, again(fault))
    await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "new"})])
    assert account.proxy.met == 1
    assert await account.numbers() == ["n-1", "1"]
    with pytest.raises(Conflict):
        await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "new"})])


@pytest.mark.parametrize("fault", LOST)
async def test_a_change_without_an_answer_is_done_once(account: Account, fault: Fault) -> None:
    await account.past.batch(
        BAY, [Create(NOTE, id, {"text": "old"}) for id in ("n-1", "n-2", "n-3")]
    )
    first, second = [await account.note(id) for id in ("n-1", "n-2")]
    account.proxy.plan(batches, again(fault))
    await account.documents.batch(
        BAY,
        [
            Replace(NOTE, "n-1", {"text": "new"}, first.etag),
            Delete(NOTE, "n-2", second.etag),
            Upsert(NOTE, "n-4", {"text": "new"}),
        ],
    )
    assert await account.texts() == {"n-1": "new", "n-3": "old", "n-4": "new"}
    assert await account.numbers() == ["n-3", "n-1", "n-4", "6"]


@pytest.mark.parametrize("fault", LOST)
async def test_a_change_is_done_once_when_every_answer_is_lost_for_a_while(
    account: Account, fault: Fault
) -> None:
    account.proxy.plan(batches, again(fault, times=2))
    await account.documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "new"})])
    assert await account.numbers() == ["n-1", "1"]


async def test_a_request_that_arrives_late_changes_nothing_more(account: Account) -> None:
    held = asyncio.Event()
    account.proxy.plan(batches, Fault(held=held))
    await account.documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "first"})])
    await account.documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "second"})])
    held.set()
    async with asyncio.timeout(10):
        assert await account.proxy.late.get() == 207
    assert await account.texts() == {"n-1": "second"}
    assert await account.numbers() == ["n-1", "2"]


async def test_a_store_that_stays_away_is_unavailable_and_nothing_is_half_done(
    account: Account,
) -> None:
    account.proxy.plan(batches, Fault(503, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(Unavailable, match="look again"):
        await account.documents.batch(
            BAY, [Create(NOTE, "n-1", {"text": "a"}), Create(NOTE, "n-2", {"text": "b"})]
        )
    assert await account.texts() == {}
    account.proxy.recover()
    await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    assert await account.numbers() == ["n-1", "1"]


async def test_a_busy_store_tells_when_to_come_back(account: Account) -> None:
    busy = account.proxy.plan(batches, Fault(429, headers=BUSY, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(RateLimited) as caught:
        await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    assert caught.value.retry_after == pytest.approx(0.1)
    busy.headers["x-ms-retry-after-ms"] = "700"
    account.proxy.plan(item_reads, Fault(429, headers={"x-ms-retry-after-ms": "700"}, times=9))
    with pytest.raises(RateLimited) as caught:
        await account.documents.get(BAY, NOTE, "n-1")
    assert caught.value.retry_after == pytest.approx(0.7)
    assert await account.texts() == {}


async def test_a_store_that_is_busy_for_a_moment_is_waited_for(account: Account) -> None:
    account.proxy.plan(batches, Fault(429, headers=BUSY))
    account.proxy.plan(queries, Fault(429, headers=BUSY))
    await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    assert len((await account.documents.query(BAY, NOTE)).documents) == 1
    assert account.proxy.met == 2


async def test_a_batch_that_is_to_be_sent_again_is_sent_again(account: Account) -> None:
    account.proxy.plan(batches, Fault(449, times=2))
    await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    assert await account.numbers() == ["n-1", "1"]
    assert len(account.waits) == 2


@pytest.mark.parametrize("status", [408, 449, 500, 503, None])
async def test_reads_are_tried_again(account: Account, status: int | None) -> None:
    await account.past.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    account.proxy.plan(item_reads, Fault(status))
    account.proxy.plan(queries, Fault(status))
    assert await account.documents.get(BAY, NOTE, "n-1") is not None
    assert len((await account.documents.query(BAY, NOTE)).documents) == 1
    assert account.proxy.met == 2


async def test_what_nobody_can_tell_is_told_so(account: Account) -> None:
    await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])  # now it has a head
    account.proxy.plan(batches, Fault(503, after=True))
    account.proxy.plan(item_reads, Fault(429, headers=BUSY, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(Unavailable, match="look again"):
        await account.documents.batch(BAY, [Create(NOTE, "n-2", {"text": "a"})])
    account.proxy.recover()
    assert sorted(await account.texts()) == ["n-1", "n-2"]


async def test_a_store_that_does_not_answer_is_unavailable(account: Account) -> None:
    account.proxy.plan(item_reads, Fault(503, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(Unavailable):
        await account.documents.get(BAY, NOTE, "n-1")


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (404, {"x-ms-substatus": "1003"}),
        (404, {"x-ms-substatus": "1002"}),
        (401, {}),
        (403, {}),
    ],
)
async def test_what_cannot_be_read_is_never_taken_for_absent(
    account: Account, status: int, headers: dict[str, str]
) -> None:
    account.proxy.plan(item_reads, Fault(status, headers=headers, times=NO_MATTER_HOW_OFTEN))
    account.proxy.plan(queries, Fault(status, headers=headers, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(Unavailable):
        await account.documents.get(BAY, NOTE, "n-1")
    with pytest.raises(Unavailable):
        await account.documents.query(BAY, NOTE)


async def test_a_slow_read_is_tried_again(account: Account) -> None:
    await account.past.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    held = asyncio.Event()
    account.proxy.plan(item_reads, Fault(held=held))
    assert await account.documents.get(BAY, NOTE, "n-1") is not None
    held.set()


async def test_messages_of_the_service_are_not_passed_on(account: Account) -> None:
    account.proxy.plan(batches, Fault(400, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(Unavailable) as caught:
        await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    assert "injected" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_every_request_is_charged_to_its_operation(account: Account) -> None:
    before = {name: charge.requests for name, charge in account.store.charges().items()}
    await account.documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"})])
    await account.documents.get(BAY, NOTE, "n-1")
    await account.documents.get(BAY, NOTE, "n-2")
    await account.documents.query(BAY, NOTE)
    after = account.store.charges()
    assert {name: charge.requests - before.get(name, 0) for name, charge in after.items()} == {
        "store.open": 0,
        "documents.batch": 1,
        "documents.get": 2,
        "documents.head": 1,
        "documents.query": 1,
    }
    assert after["documents.get"].units > 0
