"""3CX call records: layouts of rows, and what a row means."""

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.contacts.model import Direction, IgnoredRow, Outcome, Timing
from portal.domain.shared.errors import UnusableFile
from tests.unit.sources.helpers import OPTIONS, fixture, read, records, rejections

SOURCE = "three-cx"
ANSWERED, ABANDONED, FLOWED, UNTAKEN, OUTBOUND, INBOUND = (
    line for line in fixture("three-cx.csv").splitlines()
)
DEFAULT = (
    "historyid,callid,duration,time-start,time-answered,time-end,reason-terminated,from-no,to-no,"
    "from-dn,to-dn,dial-no,reason-changed,final-number,final-dn,bill-code,bill-rate,bill-cost,"
    "bill-name,chain,from-type,to-type,final-type,from-dispname,to-dispname,final-dispname,"
    "missed-queue-calls"
)


def outcomes(text: bytes) -> list[Outcome]:
    return [record.contacts[0].outcome for record in records(SOURCE, text)]


def test_rows_of_a_file() -> None:
    assert outcomes(fixture("three-cx.csv")) == [
        Outcome.ANSWERED,
        Outcome.ABANDONED,
        Outcome.FLOW_OUT,
        Outcome.UNCONNECTED,
        Outcome.CONNECTED,
        Outcome.CONNECTED,
    ]


def test_an_answered_queue_call_has_neither_wait_nor_talk() -> None:
    [record] = records(SOURCE, ANSWERED)
    [leg] = record.contacts
    assert (record.record_id, record.version) == ("Call 101", (leg.ended_ms or 0) * 2 + 1)
    assert (leg.wait_ms, leg.talk_ms, leg.hold_ms, leg.after_contact_work_ms) == (None,) * 4
    assert (leg.started_ms, leg.arrived_ms, leg.ended_ms) == (
        1_775_300_023_000,
        1_775_300_023_000,
        1_775_300_339_000,
    )
    assert leg.queue is not None
    assert leg.queue == ("610", "610")
    assert leg.agent == ("185", "185")
    assert leg.customer is not None
    assert (leg.customer.number, leg.customer.name) == ("+442079460001", None)
    assert leg.direction is Direction.INBOUND


def test_the_wait_of_an_abandoned_call_is_its_duration() -> None:
    [record] = records(SOURCE, ABANDONED)
    assert record.contacts[0].wait_ms == 14_000
    assert record.contacts[0].agent is None


def test_a_forwarded_call_has_no_wait_and_no_agent() -> None:
    [record] = records(SOURCE, FLOWED.replace(b"QFwdToDNA", b"qfwdtovmail"))
    leg = record.contacts[0]
    assert (leg.outcome, leg.wait_ms, leg.agent) == (Outcome.FLOW_OUT, None, None)


def test_an_outbound_call_is_direct_with_the_dialled_customer() -> None:
    [record] = records(SOURCE, OUTBOUND)
    [leg] = record.contacts
    assert (leg.direction, leg.talk_ms, leg.queue) == (Direction.OUTBOUND, 307_000, None)
    assert leg.agent == ("114", "114")
    assert leg.customer is not None
    assert leg.customer.number == "+442079460004"


def test_an_inbound_direct_call_names_its_extension_and_no_withheld_caller() -> None:
    [record] = records(SOURCE, INBOUND)
    [leg] = record.contacts
    assert (leg.direction, leg.agent, leg.customer) == (
        Direction.INBOUND,
        ("186", "Sam Example"),
        None,
    )


def test_without_queue_extensions_every_call_is_direct() -> None:
    options = OPTIONS._replace(queue_extensions=frozenset())
    found = records(SOURCE, fixture("three-cx.csv"), options)
    assert {record.contacts[0].queue for record in found} == {None}
    assert found[0].contacts[0].outcome is Outcome.CONNECTED


@pytest.mark.parametrize(
    ("fields", "queue"),
    [
        ((b"Ext.610,10000,610,610", b"Ext.999,10000,611,610"), "611"),
        ((b"Ext.610,10000,610,610", b"Ext.610,10000,,611"), "610"),
        ((b"Ext.610,10000,610,610", b",10000,,610"), "610"),
        ((b"Ext.610,10000,610,610", b"Ext.610,10000,185,610"), None),
    ],
)
def test_the_queue_is_the_first_destination_given(
    fields: tuple[bytes, bytes], queue: str | None
) -> None:
    [record] = records(SOURCE, ABANDONED.replace(*fields))
    found = record.contacts[0].queue
    assert (found.key if found else None) == queue


def test_a_one_call_file_of_the_socket_form() -> None:
    [record] = records(SOURCE, fixture("three-cx-one-call.log"))
    [leg] = record.contacts
    assert (leg.outcome, leg.direction, leg.talk_ms) == (
        Outcome.CONNECTED,
        Direction.OUTBOUND,
        25_000,
    )
    assert leg.agent == ("10016", "Front desk")
    assert leg.customer is not None
    assert (leg.customer.number, leg.customer.name) == ("+447700900101", None)


