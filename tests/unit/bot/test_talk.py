from typing import Any

import pytest

from bot.channel.turn import (
    IncomingKind,
    InvokeMessage,
    Member,
    PlaceKind,
    Say,
    SearchResults,
    Show,
    ShowPrivately,
)
from bot.spans import stretch
from portal.domain.alerts.model import Scope
from portal.domain.alerts.rules import conversation_id
from portal.domain.dashboards.model import Asked, MetricName
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import texts
from tests.unit.bot.helpers import Chat, button, buttons

K = IncomingKind


def said(answers: object) -> list[str]:
    return [one.text for one in answers if isinstance(one, Say)]  # type: ignore[attr-defined]


async def test_a_supervisor_sees_the_figures_of_the_dashboard(
    chat: Chat, services: Services
) -> None:
    shown = texts(await chat.card("dashboard"))
    assert shown[:3] == ["Queue figures", "All queues", "Harbour Lane Insurance · Today"]
    for name in ("Service level", "Offered", "Longest wait", "By queue", "Claims"):
        assert name in shown
    span = stretch("today", "Europe/London", centre.NOW_MS).span
    sofia = await centre.actor(services, "sofia.lindqvist")
    summary = await services.dashboards.summary(Asked(*span), actor=sofia)
    level = summary.metrics[MetricName.SERVICE_LEVEL]
    assert f"{level.value:.1f} %" in shown
    assert f"Partly: covers {level.covered} of {level.total} contacts." in shown


async def test_a_queue_is_asked_for_by_name_part_typo_or_alone(chat: Chat) -> None:
    for text in ("dashboard claims", "dashboard CLAIMS yesterday", "claims", "dashboard claim"):
        assert texts(await chat.card(text))[1] == "Claims", text
    offered = texts(await chat.card("dashboard clims"))
    assert offered[:2] == [
        "There is no queue of that name. These are the nearest; choose one:",
        "Claims",
    ]
    (answer,) = await chat.say("dashboard zzzzzzzz")
    assert answer == Say("There is no queue of that name. Say 'queues' to see them all.")


@pytest.mark.parametrize(
    "text",
    ["dashboard all queues", "dashboard all", "Kennzahlen alle", "dashboard Alle Warteschlangen"],
)
async def test_all_queues_are_asked_for_by_their_title(chat: Chat, text: str) -> None:
    assert texts(await chat.card(f"{text} yesterday"))[1:3] == [
        "All queues",
        "Harbour Lane Insurance · Yesterday",
    ]


async def test_a_nearly_right_queue_can_be_chosen(chat: Chat) -> None:
    card = await chat.card("dashboard clims")
    assert texts(await chat.pressed(next(buttons(card))))[1] == "Claims"


async def test_queues_lead_to_their_boards(chat: Chat) -> None:
    card = await chat.card("queues yesterday")
    assert "Harbour Lane Insurance · Yesterday" in texts(card)
    board = await chat.pressed(button(card, "Show this queue"))
    assert texts(board)[2] == "Harbour Lane Insurance · Yesterday"
    again = await chat.pressed(button(card, "Last 7 days"))
    assert "Harbour Lane Insurance · Last 7 days" in texts(again)


async def test_an_agent_sees_their_own_figures_and_a_queue_when_they_name_it(chat: Chat) -> None:
    amira = chat.in_("amira.khan")
    assert texts(await amira.card("dashboard"))[:2] == ["Your own figures", "Amira Khan"]
    assert texts(await amira.card("my stats yesterday"))[2] == "Harbour Lane Insurance · Yesterday"
    assert texts(await amira.card("dashboard claims"))[1] == "Claims"


async def test_a_partner_sees_totals_without_names(chat: Chat) -> None:
    shown = texts(await chat.in_("ruth.engel").card("dashboard"))
    assert shown[0] == "Totals without names"
    assert "By queue" not in shown


@pytest.mark.parametrize("text", ["my stats", "whoami", "settings"])
@pytest.mark.parametrize("kind", [PlaceKind.GROUP, PlaceKind.CHANNEL])
async def test_what_is_about_a_person_is_answered_to_them_alone(
    chat: Chat, text: str, kind: PlaceKind
) -> None:
    amira = chat.in_("amira.khan", kind)
    (answer,) = await amira.say(text)
    assert isinstance(answer, ShowPrivately)
    assert answer.card is not None
    assert answer.notice
    assert answer.unreachable
    assert "Amira" not in answer.notice


