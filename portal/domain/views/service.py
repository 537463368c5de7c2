"""What people can do with views. A view shows nobody more than their grants do: it is a question,
and whoever opens it asks it themselves."""

from collections.abc import Mapping
from typing import NamedTuple

from portal.domain.access.granting import STALE
from portal.domain.access.model import Actor, Permission, Role
from portal.domain.access.rules import boards, may, require
from portal.domain.access.shelf import Shelf
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.views import model
from portal.domain.views.model import VIEW, View, Wanted

MOST_VIEWS = 500
MOST_OWN = 50
NO_VIEW = "There is no such view; it may have been removed."


class ListedView(NamedTuple):
    """A view as it is listed: `own` by who asks, who may also remove what others share when they
    decide about access."""

    view: View
    own: bool
    may_remove: bool
    role_title: str


class Views:
    """Views of one organisation at a time."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        dashboards: Dashboards,
        shelf: Shelf,
        audit: Audit,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._dashboards = dashboards
        self._shelf = shelf
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def all(self, *, actor: Actor) -> tuple[ListedView, ...]:
        """The actor's own views and those shared with a role of theirs, of dashboards they may
        open, by title; queues they do not see are left out, and a view of no others with them.
        Forbidden."""
        require(actor, Permission.DASHBOARDS_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        book = await self._shelf.book(actor.organization)
        queues = {one.id for one in await self._dashboards.queue_choices(actor=actor)}
        manages, opened = may(actor, Permission.ACCESS_MANAGE), set(boards(actor))
        listed = []
        for document in await self._documents_of(tenancy):
            view = model.read(document.id, document.body, tenancy.keyring)
            own = view.owner == actor.person_id
            if not own and view.wanted.role not in actor.roles:
                continue
            shown = _within(view, queues)
            if shown is not None and view.wanted.board in opened:
                title = book.title(view.wanted.role) if view.wanted.role else ""
                listed.append(ListedView(shown, own, own or manages, title))
        return tuple(
            sorted(listed, key=lambda one: (one.view.wanted.title.casefold(), one.view.id))
        )

    async def get(self, id: str, *, actor: Actor) -> ListedView:
        """One of `all`. Forbidden, NotFound."""
        for listed in await self.all(actor=actor):
            if listed.view.id == id:
                return listed
        raise NotFound(NO_VIEW)

    async def save(self, wanted: Wanted, *, actor: Actor) -> str:
        """A new view; its id. Forbidden (sharing needs the right to), Conflict for one too many,
        InvalidInput for a queue or role that is not there."""
        await self._check(wanted, actor)
        tenancy = await self._organizations.get(actor.organization)
        every = await self._documents_of(tenancy)
        mine = sum(one.body["owner"] == actor.person_id for one in every)
        if len(every) >= MOST_VIEWS or mine >= MOST_OWN:
            raise Conflict("There are too many views; remove one first.", code="too-many")
        view = View(self._ids.new(), 1, actor.person_id, self._clock.now_ms(), wanted)
        write = Create(VIEW, view.id, model.body(view, tenancy.keyring))
        await self._commit(tenancy, actor, Action.VIEW_SAVED, view.id, write, _facts(wanted))
        return view.id

    async def change(self, id: str, wanted: Wanted, *, version: int, actor: Actor) -> None:
        """Another content for an own view. As `save`; NotFound for what is not theirs."""
        await self._check(wanted, actor)
        tenancy, document, view = await self._found(id, actor)
        if view.owner != actor.person_id:
            raise NotFound(NO_VIEW)
        if view.version != version:
            raise Conflict(STALE)
        changed = View(id, version + 1, view.owner, self._clock.now_ms(), wanted)
        write = Replace(VIEW, id, model.body(changed, tenancy.keyring), document.etag)
        await self._commit(tenancy, actor, Action.VIEW_CHANGED, id, write, _facts(wanted))

    async def remove(self, id: str, *, version: int, actor: Actor) -> None:
        """Ends a view: an own one, or a shared one for who decides about access. Forbidden,
        NotFound, Conflict."""
        require(actor, Permission.DASHBOARDS_VIEW)
        tenancy, document, view = await self._found(id, actor)
        shared = view.wanted.role != "" and may(actor, Permission.ACCESS_MANAGE)
        if view.owner != actor.person_id and not shared:
            raise NotFound(NO_VIEW)
        if view.version != version:
            raise Conflict(STALE)
        write = Delete(VIEW, id, document.etag)
        await self._commit(tenancy, actor, Action.VIEW_REMOVED, id, write, {})

    async def _check(self, wanted: Wanted, actor: Actor) -> None:
        require(actor, Permission.DASHBOARDS_VIEW)
        if wanted.role:
            require(actor, Permission.VIEWS_SHARE)
        wrong: dict[str, str] = {}
        book = await self._shelf.book(actor.organization)
        if wanted.role and wanted.role not in set(Role) and wanted.role not in book.roles:
            wrong["shared_with"] = "there is no such role"
        if wanted.board not in boards(actor):
            wrong["board"] = "not one that you may open"
        seen = {one.id for one in await self._dashboards.queue_choices(actor=actor)}
        if not set(wanted.filters.queues) <= seen:
            wrong["filters.queues"] = "some are not there"
        if wrong:
            raise InvalidInput("The view cannot be kept so.", fields=wrong)

    async def _found(self, id: str, actor: Actor) -> tuple[Tenancy, Document, View]:
        tenancy = await self._organizations.get(actor.organization)
        document = await self._documents.get(tenancy.partition, VIEW, id)
        if document is None:
            raise NotFound(NO_VIEW)
        return tenancy, document, model.read(id, document.body, tenancy.keyring)

    async def _documents_of(self, tenancy: Tenancy) -> tuple[Document, ...]:
        page = await self._documents.query(tenancy.partition, VIEW, limit=MOST_VIEWS)
        return page.documents

    async def _commit(
        self,
        tenancy: Tenancy,
        actor: Actor,
        action: Action,
        id: str,
        write: Write,
        facts: Mapping[str, Fact],
    ) -> None:
        event = Event(action, actor.person_id, id, facts)
        try:
            await self._audit.commit(tenancy.partition, [event], [write])
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error


def _within(view: View, queues: set[str]) -> View | None:
    """The view with only the queues that are seen; None when it is about others alone."""
    named = view.wanted.filters.queues
    seen = tuple(one for one in named if one in queues)
    if named and not seen:
        return None
    filters = view.wanted.filters._replace(queues=seen)
    return view._replace(wanted=view.wanted._replace(filters=filters))


def _facts(wanted: Wanted) -> dict[str, Fact]:
    return {"board": wanted.board.value, "shared_with": wanted.role}
