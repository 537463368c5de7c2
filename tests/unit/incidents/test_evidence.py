import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.blobs.directory import DirectoryBlobs
from portal.adapters.blobs.sealed import SealedBlobs
from portal.domain.access.model import Actor
from portal.domain.incidents import allowance, evidence
from portal.domain.incidents.allowance import DAY_MS
from portal.domain.incidents.documents import DAY, FILE, USED
from portal.domain.incidents.model import EntryKind, EvidenceFile, FileState, State
from portal.domain.shared.blobs import Owner
from portal.domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    TooLarge,
    Unavailable,
)
from portal.domain.shared.fields import faults
from portal.wiring import Services
from tests.blobs.places import Container
from tests.blobs.stand_in import StandIn
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.incidents.helpers import OFFICER, REPORTER, RESPONDER, proven, reported

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


class Killed(BaseException):
    """The process ends here."""


async def pieces(content: bytes, step: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), step):
        yield content[start : start + step]


async def breaking(content: bytes, error: BaseException) -> AsyncIterator[bytes]:
    yield content
    raise error


async def kept(
    services: Services, who: str = REPORTER, name: str = "Foto.png", content: bytes = PNG
) -> EvidenceFile:
    actor = await centre.actor(services, who)
    return await services.evidence.upload(name, "", pieces(content), actor=actor)


async def stored(services: Services, organization: str = "harbour") -> list[Any]:
    tenancy = await services.directory.get(organization)
    return list((await services.documents.query(tenancy.partition, FILE)).documents)


async def blobs(services: Services) -> tuple[str, ...]:
    tenancy = await services.directory.get("harbour")
    owner = Owner(tenancy.partition, tenancy.keyring)
    places = services.stores.blobs
    return (*await places.names(owner, "evidence/"), *await places.left(owner, "evidence/"))


async def used(services: Services) -> int:
    tenancy = await services.directory.get("harbour")
    known = await services.documents.get(tenancy.partition, USED, "used")
    return int(known.body["bytes"]) if known else 0


async def content_of(services: Services, file: str, who: Actor, own: bool) -> bytes:
    reads = services.evidence.read_own if own else services.evidence.read
    _, reader = await reads(file, actor=who)
    try:
        return b"".join([piece async for piece in reader.stream()])
    finally:
        await reader.close()


async def test_a_file_goes_with_the_report_and_comes_back_byte_for_byte(services: Services) -> None:
    file = await kept(services)
    assert file.sha256 == hashlib.sha256(PNG).hexdigest()
    assert (file.size, file.sort, file.state) == (len(PNG), "png", FileState.WAITING)
    receipt = await reported(services, files=[file.id])
    amira, tomas = [await centre.actor(services, who) for who in (REPORTER, RESPONDER)]
    whole = await services.incidents.get(receipt.incident.id, actor=amira)
    (shown,) = whole.files
    assert (shown.id, shown.name, shown.entry, shown.theirs) == (file.id, "Foto.png", 1, True)
    assert dict(whole.entries[0].facts) == {"files": "1"}
    for who, own in ((amira, True), (tomas, False)):
        assert await content_of(services, file.id, who, own) == PNG
    assert await services.evidence.waiting(actor=amira) == ()
    assert await used(services) == len(PNG)


async def test_nobody_else_reads_a_file(services: Services) -> None:
    file = await kept(services)
    await reported(services, files=[file.id])
    sofia = await centre.actor(services, "sofia.lindqvist")
    mei = await centre.actor(services, "mei.tanaka")
    luca = await centre.actor(services, "luca.moretti")
    amira, tomas = [await centre.actor(services, who) for who in (REPORTER, RESPONDER)]
    with pytest.raises(NotFound):
        await services.evidence.read_own(file.id, actor=sofia)
    with pytest.raises(NotFound):
        await services.evidence.read(file.id, actor=mei)
    for who in (sofia, luca, amira):
        with pytest.raises(Forbidden):
            await services.evidence.read(file.id, actor=who)
    waits = await kept(services)
    for reads, who in ((services.evidence.read, tomas), (services.evidence.read_own, amira)):
        with pytest.raises(NotFound):  # of no incident yet
            await reads(waits.id, actor=who)


