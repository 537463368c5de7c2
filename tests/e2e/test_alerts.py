"""Alerts in the tab: made, changed, changed by somebody else meanwhile, removed."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ACR, SUPERVISOR, Product, Teams

JSON = "application/json"
LOW = {
    "kind": "threshold",
    "metric": "service_level",
    "comparison": "below",
    "limit": 80,
    "window_minutes": 15,
    "hours": {"days": [5, 6], "from": "10:00", "to": "24:00"},
}


def alerts(product: Product) -> list[dict[str, Any]]:
    """What the service knows."""
    found: list[dict[str, Any]] = product.call("/api/alerts", person=SUPERVISOR)["alerts"]
    return found


@pytest.fixture
def alert(fresh: Product, page: Any) -> Teams:
    """The page of alerts with one of them."""
    body = json.dumps({"trigger": LOW}).encode()
    fresh.call("/api/alerts", person=ACR, body=body, kind=JSON)
    teams = Teams(page, fresh)
    teams.open(SUPERVISOR, "view=alerts")
    return teams


def test_an_alert_is_changed_where_it_stands(alert: Teams) -> None:
    line = alert.tab.locator("li.alert")
    expect(line).to_contain_text("Service level below 80.0% over 15 minutes")
    expect(line).to_contain_text("in opening hours only, 10:00–24:00, on Sat, Sun")
    button = line.get_by_role("button", name="Change")
    button.click()
    dialog = alert.tab.get_by_role("dialog", name="Change alert")
    expect(dialog.get_by_label("Limit, percent")).to_have_value("80")
    expect(dialog.get_by_label("To", exact=True)).to_have_value("24:00")
    expect(dialog.get_by_role("checkbox", name="Sat")).to_be_checked()
    expect(dialog.get_by_role("checkbox", name="Mon")).not_to_be_checked()
    alert.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    button.click()
    dialog.get_by_label("Limit, percent").fill("101")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Percent from 0 to 100")).to_be_visible()
    dialog.get_by_label("Limit, percent").fill("75")
    dialog.get_by_role("checkbox", name="Sat").uncheck()
    dialog.get_by_role("checkbox", name="Sun").uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("At least one day.")).to_be_visible()
    dialog.get_by_role("checkbox", name="Mon").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).not_to_be_visible()
    expect(line).to_contain_text("Service level below 75.0% over 15 minutes")
    expect(line).to_contain_text("on Mon")
    (known,) = alerts(alert.product)
    assert (known["version"], known["trigger"]["limit"]) == (2, 75)
    assert known["trigger"]["hours"] == {"days": [0], "from": "10:00", "to": "24:00"}


def test_what_somebody_else_changed_meanwhile_is_not_written_over(alert: Teams) -> None:
    line = alert.tab.locator("li.alert")
    line.get_by_role("button", name="Change").click()
    dialog = alert.tab.get_by_role("dialog", name="Change alert")
    dialog.get_by_label("Limit, percent").fill("60")
    (known,) = alerts(alert.product)
    body = json.dumps({"trigger": {**LOW, "limit": 90}}).encode()
    path = f"/api/alerts/{known['id']}?version=1"
    alert.product.call(path, person=ACR, body=body, method="PUT", kind=JSON)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("changed or removed this alert meanwhile")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_role("button", name="Close").click()
    expect(line).to_contain_text("below 90.0%")
    line.get_by_role("button", name="Change").click()
    expect(dialog.get_by_label("Limit, percent")).to_have_value("90")
    assert alerts(alert.product)[0]["version"] == 2


def test_the_form_of_a_new_alert_keeps_what_was_typed_until_it_is_made(alert: Teams) -> None:
    alert.tab.get_by_role("button", name="New alert").click()
    dialog = alert.tab.get_by_role("dialog", name="New alert")
    dialog.get_by_label("What").select_option("daily")
    dialog.get_by_label("Time of day").fill("17:45")
    alert.page.keyboard.press("Escape")
    alert.tab.get_by_role("button", name="New alert").click()
    expect(dialog.get_by_label("Time of day")).to_have_value("17:45")
    dialog.get_by_role("checkbox", name="Sun").uncheck()
    dialog.get_by_role("button", name="Create").click()
    expect(alert.tab.locator("li.alert")).to_have_count(2)
    expect(alert.tab.locator("ul.alerts")).to_contain_text(
        "Every day at 17:45: figures of the day so far, on Mon, Tue, Wed, Thu, Fri, Sat"
    )
    alert.tab.get_by_role("button", name="New alert").click()
    expect(dialog.get_by_label("Limit, percent")).to_have_value("80")
