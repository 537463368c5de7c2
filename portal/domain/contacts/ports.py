"""What contacts need from outside: sources that read vendors' files, and a store that counts."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple, Protocol

from portal.domain.contacts.model import Gap, IgnoredRow, RejectedRow, SourceRecord, Timing


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

    def read(
        self, file: BinaryIO, options: SourceOptions
    ) -> Iterator[SourceRecord | RejectedRow | IgnoredRow]:
        """Yields the file's rows in order, in bounded memory. `file` need not be seekable.

        Raises UnusableFile when the whole cannot be read (empty, not text, cut-off document,
        another vendor's). A bad row never ends the reading.
        """
        ...
