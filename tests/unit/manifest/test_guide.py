"""The committed guides are what the manifest says, and lead somewhere."""

import re

import pytest

from manifest import capabilities, guide, template
from portal.settings import ROOT


@pytest.mark.parametrize("name", guide.NAMES)
def test_the_committed_guide_is_the_manifests(name: str) -> None:
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert committed == guide.pages()[name], "run `python -m manifest guide`"


@pytest.mark.parametrize("name", guide.NAMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", guide.pages()[name])
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_every_permission_of_the_manifest_has_its_reason_in_the_guide() -> None:
    page = guide.pages()["permissions.md"]
    for name in template.manifest(guide.PLACEHOLDERS)["permissions"]:
        assert f"| `{name}` |" in page
    assert all(one.reason and one.without for one in capabilities.PERMISSIONS)


def test_every_command_tab_and_rule_is_in_the_guide() -> None:
    page = guide.pages()["install.md"]
    texts = template.catalogue(template.LANGUAGE)
    said = [texts[f"say.{command.key}"] for command in capabilities.COMMANDS]
    assert all(f"| `{word}` |" in page for word in said)
    assert all(f"| {texts[f'tab.{tab.key}']} |" in page for tab in capabilities.TABS)
    assert page.count("\n| `") >= 12 + len(capabilities.COMMANDS)


def test_tables_are_whole() -> None:
    for page in guide.pages().values():
        for block in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
            assert len({line.count("|") for line in block.splitlines()}) == 1
