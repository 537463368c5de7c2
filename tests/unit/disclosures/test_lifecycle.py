"""Whatever people enter in whatever order, the register and a plain model of it agree."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.domain.access.model import Actor
from portal.domain.disclosures.model import Case, RegisterStep, Ruling, Words
from portal.domain.disclosures.service import Said
from portal.domain.shared.errors import DomainError
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.disclosures.test_register import (
    DAY_MS,
    GRANT,
    HAND_OVER,
    NARROW,
    NOTIFY,
    OFFICER,
    ONE,
    OTHER,
    REFUSE,
    REQUEST,
)

ACTORS = st.sampled_from([ONE, OTHER, OFFICER])


class Register(RuleBasedStateMachine):
    """One case, entered by operator ONE."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StandingClock(centre.NOW_MS)
        self.patch = pytest.MonkeyPatch()
        self.services = self.loop.run_until_complete(
            centre.services(Path(self.folder.name), self.clock, self.patch)
        )
        self.register = self.services.setting_up.disclosures
        case = self.loop.run_until_complete(self.register.receive(REQUEST, actor=ONE))
        self.id, self.kinds = case.id, [RegisterStep.RECEIVED]
        self.history = [case.entries[0]]
        self.outcome: Ruling | None = None
        self.handed = self.told = False
        self.silent_until = 0

    @property
    def silent(self) -> bool:
        return self.silent_until > self.clock.now_ms()

    def enter(self, said: Said, actor: Actor, *, allowed: bool) -> bool:
        """Tries it; it works exactly when the model says so, and who may not know cannot."""
        code = self.tried(said, actor)
        hidden = self.silent and actor is OFFICER
        assert (code == "") is (allowed and not hidden), code
        assert not hidden or code == "not-found"
        self.kinds += [] if code else [said.kind]
        return not code

    def tried(self, said: Said, actor: Actor) -> str:
        """The refusal's code, "" for none."""
        work = self.register.enter(self.id, said, version=len(self.kinds), actor=actor)
        try:
            self.loop.run_until_complete(work)
        except DomainError as refused:
            return refused.code
        return ""

    @rule(said=st.sampled_from([GRANT, NARROW, REFUSE]), actor=ACTORS)
    def decide(self, said: Said, actor: Actor) -> None:
        free = not self.handed and self.outcome in {None, Ruling.REFUSED}
        allowed = free and (said is REFUSE or actor is not ONE)
        if self.enter(said, actor, allowed=allowed):
            self.outcome = said.outcome

    @rule(actor=ACTORS)
    def hand_over(self, actor: Actor) -> None:
        allowed = self.outcome in {Ruling.GRANTED, Ruling.NARROWED}
        if self.enter(HAND_OVER, actor, allowed=allowed):
            self.handed = True

    @rule(actor=ACTORS, days=st.integers(1, 5))
    def order_silence(self, actor: Actor, days: int) -> None:
        until = self.clock.now_ms() + days * DAY_MS
        said = Said(RegisterStep.GAGGED, Words(reference="order"), until_ms=until)
        if self.enter(said, actor, allowed=not self.told):
            self.silent_until = until

    @rule(actor=ACTORS)
    def lift_silence(self, actor: Actor) -> None:
        said = Said(RegisterStep.GAGGED, Words(reference="lifted"))
        if self.enter(said, actor, allowed=self.silent):
            self.silent_until = 0

    @rule(actor=ACTORS)
    def notify(self, actor: Actor) -> None:
        allowed = self.outcome is not None and not self.told and not self.silent
        if self.enter(NOTIFY, actor, allowed=allowed):
            self.told = True

    @rule(actor=ACTORS, number=st.integers(1, 60))
    def correct(self, actor: Actor, number: int) -> None:
        said = Said(RegisterStep.CORRECTED, Words(text="not so"), corrects=number)
        self.enter(said, actor, allowed=number <= len(self.kinds))

    @rule(days=st.sampled_from([0.5, 1, 3]))
    def pass_time(self, days: float) -> None:
        self.clock.pass_time(seconds=days * DAY_MS / 1000)

    @invariant()
    def the_register_is_as_the_model(self) -> None:
        case: Case = self.loop.run_until_complete(self.register.case(self.id, actor=ONE))
        now_ms = self.clock.now_ms()
        assert [one.kind for one in case.entries] == self.kinds
        assert list(case.entries[: len(self.history)]) == self.history  # nothing is written over
        self.history = list(case.entries)
        assert (case.decision.outcome if case.decision else None) is self.outcome
        assert case.is_silent(now_ms) is self.silent
        granted = self.outcome in {Ruling.GRANTED, Ruling.NARROWED}
        assert case.owes_notice(now_ms) is (granted and not self.told and not self.silent)
        listed = self.loop.run_until_complete(self.register.cases(actor=OFFICER))
        assert [one.id for one in listed] == ([] if self.silent else [self.id])

    def teardown(self) -> None:
        self.loop.run_until_complete(self.services.close())
        self.patch.undo()
        self.loop.close()
        self.folder.cleanup()


TestRegister = Register.TestCase
TestRegister.settings = settings(
    max_examples=12,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
