"""Reading an organisation's particulars: for verification itself, and for what depends on it."""

from typing import NamedTuple

from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Create, Documents, Replace
from portal.domain.verification import documents as stored
from portal.domain.verification.documents import CONTACT, CONTACT_ID
from portal.domain.verification.model import Contact, Standing


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


class Proofs:
    """The particulars of organisations."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def of(self, tenancy: Tenancy) -> Kept:
        """The organisation's particulars."""
        known = await self._documents.get(tenancy.partition, CONTACT, CONTACT_ID)
        if known is None:
            return Kept(Contact(), "")
        return Kept(stored.contact(known.body, tenancy.keyring), known.etag)

    async def is_verified(self, tenancy: Tenancy) -> bool:
        """Whether both proofs are there."""
        return (await self.of(tenancy)).contact.standing is Standing.VERIFIED


class ProvenAddress:
    """Where mail about an organisation may go, for communications."""

    def __init__(self, proofs: Proofs) -> None:
        self._proofs = proofs

    async def of(self, tenancy: Tenancy) -> str:
        """The organisation's mail address while it is proven, else ""."""
        mail = (await self._proofs.of(tenancy)).contact.mail
        return mail.value if mail.proven_at_ms else ""
