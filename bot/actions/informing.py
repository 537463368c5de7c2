"""The button that confirms a notice: once, for the edition that was on the card."""

from bot.actions.alerts import Pressed
from bot.cards.elements import Card
from bot.commands.informing import RECORD, SEPARATOR, noticed
from bot.context import Asker, Desk
from bot.references import Tampered
from portal.domain.informing.model import Way
from portal.domain.shared.errors import Conflict


async def pressed(desk: Desk, button: Pressed, asker: Asker) -> Card:
    """The effect and the card as it stands; of a newer edition when there is one. Raises
    DomainErrors."""
    kind, _, number = button.reference.record.partition(SEPARATOR)
    if kind != RECORD or not asker.is_alone or not number.isdecimal():
        raise Tampered
    own = await desk.informing.own(actor=asker.actor)
    edition = own.edition
    if edition is None or edition.number != int(number):
        return await noticed(desk, asker, lead=asker.words.say("informing.newer"))
    if desk.references.is_expired(button.reference):
        return await noticed(desk, asker)
    try:
        await desk.informing.confirm(
            edition.number, edition.text_hash, way=Way.TEAMS, actor=asker.actor
        )
    except Conflict:
        return await noticed(desk, asker, lead=asker.words.say("informing.newer"))
    return await noticed(desk, asker, said=asker.words.say("informing.thanks"))
