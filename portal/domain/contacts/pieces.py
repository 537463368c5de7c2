"""Rows taken from a file together, to be stored as one batch, and what became of them."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from portal.domain.contacts.imports import MOST_RAW_BYTES, Rejection, Report
from portal.domain.contacts.model import IgnoredRow, RejectedRow, SourceRecord
from portal.domain.contacts.ports import Tally

BATCH_RECORDS = 4000
BATCH_REJECTIONS = 60
CONFLICT = (
    "another record with the same id and version but other content is stored; "
    "export it again from its source"
)

TOO_LARGE = "the record is larger than the store keeps in one piece"

Row = SourceRecord | RejectedRow | IgnoredRow


class CrowdedError(Exception):
    """More rows of a piece were kept back than one batch can write; nothing was stored."""


class Piece(NamedTuple):
    """Rows taken from a file together, in its order; `ended` when they are the last."""

    rows: list[Row]
    ended: bool

    @property
    def records(self) -> list[SourceRecord]:
        """The good ones."""
        return [row for row in self.rows if isinstance(row, SourceRecord)]

    @property
    def rejected(self) -> list[RejectedRow]:
        """The bad ones."""
        return [row for row in self.rows if isinstance(row, RejectedRow)]

    @property
    def ignored(self) -> int:
        """How many carry no contact."""
        return sum(isinstance(row, IgnoredRow) for row in self.rows)


def take(rows: Iterator[Row], skip: int) -> Piece:
    """The next rows, after leaving out those an earlier run dealt with."""
    for _ in range(skip):
        if next(rows, None) is None:
            break
    taken: list[Row] = []
    rejected = 0
    while len(taken) < BATCH_RECORDS and rejected < BATCH_REJECTIONS:
        # At most as many as may be rejected: so the limit is never passed.
        most = min(BATCH_RECORDS - len(taken), BATCH_REJECTIONS - rejected)
        more = list(islice(rows, most))
        taken += more
        rejected += list(map(type, more)).count(RejectedRow)
        if len(more) < most:
            return Piece(taken, ended=True)
    return Piece(taken, ended=False)


def lost(records: Sequence[SourceRecord], places: Sequence[int]) -> list[RejectedRow]:
    """The records at those places as rows kept back, in our own notation."""
    return [_kept_back(records[place], CONFLICT) for place in places]


def _kept_back(record: SourceRecord, reason: str) -> RejectedRow:
    """The record as a row kept back, in our own notation."""
    told = {
        "record": record.record_id,
        "version": record.version,
        "contacts": [contact._asdict() for contact in record.contacts],
    }
    raw = json.dumps(told, default=str).encode()
    return RejectedRow(record.line, reason, raw[:MOST_RAW_BYTES])


def smaller(piece: Piece) -> list[Piece]:
    """The same rows in two pieces, for a store to which they are too large together; a single
    record in one, as a row kept back."""
    if len(piece.rows) > 1:
        middle = len(piece.rows) // 2
        return [Piece(piece.rows[:middle], ended=False), Piece(piece.rows[middle:], ended=False)]
    return [Piece([_kept_back(one, TOO_LARGE) for one in piece.records], ended=False)]


def parted(piece: Piece) -> Iterator[Piece]:
    """The same rows in pieces so small that all of each may be kept back in one batch."""
    for start in range(0, len(piece.rows), BATCH_REJECTIONS):
        yield Piece(piece.rows[start : start + BATCH_REJECTIONS], ended=False)


def counted(report: Report, piece: Piece, tally: Tally, lost: Sequence[RejectedRow]) -> Report:
    """The report with a piece more, of which `lost` were kept back for a conflict."""
    rejections = tuple(Rejection(row.line, row.reason) for row in (*piece.rejected, *lost))
    return report._replace(
        accepted=report.accepted + tally.accepted,
        corrected=report.corrected + tally.corrected,
        unchanged=report.unchanged + tally.unchanged,
        ignored=report.ignored + tally.ignored + piece.ignored,
    ).rejecting(rejections)
