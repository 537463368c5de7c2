"""What a batch of records comes to: looked up, decided, numbered, sealed, and laid out as steps.

Nothing is written here; the head that the batch was made from decides at its commit whether it
still holds.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos.contacts_head import Head, spanning
from portal.adapters.storage.cosmos.contacts_items import StoredQueue, StoredRecord
from portal.adapters.storage.cosmos.contacts_journal import Counts, Step, steps
from portal.adapters.storage.cosmos.container import Container, Item
from portal.adapters.storage.shared import records as shared
from portal.domain.contacts import pages
from portal.domain.contacts.model import Agent, Contact, Customer, Queue, SourceRecord
from portal.domain.contacts.pages import SLOT_MS, Fact
from portal.domain.contacts.ports import Tally, Tenant
from portal.domain.shared.days import day_of

DIRECT = Queue("", "")  # stands for "no queue" of its source, so that every cell has a source
LOOK_UP = "contacts.look-up"
ONE_OF = "SELECT * FROM c WHERE c.pk = @pk AND c.kind = @kind AND "
AT_ONCE = 8


class Planned(NamedTuple):
    """What became of the records; when `head` is not None, the head that the batch leads to (its
    number and journal as they were), what there is to do and what it counts. `agents` hold once it
    is committed."""

    tally: Tally
    agents: Mapping[Agent, int]
    head: Head | None = None
    steps: Sequence[Step] = ()
    counts: Counts | None = None


class _Known(NamedTuple):
    """A customer's number and opened key."""

    number: int
    key: bytes
    ref: str


async def plan(
    box: Container,
    tenant: Tenant,
    source: str,
    records: Sequence[SourceRecord],
    head: Head,
    agents: Mapping[Agent, int],
    now_ms: int,
    customers: Mapping[Customer, int] | None = None,
) -> Planned:
    """The batch as it stands against the head. `agents` are numbers of the source's agents from
    earlier batches, `customers` the numbers that new ones are to have, within those given out."""
    return await _Batch(box, tenant, source, head, agents, customers or {}).plan(records, now_ms)


async def queues_of(box: Container, partition: str) -> list[StoredQueue]:
    """The stored queues, by number."""
    item = await box.read(LOOK_UP, items.meta_partition(partition), items.QUEUES)
    return [StoredQueue(*queue) for queue in item["queues"]] if item else []


def queues_item(partition: str, queues: Iterable[StoredQueue]) -> Item:
    """The queues as an item."""
    return {
        "id": items.QUEUES,
        "pk": items.meta_partition(partition),
        "kind": items.QUEUES,
        "queues": [list(queue) for queue in queues],
    }


async def chosen(
    box: Container, pk: str, kind: str, name: str, values: Iterable[str | int]
) -> list[Item]:
    """The partition's items of that kind whose field `name` is one of the values."""
    found: list[Item] = []
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), items.IN_ONE_QUESTION):
        part = wanted[start : start + items.IN_ONE_QUESTION]
        condition, given = items.among(name, part)
        text = ONE_OF + condition
        found += await box.query(LOOK_UP, pk, text, {"@kind": kind, **given}, most=len(part))
    return found


async def by_partition(
    box: Container, kind: str, name: str, wanted: Iterable[tuple[str, str | int]]
) -> list[Item]:
    """As `chosen`, of many partitions at once: (partition, value)."""
    grouped: dict[str, list[str | int]] = {}
    for pk, value in wanted:
        grouped.setdefault(pk, []).append(value)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(pk: str, values: list[str | int]) -> list[Item]:
        async with slots:
            return await chosen(box, pk, kind, name, values)

    answers = await asyncio.gather(*(one(pk, values) for pk, values in grouped.items()))
    return [item for answer in answers for item in answer]


async def contacts_by_number(
    box: Container, partition: str, numbers: Iterable[int]
) -> dict[int, Item]:
    """The contacts of those numbers that are there."""
    wanted = [
        (items.day_partition(partition, items.day_of_number(number)), number) for number in numbers
    ]
    found = await by_partition(box, items.CONTACT, "number", wanted)
    return {item["number"]: item for item in found}


