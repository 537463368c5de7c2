"""A message that was sent twice: which of the two in Teams is the one.

Teams has no key for messages that are sent again. A process that ends between the channel's yes and
the mark leaves a message whose id nobody knows. Whoever opens it before its claim has passed makes
it known, and it is not sent again; one that was sent again gives way to the other.
"""

from contextlib import suppress
from typing import Final

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.incidents import documents as stored
from portal.domain.incidents.casebook import TRIAGE
from portal.domain.incidents.documents import DELIVERY
from portal.domain.incidents.model import Stage
from portal.domain.organizations.service import Organizations
from portal.domain.shared.documents import Documents, Replace
from portal.domain.shared.errors import Conflict, NotFound

UNDONE: Final = frozenset({Stage.WAITING, Stage.SENT})


class Copies:
    """Learns which message of Teams a delivery is, and knows the others."""

    def __init__(self, organizations: Organizations, documents: Documents) -> None:
        self._organizations = organizations
        self._documents = documents

    async def is_copy(self, delivery: str, message: str, *, actor: Actor) -> bool:
        """Whether that message of Teams is a second one of the delivery; where none is known yet
        it is kept as the one. Nothing is learnt of somebody else's. Forbidden."""
        require(actor, Permission.INCIDENTS_REPORT)
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, DELIVERY, delivery)
        if known is None or not message:
            return False
        one = stored.delivery(known.id, known.body)
        if one.to == TRIAGE:
            require(actor, Permission.INCIDENTS_HANDLE)
        elif one.to != actor.person_id:
            return False
        if one.activity or one.stage not in UNDONE or not one.attempts:
            return one.attempts > 1 and one.activity not in {"", message}
        seen = one._replace(stage=Stage.SENT, activity=message, held_until_ms=0)
        write = Replace(
            DELIVERY, known.id, stored.delivery_body(seen), known.etag, known.expires_at_ms
        )
        with suppress(Conflict, NotFound):  # its sender, or another look, at the same moment
            await self._documents.batch(tenancy.partition, [write])
        return False
