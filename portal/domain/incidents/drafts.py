"""Reports that were begun: one a person, kept for thirty days, taken up in whatever client. Looked
through before they are kept, as reports are: what was found in them is masked unless its writer
keeps it. Nobody but the writer reads them."""

from collections.abc import Collection
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.audit.model import Action, Event
from portal.domain.incidents import documents as stored
from portal.domain.incidents import masking
from portal.domain.incidents.allowance import DAY_MS
from portal.domain.incidents.casebook import TRIES, Casebook
from portal.domain.incidents.documents import DRAFT
from portal.domain.incidents.model import Draft
from portal.domain.incidents.ports import Numbers
from portal.domain.incidents.service import LONGEST_TEXT, SCANNED
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Delete, Documents, Replace
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound

KEPT_MS = 30 * DAY_MS


class KeptDraft(NamedTuple):
    """A draft as it is kept: when it was kept last, and how many findings were masked then."""

    draft: Draft
    changed_at_ms: int
    masked: int


class Drafts:
    """Drafts of an organisation's people."""

    def __init__(
        self, book: Casebook, numbers: Numbers, documents: Documents, clock: Clock
    ) -> None:
        self._book = book
        self._numbers = numbers
        self._documents = documents
        self._clock = clock

    async def get(self, *, actor: Actor) -> KeptDraft | None:
        """The caller's, or None. Forbidden."""
        require(actor, Permission.INCIDENTS_REPORT)
        tenancy = await self._book.tenancy(actor.organization)
        known = await self._documents.get(tenancy.partition, DRAFT, actor.person_id)
        if known is None:
            return None
        draft = stored.draft(known.id, known.body, tenancy.keyring)
        return KeptDraft(draft, int(known.body["changed_at_ms"]), int(known.body["masked"]))

    async def keep(
        self, draft: Draft, *, actor: Actor, keep: Collection[str] = (), once: str = ""
    ) -> KeptDraft:
        """Keeps it in place of the one before: they are of one person, the last word counts.
        Forbidden, InvalidInput for a text that is too long, Replayed."""
        require(actor, Permission.INCIDENTS_REPORT)
        for name, text in draft.report._asdict().items():
            if len(text) > LONGEST_TEXT:
                raise InvalidInput("That is too long.", fields={name: f"at most {LONGEST_TEXT}"})
        tenancy = await self._book.tenancy(actor.organization)
        texts = {name: getattr(draft.report, name) for name in SCANNED}
        country = tenancy.organization.country
        safe, found = masking.safe(texts, self._numbers, country, keep)
        draft = draft._replace(report=draft.report._replace(**safe))
        hidden = sum(one.sort not in keep for one in found)
        now_ms, id = self._clock.now_ms(), actor.person_id
        made = KeptDraft(draft, now_ms, hidden)
        for _ in range(TRIES):
            known = await self._documents.get(tenancy.partition, DRAFT, id)
            key = str(known.body["key"]) if known else stored.new_key(tenancy.keyring)
            body = stored.draft_body(id, draft, key, tenancy.keyring)
            body = {**body, "changed_at_ms": now_ms, "masked": hidden}
            write = (
                Replace(DRAFT, id, body, known.etag, now_ms + KEPT_MS)
                if known
                else Create(DRAFT, id, body, now_ms + KEPT_MS)
            )
            # Whoever types changes it every few seconds; the trail tells that there is one.
            events = [] if known else [Event(Action.INCIDENT_DRAFT_KEPT, id, id)]
            try:
                await self._book.commit(tenancy, [write], events=events, once=once)
            except (Conflict, NotFound) as error:
                self._book.again(error)
                continue
            return made
        raise Conflict("It is being changed elsewhere; try again.")

    async def discard(self, *, actor: Actor) -> None:
        """Removes the caller's, if there is one. Forbidden."""
        require(actor, Permission.INCIDENTS_REPORT)
        tenancy = await self._book.tenancy(actor.organization)
        for _ in range(TRIES):
            known = await self._documents.get(tenancy.partition, DRAFT, actor.person_id)
            if known is None:
                return
            write = Delete(DRAFT, actor.person_id, known.etag)
            event = Event(Action.INCIDENT_DRAFT_REMOVED, actor.person_id, actor.person_id)
            try:
                await self._book.commit(tenancy, [write], events=[event])
            except (Conflict, NotFound):
                continue
            return
