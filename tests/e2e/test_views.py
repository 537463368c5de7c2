"""Saved views: kept, shared, opened by others, removed."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import SUPERVISOR, Product, Teams
from tests.e2e.test_accessibility import NARROW, violations

AGENT, ACR = "amira.khan", "oliver.bright"
TITLE = "Claims in the morning"


@pytest.fixture
def keeping(teams: Teams, fresh: Product) -> Teams:
    """The local Teams page on a service of the test's own."""
    teams.product = fresh
    return teams


def save(teams: Teams, shared_with: str | None = None) -> None:
    """Saves what is shown with two figures and without the course over time."""
    teams.tab.get_by_role("button", name="Views: Views").click()
    teams.tab.get_by_role("button", name="Save what is shown as a view").click()
    dialog = dialog_of(teams)
    dialog.get_by_label("Name", exact=True).fill(TITLE)
    dialog.get_by_role("button", name="Figures: All figures").click()
    for figure in ("Service level", "Offered"):
        dialog.get_by_label(figure, exact=True).check()
    teams.page.keyboard.press("Escape")
    dialog.get_by_role("checkbox", name="Course over time").uncheck()
    dialog.get_by_role("button", name="Move Queues up").click()
    if shared_with:
        dialog.get_by_label("Who sees it").select_option(label=shared_with)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(teams.tab.get_by_role("button", name=f"Views: {TITLE}")).to_be_visible()


def dialog_of(teams: Teams) -> Locator:
    """The dialog that saves a view."""
    return teams.tab.get_by_role("dialog", name="Save a view")


def test_a_view_shows_what_was_kept_in_its_order(keeping: Teams) -> None:
    keeping.open(SUPERVISOR)
    keeping.wait_for("Offered: 10")
    save(keeping)
    tab = keeping.tab
    expect(tab.get_by_role("group", name="Answered:")).to_have_count(0)
    expect(tab.get_by_role("img", name="Course")).to_have_count(0)
    queues, figures = tab.get_by_role("table", name="Queues"), tab.locator(".tiles")
    above, below = queues.bounding_box(), figures.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]


def test_a_view_shared_with_a_role_is_there_for_who_holds_it(keeping: Teams) -> None:
    keeping.open(SUPERVISOR)
    keeping.wait_for("Offered: 10")
    save(keeping, shared_with="Agent")
    keeping.open(AGENT)
    keeping.tab.get_by_role("button", name="Views: Views").click()
    expect(keeping.tab.get_by_text("Shared with Agent")).to_be_visible()
    expect(keeping.tab.get_by_role("button", name=f"Change {TITLE}")).to_have_count(0)
    keeping.tab.get_by_role("button", name=TITLE, exact=True).click()
    expect(keeping.tab.get_by_role("button", name=f"Views: {TITLE}")).to_be_visible()


def test_a_channel_shows_a_shared_view_to_whom_it_is_shared_with(keeping: Teams) -> None:
    keeping.open(SUPERVISOR)
    keeping.wait_for("Offered: 10")
    save(keeping, shared_with="Agent")
    keeping.open(SUPERVISOR, sub_page="", view="channel")
    settings = keeping.page.frame_locator("iframe[title='Tab settings']")
    settings.get_by_role("radio", name=f"View: {TITLE}").check()
    keeping.page.get_by_role("button", name="Save").click()
    for person in (SUPERVISOR, AGENT):
        expect(keeping.tab.get_by_role("heading", name=re.compile(f"^{TITLE}"))).to_be_visible()
        keeping.wait_for("Offered")
        expect(keeping.tile("Answered:")).to_have_count(0)
        expect(keeping.tab.get_by_role("heading", name="Today")).to_have_count(0)
        if person != AGENT:
            keeping.page.get_by_label("Person").select_option(AGENT)
    keeping.page.get_by_label("Person").select_option("hana.novak")
    expect(keeping.tab.get_by_text("This view is not shared with you")).to_be_visible()
    expect(keeping.tile("Offered")).to_have_count(0)


def test_a_removed_view_is_gone_and_the_dashboard_whole_again(keeping: Teams) -> None:
    keeping.open(SUPERVISOR)
    keeping.wait_for("Offered: 10")
    save(keeping)
    keeping.tab.get_by_role("button", name=f"Remove {TITLE}").click()
    keeping.tab.get_by_role("button", name=f"Really remove {TITLE}").click()
    expect(keeping.tab.get_by_text("No views are saved yet.")).to_be_visible()
    keeping.wait_for("Answered: ")


def test_axe_finds_nothing_and_nothing_scrolls_sideways(keeping: Teams) -> None:
    keeping.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    keeping.open(SUPERVISOR)
    keeping.wait_for("Offered: 10")
    save(keeping)
    assert violations(keeping.frame) == []
    assert keeping.overflow() == (0, 0)
    keeping.tab.get_by_role("button", name=f"Change {TITLE}").click()
    expect(keeping.tab.get_by_role("dialog", name="Change the view")).to_be_visible()
    assert violations(keeping.frame) == []
