"""How every contact store names, stands and writes documents with the records; see the port
`portal.domain.contacts.ports.Contacts`."""

import pytest

from portal.domain.contacts.model import (
    Agent,
    Queue,
)
from portal.domain.contacts.ports import Batch, Contacts, Tally
from portal.domain.shared.documents import Create, Documents
from portal.domain.shared.errors import Conflict
from tests.contract.counted import BAY, COVE, NOTE, everything, ingest, is_true_to_its_contacts
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import (
    BEN,
    DAY_MS,
    DREW,
    SERVICE,
    contact,
    record,
)

# --- names -------------------------------------------------------------------------------


async def test_queues_and_agents_are_told_by_their_source(contacts: Contacts) -> None:
    await ingest(contacts, record(), record(contact(queue=SERVICE, agent=BEN), id="r-2"))
    queues = await contacts.queues(BAY.partition)
    assert [(q.source, q.key, q.name) for q in queues] == [
        ("alpha", "q-sales", "Sales"),
        ("alpha", "q-service", "Service"),
    ]
    agents = await contacts.agents(BAY)
    assert [(a.source, a.key, a.name) for a in agents] == [
        ("alpha", "ana", "Ana Example"),
        ("alpha", "ben", "Ben Example"),
    ]


async def test_a_new_name_replaces_the_old_and_a_key_alone_does_not(contacts: Contacts) -> None:
    await ingest(contacts, record())
    renamed = contact(queue=Queue("q-sales", "Sales Europe"), agent=Agent("ana", "Ana Married"))
    await ingest(contacts, record(renamed, id="r-2"))
    keyed = contact(queue=Queue("q-sales", "q-sales"), agent=Agent("ana", "ana"))
    await ingest(contacts, record(keyed, id="r-3"))
    [queue] = await contacts.queues(BAY.partition)
    [agent] = await contacts.agents(BAY)
    assert (queue.name, agent.name) == ("Sales Europe", "Ana Married")


async def test_queues_are_named_by_hand_and_told_as_a_change(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(queue=Queue("q-1", "q-1"))))
    before = (await contacts.standing(BAY.partition)).revision
    named = await contacts.name_queues(BAY.partition, "alpha", {"q-1": "Sales", "q-9": "None"})
    assert named == 1
    assert [q.name for q in await contacts.queues(BAY.partition)] == ["Sales"]
    assert (await contacts.standing(BAY.partition)).revision > before
    assert await contacts.name_queues(COVE.partition, "alpha", {"q-1": "Theirs"}) == 0
    assert await contacts.name_queues(BAY.partition, "beta", {"q-1": "Theirs"}) == 0
    assert [q.name for q in await contacts.queues(BAY.partition)] == ["Sales"]


# --- standing ----------------------------------------------------------------------------


async def test_standing_tells_how_far_the_contacts_have_come(contacts: Contacts) -> None:
    await ingest(contacts, record(contact(arrived_ms=NOON_MS, ended_ms=NOON_MS + 9)))
    first = await contacts.standing(BAY.partition)
    assert (first.as_of_ms, first.imported_at_ms) == (NOON_MS + 9, NOON_MS)
    old = Batch("alpha", [record(contact(arrived_ms=NOON_MS - DAY_MS), id="r-2")])
    await contacts.ingest(BAY, old, now_ms=NOON_MS + 5)
    second = await contacts.standing(BAY.partition)
    assert (second.as_of_ms, second.imported_at_ms) == (NOON_MS + 9, NOON_MS + 5)
    assert second.revision > first.revision
    assert await contacts.standing(COVE.partition) == (0, 0, 0)


# --- documents in the same transaction ---------------------------------------------------


async def test_documents_are_written_with_the_records(
    contacts: Contacts, documents: Documents
) -> None:
    tallies = []

    def writes(tally: Tally) -> list[Create]:
        tallies.append(tally)
        return [Create(NOTE, "n-1", {"text": str(tally.accepted)})]

    await ingest(contacts, record(), writes=writes)
    assert tallies == [Tally(1, 0, 0, 0, ())]
    note = await documents.get(BAY.partition, NOTE, "n-1")
    assert note is not None
    assert note.body == {"text": "1"}


async def test_records_and_documents_go_in_together_or_not_at_all(
    contacts: Contacts, documents: Documents
) -> None:
    await documents.batch(BAY.partition, [Create(NOTE, "n-1", {"text": "taken"})])
    await ingest(contacts, record(id="r-0"))
    before, standing = await everything(contacts), await contacts.standing(BAY.partition)
    refused = [Create(NOTE, "n-2", {"text": "new"}), Create(NOTE, "n-1", {"text": "again"})]
    fresh = contact(queue=Queue("q-9", "New"), agent=Agent("zoe", "Zoe"), customer=DREW)
    with pytest.raises(Conflict):
        await ingest(contacts, record(fresh), writes=lambda _: refused)
    assert await everything(contacts) == before
    assert await contacts.standing(BAY.partition) == standing
    assert await documents.get(BAY.partition, NOTE, "n-2") is None
    assert [q.key for q in await contacts.queues(BAY.partition)] == ["q-sales"]
    assert await ingest(contacts, record(fresh)) == Tally(1, 0, 0, 0, ())
    assert [a.key for a in await contacts.agents(BAY)] == ["ana", "zoe"]
    assert await is_true_to_its_contacts(contacts)


async def test_documents_alone_are_a_change_that_standing_tells(
    contacts: Contacts, documents: Documents
) -> None:
    await ingest(contacts, record())
    before = await contacts.standing(BAY.partition)
    await ingest(contacts, writes=lambda _: [Create(NOTE, "n-1", {"text": "x"})])
    after = await contacts.standing(BAY.partition)
    assert after.revision > before.revision
    assert after[1:] == before[1:]
