"""The register of who outside asked for data."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from portal.domain.access.model import Permission
from portal.domain.access.rules import may
from portal.domain.disclosures.model import Case, Entry, RegisterStep, Words
from portal.domain.disclosures.service import Disclosures, Said
from portal.web.api.access import zoned
from portal.web.api.access_grants import cell
from portal.web.api.setup import setting_up, when
from portal.web.exchange import Handler, actor, body, respond
from portal.web.schemas import disclosures as schemas

COLUMNS = ["case", *schemas.DisclosureEntry.model_fields]


async def disclosures(request: web.Request) -> web.StreamResponse:
    """The cases."""
    found = await _register(request).cases(actor=actor(request))
    return respond(
        schemas.DisclosureList(
            may_record=may(actor(request), Permission.DISCLOSURES_RECORD),
            disclosures=[_case(request, one) for one in found],
        )
    )


async def disclosure(request: web.Request) -> web.StreamResponse:
    """One case."""
    id = request.match_info["id"]
    return respond(_case(request, await _register(request).case(id, actor=actor(request))))


async def receive_disclosure(request: web.Request) -> web.StreamResponse:
    """Enters a request from outside."""
    said = await body(request, schemas.NewDisclosure)
    made = await _register(request).receive(
        Said(
            RegisterStep.RECEIVED,
            Words(said.requester, said.reference, said.law, said.persons, said.text),
            _ms(said.asked_at),
            basis=said.basis,
            data=frozenset(said.data),
            whose=frozenset(said.whose),
        ),
        silent_until_ms=_ms(said.silent_until),
        actor=actor(request),
    )
    return respond(_case(request, made), status=201)


async def enter_disclosure(request: web.Request) -> web.StreamResponse:
    """Adds an entry to a case."""
    said = await body(request, schemas.NewDisclosureEntry)
    entered = await _register(request).enter(
        request.match_info["id"], _said(said), version=said.version, actor=actor(request)
    )
    return respond(_case(request, entered))


async def export_disclosures(request: web.Request) -> web.StreamResponse:
    """The register as JSON, for auditors."""
    rows = await _rows(request)
    return respond(
        schemas.DisclosureExport(
            organization=actor(request).organization,
            at=zoned(request, _register(request).now_ms()),
            rows=rows,
        ),
        headers={"Content-Disposition": 'attachment; filename="disclosures.json"'},
    )


async def export_disclosures_csv(request: web.Request) -> web.StreamResponse:
    """The register as CSV, for auditors."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in await _rows(request):
        row = one.model_dump(mode="json")
        writer.writerow([cell(_told(row[name])) for name in COLUMNS])
    return web.Response(
        body=text.getvalue().encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="disclosures.csv"'},
    )


def _told(value: object) -> str | list[str] | None:
    if isinstance(value, list):
        return [str(one) for one in value]
    return None if value is None else str(value)


def _said(of: schemas.NewDisclosureEntry) -> Said:
    match of.entry:
        case schemas.Decided() as one:
            return Said(
                RegisterStep.DECIDED,
                Words(text=one.text),
                data=frozenset(one.data),
                checks=frozenset(one.checks),
                outcome=one.outcome,
            )
        case schemas.HandedOver() as one:
            return Said(
                RegisterStep.HANDED_OVER,
                Words(text=one.text),
                _ms(one.happened_at),
                data=frozenset(one.data),
            )
        case schemas.Gagged() as one:
            words = Words(reference=one.reference, text=one.text)
            return Said(RegisterStep.GAGGED, words, until_ms=_ms(one.until))
        case schemas.Notified() as one:
            return Said(RegisterStep.NOTIFIED, Words(text=one.text), _ms(one.happened_at))
        case schemas.Corrected() as one:
            return Said(RegisterStep.CORRECTED, Words(text=one.text), corrects=one.corrects)


async def _rows(request: web.Request) -> list[schemas.DisclosureRow]:
    cases = await _register(request).export(actor=actor(request))
    return [
        schemas.DisclosureRow(case=one.case, **_entry(request, one).model_dump())
        for case in cases
        for one in case.entries
    ]


def _case(request: web.Request, of: Case) -> schemas.Disclosure:
    now_ms, person = _register(request).now_ms(), actor(request)
    return schemas.Disclosure(
        id=of.id,
        version=of.version,
        outcome=of.decision.outcome if of.decision else None,
        handed_over=of.is_handed_over,
        silent_until=zoned(request, of.silent_until_ms) if of.is_silent(now_ms) else None,
        owes_notice=of.owes_notice(now_ms),
        may_record=may(person, Permission.DISCLOSURES_RECORD),
        may_decide=may(person, Permission.DISCLOSURES_DECIDE) and of.receipt.by != person.person_id,
        entries=[_entry(request, one) for one in of.entries],
    )


def _entry(request: web.Request, of: Entry) -> schemas.DisclosureEntry:
    return schemas.DisclosureEntry(
        number=of.number,
        kind=of.kind,
        at=zoned(request, of.at_ms),
        by=of.by,
        happened_at=zoned(request, of.happened_at_ms),
        **of.words._asdict(),
        basis=of.basis,
        data=sorted(of.data),
        whose=sorted(of.whose),
        checks=sorted(of.checks),
        outcome=of.outcome,
        until=when(request, of.until_ms),
        corrects=of.corrects or None,
    )


def _ms(at: datetime | None) -> int:
    return 0 if at is None else round(at.timestamp() * 1000)


def _register(request: web.Request) -> Disclosures:
    return setting_up(request).disclosures


HANDLERS: Mapping[str, Handler] = {
    "disclosures": disclosures,
    "disclosure": disclosure,
    "receive_disclosure": receive_disclosure,
    "enter_disclosure": enter_disclosure,
    "export_disclosures": export_disclosures,
    "export_disclosures_csv": export_disclosures_csv,
}
