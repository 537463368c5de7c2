"""The register of who outside asked for data, in the tab; and what is held of whom for what."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ACR, SUPERVISOR, Product, Teams
from tests.e2e.test_accessibility import NARROW, THEMES, violations

OFFICER, VIEW = "hana.novak", "view=disclosures"
ASKED = {
    "requester": "A court of Musterstadt",
    "basis": "legal_order",
    "reference": "4 O 12/26",
    "data": ["recordings", "contact_records"],
    "whose": ["customers"],
}


@pytest.fixture
def register(teams: Teams, fresh: Product) -> Teams:
    """The local Teams page on a service that nobody asked anything of."""
    teams.product = fresh
    return teams


def press(teams: Teams, name: str) -> None:
    """Presses a button."""
    teams.tab.get_by_role("button", name=name, exact=True).click()


def test_a_request_is_entered_by_one_and_granted_by_another(register: Teams) -> None:
    tab = register.tab
    register.open(ACR, VIEW)
    expect(tab.get_by_text("Nobody outside has asked for anything.")).to_be_visible()
    press(register, "Enter a request")
    tab.get_by_label("Who asks").fill(ASKED["requester"])  # type: ignore[arg-type]
    tab.get_by_label("Order, file or consent").fill("4 O 12/26")
    for data in ("recordings", "records of calls and chats", "customers"):
        tab.get_by_role("checkbox", name=data).check()
    press(register, "Enter")
    tab.get_by_role("button", name="Show:", exact=False).click()
    expect(tab.get_by_text("You entered the request, so somebody else grants it.")).to_be_visible()
    expect(tab.get_by_role("button", name="Grant what is chosen")).to_have_count(0)

    register.open(OFFICER, VIEW)
    tab.get_by_role("button", name="Show:", exact=False).click()
    tab.get_by_role("checkbox", name="recordings").check()
    tab.get_by_label("Why").fill("Only what the order names")
    press(register, "Grant what is chosen")
    expect(tab.get_by_text("Nothing is granted before everything was looked at.")).to_be_visible()
    for check in tab.get_by_role("group", name="What was looked at").get_by_role("checkbox").all():
        check.check()
    press(register, "Grant what is chosen")
    expect(tab.get_by_text("narrowed").first).to_be_visible()
    expect(tab.get_by_text("Those concerned are to be told now.")).to_be_visible()
    tab.get_by_role("checkbox", name="recordings").check()
    tab.get_by_label("How and to whom").fill("On a disk, to the clerk")
    press(register, "Enter")
    expect(tab.get_by_role("heading", name="3. Handed over")).to_be_visible()


def test_the_register_is_taken_away_as_a_file(register: Teams, tmp_path: Path) -> None:
    register.open(ACR, VIEW)
    with register.page.expect_download() as taken:
        press(register, "Export JSON")
    path = tmp_path / "register.json"
    taken.value.save_as(path)
    assert json.loads(path.read_text(encoding="utf-8"))["organization"] == "harbour"


def test_who_may_not_know_has_no_such_view(register: Teams) -> None:
    register.open(SUPERVISOR, VIEW)
    expect(register.tab.get_by_role("button", name="Disclosures")).to_have_count(0)


def test_everybody_sees_what_is_held_of_them_and_what_for(register: Teams) -> None:
    register.open(SUPERVISOR, "view=you")
    section = register.tab.get_by_role("region", name="Contact data and what it is for")
    expect(section.get_by_text("signing in and naming who did what")).to_be_visible()
    expect(section.get_by_text("Of your organisation")).to_have_count(0)
    expect(section.get_by_text("Never used for: news and advertising, bills.")).to_be_visible()
    register.open(ACR, "view=you")
    expect(section.get_by_text("Of your organisation")).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_register(register: Teams, theme: str) -> None:
    register.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    register.open(ACR, VIEW, theme=theme)
    press(register, "Enter a request")
    assert violations(register.frame) == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert register.frame.evaluate(wide) == 0
    register.open(ACR, "view=you", theme=theme)
    expect(register.tab.get_by_text("Of your organisation")).to_be_visible()
    assert violations(register.frame) == []
