"""Giving and taking access in the tab, as a representative and as a managing partner do it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ACR, SUPERVISOR, Product, Teams
from tests.e2e.test_accessibility import NARROW, THEMES, violations

RESPONDER, PARTNER = "tomas.silva", "ruth.engel"
GRANTS, ROLES, REVIEW, IDENTITIES = (
    f"view=access&section={section}" for section in ("grants", "roles", "review", "break-glass")
)


@pytest.fixture
def managing(teams: Teams, fresh: Product) -> Teams:
    """The local Teams page on a service whose access may be changed."""
    teams.product = fresh
    return teams


def give(teams: Teams, person: str, role: str, why: str) -> None:
    """Fills the form and asks what it would do."""
    teams.tab.get_by_role("button", name="Give access").click()
    dialog = teams.tab.get_by_role("dialog")
    dialog.get_by_label("Person", exact=True).select_option(label=person)
    dialog.get_by_label("Role", exact=True).select_option(label=role)
    dialog.get_by_label("Why", exact=True).fill(why)
    dialog.get_by_role("button", name="See what changes").click()


def test_what_a_grant_does_is_seen_before_and_works_after(managing: Teams) -> None:
    managing.open(ACR, GRANTS)
    give(managing, "Tomas Silva", "Supervisor", "stands in during December")
    dialog = managing.tab.get_by_role("dialog")
    expect(dialog.get_by_text("see the dashboards")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(managing.tab.get_by_text("stands in during December")).to_be_visible()
    managing.open(RESPONDER)
    managing.wait_for("Offered: 10")


def test_a_form_that_lacks_something_says_what(managing: Teams) -> None:
    managing.open(ACR, GRANTS)
    managing.tab.get_by_role("button", name="Give access").click()
    managing.tab.get_by_role("button", name="See what changes").click()
    for said in ("Choose a person.", "Choose a role.", "Say why, in at least 3 characters."):
        expect(managing.tab.get_by_text(said)).to_be_visible()


def test_removing_access_shows_what_is_lost_and_takes_it(managing: Teams) -> None:
    managing.open(ACR, GRANTS)
    managing.tab.get_by_role("button", name="Remove: Sofia Lindqvist").click()
    dialog = managing.tab.get_by_role("dialog")
    expect(dialog.get_by_text("loses")).to_be_visible()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(managing.tab.get_by_role("heading", name="Sofia Lindqvist")).to_have_count(0)
    managing.open(SUPERVISOR)
    expect(managing.tab.get_by_text(re.compile("does not exist|No dashboards"))).to_be_visible()


def test_nobody_changes_their_own_grant(managing: Teams) -> None:
    managing.open(ACR, GRANTS)
    expect(managing.tab.get_by_role("button", name="Remove: Sofia Lindqvist")).to_be_visible()
    expect(managing.tab.get_by_role("button", name="Remove: Oliver Bright")).to_have_count(0)


def test_why_somebody_sees_something_is_told(managing: Teams) -> None:
    managing.open(ACR, GRANTS)
    managing.tab.get_by_role("button", name="What they see: Sofia Lindqvist").click()
    drawer = managing.tab.get_by_role("dialog")
    expect(drawer.get_by_text("Names of agents because of Supervisor")).to_be_visible()


def test_a_role_of_ones_own_is_made_and_given(managing: Teams) -> None:
    managing.open(ACR, ROLES)
    managing.tab.get_by_role("button", name="New role").click()
    dialog = managing.tab.get_by_role("dialog")
    dialog.get_by_label("Name of the role").fill("Wallboard")
    dialog.get_by_label("see the dashboards").check()
    dialog.get_by_role("button", name="Save").click()
    expect(managing.tab.get_by_role("heading", name="Wallboard")).to_be_visible()
    managing.open(ACR, GRANTS)
    give(managing, "Tomas Silva", "Wallboard", "screen in the hall")
    managing.tab.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(managing.tab.get_by_text("screen in the hall")).to_be_visible()


def test_a_partner_sees_identities_while_a_representative_allows_it(managing: Teams) -> None:
    managing.open(PARTNER, IDENTITIES, organization="harbour")
    managing.tab.get_by_role("button", name="Ask to see identities").click()
    dialog = managing.tab.get_by_role("dialog")
    dialog.get_by_label("Why", exact=True).fill("a complaint names an agent")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(managing.tab.get_by_text("Waiting for an answer")).to_be_visible()
    managing.open(ACR, IDENTITIES)
    expect(managing.tab.get_by_text("a complaint names an agent")).to_be_visible()
    managing.tab.get_by_role("button", name="Allow").click()
    expect(managing.tab.get_by_text("Allowed")).to_be_visible()
    managing.tab.get_by_role("button", name="End now").click()
    expect(managing.tab.get_by_text("Ended")).to_be_visible()


def test_the_matrix_is_downloaded(managing: Teams, tmp_path: Path) -> None:
    managing.open(ACR, REVIEW)
    with managing.page.expect_download() as waited:
        managing.tab.get_by_role("button", name="Download as CSV").click()
    file = tmp_path / waited.value.suggested_filename
    waited.value.save_as(file)
    assert file.name == "access-harbour.csv"
    assert "Sofia Lindqvist" in file.read_text(encoding="utf-8-sig")


def test_who_may_not_manage_access_has_no_such_view(teams: Teams) -> None:
    teams.open(SUPERVISOR, GRANTS)
    expect(teams.tab.get_by_role("button", name="Dashboard")).to_be_visible()
    expect(teams.tab.get_by_role("button", name="Access")).to_have_count(0)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(teams: Teams, theme: str) -> None:
    teams.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for place in (GRANTS, ROLES, REVIEW, IDENTITIES, "view=you"):
        teams.open(ACR, place, theme=theme)
        expect(teams.tab.locator("main h2").first).to_be_visible()
        expect(teams.tab.locator("main .skeleton")).to_have_count(0)
        assert violations(teams.frame) == []
        assert teams.overflow() == (0, 0)
    teams.open(ACR, GRANTS, theme=theme)
    give(teams, "Tomas Silva", "Supervisor", "a look at the form")
    expect(teams.tab.get_by_role("dialog").get_by_text("gains")).to_be_visible()
    assert violations(teams.frame) == []
