"""The yearly word that mail address and phone are still right: reminded of a month before and
when it is due, and without it the proofs end a month after."""

from portal.domain.audit.model import Event
from portal.domain.communications.documents import MESSAGE
from portal.domain.communications.model import Topic
from portal.domain.organizations.service import Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import instant
from portal.domain.shared.documents import Write
from portal.domain.shared.errors import Conflict, NotFound
from portal.domain.shared.fields import Purpose
from portal.domain.verification import rules
from portal.domain.verification.desk import PURPOSES, Desk, notices
from portal.domain.verification.model import PROVEN_TWICE, Contact, Reach
from portal.domain.verification.proofs import SYSTEM


class Renewal:
    """Looks at every organisation; running it again changes nothing more."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def look(self) -> None:
        """Reminds of what is due within a month, ends what is a month over."""
        for organization in await self._desk.organizations.serving(Activity.TELL_ESSENTIAL):
            tenancy = await self._desk.organizations.get(organization.code)
            proven = (await self._desk.proofs.proven(tenancy)).contact
            if proven.standing not in PROVEN_TWICE:
                continue
            now_ms = self._desk.clock.now_ms()
            due_ms = proven.attested_at_ms + rules.ATTEST_MS
            if now_ms >= due_ms + rules.REMIND_MS:
                await self._end(tenancy)
            elif now_ms >= due_ms - rules.REMIND_MS:
                await self._remind(tenancy, proven, due_ms, now_ms)

    async def _remind(self, tenancy: Tenancy, proven: Contact, due_ms: int, now_ms: int) -> None:
        mail = await self._desk.proofs.mail(tenancy, Purpose.SERVICE)
        rows = notices(
            tenancy,
            Topic.ATTESTATION_DUE,
            proven._replace(mail=proven.mail._replace(value=mail)),
            proven.mail.proven_by,
            str(due_ms),
            now_ms,
            due=instant(due_ms).date().isoformat(),
        )
        documents, partition = self._desk.documents, tenancy.partition
        if await documents.get(partition, MESSAGE, rows[0].id) is None:
            try:
                await documents.batch(partition, rows)
            except Conflict:
                return  # another worker was first

    async def _end(self, tenancy: Tenancy) -> None:
        kept = await self._desk.proofs.of(tenancy, *PURPOSES)
        before = kept.contact
        if before.standing not in PROVEN_TWICE:
            return  # another worker was first
        after = before._replace(
            mail=before.mail._replace(proven_at_ms=0, proven_by=""),
            phone=before.phone._replace(proven_at_ms=0, proven_by=""),
            authenticator=Reach(),
        )
        writes: list[Write] = [kept.changed(after, tenancy)]
        events: list[Event] = []
        lost, told = await self._desk.loss(tenancy, before, after, before.mail.proven_by, by=SYSTEM)
        writes += lost
        events += told
        person, cause = before.mail.proven_by, str(before.attested_at_ms)
        writes += notices(
            tenancy, Topic.ATTESTATION_LAPSED, before, person, cause, self._desk.clock.now_ms()
        )
        try:
            await self._desk.audit.commit(tenancy.partition, events, writes)
        except (Conflict, NotFound):
            return  # attested or changed at the same moment: the next look sees it
