"""The message extension: queues and views to insert, and our own links unfurled."""

from typing import Final

from bot.cards import elements as e
from bot.channel.turn import SearchResult, SearchResults
from bot.commands import views
from bot.commands.figures import board_card
from bot.commands.views import NoView
from bot.context import Asker, Desk
from bot.links import RANGES, Question
from bot.reading import LONGEST_TEXT, Named, Preset, choose, normal
from portal.domain.access.model import Permission, Role
from portal.domain.access.rules import require
from portal.domain.shared.errors import Forbidden, InvalidInput, NotFound
from portal.domain.views.service import ListedView

MOST_RESULTS: Final = 8
MOST_UNASKED: Final = 3
"""Saved views that are offered before anything was typed, so that queues are offered as well."""
VIEWS: Final = (Preset.TODAY, Preset.YESTERDAY, Preset.LAST_7)


async def search(desk: Desk, asker: Asker, text: str) -> SearchResults:
    """Queues by name, and views: all queues over a range, the asker's own saved ones and those
    shared with a role of theirs. What is inserted is read by whoever is in that chat, so no card
    holds anything about a person. Forbidden."""
    require(asker.actor, Permission.DASHBOARDS_VIEW)
    words, wanted = asker.words, normal(text[:LONGEST_TEXT])
    choices = await desk.dashboards.queue_choices(actor=asker.actor)
    queues = [Named(one.id, one.name) for one in choices]
    ranges = [Named(one.value, words.say(f"range.{one}")) for one in VIEWS]
    if wanted:
        ranges = list(choose(wanted, ranges))
        queues = list(choose(wanted, queues, most=MOST_RESULTS))
    results = [
        SearchResult(
            await board_card(desk, asker, Question("", one.id), anywhere=True),
            words.say("search.all", range=one.name),
            words.say("board.heading"),
        )
        for one in ranges
    ]
    results += await _saved(desk, asker, wanted, MOST_RESULTS - len(results))
    today = words.say("search.queue", range=words.say("range.today"))
    results += [
        SearchResult(
            await board_card(desk, asker, Question(one.id), anywhere=True), e.plain(one.name), today
        )
        for one in queues[: MOST_RESULTS - len(results)]
    ]
    return SearchResults(tuple(results), "" if results else words.say("search.none"))


async def _saved(desk: Desk, asker: Asker, wanted: str, most: int) -> list[SearchResult]:
    """Saved views of that name; those whose figures the asker's role cannot ask for are none."""
    listed = {one.view.id: one for one in await desk.views.all(actor=asker.actor)}
    named = [Named(id, one.view.wanted.title) for id, one in listed.items()]
    found = choose(wanted, named, most=most) if wanted else named[: min(most, MOST_UNASKED)]
    results = []
    for one in found:
        of = listed[one.id]
        try:
            card = await views.drawn(desk, asker, of.view)
        except (Forbidden, InvalidInput, NotFound):
            continue
        results.append(SearchResult(card, e.plain(one.name), _about(of, asker)))
    return results


def _about(of: ListedView, asker: Asker) -> str:
    """Whose view it is, and its range."""
    words, role = asker.words, of.view.wanted.role
    range_ = words.say(f"range.{RANGES[of.view.wanted.filters.range]}")
    if of.own:
        return words.say("search.view", range=range_)
    title = words.role(role) if role in set(Role) else e.plain(of.role_title)
    return words.say("search.view_shared", role=title, range=range_)


async def unfurl(desk: Desk, asker: Asker, url: str) -> SearchResults:
    """The card of one of our own links, of the saved view that it names if it is one of the
    asker's; nothing for every other text. Forbidden, NotFound."""
    question = desk.links.read(url)
    if question is None:
        return SearchResults()
    words = asker.words
    if question.saved:
        try:
            card = await views.view_card(desk, asker, question.saved)
        except NoView:
            pass  # somebody else's: the figures that the link's filters ask for
        else:
            title, text = words.say("board.heading"), words.say("view.fallback")
            return SearchResults((SearchResult(card, title, text),))
    card = await board_card(desk, asker, question, anywhere=True)
    title = words.say("board.heading")
    return SearchResults((SearchResult(card, title, words.say("link.fallback")),))
