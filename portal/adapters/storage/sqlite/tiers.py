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
# ruff: noqa: S608 - the names of tables are written below, in this file

import json
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

KEY_BITS = 63
NEW_BITS = 14
"""`_new` is emptied whenever so many rows (as a power of two) have come."""
RECENT_BITS = 15
PARTS_BITS = 4
"""A sixteenth of `_recent`, by key, moves on whenever 2 ** RECENT_BITS rows have come: each in its
turn, so that it has gathered 16 times as long, and a move changes few pages at once."""
PART_BITS = KEY_BITS - PARTS_BITS

ENTRIES = "SELECT tier.key, tier.id FROM json_each(?1) CROSS JOIN {} AS tier ON tier.key = value"
SELECT = """SELECT {} FROM json_each(?1) CROSS JOIN {} AS tier ON tier.key = value
    CROSS JOIN {} AS indexed ON indexed.id = tier.id WHERE {}"""


def record_key(organization: int, source: int, record: str) -> int:
    """What a record is found by."""
    message = f"{organization}|{source}|{record}".encode("utf-8", "surrogatepass")
    return hashed_key(blake2b(message, digest_size=8).digest())


def hashed_key(digest: bytes) -> int:
    """The first bits of what is a hash already."""
    return int.from_bytes(digest[:8], "big") >> 64 - KEY_BITS


class Tiers:
    """The index `name` over rows of `table`, whose ids grow by one from row to row."""

    def __init__(self, name: str, table: str) -> None:
        new, recent, settled = tiers = [f"{name}_{tier}" for tier in ("new", "recent", "settled")]
        part = f"FROM {recent} WHERE key BETWEEN ?1 AND ?2"
        self._table: Final = table
        self._tiers: Final = tiers
        self._add: Final = f"INSERT INTO {new} VALUES (?, ?)"
        self._refill: Final = f"INSERT INTO {settled} VALUES (?, ?)"
        self._empty_new: Final = (
            f"INSERT INTO {recent} SELECT key, id FROM {new} ORDER BY key, id",
            f"DELETE FROM {new}",
        )
        self._settle: Final = (
            f"INSERT INTO {settled} SELECT key, id {part} ORDER BY key, id",
            f"DELETE {part}",
        )
        self._empty: Final = [f"DELETE FROM {tier}" for tier in tiers]
        self._remove: Final = [f"{one} WHERE key = ? AND id = ?" for one in self._empty]
        sizes = " + ".join(f"(SELECT COUNT(*) FROM {tier})" for tier in tiers)
        self._is_as_long: Final = f"SELECT {sizes} = (SELECT COUNT(*) FROM {table})"
        self._entries: Final = " UNION ALL ".join(map(ENTRIES.format, tiers))

    def select(self, columns: str, condition: str) -> str:
        """A statement for the rows that have one of the keys in ?1, a JSON array, and meet the
        condition, whose parameters are numbered from ?2."""
        return " UNION ALL ".join(
            SELECT.format(columns, tier, self._table, condition) for tier in self._tiers
        )

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
