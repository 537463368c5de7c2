"""Finding stored contacts: day by day in the partitions of the side that is asked for.

The texts are fixed but for the conditions that a selection adds, each written here; everything
given is a parameter. A contact that ended in another day than it arrived has a copy there, so a
partition answers for its own day alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from portal.adapters.storage.cosmos import contacts_items as items
from portal.adapters.storage.cosmos.contacts_batch import (
    contacts_by_number,
    customer_keys,
    opened,
)
from portal.adapters.storage.cosmos.contacts_head import Head, within
from portal.adapters.storage.cosmos.contacts_items import DAY_MS
from portal.adapters.storage.cosmos.container import Container, Item
from portal.adapters.storage.cosmos.pages import gathered
from portal.adapters.storage.shared import records as shared
from portal.adapters.storage.shared.writing import is_number
from portal.domain.contacts.model import Direction, Outcome
from portal.domain.contacts.pages import CHANNELS, DIRECTIONS, OUTCOMES, Fact, Ints
from portal.domain.contacts.ports import Box, Found, Selection, Side, StoredContact, Tenant
from portal.domain.shared.errors import InvalidInput

FIND, FACTS = "contacts.find", "contacts.facts"
SIDES = {
    Side.ARRIVED: " FROM c WHERE c.pk = @pk AND c.kind = 'contact'"
    " AND c.arrived >= @from AND c.arrived < @to",
    Side.ENDED: " FROM c WHERE c.pk = @pk AND c.kind IN ('contact', 'ended')"
    " AND c.ended >= @from AND c.ended < @to",
}
COUNT, ALL = "SELECT VALUE COUNT(1)", "SELECT *"
FACTS_OF_C = ", ".join(f"c.{name}" for name in ("number", *items.FACTS))
NUMBERS = f"SELECT {FACTS_OF_C}"
AFTER = {
    Side.ARRIVED: " AND (c.arrived > @at OR (c.arrived = @at AND c.number > @number))"
    " ORDER BY c.arrived, c.number",
    Side.ENDED: " AND (c.ended > @at OR (c.ended = @at AND c.number > @number))"
    " ORDER BY c.ended, c.number",
}
HANDLED = (
    " AND c.ended >= 0 AND c.outcome IN (@answered, @connected)"
    " AND (c.outcome = @answered OR c.direction <> @internal)"
)


async def facts(
    box: Container, partition: str, head: Head, side: Side, from_ms: int, to_ms: int
) -> tuple[Ints, Ints]:
    """Numbers and fact matrix of the contacts in the range, in the order of the side's instant."""
    text = NUMBERS + SIDES[side]

    async def one(day: int) -> list[Item]:
        pk, span = items.day_partition(partition, day), _span(day, from_ms, to_ms)
        return [item async for item in box.each(FACTS, pk, text, span)]

    found = await gathered(one(day) for day in _days(head, from_ms, to_ms))
    rows = [item for part in found for item in part]
    rows.sort(key=lambda item: (items.instant_of(item, side), item["number"]))
    matrix = np.array([(item["number"], *items.facts_of(item)) for item in rows], np.int64)
    matrix = matrix.reshape(len(rows), 1 + len(Fact))
    return matrix[:, 0], matrix[:, 1:]


async def by_ids(
    box: Container, tenant: Tenant, numbers: Sequence[int]
) -> tuple[StoredContact, ...]:
    """The contacts of those numbers, oldest arrival first."""
    found = await contacts_by_number(box, tenant.partition, map(int, numbers))
    rows = sorted(found.values(), key=lambda item: (item["arrived"], item["number"]))
    return tuple(await _contacts(box, tenant, rows))


async def find(
    box: Container,
    tenant: Tenant,
    head: Head,
    selection: Selection,
    cursor: str | None,
    limit: int,
) -> Found:
    """The page of contacts behind the cursor, and how many the selection has in all."""
    at, number = _position(cursor)
    side = selection.side
    narrowed, values = _narrowed(selection)
    days = _days(head, selection.from_ms, selection.to_ms)

    async def counted(day: int) -> int:
        pk = items.day_partition(tenant.partition, day)
        given = values | _span(day, selection.from_ms, selection.to_ms)
        [total] = await box.query(FIND, pk, COUNT + SIDES[side] + narrowed, given, most=1)
        return int(total)

    counts = dict(zip(days, await gathered(counted(day) for day in days), strict=True))
    rows: list[Item] = []
    for day in days:
        if not counts[day] or (day + 1) * DAY_MS <= at:
            continue
        pk = items.day_partition(tenant.partition, day)
        given = values | _span(day, selection.from_ms, selection.to_ms)
        given |= {"@at": at, "@number": number}
        text = ALL + SIDES[side] + narrowed + AFTER[side]
        rows += await box.query(FIND, pk, text, given, most=limit + 1 - len(rows))
        if len(rows) > limit:
            break
    found = await _contacts(box, tenant, rows[:limit])
    more = None
    if len(rows) > limit:
        last = rows[limit - 1]
        more = f"{items.instant_of(last, side)}-{last['number']}"
    return Found(tuple(found), sum(counts.values()), more)


