"""Draws the messages that alerts send, when they are sent and when somebody acts on them."""

from bot.cards import alerts as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.links import Links, Question
from bot.messages import Words, words
from bot.references import References, Verb
from portal.domain.alerts.model import Notice
from portal.domain.alerts.ports import Message
from portal.domain.shared.clock import Clock

DELIVERY = "delivery"
LASTING_DAYS = 7


class Drawer:
    """Implements the Composer of alerts."""

    def __init__(self, references: References, links: Links, clock: Clock) -> None:
        self._references = references
        self._links = links
        self._clock = clock

    async def compose(self, notice: Notice) -> Message:
        """See the port."""
        spoken = words(notice.language)
        card = await self.card(notice, spoken)
        return Message(card, str(card["fallbackText"]))

    async def card(self, notice: Notice, spoken: Words) -> Card:
        """The card of a notice in these words."""
        signer = await self._references.signer(notice.organization)
        record = f"{DELIVERY}:{notice.delivery.id}"
        subscription = notice.subscription
        version = subscription.version if subscription else 0
        verbs = [
            Verb.NOTICE,
            Verb.SNOOZE_1_HOUR,
            Verb.SNOOZE_8_HOURS,
            Verb.WAKE,
            Verb.UNSUBSCRIBE,
        ]
        reference = signer.sign(
            notice.conversation, record, verbs, version=version, days=LASTING_DAYS
        )
        buttons: list[Button] = []
        if subscription is not None and notice.rule is not None:
            quiet = subscription.snoozed_until_ms > self._clock.now_ms()
            if quiet:
                buttons.append(Button("alerts.wake", Verb.WAKE, reference))
            else:
                buttons.append(Button("alerts.snooze60", Verb.SNOOZE_1_HOUR, reference))
                buttons.append(Button("alerts.snooze480", Verb.SNOOZE_8_HOURS, reference))
            buttons.append(Button("alerts.unsubscribe", Verb.UNSUBSCRIBE, reference))
        queue = notice.rule.queue if notice.rule else ""
        return cards.notice(
            notice,
            spoken,
            buttons=buttons,
            url=self._links.dashboard(Question(queue), spoken.say("notice.heading")),
            again=Button("board.refresh", Verb.NOTICE, reference),
            now_ms=self._clock.now_ms(),
        )
