"""One SQLite file: a writer thread that owns the only writing connection, and reader threads.

sqlite3 is synchronous, so each call runs in a thread. Several processes may share the file (the
command line beside the service): writes take the file's lock for their short transaction and wait
for each other up to BUSY_SECONDS.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from portal.domain.shared.errors import Unavailable

T = TypeVar("T")

SCHEMA = Path(__file__).with_name("schema.sql")
SCHEMA_VERSION = 3
BUSY_SECONDS = 30
READERS = 2


class Database:
    """The file at `path`, made when absent, for one region only.

    Raises Unavailable when the file cannot be opened, is no store, or belongs to another region or
    to a newer version.
    """

    def __init__(self, path: Path, region: str) -> None:
        self.path = path
        self.region = region
        self.writes = 0
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            self._write_connection = self._connect()
            self._loop_connection = self._connect()
            self._prepare(self._write_connection)
        except (OSError, sqlite3.DatabaseError) as error:
            self.close()
            reason = getattr(error, "strerror", None) or error
            raise Unavailable(f"The store {path} cannot be opened: {reason}.") from error
        except BaseException:
            self.close()
            raise

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs the work on a reader thread, on one snapshot of the file."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs the work as one transaction on the writer thread: all of it or nothing.

        A cancelled caller does not stop a transaction that began.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._write, work)

    async def compact(self) -> None:
        """Writes the file anew without what was deleted from it. Nobody writes meanwhile; readers
        go on. The new file is made on the disk, not in memory, where sorting is done."""

        def work() -> None:
            connection = self._write_connection
            connection.execute("PRAGMA temp_store = FILE")
            try:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.execute("PRAGMA temp_store = MEMORY")

        await asyncio.get_running_loop().run_in_executor(self._writer, work)

    def glance(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs look-ups by primary key right here, on one snapshot: microseconds, for the event
        loop only."""
        return _snapshot(self._loop_connection, work)

    async def is_ready(self) -> bool:
        """Whether the file answers."""
        return await self.read(lambda c: bool(c.execute("SELECT 1").fetchone()))

    def close(self) -> None:
        """Waits for what began, then closes every connection."""
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with self._lock:
            self._opened.append(connection)
        for pragma in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA secure_delete = FAST",
            "PRAGMA cache_size = -131072",
            "PRAGMA mmap_size = 2147418112",
            "PRAGMA wal_autocheckpoint = 16000",
            "PRAGMA temp_store = MEMORY",
        ):
            connection.execute(pragma)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in SCHEMA.read_text(encoding="utf-8").split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute("INSERT INTO store VALUES (1, ?)", (self.region,))
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version > SCHEMA_VERSION:
                raise Unavailable(
                    "The data directory was written by a newer version; upgrade first."
                )
            elif version < SCHEMA_VERSION:
                raise Unavailable(
                    "The data directory was written by a version before the first release; "
                    "choose another SWITCHROOM_DATA_DIR and import its files again."
                )
            (region,) = connection.execute("SELECT region FROM store").fetchone()
            if region != self.region:
                raise Unavailable(
                    f"The data directory belongs to region {region}, not {self.region}; "
                    "set SWITCHROOM_REGION or choose another SWITCHROOM_DATA_DIR."
                )
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return _snapshot(connection, work)

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._write_connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        self.writes += 1
        return result


def _snapshot(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("COMMIT")
