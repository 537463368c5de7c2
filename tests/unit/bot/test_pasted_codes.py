"""Codes that are written where others read along."""

from bot.channel.turn import PlaceKind
from portal.wiring import Services
from tests.fakes.setting_up import actions, code
from tests.unit.bot.helpers import Chat


async def test_a_living_code_written_in_a_group_is_void(services: Services, chat: Chat) -> None:
    _, text = await code(services)
    await chat.in_("oliver.bright").say(f"my code is {text}")
    assert "verification.code_voided" not in await actions(services)
    await chat.in_("oliver.bright", PlaceKind.GROUP).say(f"my code is {text}")
    assert "verification.code_voided" in await actions(services)
