"""Erasing an organisation from a store; see the port `portal.domain.shared.documents.Erasing`."""

from portal.domain.contacts.ports import Contacts, Selection, Side
from portal.domain.shared.documents import Create, Documents, Erasing
from tests.contract.counted import (
    BAY,
    COVE,
    everything,
    find_all,
    ingest,
    is_true_to_its_contacts,
)
from tests.contract.test_documents import NOTE, OTHER
from tests.fakes.contacts import BEN, CASEY, contact, record

EVERY = Selection(Side.ARRIVED, 0, 1 << 45)


async def erased(store: object, partition: str, *, most: int) -> int:
    """Everything of the partition; how much went."""
    assert isinstance(store, Erasing)
    total = 0
    while gone := await store.erase(partition, most=most):
        total += gone
    return total


async def test_documents_of_every_kind_go_and_others_stay(documents: Documents) -> None:
    for partition in (BAY.partition, COVE.partition):
        for number in range(130):
            kind = NOTE if number % 2 else OTHER
            await documents.batch(partition, [Create(kind, f"n-{number}", {"text": "x"})])
    assert await erased(documents, BAY.partition, most=50) >= 130
    for kind in (NOTE, OTHER):
        assert await documents.count(BAY.partition, kind) == 0
        assert await documents.count(COVE.partition, kind) == 65
    assert (await documents.changes(BAY.partition)).changes == ()


async def test_contacts_pages_and_indexes_go_and_others_stay(contacts: Contacts) -> None:
    made = [record(contact(agent=BEN, customer=CASEY), id=f"r-{number}") for number in range(30)]
    for of in (BAY, COVE):
        await ingest(contacts, *made, to=of)
        await contacts.settle(of)
    before = await everything(contacts, COVE)
    assert await erased(contacts, BAY.partition, most=7) >= 30
    assert await everything(contacts, BAY) == {}
    assert await find_all(contacts, EVERY) == []
    assert await everything(contacts, COVE) == before
    assert await is_true_to_its_contacts(contacts, COVE)


async def test_nothing_is_nothing_to_erase(contacts: Contacts, documents: Documents) -> None:
    assert await erased(contacts, BAY.partition, most=10) == 0
    assert await erased(documents, BAY.partition, most=10) == 0
