"""How a refusal is told: a plain sentence with the next step, an entry in the trail.

A card that asks by itself while its reader may not see what it shows gets a card without figures in
its place: a refusal beside them would leave them standing.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.cards import pages as cards
from bot.cards import policies
from bot.cards.elements import Card
from bot.channel.turn import (
    Answer,
    Incoming,
    IncomingKind,
    InvokeCard,
    InvokeMessage,
    PlaceKind,
    Say,
    SearchResults,
    Show,
    ShowPrivately,
)
from bot.commands import informing, pages
from bot.commands.views import NoView
from bot.context import Asker, Desk
from bot.messages import Words, words
from bot.references import Foreign, Tampered, Verb
from portal.domain.access.service import SignedIn
from portal.domain.informing.service import NOTICE_FIRST
from portal.domain.organizations.standing import State
from portal.domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    Unavailable,
)
from portal.logs import event

LOGGER = logging.getLogger(__name__)
Kind = IncomingKind
INVOKES: Final = frozenset(
    {
        *(Kind.CARD_ACTION, Kind.SEARCH, Kind.LINK, Kind.SETTINGS, Kind.OTHER_INVOKE),
        *(Kind.FORM_ASKED, Kind.FORM_SENT),
    }
)
ARRIVALS: Final = frozenset({Kind.INSTALLED, Kind.MEMBERS_ADDED})
SEARCHES: Final = frozenset({Kind.SEARCH, Kind.LINK})
STATUSES: Final[Mapping[type[DomainError], tuple[str, int]]] = {
    Tampered: ("refused.tampered", 403),
    Forbidden: ("refused.forbidden", 403),
    NoView: ("refused.view", 404),
    NotFound: ("refused.not_found", 404),
    InvalidInput: ("refused.invalid", 400),
    RateLimited: ("refused.busy", 429),
    Unavailable: ("refused.unavailable", 503),
    Conflict: ("refused.conflict", 409),
}
OF_STANDING: Final[Mapping[str, str]] = {
    f"organization-{state}": f"refused.{state}" for state in State if state is not State.ACTIVE
}
FIELD: Final = re.compile(r"[a-z_]{1,20}")
"""A field's name as a form has it; names of inputs that somebody made up are not repeated."""
HELD: Final = "policy-not-accepted"
NEXT_STEPS: Final = {HELD: "policy", NOTICE_FIRST: "informing"}
"""Refusals that somebody can end by a step of their own, by the messages about it."""
AUDITED: Final = frozenset({403, 404})
TELLING_SECONDS: Final = 2.0
"""How long the answer of a refusal may wait for the audit trail."""
STRANGER_STATUS: Final = 403
NOT_HERE_STATUS: Final = 403


def stranger(desk: Desk, incoming: Incoming) -> Sequence[Answer]:
    """What somebody hears whom the directory of people does not know; the trail of the region
    counts them, but for those who were merely added."""
    spoken = words(incoming.locale)
    if incoming.kind not in ARRIVALS:
        desk.refusals.tell_of_nobody(operation=_operation(incoming), status=STRANGER_STATUS)
    if incoming.kind in SEARCHES:
        return [SearchResults(message=spoken.say("search.not_known"))]
    if incoming.is_refresh:
        return [InvokeCard(cards.nothing(spoken))]
    if incoming.kind in INVOKES:
        return [InvokeMessage(spoken.say("refused.stranger"), STRANGER_STATUS)]
    if incoming.kind in ARRIVALS:
        alone = incoming.place.kind is PlaceKind.PERSONAL
        return pages.guide(spoken, lead="help.welcome", personal=alone)
    return [Say(spoken.say("refused.stranger"))]


def failed(incoming: Incoming, correlation_id: str) -> Sequence[Answer]:
    """What is said when the bot itself failed."""
    text = words(incoming.locale).say("failed", id=correlation_id)
    if incoming.kind in SEARCHES:
        return [SearchResults(message=text)]
    if incoming.kind in INVOKES:
        return [InvokeMessage(text, 500)]
    asked = incoming.kind in {Kind.MESSAGE, Kind.CARD_SUBMIT}
    return [Say(text)] if asked else []


