"""What the benchmark says of requests to Cosmos DB and their units."""

from bench import cosmos
from portal.adapters.storage.cosmos import Charges
from portal.adapters.storage.cosmos.charges import HEADER


def test_requests_and_the_units_that_answers_report_are_told_for_each_part() -> None:
    charges = Charges()
    charges.record("documents.get", {HEADER: "1"})
    before = charges()
    for _ in range(4):
        charges.record("documents.get", {HEADER: "1"})
    for _ in range(2):
        charges.record("pages.write", {HEADER: "11.5"})
    lines = cosmos._lines("an import", before, charges(), 2)
    assert [(line.name.strip(), line.value) for line in lines] == [
        ("Cosmos DB, an import", 3.0),
        ("pages.write", 1.0),
        ("documents.get", 2.0),
    ]
    assert [line.note.partition(",")[0] for line in lines] == ["13.5 RU", "11.5 RU", "2.0 RU"]
    assert "as the stand-in reports" in lines[0].note


def test_operations_that_were_not_asked_between_are_left_out() -> None:
    charges = Charges()
    charges.record("documents.get", {HEADER: "1"})
    assert [line.value for line in cosmos._lines("nothing", charges(), charges(), 1)] == [0]
