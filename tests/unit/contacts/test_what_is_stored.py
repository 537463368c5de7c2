"""What real imports leave on disk: declared fields only, and nobody's number, name or address."""

import base64
import importlib
import io
import json
import pkgutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import portal.domain
from portal.adapters.sources import SOURCES
from portal.adapters.storage.sqlite.declaration import TABLES
from portal.domain.contacts.imports import State, Wanted
from portal.domain.dashboards.model import Asked
from portal.domain.shared.fields import SEALED, Category, Erase, Field, Kind, Subject, faults
from tests.fakes.world import World, opened
from tests.unit.contacts.vendor_files import connect, lines
from tests.unit.sources.helpers import document, fixture

NUMBERS = {
    "connect": "+12025550187",
    "genesys": "+12025550188",
    "three-cx": "+447700900189",
    "teams": "+12025550190",
    "rejected": "+12025550191",
    "conflict": "+12025550192",
    "waiting": "+12025550193",
}
TEXTS = {
    "attribute": "Canary-Attribute-17",
    "attribute name": "canary_field",
    "customer": "Canary Customer",
    "mail": "canary.customer@example.test",
    "agent": "canary.agent",
    "agent key": "canary-arn-agent",
    "agent name": "Canary Displayname",
    "user": "canary-user-id",
    "upn": "canary.teams@contoso.example",
    "note": "canary wrap-up note",
    "file": "canary-file",
    "caller": "Canary Caller",
}


def kinds() -> dict[str, Kind]:
    """Every kind of document that a feature declares."""
    found: dict[str, Kind] = {}
    for module in pkgutil.walk_packages(portal.domain.__path__, "portal.domain."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Kind):
                assert found.setdefault(value.name, value) is value
    return found


def connect_file() -> bytes:
    def record(number: int, name: str, **changes: object) -> dict[str, object]:
        one = connect(number, Attributes={TEXTS["attribute name"]: TEXTS["attribute"]})
        one["CustomerEndpoint"] = {"Type": "TELEPHONE_NUMBER", "Address": NUMBERS[name]}
        one["Agent"] |= {
            "Username": TEXTS["agent"],
            "ARN": f"arn:aws:connect:eu-west-2:1:instance/i/agent/{TEXTS['agent key']}",
        }
        return one | changes

    return lines(
        record(1, "connect"),
        record(2, "rejected", Channel="SMOKE"),
        record(3, "conflict"),
        record(3, "conflict", Channel="CHAT"),
        b'{"ContactId": "' + NUMBERS["rejected"].encode() + b'", broken',
    )


def genesys_file() -> bytes:
    voice, mail = document("genesys-conversation.json"), document("genesys-conversation.json")
    for number, one in enumerate((voice, mail)):
        one["conversationId"] = f"conversation-{number}"
        for participant in one["participants"]:
            participant["userId"] = TEXTS["user"] if participant["purpose"] == "agent" else None
            participant["participantName"] = TEXTS["customer"]
            for session in participant["sessions"]:
                session["mediaType"] = "email" if one is mail else "voice"
                session["ani"] = f"tel:{NUMBERS['genesys']}"
                session["addressFrom"] = TEXTS["mail"]
                for segment in session["segments"]:
                    segment["wrapUpNote"] = TEXTS["note"]
    return json.dumps([voice, mail]).encode()


def three_cx_file() -> bytes:
    text = fixture("three-cx.csv")
    text = text.replace(b"02079460001", b"07700900189").replace(
        b"from disp,to disp,fin disp",
        f"{TEXTS['caller']},Support,{TEXTS['agent name']}".encode(),
    )
    return text + b"Call 999,x," + NUMBERS["rejected"].encode() + b",never\n"


def teams_files() -> Iterator[bytes]:
    call = fixture("teams-call-record.json").replace(b"+12025550103", NUMBERS["teams"].encode())
    call = call.replace(b"alex@contoso.example", TEXTS["upn"].encode())
    yield call.replace(b"Alex Agent", TEXTS["agent name"].encode())
    report = fixture("teams-queue-report.csv").decode("utf-8-sig").splitlines()
    report[0] += ';"SecondUPN"'
    report[1:] = [f'{row};"{TEXTS["upn"]}"' for row in report[1:]]
    yield "\n".join(report).encode()


