"""What incidents need from outside: numbers found in text, mail, somebody who draws messages, ways
to the systems that hear of them."""

from collections.abc import Iterable, Mapping
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


class Unreached(Exception):  # noqa: N818 - it says how things are
    """A system outside did not take it: `trouble` is a code such as `timeout`, never words of
    theirs; `retry_after_s` is how long it asks to wait, 0 for no word of that."""

    def __init__(self, trouble: str, retry_after_s: float = 0.0) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.retry_after_s = retry_after_s


class Answered(NamedTuple):
    """The HTTP status of an answer, and how many seconds it asks to wait."""

    status: int
    retry_after_s: float = 0.0


class Hook(Protocol):
    """Posts to addresses of others, by the rules of targets.py: no redirects, no proxies."""

    async def fault(self, url: str) -> str:
        """What is wrong with the address as things stand, its name looked up; "" for nothing."""
        ...

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Posts once. Raises Unreached; after `timeout` it may have arrived."""
        ...

    def close(self) -> None:
        """Ends what it keeps for posting."""
        ...


class Mailer(Protocol):
    """Sends mails to systems."""

    async def send(
        self, organization: str, address: str, subject: str, text: str, key: str
    ) -> None:
        """Hands it over, under the same Message-ID for the same `key`. Raises Unreached."""
        ...
