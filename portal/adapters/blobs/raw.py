"""What a place for sealed blobs must do; it sees stored bytes alone.

A path is `PARTITION/NAME`. A blob being written is a header and frames in order, numbered from 0.
"""

from typing import Protocol


class RawWriter(Protocol):
    """The one writer of a path. A method raises Conflict when another has taken it over."""

    @property
    def staged(self) -> int:
        """How many whole frames were there, from the first on, when it was taken up."""
        ...

    async def stage(self, place: int, frame: bytes) -> None:
        """Writes a frame, over what a writer before may have left there."""
        ...

    async def commit(self, frames: int) -> None:
        """Makes the blob of the header and so many frames, durable."""
        ...

    async def discard(self) -> None:
        """Removes everything."""
        ...

    async def release(self) -> None:
        """Lets go of the path."""
        ...


class RawReader(Protocol):
    """A finished blob."""

    @property
    def size(self) -> int:
        """In bytes as stored."""
        ...

    async def read(self, offset: int, length: int) -> bytes:
        """The bytes there, fewer at the end."""
        ...

    async def close(self) -> None:
        """Lets go of the path."""
        ...


class RawBlobs(Protocol):
    """The paths; errors as in the port of the blobs."""

    async def begin(self, path: str, header: bytes, *, resumable: bool) -> RawWriter:
        """A new path. Conflict."""
        ...

    async def take_up(self, path: str, header: bytes) -> RawWriter:
        """The path that was begun with the header. Conflict, NotFound."""
        ...

    async def open(self, path: str, *, exclusive: bool) -> RawReader:
        """A finished path. NotFound, Conflict."""
        ...

    async def finished(self, prefix: str) -> tuple[str, ...]:
        """Paths that begin so, in order."""
        ...

    async def left(self, prefix: str) -> tuple[str, ...]:
        """Begun paths without a writer, in order."""
        ...

    async def delete(self, path: str) -> None:
        """Removes the path, whatever it is and whoever has it."""
        ...
