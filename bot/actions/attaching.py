"""Files that somebody attached in their own chat: fetched, kept until they are sent with a report
or an answer, or removed again."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bot.cards import incidents as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.channel.turn import Answer, SentFile, Show
from bot.context import Asker, Desk, chat_with
from bot.references import Verb
from portal.domain.access.model import Permission
from portal.domain.access.rules import require
from portal.domain.incidents.model import EvidenceFile
from portal.domain.shared.errors import Conflict, DomainError, NotFound

FILES: Final = "incident-files"
LASTING_DAYS: Final = 30
ALL_S: Final = 7.0
"""For all files of a message: Teams waits for the turn, and whoever wrote for an answer."""
REASONS: Final = frozenset(
    {
        *("file-name", "file-sort", "file-content", "file-empty"),
        *("too-large", "too-many-files", "rate-limited"),
    }
)


async def kept(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """Keeps the files of the message, and says what became of each. Forbidden."""
    require(asker.actor, Permission.INCIDENTS_REPORT)
    end = asyncio.get_running_loop().time() + ALL_S
    came = [(one.name, await _one(desk, asker, one, end)) for one in asker.incoming.files]
    files = await desk.evidence.waiting(actor=asker.actor)
    card = cards.attached(asker.words, came, files, [_discard(asker)] if files else [])
    return [Show(card, asker.words.say("files.fallback"))]


async def discarded(desk: Desk, asker: Asker) -> Card:
    """Removes every file that waits."""
    files: Sequence[EvidenceFile] = await desk.evidence.waiting(actor=asker.actor)
    for one in files:
        try:
            await desk.evidence.discard(one.id, actor=asker.actor)
        except (Conflict, NotFound):
            continue  # gone by now, or sent with something
    said = asker.words.say("files.discarded")
    return cards.removed(asker.words, said)


async def _one(desk: Desk, asker: Asker, file: SentFile, end: float) -> str:
    """Why the file was not kept, "" when it was."""
    if desk.teams is None:
        return asker.words.say("files.why.other")
    try:
        async with asyncio.timeout_at(end):
            body = desk.teams.pieces(file.address)
            await desk.evidence.upload(file.name, "", body, actor=asker.actor)
    except TimeoutError:
        return asker.words.say("files.why.other")
    except DomainError as error:
        return _why(asker, error.code)
    return ""


def _why(asker: Asker, code: str) -> str:
    return asker.words.say(f"files.why.{code if code in REASONS else 'other'}")


def _discard(asker: Asker) -> Button:
    reference = asker.signer.sign(
        chat_with(asker.person.person_id), FILES, [Verb.INCIDENT_DISCARD], days=LASTING_DAYS
    )
    return Button("files.discard", Verb.INCIDENT_DISCARD, reference)
