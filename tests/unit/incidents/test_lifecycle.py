"""Whatever people do to incidents in whatever order, the service and a plain model of its rules
agree; and whoever is to hear of it hears of it once, whatever happens on the way."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portal.domain.alerts.ports import Busy, Message, OutcomeUnknown
from portal.domain.incidents.model import (
    Category,
    EntryKind,
    Impact,
    IncidentKind,
    NoticeDecision,
    Severity,
    State,
    Telling,
    Whole,
)
from portal.domain.incidents.rules import STEPS
from portal.domain.shared.errors import DomainError
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.incidents.helpers import (
    OFFICER,
    REPORTER,
    RESPONDER,
    Drawn,
    chat,
    proven,
    reported,
    sending,
)

HANDLERS = (RESPONDER, OFFICER)
MOST = 4
NUMBER = st.integers(0, MOST - 1)
WHO = st.sampled_from(HANDLERS)
FRESH = st.integers(0, 4).map(lambda drawn: drawn > 0)
TROUBLE = st.sampled_from([None, None, Busy(30), OutcomeUnknown(), "killed"])


class Numbered(Drawn):
    """Draws which line of which incident it is."""

    async def compose(self, telling: Telling) -> Message:
        line = f"{telling.incident.id} {telling.entry.number}"
        return Message({"id": line}, line)


def clocks_told(whole: Whole) -> list[str]:
    """What was told of the clocks of an incident."""
    found = whole.incident
    return [*found.late, *(f"{one} soon" for one in found.warned)]


class Known:
    """What the model holds of an incident."""

    def __init__(self) -> None:
        self.state, self.version, self.entries = State.NEW, 1, 1
        self.breach = self.decided = self.merged = self.forgotten = False
        self.said: list[str] = []


class Handled(RuleBasedStateMachine):
    """A few incidents of one organisation, and those who handle them."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock, self.patch = StandingClock(centre.NOW_MS), pytest.MonkeyPatch()
        self.services: Services = self.run(
            centre.services(Path(self.folder.name), self.clock, self.patch)
        )
        self.teams, self.drawn = centre.Ledger(), Numbered()
        for one in (REPORTER, *HANDLERS):
            self.run(chat(self.services, one))
        self.known: list[Known] = []
        self.count = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def actor(self, who: str) -> Any:
        return self.run(proven(self.services, who))

    def has(self, number: int) -> bool:
        return number < len(self.known)

    def seen(self, number: int, who: str, fresh: bool) -> dict[str, Any]:
        version = self.known[number].version - (not fresh)
        return {"actor": self.actor(who), "version": version}

    def changed(
        self,
        number: int,
        work: Coroutine[Any, Any, Any],
        *,
        fresh: bool,
        allowed: bool = True,
        lines: int = 1,
    ) -> bool:
        """Whether it was done; it is exactly when the model says so."""
        one = self.known[number]
        try:
            self.run(work)
        except DomainError:
            assert not (fresh and allowed)
            return False
        assert fresh
        assert allowed
        one.version, one.entries = one.version + 1, one.entries + lines
        return True

    # --- what people do -------------------------------------------------------------------

    @precondition(lambda self: len(self.known) < MOST)
    @rule(severity=st.sampled_from(Severity))
    def report(self, severity: Severity) -> None:
        self.run(reported(self.services, severity=severity))
        self.known.append(Known())

    @rule(number=NUMBER, who=WHO, state=st.sampled_from(State), fresh=FRESH)
    def step(self, number: int, who: str, state: State, fresh: bool) -> None:
        if not self.has(number):
            return
        one = self.known[number]
        undecided = state is State.CLOSED and one.breach and not one.decided
        allowed = state in STEPS[one.state] and not one.merged and not undecided
        work = self.services.handling.step(
            f"{number + 1:08d}", state, **self.seen(number, who, fresh)
        )
        if self.changed(number, work, fresh=fresh, allowed=allowed):
            one.state = state

    @rule(number=NUMBER, who=WHO, fresh=FRESH)
    def take(self, number: int, who: str, fresh: bool) -> None:
        if not self.has(number):
            return
        one = self.known[number]
        is_new = one.state is State.NEW
        work = self.services.handling.take(f"{number + 1:08d}", **self.seen(number, who, fresh))
        if self.changed(number, work, fresh=fresh, lines=2 if is_new else 1) and is_new:
            one.state = State.TRIAGED

    @rule(
        number=NUMBER,
        who=WHO,
        kind=st.sampled_from([EntryKind.NOTE, EntryKind.MESSAGE, EntryKind.QUESTION]),
        fresh=FRESH,
    )
    def say(self, number: int, who: str, kind: EntryKind, fresh: bool) -> None:
        if not self.has(number):
            return
        self.count += 1
        work = self.services.handling.say(
            f"{number + 1:08d}", kind, f"said {self.count}", **self.seen(number, who, fresh)
        )
        if self.changed(number, work, fresh=fresh):
            self.known[number].said.append(f"said {self.count}")

    @rule(number=NUMBER)
    def answer(self, number: int) -> None:
        if not self.has(number):
            return
        one = self.known[number]
        self.count += 1
        work = self.services.incidents.answer(
            f"{number + 1:08d}", f"answer {self.count}", actor=self.actor(REPORTER)
        )
        allowed = one.state is not State.CLOSED and not one.forgotten
        self.changed(number, work, fresh=True, allowed=allowed)

    @rule(number=NUMBER, who=WHO, severity=st.sampled_from(Severity), fresh=FRESH)
    def rate(self, number: int, who: str, severity: Severity, fresh: bool) -> None:
        if self.has(number):
            work = self.services.handling.rate(
                f"{number + 1:08d}",
                Category.OTHER,
                severity,
                Impact.SEVERAL,
                **self.seen(number, who, fresh),
            )
            self.changed(number, work, fresh=fresh)

    @rule(number=NUMBER, who=WHO, kind=st.sampled_from(IncidentKind), fresh=FRESH)
    def convert(self, number: int, who: str, kind: IncidentKind, fresh: bool) -> None:
        if self.has(number):
            seen = self.seen(number, who, fresh)
            work = self.services.handling.convert(f"{number + 1:08d}", kind, **seen)
            self.changed(number, work, fresh=fresh)

    @rule(number=NUMBER, who=WHO, fresh=FRESH)
    def breach(self, number: int, who: str, fresh: bool) -> None:
        if self.has(number):
            seen = self.seen(number, who, fresh)
            work = self.services.handling.breach(f"{number + 1:08d}", self.clock.now, **seen)
            if self.changed(number, work, fresh=fresh):
                self.known[number].breach = True

    @rule(number=NUMBER, who=WHO, decision=st.sampled_from(NoticeDecision), fresh=FRESH)
    def decide(self, number: int, who: str, decision: NoticeDecision, fresh: bool) -> None:
        if self.has(number):
            one, seen = self.known[number], self.seen(number, who, fresh)
            work = self.services.handling.decide(f"{number + 1:08d}", decision, "So", **seen)
            if self.changed(number, work, fresh=fresh, allowed=one.breach):
                one.decided = True

    @rule(number=NUMBER, other=NUMBER, who=WHO, merge=st.booleans(), fresh=FRESH)
    def link(self, number: int, other: int, who: str, merge: bool, fresh: bool) -> None:
        if not self.has(number) or not self.has(other):
            return
        one, target = self.known[number], self.known[other]
        allowed = number != other and not one.merged and not target.merged
        allowed &= not merge or not one.breach or one.decided
        work = self.services.handling.link(
            f"{number + 1:08d}", f"{other + 1:08d}", merge=merge, **self.seen(number, who, fresh)
        )
        if not self.changed(number, work, fresh=fresh, allowed=allowed):
            return
        target.version, target.entries = target.version + 1, target.entries + 1
        if merge:
            one.merged, one.state = True, State.CLOSED

    @precondition(lambda self: len(self.known) == MOST)
    @rule(number=NUMBER, who=WHO, fresh=FRESH)
    def forget(self, number: int, who: str, fresh: bool) -> None:
        seen = self.seen(number, who, fresh)
        work = self.services.handling.forget_reporter(f"{number + 1:08d}", **seen)
        if self.changed(number, work, fresh=fresh, lines=0):
            self.known[number].forgotten = True

    # --- what happens ---------------------------------------------------------------------

    @rule(seconds=st.sampled_from([60, 3600, 86_400, 7 * 86_400]))
    def pass_time(self, seconds: int) -> None:
        self.clock.pass_time(seconds=seconds)
        before = [clocks_told(self.whole(number)) for number in range(len(self.known))]
        assert self.run(self.services.escalation.look()).failures == ()
        for number, late in enumerate(before):
            found = clocks_told(self.whole(number))
            assert set(late) <= set(found)
            more = len(found) - len(late)
            if more:
                one = self.known[number]
                one.version, one.entries = one.version + 1, one.entries + more

    @rule(trouble=TROUBLE)
    def send(self, trouble: BaseException | str | None) -> None:
        """One round; a killed one is followed by one of the next process, later."""
        worker = sending(self.services, self.teams, self.drawn)
        if trouble == "killed":
            self.teams.trouble.append(centre.Killed())
            try:
                self.run(worker.send())
            except centre.Killed:
                self.clock.pass_time(seconds=61)
        elif isinstance(trouble, BaseException):
            self.teams.trouble.append(trouble)
        self.run(worker.send())
        self.teams.trouble.clear()

    # --- what always holds ----------------------------------------------------------------

    def whole(self, number: int) -> Whole:
        found: Whole = self.run(
            self.services.handling.get(f"{number + 1:08d}", actor=self.actor(RESPONDER))
        )
        return found

    @invariant()
    def the_service_and_the_model_agree(self) -> None:
        for number, one in enumerate(self.known):
            whole = self.whole(number)
            found = whole.incident
            assert (found.state, found.version) == (one.state, one.version)
            assert (found.entries, len(whole.entries)) == (one.entries, one.entries)
            assert [line.number for line in whole.entries] == list(range(1, one.entries + 1))
            assert bool(found.resolved_at_ms) is (not found.is_open)
            assert bool(found.closed_at_ms) is (found.state is State.CLOSED)
            assert (whole.report is None, found.reporter == "") == (one.forgotten,) * 2
            said = [line.text for line in whole.entries if not line.theirs and line.text]
            assert [text for text in said if text.startswith("said")] == one.said

    @invariant()
    def everybody_hears_of_a_line_once(self) -> None:
        told = Counter((one["to"], one["text"]) for one in self.teams.visible.values())
        assert all(count == 1 for count in told.values()), told.most_common(3)

    def teardown(self) -> None:
        tenancy = self.run(self.services.directory.get("harbour"))
        assert self.run(self.services.audit.first_break(tenancy.partition)) is None
        counted = self.run(self.services.handling.statistics(actor=self.actor(RESPONDER)))
        assert counted.total == len(self.known)
        states = Counter(one.state for one in self.known)
        assert all(counted.by_state[state] == states[state] for state in State)
        self.run(self.services.close())
        self.patch.undo()
        self.loop.close()
        self.folder.cleanup()


TestHandled = Handled.TestCase
TestHandled.settings = settings(
    max_examples=12,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
