"""Writes 3CX call data records: a CSV file without header, 27 columns in the default order.

A row is written when a call is over, so rows stand in order of end and a call still going on has
none. Numbers are written as dialled in the United Kingdom (07700 900xxx without the space).
Some of the calls that agents place go to a colleague.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Final

from portal.sample import people
from portal.sample.instants import clock, slashed
from portal.sample.people import Agent
from portal.sample.stay import Document, End, Kind, Stay

_LINE_IN: Final = "10000"
_LINE_OUT: Final = "10001"
_BY_SOURCE: Final = "TerminatedBySrc"
_BY_DESTINATION: Final = "TerminatedByDst"
_FIRST_DAY: Final = date(2021, 1, 1).toordinal()
_CALLS_A_DAY: Final = 1000
_WITHHELD_IN: Final = 40
_INTERNAL_IN: Final = 4
_OUR_FORWARD: Final = "QFwdToDNA"


def write(stays: list[Stay], day: date, until_ms: int) -> Iterator[Document]:
    """The rows of the calls that had ended by `until_ms`."""
    base = (day.toordinal() - _FIRST_DAY) * _CALLS_A_DAY
    sequence = {stay.id: base + n for n, stay in enumerate(stays)}
    over = sorted(stays, key=lambda stay: (_over_ms(stay), stay.id.int))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    for number, stay in enumerate(over, base):
        if _over_ms(stay) <= until_ms:
            call_id = f"{stay.started_ms:016X}_{sequence[stay.id]}"
            rows.writerow([f"Call {number}", call_id, *_row(stay)])
    if text.tell():
        yield Document("three-cx", "csv", text.getvalue().encode())


def _over_ms(stay: Stay) -> int:
    """When the call ended; one that the queue sent on goes on with whoever took it."""
    forwarded = stay.end is End.FLOW_OUT
    return stay.left_ms + stay.talk_ms if forwarded else stay.ended_ms


def _row(stay: Stay) -> list[str]:
    """The row after historyid and callid."""
    if stay.kind is Kind.OUTBOUND:
        internal = stay.id.int % _INTERNAL_IN == 0
        return _internal_row(stay) if internal else _outbound_row(stay)
    return _queue_row(stay)


def _times(stay: Stay, answered_ms: int | None) -> list[str]:
    """duration, time-start, time-answered, time-end."""
    over = _over_ms(stay)
    if answered_ms is None:
        return ["", slashed(stay.started_ms), "", slashed(over)]
    answered = slashed(answered_ms)
    return [clock(over - answered_ms), slashed(stay.started_ms), answered, slashed(over)]


def _national(number: str) -> str:
    return "0" + number.removeprefix("+44")


def _queue_row(stay: Stay) -> list[str]:
    """A caller in a queue. The queue itself picks up, at once or a second later; the agent who
    takes over is the final extension, and when is not told."""
    queue, caller = stay.queue, _national(stay.customer.number)
    if stay.id.int % _WITHHELD_IN == 0:
        caller = "anonymous"
    picked_up = stay.started_ms + (1000 if stay.id.int % 4 == 0 else 0)
    times = _times(stay, min(picked_up, _over_ms(stay)))
    agent, through = stay.agent, f"Ext.{queue.key},"
    reason, changed = _BY_SOURCE, ""
    if agent is not None:
        reason, changed = _ended_by(stay), "ReplacedDst"
    elif stay.end is End.FLOW_OUT:
        agent = people.BRISTOL[stay.id.int % len(people.BRISTOL)]
        reason, changed, through = _ended_by(stay), _OUR_FORWARD, through + "Ext.610,"
    final = ["", ""] if agent is None else [f"Ext.{agent.key}", agent.key]
    chain = f"Chain: {caller},{through}" + (f"Ext.{agent.key}," if agent else "")
    names = [_caller_name(stay, caller), queue.name, agent.name if agent else ""]
    missed = queue.key if agent is None else ""
    return [
        *times, reason, caller, f"Ext.{queue.key}", _LINE_IN, queue.key, queue.key, changed,
        *final, "", "", "", "", chain, "External", "Internal", "Internal", *names, missed,
    ]  # fmt: skip


def _ended_by(stay: Stay) -> str:
    return _BY_DESTINATION if stay.id.int % 3 == 0 else _BY_SOURCE


def _caller_name(stay: Stay, caller: str) -> str:
    """The name from the company's telephone book, for the customers who are in it."""
    known = caller != "anonymous" and stay.customer.reference.endswith(("0", "3", "7"))
    return stay.customer.name if known else caller


def _placed_by(stay: Stay) -> Agent:
    if stay.agent is None:
        message = "a placed call without an agent"
        raise ValueError(message)
    return stay.agent


def _outbound_row(stay: Stay) -> list[str]:
    """An extension calls a customer through an outside line."""
    agent, number = _placed_by(stay), _national(stay.customer.number)
    reached = stay.end is End.ANSWERED
    cost = f"{(stay.ended_ms - stay.left_ms) / 60_000 * 0.02:.2f}" if reached else ""
    bill = ["", "1", cost, "default"] if reached else ["", "", "", ""]
    reason = _ended_by(stay) if reached else "Failed"
    return [
        *_times(stay, stay.left_ms if reached else None), reason, f"Ext.{agent.key}", number,
        agent.key, _LINE_OUT, number, "", "", "", *bill, f"Chain: Ext.{agent.key},{number},",
        "Internal", "External", "External", agent.name, number, number, "",
    ]  # fmt: skip


def _internal_row(stay: Stay) -> list[str]:
    """An extension calls a colleague."""
    agent, team = _placed_by(stay), people.BRISTOL + people.LEEDS
    others = [person for person in team if person.key != agent.key]
    other = others[stay.id.int // _INTERNAL_IN % len(others)]
    reached = stay.end is End.ANSWERED
    chain = f"Chain: Ext.{agent.key},Ext.{other.key}," if reached else ""
    reason = _ended_by(stay) if reached else "Failed_Cancelled"
    return [
        *_times(stay, stay.left_ms if reached else None), reason, f"Ext.{agent.key}",
        f"Ext.{other.key}", agent.key, other.key, other.key, "", "", "", "", "", "", "", chain,
        "Internal", "Internal", "Internal", agent.name, other.name, other.name, "",
    ]  # fmt: skip
