"""What a sample organisation is made of: systems, queues, teams, hours and volumes.

Hours are local wall clock, as fractions of a day's hours; durations are seconds.
"""

from typing import NamedTuple

from portal.sample.people import Agent

Hours = tuple[float, float]


class Queue(NamedTuple):
    """A queue and the contacts it gets on an ordinary Wednesday.

    `key` is the source's identifier. `talk` is the median of a lognormal with `spread`, `patience`
    the median wait before giving up (None: nobody gives up, as with mail). `flow_out` is the wait
    after which the source sends the contact elsewhere, `callback` the chance that a waiting
    customer asks to be called back, `transfer_to` the names of queues that agents pass on to.
    """

    key: str
    name: str
    channel: str
    daily: float
    weekday: Hours
    saturday: Hours | None
    sunday: Hours | None
    talk: float
    after_contact_work: float
    patience: float | None
    spread: float = 0.6
    flow_out: float | None = None
    callback: float = 0.0
    transfer_to: tuple[str, ...] = ()
    storm: float = 1.0

    @property
    def skill(self) -> tuple[str, str]:
        """What an agent must be good for to take its contacts: one queue may have many channels."""
        return self.key, self.channel

    def hours(self, weekday: int) -> Hours | None:
        """Opening hours on a weekday, Monday 0."""
        return {5: self.saturday, 6: self.sunday}.get(weekday, self.weekday)


class Team(NamedTuple):
    """Agents who take the contacts of queues (by `Queue.skill`), each `at_once` at a time.

    `staffing` lists for weekdays, Saturday and Sunday the shifts as (from hour, to hour, agents);
    hours past 24 reach into the next day.
    """

    agents: tuple[Agent, ...]
    skills: frozenset[tuple[str, str]]
    weekday: tuple[tuple[float, float, int], ...]
    saturday: tuple[tuple[float, float, int], ...] = ()
    sunday: tuple[tuple[float, float, int], ...] = ()
    at_once: int = 1

    def shifts(self, weekday: int) -> tuple[tuple[float, float, int], ...]:
        """Shifts on a weekday, Monday 0."""
        return {5: self.saturday, 6: self.sunday}.get(weekday, self.weekday)


class System(NamedTuple):
    """One contact system of an organisation. `tick_ms` is the precision of its times, `outbound`
    the calls its agents place on a weekday, `menu` the shortest and longest time in seconds that
    a caller spends in menus before a queue."""

    source: str
    queues: tuple[Queue, ...]
    teams: tuple[Team, ...]
    tick_ms: int
    outbound: int = 0
    menu: tuple[float, float] | None = None
    queue_extensions: frozenset[str] = frozenset()


class Organization(NamedTuple):
    """A sample organisation. `storm_day` is the day of each thirty on which a storm breaks."""

    code: str
    name: str
    time_zone: str
    country: str
    storm_day: int
    systems: tuple[System, ...]
