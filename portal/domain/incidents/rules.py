"""What may follow what, what comes first, and when each clock runs out. Pure functions."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.domain.incidents.model import (
    Due,
    Impact,
    Incident,
    IncidentKind,
    Priority,
    Severity,
    State,
    Terms,
)
from portal.domain.organizations.model import Organization, Region
from portal.domain.shared.errors import Conflict, InvalidInput

HOUR_MS = 3600 * 1000
MINUTE_MS = 60 * 1000
LONGEST_SEARCH_DAYS = 3 * 366
WARNED: frozenset[Due] = frozenset({Due.AUTHORITY, Due.CONTRACT})
WARNED_MS = 24 * HOUR_MS
"""So long before a clock of a breach runs out it is warned of; most is still to be done then."""
EARLIEST_AWARE_MS = 366 * 24 * HOUR_MS

STEPS: Mapping[State, frozenset[State]] = {
    State.NEW: frozenset({State.TRIAGED}),
    State.TRIAGED: frozenset({State.INVESTIGATING, State.RESOLVED}),
    State.INVESTIGATING: frozenset({State.CONTAINED, State.RESOLVED}),
    State.CONTAINED: frozenset({State.INVESTIGATING, State.RESOLVED}),
    State.RESOLVED: frozenset({State.CLOSED, State.INVESTIGATING}),
    State.CLOSED: frozenset({State.INVESTIGATING}),
}
"""What may follow; back to investigating from resolved or closed is reopening."""


class Target(NamedTuple):
    """Minutes until it is to be acknowledged, told of again and resolved; of business hours unless
    `always`."""

    acknowledge: int
    update: int
    resolve: int
    always: bool = False


TARGETS: Mapping[Priority, Target] = {
    Priority.P1: Target(30, 4 * 60, 24 * 60, always=True),
    Priority.P2: Target(60, 8 * 60, 3 * 8 * 60),
    Priority.P3: Target(4 * 60, 2 * 8 * 60, 10 * 8 * 60),
    Priority.P4: Target(8 * 60, 5 * 8 * 60, 20 * 8 * 60),
}
GRADES = (Priority.P4, Priority.P4, Priority.P3, Priority.P2, Priority.P1, Priority.P1)
"""By severity (0 to 3) plus impact (0 to 2)."""


class Authority(NamedTuple):
    """Who is notified of a breach of personal data, by which law, within how many hours of
    becoming aware; 0 where the law names no number."""

    name: str
    law: str
    hours: int


AUTHORITIES: Mapping[Region, Authority] = {
    Region.EU: Authority(
        "the supervisory authority of your main establishment", "GDPR Art. 33", 72
    ),
    Region.UK: Authority("Information Commissioner's Office (ICO)", "UK GDPR Art. 33", 72),
    Region.AU: Authority(
        "Office of the Australian Information Commissioner (OAIC)",
        "Privacy Act 1988, Part IIIC: assessment within 30 days",
        30 * 24,
    ),
    Region.ZA: Authority(
        "Information Regulator (South Africa)", "POPIA s. 22: as soon as reasonably possible", 72
    ),
    Region.US: Authority("the attorney general of each state concerned", "state breach laws", 0),
}
IN_EUROPE: Mapping[str, str] = {
    "DE": "the data protection authority of your federal state",
    "ES": "Agencia Española de Protección de Datos (AEPD)",
    "FR": "Commission nationale de l'informatique et des libertés (CNIL)",
    "IE": "Data Protection Commission (DPC)",
    "IT": "Garante per la protezione dei dati personali",
    "NL": "Autoriteit Persoonsgegevens",
}


def authority(organization: Organization) -> Authority:
    """Whom the organisation notifies, by the region of its data and its country."""
    known = AUTHORITIES[organization.region]
    if organization.region is Region.EU and organization.country in IN_EUROPE:
        return known._replace(name=IN_EUROPE[organization.country])
    return known


def priority(severity: Severity, impact: Impact) -> Priority:
    """What comes first."""
    return GRADES[list(Severity).index(severity) + list(Impact).index(impact)]


def check(terms: Terms) -> None:
    """Raises InvalidInput naming what cannot be business hours."""
    wrong = {}
    if not terms.days or any(not 0 <= day <= 6 for day in terms.days):
        wrong["days"] = "one to seven week days, 0 (Monday) to 6"
    if not 0 <= terms.from_minute < terms.to_minute <= 24 * 60:
        wrong["closes"] = "after the opening, on the same day"
    if not 0 <= terms.contract_hours <= 720:
        wrong["contract_hours"] = "0 to 720"
    if wrong:
        raise InvalidInput("These cannot be business hours.", fields=wrong)


def after(start_ms: int, minutes: int, terms: Terms, zone: str) -> int:
    """The instant when so many minutes of business hours are over, counted from the start."""
    left, day = minutes * MINUTE_MS, datetime.fromtimestamp(start_ms / 1000, ZoneInfo(zone)).date()
    for _ in range(LONGEST_SEARCH_DAYS):
        if day.weekday() in terms.days:
            opens, closes = _wall(day, terms.from_minute, zone), _wall(day, terms.to_minute, zone)
            begin = max(start_ms, opens)
            if closes - begin >= left:
                return begin + left
            left -= max(0, closes - begin)
        day += timedelta(days=1)
    raise InvalidInput("There are no business hours.", fields={"days": "at least one"})


def _wall(day: date, minute: int, zone: str) -> int:
    if minute == 24 * 60:
        return _wall(day + timedelta(days=1), 0, zone)
    local = datetime(day.year, day.month, day.day, *divmod(minute, 60), tzinfo=ZoneInfo(zone))
    return round(local.timestamp() * 1000)


def aimed(incident: Incident, terms: Terms, zone: str, *, since_ms: int = 0) -> Incident:
    """The incident with its targets, resolution counted from `since_ms` where it was reopened. A
    clock that got more time may run out again."""
    target = TARGETS[priority(incident.severity, incident.impact)]

    def by(start_ms: int, minutes: int) -> int:
        if target.always:
            return start_ms + minutes * MINUTE_MS
        return after(start_ms, minutes, terms, zone)

    made = incident._replace(
        acknowledge_by_ms=by(incident.created_at_ms, target.acknowledge),
        update_by_ms=by(incident.told_at_ms, target.update),
        resolve_by_ms=by(since_ms or incident.created_at_ms, target.resolve),
    )
    moved = {
        Due.ACKNOWLEDGE: made.acknowledge_by_ms > incident.acknowledge_by_ms,
        Due.UPDATE: made.update_by_ms > incident.update_by_ms,
        Due.RESOLVE: made.resolve_by_ms > incident.resolve_by_ms,
    }
    return made._replace(late=tuple(one for one in made.late if not moved.get(Due(one))))


class Clock(NamedTuple):
    """A clock that runs or ran: when it runs out, and when it was met, 0 while it runs."""

    due: Due
    by_ms: int
    met_at_ms: int

    def standing(self, now_ms: int) -> str:
        """running, met, late (ran out and still runs) or missed (met too late)."""
        if self.met_at_ms:
            return "met" if self.met_at_ms <= self.by_ms else "missed"
        return "running" if now_ms <= self.by_ms else "late"


def clocks(incident: Incident) -> tuple[Clock, ...]:
    """Every clock of the incident; an inquiry is only to be acknowledged."""
    found = [Clock(Due.ACKNOWLEDGE, incident.acknowledge_by_ms, incident.acknowledged_at_ms)]
    if incident.kind is IncidentKind.INCIDENT:
        if incident.is_open:
            found.append(Clock(Due.UPDATE, incident.update_by_ms, 0))
        found.append(Clock(Due.RESOLVE, incident.resolve_by_ms, incident.resolved_at_ms))
    if incident.authority_by_ms:
        found.append(Clock(Due.AUTHORITY, incident.authority_by_ms, incident.decided_at_ms))
    if incident.contract_by_ms:
        found.append(Clock(Due.CONTRACT, incident.contract_by_ms, incident.decided_at_ms))
    return tuple(found)


def late(incident: Incident, now_ms: int) -> tuple[Due, ...]:
    """The clocks that ran out and were not escalated yet."""
    return tuple(
        one.due
        for one in clocks(incident)
        if one.standing(now_ms) == "late" and one.due not in incident.late
    )


def soon(incident: Incident, now_ms: int) -> tuple[Due, ...]:
    """The clocks of a breach that run out within WARNED_MS and were not warned of yet."""
    return tuple(
        one.due
        for one in clocks(incident)
        if one.due in WARNED
        and one.standing(now_ms) == "running"
        and one.by_ms - now_ms <= WARNED_MS
        and one.due not in incident.warned
    )


def observes(incident: Incident, person: str) -> bool:
    """Whether somebody only watches it: they read and hear everything of it and change nothing."""
    takes_part = person == incident.lead or person in incident.responders
    return person in incident.watchers and not takes_part


def stepped(incident: Incident, state: State, now_ms: int) -> Incident:
    """The incident in its next state. Raises Conflict for a step that is not one."""
    if incident.merged_into:
        raise Conflict("It was merged into another; look there.", code="merged")
    if state not in STEPS[incident.state]:
        raise Conflict("It cannot go there from where it stands.", code="no-such-step")
    if state is State.CLOSED:
        require_decision(incident)
    reopened = incident.state in {State.RESOLVED, State.CLOSED} and state is State.INVESTIGATING
    return incident._replace(
        state=state,
        acknowledged_at_ms=incident.acknowledged_at_ms or now_ms,
        contained_at_ms=now_ms if state is State.CONTAINED else incident.contained_at_ms,
        resolved_at_ms=0
        if reopened
        else now_ms
        if state is State.RESOLVED
        else incident.resolved_at_ms,
        closed_at_ms=0 if reopened else now_ms if state is State.CLOSED else incident.closed_at_ms,
    )


def require_decision(incident: Incident) -> None:
    """Raises Conflict for a breach about which nobody decided whether to notify."""
    if incident.aware_at_ms and not incident.decision:
        raise Conflict("Decide first whether the authority is notified.", code="no-decision")


def breached(
    incident: Incident, aware_at_ms: int, known: Authority, contract_hours: int, now_ms: int
) -> Incident:
    """The incident with its breach clocks, which start from awareness. InvalidInput for a time
    that cannot be."""
    if not now_ms - EARLIEST_AWARE_MS <= aware_at_ms <= now_ms:
        raise InvalidInput(
            "One cannot have become aware then.", fields={"aware_at": "in the past, within a year"}
        )
    return incident._replace(
        aware_at_ms=aware_at_ms,
        authority_by_ms=aware_at_ms + known.hours * HOUR_MS if known.hours else 0,
        contract_by_ms=aware_at_ms + contract_hours * HOUR_MS if contract_hours else 0,
        late=tuple(one for one in incident.late if one not in WARNED),
        warned=(),
    )
