"""Uploads in a directory, sealed chunk by chunk as they come.

A file is a run of frames: length (4 bytes, big-endian), then the sealed chunk of at most 1 MiB.
Each chunk is bound to its upload, its place and whether it is the last, so that a cut-off or
rearranged file does not open. A file is `.part` until it is finished and durable. Whoever writes or
reads it holds its lock (flock), which the system takes back from a process that is killed.
"""

import fcntl
import io
import os
import struct
from pathlib import Path
from typing import BinaryIO

from portal.domain.contacts.ports import Tenant
from portal.domain.shared.errors import Conflict, NotFound, Unavailable

CHUNK = 1024 * 1024
LENGTH = struct.Struct(">I")
SIZE = struct.Struct(">Q")
LONGEST_FRAME = CHUNK + 64  # a chunk with what sealing adds
CUT_OFF = "The stored upload is cut off."


class LocalUploads:
    """Uploads below `directory`, a folder for each organisation's partition."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def create(self, tenant: Tenant, id: str) -> "SealedWriter":
        """See the port."""
        path = self._path(tenant, id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return SealedWriter(path, tenant, id)

    def open(self, tenant: Tenant, id: str) -> tuple[BinaryIO, int]:
        """See the port."""
        try:
            file = self._path(tenant, id).open("rb")
        except FileNotFoundError as error:
            raise NotFound("There is no such upload.") from error
        if not _lock(file):
            file.close()
            raise Conflict("Another process reads this upload.")
        header = file.read(SIZE.size)
        if len(header) < SIZE.size:
            file.close()
            raise Unavailable(CUT_OFF)
        (size,) = SIZE.unpack(header)
        return io.BufferedReader(_SealedReader(file, tenant, id), CHUNK), size

    def kept(self, tenant: Tenant) -> tuple[str, ...]:
        """See the port."""
        folder = self._path(tenant, "-").parent
        finished = {path.stem for path in folder.glob("*.sealed")}
        left = {path.stem for path in folder.glob("*.part") if _is_left(path)}
        return tuple(sorted(finished | left))

    def delete(self, tenant: Tenant, id: str) -> None:
        """See the port."""
        path = self._path(tenant, id)
        path.unlink(missing_ok=True)
        path.with_suffix(".part").unlink(missing_ok=True)

    def _path(self, tenant: Tenant, id: str) -> Path:
        return self._directory / tenant.partition.replace("|", "-") / f"{id}.sealed"


class SealedWriter:
    """An upload being written."""

    def __init__(self, path: Path, tenant: Tenant, id: str) -> None:
        self._path = path
        self._part = path.with_suffix(".part")
        self._tenant = tenant
        self._id = id
        self._buffer = bytearray()
        self._size = 0
        self._chunks = 0
        self._file = self._part.open("xb")
        _lock(self._file)
        self._file.write(SIZE.pack(0))

    def write(self, data: bytes) -> None:
        """See the port."""
        self._buffer += data
        self._size += len(data)
        while len(self._buffer) > CHUNK:
            self._frame(bytes(self._buffer[:CHUNK]), last=False)
            del self._buffer[:CHUNK]

    def finish(self) -> int:
        """See the port."""
        self._frame(bytes(self._buffer), last=True)
        self._file.seek(0)
        self._file.write(SIZE.pack(self._size))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return self._size

    def discard(self) -> None:
        """See the port."""
        self._file.close()
        self._part.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)

    def _frame(self, chunk: bytes, *, last: bool) -> None:
        keyring = self._tenant.keyring
        sealed = keyring.seal(keyring.own_key, _context(self._id, self._chunks, last=last), chunk)
        self._file.write(LENGTH.pack(len(sealed)) + sealed)
        self._chunks += 1


class _SealedReader(io.RawIOBase):
    """The plain bytes of a finished upload; `tell` counts them."""

    def __init__(self, file: io.BufferedReader, tenant: Tenant, id: str) -> None:
        super().__init__()
        self._file = file
        self._tenant = tenant
        self._id = id
        self._chunks = 0
        self._rest = b""
        self._position = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) == (0, io.SEEK_CUR):
            return self._position
        raise io.UnsupportedOperation("an upload is read from its beginning to its end")

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest and not self._ended:
            self._next()
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        self._position += len(taken)
        return len(taken)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self) -> None:
        header = self._file.read(LENGTH.size)
        if len(header) < LENGTH.size:
            raise Unavailable(CUT_OFF)
        (length,) = LENGTH.unpack(header)
        sealed = self._file.read(min(length, LONGEST_FRAME))
        if len(sealed) != length:
            raise Unavailable(CUT_OFF)
        self._ended = not self._file.peek(1)
        keyring = self._tenant.keyring
        context = _context(self._id, self._chunks, last=self._ended)
        self._rest = keyring.open(keyring.own_key, context, sealed)
        self._chunks += 1


def _lock(file: BinaryIO) -> bool:
    """Takes the file's lock until it is closed; False when another has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_left(path: Path) -> bool:
    """Whether nobody writes the file."""
    try:
        with path.open("rb") as file:
            return _lock(file)
    except FileNotFoundError:
        return False


def _context(id: str, chunk: int, *, last: bool) -> str:
    return f"upload|{id}|{chunk}|{'last' if last else 'more'}"
