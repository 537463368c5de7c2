"""Copying an organisation to another store: documents, contacts, pages, and its key.

The organisation appears in the other store's directory last, when everything that arrived was read
back and is what left, so nobody is shown half of it. Until then the copy may end anywhere and be
run again: what is there stays, what changed in between is brought up to date. The original is left
as it is.
"""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.contacts import encoding
from portal.domain.contacts.imports import IMPORT, Origin, State
from portal.domain.contacts.pages import SLOT_MS
from portal.domain.contacts.ports import Arriving, Contacts, Leaving, Moved, Parts, Tenant
from portal.domain.organizations.model import Region
from portal.domain.organizations.ports import ORGANIZATION
from portal.domain.shared.clock import Clock
from portal.domain.shared.days import day_of, day_start_ms
from portal.domain.shared.documents import (
    Create,
    Delete,
    Document,
    Documents,
    Upsert,
    Write,
)
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.shared.fields import Category, Field, Kind
from portal.domain.shared.sealing import Keyrings

WRITES_TOGETHER = 50
BYTES_TOGETHER = 1_000_000
DAYS_TOGETHER = 31
MODULUS = 1 << 128
EVERYTHING = Parts(agents=True, values=True)
PROGRESS = Kind(
    "contacts_arriving",
    (
        Field("after", Category.OPERATIONAL),
        Field("contacts", Category.OPERATIONAL),
        Field("revision", Category.OPERATIONAL),
    ),
)
ARRIVING = "arriving"


class Place(NamedTuple):
    """A store and the holder of its keys."""

    documents: Documents
    contacts: Contacts
    keyrings: Keyrings


class Copied(NamedTuple):
    """What arrived, counted and hashed: the hashes are the same on both sides."""

    documents: int
    documents_hash: str
    contacts: int
    contacts_hash: str
    pages: int
    pages_hash: str


class _Print(NamedTuple):
    """How many there are, and a hash of all in whatever order."""

    number: int
    total: int

    @property
    def hash(self) -> str:
        return f"{self.total:032x}"


