"""Turns that are let in: what the bot hears, and that its answers arrive in Teams' shapes."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from bot.channel.turn import (
    Answer,
    GivenFile,
    Incoming,
    IncomingKind,
    InvokeCard,
    InvokeMessage,
    OfferFile,
    PlaceKind,
    Say,
    SearchResult,
    SearchResults,
    Show,
    ShowPrivately,
    Update,
)
from tests.fakes import teams
from tests.integration.bot_channel.conftest import World

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}
ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def answering(world: World, *answers: Answer) -> None:
    async def answer(_: Incoming) -> Sequence[Answer]:
        return answers

    world.bot.answer = answer


def invoke(world: World, name: str, value: Any, **changes: Any) -> dict[str, Any]:
    return world.activity(type="invoke", name=name, value=value, text=None, **changes)


async def test_a_message_is_heard_and_answered(world: World) -> None:
    assert await world.post(world.activity()) == (200, {})
    heard = world.bot.heard[0]
    assert (heard.kind, heard.text, heard.locale) == (IncomingKind.MESSAGE, "help", "en-GB")
    assert heard.sender.aad_object_id == teams.SOMEBODY
    assert (heard.place.kind, heard.place.tenant_id) == (PlaceKind.PERSONAL, teams.TENANT)
    method, path, body, headers = world.connector.received[0]
    assert (method, path) == ("POST", "/v3/conversations/a%3Achat/activities/f%3A1")
    assert (body["text"], body["textFormat"]) == ("heard: help", "plain")
    assert headers["Authorization"] == f"Bearer {teams.BOT_TOKEN}"


async def test_the_mention_of_the_bot_is_not_part_of_what_was_said(world: World) -> None:
    mention = {"type": "mention", "text": "<at>Switchroom</at>", "mentioned": {"id": teams.BOT}}
    other = {"type": "mention", "text": "<at>Amira</at>", "mentioned": {"id": "29:amira"}}
    said = "<at>Switchroom</at> dashboard <at>Amira</at>"
    where = {"id": "19:c@thread.tacv2", "conversationType": "channel", "tenantId": teams.TENANT}
    await world.post(world.activity(text=said, entities=[mention, other], conversation=where))
    assert world.bot.heard[0].text == "dashboard <at>Amira</at>"
    assert world.bot.heard[0].place.kind is PlaceKind.CHANNEL


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"type": "messageUpdate"}, IncomingKind.MESSAGE_EDITED),
        ({"type": "messageDelete"}, IncomingKind.MESSAGE_DELETED),
        ({"type": "messageReaction"}, IncomingKind.REACTION),
        ({"type": "installationUpdate", "action": "add"}, IncomingKind.INSTALLED),
        ({"type": "installationUpdate", "action": "remove"}, IncomingKind.REMOVED),
        ({"type": "installationUpdate", "action": "remove-upgrade"}, IncomingKind.OTHER),
        ({"type": "conversationUpdate", "membersAdded": [{"id": teams.BOT}]}, "members_added"),
        ({"type": "conversationUpdate", "membersRemoved": [{"id": "29:x"}]}, "members_removed"),
        ({"type": "conversationUpdate"}, IncomingKind.OTHER),
        ({"type": "typing"}, IncomingKind.OTHER),
        ({"type": "event", "name": "application/vnd.microsoft.meetingStart"}, IncomingKind.OTHER),
        ({"value": {"a": 1}}, IncomingKind.CARD_SUBMIT),
        ({"text": ""}, IncomingKind.MESSAGE),
        ({"text": None}, IncomingKind.MESSAGE),
        ({"text": "x" * 100_000}, IncomingKind.MESSAGE),
        ({"text": {"not": "text"}}, IncomingKind.MESSAGE),
        ({"attachments": [{"contentType": "image/png"}, "no", None]}, IncomingKind.MESSAGE),
        ({"attachments": "no list", "entities": "no list"}, IncomingKind.MESSAGE),
        ({"channelData": None}, IncomingKind.MESSAGE),
        ({"channelData": "text"}, IncomingKind.MESSAGE),
        ({"locale": 7, "name": [], "replyToId": {}}, IncomingKind.MESSAGE),
        ({"deliveryMode": "expectReplies"}, IncomingKind.MESSAGE),
    ],
)
async def test_every_kind_is_told_apart(world: World, changes: Any, kind: str) -> None:
    status, body = await world.post(world.activity(**changes))
    assert (status, body) == (200, {})
    assert [one.kind for one in world.bot.heard] == [kind]
    assert len(world.bot.heard[0].text) <= 28 * 1024


async def test_a_place_of_unknown_kind_is_taken_for_one_where_others_read(world: World) -> None:
    await world.post(world.activity(conversation={"id": "a", "tenantId": teams.TENANT}))
    assert world.bot.heard[0].place.kind is PlaceKind.GROUP


async def test_an_action_is_answered_with_a_card(world: World) -> None:
    answering(world, InvokeCard(CARD))
    action = {"type": "Action.Execute", "verb": "refresh", "data": {"ref": "r"}}
    value = {"action": action, "trigger": "automatic"}
    status, body = await world.post(invoke(world, "adaptiveCard/action", value))
    assert (status, body) == (200, {"statusCode": 200, "type": ADAPTIVE, "value": CARD})
    heard = world.bot.heard[0]
    assert (heard.kind, heard.verb, heard.value) == ("card_action", "refresh", {"ref": "r"})
    assert heard.is_refresh


@pytest.mark.parametrize("value", [None, "x", [], {"action": "refresh"}, {"action": {"verb": 7}}])
async def test_an_action_of_another_shape_has_no_verb(world: World, value: Any) -> None:
    answering(world, InvokeMessage("That cannot be done.", status=400))
    status, body = await world.post(invoke(world, "adaptiveCard/action", value))
    assert (status, body["statusCode"]) == (200, 400)
    assert body["value"] == {"code": "400", "message": "That cannot be done."}
    assert world.bot.heard[0].verb == ""


async def test_an_action_is_answered_with_a_sentence(world: World) -> None:
    answering(world, InvokeMessage("Done."))
    status, body = await world.post(invoke(world, "adaptiveCard/action", {"action": {}}))
    assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert body["value"] == "Done."


async def test_a_search_is_answered_with_cards_and_previews(world: World) -> None:
    answering(world, SearchResults((SearchResult(CARD, "Billing <b>", "12 waiting"),)))
    parameters = [{"name": "initialRun", "value": "true"}, {"name": "queue", "value": " bil "}]
    value = {"commandId": "queues", "parameters": parameters}
    status, body = await world.post(invoke(world, "composeExtension/query", value))
    assert status == 200
    shown = body["composeExtension"]["attachments"][0]
    assert (shown["contentType"], shown["content"]) == (ADAPTIVE, CARD)
    assert shown["preview"]["content"]["title"] == "Billing ‹b›"
    assert (world.bot.heard[0].name, world.bot.heard[0].text) == ("queues", "bil")


async def test_a_link_is_unfurled_or_left(world: World) -> None:
    answering(world)
    value = {"url": "https://teams.microsoft.com/l/entity/x"}
    status, body = await world.post(invoke(world, "composeExtension/queryLink", value))
    assert (status, body) == (200, {"composeExtension": {"type": "message", "text": ""}})
    assert world.bot.heard[0].text == value["url"]


async def test_an_unknown_invoke_is_said_not_to_be_implemented(world: World) -> None:
    answering(world)
    assert await world.post(invoke(world, "no/such", {})) == (501, {})


async def test_a_card_is_updated_in_place(world: World) -> None:
    answering(world, Update("1:message", CARD, "figures"))
    await world.post(world.activity())
    method, path, body, _ = world.connector.received[0]
    assert (method, path) == ("PUT", "/v3/conversations/a%3Achat/activities/1%3Amessage")
    assert body["attachments"] == [{"contentType": ADAPTIVE, "content": CARD}]


async def test_a_private_answer_goes_to_the_persons_own_chat(world: World) -> None:
    answering(world, ShowPrivately("I answered you privately.", "I cannot.", CARD, "figures"))
    where = {"id": "19:c@thread.tacv2", "conversationType": "channel", "tenantId": teams.TENANT}
    for message in ("f:1", "f:2"):
        await world.post(world.activity(conversation=where, id=message))
    made, sent, told, sent_again, _ = world.connector.received
    assert made[1] == "/v3/conversations"
    assert made[2]["members"] == [{"id": "29:somebody"}]
    assert sent[1] == sent_again[1] == "/v3/conversations/sent-1/activities"
    assert sent[2]["attachments"][0]["content"] == CARD
    assert told[1].startswith("/v3/conversations/19%3Ac%40thread.tacv2/activities")
    assert "attachments" not in told[2]
    assert told[2]["text"] == "I answered you privately."


async def test_a_private_answer_in_the_own_chat_is_just_an_answer(world: World) -> None:
    answering(world, ShowPrivately("private", "cannot", None, "12 contacts"))
    await world.post(world.activity())
    assert world.connector.sent == ["12 contacts"]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_person_who_cannot_be_reached_is_told_so_and_nothing_else(
    world: World, status: int
) -> None:
    answering(world, ShowPrivately("private", "Install me first.", None, "a secret"))
    world.connector.answers = [(status, {})]
    where = {"id": "19:c@thread.tacv2", "conversationType": "channel", "tenantId": teams.TENANT}
    await world.post(world.activity(conversation=where))
    assert world.connector.sent[1:] == ["Install me first."]


async def test_a_bot_that_fails_says_so_without_a_word_of_the_error(world: World) -> None:
    async def fail(_: Incoming) -> Sequence[Answer]:
        raise ValueError("+1 202 555 0123")

    world.bot.answer = fail
    assert await world.post(world.activity()) == (200, {})
    assert world.connector.sent == ["failed: message, 32"]


async def test_a_bot_that_hangs_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_: Incoming) -> Sequence[Answer]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("bot.channel.handler.TURN_SECONDS", 0.05)
    world.bot.answer = hang
    assert (await world.post(world.activity()))[0] == 200
    assert world.connector.sent == ["failed: message, 32"]


async def test_a_bot_removed_between_two_messages_answers_nothing_and_goes_on(world: World) -> None:
    answering(world, Say("one"), Show(CARD, "two"))
    world.connector.answers = [(403, {}), (404, {})]
    assert await world.post(world.activity()) == (200, {})
    assert await world.post(world.activity(id="f:2")) == (200, {})
    assert len(world.connector.received) == 4


@pytest.mark.parametrize("status", [400, 413])
async def test_a_card_that_teams_does_not_take_is_said_in_words(world: World, status: int) -> None:
    answering(world, Show(CARD, "Billing: 71 %"))
    world.connector.answers = [(status, {})]
    assert await world.post(world.activity()) == (200, {})
    assert [body.get("text") for _, _, body, _ in world.connector.received] == [
        None,
        "Billing: 71 %",
    ]


async def settled(world: World) -> None:
    """Until what follows the answers of invokes has ended."""
    handler = world.channel._handler
    assert handler is not None
    await asyncio.gather(*handler._following)


async def test_an_invoke_is_answered_before_the_card_is_updated_for_all(world: World) -> None:
    answering(world, InvokeCard(CARD), Update("1:message", CARD, "figures"))
    world.connector.hung = asyncio.Event()
    async with asyncio.timeout(3):
        status, body = await world.post(invoke(world, "adaptiveCard/action", {"action": {}}))
    assert (status, body["value"]) == (200, CARD)
    world.connector.hung.set()
    await settled(world)
    assert [one[0] for one in world.connector.received] == ["PUT"]


async def test_an_invoke_is_answered_before_what_is_private_is_sent(world: World) -> None:
    answering(world, ShowPrivately("I answered you privately.", "I cannot.", CARD, "figures"))
    where = {"id": "19:c@thread.tacv2", "conversationType": "channel", "tenantId": teams.TENANT}
    asked = invoke(world, "adaptiveCard/action", {"action": {}}, conversation=where)
    world.connector.hung = asyncio.Event()
    async with asyncio.timeout(3):
        status, body = await world.post(asked)
    assert (status, body["value"]) == (200, "I answered you privately.")
    world.connector.hung.set()
    await settled(world)
    made, sent = world.connector.received
    assert made[1] == "/v3/conversations"
    assert sent[2]["attachments"][0]["content"] == CARD


async def test_who_pressed_and_cannot_be_reached_is_told_so_after_all(world: World) -> None:
    answering(world, ShowPrivately("I answered you privately.", "Install me first.", CARD, "x"))
    world.connector.answers = [(403, {})]
    where = {"id": "19:c@thread.tacv2", "conversationType": "channel", "tenantId": teams.TENANT}
    await world.post(invoke(world, "adaptiveCard/action", {"action": {}}, conversation=where))
    await settled(world)
    assert world.connector.sent[1:] == ["Install me first."]


async def test_updates_in_one_conversation_keep_their_order(world: World) -> None:
    world.connector.hung = asyncio.Event()
    for number in range(5):
        answering(world, InvokeCard(CARD), Update("1:message", CARD | {"n": number}, "figures"))
        asked = invoke(world, "adaptiveCard/action", {"action": {}}, id=f"f:{number}")
        assert (await world.post(asked))[0] == 200
    world.connector.hung.set()
    await settled(world)
    drawn = [body["attachments"][0]["content"]["n"] for _, _, body, _ in world.connector.received]
    assert drawn == list(range(5))


async def test_what_follows_an_invoke_ends_with_the_channel(world: World) -> None:
    answering(world, InvokeCard(CARD), Update("1:message", CARD, "figures"))
    world.connector.hung = asyncio.Event()
    await world.post(invoke(world, "adaptiveCard/action", {"action": {}}))
    await asyncio.wait_for(world.connector.arrived.wait(), 5)
    handler = world.channel._handler
    assert handler is not None
    (following,) = handler._following
    await world.channel.close()
    assert following.cancelled()
    world.connector.hung.set()


async def test_all_answers_of_a_turn_share_one_deadline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channel.handler.END_SECONDS", 0.3)
    answering(world, Update("1:a", CARD, "one"), Update("1:b", CARD, "two"), Say("three"))
    world.connector.hung = asyncio.Event()
    async with asyncio.timeout(3):
        assert await world.post(world.activity()) == (200, {})
        asked = invoke(world, "adaptiveCard/action", {"action": {}})
        assert (await world.post(asked | {"id": "f:2"}))[0] == 200
        await settled(world)
    assert [one[0] for one in world.connector.received] == ["PUT", "PUT"]
    world.connector.hung.set()


async def test_a_silent_connector_ends_the_turn_at_the_first_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(world, Say("one"), Say("two"), Say("three"))
    monkeypatch.setattr("bot.channel.connector.TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    world.connector.hung = asyncio.Event()
    assert await world.post(world.activity()) == (200, {})
    assert world.connector.sent == ["one"]
    world.connector.hung.set()


async def test_a_file_is_offered_and_told_in_teams_shapes(world: World) -> None:
    offer = OfferFile("Foto.png", 608, "A file", "signed")
    given = GivenFile("Foto.png", "https://contoso-my.sharepoint.com/Foto.png", "u-1", "png")
    answering(world, offer, given)
    value = {"type": "fileUpload", "action": "accept", "context": {"ref": "signed"}}
    assert (await world.post(invoke(world, "fileConsent/invoke", value)))[0] == 200
    heard = world.bot.heard[0]
    assert (heard.kind, heard.value) == (IncomingKind.FILE_ANSWERED, value)
    await settled(world)
    asked, told = (body["attachments"][0] for _, _, body, _ in world.connector.received)
    assert asked == {
        "contentType": "application/vnd.microsoft.teams.card.file.consent",
        "name": "Foto.png",
        "content": {
            "description": "A file",
            "sizeInBytes": 608,
            "acceptContext": {"ref": "signed"},
            "declineContext": {"ref": "signed"},
        },
    }
    assert told == {
        "contentType": "application/vnd.microsoft.teams.card.file.info",
        "contentUrl": "https://contoso-my.sharepoint.com/Foto.png",
        "name": "Foto.png",
        "content": {"uniqueId": "u-1", "fileType": "png"},
    }
