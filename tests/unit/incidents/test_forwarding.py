"""Systems outside: what they are told, in which order, how often, and who decides about it."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.messaging.webhook import HttpsHook
from portal.domain.access.model import Actor
from portal.domain.communications.model import Way as Carried
from portal.domain.incidents import forwarding as rules
from portal.domain.incidents.integrations import FORMER_MS, Integrations, Wanted
from portal.domain.incidents.model import EntryKind, State
from portal.domain.incidents.receivers import (
    FORWARD,
    RECEIVER,
    Content,
    Format,
    Receiver,
    Stage,
    Standing,
    Way,
)
from portal.domain.shared.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StepUpRequired,
)
from portal.domain.shared.fields import faults
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes import receiver as outside
from tests.fakes.clock import StandingClock
from tests.unit.incidents.helpers import REPORTER, RESPONDER, proven, reported
from tests.unit.messaging import servers

REPRESENTATIVE = "oliver.bright"
CANARY = "CANARY of jo"


@pytest.fixture
def system(tmp_path: Path, clock: StandingClock) -> Iterator[outside.Receiver]:
    _, pem = servers.certificate(tmp_path)
    with outside.listening(pem, lambda: clock.now / 1000) as found:
        yield found


@pytest.fixture
def desk(services: Services, tmp_path: Path, system: outside.Receiver) -> Services:
    """The services, trusting the system's certificate."""
    assert system.url
    hook = HttpsHook(services.clock, "t", loopback=True, ca_file=tmp_path / "ca.pem", seconds=5)
    return replace(
        services,
        outlets=services.outlets._replace(hook=hook),
        integrations=_with_hook(services, hook),
    )


def _with_hook(services: Services, hook: HttpsHook) -> Integrations:
    return Integrations(
        organizations=services.directory,
        documents=services.documents,
        audit=services.audit,
        hook=hook,
        clock=services.clock,
        ids=services.setting_up.ground.ids,
        proof_s=600.0,
    )


async def acr(services: Services, organization: str = "harbour") -> Actor:
    """The representative, who just proved who they are."""
    slug = REPRESENTATIVE if organization == "harbour" else "dana.whitfield"
    found = await centre.actor(services, slug)
    return replace(found, proved_at_s=services.clock.now_ms() / 1000)


async def told(desk: Services, system: outside.Receiver, **more: Any) -> Receiver:
    """The system, as it is told from now on."""
    wanted = Wanted("Our SIEM", Way.WEBHOOK, system.url, **more)
    made = await desk.integrations.add(wanted, actor=await acr(desk))
    system.secret = made.secret
    return made


async def log(desk: Services, of: Receiver) -> list[tuple[Stage, str]]:
    rows, _ = await desk.integrations.log(of.id, actor=await acr(desk))
    return [(one.stage, one.trouble) for one in rows]


async def life(desk: Services) -> str:
    """A report that was taken, asked about, answered and resolved: six lines."""
    id = (await reported(desk, CANARY)).incident.id
    tomas, amira = await centre.actor(desk, RESPONDER), await centre.actor(desk, REPORTER)
    await desk.handling.take(id, actor=tomas, version=1)
    await desk.handling.say(id, EntryKind.QUESTION, CANARY, actor=tomas, version=2)
    await desk.incidents.answer(id, CANARY, actor=amira)
    await desk.handling.step(id, State.RESOLVED, actor=tomas, version=4)
    return id


LINES = ["reported", "assigned", "state", "question", "answer", "state"]


async def test_every_line_comes_once_in_order_and_without_what_was_said(
    desk: Services, system: outside.Receiver
) -> None:
    await told(desk, system)
    await life(desk)
    assert (await desk.forwarding().send()).sent == len(LINES)
    assert (await desk.forwarding().send()).sent == 0
    events = [json.loads(one.body) for one in system.taken]
    assert [one["type"] for one in events] == [f"incident.{kind}" for kind in LINES]
    assert [one["sequence"] for one in events] == [1, 2, 3, 4, 5, 6]
    assert [one["by"] for one in events][3:5] == ["responder", "reporter"]
    assert events[-1]["incident"]["state"] == "resolved"
    assert events[0]["organization"] == "harbour"
    assert events[0]["link"].endswith("/tab/?view=incidents&incident=00000001")
    everything = str(system.raw)
    for secret in (CANARY, REPORTER, RESPONDER, "Amira", "Tomas"):
        assert secret not in everything
    assert system.refused == []


