"""Grants and what comes of them: effective access, simulation, reviews, the matrix; break-glass."""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from aiohttp import web

from portal.domain.access import granting, reach, rules
from portal.domain.access.breaking import ListedGlass
from portal.domain.access.grants import Holder, HolderKind, Terms, Words
from portal.domain.access.looking import ListedGrant, Newcomer
from portal.domain.access.management import Management
from portal.domain.access.model import Permission, Scope
from portal.domain.contacts.model import Channel
from portal.domain.shared.errors import NotFound
from portal.web.api.access import zoned
from portal.web.exchange import SERVICES, Handler, actor, body, query, respond
from portal.web.schemas import access as schemas

PERMISSIONS = {one.value: title for one, title in rules.ACTIONS.items()}
COLUMNS = list(schemas.MatrixRow.model_fields)
FORMULAS = re.compile(r"^(?=[\t\r\n])|(^|[;\t\r\n])(?=[ ]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula would begin: in a cell, or in one that a separator of other lands makes of it."""
Wanted = granting.Change | tuple[Newcomer | Holder, Terms, Words]


async def grants(request: web.Request) -> web.StreamResponse:
    """The organisation's grants."""
    wanted = query(request, schemas.GrantFilter)
    revision, found = await _management(request).grants(
        actor=actor(request), person=wanted.person, role=wanted.role
    )
    listed = [grant(request, one) for one in found]
    return respond(schemas.GrantList(revision=revision, grants=listed))


async def create_grant(request: web.Request) -> web.StreamResponse:
    """Gives somebody a role."""
    said = await body(request, schemas.NewGrant)
    holder, terms, words = _given(said)
    id = await _management(request).grant(holder, terms, words, actor=actor(request))
    return await _one(request, id, status=201)


async def change_grant(request: web.Request) -> web.StreamResponse:
    """Other terms for a grant."""
    said, id = await body(request, schemas.ChangedGrant), request.match_info["id"]
    await _management(request).alter(
        id, _terms(said), Words(said.reason), version=said.version, actor=actor(request)
    )
    return await _one(request, id)


async def remove_grant(request: web.Request) -> web.StreamResponse:
    """Ends a grant."""
    seen, id = query(request, schemas.GrantVersion), request.match_info["id"]
    await _management(request).revoke(id, version=seen.version, actor=actor(request))
    revision, found = await _management(request).grants(actor=actor(request))
    listed = [grant(request, one) for one in found]
    return respond(schemas.GrantList(revision=revision, grants=listed))


def grant(request: web.Request, one: ListedGrant) -> schemas.Grant:
    """A grant as it is answered."""
    of, scope = one.grant, one.grant.terms.scope
    expires = of.terms.expires_at_ms
    return schemas.Grant(
        id=of.id,
        version=of.version,
        holder=schemas.AccessHolder(
            kind=of.holder.kind.value, id=of.holder.id, name=one.holder_name
        ),
        role=of.terms.role,
        role_title=one.role_title,
        blind=one.blind,
        scope=_scope(scope),
        expires_at=None if expires is None else zoned(request, expires),
        granted_at=zoned(request, of.granted_at_ms),
        granted_by=one.granted_by,
        reason=of.words.reason,
        confirmed_at=zoned(request, of.confirmed_at_ms),
        confirmed_by=one.confirmed_by,
        review_at=zoned(request, one.review_at_ms),
        lapses_at=zoned(request, one.lapses_at_ms),
        state=one.state.value,
        may_change=one.rights.why_not is None,
        may_remove=one.rights.may_remove,
        may_confirm=one.rights.may_confirm,
        why_not=one.rights.why_not,
    )


def _scope(scope: Scope) -> schemas.AccessScope:
    return schemas.AccessScope(
        boards=None if scope.boards is None else sorted(scope.boards),
        queues=None if scope.queues is None else sorted(scope.queues),
        channels=None if scope.channels is None else sorted(map(Channel, scope.channels)),
        details=None if scope.details is None else sorted(scope.details),
    )


def _terms(said: schemas.GrantTerms) -> Terms:
    scope = said.scope
    return Terms(
        said.role,
        Scope(
            None if scope.boards is None else frozenset(scope.boards),
            None if scope.queues is None else frozenset(scope.queues),
            None if scope.channels is None else frozenset(one.value for one in scope.channels),
            None if scope.details is None else frozenset(scope.details),
        ),
        None if said.expires_at is None else round(said.expires_at.timestamp() * 1000),
    )


def _given(said: schemas.NewGrant) -> tuple[Newcomer | Holder, Terms, Words]:
    who, words = said.holder, Words(said.reason, said.holder.name)
    if isinstance(who, schemas.GroupHolder):
        return Holder(HolderKind.GROUP, who.group), _terms(said), words
    newcomer = Newcomer(who.person or "", who.tenant_id or "", who.object_id or "", who.name)
    return newcomer, _terms(said), Words(said.reason)


async def _one(request: web.Request, id: str, *, status: int = 200) -> web.StreamResponse:
    _, found = await _management(request).grants(actor=actor(request))
    for one in found:
        if one.grant.id == id:
            return respond(grant(request, one), status=status)
    raise NotFound(granting.NO_GRANT)


# --- what comes of it ---------------------------------------------------------------------


async def effective_access(request: web.Request) -> web.StreamResponse:
    """What a person may do and see, and why."""
    wanted, names = query(request, schemas.EffectiveQuery), await _queues(request)
    found = await _management(request).effective(
        wanted.person, _universe(names), actor=actor(request)
    )
    return respond(
        schemas.EffectiveAccess(
            person=found.person_id,
            name=found.name,
            blind=found.blind,
            permissions=_reached(found.reach.permissions, PERMISSIONS),
            boards=_reached(found.reach.boards, {}),
            queues=_reached(found.reach.queues, names),
            channels=_reached(found.reach.channels, {}),
            details=_reached(found.reach.details, {}),
            grants=[grant(request, one) for one in found.grants],
        )
    )


async def simulate_access(request: web.Request) -> web.StreamResponse:
    """Who would gain or lose what."""
    said, names = await body(request, schemas.Simulate), await _queues(request)
    found = await _management(request).simulate(
        [_change(one) for one in said.changes], _universe(names), actor=actor(request)
    )
    return respond(
        schemas.Simulation(
            differences=[
                schemas.Difference(
                    kind=one.holder.kind.value,
                    id=one.holder.id,
                    name=one.name,
                    gains=_titles(one.gains, names),
                    loses=_titles(one.loses, names),
                )
                for one in found.differences
            ],
            refused=found.refused,
        )
    )


def _change(said: schemas.SimulatedChange) -> Wanted:
    if isinstance(said, schemas.AddedGrant):
        return _given(said)
    if isinstance(said, schemas.AlteredGrant):
        return granting.Alter(said.grant, _terms(said), Words(said.reason), said.version)
    if isinstance(said, schemas.RemovedGrant):
        return granting.Take(said.grant)
    return granting.Recast(said.role, frozenset(said.permissions))


async def _queues(request: web.Request) -> Mapping[str, str]:
    """The names of the queues that the caller sees, by id, in their order."""
    who = actor(request)
    if not rules.may(who, Permission.DASHBOARDS_VIEW):
        return {}
    choices = await request.app[SERVICES].dashboards.queue_choices(actor=who)
    return {one.id: one.name for one in choices}


def _universe(names: Mapping[str, str]) -> reach.Universe:
    return reach.Universe(list(names), [one.value for one in Channel])


def _reached(of: reach.Because, titles: Mapping[str, str]) -> list[schemas.Reached]:
    return [
        schemas.Reached(id=id, title=_title(id, titles), because=list(because))
        for id, because in of.items()
    ]


def _title(id: str, titles: Mapping[str, str]) -> str:
    return titles.get(id) or id.replace("_", " ")


def _titles(lists: reach.Lists, names: Mapping[str, str]) -> schemas.Change:
    titles: Mapping[str, str] = {**names, **PERMISSIONS}
    return schemas.Change(
        **{
            name: [_title(id, titles) for id in ids]
            for name, ids in zip(lists._fields, lists, strict=True)
        }
    )


# --- reviews ------------------------------------------------------------------------------


async def access_review(request: web.Request) -> web.StreamResponse:
    """What is to be confirmed."""
    return await _review(request)


async def confirm_grants(request: web.Request) -> web.StreamResponse:
    """Confirms grants."""
    said = await body(request, schemas.Confirmations)
    await _management(request).confirm(
        [(one.grant, one.version) for one in said.confirm], actor=actor(request)
    )
    return await _review(request)


async def _review(request: web.Request) -> web.StreamResponse:
    terms, due = await _management(request).due(actor=actor(request))
    return respond(
        schemas.Review(
            days=terms.days,
            grace_days=terms.grace_days,
            due=[grant(request, one) for one in due],
        )
    )


async def access_matrix(request: web.Request) -> web.StreamResponse:
    """The matrix as JSON."""
    services = request.app[SERVICES]
    revision, found = await services.management.matrix(actor=actor(request))
    return respond(
        schemas.Matrix(
            organization=actor(request).organization,
            at=zoned(request, services.clock.now_ms()),
            revision=revision,
            rows=[_row(request, one) for one in found],
        ),
        headers={"Content-Disposition": 'attachment; filename="access-matrix.json"'},
    )


async def access_matrix_csv(request: web.Request) -> web.StreamResponse:
    """The matrix as CSV, for spreadsheets."""
    _, found = await _management(request).matrix(actor=actor(request))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in found:
        row = _row(request, one).model_dump(mode="json")
        writer.writerow([cell(row[name]) for name in COLUMNS])
    return web.Response(
        body=text.getvalue().encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="access-matrix.csv"'},
    )


def _row(request: web.Request, one: ListedGrant) -> schemas.MatrixRow:
    told = grant(request, one)
    scope = told.scope
    return schemas.MatrixRow(
        holder_kind=told.holder.kind,
        holder=told.holder.id,
        name=told.holder.name,
        role=told.role_title,
        permissions=sorted(one.permissions),
        boards=scope.boards,
        queues=scope.queues,
        channels=scope.channels,
        details=scope.details,
        expires_at=told.expires_at,
        granted_by=told.granted_by,
        granted_at=told.granted_at,
        reason=told.reason,
        confirmed_by=told.confirmed_by,
        confirmed_at=told.confirmed_at,
        review_at=told.review_at,
        state=told.state,
    )


def cell(value: str | Sequence[str] | None) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else " ".join(value)
    return FORMULAS.sub(r"\1'", text)


# --- break-glass --------------------------------------------------------------------------


async def break_glass(request: web.Request) -> web.StreamResponse:
    """Requests to see identities."""
    return await _requests(request)


async def ask_break_glass(request: web.Request) -> web.StreamResponse:
    """Asks to see identities for a while."""
    said = await body(request, schemas.NewBreakGlass)
    await request.app[SERVICES].break_glass.ask(said.reason, said.minutes, actor=actor(request))
    return await _requests(request, status=201)


async def decide_break_glass(request: web.Request) -> web.StreamResponse:
    """Says yes or no to a request."""
    said, id = await body(request, schemas.Decision), request.match_info["id"]
    await request.app[SERVICES].break_glass.decide(
        id, approve=said.approve, version=said.version, actor=actor(request)
    )
    return await _requests(request)


async def end_break_glass(request: web.Request) -> web.StreamResponse:
    """Takes a request back, or ends what it lifted."""
    seen, id = query(request, schemas.GrantVersion), request.match_info["id"]
    await request.app[SERVICES].break_glass.end(id, version=seen.version, actor=actor(request))
    return await _requests(request)


async def _requests(request: web.Request, *, status: int = 200) -> web.StreamResponse:
    found = await request.app[SERVICES].break_glass.requests(actor=actor(request))
    listed = schemas.BreakGlassList(requests=[_glass(request, one) for one in found])
    return respond(listed, status=status)


def _glass(request: web.Request, one: ListedGlass) -> schemas.BreakGlass:
    of = one.request
    return schemas.BreakGlass(
        id=of.id,
        version=of.version,
        person=of.person_id,
        name=one.name,
        reason=of.reason,
        minutes=of.minutes,
        asked_at=zoned(request, of.asked_at_ms),
        state=one.stage.value,
        decided_by=one.decided_by or None,
        decided_at=zoned(request, of.decided_at_ms) if of.decided_at_ms else None,
        until=zoned(request, of.until_ms) if of.until_ms else None,
        may_decide=one.may_decide,
        may_end=one.may_end,
    )


def _management(request: web.Request) -> Management:
    return request.app[SERVICES].management


HANDLERS: Mapping[str, Handler] = {
    "grants": grants,
    "create_grant": create_grant,
    "change_grant": change_grant,
    "remove_grant": remove_grant,
    "effective_access": effective_access,
    "simulate_access": simulate_access,
    "access_review": access_review,
    "confirm_grants": confirm_grants,
    "access_matrix": access_matrix,
    "access_matrix_csv": access_matrix_csv,
    "break_glass": break_glass,
    "ask_break_glass": ask_break_glass,
    "decide_break_glass": decide_break_glass,
    "end_break_glass": end_break_glass,
}
