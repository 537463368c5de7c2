"""Development's mailbox: what would be sent is kept in memory, to be shown on the local page."""

from collections import deque
from contextlib import suppress
from typing import NamedTuple

from portal.domain.communications.model import Way
from portal.domain.communications.ports import Carrier, Parcel, Unreachable
from portal.domain.shared.clock import Clock

MOST = 100


class Shown(NamedTuple):
    """A message that was not sent."""

    way: Way
    parcel: Parcel
    at_ms: int


class Mailbox:
    """The newest messages of every way."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shown: deque[Shown] = deque(maxlen=MOST)

    def messages(self) -> list[Shown]:
        """What came, newest first."""
        return list(reversed(self._shown))

    def put(self, way: Way, parcel: Parcel) -> None:
        """Keeps a message; one that comes again is there once."""
        if all(one.parcel.key != parcel.key for one in self._shown):
            self._shown.append(Shown(way, parcel, self._clock.now_ms()))


class ConsoleCarrier:
    """Puts messages of one way into the mailbox."""

    def __init__(self, mailbox: Mailbox, way: Way) -> None:
        self._mailbox = mailbox
        self._way = way

    async def carry(self, parcel: Parcel) -> None:
        """See the port."""
        self._mailbox.put(self._way, parcel)


class ShownCarrier:
    """Carries messages, and shows them in the mailbox too: whom a chat does not reach in
    development finds them on the local page."""

    def __init__(self, mailbox: Mailbox, way: Way, carrier: Carrier) -> None:
        self._mailbox = mailbox
        self._way = way
        self._carrier = carrier

    async def carry(self, parcel: Parcel) -> None:
        """See the port."""
        with suppress(Unreachable):
            await self._carrier.carry(parcel)
        self._mailbox.put(self._way, parcel)
