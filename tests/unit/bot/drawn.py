"""One card of each sort from made-up figures. `python -m tests.unit.bot.drawn` writes them to
tests/fixtures/cards, where the golden test compares them and people look at what changed."""

import json
from collections.abc import Mapping
from typing import Any

from bot import writing
from bot.cards import access, alerts, boards, break_glass, pages, place, policies, setup
from bot.cards.access import Holder
from bot.cards.alerts import Button, Line
from bot.cards.boards import Board, Frame, Own, View
from bot.cards.figures import Gaps
from bot.messages import Words
from portal.domain.access.grants import BreakGlass
from portal.domain.access.grants import Stage as Glass
from portal.domain.alerts.model import (
    AlertMetric,
    Comparison,
    Daily,
    Delivery,
    Figure,
    Hours,
    Listed,
    Notice,
    Rule,
    Stage,
    Standing,
    Subscription,
    Threshold,
)
from portal.domain.break_glass.model import Asking
from portal.domain.communications.model import Topic
from portal.domain.dashboards.definitions import AGENT_METRICS, MEANINGS
from portal.domain.dashboards.model import (
    Completeness,
    Definition,
    Freshness,
    Metric,
    MetricName,
    Row,
    Summary,
    Unit,
)
from portal.domain.setup.service import Step, Waits
from portal.settings import ROOT
from tests.fakes.centre import NOW_MS

FOLDER = ROOT / "tests" / "fixtures" / "cards"
ZONE = "Europe/London"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
M = MetricName
VALUES = {Unit.CONTACTS: 128.0, Unit.CUSTOMERS: 97.0, Unit.PERCENT: 81.25, Unit.SECONDS: 312.0}
METRICS = {name: Metric(VALUES[meaning.unit], meaning.unit) for name, meaning in MEANINGS.items()}
PARTIAL = METRICS | {
    M.SERVICE_LEVEL: Metric(75.0, Unit.PERCENT, "Covers 90 of 128.", covered=90, total=128),
    M.LONGEST_WAIT: Metric(None, Unit.SECONDS, "Not derivable.", covered=0, total=128),
    M.ABANDONMENT_RATE: Metric(None, Unit.PERCENT, "No contacts to compute it from."),
}
GAPS = Gaps({M.LONGEST_WAIT: ("3CX", "Microsoft Teams")})
FRESH = Freshness(NOW_MS - 5 * MINUTE_MS, NOW_MS, 7)
TREND = tuple(
    Metric(None if value is None else float(value), Unit.CONTACTS) for value in (3, 9, None, 20, 14)
)


def frame(view: View, **change: Any) -> Frame:
    """What stands around figures."""
    made = Frame(
        view=view,
        organization="Harbour Lane Insurance",
        title="Claims",
        range_label="Today",
        time_zone=ZONE,
        drawn_ms=NOW_MS,
        freshness=FRESH,
        is_current=True,
        refresh="signed-refresh",
        ranges=(("Yesterday", "signed-yesterday"),),
        url="https://teams.microsoft.com/l/entity/app/dashboards",
        users=("29:reader",),
        verb="board.show",
    )
    return made._replace(**change)


def row(number: int, name: str) -> Row:
    """A queue with a few contacts more than the one before."""
    offered = Metric(10.0 * number, Unit.CONTACTS)
    return Row(f"q{number}", name, "genesys", METRICS | {M.OFFERED: offered})


def board(words: Words, name: str = "Claims", view: View = View.QUEUES, **change: Any) -> Any:
    """The card of a queue of that name."""
    rows = (row(1, name), row(2, "Renewals")) if view is View.QUEUES else ()
    shown = frame(view, title=name, **change)
    return boards.board(Board(shown, PARTIAL, GAPS, TREND, rows, Definition.STRICT, 20), words)


def saved(words: Words, name: str = "Mornings") -> Any:
    """The card of a saved view of that name, with filters and a choice of figures."""
    made = Board(
        frame(View.QUEUES, title=name, verb="view.show", users=(), ranges=()),
        PARTIAL,
        GAPS,
        TREND,
        (row(1, name),),
        Definition.POSITIVE,
        12.5,
        (M.SERVICE_LEVEL, M.WAIT_P90),
        [
            (words.say("view.queues"), name),
            (words.say("view.channels"), words.say("channel.voice")),
            (words.say("view.directions"), words.say("direction.inbound")),
            (words.say("view.definition"), words.say("definition.positive")),
        ],
    )
    return boards.board(made, words)


def own(words: Words, name: str = "Amira Khan") -> Any:
    """The card of an agent's own figures."""
    metrics = {one: METRICS[one] for one in AGENT_METRICS}
    rows = (Row("a1", name, "genesys", metrics),)
    shown = frame(View.OWN, title=name, verb="own.show")
    return boards.own(Own(shown, rows, {"genesys": "Genesys Cloud"}, GAPS, True), words)


