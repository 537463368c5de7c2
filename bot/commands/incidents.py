"""`report`, `incidents`, `triage`: security incidents, in the own chat wherever they are asked
for; a shared place learns only that."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from bot.cards import incidents as cards
from bot.cards.alerts import Button
from bot.cards.elements import Card
from bot.cards.incidents import Form
from bot.channel.turn import Answer, Say, Show, ShowPrivately
from bot.context import Asker, Desk, chat_with, place
from bot.references import Verb
from portal.domain.access.model import Permission
from portal.domain.access.rules import may, require
from portal.domain.incidents import rules
from portal.domain.incidents.handling import Filters
from portal.domain.incidents.model import Finding, Incident, State, Whole
from portal.domain.incidents.service import Receipt
from portal.domain.shared.clock import instant

FORM: Final = "incident-form"
INCIDENT: Final = "incident"
OWN_REPORT: Final = "incident-own"
TRIAGE: Final = "incident-triage"
SEPARATOR: Final = ":"
LASTING_DAYS: Final = 30
NOON: Final = "12:00"
"""The time of a day that was named without one."""
MOST_SHOWN: Final = 8


async def report(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """The form. Forbidden."""
    require(asker.actor, Permission.INCIDENTS_REPORT)
    return _privately(asker, form(asker, await begun(desk, asker)))


async def begun(desk: Desk, asker: Asker) -> Form:
    """What the form begins with: the asker's draft, and their files that wait. Forbidden."""
    files = await desk.evidence.waiting(actor=asker.actor)
    known = await desk.drafts.get(actor=asker.actor)
    if known is None:
        return Form(files=files)
    zone, draft = asker.organization.time_zone, known.draft
    happened = draft.happened_at_ms
    local = instant(happened).astimezone(ZoneInfo(zone))
    day, time = (local.date().isoformat(), f"{local:%H:%M}") if happened else ("", "")
    report, at = draft.report, asker.words.time(known.changed_at_ms, zone)
    typed = {"category": draft.category.value, "severity": draft.severity.value, "happened": day}
    typed |= {"sort": draft.kind.value, "at": "" if time == NOON else time}
    typed |= {"what": report.what, "affected": report.affected, "evidence": report.evidence}
    if report.quoted or report.link:
        typed |= {"quoted": report.quoted, "sender": report.sender, "link": report.link}
    return Form(typed, files=files, draft=at)


