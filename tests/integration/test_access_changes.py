"""A change of access, from its request to what others are answered and what their tabs hear."""

import csv
import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.product import Answer, Product

DAY = "2026-05-01"
FEW_SECONDS = 12.0
"""Within a minute is promised; the product looks every five seconds."""


@pytest.fixture
def quiet(make: Make) -> Iterator[Product]:
    """A server nobody else asks, with contacts of a day."""
    product = make().start()
    product.imported("amazon-connect", records.good("amazon-connect", DAY))
    yield product
    product.stop()


def send(
    product: Product, method: str, path: str, body: Any, person: str = "oliver.bright"
) -> Answer:
    return product.ask(
        method,
        path,
        token=product.token(person),
        body=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )


def take(product: Product, grant: str) -> Answer:
    token = product.token("oliver.bright")
    return product.ask("DELETE", f"/api/access/grants/{grant}", query={"version": "1"}, token=token)


def test_what_is_given_and_taken_counts_for_the_next_question(quiet: Product) -> None:
    assert quiet.get("/api/contacts", "amira.khan", {"from": DAY}).status == 403
    given = send(
        quiet,
        "POST",
        "/api/access/grants",
        {
            "holder": {"kind": "person", "person": "amira.khan"},
            "role": "supervisor",
            "scope": {"details": []},
            "reason": "Stands in for a week",
        },
    )
    assert given.status == 201, given
    answer = quiet.get("/api/contacts", "amira.khan", {"from": DAY})
    assert answer.json["total"] == 3
    for row in answer.json["rows"]:
        assert not {"agent", "customer"} & set(row), "a field that is not shown is not there"
    rows = quiet.get("/api/dashboards/agents", "amira.khan", {"from": DAY}).json["rows"]
    assert rows
    assert not [row for row in rows if "name" in row]
    assert take(quiet, given.json["id"]).status == 200
    assert quiet.get("/api/contacts", "amira.khan", {"from": DAY}).status == 403


def test_a_kept_copy_is_not_confirmed_for_who_lost_the_right(quiet: Product) -> None:
    path, query = "/api/dashboards/summary", {"from": DAY}
    copy = quiet.get(path, "sofia.lindqvist", query).headers["ETag"]
    asked = {"headers": {"If-None-Match": copy}}
    assert quiet.get(path, "sofia.lindqvist", query, **asked).status == 304
    assert take(quiet, "local-sofia.lindqvist").status == 200
    assert quiet.get(path, "sofia.lindqvist", query, **asked).status == 404


def test_open_tabs_hear_of_it_and_end_for_who_lost_the_dashboards(quiet: Product) -> None:
    with quiet.stream("sofia.lindqvist") as sofia, quiet.stream("amira.khan") as amira:
        assert {"revision"} == set(sofia.next()) == set(amira.next())
        begun = time.monotonic()
        changed = send(
            quiet,
            "PUT",
            "/api/access/grants/local-amira.khan",
            {
                "role": "agent",
                "scope": {"channels": ["voice"]},
                "reason": "Answers calls only",
                "version": 1,
            },
        )
        assert changed.status == 200
        assert take(quiet, "local-sofia.lindqvist").status == 200
        assert sofia.next(FEW_SECONDS) == {}
        assert sofia.next(FEW_SECONDS) is None
        assert amira.next(FEW_SECONDS) == {}
        assert time.monotonic() - begun < 2 * FEW_SECONDS


def test_the_matrix_is_the_same_in_both_forms_and_no_formula(quiet: Product) -> None:
    evil = '=HYPERLINK("https://evil.example")'
    given = send(
        quiet,
        "POST",
        "/api/access/grants",
        {
            "holder": {"kind": "person", "person": "amira.khan"},
            "role": "supervisor",
            "scope": {"boards": ["overview", "queues"]},
            "reason": evil,
        },
    )
    assert given.status == 201
    matrix = quiet.get("/api/access/matrix", "oliver.bright").json
    text = quiet.get("/api/access/matrix.csv", "oliver.bright").body.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(matrix["rows"]) == 8
    for row, told in zip(rows, matrix["rows"], strict=True):
        assert row["holder"] == told["holder"]
        assert row["permissions"].split() == told["permissions"]
        assert row["boards"].split() == (told["boards"] or [])
        assert row["reason"] == (f"'{evil}" if told["reason"] == evil else told["reason"])
    exported = [entry for entry in quiet.trail("harbour") if entry["action"] == "access.exported"]
    assert len(exported) == 2


def test_fifty_grants_over_http_are_all_there(quiet: Product) -> None:
    def give(number: int) -> int:
        body = {
            "holder": {"kind": "person", "person": "amira.khan"},
            "role": "agent",
            "scope": {"queues": [f"q{number}"]},
            "reason": "One of many",
        }
        return send(quiet, "POST", "/api/access/grants", body).status

    quiet.token("oliver.bright")
    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(give, range(50))) == {201}
    query = {"person": "amira.khan"}
    found = quiet.get("/api/access/grants", "oliver.bright", query).json["grants"]
    assert len(found) == 51
    assert quiet.command("verify-audit", "--organization", "harbour").code == 0
