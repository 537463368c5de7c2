"""Looks at every rule and, when one fires, writes its messages in the batch of its new standing.

Two workers may look at the same rule: the standing's version lets one of them win. Figures come
from the same service as the dashboards; a figure that cannot be derived, or whose newest contact
is too old to say anything of the present, changes nothing.
"""

from typing import NamedTuple

from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.alerts import documents as stored
from portal.domain.alerts import rules
from portal.domain.alerts.activities import Activities
from portal.domain.alerts.documents import DELIVERY, RULE, STANDING, SUBSCRIPTION
from portal.domain.alerts.model import (
    Daily,
    Delivery,
    Figure,
    Rule,
    Stage,
    Standing,
    Threshold,
)
from portal.domain.alerts.service import MOST_RULES, MOST_SUBSCRIPTIONS
from portal.domain.audit.model import Action, Event
from portal.domain.dashboards.model import Asked, MetricName
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.shared.clock import Clock
from portal.domain.shared.days import day_of, day_start_ms
from portal.domain.shared.documents import Create, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound

KEPT_MS = 7 * 24 * 3600 * 1000


def watcher(organization: str) -> Actor:
    """Who looks at the figures on behalf of the organisation: sees totals, no identities."""
    return acting_as(Role.OPERATOR, "system", "Switchroom", organization)


class Looked(NamedTuple):
    """How many rules fired, and what went wrong with others."""

    fired: int
    failures: tuple[Exception, ...] = ()


class Evaluation:
    """One look at every rule of every organisation."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        dashboards: Dashboards,
        activities: Activities,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._dashboards = dashboards
        self._activities = activities
        self._clock = clock

    async def look(self) -> Looked:
        """Looks once; what goes wrong with one rule keeps no other from being looked at. What is
        suspended is not looked at."""
        fired, failures = 0, list[Exception]()
        for organization in await self._organizations.serving(Activity.TELL):
            tenancy = await self._organizations.get(organization.code)
            page = await self._documents.query(tenancy.partition, RULE, limit=MOST_RULES)
            for document in page.documents:
                try:
                    fired += await self._look_at(tenancy, document.id)
                except Exception as error:  # noqa: BLE001 - told to whoever looks
                    failures.append(error)
        return Looked(fired, tuple(failures))

    async def _look_at(self, tenancy: Tenancy, id: str) -> bool:
        # The rule behind its standing: a change writes both, so that an old rule never fires.
        known = await self._documents.get(tenancy.partition, STANDING, id)
        document = await self._documents.get(tenancy.partition, RULE, id)
        if document is None:
            return False
        rule = stored.rule(id, document.body)
        standing = Standing(**known.body) if known else Standing()
        zone, now_ms = tenancy.organization.time_zone, self._clock.now_ms()
        if isinstance(rule.trigger, Daily):
            figure = self._day(rule.trigger, zone)
            after, fires = rules.after_daily(rule.trigger, standing, now_ms=now_ms, time_zone=zone)
        else:
            seen = await self._figure(tenancy, rule, rule.trigger)
            figure = seen or Figure(None, now_ms, now_ms, 0)
            after, fires = rules.after_threshold(
                rule.trigger, standing, beyond=self._beyond(rule.trigger, seen, zone), now_ms=now_ms
            )
        if after == standing:
            return False
        return await self._write(tenancy, rule, known, after, figure if fires else None)

    def _beyond(self, rule: Threshold, seen: Figure | None, zone: str) -> bool | None:
        """None: not known. A closed centre is not beyond its limits."""
        if not rules.is_open(rule.hours, self._clock.now_ms(), zone):
            return False
        if seen is None or seen.value is None:
            return None
        return rules.is_beyond(rule, seen.value)

    async def _figure(self, tenancy: Tenancy, rule: Rule, watched: Threshold) -> Figure | None:
        """The figure over the window that ends with the newest contact; None when that is old."""
        actor, now_ms = watcher(tenancy.organization.code), self._clock.now_ms()
        fresh = await self._dashboards.freshness(actor=actor)
        if fresh.as_of_ms is None or now_ms - fresh.as_of_ms > rules.STALE_MS:
            return None
        end = min(now_ms, fresh.as_of_ms + 1)
        start = end - watched.window_minutes * 60_000
        queues = (rule.queue,) if rule.queue else ()
        try:
            found = await self._dashboards.summary(Asked(start, end, queues), actor=actor)
        except NotFound:
            return None
        value = found.metrics[MetricName(watched.metric.value)].value
        return Figure(value, start, end, fresh.as_of_ms)

    def _day(self, rule: Daily, zone: str) -> Figure:
        now_ms = self._clock.now_ms()
        today = day_of(now_ms, zone)
        if rule.yesterday:
            return Figure(None, day_start_ms(today - 1, zone), day_start_ms(today, zone), now_ms)
        return Figure(None, day_start_ms(today, zone), now_ms, now_ms)

    async def _write(
        self,
        tenancy: Tenancy,
        rule: Rule,
        known: Document | None,
        after: Standing,
        figure: Figure | None,
    ) -> bool:
        """Writes the standing and, with a figure, the messages it causes; whether they were."""
        body = after._asdict()
        writes: list[Write] = [
            Replace(STANDING, rule.id, body, known.etag)
            if known
            else Create(STANDING, rule.id, body)
        ]
        events = []
        if figure is not None:
            writes += await self._deliveries(tenancy, rule, after.episode, figure)
            facts = {"episode": after.episode, "messages": len(writes) - 1}
            events.append(Event(Action.ALERT_FIRED, "system", rule.id, facts))
        try:
            await self._activities.commit(tenancy.partition, writes, events=events)
        except (Conflict, NotFound):
            return False  # another worker was first, or the rule was removed
        return figure is not None

    async def _deliveries(
        self, tenancy: Tenancy, rule: Rule, episode: int, figure: Figure
    ) -> list[Write]:
        page = await self._documents.query(
            tenancy.partition, SUBSCRIPTION, where={"rule": rule.id}, limit=MOST_SUBSCRIPTIONS
        )
        now_ms = self._clock.now_ms()
        made = [
            Delivery(
                rules.delivery_id(rule.id, episode, one.id),
                rule.id,
                one.id,
                str(one.body["conversation"]),
                str(one.body["language"]),
                Stage.WAITING,
                figure,
                now_ms,
                now_ms,
            )
            for one in page.documents
        ]
        return [
            Create(DELIVERY, one.id, stored.delivery_body(one), now_ms + KEPT_MS) for one in made
        ]
