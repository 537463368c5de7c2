"""Storage on Cosmos DB."""

from portal.adapters.storage.cosmos.charges import Charge, Charges
from portal.adapters.storage.cosmos.connection import Address, Cosmos, Timeouts
from portal.adapters.storage.cosmos.contacts import CosmosContacts
from portal.adapters.storage.cosmos.documents import CosmosDocuments

__all__ = [
    "Address",
    "Charge",
    "Charges",
    "Cosmos",
    "CosmosContacts",
    "CosmosDocuments",
    "Timeouts",
]