async def test_where_others_read_along_the_board_is_the_same_for_who_sees_the_same(
    chat: Chat,
) -> None:
    shown = {}
    for who in ("sofia.lindqvist", "amira.khan", "luca.moretti"):
        card = await chat.in_(who, PlaceKind.CHANNEL).card("dashboard")
        shown[who] = texts(card)
    assert shown["amira.khan"] == shown["sofia.lindqvist"] == shown["luca.moretti"]


SHOWN_IN_JUNIPER = {
    "language": "en",
    "range": "today",
    "definition": "strict",
    "organization": "juniper",
}


async def test_a_channel_tells_the_figures_of_one_organisation_whatever_people_prefer(
    chat: Chat,
) -> None:
    ruth = chat.in_("ruth.engel")
    await ruth.pressed(button(await ruth.card("settings"), "Save"), **SHOWN_IN_JUNIPER)
    assert texts(await ruth.card("dashboard"))[2].startswith("Juniper")
    await chat.in_(kind=PlaceKind.CHANNEL).card("dashboard")
    there = ruth.in_(kind=PlaceKind.CHANNEL)
    for text in ("dashboard", "queues"):
        shown = " ".join(texts(await there.card(text)))
        assert "Harbour Lane" in shown
        assert "Juniper" not in shown
    found = " ".join(texts([one.card for one in (await there.search("today")).results]))
    assert "Harbour Lane" in found
    assert "Juniper" not in found
    own = " ".join(texts(await ruth.card("dashboard")))
    assert "Juniper" in own


async def test_who_is_of_another_organisation_is_answered_alone(
    chat: Chat, services: Services
) -> None:
    await chat.in_(kind=PlaceKind.CHANNEL).card("dashboard")
    other = chat.in_("grace.osei", PlaceKind.CHANNEL)
    for text in ("dashboard", "queues", "dashboard zzzzzzz", "alerts"):
        for answer in await other.say(text):
            assert isinstance(answer, ShowPrivately), text
            assert answer.notice.startswith("The figures of another organisation are told here")
            assert "Juniper" not in answer.notice
    assert (await other.search("today")).results == ()
    tenancy = await services.directory.get("juniper")
    id = conversation_id("19:team@thread.tacv2")
    assert await services.conversations.get(tenancy, id) is None


async def test_a_card_of_another_organisation_does_nothing_in_a_bound_channel(chat: Chat) -> None:
    ruth = chat.in_("ruth.engel")
    await ruth.pressed(button(await ruth.card("settings"), "Save"), **SHOWN_IN_JUNIPER)
    where = "19:team@thread.tacv2"
    card = await ruth.in_(where=where).card("dashboard")
    await chat.in_(kind=PlaceKind.CHANNEL, where=where).card("dashboard")
    (answer,) = await ruth.in_(kind=PlaceKind.CHANNEL).press(next(buttons(card)))
    assert isinstance(answer, InvokeMessage)
    assert answer.status == 403


async def test_a_channel_is_free_again_when_the_bot_left(chat: Chat) -> None:
    channel = chat.in_(kind=PlaceKind.CHANNEL)
    await channel.card("dashboard")
    await channel.send(K.REMOVED)
    other = chat.in_("grace.osei", PlaceKind.CHANNEL)
    assert "Juniper" in " ".join(texts(await other.card("dashboard")))


async def test_no_agent_is_named_where_others_read_along(chat: Chat) -> None:
    for text in ("dashboard", "queues", "alerts", "help", "dashboard claims"):
        for answer in await chat.in_(kind=PlaceKind.CHANNEL).say(text):
            assert isinstance(answer, Show)
            assert "Amira" not in " ".join(texts(answer.card))


@pytest.mark.parametrize("text", ["dashboard", "queues", "my stats", "alerts"])
async def test_who_may_not_is_told_what_to_do(chat: Chat, text: str) -> None:
    (answer,) = await chat.in_("tomas.silva").say(text)
    assert isinstance(answer, Say)
    assert "security responder" in answer.text
    assert "Ask" in answer.text


async def test_where_others_read_along_nobodys_role_is_told(chat: Chat) -> None:
    (answer,) = await chat.in_("tomas.silva", PlaceKind.CHANNEL).say("dashboard")
    assert isinstance(answer, Say)
    assert "responder" not in answer.text
    assert "Ask" in answer.text


