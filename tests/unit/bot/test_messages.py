import re
import string
from pathlib import Path

import pytest

from bot.messages import CATALOGUES, Words, clock, duration, words
from portal.domain.access.model import Permission, Role
from portal.domain.dashboards.definitions import MEANINGS
from portal.domain.dashboards.model import Definition, MetricName, Unit
from portal.settings import ROOT
from tests.fakes.clock import NOON_MS

ENGLISH = CATALOGUES["en"]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_catalogue_is_complete(language: str) -> None:
    catalogue = CATALOGUES[language]
    assert catalogue.keys() == ENGLISH.keys()
    for key, text in catalogue.items():
        assert text.strip(), key
        assert placeholders(text) == placeholders(ENGLISH[key]), key


def test_what_is_said_in_code_is_in_the_catalogue() -> None:
    said: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        said |= set(re.findall(r'\.say\(\s*"([\w.]+)"', Path(path).read_text(encoding="utf-8")))
    assert len(said) > 50
    assert said - ENGLISH.keys() == set()


def test_everything_with_a_name_has_it_in_the_catalogue() -> None:
    keys = {f"metric.{one}" for one in MetricName} | {f"meaning.{one}" for one in MetricName}
    keys |= {f"role.{one}" for one in Role} | {f"may.{one}" for one in Permission}
    keys |= {f"definition.{one}" for one in Definition}
    assert keys - ENGLISH.keys() == set()


def test_formulas_are_the_definitions_own() -> None:
    for name, meaning in MEANINGS.items():
        if name is not MetricName.SERVICE_LEVEL:
            assert ENGLISH[f"formula.{name}"] == meaning.formula
        assert ENGLISH[f"metric.{name}"] == meaning.title


@pytest.mark.parametrize(
    ("locales", "language"),
    [
        (("de-DE",), "de"),
        (("de_AT",), "de"),
        (("DE",), "de"),
        (("fr-FR",), "en"),
        (("", "de-CH"), "de"),
        (("en", "de"), "en"),
        (("deutsch",), "en"),
        ((), "en"),
    ],
)
def test_the_language_is_the_first_there_is_a_catalogue_for(
    locales: tuple[str, ...], language: str
) -> None:
    assert words(*locales).language == language


def test_numbers_and_times_are_written_as_in_the_language() -> None:
    english, german = Words("en"), Words("de")
    assert english.amount(1234.56, Unit.PERCENT) == "1,234.6 %"
    assert german.amount(1234.56, Unit.PERCENT) == "1.234,6 %"
    assert german.amount(12345, Unit.CONTACTS) == "12.345"
    assert english.time(NOON_MS, "Europe/London") == "25 Oct 2026, 12:00"
    assert german.time(NOON_MS, "Europe/Berlin") == "25.10.2026, 13:00"
    assert [duration(one) for one in (0, 59.6, 61, 3725)] == ["0:00", "1:00", "1:01", "1:02:05"]
    assert [clock(one) for one in (0, 61, 1439)] == ["00:00", "01:01", "23:59"]
