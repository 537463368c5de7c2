"""Contacts on Cosmos DB when a process ends or stands still at any of its writes, when pages are
large, and beside the embedded store."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from portal.adapters.storage.cosmos import (
    Address,
    contacts_index,
    contacts_items,
    contacts_journal,
    contacts_lease,
    pages_stored,
)
from portal.adapters.storage.cosmos import contacts as cosmos_contacts
from portal.adapters.storage.cosmos.contacts_items import DAY_MS as UTC_DAY_MS
from portal.adapters.storage.cosmos.contacts_lease import Leases
from portal.adapters.storage.cosmos.container import CreateItem, DeleteItem, Item, UpsertItem
from portal.adapters.storage.cosmos.provisioning import provision
from portal.adapters.storage.sqlite import Database, SqliteContacts
from portal.domain.contacts.model import Agent, Channel, Customer, Outcome, SourceRecord
from portal.domain.contacts.pages import SLOT_MS
from portal.domain.contacts.ports import Batch, Contacts, Selection, Side, Tenant
from portal.domain.shared.days import day_of
from portal.domain.shared.documents import Upsert, Write
from portal.domain.shared.errors import DomainError, RateLimited, TooLarge
from tests.contract.counted import (
    NOTE,
    counts,
    everything,
    is_true_to_its_contacts,
)
from tests.cosmos import stand_in
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    ANA,
    BEN,
    CASEY,
    DAY_MS,
    DREW,
    GAPS,
    MINUTE_MS,
    SALES,
    SERVICE,
    abandoned,
    contact,
    record,
    tenant,
)
from tests.integration.cosmos_store import EndedError, Life, Opened, opened

FIRST = (
    record(contact(ended_ms=NOON_MS + DAY_MS), contact(agent=BEN, outcome=Outcome.CONNECTED)),
    record(abandoned(arrived_ms=NOON_MS + MINUTE_MS), id="r-2"),
)
SECOND = (
    record(contact(arrived_ms=NOON_MS + DAY_MS, queue=SERVICE, customer=DREW), version=2),
    record(contact(agent=Agent("zoe", "Zoe Example"), arrived_ms=NOON_MS + 3), id="r-3"),
)
THIRD = (
    record(contact(arrived_ms=NOON_MS + 2 * DAY_MS), version=3),
    record(abandoned(), id="r-3", version=2),
    record(contact(customer=Customer("+12025550177")), id="r-4"),
)


@pytest.fixture
async def database(cosmos: stand_in.StandIn) -> str:
    name = f"contacts-{uuid4().hex}"
    await provision(Address(cosmos.endpoint, name), stand_in.KEY, region="uk")
    return name


@pytest.fixture
async def store(cosmos: stand_in.StandIn, database: str) -> AsyncIterator[Opened]:
    """A process that waits for nobody's lease."""
    one = await opened(cosmos.endpoint, database, minutes_ahead=5)
    yield one
    await one.cosmos.close()


def note(text: str) -> Write:
    return Upsert(NOTE, "n-1", {"text": text})


async def take(
    contacts: Contacts, to: Tenant, records: tuple[SourceRecord, ...], says: str
) -> None:
    batch = Batch("alpha", records, lambda _: [note(says)])
    await contacts.ingest(to, batch, now_ms=NOON_MS)


async def said(store: Opened, of: Tenant) -> str:
    found = await store.documents.get(of.partition, NOTE, "n-1")
    return str(found.body["text"]) if found else ""


async def snapshots(store: Opened) -> dict[str, dict[str, tuple[bytes, ...]]]:
    """All pages after each of the batches, when nothing goes wrong."""
    whole, calm = {"": dict[str, tuple[bytes, ...]]()}, tenant("calm")
    for says, records in (("first", FIRST), ("second", SECOND), ("third", THIRD)):
        await take(store.contacts, calm, records, says)
        whole[says] = await everything(store.contacts, calm)
    return whole


