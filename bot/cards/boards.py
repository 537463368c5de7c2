"""The dashboard card: a queue's or all queues' figures, an agent's own, a partner's totals."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from bot.cards import elements as e
from bot.cards import figures
from bot.cards.elements import Card, Element
from bot.cards.figures import Gaps
from bot.messages import Words
from portal.domain.dashboards.definitions import AGENT_METRICS
from portal.domain.dashboards.model import (
    Definition,
    Freshness,
    Metric,
    MetricName,
    Metrics,
    Row,
)

MOST_QUEUES: Final = 8
MOST_LISTED: Final = 15
"""Teams takes messages of up to 28 KB; every row carries a signed reference."""
STALE_MS: Final = 60 * 60 * 1000
TREND: Final = MetricName.OFFERED
IN_TABLE: Final = (MetricName.OFFERED, MetricName.SERVICE_LEVEL, MetricName.LONGEST_WAIT)


class View(StrEnum):
    """Who the card is for."""

    QUEUES = "queues"
    TOTALS = "totals"
    OWN = "own"


class Frame(NamedTuple):
    """What stands around the figures. `title` may be anybody's text; `range_label` and headings
    are the catalogue's. References are signed; `ranges` are (label, reference) of other ranges.
    `is_current` is whether the range reaches the present."""

    view: View
    organization: str
    title: str
    range_label: str
    time_zone: str
    drawn_ms: int
    freshness: Freshness
    is_current: bool
    refresh: str
    ranges: tuple[tuple[str, str], ...]
    url: str
    users: tuple[str, ...]
    verb: str


class Board(NamedTuple):
    """The figures of one question. `names` are those that are shown, `filters` rows of label (of
    the catalogue) and value (of anybody) that say which contacts count."""

    frame: Frame
    metrics: Metrics
    gaps: Gaps
    trend: tuple[Metric, ...]
    rows: tuple[Row, ...]
    definition: Definition
    threshold_s: float
    names: Sequence[MetricName] = figures.TILES
    filters: Sequence[tuple[str, str]] = ()


class Own(NamedTuple):
    """An agent's own figures: a row for each source, and the sources' titles by name."""

    frame: Frame
    rows: tuple[Row, ...]
    titles: dict[str, str]
    gaps: Gaps
    is_linked: bool


HEADINGS: Final = {
    View.QUEUES: "board.heading",
    View.TOTALS: "board.heading_partner",
    View.OWN: "board.heading_mine",
}


def board(of: Board, words: Words) -> Card:
    """The card of a board."""
    offered = of.metrics[MetricName.OFFERED].value
    body = [*_head(of.frame, words), *e.facts(of.filters)]
    if not offered:
        body.append(e.said(words.say("board.empty")))
    body += figures.tiles(of.metrics, of.names, of.gaps, words)
    if of.trend:
        body.append(e.container(figures.trend(TREND, of.trend, words), separator=True))
    if of.rows:
        body.append(e.container(queue_table(of.rows, words), separator=True))
    body.append(_definitions(of.names, of.definition, of.threshold_s, words))
    return _framed(of.frame, body, words, "board.fallback")


def own(of: Own, words: Words) -> Card:
    """The card of somebody's own figures; for their own chat only."""
    body = [*_head(of.frame, words)]
    if not of.is_linked:
        body.append(e.said(words.say("mine.no_keys")))
    elif not of.rows:
        body.append(e.said(words.say("mine.none")))
    for row in of.rows:
        source = words.say("mine.source", source=of.titles.get(row.source, row.source))
        tiles = figures.tiles(row.metrics, AGENT_METRICS, of.gaps, words)
        body.append(e.container([e.written(source, weight="Bolder"), *tiles], separator=True))
    body.append(_definitions(AGENT_METRICS, Definition.STRICT, 20, words))
    return _framed(of.frame, body, words, "mine.fallback")


