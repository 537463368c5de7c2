"""What everybody can do: report, hear what became of it, answer; and prove a receipt."""

import hmac
from collections.abc import Collection, Sequence
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.incidents import masking, rules
from portal.domain.incidents.allowance import Allowance
from portal.domain.incidents.casebook import NO_INCIDENT, Casebook, Line, Opened, team
from portal.domain.incidents.evidence import Evidence
from portal.domain.incidents.model import (
    Category,
    Entry,
    EntryKind,
    EvidenceFile,
    Finding,
    Impact,
    Incident,
    IncidentKind,
    Report,
    Severity,
    Source,
    State,
    Whole,
)
from portal.domain.incidents.ports import Numbers
from portal.domain.incidents.standby import Standby
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound

LONGEST_TEXT = 4000
MOST_OPEN = 50
"""Open reports of one person: more is a mistake or mischief."""
MOST_LISTED = 200
MOST_OF_INCIDENT = 60
"""Files of one incident, so that all that its reporter attached can go in one batch."""
EARLIEST_MS = 5 * 366 * 24 * rules.HOUR_MS
AHEAD_MS = 24 * rules.HOUR_MS
JUDGED = frozenset({EntryKind.RATED, EntryKind.ASSIGNED})
"""Lines whose facts are the responders' but the priority."""
SCANNED = ("what", "affected", "evidence", "quoted")


class Reported(NamedTuple):
    """What somebody reports. `happened_at_ms` is 0 when it is not known."""

    category: Category
    report: Report
    severity: Severity = Severity.MEDIUM
    impact: Impact = Impact.ONE
    kind: IncidentKind = IncidentKind.INCIDENT
    source: Source = Source.TAB
    happened_at_ms: int = 0
    language: str = ""


class Receipt(NamedTuple):
    """What the reporter keeps: the incident, the code that proves its reference, and how many
    findings were masked."""

    incident: Incident
    code: str
    masked: int


class Incidents:
    """Reports of an organisation's people."""

    def __init__(
        self,
        book: Casebook,
        numbers: Numbers,
        evidence: Evidence,
        allowance: Allowance,
        standby: Standby,
    ) -> None:
        self._book = book
        self._numbers = numbers
        self._evidence = evidence
        self._allowance = allowance
        self._standby = standby

    async def look(self, report: Report, *, actor: Actor) -> tuple[Report, tuple[Finding, ...]]:
        """The report as it would be stored, and what was found in it; keeps nothing. Forbidden."""
        require(actor, Permission.INCIDENTS_REPORT)
        tenancy = await self._book.tenancy(actor.organization)
        return self._safe(report, tenancy.organization.country, ())

    async def report(
        self,
        said: Reported,
        *,
        actor: Actor,
        keep: Collection[str] = (),
        joins: str = "",
        files: Sequence[str] = (),
        of_draft: bool = False,
        once: str = "",
    ) -> Receipt:
        """A new incident, its findings masked but those of the sorts to `keep`, with files of the
        reporter's that wait; with `joins`, more of an open one of the reporter's own. `of_draft` is
        whether the reporter's draft ends with it. Forbidden, InvalidInput, NotFound, Conflict for
        one too many, RateLimited, Replayed."""
        require(actor, Permission.INCIDENTS_REPORT)
        now_ms = self._book.now_ms()
        _check(said, now_ms)
        tenancy = await self._book.tenancy(actor.organization)
        safe, found = self._safe(said.report, tenancy.organization.country, keep)
        hidden = sum(one.sort not in keep for one in found)
        if joins:
            whole = await self._add(joins, _joined(safe), hidden, files, actor=actor, once=once)
            if of_draft:
                await self._book.end_draft(tenancy, actor.person_id)
            return Receipt(whole.incident, whole.code, hidden)
        if len(await self.similar(None, actor=actor)) >= MOST_OPEN:
            raise Conflict("You have many open reports; add to one of them.", code="too-many")
        attached = await self._evidence.chosen(files, actor=actor)
        await self._allowance.spend(tenancy, actor.person_id, reports=1)
        made = Incident(
            id="",
            version=1,
            kind=said.kind,
            state=State.NEW,
            category=said.category,
            severity=said.severity,
            impact=said.impact,
            reporter=actor.person_id,
            source=said.source,
            language=said.language,
            created_at_ms=now_ms,
            happened_at_ms=said.happened_at_ms,
            changed_at_ms=now_ms,
            told_at_ms=now_ms,
            masked=hidden,
        )
        terms, _ = await self._book.terms(tenancy)
        made = rules.aimed(made, terms, tenancy.organization.time_zone)
        to = await self._standby.instead(actor.organization, terms, but=actor.person_id)
        made = await self._book.create(
            tenancy, made, safe, to=to, files=attached, of_draft=of_draft, once=once
        )
        return Receipt(made, self._book.code(tenancy, made), hidden)

    async def similar(self, category: Category | None, *, actor: Actor) -> tuple[Incident, ...]:
        """The caller's own open reports of that category, or of any: what a new one may be a
        duplicate of. Others' are nobody's business. Forbidden."""
        found = await self.own(actor=actor)
        return tuple(
            one.incident
            for one in found
            if one.incident.is_open and category in {None, one.incident.category}
        )

    async def own(self, *, actor: Actor) -> tuple[Receipt, ...]:
        """The caller's own reports, newest first. Forbidden."""
        require(actor, Permission.INCIDENTS_REPORT)
        tenancy = await self._book.tenancy(actor.organization)
        found: list[Receipt] = []
        async for one in self._book.every(tenancy, where={"reporter": actor.person_id}):
            code = self._book.code(tenancy, one.incident)
            found.append(Receipt(one.incident, code, one.incident.masked))
            if len(found) == MOST_LISTED:
                break
        return tuple(found)

    async def get(self, id: str, *, actor: Actor) -> Whole:
        """An own report as its reporter sees it: without notes, people and judgements. Forbidden,
        NotFound, also for somebody else's."""
        require(actor, Permission.INCIDENTS_REPORT)
        return _theirs(await self._book.whole(await self._own(id, actor)))

    async def answer(
        self,
        id: str,
        text: str,
        *,
        actor: Actor,
        keep: Collection[str] = (),
        files: Sequence[str] = (),
        once: str = "",
    ) -> Whole:
        """More of an own report, text or files of the reporter's that wait or both, told to whoever
        handles it. Forbidden, InvalidInput, NotFound, Conflict for one that is closed, RateLimited,
        Replayed."""
        require(actor, Permission.INCIDENTS_REPORT)
        if text or not files:
            check_text(text)
        tenancy = await self._book.tenancy(actor.organization)
        safe, found = masking.safe(
            {"text": text}, self._numbers, tenancy.organization.country, keep
        )
        hidden = sum(one.sort not in keep for one in found)
        return await self._add(id, safe["text"], hidden, files, actor=actor, once=once)

    async def verify(self, reference: str, code: str, *, actor: Actor) -> Incident | None:
        """The incident of a receipt that is ours, else None. Forbidden."""
        require(actor, Permission.INCIDENTS_REPORT)
        number = reference.strip().upper().removeprefix("SR-")
        if not number.isascii() or not number.isdecimal() or len(number) > 8:
            return None
        try:
            found = await self._book.opened(actor.organization, f"{int(number):08d}")
        except NotFound:
            return None
        right = self._book.code(found.tenancy, found.incident)
        same = hmac.compare_digest(right.encode(), code.strip().upper().encode())
        return found.incident if same else None

    # --- inside ---------------------------------------------------------------------------

    def _safe(
        self, report: Report, country: str, keep: Collection[str]
    ) -> tuple[Report, tuple[Finding, ...]]:
        texts = {name: getattr(report, name) for name in SCANNED}
        made, found = masking.safe(texts, self._numbers, country, keep)
        return report._replace(**made), found

    async def _own(self, id: str, actor: Actor) -> Opened:
        found = await self._book.opened(actor.organization, id)
        if found.incident.reporter != actor.person_id:
            raise NotFound(NO_INCIDENT)
        return found

    async def _add(
        self, id: str, text: str, hidden: int, files: Sequence[str], *, actor: Actor, once: str
    ) -> Whole:
        found = await self._own(id, actor)
        incident = found.incident
        if incident.state is State.CLOSED:
            raise Conflict("This report is closed; make a new one.", code="closed")
        check_room(await self._book.files(found), files)
        attached = await self._evidence.chosen(files, actor=actor)
        await self._allowance.spend(found.tenancy, actor.person_id, answers=1)
        to = team(incident, but=actor.person_id)
        if not to:
            terms, _ = await self._book.terms(found.tenancy)
            to = await self._standby.instead(actor.organization, terms, but=actor.person_id)
        line = Line(EntryKind.ANSWER, text, shown=True, to=to, files=attached)
        after = incident._replace(masked=incident.masked + hidden)
        await self._book.change(found, after, [line], by=actor.person_id, theirs=True, once=once)
        return await self.get(id, actor=actor)


