"""The pure parts of contacts on Cosmos DB: spans of days, steps of a batch, places of contacts."""

import random
from itertools import pairwise

import pytest

from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos.contacts_head import Spans, spanning, within
from portal.adapters.storage.cosmos.contacts_index import Balance
from portal.adapters.storage.cosmos.contacts_journal import (
    MOST_STEP_BYTES,
    MOST_STEP_OPERATIONS,
    steps,
)
from tests.fakes.clock import NOON_MS


def test_spans_hold_the_days_they_were_given_and_no_others() -> None:
    draw = random.Random(3)
    for _ in range(200):
        spans: Spans = ()
        days: set[int] = set()
        for _ in range(draw.randrange(6)):
            more = {draw.randrange(40) for _ in range(draw.randrange(8))}
            spans = spanning(more, spans)
            days |= more
        assert within(spans, 0, 40) == sorted(days)
        assert all(last + 1 < first for (_, last), (first, _) in pairwise(spans))
        low, high = sorted((draw.randrange(40), draw.randrange(40)))
        assert within(spans, low, high) == [day for day in sorted(days) if low <= day <= high]


def test_a_few_days_within_spans_leave_them_as_they_are() -> None:
    spans = ((1, 5), (9, 9))
    assert spanning({2, 9}, spans) is spans
    assert spanning({6, 8}, spans) == ((1, 6), (8, 9))
    assert spanning({6, 7, 8}, spans) == ((1, 9),)


@pytest.mark.parametrize(("writes", "deletes"), [(1, 0), (0, 1), (98, 0), (99, 0), (250, 250)])
def test_steps_fit_a_batch_beside_their_fence_and_lose_nothing(writes: int, deletes: int) -> None:
    upserts = [{"id": f"u-{n}", "pk": f"p-{n % 2}"} for n in range(writes)]
    gone = [(f"p-{n % 2}", f"d-{n}") for n in range(deletes)]
    made = steps(upserts, gone)
    assert all(len(s.upserts) + len(s.deletes) <= MOST_STEP_OPERATIONS < 100 for s in made)
    assert all(s.upserts or s.deletes for s in made)
    assert sorted(i["id"] for s in made for i in s.upserts) == sorted(i["id"] for i in upserts)
    assert sorted((s.pk, id) for s in made for id in s.deletes) == sorted(gone)
    for pk in ("p-0", "p-1"):
        parts = [s.part for s in made if s.pk == pk]
        assert parts == list(range(1, len(parts) + 1))
    assert all(item["pk"] == s.pk for s in made for item in s.upserts)


def test_steps_of_large_items_are_small() -> None:
    made = steps([{"id": str(n), "pk": "p", "x": "y" * 300_000} for n in range(7)], ())
    assert [len(s.upserts) for s in made] == [2, 2, 2, 1]
    assert all(sum(len(i["x"]) for i in s.upserts) < MOST_STEP_BYTES for s in made)


def test_a_contacts_number_tells_its_day_and_stays_exact_in_json() -> None:
    number = items.number_of(NOON_MS, 5)
    assert items.day_of_number(number) == NOON_MS // items.DAY_MS
    assert items.number_of(NOON_MS, 6) == number + 1
    in_2150 = items.number_of(5_680_281_600_000, (1 << items.NUMBER_BITS) - 1)
    assert int(float(in_2150)) == in_2150 < 1 << 53


def test_a_balance_is_even_for_the_same_entries_in_any_order() -> None:
    entries = [("a", 1), ("a", 2), ("b", 1), ("a", 1)]
    balance = Balance()
    for entry in entries:
        balance.add(1, *entry)
    for entry in reversed(entries):
        assert not balance.is_even
        balance.add(-1, *entry)
    assert balance.is_even
    balance.add(1, "a", 12)
    balance.add(-1, "a1", 2)
    assert not balance.is_even
