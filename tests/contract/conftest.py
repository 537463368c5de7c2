"""The adapters that every suite of this folder runs on: one more is one more line here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.adapters.storage.sqlite import Database, SqliteContacts, SqliteDocuments
from portal.domain.contacts.ports import Contacts
from portal.domain.shared.documents import Documents
from tests.fakes.clock import StandingClock
from tests.fakes.contacts import GAPS


@dataclass(frozen=True)
class Store:
    """Both ports of one opened store."""

    documents: Documents
    contacts: Contacts
    close: Callable[[], None]


def _sqlite(folder: Path, region: str, clock: StandingClock) -> Store:
    database = Database(folder / "store.db", region)
    documents = SqliteDocuments(database, clock.now_ms)
    return Store(documents, SqliteContacts(database, GAPS), database.close)


OPENERS = {"sqlite": _sqlite}
OpenStore = Callable[..., Store]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(params=sorted(OPENERS))
def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock
) -> Iterator[OpenStore]:
    """Opens the test's store, as often as wanted, as further processes would."""
    opened: list[Store] = []

    def open_one(region: str = "uk") -> Store:
        store = OPENERS[request.param](tmp_path / "store", region, clock)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture
def documents(store: Store) -> Documents:
    return store.documents


@pytest.fixture
def contacts(store: Store) -> Contacts:
    return store.contacts
