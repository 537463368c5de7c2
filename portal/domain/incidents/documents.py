"""What incidents are stored as, and back.

What the reporter wrote is sealed under a key of the reporter's part, the rest under one of the
incident: forgetting the reporter deletes the first key with their id, and the facts stay.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.domain.incidents.model import (
    Category,
    Delivery,
    Details,
    Draft,
    Entry,
    EntryKind,
    EvidenceFile,
    FileState,
    Impact,
    Incident,
    IncidentKind,
    Report,
    Severity,
    Source,
    Stage,
    State,
    Task,
    Terms,
)
from portal.domain.shared import fields
from portal.domain.shared.documents import Body
from portal.domain.shared.fields import Erase, Field, Kind, Subject
from portal.domain.shared.sealing import Keyring

OPERATIONAL, IDENTIFIER = fields.Category.OPERATIONAL, fields.Category.IDENTIFIER
MEMBERS = frozenset({"lead", "responders", "watchers", "decided_by"})
FACTS = tuple(name for name in Incident._fields if name not in {"id", "reporter", *MEMBERS})

INCIDENT = Kind(
    "incident",
    (
        *(Field(name, OPERATIONAL) for name in FACTS),
        *(Field(name, IDENTIFIER, Subject.MEMBER, Erase.KEEP) for name in sorted(MEMBERS)),
        Field("reporter", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("report", fields.Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field("details", fields.Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field(
            "reporter_key",
            fields.Category.KEY_MATERIAL,
            Subject.MEMBER,
            Erase.DELETE,
            sealed=True,
        ),
        Field("key", fields.Category.KEY_MATERIAL, Subject.ORGANIZATION, Erase.DELETE, sealed=True),
    ),
)
ENTRY = Kind(
    "incident_entry",
    (
        Field("incident", IDENTIFIER),
        Field("number", OPERATIONAL),
        Field("at_ms", OPERATIONAL),
        Field("kind", OPERATIONAL),
        Field("actor", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("shown", OPERATIONAL),
        Field("theirs", OPERATIONAL),
        Field("facts", OPERATIONAL),
        Field("text", fields.Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
    ),
)
DELIVERY = Kind(
    "incident_delivery",
    (
        Field("incident", IDENTIFIER),
        Field("entry", OPERATIONAL),
        Field("to", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("stage", OPERATIONAL),
        Field("created_at_ms", OPERATIONAL),
        Field("due_at_ms", OPERATIONAL),
        Field("held_until_ms", OPERATIONAL),
        Field("attempts", OPERATIONAL),
        Field("activity", IDENTIFIER),
        Field("dropped", OPERATIONAL),
    ),
)
FILE = Kind(
    "incident_file",
    (
        Field("incident", IDENTIFIER),
        Field("entry", OPERATIONAL),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("state", OPERATIONAL),
        Field("sort", OPERATIONAL),
        Field("size", OPERATIONAL),
        Field("at_ms", OPERATIONAL),
        Field("theirs", OPERATIONAL),
        Field("shown", OPERATIONAL),
        Field("about", fields.Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field("key", fields.Category.KEY_MATERIAL, Subject.MEMBER, Erase.DELETE, sealed=True),
    ),
)
"""A file; its bytes are a blob under its key."""
USED = Kind("incident_files_used", (Field("bytes", OPERATIONAL),))
DRAFT = Kind(
    "incident_draft",
    (
        Field("changed_at_ms", OPERATIONAL),
        Field("masked", OPERATIONAL),
        Field("draft", fields.Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field("key", fields.Category.KEY_MATERIAL, Subject.MEMBER, Erase.DELETE, sealed=True),
    ),
)
"""Under the id of whose it is."""
DAY = Kind(
    "incident_day",
    (
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("reports", OPERATIONAL),
        Field("answers", OPERATIONAL),
        Field("files", OPERATIONAL),
        Field("bytes", OPERATIONAL),
    ),
)
"""What somebody sent on one day, for a day longer."""
COUNT = Kind("incident_count", (Field("number", OPERATIONAL),))
TERMS = Kind(
    "incident_terms",
    (
        Field("days", fields.Category.CONFIGURATION),
        Field("from_minute", fields.Category.CONFIGURATION),
        Field("to_minute", fields.Category.CONFIGURATION),
        Field("contract_hours", fields.Category.CONFIGURATION),
        Field("triage", IDENTIFIER),
        Field("triage_language", fields.Category.CONFIGURATION),
    ),
)


class Sealed(NamedTuple):
    """The sealed half of an incident: its keys as stored, and what they seal, "" for nothing."""

    key: str
    reporter_key: str
    report: str
    details: str


def incident_body(of: Incident, sealed: Sealed) -> Body:
    """An incident for the store."""
    body = of._asdict()
    del body["id"]
    listed = {name: list(value) for name, value in body.items() if isinstance(value, tuple)}
    return body | listed | sealed._asdict()


def incident(id: str, body: Body) -> Incident:
    """The facts of a stored incident; one that was written before a fact was known has its
    default."""
    known: dict[str, Any] = {name: body[name] for name in Incident._fields if name in body}
    known |= {name: tuple(one) for name, one in known.items() if isinstance(one, list)}
    return Incident(
        id,
        **{
            **known,
            "kind": IncidentKind(body["kind"]),
            "state": State(body["state"]),
            "category": Category(body["category"]),
            "severity": Severity(body["severity"]),
            "impact": Impact(body["impact"]),
            "source": Source(body["source"]),
        },
    )


def sealed(body: Body) -> Sealed:
    """The sealed half of a stored incident."""
    return Sealed(*(str(body[name]) for name in Sealed._fields))


def seal(keyring: Keyring, wrapped: str, context: str, plain: str) -> str:
    """Text sealed under a stored key; "" stays ""."""
    if not plain:
        return ""
    key = keyring.unwrap(base64.b64decode(wrapped))
    return base64.b64encode(keyring.seal(key, context, plain.encode())).decode()


def unseal(keyring: Keyring, wrapped: str, context: str, text: str) -> str:
    """The text again; "" where the key is gone. Raises Unavailable when it was tampered with."""
    if not text or not wrapped:
        return ""
    key = keyring.unwrap(base64.b64decode(wrapped))
    return keyring.open(key, context, base64.b64decode(text)).decode()


def new_key(keyring: Keyring) -> str:
    """A fresh key as it is stored."""
    return base64.b64encode(keyring.new_key().wrapped).decode()


def report_text(of: Report) -> str:
    """A report as the text that is sealed."""
    return json.dumps(of._asdict())


def report(text: str) -> Report | None:
    """The report of an unsealed text; None of none."""
    return Report(**json.loads(text)) if text else None


def details_text(of: Details) -> str:
    """Details as the text that is sealed."""
    return json.dumps([[one._asdict() for one in of.tasks], of.decision_reason])


def details(text: str) -> Details:
    """The details of an unsealed text."""
    if not text:
        return Details()
    tasks, reason = json.loads(text)
    return Details(tuple(Task(**one) for one in tasks), reason)


def entry_body(incident: str, of: Entry, text: str) -> Body:
    """A line of the timeline for the store, its text sealed already."""
    facts: Mapping[str, str] = dict(of.facts)
    return of._asdict() | {"incident": incident, "facts": facts, "text": text}


def entry(body: Body, text: str) -> Entry:
    """A stored line with its text unsealed."""
    return Entry(
        int(body["number"]),
        int(body["at_ms"]),
        EntryKind(body["kind"]),
        str(body["actor"]),
        bool(body["shown"]),
        bool(body["theirs"]),
        tuple(dict(body["facts"]).items()),
        text,
    )


def entry_id(incident: str, number: int) -> str:
    """A line's id: lines of an incident are in order and beside each other."""
    return f"{incident}-{number:05d}"


