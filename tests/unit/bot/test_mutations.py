"""Nothing but an untouched button of ours in the right hands changes anything (threat T8)."""

import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.channel.turn import (
    IncomingKind,
    InvokeCard,
    InvokeMessage,
    PlaceKind,
    Say,
    SearchResults,
    Show,
    ShowPrivately,
    Update,
)
from bot.references import Verb
from portal.domain.access.model import Board
from portal.domain.alerts.documents import CONVERSATION, PLACE
from portal.domain.alerts.model import Daily, Listener
from portal.domain.views.model import Filters, Wanted
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import texts
from tests.fakes.clock import StandingClock
from tests.unit.bot.helpers import BOTH, Chat, button, buttons, plain
from tests.unit.bot.test_press import FORM, STATE, filled, fired, state, with_alert

CASES = 5000
KEPT = [kind for kind in STATE if kind not in {CONVERSATION, PLACE}]
"""A message, which is no press, is remembered to have come from where it came."""
READING = {Verb.BOARD, Verb.OWN, Verb.QUEUES, Verb.VIEW, Verb.NOTICE, Verb.ALERT_EDIT}
MANAGERS = {"sofia.lindqvist", BOTH}
PEOPLE = sorted(
    MANAGERS | {"amira.khan", "ruth.engel", "hana.novak", "tomas.silva", "grace.osei", "nobody"}
)
TEAM, OWN_CHAT = "19:team@thread.tacv2", "chat-of-sofia.lindqvist"
CARDS = (
    "board",
    "queue",
    "queues",
    "choices",
    "own",
    "settings",
    "alerts",
    "alerts, changing",
    "alert",
    "daily message",
    "channel board",
    "channel queues",
    "channel alerts",
    "channel alerts, changing",
    "channel place",
    "searched",
    "unfurled",
    "saved view",
    "copy",
)
"""Every card of the bot that has buttons which come back to it."""


class Dealt:
    """Every button of every card, and the kinds of what was written besides the audit trail."""

    def __init__(self, cards: Mapping[str, dict[str, Any]]) -> None:
        self.cards = cards
        self.actions = {name: list(buttons(card)) for name, card in cards.items()}
        self.written: list[str] = []

    def __repr__(self) -> str:
        return "the cards"


async def copied(asker: Chat, text: str) -> dict[str, Any]:
    (answer,) = await asker.say(text)
    assert isinstance(answer, ShowPrivately)
    assert answer.card is not None
    return plain(answer.card)


async def daily(chat: Chat, services: Services, clock: StandingClock) -> dict[str, Any]:
    """The card of a daily message in Sofia's own chat."""
    sofia = await centre.actor(services, "sofia.lindqvist")
    own = await services.conversations.own(actor=sofia)
    assert own is not None
    listener = Listener(own, "aad", "29:sofia.lindqvist", "en")
    at = Daily(14 * 60 + 1)
    await services.alerts.create("", at, actor=sofia, listener=listener)
    clock.pass_time(seconds=120)
    teams = centre.Ledger()
    await services.evaluation.look()
    await services.sending(teams, chat.drawer).send()
    (card,) = [plain(one["card"]) for one in teams.visible.values() if "Daily" in str(one["card"])]
    return card


