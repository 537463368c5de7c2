"""Call handling: inbound, outbound and recording as decisions that are never written over.

In force at an instant is the latest decision that takes effect by then: who decides later has seen
what was decided for later. Outbound needs a verified organisation, recording an acknowledgement of
its duties that was not taken back (R16 to R20).
"""

import base64
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require, require_standing
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import STANDING, STANDING_ID, Activity, State, refusal
from portal.domain.setup.acknowledgement import TEXT_HASH
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Body, Create, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject
from portal.domain.verification.model import Standing
from portal.domain.verification.ports import Loss
from portal.domain.verification.proofs import Proofs

OPERATIONAL, CONFIGURATION = Category.OPERATIONAL, Category.CONFIGURATION
STALE = "Somebody decided meanwhile; look again and repeat it."
NOT_VERIFIED = (
    "Outbound calls need a verified organisation. Prove its mail address and phone first, in the "
    "set-up; then switch outbound on."
)
NOT_ACKNOWLEDGED = (
    "Recording needs somebody's acknowledgement of what it asks of the organisation. Read and give "
    "it first; then switch recording on."
)
TRIES = 50
PAGE = 200
HANDLING = Kind(
    "call_handling",
    (
        Field("version", OPERATIONAL),
        Field("inbound", CONFIGURATION),
        Field("outbound", CONFIGURATION),
        Field("recording", CONFIGURATION),
        Field("effective_from_ms", OPERATIONAL),
        Field("changed_at_ms", OPERATIONAL),
        Field("changed_by", Category.IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("why", Category.FREE_TEXT, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("cause", OPERATIONAL),
    ),
)
ACKNOWLEDGEMENT = Kind(
    "recording_acknowledgement",
    (
        Field("text_hash", OPERATIONAL),
        Field("consent_mode", CONFIGURATION),
        Field("person", Category.IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("given_at_ms", OPERATIONAL),
        Field("retracted_at_ms", OPERATIONAL),
    ),
)


class Cause(StrEnum):
    """Why a decision came about."""

    NONE = "none"
    PERSON = "person"
    VERIFICATION_LOST = "verification_lost"
    RETRACTED = "retracted"
    STANDING = "standing"


TAKEN: Mapping[Cause, tuple[str, ...]] = {
    Cause.VERIFICATION_LOST: ("outbound",),
    Cause.RETRACTED: ("recording",),
    Cause.STANDING: ("outbound", "recording"),
}
"""What each cause switches off."""


class Consent(StrEnum):
    """How many people on a call must consent to its recording."""

    ONE_PARTY = "one_party"
    ALL_PARTY = "all_party"


class Switches(NamedTuple):
    """What is on."""

    inbound: bool = False
    outbound: bool = False
    recording: bool = False


class Decision(NamedTuple):
    """A decision about call handling; version 0 is what holds before any."""

    version: int = 0
    switches: Switches = Switches()
    effective_from_ms: int = 0
    changed_at_ms: int = 0
    changed_by: str = ""
    why: str = ""
    cause: Cause = Cause.NONE


class Acknowledgement(NamedTuple):
    """Somebody's word; `retracted_at_ms` 0 while it stands."""

    id: str
    text_hash: str
    consent_mode: Consent
    person: str
    given_at_ms: int
    retracted_at_ms: int = 0

    def stood_at(self, at_ms: int) -> bool:
        """Whether it had been given and not been taken back by then."""
        return self.given_at_ms <= at_ms and not 0 < self.retracted_at_ms <= at_ms


class History(NamedTuple):
    """Everything that was decided and acknowledged, oldest first."""

    decisions: tuple[Decision, ...]
    acknowledgements: tuple[Acknowledgement, ...]

    @property
    def newest(self) -> Decision:
        """The last decision, in force or not yet."""
        return self.decisions[-1] if self.decisions else Decision()

    def in_force(self, at_ms: int) -> Decision:
        """What held at that instant."""
        return in_force(self.decisions, at_ms)

    def acknowledgement(self, at_ms: int) -> Acknowledgement | None:
        """The word that stood at that instant."""
        standing = [one for one in self.acknowledgements if one.stood_at(at_ms)]
        return standing[-1] if standing else None


class Wanted(NamedTuple):
    """A decision to make; `effective_from_ms` 0 is at once."""

    switches: Switches
    why: str
    effective_from_ms: int = 0


def in_force(decisions: tuple[Decision, ...], at_ms: int) -> Decision:
    """The latest decision that takes effect by the instant."""
    by_then = [one for one in decisions if one.effective_from_ms <= at_ms]
    return max(by_then, key=lambda one: one.version, default=Decision())


class CallHandling:
    """The decisions of organisations."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        proofs: Proofs,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._proofs = proofs
        self._clock = clock

    async def history(self, *, actor: Actor) -> History:
        """Everything that was decided. Forbidden."""
        require(actor, Permission.SETUP_VIEW)
        return await self._history(await self._organizations.get(actor.organization))

    async def of(self, tenancy: Tenancy) -> History:
        """Everything that was decided, for whoever asked for the permission already."""
        return await self._history(tenancy)

    async def is_decided(self, tenancy: Tenancy) -> bool:
        """Whether there is a decision."""
        page = await self._documents.query(tenancy.partition, HANDLING, limit=1)
        return bool(page.documents)

    async def decide(self, wanted: Wanted, *, version: int, actor: Actor) -> Decision:
        """Another decision. Forbidden (`not-verified`, `not-acknowledged`, `organization-<state>`
        for switching on what is not allowed), InvalidInput for one that would change the past,
        Conflict."""
        require(actor, Permission.SETUP_MANAGE)
        require_standing(actor, Activity.CHANGE)
        tenancy = await self._organizations.get(actor.organization)
        now_ms = self._clock.now_ms()
        history = await self._history(tenancy)
        if history.newest.version != version:
            raise Conflict(STALE)
        if wanted.effective_from_ms and wanted.effective_from_ms < now_ms:
            raise InvalidInput(
                "What was in force is not changed afterwards.",
                fields={"effective_from": "now or later"},
            )
        proven = await self._proofs.proven(tenancy)
        guards: list[Write] = []
        if wanted.switches.outbound:
            if proven.standing is not Standing.VERIFIED:
                raise Forbidden(NOT_VERIFIED, code="not-verified")
            guards.append(proven.unchanged())  # or it is lost at the same moment
        if wanted.switches.recording:
            guards.append(await self._guard(tenancy, now_ms))
        if wanted.switches.outbound or wanted.switches.recording:
            guards += await self._still_active(tenancy)
        made = Decision(
            version + 1,
            wanted.switches,
            wanted.effective_from_ms or now_ms,
            now_ms,
            actor.person_id,
            wanted.why,
            Cause.PERSON,
        )
        write, event = _written(made, tenancy, actor.person_id)
        try:
            await self._audit.commit(tenancy.partition, [event], [write, *guards])
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error
        return made

    async def acknowledge(self, text_hash: str, consent: Consent, *, actor: Actor) -> str:
        """Gives the organisation's word; its id. Forbidden, InvalidInput for another text,
        Conflict when it stands already."""
        require(actor, Permission.SETUP_MANAGE)
        if text_hash != TEXT_HASH:
            raise InvalidInput(
                "This is not the text as it is now; read it again.",
                fields={"text_hash": "of another text"},
            )
        tenancy = await self._organizations.get(actor.organization)
        now_ms = self._clock.now_ms()
        history = await self._history(tenancy)
        standing = history.acknowledgement(now_ms)
        if standing is not None and standing.text_hash == TEXT_HASH:
            raise Conflict("It is acknowledged already.", code="acknowledged")
        id = f"{len(history.acknowledgements) + 1:08d}"
        given = Acknowledgement(id, text_hash, consent, actor.person_id, now_ms)
        facts = {"consent_mode": consent.value, "text_hash": text_hash[:16]}
        event = Event(Action.RECORDING_ACKNOWLEDGED, actor.person_id, id, facts)
        try:
            await self._audit.commit(
                tenancy.partition, [event], [Create(ACKNOWLEDGEMENT, id, _given(given))]
            )
        except Conflict as error:
            raise Conflict(STALE) from error
        return id

    async def retract(self, why: str, *, actor: Actor) -> None:
        """Takes the word back; recording goes off in the same moment, also where it was decided
        for later. Forbidden, NotFound when none stands."""
        require(actor, Permission.SETUP_MANAGE)
        tenancy = await self._organizations.get(actor.organization)
        for _ in range(TRIES):
            now_ms = self._clock.now_ms()
            standing, known = await self._standing(tenancy, now_ms)
            if standing is None or known is None:
                raise NotFound("No acknowledgement stands.")
            # Read after it: switching on changes the version, so nothing on is overlooked.
            history = await self._history(tenancy)
            ended = _given(standing._replace(retracted_at_ms=now_ms))
            writes: list[Write] = [Replace(ACKNOWLEDGEMENT, standing.id, ended, known.etag)]
            events = [Event(Action.ACKNOWLEDGEMENT_RETRACTED, actor.person_id, standing.id)]
            off = _off(history, now_ms, Cause.RETRACTED, actor.person_id, why)
            if off is not None:
                write, event = _written(off, tenancy, actor.person_id)
                writes.append(write)
                events.append(event)
            try:
                await self._audit.commit(tenancy.partition, events, writes)
            except (Conflict, NotFound):
                continue  # somebody decided at the same moment: that counts too
            return
        raise Conflict(STALE)

    async def lost(self, tenancy: Tenancy, now_ms: int) -> Loss:
        """See the port of verification: outbound goes off with the proof it rests on."""
        history = await self._history(tenancy)
        off = _off(history, now_ms, Cause.VERIFICATION_LOST, "system", "")
        if off is None:
            return Loss()
        write, event = _written(off, tenancy, "system")
        return Loss([write], [event])

    async def closed(self, tenancy: Tenancy, now_ms: int) -> Loss:
        """What goes off with the organisation's being suspended or terminated: a decision also
        where nothing is on, so that one made at the same moment is not."""
        history = await self._history(tenancy)
        off = _off(history, now_ms, Cause.STANDING, "system", "") or Decision(
            history.newest.version + 1,
            history.in_force(now_ms).switches,
            now_ms,
            now_ms,
            "system",
            "",
            Cause.STANDING,
        )
        write, event = _written(off, tenancy, "system")
        return Loss([write], [event])

    async def _still_active(self, tenancy: Tenancy) -> list[Write]:
        """The write that fails when the organisation is suspended at the same moment. Forbidden
        when it is not active."""
        known = await self._documents.get(tenancy.partition, STANDING, STANDING_ID)
        if known is None:
            return []
        state = State(known.body["state"])
        if state is not State.ACTIVE:
            raise refusal(state)
        return [Replace(STANDING, STANDING_ID, known.body, known.etag)]

    async def _guard(self, tenancy: Tenancy, now_ms: int) -> Write:
        """The write that fails when the acknowledgement is taken back at the same moment.
        Forbidden without one of the present text."""
        standing, known = await self._standing(tenancy, now_ms)
        if standing is None or known is None or standing.text_hash != TEXT_HASH:
            raise Forbidden(NOT_ACKNOWLEDGED, code="not-acknowledged")
        return Replace(ACKNOWLEDGEMENT, known.id, known.body, known.etag)

    async def _standing(
        self, tenancy: Tenancy, now_ms: int
    ) -> tuple[Acknowledgement | None, Document | None]:
        """The acknowledgement that stands, as it is stored; None and None without one."""
        for document in reversed(await self._all(tenancy, ACKNOWLEDGEMENT)):
            one = _acknowledgement(document)
            if one.stood_at(now_ms):
                return one, document
        return None, None

    async def _history(self, tenancy: Tenancy) -> History:
        decisions = [_decision(one, tenancy) for one in await self._all(tenancy, HANDLING)]
        given = [_acknowledgement(one) for one in await self._all(tenancy, ACKNOWLEDGEMENT)]
        return History(tuple(decisions), tuple(given))

    async def _all(self, tenancy: Tenancy, kind: Kind) -> list[Document]:
        found: list[Document] = []
        cursor = None
        while True:
            page = await self._documents.query(tenancy.partition, kind, cursor=cursor, limit=PAGE)
            found += page.documents
            cursor = page.next
            if cursor is None:
                return found


def _off(history: History, now_ms: int, cause: Cause, person: str, why: str) -> Decision | None:
    """The decision that switches off what the cause takes away; None when nothing of it is on,
    nor decided for later."""
    now = history.in_force(now_ms)
    later = [one for one in history.decisions if one.effective_from_ms > now_ms]
    taken = TAKEN[cause]
    if not any(getattr(one.switches, field) for field in taken for one in (now, *later)):
        return None
    switches = now.switches._replace(**dict.fromkeys(taken, False))
    version = history.newest.version + 1
    return Decision(version, switches, now_ms, now_ms, person, why, cause)


def _written(of: Decision, tenancy: Tenancy, person: str) -> tuple[Create, Event]:
    id, keyring, switches = f"{of.version:08d}", tenancy.keyring, of.switches
    sealed = keyring.seal(keyring.own_key, f"call handling|{id}", of.why.encode())
    body = of._asdict() | switches._asdict()
    del body["switches"]
    body |= {"why": base64.b64encode(sealed).decode(), "cause": of.cause.value}
    facts = switches._asdict() | {"version": of.version, "cause": of.cause.value}
    event = Event(Action.CALL_HANDLING_CHANGED, person, tenancy.organization.code, facts)
    return Create(HANDLING, id, body), event


def _decision(document: Document, tenancy: Tenancy) -> Decision:
    body, keyring = document.body, tenancy.keyring
    sealed = base64.b64decode(body["why"])
    why = keyring.open(keyring.own_key, f"call handling|{document.id}", sealed).decode()
    return Decision(
        body["version"],
        Switches(body["inbound"], body["outbound"], body["recording"]),
        body["effective_from_ms"],
        body["changed_at_ms"],
        body["changed_by"],
        why,
        Cause(body["cause"]),
    )


def _given(of: Acknowledgement) -> Body:
    body = of._asdict() | {"consent_mode": of.consent_mode.value}
    del body["id"]
    return body


def _acknowledgement(document: Document) -> Acknowledgement:
    body = document.body
    return Acknowledgement(document.id, **{**body, "consent_mode": Consent(body["consent_mode"])})
