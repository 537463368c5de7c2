"""What another organisation has and what nobody has are refused in the same time.

Each round asks three times, in an order drawn anew: for what is there and is somebody else's, for
what is not there, and for what is not there behind a planted delay. The differences of a round
share its moment, so their median is steady however busy the machine is. Two things are told apart
if the median differs by half of what was planted and the signs of the differences are not chance.
More rounds follow until the planted difference is told apart, so that a verdict of "the same" comes
only from as many rounds as would have shown it.
"""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal import wiring
from portal.domain.access.model import Actor, Board, Claims
from portal.domain.access.rules import act
from portal.domain.incidents.model import Category, Report, Severity
from portal.domain.incidents.service import Reported
from portal.domain.shared.errors import NotFound
from portal.domain.views.model import Filters, Wanted
from portal.settings import Settings
from portal.web import app
from portal.web.exchange import SESSION_COOKIE, Handler

PLANTED_S = 0.005
PLANTED = "X-Planted"
ROUNDS, MOST_ROUNDS = 120, 3000
UNLIKELY = 4.0
"""Standard deviations: a sign test beyond them is no chance in a lifetime of test runs."""
NOWHERE = "f" * 32


Ask = Callable[[bool], Awaitable[None]]
"""Asks once; slower by what is planted if it is told so."""


class World(NamedTuple):
    """Two organisations behind HTTP. `theirs` are ids of harbour, `session` is somebody's."""

    client: "TestClient[web.Request, web.Application]"
    services: wiring.Services
    token: str
    theirs: Mapping[str, str]
    session: str


@web.middleware
async def slower(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The weakness that is planted: this request takes longer."""
    if PLANTED in request.headers:
        await asyncio.sleep(PLANTED_S)
    return await handler(request)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    settings = Settings(env="development", data_dir=tmp_path / "data", sample="off")
    services = await wiring.build(settings)
    application = app.create(services, settings)
    application.middlewares.insert(0, slower)
    client: TestClient[web.Request, web.Application] = TestClient(TestServer(application))
    async with client:
        assert services.local_sign_in is not None
        token = services.local_sign_in.issue("dana.whitfield").text
        claims = Claims("", "", 9e9, "1" * 36, "2" * 36)
        cookie = (await services.sessions.open(claims, "a browser")).cookie
        yield World(client, services, token, await _things(services), cookie)
    await services.close()


async def _things(services: wiring.Services) -> Mapping[str, str]:
    """Something of each kind in harbour."""
    person = await services.people.find("oliver.bright")
    assert person is not None
    oliver: Actor = replace(act(person, "harbour"), proved_at_s=services.clock.now_ms() / 1000)
    view = Wanted("Mornings", Board.OVERVIEW, Filters(), (), ())
    report = Reported(Category.LOST_DEVICE, Report("A laptop is gone"), Severity.HIGH)
    return {
        "view": await services.views.save(view, actor=oliver),
        "role": await services.management.create_role("Viewer", frozenset(), actor=oliver),
        "incident": (await services.incidents.report(report, actor=oliver)).incident.id,
    }


def pairs(world: World) -> Mapping[str, tuple[Ask, Ask]]:
    """Somebody else's and nobody's, by what is asked for."""
    theirs = world.theirs
    account, _, secret = world.session.partition(".")
    view = {"title": "Mine", "version": 1}
    role = {"title": "Mine", "permissions": [], "version": 1}

    def of(method: str, path: str, body: Any = None) -> Ask:
        bearer = {"Authorization": f"Bearer {world.token}"}
        return _request(world, method, path, bearer, body, 404)

    def session(account: str) -> Ask:
        cookie = {"Cookie": f"{SESSION_COOKIE}={account}.{'A' * len(secret)}"}
        return _request(world, "GET", "/api/me", cookie, None, 401)

    return {
        "organization": (
            of("GET", "/api/me?organization=harbour"),
            of("GET", "/api/me?organization=nowhere"),
        ),
        "view": (
            of("PUT", f"/api/views/{theirs['view']}", view),
            of("PUT", f"/api/views/{NOWHERE}", view),
        ),
        "role": (
            of("PUT", f"/api/access/roles/{theirs['role']}", role),
            of("PUT", f"/api/access/roles/{NOWHERE}", role),
        ),
        "incident": (
            of("GET", f"/api/incidents/{theirs['incident']}"),
            of("GET", "/api/incidents/00009999"),
        ),
        "claim": (_claim(world, "harbour"), _claim(world, "nowhere")),
        "session": (session(account), session("0" * len(account))),
    }


def _request(
    world: World, method: str, path: str, headers: Mapping[str, str], body: Any, status: int
) -> Ask:
    async def ask(planted: bool) -> None:
        given = {**headers, PLANTED: "1"} if planted else headers
        async with world.client.request(method, path, json=body, headers=given) as answer:
            assert answer.status == status, await answer.text()

    return ask


def _claim(world: World, organization: str) -> Ask:
    """Somebody of a tenant that nobody knows tries a code; local people have no tenant, so it is
    asked of the service."""
    claims = Claims("", "", 9e9, "1" * 36, "2" * 36)

    async def ask(planted: bool) -> None:
        if planted:
            await asyncio.sleep(PLANTED_S)
        with pytest.raises(NotFound):
            await world.services.onboarding.claim(organization, "A" * 24, claims)

    return ask


def are_apart(differences: Sequence[float]) -> bool:
    """Whether the differences, in seconds, tell the two apart."""
    signs = sum((one > 0) - (one < 0) for one in differences)
    sure = abs(signs) / len(differences) ** 0.5 >= UNLIKELY
    return sure and abs(statistics.median(differences)) >= PLANTED_S / 2


async def _took(ask: Ask, *, planted: bool = False) -> float:
    begun = time.perf_counter()
    await ask(planted)
    return time.perf_counter() - begun


@pytest.mark.parametrize("what", ["organization", "view", "role", "incident", "claim", "session"])
async def test_nobody_can_tell_by_the_time_what_others_have(world: World, what: str) -> None:
    theirs, nobodys = pairs(world)[what]
    arms = {"theirs": (theirs, False), "nobodys": (nobodys, False), "planted": (nobodys, True)}
    order, drawn = list(arms), random.Random(20_261_122)
    found: list[float] = []
    planted: list[float] = []
    for ask in (theirs, nobodys) * 3:  # keys are opened and people read once
        await ask(False)
    while len(found) < MOST_ROUNDS:
        for _ in range(ROUNDS):
            drawn.shuffle(order)
            took = {}
            for arm in order:
                ask, slow = arms[arm]
                took[arm] = await _took(ask, planted=slow)
            found.append(took["theirs"] - took["nobodys"])
            planted.append(took["planted"] - took["nobodys"])
        if are_apart(planted):
            break
    assert are_apart(planted), "the test cannot tell what it is there to tell"
    assert not are_apart(found), f"{statistics.median(found) * 1000:.2f} ms apart"


@pytest.mark.parametrize(
    ("median_ms", "spread_ms", "apart"),
    [(0, 1, False), (0, 40, False), (1, 1, False), (5, 1, True), (5, 10, True), (-5, 10, True)],
)
def test_the_verdict(median_ms: float, spread_ms: float, apart: bool) -> None:
    drawn = random.Random(7)
    differences = [drawn.gauss(median_ms, spread_ms) / 1000 for _ in range(600)]
    assert are_apart(differences) is apart
