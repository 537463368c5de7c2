"""Security incidents in the tab: reporting, asking and answering, handling, counting."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import ACR, Product, Teams, running
from tests.e2e.test_accessibility import NARROW, THEMES, violations

AGENT, RESPONDER, PARTNER = "amira.khan", "tomas.silva", "ruth.engel"
REPORT, OWN, STATISTICS = (
    f"view=incidents&section={section}" for section in ("report", "own", "statistics")
)
ADDRESS = "helper@phish.example"
SEEN = f"A mail of {ADDRESS} asked for my password."
QUESTION = "Did you open the link?"


@pytest.fixture
def watching(teams: Teams, tmp_path: Path) -> Any:
    """The local Teams page on a service of the test's own without contacts."""
    with running(tmp_path / "data") as fresh:
        teams.product = fresh
        yield teams


def report(product: Product, what: str = SEEN, **said: object) -> Any:
    """Reports as the agent; the receipt."""
    body = {"category": "phishing", "what": what, **said}
    return product.call(
        "/api/incidents",
        person=AGENT,
        body=json.dumps(body).encode(),
        kind="application/json",
    )


def change(product: Product, id: str, path: str, body: object, method: str = "PUT") -> Any:
    """Changes an incident as the representative, over what stands now."""
    version = product.call(f"/api/incidents/{id}", person=ACR)["row"]["version"]
    return product.call(
        f"/api/incidents/{id}/{path}?version={version}",
        person=ACR,
        body=json.dumps(body).encode(),
        method=method,
        kind="application/json",
    )


def button(teams: Teams, name: str) -> Locator:
    """The button of exactly that name."""
    return teams.tab.get_by_role("button", name=name, exact=True)


def part(teams: Teams, name: str) -> Locator:
    """A part of an incident."""
    return teams.tab.get_by_role("region", name=name, exact=True)


