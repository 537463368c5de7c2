"""The button of a request to see identities: it shows how the request stands now."""

from bot.actions.alerts import Pressed
from bot.askings import BREAK_GLASS, SEPARATOR, AskingDrawer
from bot.cards.elements import Card
from bot.context import Asker, Desk
from bot.references import Tampered
from portal.domain.access.model import Permission
from portal.domain.access.rules import may
from portal.domain.break_glass.model import Asking
from portal.domain.shared.errors import NotFound


async def pressed(desk: Desk, drawer: AskingDrawer, button: Pressed, asker: Asker) -> Card:
    """The request as it stands, for whoever may see it still. Forbidden, NotFound."""
    kind, _, id = button.reference.record.partition(SEPARATOR)
    if kind != BREAK_GLASS or not asker.is_alone:
        raise Tampered
    actor = asker.actor
    found = await desk.break_glass.requests(actor=actor)
    listed = next((one for one in found if one.request.id == id), None)
    if listed is None:
        raise NotFound("There is no such request.")
    own = listed.request.person_id == actor.person_id
    asking = Asking(
        asker.organization.code,
        asker.organization.time_zone,
        asker.conversation,
        asker.words.language,
        listed.request,
        listed.stage,
        listed.name,
        listed.decided_by,
        own,
        own or may(actor, Permission.ACCESS_DECIDE),
    )
    return await drawer.card(asking, asker.words)
