"""The indexes of runs hold exactly their tables, however records come, and keep records unique."""

import random
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from portal.adapters.storage.sqlite import indexing, ingestion, runs
from portal.adapters.storage.sqlite.contacts import SqliteContacts
from portal.adapters.storage.sqlite.database import Database
from portal.adapters.storage.sqlite.runs import hashed_keys, record_keys
from portal.domain.contacts.model import Customer, SourceRecord
from portal.domain.contacts.pages import Ints
from portal.domain.contacts.ports import Batch, Tally
from portal.domain.shared.documents import Write
from portal.domain.shared.errors import Unavailable
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import CASEY, GAPS, contact, record, tenant
from tests.fakes.world import World, opened

INDEXES = {"records": indexing.OF_RECORDS, "subjects": indexing.OF_CUSTOMERS}
DAMAGE = {
    "a run lost": "DELETE FROM {0}_runs",
    "a run twice": "INSERT INTO {0}_runs (length, entries) SELECT length, entries FROM {0}_runs",
    "an entry of another key": "UPDATE {0}_runs SET entries = CAST(x'00' || substr(entries, 2)"
    " AS BLOB)",
    "an entry of another row": "UPDATE {0}_runs SET entries = CAST(substr(entries, 1, length * 8)"
    " || x'ff' || substr(entries, length * 8 + 2) AS BLOB)",
    "an entry of no row": "INSERT INTO {0}_runs (length, entries) VALUES (1, zeroblob(16))",
    "a run out of order": "UPDATE {0}_runs SET entries = CAST(substr(entries, 9, 8)"
    " || substr(entries, 1, 8) || substr(entries, 17) AS BLOB)",
    "a length that is not so": "UPDATE {0}_runs SET length = length + 1",
}
TWICE = """SELECT COUNT(*) FROM
    (SELECT 1 FROM contacts GROUP BY organization, source, record, leg HAVING COUNT(*) > 1
    UNION ALL SELECT 1 FROM subjects GROUP BY organization, ref HAVING COUNT(*) > 1)"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        yield services


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "FAN", 4)
    monkeypatch.setattr(runs, "SMALL_BITS", 2)
    monkeypatch.setattr(runs, "LARGE_BITS", 6)
    monkeypatch.setattr(runs, "MOST_KEPT", 60)


def customer(number: int) -> Customer:
    return CASEY._replace(number=f"+1202555{number:04}", name=None)


def arriving(rng: random.Random) -> list[SourceRecord]:
    """A batch of new, changed, known and outdated records, some of them twice."""
    return [
        record(
            *(contact(customer=customer(rng.randrange(80))) for _ in range(rng.choice((1, 1, 3)))),
            id=f"r-{rng.randrange(150)}",
            version=rng.randrange(4),
        )
        for _ in range(rng.randrange(1, 25))
    ]


def entries(connection: sqlite3.Connection, name: str) -> list[list[tuple[int, int]]]:
    """The entries of each run."""
    blobs = connection.execute(f"SELECT entries FROM {name}_runs")  # noqa: S608
    return [
        list(zip(*np.frombuffer(blob, "<i8").reshape(2, -1).tolist(), strict=True))
        for (blob,) in blobs
    ]


def expected(connection: sqlite3.Connection) -> dict[str, list[tuple[int, int]]]:
    records = connection.execute("SELECT organization, source, record, id FROM contacts")
    subjects = connection.execute("SELECT ref, id FROM subjects")
    return {
        "records": sorted(
            (int(record_keys(o, s, [record])[0]), id) for o, s, record, id in records
        ),
        "subjects": sorted((int(hashed_keys([ref])[0]), id) for ref, id in subjects),
    }


def held(connection: sqlite3.Connection) -> dict[str, list[tuple[int, int]]]:
    return {name: sorted(chain(*entries(connection, name))) for name in INDEXES}


@pytest.mark.usefixtures("small_runs")
@pytest.mark.parametrize("seed", range(3))
async def test_every_row_has_one_entry_and_no_record_is_there_twice(
    world: World, seed: int
) -> None:
    rng, newest = random.Random(seed), dict[tuple[str, str, str], int]()
    tenants = (world.tenant, tenant("cove", region="uk", key=b"c"))
    longest, most = dict.fromkeys(INDEXES, 0), 0
    for _ in range(60):
        owner, source, batch = rng.choice(tenants), rng.choice(("alpha", "beta")), arriving(rng)
        await world.contacts.ingest(owner, Batch(source, batch), now_ms=NOON_MS)
        for one in batch:
            place = (owner.partition, source, one.record_id)
            newest[place] = max(newest.get(place, 0), one.version)

        def state(connection: sqlite3.Connection) -> None:
            assert held(connection) == expected(connection)
            assert connection.execute(TWICE).fetchone() == (0,)
            nonlocal most
            for name in INDEXES:
                lengths = [len(one) for one in entries(connection, name)]
                longest[name] = max(longest[name], *lengths)
                most = max(most, len(lengths))

        await world.database.read(state)
    stored = await world.database.read(
        lambda c: c.execute(
            "SELECT pk, name, record, MIN(version), MAX(version) FROM contacts JOIN organizations"
            " ON organizations.number = organization"
            " JOIN sources ON sources.number = source GROUP BY 1, 2, 3"
        ).fetchall()
    )
    assert {tuple(row[:3]): row[3:] for row in stored} == {
        place: (version, version) for place, version in newest.items()
    }
    assert min(longest.values()) > 16
    assert most < 20
    for owner in tenants:
        assert (await world.contacts.rebuild(owner, verify=True)).different == ()


class BrokenError(Exception):
    """What ends a batch."""


def broken(_: Tally) -> Sequence[Write]:
    raise BrokenError


@pytest.mark.usefixtures("small_runs")
@pytest.mark.parametrize("seed", range(3))
async def test_what_one_process_keeps_in_mind_is_true_beside_another_and_after_a_failure(
    tmp_path: Path, seed: int
) -> None:
    rng, owner, newest = random.Random(seed), tenant(), dict[str, int]()
    databases = [Database(tmp_path / "switchroom.db", "uk") for _ in range(2)]
    stores = [SqliteContacts(database, GAPS) for database in databases]
    for _ in range(120):
        store, batch = rng.choice(stores), arriving(rng)
        if rng.random() < 0.3:
            with pytest.raises(BrokenError):
                await store.ingest(owner, Batch("alpha", batch, broken), now_ms=NOON_MS)
            continue
        await store.ingest(owner, Batch("alpha", batch), now_ms=NOON_MS)
        for one in batch:
            newest[one.record_id] = max(newest.get(one.record_id, 0), one.version)
    stored = await databases[0].read(
        lambda c: c.execute("SELECT record, MIN(version), MAX(version) FROM contacts GROUP BY 1")
        .fetchall()
    )  # fmt: skip
    assert {record: versions for record, *versions in stored} == {
        record: [version, version] for record, version in newest.items()
    }
    assert await databases[1].read(lambda c: c.execute(TWICE).fetchone()) == (0,)
    assert (await stores[1].rebuild(owner, verify=True)).different == ()
    for database in databases:
        database.close()


async def test_a_corrected_record_keeps_its_rows_and_the_index_as_it_is(world: World) -> None:
    async def ingest(version: int, legs: int) -> None:
        changes = [{"leg": n, "customer": customer(n), "talk_ms": version} for n in range(legs)]
        batch = [record(*(contact(**one) for one in changes), id="r", version=version)]
        await world.contacts.ingest(world.tenant, Batch("alpha", batch), now_ms=NOON_MS)

    async def rows() -> list[tuple[int, int, int]]:
        statement = "SELECT id, leg, talk FROM contacts ORDER BY id"
        return await world.database.read(lambda c: c.execute(statement).fetchall())

    async def runs_of_records() -> list[tuple[int, bytes]]:
        statement = "SELECT id, entries FROM records_runs"
        return await world.database.read(lambda c: c.execute(statement).fetchall())

    await ingest(1, 2)
    before = await runs_of_records()
    await ingest(2, 2)
    assert await rows() == [(1, 0, 2), (2, 1, 2)]
    assert await runs_of_records() == before
    await ingest(3, 3)
    assert await rows() == [(1, 0, 3), (2, 1, 3), (3, 2, 3)]
    await ingest(4, 1)
    assert await rows() == [(1, 0, 4)]
    assert await world.database.read(held) == await world.database.read(expected)


async def test_records_and_customers_of_one_key_are_told_apart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sevens(digests: Iterable[object]) -> Ints:
        return np.array([7 for _ in digests], np.int64)

    monkeypatch.setattr(ingestion, "record_keys", lambda *owned: sevens(owned[2]))
    monkeypatch.setattr(ingestion, "hashed_keys", sevens)

    async def ingest(numbers: Iterable[int], version: int) -> tuple[int, ...]:
        batch = [
            record(contact(customer=customer(n)), contact(), id=f"r-{n}", version=version)
            for n in numbers
        ]
        done = await world.contacts.ingest(world.tenant, Batch("alpha", batch), now_ms=NOON_MS)
        return done[:4]

    assert await ingest(range(6), 2) == (6, 0, 0, 0)
    assert await ingest(range(3, 9), 2) == (3, 0, 3, 0)
    assert await ingest(range(2, 4), 3) == (0, 2, 0, 0)
    assert await ingest(range(2, 4), 1) == (0, 0, 0, 2)
    monkeypatch.undo()
    await world.contacts.rebuild(world.tenant, verify=False)
    verified = await world.contacts.rebuild(world.tenant, verify=True)
    assert (verified.contacts, verified.different) == (18, ())
    assert await world.database.read(lambda c: c.execute(TWICE).fetchone()) == (0,)
    assert await world.database.read(
        lambda c: c.execute("SELECT COUNT(*) FROM subjects").fetchone()
    ) == (10,)


@pytest.mark.parametrize("name", INDEXES)
@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_of_an_index_is_found_and_mended(world: World, name: str, damage: str) -> None:
    batch = [record(contact(customer=customer(n)), id=f"r-{n}") for n in range(4)]
    await world.contacts.ingest(world.tenant, Batch("alpha", batch), now_ms=NOON_MS)
    await world.contacts.settle(world.tenant)
    await world.database.write(lambda c: c.execute(DAMAGE[damage].format(name)))
    found = await world.contacts.rebuild(world.tenant, verify=True)
    assert found.different == (INDEXES[name],)
    await world.contacts.rebuild(world.tenant, verify=False)
    assert await world.database.read(held) == await world.database.read(expected)
    assert (await world.contacts.rebuild(world.tenant, verify=True)).different == ()


@pytest.mark.parametrize(("version", "advice"), [(1, "import its files again"), (99, "upgrade")])
def test_a_store_of_another_shape_is_refused(tmp_path: Path, version: int, advice: str) -> None:
    path = tmp_path / "switchroom.db"
    Database(path, "uk").close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(Unavailable, match=advice):
        Database(path, "uk")
