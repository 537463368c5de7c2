"""Who asks, where: the organisation whose figures are told, and the chat that buttons are for."""

from collections.abc import Sequence

from bot.cards.elements import without_refresh
from bot.channel.turn import Answer, Incoming, PlaceKind, Say, Show, ShowPrivately
from bot.context import Asker, Desk, chat_with
from bot.messages import words
from bot.readers import Readers
from bot.refusing import INVOKES
from portal.domain.access.model import Person
from portal.domain.access.rules import act, only_reports
from portal.domain.alerts import rules
from portal.domain.alerts.conversations import Preference
from portal.domain.alerts.model import Place


class Askers:
    """Finds out of a turn who asks there as what."""

    def __init__(self, desk: Desk, readers: Readers) -> None:
        self._desk = desk
        self._readers = readers

    async def asker(self, person: Person, incoming: Incoming) -> Asker:
        """The person where they are: in the organisation that the place belongs to, in the one they
        chose where nobody reads along or the place is of others, else at home."""
        chosen = await self._desk.conversations.preference(person)
        alone = incoming.place.kind is PlaceKind.PERSONAL
        home = person.organizations[0]
        spoken = words(chosen.language, incoming.locale)
        here = rules.conversation_id(incoming.place.conversation_id)
        theirs, version = None, ""
        if not alone:
            first = None if _only_of_tenant(person) else Place(home, spoken.language)
            theirs, version = await self._place(here, incoming, first)
        apart = theirs is not None and theirs.organization not in person.holdings
        code = home if theirs is None or apart else theirs.organization
        if (alone or apart) and chosen.organization in person.holdings:
            code = chosen.organization
        tenancy = await self._desk.organizations.get(code)
        asker = Asker(
            person=person,
            actor=act(person, code),
            organization=tenancy.organization,
            preference=chosen if alone or apart else Preference(code, chosen.language),
            words=spoken,
            incoming=incoming,
            conversation=here,
            signer=await self._desk.references.signer(code),
            place=theirs,
            place_version=version,
            readers=self.saw(here, incoming),
        )
        if not asker.is_apart or incoming.kind in INVOKES:
            return asker
        own = await self._desk.conversations.own(actor=asker.actor)
        return asker._replace(conversation=own.id if own else chat_with(person.person_id))

    async def _place(
        self, id: str, incoming: Incoming, first: Place | None
    ) -> tuple[Place | None, str]:
        """Whose the shared place is; whoever speaks to the bot there first decides it, if they hold
        something there."""
        known = await self._desk.places.of(id)
        if known is None and first is not None and incoming.kind not in INVOKES:
            await self._desk.places.bind(id, first)
            known = await self._desk.places.of(id)
        return (None, "") if known is None else known

    def saw(self, here: str, incoming: Incoming) -> tuple[str, ...]:
        """Whose clients refresh cards here: who asks first of all."""
        asks = incoming.sender.channel_id
        if incoming.place.kind is PlaceKind.PERSONAL:
            return (asks,) if asks else ()
        came = [one.channel_id for one in incoming.members if not one.is_bot]
        return self._readers.saw(here, [*came, asks])

    def left(self, here: str) -> None:
        """The bot was removed there."""
        self._readers.forget(here)


def _only_of_tenant(person: Person) -> bool:
    return all(only_reports(one) for one in person.holdings.values())


def apart(asker: Asker, answers: Sequence[Answer]) -> Sequence[Answer]:
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
