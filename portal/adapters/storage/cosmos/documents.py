"""`Documents` on Cosmos DB: an item for each document, a head for each partition.

An item holds the kind and id as one string `at` (`note/n-1`, no kind or id has a slash), so that a
kind is a range of one index in the order of its ids; `seq`, its place in the partition's feed;
`expires`, FOREVER for never; `ttl`, after which the service may remove it. What an item holds is
asked for in the parts of SQL that a test can run: ranges, equality, ORDER BY one path.
"""

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from portal.adapters.storage.cosmos import erasing
from portal.adapters.storage.cosmos.container import (
    Container,
    CreateItem,
    DeleteItem,
    Item,
    Pause,
    ReplaceItem,
    Step,
    UpsertItem,
    backoff,
)
from portal.adapters.storage.cosmos.faults import CONFLICT, NOT_FOUND, Ambiguous, Rejected
from portal.adapters.storage.cosmos.naming import item_id
from portal.adapters.storage.cosmos.sequences import HEAD_ID, Head
from portal.adapters.storage.shared.writing import check, encode_all, is_id, is_number
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
from portal.domain.shared.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotFound,
    RateLimited,
    Unavailable,
)
from portal.domain.shared.fields import Kind

FOREVER = 2**53 - 1
LATE_S = 300
"""Seconds that the service keeps an expired item beyond its end, so that two clocks that differ
never take away what one of them still sees."""
LONGEST_TTL = 2**31 - 1
TRIES = 20
UNTOLD_TRIES = 4
LONGEST_BACKOFF = 4  # about 1.6 s
UNTOLD = "The store did not say whether the change was made; look again."
LIVE = "c.pk = @pk AND c.at > @after AND c.at < @end AND c.expires > @now"
LIST = "SELECT c.at, c.body, c.expires, c._etag FROM c WHERE {where} ORDER BY c.at {order}"
COUNT = f"SELECT VALUE COUNT(1) FROM c WHERE {LIVE}"  # noqa: S608 - no value is in it
FEED = """SELECT c.at, c.body, c.seq FROM c
    WHERE c.pk = @pk AND c.seq > @after AND c.expires > @now ORDER BY c.seq"""


def _present() -> int:
    return time.time_ns() // 1_000_000


class _Batch(NamedTuple):
    """A batch on its way. `taken_over` are the etags of expired documents, by the place of the
    creation that takes their id."""

    partition: str
    writes: Sequence[Write]
    ticket: str
    now_ms: int
    taken_over: dict[int, str]

    def steps(self, head: Head) -> list[Step]:
        """The steps behind the head, which comes last: what is wrong with a write is told, also
        when the head moved on."""
        made = [self._step(place, head.last + place + 1) for place in range(len(self.writes))]
        return [*made, head.step(self.partition, head.after(len(self.writes), self.ticket))]

    def _step(self, place: int, seq: int) -> Step:
        write = self.writes[place]
        if isinstance(write, Delete):
            return DeleteItem(item_id(write.kind.name, write.id), _service_etag(write.etag))
        item = _item(self.partition, write, seq, self.now_ms)
        match write:
            case Upsert():
                return UpsertItem(item)
            case Replace(etag=etag):
                return ReplaceItem(item, _service_etag(etag))
        expired = self.taken_over.get(place)
        return ReplaceItem(item, expired) if expired else CreateItem(item)


