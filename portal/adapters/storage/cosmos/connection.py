"""One database of a Cosmos DB account, opened for one region."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Self

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.cosmos.aio import CosmosClient, DatabaseProxy

from portal.adapters.storage.cosmos import faults
from portal.adapters.storage.cosmos.charges import Charges
from portal.adapters.storage.cosmos.container import (
    Container,
    CreateItem,
    Item,
    Pause,
)
from portal.adapters.storage.cosmos.containers import (
    CONTAINERS,
    DOCUMENTS,
    NO_DEFAULT_TTL,
    PARTITION_PATH,
    ContainerDefinition,
)
from portal.adapters.storage.cosmos.transport import ClosingTransport
from portal.domain.shared.errors import Unavailable

LAYOUT = 1
"""How items are laid out; a store of a newer layout is refused."""
CONSISTENCY = "Strong"
MARKER = "store"
"""The partition and the item that say whose database this is."""
SET_UP = "create it with `python -m portal provision --store cosmos` or with infra/"


class Timeouts(NamedTuple):
    """Seconds to connect and to wait for an answer. The client repeats throttled requests
    `throttled_tries` times by itself, waiting `throttled_s` in all, before it gives up."""

    connect_s: float = 5.0
    answer_s: float = 10.0
    throttled_tries: int = 3
    throttled_s: int = 5


class Address(NamedTuple):
    """Where a database is."""

    endpoint: str
    database: str


class Cosmos:
    """An open database. Made by `open`; `close` it, and the credential after it."""

    def __init__(
        self,
        client: CosmosClient,
        database: DatabaseProxy,
        charges: Charges,
        pause: Pause,
    ) -> None:
        self.charges = charges
        self._client = client
        self._database = database
        self._pause = pause

    @classmethod
    async def open(
        cls,
        address: Address,
        credential: AsyncTokenCredential | str,
        *,
        region: str,
        charges: Charges | None = None,
        timeouts: Timeouts | None = None,
        pause: Pause = asyncio.sleep,
        definitions: Iterable[ContainerDefinition] = CONTAINERS,
    ) -> Self:
        """Opens the database for one region; a database that belongs to none yet becomes its own.

        `credential` is a key only for an emulator. Raises Unavailable when the account does not
        answer, does not accept the credential or may give reads that are behind, the database or
        a container is missing or made otherwise, or the database belongs to another region or to a
        newer version.
        """
        client = connect(address.endpoint, credential, timeouts or Timeouts())
        try:
            await _enter(client, address)
            await _be_strong(client)
            database = client.get_database_client(address.database)
            made = cls(client, database, charges or Charges(), pause)
            for definition in definitions:
                await made._check(definition, address)
            await made._belong(region, address)
        except BaseException:
            await client.close()
            raise
        return made

    def container(self, definition: ContainerDefinition) -> Container:
        """The means to use a container."""
        proxy = self._database.get_container_client(definition.name)
        return Container(proxy, self.charges, self._pause)

    async def is_ready(self) -> bool:
        """Whether the store answers. Raises RateLimited or Unavailable when it does not."""
        return await self._marker() is not None

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.close()

    async def _check(self, definition: ContainerDefinition, address: Address) -> None:
        missing = f"The Cosmos DB database {address.database} has no container {definition.name}"
        try:
            found = await self._database.get_container_client(definition.name).read()
        except AzureError as error:
            if faults.status_of(error) == faults.NOT_FOUND:
                raise Unavailable(f"{missing}; {SET_UP}.") from None
            raise faults.of_a_read(error) from None
        if wrong := differences(definition, found):
            told = " and ".join(wrong)
            raise Unavailable(f"The container {definition.name} has {told}; {SET_UP}.")

    async def _belong(self, region: str, address: Address) -> None:
        marker = await self._marker()
        if marker is None:
            fresh = {"id": MARKER, "pk": MARKER, "region": region, "layout": LAYOUT}
            with suppress(faults.StoreFault):  # another process may be first
                await self.container(DOCUMENTS).batch("store.open", MARKER, [CreateItem(fresh)])
            marker = await self._marker()
        if marker is None:
            raise Unavailable("Cosmos DB did not keep to which region the database belongs.")
        if marker["layout"] > LAYOUT:
            raise Unavailable("The database was written by a newer version; upgrade first.")
        if marker["region"] != region:
            raise Unavailable(
                f"The database {address.database} belongs to region {marker['region']}, "
                f"not {region}; set SWITCHROOM_REGION or choose another endpoint or database."
            )

    async def _marker(self) -> Item | None:
        return await self.container(DOCUMENTS).read("store.open", MARKER, MARKER)


def connect(
    endpoint: str, credential: AsyncTokenCredential | str, timeouts: Timeouts
) -> CosmosClient:
    """A client that has not spoken yet.

    Bodies go out as UTF-8, so that the size that was checked is the size that is sent.
    """
    return CosmosClient(
        endpoint,
        credential,
        transport=ClosingTransport(),
        connection_timeout=timeouts.connect_s,
        read_timeout=timeouts.answer_s,
        retry_throttle_total=timeouts.throttled_tries,
        retry_throttle_backoff_max=timeouts.throttled_s,
        retry_connect=1,
        retry_read=1,
        retry_status=1,
        enable_compact_utf8_item_writes=True,
    )


def differences(definition: ContainerDefinition, found: Mapping[str, Any]) -> list[str]:
    """In what a container is not as defined, as far as the store's promises hang on it."""
    wrong = []
    paths = found.get("partitionKey", {}).get("paths")
    if paths != [PARTITION_PATH]:
        wrong.append(f"the partition key {paths} instead of {PARTITION_PATH}")
    if found.get("defaultTtl") != NO_DEFAULT_TTL:
        wrong.append("no time to live, so that nothing in it would expire,")
    return wrong


async def _be_strong(client: CosmosClient) -> None:
    """Refuses an account of which one replica could miss what another has acknowledged."""
    try:
        account = await client._get_database_account()  # noqa: SLF001 - the one place that tells
    except AzureError as error:
        raise faults.of_a_read(error) from None
    level = (account.ConsistencyPolicy or {}).get("defaultConsistencyLevel")
    if level != CONSISTENCY:
        raise Unavailable(
            f"The Cosmos DB account has {level} consistency; Switchroom needs {CONSISTENCY}."
        )


async def _enter(client: CosmosClient, address: Address) -> None:
    try:
        await client.__aenter__()
    except AzureError as error:
        refused = faults.status_of(error) in (401, 403)
        told = "does not accept the identity of this service" if refused else "does not answer"
        raise Unavailable(f"Cosmos DB at {address.endpoint} {told}.") from None
