"""The register: entries are added, read and exported, never changed.

While an order to keep silent is in force, a case exists for the operator alone: to everybody of
the organisation it is not there, in the list, by its number and in the export. Nor is it in the
organisation's audit trail, which its representatives take along: the region's has what operators
enter meanwhile, written before the entry, so that none is without one.
"""

from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import may, require
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.disclosures import documents as stored
from portal.domain.disclosures import rules
from portal.domain.disclosures.documents import ENTRY
from portal.domain.disclosures.model import (
    Basis,
    Case,
    Check,
    Data,
    Entry,
    RegisterStep,
    Ruling,
    Whose,
    Words,
)
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import Conflict, Forbidden, NotFound

STALE = "Somebody else made an entry meanwhile; look again and repeat it."
NO_SUCH = "There is no such case."


class Said(NamedTuple):
    """What somebody enters; see Entry. `happened_at_ms` 0 is now."""

    kind: RegisterStep
    words: Words
    happened_at_ms: int = 0
    basis: Basis | None = None
    data: frozenset[Data] = frozenset()
    whose: frozenset[Whose] = frozenset()
    checks: frozenset[Check] = frozenset()
    outcome: Ruling | None = None
    until_ms: int = 0
    corrects: int = 0


class Disclosures:
    """The register of each organisation."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def cases(self, *, actor: Actor) -> list[Case]:
        """Every case that the actor may know of, newest first. Forbidden."""
        require(actor, Permission.DISCLOSURES_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        return [one for one in await self._all(tenancy) if self._may_know(one, actor)]

    async def case(self, id: str, *, actor: Actor) -> Case:
        """One case. Forbidden, NotFound."""
        require(actor, Permission.DISCLOSURES_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        return await self._case(tenancy, id, actor)

    async def receive(self, said: Said, *, silent_until_ms: int = 0, actor: Actor) -> Case:
        """Enters a request, and the order to keep silent that came with it, if any: both are there
        at once, so that nobody learns of it between them. Forbidden, InvalidInput."""
        require(actor, Permission.DISCLOSURES_RECORD)
        tenancy = await self._organizations.get(actor.organization)
        # Drawn and not counted: a gap in numbers would tell of a case that is silent.
        receipt = self._entry(self._ids.new(), 1, said, actor)
        rules.check_receipt(receipt)
        entries = [receipt]
        if silent_until_ms:
            order = Said(RegisterStep.GAGGED, said.words, until_ms=silent_until_ms)
            entries.append(self._entry(receipt.case, 2, order, actor))
            rules.check(Case((receipt,)), entries[1])
        made = Case(tuple(entries))
        await self._commit(tenancy, entries, aside=self._is_kept_from(made, actor))
        return made

    async def enter(self, id: str, said: Said, *, version: int, actor: Actor) -> Case:
        """Adds an entry to a case. Forbidden (`four-eyes`; Conflict where the case is silent),
        NotFound, InvalidInput, Conflict for a stale version and for what does not follow what is
        there."""
        deciding = said.kind is RegisterStep.DECIDED
        require(actor, Permission.DISCLOSURES_DECIDE if deciding else Permission.DISCLOSURES_RECORD)
        tenancy = await self._organizations.get(actor.organization)
        case = await self._case(tenancy, id, actor)
        if case.version != version:
            raise Conflict(STALE)
        entry = self._entry(id, version + 1, said, actor)
        try:
            rules.check(case, entry)
        except Forbidden as refused:
            if self._is_kept_from(case, actor):  # a refusal would stand in the organisation's trail
                raise Conflict(str(refused), code=refused.code) from refused
            raise
        after = Case((*case.entries, entry))
        aside = self._is_kept_from(case, actor) or self._is_kept_from(after, actor)
        try:
            await self._commit(tenancy, [entry], aside=aside)
        except Conflict as error:
            raise Conflict(STALE) from error
        return after

    async def export(self, *, actor: Actor) -> list[Case]:
        """Every case that the actor may know of, oldest first, for auditors; that it was taken
        stands in the trail. Forbidden."""
        require(actor, Permission.DISCLOSURES_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        every = await self._all(tenancy)
        found = [one for one in every if self._may_know(one, actor)]
        told = sum(not one.is_silent(self._clock.now_ms()) for one in found)
        facts: dict[str, Fact] = {"cases": told}
        event = Event(Action.DISCLOSURES_EXPORTED, actor.person_id, actor.organization, facts)
        await self._audit.commit(tenancy.partition, [event])
        return found[::-1]

    async def told(self, tenancy: Tenancy) -> list[Case]:
        """Every case that the organisation itself may know of, oldest first; whoever asks has
        asked for the permission."""
        now_ms = self._clock.now_ms()
        return [one for one in await self._all(tenancy) if not one.is_silent(now_ms)][::-1]

    def now_ms(self) -> int:
        """The instant by which a case is silent or owes notice."""
        return self._clock.now_ms()

    def _may_know(self, case: Case, actor: Actor) -> bool:
        silent = case.is_silent(self._clock.now_ms())
        return not silent or may(actor, Permission.DISCLOSURES_SILENT)

    def _is_kept_from(self, case: Case, actor: Actor) -> bool:
        """Whether the organisation's own trail must not tell of it: the case is silent, and who
        enters something is none of the organisation, which would know by them."""
        return case.is_silent(self._clock.now_ms()) and may(actor, Permission.DISCLOSURES_SILENT)

    def _entry(self, case: str, number: int, said: Said, actor: Actor) -> Entry:
        now_ms = self._clock.now_ms()
        known = said._asdict() | {"happened_at_ms": said.happened_at_ms or now_ms}
        return Entry(case=case, number=number, at_ms=now_ms, by=actor.person_id, **known)

    async def _case(self, tenancy: Tenancy, id: str, actor: Actor) -> Case:
        found = await self._entries(tenancy, {"case": id})
        if not found or not self._may_know(Case(tuple(found)), actor):
            raise NotFound(NO_SUCH)
        return Case(tuple(found))

    async def _all(self, tenancy: Tenancy) -> list[Case]:
        found: dict[str, list[Entry]] = {}
        for one in await self._entries(tenancy, {}):
            found.setdefault(one.case, []).append(one)
        cases = [Case(tuple(entries)) for entries in found.values()]
        return sorted(cases, key=lambda one: (one.receipt.at_ms, one.id), reverse=True)

    async def _entries(self, tenancy: Tenancy, where: dict[str, str | int]) -> list[Entry]:
        found: list[Entry] = []
        cursor = None
        while True:
            page = await self._documents.query(
                tenancy.partition, ENTRY, where=where or None, cursor=cursor
            )
            found += [stored.entry(one.body, tenancy.keyring) for one in page.documents]
            cursor = page.next
            if cursor is None:
                return found

    async def _commit(self, tenancy: Tenancy, entries: list[Entry], *, aside: bool) -> None:
        """Writes them with their audit entries, which are `aside` in the region's trail and before
        the writes. Conflict when somebody was faster."""
        events = [
            Event(
                Action.DISCLOSURE_ENTERED,
                one.by,
                f"{one.case}|{one.number}",
                {"kind": one.kind.value, "outcome": one.outcome.value if one.outcome else ""},
            )
            for one in entries
        ]
        writes = [stored.created(one, tenancy.keyring) for one in entries]
        if not aside:
            await self._audit.commit(tenancy.partition, events, writes)
            return
        code = tenancy.organization.code
        hidden = [one._replace(target=f"{code}|{one.target}") for one in events]
        await self._audit.commit(self._organizations.directory, hidden)
        await self._documents.batch(tenancy.partition, writes)
