"""Sealed blobs in a directory.

A blob is `PATH.part` until it is finished and durable, then `PATH.sealed`. Whoever writes it, or
reads it alone, holds its lock (flock), which the system takes back from a process that is killed.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from portal.adapters.blobs.chunks import FRAME
from portal.domain.shared.errors import Conflict, NotFound, Unavailable

SEALED, PART = ".sealed", ".part"
ABSENT = "There is no such file."
TAKEN = "There is a file of that name."
IN_USE = "Another process uses this file."
T = TypeVar("T")


class DirectoryBlobs:
    """Raw blobs below `directory`, which is made when it is needed; see the protocol."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def begin(self, path: str, header: bytes, *, resumable: bool) -> "_Writer":
        """See the protocol."""
        return await _run(lambda: self._begin(path, header, resumable=resumable))

    async def take_up(self, path: str, header: bytes) -> "_Writer":
        """See the protocol."""
        return await _run(lambda: self._take_up(path, header))

    async def open(self, path: str, *, exclusive: bool) -> "_Reader":
        """See the protocol."""
        return await _run(lambda: self._open(path, exclusive=exclusive))

    async def finished(self, prefix: str) -> tuple[str, ...]:
        """See the protocol."""
        return await _run(lambda: self._found(prefix, SEALED, lambda _: True))

    async def left(self, prefix: str) -> tuple[str, ...]:
        """See the protocol."""
        return await _run(lambda: self._found(prefix, PART, _is_left))

    async def delete(self, path: str) -> None:
        """See the protocol."""
        await _run(lambda: _remove(self._of(path, PART), self._of(path, SEALED)))

    def _of(self, path: str, suffix: str) -> Path:
        return self._directory / f"{path}{suffix}"

    def _begin(self, path: str, header: bytes, *, resumable: bool) -> "_Writer":
        part, sealed = self._of(path, PART), self._of(path, SEALED)
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            file = part.open("x+b")
        except FileExistsError as error:
            raise Conflict(TAKEN) from error
        if not _lock(file) or sealed.exists():
            file.close()
            if sealed.exists():
                part.unlink(missing_ok=True)
            raise Conflict(TAKEN)
        file.write(header)
        return _Writer(file, part, sealed, len(header), staged=0, durable=resumable)

    def _take_up(self, path: str, header: bytes) -> "_Writer":
        part = self._of(path, PART)
        try:
            file = part.open("r+b")
        except FileNotFoundError as error:
            raise NotFound(ABSENT) from error
        if not _lock(file):
            file.close()
            raise Conflict(IN_USE)
        if file.read(len(header)) != header or not _is_still(file, part):
            file.close()
            raise NotFound(ABSENT)
        staged = (os.fstat(file.fileno()).st_size - len(header)) // FRAME
        return _Writer(file, part, self._of(path, SEALED), len(header), staged=staged, durable=True)

    def _open(self, path: str, *, exclusive: bool) -> "_Reader":
        try:
            file = self._of(path, SEALED).open("rb")
        except FileNotFoundError as error:
            raise NotFound(ABSENT) from error
        if exclusive and not _lock(file):
            file.close()
            raise Conflict(IN_USE)
        return _Reader(file)

    def _found(self, prefix: str, suffix: str, wanted: Callable[[Path], bool]) -> tuple[str, ...]:
        folder = (self._directory / f"{prefix}-").parent
        paths = (path for path in folder.rglob(f"*{suffix}") if wanted(path))
        names = (path.relative_to(self._directory).as_posix() for path in paths)
        return tuple(sorted(n.removesuffix(suffix) for n in names if n.startswith(prefix)))


class _Writer:
    def __init__(
        self, file: BinaryIO, part: Path, sealed: Path, start: int, *, staged: int, durable: bool
    ) -> None:
        self._file = file
        self._part = part
        self._sealed = sealed
        self._start = start
        self._durable = durable
        self._end = start
        self.staged = staged

    async def stage(self, place: int, frame: bytes) -> None:
        await _run(lambda: self._stage(place, frame))

    async def commit(self, frames: int) -> None:
        await _run(self._commit)

    async def discard(self) -> None:
        await _run(self._discard)

    async def release(self) -> None:
        await _run(self._file.close)

    def _stage(self, place: int, frame: bytes) -> None:
        self._file.seek(self._start + place * FRAME)
        self._file.write(frame)
        self._end = self._file.tell()
        if self._durable:
            self._file.flush()
            os.fdatasync(self._file.fileno())

    def _commit(self) -> None:
        self._file.flush()
        self._file.truncate(self._end)
        os.fsync(self._file.fileno())
        if not _is_still(self._file, self._part):
            self._file.close()
            raise Conflict("The file was removed while it was written.")
        self._part.rename(self._sealed)
        self._file.close()
        folder = os.open(self._part.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _discard(self) -> None:
        self._file.close()
        _remove(self._part, self._sealed)


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    async def read(self, offset: int, length: int) -> bytes:
        return await _run(lambda: os.pread(self._file.fileno(), length, offset))

    async def close(self) -> None:
        self._file.close()


async def _run(work: Callable[[], T]) -> T:
    """The work, in a thread. Trouble of the disk is Unavailable."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise Unavailable(f"Files cannot be kept or read here: {error.strerror}.") from error


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _lock(file: BinaryIO) -> bool:
    """Takes the file's lock until it is closed; False when another has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(file: BinaryIO, path: Path) -> bool:
    """Whether the path is still that of the open file."""
    try:
        there, ours = path.stat(), os.fstat(file.fileno())
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _is_left(path: Path) -> bool:
    """Whether nobody writes the file."""
    try:
        with path.open("rb") as file:
            return _lock(file)
    except FileNotFoundError:
        return False