def delivery_body(of: Delivery) -> Body:
    """A message on its way, for the store."""
    body = of._asdict()
    del body["id"]
    return body


def delivery(id: str, body: Body) -> Delivery:
    """A stored message on its way."""
    return Delivery(id, **{**body, "stage": Stage(body["stage"])})


def terms_body(of: Terms) -> Body:
    """Terms for the store."""
    return of._asdict() | {"days": list(of.days)}


def terms(body: Body) -> Terms:
    """Stored terms."""
    return Terms(**{**body, "days": tuple(body["days"])})


def file_body(of: EvidenceFile, key: str, keyring: Keyring) -> Body:
    """A file for the store under its key; what is said of it is sealed once it is known."""
    body = of._asdict()
    told = json.dumps([body.pop("name"), body.pop("sha256")])
    about = seal(keyring, key, file_context(body.pop("id")), told)
    return body | {"about": about, "key": key}


def file(id: str, body: Body, keyring: Keyring) -> EvidenceFile:
    """A stored file; of one that is going nothing is told."""
    told = unseal(keyring, str(body["key"]), file_context(id), str(body["about"]))
    name, sha256 = json.loads(told) if told else ("", "")
    known = {one: body[one] for one in EvidenceFile._fields if one in body}
    made = known | {"name": name, "sha256": sha256, "state": FileState(body["state"])}
    return EvidenceFile(id, **made)


def file_context(id: str) -> str:
    """What the sealed words of a file are bound to."""
    return f"incident_file|{id}|about"


def draft_body(id: str, of: Draft, key: str, keyring: Keyring) -> Body:
    """A draft for the store, all of it sealed."""
    told = json.dumps(of._asdict() | {"report": of.report._asdict()})
    return {"draft": seal(keyring, key, f"incident_draft|{id}", told), "key": key}


def draft(id: str, body: Body, keyring: Keyring) -> Draft:
    """A stored draft."""
    told = json.loads(unseal(keyring, str(body["key"]), f"incident_draft|{id}", body["draft"]))
    return Draft(
        Report(**told["report"]),
        IncidentKind(told["kind"]),
        Category(told["category"]),
        Severity(told["severity"]),
        Impact(told["impact"]),
        int(told["happened_at_ms"]),
        Source(told["source"]),
    )
