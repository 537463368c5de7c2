"""Who hears of an incident that nobody has yet: the triage channel, else everybody who may handle
it, so that no report and no clock is told to nobody."""

from typing import Final

from portal.domain.access.grants import HolderKind
from portal.domain.access.model import Permission, Person
from portal.domain.access.ports import People
from portal.domain.access.rules import act, may
from portal.domain.access.shelf import Shelf
from portal.domain.incidents.casebook import TRIAGE
from portal.domain.incidents.model import Terms

MOST_TOLD: Final = 20
"""People who are told of one line, which goes with it into one batch."""


class Standby:
    """Knows who may handle incidents of an organisation."""

    def __init__(self, shelf: Shelf, people: People) -> None:
        self._shelf = shelf
        self._people = people

    async def people(self, organization: str) -> tuple[Person, ...]:
        """Who may handle incidents there by a grant of their own, by name."""
        book = await self._shelf.book(organization)
        held = {
            one.holder.id for one in book.grants.values() if one.holder.kind is HolderKind.PERSON
        }
        found = [await self._people.find(id) for id in sorted(held)]
        able = [one for one in found if one is not None and handles(one, organization)]
        return tuple(sorted(able, key=lambda one: (one.display_name, one.person_id)))

    async def instead(
        self, organization: str, terms: Terms, *, but: str = "", lost: bool = False
    ) -> tuple[str, ...]:
        """Who is addressed where nobody has it, but one person: the channel, unless it is `lost`,
        else person ids, at most MOST_TOLD."""
        if terms.triage and not lost:
            return (TRIAGE,)
        able = [one.person_id for one in await self.people(organization)]
        return tuple(one for one in able if one != but)[:MOST_TOLD]


def handles(person: Person | None, organization: str) -> bool:
    """Whether somebody may handle incidents there."""
    if person is None or organization not in person.holdings:
        return False
    return may(act(person, organization), Permission.INCIDENTS_HANDLE)
