"""Who works when: a team's agents in their shifts, with lunch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from portal.sample.demand import local_ms
from portal.sample.model import Team
from portal.sample.people import Agent

_LUNCH_FROM_HOURS: Final = 6.0
_DAYS_STAFFED: Final = 4


@dataclass(slots=True, eq=False)
class Seat:
    """A place at which an agent takes one contact at a time, within shifts."""

    agent: Agent
    skills: frozenset[tuple[str, str]]
    shifts: list[tuple[int, int]] = field(default_factory=list)
    free_from: int = 0

    def can_take(self, now: int) -> bool:
        """Whether the agent is on shift and free at an instant."""
        return self.free_from <= now and any(start <= now < end for start, end in self.shifts)


def _shifts(team: Team, day: date, zone: ZoneInfo) -> Iterator[tuple[Agent, int, int]]:
    """(agent, from, to) for a day. Agents rotate through the shifts by the day, and break a
    shift of six hours or more for lunch, one after the other."""
    place = count(day.toordinal())
    for start, end, heads in team.shifts(day.weekday()):
        for head in range(heads):
            agent = team.agents[next(place) % len(team.agents)]
            if end - start < _LUNCH_FROM_HOURS:
                yield agent, local_ms(day, start, zone), local_ms(day, end, zone)
                continue
            lunch = (start + end) / 2 - 0.75 + 0.5 * (head % 4)
            yield agent, local_ms(day, start, zone), local_ms(day, lunch, zone)
            yield agent, local_ms(day, lunch + 0.5, zone), local_ms(day, end, zone)


def seats(team: Team, day: date, zone: ZoneInfo) -> list[Seat]:
    """The team's seats with their shifts for the day and the days after it, on which what was
    left over is worked off."""
    found: dict[tuple[str, int], Seat] = {}
    for later in range(_DAYS_STAFFED):
        for agent, start, end in _shifts(team, day + timedelta(days=later), zone):
            for place in range(team.at_once):
                seat = found.setdefault((agent.key, place), Seat(agent, team.skills))
                seat.shifts.append((start, end))
    return list(found.values())
