"""What the trails know of refusals in Teams."""

from bot.channel.turn import IncomingKind, InvokeMessage, PlaceKind
from portal.domain.audit.model import Entry
from portal.wiring import Services
from tests.unit.bot.helpers import Chat, button


async def told(services: Services, partition: str) -> list[Entry]:
    entries = [one async for one in services.audit.entries(partition)]
    return [one for one in entries if one.action.startswith("access.refused")]


async def test_a_button_pressed_where_it_does_not_work_is_told(
    chat: Chat, services: Services
) -> None:
    again = button(await chat.card("dashboard"), "Refresh")
    (answer,) = await chat.in_(kind=PlaceKind.GROUP, where="19:other@thread.v2").press(again)
    assert isinstance(answer, InvokeMessage)
    assert answer.status == 403
    partition = (await services.directory.get("harbour")).partition
    (entry,) = await told(services, partition)
    assert (entry.actor, entry.facts) == (
        "sofia.lindqvist",
        {"operation": "bot.board.show", "status": 403},
    )


async def test_every_press_is_counted_however_often(chat: Chat, services: Services) -> None:
    tomas = chat.in_("tomas.silva")
    for number in range(5):
        await tomas.send(IncomingKind.CARD_ACTION, verb=f"made.up.{number}", value={"ref": "x.y"})
    partition = (await services.directory.get("harbour")).partition
    (entry,) = await told(services, partition)
    assert entry.facts == {"operation": "bot.card_action", "status": 403}
    assert "made.up" not in str(entry)


async def test_strangers_are_counted_in_the_regions_trail(chat: Chat, services: Services) -> None:
    stranger = chat.in_("nobody")
    await stranger.send(IncomingKind.INSTALLED)
    for _ in range(3):
        await stranger.say("dashboard")
    await stranger.send(IncomingKind.SEARCH, "claims")
    await services.refusals.settle()
    entries = await told(services, services.directory.directory)
    assert [(one.actor, one.facts["operation"]) for one in entries] == [
        ("unknown", "bot.message"),
        ("unknown", "bot.search"),
    ]
