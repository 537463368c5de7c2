"""Authenticator apps: what proves, once, and what locks."""

import asyncio
import re
import tempfile
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.adapters.authenticators.totp import TotpApps
from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.communications.model import Topic
from portal.domain.setup.call_handling import Switches, Wanted
from portal.domain.setup.service import Step
from portal.domain.shared.errors import DomainError, Forbidden, NotFound
from portal.domain.shared.fields import faults
from portal.domain.verification.authenticator import Authenticator
from portal.domain.verification.documents import AUTHENTICATOR
from portal.domain.verification.model import Standing
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import actions, code, link, newest, verify, who

APPS = TotpApps()
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The shared secret of RFC 6238, appendix B, in base 32."""


@pytest.fixture
def app(services: Services) -> Authenticator:
    return services.setting_up.verification.authenticator


def shown(services: Services, secret: str, aside: int = 0) -> str:
    """What the app shows, its clock so many steps aside."""
    return APPS.code(secret, services.clock.now_ms() // 30_000 + aside)


def wrong(services: Services, secret: str) -> str:
    near = {shown(services, secret, aside) for aside in (-1, 0, 1)}
    return next(one for one in ("000000", "111111", "222222", "333333") if one not in near)


async def tried(attempt: Awaitable[Any]) -> str:
    try:
        await attempt
    except DomainError as refused:
        return refused.code
    return ""


async def enrolled(services: Services, app: Authenticator) -> str:
    """The secret of an app that proved."""
    secret = (await app.enrol(actor=await who(services))).secret
    await app.prove(shown(services, secret), actor=await who(services))
    return secret


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(second: int, expected: str) -> None:
    """RFC 6238, appendix B, SHA-1: the last six of the eight digits there."""
    assert APPS.code(RFC_SECRET, second // 30) == expected


def test_the_picture_is_an_image_without_scripts() -> None:
    head, _, body = APPS.picture(RFC_SECRET, "Harbour Lane & Söhne").partition(",")
    assert head.startswith("data:image/svg+xml")
    tags = set(re.findall(r"<(\w+)", unquote(body)))
    assert "svg" in tags
    assert tags <= {"svg", "path", "title", "g"}
    assert APPS.secret() != APPS.secret()
    assert len(APPS.secret()) == 32


async def test_mail_and_app_are_a_kind_of_their_own(services: Services, app: Authenticator) -> None:
    secret = (await app.enrol(actor=await who(services))).secret
    proven = await app.prove(shown(services, secret), actor=await who(services))
    assert proven is Standing.UNVERIFIED
    token = await link(services)
    answering = services.setting_up.verification.answering
    proven = await answering.confirm_mail(token, actor=await who(services))
    assert proven is Standing.VERIFIED_BY_AUTHENTICATOR
    progress = await services.setting_up.setup.progress(actor=await who(services))
    assert progress.steps[Step.PHONE] is None
    status = await services.setting_up.verification.status(actor=await who(services))
    assert status.attest_by_ms > 0


async def test_an_app_says_nothing_of_the_number_so_outbound_stays_off(
    services: Services, app: Authenticator, clock: StandingClock
) -> None:
    token = await link(services)
    await services.setting_up.verification.answering.confirm_mail(token, actor=await who(services))
    await enrolled(services, app)
    wanted = Wanted(Switches(outbound=True), "To call back")
    handling = services.setting_up.call_handling
    with pytest.raises(Forbidden) as refused:
        await handling.decide(wanted, version=0, actor=await who(services))
    assert refused.value.code == "not-verified"
    clock.pass_time(seconds=31)
    challenge, text = await code(services)
    answering = services.setting_up.verification.answering
    standing = await answering.confirm_phone(challenge, text, actor=await who(services))
    assert standing is Standing.VERIFIED
    assert (await handling.decide(wanted, version=0, actor=await who(services))).version == 1


async def test_losing_the_number_turns_outbound_off_although_an_app_proves(
    services: Services, app: Authenticator, clock: StandingClock
) -> None:
    await verify(services, clock)
    await enrolled(services, app)
    handling = services.setting_up.call_handling
    wanted = Wanted(Switches(outbound=True), "To call back")
    await handling.decide(wanted, version=0, actor=await who(services))
    asking = services.setting_up.verification.asking
    await asking.send_code("+61491570156", actor=await who(services))
    assert (await handling.history(actor=await who(services))).newest.switches.outbound is False
    status = await services.setting_up.verification.status(actor=await who(services))
    assert status.contact.standing is Standing.VERIFIED_BY_AUTHENTICATOR


@pytest.mark.parametrize(
    ("aside", "told"), [(-2, "code-refused"), (-1, ""), (0, ""), (1, ""), (2, "code-refused")]
)
async def test_a_clock_may_be_one_step_aside(
    services: Services, app: Authenticator, aside: int, told: str
) -> None:
    secret = (await app.enrol(actor=await who(services))).secret
    given = shown(services, secret, aside)
    assert await tried(app.prove(given, actor=await who(services))) == told


async def test_a_code_proves_once_and_no_older_one_after_it(
    services: Services, app: Authenticator, clock: StandingClock
) -> None:
    secret = (await app.enrol(actor=await who(services))).secret
    newer, older = shown(services, secret, 1), shown(services, secret)
    assert await tried(app.prove(newer, actor=await who(services))) == ""
    assert await tried(app.prove(newer, actor=await who(services))) == "code-used"
    assert await tried(app.prove(older, actor=await who(services))) == "code-used"
    assert "verification.failed" not in await actions(services)
    clock.pass_time(seconds=60)
    given = shown(services, secret)
    assert await tried(app.prove(given, actor=await who(services))) == ""


async def test_a_hundred_right_codes_at_once_prove_once(
    services: Services, app: Authenticator
) -> None:
    secret = (await app.enrol(actor=await who(services))).secret
    given, oliver = shown(services, secret), await who(services)
    told = await asyncio.gather(*(tried(app.prove(given, actor=oliver)) for _ in range(100)))
    assert sorted(told) == ["", *["code-used"] * 99]
    assert (await actions(services)).count("verification.authenticator_proven") == 1


async def test_a_hundred_wrong_codes_at_once_are_five_and_lock(
    services: Services, app: Authenticator
) -> None:
    secret = (await app.enrol(actor=await who(services))).secret
    given, oliver = wrong(services, secret), await who(services)
    told = await asyncio.gather(*(tried(app.prove(given, actor=oliver)) for _ in range(100)))
    assert told.count("code-refused") == 5
    assert set(told) == {"code-refused", "locked"}
    assert await tried(app.prove(shown(services, secret), actor=oliver)) == "locked"
    assert await tried(app.enrol(actor=oliver)) == "locked"


async def test_failures_of_every_kind_count_together(
    services: Services, app: Authenticator
) -> None:
    secret = (await app.enrol(actor=await who(services))).secret
    answering, oliver = services.setting_up.verification.answering, await who(services)
    for _ in range(3):
        await tried(answering.confirm_mail("f" * 64, actor=oliver))
    for _ in range(2):
        await tried(app.prove(wrong(services, secret), actor=oliver))
    assert await tried(app.prove(shown(services, secret), actor=oliver)) == "locked"


async def test_an_app_that_waits_ends_and_counts_for_nothing(
    services: Services, app: Authenticator, clock: StandingClock
) -> None:
    secret = (await app.enrol(actor=await who(services))).secret
    assert await app.is_set_up(actor=await who(services)) is False
    clock.pass_time(seconds=600)
    with pytest.raises(NotFound):
        await app.prove(shown(services, secret), actor=await who(services))


async def test_another_app_takes_the_place_when_it_proves_and_asks_who_it_is(
    services: Services, app: Authenticator, clock: StandingClock
) -> None:
    first = await enrolled(services, app)
    stale = replace(await who(services), proved_at_s=None)
    assert await tried(app.enrol(actor=stale)) == "step-up-required"
    second = (await app.enrol(actor=await who(services))).secret
    clock.pass_time(seconds=60)
    given = shown(services, second)
    assert await tried(app.prove(given, actor=await who(services))) == ""
    clock.pass_time(seconds=60)
    given = shown(services, first)
    assert await tried(app.prove(given, actor=await who(services))) == "code-refused"


async def test_an_app_is_its_persons_own(services: Services, app: Authenticator) -> None:
    secret = await enrolled(services, app)
    role = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE
    at = services.clock.now_ms() / 1000
    second = acting_as(role, "second.person", "Second", "harbour", proved_at_s=at)
    assert await tried(app.prove(shown(services, secret, 1), actor=second)) == "no-app"
    assert await tried(app.remove(actor=second)) == "no-app"
    assert await app.is_set_up(actor=second) is False


async def test_without_the_app_what_it_proved_ends(services: Services, app: Authenticator) -> None:
    token = await link(services)
    await services.setting_up.verification.answering.confirm_mail(token, actor=await who(services))
    await enrolled(services, app)
    stale = replace(await who(services), proved_at_s=None)
    assert await tried(app.remove(actor=stale)) == "step-up-required"
    assert await app.remove(actor=await who(services)) is Standing.MAIL_PROVEN
    assert await app.is_set_up(actor=await who(services)) is False
    assert await tried(app.remove(actor=await who(services))) == "no-app"


async def test_the_organisation_hears_of_a_new_app(services: Services, app: Authenticator) -> None:
    token = await link(services)
    await services.setting_up.verification.answering.confirm_mail(token, actor=await who(services))
    await enrolled(services, app)
    await newest(services, Topic.AUTHENTICATOR_ADDED)


async def test_a_code_shown_to_others_proves_nothing_and_its_owner_is_told(
    services: Services, app: Authenticator, clock: StandingClock
) -> None:
    secret = await enrolled(services, app)
    clock.pass_time(seconds=90)
    given, other = shown(services, secret), wrong(services, secret)
    verification = services.setting_up.verification
    assert await verification.void_pasted(f"it is {other}, order 1234567", "harbour") == 0
    assert await verification.void_pasted(f"use {given[:3]} {given[3:]}!", "harbour") == 1
    assert await verification.void_pasted(f"use {given}!", "harbour") == 0
    assert await tried(app.prove(given, actor=await who(services))) == "code-used"
    await newest(services, Topic.CODE_VOIDED)
    assert (await actions(services)).count("verification.code_voided") == 1


async def test_the_secret_is_sealed(services: Services, app: Authenticator) -> None:
    secret = await enrolled(services, app)
    partition = (await services.directory.get("harbour")).partition
    found = (await services.documents.query(partition, AUTHENTICATOR)).documents
    assert len(found) == 1
    assert secret not in str(found)
    assert faults(AUTHENTICATOR) == []


async def test_who_may_not_set_up_has_no_app(services: Services, app: Authenticator) -> None:
    sofia = await who(services, "sofia.lindqvist")
    for attempt in (
        app.enrol(actor=sofia),
        app.prove("000000", actor=sofia),
        app.remove(actor=sofia),
    ):
        with pytest.raises(Forbidden):
            await attempt


# --- whatever the order -------------------------------------------------------------------


class Apps(RuleBasedStateMachine):
    """One person's app beside a plain model of its rules."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StandingClock(centre.NOW_MS)
        self.patch = pytest.MonkeyPatch()
        self.services = self.run(centre.services(Path(self.folder.name), self.clock, self.patch))
        self.app = self.services.setting_up.verification.authenticator
        self.waiting: tuple[str, int] | None = None
        self.settled, self.used = "", 0
        self.failures = self.locks = self.locked_until = 0

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @property
    def oliver(self) -> Actor:
        return self.run(who(self.services))  # type: ignore[no-any-return]

    @property
    def locked(self) -> bool:
        return self.locked_until > self.clock.now_ms()

    @property
    def current(self) -> tuple[str, int]:
        """Secret and newest used step of the app that counts, "" for none."""
        if self.waiting is not None and self.waiting[1] > self.clock.now_ms():
            return self.waiting[0], 0
        return self.settled, self.used

    @rule(seconds=st.sampled_from([1, 29, 31, 61, 601, 3601]))
    def pass_time(self, seconds: int) -> None:
        self.clock.pass_time(seconds=seconds)

    @rule()
    def enrol(self) -> None:
        if self.locked:
            assert self.run(tried(self.app.enrol(actor=self.oliver))) == "locked"
            return
        made = self.run(self.app.enrol(actor=self.oliver))
        self.waiting = (made.secret, self.clock.now_ms() + 600_000)

    @rule(aside=st.integers(-3, 3))
    def prove(self, aside: int) -> None:
        secret, used = self.current
        now = self.clock.now_ms() // 30_000
        given = APPS.code(secret, now + aside) if secret else "000000"
        near = [
            step for step in (now - 1, now, now + 1) if secret and APPS.code(secret, step) == given
        ]
        told = self.run(tried(self.app.prove(given, actor=self.oliver)))
        if self.locked:
            assert told == "locked"
        elif not secret:
            assert told == "no-app"
        elif not near:
            assert told == "code-refused"
            self.failures += 1
            if self.failures == 5:
                length = min(15 * 60_000 * 2**self.locks, 24 * 3600 * 1000)
                self.failures, self.locks = 0, self.locks + 1
                self.locked_until = self.clock.now_ms() + length
        elif max(near) <= used:
            assert told == "code-used"
        else:
            assert told == ""
            self.settled, self.used, self.waiting = secret, max(near), None
            self.failures = self.locks = self.locked_until = 0

    @rule()
    def remove(self) -> None:
        told = self.run(tried(self.app.remove(actor=self.oliver)))
        assert told == ("" if self.settled else "no-app")
        self.settled, self.used = "", 0

    @invariant()
    def the_proof_is_as_the_model(self) -> None:
        status = self.run(self.services.setting_up.verification.status(actor=self.oliver))
        assert bool(status.contact.authenticator.proven_at_ms) is bool(self.settled)
        assert self.run(self.app.is_set_up(actor=self.oliver)) is bool(self.settled)

    def teardown(self) -> None:
        self.run(self.services.close())
        self.patch.undo()
        self.loop.close()
        self.folder.cleanup()


TestApps = Apps.TestCase
TestApps.settings = settings(
    max_examples=12,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
