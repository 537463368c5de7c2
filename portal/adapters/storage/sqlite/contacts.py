"""`Contacts` on SQLite: the port's methods over the modules beside this one."""

import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from portal.adapters.storage.sqlite import erasing, finding, indexing, ingestion, leaving, paging
from portal.adapters.storage.sqlite.database import Database
from portal.adapters.storage.sqlite.runs import Indexes
from portal.domain.contacts.model import Agent, Gap, Timing
from portal.domain.contacts.pages import AGENT_COUNTS, Cells, Fact, Ints
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

MOST_KNOWN_AGENTS = 20_000
MOST_GLANCED_DAYS = 100
STANDING_SECONDS = 0.05
"""How long another process's writes may go unnoticed; this one's are noticed at once."""

STANDING = "SELECT revision, as_of, imported_at FROM organizations WHERE pk = ?"
QUEUES = """SELECT queues.number, sources.name, key, queues.name FROM queues
    JOIN organizations ON organizations.number = queues.organization
    JOIN sources ON sources.number = queues.source WHERE pk = ? ORDER BY queues.number"""
AGENTS = """SELECT agents.number, sources.name, wrapped, sealed FROM agents
    JOIN organizations ON organizations.number = agents.organization
    JOIN sources ON sources.number = agents.source WHERE pk = ? ORDER BY agents.number"""
AGENT = """SELECT agents.number, sources.name, wrapped, sealed FROM agents
    JOIN organizations ON organizations.number = agents.organization
    JOIN sources ON sources.number = agents.source
    WHERE pk = ? AND sources.name = ? AND ref = ?"""
NAME_QUEUE = """UPDATE queues SET name = ?
    WHERE organization = (SELECT number FROM organizations WHERE pk = ?)
    AND source = (SELECT number FROM sources WHERE name = ?) AND key = ?"""
FACTS_ARRIVED = """SELECT id, arrived, ended, queue, agent, channel, direction, outcome, wait, talk,
    hold, after_contact_work, transferred, customer FROM contacts
    WHERE organization = (SELECT number FROM organizations WHERE pk = ?)
    AND arrived >= ? AND arrived < ?"""
FACTS_ENDED = """SELECT id, arrived, ended, queue, agent, channel, direction, outcome, wait, talk,
    hold, after_contact_work, transferred, customer FROM contacts
    WHERE organization = (SELECT number FROM organizations WHERE pk = ?)
    AND ended >= ? AND ended < ?"""


class _Known(NamedTuple):
    """A standing, after how many of this process's writes it was read, and until when it holds."""

    standing: Standing
    writes: int
    until: float


