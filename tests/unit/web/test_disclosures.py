"""The register over HTTP."""

import csv
import io
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from portal.domain.disclosures.model import Check

Client = TestClient[web.Request, web.Application]
Token = Callable[..., Awaitable[dict[str, str]]]
URL = "/api/disclosures"
REQUEST = {
    "requester": "=HYPERLINK() court",
    "basis": "legal_order",
    "reference": "4 O 12/26",
    "data": ["recordings", "contact_records"],
    "whose": ["customers"],
    "persons": "The caller of 3 May",
}
GRANT = {
    "kind": "decided",
    "outcome": "narrowed",
    "data": ["recordings"],
    "checks": [one.value for one in Check],
    "text": "Only what the order names",
}


async def test_a_request_is_entered_decided_and_exported(product: Client, token: Token) -> None:
    oliver, hana = await token("oliver.bright"), await token("hana.novak")
    answer = await product.post(URL, headers=oliver, json=REQUEST)
    made = await answer.json()
    assert (answer.status, made["version"], made["may_decide"]) == (201, 1, False)
    entries = f"{URL}/{made['id']}/entries"
    said = {"version": 1, "entry": GRANT}
    own = await product.post(entries, headers=oliver, json=said)
    assert (own.status, (await own.json())["code"]) == (403, "four-eyes")
    decided = await (await product.post(entries, headers=hana, json=said)).json()
    assert (decided["outcome"], decided["owes_notice"]) == ("narrowed", True)
    stale = await product.post(entries, headers=hana, json=said)
    assert stale.status == 409
    for entry in (
        {"kind": "handed_over", "data": ["recordings"], "text": "On a disk"},
        {"kind": "notified", "text": "By letter"},
        {"kind": "corrected", "corrects": 1, "text": "Chamber 5"},
    ):
        version = decided["version"]
        answer = await product.post(
            entries, headers=hana, json={"version": version, "entry": entry}
        )
        decided = await answer.json()
        assert answer.status == 200, decided
    listed = await (await product.get(URL, headers=hana)).json()
    assert [one["id"] for one in listed["disclosures"]] == [made["id"]]
    exported = await (await product.get(f"{URL}/export.json", headers=hana)).json()
    assert [one["kind"] for one in exported["rows"]] == [
        "received",
        "decided",
        "handed_over",
        "notified",
        "corrected",
    ]
    answer = await product.get(f"{URL}/export.csv", headers=hana)
    rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert len(rows) == 5
    assert rows[0]["requester"].startswith("'=")  # no formula for a spreadsheet
    assert rows[0]["data"] == "contact_records recordings"
    assert "attachment" in answer.headers["Content-Disposition"]


async def test_silence_hides_a_case_from_the_organisation(product: Client, token: Token) -> None:
    luca, oliver = await token("luca.moretti"), await token("oliver.bright")
    silent = REQUEST | {"silent_until": "2099-01-01T00:00:00Z"}
    refused = await product.post(URL, headers=luca, json=silent)
    assert refused.status == 422  # an order has an end within ten years
    silent["silent_until"] = "2035-01-01T00:00:00Z"
    made = await (await product.post(URL, headers=luca, json=silent)).json()
    assert made["silent_until"] is not None
    assert (await product.get(f"{URL}/{made['id']}", headers=luca)).status == 200
    assert (await product.get(f"{URL}/{made['id']}", headers=oliver)).status == 404
    assert (await (await product.get(URL, headers=oliver)).json())["disclosures"] == []


async def test_an_entry_of_no_known_kind_is_malformed(product: Client, token: Token) -> None:
    oliver = await token("oliver.bright")
    made = await (await product.post(URL, headers=oliver, json=REQUEST)).json()
    for entry in ({"kind": "erased"}, {"kind": "corrected"}, {"kind": "handed_over", "data": []}):
        answer = await product.post(
            f"{URL}/{made['id']}/entries", headers=oliver, json={"version": 1, "entry": entry}
        )
        assert answer.status == 422


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
async def test_an_instant_that_no_zone_can_show_is_refused(
    product: Client, token: Token, year: str
) -> None:
    """The register is never changed: one such entry would have kept everybody from reading it."""
    oliver = await token("oliver.bright", "harbour")
    answer = await product.post(
        "/api/disclosures", json=REQUEST | {"asked_at": year}, headers=oliver
    )
    assert answer.status == 422
    assert (await product.get("/api/disclosures", headers=oliver)).status == 200
    draft = {"what": "x", "affected": "", "evidence": "", "happened_at": year}
    answer = await product.put("/api/incidents/draft", json=draft, headers=oliver)
    assert answer.status == 422
    assert "happened_at" in (await answer.json())["fields"]