async def _contacts(box: Container, tenant: Tenant, rows: Sequence[Item]) -> list[StoredContact]:
    keys = await customer_keys(box, tenant, rows)
    found = []
    for item in rows:
        plain = opened(tenant, item, keys)
        customer = shared.customer_of(plain) if plain is not None else None
        if item["customer"] == 0 and customer is not None and not any(customer):
            customer = None  # sealed attributes alone
        found.append(items.stored_contact(item, customer))
    return found


def _days(head: Head, from_ms: int, to_ms: int) -> list[int]:
    return within(head.days, from_ms // DAY_MS, (to_ms - 1) // DAY_MS)


def _span(day: int, from_ms: int, to_ms: int) -> dict[str, int]:
    """The part of the range in the day: what else is in its partition belongs to another day."""
    return {"@from": max(from_ms, day * DAY_MS), "@to": min(to_ms, (day + 1) * DAY_MS)}


def _position(cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return -1, 0
    at, _, number = cursor.partition("-")
    if not (is_number(at) and is_number(number)):
        raise InvalidInput("The cursor is not one of ours; leave it out to begin anew.")
    return int(at), int(number)


def _narrowed(s: Selection) -> tuple[str, dict[str, Any]]:
    """The conditions of a selection and their parameters."""
    text, values = "", dict[str, Any]()
    of: tuple[tuple[str, Iterable[int]], ...] = (
        ("queue", s.queues),
        ("channel", (CHANNELS.index(one) for one in s.channels)),
        ("direction", (DIRECTIONS.index(one) for one in s.directions)),
        ("outcome", (OUTCOMES.index(one) for one in s.outcomes)),
    )
    for name, given in of:
        if chosen := sorted(given):
            condition, parameters = items.among(name, chosen)
            text += " AND " + condition
            values |= parameters
    if s.without_queues:
        text += " AND NOT ARRAY_CONTAINS(@without, c.queue)"
        values["@without"] = sorted(s.without_queues)
    for value, name, condition in (
        (s.agent, "@agent", "c.agent = @agent"),
        (s.wait_above, "@above", "(c.wait < 0 OR c.wait > @above)"),
        (s.wait_within, "@within", "c.wait >= 0 AND c.wait <= @within"),
        (s.wait_under, "@under", "c.wait >= 0 AND c.wait < @under"),
    ):
        if value is not None:
            text += " AND " + condition
            values[name] = value
    if s.handled:
        text += HANDLED
        values |= {
            "@answered": OUTCOMES.index(Outcome.ANSWERED),
            "@connected": OUTCOMES.index(Outcome.CONNECTED),
            "@internal": DIRECTIONS.index(Direction.INTERNAL),
        }
    if s.transferred:
        text += " AND c.transferred = 1"
    if s.with_customer:
        text += " AND c.customer > 0"
    if s.within is not None:
        condition, parameters = _within(s.within)
        text += " AND " + condition
        values |= parameters
    return text, values


def _within(boxes: Sequence[Box]) -> tuple[str, dict[str, Any]]:
    """The condition that a contact is in one of the boxes, and its parameters."""
    any_of, values = [], dict[str, Any]()
    for place, box in enumerate(boxes):
        all_of = ["c.number > 0"]  # as every contact's is
        if box.queues is not None:
            all_of.append(f"ARRAY_CONTAINS(@queues{place}, c.queue)")
            values[f"@queues{place}"] = sorted(box.queues)
        if box.channels is not None:
            all_of.append(f"ARRAY_CONTAINS(@channels{place}, c.channel)")
            values[f"@channels{place}"] = sorted(CHANNELS.index(one) for one in box.channels)
        any_of.append(f"({' AND '.join(all_of)})")
    return f"({' OR '.join(any_of)})" if any_of else "c.number < 0", values
