"""How much one person may send in a day: anybody of a tenant may report, so nobody may fill the
store or the responders' days. Counted in the store, for all processes."""

from portal.domain.incidents.documents import DAY
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound, RateLimited

DAY_MS = 24 * 3600 * 1000
MOST = {"reports": 60, "answers": 200, "files": 100, "bytes": 1024 * 1024 * 1024}
"""Days are those of UTC."""
TRIES = 100
MANY = "You have sent very much today. Go on tomorrow, or tell a colleague."


class Allowance:
    """Counts what people send."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def spend(self, tenancy: Tenancy, person: str, **wanted: int) -> None:
        """Counts so many more of these (keys of MOST). Raises RateLimited, counting nothing, when
        the day has no more."""
        now_ms = self._clock.now_ms()
        today = now_ms // DAY_MS
        id = f"{person}|{today}"
        for _ in range(TRIES):
            known = await self._documents.get(tenancy.partition, DAY, id)
            spent = dict.fromkeys(MOST, 0) if known is None else dict(known.body)
            for name, more in wanted.items():
                spent[name] += more
                if spent[name] > MOST[name]:
                    wait_ms = (today + 1) * DAY_MS - now_ms
                    raise RateLimited(MANY, retry_after=wait_ms / 1000)
            body, expires = spent | {"person": person}, (today + 2) * DAY_MS
            write: Write = (
                Create(DAY, id, body, expires)
                if known is None
                else Replace(DAY, id, body, known.etag, expires)
            )
            try:
                await self._documents.batch(tenancy.partition, [write])
            except (Conflict, NotFound):
                continue  # somebody counted meanwhile
            return
        raise RateLimited(MANY, retry_after=1)
