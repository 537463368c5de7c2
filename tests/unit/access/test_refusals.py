"""Every refusal is counted, nobody fills the trail: unit of `access/refusals.py` on the store."""

import asyncio
import itertools
from collections.abc import Sequence

import pytest

from portal.domain.access.documents import TALLY
from portal.domain.access.model import Person, Role
from portal.domain.access.refusals import (
    LONGEST_WINDOW_MS,
    MOST_OWED,
    REGION,
    Refusals,
)
from portal.domain.access.rules import holding
from portal.domain.access.service import SignedIn
from portal.domain.audit.model import Entry
from portal.domain.shared.documents import Write
from portal.domain.shared.errors import Unavailable
from portal.wiring import Services
from portal.worker import RefusalWorker
from tests.fakes.clock import StandingClock

AMIRA = SignedIn(Person("amira.khan", "Amira Khan", {"harbour": (holding(Role.AGENT),)}), "harbour")
MINUTE = 60


def another(services: Services) -> Refusals:
    """What another process of the same region has."""
    return Refusals(services.directory, services.documents, services.audit, services.clock)


async def refused(refusals: Refusals, times: int = 1, operation: str = "contacts") -> None:
    for _ in range(times):
        await refusals.tell(AMIRA, None, operation=operation, status=403)


async def told(services: Services, organization: str = "harbour") -> list[Entry]:
    """The entries about refusals in the trail of an organisation, or of the region."""
    partition = (
        services.directory.directory
        if organization == REGION
        else (await services.directory.get(organization)).partition
    )
    assert await services.audit.first_break(partition) is None
    entries = [one async for one in services.audit.entries(partition)]
    return [one for one in entries if one.action.startswith("access.refused")]


async def waiting(services: Services, organization: str = "harbour") -> int:
    """How many refusals are counted in the store and in no entry yet."""
    partition = (await services.directory.get(organization)).partition
    page = await services.documents.query(partition, TALLY)
    return sum(int(one.body["times"]) for one in page.documents)


def counted(entries: Sequence[Entry]) -> int:
    """How many refusals the entries tell of."""
    return sum(int(one.facts.get("times", 1)) for one in entries)


async def test_the_first_is_an_entry_and_the_others_of_its_minute_one_more(
    services: Services, clock: StandingClock
) -> None:
    refusals = services.refusals
    begun = clock.now
    await refused(refusals, 3)
    clock.pass_time(seconds=30)
    await refused(refusals, 2)
    (first,) = await told(services)
    assert (first.actor, first.target, first.facts) == (
        "amira.khan",
        "harbour",
        {"operation": "contacts", "status": 403},
    )
    await refusals.close_windows()
    assert len(await told(services)) == 1, "the minute is not over"
    clock.pass_time(seconds=30)
    await refusals.close_windows()
    _, again = await told(services)
    assert (again.action, again.actor, again.target) == (
        "access.refused_again",
        "amira.khan",
        "harbour",
    )
    assert again.facts == {
        "operation": "contacts",
        "status": 403,
        "times": 4,
        "since_ms": begun,
        "until_ms": begun + 30_000,
    }


async def test_what_is_refused_is_in_the_store_before_it_is_answered(services: Services) -> None:
    for number in range(1, 8):
        await refused(services.refusals)
        assert counted(await told(services)) + await waiting(services) == number


async def test_whoever_goes_on_gets_fewer_entries_and_none_is_lost(
    services: Services, clock: StandingClock
) -> None:
    times = 0
    for _ in range(24 * 60):
        await refused(services.refusals, 2)
        times += 2
        clock.pass_time(seconds=MINUTE)
        await services.refusals.close_windows()
    entries = await told(services)
    assert counted(entries) + await waiting(services) == times
    assert len(entries) < 40
    gaps = [after.at_ms - before.at_ms for before, after in itertools.pairwise(entries)]
    assert max(gaps) <= LONGEST_WINDOW_MS + MINUTE * 1000


