"""Figures: summary, series, tables, reconciliation, and the stream that tells of new revisions."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import act, may, sight
from portal.domain.dashboards import drill, model
from portal.domain.dashboards.definitions import MEANINGS, SERVICE_LEVEL_FORMULAS
from portal.domain.dashboards.model import Grain
from portal.domain.dashboards.ranges import Span
from portal.domain.dashboards.service import Dashboards
from portal.domain.shared.clock import instant
from portal.domain.shared.errors import Forbidden, NotAuthenticated, NotFound, Unavailable
from portal.web import sessions
from portal.web.api.contacts import contact
from portal.web.exchange import (
    REMEMBERED,
    SERVICES,
    STOPPING,
    TAGS,
    Handler,
    actor,
    confirm,
    is_current,
    not_modified,
    query,
    respond,
    respond_remembered,
)
from portal.web.schemas.base import Answer
from portal.web.schemas.dashboards import (
    AgentRow,
    AgentTable,
    Completeness,
    Coverage,
    Definitions,
    FigureQuery,
    Freshness,
    Metric,
    MetricDefinition,
    Point,
    QueueChoice,
    QueueChoices,
    QueueRow,
    QueueTable,
    Series,
    SeriesQuery,
    SourceCompleteness,
    SourceGap,
    Summary,
)
from portal.web.schemas.reconciliation import Reconciliation, VendorFigure

HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 0.5
ACCESS_SECONDS = 5.0
"""How often a stream looks whether its watcher may still see what they see."""

Q = TypeVar("Q", bound=FigureQuery)


def asked(query: FigureQuery, span: Span) -> model.Asked:
    """The question in the domain's words."""
    return model.Asked(
        span.from_ms,
        span.to_ms,
        tuple(query.queue),
        frozenset(query.channel),
        frozenset(query.direction),
        query.definition,
        round(query.threshold * 1000),
    )


def metrics(of: model.Metrics) -> dict[str, Metric]:
    """Metrics as they are answered."""
    return {name.value: metric(one) for name, one in of.items()}


def metric(one: model.Metric) -> Metric:
    """A metric as it is answered."""
    coverage = None
    if one.covered is not None and one.total is not None:
        coverage = Coverage(contacts=one.covered, of=one.total)
    return Metric(
        value=one.value,
        unit=one.unit.value,
        reason=one.reason,
        numerator=one.numerator,
        denominator=one.denominator,
        coverage=coverage,
    )


async def definitions(_: web.Request) -> web.StreamResponse:
    """What each metric means."""
    return respond(
        Definitions(
            metrics=[
                MetricDefinition(
                    metric=name.value,
                    title=meaning.title,
                    unit=meaning.unit.value,
                    formula=meaning.formula,
                    basis=meaning.basis.value,
                    description=meaning.description,
                )
                for name, meaning in MEANINGS.items()
            ],
            service_level={name.value: text for name, text in SERVICE_LEVEL_FORMULAS.items()},
        )
    )


async def queue_choices(request: web.Request) -> web.StreamResponse:
    """The queues to filter by."""
    choices = await request.app[SERVICES].dashboards.queue_choices(actor=actor(request))
    return respond(
        QueueChoices(
            queues=[
                QueueChoice(queue=c.id, key=c.key, name=c.name, source=c.source) for c in choices
            ]
        )
    )


class Question(NamedTuple, Generic[Q]):
    """A figure query on its way to an answer."""

    wanted: Q
    asked: model.Asked
    span: Span
    zone: str
    actor: Actor
    service: Dashboards

    def at(self, ms: int) -> datetime:
        """The instant in the organisation's time zone."""
        return instant(ms).astimezone(ZoneInfo(self.zone))

    def freshness(self, of: model.Freshness) -> Freshness:
        """How recent the answer is."""
        return Freshness(
            as_of=None if of.as_of_ms is None else self.at(of.as_of_ms),
            imported_at=None if of.imported_at_ms is None else self.at(of.imported_at_ms),
            revision=of.revision,
        )

    @property
    def head(self) -> dict[str, Any]:
        """What every answer repeats of its question."""
        return {
            "from": self.at(self.span.from_ms),
            "to": self.at(self.span.to_ms),
            "definition": self.wanted.definition,
            "threshold": self.wanted.threshold,
        }


