"""What systems outside read: as docs/integrations.md says, whatever is in it."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from portal.domain.incidents import payloads
from portal.domain.incidents.model import (
    Category,
    Details,
    Entry,
    EntryKind,
    Impact,
    Incident,
    IncidentKind,
    Report,
    Severity,
    Source,
    State,
    Whole,
)
from portal.domain.incidents.payloads import Told
from portal.domain.incidents.receivers import Content, Format, Receiver, Standing, Way

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "integrations.md").read_text()
NOW_MS = 1_793_000_000_000
SECRETS = [payloads.secret_of(bytes([one] * 32)) for one in (1, 2)]


def shown(language: str) -> str:
    """The example of that language in the documentation."""
    found = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert found is not None
    return found.group(1)


def receiver(format_: Format, content: Content = Content.FACTS) -> Receiver:
    return Receiver(
        *("r", 1, "SIEM", Way.WEBHOOK, format_, content, Standing.ON, "https://x/", "s", 1, 1)
    )


def told(kind: EntryKind = EntryKind.STATE, text: str = "CANARY", **more: Any) -> Told:
    one = Incident(
        *("00000042", 2, IncidentKind.INCIDENT, State.TRIAGED, Category.PHISHING),
        *(Severity.HIGH, Impact.SEVERAL, "CANARY-person", Source.CHAT, "en"),
        *(NOW_MS, 0, NOW_MS, NOW_MS),
        lead="CANARY-lead",
        responders=("CANARY-responder",),
        **more,
    )
    entry = Entry(3, NOW_MS, kind, "CANARY-actor", facts=(("state", "triaged"),), text=text)
    report = Report("CANARY what", sender="CANARY sender")
    whole = Whole(one, "CANARY-code", report, Details(decision_reason="CANARY"), (entry,))
    return Told("harbour", whole, entry, "https://s.example/tab/?view=incidents&incident=00000042")


def said(of: Told | None, to: Receiver) -> str:
    return payloads.written(of, to, "1.2.3", NOW_MS)


def test_the_documented_object_has_the_fields_that_are_sent() -> None:
    documented = json.loads(shown("json"))
    sent = json.loads(said(told(), receiver(Format.JSON)))
    assert list(sent) == list(documented)
    assert list(sent["incident"]) == list(documented["incident"])
    for name in ("type", "organization", "sequence", "by", "facts"):
        assert sent[name] == documented[name]
    texts = json.loads(said(told(), receiver(Format.JSON, Content.TEXTS)))
    assert set(texts) - set(sent) == {"text", "report"}
    assert json.loads(said(None, receiver(Format.JSON))).keys() == {"format", "type", "at"}
    for kind in EntryKind:
        assert f"`{kind.value}`" in DOCS


def test_the_documented_way_to_verify_takes_ours_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known: dict[str, Any] = {}
    exec(shown("python"), known)  # noqa: S102 - the example, as it is documented
    verified, body = known["verified"], b'{"type":"trial"}'
    monkeypatch.setattr(time, "time", lambda: NOW_MS / 1000)
    headers = payloads.signed("msg_1", NOW_MS // 1000, body, SECRETS)
    assert [verified(secret, headers, body) for secret in SECRETS] == ["msg_1", "msg_1"]
    old = payloads.signed("msg_1", NOW_MS // 1000 - 301, body, SECRETS)
    for wrong in (
        (SECRETS[0], headers, body + b" "),
        (SECRETS[0], headers | {"webhook-id": "msg_2"}, body),
        (SECRETS[0], headers | {"webhook-timestamp": str(NOW_MS // 1000 + 1)}, body),
        (payloads.secret_of(bytes(32)), headers, body),
        (SECRETS[0], old, body),
    ):
        with pytest.raises(ValueError, match=r"signed|old"):
            verified(*wrong)


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.parametrize("format_", Format)
def test_facts_hold_nothing_that_anybody_wrote_or_is(kind: EntryKind, format_: Format) -> None:
    assert "CANARY" not in said(told(kind), receiver(format_))
    assert "CANARY" in said(told(kind), receiver(format_, Content.TEXTS))


@pytest.mark.parametrize("kind", EntryKind)
def test_the_people_of_an_incident_are_told_nobody(kind: EntryKind) -> None:
    for format_ in Format:
        text = said(told(kind), receiver(format_, Content.TEXTS))
        for secret in ("person", "lead", "responder", "actor", "code"):
            assert f"CANARY-{secret}" not in text


EXTENSION = re.compile(r"(?:^| )([A-Za-z0-9]+)=((?:[^=\\]|\\.)*?)(?= [A-Za-z0-9]+=|$)")


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a=b",
        "a|b",
        "c:\\d",
        "one\ntwo",
        "one\r\ntwo\rthree",
        "x act=closed",
        "\\=",
        "ü 🙂",
    ],
)
def test_a_line_is_read_back_as_it_was_written(text: str) -> None:
    line = said(told(EntryKind.NOTE, text), receiver(Format.CEF, Content.TEXTS))
    assert "\n" not in line
    assert "\r" not in line
    head, extension = line.split("|")[:7], line.split("|", 7)[7]
    assert head == [
        *("CEF:0", "Switchroom", "Switchroom", "1.2.3", "incident.note", "Note kept", "8")
    ]
    values = dict(EXTENSION.findall(extension))
    assert (values["act"], values["outcome"]) == ("note", "triaged")
    plain = re.sub(r"\\(.)", lambda one: {"n": "\n"}.get(one[1], one[1]), values["msg"])
    assert plain == text.replace("\r\n", "\n").replace("\r", "\n")


def test_what_is_over_or_ahead_is_told_in_times() -> None:
    made = told(acknowledged_at_ms=NOW_MS, aware_at_ms=NOW_MS, late=("resolve",), merged_into="7")
    sent = json.loads(said(made, receiver(Format.JSON)))["incident"]
    assert sent["acknowledged_at"] == sent["aware_at"]
    assert (sent["resolved_at"], sent["late"], sent["merged_into"]) == (
        None,
        ["resolve"],
        "SR-000007",
    )
    line = said(made, receiver(Format.CEF))
    assert "cs4Label=late cs4=resolve" in line
    assert "cs4" not in said(told(), receiver(Format.CEF))
