"""Taking a report: looked through, shown to its reporter once more when something was found in it,
then kept. From the card in the chat, and from the dialog that an action on a message opens."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.actions import forms
from bot.cards import incidents as cards
from bot.cards.elements import Card
from bot.cards.incidents import NEW, Form
from bot.channel import turn
from bot.channel.turn import Answer, IncomingKind, ShowPrivately
from bot.commands import incidents as commands
from bot.commands.incidents import FORM, NOON, SEPARATOR
from bot.context import Asker, Desk, chat_with, place
from bot.references import Tampered, Verb
from portal.domain.access.model import Permission
from portal.domain.access.rules import act, require
from portal.domain.alerts.activities import Replayed
from portal.domain.incidents.masking import SORTS
from portal.domain.incidents.model import Category, Draft, Report, Severity, Source
from portal.domain.incidents.service import Reported
from portal.domain.shared.errors import InvalidInput, NotFound

LOOKED: Final = "looked"
LONGEST_LINK, LONGEST_NAME = 2048, 256
EARLIEST_YEAR: Final = 2000


async def from_message(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """The dialog of "Report to security", and what is sent from it. Forbidden, Tampered."""
    require(asker.actor, Permission.INCIDENTS_REPORT)
    title = asker.words.say("report.heading")
    if asker.incoming.kind is IncomingKind.FORM_ASKED:
        card = commands.form(asker, Form(_of_message(asker)))
        return [turn.Form(title, in_dialog(card))]
    reference = await desk.references.read(asker.incoming.value.get("ref"))
    kind, _, looked = reference.record.partition(SEPARATOR)
    theirs = reference.conversation == chat_with(asker.person.person_id)
    if kind != FORM or not theirs or Verb.INCIDENT_REPORT not in reference.verbs:
        raise Tampered
    if reference.organization != asker.organization.code:
        asker = await _of_organization(desk, asker, reference.organization)
    typed = {name: value for name, value in asker.incoming.value.items() if name != "ref"}
    if desk.references.is_expired(reference):
        return [turn.Form(title, in_dialog(stale(asker, typed)))]
    card = await reported(desk, typed, asker, looked=looked == LOOKED)
    answers: list[Answer] = [turn.Form(title, in_dialog(card))]
    if not _is_form(card):
        # Also in the own chat, where everything that comes of it is told.
        answers.append(ShowPrivately("", "", card))
    return answers


async def reported(desk: Desk, given: Mapping[str, Any], asker: Asker, *, looked: bool) -> Card:
    """Looks through the report, and takes it once its reporter has seen what was found; the form
    again, or the receipt. InvalidInput for what no form sends."""
    typed, spoken, actor = _kept(given), asker.words, asker.actor
    said = forms.report(given)
    waiting = await desk.evidence.waiting(actor=actor)
    if not (said.what.strip() or said.quoted.strip()):
        refused = spoken.say("report.empty")
        again = Form(typed, files=waiting)
        return commands.form(asker, again, looked=looked, refused=refused)
    what = said.what if said.what.strip() else spoken.say("report.of_message")
    report = Report(what, said.affected, said.evidence, said.quoted, said.sender, said.link)
    if not looked:
        _, found = await desk.incidents.look(report, actor=actor)
        similar = await desk.incidents.similar(Category(said.category), actor=actor)
        if found or similar:
            return commands.form(asker, Form(typed, found, similar[:5], waiting), looked=True)
    if asker.is_alone:
        await desk.conversations.remember(place(asker.incoming), actor=actor)
    made = Reported(
        Category(said.category),
        report,
        Severity(said.severity),
        kind=said.sort,
        source=Source.MESSAGE if said.quoted or said.link else Source.CHAT,
        happened_at_ms=_instant(said.happened, said.at, asker.organization.time_zone),
        language=spoken.language,
    )
    joins = "" if said.joins == NEW else said.joins
    keep, once = SORTS if said.keep else (), asker.incoming.replay_key
    files = [one.id for one in waiting] if said.files else []
    # The dialog over a message is a report of its own; the card in the chat goes on with the draft.
    of_draft = asker.incoming.kind is IncomingKind.CARD_ACTION
    try:
        receipt = await desk.incidents.report(
            made,
            actor=actor,
            keep=keep,
            joins=joins,
            files=files,
            of_draft=of_draft,
            once=once,
        )
    except Replayed:
        receipt = (await desk.incidents.own(actor=actor))[0]
    except InvalidInput:
        refused = spoken.say("report.invalid")
        again = Form(typed, files=waiting)
        return commands.form(asker, again, looked=looked, refused=refused)
    return commands.received(desk, asker, receipt, files=len(files))


async def put_off(desk: Desk, given: Mapping[str, Any], asker: Asker) -> Card:
    """Keeps what was typed as the asker's draft. InvalidInput for what no form sends."""
    said = forms.report(given)
    report = Report(said.what, said.affected, said.evidence, said.quoted, said.sender, said.link)
    draft = Draft(
        report,
        kind=said.sort,
        category=Category(said.category),
        severity=Severity(said.severity),
        happened_at_ms=_instant(said.happened, said.at, asker.organization.time_zone),
        source=Source.CHAT,
    )
    keep, once, actor = SORTS if said.keep else (), asker.incoming.replay_key, asker.actor
    try:
        kept = await desk.drafts.keep(draft, actor=actor, keep=keep, once=once)
    except Replayed:
        return cards.later(asker.words, 0)
    return cards.later(asker.words, kept.masked)


