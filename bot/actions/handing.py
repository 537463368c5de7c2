"""Files of an incident handed to who handles it, in their own chat: offered, and put into their
OneDrive when they agree to it ("Send and receive files", file consent).

An offer is a signed reference to one file; what its reader may is looked up again when they agree,
and the trail says that they read it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.actions import forms
from bot.actions.alerts import Pressed
from bot.cards.elements import Card
from bot.channel.turn import Answer, GivenFile, OfferFile, Say, Teams
from bot.commands import incidents as commands
from bot.commands.incidents import INCIDENT, SEPARATOR
from bot.context import Asker, Desk, chat_with
from bot.references import Reference, Tampered, Verb
from portal.domain.access.model import Permission
from portal.domain.access.rules import require
from portal.domain.shared.errors import InvalidInput, NotFound, Unavailable

FILE: Final = "incident-file"
LASTING_DAYS: Final = 1
ALL_S: Final = 7.0
"""For a file to get there: Teams waits for the turn."""
LONGEST: Final = 4096
LONGEST_NAME: Final = 256


async def offered(desk: Desk, button: Pressed, asker: Asker) -> tuple[Card, OfferFile | None]:
    """The card as it stands, and the offer of the file that was chosen on it. Forbidden, NotFound,
    Tampered."""
    kind, _, id = button.reference.record.partition(SEPARATOR)
    if kind != INCIDENT or not asker.is_alone:
        raise Tampered
    whole = await desk.handling.get(id, actor=asker.actor)
    chosen = forms.word(button.typed).file
    file = next((one for one in whole.files if one.id == chosen), None)
    if desk.teams is None or desk.references.is_expired(button.reference):
        return await commands.handled(desk, asker, whole), None
    if file is None:
        raise NotFound("There is no such file.")
    words, here = asker.words, chat_with(asker.person.person_id)
    reference = asker.signer.sign(
        here, f"{FILE}{SEPARATOR}{file.id}", [Verb.INCIDENT_FILE], days=LASTING_DAYS
    )
    told = words.say("files.offer", reference=whole.incident.reference)
    card = await commands.handled(desk, asker, whole, said=words.say("files.offered"))
    return card, OfferFile(file.name, file.size, told, reference)


async def answered(desk: Desk, reference: Reference, asker: Asker) -> Sequence[Answer]:
    """What follows the answer to an offer: the file where Teams takes it, or nothing when it was
    declined. Forbidden, NotFound, Tampered, Replayed."""
    kind, _, id = reference.record.partition(SEPARATOR)
    whose = reference.conversation == chat_with(asker.person.person_id)
    if kind != FILE or not (whose and asker.is_alone):
        raise Tampered
    require(asker.actor, Permission.INCIDENTS_HANDLE)
    await desk.policies.require_accepted(asker.actor)
    value = asker.incoming.value
    if value.get("action") != "accept" or desk.teams is None:
        return []
    if desk.references.is_expired(reference):
        return [Say(asker.words.say("files.offer_over"))]
    await desk.activities.claim(asker.incoming.replay_key, asker.actor.organization)
    upload = value.get("uploadInfo")
    told: Mapping[str, Any] = upload if isinstance(upload, dict) else {}
    try:
        async with asyncio.timeout(ALL_S):
            return [await _given(desk, desk.teams, asker, id, told)]
    except (TimeoutError, InvalidInput, NotFound, Unavailable):
        return [Say(asker.words.say("files.not_given"))]


async def _given(
    desk: Desk, teams: Teams, asker: Asker, id: str, told: Mapping[str, Any]
) -> GivenFile:
    """Reads the file, which the trail tells, into the upload that Teams opened."""
    shown = _text(told, "contentUrl", LONGEST)
    file, reader = await desk.evidence.read(id, actor=asker.actor)
    try:
        await teams.deliver(
            _text(told, "uploadUrl", LONGEST), shown, reader.stream(), size=file.size
        )
    finally:
        await reader.close()
    name = _text(told, "name", LONGEST_NAME) or file.name
    return GivenFile(name, shown, _text(told, "uniqueId"), _text(told, "fileType"))


def _text(of: Mapping[str, Any], name: str, longest: int = LONGEST_NAME) -> str:
    value = of.get(name)
    return value if isinstance(value, str) and len(value) <= longest else ""
