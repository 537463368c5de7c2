"""Shared chats and channels: whose figures are told there, who changes that, who sees what."""

from typing import Any

import pytest

from bot.channel.turn import (
    IncomingKind,
    InvokeCard,
    InvokeMessage,
    Member,
    PlaceKind,
    Show,
    ShowPrivately,
    Update,
)
from portal.domain.alerts.documents import PLACE
from portal.domain.alerts.rules import conversation_id
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import texts
from tests.fakes.clock import StandingClock
from tests.unit.bot.helpers import BOTH, Chat, button, buttons, plain
from tests.unit.bot.test_press import FORM, with_alert

TEAM = conversation_id("19:team@thread.tacv2")
RELEASE, MOVE = "Release", "Tell those of Juniper Street Energy"
HIDDEN = "Figures of a contact centre, for those who may see them."


@pytest.fixture
async def channel(chat: Chat) -> Chat:
    """Sofia in a channel where Harbour Lane's figures are told."""
    there = chat.in_(kind=PlaceKind.CHANNEL)
    await there.card("dashboard")
    return there


async def place_card(channel: Chat) -> dict[str, Any]:
    """What `settings` answers in the channel itself."""
    private, shown = await channel.say("settings")
    assert isinstance(private, ShowPrivately)
    assert isinstance(shown, Show)
    return plain(shown.card)


async def whose(services: Services) -> str:
    tenancy = services.directory.directory
    found = await services.documents.query(tenancy, PLACE)
    return found.documents[0].body["organization"] if found.documents else ""


# --- whose a place is ---------------------------------------------------------------------


async def test_settings_say_whose_figures_are_told_to_who_may_change_it(channel: Chat) -> None:
    shown = texts(await place_card(channel))
    assert shown[0] == "Whose figures are told here"
    assert "Harbour Lane Insurance" in shown
    assert RELEASE in shown
    assert MOVE not in shown
    assert MOVE in texts(await place_card(channel.in_(BOTH)))


@pytest.mark.parametrize("who", ["amira.khan", "ruth.engel", "hana.novak", "grace.osei"])
async def test_others_get_their_own_settings_alone(channel: Chat, who: str) -> None:
    (answer,) = await channel.in_(who).say("settings")
    assert isinstance(answer, ShowPrivately)


async def test_it_is_released_where_it_was_asked_and_the_next_to_ask_decides(
    channel: Chat, services: Services
) -> None:
    await with_alert(channel)
    answers = await channel.press(button(await place_card(channel), RELEASE))
    assert [type(one) for one in answers] == [InvokeCard, Update]
    assert isinstance(answers[0], InvokeCard)
    shown = texts(answers[0].card)
    assert "Changed. Alerts that are not sent here any more: 1" in shown
    assert "Nobody's yet: whoever asks me here next decides it." in shown
    assert await whose(services) == ""
    card = await channel.in_("grace.osei").card("dashboard")
    assert "Juniper" in " ".join(texts(card))
    assert await whose(services) == "juniper"


async def test_it_is_moved_by_who_manages_alerts_in_both(channel: Chat, services: Services) -> None:
    await with_alert(channel)
    bo = channel.in_(BOTH)
    moved = await bo.pressed(button(await place_card(bo), MOVE))
    assert "Changed. Alerts that are not sent here any more: 1" in texts(moved)
    assert "Juniper Street Energy" in texts(moved)
    assert await whose(services) == "juniper"
    assert "Juniper" in " ".join(texts(await bo.card("dashboard")))
    (answer,) = await channel.say("dashboard")
    assert isinstance(answer, ShowPrivately)
    back = await bo.pressed(button(moved, "Tell those of Harbour Lane Insurance"))
    assert "Harbour Lane Insurance" in texts(back)
    assert await whose(services) == "harbour"


@pytest.mark.parametrize("who", ["amira.khan", "ruth.engel", "grace.osei", "tomas.silva", "nobody"])
async def test_who_may_not_is_refused_plainly_and_changes_nothing(
    channel: Chat, services: Services, who: str
) -> None:
    card = await place_card(channel.in_(BOTH))
    for one in buttons(card):
        (answer,) = await channel.in_(who).press(one)
        assert isinstance(answer, InvokeMessage)
        assert answer.status == 403
    assert await whose(services) == "harbour"


