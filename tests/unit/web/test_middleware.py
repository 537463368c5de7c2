import io
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from portal import logs
from portal.domain.shared import errors
from portal.web.exchange import Handler
from portal.web.problems import STATUSES
from portal.web.schemas import base as schemas

Client = TestClient[web.Request, web.Application]
Handling = Callable[[Handler], Awaitable[Client]]
SECRET = "+44 7700 900123"

REFUSALS: list[tuple[errors.DomainError, int]] = [
    (errors.InvalidInput("Mend it.", fields={"from": "wrong"}), 422),
    (errors.UnusableFile("Empty."), 422),
    (errors.NotAuthenticated("Sign in."), 401),
    (errors.Forbidden("Ask."), 403),
    (errors.StepUpRequired(max_age_s=900), 401),
    (errors.InteractionRequired(claims='{"access_token": {}}'), 401),
    (errors.ConsentRequired(scopes=("User.Read",)), 401),
    (errors.NotFound("Nothing."), 404),
    (errors.Conflict("Stale."), 409),
    (errors.TooLarge("Too much."), 413),
    (errors.RateLimited("Later.", retry_after=2.2), 429),
    (errors.Unavailable("Not now."), 503),
    (errors.Damaged("Not now."), 503),
    (errors.Damaged("Cut off."), 503),
]


@pytest.fixture
def log() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    stream = io.StringIO()
    logs.configure("DEBUG", readable=False, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.configure("WARNING", readable=False)


def raising(error: Exception) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        raise error

    return handler


async def answering(_: web.Request) -> web.StreamResponse:
    return web.json_response({})


@pytest.mark.parametrize(("error", "status"), REFUSALS)
async def test_refusals_are_problem_details(
    handling: Handling, error: errors.DomainError, status: int
) -> None:
    answer = await (await handling(raising(error))).get("/it")
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = schemas.Problem.model_validate_json(await answer.text())
    assert (said.status, said.code, said.detail) == (status, error.code, error.message)
    assert said.correlation_id == answer.headers["X-Correlation-Id"]
    assert said.fields == (getattr(error, "fields", None) or None)
    assert ("Retry-After" in answer.headers) is (status in {429, 503})
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_every_kind_of_refusal_has_a_status() -> None:
    assert {type(error) for error, _ in REFUSALS} == {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.DomainError)
        and kind is not errors.DomainError
    }
    assert set(STATUSES) <= {type(error) for error, _ in REFUSALS}


async def test_retry_after_is_rounded_up_to_whole_seconds(handling: Handling) -> None:
    client = await handling(raising(errors.RateLimited("Later.", retry_after=2.2)))
    assert (await client.get("/it")).headers["Retry-After"] == "3"


async def test_an_unforeseen_error_tells_nothing_of_itself(
    handling: Handling, log: Callable[[], list[dict[str, Any]]]
) -> None:
    client = await handling(raising(RuntimeError(SECRET)))
    answer = await client.get(f"/it?queue={SECRET}", headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.status == 500
    text = await answer.text()
    assert SECRET not in text
    assert "RuntimeError" not in text
    (record,) = [one for one in log() if one["level"] == "ERROR"]
    assert SECRET not in json.dumps(record)
    assert record["correlation_id"] == answer.headers["X-Correlation-Id"]
    assert (record["route"], record["status"]) == ("/it", 500)
    (error,) = record["errors"]
    assert error["type"] == "builtins.RuntimeError"
    assert any("test_middleware.py" in frame for frame in error["frames"])


async def test_a_refused_method_lists_the_others(product: Client) -> None:
    answer = await product.delete("/healthz")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET,HEAD"
    assert (await answer.json())["code"] == "method-not-allowed"


async def test_an_unknown_address_is_a_problem(product: Client) -> None:
    answer = await product.get("/api/nothing")
    assert (answer.status, (await answer.json())["code"]) == (404, "not-found")


@pytest.mark.parametrize("given", ["abcdef12", "a-b.c_d-1234", "A" * 64])
async def test_a_well_formed_correlation_id_is_kept(handling: Handling, given: str) -> None:
    answer = await (await handling(answering)).get("/it", headers={"X-Correlation-Id": given})
    assert answer.headers["X-Correlation-Id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "-leading-hyphen", "with space in", "a;b" * 5]
)
async def test_another_correlation_id_is_replaced(handling: Handling, given: str) -> None:
    answer = await (await handling(answering)).get("/it", headers={"X-Correlation-Id": given})
    assert answer.headers["X-Correlation-Id"] != given
    assert len(answer.headers["X-Correlation-Id"]) == 32


async def test_requests_do_not_share_a_correlation_id(handling: Handling) -> None:
    client = await handling(answering)
    ids = {(await client.get("/it")).headers["X-Correlation-Id"] for _ in range(3)}
    assert len(ids) == 3


async def test_successful_reads_are_logged_for_debugging_only(
    handling: Handling, log: Callable[[], list[dict[str, Any]]]
) -> None:
    client = await handling(answering)
    await client.get("/it")
    await client.post("/it")
    levels = {one["method"]: one["level"] for one in log() if one["message"] == "request"}
    assert levels == {"GET": "DEBUG", "POST": "INFO"}


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/api/me", "/tab/", "/", "/dev/people"])
async def test_every_answer_carries_the_security_headers(product: Client, path: str) -> None:
    headers = (await product.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "frame-ancestors 'self' https://*.cloud.microsoft" in policy
    assert "'unsafe-eval'" not in policy
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] == "Switchroom"
    assert "X-Frame-Options" not in headers
    assert headers["Cache-Control"] in {"no-store", "no-cache"}
