"""`who can see`: what it answers, to whom, and where."""

import pytest

from bot.cards.elements import Card
from bot.channel.turn import PlaceKind, Say, ShowPrivately
from portal.domain.access.documents import OWN_TENANT
from portal.domain.access.grants import Holder, HolderKind, Words
from portal.domain.access.shelf import OWN_TENANT_ID
from portal.domain.shared.documents import Create
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import NOW_MS, texts
from tests.unit.access.helpers import give, terms, who
from tests.unit.bot.helpers import Chat

OLIVER = "oliver.bright"
AMIRA = "amira.khan"
DAY_MS = 24 * 3600 * 1000


def rows(card: Card) -> dict[str, str]:
    """The names of a card of holders, or the labels of a person's, with what stands beside."""
    return {texts(one)[0]: texts(one)[1] for one in card["body"] if one["type"] == "ColumnSet"}


async def with_tenant(services: Services) -> None:
    """Ties harbour to a Microsoft tenant, whose groups can hold roles then."""
    tenancy = await services.directory.get("harbour")
    body = {"tenant_id": "5" * 8 + "-0000-4000-8000-000000000001"}
    await services.documents.batch(tenancy.partition, [Create(OWN_TENANT, OWN_TENANT_ID, body)])
    services.management._shelf.forget("harbour")


async def queue(services: Services, name: str) -> str:
    oliver = await centre.actor(services, OLIVER)
    choices = await services.dashboards.queue_choices(actor=oliver)
    return next(one.id for one in choices if one.name == name)


async def test_those_who_see_a_queue_are_named_with_what_lets_them(
    chat: Chat, services: Services
) -> None:
    shown = rows(await chat.in_(OLIVER).card("who can see claims"))
    assert shown["Sofia Lindqvist"] == "supervisor"
    assert shown["Ruth Engel"] == "Managing Partner, without identities, until 29 Oct 2027, 15:00"
    assert "Tomas Silva" not in shown, "a security responder opens no dashboard"
    assert "Grace Osei" not in shown, "she is of another organisation"


async def test_a_grant_of_other_queues_does_not_count(chat: Chat, services: Services) -> None:
    renewals = await queue(services, "Renewals")
    given = terms("supervisor", until_ms=NOW_MS + DAY_MS, queues=[renewals])
    await give(services, "tomas.silva", given)
    oliver = chat.in_(OLIVER)
    assert "Tomas Silva" not in rows(await oliver.card("who can see claims"))
    shown = rows(await oliver.card("who can see renewals"))["Tomas Silva"]
    assert shown.startswith("supervisor, until ")
    one = rows(await oliver.card("who can see tomas silva"))
    assert one["Queues"] == "Renewals"
    assert one["Roles"] == "supervisor, security responder"


async def test_a_dashboard_is_named_in_every_language(chat: Chat) -> None:
    oliver = chat.in_(OLIVER, locale="de-DE")
    for text in ("who can see contacts", "wer darf Dashboard Kontakte sehen?"):
        card = await oliver.card(text)
        assert texts(card)[:2] == ["Wer sehen kann", "Kontakte"]
        shown = rows(card)
        assert {"Sofia Lindqvist", "Hana Novak"} <= set(shown)
        assert not {"Amira Khan", "Ruth Engel"} & set(shown)


async def test_without_a_name_it_is_who_opens_any_dashboard(chat: Chat) -> None:
    card = await chat.in_(OLIVER).card("who can see")
    assert texts(card)[1] == "Any dashboard"
    assert {"Amira Khan", "Luca Moretti"} <= set(rows(card))
    assert "Tomas Silva" not in rows(card)


async def test_a_group_is_told_as_one(chat: Chat, services: Services) -> None:
    await with_tenant(services)
    group = Holder(HolderKind.GROUP, "0a1b2c3d-0000-4000-8000-000000000001")
    words = Words("Cover in the morning", "Morning team")
    actor = await who(services, OLIVER)
    await services.management.grant(group, terms("agent"), words, actor=actor)
    shown = rows(await chat.in_(OLIVER).card("who can see claims"))
    assert shown["Morning team"] == "agent, group"


async def test_what_a_partner_sees_says_that_it_is_without_identities(chat: Chat) -> None:
    card = await chat.in_(OLIVER).card("who can see ruth")
    assert texts(card)[:3] == [
        "What a person can see",
        "Ruth Engel",
        "Figures without identities.",
    ]
    assert rows(card)["Queues"] == "All queues"
    assert rows(card)["Fields"] == "none"


async def test_who_sees_identities_for_a_while_is_among_those_who_see_contacts(
    chat: Chat, services: Services
) -> None:
    oliver = chat.in_(OLIVER)
    assert "Ruth Engel" not in rows(await oliver.card("who can see contacts"))
    ruth = await centre.actor(services, "ruth.engel", "harbour")
    id = await services.break_glass.ask("A complaint", 30, actor=ruth)
    decides = await who(services, OLIVER)
    await services.break_glass.decide(id, approve=True, version=1, actor=decides)
    shown = rows(await oliver.card("who can see contacts"))
    assert shown["Ruth Engel"] == "Managing Partner, until 29 Oct 2027, 15:00"


async def test_what_is_not_clear_is_offered_and_what_is_not_there_is_said(chat: Chat) -> None:
    oliver = chat.in_(OLIVER)
    card = await oliver.card("who can see zzzz")
    assert texts(card)[0] == "There is no queue, dashboard or person of that name."
    several = await oliver.card("who can see a")
    assert texts(several)[0] == "That may be one of several. Ask with more of its name:"


@pytest.mark.parametrize("slug", ["sofia.lindqvist", AMIRA, "hana.novak", "tomas.silva"])
@pytest.mark.parametrize("text", ["who can see claims", "who can see", "who can see ruth engel"])
async def test_who_may_not_see_access_is_refused(chat: Chat, slug: str, text: str) -> None:
    (answer,) = await chat.in_(slug).say(text)
    assert isinstance(answer, Say)
    assert "Ruth" not in answer.text
    assert "does not include that" in answer.text


@pytest.mark.parametrize("kind", [PlaceKind.GROUP, PlaceKind.CHANNEL])
@pytest.mark.parametrize("text", ["who can see claims", "who can see ruth", "who can see zzzz"])
async def test_where_others_read_along_it_is_answered_in_their_own_chat(
    chat: Chat, kind: PlaceKind, text: str
) -> None:
    (answer,) = await chat.in_(OLIVER, kind).say(text)
    assert isinstance(answer, ShowPrivately)
    assert answer.card is not None
    for told in (answer.notice, answer.unreachable):
        assert not {"Ruth", "Claims"} & set(told.split())


async def test_the_card_leads_to_the_page_of_access(chat: Chat) -> None:
    card = await chat.in_(OLIVER).card("who can see claims")
    (action,) = card["actions"]
    assert action["url"].endswith("?view=access")
