"""Proving with a link's token or a typed code.

Whether an attempt was right is told only once it is counted: the write that counts a wrong one, or
uses up a right one, names the versions of attempts and code that it was judged by, so that any
number of attempts at once has the outcome of the same attempts one after the other.
"""

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.audit.model import Action, Event
from portal.domain.communications.model import Topic
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Delete, Document, Replace, Write
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.verification import rules
from portal.domain.verification.desk import BUSY, LATER_MS, PURPOSES, TRIES, Desk, notices, put
from portal.domain.verification.documents import (
    ATTEMPTS,
    CHALLENGE,
    LINK,
    LINK_ID,
    challenge_id,
)
from portal.domain.verification.model import PROVEN_TWICE, Attempts, Factor, Standing
from portal.domain.verification.proofs import Kept

WRONG_LINK = "This link does not work: it is used, too old, replaced by a newer one, or another's."
WRONG_CODE = "This code is not right. Look again, or ask for a new one."
NO_CODE = "No code is waiting: it was used, replaced, or is older than five minutes. Ask anew."


class Answering:
    """The second half of a proof."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def confirm_mail(self, token: str, *, actor: Actor) -> Standing:
        """Proves the mail address, for the person who asked for the link. Forbidden; InvalidInput
        `link-refused`, the same for every link that does not work, counted as a failure;
        RateLimited `locked`."""
        require(actor, Permission.SETUP_MANAGE)
        tenancy = await self._desk.organizations.get(actor.organization)
        for _ in range(TRIES):
            attempts, known = await self.attempts(tenancy, actor)
            kept = await self._desk.proofs.of(tenancy, *PURPOSES, by=actor.person_id)
            link = await self._desk.documents.get(tenancy.partition, LINK, LINK_ID)
            given = rules.token_hash(token)
            index = tenancy.keyring.blind("mail", rules.mail_key(kept.contact.mail.value)).hex()
            right = (
                rules.same(given, link.body["hash"] if link else "")
                and link is not None
                and link.body["person"] == actor.person_id
                and link.body["index"] == index
            )
            if right and link is not None:
                used: list[Write] = [Delete(LINK, LINK_ID, link.etag)]
                standing = await self._proven(tenancy, actor, kept, Factor.MAIL, known, used)
                if standing is not None:
                    return standing
            elif await self.failed(tenancy, actor, kept, attempts, known, []):
                raise InvalidInput(WRONG_LINK, code="link-refused")
        raise Conflict(BUSY)

    async def confirm_phone(self, challenge: str, code: str, *, actor: Actor) -> Standing:
        """Proves the phone. Forbidden; NotFound for a code that is not waiting; InvalidInput
        `code-refused` for a wrong one, counted; RateLimited `locked`."""
        require(actor, Permission.SETUP_MANAGE)
        tenancy = await self._desk.organizations.get(actor.organization)
        id, given = challenge_id(actor.person_id), rules.typed(code)
        for _ in range(TRIES):
            attempts, known = await self.attempts(tenancy, actor)
            kept = await self._desk.proofs.of(tenancy, *PURPOSES, by=actor.person_id)
            waiting = await self._desk.documents.get(tenancy.partition, CHALLENGE, id)
            number = kept.contact.phone.value
            if (
                waiting is None
                or waiting.body["challenge"] != challenge
                or waiting.body["tries"] >= rules.MOST_TRIES
                or waiting.body["index"] != tenancy.keyring.blind("phone", number).hex()
            ):
                raise NotFound(NO_CODE, code="no-code")
            mac = rules.code_mac(tenancy.keyring, challenge, number, actor.person_id, given)
            if rules.same(mac, waiting.body["mac"]):
                used: list[Write] = [Delete(CHALLENGE, id, waiting.etag)]
                counted = await self._desk.limits.proven(tenancy, "sms", self._desk.clock.now_ms())
                used += [counted] if counted else []
                standing = await self._proven(tenancy, actor, kept, Factor.PHONE, known, used)
                if standing is not None:
                    return standing
                continue
            body = {**waiting.body, "tries": waiting.body["tries"] + 1}
            tried = Replace(CHALLENGE, id, body, waiting.etag, waiting.expires_at_ms)
            if await self.failed(tenancy, actor, kept, attempts, known, [tried]):
                raise InvalidInput(WRONG_CODE, fields={"code": "not right"}, code="code-refused")
        raise Conflict(BUSY)

    async def attempts(self, tenancy: Tenancy, actor: Actor) -> tuple[Attempts, Document | None]:
        """The caller's failures, and what they were read from. RateLimited `locked`."""
        attempts, known = await self._desk.attempts(tenancy, actor.person_id)
        rules.require_unlocked(attempts, self._desk.clock.now_ms())
        return attempts, known

    async def failed(
        self,
        tenancy: Tenancy,
        actor: Actor,
        kept: Kept,
        attempts: Attempts,
        known: Document | None,
        writes: list[Write],
    ) -> bool:
        """Counts a failure, and locks and tells at the fifth; False when somebody was faster."""
        now_ms, person = self._desk.clock.now_ms(), actor.person_id
        after = rules.failed(attempts, now_ms)
        expires = max(now_ms, after.locked_until_ms) + LATER_MS
        writes = [*writes, put(ATTEMPTS, person, known, after._asdict(), expires)]
        events = [Event(Action.VERIFICATION_FAILED, person, actor.organization)]
        if after.locks > attempts.locks:
            minutes = (after.locked_until_ms - now_ms) // rules.MINUTE_MS
            facts = {"minutes": minutes, "locks": after.locks}
            events.append(Event(Action.VERIFICATION_LOCKED, person, actor.organization, facts))
            writes += notices(
                tenancy,
                Topic.LOCKED,
                kept.contact,
                person,
                str(after.locked_until_ms),
                now_ms,
                minutes=str(minutes),
            )
        return await self.commit(tenancy, events, writes)

    async def _proven(
        self,
        tenancy: Tenancy,
        actor: Actor,
        kept: Kept,
        factor: Factor,
        known: Document | None,
        writes: list[Write],
    ) -> Standing | None:
        """Writes the proof and forgets the failures; None when somebody was faster."""
        now_ms, person = self._desk.clock.now_ms(), actor.person_id
        contact = kept.contact
        reach = contact.mail if factor is Factor.MAIL else contact.phone
        proven = reach._replace(proven_at_ms=now_ms, proven_by=person)
        after = (
            contact._replace(mail=proven)
            if factor is Factor.MAIL
            else contact._replace(phone=proven)
        )
        if after.standing in PROVEN_TWICE:
            after = after._replace(attested_at_ms=now_ms)
        writes = [*writes, kept.changed(after, tenancy)]
        if known is not None:
            writes.append(Delete(ATTEMPTS, person, known.etag))
        action = Action.MAIL_PROVEN if factor is Factor.MAIL else Action.PHONE_PROVEN
        event = Event(action, person, actor.organization, {"standing": after.standing.value})
        return after.standing if await self.commit(tenancy, [event], writes) else None

    async def commit(self, tenancy: Tenancy, events: list[Event], writes: list[Write]) -> bool:
        """Writes it all; False when somebody was faster."""
        try:
            await self._desk.audit.commit(tenancy.partition, events, writes)
        except (Conflict, NotFound):
            return False
        return True
