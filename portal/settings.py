"""The settings: one frozen object, read from the environment, every mistake reported at once.

docs/settings.md describes each for people; a test keeps the two together. Settings hold names and
places, never secrets; the file of a secret is looked at, and not kept.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AliasChoices,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import NoDecode, SettingsConfigDict

from portal import store_settings
from portal.credential_files import fault
from portal.entra_settings import EntraSettings
from portal.messaging_settings import MessagingSettings

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "SWITCHROOM_"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
CONNECTION = re.compile(rf"InstrumentationKey={UUID};(.*;)?IngestionEndpoint=https?://.*\s*")
SHORTEST_TOKEN = 32
CREDENTIAL_FILES = {
    "secret": "bot_secret_file",
    "certificate": "bot_certificate_file",
    "workload_identity": "bot_token_file",
}
EMULATOR_TENANT = "6f2b1d0c-7c1e-4f0e-9a55-0d5f2c3b4a10"
"""The tenant that the Teams emulator of tests/emulator says it is."""
DEVELOPMENT: dict[str, Any] = {
    "sample": "on",
    "bot": "on",
    "bot_tenant_id": EMULATOR_TENANT,
    "region": "eu",
    "data_dir": ROOT / ".switchroom" / "data",
}
OF_TOOLS = frozenset({"SWITCHROOM_NODE", "SWITCHROOM_PYTHON", "SWITCHROOM_STAND_INS"})


class SettingsError(Exception):
    """The environment does not make valid settings; the message lists every problem."""

    def __init__(self, problems: list[str]) -> None:
        lines = ["Switchroom cannot start with these settings:", *(f"  {p}" for p in problems)]
        lines += [
            "docs/settings.md describes each. To try Switchroom on this machine, with sample data:",
            "  SWITCHROOM_ENV=development",
        ]
        super().__init__("\n".join(lines))
        self.problems = problems


class Settings(EntraSettings, MessagingSettings):
    """What an operator decides. Unset `env` means production, which demands the fields that have
    no default here; development fills them in."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    env: Literal["development", "production"] = "production"
    region: Literal["us", "uk", "eu", "au", "za"]
    data_dir: Path
    store: Literal["sqlite", "cosmos"] = "sqlite"
    cosmos_endpoint: Annotated[str, Field(pattern=store_settings.ENDPOINT)] = ""
    cosmos_database: Annotated[str, Field(pattern=store_settings.DATABASE)] = "switchroom"
    cosmos_key_file: Path | None = None
    key_vault_url: Annotated[str, Field(pattern=store_settings.VAULT)] = ""
    blob_url: Annotated[str, Field(pattern=store_settings.BLOBS)] = ""
    key_file: Path | None
    sample: Literal["on", "off"] = "off"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, validation_alias=AliasChoices("PORT", "port"))] = (
        3978
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    review_days: Annotated[int, Field(ge=7, le=366)] = 90
    export_days: Annotated[int, Field(ge=1, le=366)] = 30
    import_max_bytes: Annotated[int, Field(ge=1)] = 2 * 1024**3
    shutdown_seconds: Annotated[float, Field(gt=0, le=600)] = 30
    bot: Literal["on", "off"] = "off"
    bot_app_id: Annotated[str, Field(pattern=f"^({UUID})?$")] = ""
    bot_tenant_id: Annotated[str, Field(pattern=f"^({UUID})?$")] = ""
    bot_credential: (
        Literal["secret", "certificate", "managed_identity", "workload_identity"] | None
    ) = None
    bot_secret_file: Path | None = None
    bot_secret_name: Annotated[str, Field(pattern="^[0-9A-Za-z-]{0,127}$")] = ""
    bot_certificate_file: Path | None = None
    bot_token_file: Path | None = None
    bot_service_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    teams_app_id: Annotated[str, Field(pattern=f"^({UUID})?$")] = ""
    roles: Literal["all", "web", "bot", "worker"] = "all"
    metrics_token_file: Path | None = None
    application_insights_file: Path | None = None
    traces_per_second: Annotated[float, Field(ge=0, le=10_000)] = 5
    public_url: Annotated[str, Field(pattern=r"^(https://[a-z0-9][a-z0-9.-]*(:\d{1,5})?)?$")] = ""

    @model_validator(mode="before")
    @classmethod
    def _development_defaults(cls, given: dict[str, Any]) -> dict[str, Any]:
        given = store_settings.not_needed(given) | given
        if given.get("env") != "development":
            return given
        filled = DEVELOPMENT | given
        return {"key_file": Path(f"{Path(filled['data_dir']).absolute()}.key")} | filled

    @field_validator("data_dir", "key_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.absolute()

    @field_validator("key_file")
    @classmethod
    def _outside_the_data(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        data_dir = info.data.get("data_dir")
        if path and data_dir is not None and path.resolve().is_relative_to(data_dir.resolve()):
            raise ValueError(
                "must lie outside SWITCHROOM_DATA_DIR: a copy of the data alone must be unreadable"
            )
        return path

    @field_validator("sample")
    @classmethod
    def _sample_in_development(cls, sample: str, info: ValidationInfo) -> str:
        if sample == "on" and info.data.get("env") == "production":
            raise ValueError("sample data exists in development only: unset it")
        return sample

    @field_validator("bot_service_hosts", mode="before")
    @classmethod
    def _hosts(cls, given: object) -> object:
        hosts = tuple(given.replace(",", " ").split()) if isinstance(given, str) else given
        if isinstance(hosts, tuple) and not all(HOST.fullmatch(str(host)) for host in hosts):
            raise ValueError("names host names, in small letters, with commas between them")
        return hosts

    @model_validator(mode="after")
    def _store_can_be_opened(self) -> Self:
        if problem := store_settings.fault(self):
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _bot_is_known_to_teams(self) -> Self:
        """A bot needs an app id, a tenant and a credential; without them it speaks to the emulator
        only, in development."""
        if self.bot == "off" or (self.is_development and not self.bot_app_id):
            return self
        needed = ["bot_app_id", "bot_tenant_id", "bot_credential"]
        if self.bot_secret_name:
            if self.bot_credential != "secret" or self.bot_secret_file:
                raise ValueError(
                    "SWITCHROOM_BOT_SECRET_NAME is for SWITCHROOM_BOT_CREDENTIAL=secret, in place "
                    "of SWITCHROOM_BOT_SECRET_FILE"
                )
            needed.append("key_vault_url")
        elif self.bot_credential in CREDENTIAL_FILES:
            needed.append(CREDENTIAL_FILES[self.bot_credential])
        missing = [variable(field) for field in needed if not getattr(self, field)]
        if missing:
            raise ValueError(f"SWITCHROOM_BOT=on needs {', '.join(missing)}")
        for credential, field in CREDENTIAL_FILES.items():
            if field in needed and (problem := fault(credential, getattr(self, field))):
                raise ValueError(f"{variable(field)} {problem}")
        return self

    @model_validator(mode="after")
    def _processes_meet_in_a_store(self) -> Self:
        """Processes that share the work need a store that they can share."""
        if self.roles != "all" and getattr(self, "store", "sqlite") == "sqlite":
            raise ValueError(
                f"SWITCHROOM_ROLES={self.roles} needs a store that several processes share: "
                "SQLite is one process's, which does everything (SWITCHROOM_ROLES=all)"
            )
        if self.roles != "all" and not self.blob_url and not self.is_development:
            raise ValueError(
                f"SWITCHROOM_ROLES={self.roles} needs SWITCHROOM_BLOB_URL: what one process takes "
                "in, another reads"
            )
        if self.roles == "bot" and self.bot == "off":
            raise ValueError("SWITCHROOM_ROLES=bot needs SWITCHROOM_BOT=on")
        return self

    @field_validator("metrics_token_file", "application_insights_file")
    @classmethod
    def _read_at_start(cls, path: Path | None) -> Path | None:
        if path is not None and (problem := fault("text", path)):
            raise ValueError(problem)
        return path

    @field_validator("metrics_token_file")
    @classmethod
    def _cannot_be_guessed(cls, path: Path | None) -> Path | None:
        if path is not None and len(path.read_text(encoding="utf-8").strip()) < SHORTEST_TOKEN:
            raise ValueError(f"names a file with a token of less than {SHORTEST_TOKEN} characters")
        return path

    @field_validator("application_insights_file")
    @classmethod
    def _leads_somewhere(cls, path: Path | None) -> Path | None:
        if path is not None and not CONNECTION.fullmatch(path.read_text(encoding="utf-8")):
            raise ValueError("names a file without the connection string of Application Insights")
        return path

    def does(self, role: Literal["web", "bot", "worker"]) -> bool:
        """Whether this process has that part of the work."""
        return self.roles in {"all", role}

    def scraper_token(self) -> str:
        """The token that opens /metrics without a person; "" for none."""
        path = self.metrics_token_file
        return "" if path is None else path.read_text(encoding="utf-8").strip()

    def application_insights(self) -> str:
        """The connection string of Application Insights; "" for none."""
        path = self.application_insights_file
        return "" if path is None else path.read_text(encoding="utf-8").strip()

    @property
    def is_development(self) -> bool:
        """Whether local people, the local Teams page and sample data exist."""
        return self.env == "development"

    @classmethod
    def load(cls) -> Self:
        """The settings of this process. Raises SettingsError with every problem."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError([_problem(one) for one in error.errors()]) from None


def for_commands() -> Settings:
    """The settings of the command line. A store that is already here says its region itself, so
    commands on it need no environment; nothing for development exists without
    SWITCHROOM_ENV=development all the same. Raises SettingsError."""
    if os.environ.get("SWITCHROOM_ENV") or os.environ.get("SWITCHROOM_STORE"):
        return Settings.load()
    data_dir = Path(os.environ.get("SWITCHROOM_DATA_DIR") or DEVELOPMENT["data_dir"]).absolute()
    stores = sorted(data_dir.glob("*/switchroom.db"))
    if len(stores) != 1:
        return Settings.load()
    here: dict[str, Any] = {"data_dir": data_dir, "region": stores[0].parent.name}
    if not os.environ.get("SWITCHROOM_KEY_FILE"):
        here["key_file"] = Path(f"{data_dir}.key")
    return Settings(**here)


def variable(field: str) -> str:
    """The environment variable of a field."""
    return "PORT" if field == "port" else PREFIX + field.upper()


def unknown_variables() -> list[str]:
    """Variables that look like settings and are none: most likely misspelt."""
    known = {variable(field) for field in Settings.model_fields} | OF_TOOLS
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def _problem(error: ErrorDetails) -> str:
    if not error["loc"]:
        return error["msg"].removeprefix("Value error, ")
    field = str(error["loc"][0]).lower()
    name = variable(field)
    if error["type"] == "missing":
        return f"{name} is not set; outside development it is required"
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"
