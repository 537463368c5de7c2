"""Blobs: files that are too large for a document, sealed chunk by chunk as they come.

A blob is written once, by one writer at a time, and never changed; it is there when it is finished
and not before. Each has a data key of its own, wrapped by a key that its owner gives or by the
organisation's: deleting that key makes the blob unreadable wherever a copy is left.

Names are ids with `/` between them, never anything about a person. Every call raises Unavailable or
RateLimited when the place of the blobs cannot be used at the moment.
"""

import re
from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from portal.domain.shared.errors import InvalidInput
from portal.domain.shared.sealing import Keyring

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
LONGEST_NAME = 300


class Owner(NamedTuple):
    """Whose blobs: the organisation's partition and keys. `key` (32 bytes) wraps the data keys, of
    a subject for instance; None is the organisation's own."""

    partition: str
    keyring: Keyring
    key: bytes | None = None


class BlobWriter(Protocol):
    """A blob being written. One of `finish`, `discard` and `release` ends it."""

    @property
    def token(self) -> str:
        """What `resume` needs; to be kept with the owner's other documents."""
        ...

    @property
    def position(self) -> int:
        """How many bytes are durable when a writer begins: where a resumed one goes on."""
        ...

    async def write(self, data: bytes) -> None:
        """More of the blob. Conflict when another writer has taken it over."""
        ...

    async def finish(self) -> int:
        """Makes the blob durable and there; its size in bytes."""
        ...

    async def discard(self) -> None:
        """Removes what was written."""
        ...

    async def release(self) -> None:
        """Stops writing; what is durable stays for a writer that resumes."""
        ...


class BlobReader(Protocol):
    """A finished blob, authenticated: its end is known to be its end. Close it."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    async def read(self, start: int, length: int) -> bytes:
        """The bytes of [start, start + length), fewer at the end. Damaged when they are not the
        ones that were written, Conflict when an exclusive reader has lost the blob."""
        ...

    def stream(self, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `start` to the end, in pieces of at most a chunk."""
        ...

    async def close(self) -> None:
        """Lets go of the blob."""
        ...


class Blobs(Protocol):
    """Where blobs are kept."""

    async def create(self, owner: Owner, name: str, *, resumable: bool = False) -> BlobWriter:
        """A new blob; of a resumable one every chunk is durable when it is written. Conflict when
        the name is taken, InvalidInput for one that is no name."""
        ...

    async def resume(self, owner: Owner, name: str, token: str) -> BlobWriter:
        """Goes on with a resumable blob. Conflict while another writes it, NotFound when nothing
        of it is there or it is finished, InvalidInput for another blob's token."""
        ...

    async def open(self, owner: Owner, name: str, *, exclusive: bool = False) -> BlobReader:
        """The finished blob; an exclusive reader is the only exclusive one. NotFound; Conflict;
        Damaged when it is cut off, altered, or sealed with another key."""
        ...

    async def names(self, owner: Owner, prefix: str = "") -> tuple[str, ...]:
        """The names of finished blobs that begin so, in order."""
        ...

    async def left(self, owner: Owner, prefix: str = "") -> tuple[str, ...]:
        """The names of unfinished ones whose writer is gone, in order."""
        ...

    async def delete(self, owner: Owner, name: str) -> None:
        """Removes the blob, finished or not, whoever uses it; no error when there is none."""
        ...


def check_name(name: str) -> None:
    """Raises InvalidInput for a name that no blob may have."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidInput("A blob's name is made of letters, digits, hyphens, dots and slashes.")
