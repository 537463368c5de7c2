"""What real imports leave in Cosmos DB: declared fields only, and nobody's number, name or
address."""

import base64
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from portal.adapters.blobs.directory import DirectoryBlobs
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.sources import SOURCES
from portal.adapters.storage.cosmos import (
    Address,
    Cosmos,
    CosmosContacts,
    CosmosDocuments,
    contacts_head,
)
from portal.adapters.storage.cosmos.containers import CONTACTS, DOCUMENTS, PAGES
from portal.adapters.storage.cosmos.declaration import CONTACT_ITEMS, PAGE_ITEMS
from portal.adapters.storage.cosmos.provisioning import provision
from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.domain.audit.service import Audit
from portal.domain.contacts.imports import State, Wanted
from portal.domain.contacts.ports import Parts, Tenant
from portal.domain.contacts.service import Imports
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.service import Organizations
from portal.domain.shared.fields import Kind, faults
from tests.cosmos import stand_in
from tests.fakes.clock import StandingClock
from tests.fakes.ids import CountingIds
from tests.unit.contacts.test_what_is_stored import FILES, TEXTS, kinds, needles

OF_SERVICE = {"_rid", "_self", "_etag", "_attachments", "_ts"}
OPERATOR = acting_as(Role.OPERATOR, "someone", "Some One", "bay")
EVER = (0, 1 << 30)


@dataclass
class Filled:
    """A store that has taken files of all sources in, and everything that is in it."""

    contacts: CosmosContacts
    tenant: Tenant
    items: dict[str, list[dict[str, Any]]]


@pytest.fixture
async def filled(cosmos: stand_in.StandIn, tmp_path: Path) -> AsyncIterator[Filled]:
    name = f"stored-{uuid4().hex}"
    await provision(Address(cosmos.endpoint, name), stand_in.KEY, region="uk")
    store = await Cosmos.open(Address(cosmos.endpoint, name), stand_in.KEY, region="uk")
    clock, documents = StandingClock(), CosmosDocuments(store.container(DOCUMENTS))
    contacts = CosmosContacts(
        documents,
        store.container(CONTACTS),
        store.container(PAGES),
        {source: one.gaps for source, one in SOURCES.items()},
    )
    audit = Audit(documents, clock)
    keyrings = LocalKeyrings(tmp_path / "data.key")
    organizations = Organizations(documents, keyrings, audit, Region.UK)
    tenancy = await organizations.ensure(
        Organization("bay", "Bay Example", Region.UK, "Europe/London", "GB")
    )
    imports = Imports(
        organizations=organizations,
        documents=documents,
        contacts=contacts,
        sources=SOURCES,
        blobs=SealedBlobs(DirectoryBlobs(tmp_path / "blobs")),
        audit=audit,
        clock=clock,
        ids=CountingIds(),
    )
    for number, (source, data) in enumerate(FILES):
        wanted = Wanted(source, f"{TEXTS['file']}.{source}", ("610", "611"), settle=number != 1)
        done = await imports.import_file(wanted, io.BytesIO(data), len(data), actor=OPERATOR)
        assert done.state is State.COMPLETED, done.error
    tenant = Tenant(tenancy.partition, "Europe/London", tenancy.keyring)
    items: dict[str, list[dict[str, Any]]] = {}
    async with stand_in.client(cosmos.endpoint) as client:
        database = client.get_database_client(name)
        for one in (DOCUMENTS, CONTACTS, PAGES):
            found = database.get_container_client(one.name).query_items("SELECT * FROM c")
            items[one.name] = [dict(item) async for item in found]
        yield Filled(contacts, tenant, items)
        await client.delete_database(name)
    await store.close()


async def test_nobody_can_be_read_in_any_item(filled: Filled) -> None:
    stored = json.dumps(filled.items, ensure_ascii=False).encode()
    assert len(stored) > 20_000
    assert not {what for needle, what in needles().items() if needle in stored}


async def test_what_is_sealed_opens_again(filled: Filled) -> None:
    """The search above would also pass on a store that lost everything."""
    agents = {entry.name for entry in await filled.contacts.agents(filled.tenant)}
    assert {TEXTS["agent"], TEXTS["agent name"]} <= agents
    assert await filled.contacts.day_pages(filled.tenant, *EVER, Parts())
    assert (await filled.contacts.rebuild(filled.tenant, verify=True)).different == ()


@pytest.mark.parametrize(
    ("container", "declared"), [("contacts", CONTACT_ITEMS), ("pages", PAGE_ITEMS)]
)
async def test_every_field_of_every_item_is_declared(
    filled: Filled, container: str, declared: tuple[Kind, ...]
) -> None:
    names = {kind.name: kind.names for kind in declared}
    used: dict[str, set[str]] = {}
    for item in filled.items[container]:
        used.setdefault(item["kind"], set()).update(item.keys() - OF_SERVICE)
    assert set(used) <= set(names)
    assert {"contact", "record", "customer", "agent"} <= set(used) or {"slot", "day"} <= set(used)
    assert {
        kind: fields - names[kind] for kind, fields in used.items() if fields - names[kind]
    } == {}


async def test_every_field_of_every_document_is_declared(filled: Filled) -> None:
    declared = kinds() | {"contacts_head": contacts_head.HEAD}
    seen = set()
    for item in filled.items["documents"]:
        if "body" in item:
            kind = item["at"].partition("/")[0]
            assert item["body"].keys() <= declared[kind].names
            seen.add(kind)
    assert {"organization", "import", "quarantine", "audit_entry", "contacts_head"} <= seen


async def test_sealed_fields_are_ciphertext(filled: Filled) -> None:
    sealed = [
        base64.b64decode(item["sealed"], validate=True)
        for item in filled.items["contacts"]
        if item.get("sealed")
    ]
    assert len(sealed) > 5
    assert all(len(one) >= 28 for one in sealed)  # nonce and tag


@pytest.mark.parametrize("kind", [*CONTACT_ITEMS, *PAGE_ITEMS], ids=lambda kind: kind.name)
def test_declarations_are_in_order(kind: Kind) -> None:
    assert faults(kind) == []
    names = [field.name for field in kind.fields]
    assert len(names) == len(set(names))
