"""Figures: what is asked, what is answered, what each metric means."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from portal.domain.contacts.model import Channel, Direction, Outcome


class Definition(StrEnum):
    """How service level treats abandoned contacts (domain reference, section E). With A answered,
    B abandoned, Bs short-abandoned and T the threshold."""

    STRICT = "strict"  # A<=T / (A + B)
    SHORT_EXCLUDED = "short_excluded"  # A<=T / (A + B - Bs)
    IGNORE_ABANDONED = "ignore_abandoned"  # A<=T / (A + B - B<=T)
    POSITIVE = "positive"  # (A<=T + B<=T) / (A + B)
    ANSWERED_ONLY = "answered_only"  # A<=T / A


class Grain(StrEnum):
    """The length of one point of a series; a day is the organisation's own."""

    QUARTER_HOUR = "15m"
    HOUR = "1h"
    DAY = "1d"


class Unit(StrEnum):
    """What a value counts. Durations are seconds, shares percent."""

    CONTACTS = "contacts"
    CUSTOMERS = "customers"
    PERCENT = "percent"
    SECONDS = "seconds"


class Basis(StrEnum):
    """Which interval a contact counts in: that of its arrival in the queue, or of its end."""

    ARRIVAL = "arrival"
    END = "end"


class MetricName(StrEnum):
    """The metrics, in the order in which they are shown."""

    OFFERED = "offered"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT_ABANDONED = "short_abandoned"
    FLOW_OUT = "flow_out"
    SERVICE_LEVEL = "service_level"
    AVERAGE_SPEED_OF_ANSWER = "average_speed_of_answer"
    AVERAGE_HANDLE_TIME = "average_handle_time"
    AVERAGE_TALK_TIME = "average_talk_time"
    AVERAGE_HOLD_TIME = "average_hold_time"
    AVERAGE_AFTER_CONTACT_WORK = "average_after_contact_work"
    ABANDONMENT_RATE = "abandonment_rate"
    TRANSFER_RATE = "transfer_rate"
    WAIT_P50 = "wait_p50"
    WAIT_P90 = "wait_p90"
    WAIT_P99 = "wait_p99"
    LONGEST_WAIT = "longest_wait"
    DISTINCT_CUSTOMERS = "distinct_customers"
    HANDLED = "handled"


class Metric(NamedTuple):
    """One figure. `value` is None when it cannot be derived or there is nothing to count, and
    `reason` says which; a reason beside a value says which contacts it leaves out. `numerator`
    and `denominator` let anyone recompute a quotient; `covered` of `total` contacts were used."""

    value: float | None
    unit: Unit
    reason: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    covered: int | None = None
    total: int | None = None


Metrics = Mapping[MetricName, Metric]


class Asked(NamedTuple):
    """Which contacts count, and how: [from_ms, to_ms), filters (empty does not narrow; queues by
    id, source key or name), the service level's definition and threshold in ms."""

    from_ms: int
    to_ms: int
    queues: tuple[str, ...] = ()
    channels: frozenset[Channel] = frozenset()
    directions: frozenset[Direction] = frozenset()
    definition: Definition = Definition.STRICT
    threshold_ms: int = 20_000


class Freshness(NamedTuple):
    """How recent the figures are; instants in ms, None for never."""

    as_of_ms: int | None
    imported_at_ms: int | None
    revision: int


class SourceGap(NamedTuple):
    """What a source cannot say, and the metrics that miss it."""

    field: str
    reason: str
    metrics: tuple[MetricName, ...]


class SourceShare(NamedTuple):
    """One source's contacts in the range and its gaps."""

    source: str
    title: str
    contacts: int
    gaps: tuple[SourceGap, ...]


class Completeness(NamedTuple):
    """Whether every figure covers every contact."""

    complete: bool
    sources: tuple[SourceShare, ...]
    waiting: int
    quarantined: int


class Summary(NamedTuple):
    """Every figure of a range."""

    metrics: Metrics
    freshness: Freshness
    completeness: Completeness


class Point(NamedTuple):
    """One grain of a series."""

    from_ms: int
    to_ms: int
    metrics: Metrics


class Row(NamedTuple):
    """One queue's or agent's figures; `name` is None for those who see no identities."""

    id: str
    name: str | None
    source: str
    metrics: Metrics


class QueueChoice(NamedTuple):
    """A queue to filter by."""

    id: str
    key: str
    name: str
    source: str


class ContactRow(NamedTuple):
    """A contact behind a figure; the customer is masked."""

    id: str
    record: str
    source: str
    channel: Channel
    direction: Direction
    outcome: Outcome
    queue: str | None
    agent: str | None
    customer: str | None
    started_ms: int
    arrived_ms: int
    ended_ms: int | None
    wait_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    after_contact_work_ms: int | None
    transferred: bool | None


class ContactRows(NamedTuple):
    """A page of contacts."""

    rows: tuple[ContactRow, ...]
    total: int
    next: str | None


class VendorFigure(NamedTuple):
    """A vendor's own service level beside ours on the same contacts, and the contacts that the
    two treat differently."""

    source: str
    title: str
    formula: str
    contacts: int
    ours: Metric
    vendor: Metric
    explained_by: tuple[ContactRow, ...]
    explained_total: int
