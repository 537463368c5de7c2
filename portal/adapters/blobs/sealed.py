"""Blobs sealed on their way to a raw place; see the port, and `chunks` for how they lie."""

from collections.abc import AsyncIterator

from portal.adapters.blobs.chunks import (
    CHUNK,
    LONGEST_HEADER,
    Header,
    Opener,
    Sealer,
    new_header,
    of_token,
    read_header,
    token_of,
)
from portal.adapters.blobs.raw import RawBlobs, RawReader, RawWriter
from portal.domain.shared.blobs import BlobReader, BlobWriter, Owner, check_name

BEGINNING = LONGEST_HEADER + 64


class SealedBlobs:
    """Sealed blobs in a raw place."""

    def __init__(self, raw: RawBlobs) -> None:
        self._raw = raw

    async def create(self, owner: Owner, name: str, *, resumable: bool = False) -> BlobWriter:
        """See the port."""
        check_name(name)
        header = new_header(owner, name)
        raw = await self._raw.begin(_path(owner, name), header.stored, resumable=resumable)
        return _Writer(raw, header)

    async def resume(self, owner: Owner, name: str, token: str) -> BlobWriter:
        """See the port."""
        check_name(name)
        header = of_token(owner, name, token)
        return _Writer(await self._raw.take_up(_path(owner, name), header.stored), header)

    async def open(self, owner: Owner, name: str, *, exclusive: bool = False) -> BlobReader:
        """See the port."""
        check_name(name)
        raw = await self._raw.open(_path(owner, name), exclusive=exclusive)
        try:
            return await _opened(raw, owner, name)
        except BaseException:
            await raw.close()
            raise

    async def names(self, owner: Owner, prefix: str = "") -> tuple[str, ...]:
        """See the port."""
        return _names(owner, await self._raw.finished(_path(owner, prefix)))

    async def left(self, owner: Owner, prefix: str = "") -> tuple[str, ...]:
        """See the port."""
        return _names(owner, await self._raw.left(_path(owner, prefix)))

    async def delete(self, owner: Owner, name: str) -> None:
        """See the port."""
        check_name(name)
        await self._raw.delete(_path(owner, name))


class _Writer:
    """A chunk is held back until it is known whether it is the last one. Since a writer that broke
    off may have sealed its last chunk as the end, the one who resumes writes that chunk again."""

    def __init__(self, raw: RawWriter, header: Header) -> None:
        self._raw = raw
        self._sealer = Sealer(header)
        self._chunks = max(0, raw.staged - 1)
        self._buffer = bytearray()
        self.token = token_of(header)
        self.position = self._chunks * CHUNK

    async def write(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) > CHUNK:
            await self._stage(bytes(self._buffer[:CHUNK]), last=False)
            del self._buffer[:CHUNK]

    async def finish(self) -> int:
        size = self._chunks * CHUNK + len(self._buffer)
        await self._stage(bytes(self._buffer), last=True)
        await self._raw.commit(self._chunks)
        return size

    async def discard(self) -> None:
        await self._raw.discard()

    async def release(self) -> None:
        await self._raw.release()

    async def _stage(self, plain: bytes, *, last: bool) -> None:
        await self._raw.stage(self._chunks, self._sealer.seal(self._chunks, plain, last=last))
        self._chunks += 1


async def _opened(raw: RawReader, owner: Owner, name: str) -> "_Reader":
    """The reader, once the last chunk says that it is the end of this blob."""
    header = read_header(owner, name, await raw.read(0, BEGINNING))
    reader = _Reader(raw, Opener(header, raw.size))
    await reader.chunk(reader.last)
    return reader


class _Reader:
    """Keeps the chunk it opened last, for readers that ask for small ranges one after the other."""

    def __init__(self, raw: RawReader, opener: Opener) -> None:
        self._raw = raw
        self._opener = opener
        self._kept: tuple[int, bytes] = (-1, b"")
        self.size = opener.size
        self.last = opener.last

    async def chunk(self, place: int) -> bytes:
        """A chunk, opened."""
        if self._kept[0] != place:
            offset, length = self._opener.extent(place)
            frame = await self._raw.read(offset, length)
            self._kept = place, self._opener.open(place, frame)
        return self._kept[1]

    async def read(self, start: int, length: int) -> bytes:
        end = min(start + length, self.size)
        found = bytearray()
        while start < end:
            place, within = divmod(start, CHUNK)
            piece = (await self.chunk(place))[within : within + end - start]
            found += piece
            start += len(piece)
        return bytes(found)

    async def stream(self, start: int = 0) -> AsyncIterator[bytes]:
        while start < self.size:
            place, within = divmod(start, CHUNK)
            piece = (await self.chunk(place))[within:]
            yield piece
            start += len(piece)

    async def close(self) -> None:
        await self._raw.close()


def _path(owner: Owner, name: str) -> str:
    return f"{owner.partition.replace('|', '-')}/{name}"


def _names(owner: Owner, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path.removeprefix(_path(owner, "")) for path in paths)
