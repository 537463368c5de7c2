"""The conversation in the Teams client emulator: real client, real channel, real store."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.channel import channel
from bot.channel.channel import PATH
from bot.opening import Opened, opened
from portal.adapters.identity.local import TEAMS_TENANT, teams_account
from portal.domain.access.looking import Newcomer
from portal.domain.access.model import Board
from portal.domain.alerts.evaluation import Looked
from portal.domain.alerts.model import Listed
from portal.domain.alerts.ports import Messenger, Reference
from portal.domain.alerts.sending import Sending
from portal.domain.break_glass.service import Telling
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.communications.sending import Sending as Messages
from portal.domain.incidents.model import EntryKind
from portal.domain.incidents.model import State as IncidentState
from portal.domain.incidents.sending import HOLD_MS, IncidentSending, Teams
from portal.domain.informing.model import Audience, Text
from portal.domain.views.model import Filters, Wanted
from portal.wiring import Services
from tests.emulator import playground
from tests.fakes import centre
from tests.fakes.centre import texts
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import actions, code
from tests.fakes.teams import activity
from tests.integration.bot_channel.conftest import surrounded
from tests.unit.access.helpers import ACR, OLIVER, RUTH, SOFIA, WHY, terms, who
from tests.unit.bot.helpers import button, buttons

FORM = {
    "kind": "threshold",
    "queue": "*",
    "metric": "offered",
    "comparison": "above",
    "limit": 3,
    "window": 15,
    "cool_down": 60,
    "at": "08:00",
}


TEAM = {"id": playground.CHANNEL, "conversationType": "channel", "tenantId": TEAMS_TENANT}
GRACE = {"id": "user-id-5", "aadObjectId": teams_account("grace.osei")}


class Dying:
    """Hands messages over and ends."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger

    async def send(self, reference: Reference, card: Mapping[str, Any], text: str) -> str:
        """Sends it in truth, and ends before anybody hears of it."""
        await self._messenger.send(reference, card, text)
        raise centre.Killed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._messenger, name)


@dataclass
class Product:
    """The product with its bot, in this process, at a moment that the test decides."""

    services: Services
    clock: StandingClock
    conversation: Opened
    sending: Sending
    telling: Telling
    told: Messages
    endpoint: str
    news: IncidentSending
    messenger: Messenger

    def dying(self) -> IncidentSending:
        """A sender whose process ends between Teams' yes and the mark."""
        teams = Teams(Dying(self.messenger), self.conversation.teller)
        return self.services.incident_sending(teams)

    async def alerts(self) -> tuple[Listed, ...]:
        """What a supervisor sees."""
        sofia = await centre.actor(self.services, "sofia.lindqvist")
        return await self.services.alerts.all(actor=sofia)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return centre.filled(tmp_path_factory.mktemp("template"))


