"""Reading an organisation's particulars: for verification itself, and for what depends on it.

A read says what it is for; one for what they were not given for is refused and stands in the trail.
What was proven is known without opening them."""

from typing import NamedTuple

from portal.domain.audit.purposes import refusals_audited
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Body, Create, Document, Documents, Replace
from portal.domain.shared.fields import Purpose
from portal.domain.verification import documents as stored
from portal.domain.verification.documents import CONTACT, CONTACT_ID
from portal.domain.verification.model import Contact, Standing

SYSTEM = "system"


class Kept(NamedTuple):
    """Particulars with their version, "" before there were any."""

    contact: Contact
    etag: str

    def changed(self, after: Contact, tenancy: Tenancy) -> Create | Replace:
        """The write of other particulars over these."""
        body = stored.contact_body(after, tenancy.keyring)
        if not self.etag:
            return Create(CONTACT, CONTACT_ID, body)
        return Replace(CONTACT, CONTACT_ID, body, self.etag)


class Proven(NamedTuple):
    """What was proven, without the particulars: their values are "" here."""

    contact: Contact
    body: Body
    etag: str

    @property
    def standing(self) -> Standing:
        """How far the organisation is verified."""
        return self.contact.standing

    def unchanged(self) -> Replace:
        """The write that changes nothing, and fails when somebody changed the particulars."""
        return Replace(CONTACT, CONTACT_ID, self.body, self.etag)


class Proofs:
    """The particulars of organisations."""

    def __init__(self, documents: Documents, audit: Audit) -> None:
        self._documents = documents
        self._audit = audit

    async def of(self, tenancy: Tenancy, *purposes: Purpose, by: str = SYSTEM) -> Kept:
        """The organisation's particulars, read for these purposes. WrongPurpose, audited as by
        whom."""
        known = await self._get(tenancy)
        if known is None:
            return Kept(Contact(), "")
        async with refusals_audited(self._audit, tenancy.partition, by):
            return Kept(stored.contact(known.body, tenancy.keyring, purposes), known.etag)

    async def mail(self, tenancy: Tenancy, purpose: Purpose, by: str = SYSTEM) -> str:
        """The proven mail address alone, "" while there is none. WrongPurpose, audited."""
        known = await self._get(tenancy)
        if known is None or not known.body["mail_proven_at_ms"]:
            return ""
        async with refusals_audited(self._audit, tenancy.partition, by):
            return stored.value(known.body, "mail", tenancy.keyring, (purpose,))

    async def proven(self, tenancy: Tenancy) -> Proven:
        """What was proven; nothing is unsealed."""
        known = await self._get(tenancy)
        if known is None:
            return Proven(Contact(), {}, "")
        return Proven(stored.proven(known.body), known.body, known.etag)

    async def _get(self, tenancy: Tenancy) -> Document | None:
        return await self._documents.get(tenancy.partition, CONTACT, CONTACT_ID)
