"""Ranges, filters, figures, tables and definitions of the dashboards."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from portal.domain.contacts.model import Channel, Direction
from portal.domain.dashboards.model import Definition, Grain
from portal.web.schemas.base import ABSENT_WHEN_NONE, Answer, Request


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
    """One agent's figures; without `name` for those who are not shown it."""

    agent: str
    name: Annotated[str | None, ABSENT_WHEN_NONE] = None
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
