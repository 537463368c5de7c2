"""A finished blob as a file to read from its beginning to its end, for parsers that run in a
thread."""

import asyncio
import io
from typing import BinaryIO

from portal.domain.shared.blobs import BlobReader

BUFFER = 1024 * 1024


def as_file(reader: BlobReader) -> BinaryIO:
    """The blob as a file; call it on the event loop, read the file in threads. `tell` counts plain
    bytes. Closing the file leaves the reader open."""
    return io.BufferedReader(_BlobFile(reader, asyncio.get_running_loop()), BUFFER)


class _BlobFile(io.RawIOBase):
    def __init__(self, reader: BlobReader, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._reader = reader
        self._loop = loop
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) == (0, io.SEEK_CUR):
            return self._position
        raise io.UnsupportedOperation("a blob is read from its beginning to its end")

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        reading = self._reader.read(self._position, len(buffer))
        data = asyncio.run_coroutine_threadsafe(reading, self._loop).result()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
