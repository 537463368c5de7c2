"""A stay: what happened to one customer in one queue, before any vendor writes it down."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from portal.sample.customers import Customer
from portal.sample.model import Queue
from portal.sample.people import Agent

NEVER: Final = 1 << 62


class Kind(StrEnum):
    """How a stay began."""

    INBOUND = "inbound"
    TRANSFER = "transfer"
    CALLBACK = "callback"
    OUTBOUND = "outbound"


class End(StrEnum):
    """How a stay in the queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FLOW_OUT = "flow_out"
    CALLBACK = "callback"
    UNREACHED = "unreached"


@dataclass(slots=True, eq=False)
class Stay:
    """One stay of a customer in a queue, or one call placed by an agent.

    Instants and durations are milliseconds in the system's ticks. `left_ms` is when the stay in
    the queue ended, `ended_ms` when the customer and the agent parted, before after-contact work.
    """

    id: UUID
    kind: Kind
    queue: Queue
    customer: Customer
    started_ms: int
    arrived_ms: int
    leaves_ms: int
    leaves_as: End
    talk_ms: int
    hold_ms: int
    acw_ms: int
    passed_to: str | None = None
    previous: "Stay | None" = None
    following: "Stay | None" = None
    agent: Agent | None = None
    end: End | None = None
    left_ms: int = NEVER
    ended_ms: int = NEVER

    @property
    def first(self) -> "Stay":
        """The stay with which the customer's contact began."""
        stay = self
        while stay.previous is not None:
            stay = stay.previous
        return stay


class Document(NamedTuple):
    """What a vendor's system writes: `kind` and `ending` make its file's name."""

    kind: str
    ending: str
    content: bytes
