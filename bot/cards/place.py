"""The card that says whose figures are told in a shared chat or channel."""

from collections.abc import Sequence

from bot.cards import elements as e
from bot.cards.alerts import Button
from bot.cards.elements import Card, Element
from bot.messages import Words


def move_title(organization: str, words: Words) -> str:
    """The title of the button that gives the place to that organisation."""
    return words.say("place.move", organization=e.plain(organization))


def bound(
    words: Words,
    organization: str,
    buttons: Sequence[Button],
    *,
    said: str = "",
    refused: bool = False,
) -> Card:
    """A place of that organisation; the buttons' titles are shown as they are."""
    body = [*_head(words, said, refused=refused)]
    body += e.facts([(words.say("place.organization"), organization)])
    body.append(e.said(words.say("place.about"), isSubtle=True))
    if buttons:
        body.append(e.said(words.say("place.warning"), isSubtle=True))
    actions = [e.execute(one.title, one.verb, one.reference) for one in buttons]
    return e.card(body, actions, fallback=words.say("place.fallback"))


def free(words: Words, *, said: str = "", refused: bool = False) -> Card:
    """A place of nobody."""
    body = [*_head(words, said, refused=refused), e.said(words.say("place.free"))]
    return e.card(body, fallback=words.say("place.fallback"))


def _head(words: Words, said: str, *, refused: bool) -> list[Element]:
    body: list[Element] = [e.heading(words.say("place.heading"))]
    if said:
        body.append(e.notable(said, "warning" if refused else "good"))
    return body
