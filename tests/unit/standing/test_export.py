"""Taking an organisation's data along."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from portal.domain.access.model import Board, Scope
from portal.domain.contacts.ports import Selection, Side, Tenant
from portal.domain.incidents.evidence import FOLDER
from portal.domain.incidents.model import EvidenceFile
from portal.domain.organizations.standing import State
from portal.domain.shared.blobs import Owner
from portal.domain.shared.errors import Forbidden, StepUpRequired
from portal.domain.standing.export import Part, plain
from portal.domain.standing.model import Reason, Standing
from portal.web.exchange import SERVICES
from portal.wiring import Services
from tests.fakes import centre, setting_up
from tests.fakes.clock import StandingClock
from tests.fakes.standing import MEMBER, OPERATOR, REPRESENTATIVE, appeal, stand, who
from tests.unit.incidents.helpers import REPORTER, reported
from tests.unit.incidents.test_evidence import PNG, kept

Client = TestClient[web.Request, web.Application]
Token = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
async def filled(
    template: Path, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Services]:
    """Services on two days of contacts."""
    folder = centre.copied(template, tmp_path / "filled")
    made = await centre.services(folder, clock, monkeypatch)
    yield made
    await made.close()


async def taken(services: Services, part: Part) -> list[dict[str, Any]]:
    """The lines of a part."""
    actor = await who(services, REPRESENTATIVE)
    data = b"".join([piece async for piece in await services.export.take(part, actor=actor)])
    return [json.loads(line) for line in data.splitlines()]


async def test_every_contact_of_the_organisation_is_taken_along_once(filled: Services) -> None:
    lines = [one for one in await taken(filled, Part.CONTACTS) if one["kind"] == "contact"]
    tenancy = await filled.directory.get("harbour")
    tenant = Tenant(tenancy.partition, "Europe/London", tenancy.keyring)
    everything = Selection(Side.ARRIVED, 0, 1 << 45)
    found = await filled.stores.contacts.find(tenant, everything, cursor=None, limit=1)
    assert len(lines) == found.total > 100
    assert len({(one["source"], one["record"], one["leg"]) for one in lines}) == len(lines)
    numbers = {one["customer"]["number"] for one in lines if one["customer"]}
    assert any(number and number.startswith("+") for number in numbers)


async def test_settings_and_records_are_opened(services: Services, clock: StandingClock) -> None:
    await setting_up.verify(services, clock)
    await stand(services, State.TERMINATED, text="Codes were sold on")
    await appeal(services, "It was a former colleague")
    lines = await taken(services, Part.SETTINGS)
    text = json.dumps(lines)
    for known in (setting_up.MAIL, setting_up.PHONE, "Codes were sold", "former colleague"):
        assert known in text
    assert {"organization", "particulars", "access", "standing", "appeal"} <= {
        one["kind"] for one in lines
    }
    assert "key" not in {name for one in lines for name in one}


async def sent_file(services: Services) -> EvidenceFile:
    """A file that its reporter sent with an incident."""
    incident = (await reported(services)).incident.id
    file, reporter = await kept(services), await centre.actor(services, REPORTER)
    await services.incidents.answer(incident, "See here", actor=reporter, files=[file.id])
    return file


def joined(lines: list[dict[str, Any]], file: str) -> bytes:
    """A file put together of its lines, each where it says."""
    whole = b""
    for one in lines:
        if one["kind"] == "file_bytes" and one["id"] == file:
            assert one["at"] == len(whole)
            whole += base64.b64decode(one["base64"])
    return whole


async def test_files_of_incidents_are_taken_along_byte_for_byte(services: Services) -> None:
    file = await sent_file(services)
    unsent = await kept(services, name="Unsent.png")
    lines = await taken(services, Part.FILES)
    (about,) = [one for one in lines if one["kind"] == "file"]
    assert (about["id"], about["name"], about["size"]) == (file.id, "Foto.png", len(PNG))
    assert joined(lines, file.id) == PNG
    assert sha256(PNG).hexdigest() == about["sha256"]
    assert unsent.id not in json.dumps(lines)
    assert "key" not in about


async def test_a_file_that_is_gone_ends_the_others_nowhere(services: Services) -> None:
    gone = await sent_file(services)
    other = await kept(services, name="Zweites.png")
    reporter = await centre.actor(services, REPORTER)
    await services.incidents.answer("00000001", "And here", actor=reporter, files=[other.id])
    tenancy = await services.directory.get("harbour")
    owner = Owner(tenancy.partition, tenancy.keyring, None)
    await services.stores.blobs.delete(owner, f"{FOLDER}/{gone.id}")
    lines = await taken(services, Part.FILES)
    assert [one["id"] for one in lines if one["kind"] == "file_missing"] == [gone.id]
    assert joined(lines, other.id) == PNG


async def test_the_audit_trail_says_who_took_it(services: Services) -> None:
    await taken(services, Part.SETTINGS)
    lines = await taken(services, Part.AUDIT)
    exported = [one for one in lines if one["action"] == "standing.exported"]
    assert [(one["actor"], one["facts"]["part"]) for one in exported] == [
        (REPRESENTATIVE, "settings"),
        (REPRESENTATIVE, "audit"),
    ]
    assert [one["sequence"] for one in lines] == list(range(1, len(lines) + 1))


async def test_only_representatives_who_have_just_proven_it_take_it(services: Services) -> None:
    for slug in (MEMBER, OPERATOR, "hana.novak"):
        with pytest.raises(Forbidden):
            await services.export.take(Part.AUDIT, actor=await who(services, slug))
    stale = replace(await who(services, REPRESENTATIVE), proved_at_s=1.0)
    with pytest.raises(StepUpRequired):
        await services.export.take(Part.AUDIT, actor=stale)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(boards=frozenset({Board.OVERVIEW})),
        Scope(queues=frozenset({"q1"})),
        Scope(channels=frozenset({"voice"})),
        Scope(details=frozenset()),
    ],
)
async def test_narrowed_representatives_take_nothing_along(
    services: Services, scope: Scope
) -> None:
    whole = await who(services, REPRESENTATIVE)
    narrowed = replace(whole, holdings=tuple(replace(one, scope=scope) for one in whole.holdings))
    for part in Part:
        with pytest.raises(Forbidden, match="widen yours"):
            await services.export.take(part, actor=narrowed)
    both = replace(whole, holdings=narrowed.holdings + whole.holdings)
    taken = await services.export.take(Part.SETTINGS, actor=both)
    assert [piece async for piece in taken]


async def test_a_suspended_organisation_still_takes_it(product: Client, token: Token) -> None:
    services = product.server.app[SERVICES]  # type: ignore[attr-defined]
    await stand(services, State.SUSPENDED)
    headers = await token(REPRESENTATIVE, "harbour")
    for part in Part:
        answer = await product.get(f"/api/organizations/export/{part}", headers=headers)
        assert answer.status == 200
        assert answer.content_type == "application/jsonl"
        lines = (await answer.read()).splitlines()
        assert all(isinstance(json.loads(line), dict) for line in lines)
        assert bool(lines) is (part not in {Part.CONTACTS, Part.FILES})


def test_whatever_is_stored_becomes_json() -> None:
    one = Standing(reason=Reason.MISUSE)
    made = plain({"a": (one, frozenset({"y", "x"}), b"\xff", b"text", None, 1)})
    assert made["a"][0]["reason"] == "misuse"
    assert made["a"][1:] == [["x", "y"], "/w==", "text", None, 1]
