import io
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pydantic import Field
from yarl import URL

from portal.web.exchange import BODY_LIMIT, Handler, body, is_current, not_modified, query, respond
from portal.web.schemas import base as schemas

Client = TestClient[web.Request, web.Application]
Handling = Callable[[Handler], Awaitable[Client]]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Asked(schemas.Request):
    from_: Annotated[str | None, Field(alias="from")] = None
    colour: Annotated[list[Colour], Field(default_factory=list)]
    limit: Annotated[int, Field(ge=1, le=9)] = 5


class Sent(schemas.Request):
    name: str
    count: int = 0


class Said(schemas.Answer):
    from_: Annotated[str | None, Field(alias="from")]
    text: str


async def echo_query(request: web.Request) -> web.StreamResponse:
    asked = query(request, Asked)
    return web.json_response(asked.model_dump(by_alias=True))


async def echo_body(request: web.Request) -> web.StreamResponse:
    return web.json_response((await body(request, Sent)).model_dump())


async def revised(request: web.Request) -> web.StreamResponse:
    if is_current(request, "r7"):
        return not_modified("r7")
    return respond(Said(**{"from": "x", "text": "é"}), etag="r7")


async def test_query_parameters_arrive_typed(handling: Handling) -> None:
    client = await handling(echo_query)
    answer = await client.get("/it?colour=red&colour=blue&limit=3&from=2026-10-25")
    assert await answer.json() == {"from": "2026-10-25", "colour": ["red", "blue"], "limit": 3}


async def test_organization_is_the_guards_parameter(handling: Handling) -> None:
    assert (await (await handling(echo_query)).get("/it?organization=harbour")).status == 200


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-10-25T09:00:00+02:00", "2026-10-25T09:00:00+02:00"),
        ("2026-10-25T09:00:00%2B02:00", "2026-10-25T09:00:00+02:00"),
        ("2026-10-25T09:00+0200", "2026-10-25T09:00+0200"),
        ("2026-10-25T09:00:00-05:00", "2026-10-25T09:00:00-05:00"),
        ("New+policies", "New policies"),
    ],
)
async def test_a_plus_of_an_offset_survives(handling: Handling, sent: str, read: str) -> None:
    client = await handling(echo_query)
    answer = await client.get(URL(f"/it?from={sent}", encoded=True))
    assert (await answer.json())["from"] == read


async def test_texts_too_long_to_be_remembered_are_read_as_well(handling: Handling) -> None:
    client = await handling(echo_query)
    answer = await client.get(f"/it?from={'x' * 600}")
    assert (await answer.json())["from"] == "x" * 600


async def test_every_wrong_parameter_is_named(handling: Handling) -> None:
    client = await handling(echo_query)
    answer = await client.get("/it?colour=green&limit=0&queu=x&from=a&from=b")
    assert answer.status == 422
    said = await answer.json()
    assert set(said["fields"]) == {"colour.0", "limit", "queu", "from"}
    assert said["fields"]["queu"] == "not known here"
    assert said["fields"]["from"] == "given more than once"
    assert "green" not in said["fields"]["colour.0"]


async def test_a_body_arrives_typed(handling: Handling) -> None:
    client = await handling(echo_body)
    answer = await client.post("/it", json={"name": "a", "count": 2})
    assert await answer.json() == {"name": "a", "count": 2}


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b'{"name":"a"}', "text/plain", 422, "not-json"),
        (b"{", "application/json", 422, "not-json"),
        (b"", "application/json", 422, "not-json"),
        (b"\xff\xfe", "application/json", 422, "not-json"),
        (b"[]", "application/json", 422, "invalid-input"),
        (b'{"name":"a","more":1}', "application/json", 422, "invalid-input"),
        (b'{"count":"x"}', "application/json", 422, "invalid-input"),
        (b'"' + b"x" * BODY_LIMIT + b'"', "application/json", 413, "too-large"),
    ],
)
async def test_bodies_that_cannot_be_taken(
    handling: Handling, data: bytes, content_type: str, status: int, code: str
) -> None:
    client = await handling(echo_body)
    answer = await client.post("/it", data=io.BytesIO(data), headers={"Content-Type": content_type})
    assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_every_wrong_field_of_a_body_is_named(handling: Handling) -> None:
    client = await handling(echo_body)
    answer = await client.post("/it", json={"count": "many", "more": 1})
    assert set((await answer.json())["fields"]) == {"name", "count", "more"}


async def test_answers_use_the_names_of_the_interface(handling: Handling) -> None:
    answer = await (await handling(revised)).get("/it")
    assert await answer.json() == {"from": "x", "text": "é"}
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["ETag"] == '"r7"'
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("held", "status"),
    [('"r7"', 304), ('W/"r7"', 304), ('"r6", "r7"', 304), ("*", 200), ('"r6"', 200), ("r7", 200)],
)
async def test_a_current_copy_is_not_sent_again(handling: Handling, held: str, status: int) -> None:
    client = await handling(revised)
    answer = await client.get("/it", headers={"If-None-Match": held})
    assert answer.status == status
    assert answer.headers["ETag"] == '"r7"'
    assert (await answer.read() == b"") is (status == 304)
