"""A Key Vault, asked through its official client.

The client finds out whom to get a token for from the vault's challenge, and checks that the
challenge is of the vault's own domain before it shows a token to anybody. Requests are tried again
here, three times within seconds, and not in the client: its own retries wait for as long as the
vault says, and whoever asks has a cached answer or a better use for the time.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.keyvault.keys.aio import KeyClient
from azure.keyvault.secrets.aio import SecretClient

from portal.adapters.secrets.refusals import is_passing, told
from portal.domain.shared.errors import Unavailable

ADDRESS = re.compile(r"https://([a-z0-9-]{3,24}\.vault\.[a-z0-9.-]+[a-z])/?")
TRIES = 3
PAUSE_SECONDS = 0.3
TRY_SECONDS = 8.0

Answer = TypeVar("Answer")
Pause = Callable[[float], Awaitable[None]]


class Vault:
    """The vault at that address, https and without a port. `transport` makes the client's way to
    it, where it is not the network's own; `pause` waits between tries."""

    def __init__(
        self,
        url: str,
        credential: AsyncTokenCredential,
        *,
        transport: Callable[[], AsyncHttpTransport[Any, Any]] | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        address = ADDRESS.fullmatch(url)
        if address is None:
            raise Unavailable(f"{url} is no address of a Key Vault (https://NAME.vault.azure.net).")
        self.host = address[1]
        self.url = f"https://{self.host}"
        self._pause = pause
        self._credential = credential
        times = {"retry_total": 0, "connection_timeout": TRY_SECONDS, "read_timeout": TRY_SECONDS}

        def options() -> dict[str, Any]:
            return times | ({"transport": transport()} if transport else {})

        self.keys = KeyClient(self.url, credential, **options())
        self.secrets = SecretClient(self.url, credential, **options())

    async def ask(
        self,
        what: str,
        request: Callable[[], Awaitable[Answer]],
        *,
        seconds: float = 2 * TRY_SECONDS,
    ) -> Answer:
        """The answer to a request about `what`, such as "the secret mail", each try at most so
        long. Unavailable, RateLimited."""
        tried = 0
        while True:
            tried += 1
            try:
                async with asyncio.timeout(seconds):
                    return await request()
            except (AzureError, ValueError, TimeoutError) as error:
                if tried == TRIES or not is_passing(error):
                    raise told(self.host, what, error) from error
            await self._pause(PAUSE_SECONDS * 2**tried)

    async def close(self) -> None:
        """Closes the connections and the credential."""
        await self.keys.close()
        await self.secrets.close()
        await self._credential.close()
