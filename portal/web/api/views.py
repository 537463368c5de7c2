"""Saved views over HTTP: listed, kept, changed, removed."""

from collections.abc import Mapping

from aiohttp import web

from portal.domain.views import model
from portal.domain.views.service import ListedView, Views
from portal.web.api.access import zoned
from portal.web.exchange import SERVICES, Handler, actor, body, query, respond
from portal.web.schemas import views as schemas


async def views(request: web.Request) -> web.StreamResponse:
    """Every view that the caller has."""
    return await _all(request)


async def save_view(request: web.Request) -> web.StreamResponse:
    """A new view."""
    said = await body(request, schemas.NewView)
    id = await _service(request).save(_wanted(said), actor=actor(request))
    return await _one(request, id, status=201)


async def change_view(request: web.Request) -> web.StreamResponse:
    """Another content for an own view."""
    said, id = await body(request, schemas.ChangedView), request.match_info["id"]
    await _service(request).change(id, _wanted(said), version=said.version, actor=actor(request))
    return await _one(request, id)


async def remove_view(request: web.Request) -> web.StreamResponse:
    """Ends a view."""
    seen, id = query(request, schemas.ViewVersion), request.match_info["id"]
    await _service(request).remove(id, version=seen.version, actor=actor(request))
    return await _all(request)


def _wanted(said: schemas.NewView) -> model.Wanted:
    filters = said.filters
    return model.Wanted(
        said.title,
        said.board,
        model.Filters(
            filters.range,
            tuple(filters.queues),
            tuple(filters.channels),
            tuple(filters.directions),
            filters.definition,
            filters.threshold,
        ),
        tuple(said.kpis),
        tuple(model.Tile(one.kind, one.width, one.metric) for one in said.layout),
        said.shared_with or "",
    )


def _shown(request: web.Request, one: ListedView) -> schemas.SavedView:
    view, wanted = one.view, one.view.wanted
    filters = wanted.filters
    return schemas.SavedView(
        id=view.id,
        version=view.version,
        title=wanted.title,
        own=one.own,
        may_remove=one.may_remove,
        board=wanted.board,
        filters=schemas.ViewFilters(
            range=filters.range,
            queues=list(filters.queues),
            channels=list(filters.channels),
            directions=list(filters.directions),
            definition=filters.definition,
            threshold=filters.threshold_s,
        ),
        kpis=list(wanted.kpis),
        layout=[
            schemas.ViewTile(kind=tile.kind, width=tile.width, metric=tile.metric)
            for tile in wanted.layout
        ],
        shared_with=wanted.role or None,
        shared_with_title=one.role_title or None,
        changed_at=zoned(request, view.changed_at_ms),
    )


async def _all(request: web.Request) -> web.StreamResponse:
    found = await _service(request).all(actor=actor(request))
    return respond(schemas.ViewList(views=[_shown(request, one) for one in found]))


async def _one(request: web.Request, id: str, *, status: int = 200) -> web.StreamResponse:
    found = await _service(request).get(id, actor=actor(request))
    return respond(_shown(request, found), status=status)


def _service(request: web.Request) -> Views:
    return request.app[SERVICES].views


HANDLERS: Mapping[str, Handler] = {
    "views": views,
    "save_view": save_view,
    "change_view": change_view,
    "remove_view": remove_view,
}
