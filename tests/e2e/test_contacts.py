"""From figures to contacts, and contact files in from the tab."""

import re

from playwright.sync_api import Page, expect

from tests.e2e import contact_files
from tests.e2e.conftest import ACR, SUPERVISOR, Product, Teams


def test_the_keyboard_opens_the_contacts_behind_a_figure(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    tile = teams.tile("Abandoned: 2")
    tile.focus()
    teams.page.keyboard.press("Enter")
    drawer = teams.tab.get_by_role("dialog", name="Abandoned: contacts")
    expect(drawer.get_by_text("2 of 2 contacts")).to_be_visible()
    expect(drawer.get_by_role("row")).to_have_count(3)
    teams.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(tile).to_be_focused()


def test_customers_are_masked(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    teams.tile("Offered: 10").click()
    drawer = teams.tab.get_by_role("dialog")
    expect(drawer.get_by_role("row")).to_have_count(11)
    assert not re.search(r"\d{6}", drawer.inner_text().replace(" ", ""))


def test_a_table_cell_opens_the_contacts_of_its_row(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    queues = teams.tab.get_by_role("table", name="Queues")
    queues.get_by_role("button", name="Offered, Claims: 4").click()
    drawer = teams.tab.get_by_role("dialog", name="Offered: contacts")
    expect(drawer.get_by_text("Queue Claims")).to_be_visible()
    expect(drawer.get_by_role("row")).to_have_count(5)


def test_an_import_appears_without_reload(page: Page, fresh: Product) -> None:
    teams = Teams(page, fresh)
    teams.open(SUPERVISOR)
    teams.wait_for("Offered: 10")
    expect(teams.tab.get_by_text("Live", exact=True)).to_be_visible()
    teams.mark()
    fresh.import_file(contact_files.five_more())
    teams.wait_for("Offered: 15")
    teams.wait_for("Service level: 80.0%")
    assert teams.is_unreloaded()


def test_where_streams_do_not_pass_figures_are_polled(page: Page, fresh: Product) -> None:
    teams = Teams(page, fresh)
    page.route("**/api/dashboards/live", lambda route: route.abort())
    teams.open(SUPERVISOR)
    expect(teams.tab.get_by_text("Every 10 s")).to_be_visible()
    fresh.import_file(contact_files.five_more())
    expect(teams.tile("Offered: 15")).to_be_visible(timeout=30_000)


def test_files_are_imported_from_the_tab(page: Page, fresh: Product) -> None:
    teams = Teams(page, fresh)
    teams.open(ACR)
    teams.wait_for("Offered: 10")
    teams.mark()
    teams.tab.get_by_role("button", name="Import contacts").click()
    dialog = teams.tab.get_by_role("dialog", name="Import contacts")
    content = contact_files.five_more() + b'{"ContactId": 7}\n'
    dialog.locator("input[type=file]").set_input_files(
        {"name": "more.jsonl", "mimeType": "application/json", "buffer": content}
    )
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_label("Report")).to_contain_text(re.compile(r"Accepted\s*5"))
    rejected = dialog.get_by_role("table", name="Rejected rows")
    expect(rejected.get_by_role("rowheader", name="6")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    teams.wait_for("Offered: 15")
    assert teams.is_unreloaded()
    teams.tab.get_by_role("button", name="Imports").click()
    teams.tab.get_by_role("button", name=re.compile("more.jsonl")).click()
    expect(teams.tab.get_by_role("table", name="Rejected rows")).to_be_visible()


def test_an_unusable_file_is_explained(teams: Teams) -> None:
    teams.open(ACR)
    teams.tab.get_by_role("button", name="Import contacts").click()
    dialog = teams.tab.get_by_role("dialog", name="Import contacts")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" * 9}
    )
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.locator(".problem")).to_be_visible()


def test_import_settings_survive_closing(teams: Teams) -> None:
    teams.open(ACR)
    button = teams.tab.get_by_role("button", name="Import contacts")
    button.click()
    dialog = teams.tab.get_by_role("dialog", name="Import contacts")
    dialog.get_by_label("Source").select_option("three-cx")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "cdr.csv", "mimeType": "text/csv", "buffer": b"x"}
    )
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("queue extension")
    dialog.get_by_label("Queue extensions").fill("610,611")
    teams.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    button.click()
    expect(dialog.get_by_label("Queue extensions")).to_have_value("610,611")
    expect(dialog.get_by_text("cdr.csv")).to_be_visible()
