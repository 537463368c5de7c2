"""Files in the chat with the bot, drafts put off there, and people of the tenant who were given
nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channel.turn import Incoming, IncomingKind, InvokeMessage, PlaceKind, Say, SentFile, Show
from bot.opening import opened
from portal.adapters.identity.local import TEAMS_TENANT, teams_account
from portal.domain.access.model import Claims, Person
from portal.domain.access.rules import of_tenant
from portal.domain.alerts.documents import CONVERSATION
from portal.domain.incidents.model import Draft, Report, Source
from portal.domain.shared.errors import InvalidInput, Unavailable
from portal.wiring import Services
from tests.fakes import centre
from tests.unit.bot.helpers import Chat, button, plain
from tests.unit.bot.test_incidents import SAID, opened_card, texts

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100
NINA = "nina.berg"
HOME = "https://contoso-my.sharepoint.com/"


class Drive:
    """Teams, with what it keeps at which address, and whom it says to be of the tenant."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes | Exception] = {}
        self.own: set[str] = set()
        self.asked = 0

    async def is_of_tenant(self, incoming: Incoming) -> bool:
        self.asked += 1
        return incoming.sender.aad_object_id in self.own

    async def pieces(self, address: str) -> AsyncIterator[bytes]:
        found = self.kept.get(address, InvalidInput("Elsewhere."))
        if isinstance(found, Exception):
            raise found
        yield found

    async def deliver(
        self, address: str, shown: str, body: AsyncIterator[bytes], *, size: int
    ) -> None:
        raise InvalidInput("Elsewhere.")


class WithNina:
    """The local people, and Nina, who is of harbour's tenant and was given nothing."""

    def __init__(self, services: Services) -> None:
        self._people = services.people
        self._nina = Person(NINA, "", {"harbour": of_tenant()})
        self.names: list[str] = []

    async def recognise(self, claims: Claims) -> Person | None:
        return await self._people.recognise(claims)

    async def find(self, person_id: str) -> Person | None:
        return self._nina if person_id == NINA else await self._people.find(person_id)

    async def find_in_teams(self, tenant_id: str, aad_object_id: str) -> Person | None:
        if (tenant_id, aad_object_id) == (TEAMS_TENANT, teams_account(NINA)):
            return self._nina
        return await self._people.find_in_teams(tenant_id, aad_object_id)

    async def met(self, organization: str, tenant_id: str, object_id: str, name: str) -> None:
        self.names.append(name)


@pytest.fixture
def drive() -> Drive:
    return Drive()


@pytest.fixture
def people(services: Services) -> WithNina:
    return WithNina(services)


@pytest.fixture
def amira(services: Services, people: WithNina, drive: Drive, tmp_path: Path) -> Chat:
    known = replace(services, people=people, newcomers=people)
    made = opened(known, centre.settings(tmp_path), drive)
    return Chat(made.talk, made.drawer, "amira.khan")


@pytest.fixture
def nina(amira: Chat) -> Chat:
    return amira.in_(NINA)


async def attach(chat: Chat, drive: Drive, *names: str, text: str = "") -> Any:
    """Attaches files of these names; the answers."""
    files = []
    for name in names:
        address = f"{HOME}{name}"
        drive.kept.setdefault(address, PNG)
        files.append(SentFile(name, address))
    return await chat.say(text, files=tuple(files), attachments=("x",) * len(files))


async def test_a_file_in_the_chat_waits_and_goes_with_the_report(
    amira: Chat, drive: Drive, services: Services
) -> None:
    (answer,) = await attach(amira, drive, "Foto.png")
    assert isinstance(answer, Show)
    assert "Foto.png" in texts(answer.card)
    assert "exactly as they are" in texts(answer.card)
    form = await amira.card("report")
    assert "Foto.png" in texts(form)
    receipt = await amira.pressed(button(form, "Send report"), **SAID, files="true")
    assert "SR-000001" in texts(receipt)
    actor = await centre.actor(services, "amira.khan")
    (file,) = (await services.incidents.get("00000001", actor=actor)).files
    assert file.name == "Foto.png"
    assert "Foto.png" not in texts(await amira.card("report"))
    assert "Files: 1" in texts(await opened_card(amira))


async def test_a_file_stays_where_it_is_not_wanted(
    amira: Chat, drive: Drive, services: Services
) -> None:
    await attach(amira, drive, "Foto.png")
    form = await amira.card("report")
    await amira.pressed(button(form, "Send report"), **SAID, files="false")
    actor = await centre.actor(services, "amira.khan")
    assert (await services.incidents.get("00000001", actor=actor)).files == ()
    own = await opened_card(amira)
    await amira.pressed(button(own, "Send"), text="", files="true")
    whole = await services.incidents.get("00000001", actor=actor)
    assert [one.entry for one in whole.files] == [2]


