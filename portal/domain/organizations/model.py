"""An organisation: a customer of Switchroom, kept apart from every other one."""

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.organizations import rules


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
        rules.check(code=self.code, name=self.name, time_zone=self.time_zone, country=self.country)
