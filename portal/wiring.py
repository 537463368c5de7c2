"""The services of one process, put together from its settings; adapters are chosen here only."""

import gc
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from portal import VERSION, setup_wiring
from portal.adapters.identity import local
from portal.adapters.identity.either import EitherVerifier
from portal.adapters.messaging.webhook import HttpsHook
from portal.adapters.phones import PhoneNumbers
from portal.adapters.sources import SOURCES
from portal.domain.access.breaking import Breaking
from portal.domain.access.directory import Directory
from portal.domain.access.grants import ReviewTerms
from portal.domain.access.keys import KeyRotation
from portal.domain.access.management import Management
from portal.domain.access.onboarding import Onboarding
from portal.domain.access.ports import LocalSignIn, Newcomers, People, Verifier
from portal.domain.access.refusals import Refusals
from portal.domain.access.service import Access
from portal.domain.access.shelf import Shelf
from portal.domain.alerts.activities import Activities
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.evaluation import Evaluation
from portal.domain.alerts.notices import Notices
from portal.domain.alerts.own_chats import OwnChats
from portal.domain.alerts.ports import Composer, Messenger
from portal.domain.alerts.sending import Sending
from portal.domain.alerts.service import Alerts
from portal.domain.audit.service import Audit
from portal.domain.break_glass.ports import Composer as GlassComposer
from portal.domain.break_glass.service import Telling
from portal.domain.communications.chats import Chats
from portal.domain.communications.letters import IncidentLetters, SystemMails
from portal.domain.communications.model import Way
from portal.domain.communications.ports import Composer as MessageComposer
from portal.domain.contacts.service import Imports
from portal.domain.dashboards.service import Dashboards
from portal.domain.incidents.allowance import Allowance
from portal.domain.incidents.casebook import Casebook
from portal.domain.incidents.copies import Copies
from portal.domain.incidents.drafts import Drafts
from portal.domain.incidents.escalation import Escalation
from portal.domain.incidents.evidence import Evidence
from portal.domain.incidents.forwarding import Forwarding, Outlets
from portal.domain.incidents.handling import Handling
from portal.domain.incidents.integrations import Integrations
from portal.domain.incidents.sending import IncidentSending, Teams
from portal.domain.incidents.service import Incidents
from portal.domain.incidents.standby import Standby
from portal.domain.informing.book import Book as NoticeBook
from portal.domain.informing.reminding import Reminding
from portal.domain.informing.service import Informing
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import State
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.sessions.service import Sessions
from portal.domain.sessions.signing_in import SigningIn, step_up_claims
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import Conflict
from portal.domain.standing.erasure import Erasures, Places
from portal.domain.standing.export import Export, Sources
from portal.domain.standing.service import Standings
from portal.domain.verification.proofs import Proofs
from portal.domain.views.service import Views
from portal.entra_wiring import Entra
from portal.entra_wiring import build as build_entra
from portal.logs import event
from portal.measures import Measures
from portal.measuring import measured
from portal.sample.people import AGENT_KEYS
from portal.settings import Settings
from portal.stores import Stores, open_stores
from portal.tracing import Tracer

LOGGER = logging.getLogger(__name__)
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
    drafts: Drafts
    entra: Entra | None
    erasures: Erasures
    escalation: Escalation
    evaluation: Evaluation
    evidence: Evidence
    export: Export
    handling: Handling
    imports: Imports
    incident_book: Casebook
    incident_copies: Copies
    incidents: Incidents
    integrations: Integrations
    outlets: Outlets
    informing: Informing
    key_rotation: KeyRotation
    local_sign_in: LocalSignIn | None
    management: Management
    members: Directory
    newcomers: Newcomers
    notices: Notices
    onboarding: Onboarding
    people: People
    refusals: Refusals
    reminding: Reminding
    sessions: Sessions
    setting_up: setup_wiring.SettingUp
    shelf: Shelf
    signing_in: SigningIn | None
    step_up_claims: str
    stores: Stores
    views: Views
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

    def break_glass_telling(self, messenger: Messenger, composer: GlassComposer) -> Telling:
        """What tells representatives of partners who ask to see identities."""
        return Telling(
            organizations=self.directory,
            documents=self.documents,
            shelf=self.shelf,
            conversations=self.conversations,
            people=self.people,
            messenger=messenger,
            composer=composer,
            clock=self.clock,
        )

    def incident_sending(self, teams: Teams | None) -> IncidentSending:
        """What tells people what became of incidents; where no chat reaches them and mail can be
        sent, by mail."""
        letters = IncidentLetters(self.directory, self.documents, self.members, self.clock)
        return IncidentSending(
            organizations=self.directory,
            documents=self.documents,
            book=self.incident_book,
            conversations=self.conversations,
            people=self.people,
            teams=teams,
            letters=letters if Way.MAIL in self.setting_up.carriers else None,
            standby=Standby(self.shelf, self.people),
            clock=self.clock,
        )

    def forwarding(self) -> Forwarding:
        """What tells systems outside of incidents."""
        return Forwarding(
            organizations=self.directory,
            documents=self.documents,
            book=self.incident_book,
            audit=self.audit,
            outlets=self.outlets,
            clock=self.clock,
        )

    def chats(self, messenger: Messenger, composer: MessageComposer) -> Chats:
        """What carries messages into people's own chats with the bot."""
        own = OwnChats(self.directory, self.conversations, messenger)
        return Chats(self.people, self.conversations, own, composer)

    async def is_ready(self) -> bool:
        """Whether the store answers."""
        return await self.stores.ready.is_ready()

    async def close(self) -> None:
        """Finishes the transactions that began, then closes the stores."""
        try:
            await self.refusals.settle()
        except Exception as error:  # noqa: BLE001 - the stores are closed whatever they answer
            event(LOGGER, logging.ERROR, "refusals not audited", error=error)
        if self.entra is not None:
            await self.entra.close()
        self.outlets.hook.close()
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