async def test_what_was_said_is_told_where_the_organisation_chose_so(
    desk: Services, system: outside.Receiver
) -> None:
    await told(desk, system, content=Content.TEXTS)
    id = await life(desk)
    await desk.forwarding().send()
    events = [json.loads(one.body) for one in system.taken]
    assert events[0]["report"]["what"] == CANARY
    assert [one["text"] for one in events] == ["", "", "", CANARY, CANARY, ""]
    await desk.handling.forget_reporter(id, actor=await proven(desk, RESPONDER), version=5)
    tomas = await centre.actor(desk, RESPONDER)
    version = (await desk.handling.get(id, actor=tomas)).incident.version
    await desk.handling.step(id, State.CLOSED, actor=tomas, version=version)
    await desk.forwarding().send()
    assert json.loads(system.taken[-1].body)["report"] is None


async def test_a_line_of_the_common_event_format(desk: Services, system: outside.Receiver) -> None:
    await told(desk, system, format=Format.CEF, content=Content.TEXTS)
    await reported(desk, "a=b|c\\d\nCEF:0|forged")
    await desk.forwarding().send()
    (one,) = system.taken
    assert one.media == "text/plain; charset=utf-8"
    assert "\n" not in one.body
    head = one.body.split("|")
    assert head[:7] == [
        *("CEF:0", "Switchroom", "Switchroom", "0.1.0"),
        *("incident.reported", "Incident reported", "8"),
    ]
    assert " externalId=SR-000001 cat=lost_device act=reported outcome=new " in one.body
    assert one.body.endswith(r"msg=a\=b|c\\d\nCEF:0|forged")


async def test_two_secrets_live_while_one_takes_the_others_place(
    desk: Services, system: outside.Receiver, clock: StandingClock
) -> None:
    made = await told(desk, system)
    after = await desk.integrations.rotate(made.id, actor=await acr(desk), version=1)
    assert after.secret != made.secret
    for secret in (made.secret, after.secret):
        system.secret = secret
        await desk.integrations.try_out(made.id, actor=await acr(desk))
        assert (await desk.forwarding().send()).sent == 1
        clock.pass_time(seconds=10)
    clock.pass_time(seconds=FORMER_MS / 1000)
    system.secret = made.secret
    await desk.integrations.try_out(made.id, actor=await acr(desk))
    assert (await desk.forwarding().send()).put_off == 1
    assert system.refused == ["signature"]


async def test_a_secret_that_leaked_is_ended_at_once(
    desk: Services, system: outside.Receiver
) -> None:
    made = await told(desk, system)
    after = await desk.integrations.rotate(made.id, actor=await acr(desk), version=1)
    await desk.integrations.end_former(after.id, actor=await acr(desk), version=2)
    await desk.integrations.try_out(made.id, actor=await acr(desk))
    assert (await desk.forwarding().send()).put_off == 1


async def test_a_system_that_fails_is_asked_again_later_and_nothing_overtakes(
    desk: Services, system: outside.Receiver, clock: StandingClock
) -> None:
    made = await told(desk, system)
    await life(desk)
    await reported(desk, "Another")
    system.answers = [(500, {}), (503, {"Retry-After": "600"})]
    assert await desk.forwarding().send() == rules.Forwarded(put_off=2)
    assert system.taken == []
    clock.pass_time(seconds=10)
    assert (await desk.forwarding().send()).sent == len(LINES)
    clock.pass_time(seconds=580)
    assert (await desk.forwarding().send()).sent == 0
    clock.pass_time(seconds=10)
    assert (await desk.forwarding().send()).sent == 1
    assert {stage for stage, _ in await log(desk, made)} == {Stage.SENT}


