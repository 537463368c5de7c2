"""Sending what waits: claimed in the store, handed to its carrier, marked.

A process that ends between the carrier's yes and the mark hands the message over again once its
hold ends, with the same key: SMS carriers take a key once, mail readers show one Message-ID once,
and in either case code or link are the same, so that the copy misleads nobody.

Whom a chat does not reach is written to by mail where the message is essential, in the batch that
ends the other: at their own address where their tenant named one, else, unless it is for the person
alone, at the address that the organisation has proven, once for each cause. Without an address the
message waits for a chat until it is too late.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from portal.domain.communications import documents as stored
from portal.domain.communications.documents import CHOICES, KEPT_MS, MESSAGE
from portal.domain.communications.model import (
    PERSONAL,
    Dropped,
    Message,
    MessageClass,
    Stage,
    Way,
    class_of,
    purpose_of,
)
from portal.domain.communications.outbox import to_organization, to_person
from portal.domain.communications.ports import (
    Addresses,
    Busy,
    Carrier,
    Members,
    Parcel,
    Refused,
    Unreachable,
)
from portal.domain.communications.texts import written
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity, Part, State, lets
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound

HOLD_MS = 2 * 60_000
CARRY_SECONDS = 30.0
FIRST_WAIT_MS = 5_000
LONGEST_WAIT_MS = 15 * 60_000
AT_ONCE = 8


class Told(NamedTuple):
    """What a round did; `failures` are what carriers raised."""

    sent: int = 0
    dropped: int = 0
    put_off: int = 0
    failures: tuple[Exception, ...] = ()


class _After(NamedTuple):
    """A message as it stands, and what else is written with it."""

    message: Message
    writes: Sequence[Write] = ()


class Sending:
    """Sends the messages of all organisations; what has no carrier waits until it is too late."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        carriers: Mapping[Way, Carrier],
        clock: Clock,
        base_url: str,
        addresses: Addresses | None = None,
        members: Members | None = None,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._carriers = dict(carriers)
        self._clock = clock
        self._base_url = base_url
        self._addresses = addresses
        self._members = members

    async def send(self) -> Told:
        """One round over everything that is due, most pressing first; what is not essential
        waits while the organisation is suspended."""
        told, room = Told(), asyncio.Semaphore(AT_ONCE)
        for organization in await self._organizations.all():
            code = organization.code
            waiting = [one async for one in self._due(self._organizations.partition(code))]
            if not waiting or not await self._organizations.serves(code, Activity.TELL_ESSENTIAL):
                continue
            tenancy = await self._organizations.get(code)
            state = self._organizations.last_state(code) or State.ACTIVE
            every = lets(state, Part.SERVICE, Activity.TELL)
            read = [
                (stored.message(one.id, one.body, tenancy.keyring), one.etag) for one in waiting
            ]
            due = [one for one in read if every or class_of(one[0].topic) is MessageClass.ESSENTIAL]
            due.sort(key=lambda one: one[0].until_ms)
            for after, failure in await asyncio.gather(
                *(self._one(tenancy, one, etag, room) for one, etag in due)
            ):
                told = _counted(told, after, failure)
        return told

    async def _due(self, partition: str) -> AsyncIterator[Document]:
        cursor = None
        while True:
            page = await self._documents.query(
                partition, MESSAGE, where={"stage": Stage.WAITING.value}, cursor=cursor
            )
            now_ms = self._clock.now_ms()
            for document in page.documents:
                body = document.body
                if max(body["due_at_ms"], body["held_until_ms"]) <= now_ms:
                    yield document
            cursor = page.next
            if cursor is None:
                return

    async def _one(
        self, tenancy: Tenancy, one: Message, etag: str, room: asyncio.Semaphore
    ) -> tuple[Message | None, Exception | None]:
        """The message as it stands now, None when another worker has it; what went wrong."""
        async with room:
            now_ms = self._clock.now_ms()
            held = one._replace(held_until_ms=now_ms + HOLD_MS, attempts=one.attempts + 1)
            try:
                await self._mark(tenancy, held, etag)
            except (Conflict, NotFound):
                return None, None
            failure: Exception | None = None
            try:
                after, writes = await self._outcome(tenancy, held)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
                failure = error
                wait = min(FIRST_WAIT_MS * 2 ** min(held.attempts - 1, 10), LONGEST_WAIT_MS)
                after, writes = self._later(held, wait)
            document = await self._documents.get(tenancy.partition, MESSAGE, held.id)
            if document is not None and document.body["attempts"] == held.attempts:
                with suppress(Conflict):  # another wrote the same mail: looked at again
                    await self._mark(tenancy, after, document.etag, writes)
            return after, failure

    async def _outcome(self, tenancy: Tenancy, one: Message) -> _After:
        late = self._clock.now_ms() >= one.until_ms
        if late or await self._is_silenced(tenancy, one):
            return _drop(one, Dropped.TOO_LATE if late else Dropped.SILENCED)
        carrier = self._carriers.get(one.way)
        if carrier is None:
            return self._later(one, LONGEST_WAIT_MS)
        words = written(one.topic, one.language, one.values, self._base_url)
        parcel = Parcel(
            f"{tenancy.partition}|{one.id}",
            tenancy.organization.code,
            one.person,
            one.to,
            one.topic.value,
            words,
            one.values.get("code", ""),
            one.language,
            one.values,
        )
        try:
            async with asyncio.timeout(CARRY_SECONDS):
                await carrier.carry(parcel)
        except Refused:
            return _drop(one, Dropped.REFUSED)
        except Unreachable as unreachable:
            return await self._otherwise(tenancy, one, for_good=unreachable.for_good)
        except Busy as busy:
            return self._later(one, min(max(round(busy.retry_after * 1000), 1000), LONGEST_WAIT_MS))
        return _After(one._replace(stage=Stage.SENT, held_until_ms=0))

    async def _otherwise(self, tenancy: Tenancy, one: Message, *, for_good: bool) -> _After:
        """Where the way does not lead to them: by mail, later, or not at all."""
        if class_of(one.topic) is MessageClass.ESSENTIAL:
            mail = None if for_good else await self._to_person(tenancy, one)
            if mail is not None:
                return _drop(one, Dropped.BY_MAIL)._replace(writes=(mail,))
            told = await self._to_organization(tenancy, one)
            if told is not None:
                return _drop(one, Dropped.BY_MAIL)._replace(writes=told)
        if for_good:
            return _drop(one, Dropped.UNREACHABLE)
        return self._later(one, LONGEST_WAIT_MS)

    async def _to_person(self, tenancy: Tenancy, one: Message) -> Write | None:
        """The mail to their own address; None where it is not known."""
        if self._members is None:
            return None
        address = await self._members.mail(tenancy.organization.code, one.person)
        return to_person(tenancy, one, address, self._clock.now_ms()) if address else None

    async def _to_organization(self, tenancy: Tenancy, one: Message) -> Sequence[Write] | None:
        """The mail to the organisation's address, nothing where it was written before; None where
        there is none, and for what is for the person alone."""
        if self._addresses is None or one.topic in PERSONAL:
            return None
        address = await self._addresses.mail(tenancy, purpose_of(one.topic))
        if not address:
            return None
        known, mail = to_organization(tenancy, one, address, self._clock.now_ms())
        ids = (known, mail.id)
        told = [await self._documents.get(tenancy.partition, MESSAGE, id) for id in ids]
        return () if any(told) else (mail,)

    def _later(self, one: Message, wait_ms: int) -> _After:
        due_at_ms = self._clock.now_ms() + wait_ms
        return _After(one._replace(due_at_ms=due_at_ms, held_until_ms=0))

    async def _is_silenced(self, tenancy: Tenancy, one: Message) -> bool:
        """By the reader's choice as of this moment; nobody can silence what is essential."""
        if class_of(one.topic) is MessageClass.ESSENTIAL:
            return False
        known = await self._documents.get(tenancy.partition, CHOICES, one.person or "-")
        return known is not None and one.way in stored.choices(known.body).silenced

    async def _mark(
        self, tenancy: Tenancy, one: Message, etag: str, writes: Sequence[Write] = ()
    ) -> None:
        body = stored.message_body(one, tenancy.keyring)
        expires = one.created_at_ms + KEPT_MS
        await self._documents.batch(
            tenancy.partition, [Replace(MESSAGE, one.id, body, etag, expires), *writes]
        )


def _drop(one: Message, why: Dropped) -> _After:
    return _After(one._replace(stage=Stage.DROPPED, dropped=why.value, held_until_ms=0))


def _counted(told: Told, one: Message | None, failure: Exception | None) -> Told:
    if failure is not None:
        told = told._replace(failures=(*told.failures, failure))
    if one is None:
        return told
    if one.stage is Stage.SENT:
        return told._replace(sent=told.sent + 1)
    if one.stage is Stage.DROPPED:
        return told._replace(dropped=told.dropped + 1)
    return told._replace(put_off=told.put_off + 1)
