"""What people do to files and to questions, through every source and both ways in."""

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest

from portal.settings import ROOT
from tests.integration import records
from tests.integration.product import Product

ACR = "oliver.bright"
DAY = "2026-09-01"
EVER = {"from": "1990-01-01", "to": "2199-01-01"}
MIB = 1024 * 1024
LINE_MIB = 300
MOST_RSS = 400 * MIB


class Outcome(NamedTuple):
    """What must become of a file: how many rows are taken, how many kept back; None for a file
    that is refused whole."""

    taken: int | None
    rejected: int = 0


REFUSED = Outcome(None)
Spoil = Callable[[str, str], bytes]


def _foreign(source: str, day: str) -> bytes:
    other = records.SOURCES[records.SOURCES.index(source) - 1]
    return records.good(other, day)


def _truncated(source: str, day: str) -> bytes:
    return records.good(source, day).rstrip()[:-40]


def _array(source: str, day: str) -> bytes:
    """A large JSON array whose end is missing; rows or lines for the others."""
    if source == "teams":
        return records.good(source, day, 5000)[:-40]
    if source == "three-cx":
        return b'"' + records.good(source, day)
    rows = records.good(source, day, 5000).splitlines()
    return b"[" + b",\n".join(rows)


FILES: dict[str, tuple[Spoil, dict[str, Outcome]]] = {
    "white space": (lambda s, d: b" \r\n\t\n" * 50, {}),
    "another vendor's": (_foreign, {}),
    "UTF-16": (lambda s, d: records.good(s, d).decode().encode("utf-16"), {}),
    "UTF-16 without mark": (lambda s, d: records.good(s, d).decode().encode("utf-16-le"), {}),
    "NUL bytes": (lambda s, d: b"\0" * 70_000, {}),
    "binary": (lambda s, d: bytes(range(256)) * 300, {}),
    "packed": (lambda s, d: b"PK\x03\x04" + records.good(s, d), {}),
    "a document that does not end": (
        _array,
        {"three-cx": Outcome(2, 1)},
    ),
    "BOM": (
        lambda s, d: b"\xef\xbb\xbf" + records.good(s, d),
        dict.fromkeys(records.SOURCES, Outcome(3)),
    ),
    "CRLF": (
        lambda s, d: records.good(s, d).replace(b"\n", b"\r\n"),
        dict.fromkeys(records.SOURCES, Outcome(3)),
    ),
    "truncated": (
        _truncated,
        {
            "amazon-connect": Outcome(2, 1),
            "genesys": Outcome(2, 1),
            "three-cx": Outcome(2, 1),
        },
    ),
    "a line that is not UTF-8": (
        lambda s, d: records.good(s, d) + b"\xff\xfe\xfd\n",
        {
            "amazon-connect": Outcome(3, 1),
            "genesys": Outcome(3, 1),
            "three-cx": Outcome(3, 1),
        },
    ),
}


def query(source: str) -> dict[str, str]:
    return {"queue_extensions": records.EXTENSIONS} if source == "three-cx" else {}


def total(server: Product) -> int:
    return int(server.get("/api/contacts", ACR, EVER).json["total"])


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("source", records.SOURCES)
def test_spoilt_files_over_http(server: Product, source: str, kind: str) -> None:
    place = list(FILES).index(kind) * 4 + records.SOURCES.index(source)
    day = (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=place)).strftime("%Y-%m-%d")
    spoil, outcomes = FILES[kind]
    wanted = outcomes.get(source, REFUSED)
    before = total(server)
    answer = server.upload(source, spoil(source, day), file_name=kind, **query(source))
    if wanted.taken is None:
        assert (answer.status, answer.json["code"]) == (422, "unusable-file"), answer
        assert answer.json["detail"].endswith(".")
        assert total(server) == before, "nothing of an unusable file may be stored"
    else:
        status = server.followed(answer.json["id"])
        assert (status["accepted"], status["rejected"]) == (wanted.taken, wanted.rejected), status
        assert server.figures(day)["offered"] == wanted.taken


