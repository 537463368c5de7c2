"""Answers a second over HTTP: one server process, one client process, 64 kept connections.

Client and server share the machine's cores; so beside the clock's figure stands the one for a CPU
second of the server, which says what a process reaches when it has a core to itself.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import aiohttp

from bench.report import Line
from bench.store import ORGANIZATION, settings

CONNECTIONS: Final = 64
REQUESTS: Final = 60_000
WARM: Final = 3_000
ROUNDS: Final = 3
ROOT: Final = Path(__file__).resolve().parent.parent
SUMMARY: Final = "/api/dashboards/summary?from=2025-01-06&to=2025-01-07"
PERSON: Final = "sofia.lindqvist"
TARGET: Final = 15_000


class Reached(NamedTuple):
    """Answers a second by the clock, for a CPU second of the server, and the client's share of a
    core."""

    by_clock: float
    by_cpu: float
    client: float


async def measure(folder: Path, *, requests: int = REQUESTS, rounds: int = ROUNDS) -> list[Line]:
    """304s and cached 200s of the summary, beside the framework's static reply."""
    chosen = settings(folder)
    environment = os.environ | {
        "SWITCHROOM_ENV": "development",
        "SWITCHROOM_REGION": chosen.region,
        "SWITCHROOM_DATA_DIR": str(chosen.data_dir),
        "SWITCHROOM_KEY_FILE": str(chosen.key_file),
        "SWITCHROOM_SAMPLE": "off",
        "SWITCHROOM_LOG_LEVEL": "WARNING",
        "PORT": "0",
    }
    async with _served(["app.py"], environment) as product, _served(
        ["-m", "bench.static_reply"], dict(os.environ)
    ) as bare:  # fmt: skip
        asked, current = await _requests(product.port)
        plain = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        reached: dict[str, list[Reached]] = {"304": [], "200": [], "bare": []}
        for _ in range(rounds):
            reached["bare"].append(await _load(bare, plain, requests, "200"))
            reached["304"].append(await _load(product, current, requests, "304"))
            reached["200"].append(await _load(product, asked, requests, "200"))
    return _lines({name: _middle(rounds) for name, rounds in reached.items()})


def _lines(reached: dict[str, Reached]) -> list[Line]:
    bare, found = reached["bare"], []
    for name, status in (("304 of the summary", "304"), ("cached summary", "200")):
        one = reached[status]
        target = TARGET if status == "304" else None
        for way, mine, other in (
            ("by the clock", one.by_clock, bare.by_clock),
            ("a CPU second", one.by_cpu, bare.by_cpu),
        ):
            note = f"client {one.client:.0%} of a core"
            found.append(
                Line(f"{name}, {way}", mine, "answers/s", "bare aiohttp", other, mine / other,
                     target, note)
            )  # fmt: skip
    return found


def _middle(rounds: list[Reached]) -> Reached:
    return sorted(rounds, key=lambda one: one.by_cpu)[len(rounds) // 2]


class _Server(NamedTuple):
    process: Process
    port: int

    def cpu_seconds(self) -> float:
        """User and system time so far (proc(5), fields 14 and 15 of stat)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def _served(command: list[str], environment: dict[str, str]) -> AsyncIterator[_Server]:
    """A server process that tells its port in its first line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, cwd=ROOT, env=environment
    )
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        yield _Server(process, int(line.rpartition(":")[2]))
    finally:
        process.terminate()
        await process.wait()


async def _requests(port: int) -> tuple[bytes, bytes]:
    """The request for the summary, and the same of a client that holds the answer."""
    async with aiohttp.ClientSession(f"http://localhost:{port}") as session:
        async with session.post("/dev/token", json={"person": PERSON}) as answer:
            token = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with session.get(SUMMARY, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            assert (await answer.json())["metrics"]["offered"]["value"], ORGANIZATION
            tag = answer.headers["ETag"]
    asked = f"GET {SUMMARY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    return f"{asked}\r\n".encode(), f"{asked}If-None-Match: {tag}\r\n\r\n".encode()


async def _load(server: _Server, request: bytes, requests: int, status: str) -> Reached:
    await _client(server.port, request, WARM)
    before = server.cpu_seconds()
    found = await _client(server.port, request, requests)
    cpu = max(
        server.cpu_seconds() - before, 1 / os.sysconf("SC_CLK_TCK")
    )  # less than a tick reads as none
    assert found["statuses"] == {status: requests}, found
    seconds = found["seconds"]
    return Reached(requests / seconds, requests / cpu, found["cpu_seconds"] / seconds)


async def _client(port: int, request: bytes, requests: int) -> dict[str, Any]:
    """Runs a client process; what it said."""
    command = [sys.executable, "-m", "bench.load", str(port), str(CONNECTIONS), str(requests)]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT)
    said, _ = await process.communicate(request)
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(said)
    return found
