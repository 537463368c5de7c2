"""What waits while an organisation is suspended, and goes on afterwards; nothing is lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channel.turn import InvokeMessage, PlaceKind, Say, Show, ShowPrivately
from bot.opening import opened
from portal.domain.alerts.sending import Sent
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.contacts import pieces
from portal.domain.contacts.imports import State as Stage
from portal.domain.contacts.imports import Wanted
from portal.domain.organizations.standing import State
from portal.domain.shared.errors import Conflict, Forbidden
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.standing import OPERATOR, stand, who
from tests.unit.alerts.helpers import heard
from tests.unit.bot.helpers import Chat, PeopleAndBoth, button
from tests.unit.contacts.vendor_files import connect_lines

CONNECT = Wanted("amazon-connect", "records.jsonl")


@pytest.fixture
async def filled(
    template: Path, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Services]:
    """Services on two days of contacts."""
    folder = centre.copied(template, tmp_path / "filled")
    made = await centre.services(folder, clock, monkeypatch)
    yield made
    await made.close()


async def body(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def upload(services: Services, count: int) -> str:
    data, actor = connect_lines(count), await who(services, OPERATOR)
    kept = await services.imports.upload(CONNECT, body(data), most_bytes=1 << 20, actor=actor)
    return kept.id


async def test_an_accepted_upload_waits(services: Services) -> None:
    id = await upload(services, 5)
    await stand(services, State.SUSPENDED)
    assert await services.imports.waiting() == ()
    with pytest.raises(Conflict) as refused:
        await services.imports.run("harbour", id)
    assert refused.value.code == "import-paused"
    with pytest.raises(Forbidden) as forbidden:
        await upload(services, 5)
    assert forbidden.value.code == "organization-suspended"
    await stand(services, State.ACTIVE)
    assert await services.imports.waiting() == (("harbour", id),)
    done = await services.imports.run("harbour", id)
    assert (done.state, done.report.accepted) == (Stage.COMPLETED, 5)


async def test_an_import_under_way_stops_behind_its_batch_and_goes_on_there(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "BATCH_RECORDS", 10)
    id = await upload(services, 35)
    store, stored = services.imports._store_whole, list[int]()

    async def once(*given: Any) -> Any:
        after = await store(*given)
        stored.append(after.taken)
        if len(stored) == 1:
            await stand(services, State.SUSPENDED)
        return after

    monkeypatch.setattr(services.imports, "_store_whole", once)
    with pytest.raises(Conflict):
        await services.imports.run("harbour", id)
    assert stored == [10]
    await stand(services, State.ACTIVE)
    done = await services.imports.run("harbour", id)
    assert (done.state, done.report.accepted) == (Stage.COMPLETED, 35)
    assert stored == [10, 20, 30, 35]


async def test_a_restricted_organisation_s_uploads_are_read_but_none_is_taken(
    services: Services,
) -> None:
    id = await upload(services, 5)
    await stand(services, State.RESTRICTED)
    assert (await services.imports.run("harbour", id)).report.accepted == 5
    with pytest.raises(Forbidden) as refused:
        await upload(services, 5)
    assert refused.value.code == "organization-restricted"


async def test_alerts_neither_fire_nor_leave(filled: Services) -> None:
    await heard(filled)
    await filled.evaluation.look()
    await stand(filled, State.SUSPENDED)
    teams = centre.Ledger()
    sending = filled.sending(teams, centre.PlainComposer())
    assert await sending.send() == Sent()
    assert (await filled.evaluation.look()).fired == 0
    await stand(filled, State.ACTIVE)
    assert await sending.send() == Sent(sent=1)
    assert len(teams.visible) == 1


async def test_essential_messages_go_and_others_wait(
    services: Services, clock: StandingClock
) -> None:
    await stand(services, State.SUSPENDED)
    tenancy = await services.directory.get("harbour")
    rows = [
        row(
            tenancy,
            topic,
            Way.MAIL,
            cause="test",
            person="organization",
            now_ms=clock.now,
            to="desk@harbour.example",
            values={"due": "2026-12-01", "minutes": "15"},
        )
        for topic in (Topic.ATTESTATION_DUE, Topic.LOCKED)
    ]
    await services.documents.batch(tenancy.partition, rows)
    messages, mailbox = services.setting_up.messages(None), services.setting_up.mailbox
    assert mailbox is not None

    async def sent() -> set[str]:
        await messages.send()
        return {one.parcel.topic for one in mailbox.messages() if one.way is Way.MAIL}

    assert await sent() == {Topic.LOCKED}
    await stand(services, State.ACTIVE)
    assert await sent() == {Topic.LOCKED, Topic.ATTESTATION_DUE}


# --- the bot ------------------------------------------------------------------------------

OWN = {"help", "whoami", "settings"}
REPORTS = {"report", "incidents"}
COMMANDS = OWN | REPORTS | {"dashboard", "queues", "my stats", "alerts", "who can see"}


@pytest.fixture
def chat(filled: Services, tmp_path: Path) -> Chat:
    """Somebody's own chat with the bot."""
    people = PeopleAndBoth(filled.people)
    made = opened(replace(filled, people=people), centre.settings(tmp_path / "filled"))
    return Chat(made.talk, made.drawer)


@pytest.mark.parametrize(
    ("slug", "state", "closed"),
    [
        ("sofia.lindqvist", State.RESTRICTED, set()),
        ("sofia.lindqvist", State.SUSPENDED, COMMANDS - OWN),
        ("sofia.lindqvist", State.TERMINATED, COMMANDS - OWN),
        ("oliver.bright", State.SUSPENDED, COMMANDS - OWN - REPORTS),
        ("oliver.bright", State.TERMINATED, COMMANDS - OWN - REPORTS),
    ],
)
async def test_every_command_in_every_standing(
    chat: Chat, filled: Services, slug: str, state: State, closed: set[str]
) -> None:
    here = chat.in_(slug)
    await stand(filled, state)
    refused = set()
    for command in COMMANDS:
        answers = await here.say(command)
        told = " ".join(one.text for one in answers if isinstance(one, Say))
        if state.value in told:
            refused.add(command)
        else:
            assert any(isinstance(one, Say | Show | ShowPrivately) for one in answers), command
    assert refused == closed


async def test_a_button_of_before_shows_nothing_any_more(chat: Chat, filled: Services) -> None:
    card = await chat.card("dashboard")
    await stand(filled, State.SUSPENDED)
    (answer,) = await chat.press(button(card, "Yesterday"))
    assert isinstance(answer, InvokeMessage)
    assert "suspended" in answer.text


async def test_a_channel_does_not_read_along_why(chat: Chat, filled: Services) -> None:
    await stand(filled, State.SUSPENDED)
    answers = await chat.in_("sofia.lindqvist", kind=PlaceKind.CHANNEL).say("dashboard")
    told = " ".join(one.text for one in answers if isinstance(one, Say))
    assert "suspended" not in told
    assert "own chat" in told
