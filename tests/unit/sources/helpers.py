"""Reading text and fixtures with a source, for the tests of all sources."""

import io
import json
from pathlib import Path
from typing import Any

from portal.adapters.sources import SOURCES
from portal.adapters.sources.framing.guard import Row
from portal.domain.contacts.model import Contact, RejectedRow, SourceRecord
from portal.domain.contacts.ports import SourceOptions

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
NOW_MS = 1_790_000_000_000
OPTIONS = SourceOptions(queue_extensions=frozenset({"610", "611"}), region="GB", now_ms=NOW_MS)


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def document(name: str) -> Any:
    return json.loads(fixture(name))


def read(source: str, text: bytes, options: SourceOptions = OPTIONS) -> list[Row]:
    return list(SOURCES[source].read(io.BytesIO(text), options))


def records(source: str, text: bytes, options: SourceOptions = OPTIONS) -> list[SourceRecord]:
    rows = read(source, text, options)
    assert not [row for row in rows if isinstance(row, RejectedRow)]
    return [row for row in rows if isinstance(row, SourceRecord)]


def rejections(source: str, text: bytes, options: SourceOptions = OPTIONS) -> list[RejectedRow]:
    return [row for row in read(source, text, options) if isinstance(row, RejectedRow)]


def contact(source: str, value: object) -> Contact:
    [record] = records(source, json.dumps(value).encode())
    [only] = record.contacts
    return only


def reason(source: str, good: bytes, bad: object) -> str:
    """Why a JSON value is rejected when a good line stands before it."""
    text = good + b"\n" + json.dumps(bad).encode()
    [rejection] = rejections(source, text)
    assert rejection.line == 2
    return rejection.reason
