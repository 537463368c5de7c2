"""The shapes of requests and answers; the OpenAPI description and the tab's types come from here.

Times are ISO 8601 with offset, durations in metric values are seconds, shares are percent.
Requests refuse fields they do not know.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from portal.domain.contacts.model import Channel, Direction, Outcome
from portal.domain.dashboards.model import Definition, Grain


class Answer(BaseModel):
    """Base of what the service answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(BaseModel):
    """Base of what callers send."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Answer):
    """RFC 9457 problem details. `code` is stable, `detail` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str
    fields: dict[str, str] | None = None


# --- who am I -------------------------------------------------------------------------------


class Organization(Answer):
    """An organisation as its members see it."""

    code: str
    name: str
    region: str
    time_zone: str


class Me(Answer):
    """The signed-in person in the organisation of this request."""

    person: str
    display_name: str
    role: str
    permissions: list[str]
    organization: Organization
    organizations: list[Organization]


# --- dashboards -----------------------------------------------------------------------------


class RangeQuery(Request):
    """A half-open time range [from, to); a date means that day's start in the organisation's time
    zone, a time without offset is read in that zone. Without `from` and `to`: today."""

    from_: Annotated[str | None, Field(alias="from", description="Start, inclusive")] = None
    to: Annotated[str | None, Field(description="End, exclusive")] = None
    organization: Annotated[
        str | None, Field(description="Code, for people who belong to several organisations")
    ] = None


class FigureQuery(RangeQuery):
    """Which contacts count, and how."""

    queue: Annotated[
        list[str], Field(description="Queue id, the source's own key, or name; repeatable")
    ] = []
    channel: list[Channel] = []
    direction: list[Direction] = []
    definition: Definition = Definition.STRICT
    threshold: Annotated[
        float, Field(gt=0, le=86400, description="Service level target in seconds")
    ] = 20


class SeriesQuery(FigureQuery):
    """A figure query cut into points."""

    grain: Grain = Grain.HOUR
    metric: Annotated[
        list[str], Field(description="Only these metrics; repeatable; all unless told")
    ] = []


class Coverage(Answer):
    """On how many of the contacts a figure could be computed."""

    contacts: int
    of: int


ABSENT_WHEN_NONE = Field(exclude_if=lambda value: value is None)


class Metric(Answer):
    """One figure. `value` is null when it is not derivable or there is nothing to count; `reason`
    then says which, naming the source and its field. A value with a `reason` leaves contacts out.
    """

    value: int | float | None
    unit: Literal["contacts", "customers", "percent", "seconds"]
    reason: str | None
    numerator: Annotated[int | float | None, ABSENT_WHEN_NONE] = None
    denominator: Annotated[int | float | None, ABSENT_WHEN_NONE] = None
    coverage: Annotated[Coverage | None, ABSENT_WHEN_NONE] = None


class Freshness(Answer):
    """How recent the figures are."""

    as_of: Annotated[
        AwareDatetime | None, Field(description="The newest moment any stored contact speaks of")
    ]
    imported_at: Annotated[AwareDatetime | None, Field(description="The last import that stored")]
    revision: Annotated[int, Field(description="Grows with every stored change")]


class SourceGap(Answer):
    """What a source cannot say."""

    field: str
    reason: str
    metrics: list[str]


class SourceCompleteness(Answer):
    """One source's share in the range."""

    source: str
    title: str
    contacts: int
    gaps: list[SourceGap]


class Completeness(Answer):
    """Whether every figure covers every contact of the range, and what is missing."""

    complete: bool
    sources: list[SourceCompleteness]
    waiting: Annotated[int, Field(description="Contacts still in a queue")]
    quarantined: Annotated[int, Field(description="Rows of the organisation kept back as bad")]


class Summary(Answer):
    """Every figure of a range."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    time_zone: str
    definition: Definition
    threshold: float
    freshness: Freshness
    completeness: Completeness
    metrics: dict[str, Metric]


class Point(Answer):
    """One grain of a series."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    metrics: dict[str, Metric]


class Series(Answer):
    """Figures along time."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    time_zone: str
    grain: Grain
    definition: Definition
    threshold: float
    freshness: Freshness
    points: list[Point]


class QueueRow(Answer):
    """One queue's figures."""

    queue: Annotated[str, Field(description="Opaque id, usable as the `queue` filter")]
    name: str
    source: str
    metrics: dict[str, Metric]


class QueueTable(Answer):
    """Figures by queue."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    definition: Definition
    threshold: float
    freshness: Freshness
    rows: list[QueueRow]


class AgentRow(Answer):
    """One agent's figures; `name` is null for those who see figures without identities."""

    agent: str
    name: str | None
    source: str
    metrics: dict[str, Metric]


class AgentTable(Answer):
    """Figures by agent."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    freshness: Freshness
    rows: list[AgentRow]


class MetricDefinition(Answer):
    """What a metric means, for tiles and analysts."""

    metric: str
    title: str
    unit: Literal["contacts", "customers", "percent", "seconds"]
    formula: str
    basis: Annotated[
        Literal["arrival", "end"],
        Field(description="Counted in the interval of arrival in the queue, or of the end"),
    ]
    description: str


class Definitions(Answer):
    """All metrics, in the order tiles show them."""

    metrics: list[MetricDefinition]
    service_level: Annotated[
        dict[str, str], Field(description="The service level's formula by definition")
    ]


class QueueChoice(Answer):
    """A queue to filter by."""

    queue: str
    key: str
    name: str
    source: str


class QueueChoices(Answer):
    """The organisation's queues."""

    queues: list[QueueChoice]


# --- contacts -------------------------------------------------------------------------------


