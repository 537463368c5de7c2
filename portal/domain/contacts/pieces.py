"""Rows taken from a file together, to be stored as one batch, and what became of them."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from portal.domain.contacts.imports import Rejection, Report
from portal.domain.contacts.model import IgnoredRow, RejectedRow, SourceRecord
from portal.domain.contacts.ports import Tally

BATCH_RECORDS = 2000
BATCH_REJECTIONS = 60
CONFLICT = (
    "another record with the same id and version but other content is stored; "
    "export it again from its source"
)

Row = SourceRecord | RejectedRow | IgnoredRow


class Piece(NamedTuple):
    """Rows taken from a file together."""

    records: list[SourceRecord]
    rejected: list[RejectedRow]
    ignored: int
    ended: bool

    @property
    def rows(self) -> int:
        """How many rows of the file these are."""
        return len(self.records) + len(self.rejected) + self.ignored


def take(rows: Iterator[Row], skip: int) -> Piece:
    """The next rows, after leaving out those an earlier run dealt with."""
    for _ in range(skip):
        if next(rows, None) is None:
            break
    records: list[SourceRecord] = []
    rejected: list[RejectedRow] = []
    ignored = 0
    for row in rows:
        if isinstance(row, SourceRecord):
            records.append(row)
        elif isinstance(row, RejectedRow):
            rejected.append(row)
        else:
            ignored += 1
        if len(records) + ignored >= BATCH_RECORDS or len(rejected) >= BATCH_REJECTIONS:
            return Piece(records, rejected, ignored, ended=False)
    return Piece(records, rejected, ignored, ended=True)


def lost(records: Sequence[SourceRecord], lines: Sequence[int]) -> list[RejectedRow]:
    """The records of those lines as rows kept back, in our own notation."""
    if not lines:
        return []
    wanted = set(lines)
    return [
        RejectedRow(
            record.line,
            CONFLICT,
            json.dumps([contact._asdict() for contact in record.contacts], default=str).encode(),
        )
        for record in records
        if record.line in wanted
    ]


def counted(report: Report, piece: Piece, tally: Tally, lost: Sequence[RejectedRow]) -> Report:
    """The report with a piece more, of which `lost` were kept back for a conflict."""
    rejections = tuple(Rejection(row.line, row.reason) for row in (*piece.rejected, *lost))
    return report._replace(
        accepted=report.accepted + tally.accepted,
        corrected=report.corrected + tally.corrected,
        unchanged=report.unchanged + tally.unchanged,
        ignored=report.ignored + tally.ignored + piece.ignored,
    ).rejecting(rejections)