def stale(asker: Asker, given: Mapping[str, Any]) -> Card:
    """The form anew, with what was typed into one that is too old."""
    return commands.form(asker, Form(_kept(given)), refused=asker.words.say("refused.stale"))


def in_dialog(card: Mapping[str, Any]) -> Card:
    """The card for a dialog, where Teams knows Action.Submit alone: its one action carries the
    reference; buttons that draw a card anew are left out."""
    actions = [
        {"type": "Action.Submit", "title": one["title"], "data": one["data"]}
        if one.get("verb") == Verb.INCIDENT_REPORT
        else one
        for one in card.get("actions", [])
        if one["type"] != "Action.Execute" or one.get("verb") == Verb.INCIDENT_REPORT
    ]
    return {**card, "actions": actions}


def _is_form(card: Mapping[str, Any]) -> bool:
    return any(one.get("verb") == Verb.INCIDENT_REPORT for one in card.get("actions", []))


def _of_message(asker: Asker) -> dict[str, str]:
    """What is taken of the message: nothing is kept before its reporter sends the form."""
    payload = asker.incoming.value.get("messagePayload")
    known = payload if isinstance(payload, dict) else {}
    author = known.get("from")
    user = author.get("user") if isinstance(author, dict) else None
    name = user.get("displayName") if isinstance(user, dict) else None
    link, at = known.get("linkToMessage"), known.get("createdDateTime")
    return {
        "quoted": asker.incoming.text[: cards.LONGEST],
        "sender": name[:LONGEST_NAME] if isinstance(name, str) else "",
        "link": link[:LONGEST_LINK] if isinstance(link, str) else "",
        **(_written_at(at, asker.organization.time_zone) if isinstance(at, str) else {}),
    }


def _written_at(at: str, zone: str) -> dict[str, str]:
    """Day and minute of an instant that Teams named, as the fields of the form have them."""
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return {}
    if found.year < EARLIEST_YEAR or found.tzinfo is None:
        return {}
    local = found.astimezone(ZoneInfo(zone))
    return {"happened": local.date().isoformat(), "at": f"{local:%H:%M}"}


async def _of_organization(desk: Desk, asker: Asker, code: str) -> Asker:
    """The asker in the organisation that the form was drawn for."""
    try:
        actor = act(asker.person, code)
    except NotFound:
        raise Tampered from None
    tenancy = await desk.organizations.get(code)
    return asker._replace(
        actor=actor,
        organization=tenancy.organization,
        signer=await desk.references.signer(code),
    )


def _kept(given: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, to stand in the fields again: it goes back to who typed it and nowhere
    else."""
    return {name: str(value)[: cards.LONGEST] for name, value in given.items()}


def _instant(day: str, time: str, zone: str) -> int:
    """The minute that was named, noon of the day where no time was; 0 for none."""
    if not day:
        return 0
    named = datetime.fromisoformat(f"{day}T{time or NOON}").replace(tzinfo=ZoneInfo(zone))
    return round(named.astimezone(UTC).timestamp() * 1000)
