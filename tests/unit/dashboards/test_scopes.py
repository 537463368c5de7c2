"""Every combination of role, dashboard, queue, channel and field that grants can make."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.access import rules
from portal.domain.access.model import Actor, Board, Detail, Holding, Permission, Role, Scope
from portal.domain.contacts.model import Agent, Channel, Customer, Queue
from portal.domain.contacts.ports import Batch
from portal.domain.dashboards.model import Asked, ContactRows, Grain, MetricName
from portal.domain.dashboards.ranges import Span
from portal.domain.shared.errors import DomainError, Forbidden, NotFound
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import contact, record
from tests.fakes.world import BAY, World, opened

CASES = int(os.environ.get("ACCESS_CASES", "2000"))
HOUR_MS = 3_600_000
QUEUES = (Queue("q-1", "Sales"), Queue("q-2", "Service"), Queue("q-3", "Claims"))
AGENTS = (Agent("ana", "Ana Example"), Agent("ben", "Ben Example"))
CHANNELS = (Channel.VOICE, Channel.CHAT)
SENT = tuple(itertools.product(QUEUES, CHANNELS, AGENTS))
ASKED = Asked(NOON_MS, NOON_MS + HOUR_MS)
CANARY = Customer("+12025550147", None, "Canary Example", None)


class Opened(NamedTuple):
    """A world kept open beside the loop that opened it, and its queues' ids by name."""

    world: World
    ids: dict[str, str]
    loop: asyncio.AbstractEventLoop


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    loop = asyncio.new_event_loop()
    context = opened(Path(tmp_path_factory.mktemp("scopes")))
    world = loop.run_until_complete(context.__aenter__())
    loop.run_until_complete(_fill(world))
    choices = loop.run_until_complete(world.dashboards.queue_choices(actor=world.actor()))
    yield Opened(world, {one.name: one.id for one in choices}, loop)
    loop.run_until_complete(context.__aexit__(None, None, None))
    loop.close()


async def _fill(world: World) -> None:
    records = []
    for number, (queue, channel, agent) in enumerate(SENT):
        for copy in range(1 + number % 3):
            made = contact(queue=queue, channel=channel, agent=agent, customer=CANARY)
            records.append(record(made, id=f"r-{number}-{copy}"))
    await world.contacts.ingest(world.tenant, Batch("alpha", records), now_ms=NOON_MS)


def some(values: Any) -> Any:
    return st.none() | st.frozensets(st.sampled_from(values), min_size=1, max_size=len(values))


scopes = st.builds(
    Scope,
    boards=some(tuple(Board)),
    queues=some((*(queue.name for queue in QUEUES), "Nowhere")),
    channels=some(tuple(channel.value for channel in CHANNELS)),
    details=st.none() | st.frozensets(st.sampled_from(tuple(Detail)), max_size=2),
)
roles = st.sampled_from([role for role in Role if role is not Role.MANAGING_PARTNER])
grants = st.lists(st.tuples(roles, scopes), min_size=1, max_size=3)
own = st.sampled_from([{}, {"alpha": "ana"}, {"alpha": "ben"}])


def acting(drawn: list[tuple[Role, Scope]], own: dict[str, str], ids: dict[str, str]) -> Actor:
    held = []
    for number, (role, scope) in enumerate(drawn):
        queues = scope.queues
        if queues is not None:
            queues = frozenset(ids.get(name, "q999") for name in queues)
        narrowed = Scope(scope.boards, queues, scope.channels, scope.details)
        held.append(Holding(f"g{number}", role.value, rules.PERMISSIONS[role], narrowed))
    return Actor("someone", "Some One", BAY, tuple(held), (BAY,), own)


def reaches(
    drawn: list[tuple[Role, Scope]],
    permission: Permission,
    board: Board | None,
    queue: str,
    channel: Channel,
    detail: Detail | None = None,
) -> bool:
    """Whether some grant alone gives it, by the plainest reading of the rule."""
    return any(
        permission in rules.PERMISSIONS[role]
        and (board is None or scope.boards is None or board in scope.boards)
        and (scope.queues is None or queue in scope.queues)
        and (scope.channels is None or channel.value in scope.channels)
        and (detail is None or scope.details is None or detail in scope.details)
        for role, scope in drawn
    )


