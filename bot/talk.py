"""The conversation: every authenticated activity, from who wrote it to what is answered.

Reading turns claim the activity before they answer, changing ones in the batch of their change, so
that an activity that Teams sends again has its effect once. Whoever the directory of people does
not know gets one sentence with the next step and no figures.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from bot import searching
from bot.actions.press import Press
from bot.actions.throttle import Throttle
from bot.cards.elements import without_refresh
from bot.channel.turn import (
    Answer,
    Incoming,
    IncomingKind,
    InvokeMessage,
    PlaceKind,
    Say,
    SearchResults,
    Show,
    ShowPrivately,
)
from bot.commands import alerts, figures, pages
from bot.context import Asker, Desk, place
from bot.messages import Words, words
from bot.notices import Drawer
from bot.reading import LONGEST_TEXT, Command, Named, Request, choose, normal, read
from bot.references import ANYWHERE, Tampered
from portal.domain.access.model import Person
from portal.domain.access.rules import act
from portal.domain.access.service import SignedIn
from portal.domain.alerts import rules
from portal.domain.alerts.activities import Replayed
from portal.domain.alerts.conversations import Place, Preference
from portal.domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    Unavailable,
)
from portal.logs import event

LOGGER = logging.getLogger(__name__)
Kind = IncomingKind
INVOKES: Final = frozenset(
    {Kind.CARD_ACTION, Kind.SEARCH, Kind.LINK, Kind.SETTINGS, Kind.OTHER_INVOKE}
)
ARRIVALS: Final = frozenset({Kind.INSTALLED, Kind.MEMBERS_ADDED})
SEARCHES: Final = frozenset({Kind.SEARCH, Kind.LINK})
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
STATUSES: Final[Mapping[type[DomainError], tuple[str, int]]] = {
    Tampered: ("refused.tampered", 403),
    Forbidden: ("refused.forbidden", 403),
    NotFound: ("refused.not_found", 404),
    InvalidInput: ("refused.invalid", 400),
    RateLimited: ("refused.busy", 429),
    Unavailable: ("refused.unavailable", 503),
    Conflict: ("refused.conflict", 409),
}
FIELD: Final = re.compile(r"[a-z_]{1,20}")
"""A field's name as a form has it; names of inputs that somebody made up are not repeated."""
AUDITED: Final = frozenset({403, 404})
TELLING_SECONDS: Final = 2.0
"""How long the answer of a refusal may wait for the audit trail."""
STRANGER_STATUS: Final = 403
REFUSED: Final = 403
UNKNOWN_STATUS: Final = 501


