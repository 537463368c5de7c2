"""Starting in every state a machine may be in: a sentence and an exit code, never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings import ROOT
from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.product import DEADLINE_S, Product, wait_for


def ended(product: Product) -> tuple[int, str]:
    """Starts it, waits for its end: exit code and standard error."""
    process = product.launch()
    code = process.wait(DEADLINE_S)
    product.process = None
    said = product.logged()
    assert "Traceback" not in said
    return code, said


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_data_directory_that_cannot_be_one(make: Make, tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    product = make(
        SWITCHROOM_DATA_DIR=str(tmp_path / "file" / below),
        SWITCHROOM_KEY_FILE=str(tmp_path / "key"),
    )
    code, said = ended(product)
    assert (code, "cannot be opened: Not a directory" in said) == (1, True)
    if not below:
        done = product.command("organizations")
        assert (done.code, "cannot be opened" in done.err) == (2, True)


def test_a_store_that_is_none(make: Make) -> None:
    product = make()
    assert product.command("organizations").code == 0
    store = next(product.data.glob("*/switchroom.db"))
    for path in store.parent.glob("switchroom.db*"):
        path.unlink()
    store.write_text("nothing a database would begin with\n" * 100)
    code, said = ended(product)
    assert (code, "is not a database" in said) == (1, True)


def test_a_key_file_in_trouble(make: Make) -> None:
    product = make()
    assert product.command("organizations").code == 0
    key = Path(f"{product.data}.key")
    kept = key.read_bytes()
    key.chmod(0o644)
    code, said = ended(product)
    assert (code, f"chmod 600 {key}" in said) == (1, True)
    key.write_text("{}")
    key.chmod(0o600)
    code, said = ended(product)
    assert (code, "is damaged; restore it" in said) == (1, True)
    key.unlink()
    code, said = ended(product)
    assert (code, "is missing; restore it" in said, key.exists()) == (1, True, False)
    key.write_bytes(kept)
    key.chmod(0o600)
    product.start()
    assert product.stop() == 0


def test_the_store_of_another_region(make: Make) -> None:
    product = make(SWITCHROOM_REGION="eu")
    assert product.command("organizations").code == 0
    (product.data / "eu").rename(product.data / "us")
    product.environment["SWITCHROOM_REGION"] = "us"
    code, said = ended(product)
    assert (code, "belongs to region eu, not us" in said) == (1, True)


@pytest.mark.parametrize(
    "missing", ["SWITCHROOM_REGION", "SWITCHROOM_DATA_DIR", "SWITCHROOM_KEY_FILE"]
)
def test_production_demands_its_settings(make: Make, tmp_path: Path, missing: str) -> None:
    product = make(SWITCHROOM_REGION="eu", SWITCHROOM_KEY_FILE=str(tmp_path / "key"))
    for name in ("SWITCHROOM_ENV", "SWITCHROOM_SAMPLE", missing):
        del product.environment[name]
    code, said = ended(product)
    assert (code, f"{missing} is not set" in said) == (2, True)
    assert not product.data.exists()


def test_production_without_any_setting_names_all_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env={}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    for name in ("SWITCHROOM_REGION", "SWITCHROOM_DATA_DIR", "SWITCHROOM_KEY_FILE"):
        assert name in done.stderr
    assert "SWITCHROOM_ENV=development" in done.stderr


class TestSample:
    def test_off_has_the_people_and_no_contacts(self, server: Product) -> None:
        people = server.ask("GET", "/dev/people").json
        assert {one["role"] for one in people} == {
            "agent",
            "supervisor",
            "authorized_customer_representative",
            "managing_partner",
            "privacy_officer",
            "security_responder",
            "operator",
        }
        assert {one["organization"] for one in people} == {"harbour", "juniper"}
        assert server.figures("2020-01-01")["offered"] == 0

    def test_on_fills_every_source_and_a_second_start_is_quick(self, make: Make) -> None:
        product = make(SWITCHROOM_SAMPLE="on").start()
        sources = set()
        for person in ("oliver.bright", "dana.whitfield"):
            query = {"from": "2026-01-01", "to": "2199-01-01"}
            said = product.get("/api/dashboards/summary", person, query).json
            assert said["metrics"]["offered"]["value"] > 1000
            sources |= {one["source"] for one in said["completeness"]["sources"]}
        assert sources == set(records.SOURCES)
        assert product.stop() == 0
        product.start()
        assert product.cpu_seconds() < 5
        assert product.get("/api/me", "oliver.bright").status == 200
        verify = ("rebuild-pages", "--organization", "juniper", "--verify", "--json")
        assert product.command(*verify).json["different"] == []
        assert product.stop() == 0

    def test_a_stop_during_the_first_import_is_clean(self, make: Make) -> None:
        product = make(SWITCHROOM_SAMPLE="on")
        product.launch()
        wait_for(lambda: "Importing" in product.out.read_text())
        assert product.stop() == 0
        assert "ERROR" not in product.logged()
