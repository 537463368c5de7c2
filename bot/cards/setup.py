"""The card that says how far an organisation is set up. It shows no address, number or code."""

from collections.abc import Mapping

from bot.cards import elements as e
from bot.cards.elements import Card, Element
from bot.messages import Words
from portal.domain.setup.service import Step, Waits


def progress(
    words: Words,
    organization: str,
    steps: Mapping[Step, Waits | None],
    following: Step | None,
    *,
    url: str,
) -> Card:
    """Step by step what is done and what it waits for; `following` is next, `url` where."""
    done = sum(waits is None for waits in steps.values())
    body: list[Element] = [
        e.heading(words.say("setup.heading")),
        e.written(organization, isSubtle=True, spacing="None"),
        e.written(words.say("setup.done", done=done, total=len(steps))),
    ]
    for step, waits in steps.items():
        title = words.say(f"setup.step.{step}")
        state = words.say(f"setup.waits.{waits or 'nothing'}")
        weight = "Bolder" if step is following else "Default"
        mark = "✓" if waits is None else "→" if step is following else "○"
        row = [
            e.column([e.written(mark)], "auto"),
            e.column([e.said(title, weight=weight)], "1"),
            e.column([e.said(state, isSubtle=waits is None)], "1"),
        ]
        body.append(e.columns(row, spacing="Small"))
    following_text = words.say(f"setup.next.{following}") if following else words.say("setup.all")
    body.append(e.container([e.said(following_text)], style="good" if not following else "accent"))
    body.append(e.said(words.say("setup.no_codes"), isSubtle=True, size="Small", separator=True))
    title = "setup.open" if following else "setup.look"
    actions = [e.link(words.say(title), url)] if url else []
    return e.card(body, actions, fallback=words.say("setup.heading"))
