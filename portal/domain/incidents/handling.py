"""What those who handle incidents can do. Every change is one over the version that was seen; of
two at once one wins, the other is told that it stands otherwise."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission, Person
from portal.domain.access.ports import People
from portal.domain.access.rules import require, require_recent_proof
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.incidents import rules
from portal.domain.incidents.casebook import STALE, Beside, Casebook, Line, Opened, team
from portal.domain.incidents.evidence import Evidence
from portal.domain.incidents.model import (
    Category,
    Details,
    EntryKind,
    Impact,
    Incident,
    IncidentKind,
    NoticeDecision,
    Severity,
    State,
    Task,
    Terms,
    Whole,
)
from portal.domain.incidents.rules import Authority
from portal.domain.incidents.service import check_room, check_text
from portal.domain.incidents.standby import Standby, handles
from portal.domain.incidents.statistics import Counted, Statistics
from portal.domain.shared.clock import instant, iso
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput

OBSERVER = "You observe this incident; take it, or be assigned to it, before you change it."
PAGE = 50
MOST_TASKS, LONGEST_TASK = 50, 500
MOST_PEOPLE = 20
MOST_BESIDE = 6
"""Merged incidents that have room in one batch with that which they are part of; further ones are
written after it."""


class Filters(NamedTuple):
    """Which incidents are shown; empty does not narrow."""

    states: frozenset[State] = frozenset()
    severities: frozenset[Severity] = frozenset()
    kinds: frozenset[IncidentKind] = frozenset()
    open: bool = False
    mine: bool = False
    late: bool = False


class Handling:
    """Incidents of an organisation, for its responders."""

    def __init__(
        self,
        *,
        book: Casebook,
        people: People,
        standby: Standby,
        audit: Audit,
        evidence: Evidence,
        proof_s: float,
    ) -> None:
        self._book = book
        self._evidence = evidence
        self._people = people
        self._standby = standby
        self._audit = audit
        self._proof_s = proof_s

    # --- reading --------------------------------------------------------------------------

    async def queue(
        self, filters: Filters, *, actor: Actor, after: str = ""
    ) -> tuple[tuple[Incident, ...], str]:
        """Incidents, newest first, and the id to go on after, "" at the end. Forbidden."""
        require(actor, Permission.INCIDENTS_HANDLE)
        tenancy = await self._book.tenancy(actor.organization)
        found: list[Incident] = []
        async for one in self._book.every(tenancy, after=after):
            if _fits(one.incident, filters, actor, self._book.now_ms()):
                found.append(one.incident)
                if len(found) > PAGE:
                    return tuple(found[:PAGE]), found[PAGE - 1].id
        return tuple(found), ""

    async def get(self, id: str, *, actor: Actor, told: bool = False) -> Whole:
        """One incident in full; with `told` the trail says who read it. Forbidden, NotFound."""
        require(actor, Permission.INCIDENTS_HANDLE)
        found = await self._book.opened(actor.organization, id)
        if told:
            event = Event(Action.INCIDENT_VIEWED, actor.person_id, id)
            await self._audit.commit(found.tenancy.partition, [event])
        return await self._book.whole(found)

    async def person(self, id: str, *, actor: Actor) -> Person | None:
        """Somebody whose id stands in an incident. Forbidden."""
        require(actor, Permission.INCIDENTS_HANDLE)
        return await self._people.find(id) if id else None

    async def candidates(self, *, actor: Actor) -> tuple[Person, ...]:
        """Who may handle incidents here by a grant of their own, by name. Forbidden."""
        require(actor, Permission.INCIDENTS_HANDLE)
        return await self._standby.people(actor.organization)

    async def terms(self, *, actor: Actor) -> tuple[Terms, Authority]:
        """How incidents are handled here, and who is notified of breaches. Forbidden."""
        require(actor, Permission.INCIDENTS_HANDLE)
        tenancy = await self._book.tenancy(actor.organization)
        terms, _ = await self._book.terms(tenancy)
        return terms, rules.authority(tenancy.organization)

    async def statistics(self, *, actor: Actor) -> Statistics:
        """Counts and times, for all who may see counts. Forbidden."""
        require(actor, Permission.INCIDENTS_COUNT)
        tenancy = await self._book.tenancy(actor.organization)
        counted = Counted(self._book.now_ms(), tenancy.organization.time_zone)
        async for one in self._book.every(tenancy):
            counted.take(one.incident)
        return counted.statistics()

    async def export(self, *, actor: Actor) -> tuple[Incident, ...]:
        """The facts of every incident, oldest first, without content; the trail says so.
        Forbidden."""
        require(actor, Permission.INCIDENTS_HANDLE)
        tenancy = await self._book.tenancy(actor.organization)
        every = [one.incident async for one in self._book.every(tenancy)]
        facts = {"incidents": len(every)}
        event = Event(Action.INCIDENTS_EXPORTED, actor.person_id, actor.organization, facts)
        await self._audit.commit(tenancy.partition, [event])
        return tuple(reversed(every))

    async def notification(self, id: str, *, actor: Actor) -> tuple[Authority, str]:
        """A notification of the authority, from the facts; people complete it. Forbidden, NotFound,
        Conflict where no breach is known."""
        whole = await self.get(id, actor=actor)
        if not whole.incident.aware_at_ms:
            raise Conflict("Say first when the breach became known.", code="no-breach")
        tenancy = await self._book.tenancy(actor.organization)
        known = rules.authority(tenancy.organization)
        return known, drafted(whole, known, tenancy.organization.name)

    # --- changing -------------------------------------------------------------------------

    async def set_terms(
        self, change: Callable[[Terms], Terms], *, actor: Actor, once: str = ""
    ) -> Terms:
        """Other terms; what runs already keeps its targets until it is judged anew. Forbidden,
        InvalidInput, Conflict, Replayed."""
        require(actor, Permission.INCIDENTS_HANDLE)
        tenancy = await self._book.tenancy(actor.organization)
        known, etag = await self._book.terms(tenancy)
        wanted = change(known)
        rules.check(wanted)
        await self._book.set_terms(tenancy, wanted, etag, actor=actor, once=once)
        return wanted

    async def step(
        self, id: str, state: State, *, actor: Actor, version: int, text: str = "", once: str = ""
    ) -> Whole:
        """Another state, and what the reporter is told of it. Forbidden, NotFound, Conflict (other
        version, no such step), InvalidInput, Replayed."""
        found = await self._seen(id, actor, version)
        if text:
            check_text(text)
        before, now_ms = found.incident, self._book.now_ms()
        after = rules.stepped(before, state, now_ms)
        reopened = bool(before.resolved_at_ms) and not after.resolved_at_ms
        after = await self._told(found, after, since_ms=now_ms if reopened else 0)
        facts = {"state": state.value} | ({"reopened": "yes"} if reopened else {})
        line = Line(EntryKind.STATE, text, facts, shown=True, to=_all(after, actor))
        return await self._write(found, after, [line], actor, once)

    async def rate(
        self,
        id: str,
        category: Category,
        severity: Severity,
        impact: Impact,
        *,
        actor: Actor,
        version: int,
        once: str = "",
    ) -> Whole:
        """Another judgement, and with it other targets; the reporter hears of another priority. As
        `step`."""
        found = await self._seen(id, actor, version)
        before = found.incident
        after = before._replace(category=category, severity=severity, impact=impact)
        level = rules.priority(severity, impact)
        other = level is not rules.priority(before.severity, before.impact)
        if other:
            after = after._replace(told_at_ms=self._book.now_ms())
        terms, _ = await self._book.terms(found.tenancy)
        after = rules.aimed(after, terms, found.tenancy.organization.time_zone)
        facts = {
            "category": category.value,
            "severity": severity.value,
            "impact": impact.value,
            "priority": level.value,
        }
        to = _all(after, actor) if other else team(after, but=actor.person_id)
        line = Line(EntryKind.RATED, "", facts, shown=other, to=to)
        return await self._write(found, after, [line], actor, once)

    async def assign(
        self,
        id: str,
        lead: str,
        responders: Sequence[str],
        watchers: Sequence[str],
        *,
        actor: Actor,
        version: int,
        once: str = "",
    ) -> Whole:
        """Who handles it; the reporter hears, without names, that somebody has it. InvalidInput for
        somebody who may not; else as `step`."""
        found = await self._seen(id, actor, version)
        wanted = tuple(dict.fromkeys(one for one in (lead, *responders, *watchers) if one))
        if len(wanted) > MOST_PEOPLE:
            raise InvalidInput("So many cannot handle it.", fields={"responders": "at most 20"})
        for one in wanted:
            if not await self._handles(one, actor.organization):
                raise InvalidInput(
                    "Somebody of these may not handle incidents here.",
                    fields={"responders": "people who may handle incidents"},
                )
        after = found.incident._replace(
            lead=lead,
            responders=tuple(dict.fromkeys(responders)),
            watchers=tuple(dict.fromkeys(watchers)),
        )
        shown = _found_somebody(found.incident, after)
        if shown:
            after = await self._told(found, after)
        facts = {"people": str(len(wanted)), "lead": "yes" if lead else "no"}
        to = _all(after, actor) if shown else team(after, but=actor.person_id)
        line = Line(EntryKind.ASSIGNED, "", facts, shown=shown, to=to)
        return await self._write(found, after, [line], actor, once)

    async def take(self, id: str, *, actor: Actor, version: int, once: str = "") -> Whole:
        """The caller leads it from now on, an observer too; a new one is triaged by that. As
        `step`."""
        found = await self._seen(id, actor, version, observing=True)
        after = found.incident._replace(lead=actor.person_id)
        is_new = after.state is State.NEW  # which the reporter hears of by the state alone
        shown = not is_new and _found_somebody(found.incident, after)
        if shown:
            after = await self._told(found, after)
        facts = {"people": str(len(team(after))), "lead": "yes"}
        to = _all(after, actor) if shown else team(after, but=actor.person_id)
        lines = [Line(EntryKind.ASSIGNED, "", facts, shown=shown, to=to)]
        if is_new:
            stepped = rules.stepped(after, State.TRIAGED, self._book.now_ms())
            after = await self._told(found, stepped)
            to = _all(after, actor)
            lines.append(Line(EntryKind.STATE, "", {"state": "triaged"}, shown=True, to=to))
        return await self._write(found, after, lines, actor, once)

    async def say(
        self,
        id: str,
        kind: EntryKind,
        text: str,
        *,
        actor: Actor,
        version: int,
        files: Sequence[str] = (),
        once: str = "",
    ) -> Whole:
        """A note among responders, or a message or question to the reporter, with files of the
        caller's that wait. As `step`."""
        if kind not in {EntryKind.NOTE, EntryKind.MESSAGE, EntryKind.QUESTION}:
            raise InvalidInput("That is not said.", fields={"kind": "note, message or question"})
        check_text(text)
        found = await self._seen(id, actor, version)
        check_room(await self._book.files(found), files)
        attached = await self._evidence.chosen(files, actor=actor)
        after, shown = found.incident, kind is not EntryKind.NOTE
        if shown:
            after = await self._told(found, after)
        to = _all(after, actor) if shown else team(after, but=actor.person_id)
        line = Line(kind, text, shown=shown, to=to, files=attached)
        return await self._write(found, after, [line], actor, once)

    async def set_tasks(
        self,
        id: str,
        tasks: Sequence[Task],
        *,
        actor: Actor,
        version: int,
        once: str = "",
    ) -> Whole:
        """All tasks as they are to be. As `step`."""
        if len(tasks) > MOST_TASKS:
            raise InvalidInput("Too many tasks.", fields={"tasks": f"at most {MOST_TASKS}"})
        for one in tasks:
            check_text(one.text, LONGEST_TASK)
        found = await self._seen(id, actor, version)
        details = (await self._book.whole(found)).details._replace(tasks=tuple(tasks))
        facts = {"tasks": str(len(tasks)), "done": str(sum(one.done for one in tasks))}
        line = Line(EntryKind.TASKS, "", facts)
        return await self._write(found, found.incident, [line], actor, once, details)

    async def link(
        self,
        id: str,
        other: str,
        *,
        actor: Actor,
        version: int,
        merge: bool = False,
        once: str = "",
    ) -> Whole:
        """Another incident that belongs with it, as either says from now on; merged, this one is
        resolved and closed as a part of that, its reporter is told, and so is who handles that. As
        `step`; Conflict also when the other changes at this moment."""
        found = await self._seen(id, actor, version)
        before = found.incident
        opposite = await self._book.opened(actor.organization, other)
        target = opposite.incident
        if other == id or target.merged_into or before.merged_into:
            raise InvalidInput("These cannot be linked.", fields={"other": "another open incident"})
        linked = tuple(dict.fromkeys((*before.linked, other)))
        after = before._replace(linked=linked)
        facts = {"other": target.reference}
        hears = team(target, but=actor.person_id) if merge else ()
        back = Line(EntryKind.LINKED, "", {"other": before.reference}, to=hears)
        both = target._replace(linked=tuple(dict.fromkeys((*target.linked, id))))
        beside = (Beside(opposite, both, (back,)),)
        if not merge:
            line = Line(EntryKind.LINKED, "", facts)
            return await self._write(found, after, [line], actor, once, beside=beside)
        rules.require_decision(before)
        now_ms = self._book.now_ms()
        after = after._replace(
            merged_into=other,
            state=State.CLOSED,
            acknowledged_at_ms=before.acknowledged_at_ms or now_ms,
            resolved_at_ms=before.resolved_at_ms or now_ms,
            closed_at_ms=now_ms,
            told_at_ms=now_ms,
        )
        line = Line(EntryKind.MERGED, "", facts, shown=True, to=_all(after, actor))
        return await self._write(found, after, [line], actor, once, beside=beside)

    async def convert(
        self, id: str, kind: IncidentKind, *, actor: Actor, version: int, once: str = ""
    ) -> Whole:
        """An inquiry that is an incident, or the other way round. As `step`."""
        found = await self._seen(id, actor, version)
        after = await self._told(found, found.incident._replace(kind=kind))
        facts = {"kind": kind.value}
        line = Line(EntryKind.CONVERTED, "", facts, shown=True, to=_all(after, actor))
        return await self._write(found, after, [line], actor, once)

    async def breach(
        self, id: str, aware_at_ms: int, *, actor: Actor, version: int, once: str = ""
    ) -> Whole:
        """Personal data were breached, known since then: starts the clocks. As `step`."""
        found = await self._seen(id, actor, version)
        terms, _ = await self._book.terms(found.tenancy)
        after = rules.breached(
            found.incident,
            aware_at_ms,
            rules.authority(found.tenancy.organization),
            terms.contract_hours,
            self._book.now_ms(),
        )
        facts = {"aware_at": iso(aware_at_ms)}
        line = Line(EntryKind.BREACH, "", facts, to=team(after, but=actor.person_id))
        return await self._write(found, after, [line], actor, once)

    async def decide(
        self,
        id: str,
        decision: NoticeDecision,
        reason: str,
        *,
        actor: Actor,
        version: int,
        once: str = "",
    ) -> Whole:
        """Whether the authority is notified, and why. As `step`; Conflict without a breach."""
        check_text(reason)
        found = await self._seen(id, actor, version)
        if not found.incident.aware_at_ms:
            raise Conflict("Say first when the breach became known.", code="no-breach")
        after = found.incident._replace(
            decision=decision.value,
            decided_by=actor.person_id,
            decided_at_ms=self._book.now_ms(),
        )
        details = (await self._book.whole(found)).details._replace(decision_reason=reason)
        facts = {"decision": decision.value}
        line = Line(EntryKind.DECIDED, reason, facts, to=team(after, but=actor.person_id))
        return await self._write(found, after, [line], actor, once, details)

    async def forget_reporter(self, id: str, *, actor: Actor, version: int) -> Whole:
        """Erases what the reporter wrote, their files and who they are; the facts stay. Forbidden,
        StepUpRequired, NotFound, Conflict."""
        found = await self._seen(id, actor, version)
        now_ms = self._book.now_ms()
        require_recent_proof(actor, now_ms=now_ms, max_age_s=self._proof_s)
        await self._evidence.forget(id, actor=actor)
        await self._book.forget(found, actor=actor)
        return await self.get(id, actor=actor)

    # --- inside ---------------------------------------------------------------------------

    async def _seen(
        self, id: str, actor: Actor, version: int, *, observing: bool = False
    ) -> Opened:
        """The incident at that version, to be changed by the actor; by its observers too with
        `observing`. Forbidden, NotFound, Conflict."""
        require(actor, Permission.INCIDENTS_HANDLE)
        found = await self._book.opened(actor.organization, id)
        if not observing and rules.observes(found.incident, actor.person_id):
            raise Forbidden(OBSERVER)
        if found.incident.version != version:
            raise Conflict(STALE)
        return found

    async def _told(self, found: Opened, after: Incident, *, since_ms: int = 0) -> Incident:
        """The incident whose reporter hears of it now: the next update is due later."""
        terms, _ = await self._book.terms(found.tenancy)
        zone = found.tenancy.organization.time_zone
        told = after._replace(told_at_ms=self._book.now_ms())
        aimed = rules.aimed(told, terms, zone, since_ms=since_ms)
        return aimed if since_ms else aimed._replace(resolve_by_ms=after.resolve_by_ms)

    async def _write(
        self,
        found: Opened,
        after: Incident,
        lines: Sequence[Line],
        actor: Actor,
        once: str,
        details: Details | None = None,
        beside: Sequence[Beside] = (),
    ) -> Whole:
        id, by = found.incident.id, actor.person_id
        if after.state is not found.incident.state and not after.merged_into:
            beside = await self._parts(found, after)
        await self._book.change(
            found, after, lines, by=by, details=details, once=once, beside=beside[:MOST_BESIDE]
        )
        for one in beside[MOST_BESIDE:]:
            await self._book.change(*one, by=by)
        return await self.get(id, actor=actor)

    async def _parts(self, found: Opened, after: Incident) -> tuple[Beside, ...]:
        """What was merged into it, with the line by which its reporter hears of the new state; who
        reported both hears of it by the one that goes on."""
        facts = {"state": after.state.value, "other": after.reference}
        made, within, seen = [], [found.incident], {found.incident.id}
        while within:
            whole = within.pop()
            for id in whole.linked:
                if id in seen:
                    continue
                seen.add(id)
                part = await self._book.opened(found.tenancy.organization.code, id)
                incident = part.incident
                if incident.merged_into != whole.id:
                    continue
                within.append(incident)
                if incident.reporter and incident.reporter != after.reporter:
                    line = Line(EntryKind.STATE, "", facts, shown=True, to=(incident.reporter,))
                    told = incident._replace(told_at_ms=self._book.now_ms())
                    made.append(Beside(part, told, (line,)))
        return tuple(made)

    async def _handles(self, person_id: str, organization: str) -> bool:
        return handles(await self._people.find(person_id), organization)