def opens(drawn: list[tuple[Role, Scope]], permission: Permission, board: Board) -> bool:
    return any(
        permission in rules.PERMISSIONS[role] and (scope.boards is None or board in scope.boards)
        for role, scope in drawn
    )


def expected(
    drawn: list[tuple[Role, Scope]], permission: Permission, board: Board
) -> list[tuple[Queue, Channel, Agent]]:
    """What was sent of what the grants reach, each as often as it was sent."""
    found = []
    for number, (queue, channel, agent) in enumerate(SENT):
        if reaches(drawn, permission, board, queue.name, channel):
            found += [(queue, channel, agent)] * (1 + number % 3)
    return found


async def outcome(call: Any) -> Any:
    try:
        return await call
    except DomainError as refused:
        return type(refused)


async def contacts(world: World, actor: Actor, agent: str | None = None) -> ContactRows:
    return await world.dashboards.contacts(
        ASKED, metric=None, outcomes=frozenset(), agent=agent, cursor=None, limit=100, actor=actor
    )


@given(drawn=grants, own=own)
@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nobody_is_shown_what_no_grant_of_theirs_reaches(
    kept: Opened, drawn: list[tuple[Role, Scope]], own: dict[str, str]
) -> None:
    kept.loop.run_until_complete(_check(kept, drawn, own))


async def _check(kept: Opened, drawn: list[tuple[Role, Scope]], own: dict[str, str]) -> None:
    world, actor = kept.world, acting(drawn, own, kept.ids)
    await _check_totals(world, actor, drawn)
    await _check_queues(world, actor, drawn, kept.ids)
    await _check_agents(world, actor, drawn)
    await _check_contacts(world, actor, drawn)


async def _check_totals(world: World, actor: Actor, drawn: list[tuple[Role, Scope]]) -> None:
    view = Permission.DASHBOARDS_VIEW
    summary = await outcome(world.dashboards.summary(ASKED, actor=actor))
    points = await outcome(world.dashboards.series(ASKED, Grain.HOUR, actor=actor))
    if not opens(drawn, view, Board.OVERVIEW):
        assert summary is points is Forbidden
        return
    seen = expected(drawn, view, Board.OVERVIEW)
    assert summary.metrics[MetricName.OFFERED].value == len(seen)
    assert summary.metrics[MetricName.HANDLED].value == len(seen)
    assert sum(share.contacts for share in summary.completeness.sources) == len(seen)
    assert sum(point.metrics[MetricName.OFFERED].value for point in points) == len(seen)


async def _check_queues(
    world: World, actor: Actor, drawn: list[tuple[Role, Scope]], ids: dict[str, str]
) -> None:
    view = Permission.DASHBOARDS_VIEW
    rows = await outcome(world.dashboards.queues(ASKED, actor=actor))
    if not opens(drawn, view, Board.QUEUES):
        assert rows is Forbidden
        return
    seen = [queue.name for queue, _, _ in expected(drawn, view, Board.QUEUES)]
    told = {row.name: row.metrics[MetricName.OFFERED].value for row in rows}
    assert told == {name: seen.count(name) for name in set(seen)}
    choices = {one.name for one in await world.dashboards.queue_choices(actor=actor)}
    for name, id in ids.items():
        asked = ASKED._replace(queues=(id,))
        answer = await outcome(world.dashboards.queues(asked, actor=actor))
        named = any(
            view in rules.PERMISSIONS[role]
            and (scope.boards is None or Board.QUEUES in scope.boards)
            and (scope.queues is None or name in scope.queues)
            for role, scope in drawn
        )
        assert (answer is NotFound) is not named
        assert name in choices or not named