def opened_agent(tenant: Tenant, item: Item) -> Agent:
    """The agent as their source names them."""
    key = tenant.keyring.unwrap(items.unpacked(item["wrapped"]))
    context = f"agent|{item['number']}"
    return shared.agent_of(tenant.keyring.open(key, context, items.unpacked(item["sealed"])))


def agent_item(tenant: Tenant, source: str, agent: Agent, number: int) -> Item:
    """The agent as an item, sealed under a key of its own."""
    key, wrapped = tenant.keyring.new_key()
    sealed = tenant.keyring.seal(key, f"agent|{number}", shared.agent_plain(agent))
    return {
        "id": items.agent_id(tenant, source, agent.key),
        "pk": items.meta_partition(tenant.partition),
        "kind": items.AGENT,
        "number": number,
        "source": source,
        "wrapped": items.packed(wrapped),
        "sealed": items.packed(sealed),
    }


class _Batch:
    """One batch on its way."""

    def __init__(
        self,
        box: Container,
        tenant: Tenant,
        source: str,
        head: Head,
        agents: Mapping[Agent, int],
        numbers: Mapping[Customer, int],
    ) -> None:
        self._box = box
        self._numbers = numbers
        self._tenant = tenant
        self._partition = tenant.partition
        self._source = source
        self._head = head
        self._agents = dict(agents)
        self._agent_items: dict[str, Item] = {}
        self._queues: list[StoredQueue] = []
        self._queue_numbers: dict[str, int] = {}
        self._customers: dict[Customer, _Known] = {}
        self._contents: dict[str, bytes] = {}
        self._last_agent, self._last_subject = head.agents, head.subjects
        self._upserts: list[Item] = []

    async def plan(self, records: Sequence[SourceRecord], now_ms: int) -> Planned:
        """Decides, numbers and lays out."""
        stored = await self._stored(records)
        await self._load_contents(records, stored)
        chosen_, tally = await asyncio.to_thread(shared.decide, records, stored, self._compare)
        if not chosen_:
            return Planned(tally, self._agents)
        replaced = [stored[r.record_id] for r in chosen_ if r.record_id in stored]
        numbers = [number for record in replaced for number in record.contacts]
        gone = list((await contacts_by_number(self._box, self._partition, numbers)).values())
        await self._load_names(chosen_)
        await self._load_customers(chosen_)
        # Hundreds of milliseconds for a large batch: others have requests to answer.
        head, todo, counts = await asyncio.to_thread(self._worked_out, chosen_, gone, now_ms)
        return Planned(tally, self._agents, head, todo, counts)

    def _worked_out(
        self, records: Sequence[SourceRecord], gone: Sequence[Item], now_ms: int
    ) -> tuple[Head, list[Step], Counts | None]:
        """Where the batch leads to, what there is to do, and what it counts."""
        added, last = self._lay_out(records)
        matrix = [*added, *map(items.facts_of, gone)]
        rows = np.array(matrix, np.int64).reshape(len(matrix), len(Fact))
        signs = np.ones(len(rows), np.int64)
        signs[len(added) :] = -1
        counts = Counts(rows, signs, pages.deltas(rows, signs)) if len(rows) else None
        deletes = [place for one in gone for place in items.places_of(one, self._partition)]
        head = self._moved(added, counts, last, now_ms)
        return head, steps(self._upserts, deletes), counts

    def _moved(
        self, added: Sequence[tuple[int, ...]], counts: Counts | None, last: int, now_ms: int
    ) -> Head:
        head = self._head
        zone = self._tenant.time_zone
        instants = [at for facts in added for at in (facts[Fact.ARRIVED], facts[Fact.ENDED])]
        slots = counts.deltas if counts else ()
        changed = {day_of(slot * SLOT_MS, zone): head.seq + 1 for slot in slots}
        return head._replace(
            revision=head.revision + 1,
            as_of_ms=max([head.as_of_ms, *instants]),
            imported_at_ms=max(head.imported_at_ms, now_ms),
            contacts=last,
            subjects=self._last_subject,
            queues=len(self._queues),
            agents=self._last_agent,
            days=spanning({at // items.DAY_MS for at in instants if at >= 0}, head.days),
            unsettled={**head.unsettled, **changed},
        )

    # --- deciding -----------------------------------------------------------------------

    async def _stored(self, records: Sequence[SourceRecord]) -> dict[str, StoredRecord]:
        hashed = {items.record_id(self._source, r.record_id): r.record_id for r in records}
        wanted = [(items.shard_partition(self._partition, id[2:]), id) for id in hashed]
        found = await by_partition(self._box, items.RECORD, "id", wanted)
        return {
            hashed[item["id"]]: StoredRecord(
                hashed[item["id"]], item["version"], tuple(item["contacts"]), item["digest"]
            )
            for item in found
        }

    async def _load_contents(
        self, records: Sequence[SourceRecord], stored: Mapping[str, StoredRecord]
    ) -> None:
        """Opens the stored records of which another content of the same version arrives."""
        doubtful = {
            record.record_id: stored[record.record_id]
            for record in records
            if record.record_id in stored
            and record.version == stored[record.record_id].version
            and self._digest(shared.content(record.contacts)) != stored[record.record_id].digest
        }
        if not doubtful:
            return
        numbers = [number for record in doubtful.values() for number in record.contacts]
        found = await contacts_by_number(self._box, self._partition, numbers)
        queues = {queue.number: queue.key for queue in await queues_of(self._box, self._partition)}
        meta = items.meta_partition(self._partition)
        of = {item["agent"] for item in found.values() if item["agent"]}
        agents = {
            item["number"]: opened_agent(self._tenant, item).key
            for item in await chosen(self._box, meta, items.AGENT, "number", of)
        }
        keys = await customer_keys(self._box, self._tenant, found.values())
        for record in doubtful.values():
            legs = [found[number] for number in record.contacts if number in found]
            self._contents[record.id] = shared.stored_content(
                [
                    shared.StoredLeg(
                        one["leg"],
                        (one["started"], *items.facts_of(one)),
                        queues.get(one["queue"]),
                        agents.get(one["agent"]),
                        opened(self._tenant, one, keys),
                    )
                    for one in sorted(legs, key=lambda one: int(one["leg"]))
                ]
            )

    def _compare(self, record: SourceRecord, present: SourceRecord | StoredRecord) -> int:
        mine = shared.content(record.contacts)
        if isinstance(present, SourceRecord):
            theirs = shared.content(present.contacts)
        elif present.id in self._contents:
            theirs = self._contents[present.id]
        else:  # the digests are equal
            return 0 if self._digest(mine) == present.digest else 1
        return (mine > theirs) - (mine < theirs)

    def _digest(self, content: bytes) -> str:
        return self._tenant.keyring.blind("content", content.hex()).hex()

    # --- numbers ------------------------------------------------------------------------

    async def _load_names(self, records: Sequence[SourceRecord]) -> None:
        self._queues = await queues_of(self._box, self._partition)
        self._queue_numbers = {q.key: q.number for q in self._queues if q.source == self._source}
        unknown = {
            items.agent_id(self._tenant, self._source, contact.agent.key)
            for record in records
            for contact in record.contacts
            if contact.agent is not None and contact.agent not in self._agents
        }
        meta = items.meta_partition(self._partition)
        found = await chosen(self._box, meta, items.AGENT, "id", unknown)
        self._agent_items = {item["id"]: item for item in found}

    async def _load_customers(self, records: Sequence[SourceRecord]) -> None:
        keyring = self._tenant.keyring
        refs = {
            contact.customer: keyring.blind(*identified).hex()
            for record in records
            for contact in record.contacts
            if contact.customer is not None and (identified := shared.identity(contact.customer))
        }
        wanted = dict.fromkeys(refs.values())
        known: dict[str, _Known] = {}
        for item in await self._customer_items(wanted):
            ref = item["id"][2:]
            key = keyring.unwrap(items.unpacked(item["wrapped"]))
            known[ref] = _Known(item["number"], key, ref)
        given = {refs[one]: number for one, number in self._numbers.items() if one in refs}
        for ref in wanted:
            if ref not in known:
                if ref not in given:
                    self._last_subject += 1
                number = given.get(ref, self._last_subject)
                key, wrapped = keyring.new_key()
                known[ref] = _Known(number, key, ref)
                self._upserts.append(
                    {
                        "id": items.customer_id(ref),
                        "pk": items.shard_partition(self._partition, ref),
                        "kind": items.CUSTOMER,
                        "number": number,
                        "wrapped": items.packed(wrapped),
                    }
                )
        self._customers = {customer: known[ref] for customer, ref in refs.items()}

    async def _customer_items(self, refs: Iterable[str]) -> list[Item]:
        wanted = [
            (items.shard_partition(self._partition, ref), items.customer_id(ref)) for ref in refs
        ]
        return await by_partition(self._box, items.CUSTOMER, "id", wanted)

    def _queue(self, queue: Queue) -> int:
        number = self._queue_numbers.get(queue.key)
        if number is None:
            number = len(self._queues) + 1
            self._queues.append(StoredQueue(number, self._source, queue.key, queue.name))
            self._queue_numbers[queue.key] = number
        elif queue.name not in (queue.key, self._queues[number - 1].name):
            self._queues[number - 1] = self._queues[number - 1]._replace(name=queue.name)
        return number

    def _agent(self, agent: Agent) -> int:
        known = self._agents.get(agent)
        if known is not None:
            return known
        id = items.agent_id(self._tenant, self._source, agent.key)
        item = self._agent_items.get(id)
        if item is None:
            self._last_agent += 1
            item = agent_item(self._tenant, self._source, agent, self._last_agent)
            self._upserts.append(item)
        elif agent.name not in (opened_agent(self._tenant, item).name, agent.key):
            item = agent_item(self._tenant, self._source, agent, item["number"])
            self._upserts = [one for one in self._upserts if one["id"] != id]
            self._upserts.append(item)
        number = int(item["number"])
        self._agent_items[id] = item
        self._agents[agent] = number
        return number

    # --- laying out ---------------------------------------------------------------------

    def _lay_out(self, records: Sequence[SourceRecord]) -> tuple[list[tuple[int, ...]], int]:
        """The items of the records; their facts, and the last number given to a contact."""
        before = list(self._queues)
        matrix: list[tuple[int, ...]] = []
        last = self._head.contacts
        for record in records:
            numbers: list[int] = []
            for place, contact in enumerate(record.contacts):
                queue = self._queue(contact.queue or DIRECT)
                agent = 0 if contact.agent is None else self._agent(contact.agent)
                customer = self._customers.get(contact.customer) if contact.customer else None
                facts = pages.facts(contact, queue, agent, customer.number if customer else 0)
                last += 1
                number = items.number_of(contact.arrived_ms, last)
                self._upserts += items.contact_items(
                    self._partition,
                    self._source,
                    record,
                    place,
                    facts,
                    number,
                    customer.ref if customer else None,
                    self._seal(record.record_id, contact, customer),
                )
                numbers.append(number)
                matrix.append(facts)
            digest = self._digest(shared.content(record.contacts))
            stored = StoredRecord(record.record_id, record.version, tuple(numbers), digest)
            self._upserts.append(items.record_item(self._partition, self._source, stored))
        if self._queues != before:
            self._upserts.append(queues_item(self._partition, self._queues))
        return matrix, last

    def _seal(self, record: str, contact: Contact, customer: _Known | None) -> bytes | None:
        plain = shared.plain(contact)
        if plain is None:
            return None
        keyring = self._tenant.keyring
        key = customer.key if customer else keyring.own_key
        return keyring.seal(key, items.sealing_context(self._source, record, contact.leg), plain)


async def customer_keys(
    box: Container, tenant: Tenant, contacts: Iterable[Item]
) -> dict[str, bytes]:
    """The opened keys of the contacts' customers by blind index; erased ones are missing."""
    refs = {item["ref"] for item in contacts if item["ref"]}
    wanted = [
        (items.shard_partition(tenant.partition, ref), items.customer_id(ref)) for ref in refs
    ]
    found = await by_partition(box, items.CUSTOMER, "id", wanted)
    return {
        item["id"][2:]: tenant.keyring.unwrap(items.unpacked(item["wrapped"])) for item in found
    }


def opened(tenant: Tenant, item: Item, keys: Mapping[str, bytes]) -> bytes | None:
    """What is sealed of a contact; None when nothing is or its customer was erased. Unavailable
    when it does not open."""
    if item["sealed"] is None:
        return None
    key = keys.get(item["ref"]) if item["ref"] else tenant.keyring.own_key
    if key is None:
        return None
    context = items.sealing_context(item["source"], item["record"], item["leg"])
    return tenant.keyring.open(key, context, items.unpacked(item["sealed"]))
