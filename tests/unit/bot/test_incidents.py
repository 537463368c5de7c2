import asyncio
import json
import random
from typing import Any

import pytest

from bot.channel.turn import (
    Form,
    IncomingKind,
    InvokeCard,
    InvokeMessage,
    PlaceKind,
    Say,
    ShowPrivately,
    Update,
)
from bot.opening import opened
from portal.domain.audit.model import Action
from portal.domain.incidents.handling import Filters
from portal.domain.incidents.model import IncidentKind, Source, State
from portal.domain.incidents.sending import IncidentSending, Teams
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.bot.helpers import Chat, button, buttons, plain

SAID = {"category": "lost_device", "severity": "high", "what": "My laptop is gone"}


def texts(card: Any) -> str:
    return json.dumps(card, ensure_ascii=False)


@pytest.fixture
def amira(chat: Chat) -> Chat:
    return chat.in_("amira.khan")


@pytest.fixture
def tomas(chat: Chat) -> Chat:
    return chat.in_("tomas.silva")


@pytest.fixture
def teams() -> centre.Ledger:
    return centre.Ledger()


@pytest.fixture
def worker(services: Services, teams: centre.Ledger, tmp_path: Any) -> IncidentSending:
    teller = opened(services, centre.settings(tmp_path)).teller
    return services.incident_sending(Teams(teams, teller))


async def reported(chat: Chat, **more: str) -> dict[str, Any]:
    """The receipt of a report; its second look is confirmed."""
    card = await chat.pressed(button(await chat.card("report"), "Send report"), **(SAID | more))
    if any(one["title"] == "Send report now" for one in buttons(card)):
        card = await chat.pressed(button(card, "Send report now"), **(SAID | more))
    return card


async def opened_card(chat: Chat) -> dict[str, Any]:
    """The first of the list, opened."""
    return await chat.pressed(button(await chat.card("incidents"), "Show"))


async def test_a_report_takes_one_card(amira: Chat) -> None:
    card = await reported(amira)
    assert "Thank you: your report is SR-000001" in texts(card)
    card = await opened_card(amira)
    assert "Your report SR-000001" in texts(card)


async def test_what_was_found_is_shown_before_anything_is_kept(
    amira: Chat, services: Services
) -> None:
    what = "I sent it to jo@example.com"
    form = await amira.card("report")
    card = await amira.pressed(button(form, "Send report"), **(SAID | {"what": what}))
    assert "an e-mail address" in texts(card)
    assert what in texts(card)
    actor = await centre.actor(services, "amira.khan")
    assert await services.incidents.own(actor=actor) == ()
    kept = await amira.pressed(
        button(card, "Send report now"), **(SAID | {"what": what, "keep": "true"})
    )
    assert "SR-000001" in texts(kept)
    whole = await services.incidents.get("00000001", actor=actor)
    assert whole.report is not None
    assert whole.report.what == what
    masked = await reported(amira, what=what)
    assert "Masked before it was kept: 1" in texts(masked)


async def test_a_question_is_sent_from_the_chat(amira: Chat, services: Services) -> None:
    await reported(amira, sort="inquiry")
    actor = await centre.actor(services, "tomas.silva")
    asked = Filters(kinds=frozenset({IncidentKind.INQUIRY}))
    (found,), _ = await services.handling.queue(asked, actor=actor)
    assert found.kind is IncidentKind.INQUIRY
    card = await amira.card("report")
    await amira.pressed(button(card, "Later"), **(SAID | {"sort": "inquiry"}))
    (choice,) = [one for one in (await amira.card("report"))["body"] if one.get("id") == "sort"]
    assert choice["value"] == "inquiry"


async def test_a_duplicate_is_offered_for_joining(amira: Chat, services: Services) -> None:
    await reported(amira)
    card = await amira.pressed(button(await amira.card("report"), "Send report"), **SAID)
    assert "You have open reports of this kind" in texts(card)
    await amira.pressed(button(card, "Send report now"), **(SAID | {"joins": "00000001"}))
    actor = await centre.actor(services, "amira.khan")
    assert len(await services.incidents.own(actor=actor)) == 1