class Talk:
    """Implements the Bot that the channel hands activities to."""

    def __init__(self, desk: Desk, drawer: Drawer) -> None:
        self._desk = desk
        self._press = Press(desk, drawer, Throttle())

    async def turn(self, incoming: Incoming) -> Sequence[Answer]:
        """See the port."""
        if _is_removal(incoming):
            here = rules.conversation_id(incoming.place.conversation_id)
            await self._desk.conversations.forget(here, once=incoming.replay_key)
            return []
        if incoming.kind in SILENT or _is_about_others(incoming):
            return []
        person = await self._desk.people.find_in_teams(
            incoming.place.tenant_id, incoming.sender.aad_object_id
        )
        if person is None or not person.holdings:
            return self._to_stranger(incoming)
        asker = await self._asker(person, incoming)
        try:
            answers = await self._answer(asker)
            return _apart(asker, answers) if asker.is_apart else answers
        except Replayed:
            return []
        except DomainError as error:
            return await self._refused(asker, error)

    async def failed(self, incoming: Incoming, correlation_id: str) -> Sequence[Answer]:
        """See the port."""
        text = words(incoming.locale).say("failed", id=correlation_id)
        if incoming.kind in SEARCHES:
            return [SearchResults(message=text)]
        if incoming.kind in INVOKES:
            return [InvokeMessage(text, 500)]
        asked = incoming.kind in {Kind.MESSAGE, Kind.CARD_SUBMIT}
        return [Say(text)] if asked else []

    # --- who ------------------------------------------------------------------------------

    async def _asker(self, person: Person, incoming: Incoming) -> Asker:
        chosen = await self._desk.conversations.preference(person)
        alone = incoming.place.kind is PlaceKind.PERSONAL
        code, theirs = person.organizations[0], None
        if alone and chosen.organization in person.holdings:
            code = chosen.organization
        spoken = words(chosen.language, incoming.locale)
        if not alone:
            theirs = await self._place(incoming, Place(code, spoken.language))
            code = (
                theirs.organization if theirs and theirs.organization in person.holdings else code
            )
        tenancy = await self._desk.organizations.get(code)
        return Asker(
            person=person,
            actor=act(person, code),
            organization=tenancy.organization,
            preference=chosen if alone else Preference(code, chosen.language),
            words=spoken,
            incoming=incoming,
            conversation=rules.conversation_id(incoming.place.conversation_id),
            signer=await self._desk.references.signer(code),
            place=theirs,
        )

    async def _place(self, incoming: Incoming, first: Place) -> Place | None:
        """Whose the shared place is; whoever speaks to the bot there first decides it."""
        id = rules.conversation_id(incoming.place.conversation_id)
        known = await self._desk.conversations.place(id)
        if known is not None or incoming.kind in INVOKES:
            return known
        return await self._desk.conversations.bind(id, first)

    def _to_stranger(self, incoming: Incoming) -> Sequence[Answer]:
        spoken = words(incoming.locale)
        if incoming.kind in SEARCHES:
            return [SearchResults(message=spoken.say("search.not_known"))]
        if incoming.kind in INVOKES:
            return [InvokeMessage(spoken.say("refused.stranger"), STRANGER_STATUS)]
        if incoming.kind in ARRIVALS:
            return pages.guide(
                spoken,
                lead="help.welcome",
                personal=incoming.place.kind is PlaceKind.PERSONAL,
            )
        return [Say(spoken.say("refused.stranger"))]

    # --- what -----------------------------------------------------------------------------

    async def _welcome(self, asker: Asker) -> Sequence[Answer]:
        """Keeps how to write here; Teams tells of an installation up to twice, so only news is
        greeted."""
        if asker.is_apart:
            return []
        here = place(asker.incoming)
        key = asker.incoming.replay_key
        if not await self._desk.conversations.remember(here, actor=asker.actor, once=key):
            return []
        return pages.guide(asker.words, lead="help.welcome", personal=asker.is_alone)

    async def _answer(self, asker: Asker) -> Sequence[Answer]:
        incoming, desk = asker.incoming, self._desk
        if incoming.kind in ARRIVALS:
            return await self._welcome(asker)
        if incoming.kind in INVOKES:
            return await self._invoked(asker)
        await desk.activities.claim(incoming.replay_key, asker.actor.organization)
        if not asker.is_apart:
            await desk.conversations.remember(place(incoming), actor=asker.actor)
        text = incoming.text
        command = incoming.value.get("command")
        if incoming.kind is Kind.CARD_SUBMIT and not text and isinstance(command, str):
            text = command
        return await self._asked(asker, text)

    async def _invoked(self, asker: Asker) -> Sequence[Answer]:
        incoming, desk = asker.incoming, self._desk
        if incoming.kind is Kind.CARD_ACTION:
            return await self._pressed(asker)
        if asker.is_apart and incoming.kind in SEARCHES:
            return [SearchResults(message=asker.words.say("place.search"))]
        if incoming.kind is Kind.SEARCH:
            return [await searching.search(desk, asker, incoming.text)]
        if incoming.kind is Kind.LINK:
            return [await searching.unfurl(desk, asker, incoming.text)]
        return [InvokeMessage(asker.words.say("refused.unknown_invoke"), UNKNOWN_STATUS)]

    async def _pressed(self, asker: Asker) -> Sequence[Answer]:
        """A button; what it is about is of the organisation it was drawn for."""
        reference = await self._desk.references.read(asker.incoming.value.get("ref"))
        code = reference.organization
        if code not in asker.person.holdings:
            raise Tampered
        there = asker.place.organization if asker.place else code
        if reference.conversation != ANYWHERE and code != there:
            return [InvokeMessage(asker.words.say("refused.elsewhere"), REFUSED)]
        if code != asker.organization.code:
            tenancy = await self._desk.organizations.get(code)
            asker = asker._replace(
                actor=act(asker.person, code),
                organization=tenancy.organization,
                signer=await self._desk.references.signer(code),
            )
        return await self._press.answer(reference, asker)

    async def _asked(self, asker: Asker, text: str) -> Sequence[Answer]:
        incoming = asker.incoming
        if len(text) > LONGEST_TEXT:
            return self._guide(asker, "help.long")
        if not normal(text) and incoming.attachments:
            return self._guide(asker, "help.attachment")
        asked = read(text)
        if asked.command is None:
            return await self._unclear(asker, text, asked)
        return await self._command(asker, asked)

    async def _command(self, asker: Asker, asked: Request) -> Sequence[Answer]:
        desk = self._desk
        does: dict[Command, Callable[[], Awaitable[Sequence[Answer]]]] = {
            Command.DASHBOARD: lambda: figures.dashboard(desk, asker, asked.queue, asked.range),
            Command.QUEUES: lambda: figures.queues(desk, asker, asked.range),
            Command.MY_STATS: lambda: figures.mine(desk, asker, asked.range),
            Command.ALERTS: lambda: alerts.alerts(desk, asker),
            Command.SETTINGS: lambda: pages.settings(desk, asker),
        }
        if asked.command in does:
            return await does[asked.command]()
        if asked.command is Command.WHOAMI:
            return pages.whoami(asker)
        return self._guide(asker, "help.welcome")

    async def _unclear(self, asker: Asker, text: str, asked: Request) -> Sequence[Answer]:
        """A queue's name alone asks for its figures; everything else is told what can be asked."""
        if asked.guess is None:
            choices = await self._choices(asker)
            found = choose(text, choices)
            if len(found) == 1 and normal(found[0].name) == normal(text):
                return await figures.dashboard(self._desk, asker, normal(text), "")
        guess = asked.guess.value if asked.guess else ""
        return self._guide(asker, "help.unknown", guess)

    async def _choices(self, asker: Asker) -> list[Named]:
        try:
            found = await self._desk.dashboards.queue_choices(actor=asker.actor)
        except Forbidden:
            return []
        return [Named(one.id, one.name) for one in found]

    def _guide(self, asker: Asker, lead: str, guess: str = "") -> Sequence[Answer]:
        return pages.guide(asker.words, lead=lead, personal=asker.is_alone, guess=guess)

    async def _refused(self, asker: Asker, error: DomainError) -> Sequence[Answer]:
        key, status = next(
            (STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES),
            ("refused.unavailable", 503),
        )
        kind = asker.incoming.kind
        event(LOGGER, logging.INFO, "turn refused", code=error.code)
        if status in AUDITED:
            await self._tell(asker, status)
        text = _sentence(key, asker, error)
        if kind in SEARCHES:
            return [SearchResults(message=text)]
        if kind in INVOKES:
            return [InvokeMessage(text, status)]
        return [Say(text)]

    async def _tell(self, asker: Asker, status: int) -> None:
        """Tells the audit trail; the answer stays the refusal whatever becomes of that."""
        code = asker.organization.code
        who = SignedIn(asker.person, code)
        operation = f"bot.{asker.incoming.kind}"
        try:
            async with asyncio.timeout(TELLING_SECONDS):
                await self._desk.refusals.tell(who, code, operation=operation, status=status)
        except Exception as error:  # noqa: BLE001 - the trail's trouble is not the asker's
            event(LOGGER, logging.ERROR, "refusal not audited", error=error)


