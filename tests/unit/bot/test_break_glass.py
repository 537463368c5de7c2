"""Partners who ask to see identities: who is told in Teams, how often, and what the card shows."""

import asyncio
import json
from typing import Any

import pytest

from bot.channel.turn import InvokeCard, InvokeMessage, Update
from bot.opening import opened
from portal.domain.access.grants import DAY_MS
from portal.domain.access.looking import Newcomer
from portal.domain.access.model import Actor
from portal.domain.alerts.ports import Busy, Gone, OutcomeUnknown
from portal.domain.break_glass.documents import TOLD
from portal.domain.break_glass.service import HOLD_MS, Telling
from portal.domain.shared.fields import faults
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.access.helpers import ACR, OLIVER, RUTH, SOFIA, WHY, terms, who
from tests.unit.bot.helpers import Chat, button, buttons, plain

REASON = "A complaint about a call on Tuesday"


def texts(card: Any) -> str:
    return json.dumps(card, ensure_ascii=False)


@pytest.fixture
def teams() -> centre.Ledger:
    return centre.Ledger()


@pytest.fixture
def telling(services: Services, teams: centre.Ledger, tmp_path: Any) -> Telling:
    askings = opened(services, centre.settings(tmp_path)).askings
    return services.break_glass_telling(teams, askings)


@pytest.fixture
async def oliver(chat: Chat) -> Chat:
    """The representative, who has talked to the bot."""
    mine = chat.in_(OLIVER)
    await mine.say("help")
    return mine


async def asked(services: Services, minutes: int = 60) -> str:
    ruth = await who(services, RUTH)
    return await services.break_glass.ask(REASON, minutes, actor=ruth)


async def decided(services: Services, id: str, *, approve: bool = True) -> None:
    actor = await who(services, OLIVER)
    await services.break_glass.decide(id, approve=approve, version=1, actor=actor)


def to(teams: centre.Ledger, chat: Chat) -> list[Any]:
    """The cards in somebody's chat as they are now."""
    conversation = f"chat-of-{chat.who}"
    return [one["card"] for one in teams.visible.values() if one["to"] == conversation]


async def test_who_decides_gets_one_card_that_leads_to_the_request(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat
) -> None:
    id = await asked(services)
    assert (await telling.send()).sent == 1
    (card,) = to(teams, oliver)
    for part in ("A partner asks to see identities", "Ruth Engel", REASON, "60 minutes", "Waits"):
        assert part in texts(card)
    (link,) = [one for one in card["actions"] if one["type"] == "Action.OpenUrl"]
    assert link["title"] == "Decide in Switchroom"
    assert f"section=break-glass&request={id}" in link["url"]
    verbs = {one.get("verb") for one in buttons(card)} - {None}
    assert verbs == {"break_glass.show"}, "nothing is decided by a press"
    for _ in range(3):
        assert await telling.send() == (0, 0, ())
    assert len(teams.visible) == 1


async def test_a_decision_renews_the_card_and_tells_who_asked(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat, chat: Chat
) -> None:
    ruth = chat.in_(RUTH)
    await ruth.say("help")
    id = await asked(services)
    await telling.send()
    assert to(teams, ruth) == []
    await decided(services, id)
    done = await telling.send()
    assert (done.sent, done.renewed) == (1, 1)
    (card,) = to(teams, oliver)
    assert "Approved until 28 Oct 2026, 15:00." in texts(card)
    assert "Oliver Bright" in texts(card)
    assert "Decide in Switchroom" not in texts(card)
    (own,) = to(teams, ruth)
    assert "Your request to see identities" in texts(own)
    assert "Approved until" in texts(own)
    assert await telling.send() == (0, 0, ())


async def test_what_it_lifted_is_told_to_be_over(
    services: Services,
    teams: centre.Ledger,
    telling: Telling,
    oliver: Chat,
    clock: StandingClock,
) -> None:
    id = await asked(services)
    await telling.send()
    await decided(services, id)
    await telling.send()
    clock.pass_time(seconds=61 * 60)
    assert (await telling.send()).renewed == 1
    assert "Over." in texts(to(teams, oliver))


async def test_a_request_that_was_taken_back_before_anybody_was_told_is_not_told(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat
) -> None:
    id = await asked(services)
    await services.break_glass.end(id, version=1, actor=await who(services, RUTH))
    assert await telling.send() == (0, 0, ())
    assert teams.visible == {}


async def test_without_a_chat_they_are_told_when_there_is_one(
    services: Services, teams: centre.Ledger, telling: Telling, chat: Chat
) -> None:
    await asked(services)
    assert await telling.send() == (0, 0, ())
    await chat.in_(OLIVER).say("help")
    assert (await telling.send()).sent == 1


