"""What somebody reported is read by who may, and is nowhere else: not over HTTP, not in an export,
not in what systems and mailboxes are told, not in a log."""

import logging
from typing import Any

import pytest

from portal import logs
from portal.domain.incidents.model import EntryKind
from portal.web.exchange import SERVICES
from portal.web.operations import OPERATIONS
from portal.wiring import Services
from tests.fakes import centre
from tests.unit.incidents.helpers import Drawn, chat, sending
from tests.unit.web.test_incidents import Client, SignIn, changed, report

WORDS = [f"Kanarienvogel-{number}" for number in range(1, 5)]
READING = [
    one
    for one in OPERATIONS
    if one.method == "GET" and one.path.startswith("/api/incidents") and "{" not in one.path
]
OF_ONE = [
    one
    for one in OPERATIONS
    if one.method == "GET" and one.path.startswith("/api/incidents") and "{id}" in one.path
]
HARBOUR = ("amira.khan", "sofia.lindqvist", "ruth.engel", "luca.moretti")
JUNIPER = ("noah.reyes", "grace.osei", "dana.whitfield", "samuel.adeyemi", "mei.tanaka")


async def told(product: Client, token: SignIn) -> str:
    """An incident full of canaries, and systems of both organisations that hear of theirs."""
    system: dict[str, Any] = {"name": "Tickets", "way": "mail", "target": "t@harbour.example"}
    for who in ("oliver.bright", "dana.whitfield"):
        await changed(product, "POST", "/api/incidents/receivers", await token(who), system, 201)
    texts = dict(zip(("what", "affected", "evidence"), WORDS, strict=False))
    id = (await report(product, await token("amira.khan"), **texts))["id"]
    tomas = await token("tomas.silva")
    said = {"kind": "note", "text": WORDS[3]}
    await changed(product, "POST", f"/api/incidents/{id}/words?version=1", tomas, said)
    return str(id)


async def everything(product: Client, headers: dict[str, str], path: str) -> str:
    """What comes back, head and body."""
    answer = await product.get(path, headers=headers)
    return str(answer.headers) + await answer.text()


def canaries(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


async def test_canaries_are_where_they_may_be_and_nowhere_else(
    product: Client, token: SignIn
) -> None:
    id = await told(product, token)
    own = {"amira.khan": f"/api/incidents/own/{id}"}
    for who in (*HARBOUR, *JUNIPER):
        headers = await token(who)
        for one in (*READING, *OF_ONE):
            path = one.path.replace("{id}", id)
            if one.query is not None and one.name == "check_receipt":
                path += "?code=AAAA-AAAA-AAAA"
            found = canaries(await everything(product, headers, path))
            allowed = WORDS[:3] if own.get(who) == path else []
            assert found == allowed, (who, one.name)
    tomas = await token("tomas.silva")
    assert canaries(await everything(product, tomas, f"/api/incidents/{id}")) == WORDS
    for path in ("", "/export", "/facts", "/statistics", "/terms"):
        assert canaries(await everything(product, tomas, f"/api/incidents{path}")) == []


async def test_no_system_mailbox_chat_or_log_gets_a_canary(
    product: Client, token: SignIn, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG", readable=False)
    id = await told(product, token)
    services: Services = product.server.app[SERVICES]  # type: ignore[attr-defined]
    assert (await services.forwarding().send()).sent == 2
    tomas = await centre.actor(services, "tomas.silva")
    seen = await services.handling.get(id, actor=tomas)
    await services.handling.say(
        id, EntryKind.QUESTION, WORDS[0], actor=tomas, version=seen.incident.version
    )
    drawn, ledger = Drawn(), centre.Ledger()
    for who in (*HARBOUR[1:3], *JUNIPER):
        await chat(services, who)
    outside = services.incident_sending(None)
    assert (
        await outside.send()
    ).mailed == 4  # the reporter, and three who may handle what nobody has
    await sending(services, ledger, drawn).send()
    assert ledger.visible == {}
    await services.setting_up.messages(None).send()
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    assert {one.parcel.to for one in mailbox.messages()} >= {
        "t@harbour.example",
        "amira.khan@harbour.example",
    }
    assert canaries(str(mailbox.messages())) == []
    out, err = capfd.readouterr()
    assert canaries(out + err) == []
    logging.getLogger().handlers.clear()
