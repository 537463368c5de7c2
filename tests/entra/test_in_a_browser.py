"""Signing in through the stand-in in a real browser: outside Teams, and in the local Teams page."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, FrameLocator, Page, async_playwright, expect

from portal.adapters.identity.local import HARBOUR, JUNIPER
from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from tests import chromium
from tests.entra.conftest import (
    MANY_BEHIND_A_POLICY,
    MANY_WHO_WILL_CONSENT,
    REPRESENTATIVE,
    STRANGER,
    SUPERVISOR,
)
from tests.entra.entra import APP, CODE, OTHER_TENANT, Account, Entra
from tests.entra.people import claims, introduce
from tests.entra.portal import Portal, running

AXE = Path(__file__).resolve().parents[2] / "tabs" / "node_modules" / "axe-core" / "axe.min.js"
DEADLINE_MS = 15_000
ROLES = "view=access&section=roles"
HEADING = "Harbour Lane Insurance"
POLICY = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'


@pytest.fixture
async def portal(tmp_path: Path, entra: Entra) -> AsyncIterator[Portal]:
    async with running(tmp_path, entra) as started:
        await introduce(started)
        yield started


@pytest.fixture
async def secure(tmp_path: Path, entra: Entra) -> AsyncIterator[Portal]:
    """Over https: TeamsJS opens no window otherwise."""
    async with running(tmp_path, entra, tls=True) as started:
        await introduce(started)
        yield started


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    found = chromium.find()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=found.path, args=found.arguments
        )
        yield launched
        await launched.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page that trusts the stand-in; a script error fails the test."""
    context = await browser.new_context(ignore_https_errors=True, locale="en-GB")
    context.set_default_timeout(DEADLINE_MS)
    expect.set_options(timeout=DEADLINE_MS)
    opened = await context.new_page()
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield opened
    await context.close()
    assert errors == []


async def fill(page: Page, account: Account, *, second_factor: bool = False) -> None:
    """Microsoft's page, filled in."""
    await page.get_by_label("User name").fill(account.username)
    await page.get_by_label("Password").fill(account.password)
    if second_factor:
        await page.get_by_label("Code").fill(CODE)
    await page.get_by_role("button", name="Sign in").click()


async def test_outside_teams_people_sign_in_with_microsoft(page: Page, portal: Portal) -> None:
    await page.goto(f"{portal.address}/tab/?range=last7")
    await page.get_by_role("link", name="Sign in with Microsoft").click()
    await fill(page, SUPERVISOR)
    await expect(page.get_by_text(HEADING).first).to_be_visible()
    assert page.url == f"{portal.address}/tab/?range=last7"
    cookies = {one["name"]: one for one in await page.context.cookies(portal.address)}
    session = cookies["__Host-switchroom"]
    assert (session["httpOnly"], session["secure"], session["sameSite"]) == (True, True, "Lax")
    assert "__Host-switchroom-sign-in" not in cookies
    assert await page.evaluate("document.cookie") == ""
    await page.reload()
    await expect(page.get_by_text(HEADING).first).to_be_visible()


async def test_a_session_that_ended_leads_back_to_signing_in(page: Page, portal: Portal) -> None:
    await page.goto(f"{portal.address}/tab/")
    await page.get_by_role("link", name="Sign in with Microsoft").click()
    await fill(page, REPRESENTATIVE)
    await expect(page.get_by_text(HEADING).first).to_be_visible()
    ended = await page.evaluate(
        """fetch("/api/sessions", {method: "DELETE", headers: {"X-Switchroom-Request": "1"}})
            .then(answer => answer.json())"""
    )
    assert ended == {"ended": 1}
    await page.reload()
    await expect(page.get_by_role("link", name="Sign in with Microsoft")).to_be_visible()


async def claim(tab: Page | FrameLocator, organization: str, code: str) -> None:
    """The claim form, filled in."""
    await tab.get_by_label("Organisation", exact=True).fill(organization)
    await tab.get_by_label("Claim code", exact=True).fill(code)
    await tab.get_by_role("button", name="Claim the organisation").click()


