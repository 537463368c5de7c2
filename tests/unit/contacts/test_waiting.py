"""Which uploads wait: one question about the region, and nothing that is forgotten."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.contacts.imports import Import, State, Wanted
from portal.domain.contacts.waiting import ASK_ALL_MS, NOTE, YOUNG_MS, Waiting
from portal.domain.organizations.model import Organization, Region
from portal.domain.shared.documents import Delete, Documents
from tests.fakes.world import BAY, World, opened
from tests.unit.contacts.vendor_files import connect_lines

CONNECT = Wanted("amazon-connect", "records.jsonl")
LATER_S = ASK_ALL_MS / 1000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, sources=SOURCES) as services:
        yield services


async def send(world: World) -> Import:
    async def body() -> AsyncIterator[bytes]:
        yield connect_lines(2)

    return await world.imports.upload(CONNECT, body(), most_bytes=10_000, actor=world.actor())


async def notes(world: World) -> list[str]:
    page = await world.documents.query(world.organizations.directory, NOTE)
    return [document.id for document in page.documents]


async def forget(world: World) -> None:
    """Drops every note, as if a version without notes had accepted the uploads."""
    directory = world.organizations.directory
    page = await world.documents.query(directory, NOTE)
    await world.documents.batch(
        directory, [Delete(NOTE, one.id, one.etag) for one in page.documents]
    )


class _Counted:
    """Documents that count what they are asked for."""

    def __init__(self, good: Documents) -> None:
        self._good = good
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._good, name)


async def test_at_rest_one_question_does_for_every_organisation(world: World) -> None:
    for number in range(5):
        code = f"cove-{number}"
        made = Organization(code, f"Cove {number}", Region.UK, "Europe/London", "GB")
        await world.organizations.ensure(made)
    counted: Any = _Counted(world.documents)
    waiting = Waiting(world.organizations, counted, world.clock)
    assert await waiting.look() == ()
    counted.asked.clear()
    assert await waiting.look() == ()
    assert counted.asked == ["query"]


async def test_what_waits_is_told_oldest_first_until_it_is_read(world: World) -> None:
    sent = []
    for _ in range(3):
        sent.append((await send(world)).id)
        world.clock.pass_time(seconds=1)
    assert await world.imports.waiting() == tuple((BAY, id) for id in sent)
    await world.imports.run(BAY, sent[1])
    assert await world.imports.waiting() == ((BAY, sent[0]), (BAY, sent[2]))
    assert await notes(world) == [sent[0], sent[2]]


async def test_an_upload_without_a_note_is_found_in_time(world: World) -> None:
    """By a new process at once, by one that runs when it asks all again."""
    assert await world.imports.waiting() == ()
    sent = await send(world)
    await forget(world)
    assert await world.imports.waiting() == ()
    async with opened(world.folder, sources=SOURCES, clock=world.clock) as second:
        assert await second.imports.waiting() == ((BAY, sent.id),)
    await forget(world)
    world.clock.pass_time(seconds=LATER_S)
    assert await world.imports.waiting() == ((BAY, sent.id),)
    assert await notes(world) == [sent.id]
    done = await world.imports.run(BAY, sent.id)
    assert (done.state, done.report.accepted) == (State.COMPLETED, 2)
    world.clock.pass_time(seconds=LATER_S)
    assert await world.imports.waiting() == ()


async def test_a_note_ahead_of_its_upload_stays_for_an_hour(world: World) -> None:
    waiting = Waiting(world.organizations, world.documents, world.clock)
    id = f"{world.clock.now_ms():013d}-about-to-come"
    await waiting.note(BAY, id)
    assert await waiting.look() == ()
    assert await notes(world) == [id]
    world.clock.pass_time(seconds=YOUNG_MS / 1000)
    assert await waiting.look() == ()
    assert await notes(world) == []


async def test_an_upload_is_noted_before_it_is_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends in between has a note too many, never one too few."""

    async def ended(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(world.imports, "_begin", ended)
    with pytest.raises(KeyboardInterrupt):
        await send(world)
    assert len(await notes(world)) == 1
    assert await world.imports.waiting() == ()


async def test_an_organisation_whose_key_does_not_open_holds_up_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(world)
    async with opened(world.folder, sources=SOURCES, clock=world.clock) as second:

        async def refused(code: str) -> None:
            raise AssertionError(f"the key of {code} is asked for")

        monkeypatch.setattr(second.organizations, "get", refused)
        assert await second.imports.waiting() == ((BAY, sent.id),)


async def test_of_two_workers_who_drop_a_note_both_go_on(world: World) -> None:
    sent = await send(world)
    await world.imports.run(BAY, sent.id)
    async with opened(world.folder, sources=SOURCES, clock=world.clock) as second:
        drop = second.documents.batch

        async def quicker(partition: str, writes: Any) -> None:
            await forget(world)
            await drop(partition, writes)

        second.documents.batch = quicker  # type: ignore[method-assign]
        assert await second.imports.waiting() == ()
    assert await notes(world) == []
