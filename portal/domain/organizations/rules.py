"""What an organisation's fields may hold."""

import re
from zoneinfo import available_timezones

from portal.domain.shared.errors import InvalidInput

CODE = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,39}")
COUNTRY = re.compile(r"[A-Z]{2}")
LONGEST_NAME = 120


def check(*, code: str, name: str, time_zone: str, country: str) -> None:
    """Raises InvalidInput with every field that is malformed."""
    wrong = {}
    if not CODE.fullmatch(code):
        wrong["code"] = "2 to 40 lower-case letters, digits and single hyphens, a letter first"
    if name != name.strip() or not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        wrong["name"] = f"1 to {LONGEST_NAME} printable characters, no space around them"
    if time_zone not in available_timezones():
        wrong["time_zone"] = "an IANA time zone such as Europe/London"
    if not COUNTRY.fullmatch(country):
        wrong["country"] = "an ISO 3166 country code such as GB"
    if wrong:
        raise InvalidInput("The organisation has malformed fields.", fields=wrong)
