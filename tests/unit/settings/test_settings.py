import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from portal.settings import ROOT, Settings, SettingsError, unknown_variables, variable

PRODUCTION = {
    "SWITCHROOM_REGION": "uk",
    "SWITCHROOM_DATA_DIR": "data",
    "SWITCHROOM_KEY_FILE": "keys/local.key",
}


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_unset_environment_is_production_and_names_every_missing_setting() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    assert {problem.split()[0] for problem in refused.value.problems} == set(PRODUCTION)


def test_every_mistake_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as refused:
        load(
            monkeypatch,
            PORT="seventy",
            SWITCHROOM_REGION="mars",
            SWITCHROOM_SAMPLE="on",
            SWITCHROOM_LOG_LEVEL="loud",
            SWITCHROOM_IMPORT_MAX_BYTES="0",
        )
    text = str(refused.value)
    for name in ("PORT:", "SWITCHROOM_REGION:", "SWITCHROOM_SAMPLE:", "SWITCHROOM_LOG_LEVEL:"):
        assert f"  {name}" in text
    assert "SWITCHROOM_IMPORT_MAX_BYTES:" in text
    assert "SWITCHROOM_DATA_DIR is not set" in text


def test_development_needs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, SWITCHROOM_ENV="development")
    assert settings.is_development
    assert settings.data_dir == ROOT / ".switchroom" / "data"
    assert settings.key_file == ROOT / ".switchroom" / "data.key"
    assert (settings.sample, settings.region, settings.port) == ("on", "eu", 3978)


def test_the_key_lies_beside_a_chosen_data_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen = str(tmp_path / "store")
    settings = load(monkeypatch, SWITCHROOM_ENV="development", SWITCHROOM_DATA_DIR=chosen)
    assert settings.key_file == tmp_path / "store.key"


@pytest.mark.parametrize("inside", ["data/local.key", "data", "keys/../data/deep/local.key"])
def test_a_key_inside_the_data_directory_is_refused(
    monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    with pytest.raises(SettingsError, match="outside SWITCHROOM_DATA_DIR"):
        load(monkeypatch, **PRODUCTION | {"SWITCHROOM_KEY_FILE": inside})


def test_a_key_reached_through_a_link_into_the_data_directory_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    with pytest.raises(SettingsError, match="outside SWITCHROOM_DATA_DIR"):
        load(
            monkeypatch,
            SWITCHROOM_ENV="development",
            SWITCHROOM_DATA_DIR=str(tmp_path / "data"),
            SWITCHROOM_KEY_FILE=str(tmp_path / "link" / "local.key"),
        )


def test_production_has_no_sample_data(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **PRODUCTION).sample == "off"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **PRODUCTION, PORT="", SWITCHROOM_ENV="").port == 3978


def test_settings_cannot_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **PRODUCTION)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_misspelt_settings_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_REGOIN", "uk")
    monkeypatch.setenv("SWITCHROOM_NODE", "node")
    assert unknown_variables() == ["SWITCHROOM_REGOIN"]


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [
        variable(field) for field in Settings.model_fields if f"| `{variable(field)}` |" not in text
    ]
    assert missing == []


@pytest.mark.parametrize("command", [["app.py"], ["-m", "portal", "serve"]])
def test_production_without_its_settings_refuses_to_start_at_once(command: list[str]) -> None:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    begun = time.monotonic()
    answer = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=bare, capture_output=True, text=True, check=False
    )
    assert time.monotonic() - begun < 5
    assert answer.returncode == 2
    assert answer.stdout == ""
    for name in PRODUCTION:
        assert f"{name} is not set" in answer.stderr
    assert "Traceback" not in answer.stderr


ON_COSMOS = PRODUCTION | {
    "SWITCHROOM_STORE": "cosmos",
    "SWITCHROOM_COSMOS_ENDPOINT": "https://switchroom-uk.documents.azure.com:443/",
}
EMULATED = {
    "SWITCHROOM_ENV": "development",
    "SWITCHROOM_STORE": "cosmos",
    "SWITCHROOM_COSMOS_ENDPOINT": "https://127.0.0.1:8081",
}


def test_cosmos_is_opened_by_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **ON_COSMOS)
    assert (settings.store, settings.cosmos_database) == ("cosmos", "switchroom")


def test_nothing_lasting_is_on_the_disk_beside_cosmos_blobs_and_a_vault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SWITCHROOM_DATA_DIR", "SWITCHROOM_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    settings = load(
        monkeypatch,
        SWITCHROOM_REGION="uk",
        SWITCHROOM_STORE="cosmos",
        SWITCHROOM_COSMOS_ENDPOINT=ON_COSMOS["SWITCHROOM_COSMOS_ENDPOINT"],
        SWITCHROOM_KEY_VAULT_URL="https://switchroom-uk.vault.azure.net",
        SWITCHROOM_BLOB_URL="https://switchroomuk.blob.core.windows.net/files",
    )
    assert settings.key_file is None