async def test_who_manages_one_organisation_cannot_move_it_to_another(
    channel: Chat, services: Services
) -> None:
    card = await place_card(channel.in_(BOTH))
    (answer,) = await channel.press(button(card, MOVE))
    assert isinstance(answer, InvokeMessage)
    assert answer.status == 403
    assert await whose(services) == "harbour"


async def test_the_card_works_in_its_own_place_alone(channel: Chat, services: Services) -> None:
    card = await place_card(channel)
    for there in (channel.in_(where="19:other"), channel.in_(kind=PlaceKind.PERSONAL)):
        (answer,) = await there.press(button(card, RELEASE))
        assert isinstance(answer, InvokeMessage)
    assert await whose(services) == "harbour"


async def test_an_old_card_changes_nothing_and_draws_how_it_stands(
    channel: Chat, services: Services, clock: StandingClock
) -> None:
    bo = channel.in_(BOTH)
    old = await place_card(bo)
    moved = await bo.pressed(button(old, MOVE))
    await bo.pressed(button(moved, "Tell those of Harbour Lane Insurance"))
    stale = await bo.pressed(button(old, RELEASE))
    assert "This was changed meanwhile. This is how it stands now." in texts(stale)
    clock.pass_time(seconds=25 * 3600)
    expired = await bo.pressed(button(stale, RELEASE))
    assert "This card is old; this is how it stands now." in texts(expired)
    assert await whose(services) == "harbour"


async def test_an_old_card_of_another_organisation_draws_whose_the_place_is_now(
    channel: Chat, services: Services
) -> None:
    bo = channel.in_(BOTH)
    old = await place_card(bo)
    await bo.pressed(button(old, MOVE))
    stale = await bo.pressed(button(old, RELEASE))
    assert "This was changed meanwhile. This is how it stands now." in texts(stale)
    assert "Juniper Street Energy" in texts(stale)
    (refused,) = await channel.press(button(old, RELEASE))
    assert isinstance(refused, InvokeMessage)
    assert "Juniper" not in refused.text
    assert await whose(services) == "juniper"
    await bo.pressed(button(stale, RELEASE))
    assert await whose(services) == ""


async def test_a_press_that_comes_again_changes_it_once(channel: Chat, services: Services) -> None:
    bo = channel.in_(BOTH)
    action = button(await place_card(bo), MOVE)
    key = {"replay_key": "e" * 64, "value": action["data"], "verb": action["verb"]}
    for _ in range(2):
        await bo.send(IncomingKind.CARD_ACTION, **key)
    assert await whose(services) == "juniper"


# --- private copies -----------------------------------------------------------------------


async def copy(asker: Chat, text: str) -> dict[str, Any]:
    """The card that came privately."""
    (answer,) = await asker.say(text)
    assert isinstance(answer, ShowPrivately)
    assert answer.card is not None
    return plain(answer.card)


@pytest.mark.parametrize("has_written_before", [True, False])
async def test_a_copy_in_the_own_chat_works_there_and_nowhere_else(
    channel: Chat, *, has_written_before: bool
) -> None:
    grace = channel.in_("grace.osei")
    alone = grace.in_(kind=PlaceKind.PERSONAL)
    if has_written_before:
        await alone.say("help")
    for text, title in (("dashboard", "Yesterday"), ("queues", "Last 7 days")):
        action = button(await copy(grace, text), title)
        assert any("Juniper" in one for one in texts(await alone.pressed(action)))
        (answer,) = await grace.press(action)
        assert isinstance(answer, InvokeMessage)
        others = [
            alone.in_("dana.whitfield"),
            alone.in_(kind=PlaceKind.GROUP, where="19:group"),
        ]
        for other in others:
            (answer,) = await other.press(action)
            assert isinstance(answer, InvokeMessage), other.kind
            assert answer.status == 403