def queues(
    frame: Frame, rows: Sequence[Row], opened: Mapping[str, str], open_verb: str, words: Words
) -> Card:
    """Every queue with its main figures; `opened` are signed references of the queues' boards."""
    table = queue_table(rows, words, most=MOST_LISTED, opened=opened, verb=open_verb)
    hint = e.said(words.say("queues.hint"), isSubtle=True)
    body = [*_head(frame, words), hint, *table]
    return _framed(frame, body, words, "board.fallback", with_definitions=False)


def queue_table(
    rows: Sequence[Row],
    words: Words,
    *,
    most: int = MOST_QUEUES,
    opened: Mapping[str, str] = {},
    verb: str = "",
) -> list[Element]:
    """Queues with their main figures, the busiest first; those in `opened` can be chosen."""
    busiest = sorted(
        rows, key=lambda row: (-(row.metrics[MetricName.OFFERED].value or 0), row.name or "")
    )
    names = [words.say(f"metric.{name}") for name in IN_TABLE]
    head = [e.said(words.say("board.queue"), isSubtle=True, size="Small")]
    lines = [
        e.said(words.say("board.queues"), weight="Bolder"),
        e.columns(
            [e.column(head, "3")]
            + [e.column([e.said(name, isSubtle=True, size="Small")], "2") for name in names]
        ),
    ]
    for row in busiest[:most]:
        cells = [e.column([e.written(row.name or "-", size="Small")], "3")]
        for name in IN_TABLE:
            text = figures.value(row.metrics[name], words)
            cells.append(e.column([e.written(text, size="Small")], "2"))
        chosen = {}
        if row.id in opened:
            chosen["selectAction"] = e.execute(words.say("queues.open"), verb, opened[row.id])
        lines.append(e.columns(cells, spacing="Small", **chosen))
    if len(busiest) > most:
        more = words.say("board.more_queues", count=len(busiest) - most)
        lines.append(e.said(more, isSubtle=True, size="Small"))
    return lines


def _head(frame: Frame, words: Words) -> list[Element]:
    head = [
        e.heading(words.say(HEADINGS[frame.view])),
        e.written(frame.title, weight="Bolder", spacing="None"),
        e.written(f"{frame.organization} · {frame.range_label}", isSubtle=True, spacing="None"),
        as_of(frame.freshness, frame.drawn_ms, frame.time_zone, words),
    ]
    as_of_ms = frame.freshness.as_of_ms
    if frame.is_current and as_of_ms is not None and frame.drawn_ms - as_of_ms > STALE_MS:
        head.append(e.notable(words.say("board.stale"), "warning"))
    return head


def as_of(freshness: Freshness, drawn_ms: int, time_zone: str, words: Words) -> Element:
    """How fresh the figures are and when the card was drawn."""
    drawn = words.time(drawn_ms, time_zone)
    if freshness.as_of_ms is None:
        text = words.say("board.no_data", drawn=drawn)
    else:
        newest = words.time(freshness.as_of_ms, time_zone)
        text = words.say("board.as_of", as_of=newest, drawn=drawn)
    return e.written(text, size="Small", isSubtle=True, spacing="None")


def _definitions(
    names: Sequence[MetricName], definition: Definition, threshold_s: float, words: Words
) -> Element:
    lines = figures.meanings(names, definition, threshold_s, words)
    return e.container(lines, id="definitions", isVisible=False, separator=True)


def _framed(
    frame: Frame,
    body: Sequence[Element],
    words: Words,
    fallback: str,
    *,
    with_definitions: bool = True,
) -> Card:
    again = e.execute(words.say("board.refresh"), frame.verb, frame.refresh)
    actions = [again]
    if frame.url:
        actions.append(e.link(words.say("board.open"), frame.url))
    actions += [e.execute(label, frame.verb, one) for label, one in frame.ranges]
    if with_definitions:
        actions.append(e.toggle(words.say("board.definitions"), "definitions"))
    return e.card(body, actions, fallback=words.say(fallback), refresh=again, users=frame.users)
