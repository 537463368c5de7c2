"""Interval pages in their tables: changed with the contacts, settled into days, rebuilt.

Quarter-hour pages change in the transaction of the contacts. A day's page is merged from them when
the day is settled; until then reads merge on the way.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np

from portal.domain.contacts import encoding, pages
from portal.domain.contacts.model import Gap, Timing
from portal.domain.contacts.pages import (
    AGENT_COUNTS,
    COUNTS,
    EMPTY,
    SLOT_MS,
    Cells,
    Delta,
    Ints,
    Page,
)
from portal.domain.contacts.ports import DayPage, Parts, Rebuilt, SlotPage, Tenant
from portal.domain.contacts.rollups import COLUMNS, Blind, roll_up
from portal.domain.shared.days import day_of, day_start_ms

Gaps = Mapping[str, Mapping[Timing, Gap]]

SLOT, DAY = 0, 1
GRAINS = {SLOT: "quarter hour", DAY: "day"}
FORMAT = "1"
UNSTAMPED = ""
CHUNK = 50_000

ORGANIZATION = "SELECT number FROM organizations WHERE pk = ?"
GET = """SELECT queues, COALESCE(agents, x''), "values" FROM pages LEFT JOIN page_agents USING (id)
    JOIN page_values USING (id) WHERE pages.id = ?"""
RANGE = "SELECT id, stamp, glance, queues FROM pages WHERE id BETWEEN ? AND ? ORDER BY id"
RANGE_AGENTS = "SELECT id, agents FROM page_agents WHERE id BETWEEN ? AND ?"
RANGE_VALUES = 'SELECT id, "values" FROM page_values WHERE id BETWEEN ? AND ?'
PUT = """INSERT INTO pages VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    stamp = excluded.stamp, glance = excluded.glance, queues = excluded.queues"""
PUT_AGENTS = """INSERT INTO page_agents VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET agents = excluded.agents"""
PUT_VALUES = """INSERT INTO page_values VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET "values" = excluded."values\""""
DROP = "DELETE FROM pages WHERE id = ?"
DROP_AGENTS = "DELETE FROM page_agents WHERE id = ?"
DROP_VALUES = "DELETE FROM page_values WHERE id = ?"
MARK = "INSERT OR IGNORE INTO unsettled_days VALUES (?, ?)"
UNMARK = "DELETE FROM unsettled_days WHERE organization = ? AND day = ?"
UNSETTLED = """SELECT day FROM unsettled_days WHERE organization = ? AND day BETWEEN ? AND ?
    ORDER BY day DESC"""
QUEUE_SOURCES = """SELECT queues.number, sources.name FROM queues
    JOIN sources ON sources.number = queues.source WHERE organization = ? ORDER BY queues.number"""
PUT_AGENT_DAY = """INSERT INTO agent_days VALUES (?, ?, ?, ?)
    ON CONFLICT (organization, agent, day) DO UPDATE SET cells = excluded.cells"""
DROP_AGENT_DAY = "DELETE FROM agent_days WHERE organization = ? AND agent = ? AND day = ?"
AGENT_DAYS = """SELECT day, cells FROM agent_days
    WHERE organization = ? AND agent = ? AND day BETWEEN ? AND ? ORDER BY day"""
ALL_AGENT_DAYS = "SELECT agent, day, cells FROM agent_days WHERE organization = ?"
DROP_AGENT_DAYS = """DELETE FROM agent_days WHERE organization = ?
    AND day IN (SELECT value FROM json_each(?))"""
REVISE = "UPDATE organizations SET revision = revision + 1 WHERE number = ?"
ALL_FACTS = """SELECT arrived, ended, queue, agent, channel, direction, outcome, wait, talk, hold,
    after_contact_work, transferred, customer FROM contacts WHERE organization = ? ORDER BY id"""


def page_id(organization: int, grain: int, number: int) -> int:
    """The key of a page in the three tables."""
    return organization << 40 | grain << 32 | number


