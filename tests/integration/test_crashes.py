"""Killed and stopped in the middle: nothing accepted is lost, nothing is counted twice."""

import contextlib
import http.client
import random
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from portal.settings import ROOT
from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.product import Product, wait_for

ACR = "oliver.bright"
HARBOUR = ("--organization", "harbour")
ROUNDS = 4
ROWS = 10_000
SOME_DAY = "2026-08-01"
BAD = 40
COUNTS = ("accepted", "corrected", "unchanged", "ignored", "rejected")


@cache
def _large() -> bytes:
    every = ROWS // BAD
    rows = []
    for number in range(ROWS):
        rows.append(records.connect(SOME_DAY, number, agent=f"a{number % 50}"))
        if number % every == 0:
            rows.append(records.connect(SOME_DAY, ROWS + number, Channel="PIGEON"))
    return records.lines(rows)


def large(day: str) -> bytes:
    """ROWS good records, among them BAD that cannot be read."""
    return _large().replace(SOME_DAY.encode(), day.encode())


def status(product: Product, id: str) -> Any:
    return product.get(f"/api/imports/{id}", ACR).json


def reached(product: Product, id: str, share: float) -> Any:
    """The import's status when that share of its file is read."""

    def far_enough() -> Any:
        now = status(product, id)
        return now if now["progress"] >= share else None

    return wait_for(far_enough)


def settled(product: Product, id: str, day: str) -> None:
    """Asserts that the import counted every row of the file once."""
    done = product.followed(id)
    assert done["state"] == "completed", done
    assert {name: done[name] for name in COUNTS} == {
        "accepted": ROWS,
        "corrected": 0,
        "unchanged": 0,
        "ignored": 0,
        "rejected": BAD,
    }
    assert len(done["rejections"]) == BAD
    assert product.figures(day)["offered"] == ROWS
    wait_for(lambda: not product.left())


def whole(product: Product) -> None:
    """Asserts what operators check with."""
    verified = product.command("rebuild-pages", *HARBOUR, "--verify", "--json")
    assert (verified.code, verified.json["different"]) == (0, [])
    assert product.command("verify-audit", *HARBOUR, "--json").json["whole"]


def send(product: Product, day: str) -> str:
    """Uploads the large file; its import's id, as soon as it is accepted."""
    body = large(day)
    token = product.token(ACR)

    def upload() -> None:
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            product.connection() as connection,
        ):
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("POST", "/api/imports?source=amazon-connect", body, headers)
            connection.getresponse().read()

    threading.Thread(target=upload, daemon=True).start()

    def accepted() -> str | None:
        found = product.get("/api/imports", ACR).json["imports"]
        return found[0]["id"] if found and found[0]["state"] != "completed" else None

    return str(wait_for(accepted))


@pytest.fixture
def product(make: Make) -> Product:
    return make(SWITCHROOM_LOG_LEVEL="WARNING")


def test_killed_at_random_moments(product: Product) -> None:
    chance = random.Random(20_261_121)
    product.start()
    for attempt in range(ROUNDS):
        day = f"2026-08-{attempt + 1:02}"
        id = send(product, day)
        before = reached(product, id, chance.uniform(0, 0.9))
        assert product.stop(signal.SIGKILL) == -signal.SIGKILL
        product.start()
        after = status(product, id)
        assert after["accepted"] >= before["accepted"]
        settled(product, id, day)
    whole(product)
    assert product.stop() == 0
    assert "ERROR" not in product.logged()


def test_killed_while_the_file_arrives(product: Product) -> None:
    product.start()
    with socket.create_connection(("127.0.0.1", product.port)) as line:
        line.sendall(
            b"POST /api/imports?source=genesys HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer " + product.token(ACR).encode() + b"\r\n"
            b"Content-Length: 9999999\r\n\r\n" + b" " * 3_000_000
        )
        wait_for(product.left)
        product.stop(signal.SIGKILL)
    assert product.left()
    product.start()
    wait_for(lambda: not product.left())
    assert product.get("/api/imports", ACR).json == {"imports": []}
    whole(product)
    assert product.stop() == 0


def test_told_to_stop_while_a_file_trickles_in(make: Make) -> None:
    product = make(SWITCHROOM_SHUTDOWN_SECONDS="0.1").start()
    with socket.create_connection(("127.0.0.1", product.port)) as line:
        line.sendall(
            b"POST /api/imports?source=genesys HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer " + product.token(ACR).encode() + b"\r\n"
            b"Content-Length: 9999999\r\n\r\n" + b" " * 3_000_000
        )
        wait_for(product.left)
        assert product.stop(seconds=15) == 0
    assert product.left() == []
    assert "Traceback" not in product.logged()


def test_commands_and_uploads_write_side_by_side(product: Product, tmp_path: Path) -> None:
    """Several processes import the same records, each also some of its own."""
    day = "2026-08-23"
    product.start()

    def file(process: int) -> bytes:
        shared = [records.connect(day, number) for number in range(2000)]
        own = [records.connect(day, 10_000 * (process + 1) + number) for number in range(1000)]
        return records.lines(shared + own)

    paths = []
    for process in range(3):
        path = tmp_path / f"{process}.jsonl"
        path.write_bytes(file(process))
        paths.append(str(path))
    arguments = ("import", *HARBOUR, "--source", "amazon-connect", "--json")
    with ThreadPoolExecutor(4) as pool:
        uploaded = pool.submit(product.imported, "amazon-connect", file(3))
        commands = [pool.submit(product.command, *arguments, path) for path in paths]
        reports = [uploaded.result(), *(command.result().json for command in commands)]
    assert sum(report["accepted"] for report in reports) == 2000 + 4 * 1000
    assert sum(report["unchanged"] for report in reports) == 3 * 2000
    assert product.figures(day)["offered"] == 6000
    whole(product)
    assert product.stop() == 0


def test_told_to_stop_it_goes_on_after_the_next_start(product: Product) -> None:
    day = "2026-08-20"
    product.start()
    id = send(product, day)
    reached(product, id, 0.05)
    assert product.stop(seconds=15) == 0
    product.start()
    assert product.cpu_seconds() < 5
    settled(product, id, day)
    whole(product)
    assert product.stop() == 0
    assert "ERROR" not in product.logged()


def test_two_servers_on_one_store_do_not_read_a_file_twice(make: Make) -> None:
    first = make().start()
    second = make(SWITCHROOM_DATA_DIR=str(first.data)).start()
    day = "2026-08-21"
    settled(first, send(first, day), day)
    assert second.figures(day)["offered"] == ROWS
    whole(first)
    assert (first.stop(), second.stop()) == (0, 0)


def test_a_command_that_is_killed_can_be_repeated(product: Product, tmp_path: Path) -> None:
    day = "2026-08-22"
    file = tmp_path / "large.jsonl"
    file.write_bytes(large(day))
    arguments = ("import", *HARBOUR, "--source", "amazon-connect", str(file), "--json")
    product.start()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", *arguments],
        cwd=ROOT,
        env=product.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: product.figures(day)["offered"])
    process.kill()
    process.wait()
    before = product.figures(day)["offered"]
    assert before < ROWS
    report = product.command(*arguments).json
    assert report["accepted"] + report["unchanged"] == ROWS
    assert report["unchanged"] >= before
    assert product.figures(day)["offered"] == ROWS
    whole(product)
    assert product.stop() == 0
