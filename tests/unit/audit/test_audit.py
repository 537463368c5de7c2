"""The audit trail: complete, in one order, written with the change, and telling of every change
made to it later."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from portal.domain.audit import rules
from portal.domain.audit.model import ENTRY, HEAD, Action, Entry, Event
from portal.domain.audit.service import HEAD_ID
from portal.domain.shared.documents import MOST_WRITES, Create, Replace, Write
from portal.domain.shared.errors import Conflict, InvalidInput
from portal.domain.shared.fields import Category, Field, Kind
from tests.fakes.world import World, opened

NOTE = Kind("note", (Field("text", Category.OPERATIONAL),))
OTHER = "uk|cove"
VIEWED = Event(Action.CONTACTS_VIEWED, "someone", "bay", {"shown": 3, "all": True, "how": "é"})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        yield services


async def chain(world: World, partition: str | None = None) -> list[Entry]:
    return [one async for one in world.audit.entries(partition or world.tenant.partition)]


async def write(world: World, count: int) -> None:
    for n in range(count):
        event = VIEWED._replace(facts={"shown": n})
        await world.audit.commit(world.tenant.partition, [event])


# --- the chain ----------------------------------------------------------------------------


async def test_entries_are_chained_from_the_beginning(world: World) -> None:
    await write(world, 3)
    entries = await chain(world)
    assert [one.sequence for one in entries] == [1, 2, 3, 4]
    assert entries[0].action == Action.ORGANIZATION_CREATED
    assert entries[0].previous == rules.BEGINNING
    assert all(b.previous == a.hash for a, b in pairwise(entries))
    assert len({one.hash for one in entries}) == 4
    assert {one.at_ms for one in entries} == {world.clock.now_ms()}
    assert await world.audit.first_break(world.tenant.partition) is None


async def test_a_long_chain_is_read_whole(world: World) -> None:
    for _ in range(3):
        await world.audit.commit(world.tenant.partition, [VIEWED] * 90)
    assert [one.sequence for one in await chain(world)] == list(range(1, 272))
    assert await world.audit.first_break(world.tenant.partition) is None


async def test_a_chain_of_nothing_is_whole(world: World) -> None:
    assert await world.audit.first_break(OTHER) is None
    assert rules.first_break([]) is None


async def test_each_organisation_has_a_chain_of_its_own(world: World) -> None:
    await write(world, 2)
    await world.audit.commit(OTHER, [VIEWED])
    assert [one.sequence for one in await chain(world, OTHER)] == [1]
    assert len(await chain(world)) == 3


def test_the_digest_covers_every_field_but_itself() -> None:
    entry = rules.chained(VIEWED, sequence=7, at_ms=5, previous="p" * 64)
    others: dict[str, Any] = {
        "sequence": 8,
        "at_ms": 6,
        "action": "x",
        "actor": "x",
        "target": "x",
        "facts": {"shown": 4},
        "previous": "q" * 64,
    }
    assert set(others) | {"hash"} == set(Entry._fields)
    digests = {rules.digest(entry._replace(**{name: value})) for name, value in others.items()}
    assert len(digests | {rules.digest(entry)}) == 8
    assert rules.digest(entry._replace(hash="x")) == entry.hash


def test_the_digest_is_the_one_that_is_documented() -> None:
    """So that old chains verify with any later version."""
    entry = rules.chained(VIEWED, sequence=1, at_ms=1_792_929_600_000, previous=rules.BEGINNING)
    assert entry.hash == "b327999e54a8a1c547fade80e994cb381cf55a7830cd0259c1a764eaa526c664"


# --- tampering ----------------------------------------------------------------------------

Tamper = Callable[[sqlite3.Connection], None]


def body(connection: sqlite3.Connection, sequence: int) -> dict[str, Any]:
    (text,) = connection.execute(
        "SELECT body FROM documents WHERE kind = 'audit_entry' AND pk = 'uk|bay' AND id = ?",
        (f"{sequence:012d}",),
    ).fetchone()
    found: dict[str, Any] = json.loads(text)
    return found


def put(connection: sqlite3.Connection, sequence: int, changed: object) -> None:
    connection.execute(
        "UPDATE documents SET body = ? WHERE kind = 'audit_entry' AND pk = 'uk|bay' AND id = ?",
        (json.dumps(changed), f"{sequence:012d}"),
    )


def altered(at: int, **changes: Any) -> Tamper:
    return lambda c: put(c, at, body(c, at) | changes)


def rehashed(sequence: int) -> Tamper:
    """Altered, with a hash that fits the altered content."""

    def tamper(connection: sqlite3.Connection) -> None:
        entry = Entry(**body(connection, sequence))._replace(actor="nobody")
        put(connection, sequence, entry._replace(hash=rules.digest(entry))._asdict())

    return tamper


def without_field(sequence: int, name: str) -> Tamper:
    def tamper(connection: sqlite3.Connection) -> None:
        changed = body(connection, sequence)
        del changed[name]
        put(connection, sequence, changed)

    return tamper


def deleted(*sequences: int) -> Tamper:
    def tamper(connection: sqlite3.Connection) -> None:
        for sequence in sequences:
            connection.execute(
                "DELETE FROM documents WHERE kind = 'audit_entry' AND pk = 'uk|bay' AND id = ?",
                (f"{sequence:012d}",),
            )

    return tamper


def swapped(one: int, other: int) -> Tamper:
    def tamper(connection: sqlite3.Connection) -> None:
        first, second = body(connection, one), body(connection, other)
        put(connection, one, second)
        put(connection, other, first)

    return tamper


def without_head(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM documents WHERE kind = 'audit_head' AND pk = 'uk|bay'")


def expired(sequence: int) -> Tamper:
    return lambda c: c.execute(  # type: ignore[return-value]
        "UPDATE documents SET expires_at = 1 WHERE kind = 'audit_entry' AND id = ?",
        (f"{sequence:012d}",),
    )


def moved(sequence: int, to: int) -> Tamper:
    return lambda c: c.execute(  # type: ignore[return-value]
        "UPDATE documents SET id = ? WHERE kind = 'audit_entry' AND pk = 'uk|bay' AND id = ?",
        (f"{to:012d}", f"{sequence:012d}"),
    )


@pytest.mark.parametrize(
    ("tamper", "found_at"),
    [
        (altered(1, actor="x"), 1),
        (altered(4, facts={"shown": 99}), 4),
        (altered(4, facts={}), 4),
        (altered(4, at_ms=1), 4),
        (altered(4, action="contacts.deleted"), 4),
        (altered(4, target="other"), 4),
        (altered(4, previous="0" * 64), 4),
        (altered(4, hash="0" * 64), 4),
        (altered(4, sequence=5), 4),
        (altered(4, sequence="4"), 4),
        (altered(4, sequence=None), 4),
        (altered(4, note="more"), 4),
        (rehashed(4), 5),
        (rehashed(6), 7),
        (without_field(4, "actor"), 4),
        (without_field(4, "hash"), 4),
        (lambda c: put(c, 4, []), 4),
        (lambda c: put(c, 4, None), 4),
        (deleted(1), 1),
        (deleted(3), 3),
        (deleted(3, 4), 3),
        (deleted(6), 6),
        (deleted(5, 6), 5),
        (deleted(1, 2, 3, 4, 5, 6), 1),
        (swapped(3, 4), 3),
        (swapped(2, 6), 2),
        (moved(4, 9), 4),
        (expired(4), 4),
        (without_head, 7),
    ],
)
async def test_tampering_is_found_at_the_first_bad_entry(
    world: World, tamper: Tamper, found_at: int
) -> None:
    await write(world, 5)
    assert await world.audit.first_break(world.tenant.partition) is None
    await world.database.write(tamper)
    assert await world.audit.first_break(world.tenant.partition) == found_at


async def test_entries_verify_without_the_store(world: World) -> None:
    await write(world, 3)
    head = await world.documents.get(world.tenant.partition, HEAD, HEAD_ID)
    assert head is not None
    entries = await chain(world)
    told = [Entry(**json.loads(json.dumps(one._asdict()))) for one in entries]
    assert rules.first_break(told, head=str(head.body["hash"])) is None
    assert rules.first_break(told[:-1], head=str(head.body["hash"])) == 4
    assert rules.first_break(reversed(told)) == 1


# --- writing ------------------------------------------------------------------------------


@pytest.mark.parametrize("writers", [10, 60])
async def test_concurrent_commits_all_land_in_sequence(world: World, writers: int) -> None:
    before = len(await chain(world))

    async def commit(n: int) -> None:
        change = Create(NOTE, f"n-{n}", {"text": str(n)})
        event = VIEWED._replace(facts={"n": n})
        await world.audit.commit(world.tenant.partition, [event, event], [change])

    await asyncio.gather(*map(commit, range(writers)))
    entries = (await chain(world))[before:]
    assert len(entries) == 2 * writers
    numbers = [one.facts["n"] for one in entries]
    assert numbers[::2] == numbers[1::2]
    assert sorted(numbers[::2]) == list(range(writers))
    assert await world.documents.count(world.tenant.partition, NOTE) == writers
    assert await world.audit.first_break(world.tenant.partition) is None


async def test_processes_beside_each_other_write_one_chain(world: World) -> None:
    async with opened(world.folder) as second:
        await asyncio.gather(write(world, 12), write(second, 12))
        assert len(await chain(second)) == 25
        assert await second.audit.first_break(world.tenant.partition) is None


async def test_the_entry_and_its_change_are_one_batch(world: World) -> None:
    await world.documents.batch(world.tenant.partition, [Create(NOTE, "taken", {"text": "x"})])
    before = await chain(world)
    batches: list[list[Write]] = [
        [Create(NOTE, "new", {"text": "y"}), Create(NOTE, "taken", {"text": "y"})],
        [Create(NOTE, "new", {"text": "y"}), Replace(NOTE, "taken", {"text": "y"}, "0" * 16)],
    ]
    for refused in batches:
        with pytest.raises(Conflict):
            await world.audit.commit(world.tenant.partition, [VIEWED], refused)
    with pytest.raises(InvalidInput):
        await world.audit.commit(
            world.tenant.partition, [VIEWED], [Create(NOTE, "new", {"colour": "y"})]
        )
    with pytest.raises(InvalidInput):
        await world.audit.commit(world.tenant.partition, [VIEWED] * MOST_WRITES)
    assert await world.documents.get(world.tenant.partition, NOTE, "new") is None
    assert await chain(world) == before
    await world.audit.commit(world.tenant.partition, [VIEWED], [Create(NOTE, "new", {"text": "y"})])
    assert len(await chain(world)) == len(before) + 1


async def test_a_refused_change_stays_refused_while_others_write(world: World) -> None:
    """The chain moving on must not hide that the change itself conflicts."""
    await world.documents.batch(world.tenant.partition, [Create(NOTE, "taken", {"text": "x"})])

    async def refused() -> bool:
        try:
            await world.audit.commit(
                world.tenant.partition, [VIEWED], [Create(NOTE, "taken", {"text": "y"})]
            )
        except Conflict:
            return True
        return False

    found = await asyncio.gather(*(refused() for _ in range(10)), write(world, 10))
    assert found[:10] == [True] * 10
    assert len(await chain(world)) == 11


async def test_audit_documents_hold_declared_fields_only() -> None:
    assert ENTRY.names == set(Entry._fields)
