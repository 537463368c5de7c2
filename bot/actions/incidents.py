"""The buttons of incidents: one effect, then the card as it stands. Of two who act at once one
wins; the other sees how it stands now."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bot.actions import attaching, forms, reporting
from bot.actions.alerts import Pressed
from bot.actions.attaching import FILES
from bot.cards import incidents as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.commands import incidents as commands
from bot.commands.incidents import FORM, INCIDENT, OWN_REPORT, SEPARATOR, TRIAGE
from bot.context import Asker, Desk, place
from bot.messages import words as words_of
from bot.references import Tampered, Verb
from portal.domain.alerts.activities import Replayed
from portal.domain.incidents.masking import SORTS
from portal.domain.incidents.model import (
    EntryKind,
    Report,
    State,
    Whole,
)
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound

VERBS: Final = frozenset(
    {
        Verb.INCIDENT_REPORT,
        Verb.INCIDENT_LATER,
        Verb.INCIDENT_DISCARD,
        Verb.INCIDENT_SHOW,
        Verb.INCIDENT_ANSWER,
        Verb.INCIDENT_TAKE,
        Verb.INCIDENT_STEP,
        Verb.INCIDENT_SAY,
    }
)
FORMS: Final = {
    Verb.INCIDENT_REPORT: FORM,
    Verb.INCIDENT_LATER: FORM,
    Verb.INCIDENT_DISCARD: FILES,
}
"""Buttons of what is not reported yet, and the records of their cards."""
OF_MESSAGE: Final = 3
"""Parts of the record on a message that was sent: kind, incident and delivery."""
REASONS: Final = {
    "no-such-step": "incident.no_step",
    "merged": "incident.no_step",
    "no-decision": "incident.no_decision",
    "closed": "incident.closed",
    "too-many": "incident.too_many",
}


async def moved(desk: Desk, button: Pressed, asker: Asker) -> Card | None:
    """What stands in place of a message that was sent twice; None for the one. Raises
    DomainErrors."""
    parts = button.reference.record.split(SEPARATOR)
    if len(parts) != OF_MESSAGE:
        return None  # a card that was asked for
    message = asker.incoming.reply_to_id
    if not await desk.copies.is_copy(parts[-1], message, actor=asker.actor):
        return None
    read = words_of(asker.place.language) if asker.place else asker.words
    return cards.moved(read)


async def pressed(desk: Desk, button: Pressed, asker: Asker) -> Card:
    """The effect and the card, which is for all who read the message. Raises DomainErrors."""
    kind, _, rest = button.reference.record.partition(SEPARATOR)
    id = rest.partition(SEPARATOR)[0]
    if button.verb in FORMS:
        if kind != FORMS[button.verb] or not asker.is_alone:
            raise Tampered
        return await _form(desk, button, asker, looked=id == reporting.LOOKED)
    if kind == TRIAGE:
        return await _take_there(desk, id, button, asker)
    if not asker.is_alone or kind not in {OWN_REPORT, INCIDENT}:
        raise Tampered
    if kind == OWN_REPORT:
        return await _own(desk, id, button, asker)
    return await _handled(desk, id, button, asker)


async def _form(desk: Desk, button: Pressed, asker: Asker, *, looked: bool) -> Card:
    """What is not reported yet: sent, put off, or its files removed."""
    if button.verb is Verb.INCIDENT_DISCARD:
        return await attaching.discarded(desk, asker)
    if desk.references.is_expired(button.reference):
        return reporting.stale(asker, button.typed)
    if button.verb is Verb.INCIDENT_LATER:
        return await reporting.put_off(desk, button.typed, asker)
    return await reporting.reported(desk, button.typed, asker, looked=looked)


async def _own(desk: Desk, id: str, button: Pressed, asker: Asker) -> Card:
    """An own report: shown, or more of it, once its reporter has seen what was found in that."""
    actor, spoken = asker.actor, asker.words
    await desk.conversations.remember(place(asker.incoming), actor=actor)
    if button.verb is not Verb.INCIDENT_ANSWER or desk.references.is_expired(button.reference):
        return await commands.own(desk, asker, await desk.incidents.get(id, actor=actor))
    typed, once = forms.word(button.typed), asker.incoming.replay_key
    waiting = await desk.evidence.waiting(actor=actor) if typed.files else ()
    files = [one.id for one in waiting]
    said, refused = spoken.say("incident.sent"), False
    _, found = await desk.incidents.look(Report(typed.text), actor=actor)
    if found and typed.keep is None:
        before = await desk.incidents.get(id, actor=actor)
        return await commands.own(desk, asker, before, text=typed.text, findings=found)
    keep = SORTS if typed.keep else ()
    try:
        await desk.incidents.answer(id, typed.text, actor=actor, keep=keep, files=files, once=once)
    except Replayed:
        pass
    except InvalidInput:
        said, refused = spoken.say("report.empty"), True
    except Conflict as conflict:
        said, refused = spoken.say(REASONS.get(conflict.code, "refused.conflict")), True
    whole = await desk.incidents.get(id, actor=actor)
    return await commands.own(desk, asker, whole, said=said, refused=refused)


async def _handled(desk: Desk, id: str, button: Pressed, asker: Asker) -> Card:
    """An incident: shown, or changed over the version that the card was drawn of."""
    actor = asker.actor
    handling, version, once = desk.handling, button.reference.version, asker.incoming.replay_key
    typed = forms.word(button.typed)
    effects: dict[Verb, Callable[[], Awaitable[Whole]]] = {
        Verb.INCIDENT_TAKE: lambda: handling.take(id, actor=actor, version=version, once=once),
        Verb.INCIDENT_STEP: lambda: handling.step(
            id, State(typed.state), actor=actor, version=version, text=typed.text, once=once
        ),
        Verb.INCIDENT_SAY: lambda: handling.say(
            id, EntryKind(typed.kind), typed.text, actor=actor, version=version, once=once
        ),
    }
    said, refused = "", False
    effect = effects.get(button.verb)
    if effect is not None and not desk.references.is_expired(button.reference):
        said, refused = await _done(effect, asker)
    same = asker.incoming.is_refresh and await _is_as_sent(desk, id, version, asker)
    whole = await handling.get(id, actor=actor, told=effect is None and not same)
    return await commands.handled(desk, asker, whole, said=said, refused=refused)


async def _is_as_sent(desk: Desk, id: str, version: int, asker: Asker) -> bool:
    """Whether a card that refreshed by itself shows nothing that was not sent to its reader."""
    return (await desk.handling.get(id, actor=asker.actor)).incident.version == version


async def _done(effect: Callable[[], Awaitable[Whole]], asker: Asker) -> tuple[str, bool]:
    """What there is to say of an effect, and whether it was refused."""
    spoken = asker.words
    try:
        await effect()
    except Replayed:
        return "", False
    except InvalidInput:
        return spoken.say("report.empty"), True
    except Conflict as conflict:
        return spoken.say(REASONS.get(conflict.code, "refused.conflict")), True
    return spoken.say("incident.done"), False


async def _take_there(desk: Desk, id: str, button: Pressed, asker: Asker) -> Card:
    """Takes what a channel was told of; the card there says that it is taken, and nothing of what
    it says."""
    if button.verb is not Verb.INCIDENT_TAKE or asker.is_apart:
        raise Tampered
    actor = asker.actor
    spoken = words_of(asker.place.language) if asker.place else asker.words
    before = (await desk.handling.get(id, actor=actor)).incident
    said, refused = "", False
    if not desk.references.is_expired(button.reference):
        version, once = button.reference.version, asker.incoming.replay_key

        async def take() -> Whole:
            return await desk.handling.take(id, actor=actor, version=version, once=once)

        said, refused = await _done(take, asker._replace(words=spoken))
    whole = await desk.handling.get(id, actor=actor)
    incident = whole.incident
    lead = await desk.handling.person(incident.lead, actor=actor)
    again: Sequence[Button] = ()
    if incident.state is State.NEW and before.state is State.NEW:
        reference = asker.signer.sign(
            asker.conversation,
            f"{TRIAGE}{SEPARATOR}{id}",
            [Verb.INCIDENT_TAKE],
            version=incident.version,
            days=commands.LASTING_DAYS,
        )
        again = [Button("incident.take", Verb.INCIDENT_TAKE, reference)]
    if not whole.entries:
        raise NotFound("There is nothing to tell of it.")
    return cards.announced(
        spoken,
        incident,
        whole.entries[0],
        0,
        lead=lead.display_name if lead else "",
        buttons=again,
        url=desk.links.incident(incident.id, incident.reference),
        said=said,
        refused=refused,
    )
