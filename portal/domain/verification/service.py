"""Verification of organisations: where it stands, its yearly renewal, its locks, its leaks."""

from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.audit.model import Action, Event
from portal.domain.communications.model import Topic
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Delete, Replace, Write
from portal.domain.shared.errors import Conflict, Forbidden, NotFound
from portal.domain.shared.fields import Purpose
from portal.domain.verification import rules
from portal.domain.verification.answering import Answering
from portal.domain.verification.asking import Asking
from portal.domain.verification.authenticator import Authenticator
from portal.domain.verification.desk import PURPOSES, Desk, notices
from portal.domain.verification.documents import (
    ATTEMPTS,
    CHALLENGE,
    LINK,
    LINK_ID,
    challenge_id,
)
from portal.domain.verification.model import PROVEN_TWICE, Contact


class Status(NamedTuple):
    """Where verification stands for whoever asks; instants in ms, 0 for none. `challenge` is the
    caller's living code's, "" for none."""

    contact: Contact
    locked_until_ms: int
    challenge: str
    challenge_until_ms: int
    mail_wait_until_ms: int
    phone_wait_until_ms: int

    @property
    def attest_by_ms(self) -> int:
        """When it has to be renewed."""
        if self.contact.standing not in PROVEN_TWICE:
            return 0
        return self.contact.attested_at_ms + rules.ATTEST_MS


class Verification:
    """`asking` has links and codes sent, `answering` takes them; `authenticator` takes the codes of
    apps."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.asking = Asking(desk)
        self.answering = Answering(desk)
        self.authenticator = Authenticator(desk, self.answering)

    async def status(self, *, actor: Actor) -> Status:
        """Where it stands. Forbidden."""
        require(actor, Permission.SETUP_VIEW)
        desk, person = self._desk, actor.person_id
        tenancy = await desk.organizations.get(actor.organization)
        now_ms = desk.clock.now_ms()
        attempts, _ = await desk.attempts(tenancy, person)
        waiting = await desk.documents.get(tenancy.partition, CHALLENGE, challenge_id(person))
        living = waiting is not None and waiting.body["tries"] < rules.MOST_TRIES
        waits = [await desk.limits.wait_ms(tenancy, person, way, now_ms) for way in ("mail", "sms")]
        return Status(
            (await desk.proofs.of(tenancy, Purpose.VERIFICATION, by=person)).contact,
            attempts.locked_until_ms if attempts.locked_until_ms > now_ms else 0,
            str(waiting.body["challenge"]) if waiting and living else "",
            waiting.expires_at_ms or 0 if waiting and living else 0,
            now_ms + waits[0] if waits[0] else 0,
            now_ms + waits[1] if waits[1] else 0,
        )

    async def attest(self, *, actor: Actor) -> None:
        """Says that the particulars are still right. Forbidden, Conflict `not-verified` before
        they were proven."""
        require(actor, Permission.SETUP_MANAGE)
        tenancy = await self._desk.organizations.get(actor.organization)
        purpose, by = Purpose.VERIFICATION, actor.person_id
        kept = await self._desk.proofs.of(tenancy, purpose, by=by)
        if kept.contact.standing not in PROVEN_TWICE:
            raise Conflict("Prove mail address and phone first.", code="not-verified")
        after = kept.contact._replace(attested_at_ms=self._desk.clock.now_ms())
        event = Event(Action.ATTESTED, actor.person_id, actor.organization)
        await self._desk.audit.commit(tenancy.partition, [event], [kept.changed(after, tenancy)])

    async def unlock(self, person: str, *, actor: Actor) -> None:
        """Ends somebody else's lock before its time. Forbidden, NotFound when nothing is
        locked."""
        require(actor, Permission.SETUP_UNLOCK)
        if person == actor.person_id:
            raise Forbidden("Somebody else has to end your lock: a colleague, or the operator.")
        tenancy = await self._desk.organizations.get(actor.organization)
        attempts, known = await self._desk.attempts(tenancy, person)
        if known is None or attempts.locked_until_ms <= self._desk.clock.now_ms():
            raise NotFound("Nothing is locked there.")
        event = Event(
            Action.VERIFICATION_UNLOCKED, actor.person_id, person, {"locks": attempts.locks}
        )
        await self._desk.audit.commit(
            tenancy.partition, [event], [Delete(ATTEMPTS, person, known.etag)]
        )

    async def void_pasted(self, text: str, organization: str) -> int:
        """Makes living codes and links of the organisation useless that stand in a text of a chat,
        and tells whose they were; how many there were. Asks for no permission: whoever shows a
        code ends it."""
        codes = {
            rules.typed(found) for found in rules.PASTED_CODE.findall(text)[: rules.MOST_PASTED]
        }
        tokens = rules.PASTED_TOKEN.findall(text)[: rules.MOST_PASTED]
        of_apps = {
            rules.typed(found) for found in rules.PASTED_APP_CODE.findall(text)[: rules.MOST_PASTED]
        }
        if not codes and not tokens and not of_apps:
            return 0
        tenancy = await self._desk.organizations.get(organization)
        kept = await self._desk.proofs.of(tenancy, *PURPOSES)
        found: list[tuple[str, Delete | Replace]] = []
        if of_apps:
            found += await self.authenticator.shown(tenancy, of_apps)
        if codes:
            found += await self._codes(tenancy, kept.contact.phone.value, codes)
        link = await self._desk.documents.get(tenancy.partition, LINK, LINK_ID)
        if link is not None and any(
            rules.same(rules.token_hash(one), link.body["hash"]) for one in tokens
        ):
            found.append((str(link.body["person"]), Delete(LINK, LINK_ID, link.etag)))
        voided = 0
        for person, ending in found:
            voided += await self._void(tenancy, kept.contact, person, ending)
        return voided

    async def _codes(
        self, tenancy: Tenancy, number: str, codes: set[str]
    ) -> list[tuple[str, Delete]]:
        found = []
        cursor = None
        while True:
            page = await self._desk.documents.query(tenancy.partition, CHALLENGE, cursor=cursor)
            for one in page.documents:
                person, challenge = str(one.body["person"]), str(one.body["challenge"])
                macs = (
                    rules.code_mac(tenancy.keyring, challenge, number, person, code)
                    for code in codes
                )
                if any(rules.same(mac, one.body["mac"]) for mac in macs):
                    found.append((person, Delete(CHALLENGE, one.id, one.etag)))
            cursor = page.next
            if cursor is None:
                return found

    async def _void(
        self, tenancy: Tenancy, contact: Contact, person: str, ending: Delete | Replace
    ) -> bool:
        now_ms = self._desk.clock.now_ms()
        writes: list[Write] = [ending]
        writes += notices(tenancy, Topic.CODE_VOIDED, contact, person, ending.etag, now_ms)
        event = Event(Action.CODE_VOIDED, "system", person)
        try:
            await self._desk.audit.commit(tenancy.partition, [event], writes)
        except (Conflict, NotFound):
            return False  # used or replaced at the same moment
        return True
