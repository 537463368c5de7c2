"""What a database of Cosmos DB has to be before the product uses it, and how it becomes that."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.cosmos import PartitionKey
from azure.cosmos.aio import DatabaseProxy

from portal.adapters.storage.cosmos import Address, Cosmos
from portal.adapters.storage.cosmos.connection import LAYOUT, MARKER
from portal.adapters.storage.cosmos.containers import CONTAINERS, DOCUMENTS
from portal.adapters.storage.cosmos.provisioning import provision
from portal.domain.shared.errors import Unavailable
from portal.settings import ROOT
from tests.cosmos import stand_in
from tests.cosmos.faults import NO_MATTER_HOW_OFTEN, Fault, descriptions, proxied
from tests.emulator.playground import free_port
from tests.integration.conftest import Make


@pytest.fixture
async def place(cosmos: stand_in.StandIn) -> AsyncIterator[Address]:
    """A database that is not there yet."""
    address = Address(cosmos.endpoint, f"opening-{uuid4().hex}")
    yield address
    async with stand_in.client(cosmos.endpoint) as client:
        await client.create_database_if_not_exists(address.database)
        await client.delete_database(address.database)


@pytest.fixture
async def database(place: Address) -> AsyncIterator[DatabaseProxy]:
    """The same, provisioned, to be spoilt."""
    await provision(place, stand_in.KEY, region="uk")
    async with stand_in.client(place.endpoint) as client:
        yield client.get_database_client(place.database)


async def refused(place: Address, region: str = "uk") -> str:
    with pytest.raises(Unavailable) as caught:
        await Cosmos.open(place, stand_in.KEY, region=region)
    return str(caught.value)


async def test_what_was_provisioned_opens_and_answers(place: Address) -> None:
    await provision(place, stand_in.KEY, region="uk")
    store = await Cosmos.open(place, stand_in.KEY, region="uk")
    assert await store.is_ready()
    await store.close()


async def test_a_missing_database_or_container_is_named(
    place: Address, database: DatabaseProxy
) -> None:
    for definition in CONTAINERS:
        await database.delete_container(definition.name)
        assert f"has no container {definition.name}" in (said := await refused(place))
        assert "provision --store cosmos" in said
        await provision(place, stand_in.KEY, region="uk")
    nowhere = place._replace(database=f"{place.database}-other")
    assert f"{nowhere.database} has no container" in await refused(nowhere)


async def test_a_database_belongs_to_one_region(place: Address, database: DatabaseProxy) -> None:
    assert "belongs to region uk, not eu" in await refused(place, "eu")
    with pytest.raises(Unavailable, match="belongs to region uk, not eu"):
        await provision(place, stand_in.KEY, region="eu")


async def test_the_first_of_several_processes_says_whose_database_it_is(
    place: Address, database: DatabaseProxy
) -> None:
    documents = database.get_container_client(DOCUMENTS.name)
    await documents.delete_item(MARKER, MARKER)
    opened = await asyncio.gather(
        *(Cosmos.open(place, stand_in.KEY, region=region) for region in ("uk", "eu", "uk", "eu")),
        return_exceptions=True,
    )
    won = (await documents.read_item(MARKER, MARKER))["region"]
    for region, one in zip(("uk", "eu", "uk", "eu"), opened, strict=True):
        assert isinstance(one, Cosmos if region == won else Unavailable)
        if isinstance(one, Cosmos):
            await one.close()


async def test_a_database_of_a_newer_version_is_left_alone(
    place: Address, database: DatabaseProxy
) -> None:
    newer = {"id": MARKER, "pk": MARKER, "region": "uk", "layout": LAYOUT + 1}
    await database.get_container_client(DOCUMENTS.name).upsert_item(newer)
    assert "newer version" in await refused(place)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({"partition_key": PartitionKey("/other"), "default_ttl": -1}, "partition key ['/other']"),
        ({"partition_key": PartitionKey("/pk")}, "no time to live"),
    ],
)
async def test_a_container_made_otherwise_is_refused(
    place: Address, database: DatabaseProxy, made: dict[str, Any], says: str
) -> None:
    await database.delete_container(DOCUMENTS.name)
    await database.create_container(DOCUMENTS.name, **made)
    assert says in await refused(place)


async def test_a_container_without_time_to_live_is_brought_to_its_definition(
    place: Address, database: DatabaseProxy
) -> None:
    await database.delete_container(DOCUMENTS.name)
    await database.create_container(DOCUMENTS.name, PartitionKey("/pk"))
    done = await provision(place, stand_in.KEY, region="uk")
    assert "container documents brought to its definition" in done
    found = await database.get_container_client(DOCUMENTS.name).read()
    assert found["defaultTtl"] == -1
    assert found["indexingPolicy"] == DOCUMENTS.indexing_policy()


async def test_provisioning_again_changes_nothing(place: Address) -> None:
    first = await provision(place, stand_in.KEY, region="uk")
    assert first[:-1] == [
        f"database {place.database} created",
        *(f"container {one.name} created" for one in CONTAINERS),
    ]
    assert (await provision(place, stand_in.KEY, region="uk"))[:-1] == [
        f"database {place.database} is there",
        *(f"container {one.name} is as defined" for one in CONTAINERS),
    ]


async def test_an_account_whose_reads_may_be_behind_is_refused(
    cosmos: stand_in.StandIn, place: Address, database: DatabaseProxy
) -> None:
    async with proxied(cosmos) as proxy:
        proxy.plan(
            descriptions,
            Fault(
                changed=lambda told: (
                    told | {"userConsistencyPolicy": {"defaultConsistencyLevel": "Session"}}
                ),
                times=NO_MATTER_HOW_OFTEN,
            ),
        )
        said = await refused(place._replace(endpoint=proxy.endpoint))
    assert "Session consistency; Switchroom needs Strong" in said


@pytest.mark.parametrize("status", [401, 403])
async def test_an_account_that_does_not_know_us_is_told_apart(
    cosmos: stand_in.StandIn, place: Address, status: int
) -> None:
    async with proxied(cosmos) as proxy:
        proxy.plan(descriptions, Fault(status, times=NO_MATTER_HOW_OFTEN))
        said = await refused(place._replace(endpoint=proxy.endpoint))
    assert "does not accept the identity" in said


async def test_an_account_that_is_not_there_is_told(place: Address) -> None:
    said = await refused(place._replace(endpoint=f"https://127.0.0.1:{free_port()}"))
    assert "does not answer" in said


def test_the_operator_provisions_and_the_product_starts_on_it(
    make: Make, cosmos: stand_in.StandIn, tmp_path: Path
) -> None:
    key = tmp_path / "emulator.key"
    key.write_text(stand_in.KEY)
    product = make(
        SWITCHROOM_REGION="uk",
        SWITCHROOM_STORE="cosmos",
        SWITCHROOM_COSMOS_ENDPOINT=cosmos.endpoint,
        SWITCHROOM_COSMOS_DATABASE=f"opening-{uuid4().hex}",
        SWITCHROOM_COSMOS_KEY_FILE=str(key),
    )
    done = product.command("organizations")
    assert (done.code, "provision --store cosmos" in done.err) == (2, True)
    done = product.command("provision", "--store", "cosmos", "--json")
    assert (done.code, done.json[1]) == (0, "container documents created")
    product.start()
    assert product.get("/readyz").status == 200
    assert product.stop() == 0, product.logged()
    assert "Traceback" not in product.logged()
    assert "documents/docs" not in product.logged()
    assert [path.name for path in product.data.rglob("*.db")] == []


def test_the_operator_of_sqlite_has_nothing_to_provision(make: Make) -> None:
    done = make().command("provision", "--store", "cosmos")
    assert (done.code, "SQLite makes itself" in done.err) == (2, True)


def test_the_infrastructure_has_the_definition_of_the_containers(make: Make) -> None:
    kept = (ROOT / "infra" / "cosmos-containers.json").read_text(encoding="utf-8")
    described = make().command("provision", "--store", "cosmos", "--describe")
    assert (described.code, json.loads(described.out)) == (0, json.loads(kept))
