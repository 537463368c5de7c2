"""The whole product on Cosmos DB, Key Vault and Blob Storage at once: two replicas, keys that
change under them, a vault that goes away."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from portal import azure_stores, stores, wiring
from portal.adapters.blobs.azure import open_container
from portal.adapters.secrets import credential
from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.contacts.imports import State, Wanted
from portal.domain.contacts.ports import Selection, Side, Tenant
from portal.domain.shared.errors import Unavailable
from portal.settings import Settings
from portal.wiring import Services
from tests.blobs.places import Container
from tests.blobs.stand_in import Identity as BlobIdentity
from tests.blobs.stand_in import StandIn as BlobService
from tests.cosmos.stand_in import KEY, StandIn
from tests.unit.contacts.vendor_files import connect_lines
from tests.vault.reaching import reached, stand_in
from tests.vault.stand_in import READER, VaultStandIn

CODE = "harbour"
WANTED = Wanted("amazon-connect", "rows.jsonl")


def actor(role: Role = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE) -> Actor:
    return acting_as(role, "someone", "Some One", CODE)


class Azure:
    """The three stand-ins as one product sees them."""

    def __init__(self, settings: Settings, vault: VaultStandIn, files: Container) -> None:
        self.settings = settings
        self.vault = vault
        self.files = files

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Services]:
        """The services as another process would build them."""
        services = await wiring.build(self.settings)
        try:
            yield services
        finally:
            await services.close()


@pytest.fixture
async def azure(
    tmp_path: Path, cosmos: StandIn, blob_service: BlobService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Azure]:
    key = tmp_path / "emulator.key"
    key.write_text(KEY)
    files = Container(blob_service)
    await files.open()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(files.close)
        vault = await stack.enter_async_context(stand_in(tmp_path).serving())
        settings = Settings(
            env="development",
            region="uk",
            data_dir=tmp_path / "data",
            sample="off",
            bot="off",
            store="cosmos",
            cosmos_endpoint=cosmos.endpoint,
            cosmos_database=f"azure-{uuid4().hex}",
            cosmos_key_file=key,
            key_vault_url=vault.url,
            blob_url=files.url,
        )
        monkeypatch.setattr(azure_stores, "Vault", lambda url, _: reached(vault, url))
        monkeypatch.setattr(credential, "chain", BlobIdentity)
        opened = partial(open_container, **blob_service.options)
        monkeypatch.setattr(azure_stores, "open_container", opened)
        await stores.provision(settings)
        yield Azure(settings, vault, files)


async def sent(services: Services, count: int) -> str:
    async def body() -> AsyncIterator[bytes]:
        yield connect_lines(count)

    done = await services.imports.upload(WANTED, body(), most_bytes=1 << 20, actor=actor())
    return done.id


async def customers(services: Services) -> set[str]:
    """The opened numbers of every stored contact."""
    tenancy = await services.directory.get(CODE)
    tenant = Tenant(tenancy.partition, tenancy.organization.time_zone, tenancy.keyring)
    everything = Selection(Side.ARRIVED, 0, 1 << 45)
    found = await services.stores.contacts.find(tenant, everything, cursor=None, limit=50)
    return {str(one.customer.number) for one in found.contacts if one.customer}


async def test_a_file_taken_by_one_replica_is_read_by_another(azure: Azure) -> None:
    async with azure.process() as web, azure.process() as worker:
        id = await sent(web, 12)
        assert azure.settings.key_file is None
        assert await azure.files.everything() == [f"uk-{CODE}/uploads/{id}"]
        assert await worker.imports.waiting() == ((CODE, id),)
        done = await worker.imports.run(CODE, id)
        assert (done.state, done.report.accepted) == (State.COMPLETED, 12)
        assert await azure.files.everything() == []
        assert await customers(web) == await customers(worker)
        assert len(await customers(web)) == 12
        rebuilt = await web.imports.rebuild(verify=True, actor=actor())
        assert (rebuilt.contacts, rebuilt.different) == (12, ())


async def test_keys_change_under_replicas_that_go_on(azure: Azure) -> None:
    async with azure.process() as web:
        await web.imports.run(CODE, await sent(web, 5))
        before = await customers(web)
        async with azure.process() as operator:
            for one in await operator.directory.all():
                await operator.key_rotation.rotate(one.code, actor=actor(Role.OPERATOR))
            assert await operator.key_rotation.retire(actor=actor(Role.OPERATOR)) == 2
        assert sorted(azure.vault.state.keys) == ["kek-uk-harbour-2", "kek-uk-juniper-2"]
        done = await web.imports.run(CODE, await sent(web, 8))
        assert (done.report.accepted, done.report.unchanged) == (3, 5)
    azure.vault.allowed = READER  # what the service has in production is enough to start again
    async with azure.process() as later:
        after = await customers(later)
        assert before < after
        assert len(after) == 8


async def test_a_running_replica_outlives_its_vault_and_a_new_one_says_why_not(
    azure: Azure,
) -> None:
    async with azure.process() as web:
        await web.imports.run(CODE, await sent(web, 3))
        azure.vault.is_down = True
        done = await web.imports.run(CODE, await sent(web, 6))
        assert done.report.accepted == 3
        with pytest.raises(Unavailable, match="does not answer"):
            await wiring.build(azure.settings)
        azure.vault.is_down = False
        async with azure.process() as late:
            assert len(await customers(late)) == 6


async def test_nothing_that_leaves_the_process_is_readable(azure: Azure) -> None:
    async with azure.process() as web:
        id = await sent(web, 3)
        stored = await azure.files.stored(f"uk-{CODE}/uploads/{id}")
        assert b"2025550" not in stored
        assert b"contact-0000" not in stored
        await web.imports.run(CODE, id)
    assert all("2025550" not in one for one in azure.vault.asked)