async def test_asked_in_a_channel_it_moves_to_the_own_chat(amira: Chat) -> None:
    channel = amira.in_(kind=PlaceKind.CHANNEL)
    for said in ("report", "incidents"):
        (answer,) = await channel.say(said)
        assert isinstance(answer, ShowPrivately)
        assert "our own chat" in answer.notice
    (answer,) = await channel.say("report")
    assert isinstance(answer, ShowPrivately)
    assert answer.card is not None
    receipt = await amira.pressed(button(plain(answer.card), "Send report"), **SAID)
    assert "SR-000001" in texts(receipt)
    (refused,) = await channel.press(button(plain(answer.card), "Send report"), **SAID)
    assert isinstance(refused, InvokeMessage)


async def test_question_and_answer_cross_between_two_chats(
    amira: Chat, tomas: Chat, worker: IncidentSending, teams: centre.Ledger
) -> None:
    await reported(amira)
    await tomas.say("help")
    card = await tomas.pressed(button(await opened_card(tomas), "I take it"))
    assert "accepted" in texts(card)
    card = await tomas.pressed(button(card, "Say it"), text="Which laptop?", kind="question")
    assert (await worker.send()).sent == 2
    asked = list(teams.visible.values())[-1]
    assert "Which laptop?" in texts(asked)
    assert "Tomas" not in texts(asked)
    card = await amira.pressed(button(asked, "Send"), text="The blue one")
    assert "Sent." in texts(card)
    assert (await worker.send()).sent == 1
    assert "The blue one" in texts(list(teams.visible.values())[-1])
    assert "Tomas Silva" in texts(list(teams.visible.values())[-1])
    again = await tomas.pressed(button(list(teams.visible.values())[-1], "Show"))
    resolved = await tomas.pressed(button(again, "Change state"), state="resolved", text="Found it")
    assert "resolved" in texts(resolved)
    await worker.send()
    last = texts(list(teams.visible.values())[-1])
    assert "Found it" in last
    assert "Now resolved" in last


@pytest.mark.parametrize(("keep", "kept"), [("false", "To [email]"), ("true", "To jo@example.com")])
async def test_what_was_found_in_an_answer_is_shown_before_it_is_sent(
    amira: Chat, services: Services, keep: str, kept: str
) -> None:
    await reported(amira)
    actor = await centre.actor(services, "amira.khan")
    card = await opened_card(amira)
    asked = await amira.pressed(button(card, "Send"), text="To jo@example.com")
    assert "an e-mail address" in texts(asked)
    assert "To jo@example.com" in texts(asked)
    assert len((await services.incidents.get("00000001", actor=actor)).entries) == 1
    sent = await amira.pressed(button(asked, "Send"), text="To jo@example.com", keep=keep)
    assert "Sent." in texts(sent)
    whole = await services.incidents.get("00000001", actor=actor)
    assert [one.text for one in whole.entries] == ["", kept]


async def test_an_observer_is_offered_to_take_it_alone(
    chat: Chat, amira: Chat, tomas: Chat, services: Services
) -> None:
    await reported(amira)
    able = await centre.actor(services, "hana.novak")
    await services.handling.assign(
        "00000001", "hana.novak", [], ["tomas.silva"], actor=able, version=1
    )
    card = await opened_card(tomas)
    offered = {one["title"] for one in buttons(card)}
    assert "I take it" in offered
    assert not offered & {"Change state", "Say it"}


async def test_of_two_responders_at_once_one_wins(chat: Chat, amira: Chat, tomas: Chat) -> None:
    await reported(amira)
    hana = chat.in_("hana.novak")
    cards = [await opened_card(one) for one in (tomas, hana)]
    done = await asyncio.gather(
        *(
            one.pressed(button(card, "I take it"))
            for one, card in zip((tomas, hana), cards, strict=True)
        )
    )
    said = [texts(card) for card in done]
    assert sum("Done." in one for one in said) == 1
    assert all("accepted" in one for one in said)


