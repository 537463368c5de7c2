"""Alerts: the rules of the organisation and what the caller hears of them in their own chat."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from portal.domain.access.model import Actor
from portal.domain.alerts import model
from portal.domain.alerts.service import NO_RULE, Alerts
from portal.domain.shared.clock import instant
from portal.domain.shared.errors import NotFound
from portal.web.exchange import SERVICES, Handler, actor, body, query, respond
from portal.web.schemas import alerts as schemas
from portal.wiring import Services


def trigger(said: schemas.ThresholdTrigger | schemas.DailyTrigger) -> model.Trigger:
    """What was sent, in the domain's words."""
    if isinstance(said, schemas.DailyTrigger):
        return model.Daily(minute(said.at), tuple(said.days), said.yesterday)
    hours = None
    if said.hours is not None:
        opening, closing = minute(said.hours.from_), minute(said.hours.to)
        hours = model.Hours(tuple(said.hours.days), opening, closing)
    return model.Threshold(
        model.AlertMetric(said.metric),
        model.Comparison(said.comparison),
        said.limit,
        said.window_minutes,
        said.cool_down_minutes,
        hours,
    )


def told(of: model.Trigger) -> schemas.ThresholdTrigger | schemas.DailyTrigger:
    """A trigger as it is answered."""
    if isinstance(of, model.Daily):
        days = list(of.days)
        return schemas.DailyTrigger(
            kind="daily", at=clock(of.at_minute), days=days, yesterday=of.yesterday
        )
    hours = None
    if of.hours is not None:
        opening, closing = clock(of.hours.from_minute), clock(of.hours.to_minute)
        hours = schemas.AlertHours(days=list(of.hours.days), from_=opening, to=closing)
    return schemas.ThresholdTrigger(
        kind="threshold",
        metric=of.metric.value,
        comparison=of.comparison.value,
        limit=of.limit,
        window_minutes=of.window_minutes,
        cool_down_minutes=of.cool_down_minutes,
        hours=hours,
    )


def minute(text: str) -> int:
    """The minute of the day of hh:mm."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def clock(minute: int) -> str:
    """hh:mm of the minute of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def alert(listed: model.Listed, zone: str) -> schemas.Alert:
    """A rule as it is answered, times in that zone."""
    standing = listed.standing
    own = listed.own
    quiet = own.snoozed_until_ms if own else 0
    return schemas.Alert(
        id=listed.rule.id,
        version=listed.rule.version,
        queue=listed.rule.queue,
        queue_name=listed.queue_name or None,
        trigger=told(listed.rule.trigger),
        beyond_since=_at(standing.changed_at_ms, zone) if standing.breached else None,
        fired_at=_at(standing.fired_at_ms, zone),
        places=len(listed.subscriptions),
        own=None if own is None else schemas.AlertSubscription(quiet_until=_at(quiet, zone)),
    )


async def alerts(request: web.Request) -> web.StreamResponse:
    """The organisation's alerts."""
    return await _all(request.app[SERVICES], actor(request))


async def create_alert(request: web.Request) -> web.StreamResponse:
    """A new rule, heard of by nobody yet."""
    said, who, services = await body(request, schemas.NewAlert), actor(request), _services(request)
    rule = await services.alerts.create(said.queue, trigger(said.trigger), actor=who)
    return await _one(services, rule.id, who, status=201)


async def change_alert(request: web.Request) -> web.StreamResponse:
    """A rule over the version that the caller saw."""
    seen, who, services = query(request, schemas.AlertVersion), actor(request), _services(request)
    said, id = await body(request, schemas.NewAlert), request.match_info["id"]
    await services.alerts.change(
        id, said.queue, trigger(said.trigger), version=seen.version, actor=who
    )
    return await _one(services, id, who)


async def remove_alert(request: web.Request) -> web.StreamResponse:
    """Ends a rule for everybody."""
    seen, who, services = query(request, schemas.AlertVersion), actor(request), _services(request)
    id = request.match_info["id"]
    await services.alerts.remove(id, version=seen.version, actor=who)
    return await _all(services, who)


async def subscribe_alert(request: web.Request) -> web.StreamResponse:
    """The caller's own subscription, in their chat with the bot."""
    who, services = actor(request), _services(request)
    said = await body(request, schemas.OwnSubscription)
    id = request.match_info["id"]
    await _subscribe(services.alerts, id, said, who)
    return await _one(services, id, who)


async def _subscribe(service: Alerts, id: str, said: schemas.OwnSubscription, who: Actor) -> None:
    own = (await service.get(id, actor=who)).own
    if not said.subscribed:
        if own is not None:
            await service.unsubscribe(own.id, actor=who)
        return
    if own is None:
        own = await service.subscribe(id, None, language=said.language, actor=who)
    if said.quiet_minutes or own.snoozed_until_ms:
        await service.snooze(own.id, said.quiet_minutes, actor=who)


async def _all(services: Services, who: Actor) -> web.StreamResponse:
    zone = (await services.directory.get(who.organization)).organization.time_zone
    found = await services.alerts.all(actor=who)
    return respond(schemas.AlertList(alerts=[alert(one, zone) for one in found]))


async def _one(services: Services, id: str, who: Actor, *, status: int = 200) -> web.StreamResponse:
    zone = (await services.directory.get(who.organization)).organization.time_zone
    for one in await services.alerts.all(actor=who):
        if one.rule.id == id:
            return respond(alert(one, zone), status=status)
    raise NotFound(NO_RULE)


def _services(request: web.Request) -> Services:
    return request.app[SERVICES]


def _at(ms: int, zone: str) -> datetime | None:
    return instant(ms).astimezone(ZoneInfo(zone)) if ms else None


HANDLERS: Mapping[str, Handler] = {
    "alerts": alerts,
    "create_alert": create_alert,
    "change_alert": change_alert,
    "remove_alert": remove_alert,
    "subscribe_alert": subscribe_alert,
}