class _Who(NamedTuple):
    """What knows people: their grants, their tokens, their sessions."""

    shelf: Shelf
    people: Directory
    refusals: Refusals
    onboarding: Onboarding
    local: local.LocalSignIn | None
    entra: Entra | None
    access: Access
    sessions: Sessions
    seal: SignInSeal


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
        locals_ = local.LocalPeople(local.people(AGENT_KEYS) if settings.is_development else ())
        who = _who(base, locals_)
        of_development = await _of_development(settings, directory)
        if settings.is_development:
            for organization in of_development:
                members = locals_.members(organization.code)
                await who.onboarding.let_in(organization.code, members)
        services = _services(base, who)
        if settings.is_development:
            for organization in of_development:
                known = [one.person_id for one in locals_.members(organization.code)]
                await services.setting_up.policies.let_in(organization.code, known)
        return services
    except BaseException:
        await stores.close()
        raise


async def _of_development(settings: Settings, directory: Organizations) -> tuple[Organization, ...]:
    """Development's organisations, made where they are missing; those that were erased, or are
    being erased, aside."""
    there = []
    for organization in local.organizations(directory.region) if settings.is_development else ():
        with suppress(Conflict):
            await directory.ensure(organization)
            if await directory.state(organization.code) is not State.ERASING:
                there.append(organization)
    return tuple(there)


def _who(base: _Base, locals_: local.LocalPeople) -> _Who:
    settings, stores, audit, directory, clock, ids, _ = base
    documents = stores.documents
    shelf = Shelf(directory, documents, audit, clock, ReviewTerms(settings.review_days))
    people = Directory(directory, documents, shelf, clock, locals_.person_of)
    refusals = Refusals(directory, documents, audit, clock)
    onboarding = Onboarding(
        organizations=directory,
        documents=documents,
        shelf=shelf,
        directory=people,
        refusals=refusals,
        audit=audit,
        clock=clock,
        ids=ids,
    )
    sign_in = local.LocalSignIn(locals_, clock) if settings.is_development else None
    seal = SignInSeal(directory, documents, stores.keyrings)
    entra = build_entra(settings, clock, directory, documents, seal)
    access = Access(_verifier(sign_in, entra), people)
    proof_ms = settings.step_up_minutes * 60_000
    sessions = Sessions(directory, documents, audit, access, clock, proof_ms=proof_ms)
    return _Who(shelf, people, refusals, onboarding, sign_in, entra, access, sessions, seal)


def _services(base: _Base, who: _Who) -> Services:
    settings, stores, audit, directory, clock, ids, measures = base
    documents = stores.documents
    notice_book = NoticeBook(documents, who.people)
    informing = Informing(directory, notice_book, audit, clock)
    dashboards = _dashboards(base, informing)
    activities = Activities(directory, documents, audit, clock)
    conversations = Conversations(directory, documents, activities)
    book = Casebook(directory, documents, activities, clock)
    evidence = _evidence(base, book)
    proof_s = settings.step_up_minutes * 60.0
    hook = HttpsHook(clock, f"Switchroom/{VERSION}", loopback=settings.is_development)
    setting_up = _setting_up(base, who)
    standby = Standby(who.shelf, who.people)
    carrier = setting_up.carriers.get(Way.MAIL)
    mailer = SystemMails(carrier) if carrier else None
    return Services(
        access=who.access,
        activities=activities,
        alerts=_alerts(base, dashboards, conversations, activities),
        audit=audit,
        break_glass=Breaking(
            shelf=who.shelf, directory=who.people, clock=clock, ids=ids, proof_s=proof_s
        ),
        clock=clock,
        conversations=conversations,
        dashboards=dashboards,
        directory=directory,
        documents=documents,
        drafts=Drafts(book, PhoneNumbers(), documents, clock),
        entra=who.entra,
        erasures=_erasures(base, setting_up.standings),
        escalation=Escalation(directory, book, standby),
        evidence=evidence,
        evaluation=_evaluation(base, dashboards, activities),
        export=_export(base, who, book, setting_up),
        handling=Handling(
            book=book,
            people=who.people,
            standby=standby,
            audit=audit,
            evidence=evidence,
            proof_s=proof_s,
        ),
        imports=_imports(base),
        incident_book=book,
        incident_copies=Copies(directory, documents),
        incidents=Incidents(book, PhoneNumbers(), evidence, Allowance(documents, clock), standby),
        integrations=_integrations(base, hook),
        outlets=Outlets(hook, mailer, setting_up.base_url, VERSION),
        informing=informing,
        key_rotation=KeyRotation(directory, who.seal),
        local_sign_in=who.local,
        management=_management(base, who),
        members=who.people,
        newcomers=who.people,
        notices=Notices(directory, documents, dashboards),
        onboarding=who.onboarding,
        people=who.people,
        refusals=who.refusals,
        reminding=Reminding(directory, documents, notice_book, clock),
        sessions=who.sessions,
        setting_up=setting_up,
        shelf=who.shelf,
        signing_in=_signing_in(base, who),
        step_up_claims=step_up_claims(settings.step_up_context) if who.entra else "",
        stores=stores,
        views=_views(base, who, dashboards),
        measures=measures,
    )


