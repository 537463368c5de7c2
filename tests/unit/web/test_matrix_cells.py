"""Cells of the exported matrix: no spreadsheet takes one, or a part of one, for a formula."""

import pytest

from portal.web.api.access_grants import cell


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("\t=1+1", "'\t'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("@sum", "'@sum"),
        ("ok;=HYPERLINK(1)", "ok;'=HYPERLINK(1)"),
        ("ok\n-2", "ok\n'-2"),
        ("ok\t+2", "ok\t'+2"),
    ],
)
def test_no_formula_begins_in_a_cell_or_behind_a_separator(text: str, told: str) -> None:
    assert cell(text) == told


@pytest.mark.parametrize("text", ["", "Their task; see a-b = c", "a@b.example", "2026-11-22 +01"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_lists_are_told_in_one_cell() -> None:
    assert (cell(["q1", "q2"]), cell(None)) == ("q1 q2", "")
