"""The contacts behind a figure."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aiohttp import web

from portal.domain.contacts.model import Outcome
from portal.domain.dashboards import model
from portal.domain.shared.clock import instant
from portal.web.exchange import SERVICES, Handler, actor, query, respond
from portal.web.schemas import contacts as schemas


def contact(row: model.ContactRow, zone: str) -> schemas.ContactRow:
    """A contact as it is answered, in the organisation's time zone."""
    place = ZoneInfo(zone)
    return schemas.ContactRow(
        contact=row.id,
        record=row.record,
        source=row.source,
        channel=row.channel,
        direction=row.direction,
        outcome=row.outcome,
        queue=row.queue,
        agent=row.agent,
        customer=row.customer,
        started_at=instant(row.started_ms).astimezone(place),
        arrived_at=instant(row.arrived_ms).astimezone(place),
        ended_at=None if row.ended_ms is None else instant(row.ended_ms).astimezone(place),
        wait=_seconds(row.wait_ms),
        talk=_seconds(row.talk_ms),
        hold=_seconds(row.hold_ms),
        after_contact_work=_seconds(row.after_contact_work_ms),
        transferred=row.transferred,
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


async def contacts(request: web.Request) -> web.StreamResponse:
    """A page of contacts."""
    wanted, who = query(request, schemas.ContactQuery), actor(request)
    service = request.app[SERVICES].dashboards
    span, zone = await service.range(wanted.from_, wanted.to, actor=who)
    found = await service.contacts(
        model.Asked(
            span.from_ms,
            span.to_ms,
            tuple(wanted.queue),
            frozenset(wanted.channel),
            frozenset(wanted.direction),
        ),
        metric=wanted.metric,
        outcomes=frozenset(Outcome(one) for one in wanted.outcome),
        agent=wanted.agent,
        cursor=wanted.cursor,
        limit=wanted.limit,
        actor=who,
    )
    rows = [contact(row, zone) for row in found.rows]
    return respond(schemas.ContactPage(rows=rows, total=found.total, next=found.next))


HANDLERS: Mapping[str, Handler] = {"contacts": contacts}