def _integrations(base: _Base, hook: HttpsHook) -> Integrations:
    return Integrations(
        organizations=base.directory,
        documents=base.stores.documents,
        audit=base.audit,
        hook=hook,
        clock=base.clock,
        ids=base.ids,
        proof_s=base.settings.step_up_minutes * 60.0,
    )


def _setting_up(base: _Base, who: _Who) -> setup_wiring.SettingUp:
    contacts = base.stores.contacts

    async def has_contacts(partition: str) -> bool:
        return (await contacts.standing(partition)).revision > 0

    ground = setup_wiring.Ground(
        base.directory,
        base.stores.documents,
        base.audit,
        who.shelf,
        who.people,
        who.seal,
        base.clock,
        base.ids,
    )
    return setup_wiring.build(base.settings, ground, has_contacts, base.measures.pumping.add)


def _export(base: _Base, who: _Who, book: Casebook, setting_up: setup_wiring.SettingUp) -> Export:
    return Export(
        Sources(
            organizations=base.directory,
            documents=base.stores.documents,
            contacts=base.stores.contacts,
            blobs=base.stores.blobs,
            audit=base.audit,
            shelf=who.shelf,
            proofs=Proofs(base.stores.documents, base.audit),
            call_handling=setting_up.call_handling,
            incidents=book,
            disclosures=setting_up.disclosures,
            clock=base.clock,
            proof_s=base.settings.step_up_minutes * 60.0,
        )
    )


def _erasures(base: _Base, standings: Standings) -> Erasures:
    places = Places(
        organizations=base.directory,
        documents=base.stores.documents,
        contacts=base.stores.contacts,
        blobs=base.stores.blobs,
        keyrings=base.stores.keyrings,
        audit=base.audit,
        clock=base.clock,
    )
    return Erasures(places, standings)


def _management(base: _Base, who: _Who) -> Management:
    return Management(
        organizations=base.directory,
        documents=base.stores.documents,
        shelf=who.shelf,
        directory=who.people,
        audit=base.audit,
        clock=base.clock,
        ids=base.ids,
        proof_s=base.settings.step_up_minutes * 60.0,
    )


def _signing_in(base: _Base, who: _Who) -> SigningIn | None:
    if who.entra is None:
        return None
    return SigningIn(
        provider=who.entra.app,
        organizations=base.directory,
        documents=base.stores.documents,
        sessions=who.sessions,
        access=who.access,
        seal=who.seal,
        clock=base.clock,
        context=base.settings.step_up_context,
    )


def _views(base: _Base, who: _Who, dashboards: Dashboards) -> Views:
    return Views(
        organizations=base.directory,
        documents=base.stores.documents,
        dashboards=dashboards,
        shelf=who.shelf,
        audit=base.audit,
        clock=base.clock,
        ids=base.ids,
    )


def _verifier(sign_in: local.LocalSignIn | None, entra: Entra | None) -> Verifier | None:
    """Who vouches for tokens: Entra ID, local people in development, both, or nobody."""
    if sign_in is None or entra is None:
        return entra.verifier if entra else sign_in
    return EitherVerifier(sign_in, local.ALGORITHM, entra.verifier)


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


def _evidence(base: _Base, book: Casebook) -> Evidence:
    return Evidence(
        organizations=base.directory,
        book=book,
        documents=base.stores.documents,
        blobs=base.stores.blobs,
        audit=base.audit,
        clock=base.clock,
        ids=base.ids,
    )


def _dashboards(base: _Base, gate: Informing) -> Dashboards:
    return Dashboards(
        organizations=base.directory,
        documents=base.stores.documents,
        contacts=base.stores.contacts,
        sources=SOURCES,
        audit=base.audit,
        clock=base.clock,
        gate=gate,
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
