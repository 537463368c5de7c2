"""Deciding how an organisation stands, appealing against it, deciding the appeal.

Each step is one batch over the version that was seen: the standing, its line of the history, the
calls and recordings that go off with it, the messages to the representatives and the audit entry.
"""

from collections.abc import Sequence
from typing import NamedTuple

from portal.domain.access.grants import HolderKind
from portal.domain.access.model import Actor, Permission, Role
from portal.domain.access.rules import require, require_recent_proof
from portal.domain.access.shelf import Shelf
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import STANDING, STANDING_ID, State
from portal.domain.setup.call_handling import CallHandling
from portal.domain.shared.clock import Clock, instant
from portal.domain.shared.documents import Create, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound
from portal.domain.shared.fields import Purpose
from portal.domain.standing import documents as stored
from portal.domain.standing import rules
from portal.domain.standing.documents import APPEAL, CHANGE
from portal.domain.standing.model import (
    Act,
    Appeal,
    Change,
    Outcome,
    Seen,
    Standing,
    Wanted,
)
from portal.domain.verification.proofs import Proofs

MOST_TOLD = 40
"""So many representatives are told in one batch; an organisation has a few."""
MOST_SHOWN = 200
PATH = "/tab/?view=standing"
CLOSED = frozenset({State.SUSPENDED, State.TERMINATED})
TOLD = {
    State.ACTIVE: Topic.STANDING_ACTIVE,
    State.RESTRICTED: Topic.STANDING_RESTRICTED,
    State.SUSPENDED: Topic.STANDING_SUSPENDED,
    State.TERMINATED: Topic.STANDING_TERMINATED,
}


class Ground(NamedTuple):
    """What standings are kept with. `window_ms` is how long a terminated organisation can take its
    data along; `support_mail` is told of appeals, "" for nobody; `proof_s` is how long ago the
    operator's second factor may be."""

    organizations: Organizations
    documents: Documents
    audit: Audit
    shelf: Shelf
    proofs: Proofs
    call_handling: CallHandling
    clock: Clock
    window_ms: int
    support_mail: str
    proof_s: float


class _Step(NamedTuple):
    """What is written with another standing."""

    act: Act
    text: str
    by: str
    action: Action
    topic: Topic | None
    writes: Sequence[Write] = ()
    events: Sequence[Event] = ()


