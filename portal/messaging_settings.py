"""The settings of mail and SMS, part of portal/settings.py."""

import re
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MAIL = r"^([^\s<>@\"]+@[A-Za-z0-9.-]+)?$"
ENDPOINT = r"^(https://[a-z0-9][a-z0-9.-]*(:\d{1,5})?/?)?$"
COUNTRY = re.compile(r"[A-Z]{2}")
DEVELOPMENT_COUNTRIES = "US,GB,AU,DE"


class MessagingSettings(BaseSettings):
    """How mail and SMS leave. Without a server or service they wait and are dropped in the end;
    development shows them on its own page instead."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True)

    mail_host: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9.-]*)?$")] = ""
    mail_port: Annotated[int, Field(ge=1, le=65535)] = 587
    mail_from: Annotated[str, Field(pattern=MAIL)] = ""
    mail_user: str = ""
    mail_password_file: Path | None = None
    mail_endpoint: Annotated[str, Field(pattern=ENDPOINT)] = ""
    mail_key_file: Path | None = None
    sms_endpoint: Annotated[str, Field(pattern=ENDPOINT)] = ""
    sms_from: Annotated[str, Field(pattern=r"^(\+\d{5,15}|\d{4,8}|[A-Za-z0-9 ]{1,11})?$")] = ""
    sms_key_file: Path | None = None
    voice_endpoint: Annotated[str, Field(pattern=ENDPOINT)] = ""
    voice_from: Annotated[str, Field(pattern=r"^(\+\d{5,15})?$")] = ""
    voice_key_file: Path | None = None
    voice_speech: Annotated[str, Field(pattern=ENDPOINT)] = ""
    sms_countries: Annotated[frozenset[str], NoDecode] = frozenset()
    support_mail: Annotated[str, Field(pattern=MAIL)] = ""

    @model_validator(mode="before")
    @classmethod
    def _countries(cls, given: dict[str, Any]) -> dict[str, Any]:
        listed = given.get("sms_countries")
        if listed is None and given.get("env") == "development":
            listed = DEVELOPMENT_COUNTRIES
        if not isinstance(listed, str):
            return given
        countries = frozenset(listed.replace(",", " ").split())
        if not all(COUNTRY.fullmatch(one) for one in countries):
            raise ValueError("SWITCHROOM_SMS_COUNTRIES: ISO codes such as GB,DE")
        return {**given, "sms_countries": countries}

    @model_validator(mode="after")
    def _messaging_is_complete(self) -> Self:
        for lead, needed in (
            ("mail_host", ("mail_from",)),
            ("mail_user", ("mail_password_file",)),
            ("mail_endpoint", ("mail_from",)),
            ("sms_endpoint", ("sms_from",)),
            ("voice_endpoint", ("voice_from", "voice_speech", "public_url")),
        ):
            missing = [f"SWITCHROOM_{one.upper()}" for one in needed if not getattr(self, one)]
            if getattr(self, lead) and missing:
                raise ValueError(f"SWITCHROOM_{lead.upper()} needs {', '.join(missing)}")
        if self.mail_host and self.mail_endpoint:
            raise ValueError(
                "SWITCHROOM_MAIL_HOST and SWITCHROOM_MAIL_ENDPOINT: mail leaves by one of them"
            )
        return self
