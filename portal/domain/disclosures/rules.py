"""What may be entered after what; every rule raises InvalidInput, Conflict or Forbidden."""

from portal.domain.disclosures.model import Case, Check, Entry, RegisterStep, Ruling
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput

MOST_ENTRIES = 500
LONGEST_SILENCE_MS = 10 * 366 * 24 * 3600 * 1000


def check_receipt(entry: Entry) -> None:
    """A request without asker, basis, reference, categories and persons is none (R10)."""
    missing = {
        name: "is needed"
        for name, there in (
            ("requester", entry.words.requester),
            ("basis", entry.basis),
            ("reference", entry.words.reference),
            ("data", entry.data),
            ("whose", entry.whose),
        )
        if not there
    }
    if missing:
        raise InvalidInput("Say who asks for what, of whom, and by what right.", fields=missing)
    _check_past(entry)


def check(case: Case, entry: Entry) -> None:
    """Whether the entry may follow those of the case."""
    if case.version >= MOST_ENTRIES:
        raise Conflict("This case has as many entries as a case can have.", code="full")
    _CHECKS[entry.kind](case, entry)


def _decided(case: Case, entry: Entry) -> None:
    before, asked = case.decision, case.receipt.data
    if case.is_handed_over or (before is not None and before.outcome is not Ruling.REFUSED):
        raise Conflict("It is decided. Correct the entry if it is wrong.", code="decided")
    if not entry.words.text:
        raise InvalidInput("Say why.", fields={"text": "is needed"})
    if entry.outcome is Ruling.REFUSED:
        if entry.data:
            raise InvalidInput("Nothing is granted by a refusal.", fields={"data": "is empty"})
        return
    if entry.by == case.receipt.by:
        raise Forbidden(
            "Somebody else decides than who entered the request; you may refuse it.",
            code="four-eyes",
        )
    if entry.checks != frozenset(Check):
        raise InvalidInput(
            "Nothing is granted before everything was looked at.",
            fields={"checks": "every one of them"},
        )
    narrowed = entry.outcome is Ruling.NARROWED
    fits = entry.data < asked if narrowed else entry.data == asked
    if not entry.data or not fits:
        wrong = "fewer than were asked for" if narrowed else "those that were asked for"
        raise InvalidInput("The decision does not fit the request.", fields={"data": wrong})


def _handed_over(case: Case, entry: Entry) -> None:
    decision = case.decision
    if decision is None or decision.outcome is Ruling.REFUSED:
        raise Conflict("Nothing was granted, so nothing is handed over.", code="not-granted")
    if not entry.data or not entry.data <= decision.data:
        raise InvalidInput(
            "Only what was granted is handed over.", fields={"data": "within the decision"}
        )
    if not entry.words.text:
        raise InvalidInput("Say how and to whom.", fields={"text": "is needed"})
    _check_past(entry)


def _gagged(case: Case, entry: Entry) -> None:
    if not entry.words.reference:
        raise InvalidInput(
            "Silence needs an order, and so does its end.", fields={"reference": "is needed"}
        )
    if case.notice is not None and entry.until_ms:
        raise Conflict("Those concerned were told already.", code="notified")
    if entry.until_ms and not entry.at_ms < entry.until_ms <= entry.at_ms + LONGEST_SILENCE_MS:
        raise InvalidInput("An order to keep silent has an end.", fields={"until": "later"})
    if not entry.until_ms and not case.is_silent(entry.at_ms):
        raise Conflict("No order to keep silent is in force.", code="not-silent")


def _notified(case: Case, entry: Entry) -> None:
    if case.is_silent(entry.at_ms):
        raise Conflict("An order to keep silent is in force.", code="silent")
    if case.decision is None:
        raise Conflict("Nothing was decided yet.", code="not-decided")
    if case.notice is not None:
        raise Conflict("Those concerned were told already.", code="notified")
    _check_past(entry)


def _corrected(case: Case, entry: Entry) -> None:
    if not 1 <= entry.corrects <= case.version:
        raise InvalidInput("There is no such entry.", fields={"corrects": "one of the case"})
    if not entry.words.text:
        raise InvalidInput("Say what is right.", fields={"text": "is needed"})


def _received(case: Case, entry: Entry) -> None:
    raise Conflict("The case has its receipt.", code="received")


def _check_past(entry: Entry) -> None:
    if entry.happened_at_ms > entry.at_ms:
        raise InvalidInput("That is still to come.", fields={"happened_at": "now or before"})


_CHECKS = {
    RegisterStep.RECEIVED: _received,
    RegisterStep.DECIDED: _decided,
    RegisterStep.HANDED_OVER: _handed_over,
    RegisterStep.GAGGED: _gagged,
    RegisterStep.NOTIFIED: _notified,
    RegisterStep.CORRECTED: _corrected,
}
