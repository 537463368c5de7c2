"""What buttons do, and that nothing but an untouched button of ours in the right hands does it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.actions.throttle import QUIET_MS
from bot.channel.turn import IncomingKind, InvokeCard, InvokeMessage, PlaceKind, Update
from bot.references import Verb
from portal.domain.alerts.documents import (
    CONVERSATION,
    DELIVERY,
    PLACE,
    PREFERENCE,
    RULE,
    STANDING,
    SUBSCRIPTION,
)
from portal.domain.alerts.ports import OutcomeUnknown
from portal.domain.shared.fields import Kind
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import texts
from tests.fakes.clock import StandingClock
from tests.unit.bot.helpers import Chat, button, buttons, plain

FORM = {
    "kind": "threshold",
    "queue": "*",
    "metric": "offered",
    "comparison": "above",
    "limit": "3",
    "window": "15",
    "cool_down": "60",
    "at": "08:00",
}


STATE = (RULE, STANDING, SUBSCRIPTION, DELIVERY, CONVERSATION, PREFERENCE, PLACE)
"""Everything that buttons could change."""


async def state(services: Services, kinds: Sequence[Kind] = STATE) -> str:
    """What of it is stored."""
    found = []
    partitions = [(await services.directory.get(one)).partition for one in ("harbour", "juniper")]
    for partition in (*partitions, services.directory.directory):
        for kind in kinds:
            page = await services.documents.query(partition, kind)
            found += [(partition, kind.name, one.id, one.etag) for one in page.documents]
    return json.dumps(found)


async def with_alert(chat: Chat) -> dict[str, Any]:
    """An alert that is sent to this chat, and the list that shows it."""
    card = await chat.card("alerts")
    return await chat.pressed(button(card, "Create and send here"), **FORM)


async def test_a_refused_subscription_leaves_no_chat_behind(chat: Chat, services: Services) -> None:
    channel = chat.in_(kind=PlaceKind.CHANNEL, where="19:team@thread.tacv2")
    card = await with_alert(channel)
    offered = button(await channel.pressed(button(card, "Stop sending here")), "Send here")
    before = await state(services)
    for kind in (PlaceKind.PERSONAL, PlaceKind.CHANNEL):
        partner = chat.in_("ruth.engel", kind, where="19:team@thread.tacv2")
        (refused,) = await partner.press(offered)
        assert isinstance(refused, InvokeMessage)
        assert refused.status == 403
    assert await state(services) == before


async def rules_of(services: Services, who: str = "sofia.lindqvist") -> tuple[Any, ...]:
    return await services.alerts.all(actor=await centre.actor(services, who))


# --- refresh --------------------------------------------------------------------------------


async def test_a_board_refreshes_for_who_asked_and_not_twice_in_ten_seconds(
    chat: Chat, clock: StandingClock
) -> None:
    card = await chat.card("dashboard")
    assert card["refresh"]["userIds"] == ["29:sofia.lindqvist"]
    again = card["refresh"]["action"]
    first = await chat.pressed(again)
    assert "refresh" in first
    second = await chat.pressed(again)
    assert "refresh" not in second
    assert second == {name: value for name, value in first.items() if name != "refresh"}
    clock.pass_time(seconds=QUIET_MS / 1000)
    assert "refresh" in await chat.pressed(again)


async def test_a_client_that_refreshes_every_card_it_gets_is_stopped(
    chat: Chat, clock: StandingClock
) -> None:
    card, drawn = await chat.card("dashboard"), 0
    while "refresh" in card:
        clock.pass_time(seconds=1)
        card = await chat.pressed(card["refresh"]["action"])
        drawn += 1
    assert drawn == 2


async def test_a_refresh_is_drawn_for_the_role_of_who_refreshes(chat: Chat) -> None:
    card = await chat.in_(kind=PlaceKind.CHANNEL).card("dashboard")
    again = card["refresh"]["action"]
    (refused,) = await chat.in_("tomas.silva", PlaceKind.CHANNEL).press(again)
    assert isinstance(refused, InvokeMessage)
    assert refused.status == 403
    partner = await chat.in_("ruth.engel", PlaceKind.CHANNEL).pressed(again)
    assert texts(partner)[1] == "All queues"


async def test_an_old_board_says_how_old_its_figures_are_and_still_refreshes(
    chat: Chat, clock: StandingClock
) -> None:
    card = await chat.card("dashboard")
    warning = "Caution: the newest contact is more than an hour old."
    assert warning not in texts(card)
    clock.pass_time(seconds=3 * 24 * 3600)
    assert warning in texts(await chat.pressed(card["refresh"]["action"]))


async def test_a_card_works_only_where_it_was_shown(chat: Chat) -> None:
    card = await chat.card("dashboard")
    (answer,) = await chat.in_(where="another-chat").press(button(card, "Refresh"))
    assert isinstance(answer, InvokeMessage)
    assert "another chat" in answer.text


# --- alerts ---------------------------------------------------------------------------------


async def test_an_alert_is_made_from_the_card_and_sent_there(
    chat: Chat, services: Services
) -> None:
    card = await with_alert(chat)
    assert "The alert is set and sent here." in texts(card)
    assert "Offered above 3 over 15 minutes" in texts(card)
    (listed,) = await rules_of(services)
    (subscription,) = listed.subscriptions
    assert listed.own == subscription
    assert subscription.reader == "29:sofia.lindqvist"


async def test_the_list_is_redrawn_for_all_who_read_along(chat: Chat) -> None:
    channel = chat.in_(kind=PlaceKind.CHANNEL)
    card = await channel.card("alerts")
    answers = await channel.press(button(card, "Create and send here"), **FORM)
    assert [type(one) for one in answers] == [InvokeCard, Update]
    update = answers[1]
    assert isinstance(update, Update)
    assert update.activity_id == "the-card"


@pytest.mark.parametrize(
    "change",
    [
        {"limit": "nan"},
        {"limit": "inf"},
        {"limit": "-1"},
        {"limit": "many"},
        {"window": "1"},
        {"window": "1.5"},
        {"cool_down": "999999"},
        {"metric": "wages"},
        {"comparison": "beside"},
        {"kind": "weekly"},
        {"kind": "daily", "at": "25:00"},
        {"queue": ""},
        {"surplus": "x"},
        {"hours": "perhaps"},
        {"hours": "true", "days": ""},
        {"hours": "true", "days": "0,0"},
        {"hours": "true", "days": "7"},
        {"hours": "true", "opens": "17:00", "closes": "09:00"},
        {"hours": "true", "opens": "9"},
        {"kind": "daily", "days": ""},
    ],
)
async def test_a_malformed_form_is_refused_by_its_field(
    chat: Chat, services: Services, change: dict[str, str]
) -> None:
    create = button(await chat.card("alerts"), "Create and send here")
    before = await state(services)
    (answer,) = await chat.press(create, **(FORM | change))
    assert isinstance(answer, InvokeMessage)
    assert answer.status == 400
    assert await state(services) == before


async def test_opening_hours_and_days_are_set_on_the_card(chat: Chat, services: Services) -> None:
    hours = {"hours": "true", "days": "0,4", "opens": "08:30", "closes": "23:59"}
    create = button(await chat.card("alerts"), "Create and send here")
    card = await chat.pressed(create, **(FORM | hours))
    shown = "Offered above 3 over 15 minutes, only Monday, Friday, 08:30 to 24:00"
    assert shown in texts(card)
    create = button(card, "Create and send here")
    daily = {"kind": "daily", "days": "6", "yesterday": "true", "at": "07:15"}
    card = await chat.pressed(create, **(FORM | daily))
    assert "Every day at 07:15: figures of the day before, on Sunday" in texts(card)


def filled(card: Mapping[str, Any]) -> dict[str, Any]:
    """What a client would send of the form that is open, untouched."""
    (form,) = [one for one in card["body"] if one.get("id") == "form" and one["isVisible"]]
    inputs = [one for one in form["items"] if one["type"].startswith("Input.")]
    return {one["id"]: str(one["value"]) for one in inputs}


@pytest.mark.parametrize(
    "made",
    [
        FORM,
        FORM | {"hours": "true", "days": "0,1", "opens": "09:00", "closes": "23:59"},
        FORM | {"kind": "daily", "days": "2,5", "yesterday": "true", "at": "23:00"},
        FORM | {"metric": "service_level", "comparison": "below", "limit": "82.5"},
    ],
)
async def test_an_alert_is_changed_from_the_card_that_shows_it_as_it_is(
    chat: Chat, services: Services, made: dict[str, str]
) -> None:
    create = button(await chat.card("alerts"), "Create and send here")
    card = await chat.pressed(create, **made)
    ((before, *_),) = await rules_of(services)
    form = await chat.pressed(button(card, "Change"))
    saved = await chat.pressed(button(form, "Save the change"), **filled(form))
    assert "The alert is changed." in texts(saved)
    ((same, *_),) = await rules_of(services)
    assert (same.queue, same.trigger, same.version) == (before.queue, before.trigger, 2)
    form = await chat.pressed(button(saved, "Change"))
    typed = filled(form) | {"kind": "threshold", "metric": "offered", "limit": "7", "window": "30"}
    saved = await chat.pressed(button(form, "Save the change"), **typed)
    assert any("7 over 30 minutes" in one for one in texts(saved))
    ((after, _, _, heard, _),) = await rules_of(services)
    assert (after.version, len(heard)) == (3, 1)


async def test_the_form_of_a_change_is_for_who_pressed_alone(chat: Chat) -> None:
    channel = chat.in_(kind=PlaceKind.CHANNEL)
    card = await with_alert(channel)
    (form,) = await channel.press(button(card, "Change"))
    assert isinstance(form, InvokeCard)
    save = button(plain(form.card), "Save the change")
    assert [type(one) for one in await channel.press(save, **FORM)] == [InvokeCard, Update]


async def test_a_change_of_what_was_changed_meanwhile_changes_nothing(
    chat: Chat, services: Services
) -> None:
    card = await with_alert(chat)
    old = await chat.pressed(button(card, "Change"))
    await chat.pressed(button(old, "Save the change"), **(FORM | {"limit": "9"}))
    before = await state(services)
    stale = await chat.pressed(button(old, "Save the change"), **(FORM | {"limit": "11"}))
    assert "This was changed meanwhile. This is how it stands now." in texts(stale)
    assert await state(services) == before
    await chat.pressed(button(await chat.card("alerts"), "Remove alert"))
    gone = await chat.pressed(button(card, "Change"))
    assert any("not there any more" in one for one in texts(gone))


async def test_a_queue_that_is_not_there_is_said_on_the_list(
    chat: Chat, services: Services
) -> None:
    create = button(await chat.card("alerts"), "Create and send here")
    card = await chat.pressed(create, **(FORM | {"queue": "q999"}))
    assert any("not there any more" in one for one in texts(card))
    assert await rules_of(services) == ()


async def test_quiet_unsubscribing_and_removing_from_the_list(
    chat: Chat, services: Services
) -> None:
    card = await chat.pressed(button(await with_alert(chat), "Quiet for 8 hours"))
    assert any(one.startswith("Quiet until 28 Oct 2026, 22:00") for one in texts(card))
    card = await chat.pressed(button(card, "End the quiet"))
    card = await chat.pressed(button(card, "Stop sending here"))
    assert (await rules_of(services))[0].subscriptions == ()
    card = await chat.pressed(button(card, "Send here"))
    assert len((await rules_of(services))[0].subscriptions) == 1
    await chat.pressed(button(card, "Remove alert"))
    assert await rules_of(services) == ()


async def test_a_button_of_an_older_state_changes_nothing_and_draws_the_present(
    chat: Chat, services: Services
) -> None:
    old = await with_alert(chat)
    await chat.pressed(button(old, "Quiet for 8 hours"))
    before = await state(services)
    card = await chat.pressed(button(old, "Stop sending here"))
    assert "This was changed meanwhile. This is how it stands now." in texts(card)
    assert await state(services) == before


async def test_an_expired_button_changes_nothing_and_draws_the_present(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    old = await with_alert(chat)
    before = await state(services)
    clock.pass_time(seconds=24 * 3600)
    for title in ("Remove alert", "Stop sending here", "Create and send here"):
        card = await chat.pressed(button(old, title), **(FORM if "Create" in title else {}))
        assert "This card is old; this is how it stands now." in texts(card)
    assert await state(services) == before


async def test_the_same_press_counts_once(chat: Chat, services: Services) -> None:
    create = button(await chat.card("alerts"), "Create and send here")
    incoming = chat.incoming
    data = {**create["data"], **FORM}
    one = incoming(IncomingKind.CARD_ACTION, value=data, verb=create["verb"])
    for _ in range(3):
        answers = await chat.talk.turn(one)
        assert isinstance(answers[0], InvokeCard)
    assert len(await rules_of(services)) == 1


@pytest.mark.parametrize("who", ["amira.khan", "tomas.silva", "hana.novak", "grace.osei"])
async def test_who_may_not_manage_alerts_changes_nothing_by_any_button(
    chat: Chat, services: Services, who: str
) -> None:
    channel = chat.in_(kind=PlaceKind.CHANNEL)
    card = await with_alert(channel)
    before = await state(services)
    for one in buttons(card):
        typed = FORM if one["verb"] == Verb.ALERT_CREATE else {}
        for answer in await channel.in_(who).press(one, **typed):
            assert isinstance(answer, InvokeMessage)
            assert answer.status == 403
    assert await state(services) == before


async def test_a_partner_may_not_change_what_a_channel_gets(chat: Chat, services: Services) -> None:
    channel = chat.in_(kind=PlaceKind.CHANNEL)
    card = await with_alert(channel)
    before = await state(services)
    for one in buttons(card):
        typed = FORM if one["verb"] == Verb.ALERT_CREATE else {}
        for answer in await channel.in_("ruth.engel").press(one, **typed):
            assert isinstance(answer, InvokeMessage)
    assert await state(services) == before


# --- messages of alerts ---------------------------------------------------------------------


async def fired(
    chat: Chat, services: Services, teams: centre.Ledger, clock: StandingClock
) -> dict[str, Any]:
    """The card of an alert that was sent to this chat."""
    await with_alert(chat)
    await services.evaluation.look()
    told = await services.sending(teams, chat.drawer).send()
    assert (told.sent, told.failures) == (1, ())
    (message,) = teams.visible.values()
    card: dict[str, Any] = plain(message["card"])
    return card


async def test_a_message_says_what_is_beyond_and_can_be_quieted(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    teams = centre.Ledger()
    card = await fired(chat, services, teams, clock)
    shown = texts(card)
    assert shown[0] == "Alert"
    assert "Offered above 3 over 15 minutes" in shown
    here = chat.in_(message="m1")
    quiet = await here.pressed(button(card, "Quiet for 1 hour"))
    assert "Quiet until 28 Oct 2026, 15:00" in texts(quiet)
    (listed,) = await rules_of(services)
    assert listed.own.snoozed_until_ms == clock.now + 3_600_000
    awake = await here.pressed(button(quiet, "End the quiet"))
    ended = await here.pressed(button(awake, "Stop sending here"))
    assert "Not sent here any more." in texts(ended)
    assert list(buttons(ended)) == []


async def test_a_stale_button_of_a_message_draws_how_it_stands(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    card = await fired(chat, services, centre.Ledger(), clock)
    here = chat.in_(message="m1")
    await here.pressed(button(card, "Quiet for 1 hour"))
    before = await state(services)
    again = await here.pressed(button(card, "Stop sending here"))
    assert "Quiet until 28 Oct 2026, 15:00" in texts(again)
    assert await state(services) == before


async def test_a_message_of_a_removed_alert_says_so(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    card = await fired(chat, services, centre.Ledger(), clock)
    sofia = await centre.actor(services, "sofia.lindqvist")
    (listed,) = await rules_of(services)
    await services.alerts.remove(listed.rule.id, actor=sofia)
    shown = texts(await chat.in_(message="m1").pressed(button(card, "Quiet for 1 hour")))
    assert "This alert was removed." in shown
    assert "Not sent here any more." in shown


async def test_the_second_copy_of_a_message_gives_way(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    teams = centre.Ledger()
    await with_alert(chat)
    await services.evaluation.look()
    teams.after.append(centre.Killed())
    sending = services.sending(teams, chat.drawer)
    with pytest.raises(centre.Killed):
        await sending.send()
    clock.pass_time(seconds=60)
    await sending.send()
    card = plain(teams.visible["m1"]["card"])
    assert card["refresh"]["userIds"] == ["29:sofia.lindqvist"]
    answers = await chat.in_(message="m1").press(card["refresh"]["action"])
    assert [type(one) for one in answers] == [InvokeCard, Update]
    assert isinstance(answers[1], Update)
    assert answers[1].activity_id == "m1"
    assert any("once more by mistake" in one for one in texts(answers[1].card))
    kept = await chat.in_(message="m2").pressed(card["refresh"]["action"])
    assert texts(kept)[0] == "Alert"
    assert "refresh" not in kept


async def test_a_message_whose_id_nobody_knew_is_known_by_the_first_look(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    teams = centre.Ledger()
    await with_alert(chat)
    await services.evaluation.look()
    sending = services.sending(teams, chat.drawer)
    teams.after += [centre.Killed(), OutcomeUnknown()]
    with pytest.raises(centre.Killed):
        await sending.send()
    clock.pass_time(seconds=60)
    await sending.send()
    assert len(teams.visible) == 2
    refresh = plain(teams.visible["m2"]["card"])["refresh"]["action"]
    assert texts(await chat.in_(message="m2").pressed(refresh))[0] == "Alert"
    copy = await chat.in_(message="m1").pressed(refresh)
    assert any("once more by mistake" in one for one in texts(copy))


async def test_what_all_see_stays_in_the_language_of_the_place(
    chat: Chat, services: Services
) -> None:
    teams, there = centre.Ledger(), chat.in_(kind=PlaceKind.CHANNEL)
    german = chat.in_(kind=PlaceKind.CHANNEL, locale="de-DE")
    card = await there.card("alerts")
    _, update = await german.press(button(card, "Create and send here"), **FORM)
    assert isinstance(update, Update)
    assert texts(update.card)[0] == texts(card)[0] == "Alerts"
    await services.evaluation.look()
    await services.sending(teams, chat.drawer).send()
    message = plain(teams.visible["m1"]["card"])
    assert texts(message)[0] == "Alert"
    _, update = await german.in_(message="m1").press(button(message, "Quiet for 1 hour"))
    assert isinstance(update, Update)
    assert texts(update.card)[0] == "Alert"


async def test_who_lost_their_role_changes_nothing_by_an_old_message(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    card = await fired(chat, services, centre.Ledger(), clock)
    before = await state(services)
    for one in buttons(card):
        (answer,) = await chat.in_("amira.khan", where="chat-of-sofia.lindqvist").press(one)
        assert isinstance(answer, InvokeMessage)
        assert answer.status == 403
    assert await state(services) == before


async def test_an_alert_that_was_seen_after_a_crash_is_not_sent_again(
    chat: Chat, services: Services, clock: StandingClock
) -> None:
    teams = centre.Ledger()
    await with_alert(chat)
    await services.evaluation.look()
    teams.after.append(centre.Killed())
    sending = services.sending(teams, chat.drawer)
    with pytest.raises(centre.Killed):
        await sending.send()
    card = plain(teams.visible["m1"]["card"])
    assert texts(await chat.in_(message="m1").pressed(card["refresh"]["action"]))[0] == "Alert"
    clock.pass_time(seconds=60)
    assert (await sending.send()).sent == 0
    assert list(teams.visible) == ["m1"]
