"""What contacts need from outside: sources that read vendors' files, and a store that counts."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import BinaryIO, NamedTuple, Protocol, runtime_checkable

from portal.domain.contacts.model import (
    Channel,
    Contact,
    Customer,
    Direction,
    Gap,
    IgnoredRow,
    Outcome,
    RejectedRow,
    SourceRecord,
    Timing,
)
from portal.domain.contacts.pages import Cells, Ints, Page
from portal.domain.shared.documents import Write
from portal.domain.shared.sealing import Keyring


class SourceOptions(NamedTuple):
    """What a file cannot say of itself.

    `queue_extensions`: 3CX extensions that are queues. `columns`: 3CX columns in the order the
    administrator set, or None for the default order. `region`: ISO 3166 country for numbers
    written without a country code. `now_ms`: the present, to refuse records from the future.
    """

    queue_extensions: frozenset[str] = frozenset()
    columns: tuple[str, ...] | None = None
    region: str | None = None
    now_ms: int = 0


class Source(Protocol):
    """A vendor's format. `name` is its word on the command line and in addresses."""

    name: str
    title: str
    gaps: Mapping[Timing, Gap]

    def check(self, file: BinaryIO) -> None:
        """Reads as much of the file as it takes to know that it is whole. Raises UnusableFile.

        For files that can be read twice: `read` of a document that is cut off gives the rows
        before the break and a rejection, this refuses it before anything is stored.
        """
        ...

    def read(
        self, file: BinaryIO, options: SourceOptions
    ) -> Iterator[SourceRecord | RejectedRow | IgnoredRow]:
        """Yields the file's rows in order, in bounded memory. `file` need not be seekable.

        Raises UnusableFile when the whole cannot be read (empty, not text, cut-off document,
        another vendor's). A bad row never ends the reading.
        """
        ...


class Tenant(NamedTuple):
    """The organisation as the store needs it: its partition, its days, its keys."""

    partition: str
    time_zone: str
    keyring: Keyring


class Tally(NamedTuple):
    """What became of a batch's records. `conflicts` are records of the same version and id as a
    stored one but other content, which lost to it: their places in the batch."""

    accepted: int
    corrected: int
    unchanged: int
    ignored: int
    conflicts: tuple[int, ...]


def no_writes(_: Tally) -> Sequence[Write]:
    """Nothing to write beside the records."""
    return ()


class Batch(NamedTuple):
    """Records of one source, and the documents to be written with them, all or nothing; `writes`
    is told what became of the records."""

    source: str
    records: Sequence[SourceRecord]
    writes: Callable[[Tally], Sequence[Write]] = no_writes


class Standing(NamedTuple):
    """How far an organisation's contacts have come; instants in ms, 0 for never."""

    revision: int
    as_of_ms: int
    imported_at_ms: int


class QueueEntry(NamedTuple):
    """A queue with the store's number for it; without a key it stands for the contacts of its
    source that were in no queue."""

    number: int
    source: str
    key: str
    name: str


class AgentEntry(NamedTuple):
    """An agent with the store's number, opened."""

    number: int
    source: str
    key: str
    name: str


class DayPage(NamedTuple):
    """A day's page (day = proleptic ordinal of the local date) and its rollup rows. The page's
    values and agent cells are empty where they were not asked for."""

    day: int
    page: Page
    glance: Cells


class SlotPage(NamedTuple):
    """A quarter hour's page; slot = ms since 1970 // SLOT_MS."""

    slot: int
    page: Page


class Parts(NamedTuple):
    """Which parts of pages to read."""

    agents: bool = False
    values: bool = False


class Side(StrEnum):
    """Which instant puts a contact into a range."""

    ARRIVED = "arrived"
    ENDED = "ended"


class Box(NamedTuple):
    """Contacts of some queues (store numbers) on some channels; None: of all."""

    queues: frozenset[int] | None
    channels: frozenset[Channel] | None


class Selection(NamedTuple):
    """Stored contacts by range and properties; empty sets do not narrow. `within`: of at least one
    of the boxes; None does not narrow, no boxes leave nothing. Waits are ms:
    `wait_above` exclusive, unknown waits stay in; `wait_within` inclusive and `wait_under`
    exclusive, each needs a known wait. `handled` as the pages count it."""

    side: Side
    from_ms: int
    to_ms: int
    queues: frozenset[int] = frozenset()
    channels: frozenset[Channel] = frozenset()
    directions: frozenset[Direction] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    agent: int | None = None
    wait_above: int | None = None
    wait_within: int | None = None
    wait_under: int | None = None
    handled: bool = False
    transferred: bool = False
    with_customer: bool = False
    without_queues: frozenset[int] = frozenset()
    within: tuple[Box, ...] | None = None


