"""`dashboard`, `queues`, `my stats`: figures as cards, by the services the tab asks."""

from collections.abc import Sequence

from bot.cards import boards, pages
from bot.cards import elements as e
from bot.cards.boards import Board, Frame, Own, View
from bot.cards.figures import Gaps
from bot.channel.turn import Answer, IncomingKind, Say, Show, ShowPrivately
from bot.context import Asker, Desk
from bot.links import Question
from bot.messages import CATALOGUES
from bot.reading import Named, Preset, choose, is_range, normal
from bot.references import ANYWHERE, Verb
from bot.spans import stretch
from portal.domain.access.model import Permission, Role
from portal.domain.access.rules import require
from portal.domain.dashboards.model import (
    Asked,
    Completeness,
    Metric,
    MetricName,
    QueueChoice,
)
from portal.domain.shared.errors import NotFound

THRESHOLD_S = 20
OFFERED_RANGES = (Preset.TODAY, Preset.YESTERDAY, Preset.LAST_7)
SEPARATOR = "|"
EVERY_QUEUE = frozenset(
    {"all", "alle"} | {normal(one["board.all_queues"]) for one in CATALOGUES.values()}
)
"""What all queues are called, by the title of their card in every language."""


def record(question: Question) -> str:
    """A question as the record of a signed reference."""
    return f"{question.queue}{SEPARATOR}{question.range}"


def question_of(text: str) -> Question:
    """The question behind a record of ours. Raises NotFound for every other text."""
    queue, separator, range_ = text.partition(SEPARATOR)
    if not separator or (range_ and not is_range(range_)):
        raise NotFound("There is no such card.")
    return Question(queue, range_)


async def dashboard(desk: Desk, asker: Asker, wanted: str, range_: str) -> Sequence[Answer]:
    """A queue's or all queues' figures. Forbidden."""
    require(asker.actor, Permission.DASHBOARDS_VIEW)
    chosen = range_ or asker.preference.range
    if normal(wanted) in EVERY_QUEUE:
        return [await _shown(desk, asker, Question("", chosen))]
    if not wanted:
        if asker.is_private and asker.actor.role == Role.AGENT:
            return await mine(desk, asker, range_)
        return [await _shown(desk, asker, Question("", chosen))]
    choices = await desk.dashboards.queue_choices(actor=asker.actor)
    found = choose(wanted, [Named(one.id, one.name) for one in choices])
    if len(found) == 1 and _is_sure(wanted, found[0]):
        return [await _shown(desk, asker, Question(found[0].id, chosen))]
    if not found:
        return [Say(asker.words.say("choice.none"))]
    lead = "choice.several" if len(found) > 1 else "choice.unknown"
    offered = [(one.name, _signed(asker, Question(one.id, chosen))) for one in found]
    card = pages.choices(asker.words, lead, offered, Verb.BOARD)
    return [Show(card, asker.words.say("choice.fallback"))]


async def queues(desk: Desk, asker: Asker, range_: str) -> Sequence[Answer]:
    """Every queue with its figures. Forbidden."""
    require(asker.actor, Permission.DASHBOARDS_VIEW)
    if not await desk.dashboards.queue_choices(actor=asker.actor):
        return [Say(asker.words.say("queues.none"))]
    card = await queues_card(desk, asker, range_ or asker.preference.range)
    return [Show(card, asker.words.say("board.fallback"))]


async def mine(desk: Desk, asker: Asker, range_: str) -> Sequence[Answer]:
    """The asker's own figures, in their own chat wherever they ask. Forbidden."""
    words = asker.words
    card = await own_card(desk, asker, Question("", range_ or asker.preference.range))
    if asker.is_alone:
        return [Show(card, words.say("mine.fallback"))]
    # The copy in their own chat refreshes there, where its buttons' place is another.
    return [
        ShowPrivately(
            words.say("mine.private"), words.say("who.unreachable"), e.without_refresh(card)
        )
    ]


async def board_card(
    desk: Desk, asker: Asker, question: Question, *, anywhere: bool = False
) -> e.Card:
    """The card of a question, as the asker's role sees it where it is shown: the same for all
    where others read along. Forbidden, NotFound for an unknown queue."""
    now_ms, zone = desk.clock.now_ms(), asker.organization.time_zone
    chosen = stretch(question.range, zone, now_ms)
    asked = Asked(
        chosen.span.from_ms,
        chosen.span.to_ms,
        (question.queue,) if question.queue else (),
        definition=asker.definition,
        threshold_ms=THRESHOLD_S * 1000,
    )
    summary = await desk.dashboards.summary(asked, actor=asker.actor)
    points = await desk.dashboards.series(asked, chosen.grain, actor=asker.actor)
    view = view_of(asker)
    table = view is View.QUEUES and not question.queue
    rows = await desk.dashboards.queues(asked, actor=asker.actor) if table else ()
    frame = Frame(
        view=view,
        organization=asker.organization.name,
        title=await _title(desk, asker, question.queue),
        range_label=_label(question.range, asker),
        time_zone=zone,
        drawn_ms=now_ms,
        freshness=summary.freshness,
        is_current=chosen.span.to_ms >= now_ms,
        refresh=_signed(asker, question, anywhere=anywhere),
        ranges=tuple(
            (asker.words.say(f"range.{one}"), _signed(asker, other, anywhere=anywhere))
            for one in OFFERED_RANGES
            if (other := question._replace(range=one.value)).range
            != (question.range or Preset.TODAY)
        ),
        url=desk.links.dashboard(question, asker.words.say("board.heading")),
        users=() if anywhere else asker.readers,
        verb=Verb.BOARD,
    )
    trend: tuple[Metric, ...] = tuple(one.metrics[MetricName.OFFERED] for one in points)
    return boards.board(
        Board(
            frame,
            summary.metrics,
            gaps_of(summary.completeness),
            trend,
            rows,
            asker.definition,
            THRESHOLD_S,
        ),
        asker.words,
    )


