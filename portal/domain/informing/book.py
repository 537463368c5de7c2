"""Reading what informing people has in the store: terms, editions, what is known of people."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from portal.domain.access import documents as members
from portal.domain.access.documents import MEMBER
from portal.domain.access.model import Actor
from portal.domain.access.ports import People
from portal.domain.access.rules import act
from portal.domain.informing import documents as stored
from portal.domain.informing.documents import EDITION, KNOWN, TERMS, TERMS_ID, known_id
from portal.domain.informing.model import Audience, Edition, Known, Terms
from portal.domain.informing.rules import is_concerned
from portal.domain.organizations.service import Tenancy
from portal.domain.shared.documents import Create, Document, Documents, Replace

MOST_MEMBERS = 5000
PAGE = 500


class Concerned(NamedTuple):
    """Somebody who must know the notice."""

    actor: Actor
    name: str


class Book:
    """The notices of organisations. `people` says what members hold as of now."""

    def __init__(self, documents: Documents, people: People) -> None:
        self._documents = documents
        self._people = people

    async def terms(self, tenancy: Tenancy) -> tuple[Terms, Document | None]:
        """The terms, and what they were read from."""
        known = await self._documents.get(tenancy.partition, TERMS, TERMS_ID)
        return (Terms() if known is None else stored.terms(known.body)), known

    async def edition(self, tenancy: Tenancy, number: int) -> Edition | None:
        """The edition of that number."""
        known = await self._documents.get(tenancy.partition, EDITION, str(number))
        return None if known is None else stored.edition(known.body, tenancy.keyring)

    async def editions(self, tenancy: Tenancy) -> tuple[Edition, ...]:
        """Every edition, the newest first."""
        found: list[Edition] = []
        cursor = None
        while True:
            page = await self._documents.query(tenancy.partition, EDITION, cursor=cursor)
            found += [stored.edition(one.body, tenancy.keyring) for one in page.documents]
            cursor = page.next
            if cursor is None:
                return tuple(sorted(found, key=lambda one: -one.number))

    async def known(self, tenancy: Tenancy, person: str) -> tuple[Known, Document | None]:
        """What is known of somebody, and what it was read from."""
        id = known_id(person, tenancy.keyring)
        found = await self._documents.get(tenancy.partition, KNOWN, id)
        return (Known(person) if found is None else stored.known(found, tenancy.keyring)), found

    async def everybody(self, tenancy: Tenancy) -> dict[str, Known]:
        """What is known of everybody, by person."""
        found: dict[str, Known] = {}
        cursor = None
        while True:
            page = await self._documents.query(tenancy.partition, KNOWN, cursor=cursor, limit=PAGE)
            for document in page.documents:
                one = stored.known(document, tenancy.keyring)
                found[one.person] = one
            cursor = page.next
            if cursor is None:
                return found

    async def is_member(self, tenancy: Tenancy, person: str) -> bool:
        """Whether the organisation knows the person: nobody who acts for the system is known."""
        return await self._documents.get(tenancy.partition, MEMBER, person) is not None

    async def concerned(self, tenancy: Tenancy, audience: Audience) -> AsyncIterator[Concerned]:
        """Everybody who must know the notice: whoever was granted something in person or signed
        in once, and holds something now."""
        code, cursor, seen = tenancy.organization.code, None, 0
        while seen < MOST_MEMBERS:
            page = await self._documents.query(tenancy.partition, MEMBER, cursor=cursor, limit=PAGE)
            for document in page.documents:
                person = await self._people.find(document.id)
                if person is None or code not in person.holdings:
                    continue
                actor = act(person, code)
                if is_concerned(actor, audience):
                    name = members.member(document.id, document.body, tenancy.keyring).name
                    yield Concerned(actor, name)
            seen += len(page.documents)
            cursor = page.next
            if cursor is None:
                return


def put_known(found: Document | None, of: Known, tenancy: Tenancy) -> Create | Replace:
    """The write of what is known of somebody over what was read."""
    body = stored.known_body(of, tenancy.keyring)
    if found is None:
        return Create(KNOWN, known_id(of.person, tenancy.keyring), body)
    return Replace(KNOWN, found.id, body, found.etag)
