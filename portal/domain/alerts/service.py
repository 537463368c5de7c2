"""What people can do with alerts: make and remove rules, hear of them, have quiet for a while."""

from collections.abc import AsyncIterator, Mapping, Sequence

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import may, reaches, require
from portal.domain.alerts import documents as stored
from portal.domain.alerts import rules
from portal.domain.alerts.activities import Activities, Replayed
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.documents import RULE, STANDING, SUBSCRIPTION
from portal.domain.alerts.model import (
    ALL_QUEUES,
    Conversation,
    Listed,
    Listener,
    Rule,
    Standing,
    Subscription,
    Trigger,
)
from portal.domain.audit.model import Action, Event
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.domain.shared.fields import Kind

MOST_RULES = 100
MOST_SUBSCRIPTIONS = 40
"""For a rule: each is a message, and all messages of a firing are one batch with their cause."""
TOO_MANY, NOT_YET = "too-many", "no-chat"
NOT_ALL = (
    "You do not see everything this alert would watch. Ask your organisation's Authorized Customer "
    "Representative if you need it."
)
MOMENTS = (
    "Alerts tell figures of moments and few contacts, which are not shown where identities are "
    "not. Ask your organisation's Authorized Customer Representative if you need them."
)
NO_RULE = "There is no such alert; it may have been removed."
NO_SUBSCRIPTION = "This alert is not sent here any more."
STALE = "This was changed meanwhile; look at it again."
OTHERS = "Somebody else has this alert sent here. Ask them, or a supervisor, to change that."
NO_CHAT = "Open the chat with Switchroom in Teams and say hello; then alerts can be sent there."


