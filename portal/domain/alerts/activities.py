"""Every activity of Teams has its effect once: its key is a document in the batch of the effect."""

from collections.abc import Sequence

from portal.domain.alerts.documents import HANDLED
from portal.domain.audit.model import Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Documents, Write
from portal.domain.shared.errors import Conflict

REMEMBERED_MS = 24 * 3600 * 1000


class Replayed(Conflict):
    """The activity had its effect before; nothing was changed now."""

    code = "replayed"


class Activities:
    """Which activities had their effect. Keys are of 64 hexadecimal digits; "" is no activity."""

    def __init__(
        self, organizations: Organizations, documents: Documents, audit: Audit, clock: Clock
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._clock = clock

    async def claim(self, key: str, organization: str) -> None:
        """For activities without another effect. Raises Replayed."""
        tenancy = await self._organizations.get(organization)
        await self.commit(tenancy.partition, [], once=key)

    async def had(self, key: str, partition: str) -> bool:
        """Whether the activity had its effect in that partition."""
        return bool(key) and await self._documents.get(partition, HANDLED, key) is not None

    async def commit(
        self,
        partition: str,
        writes: Sequence[Write],
        *,
        events: Sequence[Event] = (),
        once: str = "",
    ) -> None:
        """Writes all or nothing, and never twice for the same activity. Raises Replayed, and what
        the batch raises."""
        now_ms = self._clock.now_ms()
        whole = list(writes)
        if once:
            whole.append(Create(HANDLED, once, {"at_ms": now_ms}, now_ms + REMEMBERED_MS))
        try:
            if events:
                await self._audit.commit(partition, events, whole)
            else:
                await self._documents.batch(partition, whole)
        except Conflict as error:
            if once and await self._documents.get(partition, HANDLED, once):
                raise Replayed("This was done already.") from error
            raise