def test_an_emulator_has_a_key_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = tmp_path / "emulator.key"
    key.write_text("c3dpdGNocm9vbQ==\n")
    settings = load(monkeypatch, **EMULATED, SWITCHROOM_COSMOS_KEY_FILE=str(key))
    assert settings.cosmos_key_file == key


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        (PRODUCTION | {"SWITCHROOM_STORE": "cosmos"}, "needs SWITCHROOM_COSMOS_ENDPOINT"),
        (ON_COSMOS | {"SWITCHROOM_STORE": "sqlite"}, "is for SWITCHROOM_STORE=cosmos"),
        (ON_COSMOS | {"SWITCHROOM_COSMOS_KEY_FILE": "key"}, "by its identity"),
        (
            ON_COSMOS | {"SWITCHROOM_COSMOS_ENDPOINT": "https://localhost:8081"},
            "exists in development only",
        ),
        (
            ON_COSMOS
            | {
                "SWITCHROOM_COSMOS_ENDPOINT": "https://127.0.0.1:8081",
                "SWITCHROOM_COSMOS_KEY_FILE": "key",
            },
            "exists in development only",
        ),
        (EMULATED, "needs SWITCHROOM_COSMOS_KEY_FILE"),
        (EMULATED | {"SWITCHROOM_COSMOS_KEY_FILE": "/nowhere/key"}, "cannot be read"),
        (EMULATED | {"SWITCHROOM_COSMOS_KEY_FILE": __file__}, "holds no key"),
        (
            ON_COSMOS | {"SWITCHROOM_COSMOS_ENDPOINT": "http://switchroom.documents.azure.com"},
            "SWITCHROOM_COSMOS_ENDPOINT:",
        ),
        (
            ON_COSMOS | {"SWITCHROOM_KEY_VAULT_URL": "https://localhost"},
            "SWITCHROOM_KEY_VAULT_URL:",
        ),
        (ON_COSMOS | {"SWITCHROOM_BLOB_URL": "https://a.example/?sig=x"}, "SWITCHROOM_BLOB_URL:"),
    ],
)
def test_a_store_that_cannot_be_opened_is_told_before_it_is_tried(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        load(monkeypatch, **variables)


class TestEntra:
    """Signing in with Microsoft Entra ID."""

    APP = "5c1d7c0e-0a3b-4b5e-9d5f-3a2f6d0c9b11"

    def production(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **variables: str
    ) -> Settings:
        secret = tmp_path / "secret"
        secret.write_text("a secret")
        given = {
            "SWITCHROOM_ENTRA_APP_ID": self.APP,
            "SWITCHROOM_ENTRA_CREDENTIAL": "secret",
            "SWITCHROOM_ENTRA_SECRET_FILE": str(secret),
            "SWITCHROOM_PUBLIC_URL": "https://portal.example",
        }
        return load(monkeypatch, **PRODUCTION, **{**given, **variables})

    def test_a_complete_registration(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        settings = self.production(monkeypatch, tmp_path)
        assert settings.graph_url == "https://graph.microsoft.com"
        assert len(settings.entra_client_ids) == 2

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("SWITCHROOM_ENTRA_SECRET_FILE", "", "SWITCHROOM_ENTRA_SECRET_FILE"),
            ("SWITCHROOM_ENTRA_SECRET_FILE", "nowhere", "names no file"),
            ("SWITCHROOM_ENTRA_CREDENTIAL", "", "SWITCHROOM_ENTRA_CREDENTIAL"),
            ("SWITCHROOM_PUBLIC_URL", "", "SWITCHROOM_PUBLIC_URL"),
            ("SWITCHROOM_ENTRA_AUTHORITY", "https://login.example", "AUTHORITY is one of"),
            ("SWITCHROOM_ENTRA_AUTHORITY", "https://localhost:8443", "AUTHORITY is one of"),
            ("SWITCHROOM_ENTRA_AUTHORITY", "http://login.microsoftonline.com", "pattern"),
            ("SWITCHROOM_ENTRA_CA_FILE", "ca.pem", "in development: unset it"),
            ("SWITCHROOM_ENTRA_CLIENT_IDS", "everybody", "UUIDs in small letters"),
            ("SWITCHROOM_STEP_UP_CONTEXT", "any", "pattern"),
            ("SWITCHROOM_STEP_UP_MINUTES", "61", "60"),
        ],
    )
    def test_a_mistake_ends_the_start(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        name: str,
        value: str,
        said: str,
    ) -> None:
        with pytest.raises(SettingsError) as refused:
            self.production(monkeypatch, tmp_path, **{name: value})
        assert said in str(refused.value)

    def test_a_stand_in_is_for_development(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        here = {"SWITCHROOM_ENV": "development", "SWITCHROOM_ENTRA_CA_FILE": "ca.pem"}
        origin = "https://localhost:8443"
        settings = load(monkeypatch, **here, SWITCHROOM_ENTRA_AUTHORITY=origin)
        assert settings.graph_url == origin
