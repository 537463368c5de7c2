"""What the bot sends: calls to the channel's connector, retried within bounds, never elsewhere.

A call is made four times at most and waits eight seconds at most in all. `Retry-After` is kept to;
one beyond the bound ends in Busy, and whoever sends on the bot's own initiative tries again later.
A request that may have been carried out is not repeated when that would write twice.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from bot.channel.credentials import BotTokens, NoToken
from bot.channel.service_urls import ServiceUrls
from portal.domain.alerts.ports import Busy, Gone
from portal.domain.shared.clock import Clock

ATTEMPTS = 4
BUDGET_S = 8.0
FIRST_WAIT_S = 0.25
LATER_S = 30.0
LARGEST = 256 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=5, connect=2)
AGAIN = frozenset(
    {
        HTTPStatus.PRECONDITION_FAILED,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""Teams asks for a repetition of these ("Optimize your bot with rate limiting in Teams")."""
GONE = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
WRITES_TWICE = frozenset({"POST"})


class Rejected(Exception):
    """The connector does not take this call; the same call would be refused again."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the connector answered {status}")
        self.status = status


class OutcomeUnknown(Exception):
    """The connection broke after the call was sent: it may have been carried out."""


class Connector:
    """The connector's REST interface. Without `tokens` it speaks to the emulator."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        urls: ServiceUrls,
        tokens: BotTokens | None,
        scope: str,
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._urls = urls
        self._tokens = tokens
        self._scope = scope
        self._clock = clock
        self._sleep = sleep

    async def send(
        self, service_url: str, conversation: str, activity: dict[str, Any], reply_to: str = ""
    ) -> str:
        """Writes a message; its activity id. Raises as `call`."""
        path = ["conversations", conversation, "activities", *([reply_to] if reply_to else [])]
        answer = await self.call("POST", service_url, path, activity)
        return str(answer.get("id", ""))

    async def update(
        self, service_url: str, conversation: str, activity_id: str, activity: dict[str, Any]
    ) -> str:
        """Replaces a message. Raises as `call`."""
        path = ["conversations", conversation, "activities", activity_id]
        answer = await self.call("PUT", service_url, path, activity)
        return str(answer.get("id", activity_id))

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> None:
        """Removes a message. Raises as `call`."""
        path = ["conversations", conversation, "activities", activity_id]
        await self.call("DELETE", service_url, path)

    async def personal_chat(self, service_url: str, bot: str, member: str, tenant: str) -> str:
        """The id of the bot's chat with one person, made when there is none. Raises as `call`."""
        wanted = {
            "bot": {"id": bot},
            "members": [{"id": member}],
            "isGroup": False,
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        answer = await self.call("POST", service_url, ["conversations"], wanted)
        return str(answer["id"])

    async def member(self, service_url: str, conversation: str, who: str) -> dict[str, Any] | None:
        """A member of a conversation by either of their ids, or None. Raises as `call`, Gone when
        the bot itself is not in it."""
        path = ["conversations", conversation, "members", who]
        try:
            return await self.call("GET", service_url, path)
        except _NotFound:
            return None

    async def members(self, service_url: str, conversation: str) -> AsyncIterator[dict[str, Any]]:
        """Everybody in a conversation, 10,000 at most. Raises as `call`."""
        path, query = ["conversations", conversation, "pagedmembers"], "pageSize=500"
        for _ in range(20):
            page = await self.call("GET", service_url, path, query=query)
            for member in page.get("members") or ():
                yield member
            following = page.get("continuationToken")
            if not isinstance(following, str) or not following:
                return
            query = f"pageSize=500&continuationToken={quote(following, safe='')}"

    async def call(
        self,
        method: str,
        service_url: str,
        path: list[str],
        body: dict[str, Any] | None = None,
        *,
        query: str = "",
    ) -> dict[str, Any]:
        """The JSON object of the answer, empty when there is none.

        Raises UntrustedServiceUrl, Gone, Busy, Rejected, and OutcomeUnknown for a broken
        connection after which nobody knows whether a message was written.
        """
        base = self._urls.trusted(service_url)
        address = "/".join([base, "v3", *(_segment(one) for one in path)])
        url = URL(f"{address}?{query}" if query else address, encoded=True)
        content = None if body is None else msgspec.json.encode(body)
        waited, refused = 0.0, False
        for attempt in range(ATTEMPTS):
            token = await self._token()
            try:
                status, headers, answer = await self._once(method, url, content, token)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                status, headers, answer = HTTPStatus.BAD_GATEWAY, {}, b""
            except (TimeoutError, aiohttp.ClientError) as error:
                if method in WRITES_TWICE:
                    raise OutcomeUnknown from error
                status, headers, answer = HTTPStatus.GATEWAY_TIMEOUT, {}, b""
            if status == HTTPStatus.UNAUTHORIZED and self._tokens and not refused:
                self._tokens.forget(self._scope, token)
                refused = True
                continue
            if status not in AGAIN:
                return _result(status, answer)
            wait = self._wait(headers.get("Retry-After"), attempt)
            if attempt == ATTEMPTS - 1 or waited + wait > BUDGET_S:
                raise Busy(max(wait, 1.0))
            waited += wait
            await self._sleep(wait)
        raise Busy(LATER_S)

    async def _token(self) -> str:
        try:
            return await self._tokens.get(self._scope) if self._tokens else ""
        except NoToken:
            raise Busy(LATER_S) from None

    async def _once(
        self, method: str, url: URL, content: bytes | None, token: str
    ) -> tuple[int, Any, bytes]:
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with self._session().request(
            method, url, data=content, headers=headers, timeout=TIMEOUT, allow_redirects=False
        ) as answer:
            read = await answer.content.read(LARGEST)
            while more := await answer.content.read(LARGEST):
                read += more
                if len(read) > LARGEST:
                    raise aiohttp.ClientPayloadError("the answer is too large")
            return answer.status, answer.headers, read

    def _wait(self, retry_after: str | None, attempt: int) -> float:
        backoff = FIRST_WAIT_S * float(2**attempt)
        if retry_after is None:
            return backoff * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
        try:
            return max(float(retry_after), 0.0)
        except ValueError:
            pass
        try:
            at = parsedate_to_datetime(retry_after).timestamp()
        except (ValueError, TypeError, OverflowError):
            return backoff
        return max(at - self._clock.now_ms() / 1000, 0.0)


class _NotFound(Gone):
    """404: the conversation, or the member asked for, is not there."""


def _segment(text: str) -> str:
    """One segment of a path, so quoted that no id can be more than that. Raises Rejected for the
    two that mean another folder however they are quoted."""
    if text in {"", ".", ".."}:
        raise Rejected(HTTPStatus.BAD_REQUEST)
    return quote(text, safe="")


def _result(status: int, answer: bytes) -> dict[str, Any]:
    if status == HTTPStatus.NOT_FOUND:
        raise _NotFound
    if status in GONE:
        raise Gone
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise Rejected(status)
    try:
        parsed = msgspec.json.decode(answer) if answer else {}
    except msgspec.DecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
