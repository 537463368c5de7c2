"""By which ways people are written to, and development's mailbox."""

from collections.abc import Mapping

from aiohttp import web

from portal.domain.communications.model import CHOSEN_WAYS, Choices, MessageClass, Way
from portal.domain.shared.clock import instant
from portal.domain.shared.errors import NotFound
from portal.web.api.development import is_here
from portal.web.api.setup import setting_up
from portal.web.exchange import Handler, actor, body, respond
from portal.web.schemas import communications as schemas


async def preferences(request: web.Request) -> web.StreamResponse:
    """The caller's choices."""
    return _chosen(await setting_up(request).communications.choices(actor=actor(request)))


async def save_preferences(request: web.Request) -> web.StreamResponse:
    """Other choices."""
    said = await body(request, schemas.OwnPreferences)
    wanted = {(MessageClass(one.message_class), Way(one.way)): one.on for one in said.preferences}
    return _chosen(
        await setting_up(request).communications.choose(
            wanted, version=said.version, actor=actor(request)
        )
    )


async def messages(request: web.Request) -> web.StreamResponse:
    """What development did not send."""
    mailbox = setting_up(request).mailbox
    if mailbox is None or not is_here(request):
        raise NotFound("There is nothing at this address.")
    return respond(
        schemas.DevelopmentMessages(
            messages=[
                schemas.DevelopmentMessage(
                    way=one.way.value,
                    to=one.parcel.to,
                    topic=one.parcel.topic,
                    subject=one.parcel.words.subject,
                    text=one.parcel.words.text,
                    link=one.parcel.words.link or None,
                    code=one.parcel.code or None,
                    at=instant(one.at_ms),
                )
                for one in mailbox.messages()
            ]
        )
    )


def _chosen(of: Choices) -> web.Response:
    return respond(
        schemas.Preferences(
            version=of.version,
            preferences=[
                schemas.Preference(
                    message_class=kind.value,
                    way=way.value,
                    on=kind is MessageClass.ESSENTIAL or way not in of.silenced,
                    changeable=kind is MessageClass.OPTIONAL,
                )
                for kind in MessageClass
                for way in CHOSEN_WAYS
            ],
        )
    )


HANDLERS: Mapping[str, Handler] = {
    "preferences": preferences,
    "save_preferences": save_preferences,
}
DEVELOPMENT_HANDLERS: Mapping[str, Handler] = {"development_messages": messages}
