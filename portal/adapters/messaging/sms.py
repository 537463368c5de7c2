"""SMS by Azure Communication Services, REST `POST /sms` of api-version 2021-03-07.

The message's key is the repeatability id, by which the service takes a request once however often
it is sent.
"""

from email.utils import format_datetime
from typing import Any

import requests

from portal.adapters.messaging.azure import AzureError, Resource, repeatable, require_room
from portal.domain.communications.ports import Parcel, Refused
from portal.domain.shared.clock import Clock, instant

PATH = "/sms?api-version=2021-03-07"
TAKEN = 202
REFUSED = frozenset({400, 404})


class AzureSmsCarrier:
    """Hands messages to one resource; `sender` is the number or name they come from."""

    def __init__(self, resource: Resource, sender: str, clock: Clock) -> None:
        self._resource = resource
        self._sender = sender
        self._clock = clock

    async def carry(self, parcel: Parcel) -> None:
        """See the port."""
        _judge(await self._resource.ask("POST", PATH, self._body(parcel), self._clock))

    def _body(self, parcel: Parcel) -> dict[str, Any]:
        now = instant(self._clock.now_ms())
        return {
            "from": self._sender,
            "smsRecipients": [
                {
                    "to": parcel.to,
                    "repeatabilityRequestId": repeatable(parcel.key),
                    "repeatabilityFirstSent": format_datetime(now, usegmt=True),
                }
            ],
            "message": parcel.words.text,
            "smsSendOptions": {"enableDeliveryReport": False},
        }


def _judge(answer: requests.Response) -> None:
    """Nothing for a message that was taken. Raises Busy, Refused, AzureError."""
    status = answer.status_code
    if status == TAKEN:
        try:
            (one,) = answer.json()["value"]
            status, taken = int(one["httpStatusCode"]), bool(one["successful"])
        except (ValueError, KeyError, TypeError):
            raise AzureError("the SMS service answered in another shape") from None
        if taken:
            return
    if status in REFUSED:
        raise Refused
    require_room(answer)
    raise AzureError(f"the SMS service answered {status}")
