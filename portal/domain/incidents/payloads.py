"""An event as systems outside read it: an object of JSON or a line of the Common Event Format, and
the signature over it.

Facts are references, codes, counts and times. What people wrote is there only where the
organisation chose so. Signed as the Standard Webhooks specification 1.0.0 says (HMAC-SHA256 over
id, time and body), so that its libraries verify it."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from portal.domain.incidents import rules
from portal.domain.incidents.model import Entry, EntryKind, Incident, Severity, Whole
from portal.domain.incidents.receivers import Content, Format, Receiver
from portal.domain.shared.clock import iso

VERSION = 1
TRIAL = "trial"
SECRET_PREFIX = "whsec_"
MEDIA: Mapping[Format, str] = {Format.JSON: "application/json", Format.CEF: "text/plain"}
CEF_SEVERITY: Mapping[Severity, int] = {
    Severity.LOW: 3,
    Severity.MEDIUM: 5,
    Severity.HIGH: 8,
    Severity.CRITICAL: 10,
}
"""Of 0 to 10: 0-3 low, 4-6 medium, 7-8 high, 9-10 very high (CEF, revision 26)."""
NAMES: Mapping[EntryKind, str] = {
    EntryKind.REPORTED: "Incident reported",
    EntryKind.STATE: "Incident changed state",
    EntryKind.RATED: "Incident rated",
    EntryKind.WARNED: "Incident clock runs out soon",
    EntryKind.ASSIGNED: "Incident assigned",
    EntryKind.NOTE: "Note kept",
    EntryKind.MESSAGE: "Reporter told",
    EntryKind.QUESTION: "Reporter asked",
    EntryKind.ANSWER: "Reporter answered",
    EntryKind.TASKS: "Tasks changed",
    EntryKind.LINKED: "Incident linked",
    EntryKind.MERGED: "Incident merged",
    EntryKind.CONVERTED: "Incident or inquiry",
    EntryKind.BREACH: "Breach of personal data",
    EntryKind.DECIDED: "Decision about notifying",
    EntryKind.ESCALATED: "Clock ran out",
}


class Told(NamedTuple):
    """What is told of: a line of an incident, of the organisation of that code; where to look."""

    organization: str
    whole: Whole
    entry: Entry
    link: str


def written(told: Told | None, to: Receiver, version: str, now_ms: int) -> str:
    """The event as the receiver reads it; without one a trial, which says so. `version` is the
    product's."""
    if to.format is Format.CEF:
        return _line(told, to.content, version, now_ms)
    made = _object(told, to.content, now_ms)
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def signed(id: str, at_s: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of a delivery, with a signature for each secret that lives."""
    message = f"{id}.{at_s}.".encode() + body
    proofs = (
        hmac.digest(base64.b64decode(one.removeprefix(SECRET_PREFIX)), message, sha256)
        for one in secrets
    )
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in proofs),
    }


def secret_of(drawn: bytes) -> str:
    """A secret as it is shown and given to libraries."""
    return SECRET_PREFIX + base64.b64encode(drawn).decode()


# --- JSON ---------------------------------------------------------------------------------


def _object(told: Told | None, content: Content, now_ms: int) -> dict[str, Any]:
    if told is None:
        return {"format": VERSION, "type": TRIAL, "at": iso(now_ms)}
    one, entry = told.whole.incident, told.entry
    made: dict[str, Any] = {
        "format": VERSION,
        "type": f"incident.{entry.kind.value}",
        "at": iso(entry.at_ms),
        "organization": told.organization,
        "sequence": entry.number,
        "by": _by(entry),
        "facts": dict(entry.facts),
        "incident": facts(one),
        "link": told.link,
    }
    if content is Content.TEXTS:
        report = told.whole.report
        made["text"] = entry.text
        made["report"] = None if report is None else report._asdict()
    return made


def facts(one: Incident) -> dict[str, Any]:
    """The facts of an incident: references, codes, counts and times, None for not yet."""

    def at(ms: int) -> str | None:
        return iso(ms) if ms else None

    return {
        "reference": one.reference,
        "version": one.version,
        "kind": one.kind.value,
        "state": one.state.value,
        "category": one.category.value,
        "severity": one.severity.value,
        "impact": one.impact.value,
        "priority": rules.priority(one.severity, one.impact).value,
        "source": one.source.value,
        "reported_at": at(one.created_at_ms),
        "happened_at": at(one.happened_at_ms),
        "acknowledged_at": at(one.acknowledged_at_ms),
        "contained_at": at(one.contained_at_ms),
        "resolved_at": at(one.resolved_at_ms),
        "closed_at": at(one.closed_at_ms),
        "acknowledge_by": at(one.acknowledge_by_ms),
        "resolve_by": at(one.resolve_by_ms),
        "aware_at": at(one.aware_at_ms),
        "authority_by": at(one.authority_by_ms),
        "contract_by": at(one.contract_by_ms),
        "decision": one.decision or None,
        "decided_at": at(one.decided_at_ms),
        "merged_into": f"SR-{int(one.merged_into):06d}" if one.merged_into else None,
        "masked": one.masked,
        "late": list(one.late),
    }


def _by(entry: Entry) -> str:
    if entry.theirs:
        return "reporter"
    return "system" if entry.kind is EntryKind.ESCALATED else "responder"


# --- Common Event Format ------------------------------------------------------------------


def _line(told: Told | None, content: Content, version: str, now_ms: int) -> str:
    if told is None:
        return _cef(version, TRIAL, "Trial", 0, {"rt": str(now_ms)})
    one, entry = told.whole.incident, told.entry
    extension = {
        "rt": str(entry.at_ms),
        "externalId": one.reference,
        "cat": one.category.value,
        "act": entry.kind.value,
        "outcome": one.state.value,
        "suser": _by(entry),
        "deviceExternalId": told.organization,
        "start": str(one.happened_at_ms) if one.happened_at_ms else "",
        "cs1Label": "priority",
        "cs1": rules.priority(one.severity, one.impact).value,
        "cs2Label": "kind",
        "cs2": one.kind.value,
        "cs3Label": "facts",
        "cs3": " ".join(f"{name}:{value}" for name, value in entry.facts),
        "cs4Label": "late",
        "cs4": " ".join(one.late),
        "cn1Label": "sequence",
        "cn1": str(entry.number),
        "cn2Label": "version",
        "cn2": str(one.version),
        "request": told.link,
        "msg": _said(told) if content is Content.TEXTS else "",
    }
    kind = f"incident.{entry.kind.value}"
    return _cef(version, kind, NAMES[entry.kind], CEF_SEVERITY[one.severity], extension)


def _said(told: Told) -> str:
    report = told.whole.report
    if told.entry.kind is EntryKind.REPORTED and report is not None:
        return "\n".join(one for one in report if one)
    return told.entry.text


def _cef(version: str, kind: str, name: str, severity: int, extension: Mapping[str, str]) -> str:
    head = ("Switchroom", "Switchroom", version, kind, name, str(severity))
    known = {key: value for key, value in extension.items() if value}
    told = [key for key in known if key.removesuffix("Label") in known]
    shown = " ".join(f"{key}={_value(known[key])}" for key in told)
    return "|".join(["CEF:0", *map(_header, head), shown])


def _header(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())


def _value(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace("=", "\\=")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")
