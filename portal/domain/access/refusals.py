"""Refusals in the audit trail: every one is counted, and nobody fills the trail by asking again.

The first refusal of a person and an operation is an entry. Those behind it, while its window is
open, are counted in a tally beside the chain; behind the window one more entry says how many they
were, and the next window is twice as long, up to an hour. What was refused to somebody known is in
the store before it is answered, so a killed process has counted it. What was refused to nobody
known (wrong tokens) is counted here and stored within SETTLE_SECONDS: whoever can cause a write
without a name could cause any number of them. See decision 0022.
"""

import asyncio
from hashlib import sha256
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from portal.domain.access.documents import TALLY
from portal.domain.access.service import SignedIn
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import State
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound

FIRST_WINDOW_MS: Final = 60_000
LONGEST_WINDOW_MS: Final = 3_600_000
SETTLE_SECONDS: Final = 10.0
MOST_OWED: Final = 4096
TRIES: Final = 20
NOBODY: Final = "unknown"
REGION: Final = ""
OTHERS: Final = "others"


class Refusal(NamedTuple):
    """What is counted together: a person, an operation, an answer. `organization` is whose trail
    has it, REGION for the region's own."""

    organization: str
    person: str
    operation: str
    status: int

    @property
    def id(self) -> str:
        """The id of its tally."""
        return sha256("|".join(map(str, self)).encode()).hexdigest()[:32]


class Tally(NamedTuple):
    """How many refusals of its window are in no entry yet. The window ends at `due_ms`."""

    since_ms: int
    last_ms: int
    times: int
    window_ms: int
    due_ms: int

    def is_over(self, now_ms: int) -> bool:
        """Whether the window is over; also when the clock was set back before it."""
        return not self.due_ms - self.window_ms <= now_ms < self.due_ms


