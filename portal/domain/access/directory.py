"""The directory of people on the store: who somebody is, and what they hold right now."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from portal.domain.access import documents as stored
from portal.domain.access.book import Book
from portal.domain.access.documents import ACCOUNT, MEMBER, TENANT
from portal.domain.access.grants import DAY_MS, GROUP_DAYS, Member
from portal.domain.access.model import Claims, Holding, Person
from portal.domain.access.rules import of_tenant
from portal.domain.access.shelf import FRESH_MS, Shelf
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import State
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Body, Create, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, NotFound
from portal.domain.shared.fields import Kind

GROUPS_KEPT_MS = GROUP_DAYS * DAY_MS
"""How long the groups that a sign-in named count where nobody signs in: in the bot, for alerts."""
SEEN_AGAIN_MS = DAY_MS
MOST_KNOWN = 4096

PersonOf = Callable[[str, str], str | None]
"""Our person id of a tenant and an object id."""


class _Known(NamedTuple):
    """A person as computed, from which books, and how long that holds."""

    person: Person
    books: Mapping[str, Book]
    read_ms: int
    until_ms: int | None


class Directory:
    """People by their grants. What was computed is kept until a book it came from changes, a grant
    in it ends, an organisation stands otherwise, or FRESH_MS are over."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        shelf: Shelf,
        clock: Clock,
        person_of: PersonOf,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._shelf = shelf
        self._clock = clock
        self._person_of = person_of
        self._known: dict[tuple[str, str | None, frozenset[str] | None], _Known] = {}

    async def recognise(self, claims: Claims) -> Person | None:
        """See the port. None for guests, and for whom no organisation and no tenant of one knows;
        somebody of an organisation's own tenant who holds nothing there may report incidents."""
        if claims.is_guest:
            return None
        key = (claims.person_id, claims.tenant_id, claims.groups)
        known = self._current(key)
        if known is not None:
            return known
        person = await self._read(claims.person_id, claims.tenant_id, claims.groups, key)
        if person is not None and not person.display_name:
            person = replace(person, display_name=claims.display_name)
        if person is not None and claims.tenant_id is not None and claims.object_id is not None:
            await self._seen(person, claims)
        return person

    async def find(self, person_id: str) -> Person | None:
        """See the port. Groups count as they were when the person signed in last, for a week."""
        key = (person_id, None, None)
        return self._current(key) or await self._read(person_id, None, None, key)

    async def find_in_teams(self, tenant_id: str, aad_object_id: str) -> Person | None:
        """See the port."""
        person_id = self._person_of(tenant_id, aad_object_id)
        if person_id is None:
            return None
        key = (person_id, tenant_id, None)
        return self._current(key) or await self._read(person_id, tenant_id, None, key)

    async def met(self, organization: str, tenant_id: str, object_id: str, name: str) -> None:
        """Notes somebody of the organisation's tenant who was met in Teams and never signed in: who
        they are, so that what they report has a name and they can be told of it."""
        person_id = self._person_of(tenant_id, object_id)
        if person_id is None or await self.member(organization, person_id) is not None:
            return
        tenancy = await self._organizations.get(organization)
        known = Member(person_id, 1, name, tenant_id, object_id)
        body = stored.member_body(known, tenancy.keyring)
        with suppress(Conflict):  # another turn of theirs was first
            await self._documents.batch(tenancy.partition, [Create(MEMBER, person_id, body)])
        await self.admit(person_id, [organization])

    async def organization_of(self, tenant_id: str) -> str | None:
        """The organisation that the Microsoft tenant is, or None."""
        found = await self._documents.get(self._organizations.directory, TENANT, tenant_id)
        return None if found is None else str(found.body["organization"])

    async def member(self, organization: str, person_id: str) -> Member | None:
        """What the organisation knows of the person, or None."""
        tenancy = await self._organizations.get(organization)
        found = await self._documents.get(tenancy.partition, MEMBER, person_id)
        return None if found is None else stored.member(person_id, found.body, tenancy.keyring)

    async def mail(self, organization: str, person_id: str) -> str:
        """Where mail reaches the person, as their tenant said last; "" where it did not."""
        found = await self.member(organization, person_id)
        return "" if found is None else found.mail

    async def admit(self, person_id: str, organizations: Iterable[str]) -> None:
        """Notes that the person may hold something there; to be called before they do."""
        directory = self._organizations.directory
        while True:
            found = await self._documents.get(directory, ACCOUNT, person_id)
            listed = [] if found is None else list(found.body["organizations"])
            more = [code for code in organizations if code not in listed]
            if not more:
                return
            with suppress(Conflict, NotFound):
                write = put(ACCOUNT, found, person_id, {"organizations": [*listed, *more]})
                await self._documents.batch(directory, [write])
                self._forget(person_id)
                return

    def _forget(self, person_id: str) -> None:
        for key in [key for key in self._known if key[0] == person_id]:
            del self._known[key]

    def _current(self, key: tuple[str, str | None, frozenset[str] | None]) -> Person | None:
        known, now_ms = self._known.get(key), self._clock.now_ms()
        if known is None or not 0 <= now_ms - known.read_ms < FRESH_MS:
            return None
        if known.until_ms is not None and now_ms >= known.until_ms:
            return None
        if any(self._shelf.kept(code) is not book for code, book in known.books.items()):
            return None
        states = known.person.states
        if any(self._organizations.last_state(code) is not states[code] for code in states):
            return None
        return known.person

    async def _read(
        self,
        person_id: str,
        tenant_id: str | None,
        groups: frozenset[str] | None,
        key: tuple[str, str | None, frozenset[str] | None],
    ) -> Person | None:
        home = None if tenant_id is None else await self.organization_of(tenant_id)
        account = await self._documents.get(self._organizations.directory, ACCOUNT, person_id)
        if home is None and account is None:
            return None
        listed = [] if account is None else [str(one) for one in account.body["organizations"]]
        now_ms = self._clock.now_ms()
        books: dict[str, Book] = {}
        holdings: dict[str, tuple[Holding, ...]] = {}
        keys: dict[str, Mapping[str, str]] = {}
        states: dict[str, State] = {}
        name, until, all_groups, unheld = "", None, groups or frozenset(), ""
        for code in dict.fromkeys(([home] if home else []) + listed):
            books[code] = book = await self._shelf.book(code)
            member = await self.member(code, person_id)
            theirs = all_groups if tenant_id and tenant_id == book.tenant_id else frozenset[str]()
            if groups is None and member is not None and _counts(member, book, now_ms):
                theirs = member.groups
                all_groups |= theirs
            held, ends = book.holdings(person_id, theirs, now_ms)
            until = min((one for one in (until, ends) if one is not None), default=None)
            if held:
                holdings[code] = held
                states[code] = await self._organizations.state(code)
            elif book.tenant_id and book.tenant_id in (tenant_id, member and member.tenant_id):
                unheld = code
            if member is not None:
                name = name or member.name
                keys[code] = member.agent_keys
        if unheld:  # last, so that where they hold something stays their home
            holdings[unheld] = of_tenant()
            states[unheld] = await self._organizations.state(unheld)
        person = Person(person_id, name, holdings, keys, all_groups, states)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = _Known(person, books, now_ms, until)
        return person

    async def _seen(self, person: Person, claims: Claims) -> None:
        """Notes name, mail and groups of somebody who signed in, where they hold something."""
        now_ms = self._clock.now_ms()
        await self.admit(person.person_id, person.organizations)
        for code in person.organizations:
            tenancy = await self._organizations.get(code)
            found = await self._documents.get(tenancy.partition, MEMBER, person.person_id)
            known = (
                Member(person.person_id, 0, "")
                if found is None
                else stored.member(person.person_id, found.body, tenancy.keyring)
            )
            seen = known._replace(
                version=known.version + 1,
                name=claims.display_name or known.name,
                tenant_id=claims.tenant_id or "",
                object_id=claims.object_id or "",
                groups=claims.groups,
                seen_at_ms=now_ms,
                mail=claims.mail or known.mail,
            )
            same = seen._replace(version=known.version, seen_at_ms=known.seen_at_ms) == known
            if same and now_ms - known.seen_at_ms < SEEN_AGAIN_MS:
                continue
            body = stored.member_body(seen, tenancy.keyring)
            with suppress(Conflict, NotFound):  # another request of theirs was first
                write = put(MEMBER, found, person.person_id, body)
                await self._documents.batch(tenancy.partition, [write])


def _counts(member: Member, book: Book, now_ms: int) -> bool:
    own = member.tenant_id != "" and member.tenant_id == book.tenant_id
    return own and now_ms - member.seen_at_ms < GROUPS_KEPT_MS


def put(kind: Kind, found: Document | None, id: str, body: Body) -> Write:
    """The write over what was found, or of what was not."""
    return Create(kind, id, body) if found is None else Replace(kind, id, body, found.etag)
