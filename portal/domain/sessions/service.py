"""Browsers' sessions: opening, finding, listing and ending them.

The sessions of an account are one partition, so that they end together. A session's entry in the
audit trail is written before the session, in the trail of the person's home; those two partitions
cannot share a batch, and a trail that says one sign-in too many is the better mistake.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.domain.access.model import Actor, Claims
from portal.domain.access.rules import account_id
from portal.domain.access.service import REFUSED, Access
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.organizations.service import Organizations
from portal.domain.sessions import rules
from portal.domain.sessions.model import Opened, Session
from portal.domain.sessions.ports import KEPT_TOKEN, PROOF, SESSION
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace
from portal.domain.shared.errors import Conflict, NotAuthenticated, NotFound
from portal.domain.shared.fields import Kind

MOST_LISTED = 100


class Sessions:
    """The sessions of this region's accounts."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        access: Access,
        clock: Clock,
        *,
        proof_ms: int,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._access = access
        self._clock = clock
        self._proof_ms = proof_ms

    async def open(
        self, claims: Claims, user_agent: str, *, instead_of: Session | None = None
    ) -> Opened:
        """A new session for verified claims; `instead_of` ends in the same batch, and the new one
        lasts no longer than it would have."""
        now_ms, secret = self._clock.now_ms(), rules.new_secret()
        ends_at_ms = instead_of.ends_at_ms if instead_of else now_ms + rules.LONGEST_MS
        account = _account(claims)
        body = {
            "tenant_id": claims.tenant_id or "",
            "object_id": claims.object_id or "",
            "is_guest": claims.is_guest,
            "groups": sorted(claims.groups),
            "authenticated_at_s": claims.authenticated_at_s,
            "methods": sorted(claims.methods),
            "contexts": sorted(claims.contexts),
            "device": rules.device(user_agent),
            "opened_at_ms": instead_of.opened_at_ms if instead_of else now_ms,
            "seen_at_ms": now_ms,
            "ends_at_ms": ends_at_ms,
        }
        id = rules.hashed(secret)
        writes: list[Create | Delete] = [Create(SESSION, id, body, ends_at_ms)]
        before = await self._document(account, instead_of.id) if instead_of else None
        if before is not None:
            writes.append(Delete(SESSION, before.id, before.etag))
        await self._tell(Action.SESSION_OPENED, claims, {"step_up": instead_of is not None})
        await self._documents.batch(self._partition(account), writes)
        return Opened(_session(id, body), rules.cookie(account, secret))

    async def find(self, cookie: str, *, used: bool = True) -> Session:
        """The living session of a cookie, used now unless only looked at. Raises
        NotAuthenticated."""
        said = rules.credential(cookie)
        document = await self._document(said.account, said.id) if said else None
        now_ms = self._clock.now_ms()
        if said is None or document is None:
            raise NotAuthenticated(REFUSED)
        session = _session(document.id, document.body)
        if not rules.is_alive(session, now_ms):
            raise NotAuthenticated(REFUSED)
        if not used or now_ms - session.seen_at_ms < rules.TOUCH_EVERY_MS:
            return session
        body = {**document.body, "seen_at_ms": now_ms}
        touched = Replace(SESSION, document.id, body, document.etag, session.ends_at_ms)
        try:
            await self._documents.batch(self._partition(said.account), [touched])
        except Conflict:
            return session  # another request of the same browser was first
        except NotFound:
            raise NotAuthenticated(REFUSED) from None  # ended a moment ago
        return _session(document.id, body)

    async def alive(self, account: str, id: str) -> Session | None:
        """That living session of the account, without being seen."""
        document = await self._document(account, id)
        session = _session(document.id, document.body) if document else None
        return session if session and rules.is_alive(session, self._clock.now_ms()) else None

    async def of(self, *, actor: Actor) -> Sequence[Session]:
        """The actor's own living sessions, the newest first."""
        stored = await self._some(actor.person_id, SESSION)
        found = [_session(one.id, one.body) for one in stored]
        now_ms = self._clock.now_ms()
        living = [one for one in found if rules.is_alive(one, now_ms)]
        return sorted(living, key=lambda one: one.opened_at_ms, reverse=True)

    async def end(self, id: str, *, actor: Actor) -> None:
        """Ends one of the actor's own sessions. Raises NotFound."""
        document = await self._document(actor.person_id, id)
        if document is None:
            raise NotFound("There is no such session; it may have ended already.")
        await self._tell_of(Action.SESSION_ENDED, actor)
        await self._remove(actor.person_id, SESSION, [document])

    async def end_all(self, *, actor: Actor) -> int:
        """Ends every session of the actor, with their proofs and the tokens kept for them; how
        many sessions there were."""
        await self._tell_of(Action.SESSIONS_ENDED, actor)
        ended = 0
        for kind in (SESSION, PROOF, KEPT_TOKEN):
            while found := await self._some(actor.person_id, kind):
                await self._remove(actor.person_id, kind, found)
                ended += len(found) if kind is SESSION else 0
        return ended

    async def prove(self, claims: Claims) -> str:
        """What the tab sends to show that its person signed in anew just now, as these claims
        say."""
        account, secret = _account(claims), rules.new_secret()
        body = {
            "authenticated_at_s": claims.authenticated_at_s,
            "methods": sorted(claims.methods),
            "contexts": sorted(claims.contexts),
        }
        ends_at_ms = self._clock.now_ms() + self._proof_ms
        await self._tell(Action.SESSION_OPENED, claims, {"step_up": True})
        await self._documents.batch(
            self._partition(account), [Create(PROOF, rules.hashed(secret), body, ends_at_ms)]
        )
        return rules.cookie(account, secret)

    async def proven(self, claims: Claims, proof: str) -> Claims:
        """The claims with what the proof adds; as they are when it is not theirs or has ended."""
        said = rules.credential(proof)
        if said is None or claims.tenant_id is None or said.account != _account(claims):
            return claims
        document = await self._documents.get(self._partition(said.account), PROOF, said.id)
        return _with_proof(claims, document.body) if document else claims

    async def _some(self, account: str, kind: Kind) -> Sequence[Document]:
        page = await self._documents.query(self._partition(account), kind, limit=MOST_LISTED)
        return page.documents

    async def _remove(self, account: str, kind: Kind, documents: Sequence[Document]) -> None:
        partition = self._partition(account)
        for one in documents:
            try:
                await self._documents.batch(partition, [Delete(kind, one.id, one.etag)])
            except NotFound:
                continue
            except Conflict:  # it was used meanwhile: look again
                newer = await self._documents.get(partition, kind, one.id)
                await self._remove(account, kind, [newer] if newer else [])

    async def _document(self, account: str, id: str) -> Document | None:
        return await self._documents.get(self._partition(account), SESSION, id)

    def _partition(self, account: str) -> str:
        return f"{self._organizations.directory}account|{account}"

    async def _tell(self, action: Action, claims: Claims, facts: Mapping[str, Fact]) -> None:
        """Writes to the trail of the person's home; who has none has no trail."""
        try:
            who = await self._access.recognise(claims)
        except NotAuthenticated:
            return
        home = who.home(None)
        if home is not None:
            await self._write(
                Event(action, who.person.person_id, who.person.person_id, facts), home
            )

    async def _tell_of(self, action: Action, actor: Actor) -> None:
        await self._write(Event(action, actor.person_id, actor.person_id), actor.organization)

    async def _write(self, event: Event, organization: str) -> None:
        tenancy = await self._organizations.get(organization)
        await self._audit.commit(tenancy.partition, [event])


