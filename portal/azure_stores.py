"""Cosmos DB, Key Vault and Blob Storage, opened as the settings say; see stores.py, which calls
this only for settings that name them."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from azure.core.credentials_async import AsyncTokenCredential

from portal.adapters.blobs.azure import open_container
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets import credential
from portal.adapters.secrets.vault import Vault
from portal.adapters.secrets.vault_keys import VaultKeyrings
from portal.adapters.secrets.vault_secrets import VaultSecrets
from portal.adapters.storage.cosmos import (
    Address,
    Cosmos,
    CosmosContacts,
    CosmosDocuments,
    provisioning,
)
from portal.adapters.storage.cosmos.containers import CONTACTS, DOCUMENTS, PAGES
from portal.domain.contacts.model import Gap, Timing
from portal.domain.shared.blobs import Blobs
from portal.domain.shared.clock import Clock
from portal.domain.shared.sealing import Keyrings
from portal.domain.shared.secrets import Secrets
from portal.settings import Settings
from portal.store_settings import emulator_key

Gaps = Mapping[str, Mapping[Timing, Gap]]


async def storage(
    settings: Settings, clock: Clock, gaps: Gaps, stack: AsyncExitStack
) -> tuple[CosmosDocuments, CosmosContacts, Cosmos]:
    """Cosmos DB; the stack closes it. `gaps` are what each source does not tell. Raises Unavailable
    when it is not this process's to open."""
    identity = _identity(settings, stack)
    cosmos = await Cosmos.open(_address(settings), identity, region=settings.region)
    stack.push_async_callback(cosmos.close)
    documents = CosmosDocuments(cosmos.container(DOCUMENTS), clock.now_ms)
    boxes = cosmos.container(CONTACTS), cosmos.container(PAGES)
    return documents, CosmosContacts(documents, *boxes, gaps), cosmos


def keys(settings: Settings, stack: AsyncExitStack) -> tuple[Keyrings, Secrets]:
    """The Key Vault, which is not asked yet. Raises Unavailable when its address is none."""
    vault = Vault(settings.key_vault_url, credential.chain())
    stack.push_async_callback(vault.close)
    secrets = VaultSecrets(vault)
    stack.push_async_callback(secrets.close)
    return VaultKeyrings(vault, settings.region), secrets


async def blobs(settings: Settings, stack: AsyncExitStack) -> Blobs:
    """The container of files. Raises Unavailable when it cannot be used."""
    chain = credential.chain()
    stack.push_async_callback(chain.close)
    container = await open_container(settings.blob_url, chain, region=settings.region)
    stack.push_async_callback(container.close)
    return SealedBlobs(container)


async def provision(settings: Settings, stack: AsyncExitStack) -> list[str]:
    """Creates database and containers; a line for each thing. Raises Unavailable."""
    identity = _identity(settings, stack)
    return await provisioning.provision(_address(settings), identity, region=settings.region)


def described() -> str:
    """The containers as infra/ loads them."""
    return provisioning.as_json()


def _address(settings: Settings) -> Address:
    return Address(settings.cosmos_endpoint, settings.cosmos_database)


def _identity(settings: Settings, stack: AsyncExitStack) -> AsyncTokenCredential | str:
    key = emulator_key(settings)
    if key is not None:
        return key
    chain = credential.chain()
    stack.push_async_callback(chain.close)
    return chain
