"""Copying an organisation from SQLite to Cosmos DB."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.storage.cosmos import Address
from portal.adapters.storage.cosmos.provisioning import provision
from portal.adapters.storage.sqlite import Database
from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.domain.audit.service import Audit
from portal.domain.contacts.imports import QUARANTINE
from portal.domain.contacts.model import Customer
from portal.domain.contacts.moving import PROGRESS, Copied, Moving, Place
from portal.domain.contacts.ports import Batch
from portal.domain.organizations.model import Region
from portal.domain.organizations.ports import ORGANIZATION
from portal.domain.organizations.service import Organizations
from portal.domain.shared.documents import Create, Delete
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.moving import copy, kinds
from portal.settings import Settings
from tests.contract.counted import everything, is_true_to_its_contacts
from tests.cosmos import stand_in
from tests.fakes.clock import NOON_MS, StandingClock
from tests.fakes.contacts import BEN, DAY_MS, DREW, SERVICE, contact, record
from tests.fakes.world import World
from tests.fakes.world import opened as world_opened
from tests.integration.conftest import Make
from tests.integration.cosmos_store import EndedError, Life, MortalDocuments, Opened, opened
from tests.unit.contacts.vendor_files import connect_lines

OPERATOR = acting_as(Role.OPERATOR, "someone", "Some One", "bay")
RECORDS = [
    record(
        contact(
            arrived_ms=NOON_MS + number * 3_600_000,
            customer=Customer(f"+1202555{number % 11:04d}"),
            attributes={"order": f"A-{number}"},
        ),
        *([contact(agent=BEN, queue=SERVICE, customer=DREW)] if number % 3 == 0 else []),
        id=f"r-{number}",
    )
    for number in range(40)
]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An organisation on SQLite with contacts, some of them corrected, and documents."""
    async with world_opened(tmp_path) as made:
        for part in (RECORDS[:25], RECORDS[25:]):
            await made.contacts.ingest(made.tenant, Batch("alpha", part), now_ms=NOON_MS)
        late = record(contact(customer=None), id="r-3", version=2)
        await made.contacts.ingest(made.tenant, Batch("alpha", [late]), now_ms=NOON_MS)
        await made.contacts.ingest(made.tenant, Batch("beta", RECORDS[:9]), now_ms=NOON_MS + 1)
        rows = [Create(QUARANTINE, f"q-{number}", quarantined(number)) for number in range(130)]
        for start in range(0, len(rows), 90):
            await made.documents.batch(made.tenant.partition, rows[start : start + 90])
        yield made


@pytest.fixture
async def target(cosmos: stand_in.StandIn) -> AsyncIterator[Opened]:
    name = f"copy-{uuid4().hex}"
    await provision(Address(cosmos.endpoint, name), stand_in.KEY, region="uk")
    one = await opened(cosmos.endpoint, name, minutes_ahead=500)
    yield one
    await one.cosmos.close()


def quarantined(number: int) -> dict[str, object]:
    return {
        "import": "i-1", "file": "c2VhbGVk", "source": "alpha", "line": number,
        "reason": "made up", "at_ms": NOON_MS, "raw": "c2VhbGVk",
    }  # fmt: skip


def moving(world: World, target: Opened, tmp_path: Path, life: Life | None = None) -> Moving:
    there = Place(world.documents, world.contacts, LocalKeyrings(world.folder / "data.key"))
    here = Place(
        target.documents if life is None else MortalDocuments(target.documents, life),
        target.contacts if life is None else target.mortal(life, minutes_ahead=life.left),
        LocalKeyrings(tmp_path / "other.key"),
    )
    return Moving(there, here, Region.UK, kinds(), StandingClock())