async def test_a_stranger_claims_an_organisation_in_the_browser(page: Page, portal: Portal) -> None:
    services = portal.services
    operator = acting_as(Role.OPERATOR, "luca.moretti", "Luca Moretti", JUNIPER)
    code = await services.onboarding.make_code(actor=operator)
    await page.goto(f"{portal.address}/tab/")
    await page.get_by_role("link", name="Sign in with Microsoft").click()
    await fill(page, STRANGER)
    await expect(page.get_by_role("heading", name="Bring your organisation in")).to_be_visible()
    assert HEADING not in await page.content()
    consent = page.get_by_role("link", name="Consent on Microsoft's page")
    asked = f"{portal.settings.entra_authority}/{OTHER_TENANT}/adminconsent?client_id={APP}"
    assert await consent.get_attribute("href") == asked
    found = await page.evaluate(f"{AXE.read_text(encoding='utf-8')}; axe.run()")
    assert [one["id"] for one in found["violations"]] == []
    await claim(page, JUNIPER, "AAAAAA-AAAAAA-AAAAAA-AAAAAA")
    await expect(page.get_by_role("alert")).to_contain_text("does not open an organisation")
    await claim(page, JUNIPER, code)
    await expect(page.get_by_text("Juniper Street Energy").first).to_be_visible()
    people = await services.people.find(claims(STRANGER).person_id)
    assert people is not None
    (held,) = people.holdings[JUNIPER]
    assert held.role == Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE


async def test_in_teams_the_token_of_microsoft_is_enough(
    page: Page, portal: Portal, entra: Entra
) -> None:
    await hand_out(page, portal, entra.token(SUPERVISOR))
    tab = page.frame_locator("iframe[title='Switchroom']")
    await expect(tab.get_by_text(HEADING).first).to_be_visible()
    assert "__Host-switchroom" not in str(await page.context.cookies(portal.address))


async def test_in_teams_a_strangers_token_opens_the_claim_alone(
    page: Page, portal: Portal, entra: Entra
) -> None:
    await hand_out(page, portal, entra.token(STRANGER))
    tab = page.frame_locator("iframe[title='Switchroom']")
    await expect(tab.get_by_text(f"You are signed in as {STRANGER.name}")).to_be_visible()
    await claim(tab, HARBOUR, "AAAAAA-AAAAAA-AAAAAA-AAAAAA")
    await expect(tab.get_by_role("alert")).to_contain_text("does not open an organisation")
    assert HEADING not in await tab.locator("body").inner_text()


async def make_role(tab: Page | FrameLocator) -> None:
    """Asks for something that needs more than a sign-in: a role of the organisation's own."""
    await tab.get_by_role("button", name="New role").click()
    dialog = tab.get_by_role("dialog")
    await dialog.get_by_label("Name of the role").fill("Wallboard")
    await dialog.get_by_label("see the dashboards").check()
    await dialog.get_by_role("button", name="Save").click()


async def test_a_browser_asks_for_the_second_factor_and_goes_on(page: Page, portal: Portal) -> None:
    await page.goto(f"{portal.address}/tab/?{ROLES}")
    await page.get_by_role("link", name="Sign in with Microsoft").click()
    await fill(page, REPRESENTATIVE)
    before = await session_of(page, portal)
    async with page.expect_popup() as opened:
        await make_role(page)
    window = await opened.value
    await fill(window, REPRESENTATIVE, second_factor=True)
    await expect(page.get_by_role("heading", name="Wallboard")).to_be_visible()
    assert window.is_closed()
    assert await session_of(page, portal) not in {None, before}


async def test_the_tab_in_teams_asks_for_the_second_factor_and_goes_on(
    page: Page, secure: Portal, entra: Entra
) -> None:
    await hand_out(page, secure, entra.token(REPRESENTATIVE), ROLES)
    tab = page.frame_locator("iframe[title='Switchroom']")
    async with page.expect_popup() as opened:
        await make_role(tab)
    window = await opened.value
    await fill(window, REPRESENTATIVE, second_factor=True)
    await expect(tab.get_by_role("heading", name="Wallboard")).to_be_visible()
    assert await session_of(page, secure) is None


