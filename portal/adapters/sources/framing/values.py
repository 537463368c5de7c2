"""Instants, durations and phone numbers as vendors write them, read into the model's units.

Every function raises BadValueError with a sentence that names the field and the rule, never the
value: values may be personal data.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

import phonenumbers

DAY_MS = 86_400_000
LONGEST_MS = 49 * DAY_MS
EARLIEST_MS = 631_152_000_000
KEY_LENGTH = 256
_UNKNOWN_NUMBERS = frozenset(
    {"anonymous", "restricted", "unknown", "unavailable", "private", "withheld", "blocked", "null"}
)
_INSTANT = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{1,2}):(\d{1,2})"
    r"(?:\.(\d{1,9}))?\s?(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_CLOCK_TEXT = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)Z", re.ASCII)


class BadValueError(ValueError):
    """A field's value breaks a rule; the message is a whole reason, without the value."""


class _Days(dict[str, int]):
    """Midnight UTC of a `YYYY-MM-DDT`, in milliseconds; remembers what it was asked."""

    def __missing__(self, day: str) -> int:
        moment = datetime.strptime(day, "%Y-%m-%dT").replace(tzinfo=UTC)
        value = int(moment.timestamp()) * 1000
        if value < EARLIEST_MS:
            raise ValueError
        if len(day) == len("YYYY-MM-DDT") and len(self) < 50_000:
            self[day] = value
        return value


class _Clock(dict[str, int]):
    """Milliseconds since midnight of an `HH:MM:SSZ`; at most a day's seconds are remembered."""

    def __missing__(self, text: str) -> int:
        match = _CLOCK_TEXT.fullmatch(text)
        if match is None:
            raise ValueError
        hours, minutes, seconds = map(int, match.groups())
        self[text] = value = ((hours * 60 + minutes) * 60 + seconds) * 1000
        return value


DAYS: Final = _Days()
CLOCK: Final = _Clock()
"""For those who read many: `DAYS[text[:11]] + CLOCK[text[11:]]` is `instant` of a
`YYYY-MM-DDTHH:MM:SSZ`, and raises ValueError for every text that is written otherwise."""
_MILLISECONDS = {f".{value:03}Z": value for value in range(1000)}


def instant(text: str, field: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 (or `YYYY/MM/DD HH:MM:SS`) moment.

    Without a zone it is UTC, as all four vendors document. Months, days and hours may lack their
    leading zero. Fractions are cut to milliseconds. Refuses years before 1990.
    """
    try:
        if len(text) == len("YYYY-MM-DDTHH:MM:SS.mmmZ"):
            return DAYS[text[:11]] + CLOCK[text[11:19] + "Z"] + _MILLISECONDS[text[19:]]
        return DAYS[text[:11]] + CLOCK[text[11:]]
    except (ValueError, KeyError):
        value = _slow_instant(text, field)
    if value < EARLIEST_MS:
        raise BadValueError(f"{field} is before 1990")
    return value


def _slow_instant(text: str, field: str) -> int:
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise BadValueError(f"{field} is not a date and time")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=_zone(zone)
        )
        seconds = int(moment.timestamp())
    except (ValueError, OverflowError):
        raise BadValueError(f"{field} is not a date and time") from None
    return seconds * 1000 + int((fraction or "0").ljust(3, "0")[:3])


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def optional_instant(text: str | None, field: str) -> int | None:
    """As `instant`; None for an absent or blank value."""
    return instant(text, field) if text and not text.isspace() else None


def duration(milliseconds: float | None, field: str) -> int | None:
    """Checks a duration: not negative, at most 49 days. None stays None."""
    if milliseconds is None:
        return None
    if not 0 <= milliseconds <= LONGEST_MS:
        if milliseconds < 0:
            raise BadValueError(f"{field} is negative")
        raise BadValueError(f"{field} is longer than 49 days")
    return round(milliseconds)


def between(start: int, end: int, start_field: str, end_field: str) -> int:
    """The milliseconds from one instant to a later one, at most 49 days."""
    if end < start:
        raise BadValueError(f"{end_field} is before {start_field}")
    if end - start > LONGEST_MS:
        raise BadValueError(f"{start_field} to {end_field} is longer than 49 days")
    return end - start


def horizon(now_ms: int) -> int:
    """The latest instant to believe: a day ahead, for clocks differ; any when `now_ms` is 0."""
    return now_ms + DAY_MS if now_ms else 1 << 62


def not_future(moment: int, latest: int, field: str) -> None:
    """Refuses an instant after the horizon."""
    if moment > latest:
        raise BadValueError(f"{field} is more than a day in the future")


def key(text: str | None, field: str) -> str:
    """An identifier: 1 to 256 characters, no control characters."""
    if text and len(text) <= KEY_LENGTH and text.isprintable() and not text.isspace():
        return text.strip()
    if not text or text.isspace():
        raise BadValueError(f"{field} is missing")
    if len(text) > KEY_LENGTH:
        raise BadValueError(f"{field} is longer than {KEY_LENGTH} characters")
    raise BadValueError(f"{field} has characters that cannot be printed")


def phone_number(text: str, region: str | None) -> str | None:
    """E.164 where it can be read so, else as written; None for a withheld number."""
    if text[:1] == "+" and 9 <= len(text) <= 16 and text.isascii() and text[1:].isdecimal():
        return text
    return _other_number(text.strip(), region)


@lru_cache(maxsize=65_536)
def _other_number(text: str, region: str | None) -> str | None:
    if text.lower().startswith("tel:"):
        text = text[4:].partition(";")[0]
    if not text or text.lower() in _UNKNOWN_NUMBERS:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
