"""Commands about the register of who outside asked for data.

What people write comes from a file or standard input, never from the command's own words, which
shells keep and other people of the machine see.
"""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.cli.commands import DONE, Add, operator, print_json, say
from portal.domain.disclosures.model import (
    Basis,
    Case,
    Check,
    Data,
    Entry,
    RegisterStep,
    Ruling,
    Whose,
    Words,
)
from portal.domain.disclosures.service import Said
from portal.domain.shared.clock import iso
from portal.domain.shared.errors import InvalidInput
from portal.wiring import Services

SHAPE = (
    "JSON with any of requester, reference, law, persons, text, basis, data, whose, checks, "
    "outcome, happened_at, until, corrects; - reads standard input"
)
KNOWN = {*Words._fields, "basis", "data", "whose", "checks", "outcome", "corrects"} | {
    "happened_at",
    "until",
}


def register(add: Add) -> None:
    """Adds these commands."""
    add("disclosures", disclosures, "List who outside asked for data; --json is the whole export.")
    receive = add("receive-disclosure", receive_disclosure, "Enter a request from outside.")
    receive.add_argument("file", metavar="FILE", help=SHAPE)
    enter = add("enter-disclosure", enter_disclosure, "Add an entry to a case.")
    enter.add_argument("--case", required=True, metavar="ID", help="as `disclosures` lists it")
    enter.add_argument(
        "--kind", required=True, choices=[one.value for one in RegisterStep if one != "received"]
    )
    enter.add_argument("file", metavar="FILE", help=SHAPE)


async def disclosures(services: Services, options: argparse.Namespace) -> int:
    """Lists the register, oldest first; as JSON everything of it, which is audited."""
    actor = await operator(services, options)
    register = services.setting_up.disclosures
    if options.json:
        print_json([_told(one) for one in await register.export(actor=actor)])
        return DONE
    found = await register.cases(actor=actor)
    for one in reversed(found):
        now_ms, decided = register.now_ms(), one.decision
        state = [decided.outcome.value if decided and decided.outcome else "open"]
        state += ["handed over"] if one.is_handed_over else []
        state += [f"silent until {iso(one.silent_until_ms)}"] if one.is_silent(now_ms) else []
        state += ["those concerned are to be told"] if one.owes_notice(now_ms) else []
        asked = ", ".join(sorted(one.receipt.data))
        print(f"{one.id}  {iso(one.receipt.at_ms)}  {asked}: {', '.join(state)}")
    if not found:
        say("Nobody asked for anything.")
    return DONE


async def receive_disclosure(services: Services, options: argparse.Namespace) -> int:
    """Enters a request; `until` is the end of an order to keep silent that came with it."""
    said = _read(options.file, RegisterStep.RECEIVED)
    actor = await operator(services, options)
    register = services.setting_up.disclosures
    made = await register.receive(
        said._replace(until_ms=0), silent_until_ms=said.until_ms, actor=actor
    )
    return _say(made, options)


async def enter_disclosure(services: Services, options: argparse.Namespace) -> int:
    """Adds an entry behind those that are there."""
    said = _read(options.file, RegisterStep(options.kind))
    actor = await operator(services, options)
    register = services.setting_up.disclosures
    case = await register.case(options.case, actor=actor)
    return _say(await register.enter(case.id, said, version=case.version, actor=actor), options)


def _say(case: Case, options: argparse.Namespace) -> int:
    if options.json:
        print_json(_told(case))
    else:
        print(case.id)
        say(f"Entry {case.version} is in the register, and the audit trail says so.")
    return DONE


def _told(case: Case) -> dict[str, Any]:
    return {"case": case.id, "entries": [_entry(one) for one in case.entries]}


def _entry(of: Entry) -> dict[str, Any]:
    told = of._asdict() | of.words._asdict()
    del told["words"], told["case"]
    for name in ("at_ms", "happened_at_ms", "until_ms"):
        ms = told.pop(name)
        told[name.removesuffix("_ms")] = iso(ms) if ms else None
    return told | {name: sorted(told[name]) for name in ("data", "whose", "checks")}


def _read(file: str, kind: RegisterStep) -> Said:
    """What the file says. InvalidInput for text that is no such JSON."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        said = json.loads(text)
        unknown = {one: "not known" for one in said if one not in KNOWN}
        if unknown:
            raise InvalidInput("The file says what an entry does not have.", fields=unknown)
        return Said(
            kind,
            Words(**{name: str(said.get(name, "")) for name in Words._fields}),
            _instant(said.get("happened_at")),
            basis=Basis(said["basis"]) if said.get("basis") else None,
            data=frozenset(Data(one) for one in said.get("data", ())),
            whose=frozenset(Whose(one) for one in said.get("whose", ())),
            checks=frozenset(Check(one) for one in said.get("checks", ())),
            outcome=Ruling(said["outcome"]) if said.get("outcome") else None,
            until_ms=_instant(said.get("until")),
            corrects=int(said.get("corrects", 0)),
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(f"The file cannot be read as an entry: {SHAPE}.") from error


def _instant(text: str | None) -> int:
    if not text:
        return 0
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return round(at.timestamp() * 1000)
