"""What every keeper of blobs does; see the port `portal.domain.shared.blobs`."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.adapters.blobs.chunks import CHUNK, FRAME
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets.keyring import AesKeyring
from portal.domain.shared.blobs import BlobReader, Blobs, Owner
from portal.domain.shared.errors import Conflict, Damaged, DomainError, InvalidInput, NotFound
from tests.blobs.places import Container, Directory, Place

BAY = Owner("uk|bay", AesKeyring("bay", b"b" * 32))
COVE = Owner("uk|cove", AesKeyring("cove", b"c" * 32))
NAME = "recordings/r-1"
PATH = f"uk-bay/{NAME}"
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5]


@pytest.fixture(params=["azure", "directory"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    made: Place = Directory(tmp_path / "blobs")
    if request.param == "azure":
        made = Container(request.getfixturevalue("blob_service"))
    yield made
    await made.close()


@pytest.fixture
async def blobs(place: Place) -> Blobs:
    return SealedBlobs(await place.open())


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


async def keep(
    blobs: Blobs, data: bytes, *, owner: Owner = BAY, name: str = NAME, step: int = 300_000
) -> int:
    writer = await blobs.create(owner, name)
    for start in range(0, len(data), step):
        await writer.write(data[start : start + step])
    return await writer.finish()


async def whole(blobs: Blobs, *, owner: Owner = BAY, name: str = NAME) -> bytes:
    reader = await blobs.open(owner, name)
    try:
        found = b"".join([piece async for piece in reader.stream()])
        assert len(found) == reader.size
        return found
    finally:
        await reader.close()


@pytest.fixture
async def reading(blobs: Blobs) -> AsyncIterator[BlobReader]:
    await keep(blobs, content(2 * CHUNK + 5))
    reader = await blobs.open(BAY, NAME)
    yield reader
    await reader.close()


# --- writing and reading --------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_a_blob_is_read_back_whole(blobs: Blobs, size: int) -> None:
    data = content(size)
    assert await keep(blobs, data) == size
    assert await whole(blobs) == data


@pytest.mark.parametrize("step", [999, CHUNK, 3 * CHUNK])
async def test_the_pieces_it_came_in_do_not_matter(blobs: Blobs, step: int) -> None:
    data = content(CHUNK + 7)
    await keep(blobs, data, step=step)
    assert await whole(blobs) == data


@pytest.mark.parametrize(
    ("start", "length"),
    [
        (0, 1),
        (0, CHUNK),
        (CHUNK - 1, 2),
        (CHUNK, CHUNK),
        (5, 2 * CHUNK),
        (2 * CHUNK + 4, 1),
        (2 * CHUNK, 100),
        (2 * CHUNK + 5, 1),
        (9 * CHUNK, 1),
        (7, 0),
        (0, 9 * CHUNK),
    ],
)
async def test_any_range_is_read(reading: BlobReader, start: int, length: int) -> None:
    data = content(2 * CHUNK + 5)
    assert reading.size == len(data)
    assert await reading.read(start, length) == data[start : start + length]


async def test_a_stream_begins_anywhere(reading: BlobReader) -> None:
    data = content(2 * CHUNK + 5)
    for start in (0, 1, CHUNK, CHUNK + 1, 2 * CHUNK + 4, 2 * CHUNK + 5):
        assert b"".join([piece async for piece in reading.stream(start)]) == data[start:]


async def test_another_process_reads_it(blobs: Blobs, place: Place) -> None:
    await keep(blobs, b"rows")
    assert await whole(SealedBlobs(await place.open())) == b"rows"


async def test_an_unfinished_blob_is_not_there(blobs: Blobs) -> None:
    writer = await blobs.create(BAY, NAME)
    await writer.write(content(CHUNK + 1))
    with pytest.raises(NotFound):
        await blobs.open(BAY, NAME)
    assert await blobs.names(BAY) == ()
    await writer.discard()


async def test_a_name_is_taken_once(blobs: Blobs) -> None:
    writer = await blobs.create(BAY, NAME)
    with pytest.raises(Conflict):
        await blobs.create(BAY, NAME)
    await writer.write(b"first")
    await writer.finish()
    with pytest.raises(Conflict):
        await blobs.create(BAY, NAME)
    assert await whole(blobs) == b"first"


@pytest.mark.parametrize("finish", [False, True])
async def test_a_discarded_blob_leaves_nothing(blobs: Blobs, place: Place, finish: bool) -> None:
    writer = await blobs.create(BAY, NAME)
    await writer.write(content(CHUNK + 1))
    if finish:
        await writer.finish()
    await writer.discard()
    assert await place.everything() == []
    assert await keep(blobs, b"anew") == 4


async def test_deleting_takes_finished_and_unfinished_blobs(blobs: Blobs, place: Place) -> None:
    await blobs.delete(BAY, NAME)
    await keep(blobs, b"whole")
    reader = await blobs.open(BAY, NAME, exclusive=True)
    await blobs.delete(BAY, NAME)
    await reader.close()
    writer = await blobs.create(BAY, NAME)
    await writer.write(b"half")
    await blobs.delete(BAY, NAME)
    with pytest.raises((Conflict, NotFound)):
        await writer.finish()
    await writer.discard()
    assert await place.everything() == []


async def test_names_are_listed_by_beginning_and_organisation(blobs: Blobs) -> None:
    for name in ("b/2", "b/1", "a/1", "b-1"):
        await keep(blobs, b"x", name=name)
    await keep(blobs, b"x", owner=COVE, name="b/9")
    unfinished = await blobs.create(BAY, "b/3")
    assert await blobs.names(BAY) == ("a/1", "b-1", "b/1", "b/2")
    assert await blobs.names(BAY, "b/") == ("b/1", "b/2")
    assert await blobs.names(BAY, "c") == ()
    await unfinished.discard()


@pytest.mark.parametrize(
    "name", ["", "/", "a/", "/a", "../a", "a/../b", ".a", "a//b", "a b", "a\\b", "é", "x" * 301]
)
async def test_what_is_no_name_is_refused(blobs: Blobs, name: str) -> None:
    with pytest.raises(InvalidInput):
        await blobs.create(BAY, name)
    with pytest.raises(InvalidInput):
        await blobs.open(BAY, name)
    with pytest.raises(InvalidInput):
        await blobs.delete(BAY, name)


# --- who may ------------------------------------------------------------------------------


async def test_organisations_do_not_see_each_others_blobs(blobs: Blobs) -> None:
    await keep(blobs, b"bay's")
    with pytest.raises(NotFound):
        await blobs.open(COVE, NAME)
    await blobs.delete(COVE, NAME)
    assert await blobs.names(COVE) == ()
    assert await whole(blobs) == b"bay's"


async def test_a_blob_opens_with_its_owners_key_only(blobs: Blobs) -> None:
    subject = BAY._replace(key=b"s" * 32)
    await keep(blobs, b"bay's", name="own")
    await keep(blobs, b"a subject's", owner=subject, name="theirs")
    assert await whole(blobs, owner=subject, name="theirs") == b"a subject's"
    others = [
        (BAY, "theirs"),
        (BAY._replace(key=b"t" * 32), "theirs"),
        (subject, "own"),
        (BAY._replace(keyring=COVE.keyring), "own"),
    ]
    for owner, name in others:
        with pytest.raises(Damaged):
            await blobs.open(owner, name)


async def test_one_exclusive_reader_at_a_time(blobs: Blobs, place: Place) -> None:
    await keep(blobs, b"rows")
    reader = await blobs.open(BAY, NAME, exclusive=True)
    elsewhere = SealedBlobs(await place.open())
    with pytest.raises(Conflict):
        await elsewhere.open(BAY, NAME, exclusive=True)
    assert await whole(elsewhere) == b"rows"
    assert await reader.read(0, 9) == b"rows"
    await reader.close()
    again = await elsewhere.open(BAY, NAME, exclusive=True)
    await again.close()


# --- going on -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 10, CHUNK + 1, 2 * CHUNK, 3 * CHUNK, 3 * CHUNK + 9])
async def test_a_killed_writer_is_taken_up(blobs: Blobs, place: Place, size: int) -> None:
    data = content(4 * CHUNK)
    writer = await blobs.create(BAY, NAME, resumable=True)
    await writer.write(data[:size])
    token = writer.token
    await place.kill(writer, PATH)
    elsewhere = SealedBlobs(await place.open())
    assert await elsewhere.left(BAY) == (NAME,)
    resumed = await elsewhere.resume(BAY, NAME, token)
    assert max(0, size - 3 * CHUNK) <= resumed.position <= size
    await resumed.write(data[resumed.position :])
    assert await resumed.finish() == len(data)
    assert await whole(blobs) == data
    assert await blobs.left(BAY) == ()


async def test_a_writer_killed_after_its_last_chunk_is_taken_up(blobs: Blobs, place: Place) -> None:
    """Its last chunk was full, and sealed as the end; more comes all the same."""
    data = content(2 * CHUNK)
    writer = await blobs.create(BAY, NAME, resumable=True)
    await writer.write(data)
    await writer._stage(data[CHUNK:], last=True)  # type: ignore[attr-defined]
    await place.kill(writer, PATH)
    resumed = await blobs.resume(BAY, NAME, writer.token)
    assert resumed.position == CHUNK
    await resumed.write(data[CHUNK:] + b"more")
    await resumed.finish()
    assert await whole(blobs) == data + b"more"


async def test_what_was_written_again_differs_in_every_chunk(blobs: Blobs, place: Place) -> None:
    """A second writer never seals other bytes under a nonce that the first one used."""
    data = content(2 * CHUNK + 10)
    writer = await blobs.create(BAY, NAME, resumable=True)
    await writer.write(data)
    await place.kill(writer, PATH)
    resumed = await blobs.resume(BAY, NAME, writer.token)
    await resumed.write(data[resumed.position :])
    await resumed.finish()
    stored = await place.stored(PATH)
    start = len(stored) - FRAME - 23 - 10
    first, second = stored[start - FRAME : start][:7], stored[start:][:7]
    assert first != second
    assert second == stored[start + FRAME :][:7]


async def test_a_writer_that_works_is_not_taken_over(blobs: Blobs, place: Place) -> None:
    writer = await blobs.create(BAY, NAME, resumable=True)
    await writer.write(content(CHUNK + 1))
    elsewhere = SealedBlobs(await place.open())
    assert await elsewhere.left(BAY) == ()
    with pytest.raises(Conflict):
        await elsewhere.resume(BAY, NAME, writer.token)
    await writer.release()
    assert await elsewhere.left(BAY) == (NAME,)


async def test_a_finished_missing_or_other_blob_is_not_resumed(blobs: Blobs) -> None:
    writer = await blobs.create(BAY, NAME, resumable=True)
    token = writer.token
    await writer.finish()
    with pytest.raises(NotFound):
        await blobs.resume(BAY, NAME, token)
    await blobs.delete(BAY, NAME)
    with pytest.raises(NotFound):
        await blobs.resume(BAY, NAME, token)
    for wrong in ("", "no token", token[:-8], token + "AAAA"):
        with pytest.raises(InvalidInput):
            await blobs.resume(BAY, NAME, wrong)
    with pytest.raises(InvalidInput):
        await blobs.resume(BAY, "recordings/r-2", token)
    with pytest.raises(InvalidInput):
        await blobs.resume(COVE, NAME, token)


# --- what is stored -------------------------------------------------------------------------


async def refused(blobs: Blobs, place: Place, data: bytes, path: str = PATH) -> None:
    await place.store(path, data)
    with pytest.raises(DomainError) as told:
        await whole(blobs)
    assert isinstance(told.value, Damaged)


async def test_no_plain_bytes_are_stored(blobs: Blobs, place: Place) -> None:
    await keep(blobs, b"+12025550101," * 1000)
    assert b"2025550101" not in await place.stored(PATH)


@pytest.mark.parametrize("size", [0, 10, CHUNK, 2 * CHUNK + 5])
async def test_a_cut_off_blob_is_refused(blobs: Blobs, place: Place, size: int) -> None:
    await keep(blobs, content(size))
    stored = await place.stored(PATH)
    start = len(stored) - 23 - size - 23 * (max(size - 1, 0) // CHUNK)
    borders = [start + FRAME * n for n in range(4)]
    cuts = {
        0,
        3,
        4,
        8,
        100,
        *(b + d for b in borders for d in (-1, 0, 1, 7, 23, 24)),
        len(stored) - 1,
    }
    for cut in sorted(one for one in cuts if 0 <= one < len(stored)):
        await refused(blobs, place, stored[:cut])
    for garbage in (b"\0", b"x" * 23, b"x" * 100):
        await refused(blobs, place, stored + garbage)
    await place.store(PATH, stored)
    assert await whole(blobs) == content(size)


async def test_swapped_repeated_and_missing_chunks_are_refused(blobs: Blobs, place: Place) -> None:
    await keep(blobs, content(3 * CHUNK))
    stored = await place.stored(PATH)
    head = stored[: -3 * FRAME]
    a, b, c = (stored[len(head) + n * FRAME :][:FRAME] for n in range(3))
    for order in ([b, a, c], [a, a, b, c], [a, c], [b, c], [c], [a, b], [a, b, b], [a, b, c, c]):
        await refused(blobs, place, head + b"".join(order))


async def test_any_altered_byte_is_refused(blobs: Blobs, place: Place) -> None:
    await keep(blobs, content(20))
    stored = await place.stored(PATH)
    for position in range(0, len(stored), 1 if isinstance(place, Directory) else 13):
        altered = bytearray(stored)
        altered[position] ^= 1
        await refused(blobs, place, bytes(altered))


async def test_another_blobs_bytes_are_refused(blobs: Blobs, place: Place) -> None:
    await keep(blobs, b"one")
    await keep(blobs, b"two", name="recordings/r-2")
    one, two = await place.stored(PATH), await place.stored("uk-bay/recordings/r-2")
    await refused(blobs, place, two)
    await refused(blobs, place, one[:-26] + two[-26:])
