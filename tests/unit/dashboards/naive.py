"""Every figure computed the plain way, from a list of contacts, by the formulas of the domain
reference, section E: what the engine over pages is held against. Shares no code with it."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from portal.domain.contacts.model import Channel, Contact, Customer, Direction, Gap, Outcome, Timing
from portal.domain.dashboards.model import Definition, MetricName

Gaps = Mapping[str, Mapping[Timing, Gap]]
QUEUED = {
    Outcome.ANSWERED,
    Outcome.ABANDONED,
    Outcome.FLOW_OUT,
    Outcome.CALLBACK,
    Outcome.WAITING,
}
M = MetricName


class Known(NamedTuple):
    """A contact that is in, and the source it came from."""

    source: str
    contact: Contact


class Question(NamedTuple):
    """[from_ms, to_ms), filters (empty does not narrow; queues by key), definition, threshold."""

    from_ms: int
    to_ms: int
    queues: frozenset[str] = frozenset()
    channels: frozenset[Channel] = frozenset()
    directions: frozenset[Direction] = frozenset()
    definition: Definition = Definition.STRICT
    threshold_ms: int = 20_000


class Figure(NamedTuple):
    """A value with what it was divided from, None where there is nothing to divide."""

    value: float | None
    part: float | None = None
    whole: float | None = None


def person(customer: Customer | None) -> tuple[str, str] | None:
    """Whom the customer is by number, else mail, else id."""
    if customer is None:
        return None
    for kind, value in (
        ("number", customer.number),
        ("mail", customer.email),
        ("id", customer.external_id),
    ):
        if value is not None:
            return kind, value
    return None


def is_handled(contact: Contact) -> bool:
    """An agent's part that is over; calls between extensions only when they were queued."""
    if contact.ended_ms is None:
        return False
    if contact.outcome is Outcome.ANSWERED:
        return True
    return contact.outcome is Outcome.CONNECTED and contact.direction is not Direction.INTERNAL


def narrowed(known: Iterable[Known], question: Question) -> list[Known]:
    """The contacts that the filters leave."""
    return [
        one
        for one in known
        if (
            not question.queues
            or (one.contact.queue is not None and one.contact.queue.key in question.queues)
        )
        and (not question.channels or one.contact.channel in question.channels)
        and (not question.directions or one.contact.direction in question.directions)
    ]


def arrived(known: Iterable[Known], question: Question) -> list[Known]:
    return [k for k in known if question.from_ms <= k.contact.arrived_ms < question.to_ms]


def handled(known: Iterable[Known], question: Question) -> list[Known]:
    return [
        k
        for k in known
        if is_handled(k.contact) and question.from_ms <= (k.contact.ended_ms or 0) < question.to_ms
    ]


def quotient(part: float, whole: float, *, percent: bool) -> Figure:
    if whole <= 0:
        return Figure(None)
    return Figure(100 * part / whole if percent else part / whole, part, whole)


def mean(values: Sequence[int | None]) -> Figure:
    """The mean in seconds of the values that are known."""
    given = [value for value in values if value is not None]
    return quotient(sum(given) / 1000, len(given), percent=False)


def service_level(
    answered: Sequence[Contact], gave_up: Sequence[Contact], question: Question
) -> Figure:
    """Of contacts whose waits are known; see section E, rows SL."""
    waits = [c.wait_ms for c in answered if c.wait_ms is not None]
    lost = [c.wait_ms for c in gave_up if c.wait_ms is not None]
    a, b = len(waits), len(gave_up)
    a_in = len([w for w in waits if w <= question.threshold_ms])
    b_in = len([w for w in lost if w <= question.threshold_ms])
    short = len([w for w in lost if w < 5000])
    part, whole = {
        Definition.STRICT: (a_in, a + b),
        Definition.SHORT_EXCLUDED: (a_in, a + b - short),
        Definition.IGNORE_ABANDONED: (a_in, a + b - b_in),
        Definition.POSITIVE: (a_in + b_in, a + b),
        Definition.ANSWERED_ONLY: (a_in, a),
    }[question.definition]
    return quotient(part, whole, percent=True)


