"""Reads of contact data for what it was not given for, in the trail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.shared.contact_data import WrongPurpose


@asynccontextmanager
async def refusals_audited(audit: Audit, partition: str, by: str) -> AsyncIterator[None]:
    """Writes a WrongPurpose of what runs within into the organisation's trail, and raises it on.
    `by` is the person, or the part of the service, that wanted to read."""
    try:
        yield
    except WrongPurpose as refused:
        facts = {"purpose": refused.purpose.value}
        event = Event(Action.PURPOSE_REFUSED, by, refused.field, facts)
        await audit.commit(partition, [event])
        raise