async def test_after_three_days_a_line_is_given_up_and_can_be_sent_again(
    desk: Services, system: outside.Receiver, clock: StandingClock
) -> None:
    made = await told(desk, system)
    await reported(desk)
    tries = 0
    system.answers = [(500, {}) for _ in range(60)]
    while (await log(desk, made)) != [(Stage.DEAD, "status_500")]:
        tries += sum((await desk.forwarding().send())[:3])
        clock.pass_time(seconds=1800)
    assert 12 <= tries <= 25
    await reported(desk, "Another")
    system.answers = []
    assert (await desk.forwarding().send()).sent == 1  # what is given up holds up nothing
    assert await desk.integrations.send_again(made.id, actor=await acr(desk)) == 1
    assert (await desk.forwarding().send()).sent == 1
    assert len({one.id for one in system.taken}) == 2
    assert await desk.integrations.send_again(made.id, actor=await acr(desk)) == 0


async def test_a_process_that_ends_behind_the_systems_yes_is_seen_once(
    desk: Services,
    system: outside.Receiver,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await told(desk, system)
    await reported(desk)
    worker = desk.forwarding()

    def killed(*_: object) -> None:
        raise centre.Killed

    with monkeypatch.context() as patch:
        patch.setattr(worker, "_ended", killed)
        with pytest.raises(centre.Killed):
            await worker.send()
    assert await desk.forwarding().send() == rules.Forwarded()  # the claim still holds
    clock.pass_time(seconds=rules.HOLD_MS / 1000)
    assert (await desk.forwarding().send()).sent == 1
    assert len(system.seen) == 2
    assert len(system.taken) == 1


async def test_two_workers_send_a_line_once(desk: Services, system: outside.Receiver) -> None:
    await told(desk, system)
    await life(desk)
    made = await asyncio.gather(*(desk.forwarding().send() for _ in range(4)))
    left = await desk.forwarding().send()
    assert sum(one.sent for one in made) + left.sent == len(LINES)
    assert len(system.seen) == len(set(system.seen)) == len(LINES)
    assert [json.loads(one.body)["sequence"] for one in system.taken] == [1, 2, 3, 4, 5, 6]


async def test_a_system_that_is_gone_is_left_alone_until_it_is_switched_on(
    desk: Services, system: outside.Receiver, clock: StandingClock
) -> None:
    made = await told(desk, system)
    await reported(desk)
    system.answers = [(410, {})]
    await desk.forwarding().send()
    (after,) = await desk.integrations.all(actor=await acr(desk))
    assert (after.standing, after.version) == (Standing.REFUSED, 2)
    clock.pass_time(seconds=3600)
    await reported(desk, "Another")
    assert await desk.forwarding().send() == rules.Forwarded()
    with pytest.raises(Conflict):
        await desk.integrations.try_out(made.id, actor=await acr(desk))
    wanted = Wanted("Our SIEM", Way.WEBHOOK, "")
    await desk.integrations.change(made.id, wanted, actor=await acr(desk), version=2)
    assert (await desk.forwarding().send()).sent == 2


async def test_one_that_is_off_hears_nothing(desk: Services, system: outside.Receiver) -> None:
    made = await told(desk, system)
    wanted = Wanted("Our SIEM", Way.WEBHOOK, "", is_on=False)
    await desk.integrations.change(made.id, wanted, actor=await acr(desk), version=1)
    await reported(desk)
    assert await desk.forwarding().send() == rules.Forwarded()
    assert await log(desk, made) == []
    await desk.integrations.remove(made.id, actor=await acr(desk), version=2)
    assert await desk.integrations.all(actor=await acr(desk)) == ()
    with pytest.raises(NotFound):
        await log(desk, made)


async def test_other_organisations_hear_nothing(desk: Services, system: outside.Receiver) -> None:
    made = await told(desk, system)
    await reported(desk, CANARY, who="noah.reyes")
    await desk.forwarding().send()
    assert system.raw == []
    dana = await acr(desk, "juniper")
    assert await desk.integrations.all(actor=dana) == ()
    for act in (
        desk.integrations.log(made.id, actor=dana),
        desk.integrations.try_out(made.id, actor=dana),
        desk.integrations.send_again(made.id, actor=dana),
        desk.integrations.rotate(made.id, actor=dana, version=1),
        desk.integrations.remove(made.id, actor=dana, version=1),
    ):
        with pytest.raises(NotFound):
            await act


async def test_only_the_representative_decides_and_only_with_a_fresh_proof(
    desk: Services, system: outside.Receiver
) -> None:
    wanted = Wanted("Our SIEM", Way.WEBHOOK, system.url)
    for slug in (REPORTER, RESPONDER, "hana.novak", "ruth.engel", "luca.moretti"):
        someone = replace(
            await centre.actor(desk, slug, "harbour"), proved_at_s=desk.clock.now_ms() / 1000
        )
        with pytest.raises(Forbidden):
            await desk.integrations.add(wanted, actor=someone)
        with pytest.raises(Forbidden):
            await desk.integrations.all(actor=someone)
    stale = await centre.actor(desk, REPRESENTATIVE)
    made = await told(desk, system)
    for act in (
        desk.integrations.add(wanted, actor=stale),
        desk.integrations.change(made.id, wanted, actor=stale, version=1),
        desk.integrations.rotate(made.id, actor=stale, version=1),
        desk.integrations.end_former(made.id, actor=stale, version=1),
        desk.integrations.remove(made.id, actor=stale, version=1),
    ):
        with pytest.raises(StepUpRequired):
            await act
    assert len(await desk.integrations.all(actor=stale)) == 1


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("", Way.WEBHOOK, "https://127.0.0.1:9/"),
        Wanted("x" * 81, Way.WEBHOOK, "https://127.0.0.1:9/"),
        Wanted("SIEM", Way.WEBHOOK, "http://127.0.0.1:9090/"),
        Wanted("SIEM", Way.WEBHOOK, "https://10.0.0.1/"),
        Wanted("SIEM", Way.WEBHOOK, ""),
        Wanted("SIEM", Way.MAIL, "no address"),
        Wanted("SIEM", Way.MAIL, "a@x.example\r\nBcc: b@x.example"),
    ],
)
async def test_what_cannot_be_told_is_refused(desk: Services, wanted: Wanted) -> None:
    with pytest.raises(InvalidInput):
        await desk.integrations.add(wanted, actor=await acr(desk))


