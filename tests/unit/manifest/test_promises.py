"""What the package promises is what bot and tab do."""

import re

import pytest

from bot import links
from bot.cards.pages import LISTED
from bot.channel import channel
from bot.messages import CATALOGUES
from bot.reading import Command, read
from manifest import capabilities, guide, template
from portal.settings import ROOT, Settings, variable

LANGUAGES = (template.LANGUAGE, *template.TRANSLATIONS)


def test_the_menus_offer_every_command_of_the_bot_that_help_does_not_alone() -> None:
    offered = {command.key for command in capabilities.COMMANDS}
    assert offered | capabilities.UNLISTED == {one.value for one in Command}
    assert offered.isdisjoint(capabilities.UNLISTED)
    assert set(LISTED) >= capabilities.UNLISTED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", capabilities.COMMANDS, ids=lambda one: one.key)
def test_the_bot_understands_what_the_menus_offer(
    language: str, command: capabilities.Command
) -> None:
    word = template.catalogue(language)[f"say.{command.key}"]
    assert read(word).command == Command(command.key)
    assert word == CATALOGUES[language][f"command.{command.key}"]


def test_the_package_speaks_every_language_of_the_bot() -> None:
    assert set(LANGUAGES) == set(CATALOGUES)


def test_links_of_cards_lead_to_a_tab_of_the_package() -> None:
    assert links.ENTITY in {tab.key for tab in capabilities.TABS}


def test_teams_delivers_where_the_bot_listens() -> None:
    assert capabilities.MESSAGES_PATH == channel.PATH


def test_the_guide_names_settings_that_exist() -> None:
    assert set(guide.SETTINGS) <= {variable(field) for field in Settings.model_fields}


def test_tabs_open_a_view_the_tab_has() -> None:
    shell = (ROOT / "tabs" / "src" / "app" / "Shell.tsx").read_text(encoding="utf-8")
    views = re.search(r"const VIEWS = \[(.*?)\]", shell, re.DOTALL)
    assert views is not None
    for tab in capabilities.TABS:
        asked = re.fullmatch(r"/tab/(?:\?view=(\w+))?", tab.path)
        assert asked is not None
        assert f'"{asked[1] or "dashboard"}"' in views[1]


def test_tab_ids_are_those_the_tab_knows() -> None:
    host = (ROOT / "tabs" / "src" / "teams" / "host.ts").read_text(encoding="utf-8")
    board = re.search(r'const BOARD = "(\w+)"', host)
    assert board is not None
    assert board[1] == capabilities.BOARD
    assert capabilities.BOARD not in {tab.key for tab in capabilities.TABS}
    assert f"`${{location.origin}}{capabilities.TAB_PATH}`" in host
