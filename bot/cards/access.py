"""The cards about who may see what; for the asker's own chat only."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.cards import elements as e
from bot.cards.elements import Card, Element
from bot.messages import Words

MOST_LISTED: Final = 20


class Holder(NamedTuple):
    """Somebody who can see it: their name, and what lets them, which may be anybody's texts."""

    name: str
    because: str


def holders(words: Words, target: str, of: Sequence[Holder], *, url: str) -> Card:
    """Who can see the target, a queue or a dashboard by its name."""
    body = [e.heading(words.say("access.heading")), e.written(target, weight="Bolder")]
    if not of:
        body.append(e.said(words.say("access.nobody")))
    body += [_row(one.name, one.because) for one in of[:MOST_LISTED]]
    if len(of) > MOST_LISTED:
        more = words.say("access.more", count=str(len(of) - MOST_LISTED))
        body.append(e.written(more, isSubtle=True))
    return _framed(words, body, url)


def person(
    words: Words, name: str, rows: Sequence[tuple[str, str]], *, blind: bool, url: str
) -> Card:
    """What one person can see: rows of label (of the catalogue) and value (of anybody)."""
    body = [e.heading(words.say("access.heading_person")), e.written(name, weight="Bolder")]
    if blind:
        body.append(e.said(words.say("access.blind"), isSubtle=True))
    return _framed(words, [*body, *e.facts(rows)], url)


def several(words: Words, found: Sequence[tuple[str, str]]) -> Card:
    """What may have been meant: (sort, name); nothing when nothing is near."""
    lead = words.say("access.several" if found else "access.unknown")
    rows = e.facts(found)
    body = [e.said(lead), *rows, e.said(words.say("access.hint"), isSubtle=True)]
    return e.card(body, fallback=words.say("access.fallback"))


def _row(name: str, because: str) -> Element:
    left, right = e.written(name, weight="Bolder"), e.written(because)
    return e.columns([e.column([left], "1"), e.column([right], "1")], spacing="Small")


def _framed(words: Words, body: Sequence[Element], url: str) -> Card:
    actions = [e.link(words.say("access.open"), url)] if url else []
    return e.card(body, actions, fallback=words.say("access.fallback"))
