"""What different people see, and where in Teams they see it."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import ACR, SUPERVISOR, Teams

AGENT, RESPONDER, PARTNER = "amira.khan", "tomas.silva", "ruth.engel"
SEEN_BY_PARTNERS = "Offered: 6"
"""The other queue has four of the ten contacts: too few to be shown without identities."""


def test_a_person_without_dashboards_finds_what_is_theirs(teams: Teams) -> None:
    teams.open(RESPONDER)
    expect(teams.tab.get_by_role("button", name="Incidents", exact=True)).to_be_visible()
    expect(teams.tab.get_by_role("button", name="Dashboard", exact=True)).to_have_count(0)
    expect(teams.tab.get_by_text("Offered")).to_have_count(0)


def test_an_agent_sees_figures_but_no_contacts_of_others(teams: Teams) -> None:
    teams.open(AGENT)
    teams.wait_for("Offered: 10")
    expect(teams.tab.get_by_role("group", name="Offered: 10")).to_be_visible()
    expect(teams.tab.get_by_role("button", name="Show the contacts behind it")).to_have_count(0)
    expect(teams.tab.get_by_role("button", name="Import contacts")).to_have_count(0)
    expect(teams.tab.get_by_role("button", name="Imports")).to_have_count(0)
    expect(teams.tab.get_by_text("agent0")).to_have_count(0)


def test_a_managing_partner_sees_no_names(teams: Teams) -> None:
    teams.open(PARTNER, organization="harbour")
    teams.wait_for(SEEN_BY_PARTNERS)
    expect(teams.tab.get_by_text("agent0")).to_have_count(0)
    expect(teams.tab.get_by_role("button", name="Show the contacts behind it")).to_have_count(0)


def test_a_person_of_several_organisations_switches_between_them(teams: Teams) -> None:
    teams.open(PARTNER, organization="harbour")
    teams.wait_for(SEEN_BY_PARTNERS)
    teams.page.get_by_label("Organisation").select_option("juniper")
    expect(teams.tab.get_by_role("heading", name="Juniper Street Energy")).to_be_visible()


def test_the_tab_itself_switches_between_organisations(teams: Teams) -> None:
    teams.open(PARTNER, organization="harbour")
    teams.wait_for(SEEN_BY_PARTNERS)
    teams.tab.get_by_label("Organisation").select_option("juniper")
    expect(teams.tab.get_by_role("heading", name="Juniper Street Energy")).to_be_attached()
    expect(teams.tab.get_by_role("heading", name="No contacts in this range")).to_be_visible()
    assert "organization=juniper" in teams.frame.url


def test_switching_the_person_opens_the_tab_anew(teams: Teams) -> None:
    teams.open(ACR)
    expect(teams.tab.get_by_role("button", name="Import contacts")).to_be_visible()
    teams.page.get_by_label("Person").select_option(SUPERVISOR)
    expect(teams.tab.get_by_role("heading", name="Harbour Lane Insurance")).to_be_visible()
    expect(teams.tab.get_by_role("button", name="Copy link")).to_be_visible()
    expect(teams.tab.get_by_role("button", name="Import contacts", exact=True)).to_have_count(0)


def test_a_channel_shows_the_board_that_was_chosen_for_it(teams: Teams) -> None:
    teams.open(SUPERVISOR, sub_page="", view="channel")
    settings = teams.page.frame_locator("iframe[title='Tab settings']")
    settings.get_by_role("radio", name="Billing").check()
    teams.page.get_by_role("button", name="Save").click()
    expect(teams.tab.get_by_role("heading", name=re.compile("^Billing"))).to_be_visible()
    expect(teams.tab.get_by_text("Agents")).to_have_count(0)
    teams.page.get_by_label("Person").select_option(AGENT)
    expect(teams.tab.get_by_role("heading", name=re.compile("^Billing"))).to_be_visible()
