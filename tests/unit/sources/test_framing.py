"""Files of every bad kind, for every source: what is refused, what is set aside, in which line."""

import gzip
import io
import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from portal.adapters.sources import SOURCES
from portal.adapters.sources.framing.guard import HELD_ROWS
from portal.adapters.sources.framing.json_scanner import Piece, Scanner
from portal.domain.contacts.model import RejectedRow, SourceRecord
from portal.domain.shared.errors import UnusableFile
from tests.unit.sources.helpers import OPTIONS, document, fixture, read, records, rejections

FILES = {
    "amazon-connect": "amazon-connect-record.json",
    "genesys": "genesys-conversation.json",
    "three-cx": "three-cx.csv",
    "teams": "teams-queue-report.csv",
}
RECORD = document("amazon-connect-record.json")
LINE = json.dumps(RECORD).encode()
PRETTY = json.dumps(RECORD, indent=2).encode()


class Endless(io.RawIOBase):
    """A file of a head, then a piece repeated up to a size, then a tail; not seekable."""

    def __init__(self, head: bytes, piece: bytes, size: int, tail: bytes = b"") -> None:
        self._parts = self._cut(head, piece, size, tail)
        self._rest = b""

    @staticmethod
    def _cut(head: bytes, piece: bytes, size: int, tail: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(size // len(piece)):
            yield piece
        yield tail

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            try:
                self._rest = next(self._parts)
            except StopIteration:
                return 0
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize("source", FILES)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf \r\n\t\n", "The file is empty"),
        (b"\x00" * 4096, "The file is binary"),
        (b"PK\x03\x04rest", "The file is packed"),
        (gzip.compress(b"x" * 100, mtime=0), "The file is packed"),
        ("Call 1,2".encode("utf-16"), "save it as UTF-8"),
        ("Call 1,2,3".encode("utf-16-le"), "save it as UTF-8"),
        ("Call 1,2,3".encode("utf-16-be"), "save it as UTF-8"),
    ],
)
def test_no_text_is_unusable(source: str, text: bytes, expected: str) -> None:
    with pytest.raises(UnusableFile, match=expected):
        read(source, text)


@pytest.mark.parametrize(("source", "name"), FILES.items())
def test_a_byte_order_mark_changes_nothing(source: str, name: str) -> None:
    text = fixture(name).removeprefix(b"\xef\xbb\xbf")
    assert records(source, b"\xef\xbb\xbf" + text) == records(source, text)


@pytest.mark.parametrize("source", FILES)
@pytest.mark.parametrize("other", FILES)
def test_another_vendors_file_is_unusable_and_named(source: str, other: str) -> None:
    if source == other:
        return
    titles = {
        "amazon-connect": "Amazon Connect",
        "genesys": "Genesys Cloud",
        "three-cx": "3CX",
        "teams": "Microsoft Teams",
    }
    text = fixture("teams-call-record.json" if other == "teams" else FILES[other])
    with pytest.raises(UnusableFile, match=titles[other]):
        read(source, text)


@pytest.mark.parametrize("source", ["amazon-connect", "genesys"])
def test_one_object_a_line_an_array_and_a_run_are_the_same(source: str) -> None:
    one = document(FILES[source])
    line, pretty = json.dumps(one).encode(), json.dumps(one, indent=1).encode()
    forms = [
        line * 3,
        b"\n".join([line] * 3),
        b"\r\n\r\n".join([line] * 3) + b"\r\n",
        line + b"\n" + line * 2,
        pretty * 3,
        b"\n".join([pretty] * 3),
        b"[" + b",".join([line] * 3) + b"]",
        json.dumps([one] * 3, indent=4).encode(),
        line + b"\n[" + line + b",\n" + line + b"]",
        line + pretty + line,
    ]
    expected = [record.contacts for record in records(source, line)] * 3
    for text in forms:
        assert [record.contacts for record in records(source, text)] == expected


def test_lines_are_counted_in_every_form() -> None:
    def lines(text: bytes) -> list[int]:
        return [row.line for row in read("amazon-connect", text) if isinstance(row, SourceRecord)]

    length = PRETTY.count(b"\n") + 1
    assert lines(b"\n\n" + LINE + b"\n\n" + LINE) == [3, 5]
    assert lines(PRETTY + b"\n" + PRETTY) == [1, 1 + length]
    assert lines(b"[\n" + PRETTY + b",\n" + PRETTY + b"\n]") == [2, 2 + length]
    assert lines(b"\n" + LINE * 2) == [2, 2]


