"""What each credential sends to get a token, and what it never tells."""

import asyncio
import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from bot.channel import credentials
from bot.channel.cloud import PUBLIC
from bot.channel.credentials import AccessToken, BotTokens, NoToken
from portal.domain.shared.errors import Unavailable
from portal.domain.shared.secrets import Secret
from portal.settings import Settings
from tests.fakes import teams

SECRET = "a secret for tests"
SCOPE = PUBLIC.scope


class Answer:
    """What MSAL reads of an HTTP answer."""

    def __init__(self, body: dict[str, Any], status: int = 200) -> None:
        self.status_code = status
        self.text = json.dumps(body)
        self.headers: dict[str, str] = {}

    def raise_for_status(self) -> None:
        """Nothing to raise."""


class Entra:
    """The HTTP of Entra ID: keeps what was sent."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sent: list[dict[str, str]] = []
        self.refuses = False
        self.takes: set[str] | None = None

    def get(self, url: str, **_: Any) -> Answer:
        self.asked.append(url)
        base = url.partition("/v2.0/")[0]
        return Answer(
            {
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "issuer": f"{base}/v2.0",
            }
        )

    def post(self, url: str, data: Any = None, **_: Any) -> Answer:
        self.asked.append(url)
        fields = parse_qs(data) if isinstance(data, str) else {k: [v] for k, v in data.items()}
        self.sent.append(
            {
                name: values[0].decode() if isinstance(values[0], bytes) else str(values[0])
                for name, values in fields.items()
            }
        )
        shown = self.sent[-1].get("client_secret", "")
        if self.refuses or (self.takes is not None and shown not in self.takes):
            return Answer({"error": "invalid_client", "error_description": f"not {SECRET}"}, 401)
        return Answer({"access_token": "the token", "expires_in": 3599, "token_type": "Bearer"})

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate with its key in one file."""
    key = teams.private_key("certificate", 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "switchroom")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    made = builder.sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    return path


def settings(**changes: Any) -> Settings:
    return Settings(
        env="development",
        bot_app_id=teams.APP,
        bot_tenant_id=teams.TENANT,
        **changes,
    )


def with_entra(
    monkeypatch: pytest.MonkeyPatch, entra: Entra, chosen: Settings, vault: Any = None
) -> Any:
    real = credentials.with_msal

    def through(*words: Any) -> Any:
        return real(words[0], words[1], words[2], entra)

    monkeypatch.setattr(credentials, "with_msal", through)
    return credentials.acquirer(chosen, PUBLIC, vault)


