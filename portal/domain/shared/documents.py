"""The document port: everything small, one partition an organisation.

Designed to the weaker of the stores behind it (design, "Data"): the partition is always given, a
batch is one partition, at most 99 writes (a store may need one of a hundred for itself) and at most
1.9 MB, and takes effect as a whole or not at all, a change of existing state needs the version
(`etag`) that was read, an expired document is absent whether or not the store has removed it yet,
and whole numbers are at most 2**53, which every JSON reader keeps.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from portal.domain.shared.fields import Kind

MOST_WRITES = 99
MOST_BYTES = 1_900_000
LARGEST_NUMBER = 2**53
FORBIDDEN_IN_IDS = "/\\?#"

Body = Mapping[str, Any]


class Document(NamedTuple):
    """A stored document. `etag` changes with every write; `expires_at_ms` None is never."""

    kind: str
    id: str
    body: Body
    etag: str
    expires_at_ms: int | None = None


class Create(NamedTuple):
    """Writes a new document; Conflict when the id is taken."""

    kind: Kind
    id: str
    body: Body
    expires_at_ms: int | None = None


class Replace(NamedTuple):
    """Writes over the version that was read; Conflict when it is another by now, NotFound when
    the document is gone."""

    kind: Kind
    id: str
    body: Body
    etag: str
    expires_at_ms: int | None = None


class Upsert(NamedTuple):
    """Writes whatever is there: only for what one writer owns."""

    kind: Kind
    id: str
    body: Body
    expires_at_ms: int | None = None


class Delete(NamedTuple):
    """Removes the version that was read; Conflict or NotFound as Replace."""

    kind: Kind
    id: str
    etag: str


Write = Create | Replace | Upsert | Delete


class DocumentPage(NamedTuple):
    """Documents of one kind in the order of their ids, and the cursor of the next page."""

    documents: tuple[Document, ...]
    next: str | None


class Change(NamedTuple):
    """A write as the feed tells it: the newest state of a document that changed. Deleted ones do
    not appear."""

    kind: str
    id: str
    body: Body


class Changes(NamedTuple):
    """Part of the feed, oldest first, and where to go on."""

    changes: tuple[Change, ...]
    cursor: str


class Documents(Protocol):
    """Everything small, in partitions."""

    async def get(self, partition: str, kind: Kind, id: str) -> Document | None:
        """The document, None when absent or expired."""
        ...

    async def batch(self, partition: str, writes: Sequence[Write]) -> None:
        """All writes or none. Conflict, NotFound, InvalidInput (undeclared field, bad id, a number
        past LARGEST_NUMBER, more than MOST_WRITES), TooLarge (more than MOST_BYTES in all).

        A store over a network may also raise RateLimited (nothing was done) or Unavailable (done
        or not: read again)."""
        ...

    async def query(
        self,
        partition: str,
        kind: Kind,
        *,
        where: Mapping[str, str | int] | None = None,
        cursor: str | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> DocumentPage:
        """Documents of a kind by equality of top-level fields, in the order of their ids."""
        ...

    async def count(self, partition: str, kind: Kind) -> int:
        """How many documents of the kind there are."""
        ...

    async def changes(self, partition: str, *, after: str = "", limit: int = 100) -> Changes:
        """What changed since the cursor; the empty cursor is the beginning."""
        ...


@runtime_checkable
class Erasing(Protocol):
    """A store of documents or of contacts from which a partition can be erased whole."""

    async def erase(self, partition: str, *, most: int) -> int:
        """Removes what is stored in the partition, of whatever kind, about so much of it at once;
        how much, 0 when nothing is left. Only while nobody else writes there, and nobody
        will again: a store may remember of a partition what it holds no more. Documents go behind
        contacts: they may say where contacts are."""
        ...


@runtime_checkable
class Compacting(Protocol):
    """A store that may keep pieces of what was erased in parts of it that are not used."""

    async def compact(self) -> None:
        """Writes what is there anew, and nothing else. Takes as long as the store is large, and
        for a while twice its room."""
        ...


def undeclared(write: Write) -> frozenset[str]:
    """The fields of a write that its kind does not declare."""
    if isinstance(write, Delete):
        return frozenset()
    return frozenset(write.body) - write.kind.names
