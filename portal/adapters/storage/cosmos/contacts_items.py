"""Contacts, records, customers, queues and agents as items, and in which partitions they lie.

The container of contacts has, for each organisation:

    <organisation>|d|<UTC day>    contacts that arrived in the day, and a copy of those that ended
                                  in it but arrived in another, so that both sides are found here
    <organisation>|k|<shard>      records and customers, by a hash: what an import looks up
    <organisation>|meta           queues, agents
    <organisation>|journal        what is committed and not in the pages, the lease

A contact's number holds the day it arrived in, so a number alone says where it lies.
"""

import base64
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from portal.adapters.storage.cosmos.container import Item
from portal.domain.contacts.model import SourceRecord
from portal.domain.contacts.pages import CHANNELS, DIRECTIONS, OUTCOMES, Fact
from portal.domain.contacts.ports import Side, StoredContact, Tenant

DAY_MS = 24 * 60 * 60 * 1000
NUMBER_BITS = 36
"""Bits of a contact's number below its day: together they stay exact as a JSON number."""
SHARDS = 4
"""Partitions of records and customers of an organisation: room for hundreds of millions, and few
fences to move for a small batch."""
IN_ONE_QUESTION = 100
FACTS = tuple(fact.name.lower() for fact in Fact)
CONTACT, ENDED_COPY, RECORD, CUSTOMER, QUEUES, AGENT = (
    "contact",
    "ended",
    "record",
    "customer",
    "queues",
    "agent",
)


class StoredRecord(NamedTuple):
    """A stored record: its legs' numbers and a keyed hash of its content, "" when unknown."""

    id: str
    version: int
    contacts: tuple[int, ...]
    digest: str


class StoredQueue(NamedTuple):
    """A queue with its number."""

    number: int
    source: str
    key: str
    name: str


def day_partition(partition: str, day: int) -> str:
    """Where the contacts of a UTC day are."""
    return f"{partition}|d|{day}"


def shard_partition(partition: str, hashed: str) -> str:
    """Where what has this hash is."""
    return f"{partition}|k|{int(hashed[:2], 16) % SHARDS:x}"


def shards(partition: str) -> list[str]:
    """All partitions of records and customers."""
    return [f"{partition}|k|{shard:x}" for shard in range(SHARDS)]


def meta_partition(partition: str) -> str:
    """Where queues and agents are."""
    return f"{partition}|meta"


def record_hash(source: str, record: str) -> str:
    """What a record is found by."""
    message = f"{source}|{record}".encode("utf-8", "surrogatepass")
    return blake2b(message, digest_size=16).hexdigest()


def record_id(source: str, record: str) -> str:
    """The id of a record's item."""
    return f"r-{record_hash(source, record)}"


def customer_id(ref: str) -> str:
    """The id of a customer's item, from the blind index in hexadecimal."""
    return f"c-{ref}"


def agent_id(tenant: Tenant, source: str, key: str) -> str:
    """The id of an agent's item: a blind index of their source's key."""
    return f"a-{source}-{tenant.keyring.blind('agent', key).hex()}"


def number_of(arrived_ms: int, count: int) -> int:
    """A contact's number."""
    return (arrived_ms // DAY_MS) << NUMBER_BITS | count


def day_of_number(number: int) -> int:
    """The UTC day in which the contact arrived."""
    return number >> NUMBER_BITS


def sealing_context(source: str, record: str, leg: int) -> str:
    """What a contact's sealed bytes are bound to besides the organisation."""
    return f"contact|{source}|{record}|{leg}"


def packed(data: bytes | None) -> str | None:
    """Bytes as an item holds them."""
    return None if data is None else base64.b64encode(data).decode()


def unpacked(text: str) -> bytes:
    """The bytes of an item's text."""
    return base64.b64decode(text)


def contact_items(
    partition: str,
    source: str,
    record: SourceRecord,
    place: int,
    facts: Sequence[int],
    number: int,
    ref: str | None,
    sealed: bytes | None,
) -> list[Item]:
    """The contact at that place of the record, and its copy in the day it ended in if that is
    another one."""
    contact = record.contacts[place]
    item: Item = {
        "id": str(number),
        "pk": day_partition(partition, day_of_number(number)),
        "kind": CONTACT,
        "number": number,
        "source": source,
        "record": record.record_id,
        "leg": contact.leg,
        "version": record.version,
        "started": contact.started_ms,
        **dict(zip(FACTS, facts, strict=True)),
        "ref": ref,
        "sealed": packed(sealed),
    }
    ended = facts[Fact.ENDED] // DAY_MS
    if facts[Fact.ENDED] < 0 or ended == day_of_number(number):
        return [item]
    return [item, item | {"pk": day_partition(partition, ended), "kind": ENDED_COPY}]


def facts_of(item: Item) -> tuple[int, ...]:
    """A contact's row of the fact matrix."""
    return tuple(item[name] for name in FACTS)


def places_of(item: Item, partition: str) -> list[tuple[str, str]]:
    """Partition and id of a contact and, if it has one, of its copy."""
    found = [(day_partition(partition, day_of_number(item["number"])), str(item["number"]))]
    ended = item["ended"] // DAY_MS
    if item["ended"] >= 0 and ended != day_of_number(item["number"]):
        found.append((day_partition(partition, ended), str(item["number"])))
    return found


def record_item(partition: str, source: str, record: StoredRecord) -> Item:
    """A record as an item; its own id is in its contacts."""
    return {
        "id": record_id(source, record.id),
        "pk": shard_partition(partition, record_hash(source, record.id)),
        "kind": RECORD,
        "version": record.version,
        "contacts": list(record.contacts),
        "digest": record.digest,
    }


def instant_of(item: Item, side: Side) -> int:
    """The instant that puts the contact into a range."""
    return int(item["arrived"] if side is Side.ARRIVED else item["ended"])


def stored_contact(item: Item, customer: Any) -> StoredContact:
    """The contact of an item, with its customer as opened."""
    return StoredContact(
        id=item["number"],
        record=item["record"],
        leg=item["leg"],
        source=item["source"],
        channel=CHANNELS[item["channel"]],
        direction=DIRECTIONS[item["direction"]],
        outcome=OUTCOMES[item["outcome"]],
        queue=item["queue"],
        agent=item["agent"],
        started_ms=item["started"],
        arrived_ms=item["arrived"],
        ended_ms=_given(item["ended"]),
        wait_ms=_given(item["wait"]),
        talk_ms=_given(item["talk"]),
        hold_ms=_given(item["hold"]),
        after_contact_work_ms=_given(item["after_contact_work"]),
        transferred=None if item["transferred"] < 0 else bool(item["transferred"]),
        customer=customer,
    )


def among(name: str, values: Iterable[str | int]) -> tuple[str, dict[str, Any]]:
    """A condition that the field `name`, written in the program, is one of the values, with its
    parameters: IN, which an index serves."""
    given = {f"@{name}{place}": value for place, value in enumerate(values)}
    return f"c.{name} IN ({', '.join(given)})", given


def _given(value: int) -> int | None:
    return None if value < 0 else value