@pytest.mark.parametrize("has_written_before", [True, False])
async def test_an_alert_made_from_a_copy_is_sent_to_the_own_chat(
    channel: Chat, services: Services, *, has_written_before: bool
) -> None:
    grace = channel.in_("grace.osei")
    alone = grace.in_(kind=PlaceKind.PERSONAL)
    if has_written_before:
        await alone.say("help")
    card = await copy(grace, "alerts")
    made = await alone.pressed(button(card, "Create and send here"), **FORM)
    assert "The alert is set and sent here." in texts(made)
    (listed,) = await services.alerts.all(actor=await centre.actor(services, "grace.osei"))
    (subscription,) = listed.subscriptions
    assert subscription.conversation == conversation_id("chat-of-grace.osei")
    assert listed.own == subscription
    again = await copy(grace, "alerts")
    assert "Stop sending here" in texts(again)
    await alone.pressed(button(again, "Stop sending here"))
    (listed,) = await services.alerts.all(actor=await centre.actor(services, "grace.osei"))
    assert listed.subscriptions == ()


async def test_a_copy_is_what_its_reader_would_see_alone(channel: Chat) -> None:
    noah = channel.in_("noah.reyes")
    assert texts(await copy(noah, "dashboard"))[0] == "Your own figures"


# --- what each sees in the same place -----------------------------------------------------


async def test_a_partners_client_draws_totals_and_they_post_what_they_see_themselves(
    channel: Chat,
) -> None:
    ruth = channel.in_("ruth.engel")
    posted = await ruth.card("dashboard")
    assert texts(posted)[0] == texts(await channel.card("dashboard"))[0]
    assert "Newest contact 28 Oct 2026, 13:45" in texts(posted)[3], "by quarter hours"
    (answer,) = await ruth.refreshed(posted)
    assert isinstance(answer, InvokeCard)
    assert texts(answer.card)[0] == "Totals without names"
    assert "By queue" not in texts(answer.card)


@pytest.mark.parametrize("who", ["tomas.silva", "grace.osei", "nobody"])
async def test_who_may_not_see_the_figures_gets_a_card_without_them_on_refresh(
    channel: Chat, who: str
) -> None:
    card = await channel.card("dashboard")
    (answer,) = await channel.in_(who).refreshed(card)
    assert isinstance(answer, InvokeCard)
    (shown,) = texts(answer.card)
    assert shown.startswith(HIDDEN)
    assert "refresh" not in answer.card
    (pressed,) = await channel.in_(who).press(card["refresh"]["action"])
    assert isinstance(pressed, InvokeMessage)
    assert pressed.status == 403


async def test_the_clients_of_everybody_who_was_heard_of_there_refresh_the_card(
    channel: Chat,
) -> None:
    for who in ("nobody", "tomas.silva", "grace.osei"):
        await channel.in_(who).say("help")
    bot = Member("28:bot", "", "Switchroom", is_bot=True)
    guest = Member("29:guest", "", "A Guest")
    await channel.send(IncomingKind.MEMBERS_ADDED, members=(bot, guest))
    card = await channel.card("dashboard")
    assert set(card["refresh"]["userIds"]) == {
        "29:sofia.lindqvist",
        "29:guest",
        "29:nobody",
        "29:tomas.silva",
        "29:grace.osei",
    }
    assert card["refresh"]["userIds"][0] == "29:sofia.lindqvist"
    elsewhere = await channel.in_(where="19:elsewhere").card("dashboard")
    assert elsewhere["refresh"]["userIds"] == ["29:sofia.lindqvist"]
    for number in range(70):
        await channel.in_(f"stranger-{number}").say("help")
    card = await channel.card("dashboard")
    assert len(card["refresh"]["userIds"]) == 60
    await channel.send(IncomingKind.REMOVED)
    card = await channel.card("dashboard")
    assert card["refresh"]["userIds"] == ["29:sofia.lindqvist"]


async def test_who_lost_their_role_loses_the_figures_of_their_own_chat_on_refresh(
    chat: Chat,
) -> None:
    card = await chat.card("dashboard")
    (answer,) = await chat.in_("tomas.silva", where="chat-of-sofia.lindqvist").refreshed(card)
    assert isinstance(answer, InvokeCard)
    assert texts(answer.card)[0].startswith(HIDDEN)
