"""Whether the tiered indexes say what their tables say, and making them anew."""

import sqlite3
from collections.abc import Iterable
from itertools import islice

from portal.adapters.storage.sqlite.tiers import RECORDS, SUBJECTS, Tiers, hashed_key, record_key

CHUNK = 20_000

OF_RECORDS, OF_CUSTOMERS = "index of records", "index of customers"
_RECORDS = "SELECT organization, source, record, id FROM contacts"
_SUBJECTS = "SELECT ref, id FROM subjects"
_OF_ONE = " WHERE +organization = (SELECT number FROM organizations WHERE pk = ?) ORDER BY id"


def wrong(connection: sqlite3.Connection, partition: str) -> tuple[str, ...]:
    """The indexes in which a row of the organisation has not exactly one entry, or which have
    entries of no row."""
    owner = (partition,)
    sound = {
        OF_RECORDS: _is_sound(
            connection, RECORDS, _records(connection.execute(_RECORDS + _OF_ONE, owner))
        ),
        OF_CUSTOMERS: _is_sound(
            connection, SUBJECTS, _subjects(connection.execute(_SUBJECTS + _OF_ONE, owner))
        ),
    }
    return tuple(name for name, is_sound in sound.items() if not is_sound)


def refill(connection: sqlite3.Connection, name: str) -> None:
    """Makes an index anew, for every organisation."""
    if name == OF_RECORDS:
        RECORDS.refill(connection, _records(connection.execute(_RECORDS)))
    else:
        SUBJECTS.refill(connection, _subjects(connection.execute(_SUBJECTS)))


def _is_sound(
    connection: sqlite3.Connection, tiers: Tiers, entries: Iterable[tuple[int, int]]
) -> bool:
    if not tiers.is_as_long(connection):
        return False
    left = iter(entries)
    while part := list(islice(left, CHUNK)):
        if tiers.holding(connection, part) != len(part):
            return False
    return True


def _records(rows: Iterable[tuple[int, int, str, int]]) -> Iterable[tuple[int, int]]:
    return (
        (record_key(organization, source, record), id) for organization, source, record, id in rows
    )


def _subjects(rows: Iterable[tuple[bytes, int]]) -> Iterable[tuple[int, int]]:
    return ((hashed_key(ref), id) for ref, id in rows)
