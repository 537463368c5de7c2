"""Everything of an organisation, to be taken along: contacts, audit trail, settings and records,
and the files of its incidents.

Each part is JSON Lines, made as it is read, so that a part may be larger than memory. A file of
evidence is a line `file` that describes it and lines `file_bytes` with its bytes in order, base64,
each with where it begins; what was removed meanwhile or is damaged ends with `file_missing`, and
the digest in the first line proves the others. Files that nobody sent with anything stay their
owners' and are left out. Personal data is opened: whoever takes it along is the customer, has just
proven who they are, and is in the trail before the first line leaves.
"""

import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum, StrEnum
from typing import Any, NamedTuple

from portal.domain.access import documents as access_documents
from portal.domain.access.documents import MEMBER
from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require_recent_proof, require_unnarrowed
from portal.domain.access.shelf import Shelf
from portal.domain.alerts import documents as alert_documents
from portal.domain.alerts.documents import RULE
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.contacts import filing
from portal.domain.contacts.imports import IMPORT, QUARANTINE
from portal.domain.contacts.ports import Contacts, Leaving, Moved, Tenant
from portal.domain.disclosures.service import Disclosures
from portal.domain.incidents import evidence
from portal.domain.incidents.casebook import Casebook
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.policies import documents as policy_documents
from portal.domain.policies.documents import REQUEST, WORD
from portal.domain.setup.call_handling import CallHandling
from portal.domain.shared.blobs import Blobs
from portal.domain.shared.clock import Clock, iso
from portal.domain.shared.documents import Document, Documents
from portal.domain.shared.errors import Damaged, NotFound, Unavailable
from portal.domain.shared.fields import Kind, Purpose
from portal.domain.standing import documents as stored
from portal.domain.standing.documents import APPEAL, CHANGE
from portal.domain.verification.proofs import Proofs
from portal.domain.views import model as views

LINES_TOGETHER = 64 * 1024


class Part(StrEnum):
    """What is taken along at once."""

    CONTACTS = "contacts"
    AUDIT = "audit"
    SETTINGS = "settings"
    FILES = "files"


class Sources(NamedTuple):
    """Where everything is read from. `proof_s` is how long ago the second factor may be."""

    organizations: Organizations
    documents: Documents
    contacts: Contacts
    blobs: Blobs
    audit: Audit
    shelf: Shelf
    proofs: Proofs
    call_handling: CallHandling
    incidents: Casebook
    disclosures: Disclosures
    clock: Clock
    proof_s: float


