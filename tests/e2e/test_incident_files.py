"""Files as evidence and drafts in the tab: attached, refused, sent, saved, taken up elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.e2e.conftest import Teams, running
from tests.e2e.test_accessibility import NARROW, THEMES, violations
from tests.e2e.test_incidents import AGENT, REPORT, RESPONDER, button, part, report

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
CHOSEN = FilePayload(name="Foto vom Büro.png", mimeType="image/png", buffer=PNG)
CASE = "view=incidents&incident=00000001"


@pytest.fixture
def watching(teams: Teams, tmp_path: Path) -> Any:
    """The local Teams page on a service of the test's own without contacts."""
    with running(tmp_path / "data") as fresh:
        teams.product = fresh
        yield teams


def choose(teams: Teams, *files: FilePayload) -> None:
    """Chooses files with the button of the form, as a person does."""
    with teams.page.expect_file_chooser() as chooser:
        button(teams, "Attach files").first.click()
    chooser.value.set_files(list(files))


def saved(teams: Teams, name: str) -> bytes:
    """What is saved of the file of that name."""
    with teams.page.expect_download() as coming:
        teams.tab.get_by_role("button", name=f"Save {name}").first.click()
    assert coming.value.suggested_filename == name
    return Path(coming.value.path()).read_bytes()


