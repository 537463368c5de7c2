"""Codes that are written into chats."""

import pytest

from bot.channel.turn import IncomingKind, PlaceKind, Say
from portal.wiring import Services
from tests.fakes.setting_up import actions, code, link
from tests.unit.bot.helpers import Chat

VOIDED = "verification.code_voided"


@pytest.mark.parametrize("kind", PlaceKind)
async def test_a_living_code_written_in_a_chat_is_void(
    services: Services, chat: Chat, kind: PlaceKind
) -> None:
    _, text = await code(services)
    oliver = chat.in_("oliver.bright", kind)
    await oliver.say("12345678 is not it")
    assert VOIDED not in await actions(services)
    await oliver.say(f"my code is {text[:4]} {text[4:]}")
    assert VOIDED in await actions(services)


async def test_somebody_alone_hears_at_once_that_it_is_void(services: Services, chat: Chat) -> None:
    _, text = await code(services)
    (answer,) = await chat.in_("oliver.bright").say(text)
    assert isinstance(answer, Say)
    assert "useless" in answer.text
    assert text not in answer.text


async def test_others_who_read_along_learn_nothing(services: Services, chat: Chat) -> None:
    _, text = await code(services)
    group = chat.in_("oliver.bright", PlaceKind.GROUP)
    told = await group.say(f"help {text}")
    again = await group.say("help 00000000")
    assert str(told) == str(again)


async def test_a_link_is_void_too_whoever_of_the_organisation_writes_it(
    services: Services, chat: Chat
) -> None:
    token = await link(services)
    await chat.in_("amira.khan", PlaceKind.CHANNEL).say(f"https://x.example/verify#{token}")
    assert VOIDED in await actions(services)


async def test_a_stranger_in_a_place_of_the_organisation_ends_a_code_too(
    services: Services, chat: Chat
) -> None:
    _, text = await code(services)
    await chat.in_("oliver.bright", PlaceKind.GROUP).say("help")
    await chat.in_("nobody.known", PlaceKind.GROUP).say(text)
    assert VOIDED in await actions(services)


async def test_a_stranger_elsewhere_ends_nothing(services: Services, chat: Chat) -> None:
    _, text = await code(services)
    await chat.in_("nobody.known", PlaceKind.GROUP).say(text)
    await chat.in_("nobody.known").say(text)
    assert VOIDED not in await actions(services)


async def test_a_code_that_an_edit_brings_into_a_chat_is_void_without_an_answer(
    services: Services, chat: Chat
) -> None:
    _, text = await code(services)
    group = chat.in_("oliver.bright", PlaceKind.GROUP)
    await group.say("help")
    assert await group.send(IncomingKind.MESSAGE_EDITED, text) == []
    assert VOIDED in await actions(services)