async def test_a_file_of_a_note_is_not_the_reporters_to_see(services: Services) -> None:
    receipt = await reported(services)
    tomas, amira = [await centre.actor(services, who) for who in (RESPONDER, REPORTER)]
    note, message = await kept(services, RESPONDER), await kept(services, RESPONDER)
    say = services.handling.say
    id = receipt.incident.id
    await say(id, EntryKind.NOTE, "Look", actor=tomas, version=1, files=[note.id])
    await say(id, EntryKind.MESSAGE, "Look", actor=tomas, version=2, files=[message.id])
    assert [one.id for one in (await services.incidents.get(id, actor=amira)).files] == [message.id]
    assert len((await services.handling.get(id, actor=tomas)).files) == 2
    assert await content_of(services, message.id, amira, True) == PNG
    with pytest.raises(NotFound):
        await services.evidence.read_own(note.id, actor=amira)


async def test_a_file_alone_is_an_answer(services: Services) -> None:
    receipt, file = await reported(services), await kept(services)
    amira = await centre.actor(services, REPORTER)
    whole = await services.incidents.answer(receipt.incident.id, "", actor=amira, files=[file.id])
    assert [one.entry for one in whole.files] == [2]
    with pytest.raises(InvalidInput):
        await services.incidents.answer(receipt.incident.id, "", actor=amira)


async def test_a_file_is_sent_once_and_by_who_has_it(services: Services) -> None:
    file = await kept(services)
    await reported(services, files=[file.id])
    theirs = await kept(services, "sofia.lindqvist")
    for id in (file.id, theirs.id, "0" * 32):
        with pytest.raises(InvalidInput, check=lambda error: error.code == "file-gone"):
            await reported(services, files=[id])
    assert len(await services.incidents.own(actor=await centre.actor(services, REPORTER))) == 1


async def test_one_file_in_two_reports_at_once_is_in_one(services: Services) -> None:
    file = await kept(services)
    outcomes = await asyncio.gather(
        *(reported(services, files=[file.id]) for _ in range(2)), return_exceptions=True
    )
    refused = [one for one in outcomes if isinstance(one, DomainError)]
    assert len(refused) == 1
    (document,) = await stored(services)
    assert document.body["state"] == FileState.KEPT


async def test_what_is_refused_leaves_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = await centre.actor(services, REPORTER)
    upload = services.evidence.upload
    monkeypatch.setattr(evidence, "MOST_BYTES", 5000)
    cases: list[tuple[str, AsyncIterator[bytes], type[BaseException]]] = [
        ("a.png", pieces(b"MZ" + bytes(100)), InvalidInput),
        ("a.png", pieces(b""), InvalidInput),
        ("a.exe", pieces(PNG), InvalidInput),
        ("../a.png", pieces(PNG), InvalidInput),
        ("a.png", pieces(PNG), TooLarge),
        ("a.png", breaking(PNG[:2000], ConnectionResetError()), ConnectionResetError),
        ("a.png", breaking(PNG[:2000], asyncio.CancelledError()), asyncio.CancelledError),
    ]
    for name, body, error in cases:
        with pytest.raises(error):
            await upload(name, "", body, actor=amira)
    assert await stored(services) == []
    assert await blobs(services) == ()
    assert await used(services) == 0


