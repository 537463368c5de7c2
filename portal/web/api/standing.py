"""How the organisation stands: seeing it, setting it, appealing, deciding."""

from collections.abc import Mapping

from aiohttp import web

from portal.domain.access.model import Permission
from portal.domain.access.rules import activities, may, may_unnarrowed
from portal.domain.organizations.standing import State
from portal.domain.standing.export import Part
from portal.domain.standing.model import Appeal, Change, Reason, Wanted
from portal.web.api.access import zoned
from portal.web.api.setup import setting_up, when
from portal.web.exchange import SERVICES, Handler, actor, body, respond
from portal.web.schemas import standing as schemas


async def standing(request: web.Request) -> web.StreamResponse:
    """How it stands."""
    return await _view(request)


async def set_standing(request: web.Request) -> web.StreamResponse:
    """Another standing."""
    said = await body(request, schemas.SetStanding)
    wanted = Wanted(State(said.state), Reason(said.reason), said.text)
    await setting_up(request).standings.set(wanted, version=said.version, actor=actor(request))
    return await _view(request)


async def appeal_standing(request: web.Request) -> web.StreamResponse:
    """A representative's appeal."""
    said = await body(request, schemas.MakeAppeal)
    await setting_up(request).standings.appeal(
        said.text, version=said.version, actor=actor(request)
    )
    return await _view(request)


async def decide_appeal(request: web.Request) -> web.StreamResponse:
    """The operator's answer."""
    said = await body(request, schemas.DecideAppeal)
    granted = State(said.state) if said.granted else None
    await setting_up(request).standings.decide(
        granted, said.text, version=said.version, actor=actor(request)
    )
    return await _view(request)


async def plan_erasure(request: web.Request) -> web.StreamResponse:
    """Stops the erasure or takes it up again."""
    said = await body(request, schemas.PlanErasure)
    await setting_up(request).standings.plan_erasure(
        said.text, stopped=said.stopped, version=said.version, actor=actor(request)
    )
    return await _view(request)


async def _taken(request: web.Request, part: Part) -> web.StreamResponse:
    """The part, written as it is read."""
    who = actor(request)
    pieces = await request.app[SERVICES].export.take(part, actor=who)
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/jsonl",
            "Content-Disposition": f'attachment; filename="{part}-{who.organization}.jsonl"',
            "Cache-Control": "no-store",
        }
    )
    await response.prepare(request)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response


async def export_contacts(request: web.Request) -> web.StreamResponse:
    """Every contact."""
    return await _taken(request, Part.CONTACTS)


async def export_audit(request: web.Request) -> web.StreamResponse:
    """The audit trail."""
    return await _taken(request, Part.AUDIT)


async def export_settings(request: web.Request) -> web.StreamResponse:
    """Settings and records."""
    return await _taken(request, Part.SETTINGS)


async def export_files(request: web.Request) -> web.StreamResponse:
    """The files of incidents, with their bytes."""
    return await _taken(request, Part.FILES)


async def _view(request: web.Request) -> web.StreamResponse:
    who = actor(request)
    seen = await setting_up(request).standings.seen(actor=who)
    one = seen.standing
    closed = one.state is State.ACTIVE or one.open_appeal != ""
    return respond(
        schemas.StandingView(
            version=one.version,
            state=one.state.value,
            reason=one.reason.value,
            text=one.text or None,
            since=when(request, one.at_ms),
            erase_at=when(request, one.erase_at_ms),
            erasure_stopped=one.is_stopped,
            open=[each.value for each in activities(who, one.state)],
            history=[_change(request, each) for each in seen.changes],
            appeals=[_appeal(request, each) for each in seen.appeals],
            may_appeal=may(who, Permission.STANDING_APPEAL) and not closed,
            may_set=may(who, Permission.STANDING_SET),
            may_export=may_unnarrowed(who, Permission.ORGANIZATION_EXPORT),
        )
    )


def _change(request: web.Request, of: Change) -> schemas.StandingChange:
    return schemas.StandingChange(
        version=of.version,
        act=of.act.value,
        state=of.state.value,
        reason=of.reason.value,
        text=of.text or None,
        by=of.by,
        at=zoned(request, of.at_ms),
    )


def _appeal(request: web.Request, of: Appeal) -> schemas.StandingAppeal:
    return schemas.StandingAppeal(
        id=of.id,
        against=of.against.value,
        text=of.text,
        by=of.by,
        at=zoned(request, of.at_ms),
        outcome=of.outcome.value,
        answer=of.answer or None,
        decided_at=when(request, of.decided_at_ms),
    )


HANDLERS: Mapping[str, Handler] = {
    "standing": standing,
    "set_standing": set_standing,
    "appeal_standing": appeal_standing,
    "decide_appeal": decide_appeal,
    "plan_erasure": plan_erasure,
    "export_contacts": export_contacts,
    "export_audit": export_audit,
    "export_settings": export_settings,
    "export_files": export_files,
}
