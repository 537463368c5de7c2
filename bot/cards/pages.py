"""The cards without figures: help, who you are, settings, a choice of queues."""

from collections.abc import Sequence
from typing import Final

from bot.cards import elements as e
from bot.cards.elements import Card, Element
from bot.messages import Words

LISTED: Final = (
    *("dashboard", "queues", "my_stats", "alerts", "report", "incidents", "settings", "whoami"),
    *("who_can_see", "notice", "setup", "help"),
)
OF_REPORTERS: Final = ("report", "incidents", "whoami", "help")


def guide(
    words: Words, *, lead: str, personal: bool, guess: str = "", reporter: bool = False
) -> Card:
    """What can be asked. `lead` is a key of the catalogue, `guess` a command's name or ""; to a
    `reporter` only what they may is told."""
    listed = OF_REPORTERS if reporter else LISTED
    guess = guess if guess in listed else ""
    body: list[Element] = [e.heading(words.say("help.heading")), e.said(words.say(lead))]
    if guess:
        command = words.say(f"command.{guess}")
        body.append(e.said(words.say("help.guess", command=command), weight="Bolder"))
    for one in listed:
        name = e.said(words.say(f"command.{one}"), weight="Bolder")
        row = [e.column([name], "1"), e.column([e.said(words.say(f"about.{one}"))], "2")]
        body.append(e.columns(row, spacing="Small"))
    if not personal:
        body.append(e.said(words.say("help.channel"), isSubtle=True))
        return e.card(body, fallback=words.say("help.fallback"))
    order = [guess, *(one for one in listed if one != guess)] if guess else list(listed)
    actions = [e.ask(words.say(f"command.{one}"), words.say(f"command.{one}")) for one in order[:6]]
    return e.card(body, actions, fallback=words.say("help.fallback"))


def identity(
    words: Words,
    *,
    name: str,
    role: str,
    organization: str,
    time_zone: str,
    permissions: Sequence[str],
) -> Card:
    """Who somebody is here; for their own chat only."""
    rows = [
        (words.say("who.name"), name),
        (words.say("who.role"), words.role(role)),
        (words.say("who.organization"), organization),
        (words.say("who.time_zone"), time_zone),
    ]
    may = [words.say(f"may.{one}") for one in permissions] or [words.say("who.nothing")]
    body = [
        e.heading(words.say("who.heading")),
        *e.facts(rows),
        e.said(words.say("who.may"), isSubtle=True, separator=True),
        *(e.said(one, spacing="None") for one in may),
    ]
    return e.card(body, fallback=words.say("who.fallback"))


def settings(
    words: Words,
    *,
    language: str,
    range_: str,
    definition: str,
    organization: str,
    ranges: Sequence[str],
    definitions: Sequence[str],
    organizations: Sequence[tuple[str, str]],
    verb: str,
    reference: str,
    saved: bool = False,
    refused: str = "",
) -> Card:
    """What somebody chose, to be changed; organisations are (name, code), `refused` says why it
    was not saved."""
    languages = [(words.say(f"language.{one}"), one) for one in ("auto", "en", "de")]
    body: list[Element] = [e.heading(words.say("settings.heading"))]
    if saved:
        body.append(e.notable(words.say("settings.saved"), "good"))
    if refused:
        body.append(e.notable(refused, "warning"))
    body += [
        e.choice_set("language", words.say("settings.language"), languages, language or "auto"),
        e.choice_set(
            "range",
            words.say("settings.range"),
            [(words.say(f"range.{one}"), one) for one in ranges],
            range_,
        ),
        e.choice_set(
            "definition",
            words.say("settings.definition"),
            [(words.say(f"definition.{one}"), one) for one in definitions],
            definition,
        ),
    ]
    if len(organizations) > 1:
        label = words.say("settings.organization")
        body.append(e.choice_set("organization", label, organizations, organization))
    actions = [e.execute(words.say("settings.save"), verb, reference)]
    return e.card(body, actions, fallback=words.say("settings.fallback"))


def nothing(words: Words) -> Card:
    """In place of figures for somebody who may not see them."""
    return e.card([e.said(words.say("board.hidden"))], fallback=words.say("board.hidden"))


def choices(words: Words, lead: str, of: Sequence[tuple[str, str]], verb: str) -> Card:
    """Queues to choose from: (name, signed reference); `lead` is a key of the catalogue."""
    rows = [
        e.columns(
            [e.column([e.written(name)], "stretch")],
            selectAction=e.execute(words.say("board.open"), verb, reference),
            spacing="Small",
        )
        for name, reference in of
    ]
    return e.card([e.said(words.say(lead)), *rows], fallback=words.say("choice.fallback"))
