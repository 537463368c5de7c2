"""Contact files over HTTP: reports, sizes, interruptions, many at once."""

import gzip
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.product import Product, wait_for

COUNTS = ("accepted", "corrected", "unchanged", "ignored", "rejected")
ACR = "oliver.bright"


def counts(status: Any) -> dict[str, int]:
    return {name: status[name] for name in COUNTS if status[name]}


@pytest.mark.parametrize(("source", "month"), list(zip(records.SOURCES, (1, 2, 3, 4), strict=True)))
class TestEverySource:
    def test_is_read_reported_and_counted(self, server: Product, source: str, month: int) -> None:
        day = f"2026-{month:02}-10"
        query = {"queue_extensions": records.EXTENSIONS} if source == "three-cx" else {}
        body = records.good(source, day, 5)
        answer = server.upload(source, body, file_name="Août 10.json", **query)
        assert answer.status == 200
        status = answer.json
        assert counts(status) == {"accepted": 5}
        assert (status["state"], status["progress"], status["error"]) == ("completed", 1.0, None)
        assert (status["source"], status["file"]) == (source, "Août 10.json")
        assert answer.headers["Location"] == f"/api/imports/{status['id']}"
        assert server.get(answer.headers["Location"], ACR).json == status
        assert server.get("/api/imports", ACR).json["imports"][0] == status
        figures = server.figures(day)
        assert (figures["offered"], figures["answered"], figures["abandoned"]) == (5, 5, 0)
        again = server.upload(source, body, **query).json
        assert counts(again) == {"unchanged": 5}
        assert server.figures(day) == figures

    def test_figures_are_those_of_the_command_line(
        self, server: Product, source: str, month: int
    ) -> None:
        day = f"2026-{month:02}-10"
        query = {
            "amazon-connect": {"from": day},
            "genesys": {
                "from": day,
                "definition": "positive",
                "threshold": "5",
                "channel": "voice",
            },
            "three-cx": {"from": f"{day}T09:00:01+00:00", "to": f"{day}T09:00:03+00:00"},
            "teams": {"from": "2025-12-01", "to": "2027-01-01", "definition": "short_excluded"},
        }[source]
        answer = server.get("/api/dashboards/summary", ACR, query)
        options = [word for name, text in query.items() for word in (f"--{name}", text)]
        printed = server.command("figures", "--organization", "harbour", *options, "--json")
        assert printed.json == answer.json


class TestRefused:
    @pytest.mark.parametrize("source", records.SOURCES)
    def test_an_unusable_file_leaves_nothing(self, server: Product, source: str) -> None:
        before = server.get("/api/contacts", ACR, {"from": "1990-01-01", "to": "2199-01-01"}).json
        answer = server.upload(source, b"%PDF-1.7 nothing of ours\n" * 3)
        assert (answer.status, answer.json["code"]) == (422, "unusable-file")
        kept = server.get(f"/api/imports/{answer.json['fields']['import']}", ACR).json
        assert (kept["state"], kept["error"]) == ("failed", answer.json["detail"])
        after = server.get("/api/contacts", ACR, {"from": "1990-01-01", "to": "2199-01-01"}).json
        assert after["total"] == before["total"]
        wait_for(lambda: not server.left())

    @pytest.mark.parametrize("headers", [{}, {"Content-Length": "0"}])
    def test_an_empty_body(self, server: Product, headers: dict[str, str]) -> None:
        answer = server.ask(
            "POST",
            "/api/imports",
            query={"source": "genesys"},
            token=server.token(ACR),
            headers=headers,
        )
        assert (answer.status, answer.json["code"]) == (422, "empty-body")
        wait_for(lambda: not server.left())

    def test_an_empty_body_of_someone_who_may_not_import(self, server: Product) -> None:
        assert server.upload("genesys", b"", person="amira.khan").status == 403

    def test_an_empty_chunked_body(self, server: Product) -> None:
        answer = server.upload("genesys", iter(()))
        assert (answer.status, answer.json["code"]) == (422, "empty-body")
        wait_for(lambda: not server.left())

    def test_an_unknown_source(self, server: Product) -> None:
        answer = server.upload("avaya", b"{}")
        assert answer.status == 422
        assert "amazon-connect" in answer.json["fields"]["source"]

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"source": "genesys", "colour": "red"},
            {"source": "genesys", "file_name": "x" * 256},
            [("source", "genesys"), ("source", "teams")],
            {"source": "three-cx", "columns": "historyid,nonsense"},
        ],
    )
    def test_malformed_parameters(self, server: Product, query: Any) -> None:
        answer = server.ask(
            "POST", "/api/imports", query=query, token=server.token(ACR), body=b"x,y\n"
        )
        assert answer.status == 422
        wait_for(lambda: not server.left())

    @pytest.mark.parametrize("chunked", [False, True])
    def test_more_than_the_limit_keeps_nothing(self, server: Product, chunked: bool) -> None:
        before = server.get("/api/imports", ACR).json["imports"][:1]
        piece = b" " * 1_000_000
        body: Any = (piece for _ in range(21)) if chunked else piece * 21
        answer = server.upload("genesys", body)
        assert (answer.status, answer.json["code"]) == (413, "too-large")
        wait_for(lambda: not server.left())
        assert server.get("/api/imports", ACR).json["imports"][:1] == before

    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "nonsense"])
    def test_a_packed_body_is_refused_or_read(self, server: Product, coding: str) -> None:
        day = "2026-01-20"
        body = records.good("genesys", day)
        packed = gzip.compress(body) if coding == "gzip" else body
        answer = server.ask(
            "POST",
            "/api/imports",
            query={"source": "genesys"},
            token=server.token(ACR),
            body=packed,
            headers={"Content-Encoding": coding},
        )
        if coding == "deflate":
            assert (answer.status, answer.json["code"]) == (422, "broken-body")
        assert answer.status in {200, 400, 422}, answer
        wait_for(lambda: not server.left())

    def test_a_small_body_that_unpacks_to_a_large_one(self, server: Product) -> None:
        bomb = gzip.compress(b" " * 200_000_000, 9)
        answer = server.ask(
            "POST",
            "/api/imports",
            query={"source": "genesys"},
            token=server.token(ACR),
            body=bomb,
            headers={"Content-Encoding": "gzip"},
        )
        assert answer.status == 413, answer
        wait_for(lambda: not server.left())


