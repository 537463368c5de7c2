"""What people can choose about what is written to them.

Everybody has these choices, whatever their role: they are about the caller alone, so no permission
is asked for; an Actor is a member already.
"""

from collections.abc import Mapping

from portal.domain.access.model import Actor
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.communications import documents as stored
from portal.domain.communications.documents import CHOICES
from portal.domain.communications.model import CHOSEN_WAYS, Choices, MessageClass, Way
from portal.domain.organizations.service import Organizations
from portal.domain.shared.documents import Create, Documents, Replace
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound

STALE = "Somebody changed this meanwhile; look again and repeat it."


class Communications:
    """The choices of an organisation's people."""

    def __init__(self, organizations: Organizations, documents: Documents, audit: Audit) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit

    async def choices(self, *, actor: Actor) -> Choices:
        """The caller's choices."""
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, CHOICES, actor.person_id)
        return Choices() if known is None else stored.choices(known.body)

    async def choose(
        self, wanted: Mapping[tuple[MessageClass, Way], bool], *, version: int, actor: Actor
    ) -> Choices:
        """Other choices; what is not named stays. InvalidInput for silencing what is essential,
        Conflict for a stale version."""
        if any(kind is MessageClass.ESSENTIAL and not on for (kind, _), on in wanted.items()):
            raise InvalidInput(
                "Essential messages cannot be silenced: they are about the account's security.",
                fields={"preferences": "essential messages stay on"},
                code="essential",
            )
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, CHOICES, actor.person_id)
        before = Choices() if known is None else stored.choices(known.body)
        if before.version != version:
            raise Conflict(STALE)
        silenced = set(before.silenced)
        for (kind, way), on in wanted.items():
            if kind is MessageClass.OPTIONAL:
                (silenced.discard if on else silenced.add)(way)
        after = Choices(version + 1, frozenset(silenced))
        body = stored.choices_body(after)
        write = (
            Create(CHOICES, actor.person_id, body)
            if known is None
            else Replace(CHOICES, actor.person_id, body, known.etag)
        )
        facts = {f"optional_{way.value}": way not in silenced for way in CHOSEN_WAYS}
        event = Event(Action.PREFERENCES_CHANGED, actor.person_id, actor.person_id, facts)
        try:
            await self._audit.commit(tenancy.partition, [event], [write])
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error
        return after
