"""Records as stores keep them: what of a contact is sealed, who stands for a customer, and which
of two versions of a record stays (decision 0006)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from portal.domain.contacts import pages
from portal.domain.contacts.model import Agent, Contact, Customer, SourceRecord
from portal.domain.contacts.pages import Fact
from portal.domain.contacts.ports import Tally

NO_CUSTOMER = (None,) * 4
REFERENCES = (Fact.QUEUE, Fact.AGENT, Fact.CUSTOMER)

_encode = msgspec.msgpack.encode
_decode_agent = msgspec.msgpack.Decoder(tuple[str, str]).decode


class _Sealed(msgspec.Struct, array_like=True):
    """What is sealed of a contact."""

    number: str | None = None
    email: str | None = None
    name: str | None = None
    external_id: str | None = None
    attributes: dict[str, str] | None = None


_decode = msgspec.msgpack.Decoder(_Sealed).decode


class Versioned(Protocol):
    """A record, arriving or stored."""

    @property
    def version(self) -> int:
        """The source's own revision."""
        ...


Stored = TypeVar("Stored", bound=Versioned)


class Decided(NamedTuple):
    """The records to write, in order, each id at most once, and what became of all."""

    chosen: list[SourceRecord]
    tally: Tally


def plain(contact: Contact) -> bytes | None:
    """The bytes to seal of a contact; None when there is nothing to keep from anybody."""
    if contact.customer is None and not contact.attributes:
        return None
    return _encode((*(contact.customer or NO_CUSTOMER), contact.attributes or None))


def customer_of(opened: bytes) -> Customer:
    """Whom the contact was with."""
    sealed = _decode(opened)
    return Customer(sealed.number, sealed.email, sealed.name, sealed.external_id)


def attributes_of(opened: bytes) -> dict[str, str] | None:
    """What the source keeps beside the contact."""
    return _decode(opened).attributes


def agent_plain(agent: Agent) -> bytes:
    """The bytes to seal of an agent."""
    return _encode((agent.key, agent.name))


def agent_of(opened: bytes) -> Agent:
    """The agent as their source names them."""
    return Agent(*_decode_agent(opened))


def identity(customer: Customer) -> tuple[str, str] | None:
    """Which of a customer's identifiers stands for the person: kind and canonical value. A name
    alone stands for nobody: many share one."""
    if customer.number is not None:
        return "number", customer.number
    if customer.email is not None:
        return "email", customer.email
    return ("external", customer.external_id) if customer.external_id is not None else None


def content(contacts: Sequence[Contact]) -> bytes:
    """A record's contacts as comparable bytes, the same for stored and arriving ones."""
    return _encode(
        [
            _comparable(
                one.leg,
                (one.started_ms, *pages.facts(one, 0, 0, 0)),
                one.queue.key if one.queue else None,
                one.agent.key if one.agent else None,
                (*(one.customer or NO_CUSTOMER), _ordered(one.attributes)),
            )
            for one in contacts
        ]
    )


class StoredLeg(NamedTuple):
    """A stored contact with its references looked up and what was sealed opened; `numbers` are
    the instant it started and its facts."""

    leg: int
    numbers: tuple[int, ...]
    queue: str | None
    agent: str | None
    opened: bytes | None


def stored_content(legs: Sequence[StoredLeg]) -> bytes:
    """A stored record's contacts as the same bytes."""
    return _encode(
        [
            _comparable(one.leg, one.numbers, one.queue or None, one.agent, _sealed(one.opened))
            for one in legs
        ]
    )


def decide(
    records: Sequence[SourceRecord],
    stored: Mapping[str, Stored],
    compare: Callable[[SourceRecord, SourceRecord | Stored], int],
) -> Decided:
    """Which records are new, newer, equal or older. `compare` says -1, 0 or 1 as the content of
    the first is below, equal to or above the other's; asked for equal versions alone."""
    accepted = corrected = unchanged = ignored = 0
    conflicts: list[int] = []
    chosen: dict[str, SourceRecord] = {}
    for place, record in enumerate(records):
        present: SourceRecord | Stored | None = chosen.get(record.record_id)
        present = present or stored.get(record.record_id)
        if present is None:
            accepted += 1
        elif record.version < present.version:
            ignored += 1
            continue
        else:
            order = 1 if record.version > present.version else compare(record, present)
            if order <= 0:
                unchanged += order == 0
                if order < 0:
                    conflicts.append(place)
                continue
            corrected += 1
        chosen[record.record_id] = record
    tally = Tally(accepted, corrected, unchanged, ignored, tuple(conflicts))
    return Decided(list(chosen.values()), tally)


def _comparable(
    leg: int,
    numbers: tuple[int, ...],
    queue: str | None,
    agent: str | None,
    sealed: tuple[Any, ...],
) -> tuple[Any, ...]:
    """`numbers` without the store's own."""
    started, *facts = numbers
    kept = (fact for column, fact in enumerate(facts) if column not in REFERENCES)
    return (leg, (started, *kept), queue, agent, sealed)


def _sealed(opened: bytes | None) -> tuple[Any, ...]:
    if opened is None:
        return (*NO_CUSTOMER, None)
    sealed = _decode(opened)
    return (*customer_of(opened), _ordered(sealed.attributes))


def _ordered(attributes: Mapping[str, str] | None) -> list[tuple[str, str]] | None:
    return sorted(attributes.items()) if attributes else None
