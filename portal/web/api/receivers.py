"""Systems outside that hear of incidents: which, how they are told, and what went to them."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from portal.domain.incidents.integrations import Wanted
from portal.domain.incidents.receivers import (
    MOST_RECEIVERS,
    Content,
    Format,
    Forward,
    Receiver,
    Stage,
    Way,
    delivery_id,
)
from portal.web.api.access import zoned
from portal.web.exchange import SERVICES, Handler, actor, body, query, respond
from portal.web.schemas import receivers as schemas
from portal.wiring import Services


async def incident_receivers(request: web.Request) -> web.StreamResponse:
    """Every system."""
    return await _all(request)


async def add_incident_receiver(request: web.Request) -> web.StreamResponse:
    """Another system."""
    wanted = _wanted(await body(request, schemas.ReceiverBody))
    made = await _services(request).integrations.add(wanted, actor=actor(request))
    return respond(_receiver(request, made, shown=True), status=201)


async def change_incident_receiver(request: web.Request) -> web.StreamResponse:
    """Told otherwise."""
    id, version = _seen(request)
    wanted = _wanted(await body(request, schemas.ReceiverBody))
    made = await _services(request).integrations.change(
        id, wanted, actor=actor(request), version=version
    )
    return respond(_receiver(request, made))


async def remove_incident_receiver(request: web.Request) -> web.StreamResponse:
    """Told nothing more."""
    id, version = _seen(request)
    await _services(request).integrations.remove(id, actor=actor(request), version=version)
    return await _all(request)


async def rotate_incident_receiver(request: web.Request) -> web.StreamResponse:
    """A new secret."""
    id, version = _seen(request)
    made = await _services(request).integrations.rotate(id, actor=actor(request), version=version)
    return respond(_receiver(request, made, shown=True))


async def end_incident_receiver_secret(request: web.Request) -> web.StreamResponse:
    """The secret before ends."""
    id, version = _seen(request)
    made = await _services(request).integrations.end_former(
        id, actor=actor(request), version=version
    )
    return respond(_receiver(request, made))


async def try_incident_receiver(request: web.Request) -> web.StreamResponse:
    """A trial."""
    id = request.match_info["id"]
    await _services(request).integrations.try_out(id, actor=actor(request))
    return await _log(request, None, "")


async def incident_forwards(request: web.Request) -> web.StreamResponse:
    """The log."""
    asked = query(request, schemas.ForwardQuery)
    return await _log(request, Stage(asked.stage) if asked.stage else None, asked.cursor)


async def send_incident_forwards_again(request: web.Request) -> web.StreamResponse:
    """What was given up waits again."""
    id = request.match_info["id"]
    count = await _services(request).integrations.send_again(id, actor=actor(request))
    return respond(schemas.SentAgain(count=count))


# --- shapes -------------------------------------------------------------------------------


async def _all(request: web.Request) -> web.StreamResponse:
    found = await _services(request).integrations.all(actor=actor(request))
    shown = [_receiver(request, one) for one in found]
    return respond(schemas.IncidentReceivers(receivers=shown, most=MOST_RECEIVERS))


async def _log(request: web.Request, stage: Stage | None, cursor: str) -> web.StreamResponse:
    services, who = _services(request), actor(request)
    rows, after = await services.integrations.log(
        request.match_info["id"], actor=who, stage=stage, after=cursor
    )
    partition = (await services.directory.get(who.organization)).partition
    forwards = [_forward(request, one, partition) for one in rows]
    return respond(schemas.IncidentForwards(forwards=forwards, next=after or None))


def _forward(request: web.Request, one: Forward, partition: str) -> schemas.IncidentForward:
    waits = one.stage is Stage.WAITING
    return schemas.IncidentForward(
        id=one.id,
        delivery=delivery_id(partition, one.id),
        incident=one.incident or None,
        reference=f"SR-{int(one.incident):06d}" if one.incident else None,
        entry=one.entry,
        stage=one.stage.value,
        attempts=one.attempts,
        trouble=one.trouble,
        created_at=zoned(request, one.created_at_ms),
        due_at=zoned(request, one.due_at_ms) if waits else None,
        ended_at=_at(request, one.ended_at_ms),
    )


def _receiver(
    request: web.Request, one: Receiver, *, shown: bool = False
) -> schemas.IncidentReceiver:
    live = request.app[SERVICES].clock.now_ms() < one.former_until_ms
    signs = one.way is Way.WEBHOOK
    return schemas.IncidentReceiver(
        id=one.id,
        version=one.version,
        name=one.name,
        way=one.way.value,
        target=_host(one.target) if signs else one.target,
        format=one.format.value,
        content=one.content.value,
        standing=one.standing.value,
        created_at=zoned(request, one.created_at_ms),
        changed_at=zoned(request, one.changed_at_ms),
        former_until=zoned(request, one.former_until_ms) if live else None,
        secret=one.secret if shown and signs else None,
    )


def _host(url: str) -> str:
    parts = urlsplit(url)
    more = "/…" if parts.query or parts.path not in {"", "/"} else "/"
    return f"https://{parts.netloc}{more}"


def _wanted(said: schemas.ReceiverBody) -> Wanted:
    return Wanted(
        said.name,
        Way(said.way),
        said.target.strip(),
        Format(said.format),
        Content(said.content),
        said.on,
    )


def _seen(request: web.Request) -> tuple[str, int]:
    return request.match_info["id"], query(request, schemas.ReceiverVersion).version


def _at(request: web.Request, ms: int) -> datetime | None:
    return zoned(request, ms) if ms else None


def _services(request: web.Request) -> Services:
    return request.app[SERVICES]


HANDLERS: Mapping[str, Handler] = {
    "incident_receivers": incident_receivers,
    "add_incident_receiver": add_incident_receiver,
    "change_incident_receiver": change_incident_receiver,
    "remove_incident_receiver": remove_incident_receiver,
    "rotate_incident_receiver": rotate_incident_receiver,
    "end_incident_receiver_secret": end_incident_receiver_secret,
    "try_incident_receiver": try_incident_receiver,
    "incident_forwards": incident_forwards,
    "send_incident_forwards_again": send_incident_forwards_again,
}
