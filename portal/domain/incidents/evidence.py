"""Files as evidence: taken piece by piece, looked at, sealed as they come, never opened.

A file has a key of its own that seals its blob and what is said of it. It is `coming` before the
first byte, `waiting` when all are durable, `kept` in the batch of the report, answer or message
that it is sent with. To remove it is to delete the key first: `going` is unreadable, and whatever
was cut off at any point is found by its state and removed later. So no blob is without a document.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.incidents import documents as stored
from portal.domain.incidents import files
from portal.domain.incidents.allowance import DAY_MS, Allowance
from portal.domain.incidents.casebook import TRIES, Casebook
from portal.domain.incidents.documents import FILE, USED
from portal.domain.incidents.files import MOST_BYTES, MOST_FILES, Examination
from portal.domain.incidents.model import EvidenceFile, FileState
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.blobs import BlobReader, Blobs, BlobWriter, Owner
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace, Write
from portal.domain.shared.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    RateLimited,
    TooLarge,
    Unavailable,
)

FOLDER = "evidence"
WAITING_MS = 30 * DAY_MS
COMING_MS = 3600 * 1000
LONGEST_S = 15 * 60.0
"""How long a file may take to come; much less than it is left alone while it is coming."""
MOST_KEPT_BYTES = 50 * 1024 * 1024 * 1024
"""Of all files of an organisation together."""
THE_SUM = "used"
UNSENT = frozenset({FileState.COMING, FileState.WAITING, FileState.GOING})
NO_FILE = "There is no such file, or it is not yours to see."


class Swept(NamedTuple):
    """What one sweep did."""

    removed: int = 0
    failures: tuple[Exception, ...] = ()


class Evidence:
    """Files of an organisation's people and incidents."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        book: Casebook,
        documents: Documents,
        blobs: Blobs,
        audit: Audit,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._organizations = organizations
        self._book = book
        self._documents = documents
        self._blobs = blobs
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._allowance = Allowance(documents, clock)

    # --- what people do -------------------------------------------------------------------

    async def upload(
        self, name: str, media: str, body: AsyncIterator[bytes], *, actor: Actor
    ) -> EvidenceFile:
        """Keeps a file until the caller sends it with something, 30 days at most; durable when this
        returns. `media` is the type it was sent as, "" for none.

        Raises Forbidden, InvalidInput (name, sort, content, empty), TooLarge, Conflict for one too
        many that waits, RateLimited; nothing is kept then, nor when the body breaks off.
        """
        require(actor, Permission.INCIDENTS_REPORT)
        name = files.named(name)
        sort = files.sort_of(name, media)
        tenancy = await self._book.tenancy(actor.organization)
        if len(await self.waiting(actor=actor)) >= MOST_FILES:
            raise Conflict("Too many files wait; send or remove some.", code="too-many-files")
        await self._allowance.spend(tenancy, actor.person_id, files=1)
        key, now_ms = stored.new_key(tenancy.keyring), self._clock.now_ms()
        coming = EvidenceFile(
            id=self._ids.new(),
            incident="",
            entry=0,
            person=actor.person_id,
            state=FileState.COMING,
            sort=sort.code,
            size=0,
            at_ms=now_ms,
            name=name,
            sha256="",
        )
        begun = Create(FILE, coming.id, stored.file_body(coming, key, tenancy.keyring))
        await self._documents.batch(tenancy.partition, [begun])
        try:
            writer = await self._blobs.create(_owner(tenancy, key), _blob(coming.id))
            try:
                examined, digest = await _receive(writer, Examination(sort), body)
                await self._allowance.spend(tenancy, actor.person_id, bytes=examined.size)
                await writer.finish()
            except BaseException:
                with suppress(RateLimited, Unavailable, Conflict):
                    await asyncio.shield(writer.discard())
                raise
            made = coming._replace(state=FileState.WAITING, size=examined.size, sha256=digest)
            await self._arrived(tenancy, made, key)
        except BaseException:
            with suppress(Conflict, NotFound, RateLimited, Unavailable):  # else it is swept
                await asyncio.shield(self._remove(tenancy, coming.id))
            raise
        return made

    async def waiting(self, *, actor: Actor) -> tuple[EvidenceFile, ...]:
        """The caller's files that wait to be sent with something, oldest first. Forbidden."""
        require(actor, Permission.INCIDENTS_REPORT)
        tenancy = await self._book.tenancy(actor.organization)
        where = {"person": actor.person_id, "state": FileState.WAITING.value}
        found = [
            stored.file(one.id, one.body, tenancy.keyring)
            for one in await self._all(tenancy, where)
        ]
        return tuple(sorted(found, key=lambda one: (one.at_ms, one.id)))

    async def discard(self, id: str, *, actor: Actor) -> None:
        """Removes a file of the caller's that waits. Forbidden, NotFound."""
        require(actor, Permission.INCIDENTS_REPORT)
        tenancy = await self._book.tenancy(actor.organization)
        known = await self._documents.get(tenancy.partition, FILE, id)
        if known is None or not _is_waiting(known, actor.person_id):
            raise NotFound(NO_FILE)
        await self._remove(tenancy, id, by=actor.person_id)

    async def chosen(self, ids: Sequence[str], *, actor: Actor) -> tuple[Document, ...]:
        """The caller's waiting files of these ids, to be written with what they are sent with.
        InvalidInput for one that does not wait, or for too many."""
        wanted = tuple(dict.fromkeys(ids))
        if not wanted:
            return ()
        if len(wanted) > MOST_FILES:
            raise InvalidInput(
                "So many files at once cannot be sent.", fields={"files": "at most 20"}
            )
        tenancy = await self._book.tenancy(actor.organization)
        found = [await self._documents.get(tenancy.partition, FILE, id) for id in wanted]
        known = [one for one in found if one is not None and _is_waiting(one, actor.person_id)]
        if len(known) != len(wanted):
            raise InvalidInput(
                "A file is not there any more; attach it again.",
                fields={"files": "files that wait"},
                code="file-gone",
            )
        return tuple(known)

    async def read_own(self, id: str, *, actor: Actor) -> tuple[EvidenceFile, BlobReader]:
        """A file of an own report, if the reporter sees it; the trail says who read it. Close the
        reader. Forbidden, NotFound, Damaged."""
        require(actor, Permission.INCIDENTS_REPORT)
        return await self._read(id, actor, own=True)

    async def read(self, id: str, *, actor: Actor) -> tuple[EvidenceFile, BlobReader]:
        """A file of any incident, for those who handle them; otherwise as `read_own`."""
        require(actor, Permission.INCIDENTS_HANDLE)
        return await self._read(id, actor, own=False)

    async def forget(self, incident: str, *, actor: Actor) -> None:
        """Removes what the incident's reporter attached. Forbidden, NotFound."""
        require(actor, Permission.INCIDENTS_HANDLE)
        tenancy = await self._book.tenancy(actor.organization)
        for one in await self._all(tenancy, {"incident": incident}):
            if one.body["theirs"]:
                await self._remove(tenancy, one.id, by=actor.person_id, of=frozenset(FileState))

    # --- what the worker does -------------------------------------------------------------

    async def sweep(self) -> Swept:
        """Removes what broke off, what nobody sent, and what was being removed when a process was
        killed. One that cannot be removed now holds up no other."""
        removed, failures = 0, []
        for organization in await self._organizations.serving(Activity.TELL_ESSENTIAL):
            tenancy = await self._organizations.get(organization.code)
            for id in await self._left(tenancy):
                try:
                    await self._remove(tenancy, id)
                    removed += 1
                except (Conflict, NotFound):
                    continue  # somebody else did, or it was sent with something
                except Exception as error:  # noqa: BLE001 - the others are swept too
                    failures.append(error)
        return Swept(removed, tuple(failures))

    async def _left(self, tenancy: Tenancy) -> list[str]:
        now_ms = self._clock.now_ms()
        found: list[str] = []
        ages = {FileState.COMING: COMING_MS, FileState.WAITING: WAITING_MS, FileState.GOING: 0}
        for state, age_ms in ages.items():
            known = await self._all(tenancy, {"state": state.value})
            found += [one.id for one in known if now_ms - one.body["at_ms"] >= age_ms]
        return found

    # --- inside ---------------------------------------------------------------------------

    async def _read(self, id: str, actor: Actor, *, own: bool) -> tuple[EvidenceFile, BlobReader]:
        tenancy = await self._book.tenancy(actor.organization)
        known = await self._documents.get(tenancy.partition, FILE, id)
        if known is None or known.body["state"] != FileState.KEPT:
            raise NotFound(NO_FILE)
        incident = (await self._book.opened(actor.organization, known.body["incident"])).incident
        seen = incident.reporter == actor.person_id and known.body["shown"]
        if own and not seen:
            raise NotFound(NO_FILE)
        event = Event(Action.INCIDENT_FILE_READ, actor.person_id, incident.id, {"file": id})
        await self._audit.commit(tenancy.partition, [event])
        reader = await self._blobs.open(_owner(tenancy, str(known.body["key"])), _blob(id))
        return stored.file(id, known.body, tenancy.keyring), reader

    async def _arrived(self, tenancy: Tenancy, made: EvidenceFile, key: str) -> None:
        """The file waits from now on, and counts."""
        body = stored.file_body(made, key, tenancy.keyring)
        facts: dict[str, Fact] = {"bytes": made.size, "sort": made.sort}
        event = Event(Action.INCIDENT_FILE_KEPT, made.person, made.id, facts)
        for _ in range(TRIES):
            known = await self._documents.get(tenancy.partition, FILE, made.id)
            if known is None or known.body["state"] != FileState.COMING:
                raise Conflict("The file was removed while it came; send it again.")
            counted = await self._counted(tenancy, made.size)
            writes = [Replace(FILE, made.id, body, known.etag), counted]
            with suppress(Conflict, NotFound):  # another file was counted meanwhile
                await self._audit.commit(tenancy.partition, [event], writes)
                return
        raise Conflict("Too many files at once; try again.")

    async def _remove(
        self,
        tenancy: Tenancy,
        id: str,
        *,
        by: str = "system",
        of: Collection[FileState] = UNSENT,
    ) -> None:
        """Makes the file unreadable, then removes it. NotFound when somebody else did, or when it
        is of another state by now."""
        for _ in range(TRIES):
            known = await self._documents.get(tenancy.partition, FILE, id)
            if known is None or known.body["state"] not in of:
                raise NotFound(NO_FILE)
            if known.body["state"] == FileState.GOING:
                break
            gone = {
                **known.body,
                "state": FileState.GOING.value,
                "person": "",
                "key": "",
                "about": "",
            }
            writes: list[Write] = [Replace(FILE, id, gone, known.etag)]
            if known.body["size"]:
                writes.append(await self._counted(tenancy, -int(known.body["size"])))
            event = Event(Action.INCIDENT_FILE_REMOVED, by, id)
            try:
                await self._audit.commit(tenancy.partition, [event], writes)
            except (Conflict, NotFound):
                continue
            break
        await self._blobs.delete(_owner(tenancy, ""), _blob(id))
        known = await self._documents.get(tenancy.partition, FILE, id)
        if known is not None:
            await self._documents.batch(tenancy.partition, [Delete(FILE, id, known.etag)])

    async def _counted(self, tenancy: Tenancy, more: int) -> Write:
        """The sum of all files with so many bytes more. TooLarge beyond what an organisation may
        keep."""
        known = await self._documents.get(tenancy.partition, USED, THE_SUM)
        total = max(0, more + (int(known.body["bytes"]) if known else 0))
        if more > 0 and total > MOST_KEPT_BYTES:
            raise TooLarge("Your organisation keeps as many files as it may; remove old ones.")
        body = {"bytes": total}
        return Replace(USED, THE_SUM, body, known.etag) if known else Create(USED, THE_SUM, body)

    async def _all(self, tenancy: Tenancy, where: dict[str, str]) -> list[Document]:
        return [one async for one in self._book.documents_of(tenancy, FILE, where)]