def _apart(asker: Asker, answers: Sequence[Answer]) -> Sequence[Answer]:
    """The answers to somebody of another organisation, for their own chat alone."""
    notice, unreachable = asker.words.say("place.private"), asker.words.say("who.unreachable")
    made: list[Answer] = []
    for one in answers:
        match one:
            case Say(text):
                made.append(ShowPrivately(notice, unreachable, text=text))
            case Show(card, fallback):
                shown = without_refresh(card)
                made.append(ShowPrivately(notice, unreachable, shown, fallback))
            case _:
                made.append(one)
    return made


def _is_removal(incoming: Incoming) -> bool:
    """Whether the bot may not write here any more."""
    left = incoming.kind is Kind.MEMBERS_REMOVED and any(one.is_bot for one in incoming.members)
    return left or incoming.kind is Kind.REMOVED


def _is_about_others(incoming: Incoming) -> bool:
    """Whether people came, but not the bot."""
    came = incoming.kind is Kind.MEMBERS_ADDED
    return came and not any(one.is_bot for one in incoming.members)


def _sentence(key: str, asker: Asker, error: DomainError) -> str:
    spoken: Words = asker.words
    if key == "refused.forbidden" and not asker.is_alone:
        return spoken.say("refused.forbidden_here")
    if key == "refused.forbidden":
        return spoken.say(key, role=spoken.role(asker.actor.role))
    if isinstance(error, InvalidInput) and key == "refused.invalid":
        named = [one for one in sorted(error.fields) if FIELD.fullmatch(one)]
        return spoken.say(key, fields=", ".join(named) or error.code)
    return spoken.say(key)