@pytest.mark.parametrize(
    "change",
    [{"who": "nobody"}, {"tenant": "99999999-2222-4333-8444-555555555555"}],
)
async def test_strangers_get_one_sentence_and_no_figures(
    chat: Chat, change: dict[str, Any]
) -> None:
    stranger = chat.in_(**change)
    for text in ("dashboard", "whoami", "help"):
        assert said(await stranger.say(text))[0].startswith("I do not know you yet.")
    (found,) = await stranger.send(K.SEARCH, "claims")
    assert isinstance(found, SearchResults)
    assert found.results == ()
    (pressed,) = await stranger.send(K.CARD_ACTION, verb="board.show")
    assert isinstance(pressed, InvokeMessage)
    assert pressed.status == 403


@pytest.mark.parametrize(
    ("locale", "text", "shown"),
    [
        ("de-DE", "hilfe", "Was Sie mich fragen können"),
        ("de-DE", "help", "Was Sie mich fragen können"),
        ("en-US", "warteschlangen", "Queue figures"),
        ("fr-FR", "help", "What you can ask me"),
        ("de-AT", "meine zahlen", "Ihre eigenen Kennzahlen"),
    ],
)
async def test_the_answer_is_in_the_readers_language(
    chat: Chat, locale: str, text: str, shown: str
) -> None:
    assert texts(await chat.in_(locale=locale).card(text))[0] == shown


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("", "Hello, I am Switchroom"),
        ("x" * 100_000, "That was longer"),
        ("asdf qwer", "I did not understand"),
        ("i want my alrts", "I did not understand"),
    ],
)
async def test_what_is_not_understood_gets_the_guide(chat: Chat, text: str, lead: str) -> None:
    assert any(one.startswith(lead) for one in texts(await chat.card(text)))


async def test_a_guess_is_offered(chat: Chat) -> None:
    assert "Did you mean 'alerts'?" in texts(await chat.card("i want my alrts"))


async def test_files_are_not_read(chat: Chat) -> None:
    (answer,) = await chat.say("", attachments=("image/png",))
    assert isinstance(answer, Show)
    assert any("cannot read files" in one for one in texts(answer.card))


@pytest.mark.parametrize(
    "kind",
    [K.MESSAGE_EDITED, K.MESSAGE_DELETED, K.REACTION, K.OTHER, K.SETTINGS, K.MEMBERS_REMOVED],
)
async def test_what_asks_for_nothing_gets_nothing(chat: Chat, kind: IncomingKind) -> None:
    assert list(await chat.send(kind, "dashboard")) == []


async def test_an_unknown_invoke_is_refused_politely(chat: Chat) -> None:
    (answer,) = await chat.send(K.OTHER_INVOKE, name="task/fetch")
    assert isinstance(answer, InvokeMessage)
    assert answer.status == 501


async def test_the_same_message_is_answered_once(chat: Chat) -> None:
    key = "f" * 64
    assert len(await chat.say("dashboard", replay_key=key)) == 1
    assert list(await chat.say("dashboard", replay_key=key)) == []


async def test_a_command_button_asks_like_a_message(chat: Chat) -> None:
    (answer,) = await chat.send(K.CARD_SUBMIT, value={"command": "whoami"})
    assert isinstance(answer, Show)
    assert texts(answer.card)[0] == "Who you are here"
    (other,) = await chat.send(K.CARD_SUBMIT, value={"command": 7, "x": [1]})
    assert isinstance(other, Show)


async def test_an_installation_is_greeted_once_and_remembered(
    chat: Chat, services: Services
) -> None:
    channel = chat.in_(kind=PlaceKind.CHANNEL, where="19:x@thread.tacv2;messageid=5")
    assert len(await channel.send(K.INSTALLED)) == 1
    bot = (Member("28:bot", "", "Switchroom", is_bot=True),)
    assert list(await channel.send(K.MEMBERS_ADDED, members=bot)) == []
    tenancy = await services.directory.get("harbour")
    id = conversation_id("19:x@thread.tacv2")
    kept = await services.conversations.get(tenancy, id)
    assert kept is not None
    assert (kept.scope, kept.reference["conversation"]) == (Scope.CHANNEL, "19:x@thread.tacv2")
    await channel.send(K.REMOVED)
    assert await services.conversations.get(tenancy, id) is None


async def test_an_old_removal_that_comes_again_ends_no_new_conversation(
    chat: Chat, services: Services
) -> None:
    channel, key = chat.in_(kind=PlaceKind.CHANNEL), "d" * 64
    await channel.send(K.INSTALLED)
    await channel.send(K.REMOVED, replay_key=key)
    await channel.send(K.INSTALLED)
    await channel.send(K.REMOVED, replay_key=key)
    tenancy = await services.directory.get("harbour")
    id = conversation_id("19:team@thread.tacv2")
    assert await services.conversations.get(tenancy, id) is not None