class Refusals:
    """Tells the trails of refusals."""

    def __init__(
        self, organizations: Organizations, documents: Documents, audit: Audit, clock: Clock
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._clock = clock
        self._owed: dict[Refusal, int] = {}
        self._turns: WeakValueDictionary[Refusal, asyncio.Lock] = WeakValueDictionary()

    async def tell(
        self, who: SignedIn, organization: str | None, *, operation: str, status: int
    ) -> None:
        """Counts that the person was refused `operation` with `status`; in the store when this
        returns. `organization` is the one they asked for: the trail is its own when they belong to
        it, else that of their home, else the region's. Raises what the store raises, and then
        `settle` counts it later."""
        home = who.home(organization)
        if home is not None and await self._organizations.state(home) is State.ERASING:
            home = None  # nothing is written any more where everything is erased
        one = self._owe(Refusal(home or REGION, who.person.person_id, operation, status))
        await self._settled(one)

    def tell_of_nobody(self, *, operation: str, status: int, organization: str = REGION) -> None:
        """Counts a refusal of somebody who is not known, for the trail of the region, or of an
        organisation that there is, at the next `settle`. Takes the same time for each."""
        self._owe(Refusal(organization, NOBODY, operation, status))

    async def settle(self) -> None:
        """Stores what is counted here only. Raises what the store raises; then it stays counted."""
        for one in list(self._owed):
            await self._settled(one)

    async def close_windows(self) -> None:
        """Ends the windows whose time has come, whichever process opened them."""
        codes = [one.code for one in await self._organizations.all()]
        for organization in [REGION, *codes]:
            if organization and await self._organizations.state(organization) is State.ERASING:
                continue
            partition = await self._partition(organization)
            cursor = None
            while True:
                page = await self._documents.query(partition, TALLY, cursor=cursor)
                for document in page.documents:
                    await self._close(partition, document)
                cursor = page.next
                if cursor is None:
                    break

    # --- inside -------------------------------------------------------------------------

    def _owe(self, one: Refusal) -> Refusal:
        if one not in self._owed and len(self._owed) >= MOST_OWED:
            one = Refusal(REGION, NOBODY, OTHERS, one.status)  # the store is away for long
        self._owed[one] = self._owed.get(one, 0) + 1
        return one

    async def _settled(self, one: Refusal) -> None:
        """Stores what is owed of one refusal; whoever comes while that is written is written with
        the next, so one at a time is on its way however many ask."""
        turn = self._turns.get(one)
        if turn is None:
            turn = self._turns[one] = asyncio.Lock()
        async with turn:
            times = self._owed.pop(one, 0)
            if not times:
                return  # another counted it with its own
            try:
                await self._count(one, times)
            except BaseException:
                self._owed[one] = self._owed.get(one, 0) + times
                raise

    async def _count(self, one: Refusal, times: int) -> None:
        partition = await self._partition(one.organization)
        for _ in range(TRIES):
            known = await self._documents.get(partition, TALLY, one.id)
            before = None if known is None else _read(known)
            event, after = _counted(one, before, times, self._clock.now_ms())
            body = _body(one, after)
            write: Write = (
                Create(TALLY, one.id, body)
                if known is None
                else Replace(TALLY, one.id, body, known.etag)
            )
            try:
                await self._write(partition, event, write)
            except (Conflict, NotFound):
                continue  # another process counted, or closed the window, meanwhile
            return
        raise Conflict("Too many refusals at once.")

    async def _close(self, partition: str, known: Document) -> None:
        tally, now_ms = _read(known), self._clock.now_ms()
        if not tally.is_over(now_ms):
            return
        one = Refusal(
            str(known.body["organization"]),
            str(known.body["person"]),
            str(known.body["operation"]),
            int(known.body["status"]),
        )
        write: Write = Delete(TALLY, known.id, known.etag)
        event: Event | None = None
        if tally.times:
            event = _again(one, tally)
            quiet = _opened(now_ms, 0, _longer(tally))
            write = Replace(TALLY, known.id, _body(one, quiet), known.etag)
        try:
            await self._write(partition, event, write)
        except (Conflict, NotFound):
            return  # another process was first

    async def _write(self, partition: str, event: Event | None, write: Write) -> None:
        if event is None:
            await self._documents.batch(partition, [write])
        else:
            await self._audit.commit(partition, [event], [write])

    async def _partition(self, organization: str) -> str:
        if organization == REGION:
            return self._organizations.directory
        return (await self._organizations.get(organization)).partition


def _counted(
    one: Refusal, before: Tally | None, times: int, now_ms: int
) -> tuple[Event | None, Tally]:
    """What to write of so many more refusals: an entry, or none, and the tally behind it."""
    if before is not None and not before.is_over(now_ms):
        return None, before._replace(last_ms=now_ms, times=before.times + times)
    if before is not None and before.times:
        return _again(one, before), _opened(now_ms, times, _longer(before))
    return _first(one), _opened(now_ms, times - 1, FIRST_WINDOW_MS)


def _opened(now_ms: int, times: int, window_ms: int) -> Tally:
    return Tally(now_ms, now_ms, times, window_ms, now_ms + window_ms)


def _longer(before: Tally) -> int:
    return min(2 * before.window_ms, LONGEST_WINDOW_MS)


def _first(one: Refusal) -> Event:
    return Event(Action.ACCESS_REFUSED, one.person, one.organization, _facts(one))


def _again(one: Refusal, tally: Tally) -> Event:
    facts = _facts(one) | {
        "times": tally.times,
        "since_ms": tally.since_ms,
        "until_ms": tally.last_ms,
    }
    return Event(Action.ACCESS_REFUSED_AGAIN, one.person, one.organization, facts)


def _facts(one: Refusal) -> dict[str, Fact]:
    return {"operation": one.operation, "status": one.status}


def _body(one: Refusal, tally: Tally) -> dict[str, str | int]:
    return {**one._asdict(), **tally._asdict()}


def _read(document: Document) -> Tally:
    return Tally(*(int(document.body[name]) for name in Tally._fields))
