"""Imports over HTTP: the file is the body, kept sealed before it is acknowledged."""

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from portal.domain.contacts.imports import ENDED, Import, State, Wanted
from portal.domain.shared.clock import instant
from portal.domain.shared.errors import InvalidInput
from portal.web.exchange import SERVICES, SETTINGS, Handler, actor, query, respond
from portal.web.schemas import imports as schemas

PATIENCE_SECONDS = 5.0
CHUNK = 256 * 1024
NO_FILE = "The body is empty; send the file as the body of the request."


def status(one: Import) -> schemas.ImportStatus:
    """An import as it is answered."""
    report = one.report
    return schemas.ImportStatus(
        id=one.id,
        source=one.source,
        file=one.file,
        state=schemas.ImportState(one.state),
        progress=one.progress,
        created_at=instant(one.created_ms),
        finished_at=None if one.finished_ms is None else instant(one.finished_ms),
        error=one.error,
        accepted=report.accepted,
        corrected=report.corrected,
        unchanged=report.unchanged,
        ignored=report.ignored,
        rejected=report.rejected,
        rejections=[
            schemas.Rejection(file=one.file, line=row.line, reason=row.reason)
            for row in report.rejections
        ],
    )


def listed(text: str | None) -> tuple[str, ...]:
    """The parts of a comma-separated parameter."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


async def start_import(request: web.Request) -> web.StreamResponse:
    """Keeps the body and begins to read it: 200 when it is read within a few seconds, 422 when
    nothing can be taken from it, else 202 with the address to follow."""
    wanted, who = query(request, schemas.ImportQuery), actor(request)
    services = request.app[SERVICES]
    accepted = await services.imports.upload(
        Wanted(
            wanted.source,
            wanted.file_name or "upload",
            listed(wanted.queue_extensions),
            listed(wanted.columns),
        ),
        _pieces(request),
        most_bytes=request.app[SETTINGS].import_max_bytes,
        actor=who,
    )
    reached = await services.imports.ended(accepted.id, PATIENCE_SECONDS, actor=who)
    location = {"Location": f"/api/imports/{accepted.id}"}
    if reached.state is State.FAILED:
        raise InvalidInput(reached.error or "", code="unusable-file", fields={"import": reached.id})
    done = reached.state in ENDED
    return respond(status(reached), status=200 if done else 202, headers=location)


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    """The body piece by piece. Raises InvalidInput at the end of one that had none."""
    empty = True
    async for piece in request.content.iter_chunked(CHUNK):
        empty = False
        yield piece
    if empty:
        raise InvalidInput(NO_FILE, code="empty-body")


async def imports(request: web.Request) -> web.StreamResponse:
    """The organisation's imports."""
    found = await request.app[SERVICES].imports.list(actor=actor(request))
    return respond(schemas.ImportList(imports=[status(one) for one in found]))


async def import_status(request: web.Request) -> web.StreamResponse:
    """One import."""
    id = request.match_info["id"]
    found = await request.app[SERVICES].imports.get(id, actor=actor(request))
    return respond(status(found))


HANDLERS: Mapping[str, Handler] = {
    "start_import": start_import,
    "imports": imports,
    "import_status": import_status,
}
