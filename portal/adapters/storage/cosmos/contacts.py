"""`Contacts` on Cosmos DB: the port's methods over the modules beside this one."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from portal.adapters.storage.cosmos import (
    contacts_arriving,
    contacts_batch,
    contacts_found,
    contacts_head,
    erasing,
)
from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos import contacts_journal as journal
from portal.adapters.storage.cosmos.contacts_commit import Commits, OvertakenError
from portal.adapters.storage.cosmos.contacts_head import Head
from portal.adapters.storage.cosmos.contacts_lease import Leases
from portal.adapters.storage.cosmos.container import Container, Item
from portal.adapters.storage.cosmos.pages import Gaps, Pages
from portal.adapters.storage.cosmos.pages_rebuild import Rebuilding
from portal.adapters.storage.cosmos.pages_stored import StoredPages
from portal.domain.contacts.model import Agent
from portal.domain.contacts.pages import AGENT_COUNTS, Cells, Ints
from portal.domain.contacts.ports import (
    AgentEntry,
    Batch,
    DayPage,
    Found,
    Moved,
    Parts,
    QueueEntry,
    Rebuilt,
    Roll,
    Selection,
    Side,
    SlotPage,
    Standing,
    StoredContact,
    Tally,
    Tenant,
)
from portal.domain.shared.documents import Documents, Write
from portal.domain.shared.errors import Conflict, RateLimited

TRIES = 20
MOST_KNOWN_AGENTS = 20_000
MOST_WAITING = 8
LONGEST_WAITING_MS = 10_000
"""A batch waits for its pages no longer than this while others come, and no more wait than that:
many small batches change a page once."""
STANDING_SECONDS = 0.25
"""How long another process's writes may go unnoticed; this one's are noticed at once."""
ALL_AGENTS = "SELECT * FROM c WHERE c.pk = @pk AND c.kind = 'agent' ORDER BY c.number"
AGENTS = "contacts.agents"


class _Known(NamedTuple):
    """A standing and until when it holds."""

    standing: Standing
    until: float


class CosmosContacts:
    """Contacts in the containers of contacts and of pages, committed among the documents.

    `gaps` says what each source cannot give; days settled under other gaps are settled anew.
    """

    def __init__(
        self, documents: Documents, contacts: Container, pages: Container, gaps: Gaps
    ) -> None:
        self._documents = documents
        self._box, self._page_box = contacts, pages
        self._leases = Leases(contacts)
        self._journal = journal.Journal(contacts)
        self._commits = Commits(documents, contacts, self._journal)
        stored = StoredPages(pages)
        self._pages = Pages(documents, contacts, self._commits, self._journal, stored, gaps)
        self._rebuilding = Rebuilding(documents, contacts, self._commits, self._pages, stored)
        self._known_agents: dict[tuple[str, str], Mapping[Agent, int]] = {}
        self._standings: dict[str, _Known] = {}

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        """See the port."""
        partition = tenant.partition
        async with self._leases.held(journal.partition_of(partition)):
            try:
                for _ in range(TRIES):
                    try:
                        return await self._ingest(tenant, batch, now_ms)
                    except OvertakenError:
                        continue  # decide again, from what the other has stored
            finally:
                self._standings.pop(partition, None)
        raise RateLimited("Too many write to this organisation at once.", retry_after=1)

    async def _ingest(self, tenant: Tenant, batch: Batch, now_ms: int) -> Tally:
        partition, where = tenant.partition, (tenant.partition, batch.source)
        head = await self._commits.head(partition)
        known = self._known_agents.get(where, {})
        planned = contacts_batch.Planned(Tally(0, 0, 0, 0, ()), known)
        if batch.records:
            planned = await contacts_batch.plan(
                self._box, tenant, batch.source, batch.records, head, known, now_ms
            )
        writes: Sequence[Write] = batch.writes(planned.tally)
        wanted = planned.head
        if wanted is None:
            if not writes:
                return planned.tally
            wanted = head._replace(revision=head.revision + 1)
        await self._commits.commit(partition, wanted, writes, planned.steps, planned.counts)
        if len(planned.agents) <= MOST_KNOWN_AGENTS:
            self._known_agents[where] = planned.agents
        await self._flush_in_time(partition, wanted)
        return planned.tally

    async def _flush_in_time(self, partition: str, head: Head) -> None:
        """Counts what waits into the pages when it is much, or has waited for long."""
        oldest = head.journal[0].at_ms if head.journal else None
        due = oldest is not None and oldest + LONGEST_WAITING_MS <= time.time_ns() // 1_000_000
        if due or len(head.journal) >= MOST_WAITING:
            await self._pages.flush(partition)

    async def settle(self, tenant: Tenant) -> int:
        """See the port. Days are settled one by one, so that imports go on in between."""
        partition = tenant.partition
        async with self._leases.held(journal.partition_of(partition)):
            head = await self._pages.flush(partition)
        days = sorted(head.unsettled, reverse=True)
        await self._pages.settle(tenant, days)
        return len(days)

    async def standing(self, partition: str) -> Standing:
        """See the port. Kept for a moment, or until this process writes."""
        known = self.glimpse(partition)
        if known is None:
            head = await contacts_head.read(self._documents, partition)
            known = head.standing
            self._standings[partition] = _Known(known, time.monotonic() + STANDING_SECONDS)
        return known

    def glimpse(self, partition: str) -> Standing | None:
        """See the port."""
        known = self._standings.get(partition)
        return known.standing if known and known.until >= time.monotonic() else None

    async def queues(self, partition: str) -> tuple[QueueEntry, ...]:
        """See the port."""
        await self._commits.head(partition)
        queues = await contacts_batch.queues_of(self._box, partition)
        return tuple(QueueEntry(*queue) for queue in queues)

    async def name_queues(self, partition: str, source: str, names: Mapping[str, str]) -> int:
        """See the port."""
        async with self._leases.held(journal.partition_of(partition)):
            for _ in range(TRIES):
                head = await self._commits.head(partition)
                queues = await contacts_batch.queues_of(self._box, partition)
                named = [
                    queue._replace(name=names[queue.key])
                    if queue.source == source and queue.key in names
                    else queue
                    for queue in queues
                ]
                known = sum(queue.source == source and queue.key in names for queue in queues)
                if not known:
                    return 0
                steps = journal.steps([contacts_batch.queues_item(partition, named)], ())
                wanted = head._replace(revision=head.revision + 1)
                try:
                    await self._commits.commit(partition, wanted, (), steps)
                except OvertakenError:
                    continue
                self._standings.pop(partition, None)
                return known
        raise RateLimited("Too many write to this organisation at once.", retry_after=1)

    async def agents(self, tenant: Tenant) -> tuple[AgentEntry, ...]:
        """See the port."""
        await self._commits.head(tenant.partition)
        meta = items.meta_partition(tenant.partition)
        found = [_agent(tenant, item) async for item in self._box.each(AGENTS, meta, ALL_AGENTS)]
        return tuple(found)

    async def agent(self, tenant: Tenant, source: str, key: str) -> AgentEntry | None:
        """See the port."""
        await self._commits.head(tenant.partition)
        meta = items.meta_partition(tenant.partition)
        item = await self._box.read(AGENTS, meta, items.agent_id(tenant, source, key))
        return _agent(tenant, item) if item else None

    async def day_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[DayPage, ...]:
        """See the port."""
        return await self._pages.day_pages(tenant, first, last, parts)

    async def slot_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[SlotPage, ...]:
        """See the port."""
        return await self._pages.slot_pages(tenant, first, last, parts)

    async def agent_days(
        self, tenant: Tenant, agent: int, first: int, last: int
    ) -> tuple[tuple[int, Cells], ...]:
        """See the port."""
        return await self._pages.agent_days(tenant, agent, first, last)

    async def agent_cells(self, tenant: Tenant, agent: int, first: int, last: int) -> Cells:
        """See the port."""
        days = await self._pages.agent_days(tenant, agent, first, last)
        return Cells.joined([cells for _, cells in days], AGENT_COUNTS)

    async def facts(
        self, partition: str, side: Side, from_ms: int, to_ms: int
    ) -> tuple[Ints, Ints]:
        """See the port."""
        head = await self._commits.head(partition)
        return await contacts_found.facts(self._box, partition, head, side, from_ms, to_ms)

    async def by_ids(self, tenant: Tenant, ids: Sequence[int]) -> tuple[StoredContact, ...]:
        """See the port."""
        await self._commits.head(tenant.partition)
        return await contacts_found.by_ids(self._box, tenant, ids)

    async def find(
        self, tenant: Tenant, selection: Selection, *, cursor: str | None, limit: int
    ) -> Found:
        """See the port."""
        head: Head = await self._commits.head(tenant.partition)
        return await contacts_found.find(self._box, tenant, head, selection, cursor, limit)

    async def rebuild(self, tenant: Tenant, *, verify: bool) -> Rebuilt:
        """See the port."""
        partition = tenant.partition
        async with self._leases.held(journal.partition_of(partition)):
            try:
                return await self._rebuilding.run(tenant, verify=verify)
            finally:
                self._standings.pop(partition, None)

    # --- moving -------------------------------------------------------------------------

    async def erase(self, partition: str, *, most: int) -> int:
        """See the port `Erasing`. The head among the documents says which days there are."""
        self._standings.pop(partition, None)
        for known in [one for one in self._known_agents if one[0] == partition]:
            del self._known_agents[known]
        head, gone = await contacts_head.read(self._documents, partition), 0
        pages = ((self._page_box, one) for one in erasing.page_partitions(partition, head))
        boxes = ((self._box, one) for one in erasing.contact_partitions(partition, head))
        for box, pk in (*pages, *boxes):
            gone += await erasing.partition(box, pk, most - gone)
            if gone >= most:
                break
        return gone

    async def roll(self, tenant: Tenant) -> Roll:
        """See the port."""
        head = await self._commits.head(tenant.partition)
        queues, agents = await self.queues(tenant.partition), await self.agents(tenant)
        return Roll(queues, agents, head.subjects, head.standing)

    async def leaving(self, tenant: Tenant, *, after: int = 0) -> AsyncIterator[Sequence[Moved]]:
        """See the port. It begins anew, whatever `after` says."""
        head = await self._commits.head(tenant.partition)
        async for moved in contacts_arriving.leaving(self._box, tenant, head):
            yield moved

    async def prepare(self, tenant: Tenant, roll: Roll) -> None:
        """See the port."""
        async with self._leases.held(journal.partition_of(tenant.partition)):
            await contacts_arriving.prepare(self._box, self._commits, tenant, roll)
        self._standings.pop(tenant.partition, None)

    async def arrive(self, tenant: Tenant, moved: Sequence[Moved], writes: Sequence[Write]) -> None:
        """See the port."""
        partition = tenant.partition
        batches = contacts_arriving.batches(moved)
        async with self._leases.held(journal.partition_of(partition)):
            for batch in batches:
                told = writes if batch is batches[-1] else ()
                known = self._known_agents.get((partition, batch.source), {})
                try:
                    head = await contacts_arriving.arrive(
                        self._box, self._commits, tenant, batch, known, told
                    )
                except OvertakenError:
                    raise Conflict("Somebody else writes to this organisation.") from None
                await self._flush_in_time(partition, head)
        self._standings.pop(partition, None)


def _agent(tenant: Tenant, item: Item) -> AgentEntry:
    agent = contacts_batch.opened_agent(tenant, item)
    return AgentEntry(item["number"], item["source"], agent.key, agent.name)
