"""Indexes of random keys, each in three tiers of one shape.

Vendors' record ids and customers' blind indexes are random, so an index over them changes a page
for nearly every row: in one tree of millions each page is read, logged and copied back for one
entry. Here a new entry goes into the tier `_new`, which is so small that a batch fills its pages;
from there entries move on, many to a page, to `_recent` and at last to `_settled`, which alone
grows.

An entry is (key, id): 63 bits of a hash and the row it is of. Whoever looks a key up compares what
was hashed, so two rows of one key are harmless. Every row has exactly one entry, in one of the
tiers: entries are written, moved and deleted in the transaction of their rows.

No index keeps (organization, source, record, leg) of contacts and (organization, ref) of subjects
unique. `ingestion` does: it runs under the file's lock (BEGIN IMMEDIATE, so nobody writes between
its look-up and its commit), looks all of the batch up here, writes each record at most once after
deleting all its stored legs, and adds each subject that was not found once.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, Literal

TIERS = ("new", "recent", "settled")
KEY_BITS = 63
NEW_BITS = 14
"""`_new` is emptied whenever so many rows (as a power of two) have come."""
RECENT_BITS = 15
PARTS_BITS = 4
"""A sixteenth of `_recent`, by key, moves on whenever 2 ** RECENT_BITS rows have come: each in its
turn, so that it has gathered 16 times as long, and a move changes few pages at once."""
PART_BITS = KEY_BITS - PARTS_BITS

# The statements of an index, for its name and the table that it indexes.
ADD = "INSERT INTO {0}_new VALUES (?, ?)"
REFILL = "INSERT INTO {0}_settled VALUES (?, ?)"
EMPTY = ("DELETE FROM {0}_new", "DELETE FROM {0}_recent", "DELETE FROM {0}_settled")
REMOVE = tuple(statement + " WHERE key = ? AND id = ?" for statement in EMPTY)
EMPTY_NEW = (
    "INSERT INTO {0}_recent SELECT key, id FROM {0}_new ORDER BY key, id",
    "DELETE FROM {0}_new",
)
SETTLE = (
    """INSERT INTO {0}_settled SELECT key, id FROM {0}_recent WHERE key BETWEEN ? AND ?
    ORDER BY key, id""",
    "DELETE FROM {0}_recent WHERE key BETWEEN ? AND ?",
)
IS_AS_LONG = """SELECT (SELECT COUNT(*) FROM {1}) = (SELECT COUNT(*) FROM {0}_new)
    + (SELECT COUNT(*) FROM {0}_recent) + (SELECT COUNT(*) FROM {0}_settled)"""
ENTRIES_OF_TIER = """SELECT tier.key, tier.id FROM json_each(?1)
    CROSS JOIN {0}_TIER AS tier ON tier.key = value"""
ROWS_OF_TIER = """SELECT {2} FROM json_each(?1) CROSS JOIN {0}_TIER AS tier ON tier.key = value
    CROSS JOIN {1} AS indexed ON indexed.id = tier.id WHERE {3}"""
ENTRIES, ROWS = (
    " UNION ALL ".join(statement.replace("TIER", tier) for tier in TIERS)
    for statement in (ENTRIES_OF_TIER, ROWS_OF_TIER)
)


def record_key(organization: int, source: int, record: str) -> int:
    """What a record is found by."""
    message = f"{organization}|{source}|{record}".encode("utf-8", "surrogatepass")
    return hashed_key(blake2b(message, digest_size=8).digest())


def hashed_key(digest: bytes) -> int:
    """The first bits of what is a hash already."""
    return int.from_bytes(digest[:8], "big") >> 64 - KEY_BITS


class Tiers:
    """The index `name` over rows of `table`, whose ids grow by one from row to row."""

    def __init__(
        self, name: Literal["records", "subjects"], table: Literal["contacts", "subjects"]
    ) -> None:
        self._names: Final = (name, table)
        self._add: Final = ADD.format(name)
        self._refill: Final = REFILL.format(name)
        self._empty_new: Final = [statement.format(name) for statement in EMPTY_NEW]
        self._settle: Final = [statement.format(name) for statement in SETTLE]
        self._empty: Final = [statement.format(name) for statement in EMPTY]
        self._remove: Final = [statement.format(name) for statement in REMOVE]
        self._is_as_long: Final = IS_AS_LONG.format(name, table)
        self._entries: Final = ENTRIES.format(name)

    def select(self, columns: str, condition: str) -> str:
        """A statement for the rows that have one of the keys in ?1, a JSON array, and meet the
        condition, whose parameters are numbered from ?2. Columns and condition are written in the
        program, never read from anywhere."""
        return ROWS.format(*self._names, columns, condition)

    def add(self, connection: sqlite3.Connection, entries: Sequence[tuple[int, int]]) -> None:
        """Adds the entries of new rows, which are in the order of their ids, and moves older
        entries on when it is time."""
        if not entries:
            return
        connection.executemany(self._add, sorted(entries))
        before, last = entries[0][1] - 1, entries[-1][1]
        if before >> NEW_BITS != last >> NEW_BITS:
            for statement in self._empty_new:
                connection.execute(statement)
        if before >> RECENT_BITS != last >> RECENT_BITS:
            low = (last >> RECENT_BITS) % (1 << PARTS_BITS) << PART_BITS
            for statement in self._settle:
                connection.execute(statement, (low, low + (1 << PART_BITS) - 1))

    def remove(self, connection: sqlite3.Connection, entries: Sequence[tuple[int, int]]) -> None:
        """Removes the entries, whichever tiers they are in."""
        if entries:
            for statement in self._remove:
                connection.executemany(statement, entries)

    def is_as_long(self, connection: sqlite3.Connection) -> bool:
        """Whether there are as many entries as rows."""
        return bool(connection.execute(self._is_as_long).fetchone()[0])

    def holding(self, connection: sqlite3.Connection, entries: Iterable[tuple[int, int]]) -> int:
        """How often the entries are there, in all tiers together."""
        wanted = set(entries)
        keys = json.dumps(sorted({key for key, _ in wanted}))
        return sum(entry in wanted for entry in connection.execute(self._entries, (keys,)))

    def refill(self, connection: sqlite3.Connection, entries: Iterable[tuple[int, int]]) -> None:
        """Replaces all entries."""
        for statement in self._empty:
            connection.execute(statement)
        connection.executemany(self._refill, entries)


RECORDS = Tiers("records", "contacts")
SUBJECTS = Tiers("subjects", "subjects")
