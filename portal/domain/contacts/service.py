"""Contacts in: files are accepted, read row by row, stored and counted, and reported on.

An upload is durable before it is acknowledged; its rows are taken in batches, and each batch is
written together with how far the import has come, so that a killed process goes on where it was
and counts nothing twice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.contacts import filing, pieces
from portal.domain.contacts.imports import (
    ENDED,
    IMPORT,
    QUARANTINE,
    Import,
    Origin,
    Quarantined,
    Report,
    State,
    Wanted,
)
from portal.domain.contacts.pieces import BATCH_REJECTIONS, CrowdedError, Piece
from portal.domain.contacts.ports import (
    Batch,
    Contacts,
    Rebuilt,
    Source,
    SourceOptions,
    Tally,
    Tenant,
)
from portal.domain.contacts.waiting import Waiting, is_young
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import Activity, Part, lets
from portal.domain.shared.blob_files import as_file
from portal.domain.shared.blobs import Blobs, BlobWriter, Owner
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Create, Documents, Write
from portal.domain.shared.errors import (
    Conflict,
    Damaged,
    InvalidInput,
    NotFound,
    RateLimited,
    TooLarge,
    Unavailable,
    UnusableFile,
)

LEASE_MS = 20_000
LOOK_AGAIN_SECONDS = 0.1
PATIENCE_SECONDS = 300.0
"""How long an import waits for a store that is busy or away before it gives up."""
FIRST_WAIT_SECONDS = 1.0
UPLOADS = "uploads/"
CHUNK = 256 * 1024
ENDLESS = 1 << 62
NOT_FOUND = "There is no such import."
PAUSED = "The organisation does not stand so that files are read; it goes on afterwards."
INTERNAL = "The import stopped on an internal error; what was read is in. Import the file again."


class Imports:
    """Imports of contact files."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        contacts: Contacts,
        sources: Mapping[str, Source],
        blobs: Blobs,
        audit: Audit,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._contacts = contacts
        self._sources = sources
        self._blobs = blobs
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._waiting = Waiting(organizations, documents, clock)
        self._moved = asyncio.Condition()
        self._accepted = asyncio.Event()
        self._arriving: set[str] = set()
        self._stopping: set[str] = set()

    # --- what people can do -------------------------------------------------------------

    async def upload(
        self, wanted: Wanted, body: AsyncIterator[bytes], *, most_bytes: int, actor: Actor
    ) -> Import:
        """Keeps the file and queues its import; durable when this returns.

        Raises Forbidden, InvalidInput for an unknown source, TooLarge (nothing is kept).
        """
        require(actor, Permission.IMPORTS_CREATE)
        tenant = await self._tenant(actor.organization)
        new = self._new(wanted, Origin.UPLOAD, actor)
        self._arriving.add(new.id)
        try:
            writer = await self._blobs.create(_owner(tenant), _name(new.id))
            try:
                await _receive(writer, body, most_bytes)
                await self._waiting.note(actor.organization, new.id)
                await self._begin(tenant, new)
            except BaseException:
                with suppress(RateLimited, Unavailable):
                    await asyncio.shield(writer.discard())
                raise
        finally:
            self._arriving.discard(new.id)
        self._accepted.set()
        return new

    async def ended(self, id: str, seconds: float, *, actor: Actor) -> Import:
        """The import when it has ended, or as it stands after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._moved:
                while (current := await self.get(id, actor=actor)).state not in ENDED:
                    await self._moved.wait()
                return current
        return await self.get(id, actor=actor)

    async def import_file(
        self,
        wanted: Wanted,
        file: BinaryIO,
        size: int,
        *,
        actor: Actor,
        on_progress: Callable[[float], None] = lambda _: None,
    ) -> Import:
        """Imports a file that lies here, and returns when it is done. One that can be read only
        once, such as a pipe, is kept sealed first."""
        require(actor, Permission.IMPORTS_CREATE)
        if not file.seekable():
            kept = await self.upload(wanted, _chunks(file), most_bytes=ENDLESS, actor=actor)
            return await self._run_here_or_elsewhere(actor, kept.id)
        tenant = await self._tenant(actor.organization)
        new = self._new(wanted, Origin.COMMAND, actor)._replace(state=State.RUNNING)
        await self._begin(tenant, new)
        failed = await self._whole(tenant, new, file)
        if failed is not None:
            return failed
        file.seek(0)
        done = await self._run(tenant, new, file, size, on_progress)
        if wanted.settle:
            await self._contacts.settle(tenant)
        return done

    async def settle(self, *, actor: Actor) -> int:
        """Merges the days that imports changed into their pages, so that reading them is quick."""
        require(actor, Permission.IMPORTS_CREATE)
        return await self._contacts.settle(await self._tenant(actor.organization))

    async def get(self, id: str, *, actor: Actor) -> Import:
        """One import. Forbidden, NotFound."""
        require(actor, Permission.IMPORTS_VIEW)
        tenant = await self._tenant(actor.organization)
        with suppress(InvalidInput):
            document = await self._documents.get(tenant.partition, IMPORT, id)
            if document is not None:
                return filing.opened(tenant, document, self._clock.now_ms())
        raise NotFound(NOT_FOUND)

    async def list(self, *, actor: Actor, limit: int = 50) -> tuple[Import, ...]:
        """The organisation's imports, newest first."""
        require(actor, Permission.IMPORTS_VIEW)
        tenant = await self._tenant(actor.organization)
        page = await self._documents.query(tenant.partition, IMPORT, limit=limit, newest_first=True)
        return tuple(
            filing.opened(tenant, document, self._clock.now_ms()) for document in page.documents
        )

    async def quarantine(self, *, actor: Actor) -> tuple[Quarantined, ...]:
        """The rows kept back, oldest first. Audited: they may hold anything."""
        require(actor, Permission.QUARANTINE_VIEW)
        tenant = await self._tenant(actor.organization)
        event = Event(Action.QUARANTINE_VIEWED, actor.person_id, actor.organization)
        await self._audit.commit(tenant.partition, [event])
        rows: list[Quarantined] = []
        cursor = None
        while True:
            page = await self._documents.query(tenant.partition, QUARANTINE, cursor=cursor)
            rows.extend(filing.quarantined(tenant, document) for document in page.documents)
            cursor = page.next
            if cursor is None:
                return tuple(sorted(rows, key=lambda row: (row.at_ms, row.file, row.line)))

    async def name_queues(self, source: str, names: Mapping[str, str], *, actor: Actor) -> int:
        """Calls a source's queues by these names (by the source's key); how many were known.
        For sources whose records carry a key alone, such as Genesys."""
        require(actor, Permission.IMPORTS_CREATE)
        tenant = await self._tenant(actor.organization)
        return await self._contacts.name_queues(tenant.partition, source, names)

    async def rebuild(self, *, verify: bool, actor: Actor) -> Rebuilt:
        """Counts every contact again; see the store's port."""
        require(actor, Permission.IMPORTS_CREATE)
        tenant = await self._tenant(actor.organization)
        rebuilt = await self._contacts.rebuild(tenant, verify=verify)
        if not verify:
            facts = {"contacts": rebuilt.contacts, "replaced": len(rebuilt.different)}
            event = Event(Action.PAGES_REBUILT, actor.person_id, actor.organization, facts)
            await self._audit.commit(tenant.partition, [event])
        return rebuilt

    # --- what the worker does -----------------------------------------------------------

    async def waiting(self) -> tuple[tuple[str, str], ...]:
        """Uploads that are not read to their end: (organisation, import); those of a suspended
        organisation wait."""
        self._accepted.clear()  # what is accepted from here on wakes `accepted` again
        return await self._waiting.look()

    async def tidy(self) -> int:
        """Removes the files that nobody will read: those of imports that have ended, and those
        whose sender or process was gone before they were accepted. How many."""
        removed = 0
        for organization in await self._organizations.all():
            tenant = await self._tenant(organization.code)
            owner = _owner(tenant)
            finished = await self._blobs.names(owner, UPLOADS)
            for name in (*finished, *await self._blobs.left(owner, UPLOADS)):
                id = name.removeprefix(UPLOADS)
                if id in self._arriving:
                    continue
                document = await self._documents.get(tenant.partition, IMPORT, id)
                if document is None and name in finished and is_young(id, self._clock.now_ms()):
                    continue  # another process may be about to accept it
                if document is None or State(str(document.body["state"])) in ENDED:
                    await self._blobs.delete(owner, name)
                    removed += 1
        return removed

    async def accepted(self, seconds: float) -> None:
        """Returns when an upload was accepted here since `waiting` looked, at the latest after
        the seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._accepted.wait(), seconds)

    async def run(self, organization: str, id: str) -> Import:
        """Reads a queued or interrupted upload to its end; one that has ended is returned as is.
        Conflict while another process reads it; RateLimited or Unavailable when it has to be run
        again later, to go on where it was."""
        tenant = await self._tenant(organization)
        document = await self._documents.get(tenant.partition, IMPORT, id)
        if document is None:
            raise NotFound(NOT_FOUND)
        current = filing.opened(tenant, document, self._clock.now_ms())
        if current.state in ENDED:
            return current
        try:
            reader = await self._blobs.open(_owner(tenant), _name(id), exclusive=True)
        except (NotFound, Damaged):
            return await self._end(tenant, current._replace(error=filing.INTERRUPTED))
        try:
            done = await self._whole(tenant, current, as_file(reader))
            if done is None:
                file = as_file(reader)
                done = await self._run(tenant, current, file, reader.size, lambda _: None)
        finally:
            await reader.close()
        await self._contacts.settle(tenant)
        with suppress(RateLimited, Unavailable):  # else `tidy` does it
            await self._blobs.delete(_owner(tenant), _name(id))
        return done

    async def _run_here_or_elsewhere(self, actor: Actor, id: str) -> Import:
        """The upload read to its end, by this process or by the one that was quicker."""
        while True:
            try:
                return await self.run(actor.organization, id)
            except Conflict:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    # --- reading ------------------------------------------------------------------------

    async def _whole(self, tenant: Tenant, current: Import, file: BinaryIO) -> Import | None:
        """None when the file is whole, as far as can be told without reading its rows; else the
        import, failed."""
        if current.taken:
            return None
        try:
            await asyncio.to_thread(self._sources[current.source].check, file)
        except UnusableFile as error:
            return await self._end(tenant, current._replace(error=error.message))
        return None

    async def _run(
        self,
        tenant: Tenant,
        current: Import,
        file: BinaryIO,
        size: int,
        on_progress: Callable[[float], None],
    ) -> Import:
        self._stopping.discard(current.id)
        source, options = self._sources[current.source], await self._options(current, tenant)
        skip = current.taken
        try:
            rows = await asyncio.to_thread(source.read, file, options)
            while True:
                await self._require_going(tenant)
                piece = await asyncio.to_thread(pieces.take, rows, skip)
                skip = 0
                if piece.rows:
                    share = min(file.tell() / size, 1) if size else 1
                    storing = asyncio.ensure_future(self._store(tenant, current, piece, share))
                    try:
                        current = await asyncio.shield(storing)
                    except asyncio.CancelledError:
                        self._stopping.add(current.id)
                        with suppress(RateLimited, Unavailable):  # it goes on from before
                            current = await storing  # what began goes on to its end
                        raise
                    on_progress(share)
                if piece.ended:
                    break
        except UnusableFile as error:
            current = current._replace(error=error.message)
        except asyncio.CancelledError:
            released = filing.upsert(tenant, current._replace(lease_ms=0))
            await asyncio.shield(self._documents.batch(tenant.partition, [released]))
            raise
        except Exception as error:
            if current.origin is not Origin.UPLOAD or not _passes(error):
                with suppress(Exception):
                    await self._end(tenant, current._replace(error=INTERNAL))
            raise
        return await self._end(tenant, current)

    async def _require_going(self, tenant: Tenant) -> None:
        """Raises Conflict when the organisation was suspended meanwhile: what is stored stays,
        and the import goes on from there afterwards."""
        state = await self._organizations.state(_code(tenant))
        if not lets(state, Part.SERVICE, Activity.INTAKE):
            raise Conflict(PAUSED, code="import-paused")

    async def _store(self, tenant: Tenant, current: Import, piece: Piece, share: float) -> Import:
        """Stores the piece with the import's progress, in parts when too many of its rows have
        to be kept back or they are too large."""
        try:
            return await self._store_whole(tenant, current, piece, share)
        except CrowdedError:
            parts = list(pieces.parted(piece))
        except TooLarge:
            if not piece.records:
                raise
            parts = pieces.smaller(piece)
        for part in parts:
            current = await self._store(tenant, current, part, share)
        return current

    async def _store_whole(
        self, tenant: Tenant, current: Import, piece: Piece, share: float
    ) -> Import:
        """Stores the piece, the rows of it that are kept back and the import's progress; all or
        nothing. Raises CrowdedError."""
        now_ms, records = self._clock.now_ms(), piece.records
        reached = current._replace(
            state=State.RUNNING,
            taken=current.taken + len(piece.rows),
            progress=share,
            lease_ms=now_ms + LEASE_MS,
        )
        outcome: list[Import] = []

        def writes(tally: Tally) -> Sequence[Write]:
            lost = pieces.lost(records, tally.conflicts)
            back = (*piece.rejected, *lost)
            if len(back) > BATCH_REJECTIONS:
                raise CrowdedError
            done = reached._replace(report=pieces.counted(current.report, piece, tally, lost))
            outcome[:] = [done]
            kept = [filing.kept(tenant, current, row, now_ms) for row in back]
            return [filing.upsert(tenant, done), *kept]

        batch = Batch(current.source, records, writes)
        stored = await self._patiently(tenant, reached, batch)
        return stored or outcome[0]

    async def _patiently(self, tenant: Tenant, reached: Import, batch: Batch) -> Import | None:
        """Stores the batch, though the store be busy or away for a while. The import as it is
        stored, when it was the store that could not tell that it had stored it."""
        waited, in_doubt = 0.0, False
        while True:
            try:
                if in_doubt:
                    document = await self._documents.get(tenant.partition, IMPORT, reached.id)
                    if document is not None and document.body["taken"] == reached.taken:
                        return filing.opened(tenant, document, self._clock.now_ms())
                await self._contacts.ingest(tenant, batch, now_ms=self._clock.now_ms())
                return None
            except Damaged:
                raise  # waiting does not mend it
            except RateLimited as busy:
                wait = busy.retry_after
                if waited + wait > PATIENCE_SECONDS or reached.id in self._stopping:
                    raise
            except Unavailable:
                wait = waited + FIRST_WAIT_SECONDS
                if waited + wait > PATIENCE_SECONDS or reached.id in self._stopping:
                    raise
            waited, in_doubt = waited + wait, True
            while wait > 0 and reached.id not in self._stopping:
                await asyncio.sleep(min(wait, 1))
                wait -= 1

    async def _options(self, current: Import, tenant: Tenant) -> SourceOptions:
        organization = (await self._organizations.get(_code(tenant))).organization
        return SourceOptions(
            frozenset(current.queue_extensions),
            current.columns or None,
            organization.country,
            self._clock.now_ms(),
        )

    # --- keeping ------------------------------------------------------------------------

    async def _tenant(self, code: str) -> Tenant:
        tenancy = await self._organizations.get(code)
        return Tenant(tenancy.partition, tenancy.organization.time_zone, tenancy.keyring)

    def _new(self, wanted: Wanted, origin: Origin, actor: Actor) -> Import:
        if wanted.source not in self._sources:
            known = ", ".join(sorted(self._sources))
            message = f"There is no such source. Known are: {known}."
            raise InvalidInput(message, fields={"source": f"one of {known}"})
        now_ms = self._clock.now_ms()
        return Import(
            id=f"{now_ms:013d}-{self._ids.new()}",
            source=wanted.source,
            file=wanted.file.encode("utf-8", "replace").decode(),  # names may be no text
            origin=origin,
            state=State.QUEUED,
            actor=actor.person_id,
            queue_extensions=wanted.queue_extensions,
            columns=wanted.columns,
            created_ms=now_ms,
            finished_ms=None,
            lease_ms=0 if origin is Origin.UPLOAD else now_ms + LEASE_MS,
            taken=0,
            progress=0.0,
            error=None,
            report=Report(),
        )

    async def _begin(self, tenant: Tenant, new: Import) -> None:
        event = Event(Action.IMPORT_ACCEPTED, new.actor, new.id, {"source": new.source})
        create = Create(IMPORT, new.id, filing.body(tenant, new))
        await self._audit.commit(tenant.partition, [event], [create])

    async def _end(self, tenant: Tenant, current: Import) -> Import:
        failed = current.error is not None
        ended = current._replace(
            state=State.FAILED if failed else State.COMPLETED,
            finished_ms=self._clock.now_ms(),
            progress=current.progress if failed else 1.0,
            lease_ms=0,
        )
        report = ended.report
        event = Event(
            Action.IMPORT_FAILED if failed else Action.IMPORT_COMPLETED,
            ended.actor,
            ended.id,
            {
                "source": ended.source,
                "accepted": report.accepted,
                "corrected": report.corrected,
                "rejected": report.rejected,
            },
        )
        await self._audit.commit(tenant.partition, [event], [filing.upsert(tenant, ended)])
        await self._tell()
        return ended

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()


def _passes(error: Exception) -> bool:
    """Whether a file that is kept can be read on later, here or by whoever took it over."""
    return isinstance(error, (Conflict, RateLimited, Unavailable)) and not isinstance(
        error, Damaged
    )


def _code(tenant: Tenant) -> str:
    return tenant.partition.partition("|")[2]


def _owner(tenant: Tenant) -> Owner:
    return Owner(tenant.partition, tenant.keyring)


def _name(id: str) -> str:
    return f"{UPLOADS}{id}"


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while data := await asyncio.to_thread(file.read, CHUNK):
        yield data


async def _receive(writer: BlobWriter, body: AsyncIterator[bytes], most_bytes: int) -> None:
    size = 0
    async for data in body:
        size += len(data)
        if size > most_bytes:
            raise TooLarge(f"The file is larger than {most_bytes:,} bytes; split it.")
        await writer.write(data)
    await writer.finish()
