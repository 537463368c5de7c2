"""Rows of the call-queue report: their columns, whatever order and spelling, and their meaning.

Source: Microsoft's "Auto attendant and Call queue historical reports" (dimensions, measurements
and field definitions).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from portal.adapters.sources.framing.guard import Row, rejected
from portal.adapters.sources.framing.json_scanner import LIMIT, Scanner
from portal.adapters.sources.framing.opening import Opened
from portal.adapters.sources.framing.text_rows import split_row, text_lines
from portal.adapters.sources.framing.values import BadValueError
from portal.adapters.sources.framing.vendors import vendor_of
from portal.adapters.sources.teams.queue_calls import Fields, queue_call
from portal.domain.contacts.model import IgnoredRow, RejectedRow
from portal.domain.shared.errors import UnusableFile

REPORT = "a Microsoft Teams queue report"
LONGEST_ANSWER = 64 << 20
Cell = str | int | float | bool | None

_DEFAULT = (
    "UserStartTimeUTC",
    "CallQueueIdentity",
    "CallQueueCallResult",
    "CallQueueDurationSeconds",
    "DocumentId",
    "TotalCallCount",
    "AvgCallQueueDurationSeconds",
)
_PLAIN = {re.sub(r"\W|_", "", name.casefold()): name for name in Fields.__annotations__}
_ALIASES = {
    "callstarttimeutc": "user_start_time_utc",
    "cqname": "call_queue_identity",
    "callqueuecallresultlegend": "legend",
    "callqueuetargettypelegend": "legend",
    "callcount": "total_call_count",
    "callendtimeutc": "end_time",
    "callenddatetimeutc": "end_time",
    "calldurationseconds": "duration",
    "averagecallqueuedurationsec": "avg_call_queue_duration_seconds",
    "agentname": "second_upn",
}
_NEEDED = ("user_start_time_utc", "call_queue_identity")


class _Name(msgspec.Struct):
    DataModelName: str


class _Query(msgspec.Struct):
    Dimensions: list[_Name] = []
    Measurements: list[_Name] = []


class _Answer(msgspec.Struct):
    """What may stand beside the rows: the query that asked for them, as such or under a key."""

    Dimensions: list[_Name] = []
    Measurements: list[_Name] = []
    query: _Query | None = None
    Query: _Query | None = None
    body: _Query | None = None


def answer_rows(opened: Opened, latest: int) -> Iterator[Row]:
    """The rows of a VAAC answer. Its rows are in the order the query asked for; without the query
    beside them the documented order is taken."""
    text = _whole(opened)
    if text.lstrip().startswith(b"["):
        text = b'{"dataResult":' + text + b"}"
    try:
        answer = msgspec.json.decode(text, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnusableFile("The file is not well-formed JSON; it may be cut off.") from None
    columns = [_column(name) for name in _order(answer)]
    _check(columns)
    decode = msgspec.json.Decoder(list[Cell] | dict[str, Cell]).decode
    for piece in Scanner.of_text(text, 1, unwrap=("dataResult",)):
        if piece.problem is not None:
            yield rejected(piece.line, piece.problem, piece.text)
            continue
        try:
            row = decode(piece.text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield rejected(piece.line, "the row is not a list of values", piece.text)
            continue
        if isinstance(row, dict):
            yield report_row(piece.line, row, piece.text, latest)
        else:
            yield _listed(piece.line, columns, row, piece.text, latest)


def export_rows(opened: Opened, latest: int) -> Iterator[Row]:
    """The rows of a report exported as CSV with a header, separated by comma, semicolon or tab."""
    columns: list[str | None] | None = None
    delimiter = ","
    for row in text_lines(opened):
        if isinstance(row, RejectedRow):
            yield row
            continue
        line, text, raw = row
        if columns is None:
            delimiter = max(",;\t", key=text.count)
            columns = [_column(name) for name in split_row(text, delimiter) or []]
            if not any(columns):
                label = vendor_of(opened.head)
                looks = f"This looks like {label}, not" if label else "This is not"
                raise UnusableFile(f"{looks} {REPORT}: its first line names no column of one.")
            _check(columns)
            yield IgnoredRow(line, "the header")
            continue
        fields = split_row(text, delimiter)
        if fields is None:
            yield rejected(line, "the quotes of the row do not pair; it may be cut off", raw)
        else:
            yield _listed(line, columns, fields, raw, latest)


def report_row(line: int, cells: Mapping[str, Cell], raw: bytes, latest: int) -> Row:
    """One row of named values."""
    return _row(line, {_column(name): value for name, value in cells.items()}, raw, latest)


def _listed(
    line: int, columns: list[str | None], cells: Sequence[Cell], raw: bytes, latest: int
) -> Row:
    if len(cells) != len(columns):
        reason = f"the row has {len(cells)} fields instead of {len(columns)}"
        label = vendor_of(raw)
        if label is not None and label != REPORT:
            return rejected(line, f"this looks like {label}, not {REPORT}", raw, foreign=True)
        return rejected(line, reason, raw)
    return _row(line, dict(zip(columns, cells, strict=True)), raw, latest)


def _row(line: int, cells: Mapping[str | None, Cell], raw: bytes, latest: int) -> Row:
    fields = Fields(**{name: _text(value) for name, value in cells.items() if name is not None})
    try:
        return queue_call(line, fields, latest)
    except BadValueError as error:
        return rejected(line, str(error), raw)


def _text(value: Cell) -> str:
    return "" if value is None else str(value).strip()


def _column(name: str) -> str | None:
    """The field a column's name means: `CallQueueIdentity`, `Call Queue Call Result`,
    `fCallQueueAnalytics[DocumentID]`; None for a column that is not read."""
    inner = re.search(r"\[([^\]]+)\]\s*$", name)
    plain = re.sub(r"\W|_", "", (inner.group(1) if inner else name).casefold())
    return _ALIASES.get(plain) or _PLAIN.get(plain)


def _check(columns: list[str | None]) -> None:
    missing = [name for name in _NEEDED if name not in columns]
    if "call_queue_call_result" not in columns and "legend" not in columns:
        missing.append("call_queue_call_result")
    if missing:
        names = ", ".join(_SPELLED[name] for name in missing)
        raise UnusableFile(f"The queue report lacks {names}.")


_SPELLED = {
    "user_start_time_utc": "UserStartTimeUTC",
    "call_queue_identity": "CallQueueIdentity",
    "call_queue_call_result": "CallQueueCallResult",
}


def _order(answer: _Answer) -> list[str]:
    for query in (answer, answer.query, answer.Query, answer.body):
        if query is not None and query.Dimensions:
            return [name.DataModelName for name in (*query.Dimensions, *query.Measurements)]
    return list(_DEFAULT)


def _whole(opened: Opened) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := opened.read(LIMIT):
        pieces.append(piece)
        size += len(piece)
        if size > LONGEST_ANSWER:
            raise UnusableFile("The answer is longer than 64 MiB; ask for fewer days at a time.")
    return b"".join(pieces)
