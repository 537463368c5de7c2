"""What the register is stored as, and back. What people wrote is sealed."""

import base64
import json

from portal.domain.disclosures.model import (
    Basis,
    Check,
    Data,
    Entry,
    RegisterStep,
    Ruling,
    Whose,
    Words,
)
from portal.domain.shared.documents import Body, Create
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject
from portal.domain.shared.sealing import Keyring

OPERATIONAL = Category.OPERATIONAL
ENTRY = Kind(
    "disclosure_entry",
    (
        Field("case", Category.IDENTIFIER),
        Field("number", OPERATIONAL),
        Field("kind", OPERATIONAL),
        Field("at_ms", OPERATIONAL),
        Field("by", Category.IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("happened_at_ms", OPERATIONAL),
        Field("words", Category.FREE_TEXT, Subject.ORGANIZATION, Erase.DELETE, sealed=True),
        Field("basis", OPERATIONAL),
        Field("data", OPERATIONAL),
        Field("whose", OPERATIONAL),
        Field("checks", OPERATIONAL),
        Field("outcome", OPERATIONAL),
        Field("until_ms", OPERATIONAL),
        Field("corrects", OPERATIONAL),
    ),
)


def entry_id(case: str, number: int) -> str:
    """Where an entry is; ids are in the order of cases and entries."""
    return f"{case}|{number:04d}"


def created(of: Entry, keyring: Keyring) -> Create:
    """The write of an entry: it fails when another has its number, and none is ever replaced."""
    words = json.dumps(of.words._asdict()).encode()
    sealed = keyring.seal(keyring.own_key, _context(of.case, of.number), words)
    body: Body = of._asdict() | {
        "kind": of.kind.value,
        "words": base64.b64encode(sealed).decode(),
        "basis": of.basis.value if of.basis else "",
        "data": sorted(of.data),
        "whose": sorted(of.whose),
        "checks": sorted(of.checks),
        "outcome": of.outcome.value if of.outcome else "",
    }
    return Create(ENTRY, entry_id(of.case, of.number), body)


def entry(body: Body, keyring: Keyring) -> Entry:
    """A stored entry. Unavailable when it was tampered with."""
    sealed = base64.b64decode(body["words"])
    words = keyring.open(keyring.own_key, _context(body["case"], body["number"]), sealed)
    return Entry(
        case=body["case"],
        number=body["number"],
        kind=RegisterStep(body["kind"]),
        at_ms=body["at_ms"],
        by=body["by"],
        happened_at_ms=body["happened_at_ms"],
        words=Words(**json.loads(words)),
        basis=Basis(body["basis"]) if body["basis"] else None,
        data=frozenset(Data(one) for one in body["data"]),
        whose=frozenset(Whose(one) for one in body["whose"]),
        checks=frozenset(Check(one) for one in body["checks"]),
        outcome=Ruling(body["outcome"]) if body["outcome"] else None,
        until_ms=body["until_ms"],
        corrects=body["corrects"],
    )


def _context(case: str, number: int) -> str:
    return f"disclosure|{case}|{number}"
