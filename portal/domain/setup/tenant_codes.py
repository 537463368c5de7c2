"""Tenant codes: an organisation's distinct word for itself, as it is told to support.

It identifies and never authorises: nothing opens by knowing it. It is masked, revealed to whoever
just proved who they are, and recognised for a while after another took its place (R15).
"""

import base64
from hashlib import sha256
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission, Role
from portal.domain.access.rules import require, require_recent_proof
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.shared.clock import Clock, Ids
from portal.domain.shared.documents import Body, Create, Document, Documents, Replace
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DRAWN = 15
GROUP = 4
GRACE_MS = 30 * 24 * 3600 * 1000
CODE_ID = "tenant_code"
NO_SUCH = "No organisation has this code."
TENANT_CODE = Kind(
    "tenant_code",
    (
        Field("version", Category.OPERATIONAL),
        Field("code", Category.FREE_TEXT, Subject.ORGANIZATION, Erase.DELETE, sealed=True),
        Field("made_at_ms", Category.OPERATIONAL),
        Field("former_until_ms", Category.OPERATIONAL),
    ),
)
HOLDER = Kind(
    "tenant_code_holder",
    (Field("organization", Category.IDENTIFIER, Subject.ORGANIZATION),),
)
"""In the region's directory, by the hash of a code (75 random bits): whose it is. The one of a
former code ends by itself with its grace."""


class TenantCode(NamedTuple):
    """A code, whole; front ends mask it."""

    code: str
    version: int
    made_at_ms: int
    former_until_ms: int


class TenantCodes:
    """The codes of organisations."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        clock: Clock,
        ids: Ids,
        proof_s: float,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._proof_s = proof_s

    async def get(self, *, actor: Actor) -> TenantCode:
        """The code, masked; made when there is none. Forbidden."""
        require(actor, Permission.SETUP_VIEW)
        code = await self._current(actor)
        return code._replace(code=masked(code.code))

    async def reveal(self, *, actor: Actor) -> TenantCode:
        """The code, whole. Forbidden, StepUpRequired."""
        require(actor, Permission.SETUP_MANAGE)
        self._require_proof(actor)
        code = await self._current(actor)
        tenancy = await self._organizations.get(actor.organization)
        event = Event(Action.TENANT_CODE_REVEALED, actor.person_id, actor.organization)
        await self._audit.commit(tenancy.partition, [event])
        return code

    async def rotate(self, *, actor: Actor) -> TenantCode:
        """A new code, whole; the one before is recognised for thirty days. Forbidden,
        StepUpRequired, Conflict when somebody else rotates it."""
        require(actor, Permission.SETUP_MANAGE)
        self._require_proof(actor)
        before = await self._current(actor)
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, TENANT_CODE, CODE_ID)
        if known is None or known.body["version"] != before.version:
            raise Conflict("Somebody else rotates the code at this moment.")
        until_ms = self._clock.now_ms() + GRACE_MS
        made = await self._make(tenancy, actor, known, until_ms)
        holder = await self._documents.get(
            self._organizations.directory, HOLDER, code_id(before.code)
        )
        if holder is not None:
            ending = Replace(HOLDER, holder.id, holder.body, holder.etag, until_ms)
            await self._documents.batch(self._organizations.directory, [ending])
        return made

    async def holder_of(self, code: str, *, actor: Actor) -> str:
        """The organisation that a code names, for the operator at the command line: no front end
        looks codes up for others. Forbidden, InvalidInput for a mistyped one, NotFound."""
        if Role.OPERATOR not in actor.roles:
            raise Forbidden("Only the operator looks codes up.")
        if not is_well_formed(code):
            raise InvalidInput("The code is mistyped: its check letter does not fit.")
        known = await self._documents.get(self._organizations.directory, HOLDER, code_id(code))
        if known is None:
            raise NotFound(NO_SUCH)
        return str(known.body["organization"])

    def _require_proof(self, actor: Actor) -> None:
        require_recent_proof(actor, now_ms=self._clock.now_ms(), max_age_s=self._proof_s)

    async def _current(self, actor: Actor) -> TenantCode:
        tenancy = await self._organizations.get(actor.organization)
        known = await self._documents.get(tenancy.partition, TENANT_CODE, CODE_ID)
        if known is not None:
            return _read(known, tenancy)
        try:
            return await self._make(tenancy, actor, None, 0)
        except Conflict:
            known = await self._documents.get(tenancy.partition, TENANT_CODE, CODE_ID)
            if known is None:
                raise
            return _read(known, tenancy)  # somebody else was first

    async def _make(
        self, tenancy: Tenancy, actor: Actor, before: Document | None, former_until_ms: int
    ) -> TenantCode:
        """Reserves a code, then gives it: one that is reserved and given to nobody names an
        organisation that does not know it, which opens nothing."""
        code = spelled(int(self._ids.new(), 16))
        holder = {"organization": tenancy.organization.code}
        await self._documents.batch(
            self._organizations.directory, [Create(HOLDER, code_id(code), holder)]
        )
        version = before.body["version"] + 1 if before else 1
        made = TenantCode(code, version, self._clock.now_ms(), former_until_ms)
        body = _body(made, tenancy)
        write = (
            Create(TENANT_CODE, CODE_ID, body)
            if before is None
            else Replace(TENANT_CODE, CODE_ID, body, before.etag)
        )
        action = Action.TENANT_CODE_ROTATED if before else Action.TENANT_CODE_MADE
        event = Event(action, actor.person_id, actor.organization, {"version": version})
        await self._audit.commit(tenancy.partition, [event], [write])
        return made


def spelled(drawn: int) -> str:
    """15 letters of 75 drawn bits and a check letter, in groups of four."""
    text = "".join(LETTERS[drawn >> 5 * place & 31] for place in range(DRAWN))
    whole = text + _check(text)
    return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))


def is_well_formed(code: str) -> bool:
    """Whether the check letter fits: every single mistyped letter is found, and nearly every
    swapped pair (Luhn's rule modulo 32)."""
    text = plain(code)
    fits = len(text) == DRAWN + 1 and set(text) <= set(LETTERS)
    return fits and _check(text[:-1]) == text[-1]


def plain(code: str) -> str:
    """The letters alone."""
    return code.replace("-", "").replace(" ", "").upper()


def masked(code: str) -> str:
    """The last group alone."""
    return "••••-••••-••••-" + code[-GROUP:]


def code_id(code: str) -> str:
    """The id under which the code is reserved."""
    return sha256(plain(code).encode()).hexdigest()


def _check(text: str) -> str:
    total = 0
    for place, letter in enumerate(reversed(text)):
        value = LETTERS.index(letter) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return LETTERS[-total % 32]


def _body(of: TenantCode, tenancy: Tenancy) -> Body:
    keyring = tenancy.keyring
    sealed = keyring.seal(keyring.own_key, "tenant code", of.code.encode())
    return of._asdict() | {"code": base64.b64encode(sealed).decode()}


def _read(document: Document, tenancy: Tenancy) -> TenantCode:
    keyring = tenancy.keyring
    sealed = base64.b64decode(document.body["code"])
    code = keyring.open(keyring.own_key, "tenant code", sealed).decode()
    return TenantCode(**{**document.body, "code": code})