async def test_what_is_not_kept_says_why(amira: Chat, drive: Drive, services: Services) -> None:
    drive.kept[f"{HOME}late.png"] = Unavailable("Not now.")
    drive.kept[f"{HOME}false.png"] = b"MZ" + PNG
    (answer,) = await attach(amira, drive, "tool.exe", "late.png", "false.png", "good.png")
    told = texts(answer.card)
    for why in ("programs, scripts", "did not come in time", "not what its name says"):
        assert why in told
    waiting = await services.evidence.waiting(actor=await centre.actor(services, "amira.khan"))
    assert [one.name for one in waiting] == ["good.png"]
    gone = await amira.pressed(button(plain(answer.card), "Remove the files"))
    assert "removed" in texts(gone)
    assert await services.evidence.waiting(actor=await centre.actor(services, "amira.khan")) == ()


async def test_files_come_once_and_with_what_was_written(amira: Chat, drive: Drive) -> None:
    answers = await attach(amira, drive, "Foto.png", text="report")
    assert len(answers) == 2
    assert "Send report" in texts(answers[1].card)
    incoming = amira.incoming(
        IncomingKind.MESSAGE, files=(SentFile("b.png", f"{HOME}Foto.png"),), attachments=("x",)
    )
    assert len(await amira.talk.turn(incoming)) == 1
    assert await amira.talk.turn(incoming) == []


async def test_a_form_that_is_put_off_goes_on_in_the_tab_and_here(
    amira: Chat, services: Services
) -> None:
    form = await amira.card("report")
    later = await amira.pressed(
        button(form, "Later"), **(SAID | {"what": "Sent to jo@example.com", "happened": ""})
    )
    assert "Masked before it was kept: 1" in texts(later)
    actor = await centre.actor(services, "amira.khan")
    kept = await services.drafts.get(actor=actor)
    assert kept is not None
    assert (kept.draft.report.what, kept.draft.source) == ("Sent to [email]", Source.CHAT)
    form = await amira.card("report")
    assert "Sent to [email]" in texts(form)
    assert "This is your draft" in texts(form)
    await amira.pressed(button(form, "Send report"), **SAID)
    assert await services.drafts.get(actor=actor) is None


async def test_a_draft_of_the_tab_goes_on_in_the_chat(amira: Chat, services: Services) -> None:
    actor = await centre.actor(services, "amira.khan")
    draft = Draft(Report("Begun in the tab"), happened_at_ms=centre.NOW_MS)
    await services.drafts.keep(draft, actor=actor)
    form = texts(await amira.card("report"))
    assert "Begun in the tab" in form
    assert "2026-10-28" in form


async def test_who_was_given_nothing_reports_if_teams_says_they_are_of_the_tenant(
    nina: Chat, drive: Drive, people: WithNina, services: Services
) -> None:
    (answer,) = await nina.say("report")
    assert isinstance(answer, Say)  # a guest, or nobody knows
    drive.own.add(teams_account(NINA))
    form = await nina.card("report")
    assert people.names == [NINA]
    receipt = await nina.pressed(button(form, "Send report"), **SAID)
    assert "SR-000001" in texts(receipt)
    assert "SR-000001" in texts(await nina.card("incidents"))
    for asked in ("dashboard", "queues", "alerts", "who can see billing", "triage"):
        (answer,) = await nina.say(asked)
        assert isinstance(answer, Say), asked
        assert "may not" in answer.text or "not" in answer.text, asked
    guide = await nina.card("help")
    assert "dashboard" not in texts(guide)
    titles = [one["title"] for one in guide["actions"]]
    assert titles == ["report", "incidents", "whoami", "help"]
    assert drive.asked == 2  # Teams is believed for an hour


async def test_the_others_are_asked_for_nothing_more(amira: Chat, drive: Drive) -> None:
    await amira.card("help")
    assert drive.asked == 0


async def test_they_take_no_place_for_the_organisation(
    nina: Chat, drive: Drive, services: Services
) -> None:
    drive.own.add(teams_account(NINA))
    there = nina.in_(kind=PlaceKind.CHANNEL)
    await there.send(IncomingKind.INSTALLED)
    answers = await there.say("report")
    assert "SR-" not in str(answers)
    assert len(answers) == 1
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, CONVERSATION)
    assert page.documents == ()


async def test_a_button_of_files_is_its_owners(amira: Chat, drive: Drive) -> None:
    (answer,) = await attach(amira, drive, "Foto.png")
    other = amira.in_("sofia.lindqvist")
    (refused,) = await other.press(button(plain(answer.card), "Remove the files"))
    assert isinstance(refused, InvokeMessage)
    assert "Foto.png" in texts(await amira.card("report"))
