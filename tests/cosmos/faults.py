"""A proxy in front of the stand-in that goes wrong as told: it answers with errors, drops
connections before or after the stand-in has done the work, and holds requests back."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
from aiohttp import web

from tests.cosmos.stand_in import START_S, StandIn

T = TypeVar("T")
IS_BATCH = "x-ms-cosmos-is-batch-request"
IS_QUERY = "x-ms-documentdb-isquery"
PARTITION = "x-ms-documentdb-partitionkey"
HOPS = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "host"})
NO_MATTER_HOW_OFTEN = 10**6


def batches(request: web.Request) -> bool:
    """Requests that write a batch."""
    return request.headers.get(IS_BATCH, "").lower() == "true"


def partition(request: web.Request) -> str:
    """The partition that the request names, empty without one."""
    named = json.loads(request.headers.get(PARTITION, "[]"))
    return str(named[0]) if named else ""


def queries(request: web.Request) -> bool:
    """Requests that ask for items by a query."""
    return request.headers.get(IS_QUERY, "").lower() == "true"


def item_reads(request: web.Request) -> bool:
    """Requests for one item."""
    return request.method == "GET" and "/docs/" in request.path


def descriptions(request: web.Request) -> bool:
    """Requests for what the account says of itself."""
    return request.method == "GET" and request.path == "/"


@dataclass
class Fault:
    """What happens to the next `times` requests of a kind.

    `status` answers with an error, None drops the connection. `after` lets the stand-in do its
    work first. `held` keeps the request back until it is set, and then sends it on: to who asked
    it is a service that does not answer in time. `changed` rewrites what the stand-in answered.
    """

    status: int | None = None
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    held: asyncio.Event | None = None
    changed: Callable[[Any], Any] | None = None
    times: int = 1


class FaultProxy:
    """A running proxy; `endpoint` is where it is. `met` counts the requests that met a fault;
    `late` has the statuses of those that were held back, once they were sent on."""

    def __init__(self, upstream: StandIn, session: aiohttp.ClientSession) -> None:
        self.endpoint = ""
        self.met = 0
        self.late = asyncio.Queue[int]()
        self._upstream = upstream.endpoint
        self._session = session
        self._faults: list[tuple[Callable[[web.Request], bool], Fault]] = []

    def plan(self, which: Callable[[web.Request], bool], fault: Fault) -> Fault:
        """From now on requests of the kind meet the fault, in the order of the plans."""
        self._faults.append((which, fault))
        return fault

    def recover(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request, sent on or not."""
        body = await request.read()
        fault = self._meet(request)
        if fault is None:
            return await self._passed(request, body)
        self.met += 1
        if fault.held is not None:
            await fault.held.wait()
            self.late.put_nowait((await self._passed(request, body)).status)
            return _dropped(request)
        if fault.changed is not None:
            answer = await self._passed(request, body)
            assert isinstance(answer.body, bytes)
            return web.json_response(fault.changed(json.loads(answer.body)))
        if fault.after:
            await self._passed(request, body)
        if fault.status is None:
            return _dropped(request)
        told = {"code": "Injected", "message": "injected"}
        return web.json_response(told, status=fault.status, headers=fault.headers)

    def _meet(self, request: web.Request) -> Fault | None:
        for which, fault in self._faults:
            if fault.times and which(request):
                fault.times -= 1
                return fault
        return None

    async def _passed(self, request: web.Request, body: bytes) -> web.Response:
        sent = {k: v for k, v in request.headers.items() if k.lower() not in HOPS}
        async with self._session.request(
            request.method, self._upstream + request.path_qs, headers=sent, data=body, ssl=False
        ) as answer:
            # The account's description says where to send everything else: here.
            told = (await answer.read()).replace(self._upstream.encode(), self.endpoint.encode())
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in HOPS}
            return web.Response(status=answer.status, headers=kept, body=told)


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def proxied(upstream: StandIn) -> AsyncIterator[FaultProxy]:
    """A proxy in front of the stand-in, under its certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(upstream.certificate)
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        proxy = FaultProxy(upstream, session)
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", proxy.handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
            await site.start()
            host, port = runner.addresses[0][:2]
            proxy.endpoint = f"https://{host}:{port}"
            yield proxy
        finally:
            await runner.cleanup()


class Aside:
    """A proxy on a thread of its own, for tests that wait for processes. Its faults are planned
    before anybody asks it."""

    def __init__(self, proxy: FaultProxy, loop: asyncio.AbstractEventLoop) -> None:
        self.proxy = proxy
        self._loop = loop

    def release(self, fault: Fault, seconds: float = 30) -> int:
        """Sends on what the fault held back; the status of the first that was sent on."""
        assert fault.held is not None
        self._loop.call_soon_threadsafe(fault.held.set)
        return asyncio.run_coroutine_threadsafe(self.proxy.late.get(), self._loop).result(seconds)


@contextmanager
def proxied_aside(upstream: StandIn) -> Iterator[Aside]:
    """A proxy in front of the stand-in, on a thread that ends with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="faults", daemon=True)
    thread.start()

    def there(coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(START_S)

    running = proxied(upstream)
    try:
        proxy = there(running.__aenter__())
        try:
            yield Aside(proxy, loop)
        finally:
            there(running.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