def remembered(shape: type[Q], answer: Callable[[Question[Q]], Awaitable[Answer]]) -> Handler:
    """A handler of a figure query: 304 for a current copy, the same bytes again while nothing
    changed, else what `answer` makes of the question."""

    async def handler(request: web.Request) -> web.StreamResponse:
        who, service = actor(request), request.app[SERVICES].dashboards
        moment = await service.moment(actor=who)
        tags = request.app[TAGS].of(who.organization, moment)
        asker = f"{who.person_id}|{sight(who)}|{who.agent_keys or ''}"
        address = (asker, request.raw_path)
        tag, question = tags.get(address), None
        if tag is None:
            question = await ask(query(request, shape), service, who)
            named = f"{request.path}|{question.wanted.model_dump_json()}"
            tag = tags[address] = await service.tag(named, question.span, actor=who)
        if is_current(request, tag):
            confirm(request, who.organization, tag, moment)
            return not_modified(tag)
        known = request.app[REMEMBERED]
        body = known.get(tag)
        if body is None:
            made = await answer(question or await ask(query(request, shape), service, who))
            body = made.model_dump_json(by_alias=True).encode()
            known.put(tag, body)
        return respond_remembered(request, tag, body)

    return handler


async def reconciliation_now(request: web.Request) -> web.StreamResponse:
    """The reconciliation; never remembered, because looking at contacts is written down."""
    wanted, service = query(request, FigureQuery), request.app[SERVICES].dashboards
    return respond(await _reconciliation(await ask(wanted, service, actor(request))))


async def ask(wanted: Q, service: Dashboards, who: Actor) -> Question[Q]:
    """The query as the person's organisation reads it. InvalidInput for a malformed range."""
    span, zone = await service.range(wanted.from_, wanted.to, actor=who)
    return Question(wanted, asked(wanted, span), span, zone, who, service)


async def summary(question: Question[FigureQuery]) -> Summary:
    """Every figure of the range, as the summary endpoint answers it."""
    found = await question.service.summary(question.asked, actor=question.actor)
    complete = found.completeness
    return Summary(
        **question.head,
        time_zone=question.zone,
        freshness=question.freshness(found.freshness),
        completeness=Completeness(
            complete=complete.complete,
            sources=[_share(share) for share in complete.sources],
            waiting=complete.waiting,
            quarantined=complete.quarantined,
        ),
        metrics=metrics(found.metrics),
    )


def _share(share: model.SourceShare) -> SourceCompleteness:
    return SourceCompleteness(
        source=share.source,
        title=share.title,
        contacts=share.contacts,
        gaps=[
            SourceGap(field=gap.field, reason=gap.reason, metrics=list(gap.metrics))
            for gap in share.gaps
        ],
    )


async def _series(question: Question[SeriesQuery]) -> Series:
    grain = Grain.DAY if question.actor.is_blind else question.wanted.grain
    wanted = {drill.named(name) for name in question.wanted.metric}
    points = await question.service.series(question.asked, grain, actor=question.actor)
    return Series(
        **question.head,
        time_zone=question.zone,
        grain=grain,
        freshness=await _now(question),
        points=[
            Point(
                **{"from": question.at(one.from_ms)},
                to=question.at(one.to_ms),
                metrics=metrics(
                    {n: m for n, m in one.metrics.items() if not wanted or n in wanted}
                ),
            )
            for one in points
        ],
    )


async def _queues(question: Question[FigureQuery]) -> QueueTable:
    rows = await question.service.queues(question.asked, actor=question.actor)
    return QueueTable(
        **question.head,
        freshness=await _now(question),
        rows=[
            QueueRow(
                queue=row.id, name=row.name or "", source=row.source, metrics=metrics(row.metrics)
            )
            for row in rows
        ],
    )