@pytest.mark.parametrize(
    ("middle", "expected"),
    [
        (LINE + LINE + b"\n\n" + LINE, [2000, 2000, 2002]),
        (LINE + b" \n" + LINE, [2000, 2001]),
        (b"\r\n" + LINE, [2001]),
        (LINE.replace(b"{", b"{\n", 1) + LINE, [2000, 2001]),
        (LINE.replace(b"VOICE", b"GOOSE") + b"\n" + LINE, [-2000, 2001]),
        (LINE[:300] + b"\n" + LINE, [-2000, 2001]),
        (b'{"ContactId":"}\n{"}\n' + LINE, [-2000, -2001, 2002]),
    ],
)
def test_lines_are_counted_in_files_of_many_chunks(middle: bytes, expected: list[int]) -> None:
    text = (LINE + b"\n") * 1999 + middle + (b"\n" + LINE) * 1500
    before, behind = [*range(1, 2000)], [*range(abs(expected[-1]) + 1, abs(expected[-1]) + 1501)]
    rows = read("amazon-connect", text)
    assert [
        -row.line if isinstance(row, RejectedRow) else row.line
        for row in rows
        if isinstance(row, SourceRecord | RejectedRow)
    ] == [*before, *expected, *behind]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (LINE[:200], "the record is cut off"),
        (LINE[:200] + b",", "the record is cut off"),
        (b"nonsense", "the line is not a JSON object"),
        (b"123", "the line is not a JSON object"),
        (b'{"ContactId": tru}', "the record is not well-formed JSON"),
        (b"{}", "Object missing required field `ContactId`"),
        (LINE.replace(b"greeting", b"\xff\xfe"), "the record is not UTF-8 text"),
        (LINE.replace(b"greeting", b"\x00"), "the record has NUL bytes"),
        (b'{"a":' * 100_000, "the record is nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "the record is nested too deeply"),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', "the record is longer than 1 MiB"),
    ],
)
@pytest.mark.parametrize("more", [b"\n" + LINE + b"\n", b""])
def test_a_bad_line_is_rejected_alone(bad: bytes, expected: str, more: bytes) -> None:
    rows = read("amazon-connect", LINE + b"\n" + bad + more)
    assert [(row.line, row.reason) for row in rows if isinstance(row, RejectedRow)] == [
        (2, expected)
    ]
    assert len([row for row in rows if isinstance(row, SourceRecord)]) == 1 + bool(more)
    assert all(len(row.raw) <= 1 << 16 for row in rows if isinstance(row, RejectedRow))


def test_a_cut_off_object_among_pretty_ones_is_rejected_alone() -> None:
    rows = read("amazon-connect", PRETTY + b"\n" + PRETTY[:300] + b"\n" + PRETTY)
    assert [type(row).__name__ for row in rows] == ["SourceRecord", "RejectedRow", "SourceRecord"]


@pytest.mark.parametrize(
    "text",
    [
        PRETTY[:-10],
        LINE[:-10],
        b'[{"a":]}]',
        b'["text"]',
        b"[[[[",
        b"[" * 100_000,
    ],
)
def test_a_document_without_a_whole_record_is_unusable(text: bytes) -> None:
    with pytest.raises(UnusableFile):
        read("amazon-connect", text)


CUT_ARRAYS = [b"[" + LINE, b"[" + LINE + b"," + LINE[:100], b"[" + LINE + b","]


@pytest.mark.parametrize("text", [*CUT_ARRAYS, b'["text"]', b"[" * 100_000])
def test_an_array_that_is_cut_off_or_broken_is_found_before_anything_is_taken(text: bytes) -> None:
    with pytest.raises(UnusableFile, match="no whole JSON document"):
        SOURCES["amazon-connect"].check(io.BytesIO(text))


@pytest.mark.parametrize("text", CUT_ARRAYS)
def test_a_stream_that_ends_inside_an_array_keeps_what_came_before(text: bytes) -> None:
    first, last = read("amazon-connect", text)
    assert isinstance(first, SourceRecord)
    assert isinstance(last, RejectedRow)


@pytest.mark.parametrize("text", [LINE, PRETTY, b"[" + LINE + b"]", LINE + b"\n" + LINE[:50]])
def test_whole_files_and_lines_pass_the_check(text: bytes) -> None:
    SOURCES["amazon-connect"].check(io.BytesIO(text))


def test_an_empty_array_has_no_rows() -> None:
    assert read("amazon-connect", b"[]") == []


def test_a_wrapper_that_does_not_end_is_found_before_anything_is_taken() -> None:
    conversation = json.dumps(document("genesys-conversation.json"))
    for text in (f'{{"conversations":[{conversation}', f'{{"conversations":[{conversation}],"a":1'):
        with pytest.raises(UnusableFile, match="cut off"):
            SOURCES["genesys"].check(io.BytesIO(text.encode()))


