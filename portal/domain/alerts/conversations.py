"""The chats and channels the bot may write to, and how a person wants it to speak."""

import hashlib
from contextlib import suppress
from typing import NamedTuple

from portal.domain.access.model import Actor, Person
from portal.domain.alerts import documents as stored
from portal.domain.alerts.activities import Activities, Replayed
from portal.domain.alerts.documents import CONVERSATION, PLACE, PREFERENCE, SUBSCRIPTION
from portal.domain.alerts.model import Conversation, Place, Scope
from portal.domain.audit.model import Action, Event
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.documents import (
    Create,
    Delete,
    Document,
    Documents,
    Replace,
    Upsert,
    Write,
)
from portal.domain.shared.errors import Conflict, NotFound

MOST_AT_ONCE = 90


class Preference(NamedTuple):
    """What a person chose: the organisation they ask about, their language, the range when they
    name none, the service level's definition; "" where they did not choose."""

    organization: str = ""
    language: str = ""
    range: str = ""
    definition: str = ""


class Conversations:
    """Conversations of each organisation, and preferences of its people."""

    def __init__(
        self, organizations: Organizations, documents: Documents, activities: Activities
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._activities = activities

    async def remember(self, conversation: Conversation, *, actor: Actor, once: str = "") -> bool:
        """Keeps how to write to the conversation; True when it was not known. Raises Replayed."""
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, CONVERSATION, conversation.id)
        if known is not None and self._is_same(known, conversation, tenancy):
            return False
        person = actor.person_id if conversation.scope is Scope.PERSONAL else ""
        body = stored.conversation_body(conversation, person, tenancy.keyring)
        event = Event(
            Action.BOT_INSTALLED,
            actor.person_id,
            conversation.id,
            {"scope": conversation.scope.value},
        )
        if known is not None:
            write = Upsert(CONVERSATION, conversation.id, body)
            await self._activities.commit(tenancy.partition, [write], once=once)
            return False
        made = Create(CONVERSATION, conversation.id, body)
        try:
            await self._activities.commit(tenancy.partition, [made], events=[event], once=once)
        except Conflict:
            if await self._documents.get(tenancy.partition, CONVERSATION, conversation.id) is None:
                raise
            return False  # Teams tells of an installation twice at the same moment
        return True

    async def forget(self, id: str, *, once: str = "") -> None:
        """Ends the conversation and every subscription in it, in whichever organisation, and whose
        it is. A removal that is told again ends nothing that began since."""
        for organization in await self._organizations.all():
            await self.end(await self._organizations.get(organization.code), id, once=once)
        directory = self._organizations.directory
        if await self._activities.had(once, directory):
            return
        known = await self._documents.get(directory, PLACE, id)
        writes = [] if known is None else [Delete(PLACE, id, known.etag)]
        with suppress(Conflict, NotFound):
            await self._activities.commit(directory, writes, once=once)

    async def end(
        self, tenancy: Tenancy, id: str, *, once: str = "", told: Event | None = None
    ) -> None:
        """Ends the conversation and its subscriptions in one organisation, whose trail is `told`
        so, by default that the bot was removed from a conversation that was known."""
        if await self._activities.had(once, tenancy.partition):
            return
        known = await self._documents.get(tenancy.partition, CONVERSATION, id)
        if known is None:
            with suppress(Replayed):
                events = [] if told is None else [told]
                await self._activities.commit(tenancy.partition, [], events=events, once=once)
            return
        page = await self._documents.query(
            tenancy.partition, SUBSCRIPTION, where={"conversation": id}, limit=MOST_AT_ONCE
        )
        writes: list[Write] = [Delete(SUBSCRIPTION, one.id, one.etag) for one in page.documents]
        last = page.next is None
        if last:
            writes.append(Delete(CONVERSATION, id, known.etag))
        event = told or Event(Action.BOT_REMOVED, "system", id)
        event = event._replace(facts={**event.facts, "subscriptions": len(page.documents)})
        with suppress(Conflict, NotFound):  # somebody changed it meanwhile: look again
            await self._activities.commit(
                tenancy.partition, writes, events=[event], once=once if last else ""
            )
            if last:
                return
        await self.end(tenancy, id, once=once, told=told)

    async def is_told(self, organization: str, id: str) -> bool:
        """Whether that organisation's figures may be told in the shared conversation: it is theirs,
        or nobody's yet."""
        known = await self._documents.get(self._organizations.directory, PLACE, id)
        return known is None or Place(**known.body).organization == organization

    async def get(self, tenancy: Tenancy, id: str) -> Conversation | None:
        """The conversation, or None. Unavailable when its reference was tampered with."""
        known = await self._documents.get(tenancy.partition, CONVERSATION, id)
        return None if known is None else stored.conversation(id, known.body, tenancy.keyring)

    async def own(self, *, actor: Actor) -> Conversation | None:
        """The caller's own chat with the bot, or None before they wrote to it."""
        tenancy = await self._organizations.get(actor.organization)
        page = await self._documents.query(
            tenancy.partition, CONVERSATION, where={"person": actor.person_id}, limit=1
        )
        for found in page.documents:
            return stored.conversation(found.id, found.body, tenancy.keyring)
        return None

    async def preference(self, person: Person) -> Preference:
        """What the person chose."""
        return (await self.chosen(person))[0]

    async def chosen(self, person: Person) -> tuple[Preference, str]:
        """What the person chose, and the version of it; "" before they chose."""
        home = await self._home(person)
        known = await self._documents.get(home.partition, PREFERENCE, _id(person.person_id))
        return (Preference(), "") if known is None else (Preference(**known.body), known.etag)

    async def prefer(
        self, person: Person, preference: Preference, *, version: str, once: str = ""
    ) -> None:
        """Keeps a choice over the version that was read, "" for the first. Raises NotFound for an
        organisation the person does not belong to, Conflict when it is another by now, Replayed."""
        if preference.organization and preference.organization not in person.holdings:
            raise NotFound("There is no such organisation, or you do not belong to it.")
        home = await self._home(person)
        id, body = _id(person.person_id), preference._asdict()
        write = Replace(PREFERENCE, id, body, version) if version else Create(PREFERENCE, id, body)
        try:
            await self._activities.commit(home.partition, [write], once=once)
        except NotFound as error:
            raise Conflict("The settings were changed meanwhile.") from error

    async def _home(self, person: Person) -> Tenancy:
        return await self._organizations.get(person.organizations[0])

    @staticmethod
    def _is_same(known: Document, conversation: Conversation, tenancy: Tenancy) -> bool:
        return stored.conversation(known.id, known.body, tenancy.keyring) == conversation


def _id(person: str) -> str:
    return hashlib.sha256(person.encode()).hexdigest()[:32]
