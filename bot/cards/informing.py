"""The card of what an organisation tells its people, whole, with the button that confirms it."""

from bot.cards import elements as e
from bot.cards.alerts import Button
from bot.cards.elements import Card, Element
from bot.messages import Words
from portal.domain.informing.model import Text
from portal.domain.informing.rules import LONGEST_TEXT, MOST_LINES


def notice(
    words: Words,
    organization: str,
    text: Text,
    *,
    lead: str = "",
    said: str = "",
    confirm: Button | None = None,
    url: str = "",
) -> Card:
    """The notice. `lead` is why it is shown, `said` what became of a press; without `confirm`
    there is nothing to do."""
    body: list[Element] = [e.heading(words.say("informing.heading"))]
    if lead:
        body.append(e.container([e.said(lead)], style="warning"))
    if said:
        body.append(e.notable(said, "good"))
    body.append(e.written(organization, isSubtle=True))
    body.append(e.written(text.title, weight="Bolder", size="Medium"))
    body += e.passage(text.text, longest=LONGEST_TEXT, most_lines=MOST_LINES)
    actions: list[Element] = []
    if confirm is not None:
        body.append(e.said(words.say("informing.ask"), isSubtle=True, separator=True))
        actions.append(e.execute(words.say(confirm.title), confirm.verb, confirm.reference))
    if url:
        actions.append(e.link(words.say("informing.open"), url))
    return e.card(body, actions, fallback=words.say("informing.heading"))


def nothing(words: Words) -> Card:
    """In place of a notice where there is none."""
    text = words.say("informing.none")
    return e.card([e.said(text)], fallback=text)
