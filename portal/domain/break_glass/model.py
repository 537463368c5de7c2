"""What somebody was told of a request, and what a message of it is drawn from. Instants are ms."""

from typing import NamedTuple

from portal.domain.access.grants import BreakGlass, Stage


class Told(NamedTuple):
    """The one message about a request that a person has in their own chat. `id` follows from both.
    `stage` is the one it shows, "" before it was sent; `activity` is the message, "" when it was
    handed over without an answer."""

    id: str
    request: str
    person: str
    stage: str = ""
    activity: str = ""
    conversation: str = ""
    held_until_ms: int = 0
    due_at_ms: int = 0
    attempts: int = 0


class Asking(NamedTuple):
    """A request as it stands, for one reader. `own` is whether they asked; `open` whether they may
    see more than that it is over. `conversation` is our id of their chat."""

    organization: str
    time_zone: str
    conversation: str
    language: str
    request: BreakGlass
    stage: Stage
    asker: str
    decided_by: str
    own: bool = False
    open: bool = True
