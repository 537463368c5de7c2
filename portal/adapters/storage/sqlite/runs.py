"""Indexes of random keys: sorted runs of (key, row id), searched for a whole batch at once.

Vendors' record ids and customers' blind indexes are random, so a B-tree over them changes a page
for nearly every row. Here the entries of a batch are one run, two sorted arrays in one blob.
Whenever FAN runs of about one size have gathered they become one of the next size, up to the
largest; so an entry is written four times at most, a few thousand together, and there are few runs.
Runs never change: one that is merged or loses an entry is deleted and written under a number that
was never used before. So a run read once may be kept in memory for as long as it is listed.

Most keys of an import are new. A filter in memory, a slot for each value of a key's first bits, is
marked with every key of every run listed so far. A key whose slot is not marked is in none of them;
any other is looked up.

A key is 64 bits of a hash. Whoever looks a key up compares what was hashed, so two rows of one key
are harmless. Every row has exactly one entry, in one run: entries are written and deleted in the
transaction of their rows.

No index keeps (organization, source, record, leg) of contacts and (organization, ref) of subjects
unique. `ingestion` does: it runs under the file's lock (BEGIN IMMEDIATE, so nobody writes between
its look-up and its commit), looks all of the batch up here, writes each record at most once after
deleting all its stored legs, and adds each subject that was not found once.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from portal.domain.contacts.pages import Ints

FAN = 8
"""So many runs of one size are merged."""
SMALL_BITS = 12
"""Runs of fewer entries (as a power of two) are of the smallest size, each next one is FAN times
as large."""
LARGE_BITS = 19
"""Runs of so many entries are merged no more, so that a merge takes a fraction of a second."""
MOST_KEPT = 1 << 23
"""So many entries of an index, of 16 bytes each, are kept in memory; the rest is read when some key
may be there."""
SLOTS_BITS = 4
"""A filter has so many times (as a power of two) as many slots as there are entries."""
CHUNK = 1 << 17
_ENTRY = np.dtype("<i8")

LIST = "SELECT id, length FROM {0}_runs ORDER BY id"
READ = "SELECT entries FROM {0}_runs WHERE id = ?"
ADD = "INSERT INTO {0}_runs (length, entries) VALUES (?, ?)"
DROP = "DELETE FROM {0}_runs WHERE id = ?"
EMPTY = "DELETE FROM {0}_runs"
LENGTHS = """SELECT (SELECT COUNT(*) FROM {1}) = COALESCE(SUM(length), 0)
    AND COALESCE(SUM(length * 16 <> LENGTH(entries)), 0) = 0 FROM {0}_runs"""


class Run(NamedTuple):
    """Entries in the order of their keys."""

    keys: Ints
    ids: Ints

    def found(self, wanted: Ints) -> "Run":
        """The entries that have one of the keys, which are in order."""
        first = np.searchsorted(self.keys, wanted)
        hit = self.keys[np.minimum(first, len(self.keys) - 1)] == wanted
        if not hit.any():
            return NO_ENTRIES
        first, last = first[hit], np.searchsorted(self.keys, wanted[hit], "right")
        places = _spans(first, last - first)
        return Run(self.keys[places], self.ids[places])


NO_ENTRIES = Run(np.zeros(0, np.int64), np.zeros(0, np.int64))


def record_keys(organization: int, source: int, records: Iterable[str]) -> Ints:
    """What each record is found by."""
    owner = f"{organization}|{source}|".encode()
    return hashed_keys(
        [
            blake2b(owner + record.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            for record in records
        ]
    )


def hashed_keys(digests: Sequence[bytes]) -> Ints:
    """The first bits of what are hashes already, all of one length, a multiple of 8 bytes."""
    if not digests:
        return NO_ENTRIES.keys
    words = np.frombuffer(b"".join(digests), ">i8").reshape(len(digests), -1)
    return words[:, 0].astype(np.int64)


class _Filter:
    """Slots by the first bits of a key, marked for the keys of the runs `seen`."""

    def __init__(self, entries: int) -> None:
        bits = max(entries, 1 << SMALL_BITS).bit_length() + SLOTS_BITS
        self.room: Final = 1 << bits - SLOTS_BITS
        self.seen: set[int] = set()
        self._shift: Final = np.uint64(64 - bits)
        self._slots: Final = np.zeros(1 << bits - 3, np.uint8)

    def mark(self, id: int, keys: Ints) -> None:
        """Marks the slots of a run's keys."""
        places, bits = self._places(keys)
        np.bitwise_or.at(self._slots, places, bits)
        self.seen.add(id)

    def may_have(self, keys: Ints) -> npt.NDArray[np.bool_]:
        """False where a key is in none of the runs."""
        places, bits = self._places(keys)
        found: npt.NDArray[np.bool_] = self._slots[places] & bits != 0
        return found

    def _places(self, keys: Ints) -> tuple[Ints, npt.NDArray[np.uint8]]:
        slots = (keys.view(np.uint64) >> self._shift).astype(np.int64)
        return slots >> 3, np.left_shift(1, slots & 7).astype(np.uint8)


