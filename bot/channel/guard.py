"""What a request must be before anybody looks at its token: small, JSON, from Teams, for us.

The order is fixed: a bearer token at all, method and media type, size, JSON and its depth, the
members every activity has, channel, service URL, tenant. Only then is the token judged, against
the service URL that the activity names.
"""

from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from bot.channel.cloud import CHANNEL
from bot.channel.refusal import Refused, bad, forbidden
from bot.channel.service_urls import ServiceUrls, UntrustedServiceUrl

BODY_LIMIT = 256 * 1024
DEPTH_LIMIT = 32
LONGEST_ID = 1024
LONGEST_NAME = 128


class Envelope(NamedTuple):
    """What was checked of an activity. `service_url` is as it was sent."""

    activity: dict[str, Any]
    service_url: str
    tenant_id: str


async def read(request: web.Request) -> bytes:
    """The body. Raises Refused: 405 for another method, 415 for another media type, 413 beyond
    256 KiB, 400 for an encoding we do not take."""
    if request.method != "POST":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed")
    if request.content_type != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise bad("encoded")
    if (request.content_length or 0) > BODY_LIMIT:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
    return bytes(body)


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object. Raises Refused with 400 for anything else, and for nesting beyond 32."""
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        raise bad("not-json") from None
    if not isinstance(parsed, dict):
        raise bad("not-an-activity")
    if _is_deeper(parsed, DEPTH_LIMIT):
        raise bad("too-deep")
    return parsed


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def check(activity: dict[str, Any], urls: ServiceUrls, tenant_id: str) -> Envelope:
    """The activity of our tenant on Teams. Raises Refused: 400 for what is missing or misshapen,
    403 for another channel, service URL or tenant."""
    text(activity, "type", LONGEST_NAME)
    text(activity, "id", LONGEST_ID)
    if text(activity, "channelId", LONGEST_NAME) != CHANNEL:
        raise forbidden("channel-not-teams")
    service_url = text(activity, "serviceUrl", LONGEST_ID)
    try:
        urls.trusted(service_url)
    except UntrustedServiceUrl:
        raise forbidden("service-url-not-trusted") from None
    conversation = part(activity, "conversation")
    text(conversation, "id", LONGEST_ID)
    text(part(activity, "from"), "id", LONGEST_ID)
    text(part(activity, "recipient"), "id", LONGEST_ID)
    found = _tenants(activity, conversation)
    if found != {tenant_id}:
        raise forbidden("tenant-not-ours")
    return Envelope(activity, service_url, tenant_id)


def _tenants(activity: dict[str, Any], conversation: dict[str, Any]) -> set[Any]:
    """Every tenant that the activity names; they must be one."""
    data = activity.get("channelData")
    tenant = data.get("tenant") if isinstance(data, dict) else None
    named = (conversation.get("tenantId"), tenant.get("id") if isinstance(tenant, dict) else None)
    return {one if isinstance(one, str) else "" for one in named if one is not None}


def part(of: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under that name. Raises Refused with 400."""
    value = of.get(name)
    if not isinstance(value, dict):
        raise bad(f"{name}-missing")
    return value


def text(of: dict[str, Any], name: str, longest: int) -> str:
    """The non-empty string under that name. Raises Refused with 400."""
    value = of.get(name)
    if not isinstance(value, str) or not value:
        raise bad(f"{name}-missing")
    if len(value) > longest:
        raise bad(f"{name}-too-long")
    return value
