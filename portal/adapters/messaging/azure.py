"""Requests to a resource of Azure Communication Services, which mail, SMS and calls share.

A request is signed with the resource's access key as Azure describes it (HMAC-SHA-256 over method,
path with query, and `date;host;hash of the body`), or carries a token of the process's identity in
Microsoft Entra ID. What the service says may repeat an address or number, so nothing of it is
raised or logged.
"""

import asyncio
import base64
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import requests

from portal.domain.communications.ports import Busy
from portal.domain.shared.clock import Clock, instant

SCOPE = "https://communication.azure.com/.default"
"""What a token for the resource is asked for."""
SECONDS = 10.0
RETRY_S = 30.0
LONGEST_RETRY_S = 3600.0

Token = Callable[[], Awaitable[str]]


class AzureError(Exception):
    """The service could not be reached or did not take what it was handed."""


class Resource(NamedTuple):
    """A resource: its `https://` endpoint, and the file with its access key (base64), read for
    each request, or else who gives tokens for it."""

    endpoint: str
    key_file: Path | None = None
    token: Token | None = None
    ca_file: Path | None = None

    async def ask(
        self,
        method: str,
        path: str,
        said: Mapping[str, Any] | None,
        clock: Clock,
        headers: Mapping[str, str] = {},
    ) -> requests.Response:
        """The answer, whatever its status; AzureError when there is none."""
        body = b"" if said is None else json.dumps(said).encode()
        host = urlsplit(self.endpoint).netloc
        proof: Mapping[str, str] = {}
        if self.key_file is not None:
            key = base64.b64decode(self.key_file.read_text().strip())
            proof = signed(method, path, host, body, key, instant(clock.now_ms()))
        elif self.token is not None:
            proof = {"Authorization": f"Bearer {await self.token()}"}
        content = {} if said is None else {"Content-Type": "application/json"}
        return await asyncio.to_thread(
            self._send, method, path, body, {**headers, **content, **proof}
        )

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> requests.Response:
        try:
            return requests.request(
                method,
                self.endpoint.rstrip("/") + path,
                data=body,
                headers=dict(headers),
                timeout=SECONDS,
                allow_redirects=False,
                verify=str(self.ca_file) if self.ca_file else True,
            )
        except requests.RequestException as error:
            raise AzureError(type(error).__name__) from None


def signed(
    method: str, path: str, host: str, body: bytes, key: bytes, now: datetime
) -> dict[str, str]:
    """The headers that sign a request."""
    date = format_datetime(now.astimezone(UTC), usegmt=True)
    content = base64.b64encode(sha256(body).digest()).decode()
    told = f"{method}\n{path}\n{date};{host};{content}"
    signature = base64.b64encode(hmac.digest(key, told.encode(), "sha256")).decode()
    return {
        "x-ms-date": date,
        "x-ms-content-sha256": content,
        "Authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256"
        f"&Signature={signature}",
    }


def repeatable(key: str) -> str:
    """A UUID (version 4 in form) that is the same whenever the message is."""
    return str(UUID(bytes=sha256(key.encode()).digest()[:16], version=4))


def require_room(answer: requests.Response) -> None:
    """Raises Busy, for as long as the service says, when it has too much to do."""
    if answer.status_code != 429:
        return
    try:
        wait = float(answer.headers.get("Retry-After", RETRY_S))
    except ValueError:
        wait = RETRY_S
    raise Busy(min(max(wait, 1.0), LONGEST_RETRY_S))
