"""Which contact data is held, and what for."""

from collections.abc import Mapping

from aiohttp import web

from portal.domain.shared.fields import Purpose
from portal.domain.verification.held import FIELDS
from portal.web.api.setup import setting_up
from portal.web.exchange import Handler, actor, respond
from portal.web.schemas import contact_data as schemas


async def contact_data(request: web.Request) -> web.StreamResponse:
    """What is held, with its purposes."""
    held = await setting_up(request).held_data.of(actor=actor(request))
    used = {one for kind, name, _ in FIELDS.values() for one in kind.field(name).purposes}
    return respond(
        schemas.ContactData(
            held=[
                schemas.HeldField(
                    data=one.data.value,
                    whose=one.whose.value,
                    purposes=[purpose.value for purpose in one.purposes],
                    is_held=one.is_held,
                    shown=one.shown or None,
                )
                for one in held
            ],
            never=[one.value for one in Purpose if one not in used],
        )
    )


HANDLERS: Mapping[str, Handler] = {"contact_data": contact_data}
