"""Tells representatives of partners who ask to see identities, and both of what became of it.

The requests themselves are the outbox: a round compares how each stands with what its readers were
told, so that nothing is told that did not happen and nothing has to be written with its cause.
Everybody who may decide, as of this moment, and has a chat with the bot gets one message there; it
is drawn anew when the request is decided, taken back or over. A message is held by a claim in the
store while it is sent, as those of alerts are; one that was handed over without an answer counts as
sent. Deciding is not done here: it asks for a second factor, which a button in a chat cannot prove.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from portal.domain.access import documents as access_documents
from portal.domain.access.book import Book
from portal.domain.access.breaking import may_lift
from portal.domain.access.documents import MEMBER
from portal.domain.access.grants import DAY_MS, BreakGlass, HolderKind, Stage
from portal.domain.access.model import Actor, Permission
from portal.domain.access.ports import People
from portal.domain.access.rules import act, may
from portal.domain.access.shelf import Shelf
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.model import Conversation
from portal.domain.alerts.own_chats import OwnChats
from portal.domain.alerts.ports import Busy, Gone, Messenger
from portal.domain.break_glass import documents as stored
from portal.domain.break_glass.documents import TOLD
from portal.domain.break_glass.model import Asking, Told
from portal.domain.break_glass.ports import Composer
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Delete, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound

RECENT_MS: Final = 2 * DAY_MS
"""So long a request can still change: it waits a day and lifts eight hours at most."""
KEPT_MS: Final = 7 * DAY_MS
HOLD_MS: Final = 60_000
SEND_SECONDS: Final = 30
FIRST_WAIT_MS, LONGEST_WAIT_MS = 5_000, 10 * 60_000
ANSWERED: Final = frozenset({Stage.APPROVED, Stage.REFUSED})
"""What the asker is told of."""


class Sent(NamedTuple):
    """What a round did."""

    sent: int = 0
    renewed: int = 0
    failures: tuple[Exception, ...] = ()


class _Reader(NamedTuple):
    actor: Actor
    language: str
    own: bool
    open: bool


class Telling:
    """One round over the requests of every organisation."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        shelf: Shelf,
        conversations: Conversations,
        people: People,
        messenger: Messenger,
        composer: Composer,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._shelf = shelf
        self._conversations = conversations
        self._people = people
        self._messenger = messenger
        self._composer = composer
        self._clock = clock

    async def send(self) -> Sent:
        """Sends and renews what is due. Raises what the store raises."""
        done = Sent()
        for organization in await self._organizations.serving(Activity.TELL):
            book = await self._shelf.book(organization.code)
            since_ms = self._clock.now_ms() - RECENT_MS
            recent = [one for one in book.glass.values() if one.asked_at_ms >= since_ms]
            if not recent:
                continue
            tenancy = await self._organizations.get(organization.code)
            known = await self._known(tenancy)
            for request in sorted(recent, key=lambda one: one.asked_at_ms):
                for person in await self._readers(tenancy, book, request, known):
                    told = known.get(_id(request.id, person)) or _new(request.id, person)
                    done = _counted(done, await self._one(tenancy, book, request, told))
        return done

    async def _known(self, tenancy: Tenancy) -> Mapping[str, Told]:
        found: dict[str, Told] = {}
        cursor = None
        while True:
            page = await self._documents.query(tenancy.partition, TOLD, cursor=cursor)
            found |= {one.id: stored.told(one.id, one.body) for one in page.documents}
            cursor = page.next
            if cursor is None:
                return found

    async def _readers(
        self, tenancy: Tenancy, book: Book, request: BreakGlass, known: Mapping[str, Told]
    ) -> Iterable[str]:
        """Who has a message about the request, or shall get one."""
        found = {one.person: None for one in known.values() if one.request == request.id}
        stage = request.at(self._clock.now_ms())
        if stage is Stage.ASKED:
            found |= dict.fromkeys(await self._deciders(tenancy, book))
        if stage in ANSWERED:
            found[request.person_id] = None
        return found

    async def _deciders(self, tenancy: Tenancy, book: Book) -> list[str]:
        """Whom some working grant lets decide, in person or by a group."""
        holders = {
            grant.holder
            for grant in book.working(self._clock.now_ms())
            if Permission.ACCESS_DECIDE in book.permissions(grant.terms.role)
        }
        found = [one.id for one in holders if one.kind is HolderKind.PERSON]
        groups = {one.id for one in holders if one.kind is HolderKind.GROUP}
        cursor = None
        while groups:
            page = await self._documents.query(tenancy.partition, MEMBER, cursor=cursor, limit=500)
            members = [
                access_documents.member(one.id, one.body, tenancy.keyring) for one in page.documents
            ]
            found += [one.person_id for one in members if one.groups & groups]
            cursor = page.next
            if cursor is None:
                break
        return sorted(set(found))

    async def _one(
        self, tenancy: Tenancy, book: Book, request: BreakGlass, told: Told
    ) -> tuple[Told, Told | None, Exception | None]:
        """The message before and behind this round, None where there was nothing to do; what went
        wrong."""
        now_ms = self._clock.now_ms()
        stage = request.at(now_ms)
        if told.stage == stage or max(told.held_until_ms, told.due_at_ms) > now_ms:
            return told, None, None
        reader = await self._reader(tenancy, book, request, told)
        if reader is None or not (told.stage or _is_news(stage, own=reader.own)):
            return told, None, None  # they have no message, and there is none to send any more
        chat = await self._conversations.own(actor=reader.actor)
        if chat is None or (told.stage and chat.id != told.conversation):
            return told, None, None  # as soon as there is a chat; what was in another is left
        held = told._replace(
            conversation=chat.id, held_until_ms=now_ms + HOLD_MS, attempts=told.attempts + 1
        )
        if not await self._claimed(tenancy, told, held):
            return told, None, None  # another worker has it
        failure: Exception | None = None
        after: Told | None
        try:
            after = await self._handed_over(tenancy, request, stage, held, reader, chat)
        except Busy as busy:
            wait_ms = min(max(round(busy.retry_after * 1000), 1000), LONGEST_WAIT_MS)
            after = held._replace(held_until_ms=0, due_at_ms=now_ms + wait_ms)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
            wait_ms = min(FIRST_WAIT_MS * 2 ** min(held.attempts, 10), LONGEST_WAIT_MS)
            after = held._replace(held_until_ms=0, due_at_ms=now_ms + wait_ms)
            failure = error
        await self._mark(tenancy, held, after)
        return told, after, failure

    async def _reader(
        self, tenancy: Tenancy, book: Book, request: BreakGlass, told: Told
    ) -> _Reader | None:
        """Who reads it, as of this moment; None for somebody who is not of the organisation, or
        was not told and may not decide."""
        person, code = await self._people.find(told.person), tenancy.organization.code
        if person is None or code not in person.holdings:
            return None
        actor, own = act(person, code), told.person == request.person_id
        decides = (
            not own
            and may(actor, Permission.ACCESS_DECIDE)
            and may_lift(book, request, actor, self._clock.now_ms())
        )
        if not (own or decides or told.stage):
            return None
        chosen = await self._conversations.preference(person)
        return _Reader(actor, chosen.language, own, own or decides)

    async def _handed_over(
        self,
        tenancy: Tenancy,
        request: BreakGlass,
        stage: Stage,
        held: Told,
        reader: _Reader,
        chat: Conversation,
    ) -> Told | None:
        """The message as it was sent or renewed; None when the chat is gone."""
        asking = Asking(
            tenancy.organization.code,
            tenancy.organization.time_zone,
            chat.id,
            reader.language,
            request,
            stage,
            await self._name(request.person_id),
            await self._name(request.decided_by),
            reader.own,
            reader.open,
        )
        message = await self._composer.compose(asking)
        activity, done = held.activity, held._replace(stage=stage.value, held_until_ms=0)
        try:
            if not held.stage:
                chats = OwnChats(self._organizations, self._conversations, self._messenger)
                activity = await chats.hand_over(tenancy, chat, message)
            elif activity:  # without an answer it is renewed once more, which does no harm
                card, text = message.card, message.text
                async with asyncio.timeout(SEND_SECONDS):
                    await self._messenger.update(chat.reference, activity, card, text)
        except Gone:
            await self._conversations.end(tenancy, chat.id)
            return None
        return done._replace(activity=activity)

    async def _name(self, person_id: str) -> str:
        person = await self._people.find(person_id) if person_id else None
        return person.display_name if person else ""

    async def _claimed(self, tenancy: Tenancy, before: Told, held: Told) -> bool:
        known = await self._documents.get(tenancy.partition, TOLD, held.id)
        body, expires_ms = stored.told_body(held), self._clock.now_ms() + KEPT_MS
        if known is not None and stored.told(held.id, known.body) != before:
            return False
        write: Write = (
            Create(TOLD, held.id, body, expires_ms)
            if known is None
            else Replace(TOLD, held.id, body, known.etag, expires_ms)
        )
        try:
            await self._documents.batch(tenancy.partition, [write])
        except (Conflict, NotFound):
            return False
        return True

    async def _mark(self, tenancy: Tenancy, held: Told, after: Told | None) -> None:
        known = await self._documents.get(tenancy.partition, TOLD, held.id)
        if known is None or stored.told(held.id, known.body) != held:
            return
        write: Write = Delete(TOLD, held.id, known.etag)
        if after is not None:
            expires_ms = self._clock.now_ms() + KEPT_MS
            write = Replace(TOLD, held.id, stored.told_body(after), known.etag, expires_ms)
        await self._documents.batch(tenancy.partition, [write])


def _id(request: str, person: str) -> str:
    return f"{request}|{person}"


def _is_news(stage: Stage, *, own: bool) -> bool:
    """Whether a reader without a message gets one at that stage."""
    return stage in ANSWERED if own else stage is Stage.ASKED


def _new(request: str, person: str) -> Told:
    return Told(_id(request, person), request, person)


def _counted(done: Sent, one: tuple[Told, Told | None, Exception | None]) -> Sent:
    before, after, failure = one
    if failure is not None:
        return done._replace(failures=(*done.failures, failure))
    if after is None or after.stage == before.stage:
        return done
    if before.stage:
        return done._replace(renewed=done.renewed + 1)
    return done._replace(sent=done.sent + 1)
