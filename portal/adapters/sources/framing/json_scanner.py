"""Finds where each JSON value of a stream ends, by brackets and strings, without decoding it.

Memory is bounded by one value (1 MiB) and one chunk, whatever the file holds, and nothing
recurses, so neither one endless line nor deep nesting hurts.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

CHUNK: Final = 1 << 20
LIMIT: Final = 1 << 20
DEPTH: Final = 512
TOO_LONG: Final = "the record is longer than 1 MiB"
CUT_OFF: Final = "the record is cut off"
_TOKEN = re.compile(rb'"(?:[^"\\\n]++|\\.)*+"|[{}\[\]"]')
_SHALLOW_DEPTH: Final = 12
_SHALLOW = re.compile(
    rb'[{\[](?:[^{}\[\]"]++|"(?:[^"\\\n]++|\\.)*+"|' * _SHALLOW_DEPTH
    + rb"(?!)"
    + rb")*+[}\]]" * _SHALLOW_DEPTH
)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_SPACE_OR_COMMA = re.compile(rb"[ \t\r\n,]*+")
_PLAIN = re.compile(rb"[^,\[\]{}\s]*+")


_OPENING = {b"}": ord("{"), b"]": ord("[")}


class Piece(NamedTuple):
    """One value's text, or what is wrong with it. After a `fatal` one nothing more can be read."""

    line: int
    text: bytes
    problem: str | None = None
    fatal: bool = False


class Readable(Protocol):
    """Where bytes come from."""

    def read(self, size: int) -> bytes:
        """The next bytes, empty at the end."""
        ...


class _Walk:
    """A walk over one value, token by token, that goes on when more of the buffer has come."""

    def __init__(self, wrapper: re.Pattern[bytes] | None) -> None:
        self._wrapper = wrapper
        self._opened = bytearray()
        self._scanned = 0

    def on(self, buffer: bytes, start: int, *, ended: bool) -> tuple[int, str | None] | None:
        """What `Scanner._find_end` gives, or None when the buffer ends before the value does."""
        for match in _TOKEN.finditer(buffer, start + self._scanned):
            self._scanned = match.start() - start
            token = match.group()
            if token == b'"':
                return (0, CUT_OFF) if buffer.find(b"\n", match.end()) >= 0 else None
            if len(token) > 1:
                if len(self._opened) == 1 and self._wrapper is not None:
                    if match.end() + 64 > len(buffer) and not ended:
                        return None
                    if (array := self._wrapper.match(buffer, match.start())) is not None:
                        return start - array.end(), None
            elif (problem := self._bracket(token, buffer, match.start())) is not None:
                return 0, problem
            elif not self._opened:
                end = match.end()
                return (end, None) if end - start <= LIMIT else (0, TOO_LONG)
            self._scanned = match.end() - start
        self._scanned = len(buffer) - start
        return None

    def _bracket(self, token: bytes, buffer: bytes, at: int) -> str | None:
        if token in _OPENING:
            return None if self._opened.pop() == _OPENING[token] else CUT_OFF
        if len(self._opened) == DEPTH:
            return "the record is nested too deeply"
        if self._opened.endswith(b"{") and not _follows_colon(buffer, at):
            return CUT_OFF
        self._opened += token
        return None


UNREAD = "the rest of the array could not be read"
NO_END = "the file is cut off: its JSON "
NO_RECORDS = f"the array holds something other than records; {UNREAD}"


class _Nothing:
    def read(self, size: int) -> bytes:
        return b""


