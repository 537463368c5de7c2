"""The message extension: queues and ready-made views to insert, and our own links unfurled."""

from typing import Final

from bot.cards import elements as e
from bot.channel.turn import SearchResult, SearchResults
from bot.commands.figures import board_card
from bot.context import Asker, Desk
from bot.links import Question
from bot.reading import LONGEST_TEXT, Named, Preset, choose, normal
from portal.domain.access.model import Permission
from portal.domain.access.rules import require

MOST_RESULTS: Final = 8
VIEWS: Final = (Preset.TODAY, Preset.YESTERDAY, Preset.LAST_7)


async def search(desk: Desk, asker: Asker, text: str) -> SearchResults:
    """Queues by name, and views: all queues over a range. What is inserted is read by whoever is
    in that chat, so no card holds anything about a person. Forbidden."""
    require(asker.actor, Permission.DASHBOARDS_VIEW)
    words, wanted = asker.words, normal(text[:LONGEST_TEXT])
    choices = await desk.dashboards.queue_choices(actor=asker.actor)
    queues = [Named(one.id, one.name) for one in choices]
    views = [Named(one.value, words.say(f"range.{one}")) for one in VIEWS]
    if wanted:
        views = list(choose(wanted, views))
        queues = list(choose(wanted, queues, most=MOST_RESULTS))
    found = [
        (
            words.say("search.all", range=one.name),
            words.say("board.heading"),
            Question("", one.id),
        )
        for one in views
    ]
    today = words.say("search.queue", range=words.say("range.today"))
    found += [(e.plain(one.name), today, Question(one.id)) for one in queues]
    results = [
        SearchResult(await board_card(desk, asker, question, anywhere=True), title, text)
        for title, text, question in found[:MOST_RESULTS]
    ]
    return SearchResults(tuple(results), "" if results else words.say("search.none"))


async def unfurl(desk: Desk, asker: Asker, url: str) -> SearchResults:
    """The card of one of our own links; nothing for every other. Forbidden, NotFound."""
    question = desk.links.read(url)
    if question is None:
        return SearchResults()
    card = await board_card(desk, asker, question, anywhere=True)
    title = asker.words.say("board.heading")
    return SearchResults((SearchResult(card, title, asker.words.say("link.fallback")),))
