from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from portal import wiring
from portal.domain.access.rules import act
from portal.domain.alerts.model import Conversation, Scope
from portal.web.exchange import SERVICES

Client = TestClient[web.Request, web.Application]
SignIn = Callable[..., Awaitable[dict[str, str]]]
LOW = {
    "kind": "threshold",
    "metric": "service_level",
    "comparison": "below",
    "limit": 80,
    "window_minutes": 15,
}


async def make(product: Client, headers: dict[str, str], trigger: Any = None) -> dict[str, Any]:
    body = {"trigger": trigger or LOW}
    answer = await product.post("/api/alerts", json=body, headers=headers)
    assert answer.status == 201, await answer.text()
    made: dict[str, Any] = await answer.json()
    return made


async def listed(product: Client, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await product.get("/api/alerts", headers=headers)
    assert answer.status == 200
    found: list[dict[str, Any]] = (await answer.json())["alerts"]
    return found


async def greet(product: Client, who: str) -> None:
    """The person's own chat with the bot, as the bot keeps it."""
    services: wiring.Services = product.app[SERVICES]
    person = await services.people.find(who)
    assert person is not None
    chat = Conversation("chat", Scope.PERSONAL, "tenant", {"conversation": "chat"})
    await services.conversations.remember(chat, actor=act(person, person.organizations[0]))


async def test_alerts_are_made_listed_and_removed(product: Client, token: SignIn) -> None:
    headers = await token("sofia.lindqvist")
    made = await make(product, headers)
    assert made["trigger"] == {**LOW, "cool_down_minutes": 60, "hours": None}
    assert (made["places"], made["own"], made["queue_name"]) == (0, None, None)
    assert await listed(product, headers) == [made]
    gone = await product.delete(f"/api/alerts/{made['id']}?version=1", headers=headers)
    assert (gone.status, await gone.json()) == (200, {"alerts": []})


@pytest.mark.parametrize(
    "trigger",
    [
        {"kind": "daily", "at": "08:30", "days": [0, 4], "yesterday": True},
        {**LOW, "hours": {"days": [0, 1], "from": "09:00", "to": "24:00"}},
    ],
)
async def test_a_trigger_comes_back_as_it_was_sent(
    product: Client, token: SignIn, trigger: dict[str, Any]
) -> None:
    made = await make(product, await token("sofia.lindqvist"), trigger)
    assert (
        made["trigger"] == {"cool_down_minutes": 60, **trigger} if "hours" in trigger else trigger
    )


async def test_the_own_chat_hears_of_it_until_it_does_not(product: Client, token: SignIn) -> None:
    headers = await token("sofia.lindqvist")
    path = f"/api/alerts/{(await make(product, headers))['id']}/subscription"
    early = await product.put(path, json={"subscribed": True}, headers=headers)
    assert (early.status, (await early.json())["code"]) == (409, "no-chat")
    await greet(product, "sofia.lindqvist")
    heard = await product.put(path, json={"subscribed": True}, headers=headers)
    assert (await heard.json())["own"] == {"quiet_until": None}
    body = {"subscribed": True, "quiet_minutes": 60}
    quiet = await (await product.put(path, json=body, headers=headers)).json()
    assert quiet["own"]["quiet_until"] is not None
    awake = await (await product.put(path, json={"subscribed": True}, headers=headers)).json()
    assert awake["own"] == {"quiet_until": None}
    for _ in range(2):
        ended = await product.put(path, json={"subscribed": False}, headers=headers)
        assert (await ended.json())["own"] is None


async def test_messages_are_in_the_language_of_who_asked_for_them(
    product: Client, token: SignIn
) -> None:
    headers = await token("sofia.lindqvist")
    path = f"/api/alerts/{(await make(product, headers))['id']}/subscription"
    await greet(product, "sofia.lindqvist")
    body = {"subscribed": True, "language": "de-DE"}
    assert (await product.put(path, json=body, headers=headers)).status == 200
    services = product.app[SERVICES]
    sofia = await services.people.find("sofia.lindqvist")
    assert sofia is not None
    (alert,) = await services.alerts.all(actor=act(sofia, "harbour"))
    assert alert.own is not None
    assert alert.own.language == "de-DE"
    wrong = await product.put(path, json={**body, "language": "<b>"}, headers=headers)
    assert wrong.status == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"trigger": {"kind": "weekly"}},
        {"trigger": {**LOW, "limit": 101}},
        {"trigger": {**LOW, "limit": "NaN"}},
        {"trigger": {**LOW, "window_minutes": 1}},
        {"trigger": {**LOW, "metric": "wages"}},
        {"trigger": {**LOW, "hours": {"days": [], "from": "09:00", "to": "17:00"}}},
        {"trigger": {**LOW, "hours": {"days": [0], "from": "17:00", "to": "09:00"}}},
        {"trigger": {"kind": "daily", "at": "24:00"}},
        {"trigger": {"kind": "daily", "at": "8:00"}},
        {"trigger": LOW, "surplus": 1},
        {"trigger": LOW, "queue": "q" * 300},
    ],
)
async def test_malformed_alerts_are_refused(
    product: Client, token: SignIn, body: dict[str, Any]
) -> None:
    headers = await token("sofia.lindqvist")
    answer = await product.post("/api/alerts", json=body, headers=headers)
    assert answer.status == 422
    assert (await answer.json())["fields"]
    assert await listed(product, headers) == []


