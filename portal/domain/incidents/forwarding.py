"""Sends what systems outside are to hear: each line of a timeline once, those of one incident in
their order, until the system took it or three days are over.

A process that ends between the system's yes and the mark sends the line again under the same id
once its hold ends; whoever keeps the ids of what they took sees it once. A line that is given up
holds up nothing behind it; `sequence` and the incident's `version` say what is missing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NamedTuple

from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.incidents import payloads
from portal.domain.incidents.casebook import KEPT_MS, Casebook
from portal.domain.incidents.payloads import Told
from portal.domain.incidents.ports import Hook, Mailer, Unreached
from portal.domain.incidents.receivers import (
    FORWARD,
    RECEIVER,
    Forward,
    Receiver,
    Stage,
    Standing,
    Way,
    delivery_id,
    forward,
    forward_body,
    receiver,
    receiver_body,
)
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents, Replace
from portal.domain.shared.errors import Conflict, NotFound

HOLD_MS = 60_000
SEND_SECONDS = 25.0
"""Shorter than the hold: a line is never in the hands of two."""
WAITS_S = (10, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800)
GIVEN_UP_MS = 3 * 24 * 3600 * 1000
LONGEST_WAIT_S = 24 * 3600.0
MOST_FAILURES = 3
"""In a row: then a system is left alone until the next round."""
AT_ONCE = 8
GONE = 410


class Forwarded(NamedTuple):
    """What a round did; `failures` are what was not foreseen."""

    sent: int = 0
    dead: int = 0
    put_off: int = 0
    failures: tuple[Exception, ...] = ()


class Outlets(NamedTuple):
    """The ways out. Without `mailer` no mail can be sent, and what is for mail waits."""

    hook: Hook
    mailer: Mailer | None
    base_url: str
    version: str


class Forwarding:
    """One round over what waits for the systems of every organisation."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        book: Casebook,
        audit: Audit,
        outlets: Outlets,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._book = book
        self._audit = audit
        self._outlets = outlets
        self._clock = clock

    async def send(self) -> Forwarded:
        """Sends every line that is due. A slow system holds up no other. Raises what the store
        raises."""
        room = asyncio.Semaphore(AT_ONCE)
        waiting = []
        for organization in await self._organizations.all():
            code = organization.code
            page = await self._documents.query(self._organizations.partition(code), RECEIVER)
            on = [one for one in page.documents if one.body["standing"] == Standing.ON]
            if not on or not await self._organizations.serves(code, Activity.TELL):
                continue
            tenancy = await self._organizations.get(code)
            for one in on:
                to = receiver(one.id, one.body, tenancy.keyring)
                waiting.append(self._all(tenancy, to, room))
        total = Forwarded()
        for made in await asyncio.gather(*waiting):
            total = Forwarded(
                total.sent + made.sent,
                total.dead + made.dead,
                total.put_off + made.put_off,
                (*total.failures, *made.failures),
            )
        return total

    async def _all(self, tenancy: Tenancy, to: Receiver, room: asyncio.Semaphore) -> Forwarded:
        total, held, failed = Forwarded(), set[str](), 0
        async with room:
            async for one, etag in self._waiting(tenancy, to):
                if one.incident and one.incident in held:
                    continue
                if max(one.due_at_ms, one.held_until_ms) > self._clock.now_ms():
                    held.add(one.incident)
                    continue
                after, failure = await self._one(tenancy, to, one, etag)
                total = _counted(total, after, failure)
                if after is None or after.stage is Stage.WAITING:
                    held.add(one.incident)
                failed = failed + 1 if after and after.stage is Stage.WAITING else 0
                if failed == MOST_FAILURES or (after and after.trouble == f"status_{GONE}"):
                    break
        return total

    async def _waiting(self, tenancy: Tenancy, to: Receiver) -> AsyncIterator[tuple[Forward, str]]:
        cursor = None
        while True:
            page = await self._documents.query(
                tenancy.partition,
                FORWARD,
                where={"receiver": to.id, "stage": Stage.WAITING.value},
                cursor=cursor,
            )
            for document in page.documents:
                yield forward(document.id, document.body), document.etag
            cursor = page.next
            if cursor is None:
                return

    async def _one(
        self, tenancy: Tenancy, to: Receiver, one: Forward, etag: str
    ) -> tuple[Forward | None, Exception | None]:
        """The line as it stands now, None when another worker has it; what went wrong."""
        held_until_ms = self._clock.now_ms() + HOLD_MS
        taken = one._replace(held_until_ms=held_until_ms, attempts=one.attempts + 1)
        try:
            await self._mark(tenancy, taken, etag)
        except (Conflict, NotFound):
            return None, None
        failure: Exception | None = None
        try:
            after = await self._outcome(tenancy, to, taken)
        except Unreached as troubled:
            after = self._later(taken, troubled.trouble, troubled.retry_after_s)
        except TimeoutError:
            after = self._later(taken, "timeout")
        except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
            after, failure = self._later(taken, "internal"), error
        document = await self._documents.get(tenancy.partition, FORWARD, taken.id)
        if document is not None and document.body["attempts"] == taken.attempts:
            await self._mark(tenancy, after, document.etag)
        return after, failure

    async def _outcome(self, tenancy: Tenancy, to: Receiver, one: Forward) -> Forward:
        try:
            told = await self._told(tenancy, one)
        except NotFound:
            return self._ended(one, Stage.DEAD, "no_entry")
        now_ms = self._clock.now_ms()
        text = payloads.written(told, to, self._outlets.version, now_ms)
        id = delivery_id(tenancy.partition, one.id)
        async with asyncio.timeout(SEND_SECONDS):
            if to.way is Way.MAIL:
                await self._by_mail(tenancy, to, told, text, id)
                return self._ended(one, Stage.SENT)
            return await self._by_hook(tenancy, to, one, text, id)

    async def _by_hook(
        self, tenancy: Tenancy, to: Receiver, one: Forward, text: str, id: str
    ) -> Forward:
        body, now_ms = text.encode(), self._clock.now_ms()
        headers = payloads.signed(id, now_ms // 1000, body, to.secrets(now_ms))
        headers["Content-Type"] = f"{payloads.MEDIA[to.format]}; charset=utf-8"
        answer = await self._outlets.hook.post(to.target, headers, body)
        if 200 <= answer.status < 300:
            return self._ended(one, Stage.SENT)
        if answer.status == GONE:
            await self._refused(tenancy, to)
        return self._later(one, f"status_{answer.status}", answer.retry_after_s)

    async def _by_mail(
        self, tenancy: Tenancy, to: Receiver, told: Told | None, text: str, key: str
    ) -> None:
        if self._outlets.mailer is None:
            raise Unreached("no_mail")
        subject = "Switchroom: trial"
        if told is not None:
            incident = told.whole.incident
            subject = f"[{incident.reference}] {payloads.NAMES[told.entry.kind]}: {incident.state}"
        code = tenancy.organization.code
        await self._outlets.mailer.send(code, to.target, subject, text, key)

    async def _told(self, tenancy: Tenancy, one: Forward) -> Told | None:
        """What the line tells as of now; None for a trial. NotFound."""
        if not one.incident:
            return None
        found = await self._book.opened(tenancy.organization.code, one.incident)
        whole = await self._book.whole(found)
        entry = next((line for line in whole.entries if line.number == one.entry), None)
        if entry is None:
            raise NotFound("There is no such line.")
        link = f"{self._outlets.base_url}/tab/?view=incidents&incident={one.incident}"
        return Told(tenancy.organization.code, whole, entry, link)

    async def _refused(self, tenancy: Tenancy, to: Receiver) -> None:
        """It says that it is gone for good: nothing is sent until somebody switches it on."""
        document = await self._documents.get(tenancy.partition, RECEIVER, to.id)
        if document is None or document.body["version"] != to.version:
            return
        after = to._replace(
            version=to.version + 1,
            standing=Standing.REFUSED,
            changed_at_ms=self._clock.now_ms(),
        )
        body = receiver_body(after, tenancy.keyring)
        event = Event(Action.RECEIVER_REFUSED, "system", to.id)
        with suppress(Conflict, NotFound):  # changed meanwhile: the next answer is asked for then
            write = Replace(RECEIVER, to.id, body, document.etag)
            await self._audit.commit(tenancy.partition, [event], [write])

    def _later(self, one: Forward, trouble: str, asked_s: float = 0.0) -> Forward:
        now_ms = self._clock.now_ms()
        if now_ms - one.since_ms >= GIVEN_UP_MS:
            return self._ended(one, Stage.DEAD, trouble)
        own = WAITS_S[min(one.attempts, len(WAITS_S)) - 1]
        wait_s = max(own, min(asked_s, LONGEST_WAIT_S))
        due = min(now_ms + round(wait_s * 1000), one.since_ms + GIVEN_UP_MS)
        return one._replace(due_at_ms=due, held_until_ms=0, trouble=trouble)

    def _ended(self, one: Forward, stage: Stage, trouble: str = "") -> Forward:
        now_ms = self._clock.now_ms()
        return one._replace(stage=stage, held_until_ms=0, trouble=trouble, ended_at_ms=now_ms)

    async def _mark(self, tenancy: Tenancy, one: Forward, etag: str) -> None:
        write = Replace(FORWARD, one.id, forward_body(one), etag, one.created_at_ms + KEPT_MS)
        await self._documents.batch(tenancy.partition, [write])


def _counted(total: Forwarded, one: Forward | None, failure: Exception | None) -> Forwarded:
    if failure is not None:
        total = total._replace(failures=(*total.failures, failure))
    if one is None:
        return total
    if one.stage is Stage.SENT:
        return total._replace(sent=total.sent + 1)
    if one.stage is Stage.DEAD:
        return total._replace(dead=total.dead + 1)
    return total._replace(put_off=total.put_off + 1)
