"""Documents that must keep up with the code."""

import re
import tomllib
from pathlib import Path

import pytest

from portal import VERSION
from portal.settings import ROOT
from tools import lock

RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
SECTIONS = ["Context", "Decision", "Consequences"]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("source", lock.INPUTS)
def test_every_dependency_has_its_reason(source: str) -> None:
    complete = re.compile(r"^\| `([^`]+)` \| \S.* \| \S.* \|$", re.MULTILINE)
    rows = set(complete.findall(text("docs/dependencies.md")))
    assert lock.requirements(source).keys() - rows == set()


def test_no_reason_is_left_over_from_a_dependency_that_is_gone() -> None:
    rows = set(re.findall(r"^\| `([^`]+)` \|", text("docs/dependencies.md"), re.MULTILINE))
    assert rows == {name for source in lock.INPUTS for name in lock.requirements(source)}


def test_locks_are_those_of_the_inputs() -> None:
    assert lock.problems() == []


def test_decision_records_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_record_follows_the_form(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    assert lines[0].startswith(f"# {path.name[:4]} ")
    state = r"(Proposed|Accepted|Superseded by \d{4}), \d{4}-\d\d-\d\d\."
    assert re.fullmatch(state, lines[2]), lines[2]
    assert [line[3:] for line in lines if line.startswith("## ")] == SECTIONS


def test_the_version_is_one() -> None:
    assert tomllib.loads(text("pyproject.toml"))["project"]["version"] == VERSION


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "\n## [Unreleased]\n" in text("CHANGELOG.md")


@pytest.mark.parametrize("name", ["README.md", "SECURITY.md", "docs/settings.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text(name))
    assert [link for link in links if not (folder / link).exists()] == []


def test_the_pipeline_does_what_everybody_does() -> None:
    commands = [line for line in text(".ci/run").splitlines() if line.startswith("make ")]
    assert commands == ["make check", "make test"]
