"""Books on the store: read as they are now, changed one after the other."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from portal.domain.access import documents as stored
from portal.domain.access.book import Book
from portal.domain.access.documents import GLASS, GRANT, OWN_TENANT, REVISION, ROLE
from portal.domain.access.grants import ReviewTerms
from portal.domain.audit.model import Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import (
    Body,
    Create,
    Delete,
    Document,
    Documents,
    Replace,
    Write,
)
from portal.domain.shared.errors import Conflict, NotFound
from portal.domain.shared.fields import Kind

REVISION_ID = OWN_TENANT_ID = "access"
FRESH_MS = 5_000
"""How long another process's change may stay unseen here."""
TRIES = 20
PAGE = 500
BUSY = "Too many changes at once; try again."
T = TypeVar("T")


class Shelved(NamedTuple):
    """A book with the etags of what it was read from, by kind and id."""

    book: Book
    etags: dict[tuple[str, str], str]


class Changed(NamedTuple):
    """The book behind a change, what to audit, and what else to write with it."""

    book: Book
    events: Sequence[Event]
    writes: Sequence[Write] = ()


class Shelf:
    """The books of all organisations. A book that was read is kept; whether another process wrote
    a newer one is asked at most every FRESH_MS."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        clock: Clock,
        review: ReviewTerms,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._clock = clock
        self._review = review
        self._kept: dict[str, tuple[Shelved, int]] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def book(self, organization: str) -> Book:
        """The book as it was at most FRESH_MS ago. NotFound for an unknown organisation."""
        kept, now_ms = self._kept.get(organization), self._clock.now_ms()
        if kept is not None and 0 <= now_ms - kept[1] < FRESH_MS:
            return kept[0].book
        tenancy = await self._organizations.get(organization)
        if kept is not None:
            head = await self._documents.get(tenancy.partition, REVISION, REVISION_ID)
            if (head.etag if head else "") == kept[0].book.etag:
                self._kept[organization] = kept[0], now_ms
                return kept[0].book
        return (await self._read(tenancy)).book

    def kept(self, organization: str) -> Book | None:
        """The book if it is known without asking the store."""
        kept = self._kept.get(organization)
        fresh = kept is not None and 0 <= self._clock.now_ms() - kept[1] < FRESH_MS
        return kept[0].book if kept is not None and fresh else None

    def forget(self, organization: str) -> None:
        """Reads the book anew next time."""
        self._kept.pop(organization, None)

    async def change(self, organization: str, change: Callable[[Book], Changed]) -> Book:
        """Writes what `change` makes of the newest book, with its events, in one batch: changes
        of one organisation have an order, and each is judged behind the one before it. Raises
        what `change` raises; Conflict when others are always faster."""
        tenancy = await self._organizations.get(organization)
        async with self._turns[organization]:
            for _ in range(TRIES):
                shelved = await self._read(tenancy)
                wanted = change(shelved.book)
                writes = [*_writes(shelved, wanted.book, tenancy), *wanted.writes]
                try:
                    await self._audit.commit(tenancy.partition, wanted.events, writes)
                except (Conflict, NotFound):
                    if not await self._moved(tenancy, shelved.book):
                        raise
                else:
                    return (await self._read(tenancy)).book
        raise Conflict(BUSY)

    async def _moved(self, tenancy: Tenancy, book: Book) -> bool:
        head = await self._documents.get(tenancy.partition, REVISION, REVISION_ID)
        return (head.etag if head else "") != book.etag

    async def _read(self, tenancy: Tenancy) -> Shelved:
        """The newest book: read until nobody wrote in between."""
        for _ in range(TRIES):
            head = await self._documents.get(tenancy.partition, REVISION, REVISION_ID)
            shelved = await self._assemble(tenancy, head)
            if not await self._moved(tenancy, shelved.book):
                self._kept[tenancy.organization.code] = shelved, self._clock.now_ms()
                return shelved
        raise Conflict(BUSY)

    async def _assemble(self, tenancy: Tenancy, head: Document | None) -> Shelved:
        keyring, partition = tenancy.keyring, tenancy.partition
        grants = await self._all(partition, GRANT)
        roles = await self._all(partition, ROLE)
        glass = await self._all(partition, GLASS)
        own = await self._documents.get(partition, OWN_TENANT, OWN_TENANT_ID)
        book = Book(
            revision=int(head.body["revision"]) if head else 0,
            etag=head.etag if head else "",
            roles={one.id: stored.role(one.id, one.body) for one in roles},
            grants={one.id: stored.grant(one.id, one.body, keyring) for one in grants},
            glass={one.id: stored.glass(one.id, one.body, keyring) for one in glass},
            review=self._review,
            tenant_id=str(own.body["tenant_id"]) if own else "",
        )
        etags = {(one.kind, one.id): one.etag for one in (*grants, *roles, *glass)}
        return Shelved(book, etags)

    async def _all(self, partition: str, kind: Kind) -> list[Document]:
        found: list[Document] = []
        cursor = None
        while True:
            page = await self._documents.query(partition, kind, cursor=cursor, limit=PAGE)
            found.extend(page.documents)
            cursor = page.next
            if cursor is None:
                return found


def _writes(shelved: Shelved, after: Book, tenancy: Tenancy) -> list[Write]:
    before, keyring = shelved.book, tenancy.keyring
    head = {"revision": before.revision + 1}
    writes: list[Write] = [
        Replace(REVISION, REVISION_ID, head, before.etag)
        if before.etag
        else Create(REVISION, REVISION_ID, head)
    ]
    etags = shelved.etags
    writes += _difference(
        GRANT, before.grants, after.grants, etags, lambda one: stored.grant_body(one, keyring)
    )
    writes += _difference(ROLE, before.roles, after.roles, etags, stored.role_body)
    writes += _difference(
        GLASS, before.glass, after.glass, etags, lambda one: stored.glass_body(one, keyring)
    )
    return writes


def _difference(
    kind: Kind,
    before: Mapping[str, T],
    after: Mapping[str, T],
    etags: Mapping[tuple[str, str], str],
    body: Callable[[T], Body],
) -> list[Write]:
    writes: list[Write] = []
    for id, one in after.items():
        if id not in before:
            writes.append(Create(kind, id, body(one)))
        elif before[id] != one:
            writes.append(Replace(kind, id, body(one), etags[kind.name, id]))
    writes += [Delete(kind, id, etags[kind.name, id]) for id in before if id not in after]
    return writes
