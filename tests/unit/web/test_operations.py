import json
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.test_utils import TestClient

from portal.web import operations, routes

Client = TestClient[web.Request, web.Application]


def test_every_operation_has_a_handler_and_the_other_way_round() -> None:
    assert {one.name for one in operations.OPERATIONS} == set(routes.HANDLERS)
    assert {one.name for one in operations.DEVELOPMENT_OPERATIONS} == set(
        routes.DEVELOPMENT_HANDLERS
    )


def test_operations_have_one_name_and_one_address_each() -> None:
    every = (*operations.OPERATIONS, *operations.DEVELOPMENT_OPERATIONS)
    assert len({one.name for one in every}) == len(every)
    assert len({(one.method, one.path) for one in every}) == len(every)


async def test_the_description_is_served_and_covers_every_operation(product: Client) -> None:
    answer = await product.get("/api/openapi.json")
    said = await answer.json()
    assert said == json.loads(operations.document())
    described = {
        (method.upper(), path) for path, methods in said["paths"].items() for method in methods
    }
    assert described == {(one.method, one.path) for one in operations.OPERATIONS}


async def test_every_private_operation_needs_a_token(product: Client) -> None:
    for one in operations.OPERATIONS:
        answer = await product.request(one.method, one.path.replace("{id}", "x"))
        assert (answer.status == 401) is not one.public, one.name


async def test_unknown_query_parameters_are_refused_everywhere(
    product: Client,
    token: Callable[..., Awaitable[dict[str, str]]],
) -> None:
    headers = await token("oliver.bright")
    for one in (*operations.OPERATIONS, *operations.DEVELOPMENT_OPERATIONS):
        path = one.path.replace("{id}", "x") + "?surely_unknown=1"
        answer = await product.request(one.method, path, headers=headers)
        assert answer.status == 422, one.name
        assert "surely_unknown" in (await answer.json())["fields"], one.name
