"""From figures to contacts: what is chosen, and how much of a customer is shown."""

import pytest

from portal.domain.contacts.model import OFFERED, Customer, Outcome
from portal.domain.contacts.ports import Selection, Side
from portal.domain.dashboards.definitions import MEANINGS
from portal.domain.dashboards.drill import masked, named, selection
from portal.domain.dashboards.model import Basis, MetricName
from portal.domain.shared.errors import InvalidInput


def chosen(metric: MetricName | None, *outcomes: Outcome) -> Selection:
    found = selection(
        metric,
        from_ms=0,
        to_ms=1,
        queues=frozenset(),
        channels=frozenset(),
        directions=frozenset(),
        outcomes=frozenset(outcomes),
        agent=None,
        unmeasured=frozenset({7}),
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("customer", "shown"),
    [
        (None, None),
        (Customer(), None),
        (Customer("+12025550101", "casey@example.test", "Casey"), "••• 101"),
        (Customer("110"), "•••"),
        (Customer("7"), "•••"),
        (Customer(""), "•••"),
        (Customer(None, "casey@mail.example.test"), "c•••@•••.test"),
        (Customer(None, "casey@localhost"), "c•••@•••"),
        (Customer(None, "@"), "•••@•••"),
        (Customer(None, None, "Casey Example"), "C•••"),
        (Customer(None, None, None, "x-1"), "•••"),
    ],
)
def test_customers_are_masked(customer: Customer | None, shown: str | None) -> None:
    assert masked(customer) == shown


@pytest.mark.parametrize("metric", MetricName)
def test_every_metric_leads_to_contacts_on_the_side_it_is_counted_on(metric: MetricName) -> None:
    found = chosen(metric)
    by_end = MEANINGS[metric].basis is Basis.END
    assert found.side is (Side.ENDED if by_end else Side.ARRIVED)
    assert found.handled is by_end
    assert by_end or found.outcomes <= OFFERED
    assert by_end or found.outcomes


def test_without_a_metric_everything_is_chosen() -> None:
    assert chosen(None) == Selection(Side.ARRIVED, 0, 1)
    assert chosen(None, Outcome.CALLBACK).outcomes == {Outcome.CALLBACK}


def test_outcomes_narrow_a_metric_and_never_widen_it() -> None:
    answered = chosen(MetricName.SERVICE_LEVEL, Outcome.ANSWERED, Outcome.CALLBACK)
    assert answered.outcomes == {Outcome.ANSWERED}
    assert answered.without_queues == {7}


@pytest.mark.parametrize("name", ["", "Offered", "offered ", "happiness"])
def test_an_unknown_metric_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        named(name)


def test_every_metric_is_named_by_its_word_and_explained() -> None:
    assert [named(metric.value) for metric in MetricName] == list(MetricName)
    assert set(MEANINGS) == set(MetricName)
    for meaning in MEANINGS.values():
        assert meaning.title
        assert meaning.formula
        assert meaning.description.endswith(".")