async def test_who_may_not_decide_about_it_is_not_told(
    services: Services, teams: centre.Ledger, telling: Telling, chat: Chat
) -> None:
    scoped = terms(ACR, queues=["q1"], until_ms=centre.NOW_MS + DAY_MS)
    oliver = await who(services, OLIVER)
    await services.management.grant(Newcomer("amira.khan"), scoped, WHY, actor=oliver)
    for slug in ("amira.khan", SOFIA, RUTH, "dana.whitfield", "luca.moretti"):
        await chat.in_(slug).say("help")
    await asked(services)
    assert await telling.send() == (0, 0, ())


async def test_what_the_partner_wrote_is_taken_from_who_may_not_decide_any_more(
    services: Services, teams: centre.Ledger, telling: Telling, chat: Chat
) -> None:
    oliver = await who(services, OLIVER)
    amira = chat.in_("amira.khan")
    await amira.say("help")
    grant = await services.management.grant(Newcomer("amira.khan"), terms(ACR), WHY, actor=oliver)
    id = await asked(services)
    await telling.send()
    assert REASON in texts(to(teams, amira))
    await services.management.revoke(grant, version=1, actor=oliver)
    await decided(services, id, approve=False)
    await telling.send()
    assert REASON not in texts(to(teams, amira))
    assert "Ruth" not in texts(to(teams, amira))
    assert "Refused." in texts(to(teams, amira))


async def test_two_workers_send_one_card(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat, tmp_path: Any
) -> None:
    await asked(services)
    other = services.break_glass_telling(teams, opened(services, centre.settings(tmp_path)).askings)
    done = await asyncio.gather(telling.send(), other.send(), telling.send())
    assert sum(one.sent for one in done) == 1
    assert len(to(teams, oliver)) == 1


async def test_trouble_puts_it_off_and_says_so(
    services: Services,
    teams: centre.Ledger,
    telling: Telling,
    oliver: Chat,
    clock: StandingClock,
) -> None:
    await asked(services)
    teams.trouble = [Busy(7), RuntimeError("no way")]
    assert await telling.send() == (0, 0, ())
    assert await telling.send() == (0, 0, ()), "not before its time"
    clock.pass_time(seconds=7)
    (failure,) = (await telling.send()).failures
    assert str(failure) == "no way"
    clock.pass_time(seconds=60)
    assert (await telling.send()).sent == 1
    assert len(to(teams, oliver)) == 1


async def test_a_message_handed_over_without_an_answer_is_not_sent_again(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat
) -> None:
    id = await asked(services)
    teams.after = [OutcomeUnknown()]
    assert (await telling.send()).sent == 1
    await decided(services, id)
    await telling.send()
    assert len(to(teams, oliver)) == 1


async def test_a_killed_worker_holds_it_for_a_minute_only(
    services: Services,
    teams: centre.Ledger,
    telling: Telling,
    oliver: Chat,
    clock: StandingClock,
) -> None:
    await asked(services)
    teams.trouble = [centre.Killed()]
    with pytest.raises(centre.Killed):
        await telling.send()
    assert await telling.send() == (0, 0, ())
    clock.pass_time(seconds=HOLD_MS / 1000)
    assert (await telling.send()).sent == 1


async def test_where_the_bot_was_removed_the_chat_ends(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat
) -> None:
    await asked(services)
    teams.trouble = [Gone()]
    await telling.send()
    actor: Actor = await who(services, OLIVER)
    assert await services.conversations.own(actor=actor) is None
    await oliver.say("help")
    assert (await telling.send()).sent == 1


async def test_the_button_shows_how_it_stands_to_who_may_see_it_and_there_alone(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat
) -> None:
    id = await asked(services)
    await telling.send()
    show = button(plain(to(teams, oliver)[0]), "Refresh")
    await decided(services, id, approve=False)
    answers = await oliver.press(show)
    assert [type(one) for one in answers][:1] == [InvokeCard]
    assert "Refused." in texts([one.card for one in answers if isinstance(one, InvokeCard)])
    assert all(isinstance(one, InvokeCard | Update) for one in answers)
    for stranger in ("amira.khan", "grace.osei", "nobody"):
        (refused,) = await oliver.in_(stranger).press(show)
        assert isinstance(refused, InvokeMessage)
        assert REASON not in refused.text


async def test_in_the_readers_language(
    services: Services, teams: centre.Ledger, telling: Telling, oliver: Chat
) -> None:
    person = await services.people.find(OLIVER)
    assert person is not None
    kept, version = await services.conversations.chosen(person)
    await services.conversations.prefer(person, kept._replace(language="de"), version=version)
    await asked(services)
    await telling.send()
    assert "Ein Partner möchte Identitäten sehen" in texts(to(teams, oliver))


async def test_nothing_personal_is_kept_of_it(
    services: Services, telling: Telling, oliver: Chat
) -> None:
    assert faults(TOLD) == []
    await asked(services)
    await telling.send()
    tenancy = await services.directory.get("harbour")
    (kept,) = (await services.documents.query(tenancy.partition, TOLD)).documents
    assert REASON not in texts(dict(kept.body))
    assert "Ruth" not in texts(dict(kept.body))
