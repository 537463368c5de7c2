"""Incidents as they are reported, followed and handled."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from portal.domain.incidents.model import (
    Category,
    Due,
    EntryKind,
    Impact,
    IncidentKind,
    NoticeDecision,
    Priority,
    Severity,
    Source,
    State,
)
from portal.web.schemas.alerts import ClockTime, WeekDays
from portal.web.schemas.base import Answer, Request

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Optional = Annotated[str, Field(max_length=4000)]
Version = Annotated[int, Field(ge=1)]
PersonId = Annotated[str, Field(min_length=1, max_length=120)]
IncidentId = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
FileId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
FileIds = Annotated[list[FileId], Field(max_length=20)]
Language = Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]*$")]


class IncidentTexts(Request):
    """Texts to be looked through before they are sent; nothing of them is kept."""

    what: Optional = ""
    affected: Optional = ""
    evidence: Optional = ""


class IncidentFinding(Answer):
    """Something that is masked unless the reporter keeps its sort."""

    field: str
    sort: Annotated[str, Field(description="email, phone, card, iban, key or secret")]
    start: int
    end: int


class IncidentFindings(Answer):
    """What was found, and the texts as they would be stored."""

    findings: list[IncidentFinding]
    masked: dict[str, str]


class IncidentFile(Answer):
    """A file, byte for byte as it came. `entry` is the line of the timeline it came with, 0 while
    it waits to be sent with something; `sort` how its name ends, in one spelling."""

    id: str
    name: str
    sort: str
    size: Annotated[int, Field(description="In bytes")]
    sha256: Annotated[str, Field(description="Of its content, in hexadecimal")]
    entry: int
    from_reporter: bool
    shown: Annotated[bool, Field(description="Whether the reporter sees it")]
    at: AwareDatetime


class IncidentFiles(Answer):
    """One's own files that wait to be sent with something, oldest first."""

    files: list[IncidentFile]


class NewIncident(Request):
    """A report. `keep` are sorts of findings that stay as written; `joins` is the id of an open
    report of one's own that this adds to, instead of a new one; `files` are ids of own files that
    wait."""

    kind: IncidentKind = IncidentKind.INCIDENT
    category: Category
    severity: Severity = Severity.MEDIUM
    impact: Impact = Impact.ONE
    what: Text
    affected: Optional = ""
    evidence: Optional = ""
    happened_at: AwareDatetime | None = None
    keep: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=10)] = []
    joins: Annotated[str, Field(pattern=r"^([0-9]{8})?$")] = ""
    files: FileIds = []
    of_draft: Annotated[bool, Field(description="Whether one's own draft ends with it")] = False
    language: Language = ""


class IncidentDraft(Request):
    """A report that was begun. It is looked through as a report is: findings are masked but those
    of the sorts to `keep`."""

    kind: IncidentKind = IncidentKind.INCIDENT
    category: Category = Category.SUSPICIOUS_ACTIVITY
    severity: Severity = Severity.MEDIUM
    impact: Impact = Impact.ONE
    what: Optional = ""
    affected: Optional = ""
    evidence: Optional = ""
    happened_at: AwareDatetime | None = None
    keep: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=10)] = []


class IncidentDraftKept(Answer):
    """A draft as it is kept, and when it was. `quoted`, `sender` and `link` are of a message that
    was to be reported; `source` is the client in which it was left."""

    kind: IncidentKind
    category: Category
    severity: Severity
    impact: Impact
    what: str
    affected: str
    evidence: str
    quoted: str
    sender: str
    link: str
    happened_at: AwareDatetime | None
    source: Source
    changed_at: AwareDatetime
    masked: Annotated[int, Field(description="How many findings were masked")]


class IncidentDraftStanding(Answer):
    """One's own draft, if there is one, and one's own files that wait."""

    draft: IncidentDraftKept | None
    files: list[IncidentFile]


class IncidentReceipt(Answer):
    """What the reporter keeps. `code` proves that the reference is ours."""

    id: str
    reference: str
    code: str
    state: State
    masked: Annotated[int, Field(description="How many findings were masked")]


