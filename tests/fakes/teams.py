"""Stand-ins for Teams on loopback sockets: who signs, who issues tokens, the connector.

Two issuers are served, as in life: the channel's, whose keys carry endorsements, and Entra ID's,
whose keys do not.
"""

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.channel.cloud import PUBLIC, Cloud
from bot.channel.credentials import AccessToken, BotTokens
from bot.channel.service_urls import ServiceUrls
from bot.channel.turn import Answer, Incoming, Say

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "66666666-7777-4888-9999-000000000000"
BOT = f"28:{APP}"
SOMEBODY = "bc546a84-cd40-5b86-891c-4aa8e46fe419"
BOT_TOKEN = "the bot's own token"


class Loopback(ABC):
    """A server on a free loopback port."""

    def __init__(self) -> None:
        self.base = ""
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """What it serves."""

    async def start(self) -> None:
        """Listens; `base` is its address from then on."""
        application = web.Application(client_max_size=1024**3)
        application.add_routes(self.routes())
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stops listening."""
        if self._runner is not None:
            await self._runner.cleanup()


@cache
def private_key(name: str, size: int) -> rsa.RSAPrivateKey:
    """A key by its name; made once for all tests, because that takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


class Issuer(Loopback):
    """Publishes keys and signs tokens. `hung` set to an unset event makes it never answer."""

    def __init__(self, name: str, endorsements: Sequence[str] | None) -> None:
        super().__init__()
        self.name = name
        self.endorsements = endorsements
        self.fetches = 0
        self.status = 200
        self.redirect_to = ""
        self.keys_url = ""
        self.hung: asyncio.Event | None = None
        self._rotations = 0
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self.rotate()

    def rotate(self, *, size: int = 2048) -> str:
        """A new key in place of the old ones; its id."""
        self._rotations += 1
        self.key_id = f"{self.name}-{self._rotations}"
        self._keys = {self.key_id: private_key(self.key_id, size)}
        return self.key_id

    def token(self, *, headers: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """A token as the channel makes them, with these claims instead; None leaves one out."""
        now = int(time.time())
        said = {"iss": PUBLIC.issuer, "aud": APP, "iat": now, "nbf": now, "exp": now + 3600}
        said = {name: value for name, value in (said | claims).items() if value is not None}
        head = {"kid": self.key_id} | dict(headers or {})
        key, content = self._keys[self.key_id], json.dumps(said).encode()
        # One level below jwt.encode, which refuses to make some of the tokens we must refuse.
        return jwt.PyJWS().encode(content, key, "RS256", headers=head)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/openid", self._metadata), web.get("/keys", self._published)]

    async def _metadata(self, _: web.Request) -> web.Response:
        self.fetches += 1
        if self.hung is not None:
            await self.hung.wait()
        if self.redirect_to:
            raise web.HTTPFound(self.redirect_to)
        where = self.keys_url or f"{self.base}/keys"
        return web.json_response({"jwks_uri": where}, status=self.status)

    async def _published(self, _: web.Request) -> web.Response:
        published = []
        for key_id, key in self._keys.items():
            entry = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
            entry |= {"kid": key_id, "use": "sig"}
            if self.endorsements is not None:
                entry["endorsements"] = list(self.endorsements)
            published.append(entry)
        return web.json_response({"keys": published})


class FakeConnector(Loopback):
    """Keeps what the bot sends. `answers` are given first: (status, headers)."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[tuple[str, str, dict[str, Any], Mapping[str, str]]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.roster: list[dict[str, str]] = []
        self.hung: asyncio.Event | None = None
        self.arrived = asyncio.Event()

    @property
    def sent(self) -> list[str]:
        """The texts of all messages."""
        return [body.get("text", "") for method, _, body, _ in self.received if method == "POST"]

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", r"/{path:[\s\S]*}", self._take)]

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        self.received.append((request.method, request.rel_url.raw_path, body, request.headers))
        self.arrived.set()
        if self.hung is not None:
            await self.hung.wait()
        if self.answers:
            status, headers = self.answers.pop(0)
            return web.json_response({}, status=status, headers=headers)
        if request.path.endswith("/pagedmembers"):
            return web.json_response({"members": self.roster})
        if "/members/" in request.path:
            found = [one for one in self.roster if request.path.endswith(one["id"])]
            return web.json_response(found[0] if found else {}, status=200 if found else 404)
        return web.json_response({"id": f"sent-{len(self.received)}"}, status=201)


class Recorder:
    """A bot that keeps what it hears and answers by `answer`."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.answer: Callable[[Incoming], Awaitable[Sequence[Answer]]] = self._echo

    async def turn(self, incoming: Incoming) -> Sequence[Answer]:
        self.heard.append(incoming)
        return await self.answer(incoming)

    async def failed(self, incoming: Incoming, correlation_id: str) -> Sequence[Answer]:
        return [Say(f"failed: {incoming.kind.value}, {len(correlation_id)}")]

    @staticmethod
    async def _echo(incoming: Incoming) -> Sequence[Answer]:
        return [Say(f"heard: {incoming.text}")]


class Entra:
    """Counts the tokens that the bot asks for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.expires_in = 3600.0

    def acquire(self, scope: str) -> AccessToken:
        """A token for the scope."""
        self.asked.append(scope)
        return AccessToken(BOT_TOKEN, self.expires_in)

    def tokens(self) -> BotTokens:
        """A cache in front of it."""
        return BotTokens(self.acquire)


def cloud(channel: Issuer) -> Cloud:
    """The public cloud with the keys of that issuer."""
    return Cloud(
        issuer=PUBLIC.issuer,
        metadata_url=f"{channel.base}/openid",
        login_url=PUBLIC.login_url,
        scope=PUBLIC.scope,
        hosts=PUBLIC.hosts,
    )


def urls() -> ServiceUrls:
    """The channel's hosts and, since the tests' connector is there, this machine."""
    return ServiceUrls(PUBLIC.hosts, loopback=True)


def activity(service_url: str, **changes: Any) -> dict[str, Any]:
    """A message as Teams sends it, with these members instead; None leaves one out."""
    said: dict[str, Any] = {
        "type": "message",
        "id": "f:1",
        "timestamp": "2026-03-02T10:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": service_url,
        "from": {"id": "29:somebody", "name": "Sofia Lindqvist", "aadObjectId": SOMEBODY},
        "recipient": {"id": BOT, "name": "Switchroom"},
        "conversation": {"id": "a:chat", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "en-GB",
        "text": "help",
        "textFormat": "plain",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}