@pytest.fixture
async def dealt(
    chat: Chat, services: Services, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Dealt]:
    """All cards, drawn from one state that must stand at the end as it did."""
    channel = chat.in_(kind=PlaceKind.CHANNEL)
    await channel.card("dashboard")
    alert = await fired(chat, services, centre.Ledger(), clock)
    message = await daily(chat, services, clock)
    await with_alert(channel)
    mine, ours = await chat.card("alerts"), await channel.card("alerts")
    _, place = await channel.in_(BOTH).say("settings")
    assert isinstance(place, Show)
    found = (await chat.search("claims")).results[0].card
    sofia = await centre.actor(services, "sofia.lindqvist")
    wanted = Wanted("Mornings", Board.OVERVIEW, Filters(), (), (), "agent")
    await services.views.save(wanted, actor=sofia)
    (view,) = (await chat.search("mornings")).results
    board = await chat.card("dashboard")
    (address,) = [one["url"] for one in board["actions"] if one["type"] == "Action.OpenUrl"]
    (unfurled,) = await chat.send(IncomingKind.LINK, address)
    assert isinstance(unfurled, SearchResults)
    drawn = [
        board,
        await chat.card("dashboard claims"),
        await chat.card("queues"),
        await chat.card("dashboard clims"),
        await chat.in_("amira.khan").card("my stats"),
        await chat.card("settings"),
        mine,
        await chat.pressed(button(mine, "Change")),
        alert,
        message,
        await channel.card("dashboard"),
        await channel.card("queues"),
        ours,
        await channel.pressed(button(ours, "Change")),
        plain(place.card),
        plain(found),
        plain(unfurled.results[0].card),
        plain(view.card),
        await copied(channel.in_("grace.osei"), "alerts"),
    ]
    cards = dict(zip(CARDS, drawn, strict=True))
    made = Dealt(cards)
    write, watched = services.documents.batch, {kind.name for kind in STATE}

    async def batch(partition: str, writes: Sequence[Any]) -> None:
        await write(partition, writes)
        made.written.extend(one.kind.name for one in writes if one.kind.name in watched)

    monkeypatch.setattr(services.documents, "batch", batch)
    before = await state(services, KEPT)
    yield made
    assert await state(services, KEPT) == before


# --- what is pressed ----------------------------------------------------------------------


class Case(NamedTuple):
    """A press: by whom, where, of what, how."""

    who: str
    kind: PlaceKind
    where: str
    verb: str
    value: dict[str, Any]
    how: IncomingKind
    is_refresh: bool


TEXTS = st.text(max_size=60)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.dictionaries(TEXTS, TEXTS, max_size=3),
)
VERBS = st.one_of(TEXTS, st.sampled_from([one.value for one in Verb]))
FIELDS = ("format", "organization", "conversation", "record", "verbs", "version", "expires")
HOW = ("none", "verb", "ref", "letter", "cut", "swap", "drop", "other", "extra", "field")


