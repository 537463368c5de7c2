"""Cards of incidents: the form of a report, its receipt, how it stands for who reported and for who
handles it, and the line in the channel that says that one is waiting, and nothing of it."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from bot.cards import elements as e
from bot.cards.alerts import Button
from bot.cards.elements import Card, Element
from bot.messages import Words
from bot.references import Verb
from portal.domain.incidents import rules
from portal.domain.incidents.model import (
    Category,
    Entry,
    EntryKind,
    EvidenceFile,
    Finding,
    Incident,
    IncidentKind,
    Severity,
    State,
    Whole,
)

LONGEST: Final = 4000
MOST_ENTRIES: Final = 4
MOST_OFFERED: Final = 20
"""Files of an incident on its card, the newest; the others are in the tab."""
NEW: Final = "new"
TITLES: Final = {EntryKind.ESCALATED: "triage.late", EntryKind.WARNED: "triage.soon"}


class Form(NamedTuple):
    """What stands in the fields of a report: by the names of the inputs."""

    typed: Mapping[str, str] = {}
    findings: Sequence[Finding] = ()
    similar: Sequence[Incident] = ()
    files: Sequence[EvidenceFile] = ()
    draft: str = ""


def form(words: Words, buttons: Sequence[Button], of: Form, *, refused: str = "") -> Card:
    """The form of a report; what was found in it and what it may be a duplicate of are told first,
    and asked about. `buttons` begin with the one that sends it."""
    typed = of.typed

    def text(id: str, *, longest: int = LONGEST, lines: bool = True) -> Element:
        label = words.say(f"report.field.{id}")
        return e.text_input(id, label, typed.get(id, ""), longest=longest, lines=lines)

    body: list[Element] = [e.heading(words.say("report.heading")), e.said(words.say("report.lead"))]
    if refused:
        body.append(e.notable(refused, "warning"))
    if of.draft:
        body.append(e.said(words.say("report.draft", at=of.draft), isSubtle=True))
    body += _asked(words, of)
    kinds = [(words.say(f"category.{one}"), one.value) for one in Category]
    grades = [(words.say(f"severity.{one}"), one.value) for one in Severity]
    quoted = "quoted" in typed
    body += [
        e.choice_set(
            "sort",
            words.say("report.field.sort"),
            [(words.say(f"sort.{one}"), one.value) for one in IncidentKind],
            typed.get("sort", IncidentKind.INCIDENT.value),
        ),
        e.choice_set(
            "category",
            words.say("report.field.category"),
            kinds,
            typed.get("category", Category.SUSPICIOUS_ACTIVITY.value),
        ),
        e.choice_set(
            "severity",
            words.say("report.field.severity"),
            grades,
            typed.get("severity", Severity.MEDIUM.value),
        ),
        *([text("quoted"), text("sender", longest=256, lines=False)] if quoted else []),
        *([text("link", longest=2048, lines=False)] if quoted else []),
        text("what"),
        text("affected"),
        text("evidence"),
        {
            "type": "Input.Date",
            "id": "happened",
            "label": words.say("report.field.happened"),
            "value": typed.get("happened", ""),
        },
        {
            "type": "Input.Time",
            "id": "at",
            "label": words.say("report.field.at"),
            "value": typed.get("at", ""),
        },
        *_waiting(words, of.files),
    ]
    actions = [e.execute(words.say(one.title), one.verb, one.reference) for one in buttons]
    return e.card(body, actions, fallback=words.say("report.fallback"))


def _asked(words: Words, of: Form) -> list[Element]:
    body: list[Element] = []
    if of.findings:
        sorts = dict.fromkeys(one.sort for one in of.findings)
        told = ", ".join(words.say(f"finding.{one}") for one in sorts)
        body.append(e.notable(words.say("report.found", found=told), "warning"))
        body.append(
            {
                "type": "Input.Toggle",
                "id": "keep",
                "title": words.say("report.field.keep"),
                "value": "false",
                "wrap": True,
            }
        )
    if of.similar:
        choices = [(words.say("report.joins_new"), NEW)]
        choices += [(one.reference, one.id) for one in of.similar]
        body.append(e.choice_set("joins", words.say("report.field.joins"), choices, NEW))
    return body


def _waiting(words: Words, files: Sequence[EvidenceFile]) -> list[Element]:
    """Files that wait, and whether they are sent along."""
    if not files:
        return []
    asked = {
        "type": "Input.Toggle",
        "id": "files",
        "title": words.say("files.along", count=len(files)),
        "value": "true",
        "wrap": True,
    }
    return [asked, *(e.written(one.name, isSubtle=True, spacing="None") for one in files)]


def attached(
    words: Words,
    came: Sequence[tuple[str, str]],
    files: Sequence[EvidenceFile],
    buttons: Sequence[Button],
) -> Card:
    """What became of files that were sent: `came` is a name and why it was not kept, "" for one
    that was; `files` are all that wait."""
    body: list[Element] = [e.heading(words.say("files.heading"))]
    for name, why in came:
        if why:
            body.append(
                e.container([e.written(name, weight="Bolder"), e.said(why)], style="warning")
            )
    if files:
        body.append(e.said(words.say("files.kept")))
        body += [e.written(one.name, spacing="Small") for one in files]
        body.append(e.said(words.say("files.next"), isSubtle=True))
    actions = [e.ask(words.say("command.report"), words.say("command.report"))] if files else []
    actions += [e.execute(words.say(one.title), one.verb, one.reference) for one in buttons]
    return e.card(body, actions, fallback=words.say("files.fallback"))


def removed(words: Words, said: str) -> Card:
    """In place of files that were removed."""
    return e.card([e.notable(said, "good")], fallback=words.say("files.fallback"))


def later(words: Words, masked: int) -> Card:
    """In place of a form that was put off."""
    body = [e.heading(words.say("report.later_done")), e.said(words.say("report.later_about"))]
    if masked:
        body.append(e.said(words.say("report.masked", count=masked), isSubtle=True))
    actions = [e.ask(words.say("command.report"), words.say("command.report"))]
    return e.card(body, actions, fallback=words.say("report.fallback"))


def received(
    words: Words,
    incident: Incident,
    code: str,
    masked: int,
    show: Button,
    url: str,
    *,
    files: int = 0,
) -> Card:
    """The receipt of a report, which so many files went with."""
    body = [
        e.heading(words.say("report.received", reference=incident.reference)),
        e.said(words.say("report.next")),
        *e.facts([(words.say("report.code"), code)]),
    ]
    if files:
        body += e.facts([(words.say("files.heading"), str(files))])
    if masked:
        body.append(e.said(words.say("report.masked", count=masked), isSubtle=True))
    return e.card(body, _actions(words, [show], url), fallback=words.say("report.fallback"))


def own(
    words: Words,
    whole: Whole,
    time_zone: str,
    *,
    answer: Button | None,
    show: Button,
    url: str,
    said: str = "",
    refused: bool = False,
    files: Sequence[EvidenceFile] = (),
    again: Button | None = None,
    text: str = "",
    findings: Sequence[Finding] = (),
) -> Card:
    """A report as who made it sees it: how it stands, what was said last, room for an answer and
    `files` that wait. `again` draws it anew by itself. `text` is an answer that is not sent yet, of
    which `findings` are told and asked about."""
    incident = whole.incident
    body = _head(words, "incident.own", incident, said, refused=refused)
    body += e.facts(
        [
            (words.say("incident.state"), words.say(f"state.{incident.state}")),
            (words.say("incident.changed"), words.time(incident.told_at_ms, time_zone)),
        ]
    )
    shown = [one for one in whole.entries if one.shown]
    body += _lines(words, shown, time_zone)
    if answer is not None:
        label = words.say("incident.answer_label")
        body += _asked(words, Form(findings=findings))
        body.append(e.text_input("text", label, text, longest=LONGEST, lines=True))
        body += _waiting(words, files)
    buttons = [show] if answer is None else [answer, show]
    fallback = words.say("incident.fallback", reference=incident.reference)
    return _refreshing(words, e.card(body, _actions(words, buttons, url), fallback=fallback), again)


def handled(
    words: Words,
    whole: Whole,
    time_zone: str,
    now_ms: int,
    *,
    lead: str,
    buttons: Sequence[Button],
    url: str,
    said: str = "",
    refused: bool = False,
    again: Button | None = None,
) -> Card:
    """An incident as those who handle it see it. `lead` is a name or ""; `again` as for `own`."""
    incident = whole.incident
    body = _head(words, "incident.heading", incident, said, refused=refused)
    body += e.facts(_facts(words, incident, lead))
    body += e.facts(
        [
            (
                words.say(f"due.{one.due}"),
                " · ".join(
                    (
                        words.time(one.by_ms, time_zone),
                        words.say(f"standing.{one.standing(now_ms)}"),
                    )
                ),
            )
            for one in rules.clocks(incident)
        ]
    )
    if whole.report is not None:
        body.append(e.container(e.passage(whole.report.what), separator=True))
    body += _lines(words, whole.entries, time_zone)
    if any(one.verb is Verb.INCIDENT_SAY for one in buttons):
        body += _inputs(words, incident)
    if any(one.verb is Verb.INCIDENT_FILE for one in buttons):
        newest = [(one.name, one.id) for one in reversed(whole.files)][:MOST_OFFERED]
        body.append(e.choice_set("file", words.say("files.which"), newest, newest[0][1]))
    fallback = words.say("incident.fallback", reference=incident.reference)
    return _refreshing(words, e.card(body, _actions(words, buttons, url), fallback=fallback), again)


def moved(words: Words) -> Card:
    """In place of a message that was sent twice."""
    return e.card([e.said(words.say("incident.moved"))], fallback=words.say("incident.moved"))


def _refreshing(words: Words, card: Card, again: Button | None) -> Card:
    """The card, which Teams draws anew by itself in an own chat."""
    if again is None:
        return card
    return e.refreshing_alone(card, e.execute(words.say(again.title), again.verb, again.reference))


def _inputs(words: Words, incident: Incident) -> list[Element]:
    """A text, what it is, and the states that may follow."""
    kinds = [EntryKind.NOTE, EntryKind.MESSAGE, EntryKind.QUESTION]
    steps = [one for one in State if one in rules.STEPS[incident.state]]
    made = [e.text_input("text", words.say("incident.text"), longest=LONGEST, lines=True)]
    offered = [(words.say(f"word.{one}"), one.value) for one in kinds]
    made.append(e.choice_set("kind", words.say("incident.word"), offered, EntryKind.MESSAGE.value))
    if steps and not incident.merged_into:
        states = [(words.say(f"state.{one}"), one.value) for one in steps]
        made.append(e.choice_set("state", words.say("incident.step"), states, steps[0].value))
    return made


def announced(
    words: Words,
    incident: Incident,
    entry: Entry,
    waiting: int,
    *,
    lead: str,
    buttons: Sequence[Button],
    url: str,
    said: str = "",
    refused: bool = False,
) -> Card:
    """For a channel: that one waits or a clock ran out, its severity, a link; nothing of what it
    says or of whom it is."""
    title = TITLES.get(entry.kind, "triage.heading")
    body: list[Element] = [e.heading(words.say(title))]
    if said:
        body.append(e.notable(said, "warning" if refused else "good"))
    rows = [(words.say("incident.reference"), incident.reference)]
    body += e.facts([*rows, *_facts(words, incident, lead)])
    if waiting:
        body.append(e.said(words.say("triage.waiting", count=waiting), isSubtle=True))
    return e.card(body, _actions(words, buttons, url), fallback=words.say("triage.fallback"))


def listed(
    words: Words,
    reports: Sequence[tuple[Incident, Button]],
    queue: Sequence[tuple[Incident, Button]],
) -> Card:
    """Own reports and, for those who handle incidents, the open ones."""
    body: list[Element] = [e.heading(words.say("incidents.heading"))]
    if not reports and not queue:
        body.append(e.said(words.say("incidents.none")))
    for title, lines in (("incidents.own", reports), ("incidents.queue", queue)):
        if lines:
            body.append(e.said(words.say(title), weight="Bolder"))
        for one, button in lines:
            state = f"{words.say(f'state.{one.state}')} · {words.say(f'severity.{one.severity}')}"
            body.append(
                e.columns(
                    [e.column([e.written(one.reference)], "auto"), e.column([e.written(state)])],
                    selectAction=e.execute(words.say(button.title), button.verb, button.reference),
                    spacing="Small",
                )
            )
    return e.card(body, fallback=words.say("incidents.heading"))


def _head(
    words: Words, title: str, incident: Incident, said: str, *, refused: bool
) -> list[Element]:
    body: list[Element] = [e.heading(words.say(title, reference=incident.reference))]
    if said:
        body.append(e.notable(said, "warning" if refused else "good"))
    return body


def _facts(words: Words, incident: Incident, lead: str) -> list[tuple[str, str]]:
    level = rules.priority(incident.severity, incident.impact)
    return [
        (words.say("incident.state"), words.say(f"state.{incident.state}")),
        (words.say("report.field.category"), words.say(f"category.{incident.category}")),
        (words.say("report.field.severity"), words.say(f"severity.{incident.severity}")),
        (words.say("incident.priority"), level.value.upper()),
        (words.say("incident.lead"), lead or words.say("incident.nobody")),
    ]


def _lines(words: Words, entries: Sequence[Entry], time_zone: str) -> list[Element]:
    """The last lines of the timeline."""
    made: list[Element] = []
    for one in entries[-MOST_ENTRIES:]:
        at = words.time(one.at_ms, time_zone)
        told = [e.written(at, " · ", sentence(words, one), isSubtle=True)]
        sent = int(dict(one.facts).get("files", 0))
        files = [e.said(words.say("files.sent", count=sent), isSubtle=True)] if sent else []
        made.append(e.container([*told, *e.passage(one.text), *files], spacing="Medium"))
    return made


def sentence(words: Words, entry: Entry) -> str:
    """What a line of the timeline tells, without anybody's text."""
    facts = dict(entry.facts)
    if entry.kind is EntryKind.STATE:
        key = "entry.state_of" if "other" in facts else "entry.state"
        state = words.say(f"state.{facts['state']}")
        return words.say(key, **(facts | {"state": state}))
    if entry.kind in TITLES:
        return words.say(f"entry.{entry.kind}", due=words.say(f"due.{facts['clock']}"))
    if entry.kind is EntryKind.RATED:
        return words.say("entry.rated", priority=facts["priority"].upper())
    if entry.kind is EntryKind.ASSIGNED and entry.shown:
        return words.say("entry.somebody")
    return words.say(f"entry.{entry.kind}")


def _actions(words: Words, buttons: Sequence[Button], url: str) -> list[Element]:
    made = [e.execute(words.say(one.title), one.verb, one.reference) for one in buttons]
    return [*made, *([e.link(words.say("incident.open"), url)] if url else [])]
