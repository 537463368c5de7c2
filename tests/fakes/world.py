"""The services over a real store in a folder of the test's own; time and ids are the test's."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from portal.adapters.blobs.directory import DirectoryBlobs
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.storage.sqlite import Database, SqliteContacts, SqliteDocuments
from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.audit.service import Audit
from portal.domain.contacts.model import Gap, IgnoredRow, RejectedRow, SourceRecord, Timing
from portal.domain.contacts.ports import Source, SourceOptions, Tenant
from portal.domain.contacts.service import Imports
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.service import Organizations
from portal.domain.shared.blobs import Blobs, Owner
from tests.fakes.clock import StandingClock
from tests.fakes.contacts import GAPS
from tests.fakes.ids import CountingIds

BAY = "bay"


class MadeUpSource:
    """A source of that name and those gaps; its files are never read."""

    def __init__(self, name: str, gaps: Mapping[Timing, Gap]) -> None:
        self.name = name
        self.title = name.title()
        self.gaps = gaps

    def check(self, file: BinaryIO) -> None:
        raise AssertionError("a made-up source has no files")

    def read(
        self, file: BinaryIO, options: SourceOptions
    ) -> Iterator[SourceRecord | RejectedRow | IgnoredRow]:
        raise AssertionError("a made-up source has no files")


MADE_UP: Mapping[str, Source] = {name: MadeUpSource(name, gaps) for name, gaps in GAPS.items()}


@dataclass(frozen=True)
class World:
    """One process's services, and the organisation `bay`."""

    folder: Path
    database: Database
    documents: SqliteDocuments
    contacts: SqliteContacts
    organizations: Organizations
    audit: Audit
    imports: Imports
    dashboards: Dashboards
    blobs: Blobs
    tenant: Tenant
    clock: StandingClock

    @property
    def owner(self) -> Owner:
        """The organisation as whose blobs there are."""
        return Owner(self.tenant.partition, self.tenant.keyring)

    def actor(self, role: Role = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE, **own: str) -> Actor:
        """Somebody of the organisation in that role; `own` are their keys as an agent."""
        return acting_as(role, "someone", "Some One", BAY, agent_keys=own)


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    sources: Mapping[str, Source] = MADE_UP,
    time_zone: str = "Europe/London",
    clock: StandingClock | None = None,
) -> AsyncIterator[World]:
    """The services over the folder's store, made when new; closed at the end."""
    clock = clock or StandingClock()
    data = folder / "data"
    database = Database(data / "switchroom.db", "uk")
    try:
        documents = SqliteDocuments(database, clock.now_ms)
        contacts = SqliteContacts(database, {name: one.gaps for name, one in sources.items()})
        audit = Audit(documents, clock)
        keyrings = LocalKeyrings(folder / "data.key")
        organizations = Organizations(documents, keyrings, audit, Region.UK)
        blobs = SealedBlobs(DirectoryBlobs(data / "blobs"))
        imports = Imports(
            organizations=organizations,
            documents=documents,
            contacts=contacts,
            sources=sources,
            blobs=blobs,
            audit=audit,
            clock=clock,
            ids=CountingIds(),
        )
        dashboards = Dashboards(
            organizations=organizations,
            documents=documents,
            contacts=contacts,
            sources=sources,
            audit=audit,
            clock=clock,
        )
        bay = Organization(BAY, "Bay Example", Region.UK, time_zone, "GB")
        tenancy = await organizations.ensure(bay)
        yield World(
            folder,
            database,
            documents,
            contacts,
            organizations,
            audit,
            imports,
            dashboards,
            blobs,
            Tenant(tenancy.partition, time_zone, tenancy.keyring),
            clock,
        )
    finally:
        database.close()
