"""The tiered indexes hold exactly their tables, however records come, and keep records unique."""

import random
import sqlite3
from collections.abc import AsyncIterator, Iterable
from itertools import chain
from pathlib import Path

import pytest

from portal.adapters.storage.sqlite import indexing, ingestion, tiers
from portal.adapters.storage.sqlite.database import Database
from portal.adapters.storage.sqlite.tiers import hashed_key, record_key
from portal.domain.contacts.model import Customer, SourceRecord
from portal.domain.contacts.ports import Batch
from portal.domain.shared.errors import Unavailable
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import CASEY, contact, record, tenant
from tests.fakes.world import World, opened

TIERS = ("new", "recent", "settled")
INDEXES = {"records": indexing.OF_RECORDS, "subjects": indexing.OF_CUSTOMERS}
DAMAGE = {
    "an entry lost": "DELETE FROM {0}_new WHERE id = (SELECT MAX(id) FROM {0}_new)",
    "an entry of another key": "UPDATE {0}_new SET key = key + 1",
    "an entry of another row": "UPDATE {0}_new SET id = id + 100",
    "an entry in two tiers": "INSERT INTO {0}_recent SELECT * FROM {0}_new LIMIT 1",
    "an entry of no row": "INSERT INTO {0}_settled VALUES (1, 100)",
    "everything lost": "DELETE FROM {0}_new",
}
TWICE = """SELECT COUNT(*) FROM
    (SELECT 1 FROM contacts GROUP BY organization, source, record, leg HAVING COUNT(*) > 1
    UNION ALL SELECT 1 FROM subjects GROUP BY organization, ref HAVING COUNT(*) > 1)"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        yield services


@pytest.fixture
def small_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "NEW_BITS", 3)
    monkeypatch.setattr(tiers, "RECENT_BITS", 4)


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
    return [
        connection.execute(f"SELECT key, id FROM {name}_{tier}").fetchall()  # noqa: S608
        for tier in TIERS
    ]


def expected(connection: sqlite3.Connection) -> dict[str, list[tuple[int, int]]]:
    records = connection.execute("SELECT organization, source, record, id FROM contacts")
    subjects = connection.execute("SELECT ref, id FROM subjects")
    return {
        "records": sorted((record_key(o, s, record), id) for o, s, record, id in records),
        "subjects": sorted((hashed_key(ref), id) for ref, id in subjects),
    }


def held(connection: sqlite3.Connection) -> dict[str, list[tuple[int, int]]]:
    return {name: sorted(chain(*entries(connection, name))) for name in INDEXES}


@pytest.mark.usefixtures("small_tiers")
@pytest.mark.parametrize("seed", range(3))
async def test_every_row_has_one_entry_and_no_record_is_there_twice(
    world: World, seed: int
) -> None:
    rng, newest = random.Random(seed), dict[tuple[str, str, str], int]()
    tenants = (world.tenant, tenant("cove", region="uk", key=b"c"))
    used: set[str] = set()
    for _ in range(60):
        owner, source, batch = rng.choice(tenants), rng.choice(("alpha", "beta")), arriving(rng)
        await world.contacts.ingest(owner, Batch(source, batch), now_ms=NOON_MS)
        for one in batch:
            place = (owner.partition, source, one.record_id)
            newest[place] = max(newest.get(place, 0), one.version)

        def state(connection: sqlite3.Connection) -> None:
            assert held(connection) == expected(connection)
            assert connection.execute(TWICE).fetchone() == (0,)
            for name in INDEXES:
                used.update(
                    f"{name}_{t}"
                    for t, of in zip(TIERS, entries(connection, name), strict=True)
                    if of
                )

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
    assert used == {f"{name}_{tier}" for name in INDEXES for tier in TIERS}
    for owner in tenants:
        assert (await world.contacts.rebuild(owner, verify=True)).different == ()


async def test_records_and_customers_of_one_key_are_told_apart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion, "record_key", lambda *_: 7)
    monkeypatch.setattr(ingestion, "hashed_key", lambda _: 7)

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
