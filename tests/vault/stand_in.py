"""A Key Vault on this machine, strict where the service is, with faults on demand.

Official clients reach it as https://NAME.vault.azure.net: only the resolution of names is the
test's (`transport`), so their check of the challenge and of the certificate stays on. It also
plays who gives identities: Entra ID for a federated token, and a platform's managed identity.
"""

import base64
import hashlib
import hmac
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Any, Self

from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import AioHttpTransport

from tests.fakes import tls
from tests.vault.state import RefusedError, State

TENANT = "6f2b1d0c-7c1e-4f0e-9a55-0d5f2c3b4a10"
CLIENT = "0b9ac1e6-9d52-4e2f-8f5f-4a3b60c1d7aa"
LOGIN = "login.microsoftonline.com"
RESOURCE = "https://vault.azure.net"
VERSIONS = frozenset({"7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"})
READER = frozenset({"secrets/get", "secrets/list", "keys/get", "keys/wrapkey", "keys/unwrapkey"})
"""What the service's own identity may do: Key Vault Secrets User and Crypto Service Encryption
User."""
OFFICER = READER | {"keys/create", "keys/delete"}
FEDERATED = "federated token of the cluster"
PLATFORM = "header of the platform"
Operation = tuple[str, Callable[[], dict[str, Any]]]


