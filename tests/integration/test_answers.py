"""Answers that are kept, and streams that tell of new ones."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.contract import Contract
from tests.integration.product import Product, wait_for

ACR, OPERATOR = "oliver.bright", "luca.moretti"
DAY = "2026-10-01"
PATHS = ("summary", "series", "queues", "agents")
OPENED = 200

ABSENT = ("There is no such", "There is nothing at this address.", "No app is set up for you.")
"""What a record that is not there, a sign-in where no app is registered, and a proof by an app that
nobody set up answer."""


@pytest.fixture(scope="module", autouse=True)
def _contacts(server: Product) -> None:
    server.imported("amazon-connect", records.good("amazon-connect", DAY))


@pytest.mark.parametrize("path", PATHS)
class TestTags:
    def test_a_held_copy_is_current_until_something_is_imported(
        self, server: Product, path: str
    ) -> None:
        address, query = f"/api/dashboards/{path}", {"from": DAY}
        first = server.get(address, ACR, query)
        tag = first.headers["ETag"]
        assert re.fullmatch(r'"[^"]+"', tag)
        assert "no-cache" in first.headers["Cache-Control"]
        assert first.headers["Vary"].startswith("Authorization")
        for held in (tag, f"W/{tag}", f'"other", {tag}'):
            again = server.get(address, ACR, query, headers={"If-None-Match": held})
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), held
            assert again.headers["Server"] == "Switchroom"
        for held in ('"other"', tag.strip('"'), ""):
            again = server.get(address, ACR, query, headers={"If-None-Match": held})
            assert (again.status, again.body) == (200, first.body), held
        number = PATHS.index(path) + 10
        server.imported("amazon-connect", records.lines([records.connect(DAY, number)]))
        after = server.get(address, ACR, query, headers={"If-None-Match": tag})
        assert (after.status, after.headers["ETag"] != tag) == (200, True)

    def test_tags_differ_by_question_role_person_and_organisation(
        self, server: Product, path: str
    ) -> None:
        address = f"/api/dashboards/{path}"
        questions = [
            (ACR, {"from": DAY}),
            (ACR, {"from": "2026-10-02"}),
            (ACR, {"from": DAY, "threshold": "30"}),
            (ACR, {"from": DAY, "channel": "chat"}),
            ("ruth.engel", {"from": DAY}),
            ("ruth.engel", {"from": DAY, "organization": "juniper"}),
            ("sofia.lindqvist", {"from": DAY}),
            ("amira.khan", {"from": DAY}),
            ("noah.reyes", {"from": DAY}),
            ("dana.whitfield", {"from": DAY}),
        ]
        tags = [server.get(address, *question).headers["ETag"] for question in questions]
        assert len(set(tags)) == len(tags)

    def test_a_copy_never_stands_in_for_a_refusal(self, server: Product, path: str) -> None:
        address, query = f"/api/dashboards/{path}", {"from": DAY}
        tag = server.get(address, ACR, query).headers["ETag"]
        for held in (tag, "*", f"{tag}, *"):
            headers = {"If-None-Match": held}
            assert server.get(address, "tomas.silva", query, headers=headers).status == 403
            assert server.ask("GET", address, query=query, headers=headers).status == 401
            wrong = {**query, "queue": "none such"}
            assert server.get(address, ACR, wrong, headers=headers).status == 404, held
            if path == "agents":
                assert server.get(address, "luca.moretti", query, headers=headers).status == 403


def test_answers_carry_the_headers_that_protect_them(server: Product) -> None:
    for path in ("/api/me", "/api/none", "/healthz", "/tab/none", "/dev/people", "/api/contacts"):
        headers = server.get(path, "tomas.silva").headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'self' https://" in headers["Content-Security-Policy"]
        assert headers["Server"] == "Switchroom"
        assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Correlation-Id"])
        assert headers["Cache-Control"] in {"no-store", "no-cache"}
    kept = server.get("/api/me", ACR, headers={"X-Correlation-Id": "caller-0001"})
    assert kept.headers["X-Correlation-Id"] == "caller-0001"
    replaced = server.get("/api/me", ACR, headers={"X-Correlation-Id": "+12025550199"})
    assert "2025550199" not in replaced.headers["X-Correlation-Id"]


class TestStream:
    def test_the_first_event_comes_at_once_and_the_next_with_an_import(
        self, server: Product
    ) -> None:
        with server.stream("amira.khan") as stream, server.stream("grace.osei") as other:
            assert stream.response.status == 200
            assert stream.response.headers["Content-Type"] == "text/event-stream"
            first = stream.next(2)
            assert set(first) == {"revision"}
            foreign = other.next(2)["revision"]
            server.imported("amazon-connect", records.good("amazon-connect", "2026-10-03"))
            after = stream.next(2)["revision"]
            assert after > first["revision"]
            server.imported("teams", records.good("teams", "2026-10-03"), person="dana.whitfield")
            assert other.next(2)["revision"] > foreign, "and only its own organisation's"

    def test_it_ends_with_the_server(self, make: Make) -> None:
        product = make().start()
        with product.stream(ACR) as stream:
            stream.next()
            assert product.stop(seconds=10) == 0
            assert stream.next() is None

    def test_clients_that_come_and_go_leave_nothing(self, make: Make) -> None:
        product = make().start()
        product.token(ACR)
        assert product.process is not None
        files = Path(f"/proc/{product.process.pid}/fd")

        def opened() -> int:
            return sum(1 for _ in files.iterdir())

        product.get("/api/dashboards/summary", ACR)
        before = opened()
        gate = threading.Barrier(20)

        def visit(_: int) -> None:
            with product.stream(ACR) as stream:
                assert stream.next()["revision"] >= 0
                gate.wait()

        with ThreadPoolExecutor(20) as pool:
            list(pool.map(visit, range(OPENED)))
        wait_for(lambda: opened() <= before + 2)
        assert product.stop(seconds=10) == 0
        assert "cut off" not in product.logged()
        assert "ERROR" not in product.logged()


def test_every_described_operation_exists(server: Product, contract: Contract) -> None:
    """The description says nothing that is not there."""
    for path, methods in contract.document["paths"].items():
        for method in methods:
            if path.endswith("/live"):
                continue  # never ends; TestStream asks it
            address = path.replace("{id}", "x")
            who = OPERATOR if path == "/metrics" else ACR
            answer = server.ask(method.upper(), address, token=server.token(who))
            assert answer.status in {200, 201, 302, 404, 409, 422}, (path, answer)
            if answer.status == 404:
                assert answer.json["detail"].startswith(ABSENT), (path, answer)
