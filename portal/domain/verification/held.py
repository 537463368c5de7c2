"""What contact data is held of somebody and of their organisation, and what for (R6).

The answer is made of the declarations of the stored fields, so that it cannot say less than what
the service may read.
"""

from enum import StrEnum
from typing import NamedTuple

from portal.domain.access import documents as access
from portal.domain.access.documents import MEMBER
from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import may
from portal.domain.alerts.documents import CONVERSATION
from portal.domain.communications.documents import MESSAGE
from portal.domain.communications.model import Stage
from portal.domain.organizations.service import Organizations
from portal.domain.shared.documents import Documents
from portal.domain.shared.fields import Kind, Purpose
from portal.domain.verification import rules
from portal.domain.verification.documents import CONTACT
from portal.domain.verification.proofs import Proofs


class Whose(StrEnum):
    """Of whom it is."""

    ORGANIZATION = "organization"
    YOU = "you"


class Data(StrEnum):
    """What it is."""

    MAIL = "mail"
    PHONE = "phone"
    NAME = "name"
    OWN_MAIL = "own_mail"
    CONVERSATION = "conversation"
    MESSAGE_ADDRESS = "message_address"


FIELDS = {
    Data.MAIL: (CONTACT, "mail", Whose.ORGANIZATION),
    Data.PHONE: (CONTACT, "phone", Whose.ORGANIZATION),
    Data.NAME: (MEMBER, "name", Whose.YOU),
    Data.OWN_MAIL: (MEMBER, "mail", Whose.YOU),
    Data.CONVERSATION: (CONVERSATION, "reference", Whose.YOU),
    Data.MESSAGE_ADDRESS: (MESSAGE, "to", Whose.YOU),
}


class Held(NamedTuple):
    """One of them: `shown` is enough to recognise it by, "" where nothing is held or it says
    nothing to people."""

    data: Data
    whose: Whose
    purposes: tuple[Purpose, ...]
    is_held: bool
    shown: str


class HeldData:
    """The declarations beside what is there."""

    def __init__(self, organizations: Organizations, documents: Documents, proofs: Proofs) -> None:
        self._organizations = organizations
        self._documents = documents
        self._proofs = proofs

    async def of(self, *, actor: Actor) -> list[Held]:
        """The caller's own, and the organisation's for who sees how it is set up. No permission
        is asked for: it is about the caller."""
        own = await self._own_mail(actor)
        found = {
            Data.NAME: (True, actor.display_name),
            Data.OWN_MAIL: (bool(own), rules.masked_mail(own)),
            Data.CONVERSATION: (await self._has(actor, CONVERSATION), ""),
            Data.MESSAGE_ADDRESS: (await self._has(actor, MESSAGE, stage=Stage.WAITING), ""),
        }
        if may(actor, Permission.SETUP_VIEW):
            tenancy = await self._organizations.get(actor.organization)
            kept = await self._proofs.of(tenancy, Purpose.VERIFICATION, by=actor.person_id)
            mail, phone = kept.contact.mail.value, kept.contact.phone.value
            found[Data.MAIL] = (bool(mail), rules.masked_mail(mail))
            found[Data.PHONE] = (bool(phone), rules.masked_phone(phone))
        return [
            Held(data, whose, _sorted(kind.field(name).purposes), *found[data])
            for data, (kind, name, whose) in FIELDS.items()
            if data in found
        ]

    async def _own_mail(self, actor: Actor) -> str:
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, MEMBER, actor.person_id)
        if known is None:
            return ""
        return access.member(known.id, known.body, tenancy.keyring).mail

    async def _has(self, actor: Actor, kind: Kind, **where: str) -> bool:
        tenancy = await self._organizations.get(actor.organization)
        where["person"] = actor.person_id
        page = await self._documents.query(tenancy.partition, kind, where=where, limit=1)
        return bool(page.documents)


def _sorted(purposes: frozenset[Purpose]) -> tuple[Purpose, ...]:
    return tuple(one for one in Purpose if one in purposes)