@dataclass
class VaultStandIn:
    """The vault of that name. Attributes may be changed while it runs."""

    name: str
    folder: Path
    allowed: frozenset[str] = OFFICER
    """Data actions of the identity."""
    accepts_identity: bool = True
    skew_s: float = 0.0
    """How far the vault's clock is ahead of ours."""
    resource: str = RESOURCE
    is_down: bool = False
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Status and headers of the next answers behind the challenge."""
    always: tuple[int, dict[str, str]] | None = None
    asked: list[str] = field(default_factory=list)
    """`METHOD path` of the requests that came with a token."""

    def __post_init__(self) -> None:
        self.host = f"{self.name}.vault.azure.net"
        self.url = f"https://{self.host}"
        self.state = State(self.url, self.now)
        self.port = 0
        self.identity_port = 0
        self._secret = secrets.token_bytes(32)
        self._tls = tls.made(self.folder, self.host, LOGIN)

    @property
    def authority(self) -> Path:
        """The certificate (PEM) of who vouches for the vault's own."""
        return self._tls.authority

    def now(self) -> float:
        """Seconds since 1970 by the vault's clock."""
        return time.time() + self.skew_s

    def transport(self) -> AioHttpTransport:
        """How a client reaches this machine instead of Azure."""
        connector = TCPConnector(resolver=_Here(self), ssl=self._tls.client_context())
        return AioHttpTransport(session=ClientSession(connector=connector, auto_decompress=False))

    def token(self) -> AccessToken:
        """A token of the identity, valid for an hour from now by our clock."""
        now = time.time()
        claims = {"aud": RESOURCE, "nbf": now - 60, "exp": now + 3600, "appid": CLIENT}
        told = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
        return AccessToken(f"{told}.{self._signature(told)}", int(now + 3600))

    def environment(self, identity: str) -> dict[str, str]:
        """What the platform tells a process about its identity."""
        if identity == "managed":
            return {
                "AZURE_CLIENT_ID": CLIENT,
                "IDENTITY_ENDPOINT": f"http://127.0.0.1:{self.identity_port}/token",
                "IDENTITY_HEADER": PLATFORM,
            }
        path = self.folder / "federated"
        path.write_text(FEDERATED)
        return {
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_TENANT_ID": TENANT,
            "AZURE_FEDERATED_TOKEN_FILE": str(path),
        }

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["VaultStandIn"]:
        """Answers until the end of the block."""
        vault, identity = web.Application(), web.Application()
        vault.router.add_post(f"/{TENANT}/oauth2/v2.0/token", self._exchange)
        vault.router.add_route("*", "/{path:.*}", self._handle)
        identity.router.add_get("/token", self._managed)
        runners = [web.AppRunner(vault), web.AppRunner(identity)]
        for runner in runners:
            await runner.setup()
        context = self._tls.server_context()
        await web.TCPSite(runners[0], "127.0.0.1", 0, ssl_context=context).start()
        await web.TCPSite(runners[1], "127.0.0.1", 0).start()
        self.port, self.identity_port = (runner.addresses[0][1] for runner in runners)
        try:
            yield self
        finally:
            for runner in runners:
                await runner.cleanup()

    # --- identities -----------------------------------------------------------------------

    async def _exchange(self, request: web.Request) -> web.Response:
        """The client credentials grant with a federated token (RFC 7523)."""
        form = await request.post()
        right = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_assertion": FEDERATED,
            "scope": f"{RESOURCE}/.default",
        }
        if request.host != LOGIN or any(form.get(name) != value for name, value in right.items()):
            return web.json_response({"error": "invalid_client"}, status=401)
        token = {"access_token": self.token().token, "expires_in": 3600, "token_type": "Bearer"}
        return web.json_response(token)

    async def _managed(self, request: web.Request) -> web.Response:
        query = request.query
        if request.headers.get("X-IDENTITY-HEADER") != PLATFORM:
            return web.json_response({"error": "unauthorized"}, status=401)
        if query.get("resource") != RESOURCE or query.get("client_id") != CLIENT:
            return web.json_response({"error": "invalid_request"}, status=400)
        token = self.token()
        told = {"access_token": token.token, "expires_on": str(token.expires_on)}
        return web.json_response(told | {"resource": RESOURCE, "token_type": "Bearer"})

    # --- the vault ------------------------------------------------------------------------

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self.is_down:
            assert request.transport is not None
            request.transport.abort()
            raise web.HTTPServiceUnavailable
        headers = {"Date": formatdate(self.now(), usegmt=True)}
        body = await request.read()
        try:
            refused = self._unauthorized(request, body)
            if refused:
                return web.Response(status=401, headers=headers | refused)
            self.asked.append(f"{request.method} {request.path}")
            fault = self.faults.pop(0) if self.faults else self.always
            if fault:
                raise _FaultError(*fault)
            return web.json_response(self._answer(request, body), headers=headers)
        except RefusedError as error:
            inner = {"innererror": {"code": error.inner}} if error.inner else {}
            told = {"error": {"code": error.code, "message": "Refused."} | inner}
            return web.json_response(told, status=error.status, headers=headers)
        except _FaultError as error:
            told = {"error": {"code": "Throttled", "message": "Fault."}}
            return web.json_response(told, status=error.status, headers=headers | error.headers)

    def _unauthorized(self, request: web.Request, body: bytes) -> dict[str, str]:
        """The challenge for a request without a good token; {} for one that may be answered."""
        parts = [f'authorization="https://{LOGIN}/{TENANT}"', f'resource="{self.resource}"']
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            if body:
                raise RefusedError(400, "BadParameter", "BodyWithoutToken")
            return {"WWW-Authenticate": f"Bearer {', '.join(parts)}"}
        told, _, signature = token.partition(".")
        good = scheme == "Bearer" and hmac.compare_digest(signature, self._signature(told))
        claims = json.loads(base64.urlsafe_b64decode(told)) if good else {}
        timely = bool(claims) and claims["nbf"] <= self.now() < claims["exp"]
        if timely and claims["aud"] == self.resource and self.accepts_identity:
            return {}
        parts.append('error="invalid_token"')
        return {"WWW-Authenticate": f"Bearer {', '.join(parts)}"}

    def _answer(self, request: web.Request, body: bytes) -> dict[str, Any]:
        if request.host != self.host:
            raise RefusedError(400, "BadParameter", "WrongHost")
        if request.query.get("api-version") not in VERSIONS:
            raise RefusedError(400, "BadParameter", "ApiVersion")
        asked = json.loads(body) if body else {}
        action, answer = self._operation(request, asked)
        if action not in self.allowed:
            raise RefusedError(403, "Forbidden", "ForbiddenByRbac")
        return answer()

    def _operation(self, request: web.Request, asked: dict[str, Any]) -> Operation:
        """The data action that the request needs, and how it is answered."""
        state = self.state
        match request.method, *request.path.strip("/").split("/"):
            case "GET", "secrets", name, "versions":
                found = "secrets/list", partial(state.versions, name)
            case "GET", "secrets", name, *version:
                found = "secrets/get", partial(state.secret, name, "".join(version))
            case "POST", "keys", name, "create":
                found = "keys/create", partial(state.create_key, name, asked)
            case "GET", "keys", name, *version:
                found = "keys/get", partial(state.key, name, "".join(version))
            case "POST", "keys", name, version, use:
                found = f"keys/{use}", partial(state.use_key, name, version, use, asked)
            case "DELETE", "keys", name:
                found = "keys/delete", partial(state.drop_key, name)
            case "GET", "deletedkeys", name:
                found = "keys/get", partial(state.dropped_key, name)
            case _:
                raise RefusedError(400, "BadParameter", "UnknownOperation")
        return found

    def _signature(self, told: str) -> str:
        return hmac.new(self._secret, told.encode(), hashlib.sha256).hexdigest()


class _FaultError(Exception):
    def __init__(self, status: int, headers: dict[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class _Here(AbstractResolver):
    """Finds the vault and the login on this machine, and nothing else anywhere."""

    def __init__(self, vault: VaultStandIn) -> None:
        self._vault = vault

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in {self._vault.host, LOGIN}:
            raise OSError(f"{host} is not known")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._vault.port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        pass


class Identity:
    """A credential as the SDK wants it, that gives tokens of the stand-in."""

    def __init__(self, vault: VaultStandIn) -> None:
        self._vault = vault

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        assert scopes == (f"{RESOURCE}/.default",)
        return self._vault.token()

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass
