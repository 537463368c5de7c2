"""Setting up, step by step: every step is kept at once and can be gone on with anywhere."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import NamedTuple

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import may, require
from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.model import LONGEST_NAME, Organization
from portal.domain.organizations.names import name_id
from portal.domain.organizations.service import Organizations, Tenancy
from portal.domain.setup.call_handling import CallHandling
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Document, Documents, Replace
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.shared.fields import Category, Field, Kind, Subject
from portal.domain.verification.model import Contact
from portal.domain.verification.proofs import Proofs

DRAFT_ID = "setup"
DRAFT = Kind(
    "setup_draft",
    (
        Field("version", Category.OPERATIONAL),
        Field("wanted_name", Category.CONFIGURATION, Subject.ORGANIZATION),
        Field("named", Category.OPERATIONAL),
        Field("timed", Category.OPERATIONAL),
        Field("saved_by", Category.IDENTIFIER, Subject.MEMBER),
        Field("saved_at_ms", Category.OPERATIONAL),
    ),
)
STALE = "Somebody else saved meanwhile; look again and repeat it."


class Step(StrEnum):
    """A step of the wizard, in their order."""

    MAIL = "mail"
    PHONE = "phone"
    NAME = "name"
    TIME_ZONE = "time_zone"
    CALL_HANDLING = "call_handling"


class Waits(StrEnum):
    """What keeps a step from being done."""

    YOU = "you"
    MAIL_FIRST = "mail_first"
    ADMINISTRATOR = "administrator"


class Draft(NamedTuple):
    """What the wizard keeps. `wanted_name` is "" without one; `named` and `timed` say that
    somebody confirmed name and time zone."""

    version: int = 0
    wanted_name: str = ""
    named: bool = False
    timed: bool = False
    saved_by: str = ""
    saved_at_ms: int = 0


class Progress(NamedTuple):
    """How far the organisation is; steps that are done wait for nothing. `contact` says what was
    proven, not the address and number."""

    organization: Organization
    draft: Draft
    contact: Contact
    time_zone_fixed: bool
    may_change: bool
    steps: dict[Step, Waits | None]

    @property
    def next_step(self) -> Step | None:
        """What to do now; None when everything is done."""
        waiting = [one for one, waits in self.steps.items() if waits is not None]
        mine = [one for one in waiting if self.steps[one] is not Waits.MAIL_FIRST]
        return next(iter(mine or waiting), None)


class Setup:
    """The wizard. `has_contacts` says whether a partition holds contacts: their pages follow the
    time zone, which therefore stays from then on."""

    def __init__(
        self,
        *,
        organizations: Organizations,
        documents: Documents,
        audit: Audit,
        proofs: Proofs,
        call_handling: CallHandling,
        has_contacts: Callable[[str], Awaitable[bool]],
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._audit = audit
        self._proofs = proofs
        self._call_handling = call_handling
        self._has_contacts = has_contacts
        self._clock = clock

    async def progress(self, *, actor: Actor) -> Progress:
        """How far it is. Forbidden."""
        require(actor, Permission.SETUP_VIEW)
        tenancy = await self._organizations.get(actor.organization)
        draft, _ = await self._draft(tenancy)
        contact = (await self._proofs.proven(tenancy)).contact
        done = {
            Step.MAIL: bool(contact.mail.proven_at_ms),
            # An app stands in for the number here; outbound calls ask for the number itself.
            Step.PHONE: bool(contact.phone.proven_at_ms or contact.authenticator.proven_at_ms),
            Step.NAME: draft.named,
            Step.TIME_ZONE: draft.timed,
            Step.CALL_HANDLING: await self._call_handling.is_decided(tenancy),
        }
        mine = may(actor, Permission.SETUP_MANAGE)
        steps = {one: _waits(one, done, mine) for one in Step}
        fixed = await self._has_contacts(tenancy.partition)
        return Progress(tenancy.organization, draft, contact, fixed, mine, steps)

    async def save(self, *, name: str, time_zone: str, version: int, actor: Actor) -> None:
        """Keeps a step; what is "" stays. A name is asked for at once and taken as soon as the
        mail address is proven: whether it is free is told only then. Forbidden, InvalidInput,
        Conflict (`name-taken`, `time-zone-fixed`, stale version)."""
        require(actor, Permission.SETUP_MANAGE)
        tenancy = await self._organizations.get(actor.organization)
        before, known = await self._draft(tenancy)
        if before.version != version:
            raise Conflict(STALE)
        _check_name(name)
        events, after = [], before
        if time_zone:
            events += await self._set_time_zone(tenancy, time_zone, actor)
            after = after._replace(timed=True)
        if name:
            after = after._replace(wanted_name=name)
            if (await self._proofs.proven(tenancy)).contact.mail.proven_at_ms:
                events += await self._rename(tenancy, name, actor)
                after = after._replace(wanted_name="", named=True)
        after = after._replace(
            version=version + 1, saved_by=actor.person_id, saved_at_ms=self._clock.now_ms()
        )
        write = (
            Create(DRAFT, DRAFT_ID, after._asdict())
            if known is None
            else Replace(DRAFT, DRAFT_ID, after._asdict(), known.etag)
        )
        events.append(Event(Action.SETUP_SAVED, actor.person_id, actor.organization))
        try:
            await self._audit.commit(tenancy.partition, events, [write])
        except (Conflict, NotFound) as error:
            raise Conflict(STALE) from error

    async def _draft(self, tenancy: Tenancy) -> tuple[Draft, Document | None]:
        known = await self._documents.get(tenancy.partition, DRAFT, DRAFT_ID)
        return (Draft(**known.body) if known else Draft()), known

    async def _rename(self, tenancy: Tenancy, name: str, actor: Actor) -> list[Event]:
        code, before = actor.organization, tenancy.organization.name
        await self._organizations.change(code, name=name)
        if name == before:
            return []
        facts = {"looks_the_same": name_id(name) == name_id(before)}
        return [Event(Action.ORGANIZATION_RENAMED, actor.person_id, code, facts)]

    async def _set_time_zone(self, tenancy: Tenancy, wanted: str, actor: Actor) -> list[Event]:
        if wanted == tenancy.organization.time_zone:
            return []
        if await self._has_contacts(tenancy.partition):
            raise Conflict(
                "Contacts were counted in the days of the present time zone, so it stays. Ask "
                "support if it is wrong.",
                code="time-zone-fixed",
            )
        await self._organizations.change(actor.organization, time_zone=wanted)
        facts = {"time_zone": wanted}
        return [Event(Action.TIME_ZONE_CHANGED, actor.person_id, actor.organization, facts)]


def _check_name(name: str) -> None:
    if name and not (name == name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        wrong = f"1 to {LONGEST_NAME} printable characters"
        raise InvalidInput("The organisation cannot be called so.", fields={"name": wrong})


def _waits(step: Step, done: dict[Step, bool], mine: bool) -> Waits | None:
    if done[step]:
        return None
    if not mine:
        return Waits.ADMINISTRATOR
    return Waits.MAIL_FIRST if step is Step.NAME and not done[Step.MAIL] else Waits.YOU