class TestSlowAndBroken:
    def head(self, server: Product, *, length: str) -> bytes:
        return (
            "POST /api/imports?source=amazon-connect HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {server.token(ACR)}\r\n{length}\r\n\r\n"
        ).encode()

    def test_a_body_in_tiny_chunks_arrives_whole(self, server: Product) -> None:
        day = "2026-01-21"
        body = records.good("amazon-connect", day, 2)
        pieces = (body[at : at + 7] for at in range(0, len(body), 7))
        assert counts(server.imported("amazon-connect", pieces)) == {"accepted": 2}

    @pytest.mark.parametrize("length", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
    def test_a_client_that_hangs_up_leaves_nothing(self, server: Product, length: str) -> None:
        before = len(server.get("/api/imports", ACR).json["imports"])
        head = self.head(server, length=length)
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(head + b"3e8\r\n" + b"{" * 1000)
            wait_for(server.left)
        wait_for(lambda: not server.left())
        assert len(server.get("/api/imports", ACR).json["imports"]) == before

    @pytest.mark.parametrize("broken", [b"zz\r\nabc\r\n0\r\n\r\n", b"5\r\nabc\r\n\r\n"])
    def test_chunks_that_are_none(self, server: Product, broken: bytes) -> None:
        head = self.head(server, length="Transfer-Encoding: chunked")
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(head + broken)
            line.shutdown(socket.SHUT_WR)
            answer = line.makefile("rb").read()
        assert answer[8:12] in {b"", b" 400", b" 422"}
        wait_for(lambda: not server.left())
        assert server.get("/healthz").status == 200


class TestLarge:
    def test_202_with_an_address_to_follow(self, make: Make) -> None:
        """With a server that waits for no import before it answers."""
        impatient = (
            "import runpy; from portal.web.api import imports; imports.PATIENCE_SECONDS = 0;"
            "runpy.run_path('app.py', run_name='__main__')"
        )
        server = make().start("-c", impatient)
        days = ("2026-06-01", "2026-06-02")
        count = 12_000
        answers = [
            server.upload(
                "amazon-connect",
                records.lines(records.connect(day, number) for number in range(count)),
            )
            for day in days
        ]
        seen: dict[str, list[float]] = {}
        for answer in answers:
            status = answer.json
            assert answer.status == 202
            assert status["state"] in {"queued", "running"}
            assert (status["finished_at"], status["accepted"] < count) == (None, True)
            id = status["id"]
            assert answer.headers["Location"] == f"/api/imports/{id}"

            def ended(id: str = id) -> bool:
                status = server.get(f"/api/imports/{id}", ACR).json
                seen.setdefault(id, []).append(status["progress"])
                return bool(status["state"] == "completed")

            wait_for(ended)
        assert all(progress == sorted(progress) for progress in seen.values())
        assert any(0 < progress < 1 for each in seen.values() for progress in each)
        for answer, day in zip(answers, days, strict=True):
            assert counts(server.followed(answer.json["id"])) == {"accepted": count}
            assert server.figures(day)["offered"] == count
        wait_for(lambda: not server.left())

    def test_ten_at_once_all_land(self, server: Product) -> None:
        day = "2026-06-20"
        barrier = threading.Barrier(10)

        def upload(file: int) -> Any:
            body = records.lines(
                records.connect(day, number) for number in range(file * 90, file * 90 + 100)
            )
            barrier.wait()
            return server.imported("amazon-connect", body, file_name=f"{file}.json")

        with ThreadPoolExecutor(10) as pool:
            done = list(pool.map(upload, range(10)))
        assert sum(one["accepted"] for one in done) == 910
        assert sum(one["unchanged"] for one in done) == 90
        assert server.figures(day)["offered"] == 910
