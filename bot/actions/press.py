"""From a pressed button to one effect and one card.

The signature says what the button was drawn for; the caller is who Teams says; what they may is
looked up now. Whatever does not hold changes nothing and, where it can, draws how it stands.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bot import refusing
from bot.actions import alerts, break_glass, forms, handing, incidents, informing
from bot.actions import place as places
from bot.actions.alerts import Pressed
from bot.actions.throttle import Throttle
from bot.askings import AskingDrawer
from bot.cards import alerts as alert_cards
from bot.cards.elements import Card, without_refresh
from bot.channel.turn import Answer, InvokeCard, Update
from bot.commands import figures, pages, views
from bot.context import Asker, Desk
from bot.messages import Words, words
from bot.notices import DELIVERY, Drawer
from bot.references import ANYWHERE, Reference, Tampered, Verb
from portal.domain.alerts.activities import Replayed
from portal.domain.alerts.model import Notice
from portal.domain.shared.errors import Conflict, NotFound

PLACES: Final = frozenset({Verb.PLACE_MOVE, Verb.PLACE_RELEASE})
READING: Final = frozenset({Verb.BOARD, Verb.OWN, Verb.QUEUES, Verb.VIEW})
UNHELD: Final = READING | {
    Verb.NOTICE,
    Verb.SETTINGS_SAVE,
    Verb.INCIDENT_SHOW,
    Verb.INCIDENT_REPORT,
    Verb.INCIDENT_ANSWER,
    Verb.NOTICE_CONFIRM,
    Verb.BREAK_GLASS_SHOW,
}
"""What somebody may press who has a policy to accept: looking, their own language, and reporting
what security must hear of."""


class Press:
    """What every button does."""

    def __init__(
        self, desk: Desk, drawer: Drawer, askings: AskingDrawer, throttle: Throttle
    ) -> None:
        self._desk = desk
        self._drawer = drawer
        self._askings = askings
        self._throttle = throttle

    async def answer(self, reference: Reference, asker: Asker) -> Sequence[Answer]:
        """What to answer to a reference of ours that was pressed. Raises DomainErrors."""
        incoming = asker.incoming
        try:
            verb = Verb(incoming.verb)
        except ValueError:
            raise Tampered from None
        if verb not in reference.verbs:
            raise Tampered
        if not asker.is_for_here(reference):
            return await refusing.not_here(self._desk, asker, "refused.elsewhere")
        if verb not in UNHELD:
            await self._desk.policies.require_accepted(asker.actor)
        typed = {name: value for name, value in incoming.value.items() if name != "ref"}
        pressed = Pressed(reference, verb, typed)
        if verb in READING:
            return [InvokeCard(await self._read(pressed, asker))]
        if verb is Verb.SETTINGS_SAVE:
            return [InvokeCard(await self._save(pressed, asker))]
        if reference.conversation == ANYWHERE:
            raise Tampered
        return await self._on_record(pressed, asker)

    async def _on_record(self, pressed: Pressed, asker: Asker) -> Sequence[Answer]:
        """A button of a card that tells how something stands."""
        reference, verb = pressed.reference, pressed.verb
        card: Card | None = None
        if verb is Verb.INCIDENT_FILE:
            card, offer = await handing.offered(self._desk, pressed, asker)
            return [*self._for_all(asker, card), *([offer] if offer else [])]
        if verb in PLACES:
            card = await places.change(self._desk, reference, verb, _as_here(asker))
        elif verb is Verb.NOTICE_CONFIRM:
            card = await informing.pressed(self._desk, pressed, asker)
        elif verb is Verb.BREAK_GLASS_SHOW:
            card = await break_glass.pressed(self._desk, self._askings, pressed, asker)
        elif verb in incidents.VERBS:
            moved = await incidents.moved(self._desk, pressed, asker)
            card = moved or await incidents.pressed(self._desk, pressed, asker)
            if moved is None and asker.incoming.is_refresh:
                return [InvokeCard(without_refresh(card))]
        if card is not None:
            return self._for_all(asker, card)
        if reference.record.startswith(f"{DELIVERY}:"):
            return await self._on_notice(pressed, asker)
        if verb is Verb.ALERT_EDIT:  # the form is for who pressed alone
            return [InvokeCard(await alerts.pressed_list(self._desk, pressed, asker))]
        card = await alerts.pressed_list(self._desk, pressed, _as_here(asker))
        return self._for_all(asker, card)

    # --- figures --------------------------------------------------------------------------

    async def _read(self, pressed: Pressed, asker: Asker) -> Card:
        """The figures as they stand; the same card without refresh when it was drawn a moment ago
        for the same person."""
        reference = pressed.reference
        # Every drawing signs anew: the key is what was asked on which message, not the signature.
        actor, message = asker.actor, asker.incoming.reply_to_id
        asked = (reference.organization, reference.conversation, reference.record, pressed.verb)
        key = (asked, message, actor.person_id, actor.holdings, asker.words.language)
        now_ms = self._desk.clock.now_ms()
        known = self._throttle.recent(key, now_ms)
        if known is not None:
            return known
        card = await self._drawn(pressed, asker)
        self._throttle.keep(key, now_ms, card)
        return card

    async def _drawn(self, pressed: Pressed, asker: Asker) -> Card:
        reference = pressed.reference
        if pressed.verb is Verb.VIEW:
            return await views.view_card(self._desk, asker, views.id_of(reference.record))
        question = figures.question_of(reference.record)
        if pressed.verb is Verb.OWN:
            if not asker.is_alone:
                raise Tampered
            return await figures.own_card(self._desk, asker, question)
        if pressed.verb is Verb.QUEUES:
            return await figures.queues_card(self._desk, asker, question.range)
        anywhere = reference.conversation == ANYWHERE
        return await figures.board_card(self._desk, asker, question, anywhere=anywhere)

    # --- settings -------------------------------------------------------------------------

    async def _save(self, pressed: Pressed, asker: Asker) -> Card:
        kind, separator, version = pressed.reference.record.partition(pages.SEPARATOR)
        if not asker.is_alone or kind != pages.PREFERENCES or not separator:
            raise Tampered
        saved, refused = False, ""
        if not self._desk.references.is_expired(pressed.reference):
            chosen = forms.settings(pressed.typed)
            kept = pages.preference(
                chosen.language, chosen.range, chosen.definition, chosen.organization
            )
            try:
                await self._desk.conversations.prefer(
                    asker.person, kept, version=version, once=asker.incoming.replay_key
                )
                saved = True
            except Replayed:
                saved = True
            except Conflict:
                refused = asker.words.say("refused.conflict")
        return await pages.settings_card(self._desk, asker, saved=saved, refused=refused)

    # --- a message of an alert ------------------------------------------------------------

    async def _on_notice(self, pressed: Pressed, asker: Asker) -> Sequence[Answer]:
        id = pressed.reference.record.removeprefix(f"{DELIVERY}:")
        notice = await self._desk.notices.get(id, actor=asker.actor)
        if not notice.delivery.activity and asker.incoming.reply_to_id:
            message = asker.incoming.reply_to_id
            await self._desk.notices.learn(notice.delivery, message, actor=asker.actor)
            notice = await self._desk.notices.get(id, actor=asker.actor)
        if _is_copy(notice, asker):
            return self._for_all(asker, alert_cards.moved(_read_here(notice, asker)))
        expired = self._desk.references.is_expired(pressed.reference)
        if pressed.verb is not Verb.NOTICE and not expired:
            with suppress(Conflict, NotFound):  # it stands otherwise by now; the card says how
                await alerts.quiet(self._desk, notice.delivery.subscription, pressed, asker)
            notice = await self._desk.notices.get(id, actor=asker.actor)
        if pressed.verb is Verb.NOTICE:
            return [InvokeCard(without_refresh(await self._drawer.card(notice, asker.words)))]
        return self._for_all(asker, await self._drawer.card(notice, _read_here(notice, asker)))

    def _for_all(self, asker: Asker, card: Card) -> Sequence[Answer]:
        """The card for who pressed, and in place of the message for all who see it later."""
        answers: list[Answer] = [InvokeCard(card)]
        message = asker.incoming.reply_to_id
        if message:
            answers.append(Update(message, card, str(card["fallbackText"])))
        return answers


def _as_here(asker: Asker) -> Asker:
    """The asker in the language of the place: what all will see is not in the presser's."""
    return asker if asker.place is None else asker._replace(words=words(asker.place.language))


def _read_here(notice: Notice, asker: Asker) -> Words:
    """The language of a message that others read along: the one it was sent in."""
    return asker.words if asker.is_alone else words(notice.language)


def _is_copy(notice: Notice, asker: Asker) -> bool:
    """Whether the button stands on a second copy of a message that was sent again."""
    known, here = notice.delivery.activity, asker.incoming.reply_to_id
    return notice.delivery.attempts > 1 and bool(known) and bool(here) and known != here
