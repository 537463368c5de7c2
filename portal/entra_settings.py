"""The settings of signing in with Microsoft Entra ID, part of portal/settings.py."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from portal.credential_files import fault

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
GRAPHS = {
    "login.microsoftonline.com": "https://graph.microsoft.com",
    "login.microsoftonline.us": "https://graph.microsoft.us",
    "login.partner.microsoftonline.cn": "https://microsoftgraph.chinacloudapi.cn",
}
"""Where tokens are issued, and Microsoft Graph beside it: the public cloud and the sovereign
ones."""
TEAMS = ("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "5e3ce6c0-2b1f-4285-8d4b-75ee78787346")
"""Teams on desktop and mobile, and on the web, as Microsoft documents them."""
FILES = {
    "secret": "entra_secret_file",
    "certificate": "entra_certificate_file",
    "workload_identity": "entra_token_file",
}


class EntraSettings(BaseSettings):
    """What an operator registered in Entra ID. Without an app id nobody signs in that way."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True)

    entra_app_id: Annotated[str, Field(pattern=f"^({UUID})?$")] = ""
    entra_authority: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(:\d{1,5})?$")] = (
        "https://login.microsoftonline.com"
    )
    entra_tenant_id: Annotated[str, Field(pattern=f"^({UUID})?$")] = ""
    entra_credential: (
        Literal["secret", "certificate", "managed_identity", "workload_identity"] | None
    ) = None
    entra_secret_file: Path | None = None
    entra_certificate_file: Path | None = None
    entra_token_file: Path | None = None
    entra_client_ids: Annotated[tuple[str, ...], NoDecode] = TEAMS
    entra_ca_file: Path | None = None
    step_up_context: Annotated[str, Field(pattern=r"^c([1-9]|[1-9]\d)$")] = "c1"
    step_up_minutes: Annotated[int, Field(ge=1, le=60)] = 10

    @model_validator(mode="before")
    @classmethod
    def _client_ids(cls, given: dict[str, Any]) -> dict[str, Any]:
        listed = given.get("entra_client_ids")
        if not isinstance(listed, str):
            return given
        ids = tuple(listed.replace(",", " ").split())
        if not all(re.fullmatch(UUID, one) for one in ids):
            raise ValueError("SWITCHROOM_ENTRA_CLIENT_IDS: UUIDs in small letters, with commas")
        return {**given, "entra_client_ids": ids}

    @model_validator(mode="after")
    def _entra_is_microsofts(self) -> Self:
        """Tokens of Microsoft's own hosts only; development may have a stand-in on this machine,
        and an authority that vouches for it."""
        host, local = urlsplit(self.entra_authority).hostname or "", not self._is_production
        if self.entra_authority != f"https://{host}" or host not in GRAPHS:
            if not (local and host == "localhost"):
                raise ValueError(
                    f"SWITCHROOM_ENTRA_AUTHORITY is one of https://{', https://'.join(GRAPHS)}"
                )
        elif self.entra_ca_file is not None:
            raise ValueError("SWITCHROOM_ENTRA_CA_FILE is for a stand-in in development: unset it")
        return self

    @model_validator(mode="after")
    def _entra_is_complete(self) -> Self:
        if not self.entra_app_id:
            return self
        needed = ["entra_credential", *([] if not self._is_production else ["public_url"])]
        if self.entra_credential in FILES:
            needed.append(FILES[self.entra_credential])
        missing = [f"SWITCHROOM_{one.upper()}" for one in needed if not getattr(self, one)]
        if missing:
            raise ValueError(f"SWITCHROOM_ENTRA_APP_ID needs {', '.join(missing)}")
        for credential, field in FILES.items():
            if field in needed and (problem := fault(credential, getattr(self, field))):
                raise ValueError(f"SWITCHROOM_{field.upper()} {problem}")
        return self

    @property
    def _is_production(self) -> bool:
        return getattr(self, "env", "production") == "production"

    @property
    def graph_url(self) -> str:
        """Where Microsoft Graph is; a stand-in answers for both."""
        return GRAPHS.get(urlsplit(self.entra_authority).hostname or "", self.entra_authority)
