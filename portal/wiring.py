"""The services of one process, put together from its settings; adapters are chosen here only."""

import gc
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from portal.adapters.identity import local
from portal.adapters.sources import SOURCES
from portal.domain.access.ports import LocalSignIn, People
from portal.domain.access.service import Access
from portal.domain.alerts.activities import Activities
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.evaluation import Evaluation
from portal.domain.alerts.notices import Notices
from portal.domain.alerts.ports import Composer, Messenger
from portal.domain.alerts.sending import Sending
from portal.domain.alerts.service import Alerts
from portal.domain.audit.service import Audit
from portal.domain.contacts.service import Imports
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.refusals import Refusals
from portal.domain.organizations.service import Organizations
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.measures import Measures
from portal.measuring import measured
from portal.sample.people import AGENT_KEYS
from portal.settings import Settings
from portal.stores import Stores, open_stores
from portal.tracing import Tracer

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
    activities: Activities
    alerts: Alerts
    audit: Audit
    clock: Clock
    conversations: Conversations
    dashboards: Dashboards
    directory: Organizations
    documents: Documents
    evaluation: Evaluation
    imports: Imports
    notices: Notices
    organizations: Mapping[str, Organization]
    people: People
    refusals: Refusals
    local_sign_in: LocalSignIn | None
    stores: Stores
    measures: Measures = field(default_factory=Measures)
    tracer: Tracer | None = None

    def sending(self, messenger: Messenger, composer: Composer) -> Sending:
        """What sends the messages of alerts, through the front end that can."""
        return Sending(
            organizations=self.directory,
            documents=self.documents,
            notices=self.notices,
            conversations=self.conversations,
            people=self.people,
            messenger=messenger,
            composer=composer,
            clock=self.clock,
        )

    async def is_ready(self) -> bool:
        """Whether the store answers."""
        return await self.stores.ready.is_ready()

    async def close(self) -> None:
        """Finishes the transactions that began, then closes the stores."""
        await self.stores.close()


class _Base(NamedTuple):
    """What every service is made of."""

    settings: Settings
    stores: Stores
    audit: Audit
    directory: Organizations
    clock: Clock
    ids: RandomIds
    measures: Measures


async def build(settings: Settings) -> Services:
    """The services for these settings.

    Raises Unavailable when the store or the keys are not this process's to open.
    """
    gc.set_threshold(*COLLECTOR)
    clock = SystemClock()
    stores = await open_stores(settings, clock)
    measures = Measures()
    measures.charges = stores.charges
    try:
        audit = Audit(stores.documents, clock)
        region = Region(settings.region)
        directory = Organizations(stores.documents, stores.keyrings, audit, region)
        base = _Base(settings, stores, audit, directory, clock, RandomIds(), measures)
        if settings.is_development:
            for organization in local.organizations(region):
                await directory.ensure(organization)
        return _services(base, {one.code: one for one in await directory.all()})
    except BaseException:
        await stores.close()
        raise


def _services(base: _Base, organizations: Mapping[str, Organization]) -> Services:
    settings, stores, audit, directory, clock, _, measures = base
    documents = stores.documents
    people = local.LocalPeople(local.people(AGENT_KEYS) if settings.is_development else ())
    sign_in = local.LocalSignIn(people, clock) if settings.is_development else None
    dashboards = _dashboards(base)
    activities = Activities(directory, documents, audit, clock)
    conversations = Conversations(directory, documents, activities)
    return Services(
        access=Access(sign_in, people),
        activities=activities,
        alerts=_alerts(base, dashboards, conversations, activities),
        audit=audit,
        clock=clock,
        conversations=conversations,
        dashboards=dashboards,
        directory=directory,
        documents=documents,
        evaluation=_evaluation(base, dashboards, activities),
        imports=_imports(base),
        notices=Notices(directory, documents, dashboards),
        organizations=organizations,
        people=people,
        refusals=Refusals(directory, audit, clock),
        local_sign_in=sign_in,
        stores=stores,
        measures=measures,
    )


def _imports(base: _Base) -> Imports:
    return Imports(
        organizations=base.directory,
        documents=base.stores.documents,
        contacts=measured(base.stores.contacts, base.measures),
        sources=SOURCES,
        blobs=base.stores.blobs,
        audit=base.audit,
        clock=base.clock,
        ids=base.ids,
    )


def _dashboards(base: _Base) -> Dashboards:
    return Dashboards(
        organizations=base.directory,
        documents=base.stores.documents,
        contacts=base.stores.contacts,
        sources=SOURCES,
        audit=base.audit,
        clock=base.clock,
    )


def _alerts(
    base: _Base, dashboards: Dashboards, conversations: Conversations, activities: Activities
) -> Alerts:
    return Alerts(
        organizations=base.directory,
        documents=base.stores.documents,
        dashboards=dashboards,
        conversations=conversations,
        activities=activities,
        clock=base.clock,
        ids=base.ids,
    )


def _evaluation(base: _Base, dashboards: Dashboards, activities: Activities) -> Evaluation:
    return Evaluation(
        organizations=base.directory,
        documents=base.stores.documents,
        dashboards=dashboards,
        activities=activities,
        clock=base.clock,
    )
