"""Publishing a notice, reading and confirming it, who has, and asking for it before figures.

Reading and confirming is about the caller alone, so no permission is asked for: an Actor is a
member already, and whoever could not confirm would have no way on.
"""

from collections.abc import Mapping

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import may, only_reports, require, require_standing
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.informing import documents as stored
from portal.domain.informing import rules
from portal.domain.informing.book import Book, put_known
from portal.domain.informing.documents import EDITION, TERMS, TERMS_ID
from portal.domain.informing.model import (
    Audience,
    Coverage,
    Edition,
    Listed,
    Missing,
    Own,
    Terms,
    Text,
    Way,
    Word,
)
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Document, Replace
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound

FRESH_MS = 5_000
"""How long another process's edition or terms may stay unseen here."""
MOST_CONFIRMED = 50_000
TRIES = 20
STALE = "Somebody changed this meanwhile; look again and repeat it."
NO_SUCH = "There is no such notice."
NEWER = "There is a newer notice; read that one."
FIRST = (
    "Your organisation asks you to read how it handles your data and calls before you see figures. "
    "Read its notice, in the tab or by writing `notice` to the bot, and confirm that you have."
)
NOTICE_FIRST = "notice-first"


class Informing:
    """The notices of organisations and who has confirmed them."""

    def __init__(
        self, organizations: Organizations, book: Book, audit: Audit, clock: Clock
    ) -> None:
        self._organizations = organizations
        self._book = book
        self._audit = audit
        self._clock = clock
        self._terms: dict[str, tuple[Terms, int]] = {}
        self._confirmed: set[tuple[str, str, int]] = set()

    # --- everybody ------------------------------------------------------------------------

    async def own(self, *, actor: Actor) -> Own:
        """What the caller has to read; the organisation's notice is not shown to who may report
        incidents alone. Forbidden where the organisation's standing closes it."""
        require_standing(actor, Activity.LOOK)
        tenancy = await self._organizations.get(actor.organization)
        terms, _ = await self._book.terms(tenancy)
        shown = terms.number and not only_reports(actor.holdings)
        edition = await self._book.edition(tenancy, terms.number) if shown else None
        known, _ = await self._book.known(tenancy, actor.person_id)
        concerned = rules.is_concerned(actor, terms.audience)
        return Own(edition, concerned, terms.required, known.word(terms.number))

    async def confirm(self, number: int, text_hash: str, *, way: Way, actor: Actor) -> Word:
        """The caller's word that they have read the newest edition; once given it stays as it is.
        Forbidden as `own`, NotFound, Conflict `superseded` for an older one, InvalidInput for
        another text."""
        require_standing(actor, Activity.REPAIR)
        tenancy = await self._organizations.get(actor.organization)
        for _ in range(TRIES):
            terms, _ = await self._book.terms(tenancy)
            edition = await self._book.edition(tenancy, number)
            if edition is None:
                raise NotFound(NO_SUCH)
            if number != terms.number:
                raise Conflict(NEWER, code="superseded")
            if edition.text_hash != text_hash:
                raise InvalidInput(
                    "This is not the text of that notice; read it again.",
                    fields={"text_hash": "of another text"},
                )
            known, found = await self._book.known(tenancy, actor.person_id)
            given = known.word(number)
            if given is not None:
                return given
            word = Word(number, self._clock.now_ms(), way, text_hash)
            write = put_known(found, known._replace(words=(*known.words, word)), tenancy)
            facts: dict[str, Fact] = {"text_hash": text_hash[:16], "way": way.value}
            event = Event(Action.NOTICE_CONFIRMED, actor.person_id, str(number), facts)
            try:
                await self._audit.commit(tenancy.partition, [event], [write])
            except (Conflict, NotFound):
                continue  # confirmed elsewhere, or asked at this moment
            return word
        raise Conflict(STALE)

    async def admit(self, actor: Actor) -> None:
        """The gate before figures. Raises Forbidden `notice-first` for who has to confirm a notice
        first, where the organisation wants it so."""
        terms = await self._fresh(actor.organization)
        if not (terms.required and terms.number and rules.is_concerned(actor, terms.audience)):
            return
        key = (actor.organization, actor.person_id, terms.number)
        if key in self._confirmed:
            return
        tenancy = await self._organizations.get(actor.organization)
        known, _ = await self._book.known(tenancy, actor.person_id)
        if known.word(terms.number) is None:
            if await self._book.is_member(tenancy, actor.person_id):
                raise Forbidden(FIRST, code=NOTICE_FIRST)
            return
        if len(self._confirmed) >= MOST_CONFIRMED:
            self._confirmed.clear()
        self._confirmed.add(key)

    # --- who informs ------------------------------------------------------------------------

    async def published(self, *, actor: Actor) -> tuple[Terms, tuple[Edition, ...]]:
        """The terms and every edition, the newest first. Forbidden."""
        require(actor, Permission.SETUP_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        terms, _ = await self._book.terms(tenancy)
        return terms, await self._book.editions(tenancy)

    async def publish(self, texts: Mapping[str, Text], *, version: int, actor: Actor) -> Edition:
        """Another edition; everybody whom it concerns is asked for it, whatever they confirmed
        before. Forbidden, InvalidInput, Conflict."""
        require(actor, Permission.SETUP_MANAGE)
        rules.check(texts)
        tenancy = await self._organizations.get(actor.organization)
        terms, found = await self._current(tenancy, version)
        now_ms = self._clock.now_ms()
        edition = Edition(terms.number + 1, dict(texts), actor.person_id, now_ms)
        write = Create(EDITION, str(edition.number), stored.edition_body(edition, tenancy.keyring))
        facts: dict[str, Fact] = {"text_hash": edition.text_hash[:16]}
        event = Event(Action.NOTICE_PUBLISHED, actor.person_id, str(edition.number), facts)
        after = terms._replace(number=edition.number)
        await self._set(tenancy, after, found, event, write)
        return edition

    async def set_terms(
        self, audience: Audience, *, required: bool, version: int, actor: Actor
    ) -> Terms:
        """Who must know the notice, and whether figures wait for it. Forbidden, Conflict."""
        require(actor, Permission.SETUP_MANAGE)
        tenancy = await self._organizations.get(actor.organization)
        terms, found = await self._current(tenancy, version)
        facts: dict[str, Fact] = {"audience": audience.value, "required": required}
        event = Event(Action.NOTICE_TERMS_SET, actor.person_id, actor.organization, facts)
        after = terms._replace(audience=audience, required=required)
        return await self._set(tenancy, after, found, event)

    async def coverage(self, *, actor: Actor) -> Coverage:
        """Who of those who must know the newest edition has confirmed it; names only for who sees
        who may see what. Forbidden."""
        require(actor, Permission.SETUP_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        terms, _ = await self._book.terms(tenancy)
        known = await self._book.everybody(tenancy)
        people: list[Listed] = []
        async for one in self._book.concerned(tenancy, terms.audience):
            theirs = known.get(one.actor.person_id)
            asked = theirs is not None and theirs.asked == terms.number
            people.append(
                Listed(
                    one.actor.person_id,
                    one.name,
                    theirs.word(terms.number) if theirs else None,
                    theirs.asks if theirs and asked else 0,
                    theirs.asked_at_ms if theirs and asked else 0,
                )
            )
        missing = None
        if not people:
            missing = Missing.NOBODY_KNOWN
        if not terms.number:
            missing = Missing.NOTHING_PUBLISHED
        named = may(actor, Permission.ACCESS_VIEW) and not actor.is_blind
        people.sort(key=lambda one: (one.word is not None, one.name.casefold(), one.person))
        confirmed = sum(one.word is not None for one in people)
        return Coverage(confirmed, len(people), missing, tuple(people) if named else None)

    # --- the store --------------------------------------------------------------------------

    async def _current(self, tenancy: Tenancy, version: int) -> tuple[Terms, Document | None]:
        terms, found = await self._book.terms(tenancy)
        if terms.version != version:
            raise Conflict(STALE)
        return terms, found

    async def _set(
        self,
        tenancy: Tenancy,
        after: Terms,
        found: Document | None,
        event: Event,
        *writes: Create,
    ) -> Terms:
        after = after._replace(version=after.version + 1)
        body = stored.terms_body(after)
        write = (
            Create(TERMS, TERMS_ID, body)
            if found is None
            else Replace(TERMS, TERMS_ID, body, found.etag)
        )
        try:
            await self._audit.commit(tenancy.partition, [event], [write, *writes])
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error
        self._terms.pop(tenancy.organization.code, None)
        return after

    async def _fresh(self, organization: str) -> Terms:
        """The terms as they were at most FRESH_MS ago."""
        kept, now_ms = self._terms.get(organization), self._clock.now_ms()
        if kept is not None and 0 <= now_ms - kept[1] < FRESH_MS:
            return kept[0]
        tenancy = await self._organizations.get(organization)
        terms, _ = await self._book.terms(tenancy)
        self._terms[organization] = terms, now_ms
        return terms