async def test_the_channel_hears_of_numbers_alone_and_may_take(
    amira: Chat, tomas: Chat, worker: IncidentSending, teams: centre.Ledger
) -> None:
    channel = tomas.in_(kind=PlaceKind.CHANNEL)
    (said,) = await channel.say("triage")
    assert said == Say(
        "New security reports are announced here from now on, without what they say."
    )
    await reported(amira, what="CANARY is gone")
    assert (await worker.send()).sent == 1
    (card,) = teams.visible.values()
    assert "SR-000001" in texts(card)
    assert "CANARY" not in texts(card)
    assert "Amira" not in texts(card)
    sofia = channel.in_("sofia.lindqvist", kind=PlaceKind.CHANNEL)
    (refused,) = await sofia.press(button(card, "I take it"))
    assert isinstance(refused, InvokeMessage)
    taken = await channel.pressed(button(card, "I take it"))
    assert "Tomas Silva" in texts(taken)
    assert "CANARY" not in texts(taken)
    assert [one["title"] for one in buttons(taken)] == []
    (said,) = await channel.say("triage")
    assert said == Say("Security reports are not announced here any more.")


async def test_who_may_not_handle_cannot_set_the_channel(amira: Chat, tomas: Chat) -> None:
    (said,) = await amira.in_(kind=PlaceKind.CHANNEL).say("triage")
    assert isinstance(said, Say)
    (alone,) = await tomas.say("triage")
    assert alone == Say("Ask me in the channel that is to hear of new security reports.")


async def test_a_press_sent_again_has_its_effect_once(amira: Chat, services: Services) -> None:
    form = await amira.card("report")
    action = button(form, "Send report")
    key = "f" * 64
    for _ in range(3):
        answers = await amira.send(
            IncomingKind.CARD_ACTION,
            value={**action["data"], **SAID},
            verb=action["verb"],
            replay_key=key,
        )
        assert isinstance(answers[0], InvokeCard)
    actor = await centre.actor(services, "amira.khan")
    assert len(await services.incidents.own(actor=actor)) == 1


async def test_an_old_form_takes_nothing(
    amira: Chat, services: Services, clock: StandingClock
) -> None:
    form = await amira.card("report")
    clock.pass_time(seconds=31 * 24 * 3600)
    card = await amira.pressed(button(form, "Send report"), **SAID)
    assert "My laptop is gone" in texts(card)
    actor = await centre.actor(services, "amira.khan")
    assert await services.incidents.own(actor=actor) == ()


async def test_five_hundred_changed_buttons_change_nothing(
    chat: Chat, amira: Chat, tomas: Chat, services: Services
) -> None:
    await reported(amira)
    able = await centre.actor(services, "tomas.silva")
    before = await services.handling.get("00000001", actor=able)
    action = button(await opened_card(tomas), "I take it")
    verbs = ["incident.take", "incident.step", "incident.say", "incident.answer", "alert.remove"]
    dice, ref = random.Random(11), action["data"]["ref"]
    others = [amira, chat.in_("sofia.lindqvist"), chat.in_("mei.tanaka"), chat.in_("ruth.engel")]
    for _ in range(500):
        verb = dice.choice(verbs)
        typed = {"text": "x", "state": dice.choice(list(State)).value, "kind": "message"}
        if dice.random() < 0.6:
            place = dice.randrange(len(ref))
            letter = dice.choice("AZaz09_-.")
            broken = ref[:place] + letter + ref[place + 1 :]
            who = dice.choice([tomas, *others])
            if broken == ref:
                continue
        else:
            broken, who = ref, dice.choice(others)
        data = {"ref": broken} if dice.random() < 0.2 else {"ref": broken, **typed}
        await who.press({"verb": verb, "data": data})
    after = await services.handling.get("00000001", actor=able)
    assert after == before