async def leaving(
    tenancy: Tenancy, documents: Documents, blobs: Blobs
) -> AsyncIterator[tuple[EvidenceFile, AsyncIterator[bytes]]]:
    """Every file of an organisation that was sent with something, and its bytes in pieces; those
    raise NotFound for one that was removed meanwhile, Damaged for one that is not whole."""
    cursor = None
    while True:
        where = {"state": FileState.KEPT.value}
        page = await documents.query(tenancy.partition, FILE, where=where, cursor=cursor)
        for one in page.documents:
            owner = _owner(tenancy, str(one.body["key"]))
            yield stored.file(one.id, one.body, tenancy.keyring), _read(blobs, owner, one.id)
        cursor = page.next
        if cursor is None:
            return


async def _read(blobs: Blobs, owner: Owner, id: str) -> AsyncIterator[bytes]:
    reader = await blobs.open(owner, _blob(id))
    try:
        async for piece in reader.stream():
            yield piece
    finally:
        await reader.close()


async def copy(tenancy: Tenancy, documents: Documents, source: Blobs, target: Blobs) -> int:
    """Copies the bytes of every file of an organisation to another place of blobs, under the same
    keys; how many. One that is there already stays; one that is going, or gone, is left out."""
    copied, cursor = 0, None
    while True:
        page = await documents.query(tenancy.partition, FILE, cursor=cursor)
        for one in page.documents:
            if one.body["key"] and one.body["state"] != FileState.COMING:
                copied += await _copied(
                    _owner(tenancy, str(one.body["key"])), one.id, source, target
                )
        cursor = page.next
        if cursor is None:
            return copied


