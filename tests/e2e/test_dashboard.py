"""What people see and do on the dashboard."""

import re

from playwright.sync_api import Page, Route, expect

from portal.settings import ROOT
from tests.e2e.conftest import SUPERVISOR, Product, Teams
from tests.e2e.contact_files import DAY, TARGET

THREE_CX = ROOT / "tests" / "fixtures" / "sources" / "three-cx.csv"


def test_figures_are_visible(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    teams.wait_for("Offered: 10")
    teams.wait_for("Answered: 8")
    teams.wait_for("Abandoned: 2")
    teams.wait_for("Service level: 70.0%. 7 of 10 within 20\u202fs")
    expect(teams.tab.get_by_role("heading", name="Harbour Lane Insurance")).to_be_visible()
    expect(teams.tab.locator("canvas")).to_be_visible()
    queues = teams.tab.get_by_role("table", name="Queues")
    expect(queues.get_by_role("rowheader", name="Billing")).to_be_visible()
    expect(queues.get_by_role("button", name="Offered, Billing: 6")).to_be_visible()
    agents = teams.tab.get_by_role("table", name="Agents")
    expect(agents.get_by_role("rowheader", name="agent1")).to_be_visible()


def test_times_are_the_organisations_not_the_browsers(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    expect(teams.tab.get_by_text("Figures up to 2 Mar, 10:")).to_be_visible()


def test_a_definition_is_shown_on_focus(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    teams.wait_for("Service level: 70.0%")
    teams.page.keyboard.press("Tab")
    teams.tile("Service level: 70.0%").focus()
    expect(teams.tab.get_by_role("tooltip").get_by_text("A≤T / (A + B)")).to_be_visible()


def test_the_definition_and_the_threshold_change_the_figure(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    teams.wait_for("Service level: 70.0%")
    teams.tab.get_by_label("Service level", exact=True).select_option("answered_only")
    teams.wait_for("Service level: 87.5%. 7 of 8 within 20\u202fs")
    seconds = teams.tab.get_by_label("Within, seconds")
    seconds.fill("60")
    seconds.press("Enter")
    teams.wait_for("Service level: 100.0%. 8 of 8 within 1:00")


def test_filters_live_in_the_address(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    teams.wait_for("Offered: 10")
    teams.tab.get_by_role("button", name="Queue: All queues").click()
    teams.tab.get_by_role("checkbox", name="Claims").check()
    teams.wait_for("Offered: 4")
    assert re.search(rf"from={DAY}&to={DAY}&queue=\w+", teams.frame.url)
    teams.frame.evaluate("history.back()")
    teams.wait_for("Offered: 10")


def test_a_shared_link_opens_the_same_figures(teams: Teams) -> None:
    teams.open(SUPERVISOR, f"{TARGET}&definition=positive&threshold=60")
    teams.wait_for("Service level: 100.0%. 10 of 10 within 1:00")
    teams.tab.get_by_role("button", name="Copy link").click()
    link = teams.page.get_by_role("status").get_by_role("link").get_attribute("href")
    assert link
    teams.page.goto(link)
    teams.wait_for("Service level: 100.0%. 10 of 10 within 1:00")


def test_the_chart_has_a_table(teams: Teams) -> None:
    teams.open(SUPERVISOR)
    teams.wait_for("Offered: 10")
    teams.tab.get_by_role("button", name="Table").click()
    course = teams.tab.get_by_role("table", name="Through the day")
    expect(course.get_by_role("row", name=re.compile("^10:00"))).to_contain_text("70.0%")


def test_an_empty_range_says_what_to_do(teams: Teams) -> None:
    teams.open(sub_page="from=2026-03-03&to=2026-03-03")
    expect(teams.tab.get_by_role("heading", name="No contacts in this range")).to_be_visible()
    expect(teams.tab.get_by_role("button", name="Import contacts")).to_have_count(2)


def test_a_range_that_ends_before_it_starts_is_explained(teams: Teams) -> None:
    teams.open(sub_page="from=2026-03-03&to=2026-03-02")
    expect(teams.tab.get_by_text("The first day is after the last.")).to_be_visible()


def test_skeletons_bridge_a_slow_answer(teams: Teams) -> None:
    held: list[Route] = []
    passing = False

    def hold(route: Route) -> None:
        if passing:
            route.continue_()
        else:
            held.append(route)

    teams.page.route("**/api/dashboards/summary?*", hold)
    teams.open(SUPERVISOR)
    expect(teams.tab.locator(".skeleton-hero")).to_be_visible(timeout=5_000)
    passing = True  # the tab asks again when it hears of a revision meanwhile
    for route in held:
        route.continue_()
    teams.wait_for("Offered: 10")


def test_an_error_can_be_retried_and_reported(teams: Teams) -> None:
    problem = (
        '{"type": "about:blank", "title": "Error", "status": 500, "code": "internal",'
        ' "detail": "", "correlation_id": "c0ffee"}'
    )
    teams.page.route(
        "**/api/dashboards/summary?*",
        lambda route: route.fulfill(
            status=500, content_type="application/problem+json", body=problem
        ),
    )
    teams.open(SUPERVISOR)
    expect(teams.tab.get_by_role("alert")).to_contain_text("Correlation id c0ffee")
    teams.page.unroute("**/api/dashboards/summary?*")
    again = teams.tab.get_by_role("button", name="Try again")
    again.evaluate_all("buttons => buttons.forEach(one => one.click())")  # or it came by itself
    teams.wait_for("Offered: 10")


def test_reconciliation_sets_our_figure_beside_the_vendors(teams: Teams) -> None:
    teams.open(SUPERVISOR, f"{TARGET}&view=reconciliation")
    vendor = teams.tab.get_by_role("region", name="Amazon Connect")
    expect(vendor).to_contain_text("70.0%")
    expect(vendor).to_contain_text("10 contacts")


def test_words_follow_the_language_of_teams(teams: Teams) -> None:
    teams.open(SUPERVISOR, locale="de-DE")
    teams.wait_for("Servicelevel: 70,0")
    expect(teams.tab.get_by_role("table", name="Warteschlangen")).to_be_visible()


def test_outside_teams_the_tab_says_where_it_belongs(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/tab/")
    expect(page.get_by_role("heading", name="Sign in to Switchroom")).to_be_visible()
    page.get_by_role("link", name="Go to the local Teams page").click()
    expect(page.get_by_text("Local Teams")).to_be_visible()


def test_what_no_source_can_say_is_never_a_zero(teams: Teams) -> None:
    teams.product.import_file(THREE_CX.read_bytes(), "three-cx", queue_extensions="610,611,800")
    teams.open(SUPERVISOR, "from=2026-01-01&to=2026-12-31")
    teams.tab.get_by_role("button", name="Queue: All queues").click()
    boxes = teams.tab.get_by_role("checkbox", name=re.compile("3CX"))
    expect(boxes.first).to_be_visible()
    for box in boxes.all():
        box.check()
    teams.wait_for("Service level: not derivable")
    teams.page.keyboard.press("Tab")
    teams.tile("Service level: not derivable").focus()
    expect(teams.tab.get_by_role("tooltip")).to_contain_text("3CX")
