"""Files fetched from where Teams keeps them and put there: only there, never followed, as large as
they are."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.files import TeamsFiles
from portal.domain.shared.errors import DomainError, InvalidInput, NotFound, Unavailable

CONTENT = bytes(range(256)) * 4096
SEEN: list[dict[str, str]] = []
CAME: list[bytes] = []


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


async def _take(request: web.Request) -> web.StreamResponse:
    SEEN.append(dict(request.headers))
    CAME.append(await request.read())
    if request.match_info["name"] == "moved":
        raise web.HTTPTemporaryRedirect("/kept")
    statuses = {"broken": 503, "gone": 404, "kept": 201, "more": 202}
    return web.json_response({}, status=statuses[request.match_info["name"]])


@pytest.fixture
async def drive() -> AsyncIterator[TestServer]:
    application = web.Application()
    application.router.add_get("/{name}", _answer)
    application.router.add_put("/{name}", _take)
    server = TestServer(application)
    await server.start_server()
    SEEN.clear()
    CAME.clear()
    yield server
    await server.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as opened:
        yield opened


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(content), 100_000):
        yield content[begin : begin + 100_000]


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
async def test_no_other_place_is_asked_or_given_anything(address: str) -> None:
    def never() -> aiohttp.ClientSession:
        raise AssertionError(address)

    with pytest.raises(InvalidInput):
        await fetched(TeamsFiles(never), address)
    there = "https://contoso-my.sharepoint.com/kept"
    for where, shown in ((address, there), (there, address)):
        with pytest.raises(InvalidInput):
            await TeamsFiles(never).deliver(where, shown, pieces(CONTENT), size=len(CONTENT))


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


async def put(session: aiohttp.ClientSession, drive: TestServer, name: str) -> None:
    files = TeamsFiles(
        lambda: session, hosts=("127.0.0.1"[1:],), schemes=("http",), ports=(drive.port or 0,)
    )
    address = str(drive.make_url(f"/{name}?tempauth=a%2Fb"))
    await files.deliver(address, address, pieces(CONTENT), size=len(CONTENT))


async def test_a_file_is_put_whole_as_one_range_and_shows_nothing_of_ours(
    drive: TestServer, session: aiohttp.ClientSession
) -> None:
    await put(session, drive, "kept")
    assert CAME == [CONTENT]
    (seen,) = SEEN
    size = len(CONTENT)
    assert (seen["Content-Length"], seen["Content-Range"]) == (
        str(size),
        f"bytes 0-{size - 1}/{size}",
    )
    assert "Transfer-Encoding" not in seen
    assert not {"Authorization", "Cookie"} & set(seen)


@pytest.mark.parametrize(
    ("name", "error"),
    [("moved", NotFound), ("gone", NotFound), ("more", NotFound), ("broken", Unavailable)],
)
async def test_what_is_not_taken_is_told(
    drive: TestServer, session: aiohttp.ClientSession, name: str, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await put(session, drive, name)
    assert len(SEEN) == 1


@pytest.mark.parametrize("size", [0, 60 * 1024 * 1024 + 1])
async def test_what_one_request_cannot_carry_is_not_begun(size: int) -> None:
    def never() -> aiohttp.ClientSession:
        raise AssertionError(size)

    there = "https://contoso-my.sharepoint.com/kept"
    with pytest.raises(InvalidInput):
        await TeamsFiles(never).deliver(there, there, pieces(b""), size=size)