FILES = [
    ("amazon-connect", connect_file()),
    ("genesys", genesys_file()),
    ("three-cx", three_cx_file()),
    *(("teams", file) for file in teams_files()),
]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A store that has taken files of all four sources and done with them all that people do."""
    async with opened(tmp_path, sources=SOURCES) as services:
        actor = services.actor()
        for source, data in FILES:
            wanted = Wanted(source, f"{TEXTS['file']}.{source}", ("610", "611"))
            done = await services.imports.import_file(
                wanted, io.BytesIO(data), len(data), actor=actor
            )
            assert done.state is State.COMPLETED, done.error
            assert done.report.accepted
        waiting = connect_file().replace(NUMBERS["connect"].encode(), NUMBERS["waiting"].encode())

        async def body() -> AsyncIterator[bytes]:
            yield waiting

        wanted = Wanted("amazon-connect", f"{TEXTS['file']}.waiting")
        await services.imports.upload(wanted, body(), most_bytes=10**9, actor=actor)
        asked = Asked(0, 1 << 45)
        everything = await services.dashboards.contacts(
            asked,
            metric=None,
            outcomes=frozenset(),
            agent=None,
            cursor=None,
            limit=50,
            actor=actor,
        )
        assert everything.total >= 10
        await services.imports.quarantine(actor=actor)
        await services.imports.rebuild(verify=False, actor=actor)
        yield services


def encodings(text: str) -> Iterator[bytes]:
    """The bytes a text may lie on disk as."""
    for plain in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for shift in range(3):
            whole = base64.b64encode(bytes(shift) + plain)
            core = whole[4 if shift else 0 : len(whole) - 4]
            yield core
            yield core.replace(b"+", b"-").replace(b"/", b"_")
    yield json.dumps(text).strip('"').encode()
    yield text.replace("@", "%40").replace(" ", "%20").replace("+", "%2B").encode()


def forms(number: str) -> Iterator[str]:
    """The ways in which a number may be written."""
    digits = number.removeprefix("+")
    national = digits.removeprefix("1") if digits.startswith("1") else digits.removeprefix("44")
    yield from (number, digits, national)


def needles() -> dict[bytes, str]:
    found = {}
    for name, number in NUMBERS.items():
        for form in forms(number):
            found.update(dict.fromkeys(encodings(form), f"the number of {name}"))
    for name, text in TEXTS.items():
        for form in (text, text.lower(), text.casefold()):
            found.update(dict.fromkeys(encodings(form), f"the {name}"))
    return found


def on_disk(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_files_do_hold_what_is_searched_for() -> None:
    """Else finding nothing would say nothing."""
    everything = b"".join(data for _, data in FILES) + NUMBERS["waiting"].encode()
    for number in NUMBERS.values():
        assert any(form.encode() in everything for form in forms(number)), number
    for name, text in TEXTS.items():
        assert name == "file" or text.encode() in everything, name


def test_the_search_finds_what_lies_in_the_clear() -> None:
    number = NUMBERS["connect"]
    for hidden in (
        number.encode(),
        b"x" + base64.b64encode(b"a" + number.encode() + b"tail"),
        number.encode("utf-16-le"),
        number.encode().hex().encode(),
        number[1:].encode(),
    ):
        assert [needle for needle in needles() if needle in b"before" + hidden + b"after"]


async def test_nobody_can_be_read_in_any_file_of_the_data_directory(world: World) -> None:
    searched = needles()
    for turn in ("while the store is open", "when everything is in the database"):
        files = on_disk(world.folder / "data")
        assert {"switchroom.db", "switchroom.db-wal", "switchroom.db-shm"} <= set(files)
        assert any(name.endswith(".sealed") for name in files)
        found = {
            (name, what)
            for name, data in files.items()
            for needle, what in searched.items()
            if needle in data
        }
        assert not found, turn
        await world.database.write(lambda _: None)
        with sqlite3.connect(world.database.path) as connection:
            connection.execute("PRAGMA wal_checkpoint(FULL)")
        connection.close()


async def test_no_file_of_the_data_directory_is_named_after_anybody(world: World) -> None:
    names = " ".join(on_disk(world.folder / "data"))
    assert not [what for needle, what in needles().items() if needle.decode("latin-1") in names]


async def test_what_is_sealed_opens_again(world: World) -> None:
    """The search above would also pass on a store that lost everything."""
    agents = {entry.name for entry in await world.contacts.agents(world.tenant)}
    assert {TEXTS["agent"], TEXTS["agent name"]} <= agents
    kept = await world.imports.quarantine(actor=world.actor())
    assert any(NUMBERS["rejected"].encode() in row.raw for row in kept)
    assert {row.file.partition(".")[0] for row in kept} == {TEXTS["file"]}


# --- declarations -------------------------------------------------------------------------


async def test_every_column_of_every_table_is_declared(world: World) -> None:
    def columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            table: {row[1] for row in connection.execute(f"PRAGMA table_info('{table}')")}
            for (table,) in tables.fetchall()
            if not table.startswith("sqlite_")
        }

    assert await world.database.read(columns) == {t.name: set(t.names) for t in TABLES}


async def test_every_field_of_every_document_is_declared(world: World) -> None:
    rows = await world.database.read(
        lambda c: c.execute("SELECT kind, body FROM documents").fetchall()
    )
    declared = kinds()
    used: dict[str, set[str]] = {}
    for kind, body in rows:
        used.setdefault(kind, set()).update(json.loads(body))
    assert {"organization", "import", "quarantine", "audit_entry", "audit_head"} <= set(used)
    assert set(used) <= set(declared)
    assert {kind: fields - declared[kind].names for kind, fields in used.items()} == {
        kind: set() for kind in used
    }


async def test_sealed_fields_of_documents_are_ciphertext(world: World) -> None:
    rows = await world.database.read(
        lambda c: c.execute("SELECT kind, body FROM documents").fetchall()
    )
    declared, checked = kinds(), 0
    for kind, body in rows:
        for field in declared[kind].fields:
            if field.sealed:
                sealed = base64.b64decode(json.loads(body)[field.name], validate=True)
                assert len(sealed) >= 28  # nonce and tag
                with pytest.raises(UnicodeDecodeError):
                    sealed.decode()
                checked += 1
    assert checked > 5


@pytest.mark.parametrize("kind", [*TABLES, *kinds().values()], ids=lambda kind: kind.name)
def test_declarations_are_in_order(kind: Kind) -> None:
    assert faults(kind) == []
    names = [field.name for field in kind.fields]
    assert len(names) == len(set(names))


def test_faults_are_told() -> None:
    bare = Field("number", Category.CONTACT_DETAILS, Subject.CUSTOMER, Erase.DELETE)
    kept = Field("name", Category.CONTACT_DETAILS, Subject.CUSTOMER, Erase.KEEP, sealed=True)
    assert [one.split(":")[0] for one in faults(Kind("k", (bare, kept)))] == ["k.number", "k.name"]
    assert Category.FREE_TEXT in SEALED
