"""Reads 3CX call records into contacts: one row is one contact. README.md says how and why."""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from portal.adapters.sources.framing.guard import Row, guarded, rejected
from portal.adapters.sources.framing.opening import open_text
from portal.adapters.sources.framing.text_rows import split_row, text_lines
from portal.adapters.sources.framing.values import (
    BadValueError,
    between,
    horizon,
    instant,
    key,
    not_future,
    optional_instant,
)
from portal.adapters.sources.framing.vendors import vendor_of
from portal.adapters.sources.three_cx.calls import contact
from portal.adapters.sources.three_cx.columns import Call, Layout, header_of, layout_of
from portal.domain.contacts.model import Gap, IgnoredRow, RejectedRow, SourceRecord, Timing
from portal.domain.contacts.ports import SourceOptions
from portal.domain.shared.errors import UnusableFile

OWN = "a 3CX call record"
_LOG = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S* (?:::|-) \w+ (?:::|-) ?")


class ThreeCX:
    """The source `three-cx`: CSV files, one-call files, lines of the socket or of a log of it."""

    name = "three-cx"
    title = "3CX"
    gaps: Mapping[Timing, Gap] = {
        Timing.WAIT_ANSWERED: Gap(
            "time-answered",
            "3CX records when the queue picked up (time-answered), not when an agent did.",
        ),
        Timing.TALK: Gap(
            "duration",
            "3CX's duration of a queue call includes the wait before an agent took it.",
        ),
        Timing.HOLD: Gap("duration", "3CX call records have no field for time on hold."),
        Timing.AFTER_CONTACT_WORK: Gap(
            "time-end", "3CX call records end with the call (time-end); wrap-up is not recorded."
        ),
        Timing.TRANSFER: Gap(
            "reason-changed",
            "3CX writes one reason-changed a call: for a queue call it says that an agent took "
            "over, so a later transfer cannot be told.",
        ),
    }

    def check(self, file: BinaryIO) -> None:
        """See `portal.domain.contacts.ports.Source.check`: every line stands for itself."""

    def read(self, file: BinaryIO, options: SourceOptions) -> Iterator[Row]:
        """See `portal.domain.contacts.ports.Source.read`."""
        opened = open_text(file)
        if opened.head.lstrip()[:1] in (b"{", b"["):
            label = vendor_of(opened.head) or "a JSON document"
            raise UnusableFile(f"This looks like {label}, not {OWN}.")
        return guarded(_rows(text_lines(opened), options))


def _rows(
    lines: Iterator[tuple[int, str, bytes] | RejectedRow], options: SourceOptions
) -> Iterator[Row]:
    layout = layout_of(options.columns)
    latest = horizon(options.now_ms)
    first = True
    for row in lines:
        if isinstance(row, RejectedRow):
            yield row
            continue
        line, text, raw = row
        body = _LOG.sub("", text, count=1) if text[:1].isdigit() else text
        fields = split_row(body)
        if fields is None:
            yield rejected(line, "the quotes of the row do not pair; it may be cut off", raw)
        elif body is not text and not body.startswith("Call "):
            yield IgnoredRow(line, "a log line without a call")
        elif first and (header := header_of(fields)) is not None:
            layout = layout if options.columns else layout_of(header)
            yield IgnoredRow(line, "the header")
        else:
            yield _record(line, fields, raw, layout, options, latest)
        first = False


def _record(
    line: int, fields: list[str], raw: bytes, layout: Layout, options: SourceOptions, latest: int
) -> SourceRecord | RejectedRow:
    try:
        call = layout.call(fields)
        return source_record(line, call, options, latest)
    except BadValueError as error:
        label = vendor_of(raw)
        if label is None or label == OWN:
            return rejected(line, str(error), raw)
        return rejected(line, f"this looks like {label}, not {OWN}", raw, foreign=True)


def source_record(line: int, call: Call, options: SourceOptions, latest: int) -> SourceRecord:
    """One call's contact. Its version is the end of the call, and above it whether the row was
    read as a queue's: so a file imported without its queue extensions is put right by importing
    it again with them. Raises BadValueError for a value that breaks a rule."""
    record_id = key(call.historyid, "historyid")
    started = instant(call.time_start, "time-start")
    ended = instant(call.time_end, "time-end")
    not_future(ended, latest, "time-end")
    between(started, ended, "time-start", "time-end")
    answered = optional_instant(call.time_answered, "time-answered")
    if answered is not None:
        between(started, answered, "time-start", "time-answered")
        between(answered, ended, "time-answered", "time-end")
    read = contact(call, (started, answered, ended), options)
    return SourceRecord(line, record_id, ended << 1 | (read.queue is not None), (read,))
