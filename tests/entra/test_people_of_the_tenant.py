"""Somebody of a customer's tenant to whom nobody gave anything: reports incidents, and that is all,
at every address there is; guests and people of other tenants do not even that."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.entra.conftest import REPRESENTATIVE, STRANGER
from tests.entra.entra import Account, Entra
from tests.entra.people import introduce
from tests.entra.portal import Portal, running
from tests.integration.test_access import (
    ALLOWED,
    BODIES,
    EVERYBODY,
    GUARDED,
    RANGED,
    REPORTING,
    VERSIONED,
)

NINA = Account("1a000000-0000-4000-8000-0000000000aa", "Nina Berg", "nina@harbour.example")
OTHER = Account("1a000000-0000-4000-8000-0000000000ab", "Otto Lang", "otto@harbour.example")
OF_EVERYBODY = frozenset(
    {
        *("me", "metric_definitions", "sessions", "end_session", "end_sessions"),
        *("policies", "policy_text", "accept_policy", "decline_policy"),
        *("preferences", "save_preferences", "contact_data"),
        *("own_notice", "confirm_notice"),  # of which none is for them
        *REPORTING,
    }
)
"""One's own session, data, messages and reports; what figures mean is said to anybody."""


@pytest.fixture
async def portal(tmp_path: Path, entra: Entra) -> AsyncIterator[Portal]:
    async with running(tmp_path, entra) as started:
        await introduce(started)
        yield started


async def call(
    portal: Portal, name: str, token: str, *, id: str = "1" * 32, **body: Any
) -> tuple[int, str]:
    """A valid request of an operation; its status and text."""
    one = GUARDED[name]
    query = {"version": "1"} if name in VERSIONED else {}
    query |= {"from": "2026-05-01"} if name in RANGED else {}
    query |= {"person": "oliver.bright"} if name == "effective_access" else {}
    query |= {"code": "AAAA-AAAA-AAAA"} if name == "check_receipt" else {}
    query |= {"source": "amazon-connect"} if name == "start_import" else {}
    headers = {"Authorization": f"Bearer {token}", "X-Switchroom-File-Name": "a.txt"}
    known: Any = BODIES.get(name)
    said: Any = None if known is None else json.dumps({**known, **body})
    if name in {"keep_incident_file", "start_import"}:
        said = "Words"
    elif said is not None:
        headers["Content-Type"] = "application/json"
    path = portal.address + one.path.replace("{id}", id)
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            one.method, path, params=query, headers=headers, data=said, allow_redirects=False
        ) as answer,
    ):
        return answer.status, await answer.text()


def test_the_list_is_of_what_everybody_may() -> None:
    assert {name for name, roles in ALLOWED.items() if roles == EVERYBODY} == OF_EVERYBODY


async def test_they_report_and_nothing_else_at_any_address(portal: Portal, entra: Entra) -> None:
    token = entra.token(NINA)
    order = [one for one in GUARDED if not one.startswith("end_session")]
    for name in order:
        status, text = await call(portal, name, token)
        wanted = name in OF_EVERYBODY
        assert (status not in {401, 403} and status < 500) is wanted, (name, status, text)
        for other in ("oliver", "sofia", "tomas"):
            assert other not in text.lower(), name


async def test_they_learn_the_name_of_the_organisation(portal: Portal, entra: Entra) -> None:
    status, text = await call(portal, "me", entra.token(NINA))
    me = json.loads(text)
    assert (status, me["permissions"], me["roles"]) == (200, ["incidents.report"], ["reporter"])
    assert (me["boards"], me["details"]) == ([], [])
    assert me["organization"]["name"] == "Harbour Lane Insurance"
    assert set(me["organization"]) == {"code", "name", "region", "time_zone"}
    assert json.loads((await call(portal, "policies", entra.token(NINA)))[1])["policies"] == []


async def test_they_follow_their_own_reports_alone(portal: Portal, entra: Entra) -> None:
    nina, otto = entra.token(NINA), entra.token(OTHER)
    status, text = await call(portal, "report_incident", nina, what="A stranger at the door")
    made = json.loads(text)
    assert status == 201
    assert (await call(portal, "own_report", nina, id=made["id"]))[0] == 200
    assert (await call(portal, "answer_incident", nina, id=made["id"]))[0] == 200
    for name in ("own_report", "answer_incident"):
        assert (await call(portal, name, otto, id=made["id"]))[0] == 404
    assert json.loads((await call(portal, "own_reports", otto))[1])["reports"] == []
    status, text = await call(portal, "incident", entra.token(REPRESENTATIVE), id=made["id"])
    assert (status, json.loads(text)["reporter"]) == (200, "Nina Berg")


async def test_guests_and_strangers_report_nothing(portal: Portal, entra: Entra) -> None:
    guest = entra.token(NINA, acct=1)
    elsewhere = entra.token(NINA, idp="https://sts.windows.net/elsewhere/")
    for token in (guest, elsewhere, entra.token(STRANGER)):
        for name in REPORTING:
            assert (await call(portal, name, token))[0] == 401, name
