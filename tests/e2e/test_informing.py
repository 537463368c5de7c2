"""People informed in the tab: published, asked for before figures, confirmed, counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ACR, Teams, running
from tests.e2e.test_accessibility import NARROW, THEMES, violations

AGENT, OFFICER = "amira.khan", "hana.novak"
PEOPLE = "view=setup&section=people"


@pytest.fixture
def fresh(teams: Teams, tmp_path: Path) -> Iterator[Teams]:
    """The local Teams page on a service of its own."""
    with running(tmp_path / "data") as started:
        teams.product = started
        yield teams


def test_a_notice_is_published_asked_for_confirmed_and_counted(fresh: Teams) -> None:
    tab = fresh.tab
    fresh.open(ACR, PEOPLE)
    expect(tab.get_by_text("Not derivable: no notice has been published.")).to_be_visible()
    tab.get_by_label("Heading").nth(1).fill("")
    tab.get_by_role("button", name="Publish and ask everybody").click()
    expect(tab.get_by_text("Give heading and text.")).to_be_visible()
    tab.get_by_label("Heading").nth(1).fill("Ihre Anrufe")
    tab.get_by_role("button", name="Publish and ask everybody").click()
    expect(tab.get_by_text("Edition 1 is published.")).to_be_visible()
    tab.get_by_label("Figures wait").check()
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("0 of 1 people")).to_be_visible()

    fresh.open(AGENT, "")
    expect(tab.get_by_text("Your organisation asks you to read a notice")).to_be_visible()
    expect(tab.get_by_text("then figures are here")).to_be_visible()
    expect(tab.get_by_text("This could not be loaded")).to_have_count(0)
    tab.get_by_role("button", name="Read it").click()
    expect(tab.get_by_text("Switchroom counts the calls")).to_be_visible()
    tab.get_by_role("button", name="I have read it").focus()
    fresh.page.keyboard.press("Enter")
    expect(tab.get_by_text("You confirmed it on")).to_be_visible()
    tab.get_by_role("button", name="Dashboard").click()
    expect(tab.get_by_text("Your organisation asks you")).to_have_count(0)
    expect(tab.get_by_text("then figures are here")).to_have_count(0)

    fresh.open(ACR, PEOPLE)
    expect(tab.get_by_text("1 of 1 people")).to_be_visible()
    expect(tab.get_by_role("cell", name="Amira Khan")).to_be_visible()
    fresh.open(OFFICER, PEOPLE)
    expect(tab.get_by_text("1 of 1 people")).to_be_visible()
    expect(tab.get_by_text("Amira Khan")).to_have_count(0)
    expect(tab.get_by_role("button", name="Publish and ask everybody")).to_have_count(0)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(fresh: Teams, theme: str) -> None:
    fresh.open(ACR, PEOPLE, theme=theme)
    fresh.tab.get_by_role("button", name="Publish and ask everybody").click()
    expect(fresh.tab.get_by_text("Edition 1 is published.")).to_be_visible()
    assert violations(fresh.frame) == []
    fresh.open(AGENT, "view=notice", theme=theme)
    expect(fresh.tab.get_by_role("button", name="I have read it")).to_be_visible()
    assert violations(fresh.frame) == []
    fresh.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for person, page in ((ACR, PEOPLE), (AGENT, "view=notice")):
        fresh.open(person, page, theme=theme)
        expect(fresh.tab.get_by_role("heading", level=3).first).to_be_visible()
        assert fresh.overflow() == (0, 0)