@pytest.mark.parametrize("source", records.SOURCES)
def test_spoilt_files_on_the_command_line(server: Product, tmp_path: Path, source: str) -> None:
    """All of them in one command: the good rows are in, each refused file has its reason."""
    paths = []
    for kind, (spoil, _) in FILES.items():
        day = f"2025-11-{records.SOURCES.index(source) * 4 + 1:02}"
        path = tmp_path / f"{kind}.txt"
        path.write_bytes(spoil(source, day))
        paths.append(str(path))
    options = ["--queue-extensions", records.EXTENSIONS] if source == "three-cx" else []
    done = server.command(
        "import", "--organization", "harbour", "--source", source, *options, "--json", *paths
    )
    assert done.code == 2
    refused = {one["file"].removesuffix(".txt") for one in done.json["unusable"]}
    assert refused == {kind for kind, (_, outcomes) in FILES.items() if source not in outcomes}
    assert done.json["accepted"] + done.json["unchanged"] == sum(
        outcomes[source].taken or 0 for _, outcomes in FILES.values() if source in outcomes
    )


# --- rows -------------------------------------------------------------------------------------

FUTURE = datetime.now(UTC) + timedelta(days=3)


def _connect(**fields: Any) -> bytes:
    return records.lines([records.connect(DAY, 1, **fields)])


def _queue(**fields: Any) -> bytes:
    record = records.connect(DAY, 2)
    record["Queue"] |= fields
    return records.lines([record])


def _three(old: str, new: str) -> bytes:
    return records.three_cx(DAY, 3).replace(old, new).encode() + b"\n"


def _row(place: int, value: Any) -> bytes:
    row = records.teams(DAY, 4)
    row[place] = value
    return json.dumps([records.teams(DAY, 5), row]).encode()