def change(
    connection: sqlite3.Connection, organization: int, time_zone: str, changes: Mapping[int, Delta]
) -> None:
    """Applies the changes of each slot and marks their days unsettled."""
    for slot, delta in changes.items():
        id = page_id(organization, SLOT, slot)
        _put(connection, id, pages.apply(_get(connection, id), delta), UNSTAMPED, b"")
    days = {day_of(slot * SLOT_MS, time_zone) for slot in changes}
    connection.executemany(MARK, ((organization, day) for day in days))


def unsettled(connection: sqlite3.Connection, partition: str) -> list[int]:
    """The days that changed since they were settled, newest first."""
    organization = _number(connection, partition)
    return _unsettled_in(connection, organization, (0, 1 << 31))


def settle(connection: sqlite3.Connection, tenant: Tenant, day: int, gaps: Gaps) -> None:
    """Merges the day's slots into its page, its rollups and its agents' days."""
    organization = _number(connection, tenant.partition)
    id = page_id(organization, DAY, day)
    before = _get(connection, id).agents
    page = _merged(connection, organization, tenant.time_zone, day)
    blind, stamp = _blind(connection, organization, gaps)
    _put(connection, id, page, stamp, encoding.encode_cells(roll_up(page, blind)))
    agents = dict(_by_agent(page.agents))
    gone = {int(key >> 32) for key in before.keys} - agents.keys()
    connection.executemany(DROP_AGENT_DAY, ((organization, agent, day) for agent in gone))
    connection.executemany(
        PUT_AGENT_DAY,
        ((organization, agent, day, encoding.encode_cells(c)) for agent, c in agents.items()),
    )
    connection.execute(UNMARK, (organization, day))


def day_pages(
    connection: sqlite3.Connection,
    tenant: Tenant,
    days: tuple[int, int],
    parts: Parts,
    gaps: Gaps,
) -> tuple[DayPage, ...]:
    """The days' pages; those not settled, or settled under other gaps, are merged here."""
    organization = _number(connection, tenant.partition)
    blind, stamp = _blind(connection, organization, gaps)
    stale = set(_unsettled_in(connection, organization, days))
    found: dict[int, DayPage] = {}
    span = (page_id(organization, DAY, days[0]), page_id(organization, DAY, days[1]))
    for id, stamped, glance, page in _span(connection, span, parts):
        day = id & 0xFFFFFFFF
        if stamped != stamp:
            stale.add(day)
        elif day not in stale:
            found[day] = DayPage(day, page, encoding.decode_cells(glance, COLUMNS))
    for day in stale:
        page = _merged(connection, organization, tenant.time_zone, day)
        if not page.is_empty:
            found[day] = DayPage(day, page, roll_up(page, blind))
    return tuple(found[day] for day in sorted(found))


def slot_pages(
    connection: sqlite3.Connection, partition: str, first: int, last: int, parts: Parts
) -> tuple[SlotPage, ...]:
    """The slots' pages."""
    organization = _number(connection, partition)
    span = (page_id(organization, SLOT, first), page_id(organization, SLOT, last))
    return tuple(
        SlotPage(id & 0xFFFFFFFF, page) for id, _, _, page in _span(connection, span, parts)
    )


def settled_agent_cells(
    connection: sqlite3.Connection, tenant: Tenant, agent: int, days: tuple[int, int]
) -> Cells | None:
    """One agent's cells of the days together; None while one of the days is not settled."""
    organization = _number(connection, tenant.partition)
    if _unsettled_in(connection, organization, days):
        return None
    rows = connection.execute(AGENT_DAYS, (organization, agent, *days)).fetchall()
    return encoding.decode_joined([cells for _, cells in rows], AGENT_COUNTS)


def agent_days(
    connection: sqlite3.Connection, tenant: Tenant, agent: int, days: tuple[int, int]
) -> tuple[tuple[int, Cells], ...]:
    """One agent's days."""
    organization = _number(connection, tenant.partition)
    found = {
        day: encoding.decode_cells(cells, AGENT_COUNTS)
        for day, cells in connection.execute(AGENT_DAYS, (organization, agent, *days))
    }
    for day in _unsettled_in(connection, organization, days):
        page = _merged(connection, organization, tenant.time_zone, day)
        mine = page.agents.keys >> 32 == agent
        found.pop(day, None)
        if mine.any():
            found[day] = Cells(page.agents.keys[mine], page.agents.counts[mine])
    return tuple(sorted(found.items(), key=lambda item: item[0]))