class Alerts:
    """Rules and subscriptions of one organisation at a time."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        dashboards: Dashboards,
        conversations: Conversations,
        activities: Activities,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._dashboards = dashboards
        self._conversations = conversations
        self._activities = activities
        self._clock = clock
        self._ids = ids

    async def all(self, *, actor: Actor) -> tuple[Listed, ...]:
        """Every rule whose figure the caller sees, oldest first; how it stands is kept from
        somebody blind, since it tells of moments. Forbidden."""
        require(actor, Permission.ALERTS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        names = await self._names(actor)
        own = await self._conversations.own(actor=actor)
        standings: dict[str, Standing] = {}
        if not actor.is_blind:
            every = self._every(tenancy, STANDING)
            standings = {one.id: Standing(**one.body) async for one in every}
        heard: dict[str, list[Subscription]] = {}
        async for one in self._every(tenancy, SUBSCRIPTION):
            heard.setdefault(one.body["rule"], []).append(stored.subscription(one.id, one.body))
        found = [stored.rule(one.id, one.body) async for one in self._every(tenancy, RULE)]
        return tuple(
            Listed(
                rule,
                names.get(rule.queue, ""),
                standings.get(rule.id, Standing()),
                tuple(heard.get(rule.id, ())),
                _of(heard.get(rule.id, ()), own),
            )
            for rule in sorted(found, key=lambda rule: (rule.created_at_ms, rule.id))
            if reaches(actor, Permission.DASHBOARDS_VIEW, rule.queue)
        )

    async def get(self, id: str, *, actor: Actor) -> Listed:
        """One rule. Forbidden, NotFound."""
        for listed in await self.all(actor=actor):
            if listed.rule.id == id:
                return listed
        raise NotFound(NO_RULE)

    async def create(
        self,
        queue: str,
        trigger: Trigger,
        *,
        actor: Actor,
        listener: Listener | None = None,
        once: str = "",
    ) -> Rule:
        """A new rule of a queue (id, key or name) or of all, and with `listener` its first
        subscription. Forbidden, NotFound for an unknown queue, InvalidInput, Conflict for one too
        many, Replayed."""
        require(actor, Permission.ALERTS_MANAGE)
        rules.check(trigger)
        tenancy = await self._organizations.get(actor.organization)
        chosen = await self._queue(queue, actor)
        if not reaches(actor, Permission.DASHBOARDS_VIEW, chosen):
            raise Forbidden(NOT_ALL)
        if await self._documents.count(tenancy.partition, RULE) >= MOST_RULES:
            raise Conflict(
                f"There are {MOST_RULES} alerts already; remove one first.", code=TOO_MANY
            )
        now_ms = self._clock.now_ms()
        rule = Rule(self._ids.new(), chosen, trigger, 1, actor.person_id, now_ms)
        standing = rules.at_first(trigger, now_ms=now_ms, time_zone=tenancy.organization.time_zone)
        writes: list[Write] = [
            Create(RULE, rule.id, stored.rule_body(rule)),
            Create(STANDING, rule.id, standing._asdict()),
        ]
        if listener is not None:
            made = _heard_by(rule.id, listener, actor)
            writes.append(Create(SUBSCRIPTION, made.id, stored.subscription_body(made)))
        await self._commit(tenancy, actor, Action.ALERT_CREATED, rule.id, writes, once)
        return rule

    async def change(
        self,
        id: str,
        queue: str,
        trigger: Trigger,
        *,
        actor: Actor,
        version: int,
        once: str = "",
    ) -> Rule:
        """The rule over the version that was seen; who hears of it stays. A message that what it
        was before caused and that is still on its way is not sent. Forbidden, NotFound for an
        unknown rule or queue, InvalidInput, Conflict for another version, Replayed."""
        require(actor, Permission.ALERTS_MANAGE)
        rules.check(trigger)
        tenancy = await self._organizations.get(actor.organization)
        document = await self._document(tenancy, RULE, id, NO_RULE, version)
        before = stored.rule(id, document.body)
        if not reaches(actor, Permission.DASHBOARDS_VIEW, before.queue):
            raise NotFound(NO_RULE)
        chosen = queue if queue == before.queue else await self._queue(queue, actor)
        if not reaches(actor, Permission.DASHBOARDS_VIEW, chosen):
            raise Forbidden(NOT_ALL)
        now_ms, zone = self._clock.now_ms(), tenancy.organization.time_zone
        after = before._replace(queue=chosen, trigger=trigger, version=version + 1)
        if not rules.fires_alike(before, after):
            after = after._replace(changed_at_ms=now_ms)
        writes: list[Write] = [Replace(RULE, id, stored.rule_body(after), document.etag)]
        known = await self._documents.get(tenancy.partition, STANDING, id)
        if known is not None:  # written also where it stays, so that who looks just now begins anew
            standing = rules.after_change(
                before, after, Standing(**known.body), now_ms=now_ms, time_zone=zone
            )
            writes.append(Replace(STANDING, id, standing._asdict(), known.etag))
        await self._commit(tenancy, actor, Action.ALERT_CHANGED, id, writes, once)
        return after

    async def remove(
        self, id: str, *, actor: Actor, version: int | None = None, once: str = ""
    ) -> None:
        """Ends a rule and its subscriptions. Forbidden, NotFound, Conflict for another version,
        Replayed."""
        require(actor, Permission.ALERTS_MANAGE)
        tenancy = await self._organizations.get(actor.organization)
        document = await self._document(tenancy, RULE, id, NO_RULE, version)
        if not reaches(actor, Permission.DASHBOARDS_VIEW, document.body["queue"]):
            raise NotFound(NO_RULE)
        writes: list[Write] = [Delete(RULE, id, document.etag)]
        standing = await self._documents.get(tenancy.partition, STANDING, id)
        if standing is not None:
            writes.append(Delete(STANDING, id, standing.etag))
        writes += [Delete(SUBSCRIPTION, one.id, one.etag) for one in await self._heard(tenancy, id)]
        await self._commit(tenancy, actor, Action.ALERT_REMOVED, id, writes, once)

    async def subscribe(
        self,
        id: str,
        listener: Listener | None,
        *,
        actor: Actor,
        language: str = "",
        once: str = "",
    ) -> Subscription:
        """Has a rule's messages sent to a conversation the bot knows, where None is given to the
        caller's own chat in that language; again the same when they are already. Forbidden (a
        shared conversation needs the right to manage alerts), NotFound, Conflict, Replayed."""
        require(actor, Permission.ALERTS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        rule = await self._document(tenancy, RULE, id, NO_RULE, None)
        if not reaches(actor, Permission.DASHBOARDS_VIEW, rule.body["queue"]):
            raise NotFound(NO_RULE)
        if actor.is_blind:
            raise Forbidden(MOMENTS)
        chosen = listener or await self._own(actor, language)
        if rules.is_shared(chosen.conversation.scope):
            require(actor, Permission.ALERTS_MANAGE)
        made = _heard_by(id, chosen, actor)
        known = await self._documents.get(tenancy.partition, SUBSCRIPTION, made.id)
        if known is not None:
            return stored.subscription(made.id, known.body)
        if len(await self._heard(tenancy, id)) >= MOST_SUBSCRIPTIONS:
            raise Conflict(
                f"This alert is sent to {MOST_SUBSCRIPTIONS} places already.", code=TOO_MANY
            )
        writes = [Create(SUBSCRIPTION, made.id, stored.subscription_body(made))]
        await self._commit(tenancy, actor, Action.ALERT_SUBSCRIBED, made.id, writes, once)
        return made

    async def subscription(self, id: str, *, actor: Actor) -> Subscription:
        """One subscription. Forbidden, NotFound, also for somebody else's own chat."""
        require(actor, Permission.ALERTS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        document = await self._document(tenancy, SUBSCRIPTION, id, NO_SUBSCRIPTION, None)
        found = stored.subscription(id, document.body)
        await self._is_theirs(tenancy, found, actor)
        return found

    async def unsubscribe(
        self, id: str, *, actor: Actor, version: int | None = None, once: str = ""
    ) -> Subscription:
        """Ends a subscription; what it was. Whose it is, or who manages alerts where others read
        along, may. Forbidden, NotFound, Conflict for another version, Replayed."""
        require(actor, Permission.ALERTS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        document = await self._document(tenancy, SUBSCRIPTION, id, NO_SUBSCRIPTION, version)
        found = stored.subscription(id, document.body)
        await self._is_theirs(tenancy, found, actor)
        writes = [Delete(SUBSCRIPTION, id, document.etag)]
        await self._commit(tenancy, actor, Action.ALERT_UNSUBSCRIBED, id, writes, once)
        return found

    async def snooze(
        self, id: str, minutes: int, *, actor: Actor, version: int | None = None, once: str = ""
    ) -> Subscription:
        """Nothing is sent for that long; 0 ends the quiet. As `unsubscribe`; InvalidInput."""
        require(actor, Permission.ALERTS_VIEW)
        if not 0 <= minutes <= rules.LONGEST_SNOOZE_MINUTES:
            wrong = f"0 to {rules.LONGEST_SNOOZE_MINUTES} minutes"
            raise InvalidInput("So long cannot be slept.", fields={"minutes": wrong})
        tenancy = await self._organizations.get(actor.organization)
        document = await self._document(tenancy, SUBSCRIPTION, id, NO_SUBSCRIPTION, version)
        found = stored.subscription(id, document.body)
        await self._is_theirs(tenancy, found, actor)
        until = self._clock.now_ms() + minutes * 60_000 if minutes else 0
        changed = found._replace(snoozed_until_ms=until, version=found.version + 1)
        body = stored.subscription_body(changed)
        writes = [Replace(SUBSCRIPTION, id, body, document.etag)]
        await self._commit(tenancy, actor, Action.ALERT_SNOOZED, id, writes, once)
        return changed

    # --- inside ---------------------------------------------------------------------------

    async def _own(self, actor: Actor, language: str) -> Listener:
        chat = await self._conversations.own(actor=actor)
        if chat is None:
            raise Conflict(NO_CHAT, code=NOT_YET)
        return Listener(chat, language=language)

    async def _is_theirs(self, tenancy: Tenancy, found: Subscription, actor: Actor) -> None:
        if found.person == actor.person_id:
            return
        place = await self._conversations.get(tenancy, found.conversation)
        if place is None or not rules.is_shared(place.scope):
            raise NotFound(NO_SUBSCRIPTION)
        if not may(actor, Permission.ALERTS_MANAGE):
            raise Forbidden(OTHERS)

    async def _document(
        self, tenancy: Tenancy, kind: Kind, id: str, missing: str, version: int | None
    ) -> Document:
        document = await self._documents.get(tenancy.partition, kind, id)
        if document is None:
            raise NotFound(missing)
        if version is not None and document.body["version"] != version:
            raise Conflict(STALE)
        return document

    async def _heard(self, tenancy: Tenancy, rule: str) -> tuple[Document, ...]:
        page = await self._documents.query(
            tenancy.partition, SUBSCRIPTION, where={"rule": rule}, limit=MOST_SUBSCRIPTIONS
        )
        return page.documents

    async def _every(self, tenancy: Tenancy, kind: Kind) -> AsyncIterator[Document]:
        cursor = None
        while True:
            page = await self._documents.query(tenancy.partition, kind, cursor=cursor)
            for document in page.documents:
                yield document
            cursor = page.next
            if cursor is None:
                return

    async def _names(self, actor: Actor) -> Mapping[str, str]:
        return {one.id: one.name for one in await self._dashboards.queue_choices(actor=actor)}

    async def _queue(self, queue: str, actor: Actor) -> str:
        if queue == ALL_QUEUES:
            return ALL_QUEUES
        for one in await self._dashboards.queue_choices(actor=actor):
            if queue in {one.id, one.key} or queue.casefold() == one.name.casefold():
                return one.id
        raise NotFound("There is no such queue in this organisation.")

    async def _commit(
        self,
        tenancy: Tenancy,
        actor: Actor,
        action: Action,
        target: str,
        writes: Sequence[Write],
        once: str,
    ) -> None:
        event = Event(action, actor.person_id, target)
        try:
            await self._activities.commit(tenancy.partition, writes, events=[event], once=once)
        except Replayed:
            raise
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error


def _heard_by(rule: str, listener: Listener, actor: Actor) -> Subscription:
    place = listener.conversation.id
    key = rules.subscription_id(rule, place)
    member, reader, language = listener.member, listener.reader, listener.language
    return Subscription(key, rule, place, actor.person_id, member, reader, language, 0, 1)


def _of(
    heard: list[Subscription] | tuple[Subscription, ...], own: Conversation | None
) -> Subscription | None:
    return next((one for one in heard if own and one.conversation == own.id), None)
