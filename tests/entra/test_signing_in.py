"""Signing in with a browser through the stand-in: MSAL, cookies, step-up, signing out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.entra.conftest import REPRESENTATIVE, STRANGER, SUPERVISOR
from tests.entra.entra import Entra
from tests.entra.people import introduce
from tests.entra.portal import Browser, Portal, running

OWN_PAGE = {"X-Switchroom-Request": "1", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def portal(tmp_path: Path, entra: Entra) -> AsyncIterator[Portal]:
    async with running(tmp_path, entra) as started:
        await introduce(started)
        yield started


@pytest.fixture
async def browser(portal: Portal, entra: Entra) -> AsyncIterator[Browser]:
    async with Browser(portal, entra) as opened:
        yield opened


async def test_a_browser_signs_in_and_is_known(browser: Browser) -> None:
    assert (await browser.ask("GET", "/api/me")).status == 401
    back = await browser.sign_in(SUPERVISOR, "/sign-in?return_to=/tab/?range%3Dlast7")
    assert (back.status, back.headers["Location"]) == (303, "/tab/?range=last7")
    answer = await browser.ask("GET", "/api/me")
    assert (answer.status, answer.body["display_name"]) == (200, "Sofia Lindqvist")


async def test_its_cookies_are_kept_from_scripts_and_other_hosts(browser: Browser) -> None:
    await browser.sign_in(SUPERVISOR)
    under_way, session, dropped = browser.set_cookies
    for line in (under_way, session):
        parts = {part.strip().lower() for part in line.split(";")}
        assert {"httponly", "secure", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
        assert line.startswith("__Host-switchroom")
    assert "samesite=lax" in session.lower()
    assert "samesite=none" in under_way.lower()
    assert "max-age=0" in dropped.lower()


async def test_an_answer_to_nobody_counts_for_nobody(browser: Browser, portal: Portal) -> None:
    sent = await browser.ask("POST", "/sign-in/callback", form={"code": "x", "state": "y"})
    assert (sent.status, sent.headers["Location"]) == (303, "/tab/?sign-in=not-authenticated")
    assert browser.cookie is None


async def test_a_wrong_state_is_refused(browser: Browser) -> None:
    await browser.ask("GET", "/sign-in")
    sent = await browser.ask("POST", "/sign-in/callback", form={"code": "x", "state": "wrong"})
    assert sent.headers["Location"] == "/tab/?sign-in=not-authenticated"
    assert browser.cookie is None


async def test_another_browsers_answer_signs_nobody_in(
    browser: Browser, portal: Portal, entra: Entra
) -> None:
    """Whoever sends a victim the answer to their own sign-in does not get the victim into it."""
    async with Browser(portal, entra) as victim:
        await victim.ask("GET", "/sign-in")
        stolen = victim.cookie_of("__Host-switchroom-sign-in")
        await browser.sign_in(SUPERVISOR)
        assert stolen is not None
        sent = await victim.ask(
            "POST", "/sign-in/callback", form={"code": "of another", "state": "z"}
        )
        assert sent.headers["Location"] == "/tab/?sign-in=not-authenticated"
        assert victim.cookie is None


async def test_somebody_of_another_tenant_sees_nothing(browser: Browser) -> None:
    await browser.sign_in(STRANGER)
    assert (await browser.ask("GET", "/api/me")).status == 401


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("GET", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", {"Sec-Fetch-Site": "same-site"}, 403),
        ("GET", {"Origin": "https://evil.example"}, 403),
        ("GET", {"Origin": "null"}, 403),
        ("DELETE", OWN_PAGE, 200),
        ("DELETE", {}, 403),
        ("DELETE", {"X-Switchroom-Request": "1"}, 403),
        ("DELETE", {"Sec-Fetch-Site": "same-origin"}, 403),
        ("DELETE", OWN_PAGE | {"Sec-Fetch-Site": "none"}, 403),
        ("DELETE", OWN_PAGE | {"Sec-Fetch-Site": "cross-site"}, 403),
        ("DELETE", OWN_PAGE | {"Origin": "http://localhost"}, 403),
    ],
)
async def test_a_cookie_counts_on_our_own_pages_only(
    browser: Browser, method: str, headers: dict[str, str], status: int
) -> None:
    await browser.sign_in(SUPERVISOR)
    assert (await browser.ask(method, "/api/sessions", headers=headers)).status == status
    after = (await browser.ask("GET", "/api/me")).status
    assert after == (401 if (method, status) == ("DELETE", 200) else 200)


async def test_what_another_site_causes_is_in_the_trail_of_whose_browser_it_was(
    browser: Browser, portal: Portal
) -> None:
    crossing = {"Sec-Fetch-Site": "cross-site"}
    await browser.sign_in(SUPERVISOR)
    assert (await browser.ask("DELETE", "/api/sessions", headers=crossing)).status == 403
    assert (await browser.ask("GET", "/api/contacts", headers=crossing)).status == 403
    services = portal.services
    partition = (await services.directory.get("harbour")).partition
    entries = [one async for one in services.audit.entries(partition)]
    told = [one for one in entries if one.action == "access.refused"]
    assert [one.facts for one in told] == [
        {"operation": "end_sessions", "status": 403},
        {"operation": "contacts", "status": 403},
    ]
    opened = next(one for one in entries if one.action == "session.opened")
    assert {one.actor for one in told} == {opened.actor}


async def test_people_see_where_they_are_signed_in_and_sign_out_there(
    browser: Browser, portal: Portal, entra: Entra
) -> None:
    await browser.sign_in(SUPERVISOR)
    async with Browser(portal, entra) as other, Browser(portal, entra) as stranger:
        await other.sign_in(SUPERVISOR)
        await stranger.sign_in(REPRESENTATIVE)
        listed = (await browser.ask("GET", "/api/sessions")).body["sessions"]
        assert [one["current"] for one in listed] in ([True, False], [False, True])
        there = next(one["id"] for one in listed if not one["current"])
        theirs = (await stranger.ask("GET", "/api/sessions")).body["sessions"]
        for id, status in ((theirs[0]["id"], 404), (there, 200), (there, 404)):
            answer = await browser.ask("DELETE", f"/api/sessions/{id}", headers=OWN_PAGE)
            assert answer.status == status
        assert (await other.ask("GET", "/api/me")).status == 401
        assert (await browser.ask("GET", "/api/me")).status == 200
        assert (await stranger.ask("GET", "/api/me")).status == 200


async def test_a_page_that_nobody_touches_keeps_no_session_alive(
    browser: Browser, portal: Portal
) -> None:
    await browser.sign_in(SUPERVISOR)
    used: list[bool] = []
    find = portal.services.sessions.find

    async def finding(cookie: str, *, used_: bool = True) -> object:
        used.append(used_)
        return await find(cookie, used=used_)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            portal.services.sessions,
            "find",
            lambda cookie, *, used=True: finding(cookie, used_=used),
        )
        await browser.ask("GET", "/api/me")
        await browser.ask("GET", "/api/me", headers={"X-Switchroom-Unattended": "1"})
    assert used == [True, False]


async def test_a_copy_is_not_confirmed_for_a_session_that_ended(browser: Browser) -> None:
    await browser.sign_in(SUPERVISOR)
    answer = await browser.ask("GET", "/api/dashboards/summary?from=2026-11-20")
    copy = {"If-None-Match": answer.headers["ETag"]}
    assert "Cookie" in answer.headers["Vary"]
    assert (
        await browser.ask("GET", "/api/dashboards/summary?from=2026-11-20", headers=copy)
    ).status == 304
    crossing = copy | {"Sec-Fetch-Site": "cross-site"}
    refused = await browser.ask("GET", "/api/dashboards/summary?from=2026-11-20", headers=crossing)
    assert refused.status == 403
    browser.cookies.clear()
    without = await browser.ask("GET", "/api/dashboards/summary?from=2026-11-20", headers=copy)
    assert without.status == 401


async def test_a_step_up_proves_the_second_factor_and_changes_the_cookie(
    browser: Browser, portal: Portal
) -> None:
    await browser.sign_in(SUPERVISOR)
    before = browser.cookie
    assert before is not None
    assert (await portal.services.sessions.find(before)).claims.methods == {"pwd"}
    await browser.sign_in(SUPERVISOR, "/sign-in?purpose=step_up")
    after = browser.cookie
    assert after is not None
    assert after != before
    assert "mfa" in (await portal.services.sessions.find(after)).claims.methods
    assert (await browser.ask("GET", "/api/me")).status == 200
    browser.cookies.popitem()


async def test_a_step_up_as_somebody_else_is_refused(browser: Browser) -> None:
    await browser.sign_in(SUPERVISOR)
    before = browser.cookie
    back = await browser.sign_in(REPRESENTATIVE, "/sign-in?purpose=step_up")
    assert back.headers["Location"] == "/tab/?sign-in=not-authenticated"
    assert browser.cookie == before


async def test_without_a_session_there_is_no_step_up(browser: Browser) -> None:
    assert (await browser.ask("GET", "/sign-in?purpose=step_up")).status == 401


async def test_the_tab_in_teams_proves_its_person_through_a_window(
    browser: Browser, portal: Portal, entra: Entra
) -> None:
    back = await browser.sign_in(SUPERVISOR, "/sign-in?purpose=proof")
    address, _, proof = back.headers["Location"].partition("#proof=")
    assert (address, len(proof) > 43, browser.cookie) == ("/tab/", True, None)
    claims = await portal.services.access.claims(entra.token(SUPERVISOR))
    assert "mfa" in (await portal.services.sessions.proven(claims, proof)).methods
    others = await portal.services.access.claims(entra.token(REPRESENTATIVE))
    assert "mfa" not in (await portal.services.sessions.proven(others, proof)).methods


async def test_consent_is_asked_for_in_a_window_and_opens_no_session(browser: Browser) -> None:
    back = await browser.sign_in(SUPERVISOR, "/sign-in?purpose=consent")
    assert back.headers["Location"] == "/tab/#proof=consent-given"
    assert browser.cookie is None


async def test_a_wrong_secret_is_our_trouble_and_a_right_one_counts_at_once(
    browser: Browser, portal: Portal
) -> None:
    secret = portal.settings.entra_secret_file
    assert secret is not None
    right = secret.read_text(encoding="utf-8")
    secret.write_text("an old one", encoding="utf-8")
    back = await browser.sign_in(SUPERVISOR)
    assert back.headers["Location"] == "/tab/?sign-in=unavailable"
    secret.write_text(right, encoding="utf-8")
    await browser.sign_in(SUPERVISOR)
    assert (await browser.ask("GET", "/api/me")).status == 200


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "/api/me"])
async def test_nobody_is_sent_elsewhere(browser: Browser, where: str) -> None:
    back = await browser.sign_in(SUPERVISOR, f"/sign-in?return_to={where}")
    assert back.headers["Location"] == "/tab/"


async def test_another_name_of_this_machine_begins_no_sign_in(portal: Portal) -> None:
    answer = await portal.ask("GET", "/sign-in", headers={"Host": "evil.example"})
    assert answer.status == 404