ROWS = {
    "connect: negative duration": ("amazon-connect", _queue(Duration=-1), "negative"),
    "connect: ends before it starts": (
        "amazon-connect",
        _connect(DisconnectTimestamp=f"{DAY}T01:00:00Z"),
        "before",
    ),
    "connect: clock in the future": (
        "amazon-connect",
        _connect(LastUpdateTimestamp=FUTURE.strftime("%Y-%m-%dT%H:%M:%SZ")),
        "future",
    ),
    "connect: unknown channel": ("amazon-connect", _connect(Channel="PIGEON"), "hannel"),
    "connect: a number for a text": ("amazon-connect", _connect(ContactId=7), "str"),
    "connect: no id": ("amazon-connect", _connect(ContactId=""), "missing"),
    "connect: endless duration": ("amazon-connect", _queue(Duration=10**15), "longer"),
    "connect: infinite duration": (
        "amazon-connect",
        _queue().replace(b'"Duration": 7', b'"Duration": 1e999'),
        "",
    ),
    "genesys: ends before it starts": (
        "genesys",
        records.lines([records.genesys(DAY, 1, conversationEnd=f"{DAY}T01:00:00.000Z")]),
        "before",
    ),
    "genesys: clock in the future": (
        "genesys",
        records.lines(
            [records.genesys(DAY, 2, conversationEnd=FUTURE.strftime("%Y-%m-%dT%H:%M:%SZ"))]
        ),
        "",
    ),
    "3CX: 5 fields": ("three-cx", b"Call 1,2,3,4,5\n", ""),
    "3CX: negative duration": ("three-cx", _three("00:05:15", "-00:05:15"), ""),
    "3CX: ends before it starts": (
        "three-cx",
        _three(",2026/09/01 09:05:18,", ",2026/09/01 01:00:00,"),
        "before",
    ),
    "3CX: no date": ("three-cx", _three("2026/09/01 09:00:03", "2026/13/01 09:00:03"), "date"),
    "teams: negative wait": ("teams", _row(3, -18.0), "negative"),
    "teams: no date": ("teams", _row(0, "soon"), "date"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row_among_good_ones(server: Product, name: str) -> None:
    source, text, reason = ROWS[name]
    day = f"2025-12-{list(ROWS).index(name) + 1:02}"
    if source == "teams":
        status = server.imported(source, text)
        assert status["rejected"] == 1, status
    else:
        status = server.imported(source, records.good(source, day) + text, **query(source))
        assert (status["accepted"], status["rejected"]) == (3, 1), status
        assert server.figures(day)["offered"] == 3
    [rejection] = status["rejections"]
    assert reason in rejection["reason"]


def test_three_cx_rows_of_twenty_fields_and_unpadded_dates(server: Product) -> None:
    day = "2026-09-02"
    short = ",".join(records.three_cx(day, 1).split(",External")[0].split("\x00"))
    unpadded = records.three_cx(day, 2).replace("2026/09/02", "2026/9/2")
    status = server.imported("three-cx", f"{short}\n{unpadded}\n".encode(), queue_extensions="610")
    assert (status["accepted"], status["rejected"]) == (2, 0), status
    assert server.figures(day)["offered"] == 2


def test_rows_to_an_unknown_queue_are_direct_calls(server: Product) -> None:
    day = "2026-09-03"
    status = server.imported("three-cx", records.good("three-cx", day), queue_extensions="999")
    assert status["accepted"] == 3
    assert server.figures(day)["offered"] == 0


def test_one_id_with_two_contents_whichever_comes_first(server: Product) -> None:
    """Two organisations are given the same two files in opposite order."""
    day = "2026-09-04"
    one = records.lines([records.connect(day, 1, wait=5)])
    two = records.lines([records.connect(day, 1, wait=9, LastUpdateTimestamp=f"{day}T09:01:06Z")])
    for person, files in (("oliver.bright", (one, two)), ("dana.whitfield", (two, one))):
        for file in files:
            server.imported("amazon-connect", file, person=person)
    # The same instant in both organisations' days.
    span = {"from": f"{day}T00:00:00Z", "to": f"{day}T23:59:59Z"}
    mine, theirs = (
        server.get("/api/dashboards/summary", person, span).json["metrics"]
        for person in ("oliver.bright", "dana.whitfield")
    )
    assert mine == theirs
    assert mine["offered"]["value"] == 1


class TestEndlessLine:
    """One line of hundreds of megabytes costs neither memory nor the service."""

    STARTS: ClassVar = {
        "amazon-connect": b'{"ContactId": "',
        "genesys": b'{"conversations": [{"conversationId": "',
        "three-cx": b"Call 1,",
        "teams": b'{"dataResult": [["',
    }

    @pytest.mark.parametrize("source", records.SOURCES)
    def test_from_a_pipe(self, server: Product, tmp_path: Path, source: str) -> None:
        path = tmp_path / "endless"
        os.mkfifo(path)

        def write() -> None:
            with path.open("wb") as pipe:
                try:
                    pipe.write(self.STARTS[source])
                    for _ in range(LINE_MIB):
                        pipe.write(b"x" * MIB)
                except BrokenPipeError:
                    return  # it has read enough

        writer = threading.Thread(target=write)
        writer.start()
        arguments = ("import", "--organization", "harbour", "--source", source, "--json", str(path))
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", *arguments],
            cwd=ROOT,
            env=server.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        with process.stdout, process.stderr:
            said, complained = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        writer.join()
        assert process.returncode == 2, complained
        assert json.loads(said)["accepted"] == 0
        assert b"Traceback" not in complained
        # Until it begins, a process counts the pages of whoever forked it.
        ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        assert usage.ru_maxrss * 1024 < max(MOST_RSS, ours + MOST_RSS // 4)

    def test_a_sparse_file_of_two_gigabytes(self, server: Product, tmp_path: Path) -> None:
        path = tmp_path / "sparse"
        with path.open("wb") as file:
            file.truncate(2 * 1024**3)
        done = server.command(
            "import", "--organization", "harbour", "--source", "three-cx", str(path)
        )
        assert (done.code, "binary" in done.err) == (2, True)


# --- questions --------------------------------------------------------------------------------

PATHS = ("summary", "series", "queues", "agents", "reconciliation")
MALFORMED = (
    {"from": "2026-02-02", "to": "2026-02-01"},
    {"from": "2026-02-02", "to": "2026-02-02"},
    {"from": "yesterday"},
    {"from": "2026-02-30"},
    {"from": "0001-01-01"},
    {"to": "9999-12-31"},
    {"from": "²⁰²⁶-01-01"},
    {"from": "2026-01-01T00:00:00\x00"},
    {"threshold": "0"},
    {"threshold": "-1"},
    {"threshold": "nan"},
    {"threshold": "inf"},
    {"threshold": "1e300"},
    {"threshold": "0x10"},
    {"threshold": ""},
    {"definition": "best"},
    {"channel": "pigeon"},
    {"direction": "up"},
    {"colour": "red"},
    [("threshold", "5"), ("threshold", "6")],
    [("from", "2026-01-01"), ("from", "2026-01-02")],
    [("organization", "harbour"), ("organization", "harbour")],
)


@pytest.mark.parametrize("path", PATHS)
def test_malformed_questions(server: Product, path: str) -> None:
    for asked in MALFORMED:
        answer = server.get(f"/api/dashboards/{path}", ACR, asked)
        assert answer.status == 422, (asked, answer)
        assert answer.json["fields"], asked
    assert server.get("/healthz").status == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "1000"},
        {"limit": "-1"},
        {"limit": "1.5"},
        {"cursor": "x"},
        {"cursor": ""},
        {"cursor": "9" * 400},
        {"cursor": "-1,-1"},
        {"cursor": "eyJhIjogMX0="},
        {"cursor": "\x00"},
        {"metric": "nonsense"},
        {"outcome": "vanished"},
        {"agent": "a" * 300},
    ],
)
def test_malformed_pages_of_contacts(server: Product, asked: dict[str, str]) -> None:
    answer = server.get("/api/contacts", ACR, {**EVER, **asked})
    assert answer.status in ({404, 422} if "agent" in asked else {422}), answer


