"""Cuts delimited text into rows: one line is one row, quoting as in CSV, memory bounded."""

import csv
from collections.abc import Iterator
from typing import Final

from portal.adapters.sources.framing.guard import rejected
from portal.adapters.sources.framing.opening import Opened
from portal.domain.contacts.model import RejectedRow

CHUNK: Final = 1 << 20
LIMIT: Final = 1 << 20
KEPT: Final = 1 << 16


def text_lines(opened: Opened) -> Iterator[tuple[int, str, bytes] | RejectedRow]:
    """(line, text, raw) of each line that is not blank, without its line end.

    A line that is longer than 1 MiB, not UTF-8 or holds NUL bytes is a RejectedRow; a long one is
    passed over without being kept.
    """
    for line, raw in enumerate(_raw_lines(opened), start=1):
        if len(raw) > LIMIT:
            yield rejected(line, "the line is longer than 1 MiB", raw)
        elif b"\x00" in raw:
            yield rejected(line, "the line has NUL bytes", raw)
        elif raw.strip():
            try:
                yield line, raw.decode().rstrip("\r\n"), raw
            except UnicodeDecodeError:
                yield rejected(line, "the line is not UTF-8 text", raw)


def _raw_lines(opened: Opened) -> Iterator[bytes]:
    """Lines; one over the limit is given as its first bytes only, still over the limit."""
    tail = b""
    more = True
    while more:
        chunk = opened.read(CHUNK)
        more = bool(chunk)
        if more and b"\n" not in chunk:
            tail = (tail + chunk) if len(tail) <= LIMIT else tail
            continue
        lines = (tail + chunk).split(b"\n")
        tail = lines.pop() if more else b""
        yield from lines


def split_row(text: str, delimiter: str = ",") -> list[str] | None:
    """The fields of one row, stripped; None when its quotes do not pair."""
    if '"' not in text:
        return [field.strip() for field in text.split(delimiter)]
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return [field.strip() for field in rows[0]] if len(rows) == 1 else None
