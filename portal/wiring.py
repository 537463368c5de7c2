"""The services of one process, put together from its settings; adapters are chosen here only."""

import gc
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from portal.adapters.blobs.local import LocalUploads
from portal.adapters.identity import local
from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.sources import SOURCES
from portal.adapters.storage.sqlite import Database, SqliteContacts, SqliteDocuments
from portal.domain.access.ports import LocalSignIn
from portal.domain.access.service import Access
from portal.domain.audit.service import Audit
from portal.domain.contacts.service import Imports
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.refusals import Refusals
from portal.domain.organizations.service import Organizations
from portal.sample.people import AGENT_KEYS
from portal.settings import Settings

STORE = "switchroom.db"
UPLOADS = "uploads"
COLLECTOR = (50_000, 20, 100)
"""When Python looks for cycles. An import makes tens of thousands of tuples a batch and no cycle;
at the default of 700 looking costs it a twentieth of its time."""


class SystemClock:
    """The machine's time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""
        return time.time_ns() // 1_000_000


class RandomIds:
    """Identifiers from the system's random source."""

    def new(self) -> str:
        """128 bits in hexadecimal."""
        return secrets.token_hex(16)


@dataclass(frozen=True)
class Services:
    """Everything the front ends may call. `local_sign_in` exists in development only."""

    access: Access
    audit: Audit
    dashboards: Dashboards
    directory: Organizations
    imports: Imports
    organizations: Mapping[str, Organization]
    refusals: Refusals
    local_sign_in: LocalSignIn | None
    database: Database

    async def is_ready(self) -> bool:
        """Whether the store answers."""
        return await self.database.read(lambda c: bool(c.execute("SELECT 1").fetchone()))

    async def close(self) -> None:
        """Finishes the transactions that began, then closes the stores."""
        self.database.close()


async def build(settings: Settings) -> Services:
    """The services for these settings.

    Raises Unavailable when the store or the key file is not this process's to open.
    """
    gc.set_threshold(*COLLECTOR)
    clock, ids = SystemClock(), RandomIds()
    folder = settings.data_dir / settings.region
    # A key made anew beside a store that is already sealed would only hide that the key is lost.
    keyrings = LocalKeyrings(settings.key_file, create=not (folder / STORE).exists())
    database = Database(folder / STORE, settings.region)
    documents = SqliteDocuments(database, clock.now_ms)
    contacts = SqliteContacts(database, {name: one.gaps for name, one in SOURCES.items()})
    audit = Audit(documents, clock)
    directory = Organizations(documents, keyrings, audit, Region(settings.region))
    if settings.is_development:
        for organization in local.organizations(Region(settings.region)):
            await directory.ensure(organization)
    imports = Imports(
        organizations=directory,
        documents=documents,
        contacts=contacts,
        sources=SOURCES,
        uploads=LocalUploads(folder / UPLOADS),
        audit=audit,
        clock=clock,
        ids=ids,
    )
    people = local.LocalPeople(local.people(AGENT_KEYS) if settings.is_development else ())
    sign_in = local.LocalSignIn(people, clock) if settings.is_development else None
    return Services(
        access=Access(sign_in, people),
        audit=audit,
        dashboards=Dashboards(
            organizations=directory,
            documents=documents,
            contacts=contacts,
            sources=SOURCES,
            audit=audit,
            clock=clock,
        ),
        directory=directory,
        imports=imports,
        organizations={one.code: one for one in await directory.all()},
        refusals=Refusals(directory, audit, clock),
        local_sign_in=sign_in,
        database=database,
    )
