"""The notice in the chat: read whole, confirmed once, asked for before figures."""

from pathlib import Path

import pytest

from bot.channel.turn import InvokeCard, InvokeMessage, PlaceKind, SearchResults, Show
from bot.opening import opened
from portal.domain.communications.sending import Told
from portal.domain.informing.model import Text, Way
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.setting_up import actions, who
from tests.unit.bot.helpers import Chat, button, buttons, plain
from tests.unit.informing.helpers import AMIRA, confirm, publish, require

LONG = Text("Your calls", "\n".join(f"Paragraph {number} of it." for number in range(60)))


@pytest.fixture
def amira(chat: Chat) -> Chat:
    return chat.in_(AMIRA)


async def is_confirmed(services: Services) -> Way | None:
    word = (await services.informing.own(actor=await who(services, AMIRA))).word
    return word.way if word else None


async def test_without_a_notice_there_is_nothing_to_do(amira: Chat) -> None:
    assert list(buttons(await amira.card("notice"))) == []


async def test_it_is_read_whole_and_confirmed(services: Services, amira: Chat) -> None:
    await publish(services, LONG, german=None)
    card = await amira.card("notice")
    assert {f"Paragraph {number} of it." for number in range(60)} <= set(centre.texts(card))
    done = await amira.pressed(button(card, "I have read it"))
    assert await is_confirmed(services) is Way.TEAMS
    assert "Thank you. That you have read it is kept." in centre.texts(done)
    assert list(buttons(done)) == []
    again = await amira.pressed(button(card, "I have read it"))
    assert list(buttons(again)) == []
    assert (await actions(services)).count("notice.confirmed") == 1


async def test_a_german_reader_reads_german(services: Services, amira: Chat) -> None:
    await publish(services)
    texts = centre.texts(await amira.in_(locale="de-DE").card("hinweis"))
    assert "Anrufe werden gezählt." in texts


async def test_a_button_of_an_older_notice_draws_the_newer(services: Services, amira: Chat) -> None:
    await publish(services)
    old = button(await amira.card("notice"), "I have read it")
    await publish(services, Text("Your calls", "Every call is recorded."))
    card = await amira.pressed(old)
    assert await is_confirmed(services) is None
    assert "Every call is recorded." in centre.texts(card)
    await amira.pressed(button(card, "I have read it"))
    assert await is_confirmed(services) is Way.TEAMS


async def test_nobody_else_presses_it_for_them(services: Services, chat: Chat) -> None:
    await publish(services)
    press = button(await chat.in_(AMIRA).card("notice"), "I have read it")
    (answer,) = await chat.in_("sofia.lindqvist").press(press)
    assert isinstance(answer, InvokeMessage)
    assert await is_confirmed(services) is None


async def test_figures_ask_for_it_first(services: Services, amira: Chat) -> None:
    again = button(await amira.card("my stats"), "Refresh")
    await publish(services)
    await require(services)
    (answer,) = await amira.say("my stats")
    assert isinstance(answer, Show)
    asked = plain(answer.card)
    assert "Calls are counted." in centre.texts(asked)
    refusal, _ = await amira.in_(AMIRA, message="another").press(again)
    assert isinstance(refusal, InvokeMessage)
    assert (await amira.search("claims")).results == ()
    await amira.pressed(button(asked, "I have read it"))
    assert isinstance((await amira.in_(message="third").press(again))[0], InvokeCard)


async def test_a_search_says_what_is_asked_first(services: Services, amira: Chat) -> None:
    await publish(services)
    await require(services)
    found = await amira.search("claims")
    assert isinstance(found, SearchResults)
    assert "confirm it before you see figures" in found.message


async def test_a_channel_learns_nothing_of_it(services: Services, chat: Chat) -> None:
    await publish(services)
    await require(services)
    (answer,) = await chat.in_(AMIRA, PlaceKind.CHANNEL).say("dashboard")
    assert "Calls are counted." not in str(getattr(answer, "notice", answer))


async def test_the_message_is_the_notice_and_stops_once_it_is_confirmed(
    services: Services, amira: Chat, tmp_path: Path
) -> None:
    await amira.say("help")
    ledger = centre.Ledger()
    writer = opened(services, centre.settings(tmp_path)).writer
    sender = services.setting_up.messages(services.chats(ledger, writer))
    edition = await publish(services)
    await services.reminding.look()
    assert await sender.send() == Told(sent=1)
    (message,) = ledger.visible.values()
    card = plain(message["card"])
    assert "Calls are counted." in centre.texts(card)
    second = await publish(services, Text("Your calls", "Others."))
    await services.reminding.look()
    await confirm(services, second)
    assert await sender.send() == Told(dropped=1)
    assert len(ledger.visible) == 1
    assert edition.number == 1
    await amira.pressed(button(card, "I have read it"))