class ReceiptQuery(Request):
    """A receipt to be checked."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class ReceiptCheck(Answer):
    """Whether the receipt is ours; of one that is not, nothing else is told."""

    valid: bool
    reported_at: AwareDatetime | None = None
    state: State | None = None


class OwnReport(Answer):
    """A report as its reporter sees it in a list."""

    id: str
    reference: str
    code: str
    kind: IncidentKind
    state: State
    category: Category
    severity: Severity
    reported_at: AwareDatetime
    changed_at: AwareDatetime
    asked: Annotated[bool, Field(description="Whether a question waits for an answer")]


class OwnReports(Answer):
    """One's own reports, newest first."""

    reports: list[OwnReport]


class IncidentEntry(Answer):
    """A line of the timeline. `actor` is the reporter, a responder's name or "system"; `facts` are
    codes, such as {"state": "triaged"}; `shown` is whether the reporter sees it."""

    number: int
    at: AwareDatetime
    kind: EntryKind
    actor: str
    from_reporter: bool
    shown: bool
    facts: dict[str, str]
    text: str


class IncidentReport(Answer):
    """What the reporter wrote, as it is stored."""

    what: str
    affected: str
    evidence: str
    quoted: str
    sender: str
    link: str


class OwnReportDetail(Answer):
    """A report as its reporter sees it."""

    report: OwnReport
    text: IncidentReport | None
    happened_at: AwareDatetime | None
    entries: list[IncidentEntry]
    files: list[IncidentFile]


class IncidentAnswer(Request):
    """More from the reporter: an answer to a question, or an addition; text, own files that wait,
    or both."""

    text: Optional = ""
    files: FileIds = []
    keep: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=10)] = []


class IncidentQuery(Request):
    """Which incidents the queue shows; empty lists do not narrow. `open` leaves out resolved and
    closed ones; `mine` shows those one is assigned to; `late` those with a clock that ran out."""

    states: Annotated[list[State], Field(max_length=10)] = []
    severities: Annotated[list[Severity], Field(max_length=10)] = []
    kinds: Annotated[list[IncidentKind], Field(max_length=10)] = []
    open: bool = False
    mine: bool = False
    late: bool = False
    cursor: Annotated[str, Field(max_length=20)] = ""


class IncidentClock(Answer):
    """One clock: when it runs out, and how it stands: running, met, late, or missed (met too
    late)."""

    due: Due
    at: AwareDatetime
    standing: Annotated[str, Field(description="running, met, late or missed")]


class IncidentRow(Answer):
    """An incident in the queue: its facts."""

    id: str
    version: int
    reference: str
    kind: IncidentKind
    state: State
    category: Category
    severity: Severity
    impact: Impact
    priority: Priority
    source: Source
    reported_at: AwareDatetime
    changed_at: AwareDatetime
    lead: Annotated[str | None, Field(description="Person id")]
    lead_name: str | None
    clocks: list[IncidentClock]
    breach: Annotated[bool, Field(description="Whether breach clocks run or ran")]


class IncidentQueue(Answer):
    """Newest first; `next` is the cursor of older ones."""

    incidents: list[IncidentRow]
    next: str | None


class IncidentPerson(Answer):
    """Somebody who may handle incidents."""

    id: str
    name: str


class IncidentTask(Request):
    """Something to do; `owner` is a person id or empty."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    done: bool = False
    owner: Annotated[str, Field(max_length=120)] = ""


class BreachStanding(Answer):
    """A breach of personal data: the clocks are among the incident's."""

    aware_at: AwareDatetime
    authority: str
    law: str
    decision: NoticeDecision | None
    decided_by: str | None
    decided_at: AwareDatetime | None
    reason: str


class IncidentDetail(Answer):
    """An incident as responders see it. `steps` are the states it may go to now."""

    row: IncidentRow
    code: str
    reporter: str | None
    text: IncidentReport | None
    happened_at: AwareDatetime | None
    masked: int
    steps: list[State]
    responders: list[IncidentPerson]
    watchers: list[IncidentPerson]
    tasks: list[IncidentTask]
    linked: list[str]
    merged_into: str | None
    breach: BreachStanding | None
    entries: list[IncidentEntry]
    files: list[IncidentFile]


