from aiohttp import web
from aiohttp.test_utils import TestClient

from portal.web.exchange import STARTED, STOPPING

Client = TestClient[web.Request, web.Application]


async def test_a_living_process_says_so_also_while_starting_and_stopping(product: Client) -> None:
    assert (await product.get("/healthz")).status == 200
    product.app[STOPPING].set()
    assert (await product.get("/healthz")).status == 200


async def test_it_is_ready_between_starting_and_stopping(product: Client) -> None:
    before = await product.get("/readyz")
    assert (before.status, before.headers["Retry-After"]) == (503, "5")
    product.app[STARTED].set()
    assert (await product.get("/readyz")).status == 200
    product.app[STOPPING].set()
    assert (await product.get("/readyz")).status == 503


async def test_connections_end_with_their_answer_while_stopping(product: Client) -> None:
    product.app[STOPPING].set()
    answer = await product.get("/healthz")
    assert answer.headers["Connection"] == "close"