def test_a_secret_is_sent_to_the_bots_own_tenant(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    entra = Entra()
    chosen = settings(bot_credential="secret", bot_secret_file=secret)
    token = with_entra(monkeypatch, entra, chosen)(SCOPE)
    assert (token.text, token.expires_in) == ("the token", 3599)
    sent = entra.sent[0]
    assert (sent["client_id"], sent["client_secret"]) == (teams.APP, SECRET)
    assert (sent["grant_type"], sent["scope"]) == ("client_credentials", SCOPE)
    home = f"https://login.microsoftonline.com/{teams.TENANT}/"
    assert all(url.startswith(home) for url in entra.asked)


def test_a_certificate_signs_and_its_key_stays_here(
    monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    entra = Entra()
    chosen = settings(bot_credential="certificate", bot_certificate_file=certificate)
    assert with_entra(monkeypatch, entra, chosen)(SCOPE).text == "the token"
    sent = entra.sent[0]
    assert "client_secret" not in sent
    assertion = sent["client_assertion"]
    public = teams.private_key("certificate", 2048).public_key()
    algorithm = jwt.get_unverified_header(assertion)["alg"]
    said = jwt.decode(assertion, public, [algorithm], options={"verify_aud": False})
    assert said["sub"] == teams.APP
    assert "PRIVATE KEY" not in json.dumps(sent)


def test_a_rotated_secret_is_read_after_a_refusal(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    entra = Entra()
    chosen = settings(bot_credential="secret", bot_secret_file=secret)
    acquire = with_entra(monkeypatch, entra, chosen)
    entra.refuses = True
    with pytest.raises(NoToken):
        acquire(SCOPE)
    entra.refuses = False
    secret.write_text("the next secret", encoding="utf-8")
    acquire(SCOPE)
    assert entra.sent[-1]["client_secret"] == "the next secret"


class Vault:
    """Named secrets, newest version first."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    async def live(self, name: str) -> tuple[Secret, ...]:
        assert name == "bot-secret"
        if not self.texts:
            raise Unavailable("The vault does not answer.")
        return tuple(Secret(text, text) for text in self.texts)


async def test_a_named_secret_is_the_newest_version_that_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entra, vault = Entra(), Vault("new", "old")
    chosen = settings(
        bot_credential="secret",
        bot_secret_name="bot-secret",
        key_vault_url="https://switchroom.vault.azure.net",
    )
    acquire = with_entra(monkeypatch, entra, chosen, vault)
    assert (await asyncio.to_thread(acquire, SCOPE)).text == "the token"
    assert [one["client_secret"] for one in entra.sent] == ["new"]
    entra.takes = {"old"}
    await asyncio.to_thread(acquire, SCOPE)
    assert [one["client_secret"] for one in entra.sent] == ["new", "new", "old"]
    vault.texts = ("newest",)
    entra.takes = {"newest"}
    await asyncio.to_thread(acquire, SCOPE)
    assert entra.sent[-1]["client_secret"] == "newest"
    entra.takes = set()
    with pytest.raises(NoToken):
        await asyncio.to_thread(acquire, SCOPE)
    vault.texts = ()
    with pytest.raises(NoToken):
        await BotTokens(acquire).get(SCOPE)


def test_a_managed_identity_is_the_one_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []
    monkeypatch.setattr("azure.identity.ManagedIdentityCredential", _credential(made))
    acquire = credentials.acquirer(settings(bot_credential="managed_identity"), PUBLIC)
    assert [acquire(SCOPE).text for _ in range(2)] == ["for " + SCOPE] * 2
    assert made == [{"client_id": teams.APP}]


def test_a_workload_identity_shows_the_platforms_token(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    made: list[dict[str, Any]] = []
    monkeypatch.setattr("azure.identity.WorkloadIdentityCredential", _credential(made))
    chosen = settings(bot_credential="workload_identity", bot_token_file=secret)
    assert credentials.acquirer(chosen, PUBLIC)(SCOPE).text == "for " + SCOPE
    assert made[0]["token_file_path"] == str(secret)
    assert (made[0]["tenant_id"], made[0]["client_id"]) == (teams.TENANT, teams.APP)


def _credential(made: list[dict[str, Any]]) -> Any:
    class Credential:
        def __init__(self, **words: Any) -> None:
            made.append(words)

        def get_token(self, scope: str) -> Any:
            """As azure.core.credentials.AccessToken."""
            return type("Token", (), {"token": f"for {scope}", "expires_on": 4e9})

    return Credential


async def test_no_log_tells_a_secret(
    monkeypatch: pytest.MonkeyPatch, secret: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from portal import logs

    entra = Entra()
    entra.refuses = True
    chosen = settings(bot_credential="secret", bot_secret_file=secret)
    tokens = BotTokens(with_entra(monkeypatch, entra, chosen))
    with caplog.at_level(logging.DEBUG), pytest.raises(NoToken):
        await tokens.get(SCOPE)
    written = [logs.JsonFormatter().format(record) for record in caplog.records]
    assert any("no token for the channel" in line for line in written)
    assert not any(SECRET in line for line in written)


async def test_a_refused_token_is_forgotten_and_another_kept() -> None:
    given = iter(["one", "two"])
    tokens = BotTokens(lambda _: AccessToken(next(given), 3600.0))
    assert await tokens.get("a") == "one"
    tokens.forget("a", "not this one")
    assert await tokens.get("a") == "one"
    tokens.forget("a", "one")
    assert await tokens.get("a") == "two"
