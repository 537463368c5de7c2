"""Imports: what is counted, kept back, refused and taken up again."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.audit.model import Action
from portal.domain.contacts import pieces as contact_pieces
from portal.domain.contacts import service
from portal.domain.contacts.filing import INTERRUPTED
from portal.domain.contacts.imports import (
    MOST_REJECTIONS,
    QUARANTINE,
    Import,
    Origin,
    Report,
    State,
    Wanted,
)
from portal.domain.contacts.pieces import CONFLICT, TOO_LARGE
from portal.domain.contacts.ports import Batch, Selection, Side, Tally, Tenant
from portal.domain.dashboards.model import Asked, MetricName
from portal.domain.shared import blob_files
from portal.domain.shared.blobs import BlobReader, Blobs
from portal.domain.shared.errors import (
    Conflict,
    Damaged,
    DomainError,
    InvalidInput,
    NotFound,
    RateLimited,
    TooLarge,
    Unavailable,
)
from tests.fakes.world import BAY, World, opened
from tests.unit.contacts.vendor_files import connect, connect_lines, lines
from tests.unit.sources.helpers import fixture

CONNECT = Wanted("amazon-connect", "records.jsonl")
LIMIT = 50_000_000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, sources=SOURCES) as services:
        yield services


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_pieces, "BATCH_RECORDS", 10)
    monkeypatch.setattr(contact_pieces, "BATCH_REJECTIONS", 3)
    monkeypatch.setattr(service, "BATCH_REJECTIONS", 3)


async def pieces(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(world: World, data: bytes, wanted: Wanted = CONNECT) -> Import:
    """Imports a file that lies here."""
    return await world.imports.import_file(wanted, io.BytesIO(data), len(data), actor=world.actor())


async def send(world: World, data: bytes, wanted: Wanted = CONNECT) -> Import:
    """Uploads a file."""
    return await world.imports.upload(wanted, pieces(data), most_bytes=LIMIT, actor=world.actor())


async def stored(world: World) -> int:
    everything = Selection(Side.ARRIVED, 0, 1 << 45)
    return (await world.contacts.find(world.tenant, everything, cursor=None, limit=1)).total


async def actions(world: World) -> list[str]:
    return [one.action async for one in world.audit.entries(world.tenant.partition)]


def files_below(folder: Path) -> list[str]:
    return sorted(p.name for p in (folder / "data" / "blobs").rglob("*") if p.is_file())


# --- counting -----------------------------------------------------------------------------


@pytest.mark.usefixtures("small_batches")
async def test_every_row_is_reported_once(world: World) -> None:
    data = connect_lines(25, bad_every=6)
    done = await read(world, data)
    assert done.state is State.COMPLETED
    assert done.progress == 1.0
    assert done.report._replace(rejections=()) == Report(accepted=25, rejected=4)
    assert [one.line for one in done.report.rejections] == [7, 14, 21, 28]
    assert await stored(world) == 25
    assert await world.imports.get(done.id, actor=world.actor()) == done


@pytest.mark.usefixtures("small_batches")
async def test_the_same_file_again_changes_nothing(world: World) -> None:
    data = connect_lines(25, bad_every=6)
    first = await read(world, data)
    again = await read(world, data)
    assert again.report == first.report._replace(accepted=0, unchanged=25)
    assert await stored(world) == 25
    assert len(await world.imports.quarantine(actor=world.actor())) == 4


async def test_newer_older_and_equal_records_are_told_apart(world: World) -> None:
    newest = connect(1, LastUpdateTimestamp="2026-04-09T15:03:02Z", Channel="CHAT")
    oldest = connect(1, LastUpdateTimestamp="2026-04-07T15:03:02Z", Channel="TASK")
    done = await read(world, lines(connect(1), connect(1), newest, oldest, newest))
    assert done.report == Report(accepted=1, corrected=1, unchanged=2, ignored=1)


async def test_an_import_is_audited_from_its_acceptance_to_its_end(world: World) -> None:
    done = await read(world, connect_lines(3) + b"{}\n")
    entries = [one async for one in world.audit.entries(world.tenant.partition)][1:]
    assert [(one.action, one.actor, one.target) for one in entries] == [
        (Action.IMPORT_ACCEPTED, "someone", done.id),
        (Action.IMPORT_COMPLETED, "someone", done.id),
    ]
    assert entries[1].facts == {
        "source": "amazon-connect",
        "accepted": 3,
        "corrected": 0,
        "rejected": 1,
    }


@pytest.mark.usefixtures("small_batches")
async def test_progress_grows_to_the_whole(world: World) -> None:
    shares: list[float] = []
    data = connect_lines(45)
    await world.imports.import_file(
        CONNECT, io.BytesIO(data), len(data), actor=world.actor(), on_progress=shares.append
    )
    assert len(shares) >= 4
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


async def test_queue_extensions_reach_the_source(world: World) -> None:
    wanted = Wanted("three-cx", "cdr.csv", queue_extensions=("610", "611"))
    done = await read(world, fixture("three-cx.csv"), wanted)
    assert done.state is State.COMPLETED
    assert {q.key for q in await world.contacts.queues(world.tenant.partition)} >= {"610", "611"}
    assert (await world.imports.get(done.id, actor=world.actor())).queue_extensions == (
        "610",
        "611",
    )


async def test_imports_are_listed_newest_first(world: World) -> None:
    ids = []
    for _ in range(3):
        world.clock.pass_time(seconds=1)
        ids.append((await read(world, connect_lines(1))).id)
    listed = await world.imports.list(actor=world.actor())
    assert [one.id for one in listed] == ids[::-1]
    assert [one.id for one in await world.imports.list(actor=world.actor(), limit=2)] == ids[:0:-1]


@pytest.mark.parametrize("id", ["", "x", "a/b", "../x", "x" * 300, "é", "\ud800", "a?b#c"])
async def test_an_unknown_import_is_not_found(world: World, id: str) -> None:
    with pytest.raises(NotFound):
        await world.imports.get(id, actor=world.actor())


@pytest.mark.parametrize("name", ["", "räk ☃.csv", "bad \udcff.csv", "x" * 4000, "a\0b\n"])
async def test_any_file_name_is_kept_and_told(world: World, name: str) -> None:
    done = await read(world, connect_lines(1) + b"{}\n", CONNECT._replace(file=name))
    told = (await world.imports.get(done.id, actor=world.actor())).file
    assert told == name.encode("utf-8", "replace").decode()
    [kept] = await world.imports.quarantine(actor=world.actor())
    assert kept.file == told


# --- kept back ----------------------------------------------------------------------------


async def test_a_bad_row_is_kept_sealed_with_its_place_and_reason(world: World) -> None:
    bad = connect(7, Channel="SMOKE", Attributes={"note": "canary-in-quarantine"})
    done = await read(world, lines(connect(1), bad))
    [row] = await world.imports.quarantine(actor=world.actor())
    assert (row.file, row.source, row.line) == ("records.jsonl", "amazon-connect", 2)
    assert (row.at_ms, row.reason) == (world.clock.now_ms(), done.report.rejections[0].reason)
    assert json.loads(row.raw) == bad
    assert "canary" not in row.reason
    [document] = (await world.documents.query(world.tenant.partition, QUARANTINE)).documents
    assert "canary" not in json.dumps(dict(document.body))
    assert (await actions(world))[-1] == Action.QUARANTINE_VIEWED


async def test_identical_bad_rows_are_kept_once(world: World) -> None:
    bad = connect(7, Channel="SMOKE")
    first = await read(world, lines(connect(1), bad, bad))
    assert first.report.rejected == 2
    await read(world, lines(connect(1), bad, connect(8, Channel="SMOKE")))
    assert len(await world.imports.quarantine(actor=world.actor())) == 2
    summary_count = await world.documents.count(world.tenant.partition, QUARANTINE)
    assert summary_count == 2


async def test_an_endless_row_is_kept_by_its_beginning(world: World) -> None:
    bad = connect(7, Channel="SMOKE", Attributes={"note": "x" * 200_000})
    await read(world, lines(connect(1), bad))
    [row] = await world.imports.quarantine(actor=world.actor())
    assert len(row.raw) == 65_536
    assert json.dumps(bad).encode().startswith(row.raw)


@pytest.mark.usefixtures("small_batches")
async def test_a_report_tells_the_first_thousand_rejections_and_counts_all(world: World) -> None:
    bad = [connect(n, Channel=f"SMOKE-{n}") for n in range(MOST_REJECTIONS + 20)]
    done = await read(world, lines(connect(0), *bad))
    assert done.report.rejected == MOST_REJECTIONS + 20
    assert [one.line for one in done.report.rejections] == list(range(2, MOST_REJECTIONS + 2))
    assert len(await world.imports.quarantine(actor=world.actor())) == MOST_REJECTIONS + 20


@pytest.mark.usefixtures("small_batches")
async def test_conflicts_are_kept_back_whichever_came_first(tmp_path: Path) -> None:
    """Of two records with one id and version the same one stays; a loser that arrives is told."""
    one = [connect(n, Channel="CHAT") for n in range(8)]
    other = [connect(n, Channel="TASK") for n in range(8)]
    rejected, left = [], []
    for turn, order in enumerate(((one, other), (other, one))):
        async with opened(tmp_path / str(turn), sources=SOURCES) as world:
            await read(world, lines(*order[0]))
            done = await read(world, lines(*order[1]))
            rejected.append(done.report.rejected)
            assert done.report.rejected + done.report.corrected == 8
            assert {r.reason for r in done.report.rejections} <= {CONFLICT}
            kept = await world.imports.quarantine(actor=world.actor())
            assert [row.line for row in kept] == [r.line for r in done.report.rejections]
            await read(world, lines(*order[1]))
            assert len(await world.imports.quarantine(actor=world.actor())) == len(kept)
            everything = Selection(Side.ARRIVED, 0, 1 << 45)
            page = await world.contacts.find(world.tenant, everything, cursor=None, limit=50)
            left.append({contact.channel for contact in page.contacts})
    assert sorted(rejected) == [0, 8]
    assert left[0] == left[1]
    assert len(left[0]) == 1


# --- refused ------------------------------------------------------------------------------

UNUSABLE = {
    "empty": b"",
    "blank": b" \n\n ",
    "text": b"hello\nworld\n",
    "another vendor's": fixture("three-cx.csv"),
    "binary": b"PK\x03\x04" + bytes(500),
    "utf-16": "[]".encode("utf-16"),
    "bad rows only": lines(*(connect(n, Channel="SMOKE") for n in range(25))),
    "cut off": json.dumps([connect(n) for n in range(45)]).encode()[:-1],
    "cut off inside": json.dumps([connect(n) for n in range(45)]).encode()[:-700],
}


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("way", ["read", "sent"])
@pytest.mark.parametrize("kind", UNUSABLE)
async def test_of_an_unusable_file_nothing_is_stored(world: World, kind: str, way: str) -> None:
    if way == "read":
        done = await read(world, UNUSABLE[kind])
    else:
        done = await world.imports.run(BAY, (await send(world, UNUSABLE[kind])).id)
    assert done.state is State.FAILED
    assert done.error
    assert done.report == Report()
    assert await stored(world) == 0
    assert await world.contacts.queues(world.tenant.partition) == ()
    assert (await world.contacts.standing(world.tenant.partition)).as_of_ms == 0
    assert await world.imports.quarantine(actor=world.actor()) == ()
    assert Action.IMPORT_FAILED in await actions(world)
    assert files_below(world.folder) == []


async def test_a_file_that_is_too_large_keeps_nothing(world: World) -> None:
    data = connect_lines(5)
    with pytest.raises(TooLarge):
        await world.imports.upload(
            CONNECT, pieces(data), most_bytes=len(data) - 1, actor=world.actor()
        )
    assert files_below(world.folder) == []
    assert await world.imports.list(actor=world.actor()) == ()
    assert await world.imports.waiting() == ()
    kept = await world.imports.upload(
        CONNECT, pieces(data), most_bytes=len(data), actor=world.actor()
    )
    assert (await world.imports.run(BAY, kept.id)).report.accepted == 5


async def test_a_sender_who_breaks_off_leaves_nothing(world: World) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield connect_lines(2)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await world.imports.upload(CONNECT, broken(), most_bytes=LIMIT, actor=world.actor())
    assert files_below(world.folder) == []
    assert await world.imports.list(actor=world.actor()) == ()


@pytest.mark.parametrize("source", ["", "avaya", "Genesys", "three_cx"])
async def test_an_unknown_source_is_refused_at_its_field(world: World, source: str) -> None:
    for attempt in (read, send):
        with pytest.raises(InvalidInput) as refused:
            await attempt(world, connect_lines(1), CONNECT._replace(source=source))
        assert set(refused.value.fields) == {"source"}
        assert all(name in refused.value.message for name in SOURCES)
    assert await world.imports.list(actor=world.actor()) == ()
    assert files_below(world.folder) == []


# --- uploads, and taking them up again ----------------------------------------------------


async def test_an_upload_is_durable_waits_and_is_read(world: World) -> None:
    data = connect_lines(5)
    sent = await send(world, data)
    assert sent.state is State.QUEUED
    assert await world.imports.waiting() == ((BAY, sent.id),)
    assert len(files_below(world.folder)) == 1
    async with opened(world.folder, sources=SOURCES) as second:
        assert await second.imports.waiting() == ((BAY, sent.id),)
    done = await world.imports.run(BAY, sent.id)
    assert done.report == Report(accepted=5)
    assert await world.imports.waiting() == ()
    assert files_below(world.folder) == []
    assert await world.imports.run(BAY, sent.id) == done


async def test_an_upload_whose_file_is_gone_fails_and_says_so(world: World) -> None:
    sent = await send(world, connect_lines(5))
    await world.blobs.delete(world.owner, f"uploads/{sent.id}")
    done = await world.imports.run(BAY, sent.id)
    assert (done.state, done.error) == (State.FAILED, INTERRUPTED)
    assert await world.imports.waiting() == ()


async def test_an_upload_whose_file_is_damaged_fails_and_says_so(world: World) -> None:
    sent = await send(world, connect_lines(5))
    [path] = (one for one in (world.folder / "data" / "blobs").rglob("*") if one.is_file())
    path.write_bytes(path.read_bytes()[:-1])
    done = await world.imports.run(BAY, sent.id)
    assert (done.state, done.error) == (State.FAILED, INTERRUPTED)


class _Failing:
    """Blobs whose n-th opening or reading fails so."""

    def __init__(self, blobs: Blobs, call: int, error: Exception) -> None:
        self._blobs = blobs
        self._left = call
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)

    async def open(self, *words: Any, **options: Any) -> Any:
        self.fail()
        return _FailingReader(await self._blobs.open(*words, **options), self)

    def fail(self) -> None:
        self._left -= 1
        if not self._left:
            raise self._error


class _FailingReader:
    def __init__(self, reader: BlobReader, failing: _Failing) -> None:
        self._reader = reader
        self._failing = failing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    async def read(self, start: int, length: int) -> bytes:
        self._failing.fail()
        return await self._reader.read(start, length)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("call", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    "error",
    [
        Unavailable("The place of the files does not answer."),
        RateLimited("It is busy.", retry_after=1),
        Conflict("Another process took it over."),
    ],
)
async def test_an_upload_goes_on_when_its_file_can_be_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch, error: DomainError, call: int
) -> None:
    monkeypatch.setattr(blob_files, "BUFFER", 50_000)
    sent = await send(world, connect_lines(400))
    good = world.blobs
    world.imports._blobs = cast(Blobs, _Failing(good, call, error))
    with pytest.raises(type(error)):
        await world.imports.run(BAY, sent.id)
    assert await world.imports.waiting() == ((BAY, sent.id),)
    world.imports._blobs = good
    done = await world.imports.run(BAY, sent.id)
    assert (done.state, done.report) == (State.COMPLETED, Report(accepted=400))
    assert await stored(world) == 400


class _Stopping:
    """A contact store during whose n-th batch the import is cancelled: before it, while it is
    being written, or when it is."""

    def __init__(self, world: World, batch: int, moment: str) -> None:
        self._contacts = world.contacts
        self._left = batch
        self._moment = moment
        self.task: asyncio.Task[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._contacts, name)

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        self._left -= 1
        if self._left or self.task is None:
            return await self._contacts.ingest(tenant, batch, now_ms=now_ms)
        if self._moment == "during":
            self.task.cancel()
        tally = await self._contacts.ingest(tenant, batch, now_ms=now_ms)
        if self._moment == "after":
            self.task.cancel()
            await asyncio.sleep(0)
        return tally


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("moment", ["during", "after"])
@pytest.mark.parametrize("batches", [[1], [2], [4], [1, 1, 1], [2, 2], [99]])
async def test_an_interrupted_import_goes_on_and_counts_exactly(
    tmp_path: Path, batches: Sequence[int], moment: str
) -> None:
    data = connect_lines(45, bad_every=4) + lines(connect(3, Channel="CHAT"), connect(4))
    async with opened(tmp_path / "whole", sources=SOURCES) as whole:
        expected = await whole.imports.run(BAY, (await send(whole, data)).id)
        kept = [(r.line, r.raw) for r in await whole.imports.quarantine(actor=whole.actor())]
    async with opened(tmp_path / "broken", sources=SOURCES) as world:
        sent = await send(world, data)
    for batch in batches:
        async with opened(tmp_path / "broken", sources=SOURCES) as world:
            stopping = _Stopping(world, batch, moment)
            world.imports._contacts = stopping
            stopping.task = asyncio.ensure_future(world.imports.run(BAY, sent.id))
            await asyncio.wait({stopping.task})
            assert stopping.task.cancelled() == (batch < 99)
    async with opened(tmp_path / "broken", sources=SOURCES) as world:
        done = await world.imports.run(BAY, sent.id)
        assert done.state is State.COMPLETED
        assert done.report == expected.report
        assert await stored(world) == 45
        rebuilt = await world.contacts.rebuild(world.tenant, verify=True)
        assert rebuilt.different == ()
        again = [(r.line, r.raw) for r in await world.imports.quarantine(actor=world.actor())]
        assert again == kept
        assert files_below(world.folder) == []


class _Unsteady:
    """A store that is busy or away before its first batches, or once they are stored."""

    def __init__(self, world: World, faults: Sequence[str]) -> None:
        self._world = world
        self._faults = list(faults)
        self.met = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.contacts, name)

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        fault = self._faults.pop(0) if self._faults else ""
        self.met.set()
        if fault == "busy":
            raise RateLimited("Busy.", retry_after=0.01)
        if fault == "away":
            raise Unavailable("Away.")
        if fault == "damaged":
            raise Damaged("It does not open.")
        tally = await self._world.contacts.ingest(tenant, batch, now_ms=now_ms)
        if fault == "told nothing":
            raise Unavailable("Away.")
        return tally


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    "faults",
    [
        ["busy", "busy", "", "away"],
        ["told nothing"] * 30,
        ["away", "told nothing", "busy", "told nothing", "", "told nothing"],
    ],
)
async def test_an_import_waits_for_a_store_that_is_busy_or_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: Sequence[str]
) -> None:
    """Its report is the one it would have been."""
    monkeypatch.setattr(service, "FIRST_WAIT_SECONDS", 0.01)
    data = connect_lines(45, bad_every=4) + lines(connect(3, Channel="CHAT"), connect(4))
    async with opened(tmp_path / "whole", sources=SOURCES) as whole:
        expected = await read(whole, data)
    async with opened(tmp_path / "unsteady", sources=SOURCES) as world:
        world.imports._contacts = _Unsteady(world, faults)
        done = await read(world, data)
        assert (done.state, done.report) == (State.COMPLETED, expected.report)
        assert await stored(world) == 45
        assert (await world.contacts.rebuild(world.tenant, verify=True)).different == ()


async def test_an_import_gives_up_when_the_store_stays_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(service, "PATIENCE_SECONDS", 0.05)
    world.imports._contacts = _Unsteady(world, ["away"] * 99)
    with pytest.raises(Unavailable):
        await read(world, connect_lines(5))
    [failed] = await world.imports.list(actor=world.actor())
    assert failed.state is State.FAILED
    assert await stored(world) == 0


class _Small:
    """A store that takes no records of these ids, alone or among others."""

    def __init__(self, world: World, *ids: str) -> None:
        self._world = world
        self._ids = set(ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.contacts, name)

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        if self._ids & {one.record_id for one in batch.records}:
            raise TooLarge("Too large.")
        return await self._world.contacts.ingest(tenant, batch, now_ms=now_ms)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("large", [[], [0], [44], [7, 8], [0, 9, 10, 20, 44]])
async def test_records_too_large_for_the_store_are_kept_back_and_the_others_go_in(
    world: World, large: list[int]
) -> None:
    world.imports._contacts = _Small(world, *(f"contact-{number:05d}" for number in large))
    done = await read(world, connect_lines(45))
    assert (done.state, done.report.accepted) == (State.COMPLETED, 45 - len(large))
    assert [(one.line, one.reason) for one in done.report.rejections] == [
        (number + 1, TOO_LARGE) for number in large
    ]
    assert done.taken == 45
    kept = await world.imports.quarantine(actor=world.actor())
    assert sorted(row.line for row in kept) == [number + 1 for number in large]
    assert await stored(world) == 45 - len(large)


async def test_an_import_does_not_wait_for_what_waiting_does_not_mend(world: World) -> None:
    world.imports._contacts = _Unsteady(world, ["damaged"])
    async with asyncio.timeout(10):
        with pytest.raises(Damaged):
            await read(world, connect_lines(5))


async def test_an_import_that_is_stopped_does_not_wait_for_the_store(world: World) -> None:
    sent = await send(world, connect_lines(5))
    world.imports._contacts = away = _Unsteady(world, ["away"] * 99)
    running = asyncio.ensure_future(world.imports.run(BAY, sent.id))
    await away.met.wait()
    running.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait({running})
    assert running.cancelled()
    world.imports._contacts = world.contacts
    done = await world.imports.run(BAY, sent.id)
    assert (done.state, done.report.accepted) == (State.COMPLETED, 5)


@pytest.mark.usefixtures("small_batches")
async def test_an_interrupted_command_shows_as_failed_and_is_not_taken_up(
    world: World,
) -> None:
    data = connect_lines(45)
    stopping = _Stopping(world, 2, "after")
    world.imports._contacts = stopping
    stopping.task = asyncio.ensure_future(read(world, data))
    await asyncio.wait({stopping.task})
    assert stopping.task.cancelled()
    [shown] = await world.imports.list(actor=world.actor())
    assert (shown.state, shown.error) == (State.FAILED, INTERRUPTED)
    assert shown.report.accepted == 20
    assert await world.imports.waiting() == ()
    assert await stored(world) == 20


async def test_a_killed_command_shows_as_failed_when_its_time_is_over(world: World) -> None:
    """A command that was killed could not say so: its lease runs out."""
    new = world.imports._new(CONNECT, Origin.COMMAND, world.actor())
    await world.imports._begin(world.tenant, new._replace(state=State.RUNNING))
    assert (await world.imports.get(new.id, actor=world.actor())).state is State.RUNNING
    world.clock.pass_time(seconds=service.LEASE_MS / 1000)
    shown = await world.imports.get(new.id, actor=world.actor())
    assert (shown.state, shown.error) == (State.FAILED, INTERRUPTED)


async def test_waiting_for_an_end_returns_when_it_comes_or_time_is_over(world: World) -> None:
    sent = await send(world, connect_lines(3))
    early = await world.imports.ended(sent.id, 0.01, actor=world.actor())
    assert early.state is State.QUEUED
    waiting = asyncio.ensure_future(world.imports.ended(sent.id, 30, actor=world.actor()))
    done = await world.imports.run(BAY, sent.id)
    assert await waiting == done


# --- settling and rebuilding --------------------------------------------------------------


async def test_many_files_in_a_row_settle_once(world: World) -> None:
    await read(world, connect_lines(3), CONNECT._replace(settle=False))
    assert await world.imports.settle(actor=world.actor()) == 1
    assert await world.imports.settle(actor=world.actor()) == 0
    await read(world, connect_lines(4))
    assert await world.imports.settle(actor=world.actor()) == 0


async def test_a_rebuild_is_audited_and_a_verification_is_not(world: World) -> None:
    await read(world, connect_lines(3))
    before = len(await actions(world))
    assert (await world.imports.rebuild(verify=True, actor=world.actor())).different == ()
    assert len(await actions(world)) == before
    await world.imports.rebuild(verify=False, actor=world.actor())
    assert (await actions(world))[-1] == Action.PAGES_REBUILT


# --- put right ----------------------------------------------------------------------------


async def test_a_3cx_file_read_without_its_queues_is_put_right_by_reading_it_with_them(
    world: World,
) -> None:
    bare = Wanted("three-cx", "calls.csv")
    data = fixture("three-cx.csv")
    assert (await read(world, data, bare)).report.rejected == 0
    asked = Asked(0, 1 << 42)
    figures = (await world.dashboards.summary(asked, actor=world.actor())).metrics
    assert figures[MetricName.OFFERED].value == 0
    queues = bare._replace(queue_extensions=("610", "611"))
    again = await read(world, data, queues)
    assert (again.report.rejected, again.report.corrected > 0) == (0, True)
    figures = (await world.dashboards.summary(asked, actor=world.actor())).metrics
    assert figures[MetricName.OFFERED].value == again.report.corrected
    assert (await read(world, data, bare)).report.ignored == again.report.corrected


async def test_conflicts_are_told_apart_on_one_line(world: World) -> None:
    stored = [connect(n, Channel="TASK") for n in range(7)]
    await read(world, lines(*stored))
    loses = connect(3, Channel="CHAT")
    array = json.dumps([*stored[:3], loses, *stored[4:]]).encode()
    done = await read(world, array)
    report = done.report
    told = report.unchanged + report.corrected + report.rejected
    assert (told, report.unchanged) == (7, 6)


async def test_every_one_of_many_conflicts_is_kept(world: World) -> None:
    greater, lesser = "TASK", "CHAT"
    await read(world, lines(*(connect(n, Channel=greater) for n in range(200))))
    done = await read(world, lines(*(connect(n, Channel=lesser) for n in range(200))))
    if done.report.corrected:  # whichever content stays, the other is told
        done = await read(world, lines(*(connect(n, Channel=greater) for n in range(200))))
    assert done.report.rejected == 200
    assert [one.line for one in done.report.rejections] == list(range(1, 201))
    kept = await world.imports.quarantine(actor=world.actor())
    assert len({json.loads(row.raw)["record"] for row in kept}) == 200


async def test_a_pipe_is_kept_whole_before_anything_of_it_is_stored(world: World) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    whole = json.dumps([connect(n) for n in range(9)]).encode()
    cut = await world.imports.import_file(CONNECT, Pipe(whole[:-40]), 0, actor=world.actor())
    assert (cut.state, await stored(world)) == (State.FAILED, 0)
    done = await world.imports.import_file(CONNECT, Pipe(whole), 0, actor=world.actor())
    assert (done.report.accepted, await stored(world)) == (9, 9)
    assert files_below(world.folder) == []
