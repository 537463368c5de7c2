"""The channel as one thing: made from settings, started and closed with the process, one address.

`app.py` routes POST /api/messages to `Channel.handle` and injects `messenger` where the portal
sends on its own initiative.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import web

from bot.channel import guard, incoming
from bot.channel.adapter import TeamsAdapter
from bot.channel.cloud import PUBLIC, Cloud
from bot.channel.connector import Connector
from bot.channel.credentials import BotTokens, acquirer
from bot.channel.files import TeamsFiles
from bot.channel.guard import Envelope
from bot.channel.handler import Handler
from bot.channel.keys import SigningKeys
from bot.channel.outbound import TeamsMessenger
from bot.channel.refusal import Refused, forbidden
from bot.channel.replays import Replays
from bot.channel.service_urls import LOOPBACK, ServiceUrls
from bot.channel.tokens import TokenVerifier, bearer
from bot.channel.turn import Bot, Incoming
from portal.domain.access.refusals import Refusals
from portal.domain.shared.clock import Clock
from portal.domain.shared.secrets import Secrets
from portal.logs import event
from portal.measures import Measures
from portal.settings import Settings

LOGGER = logging.getLogger(__name__)
PATH: Final = "/api/messages"
HERE = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
NAMES = LOOPBACK | {"::1"}
KEPT_OUT: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""What of the answers refuses somebody; the others refuse what is no activity."""


class Channel:
    """The way to and from Teams. With `verifier` None it is open to the emulator: to programs on
    this machine, which development alone allows."""

    def __init__(
        self,
        *,
        urls: ServiceUrls,
        tenant_id: str,
        cloud: Cloud,
        clock: Clock,
        app_id: str = "",
        tokens: BotTokens | None = None,
        measures: Measures | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self._refusals = refusals
        self._measures = measures or Measures()
        self._urls = urls
        self._tenant_id = tenant_id
        self._tokens = tokens
        self._session: aiohttp.ClientSession | None = None
        self._replays = Replays()
        self._keys = SigningKeys(self._http, cloud.metadata_url)
        self._verifier = (
            TokenVerifier(self._keys, issuer=cloud.issuer, app_id=app_id) if app_id else None
        )
        self._connector = Connector(self._http, urls, tokens, cloud.scope, clock=clock)
        self._adapter = TeamsAdapter(self._connector)
        self._handler: Handler | None = None
        self._fetching: asyncio.Task[None] | None = None
        self.messenger: Final = TeamsMessenger(self._connector, urls, tenant_id)
        self._files = TeamsFiles(self._http)

    def start(self, bot: Bot) -> None:
        """Begins to take turns, in the running loop; the signing keys are fetched beside."""
        self._handler = Handler(bot, self._connector, self._measures)
        self._session = aiohttp.ClientSession(
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=100, limit_per_host=50),
        )
        if self._verifier is not None:
            self._fetching = asyncio.create_task(self._keys.refresh())

    async def is_of_tenant(self, incoming: Incoming) -> bool:
        """See the port of a turn."""
        sender = incoming.sender
        return await self.messenger.is_of_tenant(
            incoming.reference, sender.channel_id, sender.aad_object_id
        )

    def pieces(self, address: str) -> AsyncIterator[bytes]:
        """See the port of a turn."""
        return self._files.pieces(address)

    async def deliver(
        self, address: str, shown: str, body: AsyncIterator[bytes], *, size: int
    ) -> None:
        """See the port of a turn."""
        await self._files.deliver(address, shown, body, size=size)

    async def close(self) -> None:
        """Ends what runs and closes connections."""
        await self._replays.close()
        if self._handler is not None:
            await self._handler.close()
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        await self._keys.close()
        if self._tokens is not None:
            await self._tokens.close()
        if self._session is not None:
            await self._session.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers POST /api/messages: 200 once the turn is over, with a body for invokes; else 400,
        401, 403, 405, 413, 415 or 503 before any turn."""
        try:
            envelope, claims = await self._admit(request)
            received = incoming.read(envelope.activity, envelope.tenant_id)
        except Refused as refused:
            self._measures.refusals.add("bot", refused.code)
            if self._refusals is not None and refused.status in KEPT_OUT:
                told = f"bot.{refused.code}"
                self._refusals.tell_of_nobody(operation=told, status=int(refused.status))
            event(LOGGER, logging.WARNING, "activity refused", code=refused.code)
            return refused.response()
        status, body = await self._replays.once(
            received.replay_key, partial(self._run, envelope, claims, received)
        )
        kind = "application/json" if body else None
        return web.Response(status=status, body=body, content_type=kind)

    async def _admit(self, request: web.Request) -> tuple[Envelope, dict[str, Any]]:
        header = request.headers.get("Authorization", "")
        if self._verifier is None:
            from_here(request)
        else:
            bearer(header)
        body = await guard.read(request)
        envelope = guard.check(guard.parse(body), self._urls, self._tenant_id)
        if self._verifier is None:
            return envelope, {}
        return envelope, await self._verifier.verify(header, envelope.service_url)

    async def _run(
        self, envelope: Envelope, claims: dict[str, Any], received: Incoming
    ) -> tuple[int, bytes]:
        if self._handler is None:
            raise RuntimeError("start() comes first")
        left = await self._adapter.run(envelope, claims, partial(self._handler.turn, received))
        if left is None:
            return HTTPStatus.OK, b""
        body = b"" if left.body is None else msgspec.json.encode(left.body)
        return int(left.status), body

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("start() comes first")
        return self._session


def create(
    settings: Settings,
    clock: Clock,
    cloud: Cloud = PUBLIC,
    secrets: Secrets | None = None,
    measures: Measures | None = None,
    refusals: Refusals | None = None,
) -> Channel:
    """The channel for these settings, which say that there is a bot. Raises ValueError for one
    that would be open outside development; settings refuse that before."""
    hosts = cloud.hosts | set(settings.bot_service_hosts)
    if not settings.bot_app_id:
        if not settings.is_development:
            raise ValueError("a bot without an app id exists in development only")
        urls = ServiceUrls((), loopback=True)
        return Channel(
            urls=urls,
            tenant_id=settings.bot_tenant_id,
            cloud=cloud,
            clock=clock,
            measures=measures,
            refusals=refusals,
        )
    return Channel(
        urls=ServiceUrls(hosts),
        tenant_id=settings.bot_tenant_id,
        cloud=cloud,
        clock=clock,
        app_id=settings.bot_app_id,
        tokens=BotTokens(acquirer(settings, cloud, secrets)),
        measures=measures,
        refusals=refusals,
    )


def from_here(request: web.Request) -> None:
    """Raises Refused with 403 unless a program on this machine asks by this machine's own name;
    pages in a browser, which say their origin, are not such programs."""
    try:
        name = request.url.host
    except ValueError:  # the Host header is no address
        name = None
    if request.remote not in HERE or name not in NAMES or "Origin" in request.headers:
        raise forbidden("not-from-this-machine")
