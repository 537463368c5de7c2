"""Reading, accepting and declining policies; being held to looking without an acceptance.

Everybody may do this whatever their role, so no permission is asked for: an Actor is a member
already, and whoever could not accept would have no way on.
"""

from collections.abc import Sequence
from contextlib import suppress

from portal.domain.access.documents import MEMBER
from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import only_reports, require
from portal.domain.audit.model import Action, Event, Fact
from portal.domain.audit.service import Audit
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.organizations.standing import Activity
from portal.domain.policies import documents as stored
from portal.domain.policies.documents import REQUEST, TOLD, WORD, Request, word_id
from portal.domain.policies.model import DiffLine, Own, Policy, Said, Version, Word
from portal.domain.policies.rules import difference
from portal.domain.shared.clock import Clock, Ids, instant
from portal.domain.shared.documents import Create, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.domain.shared.fields import Purpose
from portal.domain.verification.proofs import Proofs

NO_SUCH = "There is no such policy, or no such version of it."
HELD = (
    "A policy is in force that you have not accepted, so you can look and export only. Read it "
    "under Policies, and accept or decline it there."
)
STALE = "Somebody changed this meanwhile; look again and repeat it."


class Policies:
    """The policies of a catalogue. `support_mail` is where requests are announced, "" for
    nowhere: they are kept all the same, and the command line lists them."""

    def __init__(
        self,
        *,
        catalogue: Sequence[Policy],
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        proofs: Proofs,
        clock: Clock,
        ids: Ids,
        support_mail: str,
    ) -> None:
        self._catalogue = {one.id: one for one in catalogue}
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._proofs = proofs
        self._clock = clock
        self._ids = ids
        self._support_mail = support_mail

    async def own(self, *, actor: Actor) -> tuple[Own, ...]:
        """Every policy with what the caller said to it. Who may report incidents alone uses nothing
        that policies are about, and must not be kept from reporting."""
        if only_reports(actor.holdings):
            return ()
        tenancy, now_ms = await self._organizations.get(actor.organization), self._clock.now_ms()
        return tuple(
            [
                Own(policy, await self._words(tenancy, policy, actor.person_id, now_ms), now_ms)
                for policy in self._catalogue.values()
            ]
        )

    def text(
        self, id: str, number: int | None, compare_with: int | None
    ) -> tuple[Version, tuple[DiffLine, ...] | None]:
        """A version, the newest unless told, and how it differs from another. NotFound."""
        version = self._version(id, number)
        if compare_with is None:
            return version, None
        return version, difference(self._version(id, compare_with).text, version.text)

    async def accept(self, id: str, number: int, text_hash: str, *, actor: Actor) -> None:
        """Accepts the version in force or one to come. NotFound, InvalidInput for another text or
        a version that is over, Conflict when it is accepted already."""
        version = self._open(id, number)
        if version.text_hash != text_hash:
            raise InvalidInput(
                "This is not the text of that version; read it again.",
                fields={"text_hash": "of another text"},
            )
        word = Word(number, Said.ACCEPTED, self._clock.now_ms(), text_hash)
        await self._say(id, word, [], actor)

    async def decline(self, id: str, number: int, why: str, *, actor: Actor) -> str:
        """Declines it: the caller goes on looking and exporting, support is told; the request's
        id. NotFound, InvalidInput, Conflict when it is declined already."""
        version, now_ms = self._open(id, number), self._clock.now_ms()
        tenancy = await self._organizations.get(actor.organization)
        request = Request(self._ids.new(), id, number, actor.person_id, why, now_ms)
        writes: list[Write] = [
            Create(REQUEST, request.id, stored.request_body(request, tenancy.keyring))
        ]
        if self._support_mail:
            told = {"id": request.id[:8], "number": str(number), "title": self._catalogue[id].title}
            writes.append(
                row(
                    tenancy,
                    Topic.SUPPORT_REQUEST,
                    Way.MAIL,
                    cause=request.id,
                    person=actor.person_id,
                    now_ms=now_ms,
                    to=self._support_mail,
                    values=told,
                )
            )
        word = Word(number, Said.DECLINED, now_ms, version.text_hash, request.id)
        await self._say(id, word, writes, actor)
        return request.id

    async def require_accepted(self, actor: Actor) -> None:
        """Raises Forbidden `policy-not-accepted` for who has a policy in force to accept."""
        if not all(one.accepted for one in await self.own(actor=actor)):
            raise Forbidden(HELD, code="policy-not-accepted")

    async def let_in(self, organization: str, people: Sequence[str]) -> None:
        """Takes what is in force for accepted by local people of development, unless somebody of
        them ever said something themselves."""
        tenancy, now_ms = await self._organizations.get(organization), self._clock.now_ms()
        if (await self._documents.query(tenancy.partition, WORD, limit=1)).documents:
            return
        writes, events = [], []
        for person in people:
            for id, policy in self._catalogue.items():
                version = policy.current(now_ms)
                word = Word(version.number, Said.ACCEPTED, now_ms, version.text_hash)
                place = word_id(id, version.number, person)
                writes.append(Create(WORD, place, stored.word_body(id, person, word)))
                facts: dict[str, Fact] = {"number": version.number, "local": True}
                events.append(Event(Action.POLICY_ACCEPTED, person, id, facts))
        with suppress(Conflict):  # another process was first
            await self._audit.commit(tenancy.partition, events, writes)

    async def requests(self, *, actor: Actor) -> tuple[Request, ...]:
        """The organisation's requests to support, for the operator. Forbidden."""
        require(actor, Permission.SETUP_UNLOCK)
        tenancy = await self._organizations.get(actor.organization)
        page = await self._documents.query(tenancy.partition, REQUEST, limit=1000)
        found = [stored.request(one, tenancy.keyring) for one in page.documents]
        return tuple(sorted(found, key=lambda one: one.at_ms))

    async def announce(self) -> int:
        """Tells the people of every organisation of versions that were published and not told
        yet; how many messages were written. Each is written once, however often this runs."""
        now_ms, written = self._clock.now_ms(), 0
        news = [
            (policy, version)
            for policy in self._catalogue.values()
            for version in policy.published(now_ms)
            if version.number > 1
        ]
        if not news:
            return 0
        for organization in await self._organizations.serving(Activity.TELL_ESSENTIAL):
            tenancy = await self._organizations.get(organization.code)
            for policy, version in news:
                written += await self._announce(tenancy, policy, version, now_ms)
        return written

    async def _announce(
        self, tenancy: Tenancy, policy: Policy, version: Version, now_ms: int
    ) -> int:
        id, written = f"{policy.id}|{version.number}", 0
        if await self._documents.get(tenancy.partition, TOLD, id) is not None:
            return 0
        values = {
            "title": policy.title,
            "number": str(version.number),
            "effective": instant(version.effective_at_ms).date().isoformat(),
            "summary": version.summary,
            "summary_de": version.summary_de,
        }
        mail = await self._proofs.mail(tenancy, Purpose.SERVICE)
        rows = [
            row(
                tenancy,
                Topic.POLICY_PUBLISHED,
                Way.TEAMS,
                cause=id,
                person=person,
                now_ms=now_ms,
                values=values,
                until_ms=max(version.effective_at_ms, now_ms) + 1,
            )
            for person in await self._members(tenancy)
        ]
        if mail:
            rows.append(
                row(
                    tenancy,
                    Topic.POLICY_PUBLISHED,
                    Way.MAIL,
                    cause=id,
                    person="organization",
                    now_ms=now_ms,
                    to=mail,
                    values=values,
                )
            )
        for one in rows:
            try:
                await self._documents.batch(tenancy.partition, [one])
            except Conflict:
                continue  # written before this was interrupted, or by another worker
            written += 1
        with suppress(Conflict):  # another worker was as far
            await self._documents.batch(tenancy.partition, [Create(TOLD, id, {"at_ms": now_ms})])
        return written

    async def _members(self, tenancy: Tenancy) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            page = await self._documents.query(tenancy.partition, MEMBER, cursor=cursor)
            found += [one.id for one in page.documents]
            cursor = page.next
            if cursor is None:
                return found

    async def _words(
        self, tenancy: Tenancy, policy: Policy, person: str, now_ms: int
    ) -> tuple[Word, ...]:
        found = []
        for version in policy.published(now_ms):
            id = word_id(policy.id, version.number, person)
            known = await self._documents.get(tenancy.partition, WORD, id)
            if known is not None:
                found.append(stored.word(known.body))
        return tuple(found)

    async def _say(self, id: str, word: Word, writes: Sequence[Write], actor: Actor) -> None:
        tenancy = await self._organizations.get(actor.organization)
        place = word_id(id, word.number, actor.person_id)
        known = await self._documents.get(tenancy.partition, WORD, place)
        if known is not None and known.body["said"] == word.said.value:
            raise Conflict(f"You have {word.said.value} it already.", code=f"{word.said.value}")
        body = stored.word_body(id, actor.person_id, word)
        write = (
            Create(WORD, place, body) if known is None else Replace(WORD, place, body, known.etag)
        )
        accepted = word.said is Said.ACCEPTED
        action = Action.POLICY_ACCEPTED if accepted else Action.POLICY_DECLINED
        facts: dict[str, Fact] = {"number": word.number, "text_hash": word.text_hash[:16]}
        event = Event(action, actor.person_id, id, facts)
        try:
            await self._audit.commit(tenancy.partition, [event], [write, *writes])
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error

    def _version(self, id: str, number: int | None) -> Version:
        policy, now_ms = self._catalogue.get(id), self._clock.now_ms()
        published = policy.published(now_ms) if policy else ()
        for version in reversed(published):
            if number in {None, version.number}:
                return version
        raise NotFound(NO_SUCH)

    def _open(self, id: str, number: int) -> Version:
        """A version that can still be accepted or declined."""
        version = self._version(id, number)
        current = self._catalogue[id].current(self._clock.now_ms())
        if number < current.number:
            raise InvalidInput(
                "A newer version is in force; read that one.", fields={"number": "is over"}
            )
        return version
