"""Cuts a stream of JSON into its values: JSON lines, one object (pretty-printed or not), objects
written one after another without a separator (as Amazon Data Firehose does), arrays, and arrays
inside a wrapper object (`{"conversations": [...]}`).

Lines are the fast way: a chunk of lines that are one object each goes to the decoder whole, any
other line by line. The first value that spans lines, an array, or a line over the limit hands the
rest to the scanner, which finds the end of each value by its brackets.
"""

import re
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

import msgspec
import numpy as np

from portal.adapters.sources.framing.guard import Row, rejected
from portal.adapters.sources.framing.json_scanner import CHUNK, LIMIT, TOO_LONG, Piece, Scanner
from portal.adapters.sources.framing.opening import Opened
from portal.adapters.sources.framing.values import BadValueError
from portal.adapters.sources.framing.vendors import vendor_of
from portal.domain.contacts.model import IgnoredRow, RejectedRow, SourceRecord
from portal.domain.shared.errors import UnusableFile

T = TypeVar("T")
DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_OPEN_ENDS = (b"{", b"[", b",", b":")
_NEXT_STARTS = (b"}", b"]", b",", b":")


class Lines(NamedTuple, Generic[T]):
    """Lines that are one value each; `line` is the number of the first, `text` all of them."""

    line: int
    values: list[T]
    text: bytes


