"""What waits to be reported, one's own draft and files; and files as evidence. A file is the body
of its request; its name is in a header, because addresses are written down in many places. It goes
out to be saved and never to be shown."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote, unquote

from aiohttp import web

from portal.domain.incidents.drafts import KeptDraft
from portal.domain.incidents.model import Draft, EvidenceFile, Report, Source
from portal.domain.shared.blobs import BlobReader
from portal.domain.shared.errors import InvalidInput
from portal.web.api.incidents import (
    file_shown,
    milliseconds,
    zone_of,
    zoned,
    zoned_or_none,
)
from portal.web.exchange import SERVICES, Handler, actor, body, respond
from portal.web.schemas import incidents as schemas

NAME_HEADER = "X-Switchroom-File-Name"
LONGEST_HEADER = 2000
CHUNK = 256 * 1024
NEVER_SHOWN = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Download-Options": "noopen",
}
"""Whatever a browser takes the bytes for, it opens them in no page of this service."""


async def incident_draft(request: web.Request) -> web.StreamResponse:
    """The caller's draft and files."""
    return await _standing(request)


async def keep_incident_draft(request: web.Request) -> web.StreamResponse:
    """The caller's draft as it stands."""
    services, who = request.app[SERVICES], actor(request)
    said = await body(request, schemas.IncidentDraft)
    draft = Draft(
        Report(said.what, said.affected, said.evidence),
        said.kind,
        said.category,
        said.severity,
        said.impact,
        milliseconds(said.happened_at),
        Source.TAB,
    )
    kept = await services.drafts.keep(draft, actor=who, keep=said.keep)
    return respond(_draft(kept, await zone_of(services, who)))


async def discard_incident_draft(request: web.Request) -> web.StreamResponse:
    """Removes it."""
    await request.app[SERVICES].drafts.discard(actor=actor(request))
    return await _standing(request)


async def _standing(request: web.Request) -> web.StreamResponse:
    """What waits of the caller's."""
    services, who = request.app[SERVICES], actor(request)
    zone, known = await zone_of(services, who), await services.drafts.get(actor=who)
    found = await services.evidence.waiting(actor=who)
    return respond(
        schemas.IncidentDraftStanding(
            draft=_draft(known, zone) if known else None,
            files=[file_shown(one, zone) for one in found],
        )
    )


def _draft(kept: KeptDraft, zone: str) -> schemas.IncidentDraftKept:
    draft = kept.draft
    return schemas.IncidentDraftKept(
        kind=draft.kind,
        category=draft.category,
        severity=draft.severity,
        impact=draft.impact,
        **draft.report._asdict(),
        happened_at=zoned_or_none(draft.happened_at_ms, zone),
        source=draft.source,
        changed_at=zoned(kept.changed_at_ms, zone),
        masked=kept.masked,
    )


async def keep_incident_file(request: web.Request) -> web.StreamResponse:
    """Keeps the body for what it will be sent with."""
    services, who = request.app[SERVICES], actor(request)
    name, media = _named(request), request.content_type
    made = await services.evidence.upload(name, media, _pieces(request), actor=who)
    return respond(file_shown(made, await zone_of(services, who)), status=201)


async def incident_files(request: web.Request) -> web.StreamResponse:
    """The caller's own that wait."""
    services, who = request.app[SERVICES], actor(request)
    zone, found = await zone_of(services, who), await services.evidence.waiting(actor=who)
    return respond(schemas.IncidentFiles(files=[file_shown(one, zone) for one in found]))


async def discard_incident_file(request: web.Request) -> web.StreamResponse:
    """Removes one that waits."""
    evidence, id = request.app[SERVICES].evidence, request.match_info["id"]
    await evidence.discard(id, actor=actor(request))
    return await _standing(request)


async def own_incident_file(request: web.Request) -> web.StreamResponse:
    """One of an own report."""
    id, evidence = request.match_info["id"], request.app[SERVICES].evidence
    return await _sent(request, *await evidence.read_own(id, actor=actor(request)))


async def incident_file(request: web.Request) -> web.StreamResponse:
    """One of any incident."""
    id, evidence = request.match_info["id"], request.app[SERVICES].evidence
    return await _sent(request, *await evidence.read(id, actor=actor(request)))


def _named(request: web.Request) -> str:
    given = request.headers.get(NAME_HEADER, "")
    if not given or len(given) > LONGEST_HEADER:
        raise InvalidInput(
            f"Name the file in the header {NAME_HEADER}, percent-encoded.",
            fields={NAME_HEADER: "the file's name as percent-encoded UTF-8"},
            code="file-name",
        )
    try:
        return unquote(given, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidInput("The file's name is not UTF-8.", code="file-name") from error


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_chunked(CHUNK):
        yield piece


async def _sent(request: web.Request, file: EvidenceFile, reader: BlobReader) -> web.StreamResponse:
    """The file as bytes to be saved: under a plain name of ours for old clients, its own name for
    others (RFC 6266, RFC 8187)."""
    own = quote(file.name, safe="")
    shown = f"attachment; filename=\"evidence-{file.id[:8]}.{file.sort}\"; filename*=UTF-8''{own}"
    headers = {**NEVER_SHOWN, "Content-Disposition": shown}
    response = web.StreamResponse(headers=headers)
    response.content_type = "application/octet-stream"
    response.content_length = reader.size
    try:
        await response.prepare(request)
        async for piece in reader.stream():
            await response.write(piece)
        await response.write_eof()
    finally:
        await reader.close()
    return response


HANDLERS: Mapping[str, Handler] = {
    "incident_draft": incident_draft,
    "keep_incident_draft": keep_incident_draft,
    "discard_incident_draft": discard_incident_draft,
    "keep_incident_file": keep_incident_file,
    "incident_files": incident_files,
    "discard_incident_file": discard_incident_file,
    "own_incident_file": own_incident_file,
    "incident_file": incident_file,
}
