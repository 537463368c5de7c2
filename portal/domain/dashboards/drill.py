"""From a figure to the contacts behind it."""

from portal.domain.contacts.model import OFFERED, Channel, Customer, Direction, Outcome
from portal.domain.contacts.ports import Selection, Side
from portal.domain.contacts.rollups import SHORT_ABANDON_MS
from portal.domain.dashboards.model import MetricName
from portal.domain.shared.errors import InvalidInput

M = MetricName
SHORTEST_NUMBER_SHOWN = 7  # of a shorter one three digits would be too much
ANSWERED, ABANDONED = frozenset({Outcome.ANSWERED}), frozenset({Outcome.ABANDONED})
BY_END = frozenset(
    {
        M.HANDLED,
        M.AVERAGE_HANDLE_TIME,
        M.AVERAGE_TALK_TIME,
        M.AVERAGE_HOLD_TIME,
        M.AVERAGE_AFTER_CONTACT_WORK,
        M.TRANSFER_RATE,
    }
)
MEASURED = frozenset(
    {
        M.SERVICE_LEVEL,
        M.AVERAGE_SPEED_OF_ANSWER,
        M.WAIT_P50,
        M.WAIT_P90,
        M.WAIT_P99,
        M.LONGEST_WAIT,
    }
)
OUTCOMES = {
    M.OFFERED: OFFERED,
    M.ANSWERED: ANSWERED,
    M.ABANDONED: ABANDONED,
    M.SHORT_ABANDONED: ABANDONED,
    M.FLOW_OUT: frozenset({Outcome.FLOW_OUT}),
    M.SERVICE_LEVEL: ANSWERED | ABANDONED,
    M.AVERAGE_SPEED_OF_ANSWER: ANSWERED,
    M.ABANDONMENT_RATE: ABANDONED,
    M.WAIT_P50: ANSWERED | ABANDONED,
    M.WAIT_P90: ANSWERED | ABANDONED,
    M.WAIT_P99: ANSWERED | ABANDONED,
    M.LONGEST_WAIT: ANSWERED | ABANDONED,
    M.DISTINCT_CUSTOMERS: OFFERED,
}


def named(metric: str) -> MetricName:
    """The metric of that name. Raises InvalidInput."""
    try:
        return MetricName(metric)
    except ValueError:
        raise InvalidInput(
            "There is no such metric; /api/dashboards/definitions lists them.",
            fields={"metric": "not known"},
        ) from None


def selection(
    metric: MetricName | None,
    *,
    from_ms: int,
    to_ms: int,
    queues: frozenset[int],
    channels: frozenset[Channel],
    directions: frozenset[Direction],
    outcomes: frozenset[Outcome],
    agent: int | None,
    unmeasured: frozenset[int],
) -> Selection | None:
    """The contacts that the metric counts (without one: all), narrowed further; None when that
    leaves none. `unmeasured` are
    the queues whose source does not give the waits of answered contacts."""
    counted = OUTCOMES.get(metric, frozenset()) if metric else frozenset()
    if outcomes and counted and not outcomes & counted:
        return None
    return Selection(
        side=Side.ENDED if metric in BY_END else Side.ARRIVED,
        from_ms=from_ms,
        to_ms=to_ms,
        queues=queues,
        channels=channels,
        directions=directions,
        outcomes=(outcomes & counted) or outcomes or counted,
        agent=agent,
        wait_above=SHORT_ABANDON_MS - 1 if metric is M.ABANDONMENT_RATE else None,
        wait_under=SHORT_ABANDON_MS if metric is M.SHORT_ABANDONED else None,
        handled=metric in BY_END,
        transferred=metric is M.TRANSFER_RATE,
        with_customer=metric is M.DISTINCT_CUSTOMERS,
        without_queues=unmeasured if metric in MEASURED else frozenset(),
    )


def masked(customer: Customer | None) -> str | None:
    """Enough of a customer to tell two apart on a screen, not enough to know or call them."""
    if customer is None:
        return None
    if customer.number is not None:
        enough = len(customer.number) >= SHORTEST_NUMBER_SHOWN
        return f"••• {customer.number[-3:]}" if enough else "•••"
    if customer.email is not None:
        name, _, domain = customer.email.partition("@")
        return f"{name[:1]}•••@•••{domain[domain.rfind('.') :] if '.' in domain else ''}"
    if customer.name is not None:
        return f"{customer.name[:1]}•••"
    return "•••" if customer.external_id is not None else None
