"""Setting an organisation up in the tab: proofs by mail and phone, calls, tenant code."""

import re
import time
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pyotp import TOTP

from tests.e2e.conftest import ACR, BROWSER_DEADLINE_MS, DEADLINE_S, SUPERVISOR, Product, Teams
from tests.e2e.test_accessibility import NARROW, THEMES, violations

OFFICER = "hana.novak"
STEPS, CALLS, CODE = (f"view=setup&section={section}" for section in ("steps", "calls", "code"))
MAIL, PHONE = "operations@harbour.example", "+61 491 570 006"
WRONG = "00000000"
FIVE_MINUTES_S = 300


@pytest.fixture
def setting(teams: Teams, fresh: Product) -> Teams:
    """The local Teams page on a service whose organisation nobody has set up."""
    teams.product = fresh
    return teams


def message(product: Product, field: str) -> str:
    """What the newest message carries that has a `link` or a `code`."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        messages: list[dict[str, Any]] = product.call("/dev/messages")["messages"]
        found = next((one[field] for one in messages if one[field]), None)
        if found:
            return str(found)
    raise AssertionError(f"no message with a {field} came")


def press(teams: Teams, name: str, *, exact: bool = True) -> None:
    """Presses a button."""
    teams.tab.get_by_role("button", name=name, exact=exact).click()


def send_link(teams: Teams) -> str:
    """Has the link sent; its address."""
    teams.open(ACR, STEPS)
    teams.tab.get_by_label("Mail address of the organisation").fill(MAIL)
    press(teams, "Send the link")
    expect(teams.tab.get_by_text("A link was sent on")).to_be_visible()
    # The service listens at a port of its own here, which its public address does not name.
    return re.sub("^http://[^/]+", teams.product.address, message(teams.product, "link"))


def follow(teams: Teams, link: str) -> None:
    """Opens the link, and signs in as local people do."""
    teams.page.goto(link)
    teams.page.get_by_role("link", name="Go to the local Teams page").click()
    teams.page.get_by_label("Person").select_option(ACR)
    press(teams, "Organisation")


def send_code(teams: Teams) -> str:
    """Has the code sent; the code."""
    teams.tab.get_by_label("Phone number, with country code").fill(PHONE)
    press(teams, "Send the code")
    expect(teams.tab.get_by_role("textbox", name="Code", exact=True)).to_be_visible()
    return message(teams.product, "code")


def confirm(teams: Teams, code: str) -> None:
    """Types a code."""
    teams.tab.get_by_role("textbox", name="Code", exact=True).fill(code)
    press(teams, "Confirm")


def test_an_organisation_is_set_up_from_nothing_to_outbound_calls_in_five_minutes(
    setting: Teams,
) -> None:
    """Five minutes is what an administrator has for it all. Nobody reads and types here, so what
    the bound finds is a wait: a limit between link and code, a message that comes late."""
    begun = time.monotonic()
    link = send_link(setting)
    follow(setting, link)
    expect(setting.tab.get_by_text(f"Confirm that {MAIL} is")).to_be_visible()
    press(setting, "Confirm")
    expect(setting.tab.get_by_text("1 of 5 steps done")).to_be_visible()
    confirm(setting, send_code(setting))
    expect(setting.tab.get_by_text("Verified", exact=True)).to_be_visible()
    setting.tab.get_by_label("Name of the organisation").fill("Harbour Lane Insurance Group")
    press(setting, "Save")
    press(setting, "This is right")
    press(setting, "Decide about calls")
    setting.tab.get_by_label("Calls out", exact=False).check()
    press(setting, "Put in force")
    expect(setting.tab.get_by_text("Say why, in at least 3 characters.")).to_be_visible()
    setting.tab.get_by_label("Why", exact=True).fill("reminders before policies end")
    press(setting, "Put in force")
    expect(setting.tab.get_by_text("Kept as version 1.")).to_be_visible()
    expect(setting.tab.get_by_text("reminders before policies end")).to_be_visible()
    press(setting, "Set-up")
    expect(setting.tab.get_by_text("The organisation is set up.")).to_be_visible()
    assert time.monotonic() - begun < FIVE_MINUTES_S


def test_a_link_that_a_program_opens_still_works_for_its_reader(setting: Teams) -> None:
    link = send_link(setting)
    for _ in range(2):
        with urllib.request.urlopen(link, timeout=DEADLINE_S) as answer:
            assert answer.status == 200
    token = link.partition("#")[2]
    follow(setting, link)
    expect(setting.tab.get_by_role("button", name="Confirm", exact=True)).to_be_visible()
    assert all(token not in frame.url for frame in setting.page.frames)
    press(setting, "Confirm")
    expect(setting.tab.get_by_text("1 of 5 steps done")).to_be_visible()
    follow(setting, link)
    press(setting, "Confirm")
    expect(setting.tab.get_by_text("This link does not work")).to_be_visible()


def test_set_up_goes_on_at_another_device(setting: Teams, browser: Browser) -> None:
    setting.open(ACR, f"{STEPS}&step=name")
    setting.tab.get_by_label("Name of the organisation").fill("Harbour Lane Mutual")
    press(setting, "Save")
    expect(setting.tab.get_by_text("“Harbour Lane Mutual” is kept.")).to_be_visible()
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(BROWSER_DEADLINE_MS)
    elsewhere = Teams(context.new_page(), setting.product)
    elsewhere.open(ACR, f"{STEPS}&step=name")
    field = elsewhere.tab.get_by_label("Name of the organisation")
    expect(field).to_have_value("Harbour Lane Mutual")
    context.close()


def test_wrong_codes_are_refused_and_lock_the_right_one_too(setting: Teams) -> None:
    setting.open(ACR, f"{STEPS}&step=phone")
    code = send_code(setting)
    field = setting.tab.get_by_role("textbox", name="Code", exact=True)
    for _ in range(4):
        confirm(setting, WRONG if code != WRONG else "1" * 8)
        expect(setting.tab.get_by_text("This code is not right.")).to_be_visible()
        expect(field).to_have_value("")
    confirm(setting, WRONG if code != WRONG else "1" * 8)
    expect(setting.tab.get_by_text("Too many wrong codes or links")).to_be_visible()
    expect(field).to_have_count(0)


def test_a_number_no_code_is_sent_to_is_explained(setting: Teams) -> None:
    setting.open(ACR, f"{STEPS}&step=phone")
    number = setting.tab.get_by_label("Phone number, with country code")
    for written, said in (("12", "This is no phone number."), ("+44 20 7946 0000", "no mobile")):
        number.fill(written)
        press(setting, "Send the code")
        expect(setting.tab.get_by_role("alert").get_by_text(said)).to_be_visible()


def test_outbound_leads_to_the_missing_step(setting: Teams) -> None:
    setting.open(ACR, CALLS)
    expect(setting.tab.get_by_label("Calls out")).to_be_disabled()
    press(setting, "Go to the missing step")
    expect(setting.tab.get_by_label("Mail address of the organisation")).to_be_visible()


def test_recording_needs_an_acknowledgement_and_ends_with_it(setting: Teams) -> None:
    setting.open(ACR, CALLS)
    recording = setting.tab.get_by_role("checkbox", name="Recording")
    expect(recording).to_be_disabled()
    press(setting, "We acknowledge this")
    expect(setting.tab.get_by_text("consent: everybody on the call")).to_be_visible()
    recording.check()
    setting.tab.get_by_label("Why", exact=True).fill("training of new agents")
    press(setting, "Put in force")
    expect(setting.tab.get_by_text("Kept as version 1.")).to_be_visible()
    setting.tab.get_by_label("Why it is taken back").fill("the works council objects")
    press(setting, "Take it back")
    expect(setting.tab.get_by_text("Switched off because the acknowledgement")).to_be_visible()
    expect(recording).to_be_disabled()


def test_what_was_in_force_at_an_instant_is_shown(setting: Teams) -> None:
    setting.open(ACR, CALLS)
    setting.tab.get_by_label("Calls that come in").check()
    setting.tab.get_by_label("Why", exact=True).fill("the lines open")
    press(setting, "Put in force")
    expect(setting.tab.get_by_text("Kept as version 1.")).to_be_visible()
    setting.tab.get_by_label("What was in force at").fill("2026-01-05T10:00")
    then = setting.tab.locator("section", has_text="History").get_by_role("status")
    expect(then.get_by_text("Nothing was decided yet")).to_be_visible()
    press(setting, "Show the present")
    expect(setting.tab.get_by_text("Version 1, from")).to_be_visible()


def test_the_tenant_code_is_masked_shown_and_replaced(setting: Teams) -> None:
    setting.open(ACR, CODE)
    code = setting.tab.locator(".setup-code")
    expect(code).to_be_visible()
    masked = code.inner_text()
    press(setting, "Show it whole")
    expect(code).not_to_have_text(masked)
    whole = code.inner_text()
    press(setting, "Hide")
    expect(code).to_have_text(masked)
    press(setting, "Make a new one")
    press(setting, "Really make a new one")
    expect(setting.tab.get_by_text("The code before is recognised until")).to_be_visible()
    assert code.inner_text() != whole


def test_who_may_only_look_is_told_who_must_act(teams: Teams) -> None:
    teams.open(OFFICER, STEPS)
    expect(teams.tab.get_by_text("An administrator of the organisation").first).to_be_visible()
    expect(teams.tab.get_by_role("button", name=re.compile("Open|Send"))).to_have_count(0)
    teams.open(SUPERVISOR, STEPS)
    expect(teams.tab.get_by_role("button", name="Dashboard")).to_be_visible()
    expect(teams.tab.get_by_role("button", name="Organisation")).to_have_count(0)


def test_the_wizard_works_by_keyboard(setting: Teams) -> None:
    setting.open(ACR, STEPS)
    setting.tab.get_by_label("Mail address of the organisation").focus()
    setting.page.keyboard.type(MAIL)
    setting.page.keyboard.press("Enter")
    expect(setting.tab.get_by_text("A link was sent on")).to_be_visible()
    setting.tab.get_by_role("button", name="Open: Phone").focus()
    setting.page.keyboard.press("Enter")
    expect(setting.tab.get_by_role("heading", name="Phone")).to_be_focused()
    setting.page.keyboard.press("Tab")
    expect(setting.tab.get_by_role("radio", name="A code by SMS")).to_be_focused()
    setting.page.keyboard.press("Tab")
    expect(setting.tab.get_by_label("Phone number, with country code")).to_be_focused()


def test_set_up_speaks_german(teams: Teams) -> None:
    teams.open(ACR, STEPS, locale="de-DE")
    expect(teams.tab.get_by_text("0 von 5 Schritten erledigt")).to_be_visible()
    expect(teams.tab.get_by_text("Wozu: Sicherheitshinweise")).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(teams: Teams, theme: str) -> None:
    teams.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    steps = [f"{STEPS}&step={step}" for step in ("mail", "phone", "name", "time_zone")]
    for place in (*steps, CALLS, CODE, "view=policies", "view=you"):
        teams.open(ACR, place, theme=theme)
        expect(teams.tab.locator("main h2").first).to_be_visible()
        expect(teams.tab.locator("main .skeleton")).to_have_count(0)
        assert violations(teams.frame) == [], place
        assert teams.overflow() == (0, 0), place


def test_an_app_stands_in_for_the_phone_but_not_for_outbound_calls(setting: Teams) -> None:
    link = send_link(setting)
    follow(setting, link)
    press(setting, "Confirm")
    tab = setting.tab
    tab.get_by_role("radio", name="An authenticator app").check()
    press(setting, "Set up an app")
    expect(tab.get_by_role("img", name="QR code")).to_be_visible()
    assert violations(setting.frame) == []
    secret = tab.locator(".setup-secret").inner_text().replace(" ", "")
    tab.get_by_role("textbox", name="Code of the app").fill("000000")
    press(setting, "Confirm")
    expect(tab.get_by_text("This code is not right.")).to_be_visible()
    tab.get_by_role("textbox", name="Code of the app").fill(TOTP(secret).now())
    press(setting, "Confirm")
    expect(tab.get_by_text("Verified by authenticator app, phone not proven")).to_be_visible()
    expect(tab.get_by_text("2 of 5 steps done")).to_be_visible()
    setting.open(ACR, CALLS)
    expect(tab.get_by_text("Not yet possible: the organisation is not verified.")).to_be_visible()


def test_a_code_can_be_spoken_in_a_call(setting: Teams) -> None:
    setting.open(ACR, "view=setup&section=steps&step=phone")
    setting.tab.get_by_role("radio", name="A code spoken in a call").check()
    setting.tab.get_by_label("Phone number, with country code").fill(PHONE)
    press(setting, "Call me with the code")
    expect(setting.tab.get_by_role("textbox", name="Code", exact=True)).to_be_visible()
    confirm(setting, message(setting.product, "code"))
    expect(setting.tab.get_by_text("Phone proven, mail address missing")).to_be_visible()
