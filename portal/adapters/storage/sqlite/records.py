"""The index of contacts by their record, in three tiers of one shape.

Vendors' record ids are random, so an index over them changes a page for nearly every contact: in
one tree of millions of records each page is read, logged and copied back for one entry. Here a new
entry goes into `records_new`, which is so small that a batch fills its pages; from there entries
move on, many to a page, to `records_recent` and at last to `records_settled`, which alone grows.

An entry is (key, contact): 63 bits of BLAKE2b over organisation, source and record id, and the row
in `contacts`. Whoever looks a key up compares the record itself, so two records of one key are
harmless. Every contact has exactly one entry, in one of the tiers: entries are written, moved and
deleted in the transaction of their contacts.

No index keeps (organization, source, record, leg) unique. `ingestion` does: it runs under the
file's lock (BEGIN IMMEDIATE, so nobody writes between its look-up and its commit), looks every
record of the batch up here, writes each at most once, and deletes all stored legs of those it
writes.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b

TIERS = ("records_new", "records_recent", "records_settled")
KEY_BITS = 63
NEW_BITS = 14
"""`records_new` is emptied whenever so many contacts (as a power of two) have come."""
RECENT_BITS = 15
PARTS_BITS = 4
"""A sixteenth of `records_recent`, by key, moves on whenever 2 ** RECENT_BITS contacts have come:
each in its turn, so that it has gathered 16 times as long, and a move changes few pages at once."""
PART_BITS = KEY_BITS - PARTS_BITS
CHUNK = 20_000

_SIXTEENTH = " FROM records_recent WHERE key BETWEEN ? AND ?"
ADD = "INSERT INTO records_new VALUES (?, ?)"
EMPTY_NEW = (
    "INSERT INTO records_recent SELECT key, contact FROM records_new ORDER BY key, contact",
    "DELETE FROM records_new",
)
SETTLE = (
    f"INSERT INTO records_settled SELECT key, contact{_SIXTEENTH} ORDER BY key, contact",
    f"DELETE{_SIXTEENTH}",
)
FIND = " UNION ALL ".join(
    f"SELECT contact FROM json_each(?1) CROSS JOIN {tier} ON {tier}.key = value"  # noqa: S608
    for tier in TIERS
)
DELETE = tuple(f"DELETE FROM {tier} WHERE key = ? AND contact = ?" for tier in TIERS)  # noqa: S608
COUNT = " + ".join(f"(SELECT COUNT(*) FROM {tier})" for tier in TIERS)  # noqa: S608
SAME_SIZE = f"SELECT {COUNT} = (SELECT COUNT(*) FROM contacts)"  # noqa: S608
HOLDING = """SELECT COUNT(*) FROM json_each(?1) CROSS JOIN {} AS tier
    ON tier.key = value ->> 0 AND contact = value ->> 1"""
MATCHING = f"SELECT {' + '.join(f'({HOLDING.format(tier)})' for tier in TIERS)}"
RECORDS = "SELECT source, record, id FROM contacts WHERE organization = ? ORDER BY id"
ALL_RECORDS = "SELECT organization, source, record, id FROM contacts"
EMPTY = tuple(f"DELETE FROM {tier}" for tier in TIERS)  # noqa: S608
REFILL = "INSERT INTO records_settled VALUES (?, ?)"


def key(organization: int, source: int, record: str) -> int:
    """What a record is found by."""
    message = f"{organization}|{source}|{record}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(message, digest_size=8).digest(), "big") >> 64 - KEY_BITS


def find(connection: sqlite3.Connection, keys: Iterable[int]) -> list[int]:
    """The contacts that have one of the keys: those of the records, and rarely of others."""
    return [id for (id,) in connection.execute(FIND, (json.dumps(sorted(keys)),))]


def add(connection: sqlite3.Connection, entries: Sequence[tuple[int, int]]) -> None:
    """Adds the entries of new contacts, whose rows are the next in order, and moves older ones on
    when it is time."""
    if not entries:
        return
    connection.executemany(ADD, sorted(entries))
    first, last = entries[0][1] - 1, entries[-1][1]
    if first >> NEW_BITS != last >> NEW_BITS:
        for statement in EMPTY_NEW:
            connection.execute(statement)
    if first >> RECENT_BITS != last >> RECENT_BITS:
        low = (last >> RECENT_BITS) % (1 << PARTS_BITS) << PART_BITS
        for statement in SETTLE:
            connection.execute(statement, (low, low + (1 << PART_BITS) - 1))


def remove(connection: sqlite3.Connection, entries: Sequence[tuple[int, int]]) -> None:
    """Removes the entries, whichever tier they are in."""
    if entries:
        for statement in DELETE:
            connection.executemany(statement, entries)


def is_sound(connection: sqlite3.Connection, organization: int) -> bool:
    """Whether each contact of the organisation has one entry, and nothing else has."""
    (sound,) = connection.execute(SAME_SIZE).fetchone()
    cursor = connection.execute(RECORDS, (organization,))
    while sound and (rows := cursor.fetchmany(CHUNK)):
        entries = [(key(organization, source, record), id) for source, record, id in rows]
        (matching,) = connection.execute(MATCHING, (json.dumps(sorted(entries)),)).fetchone()
        sound = matching == len(rows)
    return bool(sound)


def refill(connection: sqlite3.Connection) -> None:
    """Makes the index of every organisation anew."""
    for statement in EMPTY:
        connection.execute(statement)
    rows = connection.execute(ALL_RECORDS)
    connection.executemany(
        REFILL,
        ((key(organization, source, record), id) for organization, source, record, id in rows),
    )
