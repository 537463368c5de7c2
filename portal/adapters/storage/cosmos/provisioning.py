"""Creates the database and its containers; the infrastructure does the same from the JSON that is
made here."""

import json
from collections.abc import Iterable
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.cosmos import PartitionKey, ThroughputProperties
from azure.cosmos.aio import CosmosClient, DatabaseProxy

from portal.adapters.storage.cosmos import faults
from portal.adapters.storage.cosmos.connection import (
    Address,
    Cosmos,
    Timeouts,
    connect,
    differences,
)
from portal.adapters.storage.cosmos.containers import (
    CONTAINERS,
    NO_DEFAULT_TTL,
    PARTITION_PATH,
    ContainerDefinition,
)
from portal.domain.shared.errors import Unavailable


async def provision(
    address: Address,
    credential: AsyncTokenCredential | str,
    *,
    region: str,
    definitions: Iterable[ContainerDefinition] = CONTAINERS,
) -> list[str]:
    """Creates what is missing and brings indexing to its definition; a line for each thing, also
    for what was there. Marks the database as the region's.

    Raises Unavailable when the account refuses (identities with data roles alone may not create
    containers) or when a container is there that cannot be brought to its definition.
    """
    wanted = tuple(definitions)
    client = connect(address.endpoint, credential, Timeouts())
    try:
        async with client:
            done = [await _database(client, address)]
            database = client.get_database_client(address.database)
            done += [await _container(database, definition) for definition in wanted]
    except AzureError as error:
        if faults.status_of(error) in (401, 403):
            raise Unavailable(
                "This identity may not create databases and containers: let infra/ create them, "
                "or use an identity that may."
            ) from None
        raise faults.of_a_read(error) from None
    store = await Cosmos.open(address, credential, region=region, definitions=wanted)
    await store.close()
    return [*done, f"database {address.database} belongs to region {region}"]


def as_json() -> str:
    """The definitions as infra/ loads them; the text of infra/cosmos-containers.json."""
    described: list[dict[str, Any]] = [
        {
            "name": one.name,
            "partitionKey": {"paths": [PARTITION_PATH], "kind": "Hash", "version": 2},
            "defaultTtl": NO_DEFAULT_TTL,
            "indexingPolicy": one.indexing_policy(),
            "throughput": one.throughput,
        }
        for one in CONTAINERS
    ]
    return json.dumps({"containers": described}, indent=2) + "\n"


async def _database(client: CosmosClient, address: Address) -> str:
    name = address.database
    try:
        await client.get_database_client(name).read()
    except AzureError as error:
        if faults.status_of(error) != faults.NOT_FOUND:
            raise
        await client.create_database_if_not_exists(name)
        return f"database {name} created"
    return f"database {name} is there"


async def _container(database: DatabaseProxy, definition: ContainerDefinition) -> str:
    name, policy = definition.name, definition.indexing_policy()
    key = PartitionKey(PARTITION_PATH)
    try:
        found = await database.get_container_client(name).read()
    except AzureError as error:
        if faults.status_of(error) != faults.NOT_FOUND:
            raise
        await database.create_container_if_not_exists(
            name,
            key,
            indexing_policy=policy,
            default_ttl=NO_DEFAULT_TTL,
            offer_throughput=ThroughputProperties(auto_scale_max_throughput=definition.throughput),
        )
        return f"container {name} created"
    if found.get("partitionKey", {}).get("paths") != [PARTITION_PATH]:
        wrong = " and ".join(differences(definition, found))
        raise Unavailable(f"The container {name} has {wrong}, which cannot be changed.")
    if _indexed(found.get("indexingPolicy", {})) == _indexed(policy) and not differences(
        definition, found
    ):
        return f"container {name} is as defined"
    await database.replace_container(name, key, indexing_policy=policy, default_ttl=NO_DEFAULT_TTL)
    return f"container {name} brought to its definition"


def _indexed(policy: dict[str, Any]) -> tuple[frozenset[str], str]:
    """What a policy indexes; the service adds paths of its own to those that are left out."""
    paths = frozenset(one["path"] for one in policy.get("includedPaths", ()))
    return paths, json.dumps(policy.get("compositeIndexes", []), sort_keys=True)