WRITTEN_AT_MS = 1_793_179_620_000
"""2026-10-28T09:27Z."""
PAYLOAD = {
    "commandId": "report_message",
    "messagePayload": {
        "createdDateTime": "2026-10-28T09:27:00Z",
        "linkToMessage": "https://teams.microsoft.com/l/message/1",
        "from": {"user": {"displayName": "Eve Example"}},
        "body": {
            "contentType": "html",
            "content": "<p>read by the channel</p>",
        },
    },
}


async def test_a_message_is_reported_from_where_it_stands(amira: Chat, services: Services) -> None:
    channel = amira.in_(kind=PlaceKind.CHANNEL)
    (form,) = await channel.send(
        IncomingKind.FORM_ASKED, "Pay to jo@example.com", value=PAYLOAD, name="report_message"
    )
    assert isinstance(form, Form)
    assert "Pay to jo@example.com" in texts(form.card)
    assert "Eve Example" in texts(form.card)
    filled = {one.get("id"): one.get("value") for one in form.card["body"]}
    actor = await centre.actor(services, "amira.khan")
    assert await services.incidents.own(actor=actor) == ()
    typed = {
        "category": "phishing",
        "severity": "high",
        "quoted": "Pay to jo@example.com",
        "sender": "Eve Example",
        "link": "https://teams.microsoft.com/l/message/1",
        "happened": filled["happened"],
        "at": filled["at"],
    }
    (action,) = [one for one in form.card["actions"] if one["type"] == "Action.Submit"]
    (again,) = await channel.send(IncomingKind.FORM_SENT, value={**action["data"], **typed})
    assert isinstance(again, Form)
    assert "an e-mail address" in texts(again.card)
    (action,) = [one for one in again.card["actions"] if one["type"] == "Action.Submit"]
    receipt, own = await channel.send(IncomingKind.FORM_SENT, value={**action["data"], **typed})
    assert isinstance(receipt, Form)
    assert isinstance(own, ShowPrivately)
    assert "SR-000001" in texts(receipt.card)
    whole = await services.incidents.get("00000001", actor=actor)
    assert whole.report is not None
    assert (whole.report.quoted, whole.report.sender) == ("Pay to [email]", "Eve Example")
    assert whole.report.link == "https://teams.microsoft.com/l/message/1"
    assert whole.incident.source is Source.MESSAGE
    assert whole.incident.happened_at_ms == WRITTEN_AT_MS
    joined = {**action["data"], **typed, "joins": "00000001"}
    await channel.send(IncomingKind.FORM_SENT, value=joined)
    added = (await services.incidents.get("00000001", actor=actor)).entries[-1].text
    assert "Eve Example" in added
    assert "https://teams.microsoft.com/l/message/1" in added


async def test_somebody_elses_form_sends_nothing(amira: Chat, chat: Chat) -> None:
    (form,) = await amira.send(IncomingKind.FORM_ASKED, "x", value=PAYLOAD)
    assert isinstance(form, Form)
    data = form.card["actions"][0]["data"]
    for other in (chat.in_("tomas.silva"), chat.in_("mei.tanaka")):
        (refused,) = await other.send(IncomingKind.FORM_SENT, value={**data, **SAID})
        assert isinstance(refused, InvokeMessage)


async def sent_twice(
    amira: Chat, tomas: Chat, worker: IncidentSending, teams: centre.Ledger, clock: StandingClock
) -> None:
    """A process ends between the channel's yes to the message for the reporter and the mark."""
    await reported(amira)
    await tomas.pressed(button(await opened_card(tomas), "I take it"))
    teams.after.append(centre.Killed())
    with pytest.raises(centre.Killed):
        await worker.send()
    clock.pass_time(seconds=60)
    assert (await worker.send()).sent == 1
    assert len(teams.visible) == 2


