"""Incidents: reporting and following one's own, and the queue of those who handle them."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from portal.domain.access.model import Actor
from portal.domain.incidents import model, rules
from portal.domain.incidents.handling import Filters
from portal.domain.incidents.payloads import facts
from portal.domain.incidents.rules import Authority
from portal.domain.incidents.service import Receipt, Reported, is_asked
from portal.domain.shared.clock import instant, iso
from portal.web.api.alerts import clock, minute
from portal.web.exchange import SERVICES, Handler, actor, body, query, respond
from portal.web.schemas import incidents as schemas
from portal.wiring import Services

UNKNOWN, SYSTEM = "", "system"
BY_ITSELF = frozenset({model.EntryKind.ESCALATED, model.EntryKind.WARNED})
COLUMNS = (
    *("reference", "kind", "state", "category", "severity", "impact", "priority", "source"),
    *("reported_at", "happened_at", "acknowledged_at", "contained_at", "resolved_at", "closed_at"),
    *("acknowledge_by", "resolve_by", "aware_at", "authority_by", "contract_by"),
    *("decision", "decided_at", "merged_into", "masked", "late"),
)


async def incident_findings(request: web.Request) -> web.StreamResponse:
    """What would be masked; nothing is kept."""
    said = await body(request, schemas.IncidentTexts)
    report = model.Report(said.what, said.affected, said.evidence)
    safe, found = await _services(request).incidents.look(report, actor=actor(request))
    shown = [
        schemas.IncidentFinding(field=one.field, sort=one.sort, start=one.start, end=one.end)
        for one in found
    ]
    masked = {"what": safe.what, "affected": safe.affected, "evidence": safe.evidence}
    return respond(schemas.IncidentFindings(findings=shown, masked=masked))


async def report_incident(request: web.Request) -> web.StreamResponse:
    """A new report, or more of an own one."""
    said = await body(request, schemas.NewIncident)
    made = Reported(
        said.category,
        model.Report(said.what, said.affected, said.evidence),
        said.severity,
        said.impact,
        said.kind,
        model.Source.TAB,
        milliseconds(said.happened_at),
        said.language,
    )
    receipt = await _services(request).incidents.report(
        made,
        actor=actor(request),
        keep=said.keep,
        joins=said.joins,
        files=said.files,
        of_draft=said.of_draft,
    )
    return respond(
        schemas.IncidentReceipt(
            id=receipt.incident.id,
            reference=receipt.incident.reference,
            code=receipt.code,
            state=receipt.incident.state,
            masked=receipt.masked,
        ),
        status=201,
    )


async def own_reports(request: web.Request) -> web.StreamResponse:
    """The caller's own, newest first."""
    services, who = _services(request), actor(request)
    zone = await zone_of(services, who)
    found = await services.incidents.own(actor=who)
    reports = []
    for one in found:
        # Whether something is asked stands in the timeline, which few open ones have much of.
        asked = False
        if one.incident.is_open:
            asked = is_asked((await services.incidents.get(one.incident.id, actor=who)).entries)
        reports.append(_own(one, zone, asked=asked))
    return respond(schemas.OwnReports(reports=reports))


async def own_report(request: web.Request) -> web.StreamResponse:
    """One of the caller's own."""
    services, who = _services(request), actor(request)
    whole = await services.incidents.get(request.match_info["id"], actor=who)
    return respond(_own_detail(whole, who, await zone_of(services, who)))


async def answer_incident(request: web.Request) -> web.StreamResponse:
    """More of one of the caller's own."""
    services, who = _services(request), actor(request)
    said = await body(request, schemas.IncidentAnswer)
    whole = await services.incidents.answer(
        request.match_info["id"], said.text, actor=who, keep=said.keep, files=said.files
    )
    return respond(_own_detail(whole, who, await zone_of(services, who)))


