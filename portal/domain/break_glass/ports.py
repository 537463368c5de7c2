"""Who draws messages about requests."""

from typing import Protocol

from portal.domain.alerts.ports import Message
from portal.domain.break_glass.model import Asking


class Composer(Protocol):
    """Draws messages."""

    async def compose(self, asking: Asking) -> Message:
        """The message in its reader's language."""
        ...
