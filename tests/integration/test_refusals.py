"""What becomes of a refusal when the audit trail is in trouble, and how often it is told."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal import wiring
from portal.domain.access.model import Person, Role
from portal.domain.access.refusals import MOST_KNOWN, WINDOW_MS, Refusals
from portal.domain.access.rules import holding
from portal.domain.access.service import SignedIn
from portal.domain.audit.service import Audit
from portal.settings import Settings
from portal.web import app, guards
from tests.fakes.clock import StandingClock

AMIRA = SignedIn(Person("amira.khan", "Amira Khan", {"harbour": (holding(Role.AGENT),)}), "harbour")


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

    async def tell(self, *_: Any, **__: Any) -> bool:
        self.asked += 1
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()
        return True


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


async def test_once_a_minute_for_each_person_and_operation(services: wiring.Services) -> None:
    clock = StandingClock()
    refusals = Refusals(services.directory, services.audit, clock)

    async def told(operation: str) -> bool:
        return await refusals.tell(AMIRA, None, operation=operation, status=403)

    assert await asyncio.gather(*(told("contacts") for _ in range(20))) == [True] + [False] * 19
    assert await told("imports")
    clock.pass_time(seconds=WINDOW_MS / 1000 - 0.001)
    assert not await told("contacts")
    clock.pass_time(seconds=0.001)
    assert await told("contacts")
    clock.pass_time(seconds=-3600)
    assert await told("contacts"), "a clock that was set back must not silence the trail"


async def test_remembers_a_bounded_number(services: wiring.Services) -> None:
    class Deaf(Audit):
        async def commit(self, *_: Any, **__: Any) -> None:
            return

    refusals = Refusals(services.directory, Deaf.__new__(Deaf), StandingClock())
    for number in range(MOST_KNOWN + 10):
        assert await refusals.tell(AMIRA, None, operation=str(number), status=404)
    assert len(refusals._told) == MOST_KNOWN


async def test_someone_without_organisation_is_told_nowhere(services: wiring.Services) -> None:
    nobody = SignedIn(Person("nobody", "Nobody", {}), "harbour")
    refusals = Refusals(services.directory, services.audit, StandingClock())
    assert not await refusals.tell(nobody, "juniper", operation="me", status=404)