async def refused(desk: Desk, asker: Asker, error: DomainError) -> Sequence[Answer]:
    """What somebody hears whom a service refused."""
    key, status = next(
        (STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES),
        ("refused.unavailable", 503),
    )
    kind = asker.incoming.kind
    event(LOGGER, logging.INFO, "turn refused", code=error.code)
    if status in AUDITED:
        await _tell(desk, asker, status)
    if asker.incoming.is_refresh and isinstance(error, Foreign | Forbidden):
        return [InvokeCard(cards.nothing(asker.words))]
    if error.code in NEXT_STEPS:
        return await _next_step(desk, asker, error.code, status)
    text = _sentence(key, asker, error)
    if kind in SEARCHES:
        return [SearchResults(message=text)]
    if kind in INVOKES:
        return [InvokeMessage(text, status)]
    return [Say(text)]


async def _next_step(desk: Desk, asker: Asker, code: str, status: int) -> Sequence[Answer]:
    """What somebody has to do first, in their own chat alone."""
    words, kind = asker.words, NEXT_STEPS[code]
    card = await (_policies(desk, asker) if code == HELD else _notice(desk, asker))
    label = str(card["fallbackText"])
    private = ShowPrivately(words.say(f"{kind}.private"), words.say("who.unreachable"), card, label)
    if asker.incoming.kind in SEARCHES:
        return [SearchResults(message=words.say(f"{kind}.held"))]
    if asker.incoming.kind in INVOKES:
        return [InvokeMessage(words.say(f"{kind}.held"), status), private]
    return [Show(card, label)] if asker.is_alone else [private]


async def _policies(desk: Desk, asker: Asker) -> Card:
    own = await desk.policies.own(actor=asker.actor)
    waiting = [
        (one.policy.title, one.policy.current(one.now_ms).number) for one in own if not one.accepted
    ]
    url = desk.links.policies(asker.words.say("policy.heading"))
    return policies.held(asker.words, waiting, url=url)


async def _notice(desk: Desk, asker: Asker) -> Card:
    return await informing.noticed(desk, asker, lead=asker.words.say("informing.held"))


async def not_here(desk: Desk, asker: Asker, key: str) -> Sequence[Answer]:
    """What somebody hears who pressed a button in a place where it does not work."""
    await _tell(desk, asker, NOT_HERE_STATUS)
    return [InvokeMessage(asker.words.say(key), NOT_HERE_STATUS)]


def _operation(incoming: Incoming) -> str:
    """What was asked for, in our own words: the verb of a button if there is one of that name."""
    known = incoming.kind is Kind.CARD_ACTION and incoming.verb in set(Verb)
    return f"bot.{incoming.verb}" if known else f"bot.{incoming.kind}"


async def _tell(desk: Desk, asker: Asker, status: int) -> None:
    """Tells the audit trail; the answer stays the refusal whatever becomes of that."""
    code = asker.organization.code
    who = SignedIn(asker.person, code)
    try:
        async with asyncio.timeout(TELLING_SECONDS):
            await desk.refusals.tell(who, code, operation=_operation(asker.incoming), status=status)
    except Exception as error:  # noqa: BLE001 - the trail's trouble is not the asker's
        event(LOGGER, logging.ERROR, "refusal not audited", error=error)


def _sentence(key: str, asker: Asker, error: DomainError) -> str:
    spoken: Words = asker.words
    if error.code in OF_STANDING:
        return spoken.say(OF_STANDING[error.code] if asker.is_alone else "refused.standing_here")
    if key == "refused.forbidden" and not asker.is_alone:
        return spoken.say("refused.forbidden_here")
    if key == "refused.forbidden":
        return spoken.say(key, role=spoken.role(asker.actor.role))
    if isinstance(error, InvalidInput) and key == "refused.invalid":
        named = [one for one in sorted(error.fields) if FIELD.fullmatch(one)]
        return spoken.say(key, fields=", ".join(named) or error.code)
    return spoken.say(key)
