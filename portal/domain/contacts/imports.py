"""An import: a file on its way in, what became of its rows, and the rows that were kept back."""

from enum import StrEnum
from typing import NamedTuple

from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject

MOST_REJECTIONS = 1000
MOST_RAW_BYTES = 64 * 1024


class State(StrEnum):
    """The life of an import."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


ENDED = frozenset({State.COMPLETED, State.FAILED})


class Origin(StrEnum):
    """How the file came: an upload is kept until it is read; a command reads it where it lies."""

    UPLOAD = "upload"
    COMMAND = "command"


class Wanted(NamedTuple):
    """How to read a file. Without `settle` the days are left to be settled later, for many files
    in a row."""

    source: str
    file: str
    queue_extensions: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    settle: bool = True


class Rejection(NamedTuple):
    """A row kept back: its line in the file and why."""

    line: int
    reason: str


class Report(NamedTuple):
    """What became of the rows read so far; `rejections` are the first MOST_REJECTIONS."""

    accepted: int = 0
    corrected: int = 0
    unchanged: int = 0
    ignored: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()

    def rejecting(self, rejections: tuple[Rejection, ...]) -> "Report":
        """The report with more rows kept back."""
        room = MOST_REJECTIONS - len(self.rejections)
        return self._replace(
            rejected=self.rejected + len(rejections),
            rejections=self.rejections + rejections[: max(room, 0)],
        )


class Import(NamedTuple):
    """An import. `taken` is how many rows of the file are dealt with, `progress` the share of its
    bytes; `lease_ms` is until when its runner has it."""

    id: str
    source: str
    file: str
    origin: Origin
    state: State
    actor: str
    queue_extensions: tuple[str, ...]
    columns: tuple[str, ...]
    created_ms: int
    finished_ms: int | None
    lease_ms: int
    taken: int
    progress: float
    error: str | None
    report: Report


class Quarantined(NamedTuple):
    """A row kept back, opened: the file and line it came from, why, and its first 64 KiB."""

    id: str
    file: str
    source: str
    line: int
    reason: str
    at_ms: int
    raw: bytes


IMPORT = Kind(
    "import",
    (
        Field("source", Category.CONFIGURATION),
        Field("file", Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field("origin", Category.OPERATIONAL),
        Field("state", Category.OPERATIONAL),
        Field("actor", Category.IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("queue_extensions", Category.CONFIGURATION),
        Field("columns", Category.CONFIGURATION),
        Field("created_ms", Category.OPERATIONAL),
        Field("finished_ms", Category.OPERATIONAL),
        Field("lease_ms", Category.OPERATIONAL),
        Field("taken", Category.OPERATIONAL),
        Field("progress", Category.OPERATIONAL),
        Field("error", Category.OPERATIONAL),
        Field("report", Category.OPERATIONAL),
    ),
)
QUARANTINE = Kind(
    "quarantine",
    (
        Field("import", Category.IDENTIFIER),
        Field("file", Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field("source", Category.CONFIGURATION),
        Field("line", Category.OPERATIONAL),
        Field("reason", Category.OPERATIONAL),
        Field("at_ms", Category.OPERATIONAL),
        Field("raw", Category.FREE_TEXT, Subject.CUSTOMER, Erase.SHRED, sealed=True),
    ),
)