class Runs:
    """The index `name` over rows of `table`. Keeps runs in memory: one for each store, used by one
    thread at a time."""

    def __init__(
        self, name: Literal["records", "subjects"], table: Literal["contacts", "subjects"]
    ) -> None:
        self._list: Final = LIST.format(name)
        self._read: Final = READ.format(name)
        self._add: Final = ADD.format(name)
        self._drop: Final = DROP.format(name)
        self._empty: Final = EMPTY.format(name)
        self._lengths: Final = LENGTHS.format(name, table)
        self._kept: dict[int, Run] = {}
        self._filter = _Filter(0)

    def find(self, connection: sqlite3.Connection, keys: Ints) -> Run:
        """The entries that have one of the keys. In a transaction that writes to the index, this
        comes first: what it keeps in memory must be committed."""
        listed = connection.execute(self._list).fetchall()
        self._keep(connection, listed)
        wanted = np.unique(keys)
        wanted = wanted[self._filter.may_have(wanted)]
        if len(wanted) == 0:
            return NO_ENTRIES
        return _joined([self._run(connection, id).found(wanted) for id, _ in listed])

    def _keep(self, connection: sqlite3.Connection, listed: Sequence[tuple[int, int]]) -> None:
        """Reads the runs that were not listed before, marks them and keeps the first ones."""
        size, kept = 0, dict[int, Run]()
        if (entries := sum(length for _, length in listed)) > self._filter.room:
            self._filter = _Filter(entries)
        for id, length in listed:
            size += length
            if size > MOST_KEPT and id in self._filter.seen:
                continue
            run = self._run(connection, id)
            if id not in self._filter.seen:
                self._filter.mark(id, run.keys)
            if size <= MOST_KEPT:
                kept[id] = run
        self._kept = kept

    def add(self, connection: sqlite3.Connection, keys: Ints, ids: Ints) -> None:
        """Adds the entries of new rows, and merges runs when it is time."""
        if len(keys) == 0:
            return
        self._write(connection, Run(keys, ids))
        while group := _due(connection.execute(self._list).fetchall()):
            merged = _joined([self._run(connection, id) for id in group])
            connection.executemany(self._drop, ((id,) for id in group))
            self._write(connection, merged)

    def remove(self, connection: sqlite3.Connection, keys: Ints, ids: Ints) -> None:
        """Removes the entries (key, id), wherever they are: nothing of them stays."""
        if len(keys) == 0:
            return
        wanted = np.unique(keys)
        for id, _ in connection.execute(self._list).fetchall():
            run = self._run(connection, id)
            if len(found := run.found(wanted).ids) and np.isin(found, ids).any():
                stays = ~(np.isin(run.keys, wanted) & np.isin(run.ids, ids))
                connection.execute(self._drop, (id,))
                self._write(connection, Run(run.keys[stays], run.ids[stays]))

    def is_as_long(self, connection: sqlite3.Connection) -> bool:
        """Whether there are as many entries as rows, and every run is whole and in order."""
        if not connection.execute(self._lengths).fetchone()[0]:
            return False
        listed = connection.execute(self._list).fetchall()
        runs = (self._run(connection, id).keys for id, _ in listed)
        return all(bool((keys[1:] >= keys[:-1]).all()) for keys in runs)

    def holding(self, connection: sqlite3.Connection, keys: Ints, ids: Ints) -> int:
        """How often the entries (key, id) are there, in all runs together."""
        wanted = set(zip(keys.tolist(), ids.tolist(), strict=True))
        found = self.find(connection, keys)
        return sum(
            entry in wanted for entry in zip(found.keys.tolist(), found.ids.tolist(), strict=True)
        )

    def empty(self, connection: sqlite3.Connection) -> None:
        """Removes all entries."""
        connection.execute(self._empty)

    def _run(self, connection: sqlite3.Connection, id: int) -> Run:
        run = self._kept.get(id)
        if run is None:
            (entries,) = connection.execute(self._read, (id,)).fetchone()
            numbers = np.frombuffer(entries, _ENTRY).reshape(2, -1)
            run = Run(numbers[0], numbers[1])
        return run

    def _write(self, connection: sqlite3.Connection, entries: Run) -> None:
        if len(entries.keys) == 0:
            return
        order = np.argsort(entries.keys, kind="stable")
        numbers = np.concatenate((entries.keys[order], entries.ids[order])).astype(_ENTRY)
        connection.execute(self._add, (len(order), numbers.tobytes()))


class Indexes:
    """Both indexes of one store."""

    def __init__(self) -> None:
        self.records: Final = Runs("records", "contacts")
        self.subjects: Final = Runs("subjects", "subjects")


def _due(runs: Iterable[tuple[int, int]]) -> list[int]:
    """The smallest runs of one size that are to be merged, if any are."""
    sizes: dict[int, list[int]] = {}
    for id, length in runs:
        if length < 1 << LARGE_BITS:
            above = length.bit_length() - SMALL_BITS
            sizes.setdefault(max(0, -(-above // (FAN.bit_length() - 1))), []).append(id)
    return next((sizes[size] for size in sorted(sizes) if len(sizes[size]) >= FAN), [])


def _joined(parts: Sequence[Run]) -> Run:
    return Run(
        np.concatenate([part.keys for part in parts]), np.concatenate([part.ids for part in parts])
    )


def _spans(first: Ints, lengths: Ints) -> Ints:
    """The places first, first + 1, ... of each span, one span after the other."""
    behind = np.cumsum(lengths)
    return np.repeat(first - behind + lengths, lengths) + np.arange(behind[-1])
