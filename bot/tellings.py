"""Draws what incidents tell: to who reported, to who handles them, to the channel."""

from bot.cards import incidents as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.commands.incidents import (
    INCIDENT,
    LASTING_DAYS,
    OWN_REPORT,
    SEPARATOR,
    TRIAGE,
    VERBS,
)
from bot.links import Links
from bot.messages import words
from bot.references import References, Verb
from portal.domain.alerts.ports import Message
from portal.domain.incidents.model import State, Telling
from portal.domain.shared.clock import Clock


class Teller:
    """Implements the Composer of incidents. A card opens what it tells of; changes are made on the
    card that is drawn then, so that what was sent long ago changes nothing by itself. In somebody's
    own chat Teams refreshes it, by which a copy is found and gives way."""

    def __init__(self, references: References, links: Links, clock: Clock) -> None:
        self._references = references
        self._links = links
        self._clock = clock

    async def compose(self, telling: Telling) -> Message:
        """See the port."""
        card = await self._card(telling)
        return Message(card, str(card["fallbackText"]))

    async def _card(self, of: Telling) -> Card:
        spoken, incident = words(of.language), of.incident
        if of.whole is None:
            reference = await self._reference(of, TRIAGE)
            take = [Button("incident.take", Verb.INCIDENT_TAKE, reference)]
            return cards.announced(
                spoken,
                incident,
                of.entry,
                of.waiting,
                lead=of.lead,
                buttons=take if incident.state is State.NEW else [],
                url=self._links.incident(incident.id, incident.reference),
            )
        if of.reader:
            reference = await self._reference(of, OWN_REPORT)
            shown = tuple(one for one in of.whole.entries if one.shown)
            closed = incident.state is State.CLOSED
            return cards.own(
                spoken,
                of.whole._replace(entries=shown),
                of.time_zone,
                answer=None
                if closed
                else Button("incident.answer", Verb.INCIDENT_ANSWER, reference),
                show=Button("board.refresh", Verb.INCIDENT_SHOW, reference),
                url=self._links.report(incident.id, incident.reference),
                again=Button("board.refresh", Verb.INCIDENT_SHOW, reference),
            )
        reference = await self._reference(of, INCIDENT)
        return cards.handled(
            spoken,
            of.whole,
            of.time_zone,
            self._clock.now_ms(),
            lead=of.lead,
            buttons=[Button("incident.show", Verb.INCIDENT_SHOW, reference)],
            url=self._links.incident(incident.id, incident.reference),
            again=Button("board.refresh", Verb.INCIDENT_SHOW, reference),
        )

    async def _reference(self, of: Telling, kind: str) -> str:
        signer = await self._references.signer(of.organization)
        return signer.sign(
            of.conversation,
            SEPARATOR.join((kind, of.incident.id, of.delivery)),
            VERBS[kind],
            version=of.incident.version,
            days=LASTING_DAYS,
        )
