"""What the gates on infra/ tell: our assertions that fail, and what the policy gate makes of
checkov's words; a program that says them stands in for it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import check, environment, infra

FINDING = {
    "repo_file_path": "/infra/modules/vault.bicep",
    "file_line_range": [19, 40],
    "check_id": "CKV_AZURE_110",
    "check_name": "Ensure that key vault enables purge protection",
    "resource": "Microsoft.KeyVault/vaults.vault",
}


def report(kind: str, *, passed: int = 3, failed: Any = (), unread: Any = ()) -> dict[str, Any]:
    return {
        "check_type": kind,
        "results": {"failed_checks": list(failed), "parsing_errors": list(unread)},
        "summary": {"passed": passed},
    }


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a program in checkov's place that prints the text."""
    program = tmp_path / "bin" / "checkov"
    program.parent.mkdir()
    monkeypatch.setitem(environment.FOLDERS, "policy", tmp_path)

    def put(text: str) -> list[str]:
        program.write_text(f"#!{sys.executable}\nprint({text!r})\n", encoding="utf-8")
        program.chmod(0o700)
        return infra.judged([infra.DOCKERFILE])

    return put


def test_nothing_found_is_nothing_wrong(says: Any) -> None:
    assert says(json.dumps([report("bicep"), report("dockerfile")])) == []


def test_a_finding_is_told_with_its_place_and_rule(says: Any) -> None:
    (line,) = says(json.dumps([report("bicep", failed=[FINDING]), report("dockerfile")]))
    assert line.startswith("/infra/modules/vault.bicep:19: CKV_AZURE_110 ")


def test_a_file_that_could_not_be_read_is_wrong(says: Any) -> None:
    reports = [report("bicep", unread=["app.bicep"]), report("dockerfile")]
    assert says(json.dumps(reports)) == ["checkov cannot read app.bicep"]


def test_a_kind_of_file_that_was_not_looked_at_is_wrong(says: Any) -> None:
    assert says(json.dumps(report("bicep"))) == ["checkov did not look at dockerfile"]
    reports = [report("bicep"), report("dockerfile", passed=0)]
    assert says(json.dumps(reports)) == ["checkov did not look at dockerfile"]


def test_a_checkov_that_breaks_is_wrong(says: Any) -> None:
    (line,) = says("Traceback")
    assert line.startswith("checkov failed")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def test_vault_is_closed() -> None:\n    assert 'open' == 'closed'\n", "test_vault"),
        ("", ""),
    ],
    ids=["fails", "has no test"],
)
def test_an_assertion_of_ours_that_fails_or_is_gone_is_wrong(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "test_infrastructure.py"
    file.write_text(text, encoding="utf-8")
    (report,) = infra.assertions(file)
    assert told in report


def test_the_gate_runs_our_assertions() -> None:
    assert infra.ASSERTIONS.is_file()
    assert check.checks()["assertions"] is infra.assertions
