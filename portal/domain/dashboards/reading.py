"""Reading what a question needs: whose queues, which pages of the range."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from portal.domain.access.model import Scope
from portal.domain.contacts.pages import SLOT_MS, Cells, Page, partial
from portal.domain.contacts.ports import Contacts, Parts, QueueEntry, Side, Tenant
from portal.domain.dashboards import blind, ranges, sight, slices
from portal.domain.dashboards.kpis import SourceFacts
from portal.domain.dashboards.model import Asked, Grain
from portal.domain.dashboards.ranges import Span
from portal.domain.dashboards.sight import EVERYTHING, Sight
from portal.domain.dashboards.slices import Narrowing, Piece, Sources
from portal.domain.shared.days import day_start_ms
from portal.domain.shared.errors import NotFound

NO_QUEUE = "There is no such queue in this organisation."


class _Queues(NamedTuple):
    """An organisation's queues by number, and their sources."""

    queues: Mapping[int, QueueEntry]
    sources: Sources


_NO_QUEUES = _Queues({}, Sources.of({}, {}))


class Scene(NamedTuple):
    """What every question needs first: whose data, which queues, what is asked of which cells."""

    tenant: Tenant
    queues: Mapping[int, QueueEntry]
    sources: Sources
    narrowing: Narrowing
    sight: Sight = EVERYTHING
    blind: bool = False


class Reader:
    """Reads an organisation's pages; keeps its queues for as long as the store gives the same."""

    def __init__(self, contacts: Contacts, facts: Mapping[str, SourceFacts]) -> None:
        self._contacts = contacts
        self._facts = facts
        self._known: dict[str, tuple[tuple[QueueEntry, ...], _Queues]] = {}

    async def scene(
        self,
        tenant: Tenant,
        asked: Asked,
        *,
        scopes: Sequence[Scope],
        blind: bool = False,
        of_agent: bool = False,
    ) -> Scene:
        """What the question is about, as far as the scopes reach; `blind` in whole days and
        without groups of too few. NotFound for a queue that is unknown or not seen. `of_agent`:
        for counters of agents, which need queues only to narrow by them."""
        queues, sources = _NO_QUEUES
        whole = any(one.queues is None and one.channels is None for one in scopes)
        if asked.queues or not of_agent or not whole:
            queues, sources = await self._queues(tenant.partition)
        seen = await self.sight(tenant.partition, scopes)
        visible = [entry for number, entry in queues.items() if seen.sees_queue(number)]
        wanted = chosen(asked.queues, visible) if asked.queues else None
        return Scene(tenant, queues, sources, Narrowing.of(asked, wanted, seen), seen, blind)

    async def sight(self, partition: str, scopes: Sequence[Scope]) -> Sight:
        """What the scopes see of the organisation."""
        if any(one.queues is None and one.channels is None for one in scopes):
            return EVERYTHING
        queues, _ = await self._queues(partition)
        return sight.of(scopes, {queue_id(number): number for number in queues})

    async def _queues(self, partition: str) -> _Queues:
        """The queues by number with their sources; kept for as long as the store gives the same."""
        entries = await self._contacts.queues(partition)
        known = self._known.get(partition)
        if known is None or known[0] is not entries:
            queues = {entry.number: entry for entry in entries}
            sources = Sources.of(self._facts, {n: entry.source for n, entry in queues.items()})
            known = self._known[partition] = entries, _Queues(queues, sources)
        return known[1]

    async def pieces(
        self,
        scene: Scene,
        asked: Asked,
        *,
        parts: Parts | None = None,
        grain: Grain | None = None,
        by_queue: bool = False,
    ) -> list[Piece]:
        """The pages of the range in order, whole days where the grain allows. Without `parts`:
        the values where the figures cannot do without."""
        if scene.blind:
            return await self._blind(scene, asked, agents=parts is not None and parts.agents)
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
            read = parts or Parts(values=needed)
            for day, page, glance in await self._contacts.day_pages(tenant, *plan.days, read):
                start, end = (day_start_ms(d, tenant.time_zone) for d in (day, day + 1))
                pieces.append(Piece(start, end, page, glance))
        for span in plan.slots:
            read = parts or Parts(values=True)
            first, last = span.from_ms // SLOT_MS, span.to_ms // SLOT_MS - 1
            pieces.extend(
                Piece(slot * SLOT_MS, (slot + 1) * SLOT_MS, page, None)
                for slot, page in await self._contacts.slot_pages(tenant, first, last, read)
            )
        edges = [Piece(*span, await self._edge(tenant, span), None) for span in plan.edges]
        pieces.extend(edges)
        return sorted(pieces, key=lambda piece: piece.from_ms)

    async def _blind(self, scene: Scene, asked: Asked, *, agents: bool) -> list[Piece]:
        """The whole days of the range without what is of too few."""
        tenant = scene.tenant
        span = ranges.whole_days(Span(asked.from_ms, asked.to_ms), tenant.time_zone)
        plan, pieces = ranges.plan(span, tenant.time_zone), list[Piece]()
        if plan.days is None or plan.slots or plan.edges:
            raise ValueError("whole days are whole")
        read = Parts(agents=agents, values=True)
        for day, page, _ in await self._contacts.day_pages(tenant, *plan.days, read):
            start, end = (day_start_ms(d, tenant.time_zone) for d in (day, day + 1))
            pieces.append(Piece(start, end, blind.page(page), None))
        return pieces

    async def _edge(self, tenant: Tenant, span: Span) -> Page:
        _, arrived = await self._contacts.facts(tenant.partition, Side.ARRIVED, *span)
        _, ended = await self._contacts.facts(tenant.partition, Side.ENDED, *span)
        return partial(arrived, ended)

    async def agent_cells(self, scene: Scene, asked: Asked, agent: int) -> Cells:
        """One agent's counters: their own days, and what is left from the pages."""
        tenant = scene.tenant
        plan = ranges.plan(Span(asked.from_ms, asked.to_ms), tenant.time_zone)
        parts: list[Cells] = []
        if plan.days is not None:
            parts.append(await self._contacts.agent_cells(tenant, agent, *plan.days))
        for span in (*plan.slots, *plan.edges):
            rest = asked._replace(from_ms=span.from_ms, to_ms=span.to_ms)
            pieces = await self.pieces(scene, rest, parts=Parts(agents=True))
            parts.extend(slices.of_agent(piece.page.agents, agent) for piece in pieces)
        return slices.by_agent(parts, scene.narrowing)


def queue_id(number: int) -> str:
    """The opaque id of a queue."""
    return f"q{number}"


def agent_id(number: int) -> str:
    """The opaque id of an agent."""
    return f"a{number}"


def unnamed_id(tenant: Tenant, number: int) -> str:
    """The id of an agent for somebody who is not shown the name: it leads to no other id."""
    return f"u{tenant.keyring.blind('unnamed agent', str(number))[:8].hex()}"


def chosen(asked: Sequence[str], queues: Iterable[QueueEntry]) -> set[int]:
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
    numbers: set[int] = set()
    for one in asked:
        found = by_id.get(one) or by_key.get(one) or by_name.get(one.casefold())
        if not found:
            raise NotFound(NO_QUEUE)
        numbers |= found
    return numbers


def distributed(
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
