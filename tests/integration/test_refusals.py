"""What becomes of a refusal when the audit trail, or the process, is in trouble."""

import asyncio
import contextlib
import dataclasses
import http.client
import json
import signal
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal import wiring
from portal.domain.access.refusals import Refusals
from portal.settings import Settings
from portal.web import app, guards
from tests.integration.conftest import Make
from tests.integration.product import Product, wait_for

DAY = "2026-11-20"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(env="development", data_dir=tmp_path / "data", sample="off")


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[wiring.Services]:
    made = await wiring.build(settings)
    yield made
    await made.close()


class Broken(Refusals):
    """A trail that fails, or that never answers."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error
        self.asked = 0

    async def tell(self, *_: Any, **__: Any) -> None:
        self.asked += 1
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()


@pytest.mark.parametrize("error", [RuntimeError("the disk is full"), OSError(28, "x"), None])
async def test_the_answer_is_the_same_when_the_trail_fails(
    services: wiring.Services,
    settings: Settings,
    error: Exception | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guards, "TELLING_SECONDS", 0.01)
    broken = Broken(error)
    replaced = dataclasses.replace(services, refusals=broken)
    assert services.local_sign_in is not None
    token = services.local_sign_in.issue("amira.khan").text
    client: TestClient[web.Request, web.Application] = TestClient(
        TestServer(app.create(replaced, settings))
    )
    async with client:
        headers = {"Authorization": f"Bearer {token}"}
        refused = await client.get("/api/contacts", headers=headers)
        assert (refused.status, (await refused.json())["code"]) == (403, "forbidden")
        stranger = await client.get("/api/me?organization=juniper", headers=headers)
        assert (stranger.status, (await stranger.json())["code"]) == (404, "not-found")
    assert broken.asked == 2


def kept(product: Product) -> tuple[int, int]:
    """How many refusals the entries on the disk tell of, and how many the tallies beside them."""
    path = next(product.data.glob("*/switchroom.db"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT body FROM documents WHERE kind = 'access_refusals'")
        waiting = sum(int(json.loads(body)["times"]) for (body,) in rows)
    entries = [one for one in product.trail("harbour") if one["action"].startswith("access.ref")]
    return sum(int(one["facts"].get("times", 1)) for one in entries), waiting


def test_a_killed_process_has_counted_what_it_answered(make: Make) -> None:
    product = make().start()
    token = product.token("amira.khan")
    answered, under_way = [0] * 4, threading.Barrier(5)

    def ask(worker: int) -> None:
        under_way.wait()
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                answer = product.ask("GET", "/api/contacts", query={"from": DAY}, token=token)
                assert answer.status == 403
                answered[worker] += 1

    threads = [threading.Thread(target=ask, args=(worker,)) for worker in range(len(answered))]
    for thread in threads:
        thread.start()
    under_way.wait()
    wait_for(lambda: sum(answered) > 50)
    assert product.stop(signal.SIGKILL) == -signal.SIGKILL
    for thread in threads:
        thread.join()
    told, waiting = kept(product)
    # Those that were counted when the answer was on its way are the most it can be ahead.
    assert sum(answered) <= told + waiting <= sum(answered) + len(threads)
    product.start()
    product.stop()
    assert kept(product) == (told, waiting)
    assert product.command("verify-audit", "--json").json["whole"]


def test_wrong_tokens_are_told_to_the_regions_trail_at_the_latest_when_it_stops(
    make: Make,
) -> None:
    product = make().start()
    for _ in range(5):
        assert product.ask("GET", "/api/me", token="wrong").status == 401
    product.stop()
    told = [one for one in product.trail("") if one["action"] == "access.refused"]
    assert [(one["actor"], one["facts"]) for one in told] == [
        ("unknown", {"operation": "me", "status": 401})
    ]
    trails = product.command("verify-audit", "--json").json
    assert trails["whole"]
    assert [one["trail"] for one in trails["trails"]] == ["the region", "harbour", "juniper"]
