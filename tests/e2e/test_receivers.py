"""Other systems that hear of incidents, erasing a reporter, and two people at one incident, in the
tab."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ACR, Product, Teams, running
from tests.e2e.test_accessibility import NARROW, THEMES, violations
from tests.e2e.test_incidents import RESPONDER, SEEN, button, part, report

SYSTEMS = "view=incidents&section=receivers"
CASE = "view=incidents&incident=00000001"
TARGET = "https://127.0.0.1:9443/in?token=t0psecret"


@pytest.fixture
def watching(teams: Teams, tmp_path: Path) -> Iterator[Teams]:
    """The local Teams page on a service of the test's own without contacts."""
    with running(tmp_path / "data") as fresh:
        teams.product = fresh
        yield teams


def told(product: Product, **said: str) -> Any:
    """A system that is told, made over HTTP."""
    body = {"name": "Our SIEM", "way": "webhook", "target": TARGET, **said}
    return product.call(
        "/api/incidents/receivers",
        person=ACR,
        body=json.dumps(body).encode(),
        kind="application/json",
    )


def test_a_system_is_added_tried_given_a_new_secret_and_removed(watching: Teams) -> None:
    watching.open(ACR, SYSTEMS)
    tab = watching.tab
    button(watching, "Add a system").click()
    tab.get_by_label("Name").fill("Our SIEM")
    tab.get_by_label("Address (https://…)").fill("http://127.0.0.1/")
    button(watching, "Save").click()
    expect(tab.get_by_text("An address that begins with https://, of a public")).to_be_visible()
    tab.get_by_label("Address (https://…)").fill(TARGET)
    tab.get_by_label("What is told").select_option("texts")
    expect(tab.get_by_role("note")).to_contain_text("personal data")
    tab.get_by_label("What is told").select_option("facts")
    button(watching, "Save").click()
    secret = tab.locator("code")
    expect(secret).to_contain_text("whsec_")
    first = secret.text_content()
    button(watching, "I have it").click()
    expect(secret).to_have_count(0)
    card = part(watching, "Our SIEM")
    expect(card).to_contain_text("https://127.0.0.1:9443/…")
    expect(card).not_to_contain_text("t0psecret")
    card.get_by_role("button", name="Send a trial").click()
    card.get_by_text("What was sent").click()
    expect(card.get_by_role("cell", name="Trial")).to_be_visible()
    card.get_by_role("button", name="New secret").click()
    expect(secret).to_contain_text("whsec_")
    assert secret.text_content() != first
    expect(card.get_by_role("button", name="End it now")).to_be_visible()
    card.get_by_role("button", name="Remove").click()
    card.get_by_role("button", name="Remove it now").click()
    expect(tab.get_by_text("No system is told yet.")).to_be_visible()


def test_only_the_representative_sees_other_systems(watching: Teams) -> None:
    watching.open(RESPONDER, SYSTEMS)
    parts = watching.tab.get_by_role("navigation", name="Parts of this view")
    expect(parts.get_by_role("button")).to_have_text(
        ["Queue", "Report", "My reports", "Statistics"]
    )


def test_a_reporter_is_erased_and_the_facts_stay(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, CASE)
    expect(watching.tab.get_by_text("A mail of [email]")).to_be_visible()
    button(watching, "Erase the reporter").click()
    button(watching, "Erase for good").click()
    expect(watching.tab.get_by_text("What the reporter wrote was erased.")).to_be_visible()
    expect(watching.tab.get_by_text("A mail of [email]")).to_have_count(0)
    row = watching.product.call("/api/incidents/00000001", person=RESPONDER)
    assert (row["reporter"], row["row"]["category"]) == (None, "phishing")
    assert SEEN not in str(row)


def test_of_two_who_take_an_incident_one_wins_and_the_other_sees_it(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, CASE)
    expect(button(watching, "I take it")).to_be_visible()
    other = Teams(watching.page.context.new_page(), watching.product)
    other.open("hana.novak", CASE)
    button(other, "I take it").click()
    expect(other.tab.get_by_label("Led by")).to_have_value("hana.novak")
    button(watching, "I take it").click()
    expect(watching.tab.get_by_text("Somebody else changed it meanwhile.")).to_be_visible()
    expect(watching.tab.get_by_label("Led by")).to_have_value("hana.novak")
    version = watching.product.call("/api/incidents/00000001", person=RESPONDER)["row"]["version"]
    assert version == 2
    other.page.close()


def test_axe_finds_nothing_and_nothing_scrolls_sideways(watching: Teams) -> None:
    report(watching.product)
    told(watching.product)
    told(watching.product, name="Tickets", way="mail", target="t@harbour.example", content="texts")
    watching.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for theme in THEMES:
        watching.open(ACR, SYSTEMS, theme=theme)
        part(watching, "Our SIEM").get_by_text("What was sent").click()
        button(watching, "Add a system").click()
        expect(watching.tab.get_by_role("form", name="Another system")).to_be_visible()
        assert violations(watching.frame) == [], theme
        assert watching.overflow() == (0, 0), theme


def test_a_system_is_added_by_keyboard_alone(watching: Teams) -> None:
    watching.open(ACR, SYSTEMS)
    keyboard = watching.page.keyboard
    button(watching, "Add a system").focus()
    keyboard.press("Enter")
    name = watching.tab.get_by_label("Name")
    expect(name).to_be_visible()
    name.focus()
    keyboard.type("Our SIEM")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type(TARGET)
    keyboard.press("Enter")
    expect(watching.tab.locator("code")).to_contain_text("whsec_")
    assert len(watching.product.call("/api/incidents/receivers", person=ACR)["receivers"]) == 1
