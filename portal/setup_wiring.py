"""Set-up, verification and communications of one process; part of portal/wiring.py."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from portal.adapters.authenticators.totp import TotpApps
from portal.adapters.messaging.azure import SCOPE, Resource
from portal.adapters.messaging.azure_mail import AzureMailCarrier
from portal.adapters.messaging.console import ConsoleCarrier, Mailbox, ShownCarrier
from portal.adapters.messaging.email import SmtpCarrier, SmtpServer
from portal.adapters.messaging.numbers import PlannedNumbers
from portal.adapters.messaging.sms import AzureSmsCarrier
from portal.adapters.messaging.voice import AzureVoiceCarrier
from portal.adapters.secrets import credential
from portal.domain.access.directory import Directory
from portal.domain.access.shelf import Shelf
from portal.domain.audit.service import Audit
from portal.domain.communications.model import Way
from portal.domain.communications.ports import Carrier
from portal.domain.communications.sending import Sending
from portal.domain.communications.service import Communications
from portal.domain.disclosures.service import Disclosures
from portal.domain.organizations.service import Organizations
from portal.domain.policies.service import Policies
from portal.domain.policies.texts import CATALOGUE
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.setup.call_handling import CallHandling
from portal.domain.setup.service import Setup
from portal.domain.setup.tenant_codes import TenantCodes
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Documents
from portal.domain.standing import service as standing
from portal.domain.standing.rules import DAY_MS
from portal.domain.standing.service import Standings
from portal.domain.verification.desk import Desk
from portal.domain.verification.held import HeldData
from portal.domain.verification.limits import Limits
from portal.domain.verification.proofs import Proofs
from portal.domain.verification.renewal import Renewal
from portal.domain.verification.service import Verification
from portal.settings import Settings


@dataclass(frozen=True)
class Ground:
    """What all of them stand on."""

    organizations: Organizations
    documents: Documents
    audit: Audit
    shelf: Shelf
    people: Directory
    seal: SignInSeal
    clock: Clock
    ids: Ids


@dataclass(frozen=True)
class SettingUp:
    """The services. `carriers` are those of this process, `mailbox` is development's."""

    setup: Setup
    tenant_codes: TenantCodes
    call_handling: CallHandling
    verification: Verification
    renewal: Renewal
    communications: Communications
    held_data: HeldData
    policies: Policies
    disclosures: Disclosures
    standings: Standings
    carriers: Mapping[Way, Carrier]
    mailbox: Mailbox | None
    ground: Ground
    base_url: str
    support: str

    def messages(self, teams: Carrier | None) -> Sending:
        """What sends messages; those for Teams through the front end that can."""
        carriers, ground = dict(self.carriers), self.ground
        if teams is not None:
            shown = self.mailbox and ShownCarrier(self.mailbox, Way.TEAMS, teams)
            carriers[Way.TEAMS] = shown or teams
        return Sending(
            ground.organizations,
            ground.documents,
            carriers,
            ground.clock,
            self.base_url,
            Proofs(ground.documents, ground.audit),
            ground.people,
        )


def build(
    settings: Settings,
    ground: Ground,
    has_contacts: Callable[[str], Awaitable[bool]],
    alarmed: Callable[[], None],
) -> SettingUp:
    """The services for these settings; `alarmed` counts suspicions that codes are pumped."""
    organizations, documents, audit = ground.organizations, ground.documents, ground.audit
    proofs, proof_s = Proofs(documents, audit), settings.step_up_minutes * 60.0
    call_handling = CallHandling(
        organizations=organizations,
        documents=documents,
        audit=audit,
        proofs=proofs,
        clock=ground.clock,
    )
    desk = Desk(
        organizations=organizations,
        documents=documents,
        audit=audit,
        proofs=proofs,
        limits=Limits(organizations, documents, ground.seal),
        numbers=PlannedNumbers(),
        apps=TotpApps(),
        dependents=(call_handling,),
        clock=ground.clock,
        ids=ground.ids,
        proof_s=proof_s,
        countries=settings.sms_countries,
        support_mail=settings.support_mail,
        alarmed=alarmed,
    )
    mailbox = Mailbox(ground.clock) if settings.is_development else None
    return SettingUp(
        setup=Setup(
            organizations=organizations,
            documents=documents,
            audit=audit,
            proofs=proofs,
            call_handling=call_handling,
            has_contacts=has_contacts,
            clock=ground.clock,
        ),
        tenant_codes=TenantCodes(
            organizations, documents, audit, ground.clock, ground.ids, proof_s
        ),
        call_handling=call_handling,
        verification=Verification(desk),
        renewal=Renewal(desk),
        communications=Communications(organizations, documents, audit),
        held_data=HeldData(organizations, documents, proofs),
        policies=Policies(
            catalogue=CATALOGUE,
            organizations=organizations,
            documents=documents,
            audit=audit,
            proofs=proofs,
            clock=ground.clock,
            ids=ground.ids,
            support_mail=settings.support_mail,
        ),
        disclosures=Disclosures(organizations, documents, audit, ground.clock, ground.ids),
        standings=Standings(
            standing.Ground(
                organizations=organizations,
                documents=documents,
                audit=audit,
                shelf=ground.shelf,
                proofs=proofs,
                call_handling=call_handling,
                clock=ground.clock,
                window_ms=settings.export_days * DAY_MS,
                support_mail=settings.support_mail,
                proof_s=proof_s,
            )
        ),
        support=settings.support_mail,
        carriers=carriers(settings, ground.clock, mailbox),
        mailbox=mailbox,
        ground=ground,
        base_url=settings.public_url or f"http://localhost:{settings.port}",
    )


def carriers(settings: Settings, clock: Clock, mailbox: Mailbox | None) -> Mapping[Way, Carrier]:
    """Who carries mail, SMS and calls: the server and services of the settings, else development's
    own mailbox, else nobody."""
    found: dict[Way, Carrier] = {}
    if mailbox is not None:
        found = {way: ConsoleCarrier(mailbox, way) for way in Way}
    if settings.mail_host:
        found[Way.MAIL] = SmtpCarrier(
            SmtpServer(
                settings.mail_host,
                settings.mail_port,
                settings.mail_from,
                settings.mail_user,
                settings.mail_password_file,
            )
        )
    elif settings.mail_endpoint:
        resource = Resource(settings.mail_endpoint, settings.mail_key_file, communication_token)
        found[Way.MAIL] = AzureMailCarrier(resource, settings.mail_from, clock)
    if settings.sms_endpoint:
        resource = Resource(settings.sms_endpoint, settings.sms_key_file, communication_token)
        found[Way.SMS] = AzureSmsCarrier(resource, settings.sms_from, clock)
    if settings.voice_endpoint:
        resource = Resource(settings.voice_endpoint, settings.voice_key_file, communication_token)
        found[Way.VOICE] = AzureVoiceCarrier(
            resource,
            settings.voice_from,
            settings.voice_speech,
            f"{settings.public_url}/api/calls",
            clock,
        )
    return found


async def communication_token() -> str:
    """A token of the process's identity for Azure Communication Services. Unavailable."""
    async with credential.chain() as identity:
        return (await identity.get_token(SCOPE)).token
