"""What people can do with figures: summaries, series, tables, the contacts behind them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import may, require
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.contacts.imports import QUARANTINE
from portal.domain.contacts.model import Outcome, Timing
from portal.domain.contacts.pages import SLOT_MS, Cells, Count, Fact, Ints, Page, partial
from portal.domain.contacts.ports import (
    AgentEntry,
    Contacts,
    Parts,
    QueueEntry,
    Side,
    Source,
    StoredContact,
    Tenant,
)
from portal.domain.dashboards import drill, kpis, ranges, reconciliation, slices
from portal.domain.dashboards.definitions import MEANINGS
from portal.domain.dashboards.kpis import Group, SourceFacts
from portal.domain.dashboards.model import (
    Asked,
    Completeness,
    ContactRow,
    ContactRows,
    Freshness,
    Grain,
    Metric,
    Metrics,
    Point,
    QueueChoice,
    Row,
    SourceGap,
    SourceShare,
    Summary,
    Unit,
    VendorFigure,
)
from portal.domain.dashboards.ranges import Span
from portal.domain.dashboards.reconciliation import Formula, Shares
from portal.domain.dashboards.slices import Narrowing, Piece, Sources
from portal.domain.organizations.service import Organizations
from portal.domain.shared.clock import Clock
from portal.domain.shared.days import day_start_ms
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import InvalidInput, NotFound

FIGURES = 1
"""Grows whenever a figure is computed otherwise, so that no client keeps an answer of before."""

MOST_EXPLAINING = 50
LONGEST_RECONCILIATION_MS = 31 * 25 * 3600 * 1000
NO_QUEUE = "There is no such queue in this organisation."
NO_AGENT = "There is no such agent in this organisation."


class _Queues(NamedTuple):
    """An organisation's queues by number, and their sources."""

    queues: Mapping[int, QueueEntry]
    sources: Sources


_NO_QUEUES = _Queues({}, Sources.of({}, {}))


class _Scene(NamedTuple):
    """What every question needs first: whose data, which queues, what is asked of which cells."""

    tenant: Tenant
    queues: Mapping[int, QueueEntry]
    sources: Sources
    narrowing: Narrowing


