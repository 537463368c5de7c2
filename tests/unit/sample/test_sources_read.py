"""The sources read every sample file whole, and find in it all that a dashboard can show."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.contacts.model import Contact, IgnoredRow, Outcome, SourceRecord
from portal.domain.contacts.ports import SourceOptions
from portal.sample.generate import files
from portal.sample.organizations import ORGANIZATIONS, QUEUE_NAMES
from portal.sample.people import AGENT_KEYS

MONDAY = date(2026, 3, 2)
AFTERNOON_MS = int(datetime(2026, 3, 4, 16, 10, tzinfo=UTC).timestamp() * 1000)


def records(
    code: str, day: date, until_ms: int = AFTERNOON_MS
) -> Iterator[tuple[str, SourceRecord]]:
    for file in files(code, day, until_ms=until_ms):
        options = SourceOptions(
            queue_extensions=file.queue_extensions,
            region=ORGANIZATIONS[code].country,
            now_ms=until_ms,
        )
        for row in SOURCES[file.source].read(io.BytesIO(file.content), options):
            if isinstance(row, SourceRecord):
                yield file.source, row
            else:
                assert isinstance(row, IgnoredRow), (file.name, row)
                assert (file.name.rsplit(".", 1)[1], row.line) == ("csv", 1)


def contacts(code: str) -> Iterator[tuple[str, Contact]]:
    for offset in range(3):
        for source, record in records(code, MONDAY + timedelta(days=offset)):
            for contact in record.contacts:
                yield source, contact


def test_every_row_is_taken_and_every_outcome_occurs() -> None:
    seen = {(source, c.outcome) for code in ORGANIZATIONS for source, c in contacts(code)}
    assert {source for source, _ in seen} == set(SOURCES)
    assert {outcome for _, outcome in seen} == set(Outcome)


def test_three_cx_queues_are_answered_abandoned_and_forwarded() -> None:
    outcomes = {c.outcome for source, c in contacts("harbour") if source == "three-cx"}
    assert {Outcome.ANSWERED, Outcome.ABANDONED, Outcome.FLOW_OUT} <= outcomes


@pytest.mark.parametrize("code", ORGANIZATIONS)
def test_queues_and_agents_are_read_under_their_keys(code: str) -> None:
    queues, agents = set(), set()
    for source, contact in contacts(code):
        if contact.queue is not None:
            queues.add(contact.queue.key)
        if contact.agent is not None:
            agents.add((source, contact.agent.key))
    assert queues == set(QUEUE_NAMES[code])
    person = {"harbour": "amira.khan", "juniper": "noah.reyes"}[code]
    assert set(AGENT_KEYS[person].items()) <= agents


@pytest.mark.parametrize("code", ORGANIZATIONS)
def test_what_is_told_later_is_newer_or_the_same(code: str) -> None:
    day, later_ms = MONDAY + timedelta(days=2), AFTERNOON_MS + 7 * 60_000
    early = {(source, record.record_id): record for source, record in records(code, day)}
    late = {(source, record.record_id): record for source, record in records(code, day, later_ms)}
    assert early.keys() < late.keys()
    changed = 0
    for key, record in early.items():
        assert late[key].version >= record.version
        if late[key].version == record.version:
            assert late[key].contacts == record.contacts
        changed += late[key].version > record.version
    assert changed


def test_customers_read_have_fictional_numbers() -> None:
    for _, contact in [*contacts("harbour"), *contacts("juniper")]:
        if contact.customer is not None and contact.customer.number is not None:
            assert contact.customer.number.startswith(
                ("+447700900", "+441174960", "+441134960", "+442079460", "+441614960", "+1")
            )