class JsonRows(Generic[T]):
    """Iterates over (line, value, text) of each value that decodes, and RejectedRow of the rest.

    `decode` reads one value and raises msgspec.DecodeError; `decode_lines`, where given, reads as
    many as there are. `own` names what is expected ("a Genesys Cloud conversation"); rows that
    look like another vendor's are marked foreign. `unwrap` are keys of a top-level object under
    which the values stand as an array.
    """

    def __init__(
        self,
        opened: Opened,
        decode: Callable[[bytes], T],
        *,
        own: str,
        unwrap: tuple[str, ...] = (),
        decode_lines: Callable[[bytes], list[T]] | None = None,
    ) -> None:
        self._opened = opened
        self._decode = decode
        self._decode_lines = decode_lines
        self._own = own
        self._unwrap = unwrap

    def __iter__(self) -> Iterator[tuple[int, T, bytes] | RejectedRow]:
        for part in self._parts():
            if isinstance(part, Lines):
                texts = part.text.split(b"\n")
                lines = range(part.line, part.line + len(texts))
                yield from zip(lines, part.values, texts, strict=True)
            else:
                yield part

    def records(self, convert: Callable[[int, T], SourceRecord | IgnoredRow]) -> Iterator[Row]:
        """The values as `convert` reads them (line, value); a BadValueError of it is the reason
        of a rejection."""
        for part in self._parts():
            if isinstance(part, RejectedRow):
                yield part
                continue
            if isinstance(part, Lines):
                yield from self._converted(part, convert)
                continue
            line, value, raw = part
            try:
                yield convert(line, value)
            except BadValueError as error:
                yield self.reject(line, raw, str(error))

    def _converted(
        self, part: Lines[T], convert: Callable[[int, T], SourceRecord | IgnoredRow]
    ) -> Iterator[Row]:
        texts: list[bytes] = []
        for line, value in enumerate(part.values, part.line):
            try:
                yield convert(line, value)
            except BadValueError as error:
                texts = texts or part.text.split(b"\n")
                yield self.reject(line, texts[line - part.line], str(error))

    def _parts(self) -> Iterator[tuple[int, T, bytes] | Lines[T] | RejectedRow]:
        if self._is_document(self._opened.head):
            yield from self._scan(b"", 1)
        else:
            yield from self._lines()

    def check(self) -> None:
        """Reads a document (an array, or a wrapper around one) to its end without taking
        anything. Raises UnusableFile when it is cut off or broken."""
        if self._is_document(self._opened.head):
            for piece in Scanner(self._opened, b"", 1, self._unwrap):
                if piece.fatal:
                    raise UnusableFile(
                        f"The file is no whole JSON document. Line {piece.line}: {piece.problem}."
                    )

    def _is_document(self, head: bytes) -> bool:
        if head.lstrip()[:1] == b"[":
            return True
        keys = "|".join(map(re.escape, self._unwrap))
        return bool(keys) and re.search(rf'"(?:{keys})"\s*:\s*\['.encode(), head) is not None

    def _lines(self) -> Iterator[tuple[int, T, bytes] | Lines[T] | RejectedRow]:
        number, tail, decode = 1, b"", self._decode
        more = True
        while more:
            chunk = self._opened.read(CHUNK)
            more = bool(chunk)
            if more and b"\n" not in chunk:
                tail += chunk
                if len(tail) > LIMIT:
                    yield from self._scan(tail, number)
                    return
                continue
            if more and (part := self._whole(number, tail, chunk)) is not None:
                yield part
                number += len(part.values)
                tail = chunk[chunk.rfind(b"\n") + 1 :]
                continue
            lines = (tail + chunk).split(b"\n")
            tail = lines.pop() if more else b""
            for index, text in enumerate(lines):
                try:
                    value = decode(text)
                except DECODE_ERRORS as error:
                    following = lines[index + 1] if index + 1 < len(lines) else tail
                    if _goes_on(text, following):
                        rest = b"\n".join(lines[index:])
                        yield from self._scan(rest + b"\n" + tail if more else rest, number + index)
                        return
                    yield from self._odd_line(number + index, text, error)
                else:
                    if len(text) > LIMIT:
                        yield rejected(number + index, TOO_LONG, text)
                    else:
                        yield number + index, value, text
            number += len(lines)

    def _whole(self, number: int, tail: bytes, chunk: bytes) -> Lines[T] | None:
        """The lines that end in the chunk, when each of them is one object and nothing else. A
        `}` before a line's end and a `{` behind it are the end of one value and the beginning of
        the next, so as many of them as lines, and as many values, leave no other possibility."""
        if self._decode_lines is None:
            return None
        text = tail + chunk[: chunk.rfind(b"\n")]
        if not 0 < text.find(b"\n") <= LIMIT:
            return None
        bytes_ = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(bytes_ == ord("\n"))
        if (bytes_[ends - 1] != ord("}")).any() or (bytes_[1:][ends] != ord("{")).any():
            return None
        try:
            values = self._decode_lines(text)
        except DECODE_ERRORS:
            return None
        return Lines(number, values, text) if len(values) == len(ends) + 1 else None

    def _odd_line(
        self, line: int, text: bytes, error: Exception
    ) -> Iterator[tuple[int, T, bytes] | RejectedRow]:
        """A line that is no single good value: blank, bad, or several values in a row."""
        if not text.strip():
            return
        pieces = list(Scanner.of_text(text, line))
        if text.lstrip().startswith(b"[") and not any(piece.problem is None for piece in pieces):
            yield self.refuse(line, text, error)
        else:
            yield from map(self._read, pieces)

    def _scan(self, buffer: bytes, line: int) -> Iterator[tuple[int, T, bytes] | RejectedRow]:
        yield from map(self._read, Scanner(self._opened, buffer, line, self._unwrap))

    def _read(self, piece: Piece) -> tuple[int, T, bytes] | RejectedRow:
        if piece.problem is not None:
            return self.reject(piece.line, piece.text, piece.problem)
        try:
            return piece.line, self._decode(piece.text), piece.text
        except DECODE_ERRORS as error:
            return self.refuse(piece.line, piece.text, error)

    def refuse(self, line: int, text: bytes, error: Exception) -> RejectedRow:
        """The rejection for a value the decoder refused."""
        if isinstance(error, msgspec.ValidationError):
            reason = str(error)
        elif isinstance(error, RecursionError):
            reason = "the record is nested too deeply"
        elif isinstance(error, UnicodeDecodeError) or not _is_utf8(text):
            reason = "the record is not UTF-8 text"
        elif b"\x00" in text:
            reason = "the record has NUL bytes"
        else:
            reason = "the record is not well-formed JSON"
        return self.reject(line, text, reason)

    def reject(self, line: int, text: bytes, reason: str) -> RejectedRow:
        """A rejection; it says so, and is foreign, when the text looks like another vendor's."""
        label = vendor_of(text)
        if label is None or label == self._own:
            return rejected(line, reason, text)
        return rejected(line, f"this looks like {label}, not {self._own}", text, foreign=True)


def _goes_on(text: bytes, following: bytes) -> bool:
    """Whether a line that does not decode is the first line of a value that spans several."""
    text = text.strip()
    if text[:1] not in (b"{", b"["):
        return False
    return text.endswith(_OPEN_ENDS) or following.lstrip().startswith(_NEXT_STARTS)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
