"""Systems that hear of incidents, over HTTP."""

from typing import Any

import pytest

from tests.unit.web.test_incidents import Client, SignIn, changed, got, report

ALL = "/api/incidents/receivers"
WANTED = {"name": "Our SIEM", "way": "webhook", "target": "https://127.0.0.1:9443/in?token=t0p"}


async def added(product: Client, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    return await changed(product, "POST", ALL, headers, WANTED | more, 201)


async def test_a_secret_is_answered_once(product: Client, token: SignIn) -> None:
    oliver = await token("oliver.bright")
    made = await added(product, oliver)
    assert made["secret"].startswith("whsec_")
    assert (made["target"], made["standing"]) == ("https://127.0.0.1:9443/…", "on")
    listed = await got(product, ALL, oliver)
    assert listed == {"receivers": [made | {"secret": None}], "most": 5}
    assert "t0p" not in str(listed)
    turned = await changed(product, "POST", f"{ALL}/{made['id']}/secret?version=1", oliver, {})
    assert turned["secret"] not in {None, made["secret"]}
    assert turned["former_until"] is not None
    path = f"{ALL}/{made['id']}/secret/former?version=2"
    ended = await changed(product, "DELETE", path, oliver, {})
    assert (ended["former_until"], ended["secret"]) == (None, None)


async def test_one_is_changed_over_the_version_that_was_seen(
    product: Client, token: SignIn
) -> None:
    oliver = await token("oliver.bright")
    one = f"{ALL}/{(await added(product, oliver))['id']}"
    body = WANTED | {"target": "", "format": "cef", "content": "texts", "on": False}
    made = await changed(product, "PUT", f"{one}?version=1", oliver, body)
    assert (made["format"], made["content"], made["standing"]) == ("cef", "texts", "off")
    assert made["target"] == "https://127.0.0.1:9443/…"
    await changed(product, "PUT", f"{one}?version=1", oliver, body, 409)
    off = await changed(product, "POST", f"{one}/trial", oliver, {}, 409)
    assert off["code"] == "off"
    left = await changed(product, "DELETE", f"{one}?version=2", oliver, {})
    assert left["receivers"] == []


async def test_the_log_says_what_waits_and_names_its_delivery(
    product: Client, token: SignIn
) -> None:
    oliver, amira = await token("oliver.bright"), await token("amira.khan")
    one = f"{ALL}/{(await added(product, oliver))['id']}"
    await report(product, amira)
    tried = await changed(product, "POST", f"{one}/trial", oliver, {})
    trial, first = tried["forwards"]
    assert (trial["reference"], first["reference"]) == (None, "SR-000001")
    assert {row["stage"] for row in (trial, first)} == {"waiting"}
    assert first["delivery"].startswith("msg_")
    assert first["delivery"] != trial["delivery"]
    waiting = await got(product, f"{one}/forwards?stage=dead", oliver)
    assert waiting == {"forwards": [], "next": None}
    again = await changed(product, "POST", f"{one}/forwards/again", oliver, {})
    assert again == {"count": 0}


@pytest.mark.parametrize("who", ["amira.khan", "tomas.silva", "hana.novak", "ruth.engel"])
async def test_others_are_refused(product: Client, token: SignIn, who: str) -> None:
    one = f"{ALL}/{(await added(product, await token('oliver.bright')))['id']}"
    headers = await token(who)
    await got(product, ALL, headers, 403)
    await got(product, f"{one}/forwards", headers, 403)
    await changed(product, "POST", ALL, headers, WANTED, 403)
    await changed(product, "POST", f"{one}/trial", headers, {}, 403)
    await got(product, f"{one}/forwards", await token("dana.whitfield"), 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "https://10.0.0.1/"},
        {"target": "http://127.0.0.1/"},
        {"way": "mail"},
        {"way": "sms"},
        {"name": ""},
        {"content": "everything"},
        {"more": 1},
    ],
)
async def test_malformed_ones_are_refused(
    product: Client, token: SignIn, wrong: dict[str, Any]
) -> None:
    headers = await token("oliver.bright")
    await changed(product, "POST", ALL, headers, WANTED | wrong, 422)


async def test_facts_come_as_json_and_a_reporter_is_forgotten(
    product: Client, token: SignIn
) -> None:
    amira, tomas = await token("amira.khan"), await token("tomas.silva")
    id = (await report(product, amira, what="CANARY"))["id"]
    (facts,) = (await got(product, "/api/incidents/facts", tomas))["incidents"]
    assert (facts["reference"], facts["priority"]) == ("SR-000001", "p3")
    await got(product, "/api/incidents/facts", amira, 403)
    path = f"/api/incidents/{id}/reporter?version=1"
    await changed(product, "DELETE", path, amira, {}, 403)
    detail = await changed(product, "DELETE", path, tomas, {})
    assert (detail["text"], detail["reporter"]) == (None, None)
    await got(product, f"/api/incidents/own/{id}", amira, 404)
    after = (await got(product, "/api/incidents/facts", tomas))["incidents"]
    assert after == [facts | {"version": 2}]
    counts = await got(product, "/api/incidents/statistics", tomas)
    assert counts["weeks"][-1]["resolve_seconds"] is None
