"""What every keeper of uploads does; see the port `portal.domain.contacts.ports.Uploads`."""

import random
import stat
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.adapters.blobs.local import CHUNK, LocalUploads
from portal.domain.contacts.ports import Uploads
from portal.domain.shared.errors import NotFound, Unavailable
from tests.fakes.contacts import tenant

BAY, COVE = tenant("bay"), tenant("cove", key=b"c")
OPENERS: dict[str, Callable[[Path], Uploads]] = {"local": LocalUploads}
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5, 3 * CHUNK]


@pytest.fixture(params=sorted(OPENERS))
def uploads(request: pytest.FixtureRequest, tmp_path: Path) -> Uploads:
    return OPENERS[request.param](tmp_path / "uploads")


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def keep(uploads: Uploads, data: bytes, *, id: str = "u-1", step: int = 65_536) -> int:
    writer = uploads.create(BAY, id)
    for start in range(0, len(data), step):
        writer.write(data[start : start + step])
    return writer.finish()


def read(uploads: Uploads, id: str = "u-1") -> bytes:
    file, size = uploads.open(BAY, id)
    with file:
        data = file.read()
    assert len(data) == size
    return data


@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_read_back_whole(uploads: Uploads, size: int) -> None:
    data = content(size)
    assert keep(uploads, data) == size
    assert read(uploads) == data
    assert read(uploads) == data


@pytest.mark.parametrize("step", [1, 999, CHUNK, 3 * CHUNK])
def test_the_pieces_it_came_in_do_not_matter(uploads: Uploads, step: int) -> None:
    data = content(CHUNK + 7) if step > 1 else content(3000)
    keep(uploads, data, step=step)
    assert read(uploads) == data


def test_reading_tells_its_place_in_the_plain_bytes(uploads: Uploads) -> None:
    data = content(CHUNK + 100)
    keep(uploads, data)
    file, _ = uploads.open(BAY, "u-1")
    with file:
        assert file.tell() == 0
        assert file.read(10) == data[:10]
        assert file.tell() == 10
        assert file.readline(100) == data[10:110].split(b"\n")[0] or file.tell() > 10
        rest = file.read()
        assert data.endswith(rest)
        assert file.tell() == len(data)
        assert file.read() == b""


def test_lines_run_over_the_borders_of_chunks(uploads: Uploads) -> None:
    lines = [b"%07d" % n + b"x" * 92 + b"\n" for n in range(2 * CHUNK // 100 + 10)]
    keep(uploads, b"".join(lines))
    file, _ = uploads.open(BAY, "u-1")
    with file:
        assert list(file) == lines


def test_an_unfinished_file_is_not_there(uploads: Uploads) -> None:
    writer = uploads.create(BAY, "u-1")
    writer.write(b"half")
    with pytest.raises(NotFound):
        uploads.open(BAY, "u-1")
    writer.discard()


def test_a_discarded_file_leaves_nothing(uploads: Uploads, tmp_path: Path) -> None:
    for finish in (False, True):
        writer = uploads.create(BAY, "u-1")
        writer.write(content(CHUNK + 1))
        if finish:
            writer.finish()
        writer.discard()
        with pytest.raises(NotFound):
            uploads.open(BAY, "u-1")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_deleting_takes_finished_and_unfinished_files(uploads: Uploads, tmp_path: Path) -> None:
    uploads.delete(BAY, "u-1")
    keep(uploads, b"whole")
    uploads.delete(BAY, "u-1")
    with pytest.raises(NotFound):
        uploads.open(BAY, "u-1")
    writer = uploads.create(BAY, "u-2")
    writer.write(b"half")
    uploads.delete(BAY, "u-2")
    writer.discard()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_organisations_do_not_see_each_others_files(uploads: Uploads) -> None:
    keep(uploads, b"bay's")
    with pytest.raises(NotFound):
        uploads.open(COVE, "u-1")
    uploads.delete(COVE, "u-1")
    assert read(uploads) == b"bay's"


# --- the files themselves -----------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[bytes], Path]:
    """Keeps the data as upload u-1 and gives its file."""

    def keep_it(data: bytes) -> Path:
        keep(LocalUploads(tmp_path), data)
        [path] = (path for path in tmp_path.rglob("*") if path.is_file())
        return path

    return keep_it


def frames(file: bytes) -> list[bytes]:
    """The frames behind the size."""
    found, position = [], 8
    while position < len(file):
        (length,) = struct.unpack_from(">I", file, position)
        found.append(file[position : position + 4 + length])
        position += 4 + length
    return found


def refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(Unavailable):
        read(LocalUploads(path.parent.parent))


def test_no_plain_bytes_are_stored(stored: Callable[[bytes], Path]) -> None:
    path = stored(b"+12025550101," * 1000)
    assert b"2025550101" not in path.read_bytes()
    assert not stat.S_IMODE(path.parent.stat().st_mode) & 0o077


@pytest.mark.parametrize("size", [0, 10, CHUNK, 2 * CHUNK + 5])
def test_a_cut_off_file_is_refused(stored: Callable[[bytes], Path], size: int) -> None:
    path = stored(content(size))
    whole = path.read_bytes()
    borders = [8]
    for frame in frames(whole):
        borders.append(borders[-1] + len(frame))
    cuts = {0, 1, 7, *(b + d for b in borders for d in (-1, 0, 1, 3, 4, 5)), len(whole) - 1}
    for cut in sorted(c for c in cuts if 0 <= c < len(whole)):
        refused(path, whole[:cut])


def test_swapped_repeated_and_missing_chunks_are_refused(
    stored: Callable[[bytes], Path],
) -> None:
    path = stored(content(3 * CHUNK))
    whole = path.read_bytes()
    head, (a, b, c) = whole[:8], frames(whole)
    for order in ([b, a, c], [a, a, b, c], [a, c], [b, c], [c], [a, b], [a, b, b], [a, b, c, c]):
        refused(path, head + b"".join(order))
    for garbage in (b"\0", b"\0\0\0\0", b"x" * 100):
        refused(path, whole + garbage)


def test_altered_bytes_are_refused(stored: Callable[[bytes], Path]) -> None:
    path = stored(content(50))
    whole = path.read_bytes()
    for position in range(8, len(whole)):
        altered = bytearray(whole)
        altered[position] ^= 1
        refused(path, bytes(altered))


def test_another_uploads_chunks_are_refused(tmp_path: Path) -> None:
    uploads = LocalUploads(tmp_path)
    keep(uploads, b"one", id="u-1")
    keep(uploads, b"two", id="u-2")
    one, two = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    one.write_bytes(two.read_bytes())
    with pytest.raises(Unavailable):
        read(uploads, "u-1")


def test_files_are_read_with_their_organisations_key_only(tmp_path: Path) -> None:
    uploads = LocalUploads(tmp_path)
    keep(uploads, b"bay's")
    file, _ = uploads.open(tenant("bay", key=b"other"), "u-1")
    with file, pytest.raises(Unavailable):
        file.read()
