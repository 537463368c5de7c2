"""Microsoft's own validator, and the published schemas of translations and bills of materials."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from manifest import capabilities, materials, template
from manifest.package import Package
from portal.settings import ROOT
from tools import node, packages

FOLDER = ROOT / "tests" / "manifest"
Validate = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def validate() -> Validate:
    assert packages.install(FOLDER) == 0

    def run(**given: Any) -> dict[str, Any]:
        answer = subprocess.run(
            [str(node.find()), "validate.mjs"],
            cwd=FOLDER,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    return run


def translated(made: Package) -> dict[str, Any]:
    tags = (template.LANGUAGE, *template.TRANSLATIONS)
    names = [template.language_file(tag) for tag in tags]
    return {name: json.loads(made.files[name]) for name in names}


def test_everything_built_is_valid(
    validate: Validate, manifest: dict[str, Any], made: Package
) -> None:
    found = validate(
        manifest=manifest, languages=translated(made), bill=json.loads(materials.bill(made))
    )
    assert found == {"manifest": [], "languages": {"en.json": [], "de.json": []}, "bill": []}


def test_the_schema_is_the_newest_released_one_of_the_validator(validate: Validate) -> None:
    schemas = FOLDER / "node_modules/@microsoft/app-manifest/build/json-schemas/teams"
    released = [path.name for path in schemas.iterdir() if path.name != "vDevPreview"]
    newest = max(released, key=lambda name: [int(part) for part in name[1:].split(".")])
    assert f"v{template.SCHEMA}" == newest


def test_the_validator_finds_what_is_wrong(
    validate: Validate, manifest: dict[str, Any], made: Package
) -> None:
    manifest["name"]["short"] = "x" * 31
    manifest["bots"][0]["botId"] = "no guid"
    manifest["surprise"] = True
    languages = translated(made)
    languages["de.json"]["staticTabs[99].name"] = "nowhere"
    languages["en.json"].pop("name.full")
    bill = json.loads(materials.bill(made))
    bill["components"][0].pop("name")
    found = validate(manifest=manifest, languages=languages, bill=bill)
    assert len(found["manifest"]) == 3
    assert len(found["languages"]["de.json"]) == 1
    assert found["bill"] != []


@pytest.mark.parametrize("scope", capabilities.EVERYWHERE)
def test_each_place_has_a_menu_that_teams_accepts(
    manifest: dict[str, Any], scope: capabilities.Scope
) -> None:
    menus = [menu for menu in manifest["bots"][0]["commandLists"] if scope in menu["scopes"]]
    assert len(menus) == 1
    assert 0 < len(menus[0]["commands"]) <= 10