class ContactQuery(FigureQuery):
    """The contacts behind a figure, oldest first; `metric` narrows to those it counts."""

    metric: str | None = None
    outcome: list[Outcome] = []
    agent: str | None = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ContactRow(Answer):
    """One contact; the customer is masked, durations are seconds, null is "not given"."""

    contact: str
    record: str
    source: str
    channel: Channel
    direction: Direction
    outcome: Outcome
    queue: str | None
    agent: str | None
    customer: str | None
    started_at: AwareDatetime
    arrived_at: AwareDatetime
    ended_at: AwareDatetime | None
    wait: float | None
    talk: float | None
    hold: float | None
    after_contact_work: float | None
    transferred: bool | None


class ContactPage(Answer):
    """A page of contacts; `next` is the cursor of the following one."""

    rows: list[ContactRow]
    total: int
    next: str | None


# --- reconciliation -------------------------------------------------------------------------


class VendorFigure(Answer):
    """A vendor's own service level on the same contacts as ours."""

    source: str
    title: str
    formula: str
    contacts: int
    ours: Metric
    vendor: Metric
    difference: Annotated[float | None, Field(description="Vendor minus ours, percentage points")]
    explained_by: Annotated[list[ContactRow], Field(description="Contacts the two treat unlike")]
    explained_total: int


class Reconciliation(Answer):
    """Our service level beside the vendors'."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    definition: Definition
    threshold: float
    vendors: list[VendorFigure]


# --- imports --------------------------------------------------------------------------------


class ImportQuery(Request):
    """How to read the body of an import."""

    source: Annotated[str, Field(description="amazon-connect, genesys, three-cx or teams")]
    organization: str | None = None
    queue_extensions: Annotated[
        str | None, Field(description="3CX queue extensions, comma-separated")
    ] = None
    columns: Annotated[str | None, Field(description="3CX columns in order, comma-separated")] = (
        None
    )
    file_name: Annotated[
        str | None, StringConstraints(max_length=255), Field(description="Shown in the report")
    ] = None


class Rejection(Answer):
    """A row kept back, and why."""

    file: str
    line: int
    reason: str


class ImportReport(Answer):
    """What became of the rows; the same counts as the command line prints."""

    accepted: int
    corrected: int
    unchanged: int
    ignored: int
    rejected: int
    rejections: Annotated[list[Rejection], Field(description="The first 1,000")]


class ImportState(StrEnum):
    """The life of an import."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class ImportStatus(ImportReport):
    """An import with its progress."""

    id: str
    source: str
    file: str
    state: ImportState
    progress: Annotated[float, Field(ge=0, le=1, description="Share of the file's bytes read")]
    created_at: AwareDatetime
    finished_at: AwareDatetime | None
    error: Annotated[str | None, Field(description="Why the file was unusable")]


class ImportList(Answer):
    """The organisation's imports, newest first."""

    imports: list[ImportStatus]


# --- alerts ---------------------------------------------------------------------------------

ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
WeekDays = Annotated[
    list[Annotated[int, Field(ge=0, le=6)]],
    Field(min_length=1, max_length=7, description="0: Monday"),
]


class AlertHours(Request):
    """Opening hours in the organisation's time zone."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    days: WeekDays
    from_: Annotated[ClockTime, Field(alias="from")]
    to: ClockTime


class ThresholdTrigger(Request):
    """Fires when a figure over the last minutes is beyond a limit."""

    kind: Literal["threshold"]
    metric: Literal["service_level", "longest_wait", "abandonment_rate", "offered"]
    comparison: Literal["below", "above"]
    limit: Annotated[float, Field(allow_inf_nan=False, description="Percent, seconds or contacts")]
    window_minutes: int
    cool_down_minutes: int = 60
    hours: AlertHours | None = None


class DailyTrigger(Request):
    """Sends the figures of the day, or of the day before, at a time of day."""

    kind: Literal["daily"]
    at: ClockTime
    days: WeekDays = [0, 1, 2, 3, 4, 5, 6]
    yesterday: bool = False


AlertTrigger = Annotated[ThresholdTrigger | DailyTrigger, Field(discriminator="kind")]


class NewAlert(Request):
    """A rule to be made; `queue` is a queue's id, key or name, empty for all."""

    queue: Annotated[str, Field(max_length=256)] = ""
    trigger: AlertTrigger


class AlertVersion(Request):
    """The version of the rule that the caller saw."""

    version: Annotated[int, Field(ge=1)]


class OwnSubscription(Request):
    """Whether the caller has the alert sent to their chat with the bot, for how many minutes they
    want quiet (0 ends the quiet), and the language they read (such as `de-DE`)."""

    subscribed: bool
    quiet_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 0
    language: Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] = ""


class AlertSubscription(Answer):
    """The caller's own subscription."""

    quiet_until: AwareDatetime | None


class Alert(Answer):
    """A rule, how it stands, and who hears of it."""

    id: str
    version: int
    queue: str
    queue_name: Annotated[str | None, Field(description="None for all queues")]
    trigger: AlertTrigger
    beyond_since: AwareDatetime | None
    fired_at: AwareDatetime | None
    places: Annotated[int, Field(description="To how many chats and channels it is sent")]
    own: AlertSubscription | None


class AlertList(Answer):
    """The organisation's alerts, oldest first."""

    alerts: list[Alert]


# --- development ----------------------------------------------------------------------------


class DevelopmentPerson(Answer):
    """A local person (development only)."""

    person: str
    name: str
    role: str
    organization: str
    organizations: list[str]


class TokenRequest(Request):
    """Whom to sign in as (development only)."""

    person: str
    organization: str | None = None


class TokenAnswer(Answer):
    """A signed token (development only)."""

    token: str
    token_type: Literal["Bearer"]
    expires_in: int