async def test_an_organisation_is_there_as_it_left(
    world: World, target: Opened, tmp_path: Path
) -> None:
    copied = await moving(world, target, tmp_path).copy(actor=OPERATOR)
    assert (copied.contacts, copied.documents) == (65, 132)
    assert await everything(world.contacts, world.tenant) == await everything(
        target.contacts, world.tenant
    )
    audit = Audit(target.documents, StandingClock())
    keyrings = LocalKeyrings(tmp_path / "other.key")
    directory = Organizations(target.documents, keyrings, audit, Region.UK)
    tenancy = await directory.get("bay")
    tenant = world.tenant._replace(keyring=tenancy.keyring)
    assert await target.contacts.agents(tenant) == await world.contacts.agents(world.tenant)
    assert await target.contacts.queues(tenant.partition) == await world.contacts.queues(
        tenant.partition
    )
    assert tenancy.keyring.own_key == world.tenant.keyring.own_key
    assert await audit.first_break(tenancy.partition) is None
    [entry] = [entry async for entry in audit.entries(directory.directory)]
    assert (entry.action, entry.target) == ("organization.copied", "bay")
    assert await target.documents.get(tenancy.partition, PROGRESS, "arriving") is None
    before = await world.contacts.standing(tenant.partition)
    after = await target.contacts.standing(tenant.partition)
    assert after[1:] == before[1:]
    assert after.revision > before.revision
    again = await target.contacts.ingest(tenant, Batch("alpha", RECORDS), now_ms=NOON_MS)
    assert (again.unchanged, again.ignored) == (39, 1)
    assert await is_true_to_its_contacts(target.contacts, tenant)
    with pytest.raises(Conflict, match="already"):
        await moving(world, target, tmp_path).copy(actor=OPERATOR)


async def test_a_copy_that_ended_anywhere_is_run_again(
    world: World, target: Opened, tmp_path: Path
) -> None:
    expected: Copied | None = None
    for writes in range(1, 200, 4):
        life = Life(writes, after=bool(writes % 2))
        with suppress(EndedError):
            expected = await moving(world, target, tmp_path, life).copy(actor=OPERATOR)
        if expected is not None:
            break
        directory = await target.documents.get("uk|", ORGANIZATION, "bay")
        assert directory is None or life.ended
        if directory is not None:
            break  # the last write had its effect
    assert 20 < writes < 190
    assert await everything(world.contacts, world.tenant) == await everything(
        target.contacts, world.tenant
    )
    assert await is_true_to_its_contacts(target.contacts, world.tenant)


async def test_what_changed_in_between_comes_along(
    world: World, target: Opened, tmp_path: Path
) -> None:
    life = Life(25)
    with pytest.raises(EndedError):
        await moving(world, target, tmp_path, life).copy(actor=OPERATOR)
    later = [record(contact(agent=BEN), id=f"r-{n}", version=7) for n in (1, 30, 99)]
    await world.contacts.ingest(world.tenant, Batch("alpha", later), now_ms=NOON_MS)
    gone = await world.documents.get(world.tenant.partition, QUARANTINE, "q-1")
    assert gone is not None
    await world.documents.batch(world.tenant.partition, [Delete(QUARANTINE, gone.id, gone.etag)])
    copied = await moving(world, target, tmp_path).copy(actor=OPERATOR)
    assert (copied.contacts, copied.documents) == (65, 131)
    assert await everything(world.contacts, world.tenant) == await everything(
        target.contacts, world.tenant
    )


async def test_an_organisation_that_arrived_otherwise_does_not_appear(
    world: World, target: Opened, tmp_path: Path
) -> None:
    other = [record(contact(arrived_ms=NOON_MS + DAY_MS), id="elsewhere")]
    await target.contacts.ingest(world.tenant, Batch("alpha", other), now_ms=NOON_MS)
    with pytest.raises(Conflict, match="contacts that arrived"):
        await moving(world, target, tmp_path).copy(actor=OPERATOR)
    assert await target.documents.get("uk|", ORGANIZATION, "bay") is None


async def test_only_an_operator_copies_and_only_what_is_there(
    world: World, target: Opened, tmp_path: Path
) -> None:
    copying = moving(world, target, tmp_path)
    with pytest.raises(Forbidden):
        await copying.copy(actor=world.actor())
    with pytest.raises(NotFound):
        await copying.copy(actor=replace(OPERATOR, organization="cove"))
    back = Moving(copying._target, copying._source, Region.UK, kinds(), StandingClock())
    with pytest.raises(InvalidInput):
        await back.copy(actor=OPERATOR)