async def test_a_slow_file_is_given_up(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield PNG
        await asyncio.Event().wait()

    monkeypatch.setattr(evidence, "LONGEST_S", 0.01)
    amira = await centre.actor(services, REPORTER)
    with pytest.raises(Unavailable):
        await services.evidence.upload("a.png", "", never(), actor=amira)
    assert (await stored(services), await blobs(services)) == ([], ())


async def test_what_a_killed_process_left_is_swept_and_sent_again(
    services: Services, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = await centre.actor(services, REPORTER)

    async def nothing(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(evidence.Evidence, "_remove", nothing)
        patch.setattr(evidence.Evidence, "_arrived", nothing)
        with pytest.raises(Killed):
            await services.evidence.upload("a.png", "", pieces(PNG), actor=amira)
    assert len(await stored(services)) == len(await blobs(services)) == 1
    assert await services.evidence.waiting(actor=amira) == ()
    assert (await services.evidence.sweep()).removed == 0  # it may be coming still
    again = await kept(services)
    clock.pass_time(seconds=evidence.COMING_MS / 1000)
    assert (await services.evidence.sweep()).removed == 1
    assert [one.id for one in await stored(services)] == [again.id]
    assert await blobs(services) == (f"evidence/{again.id}",)


async def test_a_removal_that_was_cut_off_is_unreadable_and_swept(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await kept(services)
    amira = await centre.actor(services, REPORTER)

    async def away(*_: Any) -> None:
        raise Unavailable("Not now.")

    with monkeypatch.context() as patch:
        patch.setattr(type(services.stores.blobs), "delete", away)
        with pytest.raises(Unavailable):
            await services.evidence.discard(file.id, actor=amira)
        assert len((await services.evidence.sweep()).failures) == 1
    (document,) = await stored(services)
    assert (document.body["key"], document.body["about"], document.body["person"]) == ("", "", "")
    assert await services.evidence.waiting(actor=amira) == ()
    assert (await services.evidence.sweep()).removed == 1
    assert (await stored(services), await blobs(services), await used(services)) == ([], (), 0)


async def test_files_that_nobody_sends_go_after_thirty_days(
    services: Services, clock: StandingClock
) -> None:
    sent, left = await kept(services), await kept(services)
    await reported(services, files=[sent.id])
    clock.pass_time(seconds=evidence.WAITING_MS / 1000)
    assert (await services.evidence.sweep()).removed == 1
    assert [one.id for one in await stored(services)] == [sent.id]
    assert left.id not in str(await blobs(services))
    tomas = await centre.actor(services, RESPONDER)
    assert await content_of(services, sent.id, tomas, False) == PNG


async def test_forgetting_the_reporter_removes_their_files_alone(services: Services) -> None:
    file = await kept(services)
    receipt = await reported(services, files=[file.id])
    tomas, hana = await centre.actor(services, RESPONDER), await proven(services, OFFICER)
    ours = await kept(services, RESPONDER)
    id = receipt.incident.id
    await services.handling.say(id, EntryKind.NOTE, "Ours", actor=tomas, version=1, files=[ours.id])
    await services.handling.forget_reporter(id, actor=hana, version=2)
    whole = await services.handling.get(id, actor=tomas)
    assert [one.id for one in whole.files] == [ours.id]
    assert (whole.incident.state, whole.incident.reporter) == (State.NEW, "")
    with pytest.raises(NotFound):
        await services.evidence.read(file.id, actor=tomas)
    assert await blobs(services) == (f"evidence/{ours.id}",)
    assert await used(services) == len(PNG)


async def test_a_file_being_sent_cannot_be_discarded(services: Services) -> None:
    file = await kept(services)
    await reported(services, files=[file.id])
    amira, sofia = [await centre.actor(services, who) for who in (REPORTER, "sofia.lindqvist")]
    with pytest.raises(NotFound):
        await services.evidence.discard(file.id, actor=amira)
    waits = await kept(services)
    with pytest.raises(NotFound):
        await services.evidence.discard(waits.id, actor=sofia)
    await services.evidence.discard(waits.id, actor=amira)
    assert [one.id for one in await stored(services)] == [file.id]


async def test_names_and_contents_are_nowhere_in_the_clear(
    services: Services, tmp_path: Path
) -> None:
    words = b"The canary of the contents, quite unlike anything else. " * 50
    file = await kept(services, name="Kanarienvogel Meier.txt", content=words)
    await reported(services, files=[file.id])
    secrets = (words[:40], b"Kanarienvogel", hashlib.sha256(words).hexdigest().encode())
    paths = [one for one in (tmp_path / "data").rglob("*") if one.is_file()]
    assert any("evidence" in str(one) for one in paths)
    for path in paths:
        assert not [one for one in secrets if one in path.read_bytes()], path
        assert "Kanarienvogel" not in path.name


async def test_a_day_has_its_bounds(
    services: Services, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "MOST", {**allowance.MOST, "files": 2, "reports": 3})
    await asyncio.gather(kept(services), kept(services))
    with pytest.raises(RateLimited) as many:
        await kept(services)
    assert 0 < many.value.retry_after <= DAY_MS / 1000
    await kept(services, "sofia.lindqvist")
    for _ in range(3):
        await reported(services)
    with pytest.raises(RateLimited):
        await reported(services)
    clock.pass_time(seconds=DAY_MS / 1000)
    await kept(services)
    await reported(services)


async def test_an_organisation_keeps_so_much_and_a_person_so_many(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_KEPT_BYTES", len(PNG) * 2)
    monkeypatch.setattr(evidence, "MOST_FILES", 2)
    await kept(services)
    await kept(services)
    with pytest.raises(Conflict, check=lambda error: error.code == "too-many-files"):
        await kept(services)
    with pytest.raises(TooLarge):
        await kept(services, "sofia.lindqvist")
    assert await used(services) == len(PNG) * 2
    assert len(await blobs(services)) == 2


def test_every_field_is_declared_with_its_erasure() -> None:
    assert [fault for kind in (FILE, USED, DAY) for fault in faults(kind)] == []


async def test_the_bytes_move_to_another_place_under_the_same_keys(
    services: Services, tmp_path: Path
) -> None:
    file, waits = await kept(services), await kept(services)
    await reported(services, files=[file.id])
    tenancy = await services.directory.get("harbour")
    here, there = services.stores.blobs, SealedBlobs(DirectoryBlobs(tmp_path / "elsewhere"))
    assert await evidence.copy(tenancy, services.documents, here, there) == 2
    assert await evidence.copy(tenancy, services.documents, here, there) == 0
    for one in (file, waits):
        await here.delete(Owner(tenancy.partition, tenancy.keyring), f"evidence/{one.id}")
    assert await evidence.copy(tenancy, services.documents, there, here) == 2
    tomas = await centre.actor(services, RESPONDER)
    assert await content_of(services, file.id, tomas, False) == PNG


@pytest.mark.parametrize("size", [1, 1024 * 1024, 3 * 1024 * 1024 + 5])
async def test_files_of_any_size_come_back_from_a_container(
    services: Services, blob_service: StandIn, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same on Blob Storage; the other tests are on a directory."""
    place = Container(blob_service)
    monkeypatch.setattr(services.evidence, "_blobs", SealedBlobs(await place.open()))
    content = b"\x89PNG\r\n\x1a\n" + bytes(size)
    file = await kept(services, content=content)
    await reported(services, files=[file.id])
    tomas = await centre.actor(services, RESPONDER)
    assert await content_of(services, file.id, tomas, False) == content
    amira = await centre.actor(services, REPORTER)
    body = breaking(PNG, ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await services.evidence.upload("a.png", "", body, actor=amira)
    await services.handling.forget_reporter(
        "00000001", version=1, actor=await proven(services, OFFICER)
    )
    tenancy = await services.directory.get("harbour")
    owner = Owner(tenancy.partition, tenancy.keyring)
    left = SealedBlobs(await place.open())
    assert (await left.names(owner, "evidence/"), await left.left(owner, "evidence/")) == ((), ())
    await place.close()
