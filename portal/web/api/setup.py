"""Setting the organisation up: progress, proofs, tenant code."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from aiohttp import web

from portal.domain.access.model import Permission
from portal.domain.access.rules import may
from portal.domain.communications.model import Way
from portal.domain.setup.service import Progress
from portal.domain.setup.tenant_codes import TenantCode, masked
from portal.domain.shared.errors import InvalidInput, RateLimited
from portal.domain.verification import rules
from portal.domain.verification.model import Reach
from portal.domain.verification.service import Status
from portal.logs import event
from portal.setup_wiring import SettingUp
from portal.web.api.access import zoned
from portal.web.exchange import SERVICES, Handler, actor, body, respond
from portal.web.schemas import setup as schemas

LOGGER = logging.getLogger(__name__)


def setting_up(request: web.Request) -> SettingUp:
    """The services behind these handlers."""
    return request.app[SERVICES].setting_up


def when(request: web.Request, ms: int) -> datetime | None:
    """The instant in the organisation's time zone; None for 0."""
    return zoned(request, ms) if ms else None


async def setup(request: web.Request) -> web.StreamResponse:
    """How far the organisation is set up."""
    return await _setup(request)


async def save_setup(request: web.Request) -> web.StreamResponse:
    """Keeps a step."""
    said = await body(request, schemas.SetupChange)
    await setting_up(request).setup.save(
        name=said.name, time_zone=said.time_zone, version=said.version, actor=actor(request)
    )
    return await _setup(request)


async def send_mail_link(request: web.Request) -> web.StreamResponse:
    """Has a link sent."""
    said = await body(request, schemas.MailLink)
    await setting_up(request).verification.asking.send_link(said.mail, actor=actor(request))
    return await _verification(request)


async def confirm_mail(request: web.Request) -> web.StreamResponse:
    """Proves the mail address."""
    said = await body(request, schemas.LinkToken)
    answering = setting_up(request).verification.answering
    await answering.confirm_mail(said.token, actor=actor(request))
    return await _verification(request)


async def send_phone_code(request: web.Request) -> web.StreamResponse:
    """Has a code sent. When sending is stopped, the operator's log says so too."""
    said = await body(request, schemas.PhoneCode)
    if said.way not in _code_ways(request):
        raise InvalidInput("No calls are made here; have the code sent by SMS.", code="no-calls")
    try:
        await setting_up(request).verification.asking.send_code(
            said.phone, spoken=said.way == "voice", actor=actor(request)
        )
    except RateLimited as refused:
        if refused.code == "sending-stopped":
            organization = actor(request).organization
            event(LOGGER, logging.WARNING, "sms stopped", organization=organization)
        raise
    return await _verification(request)


async def confirm_phone(request: web.Request) -> web.StreamResponse:
    """Proves the phone."""
    said = await body(request, schemas.TypedCode)
    answering = setting_up(request).verification.answering
    await answering.confirm_phone(said.challenge, said.code, actor=actor(request))
    return await _verification(request)


async def enrol_authenticator(request: web.Request) -> web.StreamResponse:
    """A fresh secret for the caller's app."""
    made = await setting_up(request).verification.authenticator.enrol(actor=actor(request))
    return respond(
        schemas.AuthenticatorSecret(
            secret=made.secret, picture=made.picture, until=zoned(request, made.until_ms)
        ),
        status=201,
    )


async def prove_authenticator(request: web.Request) -> web.StreamResponse:
    """Proves the person with a code of their app."""
    said = await body(request, schemas.AuthenticatorCode)
    authenticator = setting_up(request).verification.authenticator
    await authenticator.prove(said.code, actor=actor(request))
    return await _verification(request)


async def remove_authenticator(request: web.Request) -> web.StreamResponse:
    """Forgets the caller's app."""
    await setting_up(request).verification.authenticator.remove(actor=actor(request))
    return await _verification(request)


async def attest(request: web.Request) -> web.StreamResponse:
    """Renews the word that the particulars are right."""
    await setting_up(request).verification.attest(actor=actor(request))
    return await _verification(request)


async def tenant_code(request: web.Request) -> web.StreamResponse:
    """The code, masked."""
    return _code(request, await setting_up(request).tenant_codes.get(actor=actor(request)))


