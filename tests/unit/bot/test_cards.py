import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.cards import elements as e
from bot.cards.figures import spark, trend, value
from bot.messages import CATALOGUES, Words
from portal.domain.dashboards.model import Metric, MetricName, Unit
from tests.unit.bot import drawn

CARDS = drawn.everything()
KNOWN = {
    "AdaptiveCard",
    "TextBlock",
    "RichTextBlock",
    "TextRun",
    "ColumnSet",
    "Column",
    "Container",
    "ActionSet",
    "Input.ChoiceSet",
    "Input.Number",
    "Input.Time",
    "Input.Toggle",
    "Action.Execute",
    "Action.OpenUrl",
    "Action.Submit",
    "Action.ToggleVisibility",
}


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every element and action of a card."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str) and value["type"] != "imBack":
            yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_as_it_was_agreed(name: str) -> None:
    """After a wanted change: `python -m tests.unit.bot.drawn`, then look at the difference."""
    agreed = (drawn.FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert drawn.written(CARDS[name]) == agreed


def test_no_agreed_card_is_left_over() -> None:
    assert {path.stem for path in drawn.FOLDER.glob("*.json")} == set(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_of_version_1_5_small_and_of_known_elements(name: str) -> None:
    card = CARDS[name]
    assert card["version"] == "1.5"
    assert card["fallbackText"]
    assert len(json.dumps(card)) < 16_000
    assert {one["type"] for one in nodes(card)} <= KNOWN
    assert len(card.get("actions", [])) <= 6
    assert len(card.get("refresh", {}).get("userIds", [])) <= 60


@pytest.mark.parametrize("name", CARDS)
def test_no_card_needs_anything_from_elsewhere(name: str) -> None:
    """Nothing to load: an image that fails offline would take its card with it."""
    text = drawn.written(CARDS[name])
    assert "Image" not in text
    urls = [one["url"] for one in nodes(CARDS[name]) if one["type"] == "Action.OpenUrl"]
    assert all(url.startswith("https://teams.microsoft.com/l/entity/") for url in urls)


@pytest.mark.parametrize("name", CARDS)
def test_ids_are_unique_and_toggles_lead_somewhere(name: str) -> None:
    ids = [one["id"] for one in nodes(CARDS[name]) if "id" in one]
    assert len(ids) == len(set(ids))
    for one in nodes(CARDS[name]):
        assert set(one.get("targetElements", [])) <= set(ids)


def test_at_most_sixty_people_refresh_by_themselves() -> None:
    again = e.execute("x", "v", "r")
    card = e.card([], fallback="f", refresh=again, users=[f"29:{n}" for n in range(100)])
    assert len(card["refresh"]["userIds"]) == 60
    assert "refresh" not in e.card([], fallback="f", refresh=again)


def test_a_missing_figure_is_a_word_and_a_partial_one_says_what_it_covers() -> None:
    shown = " ".join(one.get("text", "") for one in nodes(CARDS["board"]))
    assert "Not derivable: 3CX, Microsoft Teams cannot say what is needed." in shown
    assert "Partly: covers 90 of 128 contacts." in shown
    assert "Nothing to count in this range." in shown
    assert value(Metric(None, Unit.SECONDS, "x"), Words("en")) == "none"


def test_a_trend_is_bars_and_the_same_in_words() -> None:
    assert spark([0.0, None, 7.0, 3.5]) == "▁·█▅"
    assert spark([2.0, 2.0]) == "▁▁"
    assert spark([]) == ""
    points = [Metric(one, Unit.CONTACTS) for one in (3.0, 9.0, None)]
    shown = [
        one["text"]
        for one in nodes(trend(MetricName.OFFERED, points, Words("en")))
        if "text" in one
    ]
    assert shown == ["Offered over the range", "▁█·", "From 3 to 9, last 9."]
    few = trend(MetricName.OFFERED, points[:1], Words("de"))
    assert few[1]["text"] == "Zu wenige Werte für einen Verlauf."


@pytest.mark.parametrize("name", CARDS)
def test_markdown_is_read_in_messages_of_the_catalogue_alone(name: str) -> None:
    """A TextBlock is markdown, so its text is a message word for word, or one with numbers."""
    messages = {text for catalogue in CATALOGUES.values() for text in catalogue.values()}
    counted = {"12 more queues are in the dashboard.", "Did you mean 'alerts'?"}
    counted |= {"Meinten Sie 'alarme'?", "Offered over the range", "Angeboten im Zeitraum"}
    for one in nodes(CARDS[name]):
        if one["type"] == "TextBlock":
            assert one["text"] in messages | counted, one["text"]