def rebuild(connection: sqlite3.Connection, tenant: Tenant, gaps: Gaps, *, verify: bool) -> Rebuilt:
    """Counts every contact again and compares byte by byte; replaces what differs unless
    `verify`. Days waiting to be settled are settled on the way when replacing."""
    organization = _number(connection, tenant.partition)
    contacts, slots = _counted(connection, organization)
    days: dict[int, list[Page]] = {}
    for slot in sorted(slots):
        days.setdefault(day_of(slot * SLOT_MS, tenant.time_zone), []).append(slots[slot])
    blind, stamp = _blind(connection, organization, gaps)
    waiting = set(_unsettled_in(connection, organization, (0, 1 << 31)))
    expected = {(SLOT, slot): (page, UNSTAMPED, b"") for slot, page in slots.items()}
    for day, parts in days.items():
        if day not in waiting or not verify:
            page = pages.merge(parts)
            glance = encoding.encode_cells(roll_up(page, blind))
            expected[DAY, day] = (page, stamp, glance)
    different = _different(connection, organization, expected, waiting)
    different |= _different_agent_days(connection, organization, expected, waiting)
    if not verify:
        for grain, number in different:
            page, stamped, glance = expected.get((grain, number), (EMPTY, UNSTAMPED, b""))
            _put(connection, page_id(organization, grain, number), page, stamped, glance)
        again = {n for grain, n in different if grain == DAY} | waiting
        connection.execute(DROP_AGENT_DAYS, (organization, json.dumps(sorted(again))))
        for day in again:
            settle(connection, tenant, day, gaps)
        if different:
            connection.execute(REVISE, (organization,))
    names = tuple(f"{GRAINS[grain]} {number}" for grain, number in sorted(different))
    return Rebuilt(contacts, len(expected), names)


def _different(
    connection: sqlite3.Connection,
    organization: int,
    expected: Mapping[tuple[int, int], tuple[Page, str, bytes]],
    waiting: set[int],
) -> set[tuple[int, int]]:
    """The pages whose stored bytes are not the expected ones."""
    different = set()
    for (grain, number), (page, stamp, glance) in expected.items():
        id = page_id(organization, grain, number)
        stored = connection.execute(GET, (id,)).fetchone()
        head = connection.execute("SELECT stamp, glance FROM pages WHERE id = ?", (id,)).fetchone()
        if stored != encoding.encode(page) or head != (stamp, glance):
            different.add((grain, number))
    ids = "SELECT id FROM pages WHERE id BETWEEN ? AND ?"
    span = (page_id(organization, SLOT, 0), page_id(organization, DAY, 0xFFFFFFFF))
    for (id,) in connection.execute(ids, span):
        key = (id >> 32 & 0xFF, id & 0xFFFFFFFF)
        if key not in expected and not (key[0] == DAY and key[1] in waiting):
            different.add(key)
    return different


def _different_agent_days(
    connection: sqlite3.Connection,
    organization: int,
    expected: Mapping[tuple[int, int], tuple[Page, str, bytes]],
    waiting: set[int],
) -> set[tuple[int, int]]:
    """The settled days of which the rows by agent are not those of the expected page."""
    rows = {
        (agent, day): encoding.encode_cells(cells)
        for (grain, day), (page, *_) in expected.items()
        if grain == DAY and day not in waiting
        for agent, cells in _by_agent(page.agents)
    }
    stored = {
        (agent, day): cells
        for agent, day, cells in connection.execute(ALL_AGENT_DAYS, (organization,))
        if day not in waiting
    }
    return {(DAY, day) for _, day in dict(rows.items() ^ stored.items())}


