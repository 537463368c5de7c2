"""The services of one process, put together from its settings; adapters are chosen here only."""

import gc
import secrets
import time
from dataclasses import dataclass

from portal import setup_wiring
from portal.adapters.blobs.local import LocalUploads
from portal.adapters.identity import local
from portal.adapters.identity.either import EitherVerifier
from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.sources import SOURCES
from portal.adapters.storage.sqlite import Database, SqliteContacts, SqliteDocuments
from portal.domain.access.breaking import Breaking
from portal.domain.access.directory import Directory
from portal.domain.access.grants import ReviewTerms
from portal.domain.access.management import Management
from portal.domain.access.onboarding import Onboarding
from portal.domain.access.ports import LocalSignIn, People, Verifier
from portal.domain.access.refusals import Refusals
from portal.domain.access.service import Access
from portal.domain.access.shelf import Shelf
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
from portal.domain.organizations.model import Region
from portal.domain.organizations.service import Organizations
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.sessions.service import Sessions
from portal.domain.sessions.signing_in import SigningIn, step_up_claims
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.domain.views.service import Views
from portal.entra_wiring import Entra
from portal.entra_wiring import build as build_entra
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
    """Everything the front ends may call. `local_sign_in` exists in development only, `signing_in`
    where an app is registered in Entra ID; `step_up_claims` is what a step-up asks it for."""

    access: Access
    activities: Activities
    alerts: Alerts
    audit: Audit
    break_glass: Breaking
    clock: Clock
    conversations: Conversations
    dashboards: Dashboards
    directory: Organizations
    documents: Documents
    evaluation: Evaluation
    imports: Imports
    management: Management
    notices: Notices
    onboarding: Onboarding
    people: People
    refusals: Refusals
    local_sign_in: LocalSignIn | None
    sessions: Sessions
    setting_up: setup_wiring.SettingUp
    signing_in: SigningIn | None
    step_up_claims: str
    entra: Entra | None
    views: Views
    database: Database

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
        return await self.database.read(lambda c: bool(c.execute("SELECT 1").fetchone()))

    async def close(self) -> None:
        """Finishes the transactions that began, then closes the stores."""
        if self.entra is not None:
            await self.entra.close()
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
    shelf = Shelf(directory, documents, audit, clock, ReviewTerms(settings.review_days))
    locals_ = local.LocalPeople(local.people(AGENT_KEYS) if settings.is_development else ())
    sign_in = local.LocalSignIn(locals_, clock) if settings.is_development else None
    people = Directory(directory, documents, shelf, clock, locals_.person_of)
    onboarding = Onboarding(
        organizations=directory,
        documents=documents,
        shelf=shelf,
        directory=people,
        audit=audit,
        clock=clock,
        ids=ids,
    )
    if settings.is_development:
        for organization in local.organizations(Region(settings.region)):
            await onboarding.let_in(organization.code, locals_.members(organization.code))
    proof_s = settings.step_up_minutes * 60.0
    seal = SignInSeal(directory, documents, keyrings)
    entra = build_entra(settings, clock, directory, documents, seal)
    access = Access(_verifier(sign_in, entra), people)
    sessions = Sessions(
        directory, documents, audit, access, clock, proof_ms=settings.step_up_minutes * 60_000
    )
    dashboards = Dashboards(
        organizations=directory,
        documents=documents,
        contacts=contacts,
        sources=SOURCES,
        audit=audit,
        clock=clock,
    )
    activities = Activities(directory, documents, audit, clock)
    conversations = Conversations(directory, documents, activities)
    setting_up = setup_wiring.build(
        settings,
        setup_wiring.Ground(directory, documents, audit, seal, clock, ids),
        lambda partition: contacts.standing(partition).revision > 0,
    )
    if settings.is_development:
        for organization in local.organizations(Region(settings.region)):
            ids_of_people = [one.person_id for one in locals_.members(organization.code)]
            await setting_up.policies.let_in(organization.code, ids_of_people)
    return Services(
        access=access,
        activities=activities,
        alerts=Alerts(
            organizations=directory,
            documents=documents,
            dashboards=dashboards,
            conversations=conversations,
            activities=activities,
            clock=clock,
            ids=ids,
        ),
        audit=audit,
        break_glass=Breaking(shelf=shelf, directory=people, clock=clock, ids=ids, proof_s=proof_s),
        clock=clock,
        conversations=conversations,
        dashboards=dashboards,
        directory=directory,
        documents=documents,
        evaluation=Evaluation(
            organizations=directory,
            documents=documents,
            dashboards=dashboards,
            activities=activities,
            clock=clock,
        ),
        imports=imports,
        management=Management(
            organizations=directory,
            documents=documents,
            shelf=shelf,
            directory=people,
            audit=audit,
            clock=clock,
            ids=ids,
            proof_s=proof_s,
        ),
        notices=Notices(directory, documents, dashboards),
        onboarding=onboarding,
        people=people,
        refusals=Refusals(directory, audit, clock),
        local_sign_in=sign_in,
        sessions=sessions,
        setting_up=setting_up,
        signing_in=SigningIn(
            provider=entra.app,
            organizations=directory,
            documents=documents,
            sessions=sessions,
            access=access,
            seal=seal,
            clock=clock,
            context=settings.step_up_context,
        )
        if entra
        else None,
        step_up_claims=step_up_claims(settings.step_up_context) if entra else "",
        entra=entra,
        views=Views(
            organizations=directory,
            documents=documents,
            dashboards=dashboards,
            shelf=shelf,
            audit=audit,
            clock=clock,
            ids=ids,
        ),
        database=database,
    )


def _verifier(sign_in: local.LocalSignIn | None, entra: Entra | None) -> Verifier | None:
    """Who vouches for tokens: Entra ID, local people in development, both, or nobody."""
    if sign_in is None or entra is None:
        return entra.verifier if entra else sign_in
    return EitherVerifier(sign_in, local.ALGORITHM, entra.verifier)
