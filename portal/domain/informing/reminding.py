"""Asking people for a notice until they confirm it: less and less often, a few times in all."""

from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.informing import rules
from portal.domain.informing.book import Book, put_known
from portal.domain.informing.model import Known
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import Conflict, NotFound

LOOK_MS = 10 * 60_000
"""How often everybody of an organisation is looked through; a new edition is looked at at once."""


class Reminding:
    """Looks at every organisation that is not closed; running it again asks nobody twice."""

    def __init__(
        self, organizations: Organizations, documents: Documents, book: Book, clock: Clock
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._book = book
        self._clock = clock
        self._looked: dict[str, tuple[int, int]] = {}

    async def look(self) -> int:
        """Writes the messages that are due; how many."""
        asked = 0
        for organization in await self._organizations.serving(Activity.TELL):
            tenancy = await self._organizations.get(organization.code)
            terms, _ = await self._book.terms(tenancy)
            now_ms = self._clock.now_ms()
            version, looked_ms = self._looked.get(organization.code, (0, 0))
            if not terms.number:
                continue
            if version == terms.version and now_ms - looked_ms < LOOK_MS:
                continue
            self._looked[organization.code] = terms.version, now_ms
            known = await self._book.everybody(tenancy)
            async for one in self._book.concerned(tenancy, terms.audience):
                person = one.actor.person_id
                theirs = known.get(person, Known(person))
                if rules.is_due(theirs, terms.number, now_ms):
                    asked += await self._ask(tenancy, person, terms.number)
        return asked

    async def _ask(self, tenancy: Tenancy, person: str, number: int) -> bool:
        """Asks somebody, unless they confirm or are asked at this moment. The message is worth
        sending until the next one."""
        known, found = await self._book.known(tenancy, person)
        now_ms = self._clock.now_ms()
        edition = await self._book.edition(tenancy, number)
        if edition is None or not rules.is_due(known, number, now_ms):
            return False
        after = rules.asked(known, number, now_ms)
        waits = rules.WAITS_MS[min(after.asks, len(rules.WAITS_MS)) - 1]
        titles = {f"title_{one}": text.title for one, text in edition.texts.items()}
        message = row(
            tenancy,
            Topic.PEOPLE_INFORMED,
            Way.TEAMS,
            cause=f"{number}|{after.asks}",
            person=person,
            now_ms=now_ms,
            values={"number": str(number), "title": edition.text("en")[1].title, **titles},
            until_ms=now_ms + waits,
        )
        try:
            await self._documents.batch(
                tenancy.partition, [put_known(found, after, tenancy), message]
            )
        except (Conflict, NotFound):
            return False  # confirmed or asked at the same moment
        return True
