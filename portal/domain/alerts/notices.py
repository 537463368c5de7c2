"""What a message is drawn from, as of now: when it is sent and when somebody acts on it later."""

from contextlib import suppress

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import reaches, require
from portal.domain.alerts import documents as stored
from portal.domain.alerts.documents import DELIVERY, RULE, SUBSCRIPTION
from portal.domain.alerts.evaluation import watcher
from portal.domain.alerts.model import Daily, Delivery, Notice, Stage
from portal.domain.dashboards.model import Asked, Summary
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.documents import Documents, Replace
from portal.domain.shared.errors import Conflict, NotFound


class Notices:
    """Reads messages of alerts."""

    def __init__(
        self, organizations: Organizations, documents: Documents, dashboards: Dashboards
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._dashboards = dashboards

    async def get(self, delivery: str, *, actor: Actor) -> Notice:
        """A message that was made. Forbidden, NotFound when it is forgotten."""
        require(actor, Permission.ALERTS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, DELIVERY, delivery)
        if known is None:
            raise NotFound("This message is too old.")
        notice = await self.of(tenancy, stored.delivery(known.id, known.body))
        queue = notice.rule.queue if notice.rule else ""
        if actor.is_blind or not reaches(actor, Permission.DASHBOARDS_VIEW, queue):
            raise NotFound("This message is too old.")
        return notice

    async def learn(self, delivery: Delivery, activity: str, *, actor: Actor) -> None:
        """Keeps which message of Teams it is, where sending did not tell or its process ended
        before the mark: what somebody sees was sent, and is not sent again. Forbidden."""
        require(actor, Permission.ALERTS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, DELIVERY, delivery.id)
        if known is None:
            return
        one = stored.delivery(known.id, known.body)
        if one.stage is Stage.DROPPED or one.activity or not one.attempts:
            return
        seen = one._replace(stage=Stage.SENT, activity=activity, held_until_ms=0)
        body = stored.delivery_body(seen)
        with suppress(Conflict, NotFound):  # somebody else saw it at the same moment
            await self._documents.batch(
                tenancy.partition,
                [Replace(DELIVERY, known.id, body, known.etag, known.expires_at_ms)],
            )

    async def of(self, tenancy: Tenancy, delivery: Delivery) -> Notice:
        """Everything the message is drawn from; a daily one with its figures as of now."""
        rule = await self._documents.get(tenancy.partition, RULE, delivery.rule)
        kept = await self._documents.get(tenancy.partition, SUBSCRIPTION, delivery.subscription)
        known = None if rule is None else stored.rule(rule.id, rule.body)
        subscription = None if kept is None else stored.subscription(kept.id, kept.body)
        actor, queue = watcher(tenancy.organization.code), known.queue if known else ""
        choices = await self._dashboards.queue_choices(actor=actor)
        summary: Summary | None = None
        if known is not None and isinstance(known.trigger, Daily):
            span = delivery.figure
            asked = Asked(span.from_ms, span.to_ms, (queue,) if queue else ())
            summary = await self._dashboards.summary(asked, actor=actor)
        return Notice(
            tenancy.organization.code,
            tenancy.organization.time_zone,
            delivery.conversation,
            delivery.language,
            subscription.reader if subscription else "",
            delivery,
            known,
            subscription,
            {choice.id: choice.name for choice in choices}.get(queue, ""),
            summary,
        )
