"""Whatever operator and representative do in whatever order, the service and a plain model of its
rules agree, also when two of them act on the same version at the same moment."""

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.organizations.standing import State
from portal.domain.shared.errors import DomainError
from portal.domain.standing.model import Outcome, Reason, Wanted
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.standing import MEMBER, REPRESENTATIVE, WHY, who

DAY_MS = 24 * 3600 * 1000
ORDER = [State.ACTIVE, State.RESTRICTED, State.SUSPENDED, State.TERMINATED]
MANY = settings(
    max_examples=20,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Standings(RuleBasedStateMachine):
    """One organisation through its standings."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StandingClock(centre.NOW_MS)
        self.patch = pytest.MonkeyPatch()
        usual = centre.settings
        self.patch.setattr(
            centre, "settings", lambda folder: usual(folder).model_copy(update={"export_days": 1})
        )
        self.services: Services = self.run(
            centre.services(Path(self.folder.name), self.clock, self.patch)
        )
        self.operator = self.proven()
        self.state, self.version, self.erase_at = State.ACTIVE, 0, 0
        self.stopped, self.outcomes = False, list[Outcome]()

    def proven(self) -> Actor:
        """The operator by the command line, who is not kept out when the erasure begins."""
        actor = acting_as(Role.OPERATOR, "command-line", "Command line", "harbour")
        return replace(actor, proved_at_s=self.clock.now_ms() / 1000)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def tried(self, work: Coroutine[Any, Any, Any]) -> str:
        """The refusal's code, "" for none."""
        try:
            self.run(work)
        except DomainError as refused:
            return refused.code
        return ""

    @property
    def standings(self) -> Any:
        return self.services.setting_up.standings

    @property
    def waits(self) -> bool:
        return bool(self.outcomes) and self.outcomes[-1] is Outcome.OPEN

    def step(self, state: State) -> None:
        """The model behind a change of state."""
        self.state, self.version = state, self.version + 1
        terminated = state is State.TERMINATED
        self.erase_at = self.clock.now + DAY_MS if terminated else 0
        self.stopped = False
        if state is State.ACTIVE and self.waits:
            self.outcomes[-1] = Outcome.SETTLED

    @rule(hours=st.sampled_from([1, 9, 23]))
    def pass_time(self, hours: int) -> None:
        self.clock.pass_time(seconds=hours * 3600)
        self.operator = self.proven()

    @rule(state=st.sampled_from(ORDER), stale=st.booleans())
    def set(self, state: State, stale: bool) -> None:
        reason = Reason.PUT_RIGHT if state is State.ACTIVE else Reason.MISUSE
        wanted, version = Wanted(state, reason, WHY), self.version + stale
        told = self.tried(self.standings.set(wanted, version=version, actor=self.operator))
        if self.state is State.ERASING:
            assert told == "erasing"
        elif stale:
            assert told == "conflict"
        elif state is self.state:
            assert told == "standing-unchanged"
        else:
            assert told == ""
            self.step(state)

    @rule()
    def appeal(self) -> None:
        actor = self.run(who(self.services, REPRESENTATIVE))
        told = self.tried(self.standings.appeal(WHY, version=self.version, actor=actor))
        if self.state is State.ERASING:
            assert told == "organization-erasing"
        elif self.state is State.ACTIVE:
            assert told == "active"
        elif self.waits:
            assert told == "appeal-open"
        else:
            assert told == ""
            self.version += 1
            self.outcomes.append(Outcome.OPEN)

    @rule(granted=st.sampled_from([None, *ORDER]))
    def decide(self, granted: State | None) -> None:
        told = self.tried(
            self.standings.decide(granted, WHY, version=self.version, actor=self.operator)
        )
        if self.state is State.ERASING:
            assert told == "erasing"
        elif not self.waits:
            assert told == "no-appeal"
        elif granted is None:
            assert told == ""
            self.version += 1
            self.outcomes[-1] = Outcome.REFUSED
        elif ORDER.index(granted) >= ORDER.index(self.state):
            assert told == "invalid-input"
        else:
            assert told == ""
            self.outcomes[-1] = Outcome.GRANTED
            self.step(granted)

    @rule(stop=st.booleans())
    def plan(self, stop: bool) -> None:
        work = self.standings.plan_erasure(
            WHY, stopped=stop, version=self.version, actor=self.operator
        )
        told = self.tried(work)
        if self.state is State.ERASING:
            assert told == "erasing"
        elif self.state is not State.TERMINATED or stop is self.stopped:
            assert told == "no-plan"
        else:
            assert told == ""
            self.version += 1
            self.stopped = stop
            self.erase_at = 0 if stop else self.clock.now + DAY_MS

    @rule()
    def begin(self) -> None:
        tenancy = self.run(self.services.directory.get("harbour"))
        due = (
            self.state is State.TERMINATED
            and not self.stopped
            and self.clock.now >= self.erase_at
            and not self.waits
        )
        assert self.run(self.standings.begin_erasure(tenancy)) is due
        if due:
            self.state, self.version = State.ERASING, self.version + 1

    @rule(left=st.sampled_from(ORDER), right=st.sampled_from(ORDER))
    def race(self, left: State, right: State) -> None:
        """Two operators decide on the same version: one of them at most."""
        actor, version = self.operator, self.version

        async def both() -> list[str]:
            wanted = [
                Wanted(one, Reason.PUT_RIGHT if one is State.ACTIVE else Reason.MISUSE, WHY)
                for one in (left, right)
            ]
            works = [self.standings.set(one, version=version, actor=actor) for one in wanted]
            done = await asyncio.gather(*works, return_exceptions=True)
            for one in done:
                assert not isinstance(one, BaseException) or isinstance(one, DomainError), one
            return ["" if not isinstance(one, DomainError) else one.code for one in done]

        told = self.run(both())
        allowed = self.state is not State.ERASING and any(
            one is not self.state for one in (left, right)
        )
        assert told.count("") == allowed, told
        if allowed:
            self.step((left, right)[told.index("")])

    @invariant()
    def agrees(self) -> None:
        known = self.run(self.standings.seen(actor=self.operator))
        one = known.standing
        assert (one.version, one.state) == (self.version, self.state)
        assert one.is_stopped is self.stopped
        if self.state is State.TERMINATED:
            assert one.erase_at_ms == self.erase_at
        assert [each.outcome for each in reversed(known.appeals)] == self.outcomes
        assert bool(one.open_appeal) is self.waits
        assert [each.version for each in known.changes] == list(range(self.version, 0, -1))
        member = self.run(who(self.services, MEMBER))
        assert bool(member.permissions) is (self.state in {State.ACTIVE, State.RESTRICTED})

    def teardown(self) -> None:
        self.run(self.services.close())
        self.patch.undo()
        self.loop.close()
        self.folder.cleanup()


TestStandings = Standings.TestCase
TestStandings.settings = MANY
