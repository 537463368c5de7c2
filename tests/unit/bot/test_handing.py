"""Files of an incident that who handles it asks for in their chat, and gets when they agree."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.channel.turn import (
    Answer,
    GivenFile,
    IncomingKind,
    InvokeMessage,
    OfferFile,
    PlaceKind,
    Say,
)
from portal.domain.audit.model import Action
from portal.domain.shared.errors import Unavailable
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.unit.access.helpers import trail
from tests.unit.bot.helpers import Chat, button, buttons, plain
from tests.unit.bot.test_attaching import (  # noqa: F401 - fixtures
    HOME,
    PNG,
    Drive,
    WithNina,
    amira,
    attach,
    people,
)
from tests.unit.bot.test_incidents import SAID, opened_card

SESSION = f"{HOME}upload?tempauth=a"
SEEN = f"{HOME}Documents/Foto.png"


class Taking(Drive):
    """Teams that takes files too."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[str, str, bytes, int]] = []
        self.refuses = False

    async def deliver(
        self, address: str, shown: str, body: AsyncIterator[bytes], *, size: int
    ) -> None:
        if self.refuses:
            raise Unavailable("Not now.")
        content = b"".join([piece async for piece in body])
        self.taken.append((address, shown, content, size))


@pytest.fixture
def drive() -> Taking:
    return Taking()


@pytest.fixture
async def tomas(amira: Chat, drive: Taking) -> Chat:  # noqa: F811
    """Handles incidents; one with a file waits."""
    await attach(amira, drive, "Foto.png")
    form = await amira.card("report")
    await amira.pressed(button(form, "Send report"), **SAID, files="true")
    return amira.in_("tomas.silva")


async def offered(chat: Chat) -> OfferFile:
    card = await opened_card(chat)
    (which,) = (one for one in card["body"] if one.get("id") == "file")
    answers = await chat.press(button(card, "Send me this file"), file=which["value"])
    (offer,) = (one for one in answers if isinstance(one, OfferFile))
    return offer


async def answer(
    chat: Chat, offer: OfferFile, action: str = "accept", **more: Any
) -> Sequence[Answer]:
    upload = {"uploadUrl": SESSION, "contentUrl": SEEN, "name": "Foto.png"}
    upload |= {"uniqueId": "u-1", "fileType": "png"}
    value = {"type": "fileUpload", "action": action, "context": {"ref": offer.reference}}
    value |= {"uploadInfo": upload} if action == "accept" else {}
    return await chat.send(
        IncomingKind.FILE_ANSWERED, name="fileConsent/invoke", value=value | more
    )


async def reads(services: Services) -> list[str]:
    return [one.actor for one in await trail(services) if one.action == Action.INCIDENT_FILE_READ]


async def test_a_file_is_offered_and_put_where_teams_says_when_it_is_agreed_to(
    tomas: Chat, drive: Taking, services: Services
) -> None:
    offer = await offered(tomas)
    assert (offer.name, offer.size) == ("Foto.png", len(PNG))
    assert "SR-000001" in offer.description
    assert (drive.taken, await reads(services)) == ([], [])
    assert await answer(tomas, offer) == [GivenFile("Foto.png", SEEN, "u-1", "png")]
    assert drive.taken == [(SESSION, SEEN, PNG, len(PNG))]
    assert await reads(services) == ["tomas.silva"]


async def test_a_file_that_is_declined_is_read_by_nobody(
    tomas: Chat, drive: Taking, services: Services
) -> None:
    assert await answer(tomas, await offered(tomas), "decline") == []
    assert (drive.taken, await reads(services)) == ([], [])


async def test_an_answer_that_comes_again_has_its_effect_once(tomas: Chat, drive: Taking) -> None:
    offer = await offered(tomas)
    value = {
        "action": "accept",
        "context": {"ref": offer.reference},
        "uploadInfo": {"uploadUrl": SESSION, "contentUrl": SEEN},
    }
    incoming = tomas.incoming(IncomingKind.FILE_ANSWERED, value=value)
    assert len(await tomas.talk.turn(incoming)) == 1
    assert await tomas.talk.turn(incoming) == []
    assert len(drive.taken) == 1


async def test_who_may_not_handle_incidents_any_more_gets_nothing(
    tomas: Chat,
    drive: Taking,
    people: WithNina,  # noqa: F811
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The offer was theirs; what they may is looked up when they agree."""
    offer = await offered(tomas)
    person = await services.people.find("tomas.silva")
    viewer = await services.people.find("amira.khan")
    assert person is not None
    assert viewer is not None

    async def find(*_: object) -> object:
        return replace(person, holdings=viewer.holdings)

    monkeypatch.setattr(people, "find_in_teams", find)
    (refused,) = await answer(tomas, offer)
    assert isinstance(refused, Say)
    assert (drive.taken, await reads(services)) == ([], [])


@pytest.mark.parametrize("where", ["another person", "a channel", "changed", "a card's reference"])
async def test_an_offer_works_for_its_reader_in_their_own_chat_alone(
    tomas: Chat, drive: Taking, services: Services, where: str
) -> None:
    offer = await offered(tomas)
    chat = tomas
    if where == "another person":
        chat = tomas.in_("hana.novak")
    elif where == "a channel":
        chat = tomas.in_(kind=PlaceKind.CHANNEL)
    elif where == "changed":
        offer = OfferFile(offer.name, offer.size, "", offer.reference[:-2] + "AA")
    else:
        data = button(await opened_card(tomas), "Send me this file")["data"]
        offer = OfferFile(offer.name, offer.size, "", data["ref"])
    assert not [one for one in await answer(chat, offer) if isinstance(one, GivenFile)]
    assert (drive.taken, await reads(services)) == ([], [])


async def test_an_offer_ends_after_a_day(tomas: Chat, drive: Taking, clock: StandingClock) -> None:
    offer = await offered(tomas)
    clock.pass_time(seconds=24 * 3600)
    (said,) = await answer(tomas, offer)
    assert isinstance(said, Say)
    assert "offer is over" in said.text
    assert drive.taken == []


@pytest.mark.parametrize("upload", [None, "x", {}, {"uploadUrl": 7, "contentUrl": ["x"]}])
async def test_answers_of_other_shapes_are_told_that_nothing_came(
    tomas: Chat, drive: Taking, upload: Any
) -> None:
    drive.refuses = True
    (said,) = await answer(tomas, await offered(tomas), uploadInfo=upload)
    assert isinstance(said, Say)
    assert "Save it in the tab" in said.text


async def test_a_file_of_another_incident_is_not_offered(tomas: Chat) -> None:
    card = await opened_card(tomas)
    answers = await tomas.press(button(card, "Send me this file"), file="f" * 32)
    assert [type(one) for one in answers] == [InvokeMessage]


async def test_the_reporter_and_incidents_without_files_have_no_such_button(
    tomas: Chat,
) -> None:
    own = plain(await opened_card(tomas.in_("amira.khan")))
    assert "Send me this file" not in {one["title"] for one in buttons(own)}
