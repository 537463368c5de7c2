"""A blob read as a file, from a thread, as parsers do."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import pytest

from portal.adapters.blobs.directory import DirectoryBlobs
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets.keyring import AesKeyring
from portal.domain.shared.blob_files import as_file
from portal.domain.shared.blobs import Owner

BAY = Owner("uk|bay", AesKeyring("bay", b"b" * 32))
LINES = [b"%07d" % n + b"x" * 92 + b"\n" for n in range(25_000)]


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[BinaryIO]:
    blobs = SealedBlobs(DirectoryBlobs(tmp_path))
    writer = await blobs.create(BAY, "one")
    await writer.write(b"".join(LINES))
    await writer.finish()
    reader = await blobs.open(BAY, "one", exclusive=True)
    yield as_file(reader)
    await reader.close()


async def test_lines_run_over_the_borders_of_chunks(file: BinaryIO) -> None:
    assert await asyncio.to_thread(lambda: list(file)) == LINES


async def test_it_tells_its_place_in_the_plain_bytes(file: BinaryIO) -> None:
    def read() -> list[int]:
        places = [file.tell()]
        assert file.read(10) == LINES[0][:10]
        places.append(file.tell())
        assert file.readline() == LINES[0][10:]
        places.append(file.tell())
        assert len(file.read()) == 24_999 * 100
        places.append(file.tell())
        assert file.read() == b""
        return places

    assert await asyncio.to_thread(read) == [0, 10, 100, 2_500_000]


async def test_it_does_not_go_back(file: BinaryIO) -> None:
    def seek() -> None:
        file.read(2_000_000)
        file.seek(0)

    with pytest.raises(io.UnsupportedOperation):
        await asyncio.to_thread(seek)