def check_text(text: str, longest: int = LONGEST_TEXT) -> None:
    """Raises InvalidInput for a text that says nothing or too much."""
    if not 1 <= len(text.strip()) <= longest:
        raise InvalidInput("Say something.", fields={"text": f"1 to {longest} characters"})


def check_room(kept: Collection[EvidenceFile], more: Sequence[str]) -> None:
    """Raises Conflict when an incident has no room for so many files more."""
    if more and len(kept) + len(more) > MOST_OF_INCIDENT:
        raise Conflict("It has as many files as it may.", code="too-many-files")


def _check(said: Reported, now_ms: int) -> None:
    wrong = {}
    if not said.report.what.strip():
        wrong["what"] = "what happened"
    wrong |= {
        name: f"at most {LONGEST_TEXT} characters"
        for name, text in said.report._asdict().items()
        if len(text) > LONGEST_TEXT
    }
    at_ms = said.happened_at_ms
    if at_ms and not now_ms - EARLIEST_MS <= at_ms <= now_ms + AHEAD_MS:
        wrong["happened_at"] = "within the last five years"
    if wrong:
        raise InvalidInput("The report cannot be taken like this.", fields=wrong)


def _joined(report: Report) -> str:
    return "\n\n".join(one for one in report if one)[:LONGEST_TEXT]


def _theirs(whole: Whole) -> Whole:
    """What of it the reporter sees."""
    entries = [_without_people(one, whole.incident) for one in whole.entries if one.shown]
    files = tuple(one for one in whole.files if one.shown)
    return whole._replace(entries=tuple(entries), details=type(whole.details)(), files=files)


def _without_people(entry: Entry, incident: Incident) -> Entry:
    if entry.kind in JUDGED:
        entry = entry._replace(facts=tuple(one for one in entry.facts if one[0] == "priority"))
    return entry if entry.actor == incident.reporter else entry._replace(actor="")


def is_asked(entries: Sequence[Entry]) -> bool:
    """Whether a question waits for the reporter's answer."""
    kinds = [one.kind for one in entries if one.kind in {EntryKind.QUESTION, EntryKind.ANSWER}]
    return bool(kinds) and kinds[-1] is EntryKind.QUESTION
