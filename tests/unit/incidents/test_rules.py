import random
from datetime import UTC, datetime

import pytest

from portal.domain.incidents import rules
from portal.domain.incidents.model import (
    Category,
    Due,
    Impact,
    Incident,
    IncidentKind,
    Priority,
    Severity,
    Source,
    State,
    Terms,
)
from portal.domain.organizations.model import Organization, Region
from portal.domain.shared.errors import Conflict, InvalidInput

LONDON = "Europe/London"
HOUR = 3600 * 1000


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def new(at_ms: int, severity: Severity = Severity.HIGH, impact: Impact = Impact.ONE) -> Incident:
    return Incident(
        "00000001",
        1,
        IncidentKind.INCIDENT,
        State.NEW,
        Category.OTHER,
        severity,
        impact,
        "somebody",
        Source.TAB,
        "",
        at_ms,
        0,
        at_ms,
        at_ms,
    )


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-10-28T10:00", 60, "2026-10-28T11:00"),
        ("2026-10-28T16:30", 60, "2026-10-29T09:30"),
        ("2026-10-28T05:00", 30, "2026-10-28T09:30"),
        ("2026-10-30T16:30", 60, "2026-11-02T09:30"),  # over a weekend
        ("2026-10-23T15:30", 60, "2026-10-26T09:30"),  # the clocks go back between
    ],
)
def test_targets_count_business_hours(start: str, minutes: int, end: str) -> None:
    assert rules.after(at(start), minutes, Terms(), LONDON) == at(end)


def test_the_worst_counts_around_the_clock() -> None:
    night = at("2026-10-31T23:00")
    made = rules.aimed(new(night, Severity.CRITICAL, Impact.ORGANIZATION), Terms(), LONDON)
    assert rules.priority(made.severity, made.impact) is Priority.P1
    assert made.acknowledge_by_ms == night + HOUR // 2
    assert made.resolve_by_ms == night + 24 * HOUR


def test_more_severe_or_wider_never_comes_later() -> None:
    grades = list(Priority)
    for i, severity in enumerate(list(Severity)[1:]):
        for j, impact in enumerate(Impact):
            here = grades.index(rules.priority(severity, impact))
            assert here <= grades.index(rules.priority(list(Severity)[i], impact))
            if j:
                assert here <= grades.index(rules.priority(severity, list(Impact)[j - 1]))


@pytest.mark.parametrize("seed", range(20))
def test_fifty_steps_never_leave_the_machine(seed: int) -> None:
    dice, one, now = random.Random(seed), new(at("2026-10-28T10:00")), at("2026-10-28T10:00")
    for _ in range(50):
        now += HOUR
        wanted = dice.choice(list(State))
        if wanted in rules.STEPS[one.state]:
            one = rules.stepped(one, wanted, now)
            assert one.state is wanted
        else:
            with pytest.raises(Conflict):
                rules.stepped(one, wanted, now)
        assert bool(one.acknowledged_at_ms) == (one.state is not State.NEW)
        assert bool(one.resolved_at_ms) == (one.state in {State.RESOLVED, State.CLOSED})
        assert bool(one.closed_at_ms) == (one.state is State.CLOSED)


def test_every_state_can_be_reached_and_left() -> None:
    assert set().union(*rules.STEPS.values()) == set(State) - {State.NEW}
    assert all(rules.STEPS[state] for state in State)


def test_breach_clocks_start_from_awareness() -> None:
    now = at("2026-10-28T10:00")
    known = rules.authority(Organization("bay", "Bay", Region.UK, LONDON, "GB"))
    made = rules.breached(new(now - HOUR), now - 2 * HOUR, known, 24, now)
    assert made.authority_by_ms == now + 70 * HOUR
    assert made.contract_by_ms == now + 22 * HOUR
    assert rules.late(made, now + 71 * HOUR)[-2:] == (Due.AUTHORITY, Due.CONTRACT)
    with pytest.raises(InvalidInput):
        rules.breached(made, now + 1, known, 0, now)


def test_an_undecided_breach_is_not_closed() -> None:
    now = at("2026-10-28T10:00")
    one = new(now)._replace(state=State.RESOLVED, aware_at_ms=now)
    with pytest.raises(Conflict) as refused:
        rules.stepped(one, State.CLOSED, now)
    assert refused.value.code == "no-decision"


@pytest.mark.parametrize(
    ("region", "country", "words"),
    [
        (Region.EU, "IE", "Data Protection Commission"),
        (Region.EU, "PT", "supervisory authority"),
        (Region.UK, "GB", "ICO"),
        (Region.AU, "AU", "OAIC"),
        (Region.ZA, "ZA", "Information Regulator"),
        (Region.US, "US", "attorney general"),
    ],
)
def test_the_authority_is_that_of_the_region(region: Region, country: str, words: str) -> None:
    organization = Organization("bay", "Bay", region, LONDON, country)
    assert words in rules.authority(organization).name


@pytest.mark.parametrize(
    "terms",
    [
        Terms(days=()),
        Terms(days=(7,)),
        Terms(from_minute=600, to_minute=600),
        Terms(to_minute=1441),
    ],
)
def test_impossible_hours_are_refused(terms: Terms) -> None:
    with pytest.raises(InvalidInput):
        rules.check(terms)