def test_a_file_goes_with_a_report_and_is_saved_by_both(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    tab = watching.tab
    choose(watching, CHOSEN)
    expect(button(watching, "Remove Foto vom Büro.png")).to_be_visible()
    tab.get_by_label("What happened", exact=True).fill("A stranger at the door")
    button(watching, "Send the report").click()
    button(watching, "Follow the report").click()
    assert saved(watching, "Foto vom Büro.png") == PNG
    watching.open(RESPONDER, CASE)
    expect(tab.get_by_text("were not checked for viruses")).to_be_visible()
    expect(tab.get_by_text("SHA-256")).to_be_visible()
    assert saved(watching, "Foto vom Büro.png") == PNG


def test_what_is_not_taken_says_why_and_the_rest_is_sent(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    wrong = FilePayload(name="tool.exe", mimeType="application/x-msdownload", buffer=b"MZ")
    false = FilePayload(name="photo.png", mimeType="image/png", buffer=b"MZ\x90\0" * 50)
    choose(watching, wrong, false, CHOSEN)
    expect(watching.tab.get_by_text("programs, scripts and pages are not")).to_be_visible()
    expect(watching.tab.get_by_text("is not what its name says")).to_be_visible()
    button(watching, "Leave it out").first.click()
    button(watching, "Leave it out").first.click()
    watching.tab.get_by_label("What happened", exact=True).fill("Something odd")
    button(watching, "Send the report").click()
    button(watching, "Follow the report").click()
    expect(watching.tab.get_by_role("button", name="Save ")).to_have_count(1)


def test_a_file_is_dropped_pasted_and_removed(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    expect(button(watching, "Attach files")).to_be_visible()
    watching.frame.evaluate(
        """() => {
            const carry = (name) => {
                const data = new DataTransfer();
                data.items.add(new File(["some words"], name, { type: "text/plain" }));
                return data;
            };
            const form = document.querySelector("form.incidents-form");
            const zone = form.querySelector(".incidents-attach");
            const dataTransfer = carry("dropped.txt");
            zone.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
            const clipboardData = carry("pasted.txt");
            const paste = new ClipboardEvent("paste", { bubbles: true, clipboardData });
            form.querySelector("textarea").dispatchEvent(paste);
        }"""
    )
    expect(button(watching, "Remove dropped.txt")).to_be_visible()
    button(watching, "Remove pasted.txt").click()
    expect(button(watching, "Remove pasted.txt")).to_have_count(0)
    watching.open(AGENT, REPORT)
    expect(button(watching, "Remove dropped.txt")).to_be_visible()
    expect(button(watching, "Remove pasted.txt")).to_have_count(0)


def test_a_draft_goes_on_in_another_browser(watching: Teams, browser: Browser) -> None:
    watching.open(AGENT, REPORT)
    choose(watching, CHOSEN)
    what = watching.tab.get_by_label("What happened", exact=True)
    what.fill("A mail of helper@phish.example came")
    watching.tab.get_by_label("How bad it is").select_option("critical")
    expect(watching.tab.get_by_text("Kept as a draft")).to_be_visible()
    expect(watching.tab.get_by_text("Masked in the draft: 1.")).to_be_visible()
    context = browser.new_context(locale="de-DE")
    other = Teams(context.new_page(), watching.product)
    other.open(AGENT, REPORT, locale="de-DE")
    expect(other.tab.get_by_label("Was geschehen ist", exact=True)).to_have_value(
        "A mail of [email] came"
    )
    expect(other.tab.get_by_label("Wie schlimm es ist")).to_have_value("critical")
    expect(button(other, "Foto vom Büro.png entfernen")).to_be_visible()
    button(other, "Meldung senden").click()
    expect(other.tab.get_by_text("SR-000001")).to_be_visible()
    context.close()
    standing = watching.product.call("/api/incidents/draft", person=AGENT)
    assert standing == {"draft": None, "files": []}


def test_starting_over_leaves_nothing(watching: Teams) -> None:
    watching.open(AGENT, REPORT)
    choose(watching, CHOSEN)
    watching.tab.get_by_label("What happened", exact=True).fill("Never mind")
    expect(watching.tab.get_by_text("Kept as a draft")).to_be_visible()
    with watching.page.expect_response(lambda one: one.request.method == "DELETE"):
        button(watching, "Start over").click()
    expect(button(watching, "Remove Foto vom Büro.png")).to_have_count(0)
    watching.open(AGENT, REPORT)
    expect(watching.tab.get_by_label("What happened", exact=True)).to_have_value("")
    expect(button(watching, "Remove Foto vom Büro.png")).to_have_count(0)


def test_a_note_carries_a_file_that_the_reporter_does_not_see(watching: Teams) -> None:
    report(watching.product)
    watching.open(RESPONDER, CASE)
    notes = part(watching, "Internal notes")
    with watching.page.expect_file_chooser() as chooser:
        notes.get_by_role("button", name="Attach files").click()
    chooser.value.set_files([CHOSEN])
    expect(notes.get_by_role("button", name="Remove Foto")).to_be_visible()
    notes.get_by_label("Note").fill("See the photo")
    notes.get_by_role("button", name="Keep note").click()
    expect(notes.get_by_role("button", name="Save Foto vom Büro.png")).to_be_visible()
    own = watching.product.call("/api/incidents/own/00000001", person=AGENT)
    assert own["files"] == []


def test_axe_finds_nothing_where_files_are(watching: Teams) -> None:
    product = watching.product
    watching.open(AGENT, REPORT)
    choose(watching, CHOSEN, FilePayload(name="a.exe", mimeType="", buffer=b"MZ"))
    expect(button(watching, "Leave it out")).to_be_visible()
    watching.tab.get_by_label("What happened", exact=True).fill("Something odd")
    watching.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert violations(watching.frame) == []
    assert watching.overflow() == (0, 0)
    waiting = product.call("/api/incidents/files", person=AGENT)["files"]
    report(product, files=[one["id"] for one in waiting])
    for person, place in ((AGENT, "view=incidents&report=00000001"), (RESPONDER, CASE)):
        for theme in THEMES:
            watching.open(person, place, theme=theme)
            shown = watching.tab.get_by_role("button", name="Save Foto vom Büro.png").first
            expect(shown).to_be_visible()
            assert violations(watching.frame) == [], (person, theme)
            assert watching.overflow() == (0, 0), (person, theme)


def test_the_case_prints_on_paper_with_its_files(watching: Teams) -> None:
    product = watching.product
    watching.open(AGENT, REPORT)
    choose(watching, CHOSEN)
    expect(button(watching, "Remove Foto vom Büro.png")).to_be_visible()
    waiting = product.call("/api/incidents/files", person=AGENT)["files"]
    report(product, files=[one["id"] for one in waiting])
    watching.open(RESPONDER, CASE, theme="dark")
    expect(watching.tab.get_by_text("SHA-256")).to_be_visible()
    watching.page.emulate_media(media="print")
    look = watching.frame.evaluate(
        """() => {
            const seen = getComputedStyle(document.querySelector(".incidents-text"));
            return [seen.color, getComputedStyle(document.body).backgroundColor];
        }"""
    )
    assert look == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert json.dumps(waiting[0]["sha256"])[1:-1] in watching.tab.locator("body").inner_text()
