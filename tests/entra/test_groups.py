"""People in more groups than a token holds: Graph is asked on their behalf, or they are."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.entra.conftest import (
    IN_MANY_GROUPS,
    MANY_BEHIND_A_POLICY,
    MANY_WITHOUT_CONSENT,
    SUPERVISOR,
)
from tests.entra.entra import Account, Entra
from tests.entra.people import introduce
from tests.entra.portal import Browser, Portal, running


@pytest.fixture
async def portal(tmp_path: Path, entra: Entra) -> AsyncIterator[Portal]:
    async with running(tmp_path, entra) as started:
        await introduce(started)
        yield started


async def test_their_groups_count_all_the_same(portal: Portal, entra: Entra) -> None:
    answer = await portal.ask("GET", "/api/me", token=entra.token(IN_MANY_GROUPS))
    assert (answer.status, answer.body["roles"]) == (200, ["supervisor"])


async def test_nobody_else_causes_a_call(portal: Portal, entra: Entra) -> None:
    before = entra.counted()
    assert (await portal.ask("GET", "/api/me", token=entra.token(SUPERVISOR))).status == 200
    after = entra.counted()
    assert (after["onBehalf"], after["graph"]) == (before["onBehalf"], before["graph"])


async def test_a_token_for_graph_is_got_once_and_kept_sealed(portal: Portal, entra: Entra) -> None:
    before = entra.counted()["onBehalf"]
    tokens = [entra.token(IN_MANY_GROUPS, sub=f"s{number}") for number in range(8)]
    answers = await asyncio.gather(*(portal.ask("GET", "/api/me", token=one) for one in tokens))
    assert {one.status for one in answers} == {200}
    assert entra.counted()["onBehalf"] == before + 1
    files = portal.settings.data_dir.rglob("switchroom.db*")
    stored = b"".join(path.read_bytes() for path in files)
    assert b"kept_token" in stored
    assert b"eyJhbGciOi" not in stored  # how every signed token begins


async def test_a_policy_of_the_tenant_goes_back_to_the_tab_and_is_not_passed_by(
    portal: Portal, entra: Entra
) -> None:
    token = entra.token(MANY_BEHIND_A_POLICY)
    answer = await portal.ask("GET", "/api/me", token=token)
    assert (answer.status, answer.body["code"]) == (401, "interaction-required")
    asked = answer.headers["WWW-Authenticate"].partition('claims="')[2].rstrip('"')
    wanted = json.loads(base64.b64decode(asked))
    assert wanted == {"access_token": {"acrs": {"essential": True, "value": "c1"}}}
    again = entra.token(MANY_BEHIND_A_POLICY, acrs=["c1"])
    assert (await portal.ask("GET", "/api/me", token=again)).status == 200


async def test_missing_consent_goes_back_to_the_tab(portal: Portal, entra: Entra) -> None:
    answer = await portal.ask("GET", "/api/me", token=entra.token(MANY_WITHOUT_CONSENT))
    assert (answer.status, answer.body["code"]) == (401, "consent-required")
    assert 'error="insufficient_scope", scope="User.Read"' in answer.headers["WWW-Authenticate"]


async def test_a_token_that_ended_asks_nobody(portal: Portal, entra: Entra) -> None:
    before = entra.counted()["onBehalf"]
    token = entra.token(IN_MANY_GROUPS, exp=1_600_000_000)
    assert (await portal.ask("GET", "/api/me", token=token)).status == 401
    assert entra.counted()["onBehalf"] == before


@pytest.mark.parametrize("account", [IN_MANY_GROUPS, SUPERVISOR], ids=lambda one: one.name)
async def test_a_browsers_session_knows_them_too(
    portal: Portal, entra: Entra, account: Account
) -> None:
    async with Browser(portal, entra) as browser:
        await browser.sign_in(account)
        answer = await browser.ask("GET", "/api/me")
        assert (answer.status, answer.body["roles"]) == (200, ["supervisor"])
