"""Files fetched from where Teams keeps them: only there, never followed, as large as they are."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.files import TeamsFiles
from portal.domain.shared.errors import DomainError, InvalidInput, NotFound, Unavailable

CONTENT = bytes(range(256)) * 4096
SEEN: list[dict[str, str]] = []


async def _answer(request: web.Request) -> web.StreamResponse:
    SEEN.append(dict(request.headers))
    name = request.match_info["name"]
    if name == "moved":
        raise web.HTTPFound("/kept")
    if name == "broken":
        raise web.HTTPServiceUnavailable
    if name == "gone":
        raise web.HTTPNotFound
    if name == "cut":
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport is not None
        request.transport.close()
        return response
    return web.Response(body=CONTENT)


@pytest.fixture
async def drive() -> AsyncIterator[TestServer]:
    application = web.Application()
    application.router.add_get("/{name}", _answer)
    server = TestServer(application)
    await server.start_server()
    SEEN.clear()
    yield server
    await server.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as opened:
        yield opened


async def fetched(files: TeamsFiles, address: str) -> bytes:
    return b"".join([piece async for piece in files.pieces(address)])


@pytest.mark.parametrize(
    "address",
    [
        "http://contoso.sharepoint.com/a",
        "https://contoso.sharepoint.com.evil.example/a",
        "https://evilsharepoint.com/a",
        "https://sharepoint.com/a",
        "https://.sharepoint.com/a",
        "https://user@contoso.sharepoint.com/a",
        "https://contoso.sharepoint.com:8443/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/metadata",
        "https://localhost/.sharepoint.com",
        "file:///etc/passwd",
        "https://contoso.sharepoint.com@evil.example/a",
        "//contoso.sharepoint.com/a",
        "https://evil.example#.sharepoint.com",
        "https://evil.example\\.sharepoint.com/",
        "",
        "x" * 100,
    ],
)
async def test_no_other_place_is_asked(session: aiohttp.ClientSession, address: str) -> None:
    def never() -> aiohttp.ClientSession:
        raise AssertionError(address)

    with pytest.raises(InvalidInput):
        await fetched(TeamsFiles(never), address)


async def test_a_file_comes_whole_and_shows_nothing_of_ours(
    drive: TestServer, session: aiohttp.ClientSession
) -> None:
    files = TeamsFiles(
        lambda: session, hosts=("127.0.0.1"[1:],), schemes=("http",), ports=(drive.port or 0,)
    )
    assert await fetched(files, str(drive.make_url("/kept?tempauth=a%2Fb"))) == CONTENT
    assert not {"Authorization", "Cookie"} & set(SEEN[0])


@pytest.mark.parametrize(
    ("name", "error"),
    [("moved", NotFound), ("gone", NotFound), ("broken", Unavailable), ("cut", Unavailable)],
)
async def test_what_does_not_come_is_told(
    drive: TestServer, session: aiohttp.ClientSession, name: str, error: type[DomainError]
) -> None:
    files = TeamsFiles(
        lambda: session, hosts=("127.0.0.1"[1:],), schemes=("http",), ports=(drive.port or 0,)
    )
    with pytest.raises(error):
        await fetched(files, str(drive.make_url(f"/{name}")))
    assert len(SEEN) == 1
