"""Mails of incidents, from the change to the wire."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from portal.adapters.messaging.email import SmtpCarrier, SmtpServer
from portal.domain.access.model import Claims
from portal.domain.communications.documents import MESSAGE
from portal.domain.communications.model import Way
from portal.domain.communications.sending import Sending
from portal.domain.incidents.documents import DELIVERY
from portal.domain.incidents.model import EntryKind
from portal.domain.incidents.sending import HOLD_MS, IncidentSending, Teams
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.incidents.helpers import REPORTER, RESPONDER, Drawn, chat, reported
from tests.unit.messaging import servers

ADDRESS = "amira.khan@harbour.example"
SECRET = "CANARY of a report"
HEARD = 4
"""The reporter hears of the question, three who may handle incidents of a report nobody has."""


def sent_to(smtp: servers.Smtp) -> list[str]:
    """Whom mails went to, in their order."""
    return [str(message_from_bytes(one, policy=policy.default)["To"]) for one in smtp.mails]


@pytest.fixture
def teams() -> centre.Ledger:
    return centre.Ledger()


@pytest.fixture
def telling(services: Services, teams: centre.Ledger) -> IncidentSending:
    return services.incident_sending(Teams(teams, Drawn()))


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[servers.Smtp]:
    _, pem = servers.certificate(tmp_path)
    with servers.smtp(pem) as server:
        yield server


@pytest.fixture
async def mails(services: Services, smtp: servers.Smtp, tmp_path: Path) -> Sending:
    server = SmtpServer("127.0.0.1", smtp.port, "Switchroom <no-reply@x.example>")
    carrier = SmtpCarrier(server._replace(ca_file=tmp_path / "ca.pem"))
    return Sending(
        services.directory,
        services.documents,
        {Way.MAIL: carrier},
        services.clock,
        "https://switchroom.example",
    )


async def asked(services: Services) -> None:
    """A report, and a question about it."""
    id = (await reported(services, SECRET)).incident.id
    tomas = await centre.actor(services, RESPONDER)
    said = f"{SECRET} too"
    await services.handling.say(id, EntryKind.QUESTION, said, actor=tomas, version=1)


async def test_a_blocked_bot_gives_one_mail_without_what_was_said(
    services: Services,
    teams: centre.Ledger,
    telling: IncidentSending,
    mails: Sending,
    smtp: servers.Smtp,
) -> None:
    teams.gone.add(await chat(services, REPORTER))
    await asked(services)
    assert (await telling.send()).mailed == HEARD
    assert (await mails.send()).sent == HEARD
    assert (await telling.send()).mailed == (await mails.send()).sent == 0
    assert "CANARY" not in b"".join(smtp.mails).decode()
    assert sent_to(smtp).count(ADDRESS) == 1
    assert len(set(sent_to(smtp))) == HEARD
    raw = smtp.mails[sent_to(smtp).index(ADDRESS)]
    mail = message_from_bytes(raw, policy=policy.default)
    text = f"{mail['Subject']} {mail.get_content()}"
    assert mail["To"] == ADDRESS
    assert "SR-000001" in text
    assert "https://switchroom.example/tab/?view=incidents&report=00000001" in text
    assert teams.visible == {}


@pytest.mark.parametrize("ends", ["before the row", "behind the row"])
async def test_a_process_that_ends_on_the_way_sends_one_mail(
    services: Services,
    telling: IncidentSending,
    mails: Sending,
    smtp: servers.Smtp,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
    ends: str,
) -> None:
    await asked(services)
    write = services.documents.batch

    async def batch(partition: str, writes: list[object]) -> None:
        kinds = {getattr(one, "kind", None) for one in writes}
        if MESSAGE not in kinds:
            return await write(partition, writes)  # type: ignore[arg-type]
        if ends == "behind the row":
            await write(partition, writes)  # type: ignore[arg-type]
        raise centre.Killed

    with monkeypatch.context() as patch:
        patch.setattr(services.documents, "batch", batch)
        with pytest.raises(centre.Killed):
            await telling.send()
    clock.pass_time(seconds=HOLD_MS / 1000)
    assert (await telling.send()).mailed == HEARD
    await mails.send()
    await mails.send()
    assert len(sent_to(smtp)) == len(set(sent_to(smtp))) == HEARD


async def test_addresses_are_sealed_and_forgotten_once_sent(
    services: Services, telling: IncidentSending, mails: Sending
) -> None:
    await asked(services)
    await telling.send()
    tenancy = await services.directory.get("harbour")
    before = await services.documents.changes(tenancy.partition, limit=500)
    await mails.send()
    after = await services.documents.changes(tenancy.partition, limit=500)
    assert "amira.khan@" not in str(before) + str(after)
    assert DELIVERY.name in {one.kind for one in after.changes}


async def test_the_address_is_what_the_last_sign_in_said(services: Services) -> None:
    tenant, oid = "0" * 8 + "-0000-4000-8000-" + "1" * 12, "0" * 8 + "-0000-4000-8000-" + "2" * 12
    said = Claims("amira.khan", "harbour", 2e9, tenant, oid, "Amira Khan", mail="a.khan@x.example")
    await services.people.recognise(said)
    assert await services.members.mail("harbour", "amira.khan") == "a.khan@x.example"
    await services.people.recognise(replace(said, mail=""))
    assert await services.members.mail("harbour", "amira.khan") == "a.khan@x.example"
    assert await services.members.mail("harbour", "nobody") == ""
