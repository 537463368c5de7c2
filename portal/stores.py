"""The stores, keys and files of one process, opened as the settings say.

Beside wiring.py and azure_stores.py the only place that chooses adapters. Each is opened with what
closes it, so that what was opened before something else failed is closed again. What needs Azure's
clients is imported only when the settings name it: they take a second and 60 MB.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import NamedTuple, Protocol

from portal.adapters.blobs.directory import DirectoryBlobs
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.sources import SOURCES
from portal.adapters.storage.sqlite import Database, SqliteContacts, SqliteDocuments
from portal.domain.contacts.ports import Contacts
from portal.domain.organizations.ports import ORGANIZATION
from portal.domain.shared.blobs import Blobs
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import InvalidInput, Unavailable
from portal.domain.shared.sealing import Keyrings
from portal.domain.shared.secrets import Secrets
from portal.settings import Settings

STORE = "switchroom.db"
BLOBS = "blobs"
CLOSING_SECONDS = 0.5
"""What encrypted connections to Azure need to say goodbye after their clients are closed; an event
loop that ends before complains, and so does the process."""
GAPS = {name: one.gaps for name, one in SOURCES.items()}

Charges = Callable[[], Mapping[str, tuple[int, float]]]


class Ready(Protocol):
    """What tells whether the store answers."""

    async def is_ready(self) -> bool:
        """Whether it does. Raises RateLimited or Unavailable when it does not."""
        ...


class Storage(NamedTuple):
    """An opened store. `charges` tells requests and request units by operation, None where the
    store charges nothing."""

    documents: Documents
    contacts: Contacts
    ready: Ready
    charges: Charges | None


class Stores(NamedTuple):
    """What was opened. `secrets` is None without a Key Vault, `charges` as a Storage has it;
    `opened` closes everything, what was opened last first."""

    documents: Documents
    contacts: Contacts
    keyrings: Keyrings
    secrets: Secrets | None
    blobs: Blobs
    ready: Ready
    charges: Charges | None
    opened: AsyncExitStack

    async def close(self) -> None:
        """Finishes what began, then closes the stores and the keys."""
        await self.opened.aclose()


async def open_stores(settings: Settings, clock: Clock) -> Stores:
    """Opens the store and the keys. Raises Unavailable when one is not this process's to open."""
    async with AsyncExitStack() as stack:
        if settings.store == "cosmos" or settings.key_vault_url or settings.blob_url:
            stack.push_async_callback(asyncio.sleep, CLOSING_SECONDS)
        storage = await _storage(settings, clock, stack)
        keyrings, secrets = await _keys(settings, storage.documents, stack)
        return Stores(
            storage.documents,
            storage.contacts,
            keyrings,
            secrets,
            await _blobs(settings, stack),
            storage.ready,
            storage.charges,
            stack.pop_all(),
        )


async def provision(settings: Settings) -> list[str]:
    """Creates what the store of these settings needs; a line for each thing. Raises InvalidInput
    for a store that makes itself, Unavailable when it cannot be done."""
    if settings.store != "cosmos":
        raise InvalidInput("SWITCHROOM_STORE is not cosmos; a store on SQLite makes itself.")
    from portal import azure_stores

    async with AsyncExitStack() as stack:
        return await azure_stores.provision(settings, stack)


def described() -> str:
    """The containers of Cosmos DB as infra/ loads them."""
    from portal import azure_stores

    return azure_stores.described()


async def _storage(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Storage:
    if settings.store == "cosmos":
        from portal import azure_stores

        kept = await azure_stores.storage(settings, clock, GAPS, stack)
        return Storage(*kept, kept[-1].charges)
    database = Database(settings.data_dir / settings.region / STORE, settings.region)
    stack.callback(database.close)
    documents = SqliteDocuments(database, clock.now_ms)
    return Storage(documents, SqliteContacts(database, GAPS), database, None)


async def _keys(
    settings: Settings, documents: Documents, stack: AsyncExitStack
) -> tuple[Keyrings, Secrets | None]:
    if settings.key_vault_url:
        from portal import azure_stores

        return azure_stores.keys(settings, stack)
    if settings.key_file is None:
        raise Unavailable("There is neither a Key Vault nor a key file.")
    # A key made anew beside organisations that are sealed already would hide that theirs is lost.
    fresh = await documents.count(f"{settings.region}|", ORGANIZATION) == 0
    return LocalKeyrings(settings.key_file, create=fresh), None


async def _blobs(settings: Settings, stack: AsyncExitStack) -> Blobs:
    if settings.blob_url:
        from portal import azure_stores

        return await azure_stores.blobs(settings, stack)
    return SealedBlobs(DirectoryBlobs(settings.data_dir / settings.region / BLOBS))
