"""Proving the person behind the set-up with an authenticator app (RFC 6238).

What it proves is that whoever set the app up is here now. It says nothing of a phone number, so it
is a proof of its own and stands in for the number's only where the person is what counts (decision
0025). Failures count and lock with those of links and codes; a step is used once.
"""

import base64
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require, require_recent_proof
from portal.domain.audit.model import Action, Event
from portal.domain.communications.model import Topic
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Body, Delete, Document, Replace, Write
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.shared.sealing import Keyring
from portal.domain.verification import rules
from portal.domain.verification.answering import Answering
from portal.domain.verification.desk import BUSY, PURPOSES, TRIES, Desk, notices, put
from portal.domain.verification.documents import ATTEMPTS, AUTHENTICATOR
from portal.domain.verification.model import PROVEN_TWICE, Contact, Reach, Standing
from portal.domain.verification.proofs import Kept

WRONG = "This code is not right. Look again: it changes every 30 seconds."
USED = "This code was used. Wait for the next one."
NONE = "No app is set up for you. Set one up first."


class Enrolment(NamedTuple):
    """What an app learns, told once: the secret as people type it, and as a picture (data URI)."""

    secret: str
    picture: str
    until_ms: int


class Authenticator:
    """The app of one person in one organisation: a new one waits beside the old until it proves."""

    def __init__(self, desk: Desk, answering: Answering) -> None:
        self._desk = desk
        self._answering = answering

    async def is_set_up(self, *, actor: Actor) -> bool:
        """Whether the caller has one that proved. Forbidden."""
        require(actor, Permission.SETUP_VIEW)
        tenancy = await self._desk.organizations.get(actor.organization)
        return await self._known(tenancy, _settled(actor)) is not None

    async def enrol(self, *, actor: Actor) -> Enrolment:
        """A fresh secret for the caller's app, good for nothing until a code of it came back.
        Forbidden, RateLimited `locked`, StepUpRequired for replacing one that proved."""
        require(actor, Permission.SETUP_MANAGE)
        desk = self._desk
        tenancy, now_ms = await desk.organizations.get(actor.organization), desk.clock.now_ms()
        attempts, _ = await desk.attempts(tenancy, actor.person_id)
        rules.require_unlocked(attempts, now_ms)
        if await self._known(tenancy, _settled(actor)) is not None:
            require_recent_proof(actor, now_ms=now_ms, max_age_s=desk.proof_s)
        secret, until_ms = desk.apps.secret(), now_ms + rules.ENROL_MS
        known = await self._known(tenancy, _waiting(actor))
        body = _body(secret, _waiting(actor), 0, tenancy.keyring)
        event = Event(Action.AUTHENTICATOR_ENROLLED, actor.person_id, actor.organization)
        write = put(AUTHENTICATOR, _waiting(actor), known, body, until_ms)
        await desk.audit.commit(tenancy.partition, [event], [write])
        return Enrolment(secret, desk.apps.picture(secret, tenancy.organization.name), until_ms)

    async def prove(self, code: str, *, actor: Actor) -> Standing:
        """Proves the person with a code of the app that waits, else of the one that proved before.
        Forbidden, NotFound without an app, InvalidInput `code-refused` for a wrong code, counted,
        and `code-used` for one that proved already; RateLimited `locked`."""
        require(actor, Permission.SETUP_MANAGE)
        tenancy = await self._desk.organizations.get(actor.organization)
        given = rules.typed(code)
        for _ in range(TRIES):
            attempts, failed = await self._answering.attempts(tenancy, actor)
            kept = await self._desk.proofs.of(tenancy, *PURPOSES, by=actor.person_id)
            waiting = await self._known(tenancy, _waiting(actor))
            settled = await self._known(tenancy, _settled(actor))
            known = waiting or settled
            if known is None:
                raise NotFound(NONE, code="no-app")
            secret = _secret(known, tenancy.keyring)
            step = self._step(secret, given)
            if step is None:
                counted = await self._answering.failed(tenancy, actor, kept, attempts, failed, [])
                if counted:
                    raise InvalidInput(WRONG, fields={"code": "not right"}, code="code-refused")
                continue
            if step <= known.body["step"]:
                raise InvalidInput(USED, fields={"code": "used"}, code="code-used")
            writes = self._settling(tenancy, actor, secret, step, waiting, settled)
            writes += [] if failed is None else [Delete(ATTEMPTS, actor.person_id, failed.etag)]
            standing = await self._proven(tenancy, actor, kept, writes, waiting)
            if standing is not None:
                return standing
        raise Conflict(BUSY)

    async def remove(self, *, actor: Actor) -> Standing:
        """Forgets the caller's app; what it proved ends. Forbidden, NotFound without one,
        StepUpRequired."""
        require(actor, Permission.SETUP_MANAGE)
        desk, person = self._desk, actor.person_id
        require_recent_proof(actor, now_ms=desk.clock.now_ms(), max_age_s=desk.proof_s)
        tenancy = await desk.organizations.get(actor.organization)
        for _ in range(TRIES):
            known = await self._known(tenancy, _settled(actor))
            if known is None:
                raise NotFound(NONE, code="no-app")
            kept = await desk.proofs.of(tenancy, *PURPOSES, by=person)
            after = kept.contact
            if after.authenticator.proven_by == person:
                after = after._replace(authenticator=Reach())
            lost, told = await desk.loss(tenancy, kept.contact, after, person)
            event = Event(Action.AUTHENTICATOR_REMOVED, person, actor.organization)
            writes: list[Write] = [Delete(AUTHENTICATOR, _settled(actor), known.etag)]
            writes += [kept.changed(after, tenancy), *lost]
            if await self._answering.commit(tenancy, [event, *told], writes):
                return after.standing
        raise Conflict(BUSY)

    async def shown(self, tenancy: Tenancy, codes: set[str]) -> list[tuple[str, Replace]]:
        """Whose codes these are now, each with the write that uses it up: for codes that others
        read along."""
        found: list[tuple[str, Replace]] = []
        cursor = None
        while True:
            page = await self._desk.documents.query(tenancy.partition, AUTHENTICATOR, cursor=cursor)
            for one in page.documents:
                secret = _secret(one, tenancy.keyring)
                steps = [step for code in codes if (step := self._step(secret, code)) is not None]
                newest = max(steps, default=0)
                if newest > one.body["step"]:
                    body = {**one.body, "step": newest}
                    write = Replace(AUTHENTICATOR, one.id, body, one.etag, one.expires_at_ms)
                    found.append((str(one.body["person"]), write))
            cursor = page.next
            if cursor is None:
                return found

    def _step(self, secret: str, given: str) -> int | None:
        """The newest step of those allowed whose code this is; every one is compared."""
        now = self._desk.clock.now_ms() // rules.STEP_MS
        right = [
            step
            for step in range(now - rules.STEPS_ASIDE, now + rules.STEPS_ASIDE + 1)
            if rules.same(self._desk.apps.code(secret, step), given)
        ]
        return max(right, default=None)

    def _settling(
        self,
        tenancy: Tenancy,
        actor: Actor,
        secret: str,
        step: int,
        waiting: Document | None,
        settled: Document | None,
    ) -> list[Write]:
        """The writes that use the step up, over what it was judged by; the app that waited takes
        the place of the one before."""
        id = _settled(actor)
        body = _body(secret, id, step, tenancy.keyring)
        writes: list[Write] = [put(AUTHENTICATOR, id, settled, body, None)]
        if waiting is not None:
            writes.append(Delete(AUTHENTICATOR, _waiting(actor), waiting.etag))
        return writes

    async def _proven(
        self,
        tenancy: Tenancy,
        actor: Actor,
        kept: Kept,
        writes: list[Write],
        waiting: Document | None,
    ) -> Standing | None:
        """Writes the proof; None when somebody was faster."""
        now_ms, person = self._desk.clock.now_ms(), actor.person_id
        proof = Reach("", now_ms, person)
        after: Contact = kept.contact._replace(authenticator=proof)
        if after.standing in PROVEN_TWICE:
            after = after._replace(attested_at_ms=now_ms)
        writes = [*writes, kept.changed(after, tenancy)]
        if waiting is not None:
            topic, cause = Topic.AUTHENTICATOR_ADDED, waiting.etag
            writes += notices(tenancy, topic, kept.contact, person, cause, now_ms)
        facts = {"standing": after.standing.value, "new": waiting is not None}
        event = Event(Action.AUTHENTICATOR_PROVEN, person, actor.organization, facts)
        committed = await self._answering.commit(tenancy, [event], writes)
        return after.standing if committed else None

    async def _known(self, tenancy: Tenancy, id: str) -> Document | None:
        return await self._desk.documents.get(tenancy.partition, AUTHENTICATOR, id)


def _settled(actor: Actor) -> str:
    return f"settled|{actor.person_id}"


def _waiting(actor: Actor) -> str:
    return f"waiting|{actor.person_id}"


def _body(secret: str, id: str, step: int, keyring: Keyring) -> Body:
    key = keyring.new_key()
    sealed = keyring.seal(key.key, f"authenticator|{id}", secret.encode())
    return {
        "person": id.partition("|")[2],
        "key": base64.b64encode(key.wrapped).decode(),
        "secret": base64.b64encode(sealed).decode(),
        "step": step,
    }


def _secret(known: Document, keyring: Keyring) -> str:
    key = keyring.unwrap(base64.b64decode(known.body["key"]))
    sealed = base64.b64decode(known.body["secret"])
    return keyring.open(key, f"authenticator|{known.id}", sealed).decode()
