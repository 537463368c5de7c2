from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from yarl import URL

from portal.web import static
from tests.unit.web.conftest import Serve, surrounded

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>tab</title>", encoding="utf-8")
    (folder / "teams.html").write_text("<title>teams</title>", encoding="utf-8")
    (folder / "verify.html").write_text("<title>verify</title>", encoding="utf-8")
    (folder / "assets" / "index-1a2b.js").write_text("1", encoding="utf-8")
    (tmp_path / "beside.txt").write_text("not public", encoding="utf-8")
    return folder


async def started(serve: Serve, dist: Path, *, development: bool = True) -> Client:
    application = surrounded()
    application.add_routes(static.routes(development=development, dist=dist))
    return await serve(application)


async def test_the_tab_is_asked_for_again_each_time(serve: Serve, dist: Path) -> None:
    client = await started(serve, dist)
    answer = await client.get("/tab/")
    assert "<title>tab</title>" in await answer.text()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = await client.get("/tab/", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


async def test_assets_are_kept_for_ever(serve: Serve, dist: Path) -> None:
    answer = await (await started(serve, dist)).get("/tab/assets/index-1a2b.js")
    assert "javascript" in answer.headers["Content-Type"]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("development", [True, False])
async def test_a_mailed_link_opens_a_page_that_is_the_same_for_every_link(
    serve: Serve, dist: Path, development: bool
) -> None:
    client = await started(serve, dist, development=development)
    answer = await client.get("/verify?organization=harbour")
    assert await answer.text() == await (await client.get("/verify")).text()
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_the_local_teams_page_exists_in_development_only(serve: Serve, dist: Path) -> None:
    here = await (await started(serve, dist)).get("/")
    assert "<title>teams</title>" in await here.text()
    assert (await (await started(serve, dist, development=False)).get("/")).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/tab/nothing.js",
        "/tab/assets",
        "/tab/..%2Fbeside.txt",
        "/tab/%2e%2e/beside.txt",
        "/tab/assets/..%2f..%2fbeside.txt",
        "/tab/%00",
        "/tab/" + "a" * 300,
    ],
)
async def test_nothing_else_is_served(serve: Serve, dist: Path, path: str) -> None:
    client = await started(serve, dist)
    answer = await client.get(URL(path, encoded=True))
    assert answer.status == 404


async def test_a_link_out_of_the_folder_is_not_followed(serve: Serve, dist: Path) -> None:
    (dist / "link.txt").symlink_to(dist.parent / "beside.txt")
    assert (await (await started(serve, dist)).get("/tab/link.txt")).status == 404


async def test_a_missing_build_says_what_to_do(serve: Serve, tmp_path: Path) -> None:
    client = await started(serve, tmp_path / "none")
    for path in ("/", "/tab/"):
        answer = await client.get(path)
        assert answer.status == 503
        assert "make build" in await answer.text()


async def test_the_tab_without_slash_leads_to_it(serve: Serve, dist: Path) -> None:
    answer = await (await started(serve, dist)).get("/tab", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (308, "/tab/")
