"""Named secrets of a Key Vault, kept in memory for at most fifteen minutes.

A secret is asked for again when it is five minutes old, by whoever needs it next or by the
keeper, which looks every minute: so, when the vault stops answering, what is kept still counts for
nine more. One request at a time for a name, however many wait for it. What the vault says of a
secret counts at once: a missing or disabled one is forgotten; being away, busy or suspicious of
this process does not change what is kept.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from azure.keyvault.secrets import SecretProperties

from portal.adapters.secrets.refusals import is_outage
from portal.adapters.secrets.vault import Vault
from portal.domain.shared.errors import DomainError, Unavailable
from portal.domain.shared.flight import SingleFlight
from portal.domain.shared.secrets import Secret

LOGGER = logging.getLogger(__name__)
FRESH_SECONDS = 300.0
KEPT_SECONDS = 900.0
LOOK_SECONDS = 60.0
LIVE_VERSIONS = 2


class _Kept(NamedTuple):
    secrets: tuple[Secret, ...]
    since: float


class VaultSecrets:
    """The secrets of a vault; see the port. `seconds` is a monotonic clock."""

    def __init__(self, vault: Vault, seconds: Callable[[], float] = time.monotonic) -> None:
        self._vault = vault
        self._seconds = seconds
        self._kept: dict[str, _Kept] = {}
        self._asking: SingleFlight[tuple[Secret, ...]] = SingleFlight()
        self._keeper: asyncio.Task[None] | None = None

    async def live(self, name: str) -> tuple[Secret, ...]:
        """See the port."""
        self._keeper = self._keeper or asyncio.create_task(self._keep(), name="secrets")
        kept = self._kept.get(name)
        if kept is not None and self._age(kept) < FRESH_SECONDS:
            return kept.secrets
        try:
            return await self._ask(name)
        except DomainError as error:
            if kept is None or not is_outage(error) or self._age(kept) >= KEPT_SECONDS:
                raise
            return kept.secrets

    async def refresh(self) -> tuple[DomainError, ...]:
        """Asks again for what is kept and not fresh; what went wrong."""
        failures: list[DomainError] = []
        for name, kept in list(self._kept.items()):
            age = self._age(kept)
            if age >= KEPT_SECONDS:
                del self._kept[name]
            elif age >= FRESH_SECONDS:
                try:
                    await self._ask(name)
                except DomainError as error:
                    failures.append(error)
        return tuple(failures)

    async def close(self) -> None:
        """Ends what runs, and forgets."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._asking.close()
        self._kept.clear()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for failure in await self.refresh():
                LOGGER.warning("a secret was not refreshed: %s", failure.code)

    def _age(self, kept: _Kept) -> float:
        return self._seconds() - kept.since

    async def _ask(self, name: str) -> tuple[Secret, ...]:
        return await self._asking.run(name, lambda: self._asked(name))

    async def _asked(self, name: str) -> tuple[Secret, ...]:
        begun = self._seconds()  # an answer is as old as its question
        try:
            secrets = await self._versions(name)
        except DomainError as error:
            if not is_outage(error):
                self._kept.pop(name, None)
            raise
        self._kept[name] = _Kept(secrets, begun)
        return secrets

    async def _versions(self, name: str) -> tuple[Secret, ...]:
        what = f"the secret {name}"

        async def listed() -> list[SecretProperties]:
            return [
                one async for one in self._vault.secrets.list_properties_of_secret_versions(name)
            ]

        found = await self._vault.ask(what, listed)
        if not found:
            raise Unavailable(f"The Key Vault {self._vault.host} does not have {what}.")
        now = datetime.now(UTC)
        usable = sorted((one for one in found if _counts(one, now)), key=_made, reverse=True)
        if not usable:
            raise Unavailable(
                f"In the Key Vault {self._vault.host}, every version of {what} is disabled, "
                "expired or not valid yet."
            )
        return tuple([await self._text(name, one) for one in usable[:LIVE_VERSIONS]])

    async def _text(self, name: str, version: SecretProperties) -> Secret:
        got = await self._vault.ask(
            f"the secret {name}",
            lambda: self._vault.secrets.get_secret(name, version=version.version or ""),
        )
        return Secret(str(version.version), got.value or "")


def _counts(version: SecretProperties, now: datetime) -> bool:
    begun = version.not_before is None or version.not_before <= now
    ended = version.expires_on is not None and version.expires_on <= now
    return bool(version.enabled) and begun and not ended


def _made(version: SecretProperties) -> datetime:
    return version.created_on or datetime.min.replace(tzinfo=UTC)
