"""Sends what waits: every change once to whoever hears of it, in their own chat with the bot; by
mail, which says only that there is something to read, where there is no chat.

A message is held by a claim in the store while it is sent, as those of alerts are; what was handed
over without an answer counts as sent. A process that ends between the channel's yes and the mark
leaves the claim behind: see `copies`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.ports import People
from portal.domain.access.rules import act, may
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.model import Conversation
from portal.domain.alerts.own_chats import OwnChats
from portal.domain.alerts.ports import Busy, Gone, Messenger
from portal.domain.incidents import documents as stored
from portal.domain.incidents.casebook import KEPT_MS, TRIAGE, Casebook, Opened, delivery_id, team
from portal.domain.incidents.documents import DELIVERY
from portal.domain.incidents.model import Delivery, Stage, State, Telling
from portal.domain.incidents.ports import Composer, Letter, Letters
from portal.domain.incidents.standby import Standby
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Documents, Replace
from portal.domain.shared.errors import Conflict, NotFound, Unavailable

HOLD_MS = 60_000
PREPARE_SECONDS, SEND_SECONDS = 20, 30
"""Together shorter than the hold: a message is never in the hands of two."""
LATEST_MS = 24 * 3600 * 1000
"""So long a message waits for a chat or an address of its reader; the tab shows it meanwhile."""
AGAIN_MS = 10 * 60 * 1000
FIRST_WAIT_MS, LONGEST_WAIT_MS = 5_000, 10 * 60 * 1000


class Sent(NamedTuple):
    """What became of the messages of one round."""

    sent: int = 0
    mailed: int = 0
    dropped: int = 0
    put_off: int = 0
    failures: tuple[Exception, ...] = ()


class Teams(NamedTuple):
    """The bot, as far as it is there to tell: who writes and who draws."""

    messenger: Messenger
    composer: Composer


class _Reader(NamedTuple):
    """Who reads it: nobody in person in the channel."""

    language: str
    person: str = ""
    actor: Actor | None = None
    reports: bool = False


class IncidentSending:
    """One round over the waiting messages of every organisation."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        book: Casebook,
        conversations: Conversations,
        people: People,
        teams: Teams | None,
        letters: Letters | None,
        standby: Standby,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._book = book
        self._conversations = conversations
        self._people = people
        self._teams = teams
        self._letters = letters
        self._standby = standby
        self._clock = clock

    async def send(self) -> Sent:
        """Sends every message that is due, in the order of what they tell; those of a suspended
        organisation wait. Raises what the store raises."""
        counts = dict.fromkeys(Stage, 0)
        failures: list[Exception] = []
        for organization in await self._organizations.all():
            code = organization.code
            due = [one async for one in self._due(self._organizations.partition(code))]
            if not due or not await self._organizations.serves(code, Activity.TELL):
                continue
            tenancy = await self._organizations.get(code)
            for one, etag in due:
                after, failure = await self._one(tenancy, one, etag)
                if after is not None:
                    counts[after.stage] += 1
                if failure is not None:
                    failures.append(failure)
        return Sent(
            counts[Stage.SENT],
            counts[Stage.MAILED],
            counts[Stage.DROPPED],
            counts[Stage.WAITING],
            tuple(failures),
        )

    async def _due(self, partition: str) -> AsyncIterator[tuple[Delivery, str]]:
        cursor = None
        while True:
            page = await self._documents.query(
                partition, DELIVERY, where={"stage": Stage.WAITING}, cursor=cursor
            )
            now_ms = self._clock.now_ms()
            for document in page.documents:
                one = stored.delivery(document.id, document.body)
                if one.due_at_ms <= now_ms and one.held_until_ms <= now_ms:
                    yield one, document.etag
            cursor = page.next
            if cursor is None:
                return

    async def _one(
        self, tenancy: Tenancy, one: Delivery, etag: str
    ) -> tuple[Delivery | None, Exception | None]:
        """The message as it stands now, None when another worker has it; what went wrong."""
        held = one._replace(held_until_ms=self._clock.now_ms() + HOLD_MS, attempts=one.attempts + 1)
        try:
            await self._mark(tenancy, held, etag)
        except (Conflict, NotFound):
            return None, None
        failure: Exception | None = None
        try:
            after = await self._outcome(tenancy, held)
        except Busy as busy:
            wait = min(max(round(busy.retry_after * 1000), 1000), LONGEST_WAIT_MS)
            after = self._later(held, wait)
        except Exception as error:  # noqa: BLE001 - whatever it was, the message is tried again
            after = self._later(
                held, min(FIRST_WAIT_MS * 2 ** min(held.attempts, 10), LONGEST_WAIT_MS)
            )
            failure = error
        document = await self._documents.get(tenancy.partition, DELIVERY, held.id)
        if document is None or document.body["attempts"] != held.attempts:
            return after, failure
        now = stored.delivery(document.id, document.body)
        if now.stage is Stage.SENT:  # its reader was faster than its mark
            return now, failure
        await self._mark(tenancy, after, document.etag)
        return after, failure

    async def _outcome(self, tenancy: Tenancy, one: Delivery) -> Delivery:
        async with asyncio.timeout(PREPARE_SECONDS):
            found = await self._book.opened(tenancy.organization.code, one.incident)
            reader = await self._reader(tenancy, one, found)
            if reader is None:
                return _drop(one, "not_permitted")
            chat = None if self._teams is None else await self._chat(tenancy, reader)
            telling = (
                None if chat is None else await self._telling(tenancy, one, found, reader, chat)
            )
            message = (
                await self._teams.composer.compose(telling) if self._teams and telling else None
            )
        if self._teams is None or chat is None or message is None:
            return await self._by_mail(tenancy, one, found, reader)
        chats = OwnChats(self._organizations, self._conversations, self._teams.messenger)
        try:
            activity = await chats.hand_over(tenancy, chat, message)
        except Gone:
            return await self._by_mail(tenancy, one, found, reader)
        return one._replace(stage=Stage.SENT, activity=activity, held_until_ms=0)

    async def _by_mail(
        self, tenancy: Tenancy, one: Delivery, found: Opened, reader: _Reader
    ) -> Delivery:
        """A mail where there is an address; else the message waits for a chat, for a day."""
        if one.to == TRIAGE:
            await self._instead(tenancy, one, found)
            return _drop(one, "gone")
        if self._letters is not None:
            letter = Letter(
                tenancy.organization.code,
                one.to,
                found.incident.reference,
                reader.language,
                one.id,
                f"/tab/?view=incidents&{'report' if reader.reports else 'incident'}={one.incident}",
            )
            async with asyncio.timeout(SEND_SECONDS):
                if await self._letters.send(letter):
                    return one._replace(stage=Stage.MAILED, held_until_ms=0)
        if self._clock.now_ms() - one.created_at_ms >= LATEST_MS:
            return _drop(one, "unreachable")
        return self._later(one, AGAIN_MS)

    async def _instead(self, tenancy: Tenancy, one: Delivery, found: Opened) -> None:
        """What the channel cannot be told any more, to who may handle it where nobody has it."""
        incident = found.incident
        if team(incident):
            return
        terms, _ = await self._book.terms(tenancy)
        to = await self._standby.instead(
            tenancy.organization.code, terms, but=incident.reporter, lost=True
        )
        entry, now_ms = stored.entry_id(incident.id, one.entry), self._clock.now_ms()
        for person in to:
            id = delivery_id(entry, person)
            made = Delivery(id, incident.id, one.entry, person, Stage.WAITING, now_ms, now_ms)
            write = Create(DELIVERY, id, stored.delivery_body(made), now_ms + KEPT_MS)
            with suppress(Conflict):  # written before the process ended
                await self._documents.batch(tenancy.partition, [write])

    async def _reader(self, tenancy: Tenancy, one: Delivery, found: Opened) -> _Reader | None:
        """Who reads it, as of this moment; None when they may not any more."""
        if one.to == TRIAGE:
            terms, _ = await self._book.terms(tenancy)
            return _Reader(terms.triage_language)
        person, code = await self._people.find(one.to), tenancy.organization.code
        if person is None or code not in person.holdings:
            return None
        actor, incident = act(person, code), found.incident
        chosen = await self._conversations.preference(person)
        reports = incident.reporter == one.to
        known = team(incident)
        handles = may(actor, Permission.INCIDENTS_HANDLE) and (
            (one.to in known and one.entry > 1) or not known
        )  # somebody has it by now: nobody is called any more
        if handles and not reports:
            return _Reader(chosen.language, one.to, actor)
        if reports and may(actor, Permission.INCIDENTS_REPORT):
            return _Reader(chosen.language or incident.language, one.to, actor, reports=True)
        return None

    async def _chat(self, tenancy: Tenancy, reader: _Reader) -> Conversation | None:
        try:
            if reader.actor is not None:
                return await self._conversations.own(actor=reader.actor)
            terms, _ = await self._book.terms(tenancy)
            code = tenancy.organization.code
            if not await self._conversations.is_told(code, terms.triage):
                return None
            return await self._conversations.get(tenancy, terms.triage)
        except Unavailable:
            return None  # a reference that was tampered with is nobody's address

    async def _telling(
        self,
        tenancy: Tenancy,
        one: Delivery,
        found: Opened,
        reader: _Reader,
        chat: Conversation,
    ) -> Telling | None:
        whole = await self._book.whole(found)
        entry = next((line for line in whole.entries if line.number == one.entry), None)
        if entry is None or (reader.reports and not entry.shown):
            return None
        alone = reader.actor is not None
        lead = await self._people.find(found.incident.lead) if found.incident.lead else None
        return Telling(
            tenancy.organization.code,
            tenancy.organization.time_zone,
            chat.id,
            reader.language,
            found.incident,
            entry if alone else entry._replace(text="", actor=""),
            0 if alone else await self._waiting(tenancy),
            reader.reports,
            whole if alone else None,
            lead.display_name if lead and not reader.reports else "",
            one.id,
        )

    async def _waiting(self, tenancy: Tenancy) -> int:
        new = self._book.every(tenancy, where={"state": State.NEW.value})
        return len([one async for one in new])

    def _later(self, one: Delivery, wait_ms: int) -> Delivery:
        return one._replace(due_at_ms=self._clock.now_ms() + wait_ms, held_until_ms=0)

    async def _mark(self, tenancy: Tenancy, one: Delivery, etag: str) -> None:
        body, expires = stored.delivery_body(one), one.created_at_ms + KEPT_MS
        await self._documents.batch(
            tenancy.partition, [Replace(DELIVERY, one.id, body, etag, expires)]
        )


def _drop(one: Delivery, why: str) -> Delivery:
    return one._replace(stage=Stage.DROPPED, dropped=why, held_until_ms=0)
