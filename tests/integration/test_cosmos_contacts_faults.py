"""Contacts on Cosmos DB when the service is busy, gives no answer, or not the one that counts."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import pytest
from aiohttp import web

from portal.adapters.storage.cosmos import (
    Address,
    Cosmos,
    CosmosContacts,
    CosmosDocuments,
    Timeouts,
)
from portal.adapters.storage.cosmos import contacts as cosmos_contacts
from portal.adapters.storage.cosmos.containers import CONTACTS, DOCUMENTS, PAGES
from portal.adapters.storage.cosmos.provisioning import provision
from portal.domain.contacts.ports import Batch, Contacts, Tally, Tenant
from portal.domain.shared.errors import DomainError, RateLimited
from tests.contract.counted import BAY, counts, everything, is_true_to_its_contacts
from tests.cosmos import stand_in
from tests.cosmos.faults import NO_MATTER_HOW_OFTEN, Fault, FaultProxy, batches, proxied, queries
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    DAY_MS,
    DREW,
    GAPS,
    MINUTE_MS,
    SERVICE,
    abandoned,
    contact,
    record,
    tenant,
)
from tests.integration.cosmos_store import Opened, opened

IMPATIENT = Timeouts(connect_s=2, answer_s=2, throttled_tries=1, throttled_s=1)
BUSY = {"x-ms-retry-after-ms": "40"}
FIRST = (record(contact(ended_ms=NOON_MS + DAY_MS)), record(abandoned(), id="r-2"))
SECOND = (
    record(contact(arrived_ms=NOON_MS + MINUTE_MS, queue=SERVICE, customer=DREW), version=2),
    record(contact(), id="r-3"),
)


@dataclass
class Account:
    """Contacts that go through the proxy, and the same ones past it."""

    proxy: FaultProxy
    contacts: Contacts
    past: Opened


@pytest.fixture
async def account(
    cosmos: stand_in.StandIn, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Account]:
    monkeypatch.setattr(cosmos_contacts, "MOST_WAITING", 1)
    name = f"faults-{uuid4().hex}"
    await provision(Address(cosmos.endpoint, name), stand_in.KEY, region="uk")
    async with proxied(cosmos) as proxy:
        through = await Cosmos.open(
            Address(proxy.endpoint, name), stand_in.KEY, region="uk", timeouts=IMPATIENT
        )
        documents = CosmosDocuments(through.container(DOCUMENTS))
        containers = through.container(CONTACTS), through.container(PAGES)
        past = await opened(cosmos.endpoint, name, minutes_ahead=5)
        yield Account(proxy, CosmosContacts(documents, *containers, GAPS), past)
        await through.close()
        await past.cosmos.close()


def the(number: int) -> Callable[[web.Request], bool]:
    """The batch of that number from now on, counted from 0."""
    passed = -1

    def chosen(request: web.Request) -> bool:
        nonlocal passed
        passed += batches(request)
        return batches(request) and passed == number

    return chosen


async def take(contacts: Contacts, to: Tenant, batch: Batch) -> Tally:
    return await contacts.ingest(to, batch, now_ms=NOON_MS)


FAULTS = (
    Fault(None),
    Fault(None, after=True),
    Fault(449),
    Fault(503, after=True),
    Fault(429, headers=BUSY),
    Fault(408, after=True),
)
"""Connections reset before and after the work was done, errors that say nothing of it, and
refusals."""


@pytest.mark.parametrize("turn", [0, 3])
async def test_whichever_write_has_no_good_answer_each_contact_counts_once(
    account: Account, turn: int
) -> None:
    """Each of the writes in its turn meets one of the faults; in the other run another one."""
    calm = tenant("calm")
    for batch in (FIRST, SECOND):
        await take(account.past.contacts, calm, Batch("alpha", batch))
    expected = await everything(account.past.contacts, calm)
    succeeded = 0
    for number in range(60):
        where = tenant(f"bay-{number}")
        await take(account.past.contacts, where, Batch("alpha", FIRST))
        met = account.proxy.met
        fault = FAULTS[(number + turn) % len(FAULTS)]
        account.proxy.plan(
            the(number), Fault(fault.status, after=fault.after, headers=fault.headers)
        )
        with suppress(DomainError):
            tally = await take(account.contacts, where, Batch("alpha", SECOND))
            assert (tally.accepted, tally.corrected) == (1, 1), number
            succeeded += 1
            await account.contacts.settle(where)
        account.proxy.recover()
        await take(account.past.contacts, where, Batch("alpha", SECOND))
        assert await everything(account.past.contacts, where) == expected, number
        assert await is_true_to_its_contacts(account.past.contacts, where), number
        if account.proxy.met == met:
            break
    assert 15 < number < 59
    assert succeeded > number - 5


async def test_a_busy_service_says_when_to_come_again(account: Account) -> None:
    await take(account.past.contacts, BAY, Batch("alpha", FIRST))
    before = await everything(account.past.contacts)
    account.proxy.plan(batches, Fault(429, headers=BUSY, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(RateLimited) as busy:
        await take(account.contacts, BAY, Batch("alpha", SECOND))
    assert busy.value.retry_after > 0
    account.proxy.plan(queries, Fault(429, headers=BUSY, times=NO_MATTER_HOW_OFTEN))
    with pytest.raises(RateLimited):
        await account.contacts.agents(BAY)
    account.proxy.recover()
    assert await everything(account.past.contacts) == before
    await take(account.contacts, BAY, Batch("alpha", SECOND))
    assert (await counts(account.contacts))["contacts"] == 3
    assert await is_true_to_its_contacts(account.past.contacts)
