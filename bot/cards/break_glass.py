"""The card of a request to see identities: for who decides about it, and for who asked."""

from bot.cards import elements as e
from bot.cards.alerts import Button
from bot.cards.elements import Card, Element
from bot.messages import Words
from portal.domain.access.grants import Stage
from portal.domain.break_glass.model import Asking

STYLES = {Stage.APPROVED: "good", Stage.ASKED: "warning"}


def request(words: Words, of: Asking, *, show: Button, url: str) -> Card:
    """How the request stands. What the asker wrote is for who decides about it, and for them."""
    waits = of.stage is Stage.ASKED and of.open and not of.own
    body: list[Element] = [e.heading(words.say("glass.heading_own" if of.own else "glass.heading"))]
    body.append(e.notable(_state(words, of), STYLES.get(of.stage, "default")))
    if of.open:
        body += e.facts(_rows(words, of))
        body += [e.said(words.say("glass.reason"), isSubtle=True), *e.passage(of.request.reason)]
    if waits:
        body.append(e.said(words.say("glass.step_up"), isSubtle=True))
    actions = [e.execute(words.say(show.title), show.verb, show.reference)]
    if url:
        actions.insert(0, e.link(words.say("glass.decide" if waits else "glass.open"), url))
    fallback = words.say("glass.fallback_own" if of.own else "glass.fallback")
    return e.card(body, actions, fallback=fallback)


def _state(words: Words, of: Asking) -> str:
    if of.stage is Stage.APPROVED:
        until = words.time(of.request.until_ms, of.time_zone)
        return words.say("glass.stage.approved", until=until)
    return words.say(f"glass.stage.{of.stage}")


def _rows(words: Words, of: Asking) -> list[tuple[str, str]]:
    rows = [] if of.own else [(words.say("glass.asker"), of.asker)]
    rows.append((words.say("glass.asked_at"), words.time(of.request.asked_at_ms, of.time_zone)))
    minutes = words.say("glass.minutes", count=of.request.minutes)
    rows.append((words.say("glass.how_long"), minutes))
    if of.decided_by:
        rows.append((words.say("glass.decided_by"), of.decided_by))
    return rows
