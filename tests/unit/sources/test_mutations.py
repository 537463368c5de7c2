"""Whatever bytes come, reading yields rows or says that the file is unusable, and nothing else."""

import io
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.adapters.sources import SOURCES
from portal.domain.contacts.model import OFFERED, RejectedRow, SourceRecord
from portal.domain.shared.errors import UnusableFile
from tests.unit.sources.helpers import NOW_MS, OPTIONS, fixture

FILES = [
    ("amazon-connect", "amazon-connect-record.json"),
    ("amazon-connect", "amazon-connect-records.jsonl"),
    ("genesys", "genesys-conversation.json"),
    ("genesys", "genesys-open-unpadded.json"),
    ("three-cx", "three-cx.csv"),
    ("three-cx", "three-cx-socket.log"),
    ("teams", "teams-queue-report.json"),
    ("teams", "teams-queue-report.csv"),
    ("teams", "teams-call-record.json"),
]
FRAGMENTS = [
    b"",
    b"\x00",
    b"\xff",
    b'"',
    b"\n",
    b"-",
    b"{",
    b"}",
    b"[]",
    b"null",
    b"99999999999999999999",
    b"1e400",
    b"NaN",
    b",",
    b"\\ud800",
    "٣".encode(),
    b"9999-99-99T99:99:99Z",
    b"0001-01-01T00:00:00Z",
]
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1), st.integers(0, 40), st.sampled_from(FRAGMENTS) | st.binary(max_size=8)
    ),
    min_size=1,
    max_size=6,
)


def edited(text: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, new in edits:
        at = int(place * len(text))
        text = text[:at] + new + text[at + length :]
    return text


def check(source: str, text: bytes) -> None:
    """Reads it all and holds each row to what the model promises."""
    with suppress(UnusableFile):
        for row in SOURCES[source].read(io.BytesIO(text), OPTIONS):
            assert row.line >= 1
            if isinstance(row, RejectedRow):
                assert row.reason
                assert len(row.raw) <= 1 << 16
            elif isinstance(row, SourceRecord):
                hold(row)


def hold(record: SourceRecord) -> None:
    assert 1 <= len(record.record_id) <= 256
    assert 0 <= record.version < 2**63
    assert [leg.leg for leg in record.contacts] == list(range(len(record.contacts)))
    for leg in record.contacts:
        assert 0 < leg.started_ms <= NOW_MS + 86_400_000
        assert leg.queue is not None or leg.outcome not in OFFERED
        for span in (leg.wait_ms, leg.talk_ms, leg.hold_ms, leg.after_contact_work_ms):
            assert span is None or 0 <= span <= 49 * 86_400_000


@pytest.mark.parametrize(("source", "name"), FILES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_edited_files(source: str, name: str, edits: list[tuple[float, int, bytes]]) -> None:
    check(source, edited(fixture(name), edits))


@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=100, deadline=None)
@given(
    text=st.binary(max_size=300) | st.text(alphabet='{}[]",:\n 0a', max_size=200).map(str.encode)
)
def test_arbitrary_bytes(source: str, text: bytes) -> None:
    check(source, text)
