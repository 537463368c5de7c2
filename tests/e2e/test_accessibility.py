"""Themes, narrow screens and axe: the tab for everybody."""

from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.conftest import ACR, SUPERVISOR, TABS, Teams
from tests.e2e.contact_files import TARGET

AXE = (TABS / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = """axe.run().then(({violations}) => violations.map(({id, impact, nodes}) =>
    [id, impact, nodes.map(({html, failureSummary}) => html.slice(0, 200) + failureSummary)]))"""
THEMES = ("default", "dark", "contrast")
NARROW = {"width": 360, "height": 740}


def violations(where: Page | Frame) -> Any:
    """What axe objects to, with all of its rules."""
    where.evaluate(AXE)
    return where.evaluate(RUN)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_the_dashboard(teams: Teams, theme: str) -> None:
    teams.open(ACR, theme=theme)
    teams.wait_for("Offered: 10")
    expect(teams.tab.get_by_role("table", name="Agents")).to_be_visible()
    teams.tab.get_by_role("button", name="Table").click()
    teams.tab.get_by_label("All figures").check()
    assert violations(teams.frame) == []
    assert violations(teams.page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_drawer_and_dialog(teams: Teams, theme: str) -> None:
    teams.open(ACR, theme=theme)
    teams.tile("Offered: 10").click()
    expect(teams.tab.get_by_role("dialog").get_by_role("row")).to_have_count(11)
    assert violations(teams.frame) == []
    teams.page.keyboard.press("Escape")
    teams.tab.get_by_role("button", name="Import contacts").click()
    teams.tab.get_by_label("Source").select_option("three-cx")
    assert violations(teams.frame) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_elsewhere(teams: Teams, theme: str) -> None:
    for view in ("reconciliation", "imports"):
        teams.open(ACR, f"{TARGET}&view={view}", theme=theme)
        expect(teams.tab.locator(".card").first).to_be_visible()
        assert violations(teams.frame) == []
    teams.open(ACR, "from=2026-03-03&to=2026-03-03", theme=theme)
    expect(teams.tab.get_by_role("heading", name="No contacts in this range")).to_be_visible()
    assert violations(teams.frame) == []


def test_the_tab_follows_the_theme_of_teams_without_reload(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    teams.wait_for("Offered: 10")
    teams.mark()
    html = teams.tab.locator("html")
    expect(html).to_have_attribute("data-theme", "default")
    for theme in ("dark", "contrast", "default"):
        teams.page.get_by_label("Theme").select_option(theme)
        expect(html).to_have_attribute("data-theme", theme)
    assert teams.is_unreloaded()


def test_nothing_scrolls_sideways_on_a_narrow_screen(teams: Teams) -> None:
    teams.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    teams.open(ACR)
    teams.wait_for("Offered: 10")
    expect(teams.tab.get_by_role("table", name="Agents")).to_be_visible()
    assert teams.overflow() == (0, 0)
    teams.tab.get_by_role("button", name="Filters").click()
    teams.tab.get_by_label("All figures").check()
    teams.tab.get_by_role("button", name="Table").click()
    assert teams.overflow() == (0, 0)
    teams.tile("Offered: 10").click()
    drawer = teams.tab.get_by_role("dialog")
    expect(drawer.get_by_text("10 of 10 contacts")).to_be_visible()
    body = drawer.locator(".modal-body")
    assert body.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    for view in ("reconciliation", "imports"):
        teams.open(ACR, f"{TARGET}&view={view}")
        expect(teams.tab.locator(".card").first).to_be_visible()
        assert teams.overflow() == (0, 0)


def test_everything_is_reached_by_keyboard_with_a_visible_focus(teams: Teams) -> None:
    teams.open(ACR)
    teams.wait_for("Offered: 10")
    teams.tab.get_by_role("button", name="Dashboard").focus()
    seen: list[str] = []
    for _ in range(30):
        teams.page.keyboard.press("Tab")
        said = teams.frame.evaluate(
            """() => {
                const at = document.activeElement, look = getComputedStyle(at);
                const ring = look.outlineStyle !== 'none' || look.boxShadow !== 'none'
                    || at.hasAttribute('data-fui-focus-visible');
                return [at.tagName, at.className, ring, at.textContent.slice(0, 40)];
            }"""
        )
        assert said[2], f"no visible focus on {said}"
        seen.append(f"{said[0]} {said[3]}")
    wanted = ("Import contacts", "Today", "All queues", "Partly", "Service level", "Offered")
    found = [name for name in wanted if any(name in one for one in seen)]
    assert {"Import contacts", "All queues", "Service level", "Offered"} <= set(found), seen
