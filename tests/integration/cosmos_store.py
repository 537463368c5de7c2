"""Contact stores on the Cosmos DB stand-in whose process can end, or stand still, at any write."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from portal.adapters.storage.cosmos import Address, Cosmos, CosmosContacts, CosmosDocuments
from portal.adapters.storage.cosmos.contacts_lease import Leases
from portal.adapters.storage.cosmos.container import Container, Item, Step
from portal.adapters.storage.cosmos.containers import CONTACTS, DOCUMENTS, PAGES
from portal.domain.shared.documents import Document, Write
from portal.domain.shared.fields import Kind
from tests.cosmos import stand_in
from tests.fakes.contacts import GAPS

T = TypeVar("T")


class EndedError(Exception):
    """The process is no more."""


class Life:
    """Lets `writes` writes through. The one behind them ends the process before or after it had
    its effect, or stands still until `released`; `stands` says that it does."""

    def __init__(self, writes: int, *, after: bool = False, still: bool = False) -> None:
        self.left = writes
        self.ended = False
        self.stands = asyncio.Event()
        self.released = asyncio.Event()
        self._after = after
        self._still = still

    async def write(self, work: Callable[[], Awaitable[T]]) -> T:
        self.check()
        self.left -= 1
        if self.left != -1:
            return await work()
        if self._still:
            self.stands.set()
            await self.released.wait()
            return await work()
        if self._after:
            await work()
        self.ended = True
        raise EndedError

    def check(self) -> None:
        if self.ended:
            raise EndedError


class MortalContainer(Container):
    """A container as that process uses it."""

    def __init__(self, inner: Container, life: Life) -> None:
        vars(self).update(vars(inner))
        self._life = life

    async def read(self, operation: str, partition: str, id: str) -> Item | None:
        self._life.check()
        return await super().read(operation, partition, id)

    async def query(
        self,
        operation: str,
        partition: str,
        text: str,
        values: Mapping[str, Any] | None = None,
        *,
        most: int,
    ) -> list[Any]:
        self._life.check()
        return await super().query(operation, partition, text, values, most=most)

    async def batch(self, operation: str, partition: str, steps: Sequence[Step]) -> tuple[str, ...]:
        batch = super().batch
        return await self._life.write(lambda: batch(operation, partition, steps))


class MortalDocuments(CosmosDocuments):
    """Documents as that process uses them."""

    def __init__(self, inner: CosmosDocuments, life: Life) -> None:
        vars(self).update(vars(inner))
        self._life = life

    async def get(self, partition: str, kind: Kind, id: str) -> Document | None:
        self._life.check()
        return await super().get(partition, kind, id)

    async def batch(self, partition: str, writes: Sequence[Write]) -> None:
        batch = super().batch
        await self._life.write(lambda: batch(partition, writes))


class Opened(NamedTuple):
    """A process's view of the store."""

    cosmos: Cosmos
    documents: CosmosDocuments
    contacts: CosmosContacts

    def container(self, name: str) -> Container:
        """The container of contacts or of pages, for looking behind the port."""
        return self.cosmos.container({"contacts": CONTACTS, "pages": PAGES}[name])

    def mortal(self, life: Life, *, minutes_ahead: int = 0) -> CosmosContacts:
        """The same store for another process of that life."""
        documents = MortalDocuments(CosmosDocuments(self.cosmos.container(DOCUMENTS)), life)
        contacts, pages = (
            MortalContainer(self.cosmos.container(one), life) for one in (CONTACTS, PAGES)
        )
        made = CosmosContacts(documents, contacts, pages, GAPS)
        return _ahead(made, contacts, minutes_ahead)


def _ahead(contacts: CosmosContacts, box: Container, minutes: int) -> CosmosContacts:
    """With a clock that is ahead, everybody else's lease is over, as if one had waited for it."""
    if minutes:
        ahead_ms = minutes * 60_000
        contacts._leases = Leases(box, lambda: time.time_ns() // 1_000_000 + ahead_ms)
    return contacts


async def opened(endpoint: str, database: str, *, minutes_ahead: int = 0) -> Opened:
    """The database, provisioned before."""
    cosmos = await Cosmos.open(Address(endpoint, database), stand_in.KEY, region="uk")
    documents = CosmosDocuments(cosmos.container(DOCUMENTS))
    box = cosmos.container(CONTACTS)
    contacts = CosmosContacts(documents, box, cosmos.container(PAGES), GAPS)
    return Opened(cosmos, documents, _ahead(contacts, box, minutes_ahead))
