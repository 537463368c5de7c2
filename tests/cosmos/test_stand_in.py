"""The stand-in for Cosmos DB is as strict as the store's tests need it to be."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from azure.core import MatchConditions
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy
from azure.cosmos.exceptions import (
    CosmosBatchOperationError,
    CosmosHttpResponseError,
    CosmosResourceNotFoundError,
)

from tests.cosmos import stand_in

MATCH = MatchConditions.IfNotModified
EVERYTHING = "SELECT c.id, c.pk, c.n FROM c ORDER BY c.n"


@pytest.fixture
async def notes(cosmos: stand_in.StandIn) -> AsyncIterator[ContainerProxy]:
    async with stand_in.client(cosmos.endpoint) as client:
        name = f"strict-{uuid4().hex}"
        database = await client.create_database(name)
        container = await database.create_container("notes", PartitionKey("/pk"))
        for n, pk in enumerate(("bay", "cove", "bay")):
            await container.create_item({"id": f"n-{n}", "pk": pk, "n": n})
        yield container
        await client.delete_database(name)


async def seen(container: ContainerProxy, **how: Any) -> list[str]:
    return [item["id"] async for item in container.query_items(EVERYTHING, **how)]


async def test_a_query_sees_its_partition_alone(notes: ContainerProxy) -> None:
    assert await seen(notes, partition_key="bay") == ["n-0", "n-2"]
    assert await seen(notes, partition_key="nowhere") == []
    assert await seen(notes) == ["n-0", "n-1", "n-2"]


async def test_pages_of_a_query_follow_on_each_other(notes: ContainerProxy) -> None:
    pages = notes.query_items(EVERYTHING, partition_key="bay", max_item_count=1).by_page()
    assert [[item["id"] async for item in page] async for page in pages] == [["n-0"], ["n-2"]]


async def test_a_query_sees_what_was_replaced_moved_and_deleted(notes: ContainerProxy) -> None:
    await notes.replace_item("n-0", {"id": "n-0", "pk": "bay", "n": 5})
    await notes.delete_item("n-2", "bay")
    await notes.create_item({"id": "n-2", "pk": "cove", "n": 4})
    assert await seen(notes, partition_key="bay") == ["n-0"]
    assert await seen(notes, partition_key="cove") == ["n-1", "n-2"]
    assert await seen(notes) == ["n-1", "n-2", "n-0"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("c.n IN (@a, @b)", [0, 2]),
        ("c.n IN (@b) AND c.id != 'n-2'", []),
        ("c.id != 'n-0' AND c.n IN (@a, @b)", [2]),
        ("(c.n IN (@a) OR c.n = 2)", [0, 2]),
        ("NOT (c.n IN (@a))", [2, 4]),
        ("c.n IN (@a, 4)", [0, 4]),
        ("c.n IN (@c)", []),
    ],
)
async def test_one_of_some_values_is_one_condition_among_others(
    notes: ContainerProxy, condition: str, expected: list[int]
) -> None:
    await notes.create_item({"id": "n-4", "pk": "bay", "n": 4})
    values = {"@a": 0, "@b": 2, "@c": "2"}
    text = f"SELECT c.n FROM c WHERE {condition} ORDER BY c.n"  # noqa: S608 - no value is in it
    found = notes.query_items(
        text,
        parameters=[{"name": name, "value": value} for name, value in values.items()],
        partition_key="bay",
    )
    assert [item["n"] async for item in found] == expected


async def test_what_is_missing_is_not_found(notes: ContainerProxy) -> None:
    for id, pk in (("n-9", "bay"), ("n-0", "cove")):
        with pytest.raises(CosmosResourceNotFoundError):
            await notes.read_item(id, pk)
        with pytest.raises(CosmosResourceNotFoundError):
            await notes.replace_item(id, {"id": id, "pk": pk})
        with pytest.raises(CosmosResourceNotFoundError):
            await notes.delete_item(id, pk)


async def test_a_batch_that_fails_leaves_nothing(notes: ContainerProxy) -> None:
    before = await seen(notes)
    steps: list[Any] = [
        ("create", ({"id": "n-3", "pk": "bay", "n": 3},)),
        ("upsert", ({"id": "n-0", "pk": "bay", "n": 7},)),
        ("delete", ("n-2",)),
        ("replace", ("n-0", {"id": "n-0", "pk": "bay"}), {"if_match_etag": "another"}),
    ]
    with pytest.raises(CosmosBatchOperationError) as caught:
        await notes.execute_item_batch(steps, "bay")
    assert (caught.value.status_code, caught.value.error_index) == (412, 3)
    assert await seen(notes) == before
    assert (await notes.read_item("n-0", "bay"))["n"] == 0
    await notes.execute_item_batch(steps[:3], "bay")
    assert await seen(notes, partition_key="bay") == ["n-3", "n-0"]


async def test_a_batch_stays_in_its_partition(notes: ContainerProxy) -> None:
    with pytest.raises(CosmosHttpResponseError) as caught:
        await notes.execute_item_batch([("create", ({"id": "n-3", "pk": "cove"},))], "bay")
    assert caught.value.status_code == 400
    with pytest.raises(CosmosBatchOperationError):
        await notes.execute_item_batch([("delete", ("n-1",))], "bay")
    assert len(await seen(notes)) == 3


async def test_a_batch_has_a_hundred_operations_at_most(notes: ContainerProxy) -> None:
    steps = [("upsert", ({"id": f"m-{n}", "pk": "bay", "n": n},)) for n in range(101)]
    with pytest.raises(CosmosHttpResponseError) as caught:
        await notes.execute_item_batch(steps, "bay")
    assert caught.value.status_code == 400
    await notes.execute_item_batch(steps[:100], "bay")
    assert len(await seen(notes, partition_key="bay")) == 102


async def test_a_stale_version_is_refused_by_every_change(notes: ContainerProxy) -> None:
    for change in (
        notes.replace_item("n-0", {"id": "n-0", "pk": "bay"}, etag="x", match_condition=MATCH),
        notes.upsert_item({"id": "n-0", "pk": "bay"}, etag="x", match_condition=MATCH),
        notes.delete_item("n-0", "bay", etag="x", match_condition=MATCH),
    ):
        with pytest.raises(CosmosHttpResponseError) as caught:
            await change
        assert caught.value.status_code == 412


async def test_an_item_of_more_than_two_megabytes_is_refused(notes: ContainerProxy) -> None:
    with pytest.raises(CosmosHttpResponseError) as caught:
        await notes.upsert_item({"id": "n-3", "pk": "bay", "text": "x" * 2_100_000})
    assert caught.value.status_code == 413


@pytest.mark.parametrize("ttl", [0, -2, 1.5, 2**31])
async def test_a_time_to_live_is_whole_seconds(notes: ContainerProxy, ttl: float) -> None:
    await notes.upsert_item({"id": "n-3", "pk": "bay", "ttl": 2**31 - 1})
    with pytest.raises(CosmosHttpResponseError) as caught:
        await notes.upsert_item({"id": "n-3", "pk": "bay", "ttl": ttl})
    assert caught.value.status_code == 400
