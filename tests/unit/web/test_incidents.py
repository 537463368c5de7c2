from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

Client = TestClient[web.Request, web.Application]
SignIn = Callable[..., Awaitable[dict[str, str]]]
REPORT = {"category": "phishing", "what": "A mail asks for passwords", "severity": "high"}


async def report(product: Client, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = await product.post("/api/incidents", json=REPORT | more, headers=headers)
    assert answer.status == 201, await answer.text()
    made: dict[str, Any] = await answer.json()
    return made


async def got(
    product: Client, path: str, headers: dict[str, str], status: int = 200
) -> dict[str, Any]:
    answer = await product.get(path, headers=headers)
    assert answer.status == status, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


async def changed(
    product: Client,
    method: str,
    path: str,
    headers: dict[str, str],
    body: dict[str, Any],
    status: int = 200,
) -> dict[str, Any]:
    answer = await product.request(method, path, json=body, headers=headers)
    assert answer.status == status, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


async def test_a_report_is_followed_by_who_made_it(product: Client, token: SignIn) -> None:
    amira = await token("amira.khan")
    found = await changed(
        product, "POST", "/api/incidents/findings", amira, {"what": "to jo@example.com"}
    )
    assert found["masked"]["what"] == "to [email]"
    made = await report(product, amira, what="to jo@example.com")
    assert (made["reference"], made["masked"]) == ("SR-000001", 1)
    check = f"/api/incidents/receipts/{made['reference']}?code="
    assert (await got(product, check + made["code"], amira))["valid"] is True
    assert await got(product, check + "AAAA-AAAA-AAAA", amira) == {
        "valid": False,
        "reported_at": None,
        "state": None,
    }
    (own,) = (await got(product, "/api/incidents/own", amira))["reports"]
    assert (own["id"], own["state"], own["asked"]) == (made["id"], "new", False)
    detail = await got(product, f"/api/incidents/own/{made['id']}", amira)
    assert detail["text"]["what"] == "to [email]"
    sofia = await token("sofia.lindqvist")
    await got(product, f"/api/incidents/own/{made['id']}", sofia, 404)
    await got(product, f"/api/incidents/{made['id']}", sofia, 403)


async def test_two_people_handle_one_incident(product: Client, token: SignIn) -> None:
    amira, tomas, hana = [await token(w) for w in ("amira.khan", "tomas.silva", "hana.novak")]
    id = (await report(product, amira))["id"]
    one = f"/api/incidents/{id}"
    (row,) = (await got(product, "/api/incidents?open=true", tomas))["incidents"]
    assert (row["id"], row["priority"], row["clocks"][0]["standing"]) == (id, "p3", "running")
    first = await changed(product, "PUT", f"{one}/state?version=1", tomas, {"state": "triaged"})
    assert (first["row"]["state"], first["row"]["version"]) == ("triaged", 2)
    late = await changed(product, "PUT", f"{one}/state?version=1", hana, {"state": "triaged"}, 409)
    assert late["code"] == "conflict"
    asked = await changed(
        product,
        "POST",
        f"{one}/words?version=2",
        hana,
        {"kind": "question", "text": "Who sent it?"},
    )
    assert [entry["actor"] for entry in asked["entries"]] == [
        "Amira Khan",
        "Tomas Silva",
        "Hana Novak",
    ]
    (own,) = (await got(product, "/api/incidents/own", amira))["reports"]
    assert own["asked"] is True
    told = await changed(product, "POST", f"/api/incidents/own/{id}/answers", amira, {"text": "?"})
    assert [entry["actor"] for entry in told["entries"]] == ["Amira Khan", "", "", "Amira Khan"]


async def test_every_other_change_is_one_over_a_version(product: Client, token: SignIn) -> None:
    amira, tomas = await token("amira.khan"), await token("tomas.silva")
    id, other = [(await report(product, amira))["id"] for _ in range(2)]
    rating = {"category": "data_breach", "severity": "critical", "impact": "organization"}
    people = {"lead": "tomas.silva", "responders": ["hana.novak"]}
    detail: dict[str, Any] = {}
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "rating", rating),
        ("PUT", "people", people),
        ("PUT", "tasks", {"tasks": [{"text": "Reset passwords"}]}),
        ("PUT", "breach", {"aware_at": "2026-10-25T11:00:00Z"}),
        ("PUT", "decision", {"decision": "notify", "reason": "Many are affected"}),
        ("POST", "links", {"other": other}),
        ("PUT", "kind", {"kind": "inquiry"}),
    ]
    for version, (method, part, body) in enumerate(changes, 1):
        path = f"/api/incidents/{id}/{part}?version={version}"
        detail = await changed(product, method, path, tomas, body)
    assert detail["row"]["lead_name"] == "Tomas Silva"
    assert detail["tasks"] == [{"text": "Reset passwords", "done": False, "owner": ""}]
    assert (detail["breach"]["decision"], detail["linked"]) == ("notify", [other])
    draft = await got(product, f"/api/incidents/{id}/notification", tomas)
    assert "A mail asks for passwords" in draft["text"]


async def test_counts_export_and_terms(product: Client, token: SignIn) -> None:
    amira, tomas, ruth = [await token(w) for w in ("amira.khan", "tomas.silva", "ruth.engel")]
    await report(product, amira)
    counts = await got(product, "/api/incidents/statistics", ruth)
    assert (counts["total"], counts["by_severity"]["high"]) == (1, 1)
    await got(product, "/api/incidents/statistics", amira, 403)
    exported = await product.get("/api/incidents/export", headers=tomas)
    lines = (await exported.text()).splitlines()
    assert lines[0].startswith("reference,kind,state")
    assert lines[1].startswith("SR-000001,incident,new,phishing,high")
    assert "password" not in lines[1]
    body = {"days": [0, 1], "opens": "08:00", "closes": "24:00", "contract_hours": 24}
    terms = await changed(product, "PUT", "/api/incidents/terms", tomas, body)
    assert (terms["days"], terms["closes"], terms["triage"]) == ([0, 1], "24:00", False)
    assert [one["name"] for one in terms["people"]] == [
        "Hana Novak",
        "Oliver Bright",
        "Tomas Silva",
    ]
    wrong = body | {"closes": "07:00"}
    refused = await changed(product, "PUT", "/api/incidents/terms", tomas, wrong, 422)
    assert "closes" in refused["fields"]


@pytest.mark.parametrize("wrong", [{"category": "x"}, {"what": ""}, {"joins": "1"}, {"more": 1}])
async def test_malformed_reports_are_refused(
    product: Client, token: SignIn, wrong: dict[str, Any]
) -> None:
    answer = await product.post(
        "/api/incidents", json=REPORT | wrong, headers=await token("amira.khan")
    )
    assert answer.status == 422
