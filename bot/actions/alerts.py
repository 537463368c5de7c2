"""The buttons of the list of alerts, and of its form: one effect, then the list as it stands."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from bot.actions import forms
from bot.cards.alert_form import ALL
from bot.cards.elements import Card
from bot.commands import alerts as listing
from bot.context import Asker, Desk, place
from bot.references import Reference, Tampered, Verb
from portal.domain.access.model import Permission
from portal.domain.access.rules import require
from portal.domain.alerts.activities import Replayed
from portal.domain.alerts.model import Listener
from portal.domain.alerts.service import MOMENTS, NOT_YET, TOO_MANY
from portal.domain.shared.errors import Conflict, Forbidden, NotFound

SNOOZES: Final = {Verb.SNOOZE_1_HOUR: 60, Verb.SNOOZE_8_HOURS: 480, Verb.WAKE: 0}
REASONS: Final = {NOT_YET: "refused.no_chat", TOO_MANY: "refused.too_many"}


class Pressed(NamedTuple):
    """A button that holds: what it is about, what it is to do, what was typed beside it."""

    reference: Reference
    verb: Verb
    typed: Mapping[str, Any]


async def pressed_list(desk: Desk, pressed: Pressed, asker: Asker) -> Card:
    """The effect and the list; without the effect when the card is old. Raises DomainErrors."""
    words = asker.words
    if desk.references.is_expired(pressed.reference):
        stale = words.say("refused.stale")
        return await listing.listing(desk, asker, said=stale, refused=True)
    kind, _, id = pressed.reference.record.partition(listing.SEPARATOR)
    effects: dict[tuple[str, Verb], Callable[[], Awaitable[str]]] = {
        (listing.LIST, Verb.ALERT_CREATE): lambda: _create(desk, pressed, asker),
        (listing.RULE, Verb.ALERT_CHANGE): lambda: _change(desk, id, pressed, asker),
        (listing.RULE, Verb.ALERT_REMOVE): lambda: _remove(desk, id, pressed, asker),
        (listing.RULE, Verb.SUBSCRIBE): lambda: _subscribe(desk, id, asker),
    }
    effect = effects.get((kind, pressed.verb))
    try:
        if (kind, pressed.verb) == (listing.RULE, Verb.ALERT_EDIT):
            require(asker.actor, Permission.ALERTS_MANAGE)
            return await listing.listing(desk, asker, edited=id)
        if effect is not None:
            said = await effect()
        elif kind == listing.SUBSCRIPTION:
            said = await quiet(desk, id, pressed, asker)
        else:
            raise Tampered
    except Replayed:
        return await listing.listing(desk, asker)
    except NotFound:
        gone = words.say("refused.not_found")
        return await listing.listing(desk, asker, said=gone, refused=True)
    except Conflict as conflict:
        key = REASONS.get(conflict.code, "refused.conflict")
        return await listing.listing(desk, asker, said=words.say(key), refused=True)
    return await listing.listing(desk, asker, said=said)


async def quiet(desk: Desk, id: str, pressed: Pressed, asker: Asker) -> str:
    """Snoozes, wakes or ends the subscription `id`; what there is to say of it."""
    alerts, version = desk.alerts, pressed.reference.version
    actor, once, words = asker.actor, asker.incoming.replay_key, asker.words
    if pressed.verb is Verb.UNSUBSCRIBE:
        await alerts.unsubscribe(id, actor=actor, version=version, once=once)
        return words.say("notice.ended")
    if pressed.verb not in SNOOZES:
        raise Tampered
    minutes = SNOOZES[pressed.verb]
    changed = await alerts.snooze(id, minutes, actor=actor, version=version, once=once)
    if not changed.snoozed_until_ms:
        return words.say("alerts.here")
    zone = asker.organization.time_zone
    return words.say("alerts.quiet_until", until=words.time(changed.snoozed_until_ms, zone))


async def _create(desk: Desk, pressed: Pressed, asker: Asker) -> str:
    require(asker.actor, Permission.ALERTS_MANAGE)
    form = forms.alert(pressed.typed)
    await desk.alerts.create(
        _queue(form),
        form.trigger(),
        actor=asker.actor,
        listener=await _listener(desk, asker),
        once=asker.incoming.replay_key,
    )
    return asker.words.say("alerts.created")


async def _change(desk: Desk, id: str, pressed: Pressed, asker: Asker) -> str:
    form = forms.alert(pressed.typed)
    await desk.alerts.change(
        id,
        _queue(form),
        form.trigger(),
        actor=asker.actor,
        version=pressed.reference.version,
        once=asker.incoming.replay_key,
    )
    return asker.words.say("alerts.changed")


async def _remove(desk: Desk, id: str, pressed: Pressed, asker: Asker) -> str:
    await desk.alerts.remove(
        id,
        actor=asker.actor,
        version=pressed.reference.version,
        once=asker.incoming.replay_key,
    )
    return asker.words.say("notice.removed")


async def _subscribe(desk: Desk, id: str, asker: Asker) -> str:
    if asker.actor.is_blind:  # the service refuses too, but the chat would have been kept by then
        raise Forbidden(MOMENTS)
    await desk.alerts.subscribe(
        id,
        await _listener(desk, asker),
        actor=asker.actor,
        once=asker.incoming.replay_key,
    )
    return asker.words.say("alerts.here")


async def _listener(desk: Desk, asker: Asker) -> Listener:
    """Whoever presses, in the chat they press in, which is kept to be written to once they may."""
    alone, alike = Permission.ALERTS_VIEW, Permission.ALERTS_MANAGE
    require(asker.actor, alone if asker.is_alone else alike)
    sender, here = asker.incoming.sender, place(asker.incoming)
    await desk.conversations.remember(here, actor=asker.actor)
    return Listener(here, sender.aad_object_id, sender.channel_id, asker.words.language)


def _queue(form: forms.Alert) -> str:
    return "" if form.queue == ALL else form.queue
