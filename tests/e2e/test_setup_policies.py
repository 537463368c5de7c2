"""Policies and messages in the tab: what waits is told, read, accepted or declined."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ACR, SUPERVISOR, Teams, running
from tests.e2e.test_accessibility import NARROW, THEMES, violations

WAITS = "A policy waits for you."


@pytest.fixture
def waiting(teams: Teams, tmp_path: Path) -> Iterator[Teams]:
    """The local Teams page on a service where the representative has accepted nothing yet."""
    with running(tmp_path / "data") as started:
        with sqlite3.connect(tmp_path / "data" / "eu" / "switchroom.db") as store:
            taken = store.execute(
                "DELETE FROM documents WHERE kind = 'policy_word' AND id LIKE ?", (f"%|{ACR}",)
            )
            assert taken.rowcount == 2
        teams.product = started
        yield teams


def read(teams: Teams, policy: str) -> None:
    """Opens a policy's text."""
    teams.tab.get_by_role("button", name=f"Read: {policy}").click()
    expect(teams.tab.get_by_role("dialog").get_by_text("SHA-256")).to_be_visible()


def test_a_policy_that_waits_is_told_read_and_accepted(waiting: Teams) -> None:
    waiting.open(ACR, "view=setup")
    waiting.tab.get_by_label("Mail address of the organisation").fill("operations@harbour.example")
    waiting.tab.get_by_role("button", name="Send the link").click()
    expect(waiting.tab.get_by_text("A policy is in force that you have not")).to_be_visible()
    expect(waiting.tab.get_by_text(WAITS)).to_be_visible()
    waiting.tab.get_by_role("button", name="Read it").click()
    for policy in ("Verification", "Organisation set-up"):
        read(waiting, policy)
        waiting.tab.get_by_role("button", name="I accept version 1").click()
        expect(waiting.tab.get_by_role("dialog")).to_have_count(0)
    expect(waiting.tab.get_by_text("You accepted version 1 on")).to_have_count(2)
    waiting.tab.get_by_role("button", name="Organisation", exact=True).click()
    waiting.tab.get_by_label("Mail address of the organisation").fill("operations@harbour.example")
    waiting.tab.get_by_role("button", name="Send the link").click()
    expect(waiting.tab.get_by_text("A link was sent on")).to_be_visible()
    expect(waiting.tab.get_by_text(WAITS)).to_have_count(0)


def test_declining_says_why_and_leaves_a_way_back(waiting: Teams) -> None:
    waiting.open(ACR, "view=policies")
    read(waiting, "Verification")
    decline = waiting.tab.get_by_role("button", name="Decline")
    decline.click()
    decline.click()
    expect(waiting.tab.get_by_text("Say why, in at least 3 characters.")).to_be_visible()
    waiting.tab.get_by_label("Why you decline").fill("our works council has not agreed")
    decline.click()
    expect(waiting.tab.get_by_text("You declined version 1 on")).to_be_visible()
    read(waiting, "Verification")
    waiting.tab.get_by_role("button", name="I accept version 1").click()
    expect(waiting.tab.get_by_text("You accepted version 1 on")).to_be_visible()


def test_optional_messages_are_silenced_and_essential_ones_are_not(teams: Teams) -> None:
    teams.open(SUPERVISOR, "view=you")
    essential = teams.tab.get_by_role("group", name="Essential").get_by_label("Mail")
    expect(essential).to_be_disabled()
    expect(essential).to_be_checked()
    optional = teams.tab.get_by_role("group", name="Optional").get_by_label("Mail")
    optional.uncheck()
    expect(teams.tab.get_by_text("Saved.")).to_be_visible()
    teams.open(SUPERVISOR, "view=you")
    expect(optional).not_to_be_checked()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_a_policy_that_waits(waiting: Teams, theme: str) -> None:
    waiting.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    waiting.open(ACR, theme=theme)
    expect(waiting.tab.get_by_text(WAITS)).to_be_visible()
    assert violations(waiting.frame) == []
    assert waiting.overflow() == (0, 0)
    waiting.open(ACR, "view=policies", theme=theme)
    read(waiting, "Verification")
    waiting.tab.get_by_role("button", name="Decline").click()
    assert violations(waiting.frame) == []
    assert waiting.overflow() == (0, 0)