async def check_receipt(request: web.Request) -> web.StreamResponse:
    """Whether a receipt is ours."""
    services, who = _services(request), actor(request)
    said = query(request, schemas.ReceiptQuery)
    found = await services.incidents.verify(request.match_info["id"], said.code, actor=who)
    if found is None:
        return respond(schemas.ReceiptCheck(valid=False))
    at = zoned_or_none(found.created_at_ms, await zone_of(services, who))
    return respond(schemas.ReceiptCheck(valid=True, reported_at=at, state=found.state))


async def incidents(request: web.Request) -> web.StreamResponse:
    """The queue."""
    services, who = _services(request), actor(request)
    asked = query(request, schemas.IncidentQuery)
    filters = Filters(
        frozenset(asked.states),
        frozenset(asked.severities),
        frozenset(asked.kinds),
        asked.open,
        asked.mine,
        asked.late,
    )
    found, after = await services.handling.queue(filters, actor=who, after=asked.cursor)
    rows = [await _row(services, one, who) for one in found]
    return respond(schemas.IncidentQueue(incidents=rows, next=after or None))


async def incident(request: web.Request) -> web.StreamResponse:
    """One in full; the trail says who read it."""
    services, who = _services(request), actor(request)
    whole = await services.handling.get(request.match_info["id"], actor=who, told=True)
    return respond(await _detail(services, whole, who))


async def incident_statistics(request: web.Request) -> web.StreamResponse:
    """Counts."""
    found = await _services(request).handling.statistics(actor=actor(request))
    return respond(
        schemas.IncidentStatistics(
            total=found.total,
            open=found.open,
            late=found.late,
            by_state=found.by_state,
            by_severity=found.by_severity,
            acknowledge_seconds=found.acknowledge_s,
            contain_seconds=found.contain_s,
            resolve_seconds=found.resolve_s,
            weeks=[
                schemas.IncidentWeek(
                    week=date.fromordinal(one.monday).isoformat(),
                    reported=one.reported,
                    resolved=one.resolved,
                    acknowledge_seconds=one.acknowledge_s,
                    contain_seconds=one.contain_s,
                    resolve_seconds=one.resolve_s,
                )
                for one in found.weeks
            ],
        )
    )


async def export_incidents(request: web.Request) -> web.StreamResponse:
    """The facts as CSV: every cell is a code, a count, a reference or a time."""
    found = await _services(request).handling.export(actor=actor(request))
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(one) for one in found)
    headers = {
        "Content-Disposition": 'attachment; filename="incidents.csv"',
        "Cache-Control": "no-store",
    }
    return web.Response(
        text=made.getvalue(), content_type="text/csv", charset="utf-8", headers=headers
    )


async def incident_facts(request: web.Request) -> web.StreamResponse:
    """The facts as JSON."""
    found = await _services(request).handling.export(actor=actor(request))
    shown = [schemas.IncidentFacts.model_validate(facts(one)) for one in found]
    return respond(schemas.IncidentExport(incidents=shown))


async def incident_terms(request: web.Request) -> web.StreamResponse:
    """How incidents are handled here."""
    services, who = _services(request), actor(request)
    terms, known = await services.handling.terms(actor=who)
    return respond(await _terms(services, terms, known, who))


async def set_incident_terms(request: web.Request) -> web.StreamResponse:
    """Other business hours."""
    services, who = _services(request), actor(request)
    said = await body(request, schemas.IncidentTermsBody)
    opens, closes = minute(said.opens), minute(said.closes)
    terms = await services.handling.set_terms(
        lambda known: known._replace(
            days=tuple(sorted(set(said.days))),
            from_minute=opens,
            to_minute=closes,
            contract_hours=said.contract_hours,
        ),
        actor=who,
    )
    _, known = await services.handling.terms(actor=who)
    return respond(await _terms(services, terms, known, who))