class IncidentVersion(Request):
    """The version that the caller saw: every change is one over it (409 for another)."""

    version: Version


class IncidentStep(Request):
    """A new state; `text` is what the reporter is told besides."""

    state: State
    text: Optional = ""


class IncidentRating(Request):
    """How it is judged."""

    category: Category
    severity: Severity
    impact: Impact


class IncidentAssignment(Request):
    """Who handles it: person ids of people who may."""

    lead: Annotated[str, Field(max_length=120)] = ""
    responders: Annotated[list[PersonId], Field(max_length=20)] = []
    watchers: Annotated[list[PersonId], Field(max_length=20)] = []


class IncidentWord(Request):
    """Something said: `note` for the responders alone, `message` and `question` for the
    reporter."""

    kind: Annotated[str, Field(pattern="^(note|message|question)$")]
    text: Text
    files: FileIds = []


class IncidentTasks(Request):
    """All tasks as they are to be."""

    tasks: Annotated[list[IncidentTask], Field(max_length=50)]


class IncidentLink(Request):
    """Another incident; `merge` closes this one as a part of that one."""

    other: IncidentId
    merge: bool = False


class IncidentConversion(Request):
    """What it is from now on."""

    kind: IncidentKind


class BreachAwareness(Request):
    """When the organisation became aware that personal data were breached."""

    aware_at: AwareDatetime


class BreachDecision(Request):
    """Whether the authority is notified, and why."""

    decision: NoticeDecision
    reason: Text


class BreachDraft(Answer):
    """A notification drafted from the facts, to be completed by people."""

    authority: str
    law: str
    text: str


class IncidentTermsBody(Request):
    """Business hours in the organisation's time zone; `contract_hours` 0 for none."""

    days: WeekDays
    opens: ClockTime
    closes: ClockTime
    contract_hours: Annotated[int, Field(ge=0, le=720)] = 0


class IncidentTerms(Answer):
    """How incidents are handled here."""

    days: list[int]
    opens: str
    closes: str
    contract_hours: int
    triage: Annotated[bool, Field(description="Whether a channel hears of new incidents")]
    authority: str
    law: str
    people: list[IncidentPerson]


class IncidentWeek(Answer):
    """A week of the trend; it begins on its Monday. Medians are of what was acknowledged, contained
    and resolved in it, None where nothing was."""

    week: str
    reported: int
    resolved: int
    acknowledge_seconds: float | None
    contain_seconds: float | None
    resolve_seconds: float | None


class IncidentStatistics(Answer):
    """Counts alone. Medians are in seconds, None without any."""

    total: int
    open: int
    late: int
    by_state: dict[State, int]
    by_severity: dict[Severity, int]
    acknowledge_seconds: float | None
    contain_seconds: float | None
    resolve_seconds: float | None
    weeks: list[IncidentWeek]


class IncidentFacts(Answer):
    """The facts of an incident for auditors: references, codes, counts and times (UTC, null for not
    yet). `late` are the clocks that ran out."""

    reference: str
    version: int
    kind: IncidentKind
    state: State
    category: Category
    severity: Severity
    impact: Impact
    priority: Priority
    source: Source
    reported_at: AwareDatetime
    happened_at: AwareDatetime | None
    acknowledged_at: AwareDatetime | None
    contained_at: AwareDatetime | None
    resolved_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    acknowledge_by: AwareDatetime | None
    resolve_by: AwareDatetime | None
    aware_at: AwareDatetime | None
    authority_by: AwareDatetime | None
    contract_by: AwareDatetime | None
    decision: NoticeDecision | None
    decided_at: AwareDatetime | None
    merged_into: str | None
    masked: int
    late: list[Due]


class IncidentExport(Answer):
    """The facts of every incident, oldest first."""

    incidents: list[IncidentFacts]