def _account(claims: Claims) -> str:
    return account_id(claims.tenant_id or "", claims.object_id or "")


def _with_proof(claims: Claims, body: Mapping[str, Any]) -> Claims:
    at = body["authenticated_at_s"]
    return replace(
        claims,
        authenticated_at_s=float(at) if at is not None else None,
        methods=frozenset(map(str, body["methods"])),
        contexts=frozenset(map(str, body["contexts"])),
    )


def _session(id: str, body: Mapping[str, Any]) -> Session:
    tenant, person = str(body["tenant_id"]), str(body["object_id"])
    seen_at_ms, ends_at_ms = int(body["seen_at_ms"]), int(body["ends_at_ms"])
    claims = Claims(
        account_id(tenant, person),
        "",
        ends_at_ms / 1000,
        tenant_id=tenant,
        object_id=person,
        groups=frozenset(map(str, body["groups"])),
        is_guest=bool(body["is_guest"]),
        session_id=id,
    )
    return Session(
        id=id,
        claims=_with_proof(claims, body),
        device=str(body["device"]),
        opened_at_ms=int(body["opened_at_ms"]),
        seen_at_ms=seen_at_ms,
        idle_at_ms=seen_at_ms + rules.IDLE_MS,
        ends_at_ms=ends_at_ms,
    )
