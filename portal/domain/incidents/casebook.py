"""Incidents in the store: opened with their keys, written with their timeline, their messages and
their audit entry in one batch."""

import base64
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from portal.domain.access.model import Actor
from portal.domain.alerts.activities import Activities, Replayed
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.incidents import documents as stored
from portal.domain.incidents.documents import (
    COUNT,
    DELIVERY,
    DRAFT,
    ENTRY,
    FILE,
    INCIDENT,
    TERMS,
    Sealed,
)
from portal.domain.incidents.model import (
    Delivery,
    Details,
    Entry,
    EntryKind,
    EvidenceFile,
    FileState,
    Incident,
    Report,
    Stage,
    Terms,
    Whole,
)
from portal.domain.incidents.receivers import (
    FORWARD,
    Forward,
    forward_body,
    forward_id,
    listening,
)
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import (
    MOST_WRITES,
    Create,
    Delete,
    Document,
    Documents,
    Replace,
    Upsert,
    Write,
)
from portal.domain.shared.errors import Conflict, NotFound
from portal.domain.shared.fields import Kind

TRIES = 20
ONE = "terms"
THE_COUNT = "count"
RECEIPT = "incident-receipt"
MOST_ENTRIES = 2000
TRIAGE = ""
KEPT_MS = 90 * 24 * 3600 * 1000
NO_INCIDENT = "There is no such report, or it is not yours to see."
STALE = "This was changed meanwhile; look at it again."


class Line(NamedTuple):
    """A line that is to be written; `to` are the person ids that hear of it, TRIAGE for the
    channel; `files` are files that wait, as they were read, to be kept with it."""

    kind: EntryKind
    text: str = ""
    facts: Mapping[str, str] = {}
    shown: bool = False
    to: tuple[str, ...] = ()
    files: tuple[Document, ...] = ()


class Opened(NamedTuple):
    """An incident as it was read, to be written over."""

    tenancy: Tenancy
    etag: str
    incident: Incident
    sealed: Sealed


class Beside(NamedTuple):
    """Another incident that is changed in the same batch."""

    found: Opened
    after: Incident
    lines: tuple[Line, ...]


