"""SMS by Azure Communication Services, REST `POST /sms` of api-version 2021-03-07.

Requests are signed with the resource's access key as Azure describes: HMAC-SHA-256 over method,
path with query, and `date;host;hash of the body`. The message's key is the repeatability id, by
which the service takes a request once however often it is sent.
"""

import asyncio
import base64
import hmac
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import requests

from portal.domain.communications.ports import Busy, Parcel, Refused
from portal.domain.shared.clock import Clock, instant

PATH = "/sms?api-version=2021-03-07"
SECONDS = 10.0
RETRY_S = 30.0
TAKEN = 202
REFUSED = frozenset({400, 404})


class SmsService(NamedTuple):
    """The resource: its `https://` endpoint, the number or name messages come from, the file with
    its access key (base64), read for each message."""

    endpoint: str
    sender: str
    key_file: Path
    ca_file: Path | None = None


class SmsError(Exception):
    """The service did not take the message; what it said may hold the number and is left out."""


class AzureSmsCarrier:
    """Hands messages to one resource."""

    def __init__(self, service: SmsService, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._host = urlsplit(service.endpoint).netloc

    async def carry(self, parcel: Parcel) -> None:
        """See the port."""
        await asyncio.to_thread(self._send, parcel)

    def _send(self, parcel: Parcel) -> None:
        now = instant(self._clock.now_ms())
        body = json.dumps(self._body(parcel, now)).encode()
        key = base64.b64decode(self._service.key_file.read_text().strip())
        headers = signed("POST", PATH, self._host, body, key, now)
        ca = self._service.ca_file
        try:
            answer = requests.post(
                self._service.endpoint.rstrip("/") + PATH,
                data=body,
                headers=headers | {"Content-Type": "application/json"},
                timeout=SECONDS,
                allow_redirects=False,
                verify=str(ca) if ca else True,
            )
        except requests.RequestException as error:
            raise SmsError(type(error).__name__) from None
        _judge(answer)

    def _body(self, parcel: Parcel, now: datetime) -> dict[str, Any]:
        repeatable = str(UUID(bytes=sha256(parcel.key.encode()).digest()[:16], version=4))
        return {
            "from": self._service.sender,
            "smsRecipients": [
                {
                    "to": parcel.to,
                    "repeatabilityRequestId": repeatable,
                    "repeatabilityFirstSent": format_datetime(now, usegmt=True),
                }
            ],
            "message": parcel.words.text,
            "smsSendOptions": {"enableDeliveryReport": False},
        }


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


def _judge(answer: requests.Response) -> None:
    """Nothing for a message that was taken. Raises Busy, Refused, SmsError."""
    if answer.status_code == TAKEN:
        try:
            (one,) = answer.json()["value"]
            status, taken = int(one["httpStatusCode"]), bool(one["successful"])
        except (ValueError, KeyError, TypeError):
            raise SmsError("the SMS service answered in another shape") from None
        if taken:
            return
    else:
        status = answer.status_code
    if status in REFUSED:
        raise Refused
    if status == 429:
        try:
            raise Busy(float(answer.headers.get("Retry-After", RETRY_S)))
        except ValueError:
            raise Busy(RETRY_S) from None
    raise SmsError(f"the SMS service answered {status}")