async def _check_agents(world: World, actor: Actor, drawn: list[tuple[Role, Scope]]) -> None:
    asked = ASKED._replace(to_ms=NOON_MS + 2 * HOUR_MS)
    rows = await outcome(world.dashboards.agents(asked, actor=actor))
    every, mine = Permission.AGENTS_VIEW, Permission.AGENTS_VIEW_OWN
    alone = not any(every in rules.PERMISSIONS[role] for role, _ in drawn)
    wanted = mine if alone else every
    if not opens(drawn, wanted, Board.AGENTS):
        assert rows is Forbidden
        return
    seen = expected(drawn, wanted, Board.AGENTS)
    handled = {agent: [cell for cell in seen if cell[2] == agent] for agent in AGENTS}
    shown = {agent: cells for agent, cells in handled.items() if cells}
    if alone:
        shown = {a: cells for a, cells in shown.items() if a.key in actor.agent_keys.values()}
    told = sorted((row.name or "", row.metrics[MetricName.HANDLED].value) for row in rows)
    if alone:
        assert told == sorted((agent.name, len(cells)) for agent, cells in shown.items())
        return
    wanted_rows = []
    for agent, cells in shown.items():
        named = sum(
            reaches(drawn, Permission.IDENTITIES_VIEW, None, q.name, channel, Detail.AGENT_NAMES)
            for q, channel, _ in cells
        )
        wanted_rows += [(agent.name, named)] if named else []
        wanted_rows += [("", len(cells) - named)] if named < len(cells) else []
    assert told == sorted(wanted_rows)
    await _check_ids(world, actor, drawn, [(row.id, row.name) for row in rows])


async def _check_ids(
    world: World, actor: Actor, drawn: list[tuple[Role, Scope]], ids: list[tuple[str, str | None]]
) -> None:
    """An id leads to contacts that all show the name beside it, or to none that shows one, as long
    as some are not shown."""
    if not opens(drawn, Permission.CONTACTS_VIEW, Board.CONTACTS):
        return
    for id, name in ids:
        found = await contacts(world, actor, id)
        if name is None:
            assert all(row.agent is None for row in found.rows)
        else:
            assert {row.agent for row in found.rows} <= {name}


async def _check_contacts(world: World, actor: Actor, drawn: list[tuple[Role, Scope]]) -> None:
    found = await outcome(contacts(world, actor))
    if not opens(drawn, Permission.CONTACTS_VIEW, Board.CONTACTS):
        assert found is Forbidden
        return
    seen = expected(drawn, Permission.CONTACTS_VIEW, Board.CONTACTS)
    assert found.total == len(found.rows) == len(seen)
    cells = sorted((queue.name, channel) for queue, channel, _ in seen)
    assert sorted((row.queue, row.channel) for row in found.rows) == cells
    for row in found.rows:
        names = reaches(
            drawn, Permission.IDENTITIES_VIEW, None, row.queue, row.channel, Detail.AGENT_NAMES
        )
        numbers = reaches(
            drawn, Permission.CONTACTS_VIEW, None, row.queue, row.channel, Detail.CUSTOMER_NUMBERS
        )
        assert (row.agent is not None) is names
        assert (row.customer is not None) is numbers
    assert "Canary" not in repr(found)
    assert CANARY.number is not None
    assert CANARY.number not in repr(found)


async def test_etags_differ_where_what_is_seen_does(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        span, tags, ids = Span(0, 1), set(), {"q1": "q1", "q2": "q2"}
        narrowings = [
            Scope(),
            Scope(boards=frozenset({Board.OVERVIEW})),
            Scope(queues=frozenset({"q1"})),
            Scope(queues=frozenset({"q1", "q2"})),
            Scope(channels=frozenset({"voice"})),
            Scope(details=frozenset()),
            Scope(details=frozenset({Detail.AGENT_NAMES})),
        ]
        for scope in narrowings:
            actor = acting([(Role.SUPERVISOR, scope)], {}, ids)
            tags.add(await world.dashboards.tag("q", span, actor=actor))
        both = acting([(Role.SUPERVISOR, narrowings[2]), (Role.AGENT, narrowings[4])], {}, ids)
        tags.add(await world.dashboards.tag("q", span, actor=both))
        assert len(tags) == len(narrowings) + 1
