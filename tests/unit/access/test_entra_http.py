"""Blocking calls in a few threads: each has an end, and they do not pile up."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from portal.adapters.identity import entra_http
from portal.adapters.identity.entra_http import Outbound
from portal.domain.shared.errors import Unavailable


class Elsewhere(BaseHTTPRequestHandler):
    """Answers by the path."""

    def do_GET(self) -> None:
        bodies = {"/json": b'{"a": 1}', "/text": b"no json", "/large": b"x" * (600 * 1024)}
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/json")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(bodies[self.path])

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def outbound() -> Iterator[Outbound]:
    made = Outbound()
    yield made
    made.close()


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_answers_are_read_whatever_they_are(outbound: Outbound, elsewhere: str) -> None:
    assert await outbound.get_json(f"{elsewhere}/json") == (200, {"a": 1})
    assert await outbound.get_json(f"{elsewhere}/text") == (200, None)


async def test_nobody_is_led_elsewhere(outbound: Outbound, elsewhere: str) -> None:
    assert await outbound.get_json(f"{elsewhere}/away") == (302, None)


async def test_too_much_is_not_read(outbound: Outbound, elsewhere: str) -> None:
    with pytest.raises(Unavailable):
        await outbound.get_json(f"{elsewhere}/large")


async def test_nobody_there_is_unavailable(outbound: Outbound) -> None:
    with pytest.raises(Unavailable):
        await outbound.get_json("http://127.0.0.1:1/json")


async def test_a_call_ends_in_time_though_its_thread_goes_on(outbound: Outbound) -> None:
    release = threading.Event()
    with pytest.raises(Unavailable):
        await outbound.run(release.wait, 0.02)
    release.set()
    assert await outbound.run(lambda: "next", 1) == "next"


async def test_beyond_what_can_wait_calls_are_refused_at_once(
    outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entra_http, "MOST_WAITING", 3)
    release = threading.Event()
    waiting = [asyncio.create_task(outbound.run(release.wait, 5)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await outbound.run(lambda: None, 5)
    release.set()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert await outbound.run(lambda: "again", 5) == "again"


async def test_what_a_library_raises_stays_its_own(outbound: Outbound) -> None:
    def wrong() -> None:
        raise ValueError("of the library")

    def unreachable() -> None:
        raise requests.ConnectionError

    with pytest.raises(ValueError, match="of the library"):
        await outbound.run(wrong, 1)
    with pytest.raises(Unavailable):
        await outbound.run(unreachable, 1)
