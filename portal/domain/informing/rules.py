"""Who must know a notice, what it may look like, when somebody is asked again."""

from collections.abc import Mapping

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import may, only_reports
from portal.domain.informing.model import LANGUAGES, Audience, Known, Text
from portal.domain.shared.errors import InvalidInput

DAY_MS = 24 * 3600 * 1000
WAITS_MS = (2 * DAY_MS, 4 * DAY_MS, 8 * DAY_MS, 16 * DAY_MS)
"""How long after each asking the next one comes; after the last nobody is asked again."""
LONGEST_TITLE, LONGEST_TEXT, MOST_LINES = 120, 4000, 60
"""What a card can show whole: who confirms a notice must have seen all of it."""


def is_concerned(actor: Actor, audience: Audience) -> bool:
    """Whether the notice is for them. Agents are those whose own figures there are, and who are
    shown their own alone. Who may report incidents alone works with nothing that it is about."""
    if only_reports(actor.holdings):
        return False
    if audience is Audience.EVERYONE:
        return True
    own_alone = may(actor, Permission.AGENTS_VIEW_OWN) and not may(actor, Permission.AGENTS_VIEW)
    return own_alone or bool(actor.agent_keys)


def is_due(known: Known, number: int, now_ms: int) -> bool:
    """Whether somebody is to be asked for that edition now."""
    if known.word(number) is not None:
        return False
    if known.asked != number:
        return True
    if known.asks > len(WAITS_MS):
        return False
    return now_ms >= known.asked_at_ms + WAITS_MS[known.asks - 1]


def asked(known: Known, number: int, now_ms: int) -> Known:
    """After asking them for that edition."""
    asks = known.asks + 1 if known.asked == number else 1
    return known._replace(asked=number, asks=asks, asked_at_ms=now_ms)


def check(texts: Mapping[str, Text]) -> None:
    """Raises InvalidInput for a notice that says nothing, or more than a card can show."""
    wrong: dict[str, str] = {}
    if not texts or not set(texts) <= set(LANGUAGES):
        wrong["texts"] = f"one of {', '.join(LANGUAGES)} at least"
    for language, (title, text) in texts.items():
        if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable():
            wrong[f"{language}.title"] = f"1 to {LONGEST_TITLE} characters on one line"
        if not text.strip() or len(text) > LONGEST_TEXT or len(text.splitlines()) > MOST_LINES:
            wrong[f"{language}.text"] = f"1 to {LONGEST_TEXT} characters on {MOST_LINES} lines"
    if wrong:
        raise InvalidInput("The notice cannot be published so.", fields=wrong)