async def _copied(owner: Owner, id: str, source: Blobs, target: Blobs) -> bool:
    try:
        reader = await source.open(owner, _blob(id))
    except NotFound:
        return False
    try:
        writer = await target.create(owner, _blob(id))
    except Conflict:
        await reader.close()
        return False
    try:
        async for piece in reader.stream():
            await writer.write(piece)
        await writer.finish()
    except BaseException:
        await asyncio.shield(writer.discard())
        raise
    finally:
        await reader.close()
    return True


async def _receive(
    writer: BlobWriter, examined: Examination, body: AsyncIterator[bytes]
) -> tuple[Examination, str]:
    """Writes the pieces, and looks at them on the way; the SHA-256 of all."""
    digest = sha256()
    try:
        async with asyncio.timeout(LONGEST_S):
            async for piece in body:
                if examined.size + len(piece) > MOST_BYTES:
                    raise TooLarge(f"A file may have {MOST_BYTES // 1024**2} MB.")
                examined.feed(piece)
                digest.update(piece)
                await writer.write(piece)
    except TimeoutError as error:
        raise Unavailable("The file came too slowly; send it again.") from error
    examined.end()
    return examined, digest.hexdigest()


def _owner(tenancy: Tenancy, key: str) -> Owner:
    """Whose blob: of the key as stored, "" where nothing is opened."""
    opened = tenancy.keyring.unwrap(base64.b64decode(key)) if key else None
    return Owner(tenancy.partition, tenancy.keyring, opened)


def _blob(id: str) -> str:
    return f"{FOLDER}/{id}"


def _is_waiting(one: Document, person: str) -> bool:
    return bool(one.body["state"] == FileState.WAITING and one.body["person"] == person)
