"""What incidents need from outside: numbers found in text, mail, somebody who draws messages."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from portal.domain.alerts.ports import Message
from portal.domain.incidents.model import Telling


class Numbers(Protocol):
    """Finds numbers of telephones."""

    def find(self, text: str, country: str) -> Iterable[tuple[int, int]]:
        """Where numbers stand in the text; those without a country code are of `country`."""
        ...


class Letter(NamedTuple):
    """A mail that says that there is something to read, and none of it; `path` is where."""

    organization: str
    person: str
    reference: str
    language: str
    key: str
    path: str


class Letters(Protocol):
    """Writes mails to people of an organisation."""

    async def send(self, letter: Letter) -> bool:
        """Sends it once for its `key`, whatever happens; False when there is no address of the
        person. Raises when it could not be sent for now."""
        ...


class Composer(Protocol):
    """Draws messages."""

    async def compose(self, telling: Telling) -> Message:
        """The message in its reader's language."""
        ...
