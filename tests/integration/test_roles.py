"""The whole program with one part of the work, as app.py runs it.

Settings refuse a role on SQLite, so it is put into them behind their back: what is looked at is
which parts of the program are there, not the store that its processes would share.
"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

import app
from portal.settings import Settings

BODY = {"type": "message"}


@asynccontextmanager
async def running(
    folder: Path, role: str, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the program in that role; it ends as by SIGTERM."""
    settings = Settings(
        env="development",
        region="uk",
        data_dir=folder / "data",
        key_file=folder / "data.key",
        sample="off",
        port=0,
    )
    task = asyncio.create_task(app.serve(settings.model_copy(update={"roles": role})))
    said = ""
    while "Switchroom is at" not in said:
        assert not task.done()
        await asyncio.sleep(0.01)
        said += capsys.readouterr().out
    (port,) = re.findall(r"http://localhost:(\d+)", said)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


def tasks() -> set[str]:
    """The names of what runs in the background."""
    return {task.get_name() for task in asyncio.all_tasks()} & {"worker", "alerts", "lag"}


@pytest.mark.parametrize(
    ("role", "page", "turns", "background"),
    [
        ("all", 200, 400, {"worker", "alerts", "lag"}),
        ("web", 200, 404, {"lag"}),
        ("bot", 404, 400, {"lag"}),
        ("worker", 404, 404, {"worker", "alerts", "lag"}),
    ],
)
async def test_a_process_does_its_part_alone(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    role: str,
    page: int,
    turns: int,
    background: set[str],
) -> None:
    async with running(tmp_path, role, capsys) as client:
        assert (await client.get("/api/openapi.json")).status == page
        assert (await client.post("/api/messages", json=BODY)).status == turns
        assert (await client.get("/readyz")).status == 200
        assert (await client.get("/metrics")).status == 401
        assert tasks() == background
    assert tasks() == set()
