"""A Teams client without Teams: says things to the conversation and presses its buttons."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.channel.turn import (
    Answer,
    Incoming,
    IncomingKind,
    InvokeCard,
    Place,
    PlaceKind,
    SearchResults,
    Sender,
    Show,
    ShowPrivately,
)
from bot.notices import Drawer
from bot.talk import Talk
from portal.adapters.identity.local import TEAMS_TENANT, teams_account
from portal.domain.access.model import Claims, Person, Role
from portal.domain.access.ports import People
from portal.domain.access.rules import holding

COUNT = itertools.count(1)
BOTH = "bo.thamber"
"""Manages alerts in both organisations."""


class PeopleAndBoth:
    """The local people, and one who is a supervisor in both organisations."""

    def __init__(self, people: People) -> None:
        self._people = people
        held = dict.fromkeys(("harbour", "juniper"), (holding(Role.SUPERVISOR),))
        self._both = Person(BOTH, "Bo Thamber", held)

    async def recognise(self, claims: Claims) -> Person | None:
        return await self._people.recognise(claims)

    async def find(self, person_id: str) -> Person | None:
        return self._both if person_id == BOTH else await self._people.find(person_id)

    async def find_in_teams(self, tenant_id: str, aad_object_id: str) -> Person | None:
        if (tenant_id, aad_object_id) == (TEAMS_TENANT, teams_account(BOTH)):
            return self._both
        return await self._people.find_in_teams(tenant_id, aad_object_id)


@dataclass
class Chat:
    """One person in one place."""

    talk: Talk
    drawer: Drawer
    who: str = "sofia.lindqvist"
    kind: PlaceKind = PlaceKind.PERSONAL
    where: str = ""
    locale: str = "en-GB"
    tenant: str = TEAMS_TENANT
    message: str = "the-card"
    seen: list[Answer] = field(default_factory=list)

    def in_(self, who: str = "", kind: PlaceKind | None = None, **change: Any) -> "Chat":
        """Somebody else, or somewhere else."""
        made = {"who": who or self.who, "kind": kind or self.kind, "seen": []}
        return replace(self, **(made | change))

    def incoming(self, kind: IncomingKind, text: str = "", **more: Any) -> Incoming:
        """An activity from here."""
        number = next(COUNT)
        conversation = self.where or f"chat-of-{self.who}"
        if self.kind is not PlaceKind.PERSONAL:
            conversation = self.where or "19:team@thread.tacv2"
        given: dict[str, Any] = {
            "kind": kind,
            "activity_id": f"a{number}",
            "text": text,
            "sender": Sender(f"29:{self.who}", teams_account(self.who), self.who),
            "place": Place(self.kind, conversation, self.tenant),
            "locale": self.locale,
            "reference": {"conversation": conversation, "tenant": self.tenant},
            "replay_key": f"{number:064x}",
        }
        return Incoming(**(given | more))

    async def send(self, kind: IncomingKind, text: str = "", **more: Any) -> Sequence[Answer]:
        """What the conversation answers to an activity."""
        return await self.talk.turn(self.incoming(kind, text, **more))

    async def say(self, text: str, **more: Any) -> Sequence[Answer]:
        """What it answers to a message."""
        return await self.send(IncomingKind.MESSAGE, text, **more)

    async def card(self, text: str) -> dict[str, Any]:
        """The one card it answers to a message."""
        (answer,) = await self.say(text)
        assert isinstance(answer, Show | ShowPrivately)
        assert answer.card is not None
        return plain(answer.card)

    async def press(self, action: Mapping[str, Any], **typed: Any) -> Sequence[Answer]:
        """What it answers to a button."""
        data = {**action["data"], **typed}
        return await self.send(
            IncomingKind.CARD_ACTION, value=data, verb=action["verb"], reply_to_id=self.message
        )

    async def refreshed(self, card: Mapping[str, Any]) -> Sequence[Answer]:
        """What it answers when the client asks for the card anew by itself."""
        action = card["refresh"]["action"]
        return await self.send(
            IncomingKind.CARD_ACTION,
            value=action["data"],
            verb=action["verb"],
            reply_to_id=self.message,
            is_refresh=True,
        )

    async def pressed(self, action: Mapping[str, Any], **typed: Any) -> dict[str, Any]:
        """The card that a button draws."""
        answer = (await self.press(action, **typed))[0]
        assert isinstance(answer, InvokeCard), answer
        return plain(answer.card)

    async def search(self, text: str) -> SearchResults:
        """What the message extension finds."""
        (answer,) = await self.send(IncomingKind.SEARCH, text)
        assert isinstance(answer, SearchResults)
        return answer


def plain(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card as it leaves, so that nothing is shared with the bot."""
    made: dict[str, Any] = json.loads(json.dumps(card))
    return made


def buttons(value: Any) -> Iterator[dict[str, Any]]:
    """Every button of a card that comes back to us, its refresh last."""
    if isinstance(value, dict):
        if value.get("type") == "Action.Execute":
            yield value
        for name, inner in value.items():
            if name != "data":
                yield from buttons(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from buttons(inner)


def button(card: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The button of that title."""
    found = [one for one in buttons(card) if one["title"] == title]
    assert found, [one["title"] for one in buttons(card)]
    return found[0]
