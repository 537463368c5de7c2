"""The adapters that every suite of this folder runs on: one more is one more line here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from portal.adapters.storage.cosmos import Address, Cosmos, CosmosContacts, CosmosDocuments
from portal.adapters.storage.cosmos.containers import CONTACTS, DOCUMENTS, PAGES
from portal.adapters.storage.cosmos.provisioning import provision
from portal.adapters.storage.sqlite import Database, SqliteContacts, SqliteDocuments
from portal.domain.contacts.ports import Contacts
from portal.domain.shared.documents import Documents
from tests.cosmos import stand_in
from tests.fakes.clock import StandingClock
from tests.fakes.contacts import GAPS


@dataclass(frozen=True)
class Store:
    """Both ports of one opened store."""

    documents: Documents
    contacts: Contacts
    close: Callable[[], Awaitable[None]]


class SqliteStores:
    """The stores of one file."""

    def __init__(self, folder: Path, clock: StandingClock) -> None:
        self._folder = folder
        self._clock = clock

    async def open(self, region: str) -> Store:
        database = Database(self._folder / "store.db", region)
        documents = SqliteDocuments(database, self._clock.now_ms)

        async def close() -> None:
            database.close()

        return Store(documents, SqliteContacts(database, GAPS), close)

    async def clear(self) -> None:
        """Nothing to do: the folder is the test's own."""


class CosmosStores:
    """The stores of one database of the stand-in."""

    def __init__(self, endpoint: str, clock: StandingClock) -> None:
        self._address = Address(endpoint, f"contract-{uuid4().hex}")
        self._clock = clock
        self._region = ""

    async def open(self, region: str) -> Store:
        if not self._region:
            await provision(self._address, stand_in.KEY, region=region)
            self._region = region
        cosmos = await Cosmos.open(self._address, stand_in.KEY, region=region)
        documents = CosmosDocuments(cosmos.container(DOCUMENTS), self._clock.now_ms)
        containers = cosmos.container(CONTACTS), cosmos.container(PAGES)
        return Store(documents, CosmosContacts(documents, *containers, GAPS), cosmos.close)

    async def clear(self) -> None:
        """Takes the database away."""
        if self._region:
            async with stand_in.client(self._address.endpoint) as client:
                await client.delete_database(self._address.database)


OpenStore = Callable[..., Awaitable[Store]]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(params=["cosmos", "sqlite"])
async def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock
) -> AsyncIterator[OpenStore]:
    """Opens the test's store, as often as wanted, as further processes would."""
    stores: SqliteStores | CosmosStores
    if request.param == "cosmos":
        running: stand_in.StandIn = request.getfixturevalue("cosmos")
        stores = CosmosStores(running.endpoint, clock)
    else:
        stores = SqliteStores(tmp_path / "store", clock)
    opened: list[Store] = []

    async def open_one(region: str = "uk") -> Store:
        store = await stores.open(region)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        await store.close()
    await stores.clear()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()


@pytest.fixture
def documents(store: Store) -> Documents:
    return store.documents


@pytest.fixture
def contacts(store: Store) -> Contacts:
    return store.contacts
