"""Puts measures around ports, so that neither rules nor adapters have to count."""

from typing import Any, cast

from portal.domain.contacts.ports import Batch, Contacts, Tally, Tenant
from portal.measures import Measures


class _Measured:
    """Contacts whose storing and settling is measured; everything else is theirs."""

    def __init__(self, contacts: Contacts, measures: Measures) -> None:
        self._contacts = contacts
        self._measures = measures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._contacts, name)

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        """As the port says."""
        with self._measures.batches.timed(batch.source):
            return await self._contacts.ingest(tenant, batch, now_ms=now_ms)

    async def settle(self, tenant: Tenant) -> int:
        """As the port says."""
        with self._measures.settling.timed():
            days = await self._contacts.settle(tenant)
        self._measures.settled.add(by=days)
        return days


def measured(contacts: Contacts, measures: Measures) -> Contacts:
    """The same contacts, measured; for whoever writes them. Readers take them as they are."""
    return cast(Contacts, _Measured(contacts, measures))
