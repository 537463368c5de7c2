"""How an organisation gets its first people: the first representative claims it with a one-time
code, which ties it to their Microsoft tenant; in development local people are let in."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from portal.domain.access import documents as stored
from portal.domain.access.book import Book
from portal.domain.access.directory import Directory, put
from portal.domain.access.documents import CLAIM, MEMBER, OWN_TENANT, TENANT
from portal.domain.access.granting import LONGEST_PARTNER_DAYS
from portal.domain.access.grants import (
    DAY_MS,
    SYSTEM,
    Grant,
    Holder,
    HolderKind,
    Member,
    Terms,
    Words,
)
from portal.domain.access.model import Actor, Claims, Permission, Role, Scope
from portal.domain.access.refusals import REGION, Refusals
from portal.domain.access.rules import require
from portal.domain.access.shelf import OWN_TENANT_ID, Changed, Shelf
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Create, Delete, Documents, Replace
from portal.domain.shared.errors import Conflict, NotFound

CLAIM_ID = "first"
CLAIMABLE_MS = 14 * 24 * 3600 * 1000
CODE_BYTES = 15
REFUSED = "This code does not open an organisation. Ask who gave it to you for a new one."
"""Said of every wrong claim alike, so that nobody learns which organisations there are."""


class LocalMember(NamedTuple):
    """Somebody to be let in without a Microsoft account."""

    person_id: str
    name: str
    role: Role
    agent_keys: Mapping[str, str]
    mail: str = ""


class Onboarding:
    """The beginnings of organisations' access."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        shelf: Shelf,
        directory: Directory,
        refusals: Refusals,
        audit: Audit,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._shelf = shelf
        self._directory = directory
        self._refusals = refusals
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def make_code(self, *, actor: Actor) -> str:
        """A one-time code with which the organisation can be claimed for two weeks; the one before
        ends. Forbidden, Conflict for an organisation that has its representative."""
        require(actor, Permission.ACCESS_MANAGE)
        tenancy = await self._organizations.get(actor.organization)
        if (await self._shelf.book(actor.organization)).tenant_id:
            raise Conflict("This organisation has been claimed.", code="claimed")
        code = _spelled(secrets.token_bytes(CODE_BYTES))
        body = {"hash": _hash(actor.organization, code)}
        expires = self._clock.now_ms() + CLAIMABLE_MS
        known = await self._documents.get(tenancy.partition, CLAIM, CLAIM_ID)
        write = (
            Create(CLAIM, CLAIM_ID, body, expires)
            if known is None
            else Replace(CLAIM, CLAIM_ID, body, known.etag, expires)
        )
        event = Event(Action.CLAIM_CODE_MADE, actor.person_id, actor.organization)
        await self._audit.commit(tenancy.partition, [event], [write])
        return code

    async def claim(self, organization: str, code: str, claims: Claims) -> str:
        """Makes the person of the claims the organisation's first representative and their tenant
        its own; their person id. The same NotFound for a wrong code, an unknown organisation, a
        guest, an account without tenant; Conflict for a tenant that has an organisation."""
        if claims.is_guest or not claims.tenant_id or not claims.object_id:
            raise self._refused(REGION)
        try:
            tenancy = await self._organizations.get(organization)
        except NotFound:
            raise self._refused(REGION) from None
        etag = await self._checked(tenancy, code)
        person_id, tenant = claims.person_id, claims.tenant_id
        bound = await self._directory.organization_of(tenant)
        if bound not in {None, organization}:
            raise Conflict("Your Microsoft tenant has an organisation already.", code="claimed")
        if bound is None:
            write = Create(TENANT, tenant, {"organization": organization})
            await self._documents.batch(self._organizations.directory, [write])
        try:
            await self._tie(tenancy, claims, person_id, tenant, etag)
        except (Conflict, NotFound):
            if bound is None and (await self._own_tenant(tenancy)) != tenant:
                await self._untie(tenant)  # somebody of another tenant was first
            raise
        return person_id

    async def _tie(
        self, tenancy: Tenancy, claims: Claims, person_id: str, tenant: str, etag: str
    ) -> None:
        organization = tenancy.organization.code
        await self._directory.admit(person_id, [organization])
        member = Member(
            person_id,
            1,
            claims.display_name,
            tenant,
            claims.object_id or "",
            claims.groups,
            self._clock.now_ms(),
            mail=claims.mail,
        )
        found = await self._documents.get(tenancy.partition, MEMBER, person_id)
        writes = [
            put(MEMBER, found, person_id, stored.member_body(member, tenancy.keyring)),
            Create(OWN_TENANT, OWN_TENANT_ID, {"tenant_id": tenant}),
            Delete(CLAIM, CLAIM_ID, etag),
        ]
        first = self._first(person_id)
        event = Event(Action.ORGANIZATION_CLAIMED, person_id, organization)

        def change(book: Book) -> Changed:
            if book.tenant_id:
                raise NotFound(REFUSED)
            return Changed(book._replace(grants={**book.grants, first.id: first}), [event], writes)

        await self._shelf.change(organization, change)

    async def _own_tenant(self, tenancy: Tenancy) -> str:
        own = await self._documents.get(tenancy.partition, OWN_TENANT, OWN_TENANT_ID)
        return str(own.body["tenant_id"]) if own else ""

    async def _untie(self, tenant: str) -> None:
        directory = self._organizations.directory
        known = await self._documents.get(directory, TENANT, tenant)
        if known is not None:
            await self._documents.batch(directory, [Delete(TENANT, tenant, known.etag)])

    async def let_in(self, organization: str, people: Sequence[LocalMember]) -> None:
        """Lets local people into an organisation whose access nobody has touched yet."""
        if (await self._shelf.book(organization)).revision:
            return
        tenancy = await self._organizations.get(organization)
        now_ms = self._clock.now_ms()
        grants, events, writes = {}, [], []
        for one in people:
            await self._directory.admit(one.person_id, [organization])
            terms = Terms(one.role, Scope(), _end(one.role, now_ms))
            holder = Holder(HolderKind.PERSON, one.person_id)
            words = Words("Local people of development")
            id = f"local-{one.person_id}"
            grants[id] = Grant(id, 1, holder, terms, words, SYSTEM, now_ms, SYSTEM, now_ms)
            events.append(
                Event(
                    Action.ACCESS_GRANTED, SYSTEM, id, {"role": one.role.value, "holder": holder.id}
                )
            )
            keys = one.agent_keys
            member = Member(one.person_id, 1, one.name, agent_keys=keys, mail=one.mail)
            body = stored.member_body(member, tenancy.keyring)
            writes.append(Create(MEMBER, one.person_id, body))

        def change(book: Book) -> Changed:
            if book.revision:
                raise Conflict("Somebody changed it meanwhile.")
            return Changed(book._replace(grants=grants), events, writes)

        await self._shelf.change(organization, change)

    def _first(self, person_id: str) -> Grant:
        now_ms = self._clock.now_ms()
        return Grant(
            self._ids.new(),
            1,
            Holder(HolderKind.PERSON, person_id),
            Terms(Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE, Scope(), None),
            Words("Claimed the organisation with its code"),
            SYSTEM,
            now_ms,
            SYSTEM,
            now_ms,
        )

    async def _checked(self, tenancy: Tenancy, code: str) -> str:
        """The etag of the code that was given rightly. Wrong guesses do not end it: 120 bits are
        not guessed, and any stranger could keep a customer out. NotFound."""
        organization = tenancy.organization.code
        known = await self._documents.get(tenancy.partition, CLAIM, CLAIM_ID)
        right = _hash(organization, code)
        if known is None or not hmac.compare_digest(str(known.body["hash"]), right):
            raise self._refused(organization)
        return known.etag

    def _refused(self, organization: str) -> NotFound:
        """Counted for the trail of the organisation they tried, or of the region; not written
        before the answer, which would take longer where there is one."""
        operation = "claim_organization"
        self._refusals.tell_of_nobody(operation=operation, status=404, organization=organization)
        return NotFound(REFUSED)


def _end(role: Role, now_ms: int) -> int | None:
    """Partners are let in for a time, local ones too."""
    return now_ms + LONGEST_PARTNER_DAYS * DAY_MS if role is Role.MANAGING_PARTNER else None


def _hash(organization: str, code: str) -> str:
    """The code is 120 random bits, so that a plain hash cannot be searched."""
    spelled = code.replace("-", "").strip().upper()
    return sha256(f"{organization}|{spelled}".encode()).hexdigest()


def _spelled(drawn: bytes) -> str:
    """24 letters and digits in groups of six, without those that look alike."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    number = int.from_bytes(drawn, "big")
    text = "".join(letters[number >> 5 * place & 31] for place in range(24))
    return "-".join(text[at : at + 6] for at in range(0, 24, 6))
