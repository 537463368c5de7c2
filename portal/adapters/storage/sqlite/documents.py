"""`Documents` on SQLite: compare-and-swap by etag, a feed by a sequence number."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.adapters.storage.shared.writing import check, encode_all, is_id, is_number
from portal.adapters.storage.sqlite import erasing
from portal.adapters.storage.sqlite.database import Database
from portal.domain.shared.documents import (
    Change,
    Changes,
    Create,
    Delete,
    Document,
    DocumentPage,
    Replace,
    Upsert,
    Write,
)
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.shared.fields import Kind

GET = """SELECT id, body, etag, expires_at FROM documents
    WHERE pk = ? AND kind = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)"""
CREATE = """INSERT INTO documents (pk, kind, id, body, etag, expires_at, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pk, kind, id) DO UPDATE SET
    body = excluded.body, etag = excluded.etag, expires_at = excluded.expires_at,
    seq = excluded.seq WHERE documents.expires_at <= ? RETURNING etag"""
UPSERT = """INSERT INTO documents (pk, kind, id, body, etag, expires_at, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pk, kind, id) DO UPDATE SET
    body = excluded.body, etag = excluded.etag, expires_at = excluded.expires_at,
    seq = excluded.seq"""
REPLACE = """UPDATE documents SET body = ?, etag = ?, expires_at = ?, seq = ?
    WHERE pk = ? AND kind = ? AND id = ? AND etag = ?
    AND (expires_at IS NULL OR expires_at > ?) RETURNING etag"""
DELETE = """DELETE FROM documents WHERE pk = ? AND kind = ? AND id = ? AND etag = ?
    AND (expires_at IS NULL OR expires_at > ?) RETURNING etag"""
LIST = """SELECT id, body, etag, expires_at FROM documents
    WHERE pk = :pk AND kind = :kind AND id > :after
    AND (expires_at IS NULL OR expires_at > :now)
    AND NOT EXISTS (SELECT 1 FROM json_each(:where) AS wanted
        WHERE json_extract(body, '$."' || wanted.key || '"') IS NOT wanted.value)
    ORDER BY id LIMIT :limit"""
LIST_NEWEST = """SELECT id, body, etag, expires_at FROM documents
    WHERE pk = :pk AND kind = :kind AND (:after = '' OR id < :after)
    AND (expires_at IS NULL OR expires_at > :now)
    AND NOT EXISTS (SELECT 1 FROM json_each(:where) AS wanted
        WHERE json_extract(body, '$."' || wanted.key || '"') IS NOT wanted.value)
    ORDER BY id DESC LIMIT :limit"""
COUNT = """SELECT COUNT(*) FROM documents WHERE pk = ? AND kind = ?
    AND (expires_at IS NULL OR expires_at > ?)"""
FEED = """SELECT kind, id, body, seq FROM documents WHERE pk = ? AND seq > ?
    AND (expires_at IS NULL OR expires_at > ?) ORDER BY seq LIMIT ?"""


def _present() -> int:
    return time.time_ns() // 1_000_000


class SqliteDocuments:
    """Documents in the table `documents`. `now_ms` decides what has expired."""

    def __init__(self, database: Database, now_ms: Callable[[], int] = _present) -> None:
        self._database = database
        self._now_ms = now_ms

    async def get(self, partition: str, kind: Kind, id: str) -> Document | None:
        """See the port."""
        if not is_id(id):
            return None
        now = self._now_ms()

        def work(connection: sqlite3.Connection) -> Document | None:
            row = connection.execute(GET, (partition, kind.name, id, now)).fetchone()
            return _document(kind, row) if row else None

        return await self._database.read(work)

    async def batch(self, partition: str, writes: Sequence[Write]) -> None:
        """See the port."""
        check(writes)
        now = self._now_ms()
        await self._database.write(lambda connection: apply(connection, partition, writes, now))

    async def query(
        self,
        partition: str,
        kind: Kind,
        *,
        where: Mapping[str, str | int] | None = None,
        cursor: str | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> DocumentPage:
        """See the port."""
        unknown = set(where or ()) - kind.names
        if unknown:
            raise InvalidInput(f"{kind.name} has no field {', '.join(sorted(unknown))}")
        values = {
            "pk": partition,
            "kind": kind.name,
            "after": cursor or "",
            "now": self._now_ms(),
            "where": json.dumps(dict(where or {})),
            "limit": limit + 1,
        }
        statement = LIST_NEWEST if newest_first else LIST
        rows = await self._database.read(lambda c: c.execute(statement, values).fetchall())
        more = rows[limit - 1][0] if len(rows) > limit else None
        return DocumentPage(tuple(_document(kind, row) for row in rows[:limit]), more)

    async def count(self, partition: str, kind: Kind) -> int:
        """See the port."""
        values = (partition, kind.name, self._now_ms())
        (count,) = await self._database.read(lambda c: c.execute(COUNT, values).fetchone())
        return int(count)

    async def erase(self, partition: str, *, most: int) -> int:
        """See the port `Erasing`."""
        return await self._database.write(lambda c: erasing.documents(c, partition, most))

    async def compact(self) -> None:
        """See the port `Compacting`; contacts lie in the same file."""
        await self._database.compact()

    async def changes(self, partition: str, *, after: str = "", limit: int = 100) -> Changes:
        """See the port."""
        if after and not is_number(after):
            raise InvalidInput("The cursor of the feed is not one of ours.")
        now = self._now_ms()
        rows = await self._database.read(
            lambda c: c.execute(FEED, (partition, int(after or 0), now, limit)).fetchall()
        )
        changes = tuple(Change(kind, id, json.loads(body)) for kind, id, body, _ in rows)
        return Changes(changes, str(rows[-1][3]) if rows else after)


def apply(
    connection: sqlite3.Connection, partition: str, writes: Sequence[Write], now: int
) -> None:
    """Applies checked writes inside the caller's transaction."""
    for write, body in zip(writes, encode_all(writes), strict=True):
        (seq,) = connection.execute("UPDATE feed SET seq = seq + 1 RETURNING seq").fetchone()
        key = (partition, write.kind.name, write.id)
        if isinstance(write, Delete):
            done = connection.execute(DELETE, (*key, write.etag, now)).fetchone()
        else:
            done = _put(connection, write, body, key, now, seq)
        if done is None:
            _refuse(connection, write, key, now)


def _put(
    connection: sqlite3.Connection,
    write: Create | Replace | Upsert,
    body: str,
    key: tuple[str, str, str],
    now: int,
    seq: int,
) -> Any:
    etag = secrets.token_hex(8)
    if isinstance(write, Replace):
        change = (body, etag, write.expires_at_ms, seq, *key, write.etag, now)
        return connection.execute(REPLACE, change).fetchone()
    values = (*key, body, etag, write.expires_at_ms, seq)
    if isinstance(write, Create):
        return connection.execute(CREATE, (*values, now)).fetchone()
    connection.execute(UPSERT, values)
    return etag


def _refuse(
    connection: sqlite3.Connection, write: Write, key: tuple[str, str, str], now: int
) -> None:
    present = connection.execute(GET, (*key, now)).fetchone()
    if isinstance(write, Create):
        raise Conflict(f"This {write.kind.name} exists already.")
    if present is None:
        raise NotFound(f"This {write.kind.name} does not exist.")
    raise Conflict(f"This {write.kind.name} was changed by somebody else; load it again.")


def _document(kind: Kind, row: tuple[str, str, str, int | None]) -> Document:
    id, body, etag, expires_at = row
    return Document(kind.name, id, json.loads(body), etag, expires_at)
