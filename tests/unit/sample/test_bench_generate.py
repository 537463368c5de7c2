"""The benchmarks' contacts: the lines and the columns tell the same, in Connect's own shape."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from bench.connect_text import agent_arn, customer_number, queue_arn, queue_name
from bench.generate import CHANNELS, DIRECTIONS, OUTCOMES, Columns, columns, connect_lines
from portal.adapters.sources.amazon_connect import SOURCE
from portal.domain.contacts.model import Outcome, SourceRecord
from portal.domain.contacts.ports import SourceOptions

N = 3000
NOW_MS = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp() * 1000)


def contacts() -> list[dict[str, Any]]:
    names = Columns._fields
    return [
        dict(zip(names, row, strict=True))
        for day in columns(N, seed=7)
        for row in zip(*(column.tolist() for column in day), strict=True)
    ]


def test_same_seed_gives_the_same_lines_and_another_seed_others() -> None:
    first = b"".join(connect_lines(N, seed=7))
    assert first == b"".join(connect_lines(N, seed=7))
    assert first != b"".join(connect_lines(N, seed=8))


def test_lines_are_json_in_time_order_with_ids_of_their_own() -> None:
    chunks = list(connect_lines(N, seed=7))
    assert all(chunk.endswith(b"\n") for chunk in chunks)
    text = b"".join(chunks)
    records = [json.loads(line) for line in text.splitlines()]
    assert len({record["ContactId"] for record in records}) == len(records) == N
    starts = [record["InitiationTimestamp"] for record in records]
    assert starts == sorted(starts)
    assert 1000 < len(text) / N < 1250


def test_the_source_reads_from_the_lines_what_the_columns_hold() -> None:
    file = io.BytesIO(b"".join(connect_lines(N, seed=7)))
    rows = list(SOURCE.read(file, SourceOptions(now_ms=NOW_MS)))
    for row, told in zip(rows, contacts(), strict=True):
        assert isinstance(row, SourceRecord)
        (contact,) = row.contacts
        assert contact.arrived_ms == told["arrived_ms"]
        assert contact.ended_ms == told["ended_ms"]
        assert contact.outcome == OUTCOMES[told["outcome"]]
        assert contact.channel == CHANNELS[told["channel"]]
        assert contact.direction == DIRECTIONS[told["direction"]]
        assert contact.queue == (queue_arn(told["queue"]), queue_name(told["queue"]))
        agent = None if contact.agent is None else contact.agent.key
        assert agent == (None if told["agent"] < 0 else agent_arn(told["agent"]))
        assert contact.customer is not None
        assert contact.customer.number == customer_number(told["customer"])
        assert (contact.wait_ms or 0) == told["wait_ms"]
        assert (contact.talk_ms or 0) == told["talk_ms"]
        assert (contact.hold_ms or 0) == told["hold_ms"]
        assert (contact.after_contact_work_ms or 0) == told["acw_ms"]


def test_every_outcome_occurs_but_still_waiting() -> None:
    seen = {OUTCOMES[told["outcome"]] for told in contacts()}
    assert seen == set(Outcome) - {Outcome.WAITING}


def test_hours_and_weekdays_have_their_curve() -> None:
    arrived = np.concatenate([day.arrived_ms for day in columns(40_000, seed=7)])
    hours = np.bincount(arrived // 3_600_000 % 24, minlength=24)
    assert hours[10] > hours[12] < hours[14] > hours[20] > 0
    days = np.bincount((arrived // 86_400_000 + 3) % 7, minlength=7)
    assert days.argmax() == 0
    assert days.argmin() == 6


def test_counts_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        next(columns(0))
    with pytest.raises(ValueError, match="counted from 1"):
        next(connect_lines(1, agents=0))
