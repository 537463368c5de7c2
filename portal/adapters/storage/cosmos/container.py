"""One container: reads, queries and batches of one partition, with what they cost and how they
fail. The only place that calls the Cosmos client on items."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from azure.core.exceptions import AzureError
from azure.cosmos.aio import ContainerProxy

from portal.adapters.storage.cosmos import faults
from portal.adapters.storage.cosmos.charges import Charges

Item = dict[str, Any]
"""A stored item with what the service adds, of which only `_etag` is of use here."""
T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]

TRIES = 3
FIRST_PAUSE_S = 0.1


class CreateItem(NamedTuple):
    """Refused with 409 when the id is taken."""

    item: Item


class ReplaceItem(NamedTuple):
    """Refused with 404 when the item is gone, with 412 when its version is another."""

    item: Item
    etag: str


class UpsertItem(NamedTuple):
    """Writes whatever is there."""

    item: Item


class DeleteItem(NamedTuple):
    """Refused with 404 when the item is gone, with 412 when its version is not the given one;
    without one, whatever is there goes."""

    id: str
    etag: str | None = None


Step = CreateItem | ReplaceItem | UpsertItem | DeleteItem


def backoff(attempt: int) -> float:
    """Seconds to wait before the attempt after this one (from 0), spread so that writers who met
    do not meet again."""
    return FIRST_PAUSE_S * 2.0**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


class Container:
    """A container of items in partitions `pk`. The first argument of every call names the
    operation to which its request charge is added."""

    def __init__(
        self, proxy: ContainerProxy, charges: Charges, pause: Pause = asyncio.sleep
    ) -> None:
        self._proxy = proxy
        self._charges = charges
        self._pause = pause

    async def read(self, operation: str, partition: str, id: str) -> Item | None:
        """The item, None when there is none. Raises RateLimited or Unavailable."""

        async def once() -> Item | None:
            try:
                return dict(
                    await self._proxy.read_item(id, partition, response_hook=self._hook(operation))
                )
            except AzureError as error:
                if not faults.is_absent(error):
                    raise
                self._charges.record(operation, faults.headers_of(error))
                return None

        return await self._reading(operation, once)

    async def query(
        self,
        operation: str,
        partition: str,
        text: str,
        values: Mapping[str, Any] | None = None,
        *,
        most: int,
    ) -> list[Any]:
        """The first `most` answers of the query, in its order. `values` are its parameters by
        name; `@pk` is the partition, which the text is to ask for. Raises as `read`.

        The order must be total (ORDER BY a path that is unique in what is asked for): where to go
        on is the caller's to tell by its values, so that a cursor outlives this process.
        """
        parameters = _parameters(partition, values)

        async def once() -> list[Any]:
            found: list[Any] = []
            answers = self._proxy.query_items(
                text,
                parameters=parameters,
                partition_key=partition,
                max_item_count=most,
                response_hook=self._hook(operation),
            )
            async for item in answers:
                found.append(item)
                if len(found) >= most:
                    break
            return found

        return await self._reading(operation, once)

    async def each(
        self,
        operation: str,
        partition: str,
        text: str,
        values: Mapping[str, Any] | None = None,
        *,
        page: int = 500,
    ) -> AsyncIterator[Item]:
        """Every answer of the query, read page by page. What was given is not repeated when a
        page fails: it raises as `read`, and the caller begins again or gives up."""
        parameters = _parameters(partition, values)
        pages = self._proxy.query_items(
            text,
            parameters=parameters,
            partition_key=partition,
            max_item_count=page,
            response_hook=self._hook(operation),
        ).by_page()
        while True:
            try:
                items = [item async for item in await anext(pages)]
            except StopAsyncIteration:
                return
            except AzureError as error:
                self._charges.record(operation, faults.headers_of(error))
                raise faults.of_a_read(error) from None
            for item in items:
                yield item

    async def batch(self, operation: str, partition: str, steps: Sequence[Step]) -> tuple[str, ...]:
        """Does all steps or none, at most 100 of one partition; the new etags, empty for what was
        deleted.

        Raises Rejected, Ambiguous, RateLimited, TooLarge (2 MB in all) or Unavailable; after all
        but Ambiguous nothing was done, unless the client repeated the request by itself (see
        Rejected).
        """
        wanted = [_step(step) for step in steps]
        attempt = 0
        while True:
            try:
                answers = await self._proxy.execute_item_batch(
                    [(*step,) for step in wanted], partition, response_hook=self._hook(operation)
                )
            except AzureError as error:
                self._charges.record(operation, faults.headers_of(error))
                if faults.status_of(error) != faults.RETRY_WITH or attempt + 1 >= TRIES:
                    raise faults.of_a_write(error) from None
            else:
                return tuple(str(answer.get("eTag") or "") for answer in answers)
            await self._pause(backoff(attempt))
            attempt += 1

    async def _reading(self, operation: str, once: Callable[[], Awaitable[T]]) -> T:
        attempt = 0
        while True:
            try:
                return await once()
            except AzureError as error:
                self._charges.record(operation, faults.headers_of(error))
                if not faults.is_passing(error) or attempt + 1 >= TRIES:
                    raise faults.of_a_read(error) from None
            await self._pause(backoff(attempt))
            attempt += 1

    def _hook(self, operation: str) -> Callable[[Mapping[str, str], Any], None]:
        def record(headers: Mapping[str, str], _: Any) -> None:
            self._charges.record(operation, headers)

        return record


def _parameters(partition: str, values: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    named = {"@pk": partition, **(values or {})}
    return [{"name": name, "value": value} for name, value in named.items()]


def _step(step: Step) -> tuple[Any, ...]:
    match step:
        case CreateItem(item):
            return "create", (item,)
        case UpsertItem(item):
            return "upsert", (item,)
        case ReplaceItem(item, etag):
            return "replace", (item["id"], item), {"if_match_etag": etag}
        case DeleteItem(id, etag):
            return "delete", (id,), {"if_match_etag": etag} if etag else {}
