"""Changes of access and refusals that meet on Cosmos DB, from several processes at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from portal import stores, wiring
from portal.domain.access.documents import TALLY
from portal.domain.access.service import SignedIn
from portal.domain.audit.model import Action, Entry
from portal.domain.shared.errors import Conflict
from portal.settings import Settings
from portal.wiring import Services
from tests.cosmos.stand_in import KEY, StandIn
from tests.unit.access.helpers import AMIRA, OLIVER, WHY, give, terms, who

AT_ONCE = 50


@pytest.fixture
async def processes(tmp_path: Path, cosmos: StandIn) -> AsyncIterator[tuple[Services, Services]]:
    """The services twice, as two replicas have them."""
    key = tmp_path / "cosmos.key"
    key.write_text(KEY)
    settings = Settings(
        env="development",
        data_dir=tmp_path / "data",
        sample="off",
        bot="off",
        store="cosmos",
        cosmos_endpoint=cosmos.endpoint,
        cosmos_database=f"access-{uuid4().hex}",
        cosmos_key_file=key,
    )
    await stores.provision(settings)
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(2):
            made.append(await wiring.build(settings))
            stack.push_async_callback(made[-1].close)
        yield made[0], made[1]


async def trail(services: Services) -> list[Entry]:
    """Harbour's trail, which is whole."""
    partition = (await services.directory.get("harbour")).partition
    assert await services.audit.first_break(partition) is None
    return [one async for one in services.audit.entries(partition)]


async def test_fifty_grants_from_two_replicas_are_all_there_in_one_order(
    processes: tuple[Services, Services],
) -> None:
    first, _ = processes
    oliver = await who(first, OLIVER)
    before = len(await trail(first))
    revision = await first.management.revision(actor=oliver)
    ids = await asyncio.gather(
        *(give(processes[n % 2], AMIRA, terms("agent", queues=[f"q{n}"])) for n in range(AT_ONCE))
    )
    first.shelf.forget("harbour")
    _, listed = await first.management.grants(actor=oliver, person=AMIRA)
    assert {one.grant.id for one in listed} == {*ids, "local-amira.khan"}
    entries = (await trail(first))[before:]
    assert Counter(one.target for one in entries) == Counter(ids)
    assert await first.management.revision(actor=oliver) == revision + AT_ONCE


async def test_fifty_edits_of_one_version_from_two_replicas_leave_one(
    processes: tuple[Services, Services],
) -> None:
    oliver = await who(processes[0], OLIVER)
    done = await asyncio.gather(
        *(
            processes[n % 2].management.alter(
                "local-amira.khan", terms("agent", queues=[f"q{n}"]), WHY, version=1, actor=oliver
            )
            for n in range(AT_ONCE)
        ),
        return_exceptions=True,
    )
    assert sum(one is None for one in done) == 1
    assert {type(one) for one in done if one is not None} == {Conflict}
    changed = [one for one in await trail(processes[1]) if one.action == Action.ACCESS_CHANGED]
    assert len(changed) == 1


async def test_refusals_of_two_replicas_are_counted_once_each(
    processes: tuple[Services, Services],
) -> None:
    person = await processes[0].people.find(AMIRA)
    assert person is not None
    amira = SignedIn(person, "harbour")
    await asyncio.gather(
        *(
            processes[n % 2].refusals.tell(amira, None, operation="contacts", status=403)
            for n in range(AT_ONCE)
        )
    )
    told = [one for one in await trail(processes[0]) if one.action == Action.ACCESS_REFUSED]
    partition = (await processes[0].directory.get("harbour")).partition
    (tally,) = (await processes[0].documents.query(partition, TALLY)).documents
    assert len(told) == 1
    assert len(told) + int(tally.body["times"]) == AT_ONCE