def test_an_offset_survives_with_a_space_for_its_plus(server: Product) -> None:
    day = "2026-09-05"
    server.imported("amazon-connect", records.good("amazon-connect", day))
    for text in (
        f"from={day}T10:00:00%2B01:00&to={day}T11:00:00%2B01:00",
        f"from={day}T10:00:00+01:00&to={day}T11:00:00+01:00",
        f"from={day}T09:00:00Z&to={day}T10:00:00Z",
    ):
        answer = server.get("/api/dashboards/summary", ACR, text)
        assert answer.status == 200, answer
        assert answer.json["metrics"]["offered"]["value"] == 3


def test_ten_years(server: Product) -> None:
    span = {"from": "2020-01-01", "to": "2030-01-01"}
    for path in ("summary", "queues", "agents"):
        assert server.get(f"/api/dashboards/{path}", ACR, span).status == 200
    assert server.get("/api/dashboards/series", ACR, {**span, "grain": "1d"}).status == 200
    for grain in ("1h", "15m"):
        answer = server.get("/api/dashboards/series", ACR, {**span, "grain": grain})
        assert (answer.status, set(answer.json["fields"])) == (422, {"grain"})
    answer = server.get("/api/dashboards/reconciliation", ACR, span)
    assert (answer.status, set(answer.json["fields"])) == (422, {"from"})


def test_oversized_queries(server: Product) -> None:
    long = "q" * 7000
    answer = server.get("/api/dashboards/summary", ACR, {"queue": long})
    assert answer.status == 404
    many = [("queue", str(number)) for number in range(600)]
    assert server.get("/api/dashboards/summary", ACR, many).status == 404
    answer = server.ask("GET", f"/api/me?x={'y' * 20_000}", token=server.token(ACR))
    assert answer.status in {400, 414, 422}


def _wrong() -> Iterator[tuple[str, str]]:
    for path in ("/api/me", "/api/dashboards/summary", "/api/contacts", "/api/imports/x"):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            yield method, path
    yield "PUT", "/api/imports"
    yield "POST", "/healthz"


def test_wrong_methods_and_addresses(server: Product) -> None:
    for method, path in _wrong():
        answer = server.ask(method, path, token=server.token(ACR))
        assert (answer.status, answer.json["code"]) == (405, "method-not-allowed"), (method, path)
        assert answer.headers["Allow"]
    for path in (
        "/api",
        "/api/",
        "/api/none",
        "/api/imports/a/b",
        "/api/../etc/passwd",
        "//api/me",
    ):
        assert server.ask("GET", path, token=server.token(ACR)).status == 404, path
    for id in ("%00", "..%2f..", "a" * 300, "%ff", "é", "' OR 1=1 --".replace(" ", "%20")):
        answer = server.ask(
            "GET",
            f"/api/imports/{id.encode('ascii', 'ignore').decode() or 'x'}",
            token=server.token(ACR),
        )
        assert answer.status == 404, id


def test_bodies_on_questions_are_left_alone(server: Product) -> None:
    answer = server.ask(
        "GET",
        "/api/dashboards/summary",
        query={"from": DAY},
        token=server.token(ACR),
        body=b"{}" * 9999,
    )
    assert answer.status == 200
    assert server.get("/api/me", ACR).status == 200


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"person": 7}', "application/json", 422),
        (b'{"person": "oliver.bright", "role": "operator"}', "application/json", 422),
        (b'{"person": "nobody"}', "application/json", 404),
        (b'{"person": "oliver.bright", "organization": "juniper"}', "application/json", 404),
        (b'{"person": "oliver.bright"}', "text/plain", 422),
        (b'{"person": "\xff"}', "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b" " * (MIB + 1), "application/json", 413),
    ],
)
def test_malformed_sign_in(server: Product, body: bytes, media: str, status: int) -> None:
    answer = server.ask("POST", "/dev/token", body=body, headers={"Content-Type": media})
    assert answer.status == status, answer
