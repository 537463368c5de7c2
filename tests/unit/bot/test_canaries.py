"""Somebody of one organisation asks the bot for another's, by every command, button, search, link
and form, in every place: nothing of it comes back, and what is logged says nothing of it."""

import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bot.channel.turn import Answer, IncomingKind, PlaceKind, Show, ShowPrivately
from bot.reading import COMMANDS
from portal import logs
from portal.domain.access.model import Board
from portal.domain.alerts.model import AlertMetric, Comparison, Threshold
from portal.domain.contacts.model import Agent, Customer, Queue
from portal.domain.contacts.ports import Batch, Tenant
from portal.domain.incidents.model import Category, Report
from portal.domain.incidents.service import Reported
from portal.domain.views.model import Filters, Wanted
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.contacts import contact, record
from tests.unit.access.helpers import RUTH, who
from tests.unit.bot.helpers import Chat, buttons

K = IncomingKind
CANARY = "quokka"
THEIRS = ("amira.khan", "oliver.bright", "sofia.lindqvist", "hana.novak", "tomas.silva")
OTHERS = ("grace.osei", "dana.whitfield", "mei.tanaka", "nobody")
PLACES = (PlaceKind.PERSONAL, PlaceKind.GROUP, PlaceKind.CHANNEL)
ABOUT = ("", f"{CANARY} queue", f"{CANARY} view", "harbour", "SR-000001")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure("DEBUG", readable=False, stream=stream)
    yield stream
    logs.configure("WARNING", readable=False)


@pytest.fixture
async def harbour(services: Services) -> str:
    """Something of every kind that the bot can tell of; the id of the saved view."""
    tenancy = await services.directory.get("harbour")
    tenant = Tenant(tenancy.partition, tenancy.organization.time_zone, tenancy.keyring)
    records = [
        record(
            contact(
                arrived_ms=centre.NOW_MS - (number + 1) * 60_000,
                queue=Queue(f"{CANARY}-key", f"{CANARY} queue"),
                agent=Agent(f"{CANARY}-agent", f"{CANARY} Agent"),
                customer=Customer("+12025550173", None, f"{CANARY} Customer", None),
            ),
            id=f"{CANARY}-record-{number}",
        )
        for number in range(8)
    ]
    contacts = services.dashboards._contacts
    await contacts.ingest(tenant, Batch("genesys", records), now_ms=centre.NOW_MS)
    sofia, amira = await who(services, "sofia.lindqvist"), await who(services, "amira.khan")
    choices = await services.dashboards.queue_choices(actor=sofia)
    (queue,) = [one.id for one in choices if CANARY in one.name]
    shared = Wanted(f"{CANARY} view", Board.OVERVIEW, Filters(queues=(queue,)), (), (), "agent")
    view = await services.views.save(shared, actor=sofia)
    trigger = Threshold(AlertMetric.OFFERED, Comparison.ABOVE, 1, 15)
    await services.alerts.create(f"{CANARY} queue", trigger, actor=sofia)
    said = Reported(Category.LOST_DEVICE, Report(f"{CANARY} laptop"))
    await services.incidents.report(said, actor=amira)
    await services.break_glass.ask(f"{CANARY} because", 30, actor=await who(services, RUTH))
    return view


async def pressable(chat: Chat) -> list[dict[str, Any]]:
    """Every button of every card that harbour's people are shown in their own chats."""
    found: dict[str, dict[str, Any]] = {}
    for slug in THEIRS:
        theirs = chat.in_(slug)
        answers: list[Answer] = []
        for words in COMMANDS.values():
            answers += await theirs.say(words[0])
        cards = [one.card for one in answers if isinstance(one, Show | ShowPrivately)]
        cards += [one.card for one in (await theirs.search(CANARY)).results]
        for card in cards:
            for one in buttons(dict(card or {})):
                if one["type"] == "Action.Execute":
                    found.setdefault(str(one["data"]["ref"])[:60] + one["verb"], one)
    return list(found.values())


def check(answers: Sequence[Answer], asked: object) -> None:
    told = repr(answers)
    at = told.casefold().find(CANARY)
    assert at < 0, f"{told[max(0, at - 60) : at + 60]} was answered to {asked}"


async def test_their_own_are_told_so_that_there_is_something_to_find(
    chat: Chat, harbour: str
) -> None:
    told = ""
    for slug in THEIRS:
        for words in COMMANDS.values():
            told += repr(await chat.in_(slug).say(words[0]))
    assert f"{CANARY} queue" in told
    assert f"{CANARY} view" in repr(await chat.search(CANARY))
    assert harbour


async def test_commands_searches_and_forms_tell_nothing_of_another_organisation(
    chat: Chat, harbour: str, log: io.StringIO
) -> None:
    url = f"http://localhost:3978/?saved={harbour}"
    for slug, place in itertools.product(OTHERS, PLACES):
        here = chat.in_(slug, place)
        for words, about in itertools.product(COMMANDS.values(), ABOUT):
            check(await here.say(f"{words[0]} {about}".strip()), (slug, place, words[0], about))
        for text in ("", CANARY, f"{CANARY} queue", "harbour"):
            check(await here.send(K.SEARCH, text), (slug, place, "search", text))
        check(await here.send(K.LINK, url), (slug, place, "link"))
        for kind in (K.FORM_ASKED, K.FORM_SENT):
            check(await here.send(kind, "hello", value={}), (slug, place, kind))
    assert "turn refused" in log.getvalue()
    assert CANARY not in log.getvalue().casefold()


async def test_buttons_of_another_organisation_tell_nothing(
    chat: Chat, harbour: str, log: io.StringIO
) -> None:
    pressed = await pressable(chat)
    assert len({one["verb"] for one in pressed}) >= 8
    assert harbour
    for slug, place in itertools.product(OTHERS, PLACES):
        here = chat.in_(slug, place)
        for action in pressed:
            check(await here.press(action), (slug, place, action["verb"]))
            check(await here.refreshed({"refresh": {"action": action}}), (slug, action["verb"]))
    assert CANARY not in log.getvalue().casefold()
