"""Sends what waits: at least once, to those who may still see it, one worker at a time.

A message is held by a claim in the store while it is sent. A process that ends between the
connector's yes and the mark leaves the claim behind: the message is sent again when the claim has
passed, unless somebody saw it meanwhile, and the copy whose id nobody knows says where the other is
as soon as Teams refreshes it.
A message that was handed over without an answer counts as sent: it is nearly always there, and
sending it again for an hour would be worse. Its id is learnt when somebody first looks at it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import chain
from typing import NamedTuple

from portal.domain.access.model import Permission
from portal.domain.access.ports import People
from portal.domain.access.rules import act, may, reaches
from portal.domain.alerts import documents as stored
from portal.domain.alerts import rules
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.documents import DELIVERY, RULE, STANDING, SUBSCRIPTION
from portal.domain.alerts.evaluation import KEPT_MS
from portal.domain.alerts.model import (
    Conversation,
    Delivery,
    Dropped,
    Rule,
    Stage,
    Standing,
    Subscription,
)
from portal.domain.alerts.notices import Notices
from portal.domain.alerts.ports import (
    Busy,
    Composer,
    Gone,
    Message,
    Messenger,
    OutcomeUnknown,
    Reference,
)
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Delete, Document, Documents, Replace
from portal.domain.shared.errors import Conflict, NotFound, Unavailable

HOLD_MS = 60_000
PREPARE_SECONDS, SEND_SECONDS = 20, 30
"""Together shorter than the hold: a message is never in the hands of two."""
AT_ONCE = 8
LATEST_MS = 60 * 60 * 1000
"""A message that could not be sent for so long would tell old news."""
FIRST_WAIT_MS, LONGEST_WAIT_MS = 5_000, 10 * 60 * 1000


class Sent(NamedTuple):
    """What became of the messages of one round."""

    sent: int = 0
    dropped: int = 0
    put_off: int = 0
    failures: tuple[Exception, ...] = ()


class _Cause(NamedTuple):
    """Why a message may be sent: everything it is drawn from still stands."""

    rule: Rule
    subscription: Subscription
    document: Document
    conversation: Conversation


class Sending:
    """One round over the waiting messages of every organisation."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        notices: Notices,
        conversations: Conversations,
        people: People,
        messenger: Messenger,
        composer: Composer,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._notices = notices
        self._conversations = conversations
        self._people = people
        self._messenger = messenger
        self._composer = composer
        self._clock = clock

    async def send(self) -> Sent:
        """Sends every message that is due: of one conversation in their order, of several beside
        each other, so that a slow one holds up no other. Those of a suspended organisation
        wait. Raises what the store raises."""
        total = Sent()
        for organization in await self._organizations.all():
            code = organization.code
            chats: dict[str, list[tuple[Delivery, str]]] = {}
            async for one, etag in self._due(self._organizations.partition(code)):
                chats.setdefault(one.conversation, []).append((one, etag))
            if not chats or not await self._organizations.serves(code, Activity.TELL):
                continue
            tenancy = await self._organizations.get(code)
            room = asyncio.Semaphore(AT_ONCE)
            told = await asyncio.gather(
                *(self._chat(tenancy, waiting, room) for waiting in chats.values())
            )
            for after, failure in chain.from_iterable(told):
                total = _counted(total, after, failure)
        return total

    async def waiting(self) -> int:
        """How many messages wait to be sent, tried before or not, of every organisation; those
        that wait for the end of their reader's quiet aside. Raises what the store raises."""
        count = 0
        for organization in await self._organizations.all():
            partition = self._organizations.partition(organization.code)
            async for one, _ in self._undone(partition):
                count += not one.snoozed
        return count

    async def _due(self, partition: str) -> AsyncIterator[tuple[Delivery, str]]:
        async for one, etag in self._undone(partition):
            now_ms = self._clock.now_ms()
            if one.due_at_ms <= now_ms and one.held_until_ms <= now_ms:
                yield one, etag

    async def _undone(self, partition: str) -> AsyncIterator[tuple[Delivery, str]]:
        cursor = None
        while True:
            page = await self._documents.query(
                partition, DELIVERY, where={"stage": Stage.WAITING}, cursor=cursor
            )
            for document in page.documents:
                yield stored.delivery(document.id, document.body), document.etag
            cursor = page.next
            if cursor is None:
                return

    async def _chat(
        self, tenancy: Tenancy, waiting: Sequence[tuple[Delivery, str]], room: asyncio.Semaphore
    ) -> list[tuple[Delivery | None, Exception | None]]:
        async with room:
            return [await self._one(tenancy, one, etag) for one, etag in waiting]

    async def _one(
        self, tenancy: Tenancy, one: Delivery, etag: str
    ) -> tuple[Delivery | None, Exception | None]:
        """The message as it stands now, None when another worker has it; what went wrong."""
        now_ms = self._clock.now_ms()
        held = one._replace(held_until_ms=now_ms + HOLD_MS, attempts=one.attempts + 1)
        try:
            await self._mark(tenancy, held, etag)
        except (Conflict, NotFound):
            return None, None
        failure: Exception | None = None
        try:
            after = await self._outcome(tenancy, held)
        except Exception as error:  # noqa: BLE001 - whatever it was, the message is tried again
            wait = min(FIRST_WAIT_MS * 2 ** min(held.attempts, 10), LONGEST_WAIT_MS)
            after = held._replace(due_at_ms=self._clock.now_ms() + wait, held_until_ms=0)
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
        if not one.snoozed and self._clock.now_ms() - one.created_at_ms > LATEST_MS:
            return _drop(one, Dropped.TOO_LATE)
        try:
            async with asyncio.timeout(PREPARE_SECONDS):
                cause = await self._cause(tenancy, one)
                if isinstance(cause, Dropped):
                    return _drop(one, cause)
                if isinstance(cause, int):
                    return one._replace(due_at_ms=cause, held_until_ms=0, snoozed=True)
                message = await self._composer.compose(await self._notices.of(tenancy, one))
            activity = await self._sent(cause.conversation.reference, message)
        except Gone:
            await self._end_conversation(tenancy, one)
            return _drop(one, Dropped.GONE)
        except Busy as busy:
            wait = min(max(round(busy.retry_after * 1000), 1000), LONGEST_WAIT_MS)
            return one._replace(due_at_ms=self._clock.now_ms() + wait, held_until_ms=0)
        return one._replace(stage=Stage.SENT, activity=activity, held_until_ms=0)

    async def _sent(self, reference: Reference, message: Message) -> str:
        """The id of the sent message, "" when it is not known. Raises Gone, Busy, and what else
        means that nothing was written."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._messenger.send(reference, message.card, message.text)
        except (OutcomeUnknown, TimeoutError):
            return ""

    async def _cause(self, tenancy: Tenancy, one: Delivery) -> _Cause | Dropped | int:
        """Why it may be sent, why not, or when to look again in milliseconds. Raises what the
        messenger raises."""
        document = await self._documents.get(tenancy.partition, SUBSCRIPTION, one.subscription)
        known = await self._documents.get(tenancy.partition, RULE, one.rule)
        if document is None or known is None:
            return Dropped.UNSUBSCRIBED
        rule = stored.rule(known.id, known.body)
        subscription = stored.subscription(document.id, document.body)
        now_ms = self._clock.now_ms()
        quiet = subscription.snoozed_until_ms > now_ms
        past = await self._past(tenancy, one, rule, subscription, quiet=quiet)
        if past is not None:
            return past
        if quiet:  # looked at again before its end: somebody may wake it
            return min(subscription.snoozed_until_ms, now_ms + LONGEST_WAIT_MS)
        try:
            conversation = await self._conversations.get(tenancy, subscription.conversation)
        except Unavailable:
            conversation = None  # a reference that was tampered with is nobody's address
        if conversation is None:
            return Dropped.GONE
        cause = _Cause(rule, subscription, document, conversation)
        refused = await self._refused(tenancy, cause)
        if refused is not None:
            await self._end(tenancy, document)
            return refused
        return cause

    async def _past(
        self,
        tenancy: Tenancy,
        one: Delivery,
        rule: Rule,
        subscription: Subscription,
        *,
        quiet: bool,
    ) -> Dropped | None:
        """Why it is no news any more."""
        if one.created_at_ms < rule.changed_at_ms:
            return Dropped.CHANGED
        if (quiet or one.snoozed) and not await self._lasts(tenancy, one, subscription):
            return Dropped.SNOOZED
        return None

    async def _lasts(self, tenancy: Tenancy, one: Delivery, subscription: Subscription) -> bool:
        """Whether the figure has been beyond the limit ever since; a message of a day does not."""
        known = await self._documents.get(tenancy.partition, STANDING, one.rule)
        if known is None:
            return False
        standing = Standing(**known.body)
        told = rules.delivery_id(one.rule, standing.episode, subscription.id)
        return standing.breached and told == one.id

    async def _refused(self, tenancy: Tenancy, cause: _Cause) -> Dropped | None:
        """Why whoever subscribed may not have it now: roles, membership and whose the conversation
        is, as of this moment."""
        here = cause.conversation.id
        person = await self._people.find(cause.subscription.person)
        if person is None or tenancy.organization.code not in person.holdings:
            return Dropped.NO_LONGER_MEMBER
        actor = act(person, tenancy.organization.code)
        shared = rules.is_shared(cause.conversation.scope)
        if shared and not await self._conversations.is_told(actor.organization, here):
            return Dropped.NOT_PERMITTED
        needed = [Permission.ALERTS_VIEW, Permission.DASHBOARDS_VIEW]
        needed += [Permission.ALERTS_MANAGE] if shared else []
        if not all(may(actor, permission) for permission in needed):
            return Dropped.NOT_PERMITTED
        if actor.is_blind or not reaches(actor, Permission.DASHBOARDS_VIEW, cause.rule.queue):
            return Dropped.NOT_PERMITTED
        if shared and not await self._messenger.is_member(
            cause.conversation.reference, cause.subscription.member
        ):
            return Dropped.NO_LONGER_MEMBER
        return None

    async def _end_conversation(self, tenancy: Tenancy, one: Delivery) -> None:
        document = await self._documents.get(tenancy.partition, SUBSCRIPTION, one.subscription)
        if document is not None:
            await self._conversations.end(tenancy, str(document.body["conversation"]))

    async def _end(self, tenancy: Tenancy, document: Document) -> None:
        try:
            await self._documents.batch(
                tenancy.partition, [Delete(SUBSCRIPTION, document.id, document.etag)]
            )
        except (Conflict, NotFound):
            return  # changed or ended meanwhile: the next message looks again

    async def _mark(self, tenancy: Tenancy, one: Delivery, etag: str) -> None:
        body = stored.delivery_body(one)
        expires = one.created_at_ms + KEPT_MS
        await self._documents.batch(
            tenancy.partition, [Replace(DELIVERY, one.id, body, etag, expires)]
        )


def _drop(one: Delivery, why: Dropped) -> Delivery:
    return one._replace(stage=Stage.DROPPED, dropped=why.value, held_until_ms=0)


def _counted(total: Sent, one: Delivery | None, failure: Exception | None) -> Sent:
    if failure is not None:
        total = total._replace(failures=(*total.failures, failure))
    if one is None:
        return total
    if one.stage is Stage.WAITING:
        return total._replace(put_off=total.put_off + 1)
    if one.stage is Stage.SENT:
        return total._replace(sent=total.sent + 1)
    return total._replace(dropped=total.dropped + 1)