@pytest.fixture
async def product(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Product]:
    clock = StandingClock(centre.NOW_MS)
    folder = centre.copied(template, tmp_path / "product")
    services = await centre.services(folder, clock, monkeypatch)
    settings = centre.settings(folder)
    conversation = opened(services, settings)
    made = channel.create(settings, services.clock, refusals=services.refusals)
    made.start(conversation.talk)
    runner = web.AppRunner(surrounded(made), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    sending = services.sending(made.messenger, conversation.drawer)
    telling = services.break_glass_telling(made.messenger, conversation.askings)
    chats = services.chats(made.messenger, conversation.writer)
    told = services.setting_up.messages(chats)
    news = services.incident_sending(Teams(made.messenger, conversation.teller))
    yield Product(
        services, clock, conversation, sending, telling, told, endpoint, news, made.messenger
    )
    await runner.cleanup()
    await made.close()
    await services.close()


@pytest.fixture
async def teams(product: Product, tmp_path: Path) -> AsyncIterator[playground.Client]:
    """The emulator against the product, and somebody who uses it."""
    folder = tmp_path / "emulator"
    folder.mkdir()
    emulated = playground.running(product.endpoint, folder)
    base = await asyncio.to_thread(emulated.__enter__)
    try:
        async with playground.client(base) as client:
            yield client
    finally:
        await asyncio.to_thread(emulated.__exit__, None, None, None)


async def shown(teams: playground.Client, part: str, where: str = "") -> tuple[Any, dict[str, Any]]:
    """The bot's first card with that text, awaited, and the message it came in."""

    def is_it(one: dict[str, Any]) -> bool:
        here = not where or playground.place_of(one) == where
        return here and part in texts(playground.card_of(one))

    message = await teams.reply(is_it)
    card = playground.card_of(message)
    assert card is not None
    return message, card


def written(teams: playground.Client) -> Iterator[str]:
    for one in teams.seen:
        text = one["message"].get("text")
        if text:
            yield text


async def test_who_is_not_let_in_is_in_the_trail_of_the_region(product: Product) -> None:
    page = {"Origin": "https://elsewhere.example"}
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(product.endpoint, json={}, headers=page) as answer:
                assert answer.status == 403
        async with session.post(product.endpoint, json={}) as answer:
            assert answer.status == 400
    refusals, directory = product.services.refusals, product.services.directory.directory
    await refusals.settle()
    (entry,) = [one async for one in product.services.audit.entries(directory)]
    told = {"operation": "bot.not-from-this-machine", "status": 403}
    assert (entry.actor, entry.facts) == ("unknown", told)


async def test_a_supervisor_gets_a_live_card_that_does_not_loop(teams: playground.Client) -> None:
    await teams.say("dashboard claims")
    message, card = await shown(teams, "Claims")
    assert "Service level" in texts(card)
    again = card["refresh"]["action"]
    first = await teams.press(message, again, automatic=True)
    assert first["type"] == playground.CARD
    assert "refresh" in first["value"]
    second = await teams.press(message, again, automatic=True)
    assert "refresh" not in second["value"]


async def test_an_alert_is_set_in_chat_fires_once_and_is_quieted_on_its_card(
    teams: playground.Client, product: Product
) -> None:
    await teams.say("alerts")
    message, card = await shown(teams, "There are no alerts yet.")
    create = button(card, "Create and send here")
    create["data"] = create["data"] | FORM
    made = await teams.press(message, create)
    assert "The alert is set and sent here." in texts(made["value"])
    assert await product.services.evaluation.look() == Looked(1)
    told = await product.sending.send()
    assert (told.sent, told.failures) == (1, ())
    notice, alarm = await shown(teams, "Alert")
    assert "Offered above 3 over 15 minutes" in texts(alarm)
    assert (await product.sending.send()).sent == 0
    quiet = await teams.press(notice, button(alarm, "Quiet for 1 hour"))
    assert any(one.startswith("Quiet until") for one in texts(quiet["value"]))
    (listed,) = await product.alerts()
    assert listed.subscriptions[0].snoozed_until_ms > product.clock.now


async def test_own_figures_asked_for_in_a_channel_come_privately(
    teams: playground.Client,
) -> None:
    await teams.say("my stats", playground.CHANNEL)
    await teams.reply(lambda one: "for that person" in str(one["message"].get("text")))
    _, card = await shown(teams, "Your own figures", playground.PERSONAL)
    assert "Sofia Lindqvist" in texts(card)
    for one in teams.seen:
        if playground.place_of(one) == playground.CHANNEL:
            assert "Sofia Lindqvist" not in texts(playground.card_of(one))


async def test_search_inserts_a_card_that_works(teams: playground.Client) -> None:
    answer = await teams.search("search", "claims")
    (found,) = answer["composeExtension"]["attachments"]
    assert found["preview"]["content"]["title"] == "Claims"
    assert "Claims" in texts(found["content"])


async def test_search_inserts_a_saved_view_whose_button_works(
    teams: playground.Client, product: Product
) -> None:
    sofia = await centre.actor(product.services, "sofia.lindqvist")
    wanted = Wanted("Mornings", Board.OVERVIEW, Filters(), (), ())
    await product.services.views.save(wanted, actor=sofia)
    answer = await teams.search("search", "mornings")
    (found,) = answer["composeExtension"]["attachments"]
    assert found["preview"]["content"]["title"] == "Mornings"
    await teams.say("dashboard claims")
    message, _ = await shown(teams, "Claims")
    drawn = await teams.press(message, button(found["content"], "Refresh"))
    assert texts(drawn["value"])[1] == "Mornings"


async def test_who_can_see_is_answered_privately_and_refused_to_who_may_not_know(
    teams: playground.Client, product: Product
) -> None:
    oliver = {"id": GRACE["id"], "aadObjectId": teams_account("oliver.bright")}
    asked = {"conversation": TEAM, "from": oliver, "id": "w1", "text": "who can see claims"}
    assert (await told(product, teams, **asked))[0] == 200
    await teams.reply(lambda one: "for you alone" in str(one["message"].get("text")))
    await teams.say("who can see claims")
    await teams.reply(lambda one: "does not include that" in str(one["message"].get("text")))
    for one in teams.seen:
        if playground.place_of(one) == playground.CHANNEL:
            assert "Ruth Engel" not in texts(playground.card_of(one))


async def test_a_representative_hears_of_a_partner_who_asks_and_of_the_decision(
    teams: playground.Client, product: Product
) -> None:
    services, glass = product.services, product.services.break_glass
    oliver = await who(services, OLIVER)
    await services.management.grant(Newcomer(SOFIA), terms(ACR), WHY, actor=oliver)
    await teams.say("help")
    await teams.reply()
    id = await glass.ask("A complaint", 60, actor=await who(services, RUTH))
    assert (await product.telling.send()).sent == 1
    message, card = await shown(teams, "A partner asks to see identities")
    assert "Ruth Engel" in texts(card)
    await glass.decide(id, approve=True, version=1, actor=await who(services, OLIVER))
    assert (await product.telling.send()).renewed == 1
    drawn = await teams.press(message, button(card, "Refresh"))
    assert any(one.startswith("Approved until") for one in texts(drawn["value"]))


async def test_bad_input_is_answered_politely_and_changes_nothing(
    teams: playground.Client, product: Product
) -> None:
    for text in ("?", "x" * 100_000, "<at>x</at>", "[a](https://evil.example)", "\u202e\u200b"):
        await teams.say(text)
    await teams.say("whoami")
    await shown(teams, "Who you are here")
    assert not any("evil" in str(one) for one in teams.seen)
    message, _ = await shown(teams, "What you can ask me")
    for data in ({}, {"ref": "x.y"}, {"ref": 7}, {"ref": "A" * 10_000}):
        forged = {"type": "Action.Execute", "verb": "alert.create", "data": {**data, **FORM}}
        answer = await teams.press(message, forged)
        assert answer["type"] == "application/vnd.microsoft.error"
    assert await product.alerts() == ()


async def told(product: Product, teams: playground.Client, **changes: Any) -> tuple[int, str]:
    """Hands the bot an activity of Sofia's that the emulator has no way to make; status, body."""
    sofia = {"id": playground.SUPERVISOR, "aadObjectId": teams_account("sofia.lindqvist")}
    here = {"id": playground.PERSONAL, "conversationType": "personal", "tenantId": TEAMS_TENANT}
    made = activity(
        teams.connector,
        **{"from": sofia, "recipient": playground.BOT, "conversation": here},
        channelData={"tenant": {"id": TEAMS_TENANT}},
    )
    async with (
        aiohttp.ClientSession() as session,
        session.post(product.endpoint, json={**made, **changes}) as answer,
    ):
        return answer.status, await answer.text()


async def test_what_asks_for_nothing_is_taken_and_not_answered(
    teams: playground.Client, product: Product
) -> None:
    for number, kind in enumerate(("messageUpdate", "messageDelete", "messageReaction", "typing")):
        assert await told(product, teams, type=kind, id=f"s{number}", text="dashboard") == (200, "")
    picture = [{"contentType": "image/png", "contentUrl": "https://evil.example/x.png"}]
    assert (await told(product, teams, id="a1", text="", attachments=picture))[0] == 200
    lead = "I cannot read files here; import contact files in the tab. This is what I know:"
    await shown(teams, lead)
    invoke = {"type": "invoke", "name": "task/fetch", "value": {"data": 1}, "id": "i1"}
    assert (await told(product, teams, **invoke))[0] == 501
    assert not any("Service level" in texts(playground.card_of(one)) for one in teams.seen)


async def test_a_bot_that_is_removed_between_two_messages_forgets_the_place(
    teams: playground.Client, product: Product
) -> None:
    await teams.say("alerts", playground.CHANNEL)
    message, card = await shown(teams, "There are no alerts yet.", playground.CHANNEL)
    create = button(card, "Create and send here")
    create["data"] = create["data"] | FORM
    await teams.press(message, create)
    removal = {"type": "installationUpdate", "action": "remove", "id": "r1", "conversation": TEAM}
    assert (await told(product, teams, **removal))[0] == 200
    assert [one.subscriptions for one in await product.alerts()] == [()]
    await product.services.evaluation.look()
    assert (await product.sending.send()).sent == 0
    asked = {"conversation": TEAM, "from": GRACE, "id": "g1", "text": "dashboard"}
    assert (await told(product, teams, **asked))[0] == 200
    await shown(teams, "Juniper Street Energy · Today", playground.CHANNEL)


async def test_an_alert_is_changed_on_its_card(teams: playground.Client, product: Product) -> None:
    await teams.say("alerts")
    message, card = await shown(teams, "There are no alerts yet.")
    create = button(card, "Create and send here")
    create["data"] = create["data"] | FORM
    made = (await teams.press(message, create))["value"]
    form = (await teams.press(message, button(made, "Change")))["value"]
    save = button(form, "Save the change")
    save["data"] = save["data"] | FORM | {"limit": 7, "hours": "true", "days": "0,1"}
    saved = (await teams.press(message, save))["value"]
    shows = "Offered above 7 over 15 minutes, only Monday, Tuesday, 09:00 to 17:00"
    assert shows in texts(saved)
    (listed,) = await product.alerts()
    assert (listed.rule.version, len(listed.subscriptions)) == (2, 1)


async def test_a_channel_is_released_by_settings_there(
    teams: playground.Client, product: Product
) -> None:
    await teams.say("settings", playground.CHANNEL)
    heading = "Whose figures are told here"
    message, card = await shown(teams, heading, playground.CHANNEL)
    assert "Harbour Lane Insurance" in texts(card)
    freed = (await teams.press(message, button(card, "Release")))["value"]
    assert "Nobody's yet: whoever asks me here next decides it." in texts(freed)
    asked = {"conversation": TEAM, "from": GRACE, "id": "g1", "text": "dashboard"}
    assert (await told(product, teams, **asked))[0] == 200
    await shown(teams, "Juniper Street Energy · Today", playground.CHANNEL)


async def test_an_older_card_draws_how_it_stands(
    teams: playground.Client, product: Product
) -> None:
    await teams.say("alerts")
    message, card = await shown(teams, "There are no alerts yet.")
    create = button(card, "Create and send here")
    create["data"] = create["data"] | FORM
    first = (await teams.press(message, create))["value"]
    await teams.press(message, button(first, "Quiet for 8 hours"))
    again = (await teams.press(message, button(first, "Stop sending here")))["value"]
    assert "This was changed meanwhile. This is how it stands now." in texts(again)
    product.clock.pass_time(seconds=2 * 24 * 3600)
    for action in buttons(first):
        old = (await teams.press(message, {**action, "data": action["data"]}))["value"]
        assert "This card is old; this is how it stands now." in texts(old)
    (listed,) = await product.alerts()
    assert len(listed.subscriptions) == 1


async def test_what_is_told_people_comes_as_cards_into_their_own_chat(
    teams: playground.Client, product: Product
) -> None:
    services = product.services
    await teams.say("help")
    await teams.reply()
    oliver = await who(services, OLIVER)
    await services.informing.set_terms(Audience.EVERYONE, required=True, version=0, actor=oliver)
    texts_of = {"en": Text("Your calls", "Calls are counted.\nSome are recorded.")}
    await services.informing.publish(texts_of, version=1, actor=oliver)
    await services.reminding.look()
    tenancy = await services.directory.get("harbour")
    now_ms = services.clock.now_ms()
    locked = row(
        tenancy,
        Topic.LOCKED,
        Way.TEAMS,
        cause="c",
        person=SOFIA,
        now_ms=now_ms,
        values={"minutes": "15"},
    )
    await services.documents.batch(tenancy.partition, [locked])
    assert (await product.told.send()).failures == ()
    await shown(teams, "Verification is locked for a while", playground.PERSONAL)
    message, card = await shown(teams, "Some are recorded.", playground.PERSONAL)
    await teams.say("dashboard")
    _, asked = await shown(
        teams, "Your organisation asks you to read this and confirm it before you see figures."
    )
    assert "Offered" not in texts(asked)
    done = await teams.press(message, button(card, "I have read it"))
    assert "Thank you. That you have read it is kept." in texts(done["value"])
    await teams.say("dashboard claims")
    await shown(teams, "Service level")


async def test_a_living_code_that_is_written_in_a_chat_is_made_useless(
    teams: playground.Client, product: Product
) -> None:
    services = product.services
    oliver = await who(services, OLIVER)
    await services.management.grant(Newcomer(SOFIA), terms(ACR), WHY, actor=oliver)
    _, text = await code(services, actor=await who(services, SOFIA))
    await teams.say("setup")
    _, card = await shown(teams, "0 of 5 steps are done.")
    assert "Input.Text" not in str(card)
    await teams.say(text)
    await teams.reply(lambda one: "I made it useless" in str(one["message"].get("text")))
    assert "verification.code_voided" in await actions(services)


async def test_an_incident_is_reported_asked_about_answered_and_resolved_in_chat(
    teams: playground.Client, product: Product
) -> None:
    """Told once each where it was reported; a press sent again finds how it stands."""
    said = {"category": "lost_device", "severity": "high", "what": "My laptop is gone"}
    await teams.say("report")
    message, form = await shown(teams, "Report to security")
    send = button(form, "Send report")
    receipt = await teams.press(message, send | {"data": send["data"] | said})
    assert "Thank you: your report is SR-000001" in " ".join(texts(receipt["value"]))
    handling = product.services.handling
    tomas = await centre.actor(product.services, "tomas.silva")
    await handling.say("00000001", EntryKind.QUESTION, "Was it locked?", actor=tomas, version=1)
    assert (await product.news.send()).sent == 1
    assert (await product.news.send()).sent == 0
    asked, card = await shown(teams, "Was it locked?")
    assert "Tomas" not in str(card)
    answer = button(card, "Send")
    answered = await teams.press(asked, answer | {"data": answer["data"] | {"text": "Yes, it was"}})
    assert "Sent." in texts(answered["value"])
    whole = await handling.get("00000001", actor=tomas)
    assert [one.text for one in whole.entries] == ["", "Was it locked?", "Yes, it was"]
    for state in (IncidentState.TRIAGED, IncidentState.RESOLVED):
        version = (await handling.get("00000001", actor=tomas)).incident.version
        await handling.step("00000001", state, actor=tomas, version=version)
    assert (await product.news.send()).sent == 2
    assert (await product.news.send()).sent == 0
    await teams.reply(lambda one: "Now resolved" in str(playground.card_of(one)))
    news = [one for one in teams.seen if "Your report SR-000001" in str(playground.card_of(one))]
    assert len({one["message"]["messageId"] for one in news}) == 3


async def asked_by_a_process_that_ends(teams: playground.Client, product: Product) -> Any:
    """The message with a question to the reporter, which Teams took and nobody noted."""
    said = {"category": "lost_device", "severity": "high", "what": "My laptop is gone"}
    await teams.say("report")
    message, form = await shown(teams, "Report to security")
    send = button(form, "Send report")
    await teams.press(message, send | {"data": send["data"] | said})
    tomas = await centre.actor(product.services, "tomas.silva")
    await product.services.handling.say(
        "00000001", EntryKind.QUESTION, "Was it locked?", actor=tomas, version=1
    )
    with pytest.raises(centre.Killed):
        await product.dying().send()
    return await shown(teams, "Was it locked?")


def of_incidents(teams: playground.Client) -> dict[str, str]:
    """What stands in each message about the report, as it was drawn last."""
    last = {one["message"]["messageId"]: str(playground.card_of(one)) for one in teams.seen}
    return {id: card for id, card in last.items() if "Was it locked?" in card}


async def test_what_a_killed_process_sent_is_visible_once(
    teams: playground.Client, product: Product
) -> None:
    first, card = await asked_by_a_process_that_ends(teams, product)
    product.clock.pass_time(seconds=HOLD_MS / 1000)
    assert (await product.news.send()).sent == 1
    known = first["message"]["messageId"]
    await teams.reply(
        lambda one: (
            one["message"]["messageId"] != known and "locked?" in str(playground.card_of(one))
        )
    )
    assert len(of_incidents(teams)) == 2
    gone = await teams.press(first, card["refresh"]["action"], automatic=True)
    assert "once more by mistake" in str(gone["value"])
    await teams.reply(lambda one: "once more by mistake" in str(playground.card_of(one)))
    (left,) = of_incidents(teams)
    assert left != known


async def test_what_a_killed_process_sent_and_somebody_saw_is_not_sent_again(
    teams: playground.Client, product: Product
) -> None:
    first, card = await asked_by_a_process_that_ends(teams, product)
    seen = await teams.press(first, card["refresh"]["action"], automatic=True)
    assert "Was it locked?" in str(seen["value"])
    product.clock.pass_time(seconds=HOLD_MS / 1000)
    assert (await product.news.send()).sent == 0
    assert list(of_incidents(teams)) == [first["message"]["messageId"]]