async def incident_notification(request: web.Request) -> web.StreamResponse:
    """A draft for the authority."""
    known, text = await _services(request).handling.notification(
        request.match_info["id"], actor=actor(request)
    )
    return respond(schemas.BreachDraft(authority=known.name, law=known.law, text=text))


# --- changes ------------------------------------------------------------------------------


async def step_incident(request: web.Request) -> web.StreamResponse:
    """Another state."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.IncidentStep)
    whole = await services.handling.step(id, said.state, actor=who, version=version, text=said.text)
    return respond(await _detail(services, whole, who))


async def rate_incident(request: web.Request) -> web.StreamResponse:
    """Another judgement."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.IncidentRating)
    whole = await services.handling.rate(
        id, said.category, said.severity, said.impact, actor=who, version=version
    )
    return respond(await _detail(services, whole, who))


async def assign_incident(request: web.Request) -> web.StreamResponse:
    """Who handles it."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.IncidentAssignment)
    whole = await services.handling.assign(
        id, said.lead, said.responders, said.watchers, actor=who, version=version
    )
    return respond(await _detail(services, whole, who))


async def say_of_incident(request: web.Request) -> web.StreamResponse:
    """A note, a message or a question."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.IncidentWord)
    whole = await services.handling.say(
        id, model.EntryKind(said.kind), said.text, actor=who, version=version, files=said.files
    )
    return respond(await _detail(services, whole, who))


async def task_incident(request: web.Request) -> web.StreamResponse:
    """All tasks."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.IncidentTasks)
    tasks = [model.Task(one.text, one.done, one.owner) for one in said.tasks]
    whole = await services.handling.set_tasks(id, tasks, actor=who, version=version)
    return respond(await _detail(services, whole, who))


async def link_incident(request: web.Request) -> web.StreamResponse:
    """What it belongs with."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.IncidentLink)
    whole = await services.handling.link(
        id, said.other, actor=who, version=version, merge=said.merge
    )
    return respond(await _detail(services, whole, who))


async def convert_incident(request: web.Request) -> web.StreamResponse:
    """Incident or inquiry."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.IncidentConversion)
    whole = await services.handling.convert(id, said.kind, actor=who, version=version)
    return respond(await _detail(services, whole, who))


async def breach_incident(request: web.Request) -> web.StreamResponse:
    """The clocks of a breach."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.BreachAwareness)
    whole = await services.handling.breach(
        id, milliseconds(said.aware_at), actor=who, version=version
    )
    return respond(await _detail(services, whole, who))


async def decide_incident(request: web.Request) -> web.StreamResponse:
    """Whether the authority is notified."""
    services, who, id, version = _change(request)
    said = await body(request, schemas.BreachDecision)
    whole = await services.handling.decide(
        id, said.decision, said.reason, actor=who, version=version
    )
    return respond(await _detail(services, whole, who))


async def forget_reporter(request: web.Request) -> web.StreamResponse:
    """The reporter is erased."""
    services, who, id, version = _change(request)
    whole = await services.handling.forget_reporter(id, actor=who, version=version)
    return respond(await _detail(services, whole, who))


# --- shapes -------------------------------------------------------------------------------


def _own(one: Receipt, zone: str, *, asked: bool) -> schemas.OwnReport:
    incident = one.incident
    return schemas.OwnReport(
        id=incident.id,
        reference=incident.reference,
        code=one.code,
        kind=incident.kind,
        state=incident.state,
        category=incident.category,
        severity=incident.severity,
        reported_at=zoned(incident.created_at_ms, zone),
        changed_at=zoned(incident.told_at_ms, zone),
        asked=asked,
    )


def _own_detail(whole: model.Whole, who: Actor, zone: str) -> schemas.OwnReportDetail:
    receipt = Receipt(whole.incident, whole.code, whole.incident.masked)
    names = {who.person_id: who.display_name}
    return schemas.OwnReportDetail(
        report=_own(receipt, zone, asked=is_asked(whole.entries)),
        text=_text(whole.report),
        happened_at=zoned_or_none(whole.incident.happened_at_ms, zone),
        entries=[_entry(one, names, zone) for one in whole.entries],
        files=[file_shown(one, zone) for one in whole.files],
    )


