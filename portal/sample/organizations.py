"""The sample organisations: their queues, opening hours, volumes and teams.

Hours are local wall clock, as fractions of a day's hours; durations are seconds.
"""

from typing import Final, NamedTuple

from portal.sample import people
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

    def hours(self, weekday: int) -> Hours | None:
        """Opening hours on a weekday, Monday 0."""
        return {5: self.saturday, 6: self.sunday}.get(weekday, self.weekday)


class Team(NamedTuple):
    """Agents who take the contacts of some queues, each `at_once` at a time.

    `staffing` lists for weekdays, Saturday and Sunday the shifts as (from hour, to hour, agents);
    hours past 24 reach into the next day.
    """

    agents: tuple[Agent, ...]
    queues: tuple[str, ...]
    weekday: tuple[tuple[float, float, int], ...]
    saturday: tuple[tuple[float, float, int], ...] = ()
    sunday: tuple[tuple[float, float, int], ...] = ()
    at_once: int = 1

    def shifts(self, weekday: int) -> tuple[tuple[float, float, int], ...]:
        """Shifts on a weekday, Monday 0."""
        return {5: self.saturday, 6: self.sunday}.get(weekday, self.weekday)


class System(NamedTuple):
    """One contact system of an organisation. `tick_ms` is the precision of its times and
    `outbound` the calls its agents place on a weekday."""

    source: str
    queues: tuple[Queue, ...]
    teams: tuple[Team, ...]
    tick_ms: int
    outbound: float = 0.0
    queue_extensions: frozenset[str] = frozenset()


class Organization(NamedTuple):
    """A sample organisation. `storm_day` is the day of each thirty on which a storm breaks."""

    code: str
    name: str
    time_zone: str
    country: str
    storm_day: int
    systems: tuple[System, ...]


_OFFICE: Final = (8.0, 18.0)
_SATURDAY: Final = (9.0, 13.0)


_CONNECT_VOICE: Final = tuple(
    Queue(
        people.connect_arn("queue", name), name, "voice", daily, _OFFICE, _SATURDAY, None,
        talk=talk, after_contact_work=acw, patience=170, flow_out=420, callback=0.2,
        transfer_to=(passed_to,), storm=storm,
    )
    for name, daily, talk, acw, passed_to, storm in (
        ("Claims", 125, 310, 55, "Complaints", 2.6),
        ("New policies", 75, 260, 40, "Renewals", 0.8),
        ("Renewals", 85, 200, 30, "New policies", 1.0),
        ("Complaints", 30, 420, 80, "Claims", 1.5),
    )
)  # fmt: skip
_CONNECT_CHAT: Final = tuple(
    Queue(
        people.connect_arn("queue", name), name, "chat", daily, _OFFICE, _SATURDAY, None,
        talk=talk, after_contact_work=20, patience=240,
    )
    for name, daily, talk in (("Claims chat", 35, 520), ("Renewals chat", 40, 400))
)  # fmt: skip

_CONNECT: Final = System(
    "amazon-connect",
    _CONNECT_VOICE + _CONNECT_CHAT,
    (
        Team(
            people.CONNECT_VOICE,
            tuple(queue.key for queue in _CONNECT_VOICE),
            weekday=((8, 16, 4), (10, 18, 4)),
            saturday=((9, 13, 4),),
        ),
        Team(
            people.CONNECT_CHAT,
            tuple(queue.key for queue in _CONNECT_CHAT),
            weekday=((8, 16, 1), (9, 18, 1), (10, 18, 1)),
            saturday=((9, 13, 1),),
            at_once=3,
        ),
    ),
    tick_ms=1000,
    outbound=22,
)

HARBOUR: Final = Organization(
    "harbour", "Harbour Lane Insurance", "Europe/London", "GB", 11, (_CONNECT,)
)
ORGANIZATIONS: Final = {"harbour": HARBOUR}