def payload_of(reference: str) -> list[Any]:
    text = reference.partition(".")[0]
    body: list[Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return body


LIKELY: Mapping[str, Sequence[Any]] = {
    "format": (1, 3),
    "organization": ("juniper", "", "harbour "),
    "conversation": ("", "with-", "0" * 32),
    "record": ("list", "rule:", "preferences:", "place::", "view:", "|", "|today"),
    "verbs": ([], [one.value for one in Verb]),
    "version": (0, 1, 2, 3),
    "expires": (0, 2**40),
}


class Pick(NamedTuple):
    """Numbers and values that a case is made of, whatever the cards are."""

    card: int
    action: int
    how: str
    number: int
    other: int
    value: Any
    text: str
    who: str
    kind: PlaceKind
    where: str
    typed: Mapping[str, str]
    pressed: IncomingKind
    is_refresh: bool


NUMBERS = st.integers(0, 5000)
PRESSES = [IncomingKind.CARD_ACTION] * 9 + [IncomingKind.CARD_SUBMIT]
PICKS = st.builds(
    Pick,
    NUMBERS,
    NUMBERS,
    st.sampled_from(HOW),
    NUMBERS,
    NUMBERS,
    VALUES,
    VERBS,
    st.sampled_from(PEOPLE),
    st.sampled_from(PlaceKind),
    st.sampled_from(["", TEAM, OWN_CHAT, "19:other"]),
    st.sampled_from([{}, FORM, {"language": "de", "range": "today"}]),
    st.sampled_from(PRESSES),
    st.booleans(),
)


def with_field(pick: Pick, reference: str) -> str:
    """The reference with one field of its payload changed, under the old signature."""
    body, signature = payload_of(reference), reference.partition(".")[2]
    number = pick.number % len(FIELDS)
    likely = LIKELY[FIELDS[number]]
    body[number] = likely[pick.other % len(likely)] if pick.is_refresh else pick.value
    text = json.dumps(body, separators=(",", ":")).encode()
    return f"{base64.urlsafe_b64encode(text).decode().rstrip('=')}.{signature}"


def mutated(pick: Pick, dealt: Dealt) -> dict[str, Any]:
    """A button with one thing of it changed: verb, an input, or any part of the reference."""
    of = dealt.actions[CARDS[pick.card % len(CARDS)]]
    made: dict[str, Any] = json.loads(json.dumps(of[pick.action % len(of)]))
    data, reference = made["data"], str(made["data"]["ref"])
    place, how = pick.number % len(reference), pick.how
    if how == "verb":
        made["verb"] = pick.text
    elif how == "ref":
        data["ref"] = pick.value
    elif how == "letter":
        letter = "ABCDwxyz0189-_."[pick.other % 15]
        data["ref"] = reference[:place] + letter + reference[place + 1 :]
    elif how == "cut":
        data["ref"] = reference[:place]
    elif how == "swap":
        data["ref"] = ".".join(reversed(reference.split(".")))
    elif how == "drop":
        data.pop("ref")
    elif how == "other":
        others = dealt.actions[CARDS[pick.other % len(CARDS)]]
        other = str(others[pick.number % len(others)]["data"]["ref"])
        data["ref"] = f"{reference.partition('.')[0]}.{other.partition('.')[2]}"
    elif how == "extra":
        data[pick.text or "x"] = pick.value
    elif how == "field":
        data["ref"] = with_field(pick, reference)
    return made


def pressed(pick: Pick, dealt: Dealt) -> Case:
    """Any button of any card, changed or not, pressed by anybody anywhere."""
    action = mutated(pick, dealt)
    value = {**pick.typed, **action["data"]}
    is_refresh = pick.is_refresh and pick.pressed is IncomingKind.CARD_ACTION
    return Case(pick.who, pick.kind, pick.where, action["verb"], value, pick.pressed, is_refresh)


def is_rightful(case: Case, dealt: Dealt) -> bool:
    """Whether it is an untouched button that may do this, in hands that may."""
    ours = {one["data"]["ref"] for actions in dealt.actions.values() for one in actions}
    reference = case.value.get("ref")
    if not isinstance(reference, str) or reference not in ours:
        return False
    if case.how is not IncomingKind.CARD_ACTION or case.verb not in payload_of(reference)[4]:
        return False
    if case.verb == Verb.SETTINGS_SAVE:
        return case.kind is PlaceKind.PERSONAL  # of whoever presses, for themselves
    managers = {"grace.osei", BOTH} if payload_of(reference)[1] == "juniper" else MANAGERS
    return case.verb not in READING and case.who in managers


@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pick=PICKS)
async def test_no_change_of_any_field_of_any_card_changes_anything(
    chat: Chat, dealt: Dealt, pick: Pick
) -> None:
    case = pressed(pick, dealt)
    assume(not is_rightful(case, dealt))
    dealt.written.clear()
    answers = await chat.in_(case.who, case.kind, where=case.where).send(
        case.how, value=case.value, verb=case.verb, is_refresh=case.is_refresh, reply_to_id="m"
    )
    if case.how is IncomingKind.CARD_SUBMIT:  # a message like any other: the place is remembered
        assert set(dealt.written) <= {CONVERSATION.name, PLACE.name}
        assert all(isinstance(one, Say | Show | ShowPrivately) for one in answers)
        return
    assert dealt.written == []
    assert all(isinstance(one, InvokeCard | InvokeMessage | Update) for one in answers)