def file_shown(one: model.EvidenceFile, zone: str) -> schemas.IncidentFile:
    """A file as it is listed."""
    return schemas.IncidentFile(
        id=one.id,
        name=one.name,
        sort=one.sort,
        size=one.size,
        sha256=one.sha256,
        entry=one.entry,
        from_reporter=one.theirs,
        shown=one.shown,
        at=zoned(one.at_ms, zone),
    )


async def _row(services: Services, one: model.Incident, who: Actor) -> schemas.IncidentRow:
    zone, now_ms = await zone_of(services, who), services.clock.now_ms()
    return schemas.IncidentRow(
        id=one.id,
        version=one.version,
        reference=one.reference,
        kind=one.kind,
        state=one.state,
        category=one.category,
        severity=one.severity,
        impact=one.impact,
        priority=rules.priority(one.severity, one.impact),
        source=one.source,
        reported_at=zoned(one.created_at_ms, zone),
        changed_at=zoned(one.changed_at_ms, zone),
        lead=one.lead or None,
        lead_name=await _name(services, one.lead, who) or None,
        clocks=[
            schemas.IncidentClock(
                due=clock.due, at=zoned(clock.by_ms, zone), standing=clock.standing(now_ms)
            )
            for clock in rules.clocks(one)
        ],
        breach=bool(one.aware_at_ms),
    )


async def _detail(services: Services, whole: model.Whole, who: Actor) -> schemas.IncidentDetail:
    one, zone = whole.incident, await zone_of(services, who)
    people = {entry.actor for entry in whole.entries} | {one.reporter, one.lead, one.decided_by}
    people |= {*one.responders, *one.watchers}
    names = {id: await _name(services, id, who) for id in people}
    steps = [] if one.merged_into else [state for state in model.State if state in _next(one)]
    return schemas.IncidentDetail(
        row=await _row(services, one, who),
        code=whole.code,
        reporter=names.get(one.reporter) or None,
        text=_text(whole.report),
        happened_at=zoned_or_none(one.happened_at_ms, zone),
        masked=one.masked,
        steps=steps,
        responders=[_person(id, names) for id in one.responders],
        watchers=[_person(id, names) for id in one.watchers],
        tasks=[
            schemas.IncidentTask(text=task.text, done=task.done, owner=task.owner)
            for task in whole.details.tasks
        ],
        linked=list(one.linked),
        merged_into=one.merged_into or None,
        breach=await _breach(services, whole, names, who),
        entries=[_entry(entry, names, zone) for entry in whole.entries],
        files=[file_shown(one, zone) for one in whole.files],
    )


def _next(one: model.Incident) -> frozenset[model.State]:
    return rules.STEPS[one.state]


async def _breach(
    services: Services, whole: model.Whole, names: Mapping[str, str], who: Actor
) -> schemas.BreachStanding | None:
    one, zone = whole.incident, await zone_of(services, who)
    if not one.aware_at_ms:
        return None
    _, known = await services.handling.terms(actor=who)
    return schemas.BreachStanding(
        aware_at=zoned(one.aware_at_ms, zone),
        authority=known.name,
        law=known.law,
        decision=model.NoticeDecision(one.decision) if one.decision else None,
        decided_by=names.get(one.decided_by) or None,
        decided_at=zoned_or_none(one.decided_at_ms, zone),
        reason=whole.details.decision_reason,
    )


async def _terms(
    services: Services, terms: model.Terms, known: Authority, who: Actor
) -> schemas.IncidentTerms:
    people = await services.handling.candidates(actor=who)
    return schemas.IncidentTerms(
        days=list(terms.days),
        opens=clock(terms.from_minute),
        closes=clock(terms.to_minute),
        contract_hours=terms.contract_hours,
        triage=bool(terms.triage),
        authority=known.name,
        law=known.law,
        people=[schemas.IncidentPerson(id=one.person_id, name=one.display_name) for one in people],
    )


