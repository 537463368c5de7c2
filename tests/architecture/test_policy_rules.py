"""docs/policy-rules.md: every clause of the policy has a rule and a test that are there."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from portal.settings import ROOT

DOCUMENT = ROOT / "docs" / "policy-rules.md"
LATER = "comes with recordings"
RECORDED = {"2.4", "2.5", "2.6"}
"""Clauses of the set-up that are about stored recordings."""
PARTS = {"Verification": range(1, 8), "Organisation set-up": range(1, 8)}
ROW = re.compile(r"^\| (\d+\.\d+) \| (\S.*?) \| (\S.*?) \| (\S.*?) \|$", re.MULTILINE)
RULE, TEST = re.compile(r"`([\w/.]+)`"), re.compile(r"`([\w/.]+)::(\w+)`")


class Row(NamedTuple):
    """One clause: its part, number, rule and test as they are written."""

    part: str
    clause: str
    rule: str
    test: str


def rows(text: str) -> list[Row]:
    """Every clause of the document."""
    found = []
    for section in text.split("\n## ")[1:]:
        part = section.partition("\n")[0]
        found += [Row(part, one[1], one[3], one[4]) for one in ROW.finditer(section)]
    return found


def defined_tests(path: Path) -> set[str]:
    """The names of the tests that a file defines, those of its classes too."""
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:5] == "test_"
    }


def faults(row: Row, root: Path = ROOT) -> list[str]:
    """What a row names that is not there."""
    if row.part == "Organisation set-up" and row.clause in RECORDED:
        return [] if (row.rule, row.test) == (LATER, LATER) else ["says more than there is"]
    rule, test = RULE.fullmatch(row.rule), TEST.fullmatch(row.test)
    wrong = []
    if rule is None or not (root / rule[1]).is_file():
        wrong.append("no such rule")
    if (
        test is None
        or not (root / test[1]).is_file()
        or test[2] not in defined_tests(root / test[1])
    ):
        wrong.append("no such test")
    return wrong


def test_every_clause_has_a_rule_and_a_test_that_are_there() -> None:
    found = rows(DOCUMENT.read_text(encoding="utf-8"))
    assert {f"{row.part} {row.clause}": faults(row) for row in found if faults(row)} == {}


def test_every_line_of_the_tables_is_read_and_no_clause_stands_there_twice() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    found = rows(text)
    assert len(found) == len(re.findall(r"^\| \d", text, re.MULTILINE))
    assert len({row[:2] for row in found}) == len(found)


@pytest.mark.parametrize("part", PARTS)
def test_clauses_are_numbered_without_gaps(part: str) -> None:
    numbers = [
        tuple(int(one) for one in row.clause.split("."))
        for row in rows(DOCUMENT.read_text(encoding="utf-8"))
        if row.part == part
    ]
    counts = {head: [minor for major, minor in numbers if major == head] for head in PARTS[part]}
    assert all(found == list(range(1, len(found) + 1)) for found in counts.values())
    assert all(counts.values())
    assert len(numbers) == sum(map(len, counts.values()))


@pytest.mark.parametrize(
    ("rule", "test", "found"),
    [
        ("`portal/nothing.py`", "`tests/architecture/test_policy_rules.py::test_x`", 2),
        ("`portal/wiring.py`", "`tests/architecture/test_policy_rules.py`", 1),
        ("`portal`", "`tests/nothing.py::test_x`", 2),
        (LATER, LATER, 2),
    ],
)
def test_what_is_not_there_would_be_found(rule: str, test: str, found: int) -> None:
    assert len(faults(Row("Verification", "1.1", rule, test))) == found
