"""A contact as every source is read into it, and what is said about each of its timings.

Times are integers: milliseconds since 1970-01-01T00:00Z for instants (`*_ms` ending an instant's
name: started, arrived, ended), milliseconds for durations (wait, talk, hold, after-contact work).
`None` always means "the source did not give it", never zero.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Channel(StrEnum):
    """The medium of a contact."""

    VOICE = "voice"
    CHAT = "chat"
    EMAIL = "email"
    TASK = "task"


class Direction(StrEnum):
    """Who began it, seen from the organisation."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Outcome(StrEnum):
    """How a contact's stay in a queue ended, or, when it never queued, whether someone answered.

    The first five are offered contacts. `WAITING` is in none of answered, abandoned, flow-out
    (domain reference, section E).
    """

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FLOW_OUT = "flow_out"
    CALLBACK = "callback"
    WAITING = "waiting"
    CONNECTED = "connected"
    UNCONNECTED = "unconnected"


OFFERED = frozenset(
    {Outcome.ANSWERED, Outcome.ABANDONED, Outcome.FLOW_OUT, Outcome.CALLBACK, Outcome.WAITING}
)


class Timing(StrEnum):
    """What a figure may need of a contact and a source may be unable to give."""

    WAIT_ANSWERED = "wait_answered"
    WAIT_ABANDONED = "wait_abandoned"
    TALK = "talk"
    HOLD = "hold"
    AFTER_CONTACT_WORK = "after_contact_work"
    TRANSFER = "transfer"
    AGENT = "agent"
    CUSTOMER = "customer"


class Gap(NamedTuple):
    """Why a source cannot give a timing: the source's own field, and a sentence for people."""

    field: str
    reason: str


class Queue(NamedTuple):
    """A queue as its source names it. `key` is the source's stable identifier, `name` a label."""

    key: str
    name: str


class Agent(NamedTuple):
    """An agent as their source names them. Both parts are personal data and stored sealed."""

    key: str
    name: str


class Customer(NamedTuple):
    """Whom the contact was with. `number` is E.164 where it could be read so, else as the source
    wrote it; `email` lower case. Personal data, stored sealed; look-up by blind index only."""

    number: str | None = None
    email: str | None = None
    name: str | None = None
    external_id: str | None = None


class Contact(NamedTuple):
    """One stay in one queue with at most one answering agent, or one direct contact.

    A record whose customer visits two queues yields two contacts (`leg` 0, 1, ...); one whose
    agent transfers to another agent of the same queue yields a leg for each agent, of which only
    the first is offered (the others are CONNECTED: handled, not offered again).

    `arrived_ms` is the arrival in the queue (equal to `started_ms` for a direct contact) and
    decides the interval of offered, answered, abandoned, service level and waits. `ended_ms` is
    the end of the contact with this agent before after-contact work, `None` while it goes on, and
    decides the interval of handle times (domain reference, section E).
    """

    leg: int
    channel: Channel
    direction: Direction
    outcome: Outcome
    started_ms: int
    arrived_ms: int
    ended_ms: int | None
    queue: Queue | None = None
    agent: Agent | None = None
    wait_ms: int | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    after_contact_work_ms: int | None = None
    transferred: bool | None = None
    customer: Customer | None = None
    attributes: Mapping[str, str] | None = None


class SourceRecord(NamedTuple):
    """One record of a source with its contacts. `version` grows with the source's own revisions:
    a higher one replaces the record whole, an equal one with equal content changes nothing, a
    lower one is ignored. `line` is where it began in its file, 1-based."""

    line: int
    record_id: str
    version: int
    contacts: tuple[Contact, ...]


class RejectedRow(NamedTuple):
    """A row that could not be taken, with the reason; `raw` (at most 64 KiB) goes to quarantine.
    `foreign` says the row is not this vendor's at all."""

    line: int
    reason: str
    raw: bytes
    foreign: bool = False


class IgnoredRow(NamedTuple):
    """A row that is the vendor's, understood, and carries no contact (a header, a test call)."""

    line: int
    reason: str
