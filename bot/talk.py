"""The conversation: every authenticated activity, from who wrote it to what is answered.

Reading turns claim the activity before they answer, changing ones in the batch of their change, so
that an activity that Teams sends again has its effect once. Whoever the directory of people does
not know gets one sentence with the next step and no figures.
"""

from collections.abc import Sequence
from typing import Final

from bot import refusing, searching
from bot.actions import attaching, handing, reporting
from bot.actions.press import PLACES, Press
from bot.actions.throttle import Throttle
from bot.asking import asked
from bot.askings import AskingDrawer
from bot.channel.turn import (
    Answer,
    Incoming,
    IncomingKind,
    InvokeMessage,
    PlaceKind,
    Say,
    SearchResults,
)
from bot.commands import pages
from bot.context import Asker, Desk, place
from bot.notices import Drawer
from bot.places import Askers, apart
from bot.readers import Readers
from bot.references import ANYWHERE, Foreign
from bot.refusing import ARRIVALS, INVOKES, SEARCHES
from portal.domain.access.model import Person
from portal.domain.access.rules import OF_TENANT, act, require_standing
from portal.domain.alerts import rules
from portal.domain.alerts.activities import Replayed
from portal.domain.organizations.standing import Activity
from portal.domain.shared.errors import DomainError

Kind = IncomingKind
SILENT: Final = frozenset(
    {
        Kind.MESSAGE_EDITED,
        Kind.MESSAGE_DELETED,
        Kind.REACTION,
        Kind.MEMBERS_REMOVED,
        Kind.OTHER,
        Kind.SETTINGS,
    }
)
"""Answered by nothing: what was asked is not asked again by editing it."""
BELIEVED_MS: Final = 3600 * 1000
"""How long Teams is believed that somebody is of the tenant, and no guest."""
MOST_BELIEVED: Final = 4096
UNKNOWN_STATUS: Final = 501


