"""Which systems outside hear of an organisation's incidents: named, tried, switched off, given new
secrets and looked after by whoever may. What is told to whom leaves the house, so every change asks
for a fresh proof of the person and is in the trail."""

import re
from contextlib import suppress
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require, require_recent_proof
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.incidents import payloads
from portal.domain.incidents.casebook import KEPT_MS, STALE
from portal.domain.incidents.ports import Hook
from portal.domain.incidents.receivers import (
    FORWARD,
    MOST_RECEIVERS,
    RECEIVER,
    SEAT,
    Content,
    Format,
    Forward,
    Receiver,
    Stage,
    Standing,
    Way,
    forward,
    forward_body,
    forward_id,
    receiver,
    receiver_body,
)
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound

LONGEST_NAME, LONGEST_MAIL = 80, 254
FORMER_MS = 7 * 24 * 3600 * 1000
"""How long the secret before signs besides the new one."""
PAGE = 50
TRIAL_MS = {Way.WEBHOOK: 10_000, Way.MAIL: 10 * 60_000}
"""One trial in so long: a mail address may be anybody's, and each is a mail of ours there."""
TRIES = 20
SEATS = tuple(str(one) for one in range(1, MOST_RECEIVERS + 1))
MAIL = re.compile(r"[^\s<>@\",;:\x00-\x1f]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
NO_RECEIVER = "There is no such system here."


class Wanted(NamedTuple):
    """A receiver as somebody wants it. An empty `target` leaves the one there is."""

    name: str
    way: Way
    target: str
    format: Format = Format.JSON
    content: Content = Content.FACTS
    is_on: bool = True


class Integrations:
    """The receivers of organisations."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        hook: Hook,
        clock: Clock,
        ids: Ids,
        proof_s: float,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._hook = hook
        self._clock = clock
        self._ids = ids
        self._proof_s = proof_s

    # --- reading --------------------------------------------------------------------------

    async def all(self, *, actor: Actor) -> tuple[Receiver, ...]:
        """Every receiver, oldest first. Forbidden."""
        tenancy = await self._tenancy(actor)
        found = [receiver(one.id, one.body, tenancy.keyring) for one in await self._kept(tenancy)]
        return tuple(sorted(found, key=lambda one: (one.created_at_ms, one.id)))

    async def log(
        self, id: str, *, actor: Actor, stage: Stage | None = None, after: str = ""
    ) -> tuple[tuple[Forward, ...], str]:
        """What went to a receiver or waits, newest incident first, and where to go on, "" at the
        end. Forbidden, NotFound."""
        tenancy = await self._tenancy(actor)
        await self._document(tenancy, id)
        where = {"receiver": id} | ({"stage": stage.value} if stage else {})
        page = await self._documents.query(
            tenancy.partition,
            FORWARD,
            where=where,
            cursor=after or None,
            limit=PAGE,
            newest_first=True,
        )
        return tuple(forward(one.id, one.body) for one in page.documents), page.next or ""

    # --- changing -------------------------------------------------------------------------

    async def add(self, wanted: Wanted, *, actor: Actor) -> Receiver:
        """A new receiver; its secret is shown now and never again. Forbidden, StepUpRequired,
        InvalidInput, Conflict for one too many."""
        tenancy = await self._proven(actor)
        await self._check(wanted)
        now_ms = self._clock.now_ms()
        made = Receiver(
            self._ids.new(),
            1,
            wanted.name.strip(),
            wanted.way,
            wanted.format,
            wanted.content,
            Standing.ON if wanted.is_on else Standing.OFF,
            wanted.target,
            self._secret(),
            now_ms,
            now_ms,
        )
        write = Create(RECEIVER, made.id, receiver_body(made, tenancy.keyring))
        for _ in range(TRIES):
            taken = {one.id for one in await self._seats(tenancy)}
            free = [seat for seat in SEATS if seat not in taken]
            if not free or len(await self._kept(tenancy)) >= MOST_RECEIVERS:
                raise Conflict("There are many systems already; remove one.", code="too-many")
            writes: list[Write] = [write, Create(SEAT, free[0], {"receiver": made.id})]
            with suppress(Conflict):  # another took the seat at this moment
                await self._commit(tenancy, actor, Action.RECEIVER_CREATED, made, writes)
                return made
        raise Conflict(STALE)

    async def change(self, id: str, wanted: Wanted, *, actor: Actor, version: int) -> Receiver:
        """Another name, target, format or content, or off. As `add`, and NotFound, Conflict for
        another version or another way."""
        tenancy = await self._proven(actor)
        found, before = await self._seen(tenancy, id, version)
        if wanted.way is not before.way:
            raise InvalidInput("Add another system.", fields={"way": before.way.value})
        wanted = wanted._replace(target=wanted.target or before.target)
        await self._check(wanted)
        after = before._replace(
            name=wanted.name.strip(),
            format=wanted.format,
            content=wanted.content,
            target=wanted.target,
            standing=Standing.ON if wanted.is_on else Standing.OFF,
        )
        return await self._replace(tenancy, actor, Action.RECEIVER_CHANGED, found, after)

    async def rotate(self, id: str, *, actor: Actor, version: int) -> Receiver:
        """A new secret, shown now; the one before signs besides for a week. Forbidden,
        StepUpRequired, NotFound, Conflict."""
        tenancy = await self._proven(actor)
        found, before = await self._seen(tenancy, id, version)
        until_ms = self._clock.now_ms() + FORMER_MS
        after = before._replace(
            secret=self._secret(), former=before.secret, former_until_ms=until_ms
        )
        return await self._replace(tenancy, actor, Action.RECEIVER_SECRET_ROTATED, found, after)

    async def end_former(self, id: str, *, actor: Actor, version: int) -> Receiver:
        """The secret before signs no longer. As `rotate`."""
        tenancy = await self._proven(actor)
        found, before = await self._seen(tenancy, id, version)
        after = before._replace(former="", former_until_ms=0)
        return await self._replace(tenancy, actor, Action.RECEIVER_SECRET_ENDED, found, after)

    async def remove(self, id: str, *, actor: Actor, version: int) -> None:
        """It hears nothing more, also of what waits; its secrets are gone. As `rotate`."""
        tenancy = await self._proven(actor)
        found, before = await self._seen(tenancy, id, version)
        writes: list[Write] = [Delete(RECEIVER, id, found.etag)]
        seats = await self._seats(tenancy)
        writes += [Delete(SEAT, one.id, one.etag) for one in seats if one.body["receiver"] == id]
        await self._commit(tenancy, actor, Action.RECEIVER_REMOVED, before, writes)

    async def try_out(self, id: str, *, actor: Actor) -> None:
        """Sends a trial, the way that everything goes. Forbidden, NotFound, Conflict where it is
        off, and for one more within TRIAL_MS: whose system it is never asked for many."""
        tenancy = await self._tenancy(actor)
        to = await self._one(tenancy, id)
        if to.standing is not Standing.ON:
            raise Conflict("It is off; switch it on first.", code="off")
        now_ms = self._clock.now_ms()
        slot = now_ms // TRIAL_MS[to.way] * TRIAL_MS[to.way]
        trial = Forward(forward_id(f"trial-{slot}", id), id, "", 0, now_ms, now_ms, since_ms=now_ms)
        if await self._documents.get(tenancy.partition, FORWARD, trial.id) is not None:
            raise Conflict(
                "A trial was sent a moment ago; look at what became of it.", code="tried"
            )
        write = Create(FORWARD, trial.id, forward_body(trial), now_ms + KEPT_MS)
        await self._commit(tenancy, actor, Action.RECEIVER_TRIED, to, [write])

    async def send_again(self, id: str, *, actor: Actor) -> int:
        """What was given up waits again, up to a page of it; how many. Forbidden, NotFound,
        Conflict when another does the same."""
        tenancy = await self._tenancy(actor)
        to, now_ms = await self._one(tenancy, id), self._clock.now_ms()
        page = await self._documents.query(
            tenancy.partition,
            FORWARD,
            where={"receiver": id, "stage": Stage.DEAD.value},
            limit=PAGE,
        )
        writes: list[Write] = []
        for document in page.documents:
            one = forward(document.id, document.body)._replace(
                stage=Stage.WAITING, due_at_ms=now_ms, since_ms=now_ms, attempts=0, ended_at_ms=0
            )
            expires = one.created_at_ms + KEPT_MS
            writes.append(Replace(FORWARD, one.id, forward_body(one), document.etag, expires))
        if writes:
            await self._commit(tenancy, actor, Action.RECEIVER_RESENT, to, writes)
        return len(writes)

    # --- inside ---------------------------------------------------------------------------

    async def _tenancy(self, actor: Actor) -> Tenancy:
        require(actor, Permission.INCIDENTS_FORWARD)
        return await self._organizations.get(actor.organization)

    async def _proven(self, actor: Actor) -> Tenancy:
        tenancy = await self._tenancy(actor)
        require_recent_proof(actor, now_ms=self._clock.now_ms(), max_age_s=self._proof_s)
        return tenancy

    async def _check(self, wanted: Wanted) -> None:
        wrong = {}
        if not 1 <= len(wanted.name.strip()) <= LONGEST_NAME:
            wrong["name"] = f"1 to {LONGEST_NAME} characters"
        if wanted.way is Way.WEBHOOK:
            fault = await self._hook.fault(wanted.target)
            if fault:
                wrong["target"] = fault
        elif len(wanted.target) > LONGEST_MAIL or not MAIL.fullmatch(wanted.target):
            wrong["target"] = "a mail address"
        if wrong:
            raise InvalidInput("It cannot be told like this.", fields=wrong)

    async def _kept(self, tenancy: Tenancy) -> tuple[Document, ...]:
        page = await self._documents.query(tenancy.partition, RECEIVER)
        return page.documents

    async def _seats(self, tenancy: Tenancy) -> tuple[Document, ...]:
        return (await self._documents.query(tenancy.partition, SEAT)).documents

    async def _document(self, tenancy: Tenancy, id: str) -> Document:
        found = await self._documents.get(tenancy.partition, RECEIVER, id)
        if found is None:
            raise NotFound(NO_RECEIVER)
        return found

    async def _one(self, tenancy: Tenancy, id: str) -> Receiver:
        found = await self._document(tenancy, id)
        return receiver(id, found.body, tenancy.keyring)

    async def _seen(self, tenancy: Tenancy, id: str, version: int) -> tuple[Document, Receiver]:
        found = await self._document(tenancy, id)
        known = receiver(id, found.body, tenancy.keyring)
        if known.version != version:
            raise Conflict(STALE)
        return found, known

    async def _replace(
        self, tenancy: Tenancy, actor: Actor, action: Action, found: Document, after: Receiver
    ) -> Receiver:
        made = after._replace(version=after.version + 1, changed_at_ms=self._clock.now_ms())
        write = Replace(RECEIVER, made.id, receiver_body(made, tenancy.keyring), found.etag)
        await self._commit(tenancy, actor, action, made, [write])
        return made

    async def _commit(
        self, tenancy: Tenancy, actor: Actor, action: Action, of: Receiver, writes: list[Write]
    ) -> None:
        facts = {
            "way": of.way.value,
            "format": of.format.value,
            "content": of.content.value,
            "standing": of.standing.value,
        }
        event = Event(action, actor.person_id, of.id, facts)
        try:
            await self._audit.commit(tenancy.partition, [event], writes)
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error

    def _secret(self) -> str:
        drawn = bytes.fromhex(self._ids.new() + self._ids.new())
        return payloads.secret_of(drawn)
