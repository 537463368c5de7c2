"""A rebuild finds and mends whatever became wrong in the tables of pages."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal.domain.contacts.ports import Batch
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import BEN, DAY_MS, DREW, SERVICE, abandoned, contact, record
from tests.fakes.world import World, opened

TABLES = ("pages", "page_agents", "page_values", "agent_days", "unsettled_days")
DAMAGE = {
    "a page lost": "DELETE FROM pages WHERE id = (SELECT MIN(id) FROM pages)",
    "a day lost": "DELETE FROM pages WHERE id = (SELECT MAX(id) FROM pages)",
    "counters changed": "UPDATE pages SET queues = zeroblob(length(queues)) WHERE id = "
    "(SELECT MIN(id) FROM pages)",
    "rollups changed": "UPDATE pages SET glance = zeroblob(length(glance)) WHERE id = "
    "(SELECT MAX(id) FROM pages)",
    "a page too many": "INSERT INTO pages SELECT id + 7, stamp, glance, queues FROM pages LIMIT 1",
    "a day too many": "INSERT INTO pages SELECT id + 7, stamp, glance, queues FROM pages "
    "ORDER BY id DESC LIMIT 1",
    "values lost": "DELETE FROM page_values WHERE id = (SELECT MIN(id) FROM page_values)",
    "values changed": 'UPDATE page_values SET "values" = zeroblob(length("values"))',
    "agents lost": "DELETE FROM page_agents WHERE id = (SELECT MIN(id) FROM page_agents)",
    "agents changed": "UPDATE page_agents SET agents = zeroblob(length(agents))",
    "an agent's day lost": "DELETE FROM agent_days WHERE agent = 1",
    "an agent's day changed": "UPDATE agent_days SET cells = zeroblob(length(cells))",
    "an agent's day too many": "INSERT INTO agent_days SELECT organization, agent, day + 1, cells "
    "FROM agent_days WHERE day = (SELECT MAX(day) FROM agent_days)",
    "a stranger's day": "INSERT INTO agent_days SELECT organization, 9, day, cells "
    "FROM agent_days LIMIT 1",
    "everything lost": "DELETE FROM pages",
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        records = [
            record(contact(), id="r-1"),
            record(contact(agent=BEN, queue=SERVICE, customer=DREW), id="r-2"),
            record(contact(arrived_ms=NOON_MS + DAY_MS), id="r-3"),
            record(abandoned(arrived_ms=NOON_MS + DAY_MS), id="r-4"),
        ]
        await services.contacts.ingest(services.tenant, Batch("alpha", records), now_ms=NOON_MS)
        await services.contacts.settle(services.tenant)
        yield services


async def tables(world: World) -> dict[str, list[Any]]:
    def rows(connection: sqlite3.Connection) -> dict[str, list[Any]]:
        return {t: sorted(connection.execute(f"SELECT * FROM {t}")) for t in TABLES}  # noqa: S608

    return await world.database.read(rows)


@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_is_found_and_mended(world: World, damage: str) -> None:
    before = await tables(world)
    await world.database.write(lambda c: c.execute(DAMAGE[damage]))
    damaged = await tables(world)
    assert damaged != before
    found = await world.contacts.rebuild(world.tenant, verify=True)
    assert found.different
    assert await tables(world) == damaged
    await world.contacts.rebuild(world.tenant, verify=False)
    assert await tables(world) == before
    assert (await world.contacts.rebuild(world.tenant, verify=True)).different == ()


async def test_damage_of_a_day_that_waits_to_be_settled_is_no_damage(world: World) -> None:
    late = record(contact(arrived_ms=NOON_MS + DAY_MS), id="r-5")
    await world.contacts.ingest(world.tenant, Batch("alpha", [late]), now_ms=NOON_MS)
    assert (await world.contacts.rebuild(world.tenant, verify=True)).different == ()
    await world.contacts.rebuild(world.tenant, verify=False)
    assert (await tables(world))["unsettled_days"] == []
    assert (await world.contacts.rebuild(world.tenant, verify=True)).different == ()


async def test_a_rebuild_of_one_organisation_leaves_the_others(world: World) -> None:
    other = world.tenant._replace(partition="uk|cove")
    await world.contacts.ingest(other, Batch("alpha", [record()]), now_ms=NOON_MS)
    await world.contacts.settle(other)
    before = await tables(world)
    await world.contacts.rebuild(world.tenant, verify=False)
    assert await tables(world) == before
