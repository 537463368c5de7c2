import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal import wiring
from portal.measures import Measures
from portal.settings import Settings
from portal.web import app
from portal.web.draining import Running
from portal.web.exchange import MEASURES, RUNNING, STOPPING, Handler
from portal.web.middleware import add_headers, around

Client = TestClient[web.Request, web.Application]
Serve = Callable[[web.Application], Awaitable[Client]]


def surrounded() -> web.Application:
    """An application with the real middleware and no routes."""
    application = web.Application(middlewares=[around])
    application[RUNNING] = Running()
    application[MEASURES] = Measures()
    application[STOPPING] = asyncio.Event()
    application.on_response_prepare.append(add_headers)
    return application


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts an application on a free loopback port and answers a client of it."""
    clients: list[Client] = []

    async def start(application: web.Application) -> Client:
        client = TestClient(TestServer(application))
        clients.append(client)
        await client.start_server()
        return client

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Development on an empty data directory, without sample contacts."""
    return Settings(
        env="development",
        region="uk",
        data_dir=tmp_path / "data",
        key_file=tmp_path / "data.key",
        sample="off",
    )


@pytest.fixture
async def product(settings: Settings, serve: Serve) -> AsyncIterator[Client]:
    """The whole application in development mode."""
    services = await wiring.build(settings)
    yield await serve(app.create(services, settings))
    await services.close()


@pytest.fixture
async def production(settings: Settings, serve: Serve) -> AsyncIterator[Client]:
    """The whole application in production mode."""
    chosen = settings.model_copy(update={"env": "production"})
    services = await wiring.build(chosen)
    yield await serve(app.create(services, chosen))
    await services.close()


@pytest.fixture
def token(product: Client) -> Callable[..., Awaitable[dict[str, str]]]:
    """The header that signs a local person in."""

    async def sign_in(person: str, organization: str | None = None) -> dict[str, str]:
        asked: dict[str, Any] = {"person": person, "organization": organization}
        answer = await product.post("/dev/token", json=asked)
        assert answer.status == 200
        return {"Authorization": f"Bearer {(await answer.json())['token']}"}

    return sign_in


@pytest.fixture
def handling(serve: Serve) -> Callable[[Handler], Awaitable[Client]]:
    """A client of one handler at /it, inside the real middleware."""

    async def start(handler: Handler) -> Client:
        application = surrounded()
        application.router.add_route("*", "/it", handler)
        return await serve(application)

    return start