class Moving:
    """Copies of organisations of one region. `kinds` are all kinds of documents that an
    organisation's partition may hold."""

    def __init__(
        self, source: Place, target: Place, region: Region, kinds: Sequence[Kind], clock: Clock
    ) -> None:
        self._source = source
        self._target = target
        self._region = region
        self._kinds = [kind for kind in kinds if kind.name != PROGRESS.name]
        self._clock = clock

    async def copy(
        self, *, actor: Actor, on_progress: Callable[[str], None] = lambda _: None
    ) -> Copied:
        """Copies the actor's organisation.

        Raises NotFound when it is not in the source, Conflict when it is in the target already, is
        being written to or arrived other than it left; InvalidInput between stores that cannot.
        """
        require(actor, Permission.KEYS_ROTATE)
        code = actor.organization
        leaving, arriving = self._source.contacts, self._target.contacts
        if not isinstance(leaving, Leaving) or not isinstance(arriving, Arriving):
            raise InvalidInput("An organisation can be copied from SQLite to Cosmos DB.")
        document = await self._organization(code)
        there, here, wrapped = await self._tenants(code, document)
        await self._let_imports_end(there)
        await self._know_all_kinds(there.partition)
        on_progress("contacts")
        await arriving.prepare(here, await leaving.roll(there))
        await self._contacts(leaving, arriving, there, here, on_progress)
        await arriving.settle(here)
        on_progress("documents")
        for kind in self._kinds:
            await self._documents(there.partition, kind)
        on_progress("checking")
        copied = await self._checked(leaving, arriving, there, here)
        await self._appear(actor, document, here, wrapped, copied)
        return copied

    async def _organization(self, code: str) -> Document:
        directory = f"{self._region}|"
        document = await self._source.documents.get(directory, ORGANIZATION, code)
        if document is None:
            raise NotFound("There is no such organisation in the store to copy from.")
        if document.body["region"] != self._region.value:
            raise InvalidInput(f"It belongs to region {document.body['region']} and stays there.")
        if await self._target.documents.get(directory, ORGANIZATION, code) is not None:
            raise Conflict("The organisation is in the store to copy to already.")
        return document

    async def _tenants(self, code: str, document: Document) -> tuple[Tenant, Tenant, bytes]:
        """The organisation on both sides, and its key as the target's holder wraps it."""
        partition, zone = f"{self._region}|{code}", str(document.body["time_zone"])
        before = base64.b64decode(str(document.body["key"]))
        key = await self._source.keyrings.reveal(code, before)
        wrapped = await self._target.keyrings.adopt(code, key)
        there = Tenant(partition, zone, await self._source.keyrings.open(code, before))
        here = Tenant(partition, zone, await self._target.keyrings.open(code, wrapped))
        return there, here, wrapped

    async def _let_imports_end(self, tenant: Tenant) -> None:
        """Files that are not read to their end do not come along."""
        for state in (State.QUEUED, State.RUNNING):
            where = {"state": state.value, "origin": Origin.UPLOAD.value}
            page = await self._source.documents.query(
                tenant.partition, IMPORT, where=where, limit=1
            )
            if page.documents:
                raise Conflict("An import is not done; let it end, then copy.")

    async def _know_all_kinds(self, partition: str) -> None:
        """Nothing is left behind because this version does not know it."""
        known = {kind.name for kind in self._kinds}
        cursor = ""
        while True:
            told = await self._source.documents.changes(partition, after=cursor)
            if not told.changes:
                return
            cursor = told.cursor
            if strange := {one.kind for one in told.changes} - known:
                raise Conflict(f"Documents of a kind unknown here: {', '.join(sorted(strange))}.")

    # --- contacts -----------------------------------------------------------------------

    async def _contacts(
        self,
        leaving: Leaving,
        arriving: Arriving,
        there: Tenant,
        here: Tenant,
        on_progress: Callable[[str], None],
    ) -> None:
        documents, partition = self._target.documents, here.partition
        known = await documents.get(partition, PROGRESS, ARRIVING)
        revision = (await self._source.contacts.standing(there.partition)).revision
        after, done = 0, 0
        if known is not None and known.body["revision"] == revision:
            after, done = known.body["after"], known.body["contacts"]  # else some were corrected
        async for moved in leaving.leaving(there, after=after):
            done += len(moved)
            body = {"after": moved[-1].position, "contacts": done, "revision": revision}
            await arriving.arrive(here, moved, [Upsert(PROGRESS, ARRIVING, body)])
            on_progress(f"{done} contacts")

    # --- documents ----------------------------------------------------------------------

    async def _documents(self, partition: str, kind: Kind) -> None:
        """Makes the target's documents of the kind those of the source."""
        target = self._target.documents
        left = {one.id: one async for one in _each(target, partition, kind)}
        writes: list[Write] = []
        size = 0
        async for document in _each(self._source.documents, partition, kind):
            present = left.pop(document.id, None)
            if present is not None and _content(present) == _content(document):
                continue
            bytes_ = len(_content(document))
            if writes and (len(writes) >= WRITES_TOGETHER or size + bytes_ > BYTES_TOGETHER):
                await target.batch(partition, writes)
                writes, size = [], 0
            writes.append(Upsert(kind, document.id, document.body, document.expires_at_ms))
            size += bytes_
        for gone in left.values():
            if len(writes) >= WRITES_TOGETHER:
                await target.batch(partition, writes)
                writes = []
            writes.append(Delete(kind, gone.id, gone.etag))
        if writes:
            await target.batch(partition, writes)

    # --- checking -----------------------------------------------------------------------

    async def _checked(
        self, leaving: Leaving, arriving: Arriving, there: Tenant, here: Tenant
    ) -> Copied:
        """Both sides read again and compared."""
        documents = [
            await _printed(self._each_document(place, there.partition))
            for place in (self._source, self._target)
        ]
        contacts, days = await _contacts_print(leaving, there)
        arrived, _ = await _contacts_print(arriving, here)
        pages = [
            await _printed(_pages(place.contacts, tenant, days))
            for place, tenant in ((self._source, there), (self._target, here))
        ]
        compared = {
            "documents": (documents[0], documents[1]),
            "contacts": (contacts, arrived),
            "pages": (pages[0], pages[1]),
        }
        for what, (one, other) in compared.items():
            if one != other:
                raise Conflict(
                    f"The {what} that arrived are not those that are there: {one.number} of them "
                    f"left, {other.number} are here. Let nobody use the organisation, and copy "
                    "again; what is here already stays."
                )
        return Copied(
            documents[0].number, documents[0].hash, contacts.number, contacts.hash,
            pages[0].number, pages[0].hash,
        )  # fmt: skip

    async def _each_document(self, place: Place, partition: str) -> AsyncIterator[bytes]:
        for kind in self._kinds:
            async for document in _each(place.documents, partition, kind):
                yield f"{kind.name}|{document.id}|".encode() + _content(document)

    async def _appear(
        self, actor: Actor, document: Document, here: Tenant, wrapped: bytes, copied: Copied
    ) -> None:
        documents, directory = self._target.documents, f"{self._region}|"
        for kind in self._kinds:
            if "organization" in kind.names:
                await self._of_directory(kind, actor.organization)
        known = await documents.get(here.partition, PROGRESS, ARRIVING)
        if known is not None:
            await documents.batch(here.partition, [Delete(PROGRESS, ARRIVING, known.etag)])
        facts: dict[str, Fact] = {
            "documents": copied.documents,
            "contacts": copied.contacts,
            "contacts_hash": copied.contacts_hash,
        }
        event = Event(Action.ORGANIZATION_COPIED, actor.person_id, actor.organization, facts)
        body = {**document.body, "key": base64.b64encode(wrapped).decode()}
        create = Create(ORGANIZATION, actor.organization, body)
        await Audit(documents, self._clock).commit(directory, [event], [create])

    async def _of_directory(self, kind: Kind, code: str) -> None:
        """The region's documents of the kind that name the organisation, where there are none."""
        directory = f"{self._region}|"
        async for document in _each(self._source.documents, directory, kind):
            if document.body.get("organization") != code:
                continue
            with suppress(Conflict):
                create = Create(kind, document.id, document.body, document.expires_at_ms)
                await self._target.documents.batch(directory, [create])


