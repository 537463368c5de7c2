"""Whatever people do in whatever order, the service and a plain model of its rules agree."""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portal.domain.communications.model import Topic
from portal.domain.policies.model import Policy, Version
from portal.domain.policies.service import Policies
from portal.domain.setup.acknowledgement import TEXT_HASH
from portal.domain.setup.call_handling import Consent, Switches, Wanted
from portal.domain.shared.errors import DomainError
from portal.domain.verification.model import Standing
from portal.domain.verification.proofs import Proofs
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.ids import CountingIds
from tests.fakes.setting_up import MAIL, OTHER_MAIL, OTHER_PHONE, PHONE, newest, who

MINUTE_MS, DAY_MS = 60_000, 24 * 3600 * 1000
SECONDS = st.sampled_from([1, 31, 301, 601, 3601, 86_401])
MANY = settings(
    max_examples=30,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Machine(RuleBasedStateMachine):
    """The services on a store of their own, and the loop they run in."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StandingClock(centre.NOW_MS)
        self.patch = pytest.MonkeyPatch()
        self.services: Services = self.loop.run_until_complete(
            centre.services(Path(self.folder.name), self.clock, self.patch)
        )

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
    def oliver(self) -> Any:
        return self.run(who(self.services))

    @rule(seconds=SECONDS)
    def pass_time(self, seconds: int) -> None:
        self.clock.pass_time(seconds=seconds)

    def teardown(self) -> None:
        self.run(self.services.close())
        self.patch.undo()
        self.loop.close()
        self.folder.cleanup()


class SettingUp(Machine):
    """Proofs, locks, and the calls that rest on them."""

    def __init__(self) -> None:
        super().__init__()
        self.mail, self.phone = ["", False], ["", False]
        self.link: tuple[str, int] | None = None
        self.code: tuple[str, str, int, int] | None = None
        self.spent: list[str] = []
        self.failures = self.locks = self.locked_until = 0
        self.switches, self.version, self.acknowledged = Switches(), 0, False
        self.verification = self.services.setting_up.verification

    @property
    def is_locked(self) -> bool:
        return self.locked_until > self.clock.now

    @property
    def is_verified(self) -> bool:
        return bool(self.mail[1] and self.phone[1])

    def replace(self, reach: list[Any], value: str) -> None:
        verified = self.is_verified
        if reach[0] != value:
            reach[:] = [value, False]
        if verified and not self.is_verified and self.switches.outbound:
            self.decide(self.switches._replace(outbound=False))

    def decide(self, switches: Switches) -> None:
        self.switches, self.version = switches, self.version + 1

    def fail(self) -> None:
        self.failures += 1
        if self.failures == 5:
            length = min(15 * MINUTE_MS * 2**self.locks, DAY_MS)
            self.failures, self.locks = 0, self.locks + 1
            self.locked_until = self.clock.now + length

    def succeed(self, reach: list[Any]) -> None:
        reach[1] = True
        self.failures = self.locks = self.locked_until = 0

    @rule(address=st.sampled_from([MAIL, OTHER_MAIL]))
    def send_link(self, address: str) -> None:
        told = self.tried(self.verification.asking.send_link(address, actor=self.oliver))
        assert (told == "locked") is self.is_locked
        assert told in {"", "locked", "wait", "sending-stopped"}
        if told == "":
            self.replace(self.mail, address)
            if self.link:
                self.spent.append(self.link[0])
            _, url = self.run(newest(self.services, Topic.MAIL_LINK))
            self.link = url.rpartition("#")[2], self.clock.now + DAY_MS

    @rule(right=st.booleans())
    def open_link(self, right: bool) -> None:
        live = self.link is not None and self.clock.now < self.link[1]
        token = self.link[0] if right and self.link else (self.spent or ["f" * 64])[-1]
        told = self.tried(self.verification.answering.confirm_mail(token, actor=self.oliver))
        if self.is_locked:
            assert told == "locked"
        elif right and live:
            assert told == ""
            self.succeed(self.mail)
            self.spent.append(token)
            self.link = None
        else:
            assert told == "link-refused"
            self.fail()

    @rule(number=st.sampled_from([PHONE, OTHER_PHONE]))
    def send_code(self, number: str) -> None:
        before = self.code
        told = self.tried(self.verification.asking.send_code(number, actor=self.oliver))
        assert (told == "locked") is self.is_locked
        assert told in {"", "locked", "wait", "sending-stopped"}
        if told == "":
            self.replace(self.phone, number)
            status = self.run(self.verification.status(actor=self.oliver))
            text, _ = self.run(newest(self.services, Topic.PHONE_CODE))
            self.code = status.challenge, text, self.clock.now + 5 * MINUTE_MS, 0
            assert before is None or before[0] != status.challenge

    @precondition(lambda self: self.code is not None)
    @rule(right=st.booleans())
    def type_code(self, right: bool) -> None:
        assert self.code is not None
        challenge, text, until, tries = self.code
        given = text if right else f"{(int(text) + 1) % 10**8:08d}"
        told = self.tried(
            self.verification.answering.confirm_phone(challenge, given, actor=self.oliver)
        )
        if self.is_locked:
            assert told == "locked"
        elif self.clock.now >= until or tries >= 5:
            assert told == "no-code"
        elif right:
            assert told == ""
            self.succeed(self.phone)
            self.code = challenge, text, 0, 5
        else:
            assert told == "code-refused"
            self.code = challenge, text, until, tries + 1
            self.fail()

    @rule(switches=st.builds(Switches, st.booleans(), st.booleans(), st.booleans()))
    def switch(self, switches: Switches) -> None:
        handling = self.services.setting_up.call_handling
        wanted = Wanted(switches, "Because of the test")
        told = self.tried(handling.decide(wanted, version=self.version, actor=self.oliver))
        if switches.outbound and not self.is_verified:
            assert told == "not-verified"
        elif switches.recording and not self.acknowledged:
            assert told == "not-acknowledged"
        else:
            assert told == ""
            self.decide(switches)

    @rule()
    def acknowledge(self) -> None:
        handling = self.services.setting_up.call_handling
        told = self.tried(handling.acknowledge(TEXT_HASH, Consent.ALL_PARTY, actor=self.oliver))
        assert told == ("acknowledged" if self.acknowledged else "")
        self.acknowledged = True

    @rule()
    def retract(self) -> None:
        handling = self.services.setting_up.call_handling
        told = self.tried(handling.retract("Because of the test", actor=self.oliver))
        assert told == ("" if self.acknowledged else "not-found")
        if self.acknowledged and self.switches.recording:
            self.decide(self.switches._replace(recording=False))
        self.acknowledged = False

    @invariant()
    def agrees(self) -> None:
        status = self.run(self.verification.status(actor=self.oliver))
        contact = status.contact
        assert (contact.mail.value, bool(contact.mail.proven_at_ms)) == tuple(self.mail)
        assert (contact.phone.value, bool(contact.phone.proven_at_ms)) == tuple(self.phone)
        assert (contact.standing is Standing.VERIFIED) is self.is_verified
        assert bool(status.locked_until_ms) is self.is_locked
        history = self.run(self.services.setting_up.call_handling.history(actor=self.oliver))
        now = history.in_force(self.clock.now)
        assert (now.switches, history.newest.version) == (self.switches, self.version)
        assert not now.switches.outbound or self.is_verified
        assert not now.switches.recording or history.acknowledgement(self.clock.now) is not None


FIRST = Version(1, "We keep little.", "First.", 0, 0)
SECOND = Version(
    2, "We keep less.", "Less.", centre.NOW_MS + DAY_MS // 24, centre.NOW_MS + 2 * DAY_MS
)
TERMS = Policy("terms", "Terms", centre.NOW_MS, (FIRST, SECOND))


class Accepting(Machine):
    """What somebody said to two versions, while the second is published and takes effect."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[int, str] = {}
        self.policies = Policies(
            catalogue=(TERMS,),
            organizations=self.services.directory,
            documents=self.services.documents,
            audit=self.services.audit,
            proofs=Proofs(self.services.documents, self.services.audit),
            clock=self.services.clock,
            ids=CountingIds(),
            support_mail="",
        )

    @property
    def current(self) -> int:
        return 2 if self.clock.now >= SECOND.effective_at_ms else 1

    @property
    def is_published(self) -> bool:
        return self.clock.now >= SECOND.published_at_ms

    @rule(version=st.sampled_from([FIRST, SECOND]), accepts=st.booleans())
    def say(self, version: Version, accepts: bool) -> None:
        number, word = version.number, "accepted" if accepts else "declined"
        told = self.tried(
            self.policies.accept("terms", number, version.text_hash, actor=self.oliver)
            if accepts
            else self.policies.decline("terms", number, "Not like this", actor=self.oliver)
        )
        if number == 2 and not self.is_published:
            assert told == "not-found"
        elif number < self.current:
            assert told == "invalid-input"
        elif self.said.get(number) == word:
            assert told == word
        else:
            assert told == ""
            self.said[number] = word

    @invariant()
    def agrees(self) -> None:
        free = any(
            word == "accepted" and number >= self.current for number, word in self.said.items()
        )
        told = self.tried(self.policies.require_accepted(self.oliver))
        assert told == ("" if free else "policy-not-accepted")


TestSettingUp = SettingUp.TestCase
TestSettingUp.settings = MANY
TestAccepting = Accepting.TestCase
TestAccepting.settings = MANY
