"""An organisation: a customer of Switchroom, kept apart from every other one."""

import re
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.domain.shared.errors import InvalidInput

CODE = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,39}")
COUNTRY = re.compile(r"[A-Z]{2}")
LONGEST_NAME = 120


class Region(StrEnum):
    """Where an organisation's data lives; it never leaves (R69, R70)."""

    US = "us"
    UK = "uk"
    EU = "eu"
    AU = "au"
    ZA = "za"


@dataclass(frozen=True, slots=True)
class Organization:
    """`code` is its word in addresses and commands, `time_zone` an IANA name that its days follow,
    `country` the ISO 3166 code by which numbers without a country code are read.

    Raises InvalidInput naming every malformed field.
    """

    code: str
    name: str
    region: Region
    time_zone: str
    country: str

    def __post_init__(self) -> None:
        wrong = {}
        if not CODE.fullmatch(self.code):
            wrong["code"] = "2 to 40 lower-case letters, digits and single hyphens, a letter first"
        if not (self.name == self.name.strip() and self.name.isprintable()):
            wrong["name"] = "printable characters without space around them"
        if not 1 <= len(self.name) <= LONGEST_NAME:
            wrong["name"] = f"1 to {LONGEST_NAME} characters"
        if not _is_time_zone(self.time_zone):
            wrong["time_zone"] = "an IANA time zone such as Europe/London"
        if not COUNTRY.fullmatch(self.country):
            wrong["country"] = "an ISO 3166 country code such as GB"
        if wrong:
            raise InvalidInput("The organisation has malformed fields.", fields=wrong)


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
