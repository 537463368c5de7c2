"""The app itself at Microsoft Entra ID: signing people in, and asking on their behalf.

MSAL speaks the protocol (code, PKCE, nonce, state, client credentials); it keeps no token here and
validates no ID token, so both are done beside it. It is synchronous and runs in the bounded
threads of `entra_http`.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msal

from portal.adapters.identity.entra import EntraVerifier, Registration
from portal.adapters.identity.entra_graph import SCOPES, Graph
from portal.adapters.identity.entra_http import BUSY, Outbound
from portal.domain.access.model import Claims
from portal.domain.access.service import REFUSED
from portal.domain.sessions.ports import Begun, Granted
from portal.domain.shared.errors import (
    ConsentRequired,
    InteractionRequired,
    NotAuthenticated,
    Unavailable,
)

ANY_TENANT = "organizations"
EXCHANGE = "api://AzureADTokenExchange/.default"
EXCHANGE_S = 8.0
MOST_TENANTS = 256
CONSENT = "consent_required"
NOT_THEIRS = frozenset(
    {"temporarily_unavailable", "server_error", "invalid_client", "unauthorized_client"}
)
"""Errors that the person who signs in can do nothing about."""

Credential = Callable[[], Any]
"""Reads the app's credential when it is needed, in MSAL's form."""


class _NoCache(msal.TokenCache):  # type: ignore[misc]
    """Keeps nothing: a cache of MSAL's is shared by everybody who signs in."""

    def add(self, event: Any, now: Any = None) -> None:
        """Nothing."""


@dataclass(frozen=True)
class _Client:
    application: Any
    made_at: float


class EntraApp:
    """Signs in and asks on behalf of, with the app's credential. Clients are kept for each tenant
    and made anew after a failure, so a rotated credential is read."""

    def __init__(
        self,
        registration: Registration,
        credential: Credential,
        outbound: Outbound,
        verifier: EntraVerifier,
        graph: Graph,
    ) -> None:
        self._registration = registration
        self._home = registration.tenant_id or ANY_TENANT
        self._credential = credential
        self._outbound = outbound
        self._verifier = verifier
        self._graph = graph
        self._clients: dict[str, _Client] = {}
        self._lock = threading.Lock()

    async def begin(
        self,
        redirect_uri: str,
        *,
        claims: str = "",
        again: bool = False,
        scopes: tuple[str, ...] = (),
    ) -> Begun:
        """Where to send the browser, and what to keep until it is back. `claims` asks for more
        than the usual (OpenID Connect Core, section 5.5); `again` wants the person to sign in anew,
        `scopes` are to be consented to. Raises Unavailable."""
        prompt = "consent" if scopes else "login" if again else "select_account"

        def work() -> Any:
            return self._client(self._home).initiate_auth_code_flow(
                list(scopes or SCOPES),
                redirect_uri=redirect_uri,
                response_mode="form_post",
                prompt=prompt,
                claims_challenge=claims or None,
            )

        flow = await self._outbound.run(work, EXCHANGE_S)
        if "error" in flow or "auth_uri" not in flow:
            raise Unavailable(BUSY)
        address = str(flow.pop("auth_uri"))
        return Begun(address, json.dumps(flow))

    async def finish(self, kept: str, answer: Mapping[str, str]) -> Claims:
        """Who came back. Raises NotAuthenticated for an answer that is not the one to what was
        kept, for a refusal and for an ID token that does not hold; Unavailable."""
        flow = json.loads(kept)
        if answer.get("error"):
            raise NotAuthenticated(REFUSED)

        def work() -> Any:
            return self._client(self._home).acquire_token_by_auth_code_flow(flow, dict(answer))

        try:
            got = await self._outbound.run(work, EXCHANGE_S)
        except (ValueError, RuntimeError):  # MSAL's words for a wrong state and a wrong nonce
            raise NotAuthenticated(REFUSED) from None
        if "id_token" not in got:
            self._forget(self._home)
            raise Unavailable(BUSY) if got.get("error") in NOT_THEIRS else NotAuthenticated(REFUSED)
        graph_token = str(got.get("access_token") or "")
        return await self._verifier.signed_in(
            str(got["id_token"]), lambda: self._graph.groups(graph_token)
        )

    async def on_behalf_of(self, tenant_id: str, token: str, scopes: tuple[str, ...]) -> Granted:
        """A token for those scopes of another service, for the person whose verified token of this
        tenant is given. Raises ConsentRequired, InteractionRequired with the claims to ask for,
        NotAuthenticated or Unavailable."""

        def work() -> Any:
            client = self._client(tenant_id)
            return client.acquire_token_on_behalf_of(token, list(scopes))

        got = await self._outbound.run(work, EXCHANGE_S)
        if "access_token" in got:
            return Granted(str(got["access_token"]), float(got["expires_in"]))
        error, detail = got.get("error"), got.get("suberror")
        if CONSENT in {detail, error}:
            # MSAL answers the same question from memory for a minute, also once consent is given.
            self._forget(tenant_id)
            raise ConsentRequired(scopes=scopes)
        if error == "interaction_required" or got.get("claims"):
            raise InteractionRequired(claims=str(got.get("claims") or ""))
        self._forget(tenant_id)
        if error == "invalid_grant":
            raise NotAuthenticated(REFUSED)
        raise Unavailable(BUSY)

    def _client(self, tenant: str) -> Any:
        with self._lock:
            known = self._clients.get(tenant)
        if known is not None:
            return known.application
        application = msal.ConfidentialClientApplication(
            self._registration.app_id,
            client_credential=self._credential(),
            authority=f"{self._registration.authority}/{tenant}",
            instance_discovery=False,
            http_client=self._outbound.session,
            token_cache=_NoCache(),
        )
        with self._lock:
            if len(self._clients) >= MOST_TENANTS:
                self._clients.pop(next(iter(self._clients)))
            self._clients[tenant] = _Client(application, time.monotonic())
        return application

    def _forget(self, tenant: str) -> None:
        with self._lock:
            self._clients.pop(tenant, None)


def credential(kind: str | None, path: Path | None) -> Credential:
    """What gives the credential of that kind, each time one is needed: from its file, or from the
    identity that Azure gives the process."""

    def read() -> str:
        if path is None:
            raise Unavailable("The app's credential is not configured.")
        return path.read_text(encoding="utf-8").strip()

    def certificate() -> dict[str, str]:
        pem = read()
        return {"private_key": pem, "public_certificate": pem}

    makers: dict[str | None, Credential] = {
        "secret": read,
        "certificate": certificate,
        "managed_identity": lambda: {"client_assertion": _exchanged},
        "workload_identity": lambda: {"client_assertion": read},
    }
    return makers[kind]


def _exchanged() -> str:
    """The token of the process's own identity that the app's registration trusts ("Configure an
    application to trust a managed identity"). `AZURE_CLIENT_ID` is the platform's variable."""
    from azure.identity import ManagedIdentityCredential

    with ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID") or None) as identity:
        return str(identity.get_token(EXCHANGE).token)