class Talk:
    """Implements the Bot that the channel hands activities to."""

    def __init__(self, desk: Desk, drawer: Drawer, askings: AskingDrawer) -> None:
        self._desk = desk
        self._press = Press(desk, drawer, askings, Throttle())
        self._askers = Askers(desk, Readers())
        self._of_tenant: dict[str, int] = {}

    async def turn(self, incoming: Incoming) -> Sequence[Answer]:
        """See the port."""
        here = rules.conversation_id(incoming.place.conversation_id)
        if _is_removal(incoming):
            self._askers.left(here)
            await self._desk.conversations.forget(here, once=incoming.replay_key)
            return []
        silent = incoming.kind in SILENT or _is_about_others(incoming)
        if silent and not (incoming.kind is Kind.MESSAGE_EDITED and incoming.text):
            return []
        person = await self._desk.people.find_in_teams(
            incoming.place.tenant_id, incoming.sender.aad_object_id
        )
        voided = await self._void_codes(person, incoming)
        if silent:
            return []
        if person is None or not await self._belongs(person, incoming):
            self._askers.saw(here, incoming)
            return refusing.stranger(self._desk, incoming)
        asker = await self._askers.asker(person, incoming)
        if voided and asker.is_alone:
            return [Say(asker.words.say("code.voided"))]
        return await self._told(asker)

    async def _told(self, asker: Asker) -> Sequence[Answer]:
        """The answers to somebody who is known, a refusal too."""
        try:
            answers = await self._answer(asker)
            return apart(asker, answers) if asker.is_apart else answers
        except Replayed:
            return []
        except DomainError as error:
            return await refusing.refused(self._desk, asker, error)

    async def _void_codes(self, person: Person | None, incoming: Incoming) -> int:
        """A living code or link that stands in a chat is useless from then on, whoever wrote it
        there and where; its owner is told elsewhere, and others who read along learn nothing. How
        many there were."""
        if not incoming.text:
            return 0
        codes = set(person.holdings) if person else set[str]()
        if incoming.place.kind is not PlaceKind.PERSONAL:
            here = rules.conversation_id(incoming.place.conversation_id)
            known = await self._desk.places.of(here)
            codes |= {known[0].organization} - {""} if known else set()
        voided = [
            await self._desk.verification.void_pasted(incoming.text, code) for code in sorted(codes)
        ]
        return sum(voided)

    async def _belongs(self, person: Person, incoming: Incoming) -> bool:
        """Whether they hold something, or are of an organisation's tenant by the word of Teams. Who
        is met so for the first time is noted with their name."""
        granted = [h for held in person.holdings.values() for h in held if h.grant != OF_TENANT]
        if granted or not person.holdings:
            return bool(granted)
        if self._of_tenant.get(person.person_id, 0) > self._desk.clock.now_ms():
            return True
        teams = self._desk.teams
        if teams is None or not await teams.is_of_tenant(incoming):
            return False
        if len(self._of_tenant) >= MOST_BELIEVED:
            self._of_tenant.clear()
        self._of_tenant[person.person_id] = self._desk.clock.now_ms() + BELIEVED_MS
        sender, place = incoming.sender, incoming.place
        for code in person.organizations:
            await self._desk.newcomers.met(code, place.tenant_id, sender.aad_object_id, sender.name)
        return True

    async def failed(self, incoming: Incoming, correlation_id: str) -> Sequence[Answer]:
        """See the port."""
        return refusing.failed(incoming, correlation_id)

    async def _answer(self, asker: Asker) -> Sequence[Answer]:
        incoming, desk = asker.incoming, self._desk
        require_standing(asker.actor, Activity.ACCOUNT)
        if incoming.kind in ARRIVALS:
            return await self._welcome(asker)
        if incoming.kind in INVOKES:
            return await self._invoked(asker)
        if incoming.kind is Kind.FILE_ANSWERED:
            return await self._file_answered(asker)
        await desk.activities.claim(incoming.replay_key, asker.actor.organization)
        if not (asker.is_apart or asker.is_passing):
            await desk.conversations.remember(place(incoming), actor=asker.actor)
        text = incoming.text
        command = incoming.value.get("command")
        if incoming.kind is Kind.CARD_SUBMIT and not text and isinstance(command, str):
            text = command
        kept = await attaching.kept(desk, asker) if incoming.files else []
        return kept if kept and not text else [*kept, *await asked(desk, asker, text)]

    async def _welcome(self, asker: Asker) -> Sequence[Answer]:
        """Keeps how to write here; Teams tells of an installation up to twice, so only news is
        greeted."""
        if asker.is_passing:
            return pages.guide(asker.words, lead="help.reporter", personal=False, reporter=True)
        if asker.is_apart:
            return []
        here = place(asker.incoming)
        key = asker.incoming.replay_key
        if not await self._desk.conversations.remember(here, actor=asker.actor, once=key):
            return []
        lead = "help.reporter" if asker.only_reports else "help.welcome"
        alone, reporter = asker.is_alone, asker.only_reports
        return pages.guide(asker.words, lead=lead, personal=alone, reporter=reporter)

    async def _invoked(self, asker: Asker) -> Sequence[Answer]:
        incoming, desk = asker.incoming, self._desk
        if incoming.kind is Kind.CARD_ACTION:
            return await self._pressed(asker)
        if asker.is_apart and incoming.kind in SEARCHES:
            return [SearchResults(message=asker.words.say("place.search"))]
        if incoming.kind in {Kind.FORM_ASKED, Kind.FORM_SENT}:
            return await reporting.from_message(desk, asker)
        if incoming.kind is Kind.SEARCH:
            return [await searching.search(desk, asker, incoming.text)]
        if incoming.kind is Kind.LINK:
            return [await searching.unfurl(desk, asker, incoming.text)]
        return [InvokeMessage(asker.words.say("refused.unknown_invoke"), UNKNOWN_STATUS)]

    async def _pressed(self, asker: Asker) -> Sequence[Answer]:
        """A button; what it is about is of the organisation it was drawn for."""
        desk = self._desk
        reference = await desk.references.read(asker.incoming.value.get("ref"))
        code = reference.organization
        if code not in asker.person.holdings:
            raise Foreign
        there = asker.place.organization if asker.place else code
        told = reference.conversation == ANYWHERE or code == there
        # Whose figures are told there is theirs to see who are of the one it is of now.
        told = told or (asker.incoming.verb in PLACES and not asker.is_apart)
        if not told:
            return await refusing.not_here(desk, asker, "refused.others")
        return await self._press.answer(reference, await self._of(code, asker))

    async def _file_answered(self, asker: Asker) -> Sequence[Answer]:
        """The answer to the offer of a file, of the organisation that the file is of."""
        context = asker.incoming.value.get("context")
        told = context.get("ref") if isinstance(context, dict) else None
        reference = await self._desk.references.read(told)
        if reference.organization not in asker.person.holdings:
            raise Foreign
        asker = await self._of(reference.organization, asker)
        return await handing.answered(self._desk, reference, asker)

    async def _of(self, code: str, asker: Asker) -> Asker:
        """The asker in that organisation, which is one of theirs."""
        if code == asker.organization.code:
            return asker
        tenancy = await self._desk.organizations.get(code)
        asker = asker._replace(
            actor=act(asker.person, code),
            organization=tenancy.organization,
            signer=await self._desk.references.signer(code),
        )
        require_standing(asker.actor, Activity.ACCOUNT)
        return asker


def _is_removal(incoming: Incoming) -> bool:
    """Whether the bot may not write here any more."""
    left = incoming.kind is Kind.MEMBERS_REMOVED and any(one.is_bot for one in incoming.members)
    return left or incoming.kind is Kind.REMOVED


def _is_about_others(incoming: Incoming) -> bool:
    """Whether people came, but not the bot."""
    came = incoming.kind is Kind.MEMBERS_ADDED
    return came and not any(one.is_bot for one in incoming.members)
