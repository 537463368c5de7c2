"""Erasing a terminated organisation: when, what goes, what stays, and going on after a kill."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from portal import moving
from portal.domain.contacts.imports import Wanted
from portal.domain.contacts.ports import Selection, Side, Tenant
from portal.domain.organizations.model import Organization
from portal.domain.organizations.ports import ORGANIZATION
from portal.domain.organizations.standing import State
from portal.domain.shared.blobs import Owner
from portal.domain.shared.documents import Create
from portal.domain.shared.errors import Conflict, NotFound
from portal.domain.standing import erasure
from portal.domain.standing.documents import CHANGE
from portal.domain.standing.erasure import SETTLING_MS, Plan, Step
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import Killed
from tests.fakes.clock import StandingClock
from tests.fakes.standing import OPERATOR, stand, who
from tests.unit.contacts.vendor_files import connect_lines

DAY_S = 24 * 3600
PARTITION = "eu|harbour"
EVERYTHING = Selection(Side.ARRIVED, 0, 1 << 45)
Open = Callable[[], Any]


@pytest.fixture
async def filled(
    template: Path, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Services]:
    """Services on two days of contacts."""
    folder = centre.copied(template, tmp_path / "filled")
    made = await centre.services(folder, clock, monkeypatch)
    yield made
    await made.close()


async def due(services: Services, clock: StandingClock) -> None:
    """Harbour is terminated and its window over."""
    await stand(services, State.TERMINATED)
    clock.pass_time(seconds=30 * DAY_S)


async def carried_out(services: Services, clock: StandingClock) -> Plan:
    """The erasure to its end."""
    await services.erasures.look()
    clock.pass_time(seconds=SETTLING_MS // 1000)
    await services.erasures.look()
    (plan,) = await services.erasures.plans()
    return plan


async def left(services: Services) -> dict[str, int]:
    """What harbour's partition still has, by kind."""
    counts = {one.name: await services.documents.count(PARTITION, one) for one in moving.kinds()}
    return {name: count for name, count in counts.items() if count}


async def region_trail(services: Services) -> list[Any]:
    partition = services.directory.directory
    return [entry async for entry in services.audit.entries(partition)]


async def found(services: Services, code: str) -> int:
    tenancy = await services.directory.get(code)
    zone = tenancy.organization.time_zone
    tenant = Tenant(tenancy.partition, zone, tenancy.keyring)
    page = await services.stores.contacts.find(tenant, EVERYTHING, cursor=None, limit=1)
    return page.total


async def test_nothing_is_erased_before_it_is_due(services: Services, clock: StandingClock) -> None:
    await stand(services, State.TERMINATED)
    clock.pass_time(seconds=30 * DAY_S - 1)
    assert await services.erasures.look() == 0
    assert await services.erasures.plans() == ()
    await stand(services, State.ACTIVE)
    clock.pass_time(seconds=DAY_S)
    assert await services.erasures.look() == 0


async def test_everything_of_it_goes_and_everything_of_others_stays(
    filled: Services, clock: StandingClock, tmp_path: Path
) -> None:
    wrapped = await filled.documents.get(filled.directory.directory, ORGANIZATION, "harbour")
    assert wrapped is not None
    before, others = await found(filled, "harbour"), await found(filled, "juniper")
    data, actor = connect_lines(5), await who(filled, OPERATOR)

    async def body() -> AsyncIterator[bytes]:
        yield data

    wanted = Wanted("amazon-connect", "left.jsonl")
    await filled.imports.upload(wanted, body(), most_bytes=1 << 20, actor=actor)
    await due(filled, clock)

    plan = await carried_out(filled, clock)
    assert plan.next_step is None
    assert plan.contacts >= before
    assert plan.files == 1
    assert plan.key == 1
    assert plan.documents > 10
    assert plan.entries > 0
    assert await left(filled) == {}
    assert [one.code for one in await filled.directory.all()] == ["juniper"]
    with pytest.raises(NotFound):
        await filled.directory.get("harbour")
    person = await filled.people.find("oliver.bright")
    assert person is None or "harbour" not in person.holdings
    assert await found(filled, "juniper") == others
    juniper = await filled.directory.get("juniper")
    assert await filled.audit.first_break(juniper.partition) is None
    operator = await centre.actor(filled, "luca.moretti", "juniper")
    rebuilt = await filled.imports.rebuild(verify=True, actor=operator)
    assert rebuilt.different == ()
    await filled.close()
    key, stored = str(wrapped.body["key"]).encode(), b""
    for path in (tmp_path / "filled" / "data").rglob("*"):
        stored += path.read_bytes() if path.is_file() else b""
    assert key not in stored
    assert b"|harbour" not in stored