async def incidents(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """Own reports and, for those who handle them, the open ones. Forbidden."""
    own = [one.incident for one in await desk.incidents.own(actor=asker.actor)]
    queue: Sequence[Incident] = ()
    if may(asker.actor, Permission.INCIDENTS_HANDLE):
        queue, _ = await desk.handling.queue(Filters(open=True), actor=asker.actor)
    card = cards.listed(
        asker.words,
        [(one, _show(asker, OWN_REPORT, one)) for one in own[:MOST_SHOWN]],
        [(one, _show(asker, INCIDENT, one)) for one in queue[:MOST_SHOWN]],
    )
    return _privately(asker, card)


async def triage(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """From now on new reports are announced here; asked again, no more. Forbidden."""
    require(asker.actor, Permission.INCIDENTS_HANDLE)
    words = asker.words
    if asker.is_private:
        return [Say(words.say("triage.alone"))]
    here = place(asker.incoming)
    await desk.conversations.remember(here, actor=asker.actor)
    terms, _ = await desk.handling.terms(actor=asker.actor)
    ends = terms.triage == here.id
    chosen = "" if ends else here.id
    await desk.handling.set_terms(
        lambda known: known._replace(triage=chosen, triage_language=words.language),
        actor=asker.actor,
    )
    return [Say(words.say("triage.ended" if ends else "triage.begun"))]


def form(asker: Asker, of: Form, *, looked: bool = False, refused: str = "") -> Card:
    """The form for the asker's own chat; `looked` says that findings were told already."""
    record = f"{FORM}{SEPARATOR}{'looked' if looked else 'new'}"
    here = chat_with(asker.person.person_id)
    verbs = [Verb.INCIDENT_REPORT, Verb.INCIDENT_LATER]
    reference = asker.signer.sign(here, record, verbs, days=LASTING_DAYS)
    title = "report.send_looked" if looked else "report.send"
    buttons = [
        Button(title, Verb.INCIDENT_REPORT, reference),
        Button("report.later", Verb.INCIDENT_LATER, reference),
    ]
    return cards.form(asker.words, buttons, of, refused=refused)


def received(desk: Desk, asker: Asker, receipt: Receipt, *, files: int = 0) -> Card:
    """The receipt in place of the form."""
    incident = receipt.incident
    url = desk.links.report(incident.id, incident.reference)
    show = _show(asker, OWN_REPORT, incident)
    masked = receipt.masked
    return cards.received(asker.words, incident, receipt.code, masked, show, url, files=files)


async def own(
    desk: Desk,
    asker: Asker,
    whole: Whole,
    *,
    said: str = "",
    refused: bool = False,
    text: str = "",
    findings: Sequence[Finding] = (),
) -> Card:
    """An own report as it stands; with `text`, an answer that is not sent yet, and what was found
    in it."""
    files = await desk.evidence.waiting(actor=asker.actor)
    incident = whole.incident
    reference = _reference(asker, OWN_REPORT, incident)
    answer = Button("incident.answer", Verb.INCIDENT_ANSWER, reference)
    return cards.own(
        asker.words,
        whole,
        asker.organization.time_zone,
        answer=None if incident.state is State.CLOSED else answer,
        show=Button("board.refresh", Verb.INCIDENT_SHOW, reference),
        url=desk.links.report(incident.id, incident.reference),
        said=said,
        refused=refused,
        files=files,
        text=text,
        findings=findings,
    )


async def handled(
    desk: Desk, asker: Asker, whole: Whole, *, said: str = "", refused: bool = False
) -> Card:
    """An incident as it stands, for who handles it."""
    incident, actor = whole.incident, asker.actor
    lead = await desk.handling.person(incident.lead, actor=actor)
    return cards.handled(
        asker.words,
        whole,
        asker.organization.time_zone,
        desk.clock.now_ms(),
        lead=lead.display_name if lead else "",
        buttons=handling_buttons(
            _reference(asker, INCIDENT, incident),
            incident,
            actor.person_id,
            files=bool(whole.files and desk.teams),
        ),
        url=desk.links.incident(incident.id, incident.reference),
        said=said,
        refused=refused,
    )


def handling_buttons(
    reference: str, incident: Incident, person: str, *, files: bool
) -> list[Button]:
    """What somebody who handles it may press; `files` says that there are some to be sent."""
    made = (
        [] if incident.lead == person else [Button("incident.take", Verb.INCIDENT_TAKE, reference)]
    )
    if not rules.observes(incident, person):
        made += [
            Button("incident.step_button", Verb.INCIDENT_STEP, reference),
            Button("incident.say", Verb.INCIDENT_SAY, reference),
        ]
    return [
        *made,
        *([Button("files.send_me", Verb.INCIDENT_FILE, reference)] if files else []),
        Button("board.refresh", Verb.INCIDENT_SHOW, reference),
    ]


def _show(asker: Asker, kind: str, incident: Incident) -> Button:
    return Button("incident.show", Verb.INCIDENT_SHOW, _reference(asker, kind, incident))


def _reference(asker: Asker, kind: str, incident: Incident) -> str:
    """For the asker's own chat alone."""
    return asker.signer.sign(
        chat_with(asker.person.person_id),
        f"{kind}{SEPARATOR}{incident.id}",
        VERBS[kind],
        version=incident.version,
        days=LASTING_DAYS,
    )


VERBS: Final = {
    OWN_REPORT: (Verb.INCIDENT_SHOW, Verb.INCIDENT_ANSWER),
    INCIDENT: (
        Verb.INCIDENT_SHOW,
        Verb.INCIDENT_TAKE,
        Verb.INCIDENT_STEP,
        Verb.INCIDENT_SAY,
        Verb.INCIDENT_FILE,
    ),
    TRIAGE: (Verb.INCIDENT_TAKE,),
}


def _privately(asker: Asker, card: Card) -> Sequence[Answer]:
    words = asker.words
    if asker.is_alone:
        return [Show(card, str(card["fallbackText"]))]
    return [ShowPrivately(words.say("report.private"), words.say("who.unreachable"), card)]
