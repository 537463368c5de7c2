"""Refusals of signed-in people, in the audit trail of their own organisation.

Whoever keeps asking for what is not theirs shall be seen (R73), but shall not be able to fill the
trail: of one person and operation at most one refusal a minute is written.
"""

from portal.domain.access.service import SignedIn
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import State
from portal.domain.shared.clock import Clock

WINDOW_MS = 60_000
MOST_KNOWN = 4096


class Refusals:
    """Tells the trail of refusals. What was told lately is remembered by this process only."""

    def __init__(self, organizations: Organizations, audit: Audit, clock: Clock) -> None:
        self._organizations = organizations
        self._audit = audit
        self._clock = clock
        self._told: dict[tuple[str, str], int] = {}

    async def tell(
        self, who: SignedIn, organization: str | None, *, operation: str, status: int
    ) -> bool:
        """Writes that the person was refused `operation` with `status` (403 or 404); False when
        it was written less than a minute ago. `organization` is the one they asked for: the trail
        is its own when they belong to it, else that of their home. Raises what the store raises.
        """
        home = who.home(organization)
        now_ms = self._clock.now_ms()
        if home is None or not self._is_due((who.person.person_id, operation), now_ms):
            return False
        tenancy = await self._organizations.get(home)
        if await self._organizations.state(home) is State.ERASING:
            return False  # nothing is written any more where everything is erased
        facts: dict[str, Fact] = {"operation": operation, "status": status}
        event = Event(Action.ACCESS_REFUSED, who.person.person_id, home, facts)
        await self._audit.commit(tenancy.partition, [event])
        return True

    def _is_due(self, refused: tuple[str, str], now_ms: int) -> bool:
        last = self._told.get(refused)
        if last is not None and 0 <= now_ms - last < WINDOW_MS:
            return False
        self._told.pop(refused, None)
        if len(self._told) >= MOST_KNOWN:
            self._told.pop(next(iter(self._told)))
        self._told[refused] = now_ms
        return True