async def test_five_systems_are_enough_whoever_adds_them_at_once(
    desk: Services, system: outside.Receiver
) -> None:
    made = await asyncio.gather(*(told(desk, system) for _ in range(8)), return_exceptions=True)
    refused = [one for one in made if isinstance(one, Conflict)]
    assert [one.code for one in refused] == ["too-many"] * 3
    kept = await desk.integrations.all(actor=await acr(desk))
    assert len(kept) == 5
    await desk.integrations.remove(kept[2].id, actor=await acr(desk), version=1)
    await told(desk, system)
    assert len(await desk.integrations.all(actor=await acr(desk))) == 5


async def test_nobody_has_a_system_flooded_with_trials(
    desk: Services, system: outside.Receiver, clock: StandingClock
) -> None:
    made = await told(desk, system)
    await desk.integrations.try_out(made.id, actor=await acr(desk))
    with pytest.raises(Conflict) as refused:
        await desk.integrations.try_out(made.id, actor=await acr(desk))
    assert refused.value.code == "tried"
    clock.pass_time(seconds=10)
    await desk.integrations.try_out(made.id, actor=await acr(desk))
    assert (await desk.forwarding().send()).sent == 2


async def test_a_mailbox_gets_one_trial_in_ten_minutes(
    desk: Services, clock: StandingClock
) -> None:
    wanted = Wanted("SIEM", Way.MAIL, "soc@harbour.example")
    made = await desk.integrations.add(wanted, actor=await acr(desk))
    await desk.integrations.try_out(made.id, actor=await acr(desk))
    clock.pass_time(seconds=300)
    with pytest.raises(Conflict):
        await desk.integrations.try_out(made.id, actor=await acr(desk))
    clock.pass_time(seconds=300)
    await desk.integrations.try_out(made.id, actor=await acr(desk))


