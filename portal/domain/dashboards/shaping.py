"""From stored contacts and counts to what people are shown."""

from collections.abc import Mapping

from portal.domain.contacts.pages import Count
from portal.domain.contacts.ports import QueueEntry, StoredContact
from portal.domain.dashboards import drill, kpis
from portal.domain.dashboards.definitions import MEANINGS
from portal.domain.dashboards.kpis import Group, SourceFacts
from portal.domain.dashboards.model import (
    Completeness,
    ContactRow,
    Metric,
    Metrics,
    SourceGap,
    SourceShare,
    Unit,
)
from portal.domain.dashboards.reconciliation import Shares


def completeness(
    group: Group, facts: Mapping[str, SourceFacts], metrics: Metrics, quarantined: int
) -> Completeness:
    """Whether every figure covers every contact, and what each source cannot say."""
    shares = []
    for source, counts in sorted(group.counts.items()):
        contacts = int(counts[Count.CONTACTS])
        gaps = _gaps(facts[source]) if contacts or counts[Count.HANDLED] else ()
        shares.append(SourceShare(source, facts[source].title, contacts, gaps))
    waiting = sum(int(counts[Count.WAITING]) for counts in group.counts.values())
    complete = all(metric.covered == metric.total for metric in metrics.values())
    return Completeness(complete, tuple(shares), waiting, quarantined)


def _gaps(source: SourceFacts) -> tuple[SourceGap, ...]:
    return tuple(
        SourceGap(
            gap.field,
            gap.reason,
            tuple(name for name, meaning in MEANINGS.items() if timing in meaning.needs),
        )
        for timing, gap in source.gaps.items()
    )


def share(shares: Shares) -> Metric:
    """A quotient of contacts as a metric."""
    part, whole = int(shares.part.sum()), int(shares.whole.sum())
    if whole == 0:
        return Metric(None, Unit.PERCENT, kpis.NOTHING)
    return Metric(100 * part / whole, Unit.PERCENT, None, part, whole)


def contact_row(
    contact: StoredContact,
    queues: Mapping[int, QueueEntry],
    agents: Mapping[int, str],
    *,
    customer: bool = True,
) -> ContactRow:
    """The contact as a row, its customer masked, or left out."""
    return ContactRow(
        id=f"c{contact.id}",
        record=contact.record,
        source=contact.source,
        channel=contact.channel,
        direction=contact.direction,
        outcome=contact.outcome,
        queue=queues[contact.queue].name or None,
        agent=agents.get(contact.agent),
        customer=drill.masked(contact.customer) if customer else None,
        started_ms=contact.started_ms,
        arrived_ms=contact.arrived_ms,
        ended_ms=contact.ended_ms,
        wait_ms=contact.wait_ms,
        talk_ms=contact.talk_ms,
        hold_ms=contact.hold_ms,
        after_contact_work_ms=contact.after_contact_work_ms,
        transferred=contact.transferred,
    )
