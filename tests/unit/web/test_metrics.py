"""Who may read /metrics, what stands there, and what processes of one role serve."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from portal import wiring
from portal.settings import Settings
from portal.telemetry.metrics import resource
from portal.telemetry.tracing import OpenTelemetryTracer
from portal.web import app
from portal.wiring import Services

Client = TestClient[web.Request, web.Application]
Serve = Callable[[web.Application], Coroutine[Any, Any, Client]]
TOKEN = "made-up-scraper-token-0123456789abcdef"
OPERATOR, SUPERVISOR, ACR = "luca.moretti", "sofia.lindqvist", "oliver.bright"


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    made = await wiring.build(settings)
    yield made
    await made.close()


@pytest.fixture
def scraped(settings: Settings, tmp_path: Path) -> Settings:
    """With a token for whoever scrapes."""
    path = tmp_path / "scraper"
    path.write_text(f"{TOKEN}\n", encoding="utf-8")
    return settings.model_copy(update={"metrics_token_file": path})


async def read(client: Client, token: str) -> tuple[int, str]:
    answer = await client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    return answer.status, await answer.text()


async def as_person(client: Client, person: str) -> str:
    answer = await client.post("/dev/token", json={"person": person})
    return str((await answer.json())["token"])


async def test_an_operator_reads_what_was_counted(product: Client) -> None:
    token = await as_person(product, OPERATOR)
    await product.get("/healthz")
    await product.get("/api/nothing")
    status, text = await read(product, token)
    assert status == 200
    name = "switchroom_http_request_duration_seconds_count"
    assert f'{name}{{operation="health",status="2xx"}} 1.0' in text
    assert f'{name}{{operation="token",status="2xx"}} 1.0' in text
    assert f'{name}{{operation="none",status="4xx"}} 1.0' in text
    assert 'switchroom_guard_refusals_total{guard="http",reason="404"} 1.0' in text


async def test_the_text_is_prometheus_own_form_and_kept_by_nobody(product: Client) -> None:
    token = await as_person(product, OPERATOR)
    answer = await product.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("person", [SUPERVISOR, ACR])
async def test_others_may_not(product: Client, person: str) -> None:
    status, text = await read(product, await as_person(product, person))
    assert (status, "switchroom_" in text) == (403, False)


async def test_the_scraper_needs_no_person(
    services: Services, scraped: Settings, serve: Serve
) -> None:
    client = await serve(app.create(services, scraped.model_copy(update={"env": "production"})))
    status, text = await read(client, TOKEN)
    assert (status, "switchroom_process_start_seconds" in text) == (200, True)


@pytest.mark.parametrize(
    "given", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\u00e4", "\udc80"]
)
async def test_another_token_opens_nothing(
    services: Services, scraped: Settings, serve: Serve, given: str
) -> None:
    client = await serve(app.create(services, scraped))
    request = f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {given}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(request.encode("utf-8", "surrogateescape"))
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert b" 401 " in status


async def test_without_a_scrapers_token_an_empty_one_opens_nothing(product: Client) -> None:
    for header in ("Bearer ", "Bearer", ""):
        answer = await product.get("/metrics", headers={"Authorization": header})
        assert answer.status == 401


async def test_the_scrapers_token_opens_nothing_else(
    services: Services, scraped: Settings, serve: Serve
) -> None:
    client = await serve(app.create(services, scraped))
    for path in ("/api/me", "/api/imports", "/api/dashboards/summary"):
        answer = await client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status == 401


# --- roles of the process ------------------------------------------------------------


@pytest.mark.parametrize("role", ["bot", "worker"])
async def test_a_process_that_is_not_web_says_how_it_is_and_no_more(
    services: Services, scraped: Settings, serve: Serve, role: str
) -> None:
    application = app.create(services, scraped.model_copy(update={"roles": role}))
    client = await serve(application)
    assert (await client.get("/healthz")).status == 200
    assert (await read(client, TOKEN))[0] == 200
    for path in ("/api/me", "/tab/", "/dev/people", "/", "/api/openapi.json"):
        assert (await client.get(path)).status == 404, path


async def test_a_web_process_serves_the_interface(
    services: Services, settings: Settings, serve: Serve
) -> None:
    client = await serve(app.create(services, settings.model_copy(update={"roles": "web"})))
    assert (await client.get("/api/openapi.json")).status == 200
    assert (await client.post("/api/messages")).status == 404


# --- spans ------------------------------------------------------------


async def test_a_request_is_a_span_of_its_operation(
    services: Services, settings: Settings, serve: Serve
) -> None:
    kept = InMemorySpanExporter()
    tracer = OpenTelemetryTracer(SimpleSpanProcessor(kept), resource("web", "uk"), 100)
    client = await serve(app.create(replace(services, tracer=tracer), settings))
    await client.get("/healthz?number=%2B12025550187")
    await client.get("/api/imports/12025550187")
    tracer.close()
    told = [(one.name, dict(one.attributes or {})) for one in kept.get_finished_spans()]
    assert told == [
        ("health", {"switchroom.status": 422}),
        ("import_status", {"switchroom.status": 401}),
    ]
