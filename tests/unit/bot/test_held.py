"""Who has a policy in force to accept looks, and reports; everything else asks for it first."""

from typing import Any

import pytest

from bot.channel.turn import InvokeCard, InvokeMessage, PlaceKind, Show, ShowPrivately
from portal.domain.policies import texts
from portal.domain.policies.model import Policy, Version
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.setting_up import accepted, who
from tests.unit.bot.helpers import Chat, button, plain
from tests.unit.bot.test_press import FORM

CREATE = "Create and send here"
SECOND = Version(2, "Another text.", "Another.", 0, centre.NOW_MS)


@pytest.fixture
def newer(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second version of a policy is in force, which nobody accepted."""
    first = texts.CATALOGUE[0]
    changed = Policy(first.id, first.title, first.reviewed_at_ms, (*first.versions, SECOND))
    known = services.setting_up.policies._catalogue
    monkeypatch.setitem(known, first.id, changed)


def told(answer: Any) -> list[str]:
    assert isinstance(answer, Show | ShowPrivately)
    assert answer.card is not None
    return list(centre.texts(plain(answer.card)))


async def rules(services: Services) -> int:
    return len(await services.alerts.all(actor=await centre.actor(services, "sofia.lindqvist")))


async def test_a_changing_press_is_refused_with_the_next_step_until_it_is_accepted(
    services: Services, chat: Chat, newer: None
) -> None:
    create = button(await chat.card("alerts"), CREATE)
    refusal, private = await chat.press(create, **FORM)
    assert isinstance(refusal, InvokeMessage)
    assert refusal.status == 403
    assert "Verification, version 2" in told(private)
    assert "view=policies" in str(private)
    assert await rules(services) == 0
    await accepted(services, await who(services, "sofia.lindqvist"))
    assert isinstance((await chat.press(create, **FORM))[0], InvokeCard)
    assert await rules(services) == 1


async def test_a_changing_command_is_refused(chat: Chat, newer: None) -> None:
    group = chat.in_("tomas.silva", PlaceKind.GROUP)
    (answer,) = await group.say("triage")
    assert isinstance(answer, ShowPrivately)
    assert "Verification, version 2" in told(answer)
    assert "Verification" not in answer.notice


async def test_looking_and_the_own_settings_go_on(chat: Chat, newer: None) -> None:
    assert "Offered" in told((await chat.say("dashboard"))[0])
    save = button(await chat.card("settings"), "Save")
    typed = {"language": "de", "range": "today", "definition": "strict"}
    assert isinstance((await chat.press(save, **typed))[0], InvokeCard)


async def test_a_security_report_is_never_held(services: Services, chat: Chat, newer: None) -> None:
    send = button(await chat.card("report"), "Send report")
    answers = await chat.press(send, category="phishing", severity="high", what="A bad mail")
    assert isinstance(answers[0], InvokeCard)
    reporter = await centre.actor(services, "sofia.lindqvist")
    assert len(await services.incidents.own(actor=reporter)) == 1


async def test_a_card_says_it_in_german(chat: Chat, newer: None) -> None:
    german = chat.in_(locale="de-DE")
    create = button(await german.card("alerts"), "Anlegen und hierher senden")
    _, private = await german.press(create, **FORM)
    assert "Eine Richtlinie wartet auf Sie" in told(private)
