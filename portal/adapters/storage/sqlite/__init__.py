"""The embedded store: one SQLite file a region, one writer thread, reader threads beside it."""

from portal.adapters.storage.sqlite.contacts import SqliteContacts
from portal.adapters.storage.sqlite.database import Database
from portal.adapters.storage.sqlite.documents import SqliteDocuments

__all__ = ["Database", "SqliteContacts", "SqliteDocuments"]
