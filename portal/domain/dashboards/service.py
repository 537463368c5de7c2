"""What people can do with figures: summaries, series, tables, the contacts behind them."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from portal.domain.access.model import Actor, Board, Detail, Permission
from portal.domain.access.rules import (
    detail_scopes,
    may,
    require,
    require_board,
    scopes,
    sight,
)
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.contacts.imports import QUARANTINE
from portal.domain.contacts.model import Outcome, Timing
from portal.domain.contacts.pages import SLOT_MS, Cells, Fact, Ints
from portal.domain.contacts.ports import (
    AgentEntry,
    Contacts,
    Parts,
    Side,
    Source,
    StoredContact,
    Tenant,
)
from portal.domain.dashboards import blind, drill, kpis, ranges, reconciliation, shaping, slices
from portal.domain.dashboards.kpis import Group, SourceFacts
from portal.domain.dashboards.model import (
    Asked,
    ContactRow,
    ContactRows,
    Definition,
    Freshness,
    Grain,
    Metrics,
    Point,
    QueueChoice,
    Row,
    Summary,
    VendorFigure,
)
from portal.domain.dashboards.ports import Gate
from portal.domain.dashboards.ranges import Span
from portal.domain.dashboards.reading import (
    Reader,
    Scene,
    agent_id,
    distributed,
    queue_id,
    unnamed_id,
)
from portal.domain.dashboards.reconciliation import Formula
from portal.domain.dashboards.sight import Sight
from portal.domain.organizations.service import Organizations
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import InvalidInput, NotFound

FIGURES = 1
"""Grows whenever a figure is computed otherwise, so that no client keeps an answer of before."""

MOST_EXPLAINING = 50
LONGEST_RECONCILIATION_MS = 31 * 25 * 3600 * 1000
NO_AGENT = "There is no such agent in this organisation."


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
        gate: Gate | None = None,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._contacts = contacts
        self._facts = {
            name: SourceFacts(source.title, source.gaps) for name, source in sources.items()
        }
        self._audit = audit
        self._clock = clock
        self._gate = gate
        self._reader = Reader(contacts, self._facts)

    # --- what people can do -------------------------------------------------------------

    async def range(self, from_: str | None, to: str | None, *, actor: Actor) -> tuple[Span, str]:
        """The range as the organisation's time zone reads it, and that zone; for somebody blind
        the whole days it touches. InvalidInput."""
        await self._admit(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        zone = tenancy.organization.time_zone
        span = ranges.resolve(from_, to, zone, self._clock.now_ms())
        return ranges.whole_days(span, zone) if actor.is_blind else span, zone

    async def tag(self, question: str, span: Span, *, actor: Actor) -> str:
        """What names the present answer to a question: changes with the data and with what the
        asker's grants let them see, so it serves as ETag. Forbidden."""
        await self._admit(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        revision = (await self._contacts.standing(tenancy.partition)).revision
        own = sorted(actor.agent_keys.items()) if not may(actor, Permission.AGENTS_VIEW) else ""
        now = self._clock.now_ms() // SLOT_MS if span.to_ms > self._clock.now_ms() else 0
        text = f"{FIGURES}|{actor.organization}|{sight(actor)}|{own}|{question}|{span}|{now}"
        return f"{revision}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"

    async def moment(self, *, actor: Actor) -> tuple[int, int]:
        """The stored revision and the quarter hour: while they stay, so does the tag of any
        question of the same asker. Forbidden."""
        await self._admit(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        revision = (await self._contacts.standing(tenancy.partition)).revision
        return revision, self._clock.now_ms() // SLOT_MS

    def moment_of(self, organization: str) -> tuple[int, int] | None:
        """As `moment`, for an organisation whose question was answered here a moment ago; None for
        any other. Says nothing of what is stored, so it needs no permission."""
        tenancy = self._organizations.known(organization)
        standing = self._contacts.glimpse(tenancy.partition) if tenancy else None
        return (standing.revision, self._clock.now_ms() // SLOT_MS) if standing else None

    async def revision(self, *, actor: Actor) -> int:
        """Grows with every stored change of the organisation's contacts."""
        await self._admit(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        return (await self._contacts.standing(tenancy.partition)).revision

    async def freshness(self, *, actor: Actor) -> Freshness:
        """How recent the organisation's figures are."""
        await self._admit(actor, Permission.DASHBOARDS_VIEW)
        return await self._freshness(await self._tenant(actor), actor)

    async def summary(self, asked: Asked, *, actor: Actor) -> Summary:
        """Every figure of the range. Forbidden, NotFound for an unknown queue."""
        scene = await self._scene(asked, Board.OVERVIEW, Permission.DASHBOARDS_VIEW, actor)
        pieces = await self._reader.pieces(scene, asked)
        group = slices.together(pieces, scene.narrowing, scene.sources, asked.threshold_ms)
        metrics = self._metrics(scene, group, asked)
        quarantined = await self._documents.count(scene.tenant.partition, QUARANTINE)
        return Summary(
            metrics,
            await self._freshness(scene.tenant, actor),
            shaping.completeness(group, self._facts, metrics, quarantined),
        )

    async def series(self, asked: Asked, grain: Grain, *, actor: Actor) -> tuple[Point, ...]:
        """The figures cut at the grain's borders, up to now; for somebody blind at midnights
        whatever the grain. Forbidden, NotFound, InvalidInput."""
        scene = await self._scene(asked, Board.OVERVIEW, Permission.DASHBOARDS_VIEW, actor)
        zone = scene.tenant.time_zone
        if scene.blind:
            whole = ranges.whole_days(Span(asked.from_ms, asked.to_ms), zone)
            asked, grain = asked._replace(from_ms=whole.from_ms, to_ms=whole.to_ms), Grain.DAY
        spans = ranges.points(Span(asked.from_ms, asked.to_ms), grain, zone)
        spans = [span for span in spans if span.from_ms <= self._clock.now_ms()] or spans[:1]
        reached = asked._replace(to_ms=spans[-1].to_ms)
        pieces = await self._reader.pieces(scene, reached, grain=grain)
        return tuple(
            Point(
                span.from_ms,
                span.to_ms,
                self._metrics(
                    scene,
                    slices.together(mine, scene.narrowing, scene.sources, asked.threshold_ms),
                    asked,
                ),
            )
            for span, mine in distributed(spans, pieces)
        )

    async def queues(self, asked: Asked, *, actor: Actor) -> tuple[Row, ...]:
        """Figures by queue, by name; queues without a contact in the range are left out."""
        scene = await self._scene(asked, Board.QUEUES, Permission.DASHBOARDS_VIEW, actor)
        pieces = await self._reader.pieces(scene, asked, by_queue=True)
        groups = slices.by_queue(pieces, scene.narrowing, scene.sources, asked.threshold_ms)
        rows = [
            Row(
                queue_id(queue),
                scene.queues[queue].name,
                scene.queues[queue].source,
                self._metrics(scene, group, asked),
            )
            for queue, group in groups.items()
            if scene.queues[queue].key
        ]
        return tuple(sorted(rows, key=lambda row: ((row.name or "").casefold(), row.id)))

    async def agents(self, asked: Asked, *, actor: Actor) -> tuple[Row, ...]:
        """Figures by agent; an agent sees their own row only. An agent has a row with their name
        for what the asker's grants show names of, and one for the rest, whose id leads to no
        name, not by subtraction either."""
        if may(actor, Permission.AGENTS_VIEW_OWN) and not may(actor, Permission.AGENTS_VIEW):
            return await self._own(asked, actor)
        scene = await self._scene(asked, Board.AGENTS, Permission.AGENTS_VIEW, actor)
        pieces = await self._reader.pieces(scene, asked, parts=Parts(agents=True))
        pages = [piece.page.agents for piece in pieces]
        cells = slices.by_agent(pages, scene.narrowing)
        names = await self._seen(scene, actor, Detail.AGENT_NAMES)
        known = slices.by_agent(slices.seen(pages, names), scene.narrowing)
        entries = {entry.number: entry for entry in await self._contacts.agents(scene.tenant)}
        rows = [
            self._agent_row(scene, entries[number], part, position, named=named)
            for part, named in ((known, True), (_without(cells, known), False))
            for position, number in enumerate(part.keys.tolist())
        ]
        return tuple(sorted(rows, key=lambda row: ((row.name or "").casefold(), row.id)))

    async def own(self, asked: Asked, *, actor: Actor) -> tuple[Row, ...]:
        """The caller's own figures as an agent, a row for each source. Forbidden."""
        return await self._own(asked, actor)

    async def queue_choices(self, *, actor: Actor) -> tuple[QueueChoice, ...]:
        """The queues that the asker sees, by name."""
        await self._admit(actor, Permission.DASHBOARDS_VIEW)
        tenant = await self._tenant(actor)
        seen = await self._reader.sight(tenant.partition, scopes(actor, Permission.DASHBOARDS_VIEW))
        choices = [
            QueueChoice(queue_id(entry.number), entry.key, entry.name, entry.source)
            for entry in await self._contacts.queues(tenant.partition)
            if entry.key and seen.sees_queue(entry.number)
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
        scene = await self._scene(asked, Board.CONTACTS, Permission.CONTACTS_VIEW, actor)
        queues = scene.narrowing.queues
        if queues is not None and len(queues) == 0:
            return ContactRows((), 0, None)
        number, within = (
            (None, scene.sight) if agent is None else await self._agent(scene, agent, actor)
        )
        selection = drill.selection(
            None if metric is None else drill.named(metric),
            from_ms=asked.from_ms,
            to_ms=asked.to_ms,
            queues=frozenset() if queues is None else frozenset(queues.tolist()),
            channels=asked.channels,
            directions=asked.directions,
            outcomes=outcomes,
            agent=number,
            unmeasured=scene.sources.blind(Timing.WAIT_ANSWERED),
        )
        if selection is None:
            return ContactRows((), 0, None)
        selection = selection._replace(within=within.boxes)
        found = await self._contacts.find(scene.tenant, selection, cursor=cursor, limit=limit)
        await self._viewed(scene.tenant, actor, len(found.contacts))
        rows = await self._contact_rows(scene, found.contacts, actor)
        return ContactRows(rows, found.total, found.next)

    async def reconcile(self, asked: Asked, *, actor: Actor) -> tuple[VendorFigure, ...]:
        """Our service level beside each vendor's own on the same contacts. The explaining
        contacts are shown to those who may see contacts; somebody blind is shown nothing, since
        the difference is made by single contacts."""
        await self._admit(actor, Permission.DASHBOARDS_VIEW)
        require_board(actor, Board.RECONCILIATION, Permission.DASHBOARDS_VIEW)
        if actor.is_blind:
            return ()
        if asked.to_ms - asked.from_ms > LONGEST_RECONCILIATION_MS:
            wrong = "at most 31 days can be reconciled at once"
            raise InvalidInput(f"The range is too long: {wrong}.", fields={"from": wrong})
        scene = await self._scene(asked, Board.RECONCILIATION, Permission.DASHBOARDS_VIEW, actor)
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

    async def _admit(self, actor: Actor, permission: Permission) -> None:
        """Whether they may, and have done what comes before figures. Forbidden."""
        require(actor, permission)
        if self._gate is not None:
            await self._gate.admit(actor)

    async def _tenant(self, actor: Actor) -> Tenant:
        tenancy = await self._organizations.get(actor.organization)
        return Tenant(tenancy.partition, tenancy.organization.time_zone, tenancy.keyring)

    async def _scene(
        self, asked: Asked, board: Board, permission: Permission, actor: Actor
    ) -> Scene:
        """What the question is about, as far as the actor's grants reach on that dashboard.
        Forbidden, NotFound; InvalidInput for what somebody blind cannot choose."""
        reach = require_board(actor, board, permission)
        await self._admit(actor, permission)
        if actor.is_blind:
            _check_blind(asked)
        return await self._reader.scene(
            await self._tenant(actor), asked, scopes=reach, blind=actor.is_blind
        )

    async def _seen(self, scene: Scene, actor: Actor, detail: Detail) -> Sight:
        """Of which cells the actor is shown the field."""
        return await self._reader.sight(scene.tenant.partition, detail_scopes(actor, detail))

    def _metrics(self, scene: Scene, group: Group, asked: Asked) -> Metrics:
        metrics = kpis.compute(group, self._facts, asked.definition)
        return blind.metrics(metrics) if scene.blind else metrics

    async def _own(self, asked: Asked, actor: Actor) -> tuple[Row, ...]:
        reach = require_board(actor, Board.AGENTS, Permission.AGENTS_VIEW_OWN)
        await self._admit(actor, Permission.AGENTS_VIEW_OWN)
        tenant = await self._tenant(actor)
        scene = await self._reader.scene(tenant, asked, scopes=reach, of_agent=True)
        rows: list[Row] = []
        for source, key in sorted(actor.agent_keys.items()):
            entry = await self._contacts.agent(scene.tenant, source, key)
            if entry is not None:
                cells = await self._reader.agent_cells(scene, asked, entry.number)
                rows.extend(
                    self._agent_row(scene, entry, cells, position, named=True)
                    for position in range(len(cells.keys))
                )
        return tuple(rows)

    # --- shaping ------------------------------------------------------------------------

    def _agent_row(
        self, scene: Scene, entry: AgentEntry, cells: Cells, position: int, *, named: bool
    ) -> Row:
        metrics = kpis.compute_agent(cells.counts[position], entry.source, self._facts)
        if scene.blind:
            metrics = blind.of_agent(metrics)
        id = agent_id(entry.number) if named else unnamed_id(scene.tenant, entry.number)
        return Row(id, entry.name if named else None, entry.source, metrics)

    async def _freshness(self, tenant: Tenant, actor: Actor) -> Freshness:
        standing = await self._contacts.standing(tenant.partition)
        as_of = standing.as_of_ms
        if actor.is_blind:  # the newest contact's own instant, else
            as_of -= as_of % SLOT_MS
        return Freshness(as_of or None, standing.imported_at_ms or None, standing.revision)

    async def _contact_rows(
        self, scene: Scene, found: Sequence[StoredContact], actor: Actor
    ) -> tuple[ContactRow, ...]:
        named = await self._seen(scene, actor, Detail.AGENT_NAMES)
        numbered = await self._seen(scene, actor, Detail.CUSTOMER_NUMBERS)
        names: dict[int, str] = {}
        if named.boxes is None or named.boxes:
            names = {e.number: e.name for e in await self._contacts.agents(scene.tenant)}
        return tuple(
            shaping.contact_row(
                contact,
                scene.queues,
                names if named.sees(contact.queue, contact.channel) else {},
                customer=numbered.sees(contact.queue, contact.channel),
            )
            for contact in found
        )

    async def _vendor_figure(
        self, scene: Scene, formula: Formula, ids: Ints, matrix: Ints, asked: Asked, actor: Actor
    ) -> VendorFigure:
        mine = reconciliation.ours(matrix, asked.threshold_ms, asked.definition)
        theirs = formula.shares(matrix, asked.threshold_ms)
        explaining = ids[reconciliation.unlike(mine, theirs)]
        rows: tuple[ContactRow, ...] = ()
        if len(explaining) and self._sees_contacts(actor):
            shown = explaining[:MOST_EXPLAINING].tolist()
            reach = scopes(actor, Permission.CONTACTS_VIEW, board=Board.CONTACTS)
            seen = await self._reader.sight(scene.tenant.partition, reach)
            found = [
                one
                for one in await self._contacts.by_ids(scene.tenant, shown)
                if seen.sees(one.queue, one.channel)
            ]
            await self._viewed(scene.tenant, actor, len(found))
            rows = await self._contact_rows(scene, found, actor)
        return VendorFigure(
            formula.source,
            formula.title,
            formula.text,
            int(reconciliation.offered(matrix).sum()),
            shaping.share(mine),
            shaping.share(theirs),
            rows,
            len(explaining),
        )

    def _sees_contacts(self, actor: Actor) -> bool:
        return bool(scopes(actor, Permission.CONTACTS_VIEW, board=Board.CONTACTS))

    async def _agent(self, scene: Scene, id: str, actor: Actor) -> tuple[int, Sight]:
        """The agent of that id, and of which cells it is: the id beside a name is of those where
        the caller is shown names, the other of the rest, so that neither leads to the other."""
        names = await self._seen(scene, actor, Detail.AGENT_NAMES)
        with_name, without = scene.sight, scene.sight
        if names.boxes:
            with_name, without = scene.sight.parted(names, scene.queues)
        for entry in await self._contacts.agents(scene.tenant):
            if names.boxes != () and agent_id(entry.number) == id:
                return entry.number, with_name
            if unnamed_id(scene.tenant, entry.number) == id:
                return entry.number, without
        raise NotFound(NO_AGENT)

    async def _viewed(self, tenant: Tenant, actor: Actor, shown: int) -> None:
        event = Event(Action.CONTACTS_VIEWED, actor.person_id, actor.organization, {"shown": shown})
        await self._audit.commit(tenant.partition, [event])


def _without(cells: Cells, some: Cells) -> Cells:
    """The agents' counters less some of them; agents of whom nothing is left are left out."""
    counts = cells.counts.copy()
    counts[np.searchsorted(cells.keys, some.keys)] -= some.counts
    left = counts.any(axis=1)
    return Cells(cells.keys[left], counts[left])


def _check_blind(asked: Asked) -> None:
    """Raises InvalidInput for another threshold or definition than the usual: each would cut the
    same contacts in another place, and two cuts tell of those in between."""
    wrong = {}
    if asked.threshold_ms != blind.THRESHOLD_MS:
        wrong["threshold"] = f"{blind.THRESHOLD_MS // 1000} s where identities are not shown"
    if asked.definition is not Definition.STRICT:
        wrong["definition"] = f"{Definition.STRICT} where identities are not shown"
    if wrong:
        raise InvalidInput("Partners see the usual service level only.", fields=wrong)
