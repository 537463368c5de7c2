"""Decides whether a file is usable at all, while its rows stream through.

Rejections before the first good row are held back: if no good row ever comes, nothing of the
file may be stored and the caller hears one sentence instead of thousands.
"""

from collections.abc import Iterable, Iterator

from portal.domain.contacts.model import IgnoredRow, RejectedRow, SourceRecord
from portal.domain.shared.errors import UnusableFile

Row = SourceRecord | RejectedRow | IgnoredRow

HELD_ROWS = 10_000
HELD_BYTES = 32 << 20
RAW_BYTES = 1 << 16


def rejected(line: int, reason: str, raw: bytes, *, foreign: bool = False) -> RejectedRow:
    """A rejection whose `raw` is cut to what quarantine keeps."""
    return RejectedRow(line, reason, raw[:RAW_BYTES], foreign)


def guarded(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows; raises UnusableFile when rows were rejected and none was good.

    Gives up after 10,000 rejections (or 32 MiB of them) without one good row.
    """
    stream = iter(rows)
    held: list[RejectedRow] = []
    size = 0
    for row in stream:
        if isinstance(row, RejectedRow):
            held.append(row)
            size += len(row.raw)
            if len(held) > HELD_ROWS or size > HELD_BYTES:
                break
        elif isinstance(row, IgnoredRow):
            yield row
        else:
            yield from held
            yield row
            yield from stream
            return
    if held:
        first = held[0]
        raise UnusableFile(
            f"No row of the file could be read. First, line {first.line}: {first.reason}."
        )