class StoredContact(NamedTuple):
    """A stored contact, its customer opened."""

    id: int
    record: str
    leg: int
    source: str
    channel: Channel
    direction: Direction
    outcome: Outcome
    queue: int
    agent: int
    started_ms: int
    arrived_ms: int
    ended_ms: int | None
    wait_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    after_contact_work_ms: int | None
    transferred: bool | None
    customer: Customer | None


class Found(NamedTuple):
    """Contacts of a selection in the order of its side's instant."""

    contacts: tuple[StoredContact, ...]
    total: int
    next: str | None


class Moved(NamedTuple):
    """A stored contact on its way to another store: opened, with the numbers that the store gave
    to its queue, its agent (0 for none) and its customer (0 for nobody). `position` grows from one
    to the next in the order in which they leave; contacts of a record come one after the other."""

    position: int
    source: str
    record: str
    version: int
    contact: Contact
    queue: int
    agent: int
    customer: int


class Roll(NamedTuple):
    """The numbers an organisation's store has given out: queues and agents by number, how many
    customers, and where it stands."""

    queues: tuple[QueueEntry, ...]
    agents: tuple[AgentEntry, ...]
    customers: int
    standing: Standing


class Rebuilt(NamedTuple):
    """What a rebuild from contacts found: pages compared, and the names of those and of the store's
    indexes that differed."""

    contacts: int
    pages: int
    different: tuple[str, ...]


class Contacts(Protocol):
    """Contacts and their interval pages, kept in step in the same transaction."""

    async def ingest(self, tenant: Tenant, batch: Batch, *, now_ms: int) -> Tally:
        """Stores the records and counts them, with the batch's documents, or does nothing."""
        ...

    async def settle(self, tenant: Tenant) -> int:
        """Merges the days that changed into their pages; how many."""
        ...

    async def standing(self, partition: str) -> Standing:
        """Where the organisation stands now; another process's writes may show a moment later."""
        ...

    def glimpse(self, partition: str) -> Standing | None:
        """The same if it is known without asking the store anew, else None; microseconds."""
        ...

    async def queues(self, partition: str) -> tuple[QueueEntry, ...]:
        """The queues seen so far."""
        ...

    async def name_queues(self, partition: str, source: str, names: Mapping[str, str]) -> int:
        """Calls the source's queues by the given names (by key); how many were known."""
        ...

    async def agents(self, tenant: Tenant) -> tuple[AgentEntry, ...]:
        """The agents seen so far."""
        ...

    async def agent(self, tenant: Tenant, source: str, key: str) -> AgentEntry | None:
        """The agent whom the source knows by the key."""
        ...

    async def day_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[DayPage, ...]:
        """The pages of the days first..last that count anything, in order."""
        ...

    async def slot_pages(
        self, tenant: Tenant, first: int, last: int, parts: Parts
    ) -> tuple[SlotPage, ...]:
        """The pages of the slots first..last that count anything, in order."""
        ...

    async def agent_days(
        self, tenant: Tenant, agent: int, first: int, last: int
    ) -> tuple[tuple[int, Cells], ...]:
        """One agent's cells of the days first..last."""
        ...

    async def agent_cells(self, tenant: Tenant, agent: int, first: int, last: int) -> Cells:
        """The same of all the days together, a key as often as days have it."""
        ...

    async def facts(
        self, partition: str, side: Side, from_ms: int, to_ms: int
    ) -> tuple[Ints, Ints]:
        """Ids (n,) and fact matrix (n, len(Fact)) of the contacts whose instant lies in
        [from, to)."""
        ...

    async def by_ids(self, tenant: Tenant, ids: Sequence[int]) -> tuple[StoredContact, ...]:
        """The contacts of those ids, oldest arrival first."""
        ...

    async def find(
        self, tenant: Tenant, selection: Selection, *, cursor: str | None, limit: int
    ) -> Found:
        """The contacts of a selection."""
        ...

    async def rebuild(self, tenant: Tenant, *, verify: bool) -> Rebuilt:
        """Counts every contact again; `verify` only compares, else the pages are replaced."""
        ...


@runtime_checkable
class Leaving(Protocol):
    """A store of contacts from which an organisation can be taken elsewhere."""

    async def roll(self, tenant: Tenant) -> Roll:
        """The numbers given out so far."""
        ...

    def leaving(self, tenant: Tenant, *, after: int = 0) -> AsyncIterator[Sequence[Moved]]:
        """Every contact once, whole records at a time, from behind the position on; a position
        means something to the store that gave it only."""
        ...


@runtime_checkable
class Arriving(Leaving, Protocol):
    """A store of contacts to which an organisation can be brought, numbers and all."""

    async def prepare(self, tenant: Tenant, roll: Roll) -> None:
        """Gives the numbers of the roll. Conflict when others are given out already."""
        ...

    async def arrive(self, tenant: Tenant, moved: Sequence[Moved], writes: Sequence[Write]) -> None:
        """Stores and counts whole records under their numbers, and the documents with the last
        of them; records that are there are left as they are."""
        ...