def test_a_report_shows_what_is_masked_and_gives_a_receipt(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    tab = watching.tab
    tab.get_by_label("What seems to have happened").select_option("phishing")
    tab.get_by_label("What happened", exact=True).fill(SEEN)
    button(watching, "Send the report").click()
    expect(tab.get_by_text("[email]")).to_be_visible()
    button(watching, "Send the report now").click()
    receipt = tab.get_by_role("status", name="Your report has arrived")
    expect(receipt).to_contain_text("SR-000001")
    expect(receipt).to_contain_text("Masked before it was kept: 1")
    button(watching, "Follow the report").click()
    expect(tab.get_by_text("A mail of [email] asked for my password.")).to_be_visible()
    stored = watching.product.call("/api/incidents/own", person=AGENT)["reports"][0]
    expect(tab.get_by_text(stored["code"])).to_be_visible()


def test_what_the_reporter_keeps_stays_as_written(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    tab = watching.tab
    tab.get_by_label("What happened", exact=True).fill(SEEN)
    button(watching, "Send the report").click()
    tab.get_by_label("Mail addresses").check()
    expect(tab.locator(".incidents-found mark")).to_have_count(0)
    button(watching, "Send the report now").click()
    button(watching, "Follow the report").click()
    expect(tab.get_by_text(SEEN)).to_be_visible()


def test_a_draft_survives_a_reload_but_not_its_sending(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    field = watching.tab.get_by_label("What happened", exact=True)
    field.fill("A stranger at the door")
    watching.tab.get_by_label("How bad it is").select_option("high")
    assert "stranger" not in watching.frame.url
    watching.open(AGENT, REPORT)
    expect(field).to_have_value("A stranger at the door")
    expect(watching.tab.get_by_label("How bad it is")).to_have_value("high")
    assert "stranger" not in watching.frame.url
    button(watching, "Send the report").click()
    button(watching, "Report something else").click()
    expect(field).to_have_value("")
    watching.open(AGENT, REPORT)
    expect(field).to_have_value("")


def test_an_empty_report_says_what_it_lacks(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    button(watching, "Send the report").click()
    expect(watching.tab.get_by_text("Say what happened.")).to_be_visible()


def test_an_open_report_of_the_same_kind_can_be_added_to(watching: Teams) -> None:
    report(watching.product)
    watching.open(AGENT, REPORT)
    tab = watching.tab
    tab.get_by_label("What seems to have happened").select_option("phishing")
    tab.get_by_label("You have open reports of this kind").select_option(label="Add to SR-000001")
    tab.get_by_label("What happened", exact=True).fill("Another one came")
    button(watching, "Send the report").click()
    button(watching, "Follow the report").click()
    expect(tab.get_by_text("Another one came")).to_be_visible()
    assert len(watching.product.call("/api/incidents/own", person=AGENT)["reports"]) == 1


def test_who_only_reports_sees_reporting_alone(watching: Teams) -> None:
    watching.open(AGENT, "view=incidents")
    parts = watching.tab.get_by_role("navigation", name="Parts of this view")
    expect(parts.get_by_role("button")).to_have_text(["Report", "My reports"])


def test_a_responder_without_dashboards_lands_in_the_queue(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, "")
    views = watching.tab.get_by_role("navigation", name="Views")
    expect(views.get_by_role("button")).to_have_text(["Incidents", "Policies", "You"])
    expect(button(watching, "SR-000001")).to_be_visible()
    watching.tab.get_by_label("State").select_option(label="closed")
    expect(watching.tab.get_by_text("Nothing here.")).to_be_visible()


def test_a_question_is_asked_and_answered_and_a_note_stays_inside(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, "view=incidents&incident=00000001")
    talk, notes = part(watching, "With the reporter"), part(watching, "Internal notes")
    talk.get_by_label("To the reporter").fill(QUESTION)
    talk.get_by_role("button", name="Ask").click()
    expect(talk.get_by_text(QUESTION)).to_be_visible()
    notes.get_by_label("Note").fill("Known campaign")
    notes.get_by_role("button", name="Keep note").click()
    expect(notes.get_by_text("Known campaign")).to_be_visible()
    watching.open(AGENT, OWN)
    expect(watching.tab.get_by_text("a question waits for you")).to_be_visible()
    button(watching, "SR-000001").click()
    expect(watching.tab.get_by_text(QUESTION)).to_be_visible()
    expect(watching.tab.get_by_text("Known campaign")).to_have_count(0)
    watching.tab.get_by_role("textbox", name="Your answer").fill("No, I did not.")
    button(watching, "Send").click()
    expect(watching.tab.get_by_text("No, I did not.")).to_be_visible()
    expect(watching.tab.get_by_text("a question waits for you")).to_have_count(0)
    watching.open(RESPONDER, "view=incidents&incident=00000001")
    expect(part(watching, "With the reporter").get_by_text("No, I did not.")).to_be_visible()


def test_an_incident_is_taken_and_brought_on_by_its_steps(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, "view=incidents&incident=00000001")
    button(watching, "I take it").click()
    expect(watching.tab.get_by_label("Led by")).to_have_value(RESPONDER)
    tasks = part(watching, "Tasks")
    tasks.get_by_label("New task").fill("Block the sender")
    tasks.get_by_role("button", name="Add").click()
    tasks.get_by_label("Block the sender").click()
    expect(tasks.get_by_label("Block the sender")).to_be_checked()
    state = part(watching, "State and rating")
    expect(state.get_by_role("button")).to_have_text(["Accept"])
    for step in ("Accept", "Investigate", "Contained", "Resolved", "Close"):
        state.get_by_role("button", name=step, exact=True).click()
    expect(state.get_by_role("button")).to_have_text(["Open again"])
    row = watching.product.call("/api/incidents/00000001", person=RESPONDER)["row"]
    assert (row["state"], row["lead_name"]) == ("closed", "Tomas Silva")


def test_a_change_over_what_stood_before_shows_what_stands_now(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, "view=incidents&incident=00000001")
    notes = part(watching, "Internal notes")
    notes.get_by_label("Note").fill("Written meanwhile")
    change(watching.product, "00000001", "state", {"state": "triaged"})
    notes.get_by_role("button", name="Keep note").click()
    expect(watching.tab.get_by_text("Somebody else changed it meanwhile.")).to_be_visible()
    expect(watching.tab.get_by_role("button", name="Investigate")).to_be_visible()
    expect(notes.get_by_label("Note")).to_have_value("Written meanwhile")
    notes.get_by_role("button", name="Keep note").click()
    expect(notes.locator("li").get_by_text("Written meanwhile")).to_be_visible()


def test_a_breach_runs_its_clock_until_it_is_decided(watching: Teams) -> None:
    report(watching.product, severity="high")
    watching.open(RESPONDER, "view=incidents&incident=00000001")
    breach = part(watching, "Breach of personal data")
    breach.get_by_role("button", name="Start the clocks").click()
    expect(breach.get_by_text("Notify the authority: until")).to_be_visible()
    breach.get_by_role("button", name="Draft of the notification").click()
    expect(breach.locator("pre")).to_contain_text("SR-000001")
    breach.get_by_label("Why it is notified or not").fill("Nothing left the house")
    breach.get_by_role("button", name="Do not notify").click()
    expect(breach.get_by_text("The authority is not notified.")).to_be_visible()


def test_partners_see_counts_and_no_content(watching: Teams) -> None:
    report(watching.product)
    watching.open(PARTNER, STATISTICS)
    parts = watching.tab.get_by_role("navigation", name="Parts of this view")
    expect(parts.get_by_role("button")).to_have_text(["Report", "My reports", "Statistics"])
    expect(part(watching, "Now").locator("dd").first).to_have_text("1")
    expect(watching.tab.get_by_role("button", name="Table for auditors")).to_have_count(0)


def test_auditors_get_a_table(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, STATISTICS)
    with watching.page.expect_download() as coming:
        watching.tab.get_by_role("button", name="Table for auditors").click()
    text = Path(coming.value.path()).read_text(encoding="utf-8")
    assert "SR-000001" in text
    assert "password" not in text


def test_on_paper_there_is_the_incident_without_its_forms(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, "view=incidents&incident=00000001")
    written = watching.tab.get_by_text("A mail of [email]")
    expect(written).to_be_visible()
    watching.page.emulate_media(media="print")
    expect(written).to_be_visible()
    for gone in ("textarea", "button.fui-Button", "header.top", "select"):
        expect(watching.tab.locator(f"{gone}:visible")).to_have_count(0)


SCREENS: dict[str, tuple[str, str, Callable[[Teams], Locator]]] = {
    "report": (AGENT, REPORT, lambda teams: button(teams, "Send the report")),
    "own": (AGENT, "view=incidents&report=00000001", lambda teams: button(teams, "Send")),
    "queue": (RESPONDER, "", lambda teams: button(teams, "SR-000001")),
    "case": (
        RESPONDER,
        "view=incidents&incident=00000001",
        lambda teams: teams.tab.get_by_text(QUESTION),
    ),
    "statistics": (RESPONDER, STATISTICS, lambda teams: part(teams, "Now")),
}


def test_axe_finds_nothing_and_nothing_scrolls_sideways(watching: Teams) -> None:
    report(watching.product)
    asked = {"kind": "question", "text": QUESTION}
    change(watching.product, "00000001", "words", asked, "POST")
    watching.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for name, (person, place, shown) in SCREENS.items():
        for theme in THEMES:
            watching.open(person, place, theme=theme)
            expect(shown(watching)).to_be_visible()
            assert violations(watching.frame) == [], (name, theme)
            assert watching.overflow() == (0, 0), (name, theme)


def test_a_report_is_made_by_keyboard_alone(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    field = watching.tab.get_by_label("What happened", exact=True)
    field.focus()
    keyboard = watching.page.keyboard
    keyboard.type("Typed without a mouse")
    for _ in range(4):
        keyboard.press("Tab")
    expect(button(watching, "Send the report")).to_be_focused()
    keyboard.press("Enter")
    expect(watching.tab.get_by_role("status", name="Your report has arrived")).to_be_visible()
