"""What dashboards need besides contacts: who says whether somebody may be shown figures yet."""

from typing import Protocol

from portal.domain.access.model import Actor


class Gate(Protocol):
    """Something a person may have to do before they are shown figures."""

    async def admit(self, actor: Actor) -> None:
        """Raises Forbidden, saying what, for who has it to do."""
        ...
