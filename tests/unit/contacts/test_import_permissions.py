"""Which role may do what with imports: every role against every use case."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.access.model import Role
from portal.domain.contacts.imports import Wanted
from portal.domain.shared.errors import Forbidden, NotFound
from tests.fakes.world import World, opened
from tests.unit.contacts.vendor_files import connect_lines

DATA = connect_lines(1)
WANTED = Wanted("amazon-connect", "records.jsonl")
WRITERS = {Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE, Role.OPERATOR}
VIEWERS = WRITERS | {Role.SUPERVISOR, Role.PRIVACY_OFFICER}
READERS_OF_QUARANTINE = WRITERS | {Role.PRIVACY_OFFICER}


async def body() -> AsyncIterator[bytes]:
    yield DATA


UseCase = Callable[[World, Any, str], Awaitable[object]]
USE_CASES: dict[str, tuple[set[Role], UseCase]] = {
    "upload": (WRITERS, lambda w, a, _: w.imports.upload(WANTED, body(), most_bytes=9**9, actor=a)),
    "import_file": (
        WRITERS,
        lambda w, a, _: w.imports.import_file(WANTED, io.BytesIO(DATA), len(DATA), actor=a),
    ),
    "settle": (WRITERS, lambda w, a, _: w.imports.settle(actor=a)),
    "name_queues": (WRITERS, lambda w, a, _: w.imports.name_queues("genesys", {}, actor=a)),
    "rebuild": (WRITERS, lambda w, a, _: w.imports.rebuild(verify=False, actor=a)),
    "verify": (WRITERS, lambda w, a, _: w.imports.rebuild(verify=True, actor=a)),
    "get": (VIEWERS, lambda w, a, id: w.imports.get(id, actor=a)),
    "ended": (VIEWERS, lambda w, a, id: w.imports.ended(id, 0.01, actor=a)),
    "list": (VIEWERS, lambda w, a, _: w.imports.list(actor=a)),
    "quarantine": (READERS_OF_QUARANTINE, lambda w, a, _: w.imports.quarantine(actor=a)),
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, sources=SOURCES) as services:
        yield services


async def imported(world: World) -> str:
    done = await world.imports.import_file(WANTED, io.BytesIO(DATA), len(DATA), actor=world.actor())
    return done.id


@pytest.mark.parametrize("name", USE_CASES)
async def test_roles_may_do_what_they_are_for_and_leave_no_trace_of_the_rest(
    world: World, name: str
) -> None:
    id = await imported(world)
    allowed, use_case = USE_CASES[name]
    for role in Role:
        before = await world.documents.changes(world.tenant.partition, limit=10_000)
        if role in allowed:
            await use_case(world, world.actor(role), id)
            continue
        with pytest.raises(Forbidden):
            await use_case(world, world.actor(role), id)
        after = await world.documents.changes(world.tenant.partition, limit=10_000)
        assert after == before


@pytest.mark.parametrize("name", USE_CASES)
async def test_an_unknown_organisation_is_not_found(world: World, name: str) -> None:
    id = await imported(world)
    stranger = replace(world.actor(), organization="cove", organizations=("cove",))
    with pytest.raises(NotFound):
        await USE_CASES[name][1](world, stranger, id)
