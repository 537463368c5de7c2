"""What asking and answering share: the stores, somebody's attempts, what a change brings along."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Body, Create, Document, Documents, Replace, Write
from portal.domain.shared.fields import Kind, Purpose
from portal.domain.verification.documents import ATTEMPTS
from portal.domain.verification.limits import Limits
from portal.domain.verification.model import Attempts, Contact, Standing
from portal.domain.verification.ports import AuthenticatorApps, Dependent, Numbers
from portal.domain.verification.proofs import Proofs

TRIES = 120
"""How often a change is tried again while others are faster."""
BUSY = "Too many changes at once; try again."
LATER_MS = 30 * 24 * 3600 * 1000
PURPOSES = (Purpose.VERIFICATION, Purpose.SECURITY)
"""What asking and answering read particulars for: the proof, and telling of what it changes."""


class Desk(NamedTuple):
    """The stores and rules behind verification. `support_mail` is told of alarms, "" for nobody;
    `alarmed` is called after each that was raised."""

    organizations: Organizations
    documents: Documents
    audit: Audit
    proofs: Proofs
    limits: Limits
    numbers: Numbers
    apps: AuthenticatorApps
    dependents: Sequence[Dependent]
    clock: Clock
    ids: Ids
    proof_s: float
    countries: frozenset[str]
    support_mail: str
    alarmed: Callable[[], None]

    async def attempts(self, tenancy: Tenancy, person: str) -> tuple[Attempts, Document | None]:
        """Somebody's attempts in the organisation, and what they were read from."""
        known = await self.documents.get(tenancy.partition, ATTEMPTS, person)
        return (Attempts(**known.body) if known else Attempts()), known

    async def loss(
        self, tenancy: Tenancy, before: Contact, after: Contact, person: str, *, by: str = ""
    ) -> tuple[list[Write], list[Event]]:
        """What else is written when `after` is no longer verified and `before` was: what depends
        on it goes off, and the person and the organisation are told. `by` is who caused it, the
        person unless told."""
        if before.standing is not Standing.VERIFIED or after.standing is Standing.VERIFIED:
            return [], []
        now_ms = self.clock.now_ms()
        writes: list[Write] = []
        code = tenancy.organization.code
        events = [
            Event(Action.VERIFICATION_LOST, by or person, code, {"standing": str(after.standing)})
        ]
        for one in self.dependents:
            lost = await one.lost(tenancy, now_ms)
            writes += lost.writes
            events += lost.events
        if writes:
            cause = str(now_ms)
            writes += notices(tenancy, Topic.FELL_BACK, before, person, cause, now_ms)
        return writes, events


def notices(
    tenancy: Tenancy,
    topic: Topic,
    contact: Contact,
    person: str,
    cause: str,
    now_ms: int,
    **values: str,
) -> list[Create]:
    """A message about somebody's acts: to them in Teams, and to the organisation's mail address
    once that is proven."""
    rows = [
        row(tenancy, topic, Way.TEAMS, cause=cause, person=person, now_ms=now_ms, values=values)
    ]
    if contact.mail.proven_at_ms:
        rows.append(
            row(
                tenancy,
                topic,
                Way.MAIL,
                cause=cause,
                person=person,
                now_ms=now_ms,
                to=contact.mail.value,
                values=values,
            )
        )
    return rows


def put(
    kind: Kind, id: str, known: Document | None, body: Body, expires_at_ms: int | None
) -> Write:
    """The write over what was read, or of something new."""
    if known is None:
        return Create(kind, id, body, expires_at_ms)
    return Replace(kind, id, body, known.etag, expires_at_ms)
