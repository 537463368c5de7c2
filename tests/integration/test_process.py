"""The process as a whole: how it starts, says where it is, and stops."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from portal.settings import ROOT

DEADLINE_S = 30
Started = tuple[asyncio.subprocess.Process, str]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts the process with a data directory of its own; ends what is still running."""
    started: list[asyncio.subprocess.Process] = []

    async def begin(*command: str, **variables: str) -> asyncio.subprocess.Process:
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": "0",
            "SWITCHROOM_ENV": "development",
            "SWITCHROOM_SAMPLE": "off",
            "SWITCHROOM_DATA_DIR": str(tmp_path / "data"),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(command or ("app.py",)),
            cwd=ROOT,
            env=environment | variables,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
    assert line.startswith(b"Switchroom is at http://localhost:"), line
    return line.decode().split()[-1]


@pytest.mark.parametrize("command", [("app.py",), ("-m", "portal", "serve")])
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_it_is_told_to_stop(
    start: Start, command: tuple[str, ...], ending: signal.Signals
) -> None:
    process = await start(*command)
    base = await address(process)
    async with aiohttp.ClientSession() as session, session.get(f"{base}/healthz") as answer:
        assert answer.status == 200
    process.send_signal(ending)
    _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode == 0, errors
    assert b"Traceback" not in errors


async def test_a_request_that_has_begun_is_finished(start: Start) -> None:
    process = await start()
    base = await address(process)
    port = int(base.rsplit(":", 1)[1])
    body = b'{"person": "amira.khan"}'
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /dev/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body[:5])
    await writer.drain()
    async with aiohttp.ClientSession() as session, session.get(f"{base}/healthz"):
        pass  # one round trip: the unfinished request has reached its handler by then
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    while b"stopping" not in await asyncio.wait_for(process.stderr.readline(), DEADLINE_S):
        pass
    writer.write(body[5:])
    answer = await asyncio.wait_for(reader.read(), DEADLINE_S)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"token_type":"Bearer"' in answer
    await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode == 0


async def test_a_taken_port_is_said_plainly(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await start(PORT=str(taken.getsockname()[1]))
        _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode == 1
    assert b"cannot listen on 127.0.0.1:" in errors
    assert b"Traceback" not in errors
