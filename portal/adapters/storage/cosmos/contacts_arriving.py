"""An organisation's contacts brought from another store under the numbers they had there, and read
back contact by contact."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from portal.adapters.storage.cosmos import contacts_batch, contacts_index
from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos.contacts_batch import (
    agent_item,
    chosen,
    customer_keys,
    opened,
    opened_agent,
    queues_item,
    queues_of,
)
from portal.adapters.storage.cosmos.contacts_commit import Commits
from portal.adapters.storage.cosmos.contacts_head import Head
from portal.adapters.storage.cosmos.contacts_items import StoredQueue, stored_contact
from portal.adapters.storage.cosmos.contacts_journal import steps
from portal.adapters.storage.cosmos.container import Container, Item
from portal.adapters.storage.shared import records as shared
from portal.domain.contacts.model import Agent, Contact, Customer, Queue, SourceRecord
from portal.domain.contacts.ports import Moved, Roll, Tenant
from portal.domain.shared.documents import Write
from portal.domain.shared.errors import Conflict

OTHERS = "The database has other contacts of this organisation already."
TOGETHER = 500


class Batch(NamedTuple):
    """Whole records of one source with the numbers of their customers."""

    source: str
    records: list[SourceRecord]
    customers: dict[Customer, int]


async def prepare(box: Container, commits: Commits, tenant: Tenant, roll: Roll) -> None:
    """See the port. The caller keeps others from writing."""
    partition = tenant.partition
    head = await commits.head(partition)
    queues = [StoredQueue(*queue) for queue in roll.queues]
    there = {(q.source, q.key): q.number for q in await queues_of(box, partition)}
    given = {(q.source, q.key): q.number for q in queues}
    agents = [
        agent_item(tenant, one.source, Agent(one.key, one.name), one.number) for one in roll.agents
    ]
    numbers = {item["id"]: item["number"] for item in agents}
    meta = items.meta_partition(partition)
    known = await chosen(box, meta, items.AGENT, "number", range(1, head.agents + 1))
    if any(given.get(key) != number for key, number in there.items()):
        raise Conflict(OTHERS)
    if any(numbers.get(item["id"]) != item["number"] for item in known):
        raise Conflict(OTHERS)
    wanted = head._replace(
        revision=max(head.revision, roll.standing.revision) + 1,
        as_of_ms=max(head.as_of_ms, roll.standing.as_of_ms),
        imported_at_ms=max(head.imported_at_ms, roll.standing.imported_at_ms),
        queues=len(queues),
        agents=max((one.number for one in roll.agents), default=0),
        subjects=max(head.subjects, roll.customers),
    )
    await commits.commit(
        partition, wanted, (), steps([queues_item(partition, queues), *agents], ())
    )


def batches(moved: Sequence[Moved]) -> list[Batch]:
    """The records by source, in order."""
    found: dict[str, Batch] = {}
    records: dict[tuple[str, str], list[Moved]] = {}
    for one in moved:
        records.setdefault((one.source, one.record), []).append(one)
    for (source, record), legs in records.items():
        batch = found.setdefault(source, Batch(source, [], {}))
        contacts = tuple(leg.contact for leg in legs)
        batch.records.append(SourceRecord(0, record, legs[0].version, contacts))
        for leg in legs:
            if leg.contact.customer is not None and leg.customer:
                batch.customers[leg.contact.customer] = leg.customer
    return list(found.values())


async def arrive(
    box: Container,
    commits: Commits,
    tenant: Tenant,
    batch: Batch,
    agents: Mapping[Agent, int],
    writes: Sequence[Write],
) -> Head:
    """Stores one source's records; the head they led to. The caller keeps others from writing.
    Raises OvertakenError when one did all the same."""
    head = await commits.head(tenant.partition)
    planned = await contacts_batch.plan(
        box, tenant, batch.source, batch.records, head, agents, 0, batch.customers
    )
    wanted = planned.head
    if wanted is None:
        if not writes:
            return head
        wanted = head._replace(revision=head.revision + 1)
    await commits.commit(tenant.partition, wanted, writes, planned.steps, planned.counts)
    return wanted


async def leaving(box: Container, tenant: Tenant, head: Head) -> AsyncIterator[Sequence[Moved]]:
    """Every contact, day by day; a record whose contacts arrived on several days comes in parts."""
    partition = tenant.partition
    queues = {q.number: Queue(q.key, q.name) for q in await queues_of(box, partition)}
    meta = items.meta_partition(partition)
    agents = {
        item["number"]: opened_agent(tenant, item)
        for item in await chosen(box, meta, items.AGENT, "number", range(1, head.agents + 1))
    }
    part: list[Item] = []
    async for item in contacts_index.each_contact(box, partition, head):
        part.append(item)
        if len(part) >= TOGETHER:
            yield await _moved(box, tenant, part, queues, agents)
            part = []
    if part:
        yield await _moved(box, tenant, part, queues, agents)


async def _moved(
    box: Container,
    tenant: Tenant,
    part: Sequence[Item],
    queues: Mapping[int, Queue],
    agents: Mapping[int, Agent],
) -> list[Moved]:
    keys = await customer_keys(box, tenant, part)
    found = []
    for item in part:
        plain = opened(tenant, item, keys)
        customer = None if plain is None else shared.customer_of(plain)
        stored = stored_contact(item, customer)
        queue = queues[item["queue"]]
        contact = Contact(
            leg=stored.leg,
            channel=stored.channel,
            direction=stored.direction,
            outcome=stored.outcome,
            started_ms=stored.started_ms,
            arrived_ms=stored.arrived_ms,
            ended_ms=stored.ended_ms,
            queue=queue if queue.key else None,
            agent=agents.get(item["agent"]),
            wait_ms=stored.wait_ms,
            talk_ms=stored.talk_ms,
            hold_ms=stored.hold_ms,
            after_contact_work_ms=stored.after_contact_work_ms,
            transferred=stored.transferred,
            customer=customer if customer is not None and any(customer) else None,
            attributes=None if plain is None else shared.attributes_of(plain),
        )
        found.append(
            Moved(
                item["number"], item["source"], item["record"], item["version"], contact,
                item["queue"], item["agent"], item["customer"],
            )
        )  # fmt: skip
    return found