def test_duplicate_keys_take_the_last_value() -> None:
    text = LINE[:-1] + b', "ContactId": "second"}'
    assert records("amazon-connect", text)[0].record_id == "second"


def test_foreign_rows_among_good_ones_are_marked() -> None:
    [rejection] = rejections("amazon-connect", LINE + b'\n{"conversationId":"c"}\n')
    assert (rejection.line, rejection.foreign) == (2, True)


def test_reasons_never_repeat_what_the_row_says() -> None:
    canary = "2025550199"
    for source, text in (
        ("amazon-connect", LINE.replace(b'"Duration": 7', f'"Duration": "{canary}"'.encode())),
        ("amazon-connect", LINE.replace(b'"VOICE"', f'"{canary}"'.encode())),
        ("three-cx", fixture("three-cx.csv").replace(b"00:05:15", canary.encode())),
    ):
        good = LINE if source == "amazon-connect" else fixture("three-cx.csv")
        [rejection] = rejections(source, good + b"\n" + text)
        assert canary not in rejection.reason


def test_rejections_come_in_order_once_a_row_is_good() -> None:
    rows = read("amazon-connect", b"x\ny\n" + LINE + b"\nz\n")
    assert [row.line for row in rows if not isinstance(row, SourceRecord)] == [1, 2, 4]


def test_no_good_row_is_unusable_and_names_the_first_reason() -> None:
    with pytest.raises(UnusableFile, match=r"line 2: the line is not a JSON object\."):
        read("amazon-connect", b"\nx\ny\n")


def test_too_many_bad_rows_before_a_good_one_are_unusable() -> None:
    with pytest.raises(UnusableFile, match="line 1"):
        read("amazon-connect", b"x\n" * (HELD_ROWS + 1) + LINE)
    assert len(read("amazon-connect", b"x\n" * HELD_ROWS + LINE)) == HELD_ROWS + 1


MEBIBYTE = b"x" * (1 << 20)


@pytest.mark.parametrize(
    ("source", "head", "piece", "tail", "usable"),
    [
        ("amazon-connect", LINE + b"\n", MEBIBYTE, b"\n" + LINE, True),
        ("amazon-connect", LINE + b'\n{"a":"', MEBIBYTE, b'"}\n' + LINE, True),
        ("amazon-connect", LINE + b"\n", b"[" * (1 << 20), b"\n", True),
        ("amazon-connect", b'[{"a":"', MEBIBYTE, b'"}]', False),
        ("amazon-connect", b"", b" " * (1 << 20), LINE, True),
        ("genesys", b'{"conversations":[{"a":"', MEBIBYTE, b'"}]}', False),
        ("three-cx", b"Call 1,", MEBIBYTE, b"\n" + fixture("three-cx.csv"), True),
        ("teams", b'{"dataResult":["', MEBIBYTE, b'"]}', False),
        ("teams", fixture("teams-queue-report.csv"), MEBIBYTE, b"\n", True),
    ],
)
def test_an_endless_line_needs_bounded_memory_and_little_time(
    source: str, head: bytes, piece: bytes, tail: bytes, usable: bool
) -> None:
    file = io.BufferedReader(Endless(head, piece, 96 << 20, tail))
    tracemalloc.start()
    began = time.process_time()
    try:
        rows = list(SOURCES[source].read(file, OPTIONS))
    except UnusableFile:
        assert not usable
    else:
        assert usable
        assert any(isinstance(row, SourceRecord) for row in rows)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    limit = (80 << 20) if source == "teams" and not usable else (16 << 20)
    assert peak < limit
    assert time.process_time() - began < 5


def test_records_without_any_line_end_stream_in_bounded_memory() -> None:
    count = 20_000
    file = io.BufferedReader(Endless(b"", LINE, len(LINE) * count))
    tracemalloc.start()
    found = sum(1 for row in SOURCES["amazon-connect"].read(file, OPTIONS))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == count
    assert peak < 16 << 20


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_the_scanner_sees_the_same_whatever_the_pieces(size: int) -> None:
    text = (
        b'{"a":"x\\"}{","b":[{}, 1]} [{"c":2},{"d":"\\\\"}]\n{"e":{"f":[]}}{"w":[{"g":1}],"z":{}}'
    )

    class Pieces:
        def __init__(self) -> None:
            self.rest = text

        def read(self, _: int) -> bytes:
            piece, self.rest = self.rest[:size], self.rest[size:]
            return piece

    assert list(Scanner(Pieces(), unwrap=("w",))) == [
        Piece(1, b'{"a":"x\\"}{","b":[{}, 1]}'),
        Piece(1, b'{"c":2}'),
        Piece(1, b'{"d":"\\\\"}'),
        Piece(2, b'{"e":{"f":[]}}'),
        Piece(2, b'{"g":1}'),
    ]
