"""Setting up over HTTP, from nothing to outbound calls."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from portal.web.exchange import SERVICES

Client = TestClient[web.Request, web.Application]
Token = Callable[..., Awaitable[dict[str, str]]]
MAIL, PHONE = "desk@harbour.example", "+61 491 570 006"


async def deliver(product: Client) -> list[dict[str, Any]]:
    """What development would have sent, newest first."""
    await product.server.app[SERVICES].setting_up.messages(None).send()  # type: ignore[attr-defined]
    answer = await product.get("/dev/messages")
    assert answer.status == 200
    messages: list[dict[str, Any]] = (await answer.json())["messages"]
    return messages


async def test_an_administrator_sets_the_organisation_up(product: Client, token: Token) -> None:
    headers = await token("oliver.bright")

    async def call(method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        url = f"/api/organizations/{path}"
        answer = await product.request(method, url, headers=headers, json=body)
        said = await answer.json()
        assert answer.status == status, said
        return said

    first = await call("GET", "setup")
    assert (first["next_step"], first["complete"]) == ("mail", False)
    assert first["verification"]["standing"] == "unverified"

    switches = {"inbound": True, "outbound": True, "recording": False, "why": "To call back"}
    refused = await call("PUT", "call-handling", {"version": 0, **switches}, status=403)
    assert refused["code"] == "not-verified"

    sent = await call("POST", "verification/mail", {"mail": MAIL})
    assert sent["mail"]["value"] == MAIL
    assert sent["mail"]["proven_at"] is None
    link = (await deliver(product))[0]["link"]
    assert "/verify?organization=harbour#" in link
    proven = await call("POST", "verification/mail/confirm", {"token": link.split("#")[1]})
    assert proven["standing"] == "mail_proven"

    sent = await call("POST", "verification/phone", {"phone": PHONE})
    code = (await deliver(product))[0]["code"]
    typed = {"challenge": sent["live_challenge"], "code": code}
    assert (await call("POST", "verification/phone/confirm", typed))["standing"] == "verified"

    saved = await call(
        "PUT", "setup", {"version": 0, "name": "Harbour Lane", "time_zone": "Europe/London"}
    )
    assert (saved["name"], saved["next_step"]) == ("Harbour Lane", "call_handling")
    view = await call("PUT", "call-handling", {"version": 0, **switches})
    assert view["in_force"]["outbound"] is True
    assert (await call("GET", "setup"))["complete"] is True

    text = view["to_acknowledge"]["text_hash"]
    given = {"text_hash": text, "consent_mode": "all_party"}
    await call("POST", "call-handling/acknowledgement", given)
    on = {"version": 1, **switches, "recording": True}
    assert (await call("PUT", "call-handling", on))["in_force"]["recording"] is True
    off = await call("POST", "call-handling/acknowledgement/retract", {"why": "Not any more"})
    assert off["in_force"]["recording"] is False
    assert [one["cause"] for one in off["history"]] == ["retracted", "person", "person"]

    assert (await call("POST", "verification/attestation"))["attestation_due"] is False
    shown = await call("GET", "tenant-code")
    assert shown["code"] is None
    whole = await call("POST", "tenant-code/reveal")
    assert whole["code"].endswith(whole["masked"][-4:])
    assert (await call("POST", "tenant-code/rotate"))["code"] != whole["code"]


async def test_whoever_only_looks_sees_masks(product: Client, token: Token) -> None:
    oliver, hana = await token("oliver.bright"), await token("hana.novak")
    sent = await product.post(
        "/api/organizations/verification/mail", headers=oliver, json={"mail": MAIL}
    )
    assert sent.status == 200
    said = await (await product.get("/api/organizations/setup", headers=hana)).json()
    assert said["verification"]["mail"]["value"] is None
    assert said["verification"]["mail"]["masked"] == "d•••@harbour.example"
    assert MAIL not in str(said)


async def test_waiting_is_told_in_seconds(product: Client, token: Token) -> None:
    headers, url = await token("oliver.bright"), "/api/organizations/verification/mail"
    assert (await product.post(url, headers=headers, json={"mail": MAIL})).status == 200
    answer = await product.post(url, headers=headers, json={"mail": MAIL})
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert (await answer.json())["code"] == "wait"


async def test_choices_are_the_callers_own(product: Client, token: Token) -> None:
    amira, url = await token("amira.khan"), "/api/communications/preferences"
    before = await (await product.get(url, headers=amira)).json()
    assert all(one["on"] for one in before["preferences"])
    choice = {"message_class": "optional", "way": "mail", "on": False}
    answer = await product.put(url, headers=amira, json={"version": 0, "preferences": [choice]})
    assert choice | {"changeable": True} in (await answer.json())["preferences"]
    silent = {"message_class": "essential", "way": "mail", "on": False}
    answer = await product.put(url, headers=amira, json={"version": 1, "preferences": [silent]})
    assert (answer.status, (await answer.json())["code"]) == (422, "essential")


async def test_the_mailbox_exists_in_development_only(product: Client, production: Client) -> None:
    assert (await product.get("/dev/messages")).status == 200
    assert (await production.get("/dev/messages")).status == 404


async def test_without_acceptance_one_looks_and_does_not_change(
    product: Client, token: Token
) -> None:
    amira = await token("amira.khan")
    listed = await (await product.get("/api/policies", headers=amira)).json()
    assert listed["read_only"] is False  # local people are let in with what is in force
    first = listed["policies"][0]
    url, number = f"/api/policies/{first['id']}", first["current"]["number"]
    declined = await product.post(
        f"{url}/decline", headers=amira, json={"number": number, "why": "Not like this"}
    )
    assert (await declined.json())["read_only"] is True
    view = {"title": "Mine"}
    refused = await product.post("/api/views", headers=amira, json=view)
    assert (refused.status, (await refused.json())["code"]) == (403, "policy-not-accepted")
    assert (await product.get("/api/views", headers=amira)).status == 200
    choices = {"version": 0, "preferences": []}
    saved = await product.put("/api/communications/preferences", headers=amira, json=choices)
    assert saved.status == 200
    text = await (await product.get(url, headers=amira)).json()
    assert text["text_hash"] == first["current"]["text_hash"]
    accepted = await product.post(
        f"{url}/acceptance",
        headers=amira,
        json={"number": number, "text_hash": text["text_hash"]},
    )
    assert (await accepted.json())["read_only"] is False
    assert (await product.post("/api/views", headers=amira, json=view)).status == 201
