"""The buttons of the card that says whose figures are told in a shared chat or channel."""

from bot.cards.elements import Card
from bot.channel.turn import Incoming
from bot.commands.place import PLACE, SEPARATOR, place_card
from bot.context import Asker, Desk, place
from bot.references import Reference, Tampered, Verb
from portal.domain.access.rules import act
from portal.domain.alerts.activities import Replayed
from portal.domain.shared.errors import Conflict, Forbidden, NotFound


async def change(desk: Desk, reference: Reference, verb: Verb, asker: Asker) -> Card:
    """Moves or releases the place, then the card as it stands; without the effect when the card is
    old. Forbidden, Tampered for a record of another sort."""
    kind, _, rest = reference.record.partition(SEPARATOR)
    to, separator, version = rest.partition(SEPARATOR)
    if kind != PLACE or not separator or bool(to) != (verb is Verb.PLACE_MOVE):
        raise Tampered
    if to and to not in asker.person.holdings:
        raise Forbidden("You do not belong to the organisation that this place would be of.")
    words = asker.words
    if desk.references.is_expired(reference):
        return await place_card(desk, asker, said=words.say("refused.stale"), refused=True)
    try:
        ended = await _changed(desk, asker, to, version)
    except Replayed:
        return await place_card(desk, asker)
    except (Conflict, NotFound):
        return await place_card(desk, asker, said=words.say("refused.conflict"), refused=True)
    if to:  # who it is of now knows how to write there
        moved = act(asker.person, to)
        await desk.conversations.remember(place(asker.incoming), actor=moved)
    return await place_card(desk, asker, said=words.say("place.changed", count=ended))


async def _changed(desk: Desk, asker: Asker, to: str, version: str) -> int:
    incoming: Incoming = asker.incoming
    id, actor, once = asker.conversation, asker.actor, incoming.replay_key
    if not to:
        return await desk.places.release(id, actor=actor, version=version, once=once)
    wanted = act(asker.person, to)
    return await desk.places.move(id, wanted, actor=actor, version=version, once=once)
