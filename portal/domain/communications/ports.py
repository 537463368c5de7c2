"""What communications need: carriers, each for one way; who draws a card; where mail goes."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from portal.domain.alerts.ports import Message as Drawn
from portal.domain.communications.texts import Written
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.fields import Purpose


class Busy(Exception):  # noqa: N818 - it says how things are
    """Not now; nothing was sent. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class Refused(Exception):  # noqa: N818 - it says how things are
    """It will never be taken: the address does not exist, or takes nothing of us."""


class Unreachable(Exception):  # noqa: N818 - it says how things are
    """The way does not lead to them: nothing was sent. `for_good` when it never will."""

    def __init__(self, *, for_good: bool = False) -> None:
        super().__init__("the way does not lead to them")
        self.for_good = for_good


class Parcel(NamedTuple):
    """What a carrier is handed. `key` is the same whenever the same message is handed over again,
    for carriers that can tell by it; `code` is in the text too, for development's own page.
    `values` are what the words were made of, for carriers that say them in another language."""

    key: str
    organization: str
    person: str
    to: str
    topic: str
    words: Written
    code: str = ""
    language: str = "en"
    values: Mapping[str, str] = {}


class Carrier(Protocol):
    """Takes messages of one way. Raises Busy, Refused and Unreachable; every other exception means
    that nothing is known to be sent, and it is handed over again."""

    async def carry(self, parcel: Parcel) -> None:
        """Hands the message over."""
        ...


class Composer(Protocol):
    """Draws messages for a chat."""

    async def compose(self, parcel: Parcel, chat: str) -> Drawn:
        """The message as a card, in the parcel's language, for the conversation of that id.
        Raises Refused for what is no news any more."""
        ...


class Members(Protocol):
    """Where mail reaches people."""

    async def mail(self, organization: str, person_id: str) -> str:
        """Their address by their tenant's word, "" for none."""
        ...


class Addresses(Protocol):
    """Where mail about an organisation may go."""

    async def mail(self, tenancy: Tenancy, purpose: Purpose) -> str:
        """Its proven mail address for that purpose, "" for none."""
        ...
