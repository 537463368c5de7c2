"""Looks at the clocks: each that runs out is escalated once, to the responders and the channel, or
to everybody who may handle it where it has neither; those of a breach are warned of before."""

from typing import NamedTuple

from portal.domain.audit.model import Action
from portal.domain.incidents import rules
from portal.domain.incidents.casebook import TRIAGE, Casebook, Line, Opened, team
from portal.domain.incidents.model import EntryKind, State
from portal.domain.incidents.standby import Standby
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import Activity
from portal.domain.shared.errors import Conflict

WATCHED = tuple(state for state in State if state is not State.CLOSED)
"""A breach cannot be closed undecided, so no clock runs on behind a closing."""


MOST_AT_ONCE = 2
"""Clocks of one incident in one batch, which has room for two lines to everybody; the next look
finds the others."""


class Looked(NamedTuple):
    """What one look found."""

    escalated: int = 0
    failures: tuple[Exception, ...] = ()


class Escalation:
    """One look over the open incidents of every organisation."""

    def __init__(self, organizations: Organizations, book: Casebook, standby: Standby) -> None:
        self._organizations = organizations
        self._book = book
        self._standby = standby

    async def look(self) -> Looked:
        """Escalates what ran out; one that cannot be written holds up no other. Raises what the
        store raises when it cannot be read."""
        total, failures = 0, []
        for organization in await self._organizations.serving(Activity.TELL_ESSENTIAL):
            tenancy = await self._book.tenancy(organization.code)
            for state in WATCHED:
                async for found in self._book.every(tenancy, where={"state": state.value}):
                    try:
                        total += await self._one(found)
                    except Conflict:
                        continue  # changed meanwhile, or by another worker: the next look sees it
                    except Exception as error:  # noqa: BLE001 - the others are looked at too
                        failures.append(error)
        return Looked(total, tuple(failures))

    async def _one(self, found: Opened) -> int:
        incident = found.incident
        now_ms = self._book.now_ms()
        late = rules.late(incident, now_ms)[:MOST_AT_ONCE]
        soon = rules.soon(incident, now_ms)[: MOST_AT_ONCE - len(late)]
        if not late and not soon:
            return 0
        to = await self._hearing(found)
        lines = [Line(EntryKind.ESCALATED, "", {"clock": one.value}, to=to) for one in late]
        lines += [Line(EntryKind.WARNED, "", {"clock": one.value}, to=to) for one in soon]
        after = incident._replace(
            late=(*incident.late, *(one.value for one in late)),
            warned=(*incident.warned, *(one.value for one in soon)),
        )
        await self._book.change(found, after, lines, by="", action=Action.INCIDENT_ESCALATED)
        return len(lines)

    async def _hearing(self, found: Opened) -> tuple[str, ...]:
        """The team and the channel; where there is neither, everybody who may handle it."""
        terms, _ = await self._book.terms(found.tenancy)
        known = team(found.incident)
        if known:
            return (*known, *((TRIAGE,) if terms.triage else ()))
        code, reporter = found.tenancy.organization.code, found.incident.reporter
        return await self._standby.instead(code, terms, but=reporter)