LOW = Threshold(
    AlertMetric.SERVICE_LEVEL, Comparison.BELOW, 80, 15, 60, Hours((0, 1, 2, 3, 4), 540, 1020)
)
RULE = Rule("rule", "q1", LOW, 1, "sofia.lindqvist", NOW_MS - HOUR_MS)
DAILY = Rule("daily", "", Daily(510, (0, 4), yesterday=True), 1, "sofia.lindqvist", NOW_MS)
HERE = Subscription("sub", "rule", "here", "sofia.lindqvist", "aad", "29:reader", "en", 0, 1)
BUTTON = Button("alerts.unsubscribe", "alert.unsubscribe", "signed-unsubscribe")
SENT = Delivery(
    "rule-1-sub",
    "rule",
    "sub",
    "here",
    "en",
    Stage.SENT,
    Figure(61.5, NOW_MS - 15 * MINUTE_MS, NOW_MS, NOW_MS - MINUTE_MS),
    NOW_MS,
    NOW_MS,
    activity="m1",
)


def listing(words: Words, name: str = "Claims", edited: Rule | None = None) -> Any:
    """The list of two alerts, one of them beyond its limit; the form of a new or `edited` one."""
    standing = Standing(True, 1, NOW_MS - 10 * MINUTE_MS, NOW_MS)
    lines = [
        Line(Listed(RULE, name, standing, (HERE,), HERE), True, NOW_MS + HOUR_MS, (BUTTON,)),
        Line(Listed(DAILY, "", Standing(), (), None), False, 0, ()),
    ]
    return alerts.listing(
        lines,
        words,
        time_zone=ZONE,
        now_ms=NOW_MS,
        url="https://teams.microsoft.com/l/entity/app/dashboards",
        queues=[(name, "q1")],
        form=Button("alerts.create", "alert.create", "signed-create"),
        edited=edited,
        said=words.say("alerts.created"),
    )


def notice(words: Words, name: str = "Claims", *, daily: bool = False) -> Any:
    """A message of an alert."""
    summary = Summary(METRICS, FRESH, Completeness(True, (), 0, 0)) if daily else None
    rule = DAILY._replace(queue="q1") if daily else RULE
    of = Notice("harbour", ZONE, "here", "en", "29:reader", SENT, rule, HERE, name, summary)
    return alerts.notice(
        of,
        words,
        buttons=[BUTTON],
        url="https://teams.microsoft.com/l/entity/app/dashboards",
        again=Button("board.refresh", "notice.show", "signed-notice"),
        now_ms=NOW_MS,
    )


def identity(words: Words, name: str = "Amira Khan") -> Any:
    """Who somebody is."""
    return pages.identity(
        words,
        name=name,
        role="agent",
        organization=name if name != "Amira Khan" else "Harbour Lane Insurance",
        time_zone=ZONE,
        permissions=["agents.view_own", "dashboards.view"],
    )


def settings(words: Words, name: str = "Juniper Street Energy") -> Any:
    """The choices of somebody in two organisations."""
    return pages.settings(
        words,
        language="de",
        range_="today",
        definition="strict",
        organization="harbour",
        ranges=["today", "yesterday"],
        definitions=["strict", "positive"],
        organizations=[("Harbour Lane Insurance", "harbour"), (name, "juniper")],
        verb="settings.save",
        reference="signed-settings",
    )


def queues(words: Words, name: str = "Claims") -> Any:
    """The list of queues."""
    shown = frame(View.QUEUES, title="All queues", verb="queues.show")
    rows = [row(number, f"{name} {number}") for number in range(1, 28)]
    return boards.queues(shown, rows, {"q1": "signed-q1"}, "board.show", words)


def bound(words: Words, name: str = "Harbour Lane Insurance") -> Any:
    """Whose figures are told in a place, with what may be done about it."""
    buttons = [
        Button(place.move_title(name, words), "place.move", "signed-move"),
        Button(words.say("place.release"), "place.release", "signed-release"),
    ]
    return place.bound(words, name, buttons)


def choices(words: Words, name: str = "Claims") -> Any:
    """A choice of queues."""
    return pages.choices(words, "choice.several", [(name, "signed-q1")], "board.show")


PAGE = "https://teams.microsoft.com/l/entity/app/dashboards"


def holders(words: Words, name: str = "Claims") -> Any:
    """Who can see a queue of that name, some of them of that name themselves."""
    more = [Holder(f"Person {number}", words.role("agent")) for number in range(30)]
    of = [Holder(name, f"{words.role('supervisor')}, {words.say('access.group')}"), *more]
    return access.holders(words, name, of, url=PAGE)


def reached(words: Words, name: str = "Ruth Engel") -> Any:
    """What a person of that name can see."""
    rows = [
        (words.say("access.roles"), words.role("managing_partner")),
        (words.say("access.queues"), name if name != "Ruth Engel" else "Claims, Renewals"),
        (words.say("access.details"), words.say("access.nothing")),
    ]
    return access.person(words, name, rows, blind=True, url=PAGE)