def test_socket_lines_in_a_log_with_twenty_fields() -> None:
    rows = read(SOURCE, fixture("three-cx-socket.log"))
    assert [row for row in rows if isinstance(row, IgnoredRow)] == [
        IgnoredRow(2, "a log line without a call")
    ]
    found = records(SOURCE, fixture("three-cx-socket.log"))
    assert [record.contacts[0].outcome for record in found] == [
        Outcome.CONNECTED,
        Outcome.ANSWERED,
        Outcome.UNCONNECTED,
    ]
    assert [record.contacts[0].direction for record in found] == [
        Direction.OUTBOUND,
        Direction.INBOUND,
        Direction.INTERNAL,
    ]


def test_a_header_is_ignored_and_may_change_the_order() -> None:
    rows = read(SOURCE, DEFAULT.encode() + b"\n" + ANSWERED)
    assert rows[0] == IgnoredRow(1, "the header")
    reordered = (
        b"time_end,Time-Start,historyid,to-dn\r\n"
        b"2026/04/04 10:58:59,2026/04/04 10:53:43,Call 1,610\r\n"
    )
    [record] = records(SOURCE, reordered)
    assert record.contacts[0].outcome is Outcome.ABANDONED


def test_columns_in_the_administrators_order() -> None:
    options = OPTIONS._replace(columns=("to-dn", "time-start", "time-end", "historyid", "own"))
    [record] = records(SOURCE, b"611,2026/04/04 10:53:43,2026/04/04 10:53:53,Call 9,x\n", options)
    assert record.record_id == "Call 9"
    assert record.contacts[0].wait_ms == 10_000
    assert [
        row.reason
        for row in rejections(
            SOURCE, b"611,2026/04/04 10:53:43,2026/04/04 10:53:53,Call 9,x\na,b\n", options
        )
    ] == ["the row has 2 fields instead of 5"]


@pytest.mark.parametrize(
    "columns", [("historyid",), ("historyid", "time-start", "time-end"), ("to-dn", "to-dn")]
)
def test_columns_that_cannot_make_a_call_are_refused(columns: tuple[str, ...]) -> None:
    with pytest.raises(UnusableFile, match="3CX columns"):
        read(SOURCE, ANSWERED, OPTIONS._replace(columns=columns))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"00:05:15", b"-00:05:15", "duration is negative"),
        (b"00:05:15", b"5 min", "duration is not HH:MM:SS"),
        (b"00:05:15", b"60.00:00:00", "duration is longer than 49 days"),
        (b"10:58:59", b"10:58:5x", "time-end is not a date and time"),
        (b"2026/04/04 10:58:59", b"2026/04/04 10:53:40", "time-end is before time-start"),
        (
            b"2026/04/04 10:58:59",
            b"2030/04/04 10:53:40",
            "time-end is more than a day in the future",
        ),
        (
            b"2026/04/04 10:53:43,2026/04/04 10:53:43",
            b"2026/04/04 10:53:43,2026/04/04 10:50:00",
            "time-answered is before time-start",
        ),
        (b"Call 101", b"", "historyid is missing"),
        (b"Call 101", b"C" * 300, "historyid is longer than 256 characters"),
        (b",Internal,from disp", b",from disp", "the row has 26 fields instead of 27"),
        (b"fin disp,", b"fin disp,,,", "the row has 29 fields instead of 27"),
        (b'Ext.185,",', b"Ext.185,,", "the quotes of the row do not pair; it may be cut off"),
        (b"fin disp", b"fin\x00disp", "the line has NUL bytes"),
        (b"fin disp", b"fin \xe9", "the line is not UTF-8 text"),
    ],
)
def test_refused(old: bytes, new: bytes, expected: str) -> None:
    bad = ANSWERED.replace(old, new)
    assert bad != ANSWERED
    [rejection] = rejections(SOURCE, ABANDONED + b"\n" + bad + b"\n")
    assert (rejection.line, rejection.reason, rejection.raw) == (2, expected, bad)


def test_a_last_row_that_is_cut_off_is_rejected_alone() -> None:
    text = ABANDONED + b"\n" + ANSWERED[:90]
    assert [row.line for row in rejections(SOURCE, text)] == [2]


def test_unpadded_dates_and_long_durations_are_read() -> None:
    row = ABANDONED.replace(b"2026/04/04", b"2026/4/4").replace(b"00:00:14", b"1.02:00:14")
    [record] = records(SOURCE, row)
    assert record.contacts[0].wait_ms == (26 * 3600 + 14) * 1000


def test_a_foreign_row_is_marked() -> None:
    [rejection] = rejections(SOURCE, ABANDONED + b'\n{"conversationId":"c"}\n')
    assert rejection.foreign
    assert rejection.reason == "this looks like a Genesys Cloud conversation, not a 3CX call record"


def test_what_the_source_cannot_give_is_said() -> None:
    gaps = SOURCES[SOURCE].gaps
    assert gaps[Timing.WAIT_ANSWERED].field == "time-answered"
    assert "not when an agent did" in gaps[Timing.WAIT_ANSWERED].reason
    assert Timing.WAIT_ABANDONED not in gaps