async def test_an_alert_is_changed_over_the_version_that_was_seen(
    product: Client, token: SignIn
) -> None:
    headers = await token("sofia.lindqvist")
    made = await make(product, headers)
    path, daily = f"/api/alerts/{made['id']}", {"kind": "daily", "at": "17:45", "days": [5]}
    answer = await product.put(f"{path}?version=1", json={"trigger": daily}, headers=headers)
    assert answer.status == 200
    changed = await answer.json()
    assert changed["trigger"] == {**daily, "yesterday": False}
    assert (changed["id"], changed["version"]) == (made["id"], 2)
    assert await listed(product, headers) == [changed]
    stale = await product.put(f"{path}?version=1", json={"trigger": LOW}, headers=headers)
    assert stale.status == 409
    bad = await product.put(
        f"{path}?version=2", json={"trigger": {**LOW, "limit": 101}}, headers=headers
    )
    assert (bad.status, list((await bad.json())["fields"])) == (422, ["limit"])
    body = {"trigger": LOW, "queue": "no such queue"}
    unknown = await product.put(f"{path}?version=2", json=body, headers=headers)
    assert unknown.status == 404
    assert (await product.put(path, json={"trigger": LOW}, headers=headers)).status == 422
    assert await listed(product, headers) == [changed]


@pytest.mark.parametrize(
    ("who", "sees", "makes"),
    [
        ("oliver.bright", 200, 201),
        ("ruth.engel", 200, 403),
        ("amira.khan", 403, 403),
        ("tomas.silva", 403, 403),
    ],
)
async def test_roles_decide(
    product: Client, token: SignIn, who: str, sees: int, makes: int
) -> None:
    headers = await token(who)
    made = await make(product, await token("sofia.lindqvist"))
    assert (await product.get("/api/alerts", headers=headers)).status == sees
    new = await product.post("/api/alerts", json={"trigger": LOW}, headers=headers)
    assert new.status == makes
    path = f"/api/alerts/{made['id']}"
    allowed = 200 if makes == 201 else 403
    body = {"trigger": LOW}
    changed = await product.put(f"{path}?version=1", json=body, headers=headers)
    assert changed.status == allowed
    version = 2 if makes == 201 else 1
    gone = await product.delete(f"{path}?version={version}", headers=headers)
    assert gone.status == allowed


async def test_strangers_find_nothing_and_stale_versions_conflict(
    product: Client, token: SignIn
) -> None:
    made = await make(product, await token("sofia.lindqvist"))
    stranger = await token("grace.osei")
    path = f"/api/alerts/{made['id']}"
    assert (await product.delete(f"{path}?version=1", headers=stranger)).status == 404
    body: dict[str, Any] = {"subscribed": True}
    answer = await product.put(f"{path}/subscription", json=body, headers=stranger)
    assert answer.status == 404
    body = {"trigger": LOW}
    answer = await product.put(f"{path}?version=1", json=body, headers=stranger)
    assert answer.status == 404
    sofia = await token("sofia.lindqvist")
    assert (await product.delete(f"{path}?version=2", headers=sofia)).status == 409
    assert (await product.delete(path, headers=sofia)).status == 422
    unknown = await product.post("/api/alerts", json={"trigger": LOW, "queue": "?"}, headers=sofia)
    assert unknown.status == 404