class Scanner:
    """Iterates over the values of a stream. What cannot be read any further, such as an array that
    does not end, is a last piece with its problem: the values before it stay good."""

    def __init__(
        self, source: Readable, buffer: bytes = b"", line: int = 1, unwrap: tuple[str, ...] = ()
    ) -> None:
        self._source = source
        self._buffer = buffer
        self._at = 0
        self._line = line
        self._ended = False
        keys = "|".join(map(re.escape, unwrap))
        self._wrapper = re.compile(rf'"(?:{keys})"\s*:\s*\['.encode()) if unwrap else None

    @classmethod
    def of_text(cls, text: bytes, line: int, unwrap: tuple[str, ...] = ()) -> "Scanner":
        """A scanner of a text at hand, which begins in `line` of its file."""
        return cls(_Nothing(), text, line, unwrap)

    def __iter__(self) -> Iterator[Piece]:
        in_array = wrapped = False
        while byte := self._next_byte(_SPACE_OR_COMMA if in_array else _SPACE):
            if byte == b"]" and in_array:
                self._advance(self._at + 1)
                in_array = False
                if wrapped and not self._skip_wrapper_end():
                    yield Piece(self._line, b"", f"{NO_END}object does not end", fatal=True)
                wrapped = False
            elif byte == b"[" and not in_array:
                self._advance(self._at + 1)
                in_array = True
            elif byte not in (b"{", b"["):
                junk = self._junk(in_array)
                yield junk
                if junk.fatal:
                    return
            else:
                end, problem = self._find_end(self._wrapper if not in_array else None)
                if problem is None and end < 0:
                    self._advance(self._at - end)
                    in_array = wrapped = True
                elif problem is None:
                    yield self._take(end)
                elif in_array:
                    yield Piece(self._line, self._rest(), f"{problem}; {UNREAD}", fatal=True)
                    return
                else:
                    text = self._buffer[self._at : self._at + LIMIT].split(b"\n{", 1)[0]
                    yield Piece(self._line, text, problem)
                    self._skip_past(b"\n{", keep=1)
        if in_array:
            yield Piece(self._line, b"", f"{NO_END}array does not end", fatal=True)

    def _find_end(self, wrapper: re.Pattern[bytes] | None) -> tuple[int, str | None]:
        """The index after the value that begins here, or a problem. A negative index says that
        a wrapper's array begins so many bytes ahead."""
        if wrapper is None and (match := _SHALLOW.match(self._buffer, self._at)) is not None:
            end = match.end()
            return (end, None) if end - self._at <= LIMIT else (0, TOO_LONG)
        walk = _Walk(wrapper)
        while True:
            ended = self._ended
            found = walk.on(self._buffer, self._at, ended=ended)
            if found is not None:
                return found
            if len(self._buffer) - self._at > LIMIT:
                return 0, TOO_LONG
            if not self._fill() and ended:
                return 0, CUT_OFF

    def _take(self, end: int) -> Piece:
        piece = Piece(self._line, self._buffer[self._at : end])
        self._advance(end)
        return piece

    def _junk(self, in_array: bool) -> Piece:
        """Something that is no object: an item of an array, or the rest of a line."""
        line = self._line
        if in_array:
            match = _PLAIN.match(self._buffer, self._at)
            if match is None or not match.group() or match.group().startswith(b'"'):
                return Piece(line, self._rest(), NO_RECORDS, fatal=True)
            self._advance(match.end())
            return Piece(line, match.group(), "the item is not an object")
        text = self._buffer[self._at : self._at + LIMIT].split(b"\n", 1)[0]
        self._skip_past(b"\n", keep=0)
        return Piece(line, text, "the line is not a JSON object")

    def _rest(self) -> bytes:
        return self._buffer[self._at : self._at + LIMIT]

    def _skip_wrapper_end(self) -> bool:
        """Passes over what a wrapper object holds after its array; False when it does not end."""
        depth = 1
        while depth:
            match = _TOKEN.search(self._buffer, self._at)
            if match is None or match.group() == b'"':
                if len(self._buffer) - self._at > LIMIT or not self._fill():
                    return False
                continue
            token = match.group()
            depth += (token in b"{[") - (token in b"}]")
            self._advance(match.end())
        return True

    def _skip_past(self, mark: bytes, keep: int) -> None:
        """Moves past the next `mark`, less its last `keep` bytes, or to the end."""
        self._advance(self._at + 1)
        while True:
            found = self._buffer.find(mark, self._at)
            if found >= 0:
                self._advance(found + len(mark) - keep)
                return
            self._advance(max(self._at, len(self._buffer) - len(mark) + 1))
            if not self._fill():
                self._advance(len(self._buffer))
                return

    def _next_byte(self, passed_over: re.Pattern[bytes]) -> bytes:
        """The next byte that is not passed over, without taking it; empty at the end."""
        while True:
            match = passed_over.match(self._buffer, self._at)
            if match is not None:
                self._advance(match.end())
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._fill():
                return b""

    def _advance(self, to: int) -> None:
        self._line += self._buffer.count(b"\n", self._at, to)
        self._at = to

    def _fill(self) -> bool:
        """Drops what was taken and appends a chunk; False at the end of the stream."""
        chunk = b"" if self._ended else self._source.read(CHUNK)
        self._ended = self._ended or not chunk
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return bool(chunk)


def _follows_colon(buffer: bytes, at: int) -> bool:
    """Whether the last byte before `at` that is no white space is a colon: inside an object
    nothing else may stand before a bracket, so the object before it was cut off."""
    return buffer[max(0, at - 256) : at].rstrip().endswith(b":")
