"""How a figure, a trend and a table of queues are drawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from bot.cards import elements as e
from bot.cards.elements import Element
from bot.messages import Words
from portal.domain.dashboards.definitions import MEANINGS, SERVICE_LEVEL_FORMULAS
from portal.domain.dashboards.model import Definition, Metric, MetricName, Metrics

M = MetricName
TILES: Final = (
    M.SERVICE_LEVEL,
    M.OFFERED,
    M.ANSWERED,
    M.ABANDONED,
    M.AVERAGE_SPEED_OF_ANSWER,
    M.LONGEST_WAIT,
    M.ABANDONMENT_RATE,
    M.AVERAGE_HANDLE_TIME,
)
BLOCKS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"
IN_A_ROW: Final = 2
FEWEST_POINTS: Final = 2


class Gaps(NamedTuple):
    """Which sources cannot give a metric, by their titles."""

    by_metric: Mapping[MetricName, tuple[str, ...]]


NO_GAPS: Final = Gaps({})


def value(metric: Metric, words: Words) -> str:
    """The figure in words; a word where there is none."""
    if metric.value is None:
        return words.say("board.no_value")
    return words.amount(metric.value, metric.unit)


def note(name: MetricName, metric: Metric, gaps: Gaps, words: Words) -> str:
    """Why a figure is missing or leaves contacts out; "" for a whole one."""
    if metric.reason is None:
        return ""
    if metric.value is not None:
        covered, total = metric.covered or 0, metric.total or 0
        return words.say("board.partial", covered=words.number(covered), total=words.number(total))
    sources = gaps.by_metric.get(name, ())
    if metric.total and not metric.covered and sources:
        return words.say("board.not_derivable", sources=", ".join(sources))
    return words.say("board.few" if metric.covered else "board.nothing")


def tiles(metrics: Metrics, names: Iterable[MetricName], gaps: Gaps, words: Words) -> list[Element]:
    """The figures in a grid of two columns, each with its name and, if it has one, its note."""
    shown = [name for name in names if name in metrics]
    made = [e.column(_tile(name, metrics[name], gaps, words), "1") for name in shown]
    rows = [made[i : i + IN_A_ROW] for i in range(0, len(made), IN_A_ROW)]
    for row in rows:
        row.extend([e.column([], "1")] * (IN_A_ROW - len(row)))
    return [e.columns(row, spacing="Medium") for row in rows]


def _tile(name: MetricName, metric: Metric, gaps: Gaps, words: Words) -> list[Element]:
    why = note(name, metric, gaps, words)
    lines = [
        e.said(words.say(f"metric.{name}"), isSubtle=True, size="Small"),
        e.written(value(metric, words), size="Large", weight="Bolder", spacing="None"),
    ]
    if why:
        lines.append(e.written(why, size="Small", isSubtle=True, spacing="None"))
    return lines


def meanings(
    names: Iterable[MetricName], definition: Definition, threshold_s: float, words: Words
) -> list[Element]:
    """What each figure means, with the formula of the chosen service level."""
    made: list[Element] = []
    for name in names:
        text = words.say(
            f"meaning.{name}",
            seconds=f"{threshold_s:g}",
            formula=SERVICE_LEVEL_FORMULAS[definition],
        )
        title = words.say(f"metric.{name}")
        formula = "" if name is M.SERVICE_LEVEL else f" {words.say(f'formula.{name}')}"
        runs = [
            {"type": "TextRun", "text": f"{title}: ", "weight": "Bolder", "size": "Small"},
            {"type": "TextRun", "text": text + formula, "size": "Small"},
        ]
        made.append({"type": "RichTextBlock", "inlines": runs, "spacing": "Small"})
    return [*made, e.said(words.say("board.symbols"), size="Small", isSubtle=True)]


def trend(name: MetricName, points: Sequence[Metric], words: Words) -> list[Element]:
    """A metric over time as blocks, and the same in words: lowest, highest and last value."""
    title = e.said(
        words.say("board.trend", metric=words.say(f"metric.{name}")), isSubtle=True, size="Small"
    )
    known = [one.value for one in points if one.value is not None]
    if len(known) < FEWEST_POINTS:
        return [title, e.said(words.say("board.trend_none"), size="Small", spacing="None")]
    unit = MEANINGS[name].unit
    low, high, last = (words.amount(one, unit) for one in (min(known), max(known), known[-1]))
    text = words.say("board.trend_text", low=low, high=high, last=last)
    return [
        title,
        e.bars(spark([one.value for one in points])),
        e.written(text, size="Small", spacing="None"),
    ]


def spark(values: Sequence[float | None]) -> str:
    """A block for each value, lowest to highest; a dot where there is none."""
    known = [one for one in values if one is not None]
    low, width = min(known, default=0.0), max(known, default=0.0) - min(known, default=0.0)

    def block(one: float | None) -> str:
        if one is None:
            return GAP
        return BLOCKS[round((one - low) / width * (len(BLOCKS) - 1)) if width else 0]

    return "".join(map(block, values))
