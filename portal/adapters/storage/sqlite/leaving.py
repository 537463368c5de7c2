"""Contacts on their way out of the embedded store, opened, in the order in which they came."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import groupby
from typing import Any

from portal.adapters.storage.shared.records import attributes_of, customer_of
from portal.adapters.storage.sqlite.database import Database
from portal.adapters.storage.sqlite.ingestion import open_agent, sealing_context
from portal.domain.contacts.model import Agent, Contact, Queue
from portal.domain.contacts.pages import CHANNELS, DIRECTIONS, OUTCOMES
from portal.domain.contacts.ports import Moved, Tenant

TOGETHER = 1000
"""Rows read at once; the last record of them waits for the next ones."""
ROWS = """SELECT contacts.id, contacts.source, sources.name, record, version, leg, started, arrived,
    ended, queue, agent, channel, direction, outcome, wait, talk, hold, after_contact_work,
    transferred, customer, sealed FROM contacts JOIN sources ON sources.number = contacts.source
    WHERE +organization = (SELECT number FROM organizations WHERE pk = ?) AND contacts.id > ?
    ORDER BY contacts.id LIMIT ?"""
QUEUES = """SELECT queues.number, key, queues.name FROM queues
    JOIN organizations ON organizations.number = queues.organization WHERE pk = ?"""
AGENTS = """SELECT agents.number, wrapped, sealed FROM agents
    JOIN organizations ON organizations.number = agents.organization WHERE pk = ?"""
WRAPPED = """SELECT subjects.number, wrapped FROM subjects
    WHERE organization = (SELECT number FROM organizations WHERE pk = ?)
    AND subjects.number IN (SELECT value FROM json_each(?))"""
SUBJECTS = "SELECT subjects FROM organizations WHERE pk = ?"


async def leaving(database: Database, tenant: Tenant, after: int) -> AsyncIterator[Sequence[Moved]]:
    """See the port. Each part is one snapshot of the file."""
    limit = TOGETHER
    while True:

        def part(
            connection: sqlite3.Connection, after: int = after, limit: int = limit
        ) -> tuple[list[Moved], bool]:
            return _part(connection, tenant, after, limit)

        moved, ended = await database.read(part)
        if moved:
            yield moved
            after, limit = moved[-1].position, TOGETHER
        elif not ended:
            limit *= 2  # one record fills all that was read
        if ended:
            return


def customers(connection: sqlite3.Connection, partition: str) -> int:
    """How many numbers of customers were given out."""
    row = connection.execute(SUBJECTS, (partition,)).fetchone()
    return int(row[0]) if row else 0


def _part(
    connection: sqlite3.Connection, tenant: Tenant, after: int, limit: int
) -> tuple[list[Moved], bool]:
    """The next whole records, and whether they are the last ones."""
    rows = connection.execute(ROWS, (tenant.partition, after, limit)).fetchall()
    ended = len(rows) < limit
    records = [list(of) for _, of in groupby(rows, key=lambda row: (row[1], row[3]))]
    whole = records if ended else records[:-1]
    chosen = [row for record in whole for row in record]
    queues = _queues(connection, tenant)
    agents = _agents(connection, tenant)
    keys = _keys(connection, tenant, {row[19] for row in chosen})
    return [_moved(tenant, row, queues, agents, keys) for row in chosen], ended


def _queues(connection: sqlite3.Connection, tenant: Tenant) -> dict[int, Queue]:
    rows = connection.execute(QUEUES, (tenant.partition,))
    return {number: Queue(key, name) for number, key, name in rows}


def _agents(connection: sqlite3.Connection, tenant: Tenant) -> dict[int, Agent]:
    rows = connection.execute(AGENTS, (tenant.partition,))
    return {
        number: open_agent(tenant, tenant.keyring.unwrap(wrapped), number, sealed)
        for number, wrapped, sealed in rows
    }


def _keys(
    connection: sqlite3.Connection, tenant: Tenant, numbers: Iterable[int]
) -> dict[int, bytes]:
    listed = json.dumps(sorted(numbers))
    rows = connection.execute(WRAPPED, (tenant.partition, listed))
    opened = {number: tenant.keyring.unwrap(wrapped) for number, wrapped in rows}
    return opened | {0: tenant.keyring.own_key}


def _moved(
    tenant: Tenant,
    row: tuple[Any, ...],
    queues: dict[int, Queue],
    agents: dict[int, Agent],
    keys: dict[int, bytes],
) -> Moved:
    position, number, source, record, version, leg, started, arrived, ended = row[:9]
    queue, agent, channel, direction, outcome, wait, talk, hold, after_contact_work = row[9:18]
    transferred, customer, sealed = row[18:]
    key = keys.get(customer)
    plain = None
    if sealed is not None and key is not None:
        plain = tenant.keyring.open(key, sealing_context(number, record, leg), sealed)
    given = None if plain is None else customer_of(plain)
    contact = Contact(
        leg=leg,
        channel=CHANNELS[channel],
        direction=DIRECTIONS[direction],
        outcome=OUTCOMES[outcome],
        started_ms=started,
        arrived_ms=arrived,
        ended_ms=_given(ended),
        queue=queues[queue] if queues[queue].key else None,
        agent=agents.get(agent),
        wait_ms=_given(wait),
        talk_ms=_given(talk),
        hold_ms=_given(hold),
        after_contact_work_ms=_given(after_contact_work),
        transferred=None if transferred < 0 else bool(transferred),
        customer=given if given is not None and any(given) else None,
        attributes=None if plain is None else attributes_of(plain),
    )
    return Moved(position, source, record, version, contact, queue, agent, customer)


def _given(value: int) -> int | None:
    return None if value < 0 else value
