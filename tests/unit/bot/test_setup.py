"""`setup`: progress and the next step, for who may know, in their own chat."""

from bot.channel.turn import PlaceKind, Say, ShowPrivately
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import MAIL, PHONE, verify
from tests.unit.bot.helpers import Chat, buttons


async def test_a_representative_sees_progress_and_where_to_go_on(
    services: Services, chat: Chat, clock: StandingClock
) -> None:
    oliver = chat.in_("oliver.bright")
    card = await oliver.card("setup")
    texts = centre.texts(card)
    assert "0 of 5 steps are done." in texts
    assert "Next: prove the organisation's mail address by a link." in texts
    (action,) = card["actions"]
    assert "view=setup&section=steps&step=mail" in action["url"]
    await verify(services, clock)
    card = await oliver.card("setup")
    assert "2 of 5 steps are done." in centre.texts(card)
    assert MAIL not in str(card)
    assert PHONE not in str(card)


async def test_the_card_asks_for_nothing(chat: Chat) -> None:
    card = await chat.in_("oliver.bright").card("einrichtung")
    assert "Input." not in str(card)
    assert list(buttons(card)) == []


async def test_others_are_told_whom_to_ask(chat: Chat) -> None:
    for slug in ("sofia.lindqvist", "amira.khan"):
        (answer,) = await chat.in_(slug).say("setup")
        assert isinstance(answer, Say)


async def test_a_channel_learns_nothing_of_it(chat: Chat) -> None:
    (answer,) = await chat.in_("oliver.bright", PlaceKind.CHANNEL).say("setup")
    assert isinstance(answer, ShowPrivately)
    assert "step" not in answer.notice