def _counted(connection: sqlite3.Connection, organization: int) -> tuple[int, dict[int, Page]]:
    counted: dict[int, Page] = {}
    contacts = 0
    cursor = connection.execute(ALL_FACTS, (organization,))
    while rows := cursor.fetchmany(CHUNK):
        contacts += len(rows)
        matrix: Ints = np.array(rows, np.int64)
        for slot, delta in pages.deltas(matrix, np.ones(len(rows), np.int64)).items():
            counted[slot] = pages.apply(counted.get(slot, EMPTY), delta)
    return contacts, counted


def _number(connection: sqlite3.Connection, partition: str) -> int:
    row = connection.execute(ORGANIZATION, (partition,)).fetchone()
    return int(row[0]) if row else 0


def _unsettled_in(
    connection: sqlite3.Connection, organization: int, days: tuple[int, int]
) -> list[int]:
    return [day for (day,) in connection.execute(UNSETTLED, (organization, *days))]


def _get(connection: sqlite3.Connection, id: int) -> Page:
    row = connection.execute(GET, (id,)).fetchone()
    return encoding.decode(*row) if row else EMPTY


def _put(connection: sqlite3.Connection, id: int, page: Page, stamp: str, glance: bytes) -> None:
    if page.is_empty:
        for statement in (DROP, DROP_AGENTS, DROP_VALUES):
            connection.execute(statement, (id,))
        return
    queues, agents, values = encoding.encode(page)
    connection.execute(PUT, (id, stamp, glance, queues))
    connection.execute(PUT_VALUES, (id, values))
    if agents:
        connection.execute(PUT_AGENTS, (id, agents))
    else:
        connection.execute(DROP_AGENTS, (id,))


def _span(
    connection: sqlite3.Connection, span: tuple[int, int], parts: Parts
) -> Iterable[tuple[int, str, bytes, Page]]:
    agents = dict(connection.execute(RANGE_AGENTS, span)) if parts.agents else {}
    values = dict(connection.execute(RANGE_VALUES, span)) if parts.values else {}
    for id, stamp, glance, queues in connection.execute(RANGE, span):
        cells = encoding.decode_cells(queues, COUNTS)
        of_agents = encoding.decode_cells(agents.get(id, b""), AGENT_COUNTS)
        lengths, multisets = (
            encoding.decode_values(values[id]) if id in values else (EMPTY.lengths, EMPTY.values)
        )
        yield id, stamp, glance, Page(cells, of_agents, lengths, multisets)


def _merged(connection: sqlite3.Connection, organization: int, time_zone: str, day: int) -> Page:
    first = day_start_ms(day, time_zone) // SLOT_MS
    last = day_start_ms(day + 1, time_zone) // SLOT_MS - 1
    span = (page_id(organization, SLOT, first), page_id(organization, SLOT, last))
    return pages.merge([page for *_, page in _span(connection, span, Parts(True, True))])


def _by_agent(cells: Cells) -> Iterable[tuple[int, Cells]]:
    agents = cells.keys >> 32
    starts = np.flatnonzero(np.diff(agents, prepend=-1))
    edges = [*starts.tolist(), len(agents)]
    for agent, first, last in zip(agents[starts].tolist(), edges, edges[1:], strict=False):
        yield agent, Cells(cells.keys[first:last], cells.counts[first:last])


def _blind(connection: sqlite3.Connection, organization: int, gaps: Gaps) -> tuple[Blind, str]:
    """The queues whose source cannot give waits or customers, and the stamp that says so."""
    without = {
        timing: tuple(sorted(name for name, given in gaps.items() if timing in given))
        for timing in (Timing.WAIT_ANSWERED, Timing.CUSTOMER)
    }
    rows = connection.execute(QUEUE_SOURCES, (organization,)).fetchall()
    waits, customers = (
        np.array([number for number, source in rows if source in names], np.int64)
        for names in without.values()
    )
    return Blind(waits, customers), _stamp(without[Timing.WAIT_ANSWERED], without[Timing.CUSTOMER])


@lru_cache
def _stamp(waits: tuple[str, ...], customers: tuple[str, ...]) -> str:
    return f"{FORMAT};{','.join(waits)};{','.join(customers)}"
