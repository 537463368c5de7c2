"""Made-up contacts, records and tenants for tests of what is done with them."""

from typing import Any

from portal.adapters.secrets.keyring import AesKeyring
from portal.domain.contacts.model import (
    Agent,
    Channel,
    Contact,
    Customer,
    Direction,
    Gap,
    Outcome,
    Queue,
    SourceRecord,
    Timing,
)
from portal.domain.contacts.ports import Tenant
from tests.fakes.clock import NOON_MS

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
SALES = Queue("q-sales", "Sales")
SERVICE = Queue("q-service", "Service")
ANA = Agent("ana", "Ana Example")
BEN = Agent("ben", "Ben Example")
CASEY = Customer("+12025550101", None, "Casey Example", None)
DREW = Customer("+447700900102", "drew@example.test", None, None)
WITHOUT_WAITS = {
    Timing.WAIT_ANSWERED: Gap("time-answered", "It says when the queue answered."),
    Timing.TALK: Gap("duration", "The duration includes the wait."),
}
WITHOUT_CUSTOMERS = {Timing.CUSTOMER: Gap("caller", "The report has no caller.")}
GAPS = {"alpha": {}, "beta": WITHOUT_WAITS, "gamma": WITHOUT_CUSTOMERS}
"""Three made-up sources: one that gives everything, two that cannot."""


def tenant(
    code: str = "bay", *, region: str = "uk", time_zone: str = "Europe/London", key: bytes = b"k"
) -> Tenant:
    """An organisation with keys of its own."""
    return Tenant(f"{region}|{code}", time_zone, AesKeyring(code, key.ljust(32, b"\0")))


def contact(**changes: Any) -> Contact:
    """A voice contact answered after 12 s at noon, unless changed."""
    arrived = changes.get("arrived_ms", NOON_MS)
    usual: dict[str, Any] = {
        "leg": 0,
        "channel": Channel.VOICE,
        "direction": Direction.INBOUND,
        "outcome": Outcome.ANSWERED,
        "started_ms": arrived - 5_000,
        "arrived_ms": arrived,
        "ended_ms": arrived + 200_000,
        "queue": SALES,
        "agent": ANA,
        "wait_ms": 12_000,
        "talk_ms": 150_000,
        "hold_ms": 20_000,
        "after_contact_work_ms": 18_000,
        "transferred": False,
        "customer": CASEY,
    }
    return Contact(**usual | changes)


def abandoned(**changes: Any) -> Contact:
    """A contact given up after 12 s at noon, unless changed."""
    arrived = changes.get("arrived_ms", NOON_MS)
    usual = {
        "outcome": Outcome.ABANDONED,
        "agent": None,
        "ended_ms": arrived + (changes.get("wait_ms", 12_000) or 0),
        "talk_ms": None,
        "hold_ms": None,
        "after_contact_work_ms": None,
        "transferred": None,
    }
    return contact(**usual | changes)


def record(*contacts: Contact, id: str = "r-1", version: int = 1, line: int = 1) -> SourceRecord:
    """The contacts as one record; legs are numbered."""
    legs = tuple(one._replace(leg=leg) for leg, one in enumerate(contacts or (contact(),)))
    return SourceRecord(line, id, version, legs)
