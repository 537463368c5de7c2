"""A day on the floor: contacts queue, agents take them, customers lose patience.

A small event simulation. Waits are not drawn but come out of load and staffing, so a busy hour
shows long waits and abandons in every figure at once. The whole day is played out whatever
"now" is; what has not happened yet is cut off by whoever writes it down.
"""

import heapq
import random
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import count
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.sample.customers import Customer, pick
from portal.sample.demand import arrivals, local_ms
from portal.sample.model import Organization, Queue, System
from portal.sample.staffing import Seat, seats
from portal.sample.stay import NEVER, End, Kind, Stay

_TRANSFER: Final = 0.07
_HOLD: Final = 0.24
_UNREACHED: Final = 0.18
_ALERTED: Final = (1, 5)
_MAIL_LOOKED_AT: Final = (30, 240)
_HASTY: Final = 0.04
_CALLBACK_OFFERED: Final = 45.0
_SATURDAY: Final = 5


class _Floor:
    """The state of the day's play; `stays` grows in order of arrival."""

    def __init__(self, rng: random.Random, system: System, organization: Organization) -> None:
        self.rng = rng
        self.system = system
        self.organization = organization
        self.voice = {queue.name: queue for queue in system.queues if queue.channel == "voice"}
        self.stays: list[Stay] = []
        self.seats: list[Seat] = []
        self._waiting: list[Stay] = []
        self._events: list[tuple[int, int, Callable[[int], None]]] = []
        self._order = count()

    def at(self, moment: int, happens: Callable[[int], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), happens))

    def play(self) -> None:
        while self._events:
            moment, _, happens = heapq.heappop(self._events)
            happens(moment)

    def tick(self, seconds: float) -> int:
        tick = self.system.tick_ms
        return max(1, round(seconds * 1000 / tick)) * tick

    def arrive(
        self, kind: Kind, queue: Queue, customer: Customer, started: int, arrived: int
    ) -> Stay:
        """A stay with all its chances drawn; it joins the queue when its time comes."""
        rng, tick = self.rng, self.tick
        leaves, leaves_as = self._patience(kind, queue, arrived)
        stay = Stay(
            UUID(int=rng.getrandbits(128), version=4), kind, queue, customer, started, arrived,
            leaves, leaves_as,
            talk_ms=tick(15 + queue.talk * rng.lognormvariate(0, queue.spread)),
            hold_ms=tick(rng.uniform(12, 130)) if rng.random() < _HOLD else 0,
            acw_ms=tick(2 + queue.after_contact_work * rng.lognormvariate(0, 0.5)),
        )  # fmt: skip
        if queue.transfer_to and kind is Kind.INBOUND and rng.random() < _TRANSFER:
            stay.passed_to = rng.choice(queue.transfer_to)
        self.stays.append(stay)
        self.at(arrived, partial(self._join, stay))
        return stay

    def _patience(self, kind: Kind, queue: Queue, arrived: int) -> tuple[int, End]:
        """When and how the stay will leave the queue unless an agent takes it before."""
        rng = self.rng
        if kind is Kind.CALLBACK:
            return arrived + self.tick(5400), End.UNREACHED
        if queue.patience is None:
            return NEVER, End.ABANDONED
        patience = queue.patience * rng.lognormvariate(0, 0.9)
        if rng.random() < _HASTY:
            patience = rng.uniform(1, 6)
        if patience > _CALLBACK_OFFERED and rng.random() < queue.callback:
            return arrived + self.tick(rng.uniform(40, 110)), End.CALLBACK
        if queue.flow_out is not None and patience > queue.flow_out:
            return arrived + self.tick(queue.flow_out), End.FLOW_OUT
        return arrived + self.tick(patience), End.ABANDONED

    def _join(self, stay: Stay, now: int) -> None:
        ready = [s for s in self.seats if stay.queue.skill in s.skills and s.can_take(now)]
        if ready:
            self._take(min(ready, key=lambda seat: seat.free_from), stay, now)
            return
        if stay.kind is Kind.OUTBOUND:
            self.stays.remove(stay)
            return
        self._waiting.append(stay)
        if stay.leaves_ms < NEVER:
            self.at(stay.leaves_ms, partial(self._give_up, stay))

    def _give_up(self, stay: Stay, now: int) -> None:
        if stay.end is not None:
            return
        self._waiting.remove(stay)
        stay.end, stay.left_ms, stay.ended_ms = stay.leaves_as, now, now
        if stay.leaves_as is End.CALLBACK:
            self._follow(stay, Kind.CALLBACK, stay.queue, now)

    def _follow(self, stay: Stay, kind: Kind, queue: Queue, now: int) -> None:
        tick = self.system.tick_ms
        following = self.arrive(kind, queue, stay.customer, now, now + tick)
        stay.following, following.previous = following, stay

    def _take(self, seat: Seat, stay: Stay, now: int) -> None:
        alerted = _MAIL_LOOKED_AT if stay.queue.channel == "email" else _ALERTED
        answered = now + self.tick(self.rng.uniform(*alerted))
        if stay.leaves_ms <= answered:
            answered = now
        stay.agent, stay.left_ms = seat.agent, answered
        unreached = stay.kind in (Kind.CALLBACK, Kind.OUTBOUND)
        if unreached and self.rng.random() < _UNREACHED:
            stay.end, stay.ended_ms = End.UNREACHED, answered + self.tick(25)
            seat.free_from = stay.ended_ms
        else:
            stay.end = End.ANSWERED
            stay.ended_ms = answered + stay.talk_ms + stay.hold_ms
            seat.free_from = stay.ended_ms + stay.acw_ms
            if stay.passed_to is not None:
                target = self.voice[stay.passed_to]
                self.at(stay.ended_ms, partial(self._follow, stay, Kind.TRANSFER, target))
        pause = round(self.rng.uniform(3, 25)) * 1000
        seat.free_from += pause
        self.at(seat.free_from, partial(self.look, seat))

    def look(self, seat: Seat, now: int) -> None:
        """A free seat takes the longest waiting contact that it can."""
        if seat.can_take(now):
            for stay in self._waiting:
                if stay.queue.skill in seat.skills:
                    self._waiting.remove(stay)
                    self._take(seat, stay, now)
                    return


