"""Erasing terminated organisations: a plan of steps, carried out by the worker when it is due.

First what is kept outside the documents goes, then the organisation's key and everything that
names it in the region's directory: from then on nothing sealed can be read, wherever a copy is
left. Contacts and documents are removed after that, and whether nothing is left is looked at again
a while later. The plan lies in the region's directory; each step is written there with the
region's audit entry, so a killed worker goes on where it was, and doing a part again is harmless.
"""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple, cast

from portal.domain.access.documents import ACCOUNT, TALLY, TENANT
from portal.domain.alerts.documents import PLACE
from portal.domain.audit.model import HEAD, Action, Event, Fact
from portal.domain.audit.service import HEAD_ID, Audit
from portal.domain.contacts.waiting import NOTE
from portal.domain.organizations.ports import NAME, ORGANIZATION
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import ERASURE, STANDING, STANDING_ID, State
from portal.domain.setup.tenant_codes import HOLDER
from portal.domain.shared.blobs import Blobs, Owner
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import (
    Compacting,
    Create,
    Delete,
    Document,
    Documents,
    Erasing,
    Replace,
    Write,
)
from portal.domain.shared.errors import Conflict, NotFound, Unavailable
from portal.domain.shared.fields import Kind
from portal.domain.shared.sealing import Keyring, Keyrings
from portal.domain.standing.service import Standings

SYSTEM = "system"
AT_ONCE = 20_000
"""So much of a store is removed in one transaction or one walk over its partitions."""
SETTLING_MS = 20 * 60_000
"""How long after the last removal it is looked whether somebody's late write is left; longer than
a file may take to come (incidents/evidence.py)."""
NAMING = (NAME, TENANT, HOLDER, PLACE, NOTE, TALLY)
"""Kinds of the region's directory whose documents are of one organisation."""


class Step(StrEnum):
    """The steps of a plan, in their order."""

    FILES = "files"
    DIRECTORY = "directory"
    KEY = "key"
    CONTACTS = "contacts"
    DOCUMENTS = "documents"
    VERIFIED = "verified"


class Plan(NamedTuple):
    """How far an erasure is: when each step was done (0: not yet), and how much went. `entries` and
    `trail` are the length and the end of the organisation's own audit trail, so that a copy that
    was taken along can still be checked."""

    code: str
    begun_at_ms: int
    files_at_ms: int = 0
    directory_at_ms: int = 0
    key_at_ms: int = 0
    contacts_at_ms: int = 0
    documents_at_ms: int = 0
    verified_at_ms: int = 0
    files: int = 0
    directory: int = 0
    key: int = 0
    contacts: int = 0
    documents: int = 0
    verified: int = 0
    entries: int = 0
    trail: str = ""

    def at_ms(self, step: Step) -> int:
        """When the step was done; 0 before."""
        done: int = getattr(self, f"{step}_at_ms")
        return done

    @property
    def next_step(self) -> Step | None:
        """What is to do; None when it is over."""
        return next((step for step in Step if not self.at_ms(step)), None)


class Places(NamedTuple):
    """Everything an organisation is kept in."""

    organizations: Organizations
    documents: Documents
    contacts: object
    blobs: Blobs
    keyrings: Keyrings
    audit: Audit
    clock: Clock


