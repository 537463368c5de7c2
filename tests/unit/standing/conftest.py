"""The services of development without contacts, at a moment that the tests decide."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal.web import app
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(centre.NOW_MS)


@pytest.fixture
async def services(
    tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Services]:
    made = await centre.services(tmp_path, clock, monkeypatch)
    yield made
    await made.close()


@pytest.fixture
async def product(services: Services, tmp_path: Path) -> AsyncIterator[Client]:
    """The whole application on these services."""
    async with TestClient(TestServer(app.create(services, centre.settings(tmp_path)))) as client:
        yield client


@pytest.fixture
def token(product: Client) -> Callable[..., Awaitable[dict[str, str]]]:
    """The header that signs a local person in."""

    async def sign_in(person: str, organization: str | None = None) -> dict[str, str]:
        asked = {"person": person, "organization": organization}
        answer = await product.post("/dev/token", json=asked)
        return {"Authorization": f"Bearer {(await answer.json())['token']}"}

    return sign_in