def _entry(one: model.Entry, names: Mapping[str, str], zone: str) -> schemas.IncidentEntry:
    return schemas.IncidentEntry(
        number=one.number,
        at=zoned(one.at_ms, zone),
        kind=one.kind,
        actor=SYSTEM if one.kind in BY_ITSELF else names.get(one.actor, UNKNOWN),
        from_reporter=one.theirs,
        shown=one.shown,
        facts=dict(one.facts),
        text=one.text,
    )


def _text(of: model.Report | None) -> schemas.IncidentReport | None:
    return None if of is None else schemas.IncidentReport(**of._asdict())


def _person(id: str, names: Mapping[str, str]) -> schemas.IncidentPerson:
    return schemas.IncidentPerson(id=id, name=names.get(id, UNKNOWN))


def _cells(one: model.Incident) -> list[str]:
    def time(ms: int) -> str:
        return iso(ms) if ms else ""

    return [
        one.reference,
        one.kind.value,
        one.state.value,
        one.category.value,
        one.severity.value,
        one.impact.value,
        rules.priority(one.severity, one.impact).value,
        one.source.value,
        time(one.created_at_ms),
        time(one.happened_at_ms),
        time(one.acknowledged_at_ms),
        time(one.contained_at_ms),
        time(one.resolved_at_ms),
        time(one.closed_at_ms),
        time(one.acknowledge_by_ms),
        time(one.resolve_by_ms),
        time(one.aware_at_ms),
        time(one.authority_by_ms),
        time(one.contract_by_ms),
        one.decision,
        time(one.decided_at_ms),
        one.merged_into,
        str(one.masked),
        " ".join(one.late),
    ]


async def _name(services: Services, id: str, who: Actor) -> str:
    person = await services.handling.person(id, actor=who)
    return person.display_name if person else UNKNOWN


def _change(request: web.Request) -> tuple[Services, Actor, str, int]:
    seen = query(request, schemas.IncidentVersion)
    return _services(request), actor(request), request.match_info["id"], seen.version


def _services(request: web.Request) -> Services:
    return request.app[SERVICES]


async def zone_of(services: Services, who: Actor) -> str:
    """The time zone of the caller's organisation."""
    return (await services.directory.get(who.organization)).organization.time_zone


def milliseconds(at: datetime | None) -> int:
    """The instant, 0 for none."""
    return round(at.timestamp() * 1000) if at else 0


def zoned(ms: int, zone: str) -> datetime:
    """The instant in the zone."""
    return instant(ms).astimezone(ZoneInfo(zone))


def zoned_or_none(ms: int, zone: str) -> datetime | None:
    """The instant in the zone, None for 0."""
    return zoned(ms, zone) if ms else None


HANDLERS: Mapping[str, Handler] = {
    "incident_findings": incident_findings,
    "report_incident": report_incident,
    "own_reports": own_reports,
    "own_report": own_report,
    "answer_incident": answer_incident,
    "check_receipt": check_receipt,
    "incidents": incidents,
    "incident": incident,
    "incident_statistics": incident_statistics,
    "export_incidents": export_incidents,
    "incident_terms": incident_terms,
    "set_incident_terms": set_incident_terms,
    "incident_notification": incident_notification,
    "step_incident": step_incident,
    "rate_incident": rate_incident,
    "assign_incident": assign_incident,
    "say_of_incident": say_of_incident,
    "task_incident": task_incident,
    "link_incident": link_incident,
    "convert_incident": convert_incident,
    "breach_incident": breach_incident,
    "decide_incident": decide_incident,
    "forget_reporter": forget_reporter,
    "incident_facts": incident_facts,
}