class SqliteContacts:
    """Contacts in the tables `contacts`, `pages` and those around them.

    `gaps` says what each source cannot give; days settled under other gaps are settled anew.
    """

    def __init__(self, database: Database, gaps: Mapping[str, Mapping[Timing, Gap]]) -> None:
        self._database = database
        self._gaps = gaps
        self._indexes = Indexes()
        self._known_agents: dict[tuple[str, str], Mapping[Agent, int]] = {}
        self._standings: dict[str, _Known] = {}
        self._known_queues: dict[str, tuple[int, tuple[QueueEntry, ...]]] = {}

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        """See the port."""
        where = (tenant.partition, batch.source)
        known = self._known_agents.get(where, {})
        done = await self._database.write(
            lambda connection: ingestion.ingest(
                connection, self._indexes, tenant, batch, now_ms, known
            )
        )
        if len(done.agents) <= MOST_KNOWN_AGENTS:
            self._known_agents[where] = done.agents
        return done.tally

    async def settle(self, tenant: Tenant) -> int:
        """See the port. A day is a transaction, so that imports go on in between."""
        days = await self._database.read(
            lambda connection: paging.unsettled(connection, tenant.partition)
        )
        for day in days:
            await self._database.write(
                partial(paging.settle, tenant=tenant, day=day, gaps=self._gaps)
            )
        return len(days)

    async def standing(self, partition: str) -> Standing:
        """See the port."""
        return self.glimpse(partition)

    def glimpse(self, partition: str) -> Standing:
        """See the port. Asked at every request, and a look-up takes several calls of the system:
        kept for a moment, or until this process writes."""
        now, writes = time.monotonic(), self._database.writes
        known = self._standings.get(partition)
        if known is None or known.writes != writes or known.until < now:
            standing = self._present(partition)
            known = self._standings[partition] = _Known(standing, writes, now + STANDING_SECONDS)
        return known.standing

    def _present(self, partition: str) -> Standing:
        row = self._database.glance(lambda c: c.execute(STANDING, (partition,)).fetchone())
        return Standing(*row) if row else Standing(0, 0, 0)

    async def queues(self, partition: str) -> tuple[QueueEntry, ...]:
        """See the port. Read again only when the organisation's revision has moved."""
        revision = self._present(partition).revision
        known = self._known_queues.get(partition)
        if known is None or known[0] != revision:
            rows = await self._database.read(lambda c: c.execute(QUEUES, (partition,)).fetchall())
            known = revision, tuple(QueueEntry(*row) for row in rows)
            self._known_queues[partition] = known
        return known[1]

    async def name_queues(self, partition: str, source: str, names: Mapping[str, str]) -> int:
        """See the port."""
        rows = [(name, partition, source, key) for key, name in names.items()]

        def work(connection: sqlite3.Connection) -> int:
            named = connection.executemany(NAME_QUEUE, rows).rowcount
            connection.execute(ingestion.REVISE, (partition,))
            return named

        return await self._database.write(work)

    async def agents(self, tenant: Tenant) -> tuple[AgentEntry, ...]:
        """See the port."""
        rows = await self._database.read(
            lambda c: c.execute(AGENTS, (tenant.partition,)).fetchall()
        )
        return tuple(_agent(tenant, row) for row in rows)

    async def agent(self, tenant: Tenant, source: str, key: str) -> AgentEntry | None:
        """See the port."""
        wanted = (tenant.partition, source, ingestion.agent_ref(tenant, key))
        row = self._database.glance(lambda c: c.execute(AGENT, wanted).fetchone())
        return _agent(tenant, row) if row else None

    async def day_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[DayPage, ...]:
        """See the port."""
        return await self._database.read(
            lambda c: paging.day_pages(c, tenant, (first, last), parts, self._gaps)
        )

    async def slot_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[SlotPage, ...]:
        """See the port."""
        return await self._database.read(
            lambda c: paging.slot_pages(c, tenant.partition, first, last, parts)
        )

    async def agent_days(
        self, tenant: Tenant, agent: int, first: int, last: int
    ) -> tuple[tuple[int, Cells], ...]:
        """See the port."""
        return await self._database.read(
            lambda c: paging.agent_days(c, tenant, agent, (first, last))
        )

    async def agent_cells(self, tenant: Tenant, agent: int, first: int, last: int) -> Cells:
        """See the port. Rows of a few settled days are a look-up; merging days is not."""
        if last - first <= MOST_GLANCED_DAYS:
            found = self._database.glance(
                lambda c: paging.settled_agent_cells(c, tenant, agent, (first, last))
            )
            if found is not None:
                return found
        days = await self.agent_days(tenant, agent, first, last)
        return Cells.joined([cells for _, cells in days], AGENT_COUNTS)

    async def facts(
        self, partition: str, side: Side, from_ms: int, to_ms: int
    ) -> tuple[Ints, Ints]:
        """See the port."""
        statement = FACTS_ARRIVED if side is Side.ARRIVED else FACTS_ENDED
        rows = await self._database.read(
            lambda c: c.execute(statement, (partition, from_ms, to_ms)).fetchall()
        )
        matrix = np.array(rows, np.int64).reshape(len(rows), 1 + len(Fact))
        return matrix[:, 0], matrix[:, 1:]

    async def by_ids(self, tenant: Tenant, ids: Sequence[int]) -> tuple[StoredContact, ...]:
        """See the port."""
        return await self._database.read(lambda c: finding.by_ids(c, tenant, ids))

    async def find(
        self, tenant: Tenant, selection: Selection, *, cursor: str | None, limit: int
    ) -> Found:
        """See the port."""
        return await self._database.read(
            lambda c: finding.find(c, tenant, selection, cursor, limit)
        )

    async def rebuild(self, tenant: Tenant, *, verify: bool) -> Rebuilt:
        """See the port."""

        def work(connection: sqlite3.Connection) -> Rebuilt:
            rebuilt = paging.rebuild(connection, tenant, self._gaps, verify=verify)
            wrong = indexing.wrong(connection, tenant.partition)
            for name in () if verify else wrong:
                indexing.refill(connection, name)
            return rebuilt._replace(different=(*rebuilt.different, *wrong))

        return await (self._database.read(work) if verify else self._database.write(work))

    async def erase(self, partition: str, *, most: int) -> int:
        """See the port `Erasing`."""
        self._known_queues.pop(partition, None)
        for known in [one for one in self._known_agents if one[0] == partition]:
            del self._known_agents[known]
        return await self._database.write(
            lambda c: erasing.contacts(c, self._indexes, partition, most)
        )

    async def roll(self, tenant: Tenant) -> Roll:
        """See the port."""
        partition = tenant.partition
        queues, agents = await self.queues(partition), await self.agents(tenant)
        customers = await self._database.read(lambda c: leaving.customers(c, partition))
        return Roll(queues, agents, customers, self._present(partition))

    def leaving(self, tenant: Tenant, *, after: int = 0) -> AsyncIterator[Sequence[Moved]]:
        """See the port."""
        return leaving.leaving(self._database, tenant, after)


def _agent(tenant: Tenant, row: tuple[Any, ...]) -> AgentEntry:
    number, source, wrapped, sealed = row
    key = tenant.keyring.unwrap(wrapped)
    agent = ingestion.open_agent(tenant, key, number, sealed)
    return AgentEntry(number, source, agent.key, agent.name)
