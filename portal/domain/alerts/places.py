"""Whose a shared chat or channel is: the figures of one organisation are told there.

Whoever uses the bot there first decides it; it ends when the bot is removed, or by somebody who
manages alerts. The binding lies in the region's directory, what it ends in the partition of an
organisation, and no batch spans both. So a change is written to the binding first, which then names
whose it was; what follows is done once however often it is begun, and by the next to look when the
process ended between.
"""

import hashlib
from contextlib import suppress
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.alerts.activities import Activities, Replayed
from portal.domain.alerts.conversations import Conversations
from portal.domain.alerts.documents import PLACE, SUBSCRIPTION
from portal.domain.alerts.model import Place
from portal.domain.audit.model import Action, Event
from portal.domain.organizations.service import Organizations
from portal.domain.shared.documents import Create, Delete, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound

STALE = "Whose figures are told here was changed meanwhile."
NO_PLACE = "No figures of this organisation are told here."


class Kept(NamedTuple):
    """A place and the version of it."""

    place: Place
    version: str


class Places:
    """The bindings of shared chats and channels."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        activities: Activities,
        conversations: Conversations,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._activities = activities
        self._conversations = conversations

    async def of(self, id: str) -> Kept | None:
        """Whose the shared conversation is, or None before somebody used it. Finishes a change that
        was begun."""
        directory = self._organizations.directory
        known = await self._documents.get(directory, PLACE, id)
        if known is None:
            return None
        place = Place(**known.body)
        if not place.former:
            return Kept(place, known.etag)
        await self._settle(id, place, known.etag)
        settled = await self._documents.get(directory, PLACE, id)
        return None if settled is None else Kept(Place(**settled.body), settled.etag)

    async def bind(self, id: str, place: Place) -> Place:
        """Whose the shared conversation is from now on: whoever was first."""
        made = Create(PLACE, id, place._asdict())
        try:
            await self._documents.batch(self._organizations.directory, [made])
        except Conflict:
            known = await self.of(id)
            return known.place if known else place
        return place

    async def release(self, id: str, *, actor: Actor, version: str, once: str = "") -> int:
        """Frees the conversation for whoever uses the bot there next, and ends what the actor's
        organisation has sent there: how many subscriptions. Forbidden, NotFound when it is not the
        organisation's, Conflict for another version, Replayed."""
        require(actor, Permission.ALERTS_MANAGE)
        return await self._change(id, "", actor, version, once)

    async def move(self, id: str, to: Actor, *, actor: Actor, version: str, once: str = "") -> int:
        """As `release`, and gives the conversation to the organisation in which the same person is
        `to`; the right to manage alerts is needed in both."""
        require(actor, Permission.ALERTS_MANAGE)
        require(to, Permission.ALERTS_MANAGE)
        if to.person_id != actor.person_id or to.organization == actor.organization:
            raise NotFound(NO_PLACE)
        return await self._change(id, to.organization, actor, version, once)

    async def _change(self, id: str, to: str, actor: Actor, version: str, once: str) -> int:
        directory = self._organizations.directory
        if await self._activities.had(once, directory):
            raise Replayed("This was done already.")
        known = await self.of(id)
        if known is None or known.place.organization != actor.organization:
            raise NotFound(NO_PLACE)
        if known.version != version:
            raise Conflict(STALE)
        tenancy = await self._organizations.get(actor.organization)
        heard = await self._documents.query(
            tenancy.partition, SUBSCRIPTION, where={"conversation": id}
        )
        change = hashlib.sha256(f"{id}|{version}".encode()).hexdigest()
        place = Place(to, known.place.language, actor.organization, actor.person_id, change)
        try:
            await self._activities.commit(
                directory, [Replace(PLACE, id, place._asdict(), version)], once=once
            )
        except Replayed:
            raise
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error
        await self.of(id)
        return len(heard.documents)

    async def _settle(self, id: str, place: Place, version: str) -> None:
        """Ends what the former organisation has there and tells both trails, then forgets whose it
        was."""
        former = await self._organizations.get(place.former)
        facts = {"moved": bool(place.organization)}
        left = Event(Action.PLACE_RELEASED, place.changed_by, id, facts)
        await self._conversations.end(former, id, once=place.change, told=left)
        write: Write = Delete(PLACE, id, version)
        if place.organization:
            wanted = await self._organizations.get(place.organization)
            taken = Event(Action.PLACE_TAKEN, place.changed_by, id)
            with suppress(Replayed):
                await self._activities.commit(
                    wanted.partition, [], events=[taken], once=place.change
                )
            settled = Place(place.organization, place.language)
            write = Replace(PLACE, id, settled._asdict(), version)
        with suppress(Conflict, NotFound):  # somebody else looked at the same moment
            await self._documents.batch(self._organizations.directory, [write])
