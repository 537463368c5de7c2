"""Whatever somebody else wrote is shown, and is nothing but text: 200 payloads on every card."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.cards import elements as e
from bot.messages import Words
from portal.domain.communications.model import Topic
from tests.unit.bot import drawn
from tests.unit.bot.helpers import Chat
from tests.unit.bot.test_cards import nodes

CORE = [
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<at>Everyone</at>",
    '<a href="https://evil.example">x</a>',
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "**bold**",
    "__bold__",
    "_italic_",
    "*italic*",
    "~~gone~~",
    "`code`",
    "```\ncode\n```",
    "# heading",
    "> quote",
    "- item",
    "1. item",
    "| a | b |",
    "https://evil.example",
    "www.evil.example",
    "evil@example.com",
    "mailto:evil@example.com",
    "javascript:alert(1)",
    "{{DATE(2026-01-01)}}",
    "${name}",
    "{name}",
    "%s%n",
    "\u202egnp.exe",
    "\u2066left\u2069",
    "zero\u200bwidth",
    "\ufefftext",
    "a\x00b\x1fc",
    "line\nbreak\r\nand\ttab",
    "\u2028line\u2029paragraph",
    "&lt;b&gt;",
    "&#60;b&#62;",
    "\\[escaped\\]",
    "';DROP TABLE documents;--",
    '"},{"type":"Image","url":"https://evil.example/x.png"}',
    "ＦＵＬＬ＜ｗｉｄｔｈ＞",
]
AROUND: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: f"Claims {text}",
    lambda text: f"{text} Claims",
    lambda text: f"\n\n{text}\n",
    lambda text: text * 40,
]
PAYLOADS = [wrap(text) for text, wrap in itertools.product(CORE, AROUND)]
DRAWN: dict[str, Callable[[Words, str], Any]] = {
    "board": drawn.board,
    "saved view": drawn.saved,
    "access": drawn.holders,
    "person": drawn.reached,
    "several": drawn.several,
    "own": drawn.own,
    "set up": drawn.set_up,
    "told": lambda words, name: drawn.told(words, Topic.LOCKED, name),
    "queues": drawn.queues,
    "choices": drawn.choices,
    "alerts": drawn.listing,
    "changing": lambda words, name: drawn.listing(words, name, drawn.RULE),
    "place": drawn.bound,
    "notice": drawn.notice,
    "daily": lambda words, name: drawn.notice(words, name, daily=True),
    "identity": drawn.identity,
    "settings": drawn.settings,
}
UNSEEN = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def test_there_are_two_hundred_payloads() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 200


@pytest.mark.parametrize("name", DRAWN)
def test_no_payload_becomes_more_than_text(name: str) -> None:
    usual = DRAWN[name](Words("en"), "NAME")
    shape = [(one["type"], one.get("url")) for one in nodes(usual)]
    markdown = [one["text"] for one in nodes(usual) if one["type"] == "TextBlock"]
    for payload in PAYLOADS:
        card = DRAWN[name](Words("en"), payload)
        assert [(one["type"], one.get("url")) for one in nodes(card)] == shape
        assert [one["text"] for one in nodes(card) if one["type"] == "TextBlock"] == markdown
        runs = [one["text"] for one in nodes(card) if one["type"] == "TextRun"]
        titles = [one["title"] for one in nodes(card) if "title" in one]
        assert not any(UNSEEN.search(text) for text in runs + titles), payload
        buttons = [one["title"] for one in nodes(card) if one["type"].startswith("Action.")]
        assert not any(set("<>[]*_`~|#!\\@") & set(title) for title in buttons), payload
        assert "entities" not in card
        assert "msteams" not in card


@pytest.mark.parametrize("name", DRAWN)
def test_every_payload_is_shown_all_the_same(name: str) -> None:
    for payload in PAYLOADS:
        card = DRAWN[name](Words("en"), payload)
        shown = [one["text"] for one in nodes(card) if one["type"] == "TextRun"]
        shown += [
            choice["title"]
            for one in nodes(card)
            if one["type"] == "Input.ChoiceSet"
            for choice in one["choices"]
        ]
        assert any(e.clean(payload)[:20] in text for text in shown), payload


@pytest.mark.parametrize("payload", PAYLOADS)
def test_texts_outside_cards_hold_nothing_that_could_be_read_as_more(payload: str) -> None:
    text = e.plain(payload)
    assert not set("<>[]()*_`~|#!\\@") & set(text)
    assert "://" not in text
    assert "www." not in text
    assert not UNSEEN.search(text)
    assert len(text) <= e.LONGEST_TEXT * 2


async def test_what_somebody_writes_to_the_bot_is_not_repeated(chat: Chat) -> None:
    for payload in CORE:
        for text in (payload, f"dashboard {payload}"):
            for answer in await chat.say(text):
                assert "evil" not in str(answer), payload
