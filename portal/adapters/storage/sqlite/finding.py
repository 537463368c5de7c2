"""Finding stored contacts: one fixed statement for each side, narrowed by parameters."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from portal.adapters.storage.shared.writing import is_number
from portal.adapters.storage.sqlite import ingestion
from portal.domain.contacts.model import Customer, Direction, Outcome
from portal.domain.contacts.pages import CHANNELS, DIRECTIONS, OUTCOMES
from portal.domain.contacts.ports import Box, Found, Selection, Side, StoredContact, Tenant
from portal.domain.shared.errors import InvalidInput

COLUMNS = """SELECT id, record, leg, contacts.source, started, arrived, ended, queue, agent,
    channel, direction, outcome, wait, talk, hold, after_contact_work, transferred, customer, sealed
    FROM contacts"""
COUNT = "SELECT COUNT(*) FROM contacts"
NARROW = """
    AND (:queues IS NULL OR queue IN (SELECT value FROM json_each(:queues)))
    AND (:not_queues IS NULL OR queue NOT IN (SELECT value FROM json_each(:not_queues)))
    AND (:channels IS NULL OR channel IN (SELECT value FROM json_each(:channels)))
    AND (:directions IS NULL OR direction IN (SELECT value FROM json_each(:directions)))
    AND (:outcomes IS NULL OR outcome IN (SELECT value FROM json_each(:outcomes)))
    AND (:agent IS NULL OR agent = :agent)
    AND (:above IS NULL OR wait < 0 OR wait > :above)
    AND (:within IS NULL OR (wait >= 0 AND wait <= :within))
    AND (:under IS NULL OR (wait >= 0 AND wait < :under))
    AND (NOT :handled OR (ended >= 0 AND outcome IN (:answered, :connected)
        AND (outcome = :answered OR direction <> :internal)))
    AND (NOT :transferred OR transferred = 1)
    AND (NOT :customer OR customer > 0)
    AND (:boxes IS NULL OR EXISTS (SELECT 1 FROM json_each(:boxes) AS box WHERE
        (json_extract(box.value, '$.q') IS NULL
            OR queue IN (SELECT value FROM json_each(box.value, '$.q')))
        AND (json_extract(box.value, '$.c') IS NULL
            OR channel IN (SELECT value FROM json_each(box.value, '$.c')))))"""
ARRIVED = " WHERE organization = :organization AND arrived >= :from AND arrived < :to" + NARROW
ENDED = " WHERE organization = :organization AND ended >= :from AND ended < :to" + NARROW
AFTER_ARRIVED = " AND (arrived, id) > (:at, :id) ORDER BY arrived, id LIMIT :limit"
AFTER_ENDED = " AND (ended, id) > (:at, :id) ORDER BY ended, id LIMIT :limit"
STATEMENTS = {
    Side.ARRIVED: (COUNT + ARRIVED, COLUMNS + ARRIVED + AFTER_ARRIVED),
    Side.ENDED: (COUNT + ENDED, COLUMNS + ENDED + AFTER_ENDED),
}
# The plus keeps the index by arrival out of it, which would read the organisation's every contact.
IDS = " WHERE +organization = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY arrived, id"
BY_IDS = COLUMNS + IDS
WRAPPED = "SELECT wrapped FROM subjects WHERE organization = ? AND number = ?"


def find(
    connection: sqlite3.Connection,
    tenant: Tenant,
    selection: Selection,
    cursor: str | None,
    limit: int,
) -> Found:
    """The page of contacts behind the cursor, and how many the selection has in all."""
    organization = _organization(connection, tenant)
    at, id = _position(cursor)
    values = _parameters(selection) | {
        "organization": organization,
        "at": at,
        "id": id,
        "limit": limit + 1,
    }
    count, page = STATEMENTS[selection.side]
    (total,) = connection.execute(count, values).fetchone()
    rows = connection.execute(page, values).fetchall()
    found = _contacts(connection, tenant, organization, rows[:limit])
    more = None
    if len(rows) > limit:
        last = found[-1]
        instant = last.arrived_ms if selection.side is Side.ARRIVED else last.ended_ms
        more = f"{instant}-{last.id}"
    return Found(tuple(found), int(total), more)


def by_ids(
    connection: sqlite3.Connection, tenant: Tenant, ids: Sequence[int]
) -> tuple[StoredContact, ...]:
    """The contacts of those ids."""
    organization = _organization(connection, tenant)
    rows = connection.execute(BY_IDS, (organization, json.dumps(list(ids)))).fetchall()
    return tuple(_contacts(connection, tenant, organization, rows))


def _organization(connection: sqlite3.Connection, tenant: Tenant) -> int:
    row = connection.execute(
        "SELECT number FROM organizations WHERE pk = ?", (tenant.partition,)
    ).fetchone()
    return int(row[0]) if row else 0


def _contacts(
    connection: sqlite3.Connection,
    tenant: Tenant,
    organization: int,
    rows: Iterable[tuple[Any, ...]],
) -> list[StoredContact]:
    sources = dict(connection.execute("SELECT number, name FROM sources"))
    return [_contact(connection, tenant, organization, sources, row) for row in rows]


def _position(cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return -1, 0
    at, _, id = cursor.partition("-")
    if not (is_number(at) and is_number(id)):
        raise InvalidInput("The cursor is not one of ours; leave it out to begin anew.")
    return int(at), int(id)


def _parameters(selection: Selection) -> dict[str, Any]:
    s = selection
    return {
        "from": s.from_ms,
        "to": s.to_ms,
        "queues": _list(s.queues),
        "not_queues": _list(s.without_queues),
        "channels": _list(CHANNELS.index(c) for c in s.channels),
        "directions": _list(DIRECTIONS.index(d) for d in s.directions),
        "outcomes": _list(OUTCOMES.index(o) for o in s.outcomes),
        "agent": s.agent,
        "above": s.wait_above,
        "within": s.wait_within,
        "under": s.wait_under,
        "handled": s.handled,
        "answered": OUTCOMES.index(Outcome.ANSWERED),
        "connected": OUTCOMES.index(Outcome.CONNECTED),
        "internal": DIRECTIONS.index(Direction.INTERNAL),
        "transferred": s.transferred,
        "customer": s.with_customer,
        "boxes": None if s.within is None else json.dumps([_box(box) for box in s.within]),
    }


def _box(box: Box) -> dict[str, list[int]]:
    """The dimensions in which the box narrows."""
    said = {}
    if box.queues is not None:
        said["q"] = sorted(box.queues)
    if box.channels is not None:
        said["c"] = sorted(CHANNELS.index(channel) for channel in box.channels)
    return said


def _list(numbers: Iterable[int]) -> str | None:
    chosen = sorted(numbers)
    return json.dumps(chosen) if chosen else None


def _contact(
    connection: sqlite3.Connection,
    tenant: Tenant,
    organization: int,
    sources: dict[int, str],
    row: tuple[Any, ...],
) -> StoredContact:
    id, record, leg, source, started, arrived, ended, queue, agent, channel, direction = row[:11]
    outcome, wait, talk, hold, after_contact_work, transferred, customer, sealed = row[11:]
    return StoredContact(
        id=id,
        record=record,
        leg=leg,
        source=sources[source],
        channel=CHANNELS[channel],
        direction=DIRECTIONS[direction],
        outcome=OUTCOMES[outcome],
        queue=queue,
        agent=agent,
        started_ms=started,
        arrived_ms=arrived,
        ended_ms=_given(ended),
        wait_ms=_given(wait),
        talk_ms=_given(talk),
        hold_ms=_given(hold),
        after_contact_work_ms=_given(after_contact_work),
        transferred=None if transferred < 0 else bool(transferred),
        customer=_customer(
            connection, tenant, organization, (source, record, leg), customer, sealed
        ),
    )


def _customer(
    connection: sqlite3.Connection,
    tenant: Tenant,
    organization: int,
    where: tuple[int, str, int],
    number: int,
    sealed: bytes | None,
) -> Customer | None:
    if sealed is None:
        return None
    if number == 0:  # sealed attributes, or a name that stands for nobody
        named = ingestion.open_contact(tenant, tenant.keyring.own_key, *where, sealed)
        return named if any(named) else None
    row = connection.execute(WRAPPED, (organization, number)).fetchone()
    if row is None:
        return None  # erased
    return ingestion.open_contact(tenant, tenant.keyring.unwrap(row[0]), *where, sealed)


def _given(value: int) -> int | None:
    return None if value < 0 else value
