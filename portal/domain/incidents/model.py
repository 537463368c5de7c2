"""An incident, what is kept of it, and how it is told. Times are milliseconds since 1970, 0 for
"not yet". People are person ids; whatever somebody wrote is in `Report`, `Details` and `Entry.text`
and is sealed in the store."""

from enum import StrEnum
from typing import NamedTuple


class IncidentKind(StrEnum):
    """What was sent: an incident has clocks, an inquiry is a question."""

    INCIDENT = "incident"
    INQUIRY = "inquiry"


class State(StrEnum):
    """Where it stands; `rules.STEPS` says what may follow."""

    NEW = "new"
    TRIAGED = "triaged"
    INVESTIGATING = "investigating"
    CONTAINED = "contained"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Category(StrEnum):
    """What seems to have happened."""

    UNAUTHORIZED_ACCESS = "unauthorized_access"
    DATA_BREACH = "data_breach"
    PHISHING = "phishing"
    MALWARE = "malware"
    LOST_DEVICE = "lost_device"
    MISDIRECTED_DATA = "misdirected_data"
    SUSPICIOUS_ACTIVITY = "suspicious_activity"
    OTHER = "other"


class Severity(StrEnum):
    """How bad it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Impact(StrEnum):
    """How far it reaches: one person, several, the organisation."""

    ONE = "one"
    SEVERAL = "several"
    ORGANIZATION = "organization"


class Priority(StrEnum):
    """What comes first; made of severity and impact."""

    P1 = "p1"
    P2 = "p2"
    P3 = "p3"
    P4 = "p4"


class Source(StrEnum):
    """Where it was reported."""

    CHAT = "chat"
    MESSAGE = "message"
    TAB = "tab"


class Due(StrEnum):
    """The clocks of an incident."""

    ACKNOWLEDGE = "acknowledge"
    UPDATE = "update"
    RESOLVE = "resolve"
    AUTHORITY = "authority"
    CONTRACT = "contract"


class NoticeDecision(StrEnum):
    """Whether the authority is notified of a breach."""

    NOTIFY = "notify"
    NO_NOTICE = "no_notice"


class EntryKind(StrEnum):
    """What an entry of the timeline tells."""

    REPORTED = "reported"
    STATE = "state"
    RATED = "rated"
    ASSIGNED = "assigned"
    NOTE = "note"
    MESSAGE = "message"
    QUESTION = "question"
    ANSWER = "answer"
    TASKS = "tasks"
    LINKED = "linked"
    MERGED = "merged"
    CONVERTED = "converted"
    BREACH = "breach"
    DECIDED = "decided"
    ESCALATED = "escalated"
    WARNED = "warned"


class Report(NamedTuple):
    """What the reporter wrote. `quoted`, `sender` and `link` are of a message that was reported."""

    what: str
    affected: str = ""
    evidence: str = ""
    quoted: str = ""
    sender: str = ""
    link: str = ""


class Draft(NamedTuple):
    """A report that was begun. `source` is the client it was left in."""

    report: Report
    kind: IncidentKind = IncidentKind.INCIDENT
    category: Category = Category.SUSPICIOUS_ACTIVITY
    severity: Severity = Severity.MEDIUM
    impact: Impact = Impact.ONE
    happened_at_ms: int = 0
    source: Source = Source.TAB


class Task(NamedTuple):
    """Something to do about it; `owner` is "" for nobody yet."""

    text: str
    done: bool = False
    owner: str = ""


class Details(NamedTuple):
    """What the responders keep besides the timeline."""

    tasks: tuple[Task, ...] = ()
    decision_reason: str = ""


class FileState(StrEnum):
    """How a file stands: still coming, waiting for what it will be sent with, kept with an
    incident, or going: unreadable already, and about to be removed."""

    COMING = "coming"
    WAITING = "waiting"
    KEPT = "kept"
    GOING = "going"


class EvidenceFile(NamedTuple):
    """A file that somebody attached, byte for byte as it came. `incident` is "" and `entry` 0 while
    it waits; `entry` is the line of the timeline that it came with. `sort` is a code of
    `files.SORTS`; `theirs` and `shown` as in an Entry. `sha256` is in hexadecimal."""

    id: str
    incident: str
    entry: int
    person: str
    state: FileState
    sort: str
    size: int
    at_ms: int
    name: str
    sha256: str
    theirs: bool = True
    shown: bool = True


class Entry(NamedTuple):
    """A line of the timeline. `shown` is whether the reporter sees it; `theirs` whether the
    reporter wrote it. `facts` are codes and counts, never text of people."""

    number: int
    at_ms: int
    kind: EntryKind
    actor: str
    shown: bool = False
    theirs: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    text: str = ""


class Incident(NamedTuple):
    """The facts of an incident, none of which is anybody's text. `id` counts in its organisation;
    `entries` how many lines the timeline has; `late` are the clocks that ran out and were
    escalated, `warned` those that were warned of before; `told_at_ms` is when the reporter heard
    last; `reporter` is "" once they were forgotten."""

    id: str
    version: int
    kind: IncidentKind
    state: State
    category: Category
    severity: Severity
    impact: Impact
    reporter: str
    source: Source
    language: str
    created_at_ms: int
    happened_at_ms: int
    changed_at_ms: int
    told_at_ms: int
    entries: int = 0
    acknowledged_at_ms: int = 0
    contained_at_ms: int = 0
    resolved_at_ms: int = 0
    closed_at_ms: int = 0
    acknowledge_by_ms: int = 0
    update_by_ms: int = 0
    resolve_by_ms: int = 0
    late: tuple[str, ...] = ()
    lead: str = ""
    responders: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    aware_at_ms: int = 0
    authority_by_ms: int = 0
    contract_by_ms: int = 0
    decision: str = ""
    decided_by: str = ""
    decided_at_ms: int = 0
    merged_into: str = ""
    linked: tuple[str, ...] = ()
    masked: int = 0
    warned: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"SR-{int(self.id):06d}"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.state not in {State.RESOLVED, State.CLOSED}


class Whole(NamedTuple):
    """An incident with everything that was written about it; `report` is None once its reporter
    was forgotten. `code` verifies the reference."""

    incident: Incident
    code: str
    report: Report | None
    details: Details
    entries: tuple[Entry, ...]
    files: tuple[EvidenceFile, ...] = ()


class Finding(NamedTuple):
    """Something in a text that should not be kept: which field, what sort, from where to where."""

    field: str
    sort: str
    start: int
    end: int


class Terms(NamedTuple):
    """How an organisation handles incidents: its business hours (week days, 0 is Monday, and
    minutes of the local day), the hours its contracts give it to tell of a breach (0: none), and
    our id of the conversation that hears of new ones ("" for none), with its language."""

    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    from_minute: int = 9 * 60
    to_minute: int = 17 * 60
    contract_hours: int = 0
    triage: str = ""
    triage_language: str = ""


class Stage(StrEnum):
    """Where a message is on its way."""

    WAITING = "waiting"
    SENT = "sent"
    MAILED = "mailed"
    DROPPED = "dropped"


class Delivery(NamedTuple):
    """A message of one entry to one recipient: a person id, or "" for the triage channel. `id`
    follows from all three, so that a change is told once."""

    id: str
    incident: str
    entry: int
    to: str
    stage: Stage
    created_at_ms: int
    due_at_ms: int
    held_until_ms: int = 0
    attempts: int = 0
    activity: str = ""
    dropped: str = ""


class Telling(NamedTuple):
    """Everything a message is drawn from. Without `whole` it is for the triage channel, which gets
    counts, severity and a link. `reader` is whether it is for the reporter; `conversation` is our
    id of where it is shown, `lead` the name of who leads it, `delivery` the message's own id."""

    organization: str
    time_zone: str
    conversation: str
    language: str
    incident: Incident
    entry: Entry
    waiting: int
    reader: bool = False
    whole: Whole | None = None
    lead: str = ""
    delivery: str = ""
