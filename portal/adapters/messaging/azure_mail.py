"""Mail by Azure Communication Services, REST `POST /emails:send` of api-version 2023-03-31.

The service takes a mail and sends it later. Taken counts as sent, as with an SMTP server, and what
becomes of the operation is not asked for: whether a mailbox took it stands in the resource's own
logs. The operation's id follows from the message's key; that the service sends one id once is not
documented, so a process that ends between its yes and the mark may send a mail twice. Link and
text are the same in both.
"""

from typing import Any

import requests

from portal.adapters.messaging.azure import AzureError, Resource, repeatable, require_room
from portal.domain.communications.ports import Parcel, Refused
from portal.domain.shared.clock import Clock

PATH = "/emails:send?api-version=2023-03-31"
TAKEN = 202
ENDED = frozenset({"Failed", "Canceled"})


class AzureMailCarrier:
    """Hands mail to one resource; `sender` is an address of a domain that is connected to it."""

    def __init__(self, resource: Resource, sender: str, clock: Clock) -> None:
        self._resource = resource
        self._sender = sender
        self._clock = clock

    async def carry(self, parcel: Parcel) -> None:
        """See the port."""
        operation = {"Operation-Id": repeatable(parcel.key)}
        _judge(await self._resource.ask("POST", PATH, self._body(parcel), self._clock, operation))

    def _body(self, parcel: Parcel) -> dict[str, Any]:
        return {
            "senderAddress": self._sender,
            "recipients": {"to": [{"address": parcel.to}]},
            "content": {"subject": parcel.words.subject, "plainText": parcel.words.text},
            "headers": {"Auto-Submitted": "auto-generated"},
            "userEngagementTrackingDisabled": True,
        }


def _judge(answer: requests.Response) -> None:
    """Nothing for a mail that was taken. Raises Busy, Refused, AzureError."""
    status = answer.status_code
    if status == TAKEN:
        try:
            became = str(answer.json()["status"])
        except (ValueError, KeyError, TypeError):
            raise AzureError("the mail service answered in another shape") from None
        if became in ENDED:
            raise Refused
        return
    if status == 400:
        raise Refused
    require_room(answer)
    raise AzureError(f"the mail service answered {status}")