async def _agents(question: Question[FigureQuery]) -> AgentTable:
    rows = await question.service.agents(question.asked, actor=question.actor)
    head = question.head
    return AgentTable(
        **{"from": head["from"]},
        to=head["to"],
        freshness=await _now(question),
        rows=[
            AgentRow(agent=row.id, name=row.name, source=row.source, metrics=metrics(row.metrics))
            for row in rows
        ],
    )


async def _reconciliation(question: Question[FigureQuery]) -> Reconciliation:
    figures = await question.service.reconcile(question.asked, actor=question.actor)
    return Reconciliation(
        **question.head,
        vendors=[
            VendorFigure(
                source=one.source,
                title=one.title,
                formula=one.formula,
                contacts=one.contacts,
                ours=metric(one.ours),
                vendor=metric(one.vendor),
                difference=_difference(one),
                explained_by=[contact(row, question.zone) for row in one.explained_by],
                explained_total=one.explained_total,
            )
            for one in figures
        ],
    )


def _difference(one: model.VendorFigure) -> float | None:
    if one.ours.value is None or one.vendor.value is None:
        return None
    return one.vendor.value - one.ours.value


async def _now(question: Question[Any]) -> Freshness:
    return question.freshness(await question.service.freshness(actor=question.actor))


class _Watched:
    """Whether what the watcher of a stream may see has changed since the stream began."""

    def __init__(self, request: web.Request, who: Actor) -> None:
        self._request = request
        self._who = who
        self._sight = sight(who)
        self._looked = 0.0

    async def look(self) -> bool | None:
        """True once their access changed, None while it did not; False when their token or session
        has ended or they have lost the dashboards. Looks at most every ACCESS_SECONDS."""
        if monotonic() - self._looked < ACCESS_SECONDS:
            return None
        self._looked = monotonic()
        access = self._request.app[SERVICES].access
        try:
            signed_in = await access.recognise(await sessions.claims(self._request, used=False))
        except NotAuthenticated:
            return False
        except Unavailable:
            return None  # who vouches does not answer: look again in a while
        try:
            now = act(signed_in.person, self._who.organization)
        except NotFound:
            return False
        if not may(now, Permission.DASHBOARDS_VIEW):
            return False
        changed, self._sight = self._sight != sight(now), sight(now)
        return changed or None


async def live(request: web.Request) -> web.StreamResponse:
    """Server-sent events: the revision at once and whenever it changes, `access` when the watcher
    may see something else than before, heartbeats in between. Ends when they may see nothing."""
    service, who = request.app[SERVICES].dashboards, actor(request)
    watched = _Watched(request, who)
    revision = await service.revision(actor=who)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    told, quiet = -1, 0.0
    with suppress(ConnectionError):
        while not request.app[STOPPING].is_set():
            changed = await watched.look()
            if changed is not None:
                await response.write(b"event: access\ndata: {}\n\n")
            if changed is False:
                break
            if revision != told:
                told, quiet = revision, 0.0
                data = json.dumps({"revision": revision})
                await response.write(f"event: revision\ndata: {data}\n\n".encode())
            elif quiet >= HEARTBEAT_SECONDS:
                quiet = 0.0
                await response.write(b": still here\n\n")
            with suppress(TimeoutError):
                await asyncio.wait_for(request.app[STOPPING].wait(), POLL_SECONDS)
            quiet += POLL_SECONDS
            try:
                revision = await service.revision(actor=who)
            except Forbidden:  # something comes before figures by now: the tab asks and hears what
                await response.write(b"event: access\ndata: {}\n\n")
                break
    return response


HANDLERS: Mapping[str, Handler] = {
    "metric_definitions": definitions,
    "queue_choices": queue_choices,
    "dashboard_summary": remembered(FigureQuery, summary),
    "dashboard_series": remembered(SeriesQuery, _series),
    "dashboard_queues": remembered(FigureQuery, _queues),
    "dashboard_agents": remembered(FigureQuery, _agents),
    "dashboard_reconciliation": reconciliation_now,
    "dashboard_live": live,
}