class Erasures:
    """The erasures of a region."""

    def __init__(self, places: Places, standings: Standings) -> None:
        self._places = places
        self._standings = standings
        self._does: dict[Step, Callable[[Plan], Awaitable[int]]] = {
            Step.FILES: self._files,
            Step.DIRECTORY: self._directory,
            Step.KEY: self._key,
            Step.CONTACTS: self._contacts,
            Step.DOCUMENTS: self._documents,
        }

    async def look(self) -> int:
        """Begins what is due and goes on with what has begun, part by part, until nothing is to do
        at this moment; how many parts there were. Raises what the stores raise."""
        await self._begin()
        parts = 0
        async for document in self._each(self._directory_partition, ERASURE):
            plan = Plan(**document.body)
            if plan.next_step is None:
                continue
            with suppress(Conflict, NotFound):  # another worker does it
                parts += await self._go_on(plan, document.etag)
        return parts

    async def plans(self) -> tuple[Plan, ...]:
        """Every erasure of the region that began, by organisation."""
        found = [Plan(**one.body) async for one in self._each(self._directory_partition, ERASURE)]
        return tuple(found)

    @property
    def _directory_partition(self) -> str:
        return self._places.organizations.directory

    def _partition(self, plan: Plan) -> str:
        return f"{self._places.organizations.region}|{plan.code}"

    async def _begin(self) -> None:
        """Writes the plan of each organisation that is due, or was when a worker ended."""
        places = self._places
        for organization in await places.organizations.all():
            tenancy = await places.organizations.get(organization.code)
            state = await places.organizations.state(organization.code)
            if state is State.TERMINATED and await self._standings.begin_erasure(tenancy):
                state = State.ERASING
            if state is not State.ERASING:
                continue
            known = await places.documents.get(tenancy.partition, STANDING, STANDING_ID)
            head = await places.documents.get(tenancy.partition, HEAD, HEAD_ID)
            plan = Plan(
                organization.code,
                int(known.body["at_ms"]) if known else places.clock.now_ms(),
                entries=int(head.body["sequence"]) if head else 0,
                trail=str(head.body["hash"]) if head else "",
            )
            event = Event(Action.ERASURE_BEGUN, SYSTEM, plan.code, {"entries": plan.entries})
            with suppress(Conflict):  # it is there already
                await places.audit.commit(
                    self._directory_partition,
                    [event],
                    [Create(ERASURE, plan.code, plan._asdict())],
                )

    async def _go_on(self, plan: Plan, etag: str) -> int:
        """Does steps until one has to wait, or nothing is to do; how many parts of them."""
        parts = 0
        while (step := plan.next_step) is not None:
            now_ms = self._places.clock.now_ms()
            if step is Step.VERIFIED:
                if now_ms < plan.documents_at_ms + SETTLING_MS:
                    return parts
                left = await self._late_files(plan)
                left += await self._contacts(plan) + await self._documents(plan)
                after = plan._replace(verified=plan.verified + left)
                if left:  # somebody's late write: look again later
                    after = after._replace(documents_at_ms=now_ms)
                    etag = await self._write(after, etag)
                    return parts + 1
                if isinstance(self._places.documents, Compacting):
                    await self._places.documents.compact()
                await self._end(after._replace(verified_at_ms=now_ms), etag)
                return parts + 1
            gone = await self._does[step](plan)
            plan = _with(plan, step.value, getattr(plan, step) + gone)
            if gone == 0:
                plan = _with(plan, f"{step}_at_ms", now_ms)
                etag = await self._write(plan, etag, step)
            else:
                etag = await self._write(plan, etag)
            parts += 1
        return parts

    async def _write(self, plan: Plan, etag: str, done: Step | None = None) -> str:
        """Writes how far it is, with the region's audit entry for a step that is done; the new
        version. Conflict when another worker is at it."""
        write: Write = Replace(ERASURE, plan.code, plan._asdict(), etag)
        if done is None:
            await self._places.documents.batch(self._directory_partition, [write])
        else:
            facts: dict[str, Fact] = {"step": done.value, "count": getattr(plan, done)}
            event = Event(Action.ERASURE_STEP_DONE, SYSTEM, plan.code, facts)
            await self._places.audit.commit(self._directory_partition, [event], [write])
        known = await self._places.documents.get(self._directory_partition, ERASURE, plan.code)
        if known is None or dict(known.body) != plan._asdict():
            raise Conflict("Another worker is at it.")
        return known.etag

    async def _end(self, plan: Plan, etag: str) -> None:
        """Says what went; the plan stays."""
        facts: dict[str, Fact] = {
            step.value: getattr(plan, step) for step in Step if step is not Step.VERIFIED
        }
        facts |= {"late": plan.verified, "entries": plan.entries, "trail": plan.trail[:16]}
        event = Event(Action.ERASURE_COMPLETED, SYSTEM, plan.code, facts)
        write = Replace(ERASURE, plan.code, plan._asdict(), etag)
        await self._places.audit.commit(self._directory_partition, [event], [write])

    # --- the steps; each does a part and says how much, 0 when nothing is left ------------

    async def _files(self, plan: Plan) -> int:
        blobs = self._places.blobs
        tenancy = await self._places.organizations.get(plan.code)
        return await _emptied(blobs, Owner(tenancy.partition, tenancy.keyring))

    async def _late_files(self, plan: Plan) -> int:
        """What was on its way in while the others went. Nobody can read it, since the key is gone;
        to find and remove blobs asks for none."""
        owner = Owner(self._partition(plan), cast(Keyring, None))
        return await _emptied(self._places.blobs, owner)

    async def _directory(self, plan: Plan) -> int:
        """Everything that leads to the organisation, but the organisation itself."""
        documents, directory, gone = self._places.documents, self._directory_partition, 0
        for kind in NAMING:
            async for one in self._each(directory, kind):
                if one.body.get("organization") == plan.code:
                    await documents.batch(directory, [Delete(kind, one.id, one.etag)])
                    gone += 1
        async for one in self._each(directory, ACCOUNT):
            listed = list(one.body["organizations"])
            if plan.code in listed:
                left = [code for code in listed if code != plan.code]
                body = dict(one.body) | {"organizations": left}
                write: Write = (
                    Replace(ACCOUNT, one.id, body, one.etag)
                    if left
                    else Delete(ACCOUNT, one.id, one.etag)
                )
                await documents.batch(directory, [write])
                gone += 1
        return gone

    async def _key(self, plan: Plan) -> int:
        """The outer keys of its own, then the organisation with its wrapped key."""
        places, directory = self._places, self._directory_partition
        document = await places.documents.get(directory, ORGANIZATION, plan.code)
        if document is None:
            return 0
        wrapped = base64.b64decode(str(document.body["key"]))
        await places.keyrings.shred(plan.code, wrapped)
        await places.documents.batch(directory, [Delete(ORGANIZATION, plan.code, document.etag)])
        places.organizations.forget(plan.code)
        return 1

    async def _contacts(self, plan: Plan) -> int:
        return await _erasing(self._places.contacts).erase(self._partition(plan), most=AT_ONCE)

    async def _documents(self, plan: Plan) -> int:
        store = _erasing(self._places.documents)
        return await store.erase(self._partition(plan), most=AT_ONCE)

    async def _each(self, partition: str, kind: Kind) -> AsyncIterator[Document]:
        """The documents as they were when the page was read; what goes meanwhile does no harm."""
        cursor = None
        while True:
            page = await self._places.documents.query(partition, kind, cursor=cursor)
            found: Sequence[Document] = page.documents
            for document in found:
                yield document
            cursor = page.next
            if cursor is None:
                return


async def _emptied(blobs: Blobs, owner: Owner) -> int:
    names = {*await blobs.names(owner), *await blobs.left(owner)}
    for name in sorted(names):
        await blobs.delete(owner, name)
    return len(names)


def _with(plan: Plan, field: str, value: int) -> Plan:
    return Plan(**plan._asdict() | {field: value})


def _erasing(store: Any) -> Erasing:
    if not isinstance(store, Erasing):
        raise Unavailable("This store does not erase; nothing was removed.")
    return store
