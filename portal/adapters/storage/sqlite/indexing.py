"""Whether the indexes of runs say what their tables say, and making them anew."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from portal.adapters.storage.sqlite.runs import CHUNK, Indexes, Runs, hashed_keys, record_keys
from portal.domain.contacts.pages import Ints

OF_RECORDS, OF_CUSTOMERS = "index of records", "index of customers"
_RECORDS = "SELECT id, organization, source, record FROM contacts"
_SUBJECTS = "SELECT id, ref FROM subjects"
_OF_ONE = " WHERE +organization = (SELECT number FROM organizations WHERE pk = ?) ORDER BY id"

Entries = Iterator[tuple[Ints, Ints]]


def wrong(connection: sqlite3.Connection, partition: str) -> tuple[str, ...]:
    """The indexes in which a row of the organisation has not exactly one entry, or which have
    entries of no row."""
    owner, indexes = (partition,), Indexes()
    records = _entries(connection.execute(_RECORDS + _OF_ONE, owner), keys_of_records)
    subjects = _entries(connection.execute(_SUBJECTS + _OF_ONE, owner), keys_of_subjects)
    sound = {
        OF_RECORDS: _is_sound(connection, indexes.records, records),
        OF_CUSTOMERS: _is_sound(connection, indexes.subjects, subjects),
    }
    return tuple(name for name, is_sound in sound.items() if not is_sound)


def refill(connection: sqlite3.Connection, name: str) -> None:
    """Makes an index anew, for every organisation."""
    indexes = Indexes()
    if name == OF_RECORDS:
        runs = indexes.records
        entries = _entries(connection.execute(_RECORDS), keys_of_records)
    else:
        runs = indexes.subjects
        entries = _entries(connection.execute(_SUBJECTS), keys_of_subjects)
    runs.empty(connection)
    for keys, ids in entries:
        runs.add(connection, keys, ids)


def _is_sound(connection: sqlite3.Connection, runs: Runs, entries: Entries) -> bool:
    return runs.is_as_long(connection) and all(
        runs.holding(connection, keys, ids) == len(ids) for keys, ids in entries
    )


def _entries(cursor: sqlite3.Cursor, keys_of: Callable[[list[tuple[Any, ...]]], Ints]) -> Entries:
    while rows := cursor.fetchmany(CHUNK):
        yield keys_of(rows), np.array([row[0] for row in rows], np.int64)


def keys_of_records(rows: list[tuple[Any, ...]]) -> Ints:
    """The keys of records of several owners, in the order of the rows."""
    keys = np.zeros(len(rows), np.int64)
    owners: dict[tuple[int, int], list[int]] = {}
    for place, (_, organization, source, _) in enumerate(rows):
        owners.setdefault((organization, source), []).append(place)
    for owner, places in owners.items():
        keys[places] = record_keys(*owner, [rows[place][3] for place in places])
    return keys


def keys_of_subjects(rows: list[tuple[Any, ...]]) -> Ints:
    """The keys of customers."""
    return hashed_keys([ref for _, ref in rows])