async def queues_card(desk: Desk, asker: Asker, range_: str) -> e.Card:
    """The card of all queues. Forbidden."""
    now_ms, zone = desk.clock.now_ms(), asker.organization.time_zone
    span = stretch(range_, zone, now_ms).span
    asked = Asked(
        span.from_ms,
        span.to_ms,
        definition=asker.definition,
        threshold_ms=THRESHOLD_S * 1000,
    )
    rows = await desk.dashboards.queues(asked, actor=asker.actor)

    def signed(question: Question) -> str:
        return asker.signer.sign(asker.conversation, record(question), [Verb.QUEUES])

    frame = Frame(
        view=View.QUEUES,
        organization=asker.organization.name,
        title=asker.words.say("board.all_queues"),
        range_label=_label(range_, asker),
        time_zone=zone,
        drawn_ms=now_ms,
        freshness=await desk.dashboards.freshness(actor=asker.actor),
        is_current=span.to_ms >= now_ms,
        refresh=signed(Question("", range_)),
        ranges=tuple(
            (asker.words.say(f"range.{one}"), signed(Question("", one.value)))
            for one in OFFERED_RANGES
            if one != (range_ or Preset.TODAY)
        ),
        url=desk.links.dashboard(Question("", range_), asker.words.say("board.heading")),
        users=asker.readers,
        verb=Verb.QUEUES,
    )
    boards_of = {row.id: _signed(asker, Question(row.id, range_)) for row in rows}
    return boards.queues(frame, rows, boards_of, Verb.BOARD, asker.words)


async def own_card(desk: Desk, asker: Asker, question: Question) -> e.Card:
    """The asker's own figures as an agent. Forbidden."""
    require(asker.actor, Permission.AGENTS_VIEW_OWN)
    now_ms, zone = desk.clock.now_ms(), asker.organization.time_zone
    chosen = stretch(question.range, zone, now_ms)
    own = asker.actor
    asked = Asked(chosen.span.from_ms, chosen.span.to_ms)
    rows = await desk.dashboards.own(asked, actor=own)
    summary = await desk.dashboards.summary(asked, actor=own)
    titles = {share.source: share.title for share in summary.completeness.sources}
    frame = Frame(
        view=View.OWN,
        organization=asker.organization.name,
        title=asker.person.display_name,
        range_label=_label(question.range, asker),
        time_zone=zone,
        drawn_ms=now_ms,
        freshness=summary.freshness,
        is_current=chosen.span.to_ms >= now_ms,
        refresh=_own(asker, question.range),
        ranges=tuple(
            (asker.words.say(f"range.{one}"), _own(asker, one))
            for one in OFFERED_RANGES
            if one != (question.range or Preset.TODAY)
        ),
        url=desk.links.dashboard(Question("", question.range), asker.words.say("board.heading")),
        users=asker.readers,
        verb=Verb.OWN,
    )
    linked = bool(own.agent_keys)
    return boards.own(Own(frame, rows, titles, gaps_of(summary.completeness), linked), asker.words)


async def _shown(desk: Desk, asker: Asker, question: Question) -> Answer:
    card = await board_card(desk, asker, question)
    return Show(card, asker.words.say("board.fallback"))


def view_of(asker: Asker) -> View:
    """A partner sees totals wherever the card is for them alone, that is also when they press or
    their client refreshes. What is posted where others read along is the same for all who may see
    the dashboards: queues have no identities, and a card that shrank when a partner asked would
    tell who asked."""
    theirs = asker.is_private or asker.incoming.kind is IncomingKind.CARD_ACTION
    return View.TOTALS if theirs and asker.actor.is_blind else View.QUEUES


async def _title(desk: Desk, asker: Asker, queue: str) -> str:
    if not queue:
        return asker.words.say("board.all_queues")
    return (await _queue(desk, asker, queue)).name


async def _queue(desk: Desk, asker: Asker, id: str) -> QueueChoice:
    for one in await desk.dashboards.queue_choices(actor=asker.actor):
        if one.id == id:
            return one
    raise NotFound("There is no such queue in this organisation.")


def _label(range_: str, asker: Asker) -> str:
    known = range_ in set(Preset) or not range_
    return asker.words.say(f"range.{range_ or Preset.TODAY}") if known else range_


def _signed(asker: Asker, question: Question, *, anywhere: bool = False) -> str:
    where = ANYWHERE if anywhere else asker.conversation
    return asker.signer.sign(where, record(question), [Verb.BOARD], days=30 if anywhere else 1)


def _own(asker: Asker, range_: str) -> str:
    # Own figures are shown in the 1:1 chat only, whose id is not known when they were asked for in
    # a channel; the button asks again for whoever presses it, in that chat only.
    return asker.signer.sign(ANYWHERE, record(Question("", range_)), [Verb.OWN])


def gaps_of(completeness: Completeness) -> Gaps:
    """Which sources cannot give which figure."""
    found: dict[MetricName, tuple[str, ...]] = {}
    for share in completeness.sources:
        for gap in share.gaps:
            for name in gap.metrics:
                known = found.get(name, ())
                found[name] = known if share.title in known else (*known, share.title)
    return Gaps(found)


def _is_sure(wanted: str, found: Named) -> bool:
    """A single hit is taken at its word when it holds all words that were asked for."""
    name = found.name.casefold()
    return all(word in name for word in wanted.split())
