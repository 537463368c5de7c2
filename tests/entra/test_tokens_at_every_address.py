"""Every kind of wrong token, at every address there is, gets the same answer."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.domain.access.service import REFUSED
from portal.web.openapi import Operation
from portal.web.operations import OPERATIONS
from tests.entra.conftest import STRANGER, SUPERVISOR
from tests.entra.entra import APP, GRAPH, KEY_ID, TEAMS_DESKTOP, TENANT, Entra
from tests.entra.people import introduce
from tests.entra.portal import Portal, running

CLOSED = [one for one in OPERATIONS if not one.public]
OTHER_KEY = rsa.generate_private_key(65537, 2048)
CLAIMS: Mapping[str, Mapping[str, Any]] = {
    "ID token": {"scp": None, "azp": None},
    "Graph token": {"aud": GRAPH},
    "Bot Framework token": {"iss": "https://api.botframework.com", "tid": None},
    "another tenant's issuer": {"tid": STRANGER.tenant},
    "tenant that is not onboarded": {"tid": STRANGER.tenant, "oid": STRANGER.oid},
    "expired": {"exp": 1_600_000_000},
    "not yet valid": {"nbf": 4_000_000_000},
    "wrong audience": {"aud": TEAMS_DESKTOP},
    "version 1": {"ver": "1.0"},
    "missing scope": {"scp": "User.Read"},
    "app-only": {"scp": None, "idtyp": "app"},
    "asked for by another app": {"azp": APP},
}


def _wrong(entra: Entra) -> dict[str, str]:
    made = {
        name: entra.token(SUPERVISOR, **changed)
        for name, changed in CLAIMS.items()
        if name != "tenant that is not onboarded"
    }
    made["tenant that is not onboarded"] = entra.token(STRANGER)
    claims, header = entra.claims(SUPERVISOR), {"kid": KEY_ID}
    made["unsigned"] = jwt.encode(claims, "", "none", headers=header)
    made["shared key"] = jwt.encode(claims, "k" * 64, "HS256", headers=header)
    made["another key"] = jwt.encode(claims, OTHER_KEY, "RS256", headers=header)
    made["unknown key"] = jwt.encode(claims, OTHER_KEY, "RS256", headers={"kid": "unknown"})
    made["no token"] = "bm90LmEudG9rZW4"
    return made


@pytest.fixture
async def portal(tmp_path: Path, entra: Entra) -> AsyncIterator[Portal]:
    async with running(tmp_path, entra) as started:
        await introduce(started)
        yield started


def _path(operation: Operation) -> str:
    return operation.path.replace("{id}", "1" * 32)


async def test_the_same_quiet_refusal_everywhere(portal: Portal, entra: Entra) -> None:
    wrong = _wrong(entra)
    said: dict[str, set[tuple[str, str]]] = {}
    for operation in CLOSED:
        for kind, token in wrong.items():
            if operation.stranger and kind == "tenant that is not onboarded":
                continue  # a tenant comes in there
            answer = await portal.ask(operation.method, _path(operation), token=token)
            assert answer.status == 401, (operation.name, kind, answer.body)
            assert isinstance(answer.body, dict)
            body = {name: one for name, one in answer.body.items() if name != "correlation_id"}
            shown = (str(sorted(body.items())), answer.headers["WWW-Authenticate"])
            said.setdefault(operation.name, set()).add(shown)
            assert body["detail"] == REFUSED
    assert {len(one) for one in said.values()} == {1}
    assert len({*next(iter(said.values()))}.union(*said.values())) == 1
    assert len(said) == len(CLOSED) > 15


@pytest.mark.parametrize("operation", CLOSED, ids=lambda one: one.name)
async def test_without_a_token_nothing_is_told(portal: Portal, operation: Operation) -> None:
    assert (await portal.ask(operation.method, _path(operation))).status == 401


async def test_the_right_token_is_let_in(portal: Portal, entra: Entra) -> None:
    for changed in ({}, {"azp": TEAMS_DESKTOP}, {"aud": f"api://localhost/{APP}"}):
        answer = await portal.ask("GET", "/api/me", token=entra.token(SUPERVISOR, **changed))
        assert (answer.status, answer.body["display_name"]) == (200, "Sofia Lindqvist")


async def test_keys_are_fetched_once_for_all(portal: Portal, entra: Entra) -> None:
    before = entra.counted()["keys"]
    for number in range(20):
        token = entra.token(SUPERVISOR, sub=f"s{number}")
        assert (await portal.ask("GET", "/api/me", token=token)).status == 200
    assert entra.counted()["keys"] == before + 1


async def test_local_people_go_on_beside_it(portal: Portal) -> None:
    local = portal.services.local_sign_in
    assert local is not None
    answer = await portal.ask("GET", "/api/me", token=local.issue("sofia.lindqvist").text)
    assert (answer.status, answer.body["person"]) == (200, "sofia.lindqvist")


async def test_tokens_are_in_no_log(
    portal: Portal, entra: Entra, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for token in (entra.token(SUPERVISOR), *_wrong(entra).values()):
        await portal.ask("GET", "/api/me", token=token)
        assert token not in caplog.text
    for personal in (SUPERVISOR.name, SUPERVISOR.username, SUPERVISOR.oid, TENANT):
        assert personal not in caplog.text
