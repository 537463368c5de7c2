"""Reads what Teams says of calls: the call-queue report, as the answer of the Voice Applications
Analytics Collector (VAAC) or exported to CSV, and Graph's call records. README.md says how."""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import msgspec

from portal.adapters.sources.framing.guard import Row, guarded
from portal.adapters.sources.framing.json_rows import JsonRows
from portal.adapters.sources.framing.opening import Opened, open_text
from portal.adapters.sources.framing.values import horizon
from portal.adapters.sources.teams.call_records import CallRecord, call_row
from portal.adapters.sources.teams.queue_report import (
    REPORT,
    Cell,
    answer_rows,
    export_rows,
    report_row,
)
from portal.domain.contacts.model import Gap, RejectedRow, Timing
from portal.domain.contacts.ports import SourceOptions

_RECORD = "a Microsoft Teams call record"
_BARE_ROWS = re.compile(rb"\s*\[\s*\[")
_NOT_IN_REPORT = "The Teams call-queue report counts calls and their time in the queue; it has no "


class Teams:
    """The source `teams`: VAAC answers, exported reports, and Graph callRecords."""

    name = "teams"
    title = "Microsoft Teams"
    gaps: Mapping[Timing, Gap] = {
        Timing.TALK: Gap("CallQueueDurationSeconds", f"{_NOT_IN_REPORT}time with the agent."),
        Timing.HOLD: Gap("CallQueueDurationSeconds", f"{_NOT_IN_REPORT}time on hold."),
        Timing.AFTER_CONTACT_WORK: Gap(
            "CallQueueDurationSeconds", f"{_NOT_IN_REPORT}time of work after the call."
        ),
        Timing.TRANSFER: Gap(
            "CallQueueCallResult",
            f"{_NOT_IN_REPORT}transfers by agents (CallQueueCallResult ends with the answer).",
        ),
        Timing.AGENT: Gap("SecondUPN", f"{_NOT_IN_REPORT}agent unless SecondUPN was asked for."),
        Timing.CUSTOMER: Gap("PSTNCallType", f"{_NOT_IN_REPORT}number of the caller."),
    }

    def read(self, file: BinaryIO, options: SourceOptions) -> Iterator[Row]:
        """See `portal.domain.contacts.ports.Source.read`."""
        return guarded(_rows(open_text(file), options))

    def check(self, file: BinaryIO) -> None:
        """See `portal.domain.contacts.ports.Source.check`."""
        opened = open_text(file)
        head = opened.head
        if head.lstrip()[:1] in (b"{", b"[") and b'"dataResult"' not in head:
            decode = msgspec.json.Decoder(msgspec.Raw).decode
            JsonRows(opened, decode, own=_RECORD, unwrap=("value",)).check()


def _rows(opened: Opened, options: SourceOptions) -> Iterator[Row]:
    head = opened.head
    latest = horizon(options.now_ms)
    if head.lstrip()[:1] not in (b"{", b"["):
        yield from export_rows(opened, latest)
    elif b'"dataResult"' in head or _BARE_ROWS.match(head):
        yield from answer_rows(opened, latest)
    elif b'"CallQueue' in head:
        yield from _object_rows(opened, latest)
    else:
        yield from _call_rows(opened, options.region, latest)


def _object_rows(opened: Opened, latest: int) -> Iterator[Row]:
    """Report rows as objects of column and value."""
    decode = msgspec.json.Decoder(dict[str, Cell]).decode
    for row in JsonRows(opened, decode, own=REPORT, unwrap=("value",)):
        if isinstance(row, RejectedRow):
            yield row
        else:
            line, cells, raw = row
            yield report_row(line, cells, raw, latest)


def _call_rows(opened: Opened, region: str | None, latest: int) -> Iterator[Row]:
    decode = msgspec.json.Decoder(CallRecord).decode
    values = JsonRows(opened, decode, own=_RECORD, unwrap=("value",))
    yield from values.records(lambda line, one: call_row(line, one, region, latest))