class Dashboards:
    """Figures of one organisation at a time."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        contacts: Contacts,
        sources: Mapping[str, Source],
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._contacts = contacts
        self._facts = {
            name: SourceFacts(source.title, source.gaps) for name, source in sources.items()
        }
        self._audit = audit
        self._clock = clock
        self._known: dict[str, tuple[tuple[QueueEntry, ...], _Queues]] = {}

    # --- what people can do -------------------------------------------------------------

    async def range(self, from_: str | None, to: str | None, *, actor: Actor) -> tuple[Span, str]:
        """The range as the organisation's time zone reads it, and that zone. InvalidInput."""
        require(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        zone = tenancy.organization.time_zone
        return ranges.resolve(from_, to, zone, self._clock.now_ms()), zone

    async def tag(self, question: str, span: Span, *, actor: Actor) -> str:
        """What names the present answer to a question: changes with the data and the asker's
        role, so it serves as ETag. Forbidden."""
        require(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        revision = self._contacts.standing(tenancy.partition).revision
        own = sorted(actor.agent_keys.items()) if not may(actor, Permission.AGENTS_VIEW) else ""
        now = self._clock.now_ms() // SLOT_MS if span.to_ms > self._clock.now_ms() else 0
        text = f"{FIGURES}|{actor.organization}|{actor.role}|{own}|{question}|{span}|{now}"
        return f"{revision}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"

    async def moment(self, *, actor: Actor) -> tuple[int, int]:
        """The stored revision and the quarter hour: while they stay, so does the tag of any
        question of the same asker. Forbidden."""
        require(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        revision = self._contacts.standing(tenancy.partition).revision
        return revision, self._clock.now_ms() // SLOT_MS

    async def revision(self, *, actor: Actor) -> int:
        """Grows with every stored change of the organisation's contacts."""
        require(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        return self._contacts.standing(tenancy.partition).revision

    async def freshness(self, *, actor: Actor) -> Freshness:
        """How recent the organisation's figures are."""
        require(actor, Permission.DASHBOARDS_VIEW)
        return self._freshness(await self._tenant(actor))

    async def summary(self, asked: Asked, *, actor: Actor) -> Summary:
        """Every figure of the range. Forbidden, NotFound for an unknown queue."""
        require(actor, Permission.DASHBOARDS_VIEW)
        scene = await self._scene(asked, actor)
        pieces = await self._pieces(scene, asked)
        group = slices.together(pieces, scene.narrowing, scene.sources, asked.threshold_ms)
        metrics = kpis.compute(group, self._facts, asked.definition)
        quarantined = await self._documents.count(scene.tenant.partition, QUARANTINE)
        return Summary(
            metrics, self._freshness(scene.tenant), self._completeness(group, metrics, quarantined)
        )

    async def series(self, asked: Asked, grain: Grain, *, actor: Actor) -> tuple[Point, ...]:
        """The figures cut at the grain's borders, up to now. Forbidden, NotFound, InvalidInput."""
        require(actor, Permission.DASHBOARDS_VIEW)
        scene = await self._scene(asked, actor)
        zone = scene.tenant.time_zone
        spans = ranges.points(Span(asked.from_ms, asked.to_ms), grain, zone)
        spans = [span for span in spans if span.from_ms <= self._clock.now_ms()] or spans[:1]
        reached = asked._replace(to_ms=spans[-1].to_ms)
        pieces = await self._pieces(scene, reached, grain=grain)
        return tuple(
            Point(
                span.from_ms,
                span.to_ms,
                kpis.compute(
                    slices.together(mine, scene.narrowing, scene.sources, asked.threshold_ms),
                    self._facts,
                    asked.definition,
                ),
            )
            for span, mine in _distributed(spans, pieces)
        )

    async def queues(self, asked: Asked, *, actor: Actor) -> tuple[Row, ...]:
        """Figures by queue, by name; queues without a contact in the range are left out."""
        require(actor, Permission.DASHBOARDS_VIEW)
        scene = await self._scene(asked, actor)
        pieces = await self._pieces(scene, asked, by_queue=True)
        groups = slices.by_queue(pieces, scene.narrowing, scene.sources, asked.threshold_ms)
        rows = [
            Row(
                queue_id(queue),
                scene.queues[queue].name,
                scene.queues[queue].source,
                kpis.compute(group, self._facts, asked.definition),
            )
            for queue, group in groups.items()
            if scene.queues[queue].key
        ]
        return tuple(sorted(rows, key=lambda row: ((row.name or "").casefold(), row.id)))

    async def agents(self, asked: Asked, *, actor: Actor) -> tuple[Row, ...]:
        """Figures by agent; an agent sees their own row only, and names need the permission to
        see identities."""
        if may(actor, Permission.AGENTS_VIEW_OWN) and not may(actor, Permission.AGENTS_VIEW):
            return await self._own(asked, actor)
        require(actor, Permission.AGENTS_VIEW)
        scene = await self._scene(asked, actor)
        pieces = await self._pieces(scene, asked, parts=Parts(agents=True))
        cells = slices.by_agent([piece.page.agents for piece in pieces], scene.narrowing)
        entries = {entry.number: entry for entry in await self._contacts.agents(scene.tenant)}
        named = may(actor, Permission.IDENTITIES_VIEW)
        rows = [
            self._agent_row(entries[number], cells, position, named=named)
            for position, number in enumerate(cells.keys.tolist())
        ]
        return tuple(sorted(rows, key=lambda row: ((row.name or "").casefold(), row.id)))

    async def queue_choices(self, *, actor: Actor) -> tuple[QueueChoice, ...]:
        """The organisation's queues, by name."""
        require(actor, Permission.DASHBOARDS_VIEW)
        tenant = await self._tenant(actor)
        choices = [
            QueueChoice(queue_id(entry.number), entry.key, entry.name, entry.source)
            for entry in await self._contacts.queues(tenant.partition)
            if entry.key
        ]
        return tuple(sorted(choices, key=lambda choice: (choice.name.casefold(), choice.id)))

    async def contacts(
        self,
        asked: Asked,
        *,
        metric: str | None,
        outcomes: frozenset[Outcome],
        agent: str | None,
        cursor: str | None,
        limit: int,
        actor: Actor,
    ) -> ContactRows:
        """The contacts behind a figure, customers masked. Audited. Forbidden, NotFound,
        InvalidInput."""
        require(actor, Permission.CONTACTS_VIEW)
        scene = await self._scene(asked, actor)
        queues = scene.narrowing.queues
        selection = drill.selection(
            None if metric is None else drill.named(metric),
            from_ms=asked.from_ms,
            to_ms=asked.to_ms,
            queues=frozenset() if queues is None else frozenset(queues.tolist()),
            channels=asked.channels,
            directions=asked.directions,
            outcomes=outcomes,
            agent=None if agent is None else await self._agent_number(scene.tenant, agent),
            unmeasured=scene.sources.blind(Timing.WAIT_ANSWERED),
        )
        if selection is None:
            return ContactRows((), 0, None)
        found = await self._contacts.find(scene.tenant, selection, cursor=cursor, limit=limit)
        await self._viewed(scene.tenant, actor, len(found.contacts))
        rows = await self._contact_rows(scene, found.contacts, actor)
        return ContactRows(rows, found.total, found.next)

    async def reconcile(self, asked: Asked, *, actor: Actor) -> tuple[VendorFigure, ...]:
        """Our service level beside each vendor's own on the same contacts. The explaining
        contacts are shown to those who may see contacts."""
        require(actor, Permission.DASHBOARDS_VIEW)
        if asked.to_ms - asked.from_ms > LONGEST_RECONCILIATION_MS:
            wrong = "at most 31 days can be reconciled at once"
            raise InvalidInput(f"The range is too long: {wrong}.", fields={"from": wrong})
        scene = await self._scene(asked, actor)
        ids, matrix = await self._contacts.facts(
            scene.tenant.partition, Side.ARRIVED, asked.from_ms, asked.to_ms
        )
        cells = (
            matrix[:, Fact.QUEUE] << 8 | matrix[:, Fact.CHANNEL] << 4 | matrix[:, Fact.DIRECTION]
        )
        chosen = scene.narrowing.mask(cells)
        ids, matrix = ids[chosen], matrix[chosen]
        figures = []
        for formula in reconciliation.FORMULAS:
            numbers = [q for q, s in scene.sources.of_queue.items() if s == formula.source]
            mine = np.isin(matrix[:, Fact.QUEUE], numbers)
            if mine.any():
                figures.append(
                    await self._vendor_figure(scene, formula, ids[mine], matrix[mine], asked, actor)
                )
        return tuple(figures)

    # --- reading ------------------------------------------------------------------------

    async def _tenant(self, actor: Actor) -> Tenant:
        tenancy = await self._organizations.get(actor.organization)
        return Tenant(tenancy.partition, tenancy.organization.time_zone, tenancy.keyring)

    async def _scene(self, asked: Asked, actor: Actor, *, of_agent: bool = False) -> _Scene:
        """`of_agent`: for counters of agents, which need queues only to narrow by them."""
        tenant = await self._tenant(actor)
        queues, sources = _NO_QUEUES
        if asked.queues or not of_agent:
            queues, sources = await self._queues(tenant.partition)
        chosen = _chosen(asked.queues, queues.values()) if asked.queues else None
        return _Scene(tenant, queues, sources, Narrowing.of(asked, chosen))

    async def _queues(self, partition: str) -> _Queues:
        """The queues by number with their sources; kept for as long as the store gives the same."""
        entries = await self._contacts.queues(partition)
        known = self._known.get(partition)
        if known is None or known[0] is not entries:
            queues = {entry.number: entry for entry in entries}
            sources = Sources.of(self._facts, {n: entry.source for n, entry in queues.items()})
            known = self._known[partition] = entries, _Queues(queues, sources)
        return known[1]

    async def _pieces(
        self,
        scene: _Scene,
        asked: Asked,
        *,
        parts: Parts | None = None,
        grain: Grain | None = None,
        by_queue: bool = False,
    ) -> list[Piece]:
        """The pages of the range in order, whole days where the grain allows. Without `parts`:
        the values where the figures cannot do without."""
        tenant = scene.tenant
        whole_days = grain in {None, Grain.DAY}
        plan = ranges.plan(
            Span(asked.from_ms, asked.to_ms), tenant.time_zone, whole_days=whole_days
        )
        one_day = grain is Grain.DAY or plan.is_one_day
        narrowing = scene.narrowing._replace(queues=None) if by_queue else scene.narrowing
        needed = slices.needs_values(narrowing, asked.threshold_ms, one_day=one_day)
        pieces: list[Piece] = []
        if plan.days is not None:
            chosen = parts or Parts(values=needed)
            for day, page, glance in await self._contacts.day_pages(tenant, *plan.days, chosen):
                start, end = (day_start_ms(d, tenant.time_zone) for d in (day, day + 1))
                pieces.append(Piece(start, end, page, glance))
        for span in plan.slots:
            chosen = parts or Parts(values=True)
            first, last = span.from_ms // SLOT_MS, span.to_ms // SLOT_MS - 1
            pieces.extend(
                Piece(slot * SLOT_MS, (slot + 1) * SLOT_MS, page, None)
                for slot, page in await self._contacts.slot_pages(tenant, first, last, chosen)
            )
        edges = [Piece(*span, await self._edge(tenant, span), None) for span in plan.edges]
        pieces.extend(edges)
        return sorted(pieces, key=lambda piece: piece.from_ms)

    async def _edge(self, tenant: Tenant, span: Span) -> Page:
        _, arrived = await self._contacts.facts(tenant.partition, Side.ARRIVED, *span)
        _, ended = await self._contacts.facts(tenant.partition, Side.ENDED, *span)
        return partial(arrived, ended)

    async def _own(self, asked: Asked, actor: Actor) -> tuple[Row, ...]:
        scene = await self._scene(asked, actor, of_agent=True)
        rows: list[Row] = []
        for source, key in sorted(actor.agent_keys.items()):
            entry = await self._contacts.agent(scene.tenant, source, key)
            if entry is not None:
                cells = await self._agent_cells(scene, asked, entry.number)
                rows.extend(
                    self._agent_row(entry, cells, position, named=True)
                    for position in range(len(cells.keys))
                )
        return tuple(rows)

    async def _agent_cells(self, scene: _Scene, asked: Asked, agent: int) -> Cells:
        """One agent's counters: their own days, and what is left from the pages."""
        tenant = scene.tenant
        plan = ranges.plan(Span(asked.from_ms, asked.to_ms), tenant.time_zone)
        parts: list[Cells] = []
        if plan.days is not None:
            parts.append(await self._contacts.agent_cells(tenant, agent, *plan.days))
        for span in (*plan.slots, *plan.edges):
            rest = asked._replace(from_ms=span.from_ms, to_ms=span.to_ms)
            pieces = await self._pieces(scene, rest, parts=Parts(agents=True))
            parts.extend(slices.of_agent(piece.page.agents, agent) for piece in pieces)
        return slices.by_agent(parts, scene.narrowing)

    # --- shaping ------------------------------------------------------------------------

    def _agent_row(self, entry: AgentEntry, cells: Cells, position: int, *, named: bool) -> Row:
        metrics = kpis.compute_agent(cells.counts[position], entry.source, self._facts)
        return Row(agent_id(entry.number), entry.name if named else None, entry.source, metrics)

    def _freshness(self, tenant: Tenant) -> Freshness:
        standing = self._contacts.standing(tenant.partition)
        return Freshness(
            standing.as_of_ms or None, standing.imported_at_ms or None, standing.revision
        )

    def _completeness(self, group: Group, metrics: Metrics, quarantined: int) -> Completeness:
        shares = []
        for source, counts in sorted(group.counts.items()):
            contacts = int(counts[Count.CONTACTS])
            gaps = self._gaps(source) if contacts or counts[Count.HANDLED] else ()
            shares.append(SourceShare(source, self._facts[source].title, contacts, gaps))
        waiting = sum(int(counts[Count.WAITING]) for counts in group.counts.values())
        complete = all(metric.covered == metric.total for metric in metrics.values())
        return Completeness(complete, tuple(shares), waiting, quarantined)

    def _gaps(self, source: str) -> tuple[SourceGap, ...]:
        return tuple(
            SourceGap(
                gap.field,
                gap.reason,
                tuple(name for name, meaning in MEANINGS.items() if timing in meaning.needs),
            )
            for timing, gap in self._facts[source].gaps.items()
        )

    async def _contact_rows(
        self, scene: _Scene, found: Sequence[StoredContact], actor: Actor
    ) -> tuple[ContactRow, ...]:
        names: dict[int, str] = {}
        if may(actor, Permission.IDENTITIES_VIEW):
            names = {e.number: e.name for e in await self._contacts.agents(scene.tenant)}
        return tuple(_contact_row(contact, scene.queues, names) for contact in found)

    async def _vendor_figure(
        self, scene: _Scene, formula: Formula, ids: Ints, matrix: Ints, asked: Asked, actor: Actor
    ) -> VendorFigure:
        mine = reconciliation.ours(matrix, asked.threshold_ms, asked.definition)
        theirs = formula.shares(matrix, asked.threshold_ms)
        explaining = ids[reconciliation.unlike(mine, theirs)]
        rows: tuple[ContactRow, ...] = ()
        if may(actor, Permission.CONTACTS_VIEW) and len(explaining):
            shown = explaining[:MOST_EXPLAINING].tolist()
            found = await self._contacts.by_ids(scene.tenant, shown)
            await self._viewed(scene.tenant, actor, len(found))
            rows = await self._contact_rows(scene, found, actor)
        return VendorFigure(
            formula.source,
            formula.title,
            formula.text,
            int(reconciliation.offered(matrix).sum()),
            _share(mine),
            _share(theirs),
            rows,
            len(explaining),
        )

    async def _agent_number(self, tenant: Tenant, id: str) -> int:
        for entry in await self._contacts.agents(tenant):
            if agent_id(entry.number) == id:
                return entry.number
        raise NotFound(NO_AGENT)

    async def _viewed(self, tenant: Tenant, actor: Actor, shown: int) -> None:
        event = Event(Action.CONTACTS_VIEWED, actor.person_id, actor.organization, {"shown": shown})
        await self._audit.commit(tenant.partition, [event])


def queue_id(number: int) -> str:
    """The opaque id of a queue."""
    return f"q{number}"


def agent_id(number: int) -> str:
    """The opaque id of an agent."""
    return f"a{number}"


def _chosen(asked: Sequence[str], queues: Iterable[QueueEntry]) -> set[int]:
    """The numbers of the queues asked for: by id, else by source key, else by name in any case.
    NotFound for an unknown."""
    by_id: dict[str, set[int]] = {}
    by_key: dict[str, set[int]] = {}
    by_name: dict[str, set[int]] = {}
    for entry in queues:
        if entry.key:
            by_id.setdefault(queue_id(entry.number), set()).add(entry.number)
            by_key.setdefault(entry.key, set()).add(entry.number)
            by_name.setdefault(entry.name.casefold(), set()).add(entry.number)
    chosen: set[int] = set()
    for one in asked:
        found = by_id.get(one) or by_key.get(one) or by_name.get(one.casefold())
        if not found:
            raise NotFound(NO_QUEUE)
        chosen |= found
    return chosen


def _distributed(
    spans: Sequence[Span], pieces: Sequence[Piece]
) -> Iterator[tuple[Span, list[Piece]]]:
    """Each span with the pieces that begin in it; both are in order."""
    position = 0
    for span in spans:
        mine: list[Piece] = []
        while position < len(pieces) and pieces[position].from_ms < span.to_ms:
            mine.append(pieces[position])
            position += 1
        yield span, mine


def _share(shares: Shares) -> Metric:
    part, whole = int(shares.part.sum()), int(shares.whole.sum())
    if whole == 0:
        return Metric(None, Unit.PERCENT, kpis.NOTHING)
    return Metric(100 * part / whole, Unit.PERCENT, None, part, whole)


def _contact_row(
    contact: StoredContact, queues: Mapping[int, QueueEntry], agents: Mapping[int, str]
) -> ContactRow:
    return ContactRow(
        id=f"c{contact.id}",
        record=contact.record,
        source=contact.source,
        channel=contact.channel,
        direction=contact.direction,
        outcome=contact.outcome,
        queue=queues[contact.queue].name or None,
        agent=agents.get(contact.agent),
        customer=drill.masked(contact.customer),
        started_ms=contact.started_ms,
        arrived_ms=contact.arrived_ms,
        ended_ms=contact.ended_ms,
        wait_ms=contact.wait_ms,
        talk_ms=contact.talk_ms,
        hold_ms=contact.hold_ms,
        after_contact_work_ms=contact.after_contact_work_ms,
        transferred=contact.transferred,
    )