def _all(incident: Incident, actor: Actor) -> tuple[str, ...]:
    """The reporter and the responders, but not whoever did it."""
    reporter = (incident.reporter,) if incident.reporter else ()
    return tuple(
        one for one in dict.fromkeys((*reporter, *team(incident))) if one != actor.person_id
    )


def _found_somebody(before: Incident, after: Incident) -> bool:
    """Whether nobody had it and somebody has."""
    return not (before.lead or before.responders) and bool(after.lead or after.responders)


def _fits(one: Incident, filters: Filters, actor: Actor, now_ms: int) -> bool:
    late = any(clock.standing(now_ms) == "late" for clock in rules.clocks(one))
    return (
        (not filters.states or one.state in filters.states)
        and (not filters.severities or one.severity in filters.severities)
        and (not filters.kinds or one.kind in filters.kinds)
        and (not filters.open or one.is_open)
        and (not filters.mine or actor.person_id in team(one))
        and (not filters.late or late)
    )


def drafted(whole: Whole, known: Authority, organization: str) -> str:
    """What the authority wants to know (GDPR Art. 33(3)), as far as it is known."""
    one, report = whole.incident, whole.report
    missing = "[to be completed]"
    known_since = instant(one.aware_at_ms).strftime("%Y-%m-%d %H:%M UTC")
    happened = (
        instant(one.happened_at_ms).strftime("%Y-%m-%d %H:%M UTC")
        if one.happened_at_ms
        else missing
    )
    measures = [
        f"- {task.text} ({'done' if task.done else 'open'})" for task in whole.details.tasks
    ]
    affected = report.affected if report and report.affected else missing
    return "\n".join(
        [
            f"To: {known.name}",
            f"Notification of a personal data breach ({known.law})",
            "",
            f"Controller: {organization}",
            f"Our reference: {one.reference}",
            f"Became aware: {known_since}",
            f"Happened: {happened}",
            "",
            "1. Nature of the breach",
            f"Category: {one.category.value.replace('_', ' ')}; severity: {one.severity.value}",
            report.what if report else missing,
            "Categories and approximate number of people concerned:",
            affected,
            f"Categories and approximate number of records concerned: {missing}",
            "",
            "2. Contact point",
            missing,
            "",
            "3. Likely consequences",
            missing,
            "",
            "4. Measures taken or proposed",
            *(measures or [missing]),
        ]
    )