# --- ends and stands ---------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_process_may_end_at_any_write(
    store: Opened, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """What it wrote is there as a whole or not at all, documents included, and the next process
    goes on with either."""
    expected = await snapshots(store)
    monkeypatch.setattr(cosmos_contacts, "MOST_WAITING", 1)
    seen = set()
    for writes in range(100):
        where, life = tenant(f"bay-{writes}"), Life(writes, after=after)
        await take(store.contacts, where, FIRST, "first")
        await store.contacts.settle(where)
        mortal = store.mortal(life)
        with suppress(EndedError):
            await take(mortal, where, SECOND, "second")
            await mortal.settle(where)
        reached = await said(store, where)
        assert reached in ("first", "second")
        seen.add(reached)
        assert await everything(store.contacts, where) == expected[reached], writes
        await take(store.contacts, where, SECOND, "second")
        assert await everything(store.contacts, where) == expected["second"], writes
        assert await is_true_to_its_contacts(store.contacts, where), writes
        if not life.ended:
            break
    assert 15 < writes < 99
    assert seen == {"first", "second"}


async def test_a_process_that_stood_still_changes_nothing_any_more(
    store: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others took over and went on while it stood before a write, whichever that was."""
    expected = await snapshots(store)
    monkeypatch.setattr(cosmos_contacts, "MOST_WAITING", 1)
    for writes in range(100):
        where, life = tenant(f"bay-{writes}"), Life(writes, still=True)
        await take(store.contacts, where, FIRST, "first")
        await store.contacts.settle(where)
        mortal = store.mortal(life)

        async def go_on(mortal: Contacts = mortal, where: Tenant = where) -> None:
            await take(mortal, where, SECOND, "second")
            await mortal.settle(where)

        working = asyncio.ensure_future(go_on())
        standing = asyncio.ensure_future(life.stands.wait())
        await asyncio.wait((working, standing), return_when=asyncio.FIRST_COMPLETED)
        standing.cancel()
        if not life.stands.is_set():
            await working
            break
        await take(store.contacts, where, SECOND, "second")
        await take(store.contacts, where, THIRD, "third")
        await store.contacts.settle(where)
        assert await everything(store.contacts, where) == expected["third"], writes
        life.released.set()
        with suppress(DomainError):
            await working
        # Of SECOND nothing is newer than THIRD: its note alone may come late, once, as a whole.
        assert await everything(store.contacts, where) == expected["third"], writes
        assert await is_true_to_its_contacts(store.contacts, where), writes
        await store.contacts.rebuild(where, verify=False)
        assert await everything(store.contacts, where) == expected["third"], writes
    assert 15 < writes < 99


# --- beside the embedded store -----------------------------------------------------------


def stream(draw: random.Random, length: int) -> list[SourceRecord]:
    """Records of all sorts, some corrected, some older than what is there."""
    agents = [ANA, BEN, Agent("zoe", "Zoe Example"), None]
    customers = [CASEY, DREW, None, *(Customer(f"+1202555{n:04d}") for n in range(100, 130))]
    return [
        record(
            *(
                contact(
                    arrived_ms=(at := NOON_MS + draw.randrange(-3 * DAY_MS, 3 * DAY_MS)),
                    ended_ms=draw.choice([None, at + draw.randrange(DAY_MS)]),
                    queue=draw.choice([SALES, SERVICE, None]),
                    agent=draw.choice(agents),
                    customer=draw.choice(customers),
                    channel=draw.choice(list(Channel)),
                    outcome=draw.choice(list(Outcome)),
                    wait_ms=draw.choice([None, draw.randrange(300_000)]),
                    attributes=draw.choice([None, {"order": f"A-{draw.randrange(9)}"}]),
                )
                for _ in range(draw.randrange(3))
            ),
            id=f"r-{draw.randrange(length // 2)}",
            version=draw.randrange(4),
        )
        for _ in range(length)
    ]


async def test_it_answers_as_the_embedded_store_does(
    store: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tallies, pages byte by byte, facts, contacts found, names; with pages too large for their
    heads, so that they are cut."""
    monkeypatch.setattr(pages_stored, "INLINE_BYTES", {"slot": 100, "day": 900})
    monkeypatch.setattr(pages_stored, "INLINE_PART_BYTES", {"slot": 40, "day": 50})
    monkeypatch.setattr(pages_stored, "PIECE_BYTES", 90)
    draw, bay = random.Random(20), tenant()
    database = Database(tmp_path / "beside.db", "uk")
    embedded = SqliteContacts(database, GAPS)
    try:
        for turn, source in enumerate(("alpha", "beta", "alpha", "gamma")):
            batch = Batch(source, stream(draw, 120))
            tallies = [
                await one.ingest(bay, batch, now_ms=NOON_MS) for one in (embedded, store.contacts)
            ]
            assert tallies[0] == tallies[1]
            if turn != 2:
                await store.contacts.settle(bay)
        assert await everything(embedded) == await everything(store.contacts)
        assert await embedded.queues(bay.partition) == await store.contacts.queues(bay.partition)
        assert await embedded.agents(bay) == await store.contacts.agents(bay)
        for side in Side:
            span = NOON_MS - DAY_MS // 3, NOON_MS + DAY_MS
            facts = [
                (await one.facts(bay.partition, side, *span))[1].tolist()
                for one in (embedded, store.contacts)
            ]
            assert sorted(facts[0]) == sorted(facts[1])
            chosen = Selection(
                side, *span, channels=frozenset({Channel.VOICE, Channel.CHAT}), wait_above=9000
            )
            found = [
                await one.find(bay, chosen, cursor=None, limit=500)
                for one in (embedded, store.contacts)
            ]
            assert found[0].total == found[1].total > 3
            assert sorted(str(one._replace(id=0)) for one in found[0].contacts) == sorted(
                str(one._replace(id=0)) for one in found[1].contacts
            )
        for pk in (
            pages_stored.slots_partition(bay.partition, NOON_MS // UTC_DAY_MS),
            pages_stored.days_partition(bay.partition, day_of(NOON_MS, bay.time_zone)),
        ):
            pages = store.container("pages")
            assert len(await pages.query("look", pk, pages_stored.ALL_PIECES, most=1000)) > 5
        assert await is_true_to_its_contacts(store.contacts)
    finally:
        database.close()


# --- what a rebuild finds and mends --------------------------------------------------------


async def one_of(store: Opened, container: str, pk: str, kind: str) -> Item:
    found: list[Item] = await store.container(container).query(
        "look", pk, contacts_index.OF_KIND, {"@kind": kind}, most=1
    )
    return found[0]


async def tampered(store: Opened, what: str, bay: Tenant) -> None:
    day = NOON_MS // UTC_DAY_MS
    contacts, pages = store.container("contacts"), store.container("pages")
    slots = pages_stored.slots_partition(bay.partition, day)
    if what == "page":
        item = await one_of(store, "pages", slots, "slot")
        await pages.batch("spoil", slots, [UpsertItem(item | {"parts": {}, "pieces": {}})])
    elif what == "lost page":
        await pages.batch("spoil", slots, [DeleteItem(str(NOON_MS // SLOT_MS))])
    elif what == "record":
        pk = contacts_items.shard_partition(
            bay.partition, contacts_items.record_hash("alpha", "r-1")
        )
        await contacts.batch("spoil", pk, [DeleteItem(contacts_items.record_id("alpha", "r-1"))])
    elif what == "copy":
        pk = contacts_items.day_partition(bay.partition, day + 1)
        item = await one_of(store, "contacts", pk, "ended")
        await contacts.batch("spoil", pk, [DeleteItem(item["id"])])
    else:
        pk = contacts_items.day_partition(bay.partition, day)
        item = await one_of(store, "contacts", pk, "contact")
        await contacts.batch("spoil", pk, [UpsertItem(item | {"talk": 1})])


@pytest.mark.parametrize("what", ["page", "lost page", "record", "copy", "contact"])
async def test_what_was_altered_behind_its_back_is_told_and_mended(
    store: Opened, what: str
) -> None:
    bay = tenant()
    await take(store.contacts, bay, FIRST, "first")
    await store.contacts.settle(bay)
    assert (await store.contacts.rebuild(bay, verify=True)).different == ()
    await tampered(store, what, bay)
    told = (await store.contacts.rebuild(bay, verify=True)).different
    assert told
    revision = (await store.contacts.standing(bay.partition)).revision
    assert (await store.contacts.rebuild(bay, verify=False)).different == told
    assert (await store.contacts.standing(bay.partition)).revision > revision
    assert (await store.contacts.rebuild(bay, verify=True)).different == ()
    await take(store.contacts, bay, SECOND, "second")
    assert (await counts(store.contacts))["contacts"] == 3
    assert await is_true_to_its_contacts(store.contacts)


async def test_pieces_that_no_page_names_are_swept_by_a_rebuild(store: Opened) -> None:
    bay, pages = tenant(), store.container("pages")
    await take(store.contacts, bay, FIRST, "first")
    pk = pages_stored.slots_partition(bay.partition, NOON_MS // UTC_DAY_MS)
    orphan = {"id": "1-00-values-0", "pk": pk, "kind": pages_stored.PIECE, "data": "AA=="}
    await pages.batch("spoil", pk, [CreateItem(orphan)])
    await store.contacts.rebuild(bay, verify=False)
    assert await pages.read("look", pk, orphan["id"]) is None
    assert await is_true_to_its_contacts(store.contacts)


async def test_a_record_above_the_items_limit_is_refused_and_leaves_nothing(
    store: Opened,
) -> None:
    bay = tenant()
    await take(store.contacts, bay, FIRST, "first")
    before = await everything(store.contacts)
    heavy = record(contact(attributes={"note": random.Random(1).randbytes(1_100_000).hex()}))
    with pytest.raises(TooLarge):
        await take(store.contacts, bay, (*SECOND[1:], heavy._replace(version=9)), "second")
    assert await everything(store.contacts) == before
    assert await said(store, bay) == "first"
    await take(store.contacts, bay, SECOND, "second")
    assert await is_true_to_its_contacts(store.contacts)


async def test_facts_of_a_large_batch_are_staged_in_parts(
    store: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = await snapshots(store)
    monkeypatch.setattr(contacts_journal, "ROWS_TOGETHER", 2)
    where = tenant("parts")
    for says, records in (("first", FIRST), ("second", SECOND), ("third", THIRD)):
        await take(store.contacts, where, records, says)
        fresh = store.mortal(Life(100), minutes_ahead=10)  # knows no facts but the stored ones
        assert await everything(fresh, where) == expected[says]
    await store.mortal(Life(100), minutes_ahead=11).settle(where)
    assert await everything(store.contacts, where) == expected["third"]
    assert await is_true_to_its_contacts(store.contacts, where)


# --- who writes ------------------------------------------------------------------------------


async def test_a_lease_is_kept_while_its_work_lasts_and_then_passed_on(
    store: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts_lease, "HELD_MS", 300)
    box, pk = store.container("contacts"), "uk|bay|journal"
    order = []

    async def other() -> None:
        async with Leases(box).held(pk):
            order.append("other")

    async with Leases(box).held(pk):
        waiting = asyncio.ensure_future(other())
        seen: set[int] = set()
        while len(seen) < 5:  # renewed four times, which is longer than it was taken for
            item = await box.read("look", pk, contacts_lease.ID)
            assert item is not None
            seen.add(item["until_ms"])
        order.append("first")
    await waiting
    assert order == ["first", "other"]


async def test_writers_that_wait_in_vain_are_told_to_come_again(
    store: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, pk = store.container("contacts"), "uk|bay|journal"
    monkeypatch.setattr(contacts_lease, "LONGEST_WAIT_S", 0.1)
    async with Leases(box).held(pk):
        with pytest.raises(RateLimited) as refused:
            async with Leases(box).held(pk):
                raise AssertionError("nobody else has it")
    assert refused.value.retry_after > 0