async def reveal_tenant_code(request: web.Request) -> web.StreamResponse:
    """The code, whole."""
    return _code(request, await setting_up(request).tenant_codes.reveal(actor=actor(request)))


async def rotate_tenant_code(request: web.Request) -> web.StreamResponse:
    """A new code, whole."""
    return _code(request, await setting_up(request).tenant_codes.rotate(actor=actor(request)))


def _code(request: web.Request, code: TenantCode) -> web.Response:
    hidden = masked(code.code)
    return respond(
        schemas.TenantCode(
            masked=hidden,
            code=None if code.code == hidden else code.code,
            made_at=zoned(request, code.made_at_ms),
            former_until=when(request, code.former_until_ms),
            version=code.version,
        )
    )


async def _setup(request: web.Request) -> web.StreamResponse:
    progress = await setting_up(request).setup.progress(actor=actor(request))
    status = await setting_up(request).verification.status(actor=actor(request))
    has_app = await setting_up(request).verification.authenticator.is_set_up(actor=actor(request))
    return respond(_progress(request, progress, status, has_app))


def _progress(
    request: web.Request, of: Progress, status: Status, has_app: bool
) -> schemas.SetupStatus:
    one, next_step = of.organization, of.next_step
    return schemas.SetupStatus(
        organization=one.code,
        name=one.name,
        wanted_name=of.draft.wanted_name or None,
        region=one.region.value,
        country=one.country,
        time_zone=one.time_zone,
        time_zone_fixed=of.time_zone_fixed,
        version=of.draft.version,
        may_change=of.may_change,
        verification=_verified(request, status, has_app),
        steps=[
            schemas.StepState(
                step=step.value, done=waits is None, waits_for=waits.value if waits else None
            )
            for step, waits in of.steps.items()
        ],
        next_step=next_step.value if next_step else None,
        complete=next_step is None,
    )


def _code_ways(request: web.Request) -> list[Literal["sms", "voice"]]:
    """Calls are offered where somebody makes them; SMS wait for who sends them."""
    return ["sms", "voice"] if Way.VOICE in setting_up(request).carriers else ["sms"]


async def _verification(request: web.Request) -> web.StreamResponse:
    status = await setting_up(request).verification.status(actor=actor(request))
    has_app = await setting_up(request).verification.authenticator.is_set_up(actor=actor(request))
    return respond(_verified(request, status, has_app))


def _verified(request: web.Request, of: Status, has_app: bool) -> schemas.Verification:
    contact, whole = of.contact, may(actor(request), Permission.SETUP_MANAGE)
    due_ms, now_ms = of.attest_by_ms, request.app[SERVICES].clock.now_ms()

    def proof(reach: Reach, hidden: str, wait_until_ms: int) -> schemas.Proof:
        return schemas.Proof(
            value=(reach.value or None) if whole else None,
            masked=hidden or None,
            proven_at=when(request, reach.proven_at_ms),
            sent_at=when(request, reach.sent_at_ms),
            resend_after=when(request, wait_until_ms),
        )

    return schemas.Verification(
        standing=contact.standing.value,
        mail=proof(contact.mail, rules.masked_mail(contact.mail.value), of.mail_wait_until_ms),
        phone=proof(contact.phone, rules.masked_phone(contact.phone.value), of.phone_wait_until_ms),
        authenticator=schemas.AuthenticatorProof(
            is_set_up=has_app, proven_at=when(request, contact.authenticator.proven_at_ms)
        ),
        code_ways=_code_ways(request),
        locked_until=when(request, of.locked_until_ms),
        live_challenge=of.challenge or None,
        challenge_expires_at=when(request, of.challenge_until_ms),
        attest_by=when(request, due_ms),
        attestation_due=bool(due_ms) and now_ms >= due_ms - rules.REMIND_MS,
    )


HANDLERS: Mapping[str, Handler] = {
    "setup": setup,
    "save_setup": save_setup,
    "send_mail_link": send_mail_link,
    "confirm_mail": confirm_mail,
    "send_phone_code": send_phone_code,
    "confirm_phone": confirm_phone,
    "enrol_authenticator": enrol_authenticator,
    "prove_authenticator": prove_authenticator,
    "remove_authenticator": remove_authenticator,
    "attest": attest,
    "tenant_code": tenant_code,
    "reveal_tenant_code": reveal_tenant_code,
    "rotate_tenant_code": rotate_tenant_code,
}
