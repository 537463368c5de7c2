"""The bot starts with everything it needs to be known by, or not at all."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.settings import EMULATOR_TENANT, ROOT, Settings, SettingsError

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "66666666-7777-4888-9999-000000000000"


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """A production environment with a bot and a secret."""
    (tmp_path / "secret").write_text("not a real one", encoding="utf-8")
    variables = {
        "SWITCHROOM_REGION": "uk",
        "SWITCHROOM_DATA_DIR": str(tmp_path / "data"),
        "SWITCHROOM_KEY_FILE": str(tmp_path / "data.key"),
        "SWITCHROOM_BOT": "on",
        "SWITCHROOM_BOT_APP_ID": APP,
        "SWITCHROOM_BOT_TENANT_ID": TENANT,
        "SWITCHROOM_BOT_CREDENTIAL": "secret",
        "SWITCHROOM_BOT_SECRET_FILE": str(tmp_path / "secret"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.mark.usefixtures("production")
def test_a_complete_bot_is_accepted() -> None:
    settings = Settings.load()
    assert (settings.bot, settings.bot_app_id, settings.bot_tenant_id) == ("on", APP, TENANT)
    assert settings.bot_service_hosts == ()


@pytest.mark.parametrize("name", ["APP_ID", "TENANT_ID", "CREDENTIAL", "SECRET_FILE"])
@pytest.mark.usefixtures("production")
def test_a_bot_without_one_of_its_settings_does_not_start(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(f"SWITCHROOM_BOT_{name}")
    with pytest.raises(SettingsError, match=f"SWITCHROOM_BOT_{name}"):
        Settings.load()


@pytest.mark.parametrize("name", ["APP_ID", "CREDENTIAL"])
def test_the_process_ends_at_once_and_says_why(production: dict[str, str], name: str) -> None:
    del production[f"SWITCHROOM_BOT_{name}"]
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=production,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert f"SWITCHROOM_BOT_{name}" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("credential", "missing"),
    [("certificate", "CERTIFICATE_FILE"), ("workload_identity", "TOKEN_FILE")],
)
@pytest.mark.usefixtures("production")
def test_every_credential_asks_for_its_file(
    monkeypatch: pytest.MonkeyPatch, credential: str, missing: str
) -> None:
    monkeypatch.setenv("SWITCHROOM_BOT_CREDENTIAL", credential)
    with pytest.raises(SettingsError, match=f"SWITCHROOM_BOT_{missing}"):
        Settings.load()


@pytest.mark.usefixtures("production")
def test_a_managed_identity_needs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_BOT_CREDENTIAL", "managed_identity")
    monkeypatch.delenv("SWITCHROOM_BOT_SECRET_FILE")
    assert Settings.load().bot_credential == "managed_identity"


@pytest.mark.usefixtures("production")
def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_BOT_SECRET_FILE", "nowhere/secret")
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT_SECRET_FILE names no file"):
        Settings.load()


@pytest.mark.parametrize("app_id", ["not-an-id", APP.upper() + "0", "*"])
@pytest.mark.usefixtures("production")
def test_an_app_id_is_a_uuid(monkeypatch: pytest.MonkeyPatch, app_id: str) -> None:
    monkeypatch.setenv("SWITCHROOM_BOT_APP_ID", app_id)
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT_APP_ID"):
        Settings.load()


@pytest.mark.usefixtures("production")
def test_further_hosts_are_exact_names(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = "smba.infra.gcc.teams.microsoft.com, smba.example"
    monkeypatch.setenv("SWITCHROOM_BOT_SERVICE_HOSTS", hosts)
    expected = ("smba.infra.gcc.teams.microsoft.com", "smba.example")
    assert Settings.load().bot_service_hosts == expected


@pytest.mark.parametrize("hosts", ["*.trafficmanager.net", "https://smba.example", "a:1", "UP.net"])
@pytest.mark.usefixtures("production")
def test_a_host_is_no_pattern_and_no_address(monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    monkeypatch.setenv("SWITCHROOM_BOT_SERVICE_HOSTS", hosts)
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT_SERVICE_HOSTS"):
        Settings.load()


@pytest.mark.usefixtures("production")
def test_production_has_no_bot_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SWITCHROOM_BOT")
    assert Settings.load().bot == "off"


def test_development_speaks_to_the_emulator_without_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SWITCHROOM_ENV", "development")
    settings = Settings.load()
    assert (settings.bot, settings.bot_app_id) == ("on", "")
    assert settings.bot_tenant_id == EMULATOR_TENANT


def test_development_with_an_app_id_needs_the_credential_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SWITCHROOM_ENV", "development")
    monkeypatch.setenv("SWITCHROOM_BOT_APP_ID", APP)
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT_CREDENTIAL"):
        Settings.load()
