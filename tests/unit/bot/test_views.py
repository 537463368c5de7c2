"""Saved views in the message extension: whose are found, and who reads what is inserted."""

from urllib.parse import parse_qs, urlsplit

from bot.channel.turn import IncomingKind, InvokeMessage, PlaceKind, SearchResults
from portal.domain.access.model import Board
from portal.domain.contacts.model import Channel, Direction
from portal.domain.dashboards.model import Definition, MetricName
from portal.domain.views.model import Filters, Preset, Tile, TileKind, Wanted
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import texts
from tests.unit.bot.helpers import Chat, button, buttons, plain

PLAIN = Wanted("Mornings", Board.OVERVIEW, Filters(), (), ())
GONE = "This saved view is gone, or it is not shared with you. Ask whoever made it."


async def saved(services: Services, wanted: Wanted = PLAIN, who: str = "sofia.lindqvist") -> str:
    return await services.views.save(wanted, actor=await centre.actor(services, who))


async def queue(services: Services, name: str) -> str:
    sofia = await centre.actor(services, "sofia.lindqvist")
    choices = await services.dashboards.queue_choices(actor=sofia)
    return next(one.id for one in choices if one.name == name)


async def test_an_own_view_is_found_by_its_title(chat: Chat, services: Services) -> None:
    await saved(services)
    (found,) = (await chat.search("morn")).results
    assert (found.title, found.text) == ("Mornings", "Your saved view, Today")
    assert texts(found.card)[:3] == ["Queue figures", "Mornings", "Harbour Lane Insurance · Today"]


async def test_a_shared_view_is_found_by_that_role_and_a_private_one_by_nobody_else(
    chat: Chat, services: Services
) -> None:
    amira = chat.in_("amira.khan", locale="de-DE")
    id = await saved(services)
    assert (await amira.search("mornings")).results == ()
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.views.change(id, PLAIN._replace(role="agent"), version=1, actor=sofia)
    (found,) = (await amira.search("mornings")).results
    assert found.text == "Gespeicherte Ansicht, geteilt mit: Agent, Heute"
    assert (await chat.in_("hana.novak").search("mornings")).results == ()
    assert (await chat.in_("grace.osei").search("mornings")).results == ()


async def test_the_card_shows_the_views_filters_and_figures(chat: Chat, services: Services) -> None:
    claims = await queue(services, "Claims")
    filters = Filters(
        Preset.LAST_7_DAYS,
        (claims,),
        (Channel.VOICE,),
        (Direction.INBOUND,),
        Definition.POSITIVE,
        12.5,
    )
    kpis = (MetricName.SERVICE_LEVEL, MetricName.WAIT_P90)
    tiles = (Tile(TileKind.KPI, 12),)
    id = await saved(services, Wanted("Voice", Board.OVERVIEW, filters, kpis, tiles))
    (found,) = (await chat.search("voice")).results
    shown = texts(found.card)
    assert shown[2] == "Harbour Lane Insurance · Last 7 days"
    for label, value in (
        ("Queues", "Claims"),
        ("Channels", "Calls"),
        ("Directions", "Inbound"),
        ("Service level", "Contacts abandoned in time count for it, within 12.5 seconds"),
    ):
        assert shown[shown.index(label) + 1] == value
    assert "Wait, 90th percentile" in shown
    assert not {"Offered", "By queue", "Offered over the range"} & set(shown)
    (url,) = [one["url"] for one in found.card["actions"] if one["type"] == "Action.OpenUrl"]
    assert parse_qs(urlsplit(url).query) == {
        "saved": [id],
        "range": ["last7"],
        "queue": [claims],
        "channel": ["voice"],
        "direction": ["inbound"],
        "definition": ["positive"],
        "threshold": ["12.5"],
    }


async def test_the_figures_are_those_of_the_services_question(
    chat: Chat, services: Services
) -> None:
    claims = await queue(services, "Claims")
    filters = Filters(Preset.LAST_30_DAYS, (claims,))
    await saved(services, PLAIN._replace(filters=filters))
    view = texts((await chat.search("mornings")).results[0].card)
    board = texts(await chat.card("dashboard claims last 30 days"))
    for name in ("Offered", "Answered", "Abandoned", "Longest wait"):
        assert view[view.index(name) + 1] == board[board.index(name) + 1], name


async def test_an_inserted_view_is_drawn_anew_for_those_it_is_shared_with_alone(
    chat: Chat, services: Services
) -> None:
    id = await saved(services, PLAIN._replace(role="agent"))
    card = plain((await chat.search("mornings")).results[0].card)
    assert {one["verb"] for one in buttons(card)} == {"view.show"}
    assert "refresh" not in card
    group = chat.in_("amira.khan", PlaceKind.GROUP, where="19:elsewhere@thread.v2")
    assert texts(await group.pressed(button(card, "Refresh")))[1] == "Mornings"
    for who in ("hana.novak", "tomas.silva", "grace.osei", "nobody"):
        (refused,) = await group.in_(who).press(button(card, "Refresh"))
        assert isinstance(refused, InvokeMessage), who
        assert refused.status in {403, 404}, who
    sofia = await centre.actor(services, "sofia.lindqvist")
    await services.views.remove(id, version=1, actor=sofia)
    (gone,) = await group.in_("luca.moretti").press(button(card, "Refresh"))
    assert gone == InvokeMessage(GONE, 404)


async def test_a_partner_sees_a_view_without_queues_and_none_whose_figures_are_not_theirs(
    chat: Chat, services: Services
) -> None:
    partner = chat.in_("ruth.engel")
    await saved(services, PLAIN._replace(role="managing_partner"))
    odd = PLAIN._replace(title="Odd", filters=Filters(threshold_s=12), role="managing_partner")
    await saved(services, odd)
    (found,) = (await partner.search("mornings")).results
    assert texts(found.card)[0] == "Totals without names"
    assert "By queue" not in texts(found.card)
    assert (await partner.search("odd")).results == ()


async def test_an_empty_search_offers_some_saved_views_and_still_queues(
    chat: Chat, services: Services
) -> None:
    for number in range(6):
        await saved(services, PLAIN._replace(title=f"View {number}"))
    titles = [one.title for one in (await chat.search("")).results]
    assert titles[3:6] == ["View 0", "View 1", "View 2"]
    assert len(titles) == 8


async def test_a_link_to_a_view_unfolds_for_those_who_have_it_and_else_as_its_filters(
    chat: Chat, services: Services
) -> None:
    claims = await queue(services, "Claims")
    await saved(services, PLAIN._replace(filters=Filters(queues=(claims,))))
    card = (await chat.search("mornings")).results[0].card
    (url,) = [one["url"] for one in card["actions"] if one["type"] == "Action.OpenUrl"]
    for who, title in (("sofia.lindqvist", "Mornings"), ("oliver.bright", "Claims")):
        (answer,) = await chat.in_(who).send(IncomingKind.LINK, url)
        assert isinstance(answer, SearchResults)
        assert texts(answer.results[0].card)[1] == title


async def test_a_title_is_nothing_but_text(chat: Chat, services: Services) -> None:
    await saved(services, PLAIN._replace(title="[x](https://evil.example) <at>All</at>"))
    (found,) = (await chat.search("evil")).results
    assert not set("[]()<>") & set(found.title)
    assert "://" not in found.title


async def test_a_view_of_everything_stays_below_what_teams_takes(
    chat: Chat, services: Services
) -> None:
    await saved(
        services, PLAIN._replace(kpis=tuple(MetricName), filters=Filters(Preset.LAST_30_DAYS))
    )
    (found,) = (await chat.search("mornings")).results
    assert len(str(found.card)) < 24_000