class Export:
    """Takes organisations along."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def take(self, part: Part, *, actor: Actor) -> AsyncIterator[bytes]:
        """The part as pieces of JSON Lines. Forbidden, StepUpRequired; both before a piece."""
        require_unnarrowed(actor, Permission.ORGANIZATION_EXPORT)
        sources = self._sources
        now_ms = sources.clock.now_ms()
        require_recent_proof(actor, now_ms=now_ms, max_age_s=sources.proof_s)
        tenancy = await sources.organizations.get(actor.organization)
        event = Event(
            Action.ORGANIZATION_EXPORTED, actor.person_id, actor.organization, {"part": part.value}
        )
        await sources.audit.commit(tenancy.partition, [event])
        parts = {
            Part.CONTACTS: self._contacts,
            Part.AUDIT: self._audit,
            Part.SETTINGS: self._settings,
            Part.FILES: self._files,
        }
        return _pieces(parts[part](tenancy, actor.person_id))

    async def _contacts(self, tenancy: Tenancy, _: str) -> AsyncIterator[Mapping[str, Any]]:
        zone = tenancy.organization.time_zone
        tenant = Tenant(tenancy.partition, zone, tenancy.keyring)
        contacts = self._sources.contacts
        if not isinstance(contacts, Leaving):
            raise Unavailable("This store gives no contacts to be taken along.")
        async for several in contacts.leaving(tenant):
            for one in several:
                yield _contact(one)
        async for document in self._each(tenancy, QUARANTINE):
            row = filing.quarantined(tenant, document)
            yield {"kind": "kept_back"} | row._asdict()

    async def _audit(self, tenancy: Tenancy, _: str) -> AsyncIterator[Mapping[str, Any]]:
        async for entry in self._sources.audit.entries(tenancy.partition):
            yield entry._asdict()

    async def _files(self, tenancy: Tenancy, _: str) -> AsyncIterator[Mapping[str, Any]]:
        sources = self._sources
        async for file, content in evidence.leaving(tenancy, sources.documents, sources.blobs):
            yield _line("file", file)
            at = 0
            try:
                async for piece in content:
                    said = base64.b64encode(piece).decode()
                    yield {"kind": "file_bytes", "id": file.id, "at": at, "base64": said}
                    at += len(piece)
            except (NotFound, Damaged):
                yield {"kind": "file_missing", "id": file.id, "at": at}

    async def _settings(self, tenancy: Tenancy, by: str) -> AsyncIterator[Mapping[str, Any]]:
        sources, keyring = self._sources, tenancy.keyring
        organization = tenancy.organization
        yield _line("organization", organization)
        kept = await sources.proofs.of(tenancy, Purpose.VERIFICATION, by=by)
        yield _line("particulars", kept.contact)
        history = await sources.call_handling.of(tenancy)
        for one in (*history.decisions, *history.acknowledgements):
            yield _line("call_handling", one)
        book = await sources.shelf.book(organization.code)
        for held in (*book.roles.values(), *book.grants.values(), *book.glass.values()):
            yield _line("access", held)
        async for document in self._each(tenancy, MEMBER):
            known = access_documents.member(document.id, document.body, keyring)
            yield _line("person", known)
        async for document in self._each(tenancy, RULE):
            yield _line("alert", alert_documents.rule(document.id, document.body))
        async for document in self._each(tenancy, views.VIEW):
            yield _line("view", views.read(document.id, document.body, keyring))
        async for document in self._each(tenancy, WORD):
            yield {"kind": "policy_word"} | dict(document.body)
        async for document in self._each(tenancy, REQUEST):
            yield _line("support_request", policy_documents.request(document, keyring))
        tenant = Tenant(tenancy.partition, organization.time_zone, keyring)
        async for document in self._each(tenancy, IMPORT):
            yield _line("import", filing.opened(tenant, document, sources.clock.now_ms()))
        async for found in sources.incidents.every(tenancy):
            whole = await sources.incidents.whole(found)
            yield _line("incident", whole)
        cases = await sources.disclosures.told(tenancy)
        for entry in (each for case in cases for each in case.entries):
            yield _line("disclosure", entry)
        async for document in self._each(tenancy, CHANGE):
            yield _line("standing", stored.change(document, tenancy))
        async for document in self._each(tenancy, APPEAL):
            yield _line("appeal", stored.appeal(document, tenancy))

    async def _each(self, tenancy: Tenancy, kind: Kind) -> AsyncIterator[Document]:
        cursor = None
        while True:
            page = await self._sources.documents.query(tenancy.partition, kind, cursor=cursor)
            for document in page.documents:
                yield document
            cursor = page.next
            if cursor is None:
                return


async def _pieces(lines: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    """Lines gathered to pieces worth sending."""
    waiting = bytearray()
    async for line in lines:
        waiting += json.dumps(plain(line), ensure_ascii=False).encode() + b"\n"
        if len(waiting) >= LINES_TOGETHER:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _line(kind: str, one: Any) -> Mapping[str, Any]:
    """A record with what it is in front; what has a kind of its own keeps that as `sort`."""
    told: dict[str, Any] = plain(one)
    if "kind" in told:
        told["sort"] = told["kind"]
    return told | {"kind": kind}


def _contact(of: Moved) -> Mapping[str, Any]:
    one = of.contact
    times = {
        name: iso(ms) if (ms := getattr(one, f"{name}_ms")) is not None else None
        for name in ("started", "arrived", "ended")
    }
    others = {
        name: value
        for name, value in one._asdict().items()
        if name.removesuffix("_ms") not in times
    }
    return {"kind": "contact", "source": of.source, "record": of.record} | times | others


def plain(value: Any) -> Any:
    """The value in what JSON knows: named tuples and dataclasses by their fields' names, sets in
    order, bytes as text where they are text, else base64."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, (frozenset, set)):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, str) or (named := _fields(value)) is None:
        several = isinstance(value, Sequence) and not isinstance(value, str)
        return [plain(one) for one in value] if several else value
    return {str(plain(name)): plain(one) for name, one in named.items()}


def _fields(value: Any) -> Mapping[Any, Any] | None:
    """What has names, by them; None for everything else."""
    if isinstance(value, Mapping):
        return value
    if hasattr(value, "_asdict"):
        return dict(value._asdict())
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return None


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
