"""An attacker who sees figures without identities asks everything and subtracts."""

import itertools
from collections.abc import AsyncIterator, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.access.model import Actor, Role
from portal.domain.contacts.model import Agent, Channel, Direction, Outcome, Queue
from portal.domain.contacts.pages import EMPTY, Count, Page, apply, deltas, facts
from portal.domain.contacts.ports import Batch
from portal.domain.dashboards import blind
from portal.domain.dashboards.model import Asked, Definition, Grain, MetricName
from portal.domain.shared.errors import Forbidden, InvalidInput
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import DAY_MS, abandoned, contact, record
from tests.fakes.world import World, opened

HOUR_MS = 3_600_000
DAYS = (NOON_MS - 2 * DAY_MS, NOON_MS - DAY_MS)
QUEUES = (Queue("q-1", "Sales"), Queue("q-2", "Service"), Queue("q-3", "Claims"))
AGENTS = (Agent("ana", "Ana Example"), Agent("ben", "Ben Example"), Agent("cy", "Cy Example"))
SIZES = {
    (0, 0, Channel.VOICE, 0): 12,
    (0, 0, Channel.VOICE, 1): 3,
    (0, 0, Channel.CHAT, 2): 2,
    (0, 1, Channel.VOICE, 1): 4,
    (0, 1, Channel.VOICE, 2): 5,
    (0, 2, Channel.EMAIL, 0): 1,
    (1, 0, Channel.VOICE, 0): 7,
    (1, 0, Channel.VOICE, 1): 6,
    (1, 1, Channel.CHAT, 2): 9,
    (1, 1, Channel.VOICE, 2): 1,
    (1, 2, Channel.EMAIL, 0): 20,
}
"""How many contacts there are of (day, queue, channel, agent)."""
GIVEN_UP = {(0, 0): 3, (0, 1): 6, (1, 0): 1, (1, 1): 0, (1, 2): 8}
"""How many were abandoned, by day and queue, on voice."""
COUNTS = (
    MetricName.OFFERED,
    MetricName.ANSWERED,
    MetricName.ABANDONED,
    MetricName.SHORT_ABANDONED,
    MetricName.FLOW_OUT,
    MetricName.HANDLED,
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        number = itertools.count()
        records = []
        for (day, queue, channel, agent), size in SIZES.items():
            for place in range(size):
                made = contact(
                    arrived_ms=DAYS[day] + place * 60_000,
                    queue=QUEUES[queue],
                    channel=channel,
                    agent=AGENTS[agent],
                    wait_ms=1_000 * place,
                    transferred=place % 3 == 0,
                )
                records.append(record(made, id=f"r-{next(number)}"))
        for (day, queue), size in GIVEN_UP.items():
            for place in range(size):
                lost = abandoned(
                    arrived_ms=DAYS[day] + place * 60_000, queue=QUEUES[queue], wait_ms=9_000
                )
                records.append(record(lost, id=f"r-{next(number)}"))
        await services.contacts.ingest(services.tenant, Batch("alpha", records), now_ms=NOON_MS)
        yield services


def partner(world: World) -> Actor:
    return world.actor(Role.MANAGING_PARTNER)


def ranges() -> list[tuple[int, int]]:
    """Days, both, and the hours an attacker would rather have."""
    (first, second), end = DAYS, DAYS[1] + HOUR_MS
    hours = [(first, first + 5 * 60_000), (first, first + HOUR_MS), (second - 1, second + 1)]
    return [(first, second), (second, end), (first - 12 * HOUR_MS, end), *hours]


async def every_answer(world: World) -> list[tuple[Any, dict[MetricName, Any]]]:
    """Every table and total under every filter that can be named."""
    actor, found = partner(world), []
    choices = [one.id for one in await world.dashboards.queue_choices(actor=actor)]
    queues = [c for n in range(len(choices) + 1) for c in itertools.combinations(choices, n)]
    channels = [frozenset(c) for n in range(3) for c in itertools.combinations(Channel, n)]
    for (from_ms, to_ms), queue, channel in itertools.product(ranges(), queues, channels):
        asked = Asked(from_ms, to_ms, queue, channel)
        summary = await world.dashboards.summary(asked, actor=actor)
        found.append(("summary", dict(summary.metrics)))
        found += [
            ("source", {MetricName.OFFERED: _value(share.contacts)})
            for share in summary.completeness.sources
        ]
        rows = await world.dashboards.queues(asked, actor=actor)
        found += [(f"queue {row.name}", dict(row.metrics)) for row in rows]
    for from_ms, to_ms in ranges():
        for asked in (
            Asked(from_ms, to_ms),
            *(Asked(from_ms, to_ms, (one,)) for one in choices),
            *(Asked(from_ms, to_ms, (), frozenset({one})) for one in Channel),
        ):
            agents = await world.dashboards.agents(asked, actor=actor)
            found += [(f"agent {row.id}", dict(row.metrics)) for row in agents]
            for point in await world.dashboards.series(asked, Grain.QUARTER_HOUR, actor=actor):
                found.append(("series", dict(point.metrics)))
    return found


def _value(number: int) -> Any:
    class Told:
        value = float(number)

    return Told


async def test_no_count_and_no_difference_of_a_metric_names_a_group_under_five(
    world: World,
) -> None:
    answers = await every_answer(world)
    assert len(answers) > 200
    for name in COUNTS:
        by_atoms = await atoms_of(world, name)
        values = {
            round(metrics[name].value)
            for _, metrics in answers
            if name in metrics and metrics[name].value is not None
        }
        assert values, name
        assert values <= sums(by_atoms), name
        assert not {value for value in values if 0 < value < blind.FEWEST}, name


def sums(atoms: Iterable[int]) -> set[int]:
    """Every sum of some of the atoms."""
    found = {0}
    for atom in atoms:
        found |= {one + atom for one in found}
    return found


async def atoms_of(world: World, name: MetricName) -> list[int]:
    """The atoms that a count may be made of, computed by hand from what was sent: groups of a day,
    queue and channel (and for handled contacts of an agent) with no part under five."""
    whole: dict[tuple[int, int, Channel], dict[str, int]] = {}
    for (day, queue, channel, agent), size in SIZES.items():
        group = whole.setdefault((day, queue, channel), {})
        group["answered"] = group.get("answered", 0) + size
        group[f"agent {agent}"] = group.get(f"agent {agent}", 0) + size
    for (day, queue), size in GIVEN_UP.items():
        if size:
            group = whole.setdefault((day, queue, Channel.VOICE), {})
            group["abandoned"] = size
    atoms = []
    for group in whole.values():
        answered, given_up = group.get("answered", 0), group.get("abandoned", 0)
        offered = answered + given_up
        if offered < blind.FEWEST:
            continue
        if name is MetricName.OFFERED:
            atoms.append(offered)
        elif name is MetricName.HANDLED and answered >= blind.FEWEST:
            agents = [size for who, size in group.items() if who.startswith("agent")]
            atoms += [answered, *agents]
        elif all(part == 0 or part >= blind.FEWEST for part in (answered, given_up)):
            atoms.append({"answered": answered, "abandoned": given_up}.get(name.value, 0))
    return atoms


async def test_agents_and_the_rest_of_their_queue_are_both_of_enough(world: World) -> None:
    actor = partner(world)
    for queue in await world.dashboards.queue_choices(actor=actor):
        for day in DAYS:
            for channel in Channel:
                asked = Asked(day, day + 1, (queue.id,), frozenset({channel}))
                summary = await world.dashboards.summary(asked, actor=actor)
                whole = round(summary.metrics[MetricName.HANDLED].value or 0)
                rows = await world.dashboards.agents(asked, actor=actor)
                shown = [round(row.metrics[MetricName.HANDLED].value or 0) for row in rows]
                assert all(one >= blind.FEWEST for one in shown)
                rest = whole - sum(shown)
                assert rest == 0 or rest >= blind.FEWEST


async def test_ranges_are_whole_days_however_narrow_the_question(world: World) -> None:
    actor = partner(world)
    narrow = await world.dashboards.summary(Asked(DAYS[0], DAYS[0] + 1), actor=actor)
    wide = await world.dashboards.summary(
        Asked(DAYS[0] - 12 * HOUR_MS, DAYS[0] + 11 * HOUR_MS), actor=actor
    )
    assert narrow.metrics == wide.metrics
    points = await world.dashboards.series(
        Asked(DAYS[0], DAYS[0] + HOUR_MS), Grain.QUARTER_HOUR, actor=actor
    )
    assert [point.to_ms - point.from_ms for point in points] == [DAY_MS]


@pytest.mark.parametrize(
    "how", [{"threshold_ms": 19_999}, {"definition": Definition.ANSWERED_ONLY}]
)
async def test_the_threshold_cannot_be_moved_past_single_waits(
    world: World, how: dict[str, Any]
) -> None:
    asked = Asked(DAYS[0], DAYS[1])._replace(**how)
    with pytest.raises(InvalidInput):
        await world.dashboards.summary(asked, actor=partner(world))


async def test_what_is_one_contacts_own_is_not_given(world: World) -> None:
    summary = await world.dashboards.summary(Asked(DAYS[0], DAYS[1] + 1), actor=partner(world))
    for name in (MetricName.LONGEST_WAIT, MetricName.DISTINCT_CUSTOMERS, MetricName.WAIT_P99):
        metric = summary.metrics[name]
        assert (metric.value, metric.numerator, metric.covered) == (None, None, None)
    assert summary.freshness.as_of_ms is not None
    assert summary.freshness.as_of_ms % (15 * 60_000) == 0


async def test_the_contacts_and_the_differences_to_vendors_stay_closed(world: World) -> None:
    actor, asked = partner(world), Asked(DAYS[0], DAYS[1])
    assert await world.dashboards.reconcile(asked, actor=actor) == ()
    with pytest.raises(Forbidden):
        await world.dashboards.contacts(
            asked,
            metric=None,
            outcomes=frozenset(),
            agent=None,
            cursor=None,
            limit=10,
            actor=actor,
        )


async def test_ids_of_agents_lead_to_no_name(world: World) -> None:
    asked = Asked(DAYS[1], DAYS[1] + 1)
    blind_rows = await world.dashboards.agents(asked, actor=partner(world))
    open_rows = await world.dashboards.agents(asked, actor=world.actor())
    assert blind_rows
    assert not {row.id for row in blind_rows} & {row.id for row in open_rows}
    assert {row.name for row in blind_rows} == {None}


kinds = st.sampled_from(
    [Outcome.ANSWERED] * 6 + [Outcome.ABANDONED, Outcome.FLOW_OUT, Outcome.WAITING]
)
rows = st.lists(
    st.tuples(
        kinds,
        st.integers(1, 2),
        st.integers(0, 3),
        st.sampled_from([None, 0, 4_999, 5_000, 20_000, 20_001]),
        st.sampled_from([None, 1_000]),
        st.sampled_from([None, True, False]),
    ),
    max_size=60,
)


def paged(drawn: list[Any]) -> Page:
    """The page of made-up contacts of one day."""
    matrix = []
    for outcome, queue, agent, wait, talk, transferred in drawn:
        answered = outcome is Outcome.ANSWERED
        made = contact(
            outcome=outcome,
            direction=Direction.INBOUND,
            wait_ms=wait,
            talk_ms=talk if answered else None,
            hold_ms=0 if answered else None,
            after_contact_work_ms=0 if answered else None,
            transferred=transferred if answered else None,
        )
        matrix.append(facts(made, queue, agent if answered else 0, 1))
    page = EMPTY
    if matrix:
        table = np.array(matrix, np.int64)
        for change in deltas(table, np.ones(len(table), np.int64)).values():
            page = apply(page, change)
    return page


@given(rows)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_no_part_of_an_atom_is_of_one_to_four(drawn: list[Any]) -> None:
    before, after = paged(drawn), blind.page(paged(drawn))
    raw = dict(zip(before.queues.keys.tolist(), before.queues.counts, strict=True))
    starts = [0, 0]
    for place, (key, row) in enumerate(
        zip(after.queues.keys.tolist(), after.queues.counts.tolist(), strict=True)
    ):
        few = [row[one] for one in (Count.CONTACTS, Count.OFFERED, Count.HANDLED)]
        outcomes = [row[one] for one in (Count.ANSWERED, Count.ABANDONED, Count.FLOW_OUT)]
        few += outcomes
        few += [row[Count.CONTACTS] - row[Count.OFFERED]] if row[Count.OFFERED] else []
        few += [row[Count.OFFERED] - sum(outcomes)] if any(outcomes) else []
        for known in (Count.TALK_KNOWN, Count.HANDLE_KNOWN, Count.TRANSFER_KNOWN):
            few += [row[known], row[Count.HANDLED] - row[known]] if row[known] else []
        few += [row[Count.TRANSFERRED], row[Count.TRANSFER_KNOWN] - row[Count.TRANSFERRED]]
        for kind in (0, 1):
            length = int(after.lengths[kind, place])
            values = after.values[kind][starts[kind] : starts[kind] + length]
            starts[kind] += length
            for border in (20_001,) if kind == 0 else (5_000, 20_001):
                few += [int((values < border).sum()), int((values >= border).sum())]
        assert not [one for one in few if 0 < one < blind.FEWEST], row
        assert (raw[key] >= row).all()
    _agents_leave_enough(before, after)


def _agents_leave_enough(before: Page, after: Page) -> None:
    raw = dict(zip(before.queues.keys.tolist(), before.queues.counts, strict=True))
    for cell in {int(key) & 0xFFFFFFFF for key in after.agents.keys}:
        mine = (after.agents.keys & 0xFFFFFFFF) == cell
        shown = after.agents.counts[mine]
        rest = raw[cell][Count.HANDLED :] - shown.sum(axis=0)
        talk = Count.TALK_KNOWN - Count.HANDLED
        for part in (rest[0], rest[talk], rest[0] - rest[talk], *shown[:, 0], *shown[:, talk]):
            assert part == 0 or part >= blind.FEWEST
        share = Fraction(int(shown[:, 0].sum()), int(raw[cell][Count.HANDLED]))
        assert 0 < share <= 1
