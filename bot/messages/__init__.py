"""What the bot says, in the reader's language: messages and how numbers and times are written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.messages import de, en
from portal.domain.dashboards.model import Unit

CATALOGUES: Final[Mapping[str, Mapping[str, str]]] = {"en": en.MESSAGES, "de": de.MESSAGES}
DEFAULT: Final = "en"


class Words:
    """One language. `say` answers a message of the catalogue; KeyError for a key it has not."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._messages = CATALOGUES[language]

    def say(self, key: str, **values: str | int) -> str:
        """The message with its placeholders filled."""
        return self._messages[key].format(**values) if values else self._messages[key]

    def role(self, role: str) -> str:
        """What a role is called; those of an organisation's own have one name in all languages."""
        return self._messages.get(f"role.{role}") or self.say("role.own")

    def number(self, value: float, digits: int = 0) -> str:
        """A number with its thousands grouped."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "de" else text

    def amount(self, value: float, unit: Unit) -> str:
        """A figure with its unit: percent with one digit, durations as minutes and seconds."""
        if unit is Unit.PERCENT:
            return self.say("unit.percent", value=self.number(value, 1))
        if unit is Unit.SECONDS:
            return self.say("unit.seconds", value=duration(value))
        return self.say("unit.contacts", value=self.number(value))

    def time(self, ms: int, time_zone: str) -> str:
        """An instant as people of that time zone read it, to the minute."""
        local = datetime.fromtimestamp(ms / 1000, ZoneInfo(time_zone))
        if self.language == "de":
            return f"{local.day}.{local.month}.{local.year}, {local:%H:%M}"
        return f"{local.day} {local:%b} {local.year}, {local:%H:%M}"


def duration(seconds: float) -> str:
    """Seconds as m:ss, or h:mm:ss from an hour on."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def clock(minute: int) -> str:
    """A minute of the day as hh:mm."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def words(*locales: str) -> Words:
    """The language of the first of these locales that there is a catalogue for, else English."""
    for locale in locales:
        language = locale.casefold().replace("_", "-").split("-")[0]
        if language in CATALOGUES:
            return Words(language)
    return Words(DEFAULT)