async def test_another_persons_second_factor_proves_nothing(
    page: Page, secure: Portal, entra: Entra
) -> None:
    await hand_out(page, secure, entra.token(REPRESENTATIVE), ROLES)
    tab = page.frame_locator("iframe[title='Switchroom']")
    async with page.expect_popup() as opened:
        await make_role(tab)
    window = await opened.value
    await fill(window, SUPERVISOR, second_factor=True)
    await expect(tab.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    await expect(tab.get_by_role("heading", name="Wallboard")).to_have_count(0)


async def test_the_tab_asks_teams_for_what_a_policy_of_the_tenant_wants(
    page: Page, portal: Portal, entra: Entra
) -> None:
    weak = entra.token(MANY_BEHIND_A_POLICY)
    strong = entra.token(MANY_BEHIND_A_POLICY, acrs=["c1"])
    await hand_out(page, portal, weak, with_claims={POLICY: strong})
    tab = page.frame_locator("iframe[title='Switchroom']")
    await expect(tab.get_by_text(HEADING).first).to_be_visible()


async def test_the_tab_never_goes_on_without_what_a_policy_wants(
    page: Page, portal: Portal, entra: Entra
) -> None:
    weak = entra.token(MANY_BEHIND_A_POLICY)
    await hand_out(page, portal, weak, with_claims={POLICY: weak})
    tab = page.frame_locator("iframe[title='Switchroom']")
    await expect(tab.get_by_role("alert")).to_be_visible()
    assert HEADING not in await tab.locator("body").inner_text()


async def test_the_tab_has_missing_consent_given_in_a_window_and_goes_on(
    page: Page, secure: Portal, entra: Entra
) -> None:
    async with page.expect_popup() as opened:
        await hand_out(page, secure, entra.token(MANY_WHO_WILL_CONSENT))
    window = await opened.value
    await fill(window, MANY_WHO_WILL_CONSENT)
    await window.get_by_role("button", name="Accept").click()
    tab = page.frame_locator("iframe[title='Switchroom']")
    await expect(tab.get_by_text(HEADING).first).to_be_visible()
    assert window.is_closed()


async def session_of(page: Page, portal: Portal) -> str | None:
    """The cookie of the browser's session."""
    cookies = await page.context.cookies(portal.address)
    return next((one["value"] for one in cookies if one["name"] == "__Host-switchroom"), None)


async def hand_out(
    page: Page,
    portal: Portal,
    token: str,
    sub_page: str = "",
    *,
    with_claims: Mapping[str, str] | None = None,
) -> None:
    """Opens the local Teams page, which gives the tab that token, and those where it asks with the
    claims."""
    others = {f"sofia.lindqvist {claims}": one for claims, one in (with_claims or {}).items()}
    tokens = json.dumps({"sofia.lindqvist": token} | others)
    await page.add_init_script(f"localStorage['switchroom.local.tokens'] = {json.dumps(tokens)}")
    asked = {"person": "sofia.lindqvist", "organization": HARBOUR, "subPageId": sub_page}
    await page.goto(f"{portal.address}/?{urlencode(asked)}")


async def test_who_was_given_nothing_reports_incidents(
    page: Page, portal: Portal, entra: Entra
) -> None:
    nina = Account("1a000000-0000-4000-8000-0000000000aa", "Nina Berg", "nina@harbour.example")
    await hand_out(page, portal, entra.token(nina))
    tab = page.frame_locator("iframe[title='Switchroom']")
    views = tab.get_by_role("navigation", name="Views")
    await expect(views.get_by_role("button")).to_have_text(["Incidents", "You"])
    await tab.get_by_label("What happened", exact=True).fill("A stranger at the door")
    await tab.get_by_role("button", name="Send the report").click()
    await expect(tab.get_by_role("status", name="Your report has arrived")).to_be_visible()
