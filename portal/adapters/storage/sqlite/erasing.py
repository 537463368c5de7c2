"""An organisation's contacts out of the file, with their entries in the indexes and their pages.

What goes is overwritten with zeros, also where its page of the file stays in use.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from portal.adapters.storage.sqlite.indexing import keys_of_records, keys_of_subjects
from portal.adapters.storage.sqlite.runs import Indexes
from portal.domain.contacts.pages import Ints

FIND = "SELECT number FROM organizations WHERE pk = ?"
CONTACTS = "SELECT id, organization, source, record FROM contacts WHERE organization = ? LIMIT ?"
SUBJECTS = "SELECT id, ref FROM subjects WHERE organization = ? LIMIT ?"
DROP_CONTACT = "DELETE FROM contacts WHERE id = ?"
DROP_SUBJECT = "DELETE FROM subjects WHERE id = ?"
NUMBERED = (
    "DELETE FROM pages WHERE id >= ? AND id < ?",
    "DELETE FROM page_agents WHERE id >= ? AND id < ?",
    "DELETE FROM page_values WHERE id >= ? AND id < ?",
)
OWNED = (
    "DELETE FROM unsettled_days WHERE organization = ?",
    "DELETE FROM agent_days WHERE organization = ?",
    "DELETE FROM agents WHERE organization = ?",
    "DELETE FROM queues WHERE organization = ?",
    "DELETE FROM organizations WHERE number = ?",
)
DOCUMENTS = """DELETE FROM documents WHERE pk = ?1 AND (kind, id) IN
    (SELECT kind, id FROM documents WHERE pk = ?1 LIMIT ?2)"""


def contacts(connection: sqlite3.Connection, indexes: Indexes, partition: str, most: int) -> int:
    """See the port. Contacts go first, customers next, what counts them last."""
    found = connection.execute(FIND, (partition,)).fetchone()
    if found is None:
        return 0
    (number,) = found
    with _zeroing(connection):
        rows = connection.execute(CONTACTS, (number, most)).fetchall()
        if rows:
            indexes.records.remove(connection, keys_of_records(rows), _ids(rows))
            connection.executemany(DROP_CONTACT, [row[:1] for row in rows])
            return len(rows)
        rows = connection.execute(SUBJECTS, (number, most)).fetchall()
        if rows:
            indexes.subjects.remove(connection, keys_of_subjects(rows), _ids(rows))
            connection.executemany(DROP_SUBJECT, [row[:1] for row in rows])
            return len(rows)
        span = number << 40, (number + 1) << 40
        gone = sum(connection.execute(one, span).rowcount for one in NUMBERED)
        return gone + sum(connection.execute(one, (number,)).rowcount for one in OWNED)


def documents(connection: sqlite3.Connection, partition: str, most: int) -> int:
    """See the port."""
    with _zeroing(connection):
        return connection.execute(DOCUMENTS, (partition, most)).rowcount


@contextmanager
def _zeroing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.execute("PRAGMA secure_delete = FAST")


def _ids(rows: Sequence[tuple[Any, ...]]) -> Ints:
    return np.array([row[0] for row in rows], np.int64)
