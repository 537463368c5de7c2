"""Processes with one part of the work, and what they tell of themselves to."""

from pathlib import Path
from typing import Any, Literal

import pytest

from portal.settings import Settings, SettingsError

BOT = "0d0c7c0e-1f8a-4a53-8c65-2d6b0e1c9a77"
CONNECTION = f"InstrumentationKey={BOT};IngestionEndpoint=https://uksouth-1.in.example.com/"


class Shared(Settings):
    """With a store that several processes share."""

    store: Literal["sqlite", "cosmos"] = "cosmos"
    cosmos_endpoint: str = "https://switchroom-uk.documents.azure.com"
    blob_url: str = "https://switchroomuk.blob.core.windows.net/files"


def load(kind: type[Settings], tmp_path: Path, **values: Any) -> Settings:
    given: dict[str, Any] = {
        "region": "uk",
        "data_dir": tmp_path / "data",
        "key_file": tmp_path / "local.key",
        "bot": "on",
        "bot_app_id": BOT,
        "bot_tenant_id": BOT,
        "bot_credential": "managed_identity",
    }
    return kind(**given | values)


@pytest.mark.parametrize("role", ["web", "bot", "worker"])
def test_split_roles_on_sqlite_are_refused(
    tmp_path: Path, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("REGION", "uk"), ("DATA_DIR", str(tmp_path)), ("KEY_FILE", str(tmp_path / "../k")),
        ("ROLES", role),
    ):  # fmt: skip
        monkeypatch.setenv(f"SWITCHROOM_{name}", value)
    with pytest.raises(SettingsError, match=f"SWITCHROOM_ROLES={role} needs a store that several"):
        Settings.load()


@pytest.mark.parametrize("role", ["web", "bot", "worker"])
def test_a_role_of_a_shared_store_does_its_part_alone(tmp_path: Path, role: Any) -> None:
    settings = load(Shared, tmp_path, roles=role)
    assert [one for one in ("web", "bot", "worker") if settings.does(one)] == [role]


def test_one_process_does_everything(tmp_path: Path) -> None:
    settings = load(Settings, tmp_path)
    assert settings.roles == "all"
    assert settings.does("web")
    assert settings.does("bot")
    assert settings.does("worker")


def test_a_bot_process_without_a_bot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs SWITCHROOM_BOT=on"):
        load(Shared, tmp_path, roles="bot", bot="off")


def test_roles_without_files_that_they_share_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs SWITCHROOM_BLOB_URL"):
        load(Shared, tmp_path, roles="web", blob_url="")


def test_a_role_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="roles"):
        load(Shared, tmp_path, roles="scheduler")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "names no file that can be read"),
        ("", "names an empty file"),
        ("short\n", "less than 32 characters"),
        ("x" * 31 + "   \n", "less than 32 characters"),
    ],
)
def test_a_scrapers_token_that_could_be_guessed_is_refused(
    tmp_path: Path, content: str | None, problem: str
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=problem) as refused:
        load(Settings, tmp_path, metrics_token_file=path)
    assert "short" not in str(refused.value).replace("shorter", "")


def test_a_scrapers_token_is_read_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("x" * 40 + "\n", encoding="utf-8")
    assert load(Settings, tmp_path, metrics_token_file=path).scraper_token() == "x" * 40
    assert load(Settings, tmp_path).scraper_token() == ""


def test_telemetry_goes_where_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "insights"
    path.write_text(f"{CONNECTION}\n", encoding="utf-8")
    assert load(Settings, tmp_path, application_insights_file=path).application_insights() == (
        CONNECTION
    )
    assert load(Settings, tmp_path).application_insights() == ""


@pytest.mark.parametrize("text", ["x", f"InstrumentationKey={BOT}", "IngestionEndpoint=https://x/"])
def test_a_file_that_leads_nowhere_is_refused_without_its_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "insights"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="without the connection string"):
        load(Settings, tmp_path, application_insights_file=path)


@pytest.mark.parametrize("number", [-1, 10_001, "many"])
def test_traces_a_second_have_bounds(tmp_path: Path, number: Any) -> None:
    with pytest.raises(ValueError, match="traces_per_second"):
        load(Settings, tmp_path, traces_per_second=number)
