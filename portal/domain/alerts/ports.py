"""What alerts need: somebody who writes to conversations, somebody who draws the messages."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from portal.domain.alerts.model import Notice

Reference = Mapping[str, Any]
Card = Mapping[str, Any]


class Gone(Exception):
    """The conversation does not take messages of the bot any more: removed, blocked, deleted."""


class Busy(Exception):
    """Not now; nothing was written. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class Messenger(Protocol):
    """Writes to conversations by their stored references.

    All raise Gone and Busy; every other exception means that it is not known what became of it.
    """

    async def send(self, reference: Reference, card: Card, text: str) -> str:
        """Writes a new message; its activity id. `text` is what notifications show."""
        ...

    async def update(self, reference: Reference, activity_id: str, card: Card, text: str) -> None:
        """Replaces a message of the bot."""
        ...

    async def is_member(self, reference: Reference, aad_object_id: str) -> bool:
        """Whether the person is in the conversation at this moment."""
        ...


class Message(NamedTuple):
    """A drawn message."""

    card: Card
    text: str


class Composer(Protocol):
    """Draws messages."""

    async def compose(self, notice: Notice) -> Message:
        """The message of a notice, in its reader's language."""
        ...