async def test_a_quiet_window_ends_it_and_leaves_nothing_behind(
    services: Services, clock: StandingClock
) -> None:
    await refused(services.refusals, 2)
    for _ in range(4):
        clock.pass_time(seconds=2 * MINUTE)
        await services.refusals.close_windows()
    partition = (await services.directory.get("harbour")).partition
    assert (await services.documents.query(partition, TALLY)).documents == ()
    await refused(services.refusals)
    assert [one.action for one in await told(services)] == [
        "access.refused",
        "access.refused_again",
        "access.refused",
    ]


async def test_without_anybody_who_closes_windows_the_next_refusal_does(
    services: Services, clock: StandingClock
) -> None:
    await refused(services.refusals, 5)
    clock.pass_time(seconds=MINUTE)
    await refused(services.refusals, 2)
    assert [one.facts.get("times") for one in await told(services)] == [None, 4]
    assert await waiting(services) == 2


async def test_processes_that_are_asked_at_once_count_each_once(services: Services) -> None:
    processes = [services.refusals, another(services), another(services)]
    await asyncio.gather(*(refused(processes[number % 3]) for number in range(90)))
    entries = await told(services)
    assert len(entries) == 1
    assert counted(entries) + await waiting(services) == 90


async def test_operations_and_answers_are_counted_apart(services: Services) -> None:
    await refused(services.refusals, 2)
    await refused(services.refusals, 2, "imports")
    await services.refusals.tell(AMIRA, None, operation="contacts", status=404)
    entries = await told(services)
    assert [(one.facts["operation"], one.facts["status"]) for one in entries] == [
        ("contacts", 403),
        ("imports", 403),
        ("contacts", 404),
    ]


async def test_a_clock_that_was_set_back_silences_nothing(
    services: Services, clock: StandingClock
) -> None:
    await refused(services.refusals, 3)
    clock.pass_time(seconds=-3600)
    await services.refusals.close_windows()
    assert counted(await told(services)) == 3


async def test_somebody_of_no_organisation_is_told_of_in_the_regions_trail(
    services: Services,
) -> None:
    nobody = SignedIn(Person("nobody", "Nobody", {}), "harbour")
    await services.refusals.tell(nobody, "juniper", operation="me", status=404)
    (entry,) = await told(services, REGION)
    assert (entry.actor, entry.target) == ("nobody", REGION)
    assert await told(services, "harbour") == await told(services, "juniper") == []


async def test_wrong_tokens_are_counted_and_told_at_the_next_look(
    services: Services, clock: StandingClock
) -> None:
    worker = RefusalWorker(services.refusals, clock, closes=True)
    for _ in range(1000):
        services.refusals.tell_of_nobody(operation="me", status=401)
    assert await told(services, REGION) == [], "no write for whoever has no name"
    await worker.round()
    clock.pass_time(seconds=MINUTE)
    await worker.round()
    entries = await told(services, REGION)
    assert [one.actor for one in entries] == ["unknown", "unknown"]
    assert counted(entries) == 1000


async def test_a_process_that_stops_tells_what_it_has_counted(services: Services) -> None:
    services.refusals.tell_of_nobody(operation="me", status=401)
    await services.refusals.settle()
    assert counted(await told(services, REGION)) == 1


async def test_what_the_store_did_not_take_is_counted_when_it_does(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(partition: str, writes: Sequence[Write]) -> None:
        raise Unavailable("The store does not answer.")

    worker = RefusalWorker(services.refusals, services.clock, closes=False)
    with monkeypatch.context() as trouble:
        trouble.setattr(services.documents, "batch", away)
        for _ in range(4):
            with pytest.raises(Unavailable):
                await refused(services.refusals)
        await worker.round()
    await worker.round()
    assert counted(await told(services)) + await waiting(services) == 4


async def test_what_is_owed_is_bounded_and_still_counted(services: Services) -> None:
    for number in range(MOST_OWED + 10):
        services.refusals.tell_of_nobody(operation=str(number), status=401)
    assert len(services.refusals._owed) <= MOST_OWED + 1
    assert sum(services.refusals._owed.values()) == MOST_OWED + 10
    services.refusals._owed.clear()