class Casebook:
    """Reads and writes incidents of one organisation at a time."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        activities: Activities,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._activities = activities
        self._clock = clock

    async def tenancy(self, organization: str) -> Tenancy:
        """The organisation. Raises NotFound."""
        return await self._organizations.get(organization)

    def now_ms(self) -> int:
        """The present."""
        return self._clock.now_ms()

    def code(self, tenancy: Tenancy, incident: Incident) -> str:
        """What proves that the reference is ours: 60 bits in three groups of four letters."""
        message = f"{incident.id}|{incident.created_at_ms}".encode()
        proof = tenancy.keyring.authenticate(RECEIPT, message)
        letters = base64.b32encode(proof).decode()[:12]
        return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"

    # --- reading --------------------------------------------------------------------------

    async def opened(self, organization: str, id: str) -> Opened:
        """One incident. Raises NotFound."""
        tenancy = await self.tenancy(organization)
        known = await self._documents.get(tenancy.partition, INCIDENT, id)
        if known is None:
            raise NotFound(NO_INCIDENT)
        return _opened(tenancy, known)

    async def whole(self, found: Opened) -> Whole:
        """Everything of an incident."""
        keyring, incident, sealed = found.tenancy.keyring, found.incident, found.sealed
        context = f"incident|{incident.id}"
        report = stored.unseal(keyring, sealed.reporter_key, f"{context}|report", sealed.report)
        details = stored.unseal(keyring, sealed.key, f"{context}|details", sealed.details)
        return Whole(
            incident,
            self.code(found.tenancy, incident),
            stored.report(report),
            stored.details(details),
            tuple([one async for one in self._entries(found)]),
            await self.files(found),
        )

    async def files(self, found: Opened) -> tuple[EvidenceFile, ...]:
        """The files of an incident, in the order of the lines they came with."""
        of = {"incident": found.incident.id}
        kept = [
            stored.file(one.id, one.body, found.tenancy.keyring)
            async for one in self.documents_of(found.tenancy, FILE, of)
            if one.body["state"] == FileState.KEPT
        ]
        return tuple(sorted(kept, key=lambda one: (one.entry, one.at_ms, one.id)))

    async def documents_of(
        self, tenancy: Tenancy, kind: Kind, where: Mapping[str, str | int]
    ) -> AsyncIterator[Document]:
        """Every document of the kind of which that is true."""
        cursor = None
        while True:
            page = await self._documents.query(tenancy.partition, kind, where=where, cursor=cursor)
            for one in page.documents:
                yield one
            cursor = page.next
            if cursor is None:
                return

    async def _entries(self, found: Opened) -> AsyncIterator[Entry]:
        cursor = None
        while True:
            page = await self._documents.query(
                found.tenancy.partition,
                ENTRY,
                where={"incident": found.incident.id},
                cursor=cursor,
            )
            for one in page.documents:
                key = found.sealed.reporter_key if one.body["theirs"] else found.sealed.key
                context = f"incident|{one.id}"
                text = stored.unseal(found.tenancy.keyring, key, context, str(one.body["text"]))
                yield stored.entry(one.body, text)
            cursor = page.next
            if cursor is None:
                return

    async def every(
        self, tenancy: Tenancy, *, where: Mapping[str, str | int] | None = None, after: str = ""
    ) -> AsyncIterator[Opened]:
        """Incidents, newest first, those older than the id `after`."""
        cursor = after or None
        while True:
            page = await self._documents.query(
                tenancy.partition, INCIDENT, where=where, cursor=cursor, newest_first=True
            )
            for one in page.documents:
                yield _opened(tenancy, one)
            cursor = page.next
            if cursor is None:
                return

    async def terms(self, tenancy: Tenancy) -> tuple[Terms, str]:
        """How the organisation handles incidents, and the version of that, "" for the default."""
        known = await self._documents.get(tenancy.partition, TERMS, ONE)
        return (Terms(), "") if known is None else (stored.terms(known.body), known.etag)

    # --- writing --------------------------------------------------------------------------

    async def set_terms(
        self, tenancy: Tenancy, terms: Terms, etag: str, *, actor: Actor, once: str = ""
    ) -> None:
        """Writes the terms over those that were read. Conflict, Replayed."""
        body = stored.terms_body(terms)
        write = Replace(TERMS, ONE, body, etag) if etag else Create(TERMS, ONE, body)
        event = Event(Action.INCIDENT_TERMS_SET, actor.person_id, ONE)
        await self._activities.commit(tenancy.partition, [write], events=[event], once=once)

    async def create(
        self,
        tenancy: Tenancy,
        incident: Incident,
        report: Report,
        *,
        to: tuple[str, ...],
        once: str,
        files: tuple[Document, ...] = (),
        of_draft: bool = False,
    ) -> Incident:
        """A new incident under the next number, with files that wait; `of_draft` ends the
        reporter's draft in the same batch. Raises Replayed; Conflict for a file that does not wait
        any more."""
        outside = await listening(self._documents, tenancy)
        for _ in range(TRIES):
            known = await self._documents.get(tenancy.partition, COUNT, THE_COUNT)
            number = 1 + (int(known.body["number"]) if known else 0)
            made = incident._replace(id=f"{number:08d}", version=1, entries=1)
            keyring = tenancy.keyring
            key, theirs = stored.new_key(keyring), stored.new_key(keyring)
            context = f"incident|{made.id}|report"
            text = stored.seal(keyring, theirs, context, stored.report_text(report))
            body = {"number": number}
            line = Line(EntryKind.REPORTED, shown=True, to=to, files=files)
            writes: list[Write] = [
                Replace(COUNT, THE_COUNT, body, known.etag)
                if known
                else Create(COUNT, THE_COUNT, body),
                Create(
                    INCIDENT, made.id, stored.incident_body(made, Sealed(key, theirs, text, ""))
                ),
                *self._line(tenancy, made, line, 1, made.reporter, "", theirs=True),
                *self._forwards(made, 1, outside),
            ]
            draft = await self._documents.get(tenancy.partition, DRAFT, made.reporter)
            if of_draft and draft is not None:
                writes.append(Delete(DRAFT, draft.id, draft.etag))
            facts: dict[str, Fact] = {"severity": made.severity.value, "kind": made.kind.value}
            facts |= {"files": len(files)} if files else {}
            event = Event(Action.INCIDENT_REPORTED, made.reporter, made.id, facts)
            try:
                await self.commit(tenancy, writes, events=[event], once=once)
            except (Conflict, NotFound) as error:
                self.again(error)
                continue  # somebody else took the number
            return made
        raise Conflict("Too many reports at once; try again.")

    async def end_draft(self, tenancy: Tenancy, person: str) -> None:
        """Removes somebody's draft that became part of something; one that they change at this
        moment stays."""
        draft = await self._documents.get(tenancy.partition, DRAFT, person)
        if draft is not None:
            with suppress(Conflict, NotFound):
                await self._documents.batch(
                    tenancy.partition, [Delete(DRAFT, draft.id, draft.etag)]
                )

    async def commit(
        self,
        tenancy: Tenancy,
        writes: Sequence[Write],
        *,
        events: Sequence[Event] = (),
        once: str = "",
    ) -> None:
        """All of it or nothing, and once for an activity. Raises Replayed, and what a batch
        raises."""
        await self._activities.commit(tenancy.partition, writes, events=events, once=once)

    @staticmethod
    def again(error: Exception) -> None:
        """Raises what must not be tried again: an activity that had its effect."""
        if isinstance(error, Replayed):
            raise error

    async def change(
        self,
        found: Opened,
        after: Incident,
        lines: Sequence[Line],
        *,
        by: str,
        details: Details | None = None,
        theirs: bool = False,
        action: Action = Action.INCIDENT_CHANGED,
        once: str = "",
        beside: Sequence[Beside] = (),
    ) -> Incident:
        """Writes the incident over what was read, with its new lines, their messages and the audit
        entry, and others `beside` it in the same batch; `theirs` are lines of the reporter,
        sealed under their key. Conflict when one is another by now, Replayed."""
        outside = await listening(self._documents, found.tenancy)
        sealed, keyring = found.sealed, found.tenancy.keyring
        if details is not None:
            context = f"incident|{found.incident.id}|details"
            text = stored.details_text(details)
            sealed = sealed._replace(details=stored.seal(keyring, sealed.key, context, text))
        kept = found._replace(sealed=sealed)
        made, writes, event = self._over(
            kept, after, lines, by, outside, theirs=theirs, action=action
        )
        events = [event]
        for one in beside:
            _, more, other = self._over(*one, by, outside, action=action)
            writes, events = [*writes, *more], [*events, other]
        try:
            await self._activities.commit(found.tenancy.partition, writes, events=events, once=once)
        except Replayed:
            raise
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error
        return made

    def _over(
        self,
        found: Opened,
        after: Incident,
        lines: Sequence[Line],
        by: str,
        outside: Sequence[str],
        *,
        theirs: bool = False,
        action: Action,
    ) -> tuple[Incident, list[Write], Event]:
        """The incident with its new lines, their writes and what the trail says."""
        tenancy, sealed, keyring = found.tenancy, found.sealed, found.tenancy.keyring
        now_ms, number = self._clock.now_ms(), found.incident.entries
        if number + len(lines) > MOST_ENTRIES:
            raise Conflict("Its timeline is full; close it and go on in another.", code="too-many")
        made = after._replace(
            version=found.incident.version + 1, entries=number + len(lines), changed_at_ms=now_ms
        )
        body = stored.incident_body(made, sealed)
        writes: list[Write] = [Replace(INCIDENT, made.id, body, found.etag)]
        key = sealed.reporter_key if theirs else sealed.key
        for line in lines:
            number += 1
            context = f"incident|{stored.entry_id(made.id, number)}"
            text = stored.seal(keyring, key, context, line.text)
            writes += self._line(tenancy, made, line, number, by, text, theirs=theirs)
            writes += self._forwards(made, number, outside)
        what = ",".join(dict.fromkeys(line.kind.value for line in lines)) or "facts"
        event = Event(action, by or "system", made.id, {"what": what, "state": made.state.value})
        return made, writes, event

    async def forget(self, found: Opened, *, actor: Actor) -> None:
        """Deletes the reporter's key and id, and the messages to them; what they wrote cannot be
        read again, the facts stay. The key goes last, so that one that was cut off is asked for
        again and finishes. Conflict when it is another by now."""
        partition, before = found.tenancy.partition, found.incident
        async for page in self._of(partition, ENTRY, before.id):
            gone: list[Write] = [
                Upsert(ENTRY, one.id, {**one.body, "actor": "", "text": ""})
                for one in page
                if one.body["theirs"]
            ]
            if gone:
                await self._documents.batch(partition, gone)
        async for page in self._of(partition, DELIVERY, before.id):
            gone = [
                Delete(DELIVERY, one.id, one.etag)
                for one in page
                if one.body["to"] and one.body["to"] == before.reporter
            ]
            if gone:
                await self._documents.batch(partition, gone)
        after = before._replace(reporter="", version=before.version + 1)
        kept = found.sealed._replace(reporter_key="", report="")
        write = Replace(INCIDENT, after.id, stored.incident_body(after, kept), found.etag)
        event = Event(Action.INCIDENT_REPORTER_FORGOTTEN, actor.person_id, after.id)
        await self._activities.commit(partition, [write], events=[event])

    async def _of(
        self, partition: str, kind: Kind, incident: str
    ) -> AsyncIterator[tuple[Document, ...]]:
        """The documents of an incident, a page at a time; a page has room in one batch."""
        cursor = None
        while True:
            page = await self._documents.query(
                partition, kind, where={"incident": incident}, cursor=cursor, limit=MOST_WRITES
            )
            yield page.documents
            cursor = page.next
            if cursor is None:
                return

    def _line(
        self,
        tenancy: Tenancy,
        incident: Incident,
        line: Line,
        number: int,
        by: str,
        text: str,
        *,
        theirs: bool,
    ) -> list[Write]:
        """A line with its messages: their ids follow from it, so that it is told once."""
        now_ms = self._clock.now_ms()
        told = {"files": str(len(line.files))} if line.files else {}
        facts = tuple({**line.facts, **told}.items())
        entry = Entry(number, now_ms, line.kind, by, line.shown, theirs, facts, "")
        id = stored.entry_id(incident.id, number)
        writes: list[Write] = [Create(ENTRY, id, stored.entry_body(incident.id, entry, text))]
        for one in line.files:
            kept = {"incident": incident.id, "entry": number, "state": FileState.KEPT.value}
            seen = {"theirs": theirs, "shown": line.shown}
            writes.append(Replace(FILE, one.id, {**one.body, **kept, **seen}, one.etag))
        for to in dict.fromkeys(line.to):
            made = Delivery(
                delivery_id(id, to), incident.id, number, to, Stage.WAITING, now_ms, now_ms
            )
            body = stored.delivery_body(made)
            writes.append(Create(DELIVERY, made.id, body, now_ms + KEPT_MS))
        return writes

    def _forwards(self, incident: Incident, number: int, outside: Sequence[str]) -> list[Write]:
        """A line on its way to the systems that hear of it."""
        now_ms = self._clock.now_ms()
        writes: list[Write] = []
        for to in outside:
            id = forward_id(stored.entry_id(incident.id, number), to)
            made = Forward(id, to, incident.id, number, now_ms, now_ms, since_ms=now_ms)
            writes.append(Create(FORWARD, id, forward_body(made), now_ms + KEPT_MS))
        return writes


def delivery_id(entry: str, to: str) -> str:
    """The id of the message of a line to somebody."""
    return f"{entry}-{hashlib.sha256(to.encode()).hexdigest()[:16]}"


def team(incident: Incident, *, but: str = "") -> tuple[str, ...]:
    """Who of the responders hears of it: lead, responders and watchers, but one."""
    people = (incident.lead, *incident.responders, *incident.watchers)
    return tuple(one for one in dict.fromkeys(people) if one and one != but)


def _opened(tenancy: Tenancy, document: Document) -> Opened:
    incident = stored.incident(document.id, document.body)
    return Opened(tenancy, document.etag, incident, stored.sealed(document.body))
