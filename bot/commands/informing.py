"""`notice`: what the organisation tells its people about their data, in their own chat."""

from collections.abc import Sequence
from typing import Final

from bot.cards import informing as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.channel.turn import Answer, Show, ShowPrivately
from bot.context import Asker, Desk, chat_with
from bot.messages import Words
from bot.references import Verb
from portal.domain.access.model import Actor
from portal.domain.informing.model import Own
from portal.domain.organizations.model import Organization

RECORD: Final = "informing"
SEPARATOR: Final = ":"
LASTING_DAYS: Final = 30


async def notice(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """The newest notice; whoever has to may confirm it there."""
    label, card = asker.words.say("informing.heading"), await noticed(desk, asker)
    if asker.is_alone:
        return [Show(card, label)]
    words = asker.words
    return [
        ShowPrivately(words.say("informing.private"), words.say("who.unreachable"), card, label)
    ]


async def noticed(desk: Desk, asker: Asker, *, lead: str = "", said: str = "") -> Card:
    """The card of it as it stands for the asker."""
    own = await desk.informing.own(actor=asker.actor)
    return await drawn(
        desk, asker.words, asker.organization, own, asker.actor, lead=lead, said=said
    )


async def drawn(
    desk: Desk,
    words: Words,
    organization: Organization,
    own: Own,
    actor: Actor,
    *,
    lead: str = "",
    said: str = "",
) -> Card:
    """The card of what the person has to read, for their own chat alone."""
    if own.edition is None:
        return cards.nothing(words)
    confirm = None
    if own.waits:
        signer = await desk.references.signer(organization.code)
        reference = signer.sign(
            chat_with(actor.person_id),
            f"{RECORD}{SEPARATOR}{own.edition.number}",
            [Verb.NOTICE_CONFIRM],
            version=own.edition.number,
            days=LASTING_DAYS,
        )
        confirm = Button("informing.confirm", Verb.NOTICE_CONFIRM, reference)
    elif own.word is not None and not said:
        at = words.time(own.word.at_ms, organization.time_zone)
        said = words.say("informing.confirmed", at=at)
    label = words.say("informing.heading")
    _, text = own.edition.text(words.language)
    return cards.notice(
        words,
        organization.name,
        text,
        lead=lead,
        said=said,
        confirm=confirm,
        url=desk.links.notice(label),
    )