def rank(waits: Sequence[int], share: float) -> Figure:
    """Nearest rank in seconds, from five waits on."""
    if len(waits) < 5:
        return Figure(None)
    return Figure(sorted(waits)[ceil(round(share * len(waits), 6)) - 1] / 1000)


def of_agents(known: Iterable[Known], question: Question) -> dict[MetricName, Figure]:
    """What is counted by the end of the contact."""
    done = [k.contact for k in handled(narrowed(known, question), question)]
    whole_times = [
        c.talk_ms + c.hold_ms + c.after_contact_work_ms
        for c in done
        if c.talk_ms is not None and c.hold_ms is not None and c.after_contact_work_ms is not None
    ]
    passed = [c.transferred for c in done if c.transferred is not None]
    return {
        M.HANDLED: Figure(len(done)),
        M.AVERAGE_HANDLE_TIME: mean(whole_times),
        M.AVERAGE_TALK_TIME: mean([c.talk_ms for c in done]),
        M.AVERAGE_HOLD_TIME: mean([c.hold_ms for c in done]),
        M.AVERAGE_AFTER_CONTACT_WORK: mean([c.after_contact_work_ms for c in done]),
        M.TRANSFER_RATE: quotient(sum(passed), len(passed), percent=True),
    }


def figures(known: Iterable[Known], question: Question, gaps: Gaps) -> dict[MetricName, Figure]:
    """Every metric. Contacts of a source that cannot give a timing are left out of what needs
    it."""
    chosen = narrowed(known, question)
    came = arrived(chosen, question)

    def able(*needs: Timing) -> list[Known]:
        return [k for k in came if not any(need in gaps[k.source] for need in needs)]

    def outcomes(of: Iterable[Known], outcome: Outcome) -> list[Contact]:
        return [k.contact for k in of if k.contact.outcome is outcome]

    measured = able(Timing.WAIT_ANSWERED)
    answered = outcomes(measured, Outcome.ANSWERED)
    gave_up = outcomes(measured, Outcome.ABANDONED)
    waits = [c.wait_ms for c in (*answered, *gave_up) if c.wait_ms is not None]
    offered = [k for k in came if k.contact.outcome in QUEUED]
    lost = outcomes(able(Timing.WAIT_ABANDONED), Outcome.ABANDONED)
    lost_waits = [c.wait_ms for c in lost if c.wait_ms is not None]
    short = len([w for w in lost_waits if w < 5000])
    all_lost = outcomes(came, Outcome.ABANDONED)
    able_offered = [k for k in able(Timing.WAIT_ABANDONED) if k.contact.outcome in QUEUED]
    people = [person(k.contact.customer) for k in able(Timing.CUSTOMER) if k in offered]
    identified = [one for one in people if one is not None]
    return {
        M.OFFERED: Figure(len(offered)),
        M.ANSWERED: Figure(len(outcomes(came, Outcome.ANSWERED))),
        M.ABANDONED: Figure(len(all_lost)),
        M.SHORT_ABANDONED: Figure(None if all_lost and not lost_waits else short),
        M.FLOW_OUT: Figure(len(outcomes(came, Outcome.FLOW_OUT))),
        M.SERVICE_LEVEL: service_level(answered, gave_up, question),
        M.AVERAGE_SPEED_OF_ANSWER: mean([c.wait_ms for c in answered]),
        M.ABANDONMENT_RATE: quotient(len(lost) - short, len(able_offered) - short, percent=True),
        M.WAIT_P50: rank(waits, 0.5),
        M.WAIT_P90: rank(waits, 0.9),
        M.WAIT_P99: rank(waits, 0.99),
        M.LONGEST_WAIT: Figure(max(waits) / 1000 if waits else None),
        M.DISTINCT_CUSTOMERS: Figure(None if offered and not identified else len(set(identified))),
    } | of_agents(chosen, question)