async def test_every_card_has_buttons_and_stays_below_what_teams_takes(dealt: Dealt) -> None:
    assert all(dealt.actions.values())
    sizes = {name: len(json.dumps(card)) for name, card in dealt.cards.items()}
    assert max(sizes.values()) < 20_000, sizes


async def test_another_verb_of_the_reference_is_the_only_other_thing_a_button_can_do(
    chat: Chat, dealt: Dealt
) -> None:
    for name, actions in dealt.actions.items():
        here = chat.in_(kind=PlaceKind.CHANNEL) if "channel" in name else chat
        here = here.in_({"own": "amira.khan", "copy": "grace.osei"}.get(name, here.who))
        for action in actions:
            allowed = payload_of(action["data"]["ref"])[4]
            for verb in Verb:
                if verb == action["verb"] or verb.value in allowed:
                    continue
                (answer,) = await here.press({**action, "verb": verb.value})
                assert isinstance(answer, InvokeMessage), (name, action["title"], verb)
                assert answer.status == 403
    assert dealt.written == []


async def test_a_reference_that_another_organisations_key_signed_is_none(
    chat: Chat, services: Services, dealt: Dealt
) -> None:
    foreign = (await services.directory.get("juniper")).keyring
    for actions in dealt.actions.values():
        for action in actions:
            text = action["data"]["ref"].split(".")[0]
            if payload_of(text + ".")[1] != "harbour":
                continue
            payload = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            forged = base64.urlsafe_b64encode(foreign.authenticate("card reference", payload))
            data = {"ref": f"{text}.{forged.decode().rstrip('=')}"}
            (answer,) = await chat.press({**action, "data": data})
            assert isinstance(answer, InvokeMessage)
            assert answer.status == 403
    assert dealt.written == []


# --- stale versions -----------------------------------------------------------------------

CHANGED = "This was changed meanwhile. This is how it stands now."
SETTINGS = {"language": "en", "range": "hour", "definition": "strict"}


@pytest.mark.parametrize("kind", [PlaceKind.PERSONAL, PlaceKind.CHANNEL])
@pytest.mark.parametrize(
    ("old", "newer"),
    [
        ("Quiet for 8 hours", "Quiet for 8 hours"),
        ("Stop sending here", "Quiet for 8 hours"),
        ("Remove alert", "Change"),
        ("Change", "Change"),
    ],
)
async def test_a_button_of_an_older_version_draws_that_it_was_changed(
    chat: Chat, services: Services, kind: PlaceKind, old: str, newer: str
) -> None:
    here = chat.in_(kind=kind)
    card = await with_alert(here)
    form = await here.pressed(button(card, "Change"))
    stale = button(form, "Save the change") if old == "Change" else button(card, old)
    if newer == "Change":
        typed = filled(form) | {"limit": "9"}
        await here.pressed(button(form, "Save the change"), **typed)
    else:
        await here.pressed(button(card, newer))
    before = await state(services)
    shown = await here.pressed(stale, **(filled(form) if old == "Change" else {}))
    assert CHANGED in texts(shown)
    assert await state(services) == before


async def test_settings_and_places_of_an_older_version_draw_that_they_were_changed(
    chat: Chat, services: Services
) -> None:
    save = button(await chat.card("settings"), "Save")
    await chat.pressed(save, **SETTINGS)
    channel = chat.in_(BOTH, PlaceKind.CHANNEL)
    _, shown = await channel.say("settings")
    assert isinstance(shown, Show)
    first = plain(shown.card)
    for to in ("Juniper Street Energy", "Harbour Lane Insurance"):
        _, shown = await channel.say("settings")
        assert isinstance(shown, Show)
        await channel.pressed(button(plain(shown.card), f"Tell those of {to}"))
    before = await state(services)
    assert CHANGED in texts(await chat.pressed(save, **SETTINGS))
    for action in buttons(first):
        assert CHANGED in texts(await channel.pressed(action))
    assert await state(services) == before
