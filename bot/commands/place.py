"""Whose figures are told in a shared chat or channel, and who may change that.

Others read the card along and may press what is on it: the services look at who presses.
"""

from collections.abc import Sequence
from typing import Final

from bot.cards import place as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.channel.turn import Answer, Show
from bot.context import Asker, Desk
from bot.references import Verb
from portal.domain.access.model import Permission
from portal.domain.access.rules import act, may
from portal.domain.alerts.model import Place

PLACE: Final = "place"
SEPARATOR: Final = ":"


async def settings(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """The card for those who may change it; nothing elsewhere and for others."""
    if asker.place is None or asker.is_apart or not may(asker.actor, Permission.ALERTS_MANAGE):
        return []
    card = await place_card(desk, asker)
    return [Show(card, asker.words.say("place.fallback"))]


async def place_card(desk: Desk, asker: Asker, *, said: str = "", refused: bool = False) -> Card:
    """Whose the place is as it stands now, with what the asker may do about it; `said` is told
    above that."""
    known = await desk.places.of(asker.conversation)
    words = asker.words
    if known is None:
        return cards.free(words, said=said, refused=refused)
    place, version = known
    owner = (await desk.organizations.get(place.organization)).organization
    buttons: list[Button] = []
    if _manages(asker, place.organization):
        buttons = await _buttons(desk, asker, place, version)
    return cards.bound(words, owner.name, buttons, said=said, refused=refused)


def _manages(asker: Asker, organization: str) -> bool:
    theirs = organization in asker.person.holdings
    return theirs and may(act(asker.person, organization), Permission.ALERTS_MANAGE)


async def _buttons(desk: Desk, asker: Asker, place: Place, version: str) -> list[Button]:
    words = asker.words
    signer = await desk.references.signer(place.organization)

    def button(verb: Verb, title: str, to: str) -> Button:
        record = SEPARATOR.join((PLACE, to, version))
        return Button(title, verb, signer.sign(asker.conversation, record, [verb]))

    made = []
    for code in asker.person.holdings:
        if code != place.organization and _manages(asker, code):
            name = (await desk.organizations.get(code)).organization.name
            made.append(button(Verb.PLACE_MOVE, cards.move_title(name, words), code))
    made.append(button(Verb.PLACE_RELEASE, words.say("place.release"), ""))
    return made
