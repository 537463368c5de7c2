"""Inbound, outbound, recording: what is in force, what was, and deciding about it."""

from collections.abc import Mapping

from aiohttp import web

from portal.domain.access.model import Permission
from portal.domain.access.rules import may
from portal.domain.setup.acknowledgement import TEXT, TEXT_HASH
from portal.domain.setup.call_handling import (
    Acknowledgement,
    Consent,
    Decision,
    Switches,
    Wanted,
)
from portal.domain.setup.service import Step
from portal.domain.verification.model import Standing
from portal.web.api.access import zoned
from portal.web.api.setup import setting_up, when
from portal.web.exchange import SERVICES, Handler, actor, body, query, respond
from portal.web.schemas import setup as schemas


async def call_handling(request: web.Request) -> web.StreamResponse:
    """What is in force now or at an instant."""
    at = query(request, schemas.CallHandlingAt).at
    return await _view(request, round(at.timestamp() * 1000) if at else 0)


async def change_call_handling(request: web.Request) -> web.StreamResponse:
    """Another decision."""
    said = await body(request, schemas.CallHandlingChange)
    from_ms = round(said.effective_from.timestamp() * 1000) if said.effective_from else 0
    switches = Switches(said.inbound, said.outbound, said.recording)
    await setting_up(request).call_handling.decide(
        Wanted(switches, said.why, from_ms), version=said.version, actor=actor(request)
    )
    return await _view(request, 0)


async def acknowledge_recording(request: web.Request) -> web.StreamResponse:
    """The organisation's word."""
    said = await body(request, schemas.GiveAcknowledgement)
    await setting_up(request).call_handling.acknowledge(
        said.text_hash, Consent(said.consent_mode), actor=actor(request)
    )
    return await _view(request, 0)


async def retract_acknowledgement(request: web.Request) -> web.StreamResponse:
    """Takes the word back."""
    said = await body(request, schemas.Retraction)
    await setting_up(request).call_handling.retract(said.why, actor=actor(request))
    return await _view(request, 0)


async def _view(request: web.Request, at_ms: int) -> web.StreamResponse:
    services, who = setting_up(request), actor(request)
    history = await services.call_handling.history(actor=who)
    status = await services.verification.status(actor=who)
    moment = at_ms or request.app[SERVICES].clock.now_ms()
    standing = history.acknowledgement(moment)
    verified = status.contact.standing is Standing.VERIFIED
    missing = Step.PHONE if status.contact.mail.proven_at_ms else Step.MAIL
    return respond(
        schemas.CallHandlingView(
            at=zoned(request, moment),
            in_force=_decision(request, history.in_force(moment)),
            newest=_decision(request, history.newest),
            history=[_decision(request, one) for one in reversed(history.decisions)],
            acknowledgement=_given(request, standing) if standing else None,
            acknowledgements=[_given(request, one) for one in reversed(history.acknowledgements)],
            to_acknowledge=schemas.AcknowledgementText(text=TEXT, text_hash=TEXT_HASH),
            outbound_allowed=verified,
            next_step=None if verified else missing.value,
            may_change=may(who, Permission.SETUP_MANAGE),
        )
    )


def _decision(request: web.Request, of: Decision) -> schemas.CallHandling:
    return schemas.CallHandling(
        version=of.version,
        inbound=of.switches.inbound,
        outbound=of.switches.outbound,
        recording=of.switches.recording,
        effective_from=when(request, of.effective_from_ms),
        changed_at=when(request, of.changed_at_ms),
        changed_by=of.changed_by or None,
        why=of.why or None,
        cause=of.cause.value,
    )


def _given(request: web.Request, of: Acknowledgement) -> schemas.Acknowledgement:
    return schemas.Acknowledgement(
        id=of.id,
        text_hash=of.text_hash,
        consent_mode=of.consent_mode.value,
        person=of.person,
        given_at=zoned(request, of.given_at_ms),
        retracted_at=when(request, of.retracted_at_ms),
    )


HANDLERS: Mapping[str, Handler] = {
    "call_handling": call_handling,
    "change_call_handling": change_call_handling,
    "acknowledge_recording": acknowledge_recording,
    "retract_acknowledgement": retract_acknowledgement,
}