class Standings:
    """How organisations stand."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def seen(self, *, actor: Actor) -> Seen:
        """Everything about the organisation's standing. Forbidden."""
        require(actor, Permission.STANDING_VIEW)
        tenancy = await self._ground.organizations.get(actor.organization)
        standing, _ = await self.read(tenancy)
        documents, partition = self._ground.documents, tenancy.partition
        changes = await documents.query(partition, CHANGE, limit=MOST_SHOWN, newest_first=True)
        appeals = await documents.query(partition, APPEAL, limit=MOST_SHOWN, newest_first=True)
        return Seen(
            standing,
            tuple(stored.change(one, tenancy) for one in changes.documents),
            tuple(stored.appeal(one, tenancy) for one in appeals.documents),
        )

    async def set(self, wanted: Wanted, *, version: int, actor: Actor) -> Standing:
        """Another standing, by the operator. Forbidden, StepUpRequired, InvalidInput, Conflict
        (`erasing`, `standing-unchanged`, stale version)."""
        self._require_operator(actor)
        tenancy, before, known = await self._seen(actor, version)
        now_ms = self._ground.clock.now_ms()
        after = rules.moved(
            before, wanted, by=actor.person_id, now_ms=now_ms, window_ms=self._ground.window_ms
        )
        writes: list[Write] = []
        if before.open_appeal and not after.open_appeal:
            settled = Outcome.SETTLED, "", actor.person_id, now_ms
            writes.append(await self._decided(tenancy, before.open_appeal, *settled))
        step = _Step(
            Act.SET,
            wanted.text,
            actor.person_id,
            Action.STANDING_CHANGED,
            TOLD[wanted.state],
            writes,
        )
        return await self._write(tenancy, known, before, after, step)

    async def appeal(self, text: str, *, version: int, actor: Actor) -> Standing:
        """A representative's appeal; one at a time. Forbidden, Conflict (`active`, `appeal-open`,
        stale version)."""
        require(actor, Permission.STANDING_APPEAL)
        tenancy, before, known = await self._seen(actor, version)
        now_ms = self._ground.clock.now_ms()
        after = rules.appealed(before)
        made = Appeal(after.open_appeal, before.state, text, actor.person_id, now_ms)
        writes: list[Write] = [Create(APPEAL, made.id, stored.appeal_body(made, tenancy))]
        if self._ground.support_mail:
            writes.append(
                row(
                    tenancy,
                    Topic.STANDING_APPEALED,
                    Way.MAIL,
                    cause=made.id,
                    person="support",
                    now_ms=now_ms,
                    to=self._ground.support_mail,
                )
            )
        step = _Step(Act.APPEALED, "", actor.person_id, Action.STANDING_APPEALED, None, writes)
        return await self._write(tenancy, known, before, after, step)

    async def decide(
        self, granted: State | None, text: str, *, version: int, actor: Actor
    ) -> Standing:
        """The operator's answer to the appeal that waits: refused, or granted with the state from
        now on. Forbidden, StepUpRequired, InvalidInput, Conflict (`no-appeal`, `erasing`, stale
        version)."""
        self._require_operator(actor)
        tenancy, before, known = await self._seen(actor, version)
        now_ms = self._ground.clock.now_ms()
        after = rules.decided(before, granted, text, by=actor.person_id, now_ms=now_ms)
        outcome = Outcome.REFUSED if granted is None else Outcome.GRANTED
        answer = outcome, text, actor.person_id, now_ms
        refused = outcome is Outcome.REFUSED
        step = _Step(
            Act.APPEAL_REFUSED if refused else Act.APPEAL_GRANTED,
            text,
            actor.person_id,
            Action.STANDING_APPEAL_DECIDED,
            Topic.APPEAL_REFUSED if refused else Topic.APPEAL_GRANTED,
            [await self._decided(tenancy, before.open_appeal, *answer)],
        )
        return await self._write(tenancy, known, before, after, step)

    async def plan_erasure(
        self, text: str, *, stopped: bool, version: int, actor: Actor
    ) -> Standing:
        """Stops the erasure of a terminated organisation until it is taken up again, which opens
        a whole export window. Forbidden, StepUpRequired, Conflict (`no-plan`, `erasing`, stale
        version)."""
        self._require_operator(actor)
        tenancy, before, known = await self._seen(actor, version)
        now_ms, window_ms = self._ground.clock.now_ms(), self._ground.window_ms
        if stopped:
            after, act, action = rules.stopped(before), Act.ERASURE_STOPPED, Action.ERASURE_STOPPED
        else:
            after = rules.resumed(before, now_ms=now_ms, window_ms=window_ms)
            act, action = Act.ERASURE_RESUMED, Action.ERASURE_RESUMED
        topic = Topic.ERASURE_STOPPED if stopped else Topic.ERASURE_RESUMED
        step = _Step(act, text, actor.person_id, action, topic)
        return await self._write(tenancy, known, before, after, step)

    async def begin_erasure(self, tenancy: Tenancy) -> bool:
        """Passes the point from which nothing stops the erasure, if it is due; whether it did."""
        known = await self._ground.documents.get(tenancy.partition, STANDING, STANDING_ID)
        before, now_ms = stored.standing(known, tenancy), self._ground.clock.now_ms()
        if not rules.is_due(before, now_ms):
            return False
        after = rules.begun(before, now_ms=now_ms)
        step = _Step(Act.ERASURE_BEGUN, "", "system", Action.ERASURE_BEGUN, None)
        try:
            await self._write(tenancy, known, before, after, step)
        except Conflict:
            return False  # stopped, appealed or begun by another worker at the same moment
        return True

    async def read(self, tenancy: Tenancy) -> tuple[Standing, Document | None]:
        """How it stands, and what that was read from."""
        known = await self._ground.documents.get(tenancy.partition, STANDING, STANDING_ID)
        return stored.standing(known, tenancy), known

    def _require_operator(self, actor: Actor) -> None:
        """What leads to an erasure, or lets one go on, asks for more than an open session."""
        require(actor, Permission.STANDING_SET)
        now_ms, max_age_s = self._ground.clock.now_ms(), self._ground.proof_s
        require_recent_proof(actor, now_ms=now_ms, max_age_s=max_age_s)

    async def _seen(self, actor: Actor, version: int) -> tuple[Tenancy, Standing, Document | None]:
        tenancy = await self._ground.organizations.get(actor.organization)
        before, known = await self.read(tenancy)
        rules.require_version(before, version)
        return tenancy, before, known

    async def _decided(
        self, tenancy: Tenancy, id: str, outcome: Outcome, answer: str, by: str, at_ms: int
    ) -> Write:
        """The write of an appeal's end."""
        document = await self._ground.documents.get(tenancy.partition, APPEAL, id)
        if document is None:
            raise Conflict(rules.STALE)
        made = stored.appeal(document, tenancy)._replace(
            outcome=outcome, answer=answer, decided_by=by, decided_at_ms=at_ms
        )
        return Replace(APPEAL, id, stored.appeal_body(made, tenancy), document.etag)

    async def _write(
        self,
        tenancy: Tenancy,
        known: Document | None,
        before: Standing,
        after: Standing,
        step: _Step,
    ) -> Standing:
        """The whole step or nothing. Conflict when somebody else was first."""
        ground, now_ms = self._ground, self._ground.clock.now_ms()
        body = stored.standing_body(after, tenancy)
        line = Change(
            after.version, step.act, after.state, after.reason, step.text, step.by, now_ms
        )
        writes: list[Write] = [
            Create(STANDING, STANDING_ID, body)
            if known is None
            else Replace(STANDING, STANDING_ID, body, known.etag),
            Create(CHANGE, stored.change_id(after.version), stored.change_body(line, tenancy)),
            *step.writes,
        ]
        facts: dict[str, Fact] = {"version": after.version, "state": after.state.value}
        facts |= {"reason": after.reason.value, "act": step.act.value}
        events = [Event(step.action, step.by, tenancy.organization.code, facts), *step.events]
        if after.state in CLOSED and before.state not in CLOSED:
            lost = await ground.call_handling.closed(tenancy, now_ms)
            writes += lost.writes
            events += lost.events
        if step.topic is not None:
            writes += await self._told(tenancy, step.topic, after, now_ms)
        try:
            await ground.audit.commit(tenancy.partition, events, writes)
        except (Conflict, NotFound) as error:
            raise Conflict(rules.STALE) from error
        await ground.organizations.state(tenancy.organization.code)
        return after

    async def _told(
        self, tenancy: Tenancy, topic: Topic, after: Standing, now_ms: int
    ) -> list[Write]:
        """A message to each representative in Teams, and to the organisation's mail address."""
        code = tenancy.organization.code
        until = instant(after.erase_at_ms).date().isoformat() if after.erase_at_ms else "-"
        values = {"path": f"{PATH}&organization={code}", "until": until}
        cause = str(after.version)
        rows = [
            row(tenancy, topic, Way.TEAMS, cause=cause, person=one, now_ms=now_ms, values=values)
            for one in await self._representatives(code, now_ms)
        ]
        if mail := await self._ground.proofs.mail(tenancy, Purpose.SERVICE):
            rows.append(
                row(
                    tenancy,
                    topic,
                    Way.MAIL,
                    cause=cause,
                    person="organization",
                    now_ms=now_ms,
                    to=mail,
                    values=values,
                )
            )
        return list(rows)

    async def _representatives(self, code: str, now_ms: int) -> list[str]:
        """Who represents the organisation in person; those of a group read the mail."""
        role = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE.value
        book = await self._ground.shelf.book(code)
        people = {
            one.holder.id
            for one in book.working(now_ms)
            if one.terms.role == role and one.holder.kind is HolderKind.PERSON
        }
        return sorted(people)[:MOST_TOLD]
