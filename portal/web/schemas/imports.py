"""Contact files on their way in: how to read them, how far they are, what was rejected."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from portal.web.schemas.base import Answer, Request


class ImportQuery(Request):
    """How to read the body of an import."""

    source: Annotated[str, Field(description="amazon-connect, genesys, three-cx or teams")]
    organization: str | None = None
    queue_extensions: Annotated[
        str | None, Field(description="3CX queue extensions, comma-separated")
    ] = None
    columns: Annotated[str | None, Field(description="3CX columns in order, comma-separated")] = (
        None
    )
    file_name: Annotated[
        str | None, StringConstraints(max_length=255), Field(description="Shown in the report")
    ] = None


class Rejection(Answer):
    """A row kept back, and why."""

    file: str
    line: int
    reason: str


class ImportReport(Answer):
    """What became of the rows; the same counts as the command line prints."""

    accepted: int
    corrected: int
    unchanged: int
    ignored: int
    rejected: int
    rejections: Annotated[list[Rejection], Field(description="The first 1,000")]


class ImportState(StrEnum):
    """The life of an import."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class ImportStatus(ImportReport):
    """An import with its progress."""

    id: str
    source: str
    file: str
    state: ImportState
    progress: Annotated[float, Field(ge=0, le=1, description="Share of the file's bytes read")]
    created_at: AwareDatetime
    finished_at: AwareDatetime | None
    error: Annotated[str | None, Field(description="Why the file was unusable")]


class ImportList(Answer):
    """The organisation's imports, newest first."""

    imports: list[ImportStatus]
