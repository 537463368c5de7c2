"""Reports and chats that tests of incidents begin with."""

from dataclasses import replace
from typing import Any

from portal.domain.access.model import Actor
from portal.domain.alerts.model import Conversation, Scope
from portal.domain.alerts.ports import Message
from portal.domain.incidents.model import Category, Impact, Report, Severity, Telling
from portal.domain.incidents.ports import Letter
from portal.domain.incidents.sending import IncidentSending, Teams
from portal.domain.incidents.service import Receipt, Reported
from portal.domain.incidents.standby import Standby
from portal.wiring import Services
from tests.fakes import centre

REPORTER, RESPONDER, OFFICER = "amira.khan", "tomas.silva", "hana.novak"


async def reported(
    services: Services,
    what: str = "A laptop is gone",
    *,
    who: str = REPORTER,
    severity: Severity = Severity.HIGH,
    impact: Impact = Impact.SEVERAL,
    **more: Any,
) -> Receipt:
    """A report of somebody of harbour."""
    said = Reported(Category.LOST_DEVICE, Report(what), severity, impact)
    return await services.incidents.report(said, actor=await centre.actor(services, who), **more)


async def proven(services: Services, who: str) -> Actor:
    """Somebody who proved a moment ago who they are."""
    found = await centre.actor(services, who)
    return replace(found, proved_at_s=services.clock.now_ms() / 1000)


async def chat(services: Services, who: str, scope: Scope = Scope.PERSONAL) -> str:
    """Somebody's chat with the bot, or a channel they wrote in; our id of it."""
    id = f"{scope.value}-of-{who}"
    made = Conversation(id, scope, "tenant", {"conversation": id})
    await services.conversations.remember(made, actor=await centre.actor(services, who))
    return id


class Drawn:
    """A composer that writes down what it was given."""

    def __init__(self) -> None:
        self.told: list[Telling] = []

    async def compose(self, telling: Telling) -> Message:
        self.told.append(telling)
        text = f"{telling.incident.reference} {telling.entry.kind.value} {telling.entry.text}"
        return Message({"id": f"{telling.conversation} {text}"}, text.strip())


class Post:
    """Mail that knows the addresses of some people."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.sent: dict[str, Letter] = {}

    async def send(self, letter: Letter) -> bool:
        if letter.person in self.known:
            self.sent[letter.key] = letter
        return letter.person in self.known


def sending(
    services: Services, teams: centre.Ledger | None, drawn: Drawn, post: Post | None = None
) -> IncidentSending:
    """What sends messages of these services."""
    return IncidentSending(
        organizations=services.directory,
        documents=services.documents,
        book=services.incident_book,
        conversations=services.conversations,
        people=services.people,
        teams=Teams(teams, drawn) if teams else None,
        letters=post,
        standby=Standby(services.shelf, services.people),
        clock=services.clock,
    )
