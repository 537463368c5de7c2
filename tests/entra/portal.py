"""The product in this process, with the stand-in as its Entra ID, and a browser without scripts."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import web

from portal import wiring
from portal.settings import Settings
from portal.web import app
from portal.web.exchange import STARTED
from portal.wiring import Services
from tests.emulator.playground import free_port
from tests.entra.entra import APP, CODE, SECRET, Account, Entra

FORM = re.compile(r'<form method="post" action="([^"]+)">')
FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')
MOST_STEPS = 12


class Answer(NamedTuple):
    """What came back. `body` is JSON where it is JSON, else text."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Portal:
    """A running service. `address` is http on loopback, by the name that people type."""

    address: str
    services: Services
    settings: Settings

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with a bearer token, or without."""
        given = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(
                method, self.address + path, headers=given, allow_redirects=False
            ) as answer,
        ):
            return await _read(answer)


@asynccontextmanager
async def running(folder: Path, entra: Entra, *, tls: bool = False) -> AsyncIterator[Portal]:
    """The service on a port of its own, in development, without sample contacts; with `tls` over
    https, as Teams has it."""
    port = free_port()
    address = f"http{'s' if tls else ''}://localhost:{port}"
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    settings = Settings(
        env="development",
        sample="off",
        bot="off",
        data_dir=folder / "data",
        entra_app_id=APP,
        entra_authority=entra.origin,
        entra_ca_file=entra.ca_file,
        entra_credential="secret",
        entra_secret_file=folder / "secret",
        public_url=address if tls else "",
    )
    services = await wiring.build(settings)
    application = app.create(services, settings)
    application[STARTED].set()
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        context = entra.server_context() if tls else None
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
        yield Portal(address, services, settings)
    finally:
        await app.drain(application, 5)
        await runner.cleanup()
        await services.close()


class Browser:
    """Follows addresses and posts forms as a browser does, and keeps its cookies by host."""

    def __init__(self, portal: Portal, entra: Entra) -> None:
        self._portal = portal
        self._entra = entra
        self.cookies: dict[str, SimpleCookie] = {}
        self.set_cookies: list[str] = []

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(ssl=self._entra.context()),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    @property
    def cookie(self) -> str | None:
        """The cookie of the session with the service."""
        return self.cookie_of("__Host-switchroom")

    def cookie_of(self, name: str) -> str | None:
        """A cookie of the service."""
        held = self.cookies.get(urlsplit(self._portal.address).netloc, SimpleCookie()).get(name)
        return held.value or None if held else None

    async def ask(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, as our own page would make it unless the headers say otherwise."""
        url = urljoin(self._portal.address, address)
        jar = self.cookies.setdefault(urlsplit(url).netloc, SimpleCookie())
        said = "; ".join(f"{name}={one.value}" for name, one in jar.items() if one.value)
        given = {"Cookie": said} if said else {}
        async with self._session.request(
            method, url, headers={**given, **(headers or {})}, data=form, allow_redirects=False
        ) as answer:
            for line in answer.headers.getall("Set-Cookie", []):
                jar.load(line)
                if urlsplit(url).netloc == urlsplit(self._portal.address).netloc:
                    self.set_cookies.append(line)
            return await _read(answer)

    async def sign_in(
        self, account: Account, address: str = "/sign-in", *, code: str = CODE
    ) -> Answer:
        """Signs in at Microsoft's page and comes back; the answer of the service to that."""
        answer, where = await self.ask("GET", address), urljoin(self._portal.address, address)
        for _ in range(MOST_STEPS):
            if answer.status in {302, 303}:
                where = urljoin(where, answer.headers["Location"])
                if urlsplit(where).path.startswith("/tab/"):
                    return answer
                answer = await self.ask("GET", where)
                continue
            found = FORM.search(answer.body) if isinstance(answer.body, str) else None
            if found is None:
                return answer
            target = urljoin(where, html.unescape(found[1]))
            form = {name: html.unescape(one) for name, one in FIELD.findall(answer.body)}
            if not form:
                form = {"username": account.username, "password": account.password, "code": code}
            answer, where = await self.ask("POST", target, form=form), target
        raise AssertionError("the sign-in does not end")


async def _read(answer: aiohttp.ClientResponse) -> Answer:
    text = await answer.text()
    is_json = "json" in answer.headers.get("Content-Type", "")
    return Answer(
        answer.status, answer.headers, await answer.json(content_type=None) if is_json else text
    )