class CosmosDocuments:
    """Documents in a container. `now_ms` decides what has expired."""

    def __init__(
        self,
        container: Container,
        now_ms: Callable[[], int] = _present,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._container = container
        self._now_ms = now_ms
        self._pause = pause
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._heads: dict[str, Head] = {}

    async def get(self, partition: str, kind: Kind, id: str) -> Document | None:
        """See the port."""
        if not is_id(id):
            return None
        item = await self._container.read("documents.get", partition, item_id(kind.name, id))
        return None if item is None or self._is_over(item) else _document(item)

    async def batch(self, partition: str, writes: Sequence[Write]) -> None:
        """See the port."""
        check(writes)
        if not writes:
            return
        encode_all(writes)
        for write in writes:
            if isinstance(write, Replace | Delete) and _end_of(write.etag) <= self._now_ms():
                raise NotFound(f"This {write.kind.name} does not exist.")
        async with self._turns[partition]:  # so that only other processes can be in the way
            batch = _Batch(partition, writes, secrets.token_hex(8), self._now_ms(), {})
            try:
                await self._commit(batch)
            except BaseException:
                self._heads.pop(partition, None)
                raise

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
        values = self._range(kind)
        if cursor:
            values["@end" if newest_first else "@after"] = f"{kind.name}/{cursor}"
        conditions = [LIVE]
        for place, (field, value) in enumerate((where or {}).items()):
            conditions.append(f'c.body["{field}"] = @field{place}')
            values[f"@field{place}"] = value
        text = LIST.format(where=" AND ".join(conditions), order="DESC" if newest_first else "ASC")
        items = await self._container.query(
            "documents.query", partition, text, values, most=limit + 1
        )
        found = tuple(_document(item) for item in items[:limit])
        return DocumentPage(found, found[-1].id if len(items) > limit else None)

    async def count(self, partition: str, kind: Kind) -> int:
        """See the port."""
        values = self._range(kind)
        [count] = await self._container.query("documents.count", partition, COUNT, values, most=1)
        return int(count)

    async def erase(self, partition: str, *, most: int) -> int:
        """See the port `Erasing`."""
        self._heads.pop(partition, None)
        return await erasing.partition(self._container, partition, most)

    async def changes(self, partition: str, *, after: str = "", limit: int = 100) -> Changes:
        """See the port."""
        if after and not is_number(after):
            raise InvalidInput("The cursor of the feed is not one of ours.")
        values = {"@after": int(after or 0), "@now": self._now_ms()}
        items = await self._container.query(
            "documents.changes", partition, FEED, values, most=limit
        )
        changes = tuple(Change(*_name(item), item["body"]) for item in items)
        return Changes(changes, str(items[-1]["seq"]) if items else after)

    async def _commit(self, batch: _Batch) -> None:
        """Does the batch once, however often that has to be tried."""
        known = self._heads.get(batch.partition)
        head = await self._head(batch.partition) if known is None else known
        untold = 0
        for attempt in range(TRIES):
            try:
                met = await self._try(batch, head)
            except Rejected as refused:
                if attempt and refused.index == len(batch.writes):
                    await self._pause(backoff(min(attempt, LONGEST_BACKOFF)))
                met = await self._met(batch)
                if not met.knows(batch.ticket) and refused.index < len(batch.writes):
                    await self._judge(batch, refused)
            except Ambiguous:
                untold += 1
                await self._pause(backoff(untold))
                met = await self._met(batch)
                in_sight = untold < UNTOLD_TRIES and met.tells_since(head)
                if not in_sight and not met.knows(batch.ticket):
                    raise Unavailable(UNTOLD) from None
            except RateLimited:
                if untold:
                    raise Unavailable(UNTOLD) from None
                raise
            if met.knows(batch.ticket):  # also when the client repeated what had been done
                self._heads[batch.partition] = met
                return
            head = met
        raise Conflict("Too many changes at once; try again.")

    async def _try(self, batch: _Batch, head: Head) -> Head:
        """Sends the batch; the new head."""
        steps = batch.steps(head)
        etags = await self._container.batch("documents.batch", batch.partition, steps)
        return head.after(len(batch.writes), batch.ticket)._replace(etag=etags[-1])

    async def _met(self, batch: _Batch) -> Head:
        """The head after a batch of which it is not sure that it was not done."""
        try:
            return await self._head(batch.partition)
        except DomainError:
            raise Unavailable(UNTOLD) from None

    async def _judge(self, batch: _Batch, refused: Rejected) -> None:
        """Raises what the refusal of a write means. Returns when it is to be tried again, because
        the id that a creation wants is free, or held by what has expired only."""
        write = batch.writes[refused.index]
        name, id = write.kind.name, item_id(write.kind.name, write.id)
        item = await self._container.read("documents.batch", batch.partition, id)
        present = item is not None and not self._is_over(item)
        if isinstance(write, Create):
            if present:
                raise Conflict(f"This {name} exists already.")
            batch.taken_over.pop(refused.index, None)
            if item is not None:
                batch.taken_over[refused.index] = item["_etag"]
            return
        if isinstance(write, Upsert) or refused.status == CONFLICT:
            return
        if refused.status == NOT_FOUND or not present:
            raise NotFound(f"This {name} does not exist.")
        raise Conflict(f"This {name} was changed by somebody else; load it again.")

    async def _head(self, partition: str) -> Head:
        return Head.of(await self._container.read("documents.head", partition, HEAD_ID))

    def _is_over(self, item: Item) -> bool:
        return bool(item["expires"] <= self._now_ms())

    def _range(self, kind: Kind) -> dict[str, Any]:
        """Every id of the kind: behind the slash and before the character that follows it."""
        return {"@after": f"{kind.name}/", "@end": f"{kind.name}0", "@now": self._now_ms()}


def _item(
    partition: str, write: Create | Replace | Upsert, seq: int, now_ms: int
) -> dict[str, Any]:
    end = write.expires_at_ms
    item = {
        "id": item_id(write.kind.name, write.id),
        "pk": partition,
        "at": f"{write.kind.name}/{write.id}",
        "seq": seq,
        "expires": FOREVER if end is None else end,
        "body": dict(write.body),
    }
    if end is not None:
        item["ttl"] = min(max(0, -((now_ms - end) // 1000)) + LATE_S, LONGEST_TTL)
    return item


def _document(item: Item) -> Document:
    end = None if item["expires"] == FOREVER else int(item["expires"])
    return Document(*_name(item), item["body"], _etag(item["_etag"], end), end)


def _name(item: Item) -> tuple[str, str]:
    """The kind and the id."""
    kind, _, id = item["at"].partition("/")
    return kind, id


def _etag(of_service: str, end: int | None) -> str:
    """The version as callers see it: plain characters, and the end of what expires, so that a
    change of what is over by then is refused without reading it again."""
    bare = of_service.strip('"')
    told = f"q{bare}" if of_service != bare else f"p{bare}"
    return told if end is None else f"{told}~{end}"


def _service_etag(told: str) -> str:
    bare = told.partition("~")[0]
    return f'"{bare[1:]}"' if bare.startswith("q") else bare[1:]


def _end_of(told: str) -> int:
    """When the version that was read expires; FOREVER also for what no store gave out."""
    end = told.partition("~")[2]
    return int(end) if is_number(end) else FOREVER