@pytest.mark.parametrize("by", ["refresh", "button"])
async def test_the_second_copy_of_what_was_told_gives_way(
    amira: Chat,
    tomas: Chat,
    worker: IncidentSending,
    teams: centre.Ledger,
    clock: StandingClock,
    by: str,
) -> None:
    await sent_twice(amira, tomas, worker, teams, clock)
    card = plain(teams.visible["m1"]["card"])
    there = amira.in_(message="m1")
    answers = await (
        there.refreshed(card) if by == "refresh" else there.press(button(card, "Refresh"))
    )
    assert [type(one) for one in answers] == [InvokeCard, Update]
    assert isinstance(answers[1], Update)
    assert answers[1].activity_id == "m1"
    assert "once more by mistake" in texts(answers[1].card)
    assert list(buttons(plain(answers[1].card))) == []
    (kept,) = await amira.in_(message="m2").refreshed(plain(teams.visible["m2"]["card"]))
    assert isinstance(kept, InvokeCard)
    assert "Your report SR-000001" in texts(kept.card)
    assert "refresh" not in kept.card


async def test_a_message_that_was_seen_after_a_crash_is_not_sent_again(
    amira: Chat, tomas: Chat, worker: IncidentSending, teams: centre.Ledger, clock: StandingClock
) -> None:
    await reported(amira)
    await tomas.pressed(button(await opened_card(tomas), "I take it"))
    teams.after.append(centre.Killed())
    with pytest.raises(centre.Killed):
        await worker.send()
    seen = await amira.in_(message="m1").refreshed(plain(teams.visible["m1"]["card"]))
    assert [type(one) for one in seen] == [InvokeCard]
    clock.pass_time(seconds=60)
    assert (await worker.send()).sent == 0
    assert list(teams.visible) == ["m1"]
    (again,) = await amira.in_(message="m1").refreshed(plain(teams.visible["m1"]["card"]))
    assert isinstance(again, InvokeCard)
    assert "Your report SR-000001" in texts(again.card)


async def test_a_copy_in_the_channel_gives_way_and_takes_nothing(
    amira: Chat,
    tomas: Chat,
    worker: IncidentSending,
    teams: centre.Ledger,
    clock: StandingClock,
    services: Services,
) -> None:
    channel = tomas.in_(kind=PlaceKind.CHANNEL)
    await channel.say("triage")
    await reported(amira)
    teams.after.append(centre.Killed())
    with pytest.raises(centre.Killed):
        await worker.send()
    clock.pass_time(seconds=60)
    await worker.send()
    card = plain(teams.visible["m1"]["card"])
    assert "refresh" not in card
    (refused,) = await channel.in_("sofia.lindqvist", message="m1").press(button(card, "I take it"))
    assert isinstance(refused, InvokeMessage)
    gone = await channel.in_(message="m1").pressed(button(card, "I take it"))
    assert "once more by mistake" in texts(gone)
    handler = await centre.actor(services, "tomas.silva")
    assert (await services.handling.get("00000001", actor=handler)).incident.state is State.NEW
    taken = await channel.in_(message="m2").pressed(button(card, "I take it"))
    assert "Done." in texts(taken)


async def test_what_refreshes_as_it_was_sent_is_no_reading(
    amira: Chat,
    tomas: Chat,
    worker: IncidentSending,
    teams: centre.Ledger,
    services: Services,
) -> None:
    await reported(amira)
    await tomas.pressed(button(await opened_card(tomas), "I take it"))
    await worker.send()
    answer = await services.incidents.answer(
        "00000001", "More", actor=await centre.actor(services, "amira.khan")
    )
    assert answer
    await worker.send()
    number, sent = list(teams.visible.items())[-1]
    card, there = plain(sent["card"]), tomas.in_(message=number)

    async def read() -> int:
        tenancy = await services.directory.get("harbour")
        found = [one async for one in services.audit.entries(tenancy.partition)]
        return sum(one.action == Action.INCIDENT_VIEWED for one in found)

    before = await read()
    await there.refreshed(card)
    assert await read() == before
    await services.incidents.answer(
        "00000001", "Yet more", actor=await centre.actor(services, "amira.khan")
    )
    await there.refreshed(card)
    assert await read() == before + 1
