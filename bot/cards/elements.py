"""Parts of cards, version 1.5. Whatever somebody else wrote is shown in a TextRun, which Teams
takes as it is: never as markdown, link or mention. TextBlocks, which are markdown, and titles of
actions hold messages of our catalogue only; texts outside cards go through `plain`.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

Element = dict[str, Any]
Card = dict[str, Any]

VERSION: Final = "1.5"
SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
MOST_REFRESHING: Final = 60
LONGEST_TEXT: Final = 160
LONGEST_PASSAGE: Final = 1500
MOST_LINES: Final = 30
LOOK_ALIKES: Final = str.maketrans(
    {"<": "‹", ">": "›", "[": "⟦", "]": "⟧", "*": "∗", "_": "‗", "`": "ʹ", "~": "∼", "|": "∣"}
    | {"#": "＃", "!": "ǃ", "\\": "∖", "(": "⟮", ")": "⟯", "@": "＠"}
)
"""For texts that are not in a card: nothing of them can become markdown, a tag or a mention."""


def clean(text: str) -> str:
    """Somebody's text on one line, without marks that cannot be seen or turn the direction of
    writing, at most LONGEST_TEXT long."""
    line = _seen(text)
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"


def _seen(text: str) -> str:
    seen = (" " if unicodedata.category(one)[0] in "CZ" else one for one in text)
    return " ".join("".join(seen).split())


def passage(
    text: str, *, longest: int = LONGEST_PASSAGE, most_lines: int = MOST_LINES
) -> list[Element]:
    """Somebody's text of several lines, at most `longest` long, as paragraphs."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    lines = [line for line in map(_seen, cut.splitlines()) if line]
    return [
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": line}],
            "spacing": "Small",
        }
        for line in lines[:most_lines]
    ]


def plain(text: str) -> str:
    """Somebody's text for places that may read markdown or make links."""
    return clean(text).translate(LOOK_ALIKES).replace("://", ": //").replace("www.", "www .")


def said(text: str, **style: Any) -> Element:
    """A message of the catalogue, wrapped."""
    return {"type": "TextBlock", "text": text, "wrap": True} | style


def heading(text: str) -> Element:
    """A message of the catalogue as the card's heading, to screen readers too."""
    return said(text, style="heading", size="Large", weight="Bolder")


def written(*texts: str, **style: Any) -> Element:
    """Texts that hold what somebody else wrote, or numbers, as one paragraph."""
    block = {name: style.pop(name) for name in ("spacing", "separator", "id") if name in style}
    runs = [{"type": "TextRun", "text": clean(text) or " "} | style for text in texts]
    return {"type": "RichTextBlock", "inlines": runs} | block


def bars(text: str) -> Element:
    """A row of block characters; the sentence beside it says the same in words."""
    run = {"type": "TextRun", "text": text, "fontType": "Monospace", "color": "Accent"}
    return {"type": "RichTextBlock", "inlines": [run], "spacing": "Small"}


def facts(rows: Sequence[tuple[str, str]]) -> list[Element]:
    """Label (of the catalogue) and value (of anybody), row by row."""
    return [
        columns(
            [
                column([said(label, isSubtle=True)], "1"),
                column([written(value, weight="Bolder")], "2"),
            ],
            spacing="Small",
        )
        for label, value in rows
    ]


def column(items: Sequence[Element], width: str = "stretch") -> Element:
    """A column of a ColumnSet; `width` is "auto", "stretch" or a weight."""
    size: str | int = int(width) if width.isdecimal() else width
    return {"type": "Column", "width": size, "items": list(items)}


def columns(of: Sequence[Element], **style: Any) -> Element:
    """Columns beside each other."""
    return {"type": "ColumnSet", "columns": list(of)} | style


def container(items: Sequence[Element], **style: Any) -> Element:
    """Elements together."""
    return {"type": "Container", "items": list(items)} | style


def notable(text: str, style: str) -> Element:
    """Something that must not be overlooked, on the ground of the style: "good" or "warning"."""
    return container([written(text)], style=style)


def execute(title: str, verb: str, reference: str, **more: Any) -> Element:
    """A button whose press comes back to us with the signed reference."""
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": verb,
        "data": {"ref": reference},
    } | more


def link(title: str, url: str) -> Element:
    """A button that opens an address of our own."""
    return {"type": "Action.OpenUrl", "title": title, "url": url}


def toggle(title: str, target: str) -> Element:
    """A button that shows and hides an element."""
    return {"type": "Action.ToggleVisibility", "title": title, "targetElements": [target]}


def ask(title: str, command: str) -> Element:
    """A button that writes a command for the reader; `command` is of our catalogue."""
    return {
        "type": "Action.Submit",
        "title": title,
        "data": {"command": command, "msteams": {"type": "imBack", "value": command}},
    }


def text_input(
    id: str, label: str, value: str = "", *, longest: int, lines: bool = False, **more: Any
) -> Element:
    """A field to write in."""
    made = {"type": "Input.Text", "id": id, "label": label, "maxLength": longest, "value": value}
    return made | {"isMultiline": lines} | more


def choice_set(
    id: str, label: str, choices: Sequence[tuple[str, str]], value: str, **more: Any
) -> Element:
    """A drop-down; choices are (title, value). Titles are shown as they are."""
    return {
        "type": "Input.ChoiceSet",
        "id": id,
        "label": label,
        "style": "compact",
        "value": value,
        "choices": [{"title": clean(title) or " ", "value": one} for title, one in choices],
    } | more


def card(
    body: Sequence[Element],
    actions: Sequence[Element] = (),
    *,
    fallback: str,
    refresh: Element | None = None,
    users: Sequence[str] = (),
) -> Card:
    """A whole card. `fallback` is the catalogue's text for clients without cards; `refresh` is an
    action that Teams takes by itself for `users` (Teams ids), which authorises nobody."""
    made: Card = {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": VERSION,
        "fallbackText": fallback,
        "speak": fallback,
        "body": list(body),
    }
    if actions:
        made["actions"] = list(actions)
    if refresh is not None and users:
        made["refresh"] = {"action": refresh, "userIds": list(users[:MOST_REFRESHING])}
    return made


def refreshing_alone(of: Mapping[str, Any], again: Element) -> Card:
    """The card for a chat of one person with the bot: without a list of ids Teams takes the action
    for all who read there, up to 60."""
    return {**of, "refresh": {"action": again}}


def without_refresh(of: Mapping[str, Any]) -> Card:
    """The card, which Teams no longer refreshes by itself."""
    return {name: value for name, value in of.items() if name != "refresh"}
