"""The card that says which policies hold somebody to looking, and where to accept them."""

from collections.abc import Sequence

from bot.cards import elements as e
from bot.cards.elements import Card
from bot.messages import Words


def held(words: Words, waiting: Sequence[tuple[str, int]], *, url: str) -> Card:
    """`waiting` are titles with the number of the version in force; `url` leads to them."""
    body = [
        e.heading(words.say("policy.heading")),
        e.container([e.said(words.say("policy.held"))], style="warning"),
        *e.facts(
            [
                (words.say("told.fact.title"), words.say("policy.version", title=t, number=n))
                for t, n in waiting
            ]
        ),
        e.said(words.say("policy.way_on"), isSubtle=True),
    ]
    actions = [e.link(words.say("policy.open"), url)] if url else []
    return e.card(body, actions, fallback=words.say("policy.heading"))
