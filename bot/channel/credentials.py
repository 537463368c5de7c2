"""The bot's own tokens: which credential gets them, and that they are got once an hour, not a turn.

The secret, the certificate and the federated token are read from files when a token is needed;
they are in no setting and in no log.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bot.channel.cloud import Cloud
from portal.domain.shared.secrets import Secrets
from portal.logs import event
from portal.settings import Settings

LOGGER = logging.getLogger(__name__)
FETCH_SECONDS = 10.0
ATTEMPT_SECONDS = 4
RENEW_BEFORE_S = 300.0


class NoToken(Exception):
    """No token could be had now."""


class AccessToken(NamedTuple):
    """A token and the seconds it is valid for from now."""

    text: str
    expires_in: float


Acquire = Callable[[str], AccessToken]
"""Gets a token for a scope; blocks, so it runs in a thread. Raises NoToken or what its library
raises."""


class _Held(NamedTuple):
    text: str
    until: float


class BotTokens:
    """Tokens by scope, of one app. One fetch at a time for each; a token that is about to expire is
    renewed beside the turn that noticed. `seconds` is a monotonic clock."""

    def __init__(self, acquire: Acquire, seconds: Callable[[], float] = time.monotonic) -> None:
        self._acquire = acquire
        self._seconds = seconds
        self._held: dict[str, _Held] = {}
        self._fetching: dict[str, asyncio.Task[str]] = {}

    async def get(self, scope: str) -> str:
        """A valid token. Raises NoToken."""
        held = self._held.get(scope)
        left = held.until - self._seconds() if held else 0.0
        if held is None or left <= 0:
            return await asyncio.shield(self._begin(scope))
        if left < RENEW_BEFORE_S:
            self._begin(scope)
        return held.text

    def forget(self, scope: str, text: str) -> None:
        """Drops a token that was refused."""
        held = self._held.get(scope)
        if held is not None and held.text == text:
            del self._held[scope]

    async def close(self) -> None:
        """Ends the fetches that run."""
        running = list(self._fetching.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _begin(self, scope: str) -> "asyncio.Task[str]":
        task = self._fetching.get(scope)
        if task is None:
            task = self._fetching[scope] = asyncio.create_task(self._fetch(scope))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _fetch(self, scope: str) -> str:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                token = await asyncio.to_thread(self._acquire, scope)
            self._held[scope] = _Held(token.text, self._seconds() + token.expires_in)
            return token.text
        except Exception as error:  # noqa: BLE001 - each credential's library has errors of its own
            event(LOGGER, logging.ERROR, "no token for the channel", error=error)
            raise NoToken from None
        finally:
            del self._fetching[scope]


def acquirer(settings: Settings, cloud: Cloud, secrets: Secrets | None = None) -> Acquire:
    """What gets tokens with the configured credential; `secrets` has the secret that the settings
    name, if they name one, and is asked on the running loop. The settings were checked at start."""
    if settings.bot_secret_name and secrets is not None:
        return _named_secret(settings, cloud, secrets)
    makers: dict[str | None, Callable[[Settings, Cloud], Acquire]] = {
        "secret": _secret,
        "certificate": _certificate,
        "managed_identity": _managed_identity,
        "workload_identity": _workload_identity,
    }
    return makers[settings.bot_credential](settings, cloud)


def _secret(settings: Settings, cloud: Cloud) -> Acquire:
    return with_msal(settings, cloud, lambda: _read(settings.bot_secret_file).strip())


def _named_secret(settings: Settings, cloud: Cloud, secrets: Secrets) -> Acquire:
    """The newest version that Entra ID takes: while a secret is rotated, the one before counts
    until the new one does, and the new one as soon as it is there."""
    loop = asyncio.get_running_loop()

    def acquire(scope: str) -> AccessToken:
        asked = asyncio.run_coroutine_threadsafe(secrets.live(settings.bot_secret_name), loop)
        for secret in asked.result(FETCH_SECONDS):
            try:
                return with_msal(settings, cloud, partial(str, secret.text))(scope)
            except NoToken:
                continue
        raise NoToken

    return acquire


def _certificate(settings: Settings, cloud: Cloud) -> Acquire:
    def credential() -> dict[str, str]:
        pem = _read(settings.bot_certificate_file)
        certificate = x509.load_pem_x509_certificate(pem.encode())
        thumbprint = certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303 - Entra ID's own name
        return {"private_key": pem, "thumbprint": thumbprint}

    return with_msal(settings, cloud, credential)


def _managed_identity(settings: Settings, _: Cloud) -> Acquire:
    def build() -> Any:
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=settings.bot_app_id)

    return with_azure(build)


def _workload_identity(settings: Settings, cloud: Cloud) -> Acquire:
    def build() -> Any:
        from azure.identity import WorkloadIdentityCredential

        return WorkloadIdentityCredential(
            tenant_id=settings.bot_tenant_id,
            client_id=settings.bot_app_id,
            token_file_path=str(settings.bot_token_file),
            authority=cloud.login_url,
        )

    return with_azure(build)


def with_msal(
    settings: Settings, cloud: Cloud, credential: Callable[[], Any], http_client: Any = None
) -> Acquire:
    """Tokens by the client credentials grant (RFC 6749 section 4.4) in the bot's own tenant. The
    client is made anew after a failure, so a rotated secret is read."""
    made: list[Any] = []

    def acquire(scope: str) -> AccessToken:
        import msal

        if not made:
            made.append(
                msal.ConfidentialClientApplication(
                    settings.bot_app_id,
                    client_credential=credential(),
                    authority=f"{cloud.login_url}/{settings.bot_tenant_id}",
                    instance_discovery=False,
                    timeout=None if http_client else ATTEMPT_SECONDS,
                    http_client=http_client,
                )
            )
        answer = made[0].acquire_token_for_client(scopes=[scope])
        if "access_token" not in answer:
            made.clear()
            raise NoToken
        return AccessToken(answer["access_token"], float(answer["expires_in"]))

    return acquire


def with_azure(build: Callable[[], Any]) -> Acquire:
    """Tokens of an identity that Azure gives to the process."""
    made: list[Any] = []

    def acquire(scope: str) -> AccessToken:
        if not made:
            made.append(build())
        token = made[0].get_token(scope)
        return AccessToken(token.token, token.expires_on - time.time())

    return acquire


def _read(path: Path | None) -> str:
    if path is None:
        raise NoToken
    return path.read_text(encoding="utf-8")