# --- the command ---------------------------------------------------------------------------


def test_the_command_copies_and_refuses(
    make: Make, cosmos: stand_in.StandIn, tmp_path: Path
) -> None:
    key, name = tmp_path / "cosmos.key", f"copy-{uuid4().hex}"
    key.write_text(stand_in.KEY)
    to = f"cosmos:{cosmos.endpoint}/{name}"
    there = make()
    here = make(
        SWITCHROOM_STORE="cosmos",
        SWITCHROOM_COSMOS_ENDPOINT=cosmos.endpoint,
        SWITCHROOM_COSMOS_DATABASE=name,
        SWITCHROOM_COSMOS_KEY_FILE=str(key),
    )
    file = tmp_path / "contacts.jsonl"
    file.write_bytes(connect_lines(60, bad_every=20))
    command = ("import", "--organization", "harbour", "--source", "amazon-connect", str(file))
    assert there.command(*command).code == 3
    from_ = f"sqlite:{there.data}"
    asked = ("copy", "--organization", "harbour", "--from", from_, "--to", to, "--json")
    missing = here.command(*asked)
    assert missing.code == 2
    assert "provision" in missing.err
    assert here.command("provision", "--store", "cosmos").code == 0
    copied = here.command(*asked)
    assert copied.code == 0, copied.err
    assert (copied.json["contacts"], copied.json["pages"]) == (60, 2)
    span = ("--organization", "harbour", "--from", "2026-04-08", "--to", "2026-04-09", "--json")
    figures = [one.command("figures", *span).json for one in (there, here)]
    for answer in figures:
        answer.pop("freshness", None)
    assert figures[0]["metrics"] == figures[1]["metrics"]
    kept = [
        one.command("quarantine", "--organization", "harbour", "--raw", "--json").json
        for one in (there, here)
    ]
    assert len(kept[0]) == 2
    assert kept[0] == kept[1]
    assert here.command("rebuild-pages", "--organization", "harbour", "--verify").code == 0
    assert here.command("verify-audit", "--organization", "harbour").code == 0
    again = here.command(*asked)
    assert again.code == 2
    assert "already" in again.err
    abroad = here.command(*asked, SWITCHROOM_REGION="us")
    assert abroad.code == 2
    assert "region us" in abroad.err


@pytest.mark.parametrize(
    ("from_", "to", "field"),
    [
        ("sqlite", "cosmos:https://bay.example.test/db", "from"),
        ("cosmos:https://bay.example.test/db", "cosmos:https://bay.example.test/db", "from"),
        ("sqlite:/nowhere", "cosmos:https://bay.example.test/db", "from"),
        ("HERE", "cosmos:http://bay.example.test/db", "to"),
        ("HERE", "cosmos:https://bay.example.test", "to"),
        ("HERE", "cosmos:https://bay.example.test/db/more", "to"),
        ("HERE", "cosmos:https://BAY/db", "to"),
        ("HERE", "cosmos:https://bay.example.test/-", "to"),
        ("HERE", "sqlite:/elsewhere", "to"),
        ("HERE", "cosmos:https://127.0.0.1:1/db", "to"),  # an emulator without its key
    ],
)
async def test_stores_that_are_not_named_so_are_refused(
    tmp_path: Path, from_: str, to: str, field: str
) -> None:
    folder = tmp_path / "data"
    Database(folder / "uk" / "switchroom.db", "uk").close()
    settings = Settings(region="uk", data_dir=tmp_path / "other", key_file=tmp_path / "other.key")
    with pytest.raises(InvalidInput) as refused:
        await copy(
            settings,
            from_.replace("HERE", f"sqlite:{folder}"),
            to,
            None,
            actor=OPERATOR,
            clock=StandingClock(),
            on_progress=print,
        )
    assert set(refused.value.fields) == {field}
    assert not (tmp_path / "other").exists()