async def test_people_who_come_and_go_are_not_greeted(chat: Chat) -> None:
    somebody = (Member("29:x", "x", "Somebody"),)
    channel = chat.in_(kind=PlaceKind.CHANNEL)
    assert list(await channel.send(K.MEMBERS_ADDED, members=somebody)) == []
    assert list(await channel.send(K.MEMBERS_REMOVED, members=somebody)) == []


async def test_a_stale_card_of_settings_changes_nothing_and_says_so(chat: Chat) -> None:
    old = await chat.card("settings")
    typed = {"language": "en", "definition": "strict"}
    await chat.pressed(button(old, "Save"), range="yesterday", **typed)
    answer = await chat.pressed(button(old, "Save"), range="last7", **typed)
    assert "This was changed meanwhile. This is how it stands now." in texts(answer)
    assert "Saved." not in texts(answer)
    assert texts(await chat.card("dashboard"))[2] == "Harbour Lane Insurance · Yesterday"
    saved = await chat.pressed(button(answer, "Save"), range="last7", **typed)
    assert "Saved." in texts(saved)
    assert texts(await chat.card("dashboard"))[2] == "Harbour Lane Insurance · Last 7 days"


async def test_settings_are_kept_and_used(chat: Chat) -> None:
    luca = chat.in_("luca.moretti")
    card = await luca.card("settings")
    chosen = {
        "language": "de",
        "range": "yesterday",
        "definition": "answered_only",
        "organization": "juniper",
    }
    saved = await luca.pressed(button(card, "Save"), **chosen)
    assert "Saved." in texts(saved) or "Gespeichert." in texts(saved)
    shown = texts(await luca.card("dashboard"))
    assert shown[2] == "Juniper Street Energy · Gestern"
    assert any("A≤T / A" in one and "A + B" not in one for one in shown)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"language": "xx", "range": "today", "definition": "strict"},
        {"language": "de", "range": "tomorrow", "definition": "strict"},
        {"language": "de", "range": "today", "definition": "mine"},
        {"language": "de", "range": "today", "definition": "strict", "role": "operator"},
        {"language": ["de"], "range": {}, "definition": None},
    ],
)
async def test_malformed_settings_change_nothing(chat: Chat, typed: dict[str, object]) -> None:
    card = await chat.card("settings")
    (answer,) = await chat.press(button(card, "Save"), **typed)
    assert isinstance(answer, InvokeMessage)
    assert answer.status == 400
    assert texts(await chat.card("settings")) == texts(card)


async def test_names_of_inputs_that_somebody_made_up_are_not_repeated(chat: Chat) -> None:
    save = button(await chat.card("settings"), "Save")
    (answer,) = await chat.press(save, **{"[x](https://evil.example)": 1})
    assert isinstance(answer, InvokeMessage)
    assert "evil" not in answer.text
    assert "language" in answer.text


async def test_an_organisation_of_others_cannot_be_chosen(chat: Chat) -> None:
    card = await chat.card("settings")
    typed = {"language": "en", "range": "today", "definition": "strict", "organization": "juniper"}
    (answer,) = await chat.press(button(card, "Save"), **typed)
    assert isinstance(answer, InvokeMessage)
    assert answer.status == 404


async def test_failures_are_worded_without_their_cause(chat: Chat) -> None:
    for kind, shape in (
        (K.MESSAGE, Say),
        (K.SEARCH, SearchResults),
        (K.CARD_ACTION, InvokeMessage),
    ):
        (answer,) = await chat.talk.failed(chat.incoming(kind), "abc123")
        assert isinstance(answer, shape)
        assert "abc123" in str(answer)
    assert list(await chat.talk.failed(chat.incoming(K.REACTION), "abc123")) == []


async def test_refusals_are_in_the_audit_trail_of_the_asker(chat: Chat, services: Services) -> None:
    await chat.in_("tomas.silva").say("dashboard")
    await chat.in_("tomas.silva").send(K.CARD_ACTION, verb="board.show", value={"ref": "x.y"})
    tenancy = await services.directory.get("harbour")
    entries = [one async for one in services.audit.entries(tenancy.partition)]
    told = [(one.action, one.actor, one.facts["operation"]) for one in entries[-2:]]
    assert told == [
        ("access.refused", "tomas.silva", "bot.message"),
        ("access.refused", "tomas.silva", "bot.board.show"),
    ]