def _place_calls(floor: _Floor, day: date, zone: ZoneInfo) -> None:
    """Calls that agents place in office hours; one that finds no agent free is not placed."""
    if day.weekday() >= _SATURDAY:
        return
    rng, tick = floor.rng, floor.system.tick_ms
    voice = list(floor.voice.values())
    for _ in range(floor.system.outbound):
        moment = local_ms(day, rng.uniform(9, 17), zone) // tick * tick
        customer = pick(rng, floor.organization.country)
        floor.arrive(Kind.OUTBOUND, rng.choice(voice), customer, moment, moment)


def play(rng: random.Random, organization: Organization, system: System, day: date) -> list[Stay]:
    """All stays that began on a local day, in order of start, played to their end."""
    floor, zone = _Floor(rng, system, organization), ZoneInfo(organization.time_zone)
    tick = system.tick_ms
    for team in system.teams:
        for seat in seats(team, day, zone):
            floor.seats.append(seat)
            for start, _ in seat.shifts:
                floor.at(start, partial(floor.look, seat))
    for queue in system.queues:
        menu = system.menu if queue.channel == "voice" else None
        for moment in arrivals(rng, organization, queue, day):
            started = moment // tick * tick
            in_menu = floor.tick(rng.uniform(*menu)) if menu else 0
            customer = pick(rng, organization.country)
            floor.arrive(Kind.INBOUND, queue, customer, started, started + in_menu)
    _place_calls(floor, day, zone)
    floor.play()
    return sorted(floor.stays, key=lambda stay: (stay.started_ms, stay.id.int))
