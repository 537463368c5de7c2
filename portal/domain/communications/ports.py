"""What communications need: carriers, each for one way."""

from typing import NamedTuple, Protocol

from portal.domain.communications.texts import Written


class Busy(Exception):  # noqa: N818 - it says how things are
    """Not now; nothing was sent. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class Refused(Exception):  # noqa: N818 - it says how things are
    """It will never be taken: the address does not exist, or takes nothing of us."""


class Parcel(NamedTuple):
    """What a carrier is handed. `key` is the same whenever the same message is handed over again,
    for carriers that can tell by it; `code` is in the text too, for development's own page."""

    key: str
    organization: str
    person: str
    to: str
    topic: str
    words: Written
    code: str = ""
    language: str = "en"


class Carrier(Protocol):
    """Takes messages of one way. Raises Busy and Refused; every other exception means that
    nothing is known to be sent, and it is handed over again."""

    async def carry(self, parcel: Parcel) -> None:
        """Hands the message over."""
        ...