async def test_the_region_s_trail_says_it_in_counts(
    services: Services, clock: StandingClock
) -> None:
    await due(services, clock)
    await carried_out(services, clock)
    entries = [one for one in await region_trail(services) if one.action.startswith("standing")]
    assert [one.action.removeprefix("standing.") for one in entries] == [
        "erasure_begun",
        *["erasure_step_done"] * 5,
        "erasure_completed",
    ]
    assert [one.facts.get("step") for one in entries[1:-1]] == [
        step.value for step in Step if step is not Step.VERIFIED
    ]
    assert await services.audit.first_break(services.directory.directory) is None
    told = json.dumps([one._asdict() for one in entries])
    for person in ("oliver", "Oliver", "Harbour Lane"):
        assert person not in told


async def test_a_late_write_goes_with_the_second_look(
    services: Services, clock: StandingClock
) -> None:
    tenancy = await services.directory.get("harbour")
    await due(services, clock)
    await services.erasures.look()
    body = {"version": 1, "act": "set", "text": tenancy.organization.code}
    await services.documents.batch(PARTITION, [Create(CHANGE, "00000001", body)])
    clock.pass_time(seconds=SETTLING_MS // 1000)
    await services.erasures.look()
    (plan,) = await services.erasures.plans()
    assert (plan.verified, plan.verified_at_ms) == (1, 0)
    clock.pass_time(seconds=SETTLING_MS // 1000)
    await services.erasures.look()
    (plan,) = await services.erasures.plans()
    assert plan.next_step is None
    assert await left(services) == {}


async def test_a_file_that_was_on_its_way_goes_with_the_second_look(
    services: Services, clock: StandingClock
) -> None:
    tenancy = await services.directory.get("harbour")
    owner, blobs = Owner(tenancy.partition, tenancy.keyring), services.stores.blobs
    writer = await blobs.create(owner, "evidence/late")
    await writer.write(b"began before the erasure")
    await due(services, clock)
    await services.erasures.look()
    await writer.finish()
    assert await blobs.names(owner) == ("evidence/late",)
    clock.pass_time(seconds=SETTLING_MS // 1000)
    await services.erasures.look()
    assert await blobs.names(owner) == ()
    (plan,) = await services.erasures.plans()
    assert plan.next_step is Step.VERIFIED
    clock.pass_time(seconds=SETTLING_MS // 1000)
    await services.erasures.look()
    (plan,) = await services.erasures.plans()
    assert (plan.next_step, plan.verified) == (None, 1)


async def test_the_code_is_never_used_again(services: Services, clock: StandingClock) -> None:
    again = (await services.directory.get("harbour")).organization
    await due(services, clock)
    await services.erasures.look()
    with pytest.raises(Conflict) as refused:
        await services.directory.ensure(
            Organization("harbour", "Another", again.region, again.time_zone, again.country)
        )
    assert refused.value.code == "erased"


async def test_who_works_here_at_that_moment_meets_nothing(
    services: Services, clock: StandingClock
) -> None:
    await due(services, clock)
    await services.erasures.look()
    clock.pass_time(seconds=5)
    with pytest.raises((NotFound, AssertionError)):
        await centre.actor(services, "oliver.bright", "harbour")
    assert (await centre.actor(services, "luca.moretti", "juniper")).permissions


@pytest.mark.parametrize("at", range(1, 60, 2))
async def test_a_killed_worker_s_successor_goes_on(
    tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(erasure, "AT_ONCE", 7)
    first = await centre.services(tmp_path, clock, monkeypatch)
    await due(first, clock)
    count = 0

    def killing(work: Callable[..., Any]) -> Callable[..., Any]:
        async def done(*given: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == at:
                raise Killed
            after = await work(*given, **named)
            count += 1
            if count == at:
                raise Killed
            return after

        return done

    for store in (first.documents, first.stores.contacts):
        for name in ("batch", "erase"):
            if hasattr(store, name):
                monkeypatch.setattr(store, name, killing(getattr(store, name)))
    try:
        await first.erasures.look()
    except Killed:
        pass
    else:
        assert count < at
    await first.close()

    second = await centre.services(tmp_path, clock, monkeypatch)
    try:
        plan = await carried_out(second, clock)
        assert plan.next_step is None
        assert await left(second) == {}
        assert await second.audit.first_break(second.directory.directory) is None
        done = [one for one in await region_trail(second) if one.action.endswith("_begun")]
        assert len(done) == 1
    finally:
        await second.close()
