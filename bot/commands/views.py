"""Saved views as cards: the figures of a view, for whoever looks at it in a chat.

A view is a question, so its card shows what the reader's own grants show. Figures of agents stay in
the tab: a card that is inserted into a chat holds nothing about a person.
"""

from typing import Final

from bot.cards import boards, figures
from bot.cards import elements as e
from bot.cards.boards import Board, Frame
from bot.cards.boards import View as Reader
from bot.commands.figures import gaps_of, view_of
from bot.context import Asker, Desk
from bot.links import RANGES
from bot.references import ANYWHERE, Verb
from bot.spans import stretch
from portal.domain.dashboards.model import Asked, MetricName
from portal.domain.shared.errors import NotFound
from portal.domain.views.model import Filters, TileKind, View

KIND: Final = "view"
SEPARATOR: Final = ":"
LASTING_DAYS: Final = 30


class NoView(NotFound):
    """The view is gone, or it is not one of the reader's."""


def id_of(record: str) -> str:
    """The view behind a record of ours. Raises NoView for every other text."""
    kind, separator, id = record.partition(SEPARATOR)
    if kind != KIND or not separator:
        raise NoView("There is no such card.")
    return id


async def view_card(desk: Desk, asker: Asker, id: str) -> e.Card:
    """The card of a view, to be inserted anywhere, as the asker's role sees it: own or shared with
    a role of theirs. Forbidden, NoView, InvalidInput for what their role may not choose."""
    try:
        listed = await desk.views.get(id, actor=asker.actor)
    except NotFound as error:
        raise NoView(error.message) from error
    return await drawn(desk, asker, listed.view)


async def drawn(desk: Desk, asker: Asker, view: View) -> e.Card:
    """The card of a view that the asker may use. Forbidden, NotFound, InvalidInput."""
    filters, kinds = view.wanted.filters, {one.kind for one in view.wanted.layout}
    now_ms, zone = desk.clock.now_ms(), asker.organization.time_zone
    chosen = stretch(RANGES[filters.range].value, zone, now_ms)
    asked = Asked(
        chosen.span.from_ms,
        chosen.span.to_ms,
        filters.queues,
        frozenset(filters.channels),
        frozenset(filters.directions),
        filters.definition,
        round(filters.threshold_s * 1000),
    )
    summary = await desk.dashboards.summary(asked, actor=asker.actor)
    points = []
    if not kinds or TileKind.SERIES in kinds:
        series = await desk.dashboards.series(asked, chosen.grain, actor=asker.actor)
        points = [one.metrics[MetricName.OFFERED] for one in series]
    reader = view_of(asker)
    table = reader is Reader.QUEUES and (not kinds or TileKind.QUEUES in kinds)
    rows = await desk.dashboards.queues(asked, actor=asker.actor) if table else ()
    words, label = asker.words, _range(filters, asker)
    frame = Frame(
        view=reader,
        organization=asker.organization.name,
        title=view.wanted.title,
        range_label=label,
        time_zone=zone,
        drawn_ms=now_ms,
        freshness=summary.freshness,
        is_current=chosen.span.to_ms >= now_ms,
        refresh=asker.signer.sign(
            ANYWHERE, f"{KIND}{SEPARATOR}{view.id}", [Verb.VIEW], days=LASTING_DAYS
        ),
        ranges=(),
        url=desk.links.view(view.id, filters, words.say("board.heading")),
        users=(),
        verb=Verb.VIEW,
    )
    of = Board(
        frame,
        summary.metrics,
        gaps_of(summary.completeness),
        tuple(points),
        rows,
        filters.definition,
        filters.threshold_s,
        view.wanted.kpis or figures.TILES,
        await _rows(desk, asker, filters),
    )
    return boards.board(of, words)


async def _rows(desk: Desk, asker: Asker, filters: Filters) -> list[tuple[str, str]]:
    """Which contacts count, in words."""
    words = asker.words
    rows = []
    if filters.queues:
        names = {one.id: one.name for one in await desk.dashboards.queue_choices(actor=asker.actor)}
        shown = [names[one] for one in filters.queues if one in names]
        rows.append((words.say("view.queues"), ", ".join(shown)))
    if filters.channels:
        shown = [words.say(f"channel.{one}") for one in filters.channels]
        rows.append((words.say("view.channels"), ", ".join(shown)))
    if filters.directions:
        shown = [words.say(f"direction.{one}") for one in filters.directions]
        rows.append((words.say("view.directions"), ", ".join(shown)))
    definition = words.say(f"definition.{filters.definition}")
    seconds = f"{filters.threshold_s:g}"
    within = words.say("view.within", definition=definition, seconds=seconds)
    return [*rows, (words.say("view.definition"), within)]


def _range(filters: Filters, asker: Asker) -> str:
    return asker.words.say(f"range.{RANGES[filters.range]}")