async def test_five_systems_are_enough_and_versions_are_seen(
    desk: Services, system: outside.Receiver
) -> None:
    made = [await told(desk, system) for _ in range(5)]
    with pytest.raises(Conflict) as refused:
        await told(desk, system)
    assert refused.value.code == "too-many"
    with pytest.raises(Conflict):
        await desk.integrations.rotate(made[0].id, actor=await acr(desk), version=2)


async def test_addresses_and_secrets_are_sealed_and_every_change_is_in_the_trail(
    desk: Services, system: outside.Receiver
) -> None:
    made = await told(desk, system)
    await life(desk)
    await desk.forwarding().send()
    tenancy = await desk.directory.get("harbour")
    changes = await desk.documents.changes(tenancy.partition, limit=500)
    stored = str([one.body for one in changes.changes])
    for secret in (made.secret, made.secret[6:], system.url, "Our SIEM", CANARY):
        assert secret not in stored
    assert RECEIVER.name in {one.kind for one in changes.changes}
    await desk.integrations.rotate(made.id, actor=await acr(desk), version=1)
    await desk.integrations.remove(made.id, actor=await acr(desk), version=2)
    trail = [one async for one in desk.audit.entries(tenancy.partition)]
    assert [one.action for one in trail if "receiver" in one.action] == [
        "incident.receiver_created",
        "incident.receiver_secret_rotated",
        "incident.receiver_removed",
    ]
    assert await desk.audit.first_break(tenancy.partition) is None


async def test_a_ticket_system_gets_mail(desk: Services) -> None:
    wanted = Wanted("Tickets", Way.MAIL, "tickets@harbour.example", Format.JSON)
    made = await desk.integrations.add(wanted, actor=await acr(desk))
    await reported(desk, CANARY)
    await desk.integrations.try_out(made.id, actor=await acr(desk))
    assert (await desk.forwarding().send()).sent == 2
    mailbox = desk.setting_up.mailbox
    assert mailbox is not None
    trial, first = (one.parcel for one in mailbox.messages())
    assert (first.to, first.words.subject) == (
        "tickets@harbour.example",
        "[SR-000001] Incident reported: new",
    )
    assert json.loads(first.words.text)["incident"]["reference"] == "SR-000001"
    assert json.loads(trial.words.text)["type"] == "trial"
    assert CANARY not in str(mailbox.messages())
    assert mailbox.messages()[0].way is Carried.MAIL


async def test_without_a_mail_server_mail_waits(desk: Services) -> None:
    wanted = Wanted("Tickets", Way.MAIL, "tickets@harbour.example")
    made = await desk.integrations.add(wanted, actor=await acr(desk))
    await reported(desk)
    dumb = replace(desk, outlets=desk.outlets._replace(mailer=None))
    assert (await dumb.forwarding().send()).put_off == 1
    assert await log(desk, made) == [(Stage.WAITING, "no_mail")]


async def test_a_slow_system_holds_up_no_other(
    desk: Services, system: outside.Receiver, tmp_path: Path, clock: StandingClock
) -> None:
    """The first is never answered within its time; the second hears meanwhile."""
    with outside.listening(tmp_path / "server.pem", lambda: clock.now / 1000) as other:
        await told(desk, system)
        quick = await told(desk, other)
        await reported(desk)
        came = asyncio.Event()
        loop = asyncio.get_running_loop()
        other.after = lambda: loop.call_soon_threadsafe(came.set)
        system.before = lambda: asyncio.run_coroutine_threadsafe(came.wait(), loop).result(5)
        assert (await desk.forwarding().send()).sent == 2
        assert len(other.taken) == 1
        assert (await log(desk, quick)) == [(Stage.SENT, "")]


def test_every_field_is_declared_and_answered_for() -> None:
    for kind in (RECEIVER, FORWARD):
        assert faults(kind) == []


def test_a_line_is_sent_within_the_time_it_is_held() -> None:
    assert rules.SEND_SECONDS * 1000 + 30_000 <= rules.HOLD_MS
