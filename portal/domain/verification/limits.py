"""How much may be sent: for a person and an organisation in its own partition, for numbers and
blocks of numbers across the whole region, since whoever pumps messages changes organisations."""

from collections.abc import Sequence
from typing import NamedTuple

from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.documents import Body, Create, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound, RateLimited
from portal.domain.shared.fields import Kind
from portal.domain.verification import rules
from portal.domain.verification.documents import BLOCK, SENDS
from portal.domain.verification.ports import RegionKey
from portal.domain.verification.rules import DAY_MS, WINDOW_MS, limited

TRIES = 50
SENDING_STOPPED = "sending-stopped"
WAIT = "Wait before you have another one sent."
ENOUGH = "Enough was sent for today. Go on tomorrow, or ask support."


class Slots(NamedTuple):
    """What to write for a message to count, in the organisation's batch."""

    writes: Sequence[Write]
    sent_today: int
    proven_today: int


class Limits:
    """The counters behind every send."""

    def __init__(
        self, organizations: Organizations, documents: Documents, region: RegionKey
    ) -> None:
        self._directory = organizations.directory
        self._documents = documents
        self._region = region

    async def wait_ms(self, tenancy: Tenancy, person: str, way: str, now_ms: int) -> int:
        """How long until the person may have the next message."""
        known = await self._documents.get(tenancy.partition, SENDS, f"{way}|person|{person}")
        return rules.wait_ms(known.body["sent"] if known else (), now_ms)

    async def slots(
        self, tenancy: Tenancy, person: str, way: str, most_a_day: int, now_ms: int
    ) -> Slots:
        """Room for one more message of the person and the organisation. RateLimited `wait` or
        `sending-stopped`."""
        wait = await self.wait_ms(tenancy, person, way, now_ms)
        if wait:
            raise limited("wait", WAIT, wait)
        mine, whole = f"{way}|person|{person}", f"{way}|organization"
        person_known = await self._documents.get(tenancy.partition, SENDS, mine)
        known = await self._documents.get(tenancy.partition, SENDS, whole)
        today = _since(known, "sent", now_ms - DAY_MS)
        if len(today) >= most_a_day:
            raise limited(SENDING_STOPPED, ENOUGH, min(today) + DAY_MS - now_ms)
        proven = _since(known, "proven", now_ms - DAY_MS)
        writes = [
            _put(SENDS, mine, person_known, _sends(person_known, now_ms), now_ms),
            _put(SENDS, whole, known, {"sent": [*today, now_ms], "proven": proven}, now_ms),
        ]
        return Slots(writes, len(today) + 1, len(proven))

    async def proven(self, tenancy: Tenancy, way: str, now_ms: int) -> Write | None:
        """The write that counts a message as having led to a proof."""
        id = f"{way}|organization"
        known = await self._documents.get(tenancy.partition, SENDS, id)
        if known is None:
            return None
        proven = [*_since(known, "proven", now_ms - DAY_MS), now_ms]
        return _put(SENDS, id, known, {**known.body, "proven": proven}, now_ms)

    async def reserve(self, e164: str, now_ms: int) -> None:
        """Takes one of the sends that the number and its block have a day, and the number's place
        among those of its block. RateLimited `sending-stopped`. What is taken stays so, even if
        nothing is sent."""
        number = await self._region.blind("phone", e164)
        block = await self._region.blind("phone block", rules.block_of(e164))
        for _ in range(TRIES):
            known = await self._documents.get(self._directory, SENDS, f"number|{number}")
            tried = await self._documents.get(self._directory, BLOCK, block)
            today = _since(known, "sent", now_ms - DAY_MS)
            if len(today) >= rules.NUMBER_A_DAY:
                raise _stopped(min(today) + DAY_MS - now_ms)
            neighbours = _neighbours(tried, now_ms)
            if number not in neighbours and len(neighbours) >= rules.BLOCK_IN_WINDOW:
                raise _stopped(min(neighbours.values()) + WINDOW_MS - now_ms)
            of_block = _since(tried, "sent", now_ms - DAY_MS)
            if len(of_block) >= rules.BLOCK_A_DAY:
                raise _stopped(min(of_block) + DAY_MS - now_ms)
            neighbours[number] = now_ms
            tries = {"numbers": neighbours, "sent": [*of_block, now_ms]}
            sends = {"sent": [*today, now_ms], "proven": []}
            try:
                await self._documents.batch(
                    self._directory,
                    [
                        _put(SENDS, f"number|{number}", known, sends, now_ms),
                        _put(BLOCK, block, tried, tries, now_ms),
                    ],
                )
            except (Conflict, NotFound):
                continue  # somebody else was counted meanwhile
            return
        raise _stopped(rules.MINUTE_MS)


def _stopped(wait: int) -> RateLimited:
    return limited(SENDING_STOPPED, "Codes cannot be sent to this number now. Try later.", wait)


def _since(known: Document | None, field: str, after_ms: int) -> list[int]:
    # Blocks that were counted before they had a limit a day say nothing of what was sent.
    return [one for one in known.body.get(field, ()) if one > after_ms] if known else []


def _sends(known: Document | None, now_ms: int) -> dict[str, list[int]]:
    return {"sent": [*_since(known, "sent", now_ms - DAY_MS), now_ms], "proven": []}


def _neighbours(known: Document | None, now_ms: int) -> dict[str, int]:
    numbers: dict[str, int] = known.body["numbers"] if known else {}
    return {one: at for one, at in numbers.items() if at > now_ms - WINDOW_MS}


def _put(kind: Kind, id: str, known: Document | None, body: Body, now_ms: int) -> Write:
    expires = now_ms + DAY_MS
    if known is None:
        return Create(kind, id, body, expires)
    return Replace(kind, id, body, known.etag, expires)