def several(words: Words, name: str = "Claims") -> Any:
    """What of that name may have been meant."""
    found = [(words.say("access.queue"), name), (words.say("access.person"), name)]
    return access.several(words, found)


def told(words: Words, topic: Topic, name: str = "Harbour Lane Insurance") -> Any:
    """What is told people about an organisation of that name."""
    values = {
        "organization": name,
        "minutes": "15",
        "what": "mail",
        "due": "2027-01-01",
        "title": "Verification",
        "number": "2",
        "effective": "2026-12-01",
        "summary": "Less is kept.",
        "summary_de": "Weniger wird behalten.",
    }
    return writing.told(words, topic, values, PAGE)


def set_up(words: Words, name: str = "Harbour Lane Insurance") -> Any:
    """How far an organisation of that name is set up."""
    steps = dict.fromkeys(Step, Waits.YOU) | {Step.MAIL: None, Step.NAME: Waits.ADMINISTRATOR}
    return setup.progress(words, name, steps, Step.PHONE, url=PAGE)


def asking(words: Words, name: str = "Ruth Engel", **change: Any) -> Any:
    """A request to see identities, of somebody of that name who gave it as the reason."""
    reason = "A complaint about a call" if name == "Ruth Engel" else name
    request = BreakGlass("7" * 32, 1, "ruth", reason, 60, NOW_MS - HOUR_MS)
    asked = request.at(NOW_MS)
    of = Asking("harbour", ZONE, "chat", words.language, request, asked, name, "")
    show = Button("board.refresh", "break_glass.show", "signed")
    return break_glass.request(words, of._replace(**change), show=show, url=PAGE)


def decided(words: Words, name: str = "Ruth Engel", *, own: bool = False) -> Any:
    """The same, approved."""
    request = BreakGlass("7" * 32, 2, "ruth", "A complaint", 60, NOW_MS - HOUR_MS)
    request = request._replace(until_ms=NOW_MS + HOUR_MS)
    approved = {"request": request, "stage": Glass.APPROVED, "decided_by": "Oliver Bright"}
    return asking(words, name, own=own, **approved)


def everything() -> Mapping[str, Any]:
    """Every card, by the name of its file."""
    english, german = Words("en"), Words("de")
    old = Freshness(NOW_MS - 5 * HOUR_MS, NOW_MS, 7)
    never = Freshness(None, None, 0)
    return {
        "board": board(english),
        "board-german": board(german),
        "board-stale": board(english, freshness=old),
        "board-empty": board(english, freshness=never, url=""),
        "board-partner": board(english, view=View.TOTALS),
        "saved-view": saved(english),
        "saved-view-german": saved(german),
        "own": own(english),
        "own-german": own(german),
        "queues": queues(english),
        "choices": choices(english),
        "access": holders(english),
        "access-german": holders(german),
        "access-nobody": access.holders(english, "Claims", (), url=""),
        "access-person": reached(english),
        "access-person-german": reached(german),
        "access-several": several(english),
        "break-glass": asking(english),
        "break-glass-german": asking(german),
        "break-glass-approved": decided(english),
        "break-glass-own": decided(english, own=True),
        "break-glass-closed": asking(english, stage=Glass.ENDED, open=False),
        "access-unknown": access.several(german, ()),
        "alerts": listing(english),
        "alerts-german": listing(german),
        "alerts-changing": listing(english, edited=RULE),
        "alerts-changing-daily": listing(english, edited=DAILY),
        "place": bound(english),
        "place-german": bound(german),
        "place-free": place.free(english, said=english.say("place.changed", count=2)),
        "nothing": pages.nothing(english),
        "notice": notice(english),
        "notice-german": notice(german),
        "notice-daily": notice(english, daily=True),
        "moved": alerts.moved(english),
        "identity": identity(english),
        "settings": settings(german),
        "told-locked": told(english, Topic.LOCKED),
        "told-contact": told(english, Topic.CONTACT_CHANGED),
        "told-policy": told(english, Topic.POLICY_PUBLISHED),
        "told-policy-german": told(german, Topic.POLICY_PUBLISHED),
        "told-attestation": told(german, Topic.ATTESTATION_DUE),
        "set-up": set_up(english),
        "set-up-german": set_up(german),
        "set-up-done": setup.progress(english, "Harbour Lane", dict.fromkeys(Step), None, url=PAGE),
        "held": policies.held(english, [("Verification", 2)], url=PAGE),
        "held-german": policies.held(german, [("Verification", 2)], url=PAGE),
        "guide": pages.guide(english, lead="help.welcome", personal=True),
        "guide-channel": pages.guide(german, lead="help.unknown", personal=False, guess="alerts"),
    }


def written(card: Any) -> str:
    """A card as its file holds it."""
    return json.dumps(card, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.glob("*.json"):
        file.unlink()
    for name, card in everything().items():
        (FOLDER / f"{name}.json").write_text(written(card), encoding="utf-8")
