"""Having links and codes sent.

Every address is treated alike: nothing is looked up by it, so that neither the answer nor the work
behind it tells whether anybody else uses it (security reference, T12).
"""

from collections.abc import Sequence
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require, require_recent_proof
from portal.domain.audit.model import Action, Event
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import WHOLE, row
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Create, Write
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound, RateLimited
from portal.domain.verification import rules
from portal.domain.verification.desk import BUSY, PURPOSES, TRIES, Desk, notices, put
from portal.domain.verification.documents import (
    ALARM,
    CHALLENGE,
    LINK,
    LINK_ID,
    challenge_id,
)
from portal.domain.verification.limits import Slots
from portal.domain.verification.model import Contact, Factor, Reach
from portal.domain.verification.proofs import Kept


class _Alarm(NamedTuple):
    """What is written when pumping is suspected, nothing when nobody is to be told (again)."""

    writes: Sequence[Create] = ()
    events: Sequence[Event] = ()


class Asking:
    """The first half of a proof."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def send_link(self, mail: str, *, actor: Actor) -> None:
        """Makes this the organisation's mail address, unproven if it is another, and has a link
        sent to it; the link before ends. Forbidden, InvalidInput, RateLimited (`wait`, `locked`,
        `sending-stopped`), StepUpRequired for replacing a proven address."""
        require(actor, Permission.SETUP_MANAGE)
        address, desk = rules.mail_address(mail), self._desk
        tenancy = await desk.organizations.get(actor.organization)
        for _ in range(TRIES):
            now_ms = desk.clock.now_ms()
            await self._require_unlocked(tenancy, actor, now_ms)
            slots = await desk.limits.slots(
                tenancy, actor.person_id, "mail", rules.MAIL_ORGANIZATION_A_DAY, now_ms
            )
            kept = await desk.proofs.of(tenancy, *PURPOSES, by=actor.person_id)
            token = desk.ids.new() + desk.ids.new()
            writes = [*slots.writes, *await self._link(tenancy, actor, address, token, now_ms)]
            facts = {"changed": rules.mail_key(kept.contact.mail.value) != rules.mail_key(address)}
            event = Event(Action.MAIL_LINK_SENT, actor.person_id, actor.organization, facts)
            if await self._commit(tenancy, actor, kept, Factor.MAIL, address, writes, [event]):
                return
        raise Conflict(BUSY)

    async def send_code(self, phone: str, *, spoken: bool = False, actor: Actor) -> str:
        """Makes this the organisation's phone, unproven if it is another, and has a code sent to
        it by SMS, or spoken in a call; the person's code before ends. Both share their limits. The
        challenge that the code answers. Forbidden, InvalidInput (also `number-refused`),
        RateLimited and StepUpRequired as `send_link`."""
        require(actor, Permission.SETUP_MANAGE)
        desk = self._desk
        tenancy = await desk.organizations.get(actor.organization)
        country = tenancy.organization.country
        number = desk.numbers.read(phone, country)
        if number is None:
            raise InvalidInput("This is no phone number.", fields={"phone": "with country code"})
        rules.check_number(number, desk.countries | {country}, spoken=spoken)
        reserved = False
        for _ in range(TRIES):
            now_ms = desk.clock.now_ms()
            await self._require_unlocked(tenancy, actor, now_ms)
            kept = await desk.proofs.of(tenancy, *PURPOSES, by=actor.person_id)
            self._require_proof(kept.contact, Factor.PHONE, number.e164, actor)
            slots = await self._slots(tenancy, actor, now_ms)
            if not reserved:
                await self._reserve(tenancy, number.e164, now_ms)
                reserved = True
            challenge, code = desk.ids.new(), rules.code_of(desk.ids.new())
            writes = [
                *slots.writes,
                *await self._challenge(
                    tenancy, actor, number.e164, challenge, code, now_ms, spoken=spoken
                ),
            ]
            facts = {"spoken": spoken}
            events = [Event(Action.PHONE_CODE_SENT, actor.person_id, actor.organization, facts)]
            alarm = _Alarm()
            if self._converts_badly(slots):
                alarm = await self._alarm(tenancy, now_ms)
            writes, events = [*writes, *alarm.writes], [*events, *alarm.events]
            if await self._commit(tenancy, actor, kept, Factor.PHONE, number.e164, writes, events):
                self._count(alarm)
                return challenge
        raise Conflict(BUSY)

    async def _require_unlocked(self, tenancy: Tenancy, actor: Actor, now_ms: int) -> None:
        attempts, _ = await self._desk.attempts(tenancy, actor.person_id)
        rules.require_unlocked(attempts, now_ms)

    def _require_proof(self, contact: Contact, factor: Factor, value: str, actor: Actor) -> None:
        """Somebody with an open session alone does not take a proven address away."""
        before = contact.mail if factor is Factor.MAIL else contact.phone
        if before.proven_at_ms and not _is_same(factor, before.value, value):
            require_recent_proof(
                actor, now_ms=self._desk.clock.now_ms(), max_age_s=self._desk.proof_s
            )

    async def _commit(
        self,
        tenancy: Tenancy,
        actor: Actor,
        kept: Kept,
        factor: Factor,
        value: str,
        writes: list[Write],
        events: list[Event],
    ) -> bool:
        """Writes it all with the changed particulars; False when somebody was faster."""
        desk, before = self._desk, kept.contact
        self._require_proof(before, factor, value, actor)
        now_ms = desk.clock.now_ms()
        reach = before.mail if factor is Factor.MAIL else before.phone
        changed = not _is_same(factor, reach.value, value)
        new = Reach(value) if changed else reach._replace(value=value)
        new = new._replace(sent_at_ms=now_ms)
        after = before._replace(mail=new) if factor is Factor.MAIL else before._replace(phone=new)
        lost, told = await desk.loss(tenancy, before, after, actor.person_id)
        writes = [*writes, kept.changed(after, tenancy), *lost]
        if changed and reach.proven_at_ms:
            what, cause = factor.value, f"{factor}|{now_ms}"
            writes += notices(
                tenancy,
                Topic.CONTACT_CHANGED,
                before,
                actor.person_id,
                cause,
                now_ms,
                what=what,
            )
        try:
            await desk.audit.commit(tenancy.partition, [*events, *told], writes)
        except (Conflict, NotFound):
            return False
        return True

    async def _link(
        self, tenancy: Tenancy, actor: Actor, address: str, token: str, now_ms: int
    ) -> list[Write]:
        known = await self._desk.documents.get(tenancy.partition, LINK, LINK_ID)
        hashed, until_ms = rules.token_hash(token), now_ms + rules.LINK_MS
        index = tenancy.keyring.blind("mail", rules.mail_key(address)).hex()
        body = {"hash": hashed, "person": actor.person_id, "index": index}
        path = f"/verify?organization={tenancy.organization.code}#{token}"
        message = row(
            tenancy,
            Topic.MAIL_LINK,
            Way.MAIL,
            cause=hashed[:32],
            person=actor.person_id,
            now_ms=now_ms,
            to=address,
            values={"path": path},
            until_ms=until_ms,
        )
        return [put(LINK, LINK_ID, known, body, until_ms), message]

    async def _challenge(
        self,
        tenancy: Tenancy,
        actor: Actor,
        number: str,
        challenge: str,
        code: str,
        now_ms: int,
        *,
        spoken: bool,
    ) -> list[Write]:
        person, id = actor.person_id, challenge_id(actor.person_id)
        known = await self._desk.documents.get(tenancy.partition, CHALLENGE, id)
        until_ms = now_ms + rules.CODE_MS
        body = {
            "challenge": challenge,
            "mac": rules.code_mac(tenancy.keyring, challenge, number, person, code),
            "person": person,
            "index": tenancy.keyring.blind("phone", number).hex(),
            "tries": 0,
        }
        message = row(
            tenancy,
            Topic.PHONE_CALL if spoken else Topic.PHONE_CODE,
            Way.VOICE if spoken else Way.SMS,
            cause=challenge,
            person=person,
            now_ms=now_ms,
            to=number,
            values={"code": code},
            until_ms=until_ms,
        )
        return [put(CHALLENGE, id, known, body, until_ms), message]

    # --- pumping ----------------------------------------------------------------------------

    async def _slots(self, tenancy: Tenancy, actor: Actor, now_ms: int) -> Slots:
        try:
            return await self._desk.limits.slots(
                tenancy, actor.person_id, "sms", rules.ORGANIZATION_A_DAY, now_ms
            )
        except RateLimited as refused:
            await self._tell(tenancy, refused, now_ms)
            raise

    async def _reserve(self, tenancy: Tenancy, number: str, now_ms: int) -> None:
        try:
            await self._desk.limits.reserve(number, now_ms)
        except RateLimited as refused:
            await self._tell(tenancy, refused, now_ms)
            raise

    async def _tell(self, tenancy: Tenancy, refused: RateLimited, now_ms: int) -> None:
        if refused.code != "sending-stopped":
            return
        alarm = await self._alarm(tenancy, now_ms)
        if not alarm.writes:
            return
        try:
            await self._desk.audit.commit(tenancy.partition, alarm.events, alarm.writes)
        except Conflict:
            return  # somebody else raised it at the same moment
        self._count(alarm)

    async def _alarm(self, tenancy: Tenancy, now_ms: int) -> _Alarm:
        """The alarm of the day, once, with the mail that tells support."""
        id = f"pumping|{now_ms // rules.DAY_MS}"
        if await self._desk.documents.get(tenancy.partition, ALARM, id) is not None:
            return _Alarm()
        event = Event(Action.PUMPING_SUSPECTED, "system", tenancy.organization.code)
        writes = [Create(ALARM, id, {"at_ms": now_ms}, now_ms + 30 * rules.DAY_MS)]
        if self._desk.support_mail:
            writes.append(
                row(
                    tenancy,
                    Topic.PUMPING_SUSPECTED,
                    Way.MAIL,
                    cause=id,
                    person=WHOLE,
                    now_ms=now_ms,
                    to=self._desk.support_mail,
                    values={"tenant": tenancy.organization.code},
                )
            )
        return _Alarm(writes, [event])

    def _count(self, alarm: _Alarm) -> None:
        if alarm.events:
            self._desk.alarmed()

    @staticmethod
    def _converts_badly(slots: Slots) -> bool:
        return (
            slots.sent_today >= rules.ALARM_SENDS
            and slots.proven_today / slots.sent_today < rules.ALARM_CONVERSION
        )


def _is_same(factor: Factor, one: str, other: str) -> bool:
    if factor is Factor.MAIL:
        return rules.mail_key(one) == rules.mail_key(other)
    return one == other
