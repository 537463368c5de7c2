from bot.channel.turn import IncomingKind, InvokeMessage, PlaceKind, SearchResults
from tests.fakes.centre import texts
from tests.unit.bot.helpers import Chat, button, buttons


async def test_queues_and_views_are_found_and_insert_their_card(chat: Chat) -> None:
    found = await chat.search("claims")
    assert [one.title for one in found.results] == ["Claims"]
    assert texts(found.results[0].card)[1] == "Claims"
    views = await chat.search("yesterday")
    assert [one.title for one in views.results] == ["All queues, Yesterday"]


async def test_an_empty_search_offers_views_and_queues(chat: Chat) -> None:
    titles = [one.title for one in (await chat.search("")).results]
    assert titles[:3] == ["All queues, Today", "All queues, Yesterday", "All queues, Last 7 days"]
    assert len(titles) == 8


async def test_nothing_found_is_said(chat: Chat) -> None:
    found = await chat.search("zzzz")
    assert (found.results, found.message) == ((), "No queue or view of that name.")
    assert (await chat.search("x" * 100_000)).results == ()


async def test_who_may_not_see_figures_finds_nothing(chat: Chat) -> None:
    found = await chat.in_("tomas.silva").search("claims")
    assert found.results == ()
    assert "security responder" in found.message


async def test_what_is_inserted_names_nobody_and_refreshes_for_nobody_by_itself(
    chat: Chat,
) -> None:
    for one in (await chat.in_("amira.khan").search("")).results:
        assert "Amira" not in " ".join(texts(one.card))
        assert "refresh" not in one.card


async def test_an_inserted_card_works_in_any_chat_for_those_who_may(chat: Chat) -> None:
    card = (await chat.search("claims")).results[0].card
    elsewhere = chat.in_("oliver.bright", PlaceKind.GROUP, where="19:elsewhere@thread.v2")
    again = button(dict(card), "Refresh")
    assert texts(await elsewhere.pressed(again))[1] == "Claims"
    (refused,) = await elsewhere.in_("tomas.silva").press(again)
    assert isinstance(refused, InvokeMessage)
    assert refused.status == 403
    (foreign,) = await elsewhere.in_("grace.osei").press(again)
    assert isinstance(foreign, InvokeMessage)
    assert foreign.status == 403


async def test_our_own_links_become_cards_and_others_nothing(chat: Chat) -> None:
    card = await chat.card("dashboard claims yesterday")
    (url,) = [one["url"] for one in card["actions"] if one["type"] == "Action.OpenUrl"]
    (answer,) = await chat.send(IncomingKind.LINK, url)
    assert isinstance(answer, SearchResults)
    shown = texts(answer.results[0].card)
    assert shown[1:3] == ["Claims", "Harbour Lane Insurance · Yesterday"]
    (other,) = await chat.send(IncomingKind.LINK, "https://elsewhere.example/?queue=q1")
    assert other == SearchResults()


async def test_a_link_to_what_is_not_there_says_so(chat: Chat) -> None:
    (answer,) = await chat.send(IncomingKind.LINK, "http://localhost:3978/?queue=q999")
    assert isinstance(answer, SearchResults)
    assert answer.results == ()
    assert "not there" in answer.message


async def test_every_button_of_an_inserted_card_only_reads(chat: Chat) -> None:
    for one in (await chat.search("claims")).results:
        assert {action["verb"] for action in buttons(dict(one.card))} == {"board.show"}
