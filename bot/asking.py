"""What was written, to what is answered: a command, a queue's name, or what can be asked."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bot.channel.turn import Answer
from bot.commands import access, alerts, figures, incidents, informing, pages, place, setup
from bot.context import Asker, Desk
from bot.reading import LONGEST_TEXT, Command, Named, Request, choose, normal, read
from portal.domain.shared.errors import Forbidden

CHANGING: Final = frozenset({Command.TRIAGE})
"""Commands that change something by themselves; the others show what can be pressed."""


async def asked(desk: Desk, asker: Asker, text: str) -> Sequence[Answer]:
    """The answers to a text. Raises DomainErrors."""
    if len(text) > LONGEST_TEXT:
        return _guide(asker, "help.long")
    if not normal(text) and asker.incoming.attachments:
        return _guide(asker, "help.attachment")
    request = read(text)
    if request.command is None:
        return await _unclear(desk, asker, text, request)
    return await _command(desk, asker, request)


async def _command(desk: Desk, asker: Asker, request: Request) -> Sequence[Answer]:
    does: dict[Command, Callable[[], Awaitable[Sequence[Answer]]]] = {
        Command.DASHBOARD: lambda: figures.dashboard(desk, asker, request.queue, request.range),
        Command.QUEUES: lambda: figures.queues(desk, asker, request.range),
        Command.MY_STATS: lambda: figures.mine(desk, asker, request.range),
        Command.ALERTS: lambda: alerts.alerts(desk, asker),
        Command.WHO_CAN_SEE: lambda: access.who_can_see(desk, asker, request.queue),
        Command.REPORT: lambda: incidents.report(desk, asker),
        Command.INCIDENTS: lambda: incidents.incidents(desk, asker),
        Command.TRIAGE: lambda: incidents.triage(desk, asker),
        Command.NOTICE: lambda: informing.notice(desk, asker),
        Command.SETUP: lambda: setup.setup(desk, asker),
        Command.SETTINGS: lambda: _settings(desk, asker),
    }
    if request.command in CHANGING:
        await desk.policies.require_accepted(asker.actor)
    if request.command in does:
        return await does[request.command]()
    if request.command is Command.WHOAMI:
        return pages.whoami(asker)
    return _guide(asker, "help.reporter" if asker.only_reports else "help.welcome")


async def _settings(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """The asker's own and, where others read along, whose figures are told there."""
    return [*await pages.settings(desk, asker), *await place.settings(desk, asker)]


async def _unclear(desk: Desk, asker: Asker, text: str, request: Request) -> Sequence[Answer]:
    """A queue's name alone asks for its figures; everything else is told what can be asked."""
    if request.guess is None:
        choices = await _choices(desk, asker)
        found = choose(text, choices)
        if len(found) == 1 and normal(found[0].name) == normal(text):
            return await figures.dashboard(desk, asker, normal(text), "")
    guess = request.guess.value if request.guess else ""
    return _guide(asker, "help.unknown", guess)


async def _choices(desk: Desk, asker: Asker) -> list[Named]:
    try:
        found = await desk.dashboards.queue_choices(actor=asker.actor)
    except Forbidden:
        return []
    return [Named(one.id, one.name) for one in found]


def _guide(asker: Asker, lead: str, guess: str = "") -> Sequence[Answer]:
    return pages.guide(
        asker.words,
        lead=lead,
        personal=asker.is_alone,
        guess=guess,
        reporter=asker.only_reports,
    )
