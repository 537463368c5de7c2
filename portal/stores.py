"""The stores and keys of one process, opened as the settings say.

Beside wiring.py the only place that chooses adapters. Each store is opened with what closes it, so
that what was opened before something else failed is closed again.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import NamedTuple, Protocol

from azure.core.credentials_async import AsyncTokenCredential

from portal.adapters.blobs.azure import open_container
from portal.adapters.blobs.directory import DirectoryBlobs
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets import credential
from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.secrets.vault import Vault
from portal.adapters.secrets.vault_keys import VaultKeyrings
from portal.adapters.secrets.vault_secrets import VaultSecrets
from portal.adapters.sources import SOURCES
from portal.adapters.storage.cosmos import (
    Address,
    Cosmos,
    CosmosContacts,
    CosmosDocuments,
    provisioning,
)
from portal.adapters.storage.cosmos.containers import CONTACTS, DOCUMENTS, PAGES
from portal.adapters.storage.sqlite import Database, SqliteContacts, SqliteDocuments
from portal.domain.contacts.ports import Contacts
from portal.domain.organizations.ports import ORGANIZATION
from portal.domain.shared.blobs import Blobs
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import InvalidInput, Unavailable
from portal.domain.shared.sealing import Keyrings
from portal.settings import Settings
from portal.store_settings import emulator_key

STORE = "switchroom.db"
BLOBS = "blobs"
GAPS = {name: one.gaps for name, one in SOURCES.items()}

Charges = Callable[[], Mapping[str, tuple[int, float]]]


class Ready(Protocol):
    """What tells whether the store answers."""

    async def is_ready(self) -> bool:
        """Whether it does. Raises RateLimited or Unavailable when it does not."""
        ...


class Stores(NamedTuple):
    """What was opened. `secrets` is None without a Key Vault; `charges` tells requests and request
    units by operation, None where the store charges nothing; `opened` closes everything, what was
    opened last first."""

    documents: Documents
    contacts: Contacts
    keyrings: Keyrings
    secrets: VaultSecrets | None
    blobs: Blobs
    ready: Ready
    charges: Charges | None
    opened: AsyncExitStack

    async def close(self) -> None:
        """Finishes what began, then closes the stores and the keys."""
        await self.opened.aclose()


class _Storage(NamedTuple):
    documents: Documents
    contacts: Contacts
    ready: Ready
    charges: Charges | None


async def open_stores(settings: Settings, clock: Clock) -> Stores:
    """Opens the store and the keys. Raises Unavailable when one is not this process's to open."""
    async with AsyncExitStack() as stack:
        open_storage = _cosmos if settings.store == "cosmos" else _sqlite
        storage = await open_storage(settings, clock, stack)
        vault = _vault(settings, stack)
        return Stores(
            storage.documents,
            storage.contacts,
            await _keyrings(settings, storage.documents, vault),
            _secrets(vault, stack),
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
    async with AsyncExitStack() as stack:
        return await provisioning.provision(
            _address(settings), _identity(settings, stack), region=settings.region
        )


def described() -> str:
    """The containers as infra/ loads them."""
    return provisioning.as_json()


async def _sqlite(settings: Settings, clock: Clock, stack: AsyncExitStack) -> _Storage:
    database = Database(settings.data_dir / settings.region / STORE, settings.region)
    stack.callback(database.close)
    documents = SqliteDocuments(database, clock.now_ms)
    return _Storage(documents, SqliteContacts(database, GAPS), database, None)


async def _cosmos(settings: Settings, clock: Clock, stack: AsyncExitStack) -> _Storage:
    identity = _identity(settings, stack)
    cosmos = await Cosmos.open(_address(settings), identity, region=settings.region)
    stack.push_async_callback(cosmos.close)
    documents = CosmosDocuments(cosmos.container(DOCUMENTS), clock.now_ms)
    boxes = cosmos.container(CONTACTS), cosmos.container(PAGES)
    return _Storage(documents, CosmosContacts(documents, *boxes, GAPS), cosmos, cosmos.charges)


def _vault(settings: Settings, stack: AsyncExitStack) -> Vault | None:
    if not settings.key_vault_url:
        return None
    vault = Vault(settings.key_vault_url, credential.chain())
    stack.push_async_callback(vault.close)
    return vault


def _secrets(vault: Vault | None, stack: AsyncExitStack) -> VaultSecrets | None:
    if vault is None:
        return None
    secrets = VaultSecrets(vault)
    stack.push_async_callback(secrets.close)
    return secrets


async def _keyrings(settings: Settings, documents: Documents, vault: Vault | None) -> Keyrings:
    if vault is not None:
        return VaultKeyrings(vault, settings.region)
    if settings.key_file is None:
        raise Unavailable("There is neither a Key Vault nor a key file.")
    # A key made anew beside organisations that are sealed already would hide that theirs is lost.
    fresh = await documents.count(f"{settings.region}|", ORGANIZATION) == 0
    return LocalKeyrings(settings.key_file, create=fresh)


async def _blobs(settings: Settings, stack: AsyncExitStack) -> Blobs:
    if not settings.blob_url:
        return SealedBlobs(DirectoryBlobs(settings.data_dir / settings.region / BLOBS))
    chain = credential.chain()
    stack.push_async_callback(chain.close)
    container = await open_container(settings.blob_url, chain, region=settings.region)
    stack.push_async_callback(container.close)
    return SealedBlobs(container)


def _address(settings: Settings) -> Address:
    return Address(settings.cosmos_endpoint, settings.cosmos_database)


def _identity(settings: Settings, stack: AsyncExitStack) -> AsyncTokenCredential | str:
    key = emulator_key(settings)
    if key is not None:
        return key
    chain = credential.chain()
    stack.push_async_callback(chain.close)
    return chain
