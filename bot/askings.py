"""Draws the messages about requests to see identities, when they are sent and when somebody looks
again. Deciding is done in the tab: it asks for a second factor, which a press in Teams cannot
prove, so the card leads there."""

from typing import Final

from bot.cards import break_glass as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.links import Links
from bot.messages import Words, words
from bot.references import References, Verb
from portal.domain.alerts.ports import Message
from portal.domain.break_glass.model import Asking

BREAK_GLASS: Final = "break-glass"
SEPARATOR: Final = ":"
LASTING_DAYS: Final = 7


class AskingDrawer:
    """Implements the Composer of break-glass."""

    def __init__(self, references: References, links: Links) -> None:
        self._references = references
        self._links = links

    async def compose(self, asking: Asking) -> Message:
        """See the port."""
        card = await self.card(asking, words(asking.language))
        return Message(card, str(card["fallbackText"]))

    async def card(self, asking: Asking, spoken: Words) -> Card:
        """The card of a request in these words."""
        signer = await self._references.signer(asking.organization)
        record = f"{BREAK_GLASS}{SEPARATOR}{asking.request.id}"
        reference = signer.sign(
            asking.conversation,
            record,
            [Verb.BREAK_GLASS_SHOW],
            version=asking.request.version,
            days=LASTING_DAYS,
        )
        show = Button("board.refresh", Verb.BREAK_GLASS_SHOW, reference)
        url = self._links.break_glass(asking.request.id, spoken.say("glass.open"))
        return cards.request(spoken, asking, show=show, url=url)