async def _each(documents: Documents, partition: str, kind: Kind) -> AsyncIterator[Document]:
    cursor = None
    while True:
        page = await documents.query(partition, kind, cursor=cursor)
        for document in page.documents:
            yield document
        cursor = page.next
        if cursor is None:
            return


def _content(document: Document) -> bytes:
    told = {"body": _canonical(document.body), "expires": document.expires_at_ms}
    return json.dumps(told, sort_keys=True, ensure_ascii=False).encode()


def _canonical(value: Any) -> Any:
    """The same JSON with whole numbers written one way: a store may give 1 for 1.0."""
    if isinstance(value, Mapping):
        return {key: _canonical(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


async def _printed(entries: AsyncIterator[bytes]) -> _Print:
    count = total = 0
    async for entry in entries:
        count += 1
        total = (total + _hashed(entry)) % MODULUS
    return _Print(count, total)


async def _contacts_print(store: Leaving, tenant: Tenant) -> tuple[_Print, Iterable[int]]:
    """The contacts, and the local days in which they arrived or ended."""
    count = total = 0
    days: set[int] = set()
    async for part in store.leaving(tenant):
        for one in part:
            count += 1
            total = (total + _hashed(_told(one))) % MODULUS
            for at in (one.contact.arrived_ms, one.contact.ended_ms):
                if at is not None:
                    days.add(day_of(at, tenant.time_zone))
    return _Print(count, total), sorted(days)


def _told(moved: Moved) -> bytes:
    contact = moved.contact
    attributes = sorted(contact.attributes.items()) if contact.attributes else None
    told = (*moved[1:4], contact._replace(attributes=None), attributes, *moved[5:])
    return json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")


async def _pages(contacts: Contacts, tenant: Tenant, days: Iterable[int]) -> AsyncIterator[bytes]:
    """Every page in bytes, of local days and of their quarter hours."""
    for first, last in _spans(list(days)):
        for day in await contacts.day_pages(tenant, first, last, EVERYTHING):
            glance = encoding.encode_cells(day.glance)
            yield b"|".join((b"day", str(day.day).encode(), *encoding.encode(day.page), glance))
        start = day_start_ms(first, tenant.time_zone) // SLOT_MS
        end = day_start_ms(last + 1, tenant.time_zone) // SLOT_MS - 1
        for slot in await contacts.slot_pages(tenant, start, end, EVERYTHING):
            yield b"|".join((b"slot", str(slot.slot).encode(), *encoding.encode(slot.page)))


def _spans(days: Sequence[int]) -> list[tuple[int, int]]:
    """The days in pieces of at most DAYS_TOGETHER."""
    found: list[tuple[int, int]] = []
    for day in days:
        if found and day - found[-1][0] < DAYS_TOGETHER:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _hashed(entry: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(entry, digest_size=16).digest(), "big")
