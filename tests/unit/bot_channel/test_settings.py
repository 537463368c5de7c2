"""The bot starts with everything it needs to be known by, or not at all."""

import datetime as dt
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.settings import EMULATOR_TENANT, ROOT, Settings, SettingsError
from tests.fakes.teams import private_key

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "66666666-7777-4888-9999-000000000000"
FILES = {
    "secret": "SECRET_FILE",
    "certificate": "CERTIFICATE_FILE",
    "workload_identity": "TOKEN_FILE",
}


@cache
def pem() -> dict[str, bytes]:
    """A certificate, its key, that key encrypted, another key, and what is none of these."""
    key, name = private_key("certificate", 2048), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))

    def written(
        of: rsa.RSAPrivateKey, encryption: serialization.KeySerializationEncryption
    ) -> bytes:
        form = serialization.PrivateFormat.PKCS8
        return of.private_bytes(serialization.Encoding.PEM, form, encryption)

    plain = serialization.NoEncryption()
    return {
        "key": written(key, plain),
        "other": written(private_key("other", 2048), plain),
        "encrypted": written(key, serialization.BestAvailableEncryption(b"word")),
        "certificate": builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
        "broken": b"-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n",
    }


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


VAULT = "https://switchroom.vault.azure.net"


@pytest.mark.usefixtures("production")
def test_a_secret_may_be_named_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SWITCHROOM_BOT_SECRET_FILE")
    monkeypatch.setenv("SWITCHROOM_BOT_SECRET_NAME", "bot-secret")
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT=on needs SWITCHROOM_KEY_VAULT_URL"):
        Settings.load()
    monkeypatch.setenv("SWITCHROOM_KEY_VAULT_URL", VAULT)
    assert Settings.load().bot_secret_name == "bot-secret"


@pytest.mark.parametrize(
    "other",
    [
        {},  # the file as well
        {"SECRET_FILE": "", "CREDENTIAL": "managed_identity"},
        {"SECRET_FILE": "", "SECRET_NAME": "bot secret"},
        {"SECRET_FILE": "", "SECRET_NAME": "https://elsewhere.vault.azure.net/secrets/bot"},
    ],
)
@pytest.mark.usefixtures("production")
def test_a_name_that_says_nothing_clear_is_refused(
    monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    monkeypatch.setenv("SWITCHROOM_KEY_VAULT_URL", VAULT)
    for name, value in ({"SECRET_NAME": "bot-secret"} | other).items():
        monkeypatch.setenv(f"SWITCHROOM_BOT_{name}", value)
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT_SECRET_NAME"):
        Settings.load()


@pytest.mark.usefixtures("production")
def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_BOT_SECRET_FILE", "nowhere/secret")
    with pytest.raises(SettingsError, match="SWITCHROOM_BOT_SECRET_FILE names no file"):
        Settings.load()


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xff\xfe", b"x" * (1024 * 1024 + 1)])
@pytest.mark.parametrize("credential", ["secret", "certificate", "workload_identity"])
def test_a_file_that_holds_no_credential_is_refused_at_start(
    production: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    credential: str,
    content: bytes,
) -> None:
    name = f"SWITCHROOM_BOT_{FILES[credential]}"
    (tmp_path / "credential").write_bytes(content)
    monkeypatch.setenv("SWITCHROOM_BOT_CREDENTIAL", credential)
    monkeypatch.setenv(name, str(tmp_path / "credential"))
    with pytest.raises(SettingsError, match=f"{name} names a"):
        Settings.load()


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        (["key", "certificate"], ""),
        (["certificate", "key"], ""),
        (["key"], "without a certificate"),
        (["certificate"], "without a private key"),
        (["certificate", "encrypted"], "without a private key"),
        (["certificate", "other"], "not that of its certificate"),
        (["broken"], "without a certificate"),
    ],
)
def test_a_certificate_file_holds_a_certificate_and_its_key(
    production: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    parts: list[str],
    problem: str,
) -> None:
    path = tmp_path / "bot.pem"
    path.write_bytes(b"".join(pem()[part] for part in parts))
    monkeypatch.setenv("SWITCHROOM_BOT_CREDENTIAL", "certificate")
    monkeypatch.setenv("SWITCHROOM_BOT_CERTIFICATE_FILE", str(path))
    if problem:
        with pytest.raises(SettingsError, match=f"SWITCHROOM_BOT_CERTIFICATE_FILE .*{problem}"):
            Settings.load()
    else:
        assert Settings.load().bot_certificate_file == path


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
