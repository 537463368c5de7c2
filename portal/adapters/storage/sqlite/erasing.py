"""An organisation's contacts out of the file, with their entries in the indexes and their pages.

What goes is overwritten with zeros, also where its page of the file stays in use.
"""

import sqlite3
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from portal.adapters.storage.sqlite.indexing import keys_of_records, keys_of_subjects
from portal.adapters.storage.sqlite.runs import Indexes, Runs
from portal.domain.contacts.pages import Ints

if TYPE_CHECKING:
    from collections.abc import Iterator

FIND = "SELECT number FROM organizations WHERE pk = ?"
CONTACTS = "SELECT id, organization, source, record FROM contacts WHERE organization = ? LIMIT ?"
SUBJECTS = "SELECT id, ref FROM subjects WHERE organization = ? LIMIT ?"
NUMBERED = ("pages", "page_agents", "page_values")
OWNED = ("unsettled_days", "agent_days", "agents", "queues")
DOCUMENTS = """DELETE FROM documents WHERE pk = ?1 AND (kind, id) IN
    (SELECT kind, id FROM documents WHERE pk = ?1 LIMIT ?2)"""


def contacts(connection: sqlite3.Connection, indexes: Indexes, partition: str, most: int) -> int:
    """See the port. Contacts go first, customers next, what counts them last."""
    found = connection.execute(FIND, (partition,)).fetchone()
    if found is None:
        return 0
    (number,) = found
    with _zeroing(connection):
        return (
            _rows(connection, "contacts", CONTACTS, keys_of_records, indexes.records, number, most)
            or _rows(
                connection, "subjects", SUBJECTS, keys_of_subjects, indexes.subjects, number, most
            )
            or _rest(connection, number)
        )


def documents(connection: sqlite3.Connection, partition: str, most: int) -> int:
    """See the port."""
    with _zeroing(connection):
        return connection.execute(DOCUMENTS, (partition, most)).rowcount


@contextmanager
def _zeroing(connection: sqlite3.Connection) -> "Iterator[None]":
    connection.execute("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.execute("PRAGMA secure_delete = FAST")


def _rows(
    connection: sqlite3.Connection,
    table: str,
    query: str,
    keys_of: Callable[[list[tuple[Any, ...]]], Ints],
    runs: Runs,
    number: int,
    most: int,
) -> int:
    rows = connection.execute(query, (number, most)).fetchall()
    if rows:
        ids = [row[0] for row in rows]
        runs.remove(connection, keys_of(rows), np.array(ids, np.int64))
        statement = f"DELETE FROM {table} WHERE id = ?"  # noqa: S608 - of two names of ours
        connection.executemany(statement, [(id,) for id in ids])
    return len(rows)


def _rest(connection: sqlite3.Connection, number: int) -> int:
    gone, span = 0, (number << 40, (number + 1) << 40)
    for table in NUMBERED:
        statement = f"DELETE FROM {table} WHERE id >= ? AND id < ?"  # noqa: S608 - names of ours
        gone += connection.execute(statement, span).rowcount
    for table in OWNED:
        statement = f"DELETE FROM {table} WHERE organization = ?"  # noqa: S608 - names of ours
        gone += connection.execute(statement, (number,)).rowcount
    gone += connection.execute("DELETE FROM organizations WHERE number = ?", (number,)).rowcount
    return gone
