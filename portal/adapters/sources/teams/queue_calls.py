"""What a row of the call-queue report means: one call, or as many as its TotalCallCount."""

import hashlib
import math
import re
from typing import NamedTuple

from portal.adapters.sources.framing.values import (
    BadValueError,
    between,
    duration,
    instant,
    key,
    not_future,
    optional_instant,
)
from portal.domain.contacts.model import (
    Agent,
    Channel,
    Contact,
    Direction,
    IgnoredRow,
    Outcome,
    Queue,
    SourceRecord,
)

MOST_CALLS = 10_000
_RESULTS = {
    "agent_joined_conference": Outcome.ANSWERED,
    "transferred_to_agent": Outcome.ANSWERED,
    "transferred_to_callback_caller": Outcome.ANSWERED,
    "overflown": Outcome.FLOW_OUT,
    "timed_out": Outcome.FLOW_OUT,
    "no_agent": Outcome.FLOW_OUT,
    "callback_call_timed_out": Outcome.CALLBACK,
    "disconnected": Outcome.ABANDONED,
    "declined": Outcome.ABANDONED,
    "failed": Outcome.ABANDONED,
    "error": Outcome.ABANDONED,
    "invalid": Outcome.ABANDONED,
}
_LEGENDS = {
    "agent answered": Outcome.ANSWERED,
    "timed out (callback)": Outcome.CALLBACK,
    "overflowed": Outcome.FLOW_OUT,
    "timed out": Outcome.FLOW_OUT,
    "no agents": Outcome.FLOW_OUT,
    "abandoned": Outcome.ABANDONED,
    "other": Outcome.ABANDONED,
}
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})

_THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}")


class Fields(NamedTuple):
    """The columns that are read, as text; absent ones are empty."""

    user_start_time_utc: str = ""
    call_queue_identity: str = ""
    call_queue_id: str = ""
    call_queue_call_result: str = ""
    legend: str = ""
    call_queue_duration_seconds: str = ""
    avg_call_queue_duration_seconds: str = ""
    total_call_count: str = ""
    document_id: str = ""
    dialog_id: str = ""
    conference_id: str = ""
    end_time: str = ""
    duration: str = ""
    timestamp: str = ""
    second_upn: str = ""
    pstn_call_type: str = ""
    is_abandoned: str = ""


def queue_call(line: int, fields: Fields, latest: int) -> SourceRecord | IgnoredRow:
    """One row's record. Raises BadValueError for a value that breaks a rule."""
    count = _count(fields.total_call_count)
    if count == 0:
        return IgnoredRow(line, "a row of no calls")
    if not fields.call_queue_identity and not fields.call_queue_id:
        return IgnoredRow(line, "a call without a call queue")
    arrived = instant(fields.user_start_time_utc, "UserStartTimeUTC")
    wait = _wait(fields, count)
    ended = _ended(fields, arrived, wait)
    not_future(max(arrived, ended), latest, "UserStartTimeUTC")
    contact = Contact(
        leg=0,
        channel=Channel.VOICE,
        direction=_direction(fields.pstn_call_type),
        outcome=(outcome := _outcome(fields)),
        started_ms=arrived,
        arrived_ms=arrived,
        ended_ms=ended,
        queue=_queue(fields),
        agent=_agent(fields.second_upn) if outcome is Outcome.ANSWERED else None,
        wait_ms=wait,
    )
    written = optional_instant(fields.timestamp, "Timestamp") or ended
    contacts = tuple(contact._replace(leg=leg) for leg in range(count))
    return SourceRecord(line, _record_id(fields), written + count, contacts)


def _record_id(fields: Fields) -> str:
    """The call's own id; for rows of several calls, which have none, what tells them apart."""
    if fields.document_id:
        return key(fields.document_id, "DocumentId")
    own = "/".join(filter(None, (fields.dialog_id, fields.conference_id)))
    if own:
        return key(own, "DialogId")
    told_apart = (
        fields.user_start_time_utc,
        fields.call_queue_id or fields.call_queue_identity,
        fields.call_queue_call_result or fields.legend,
        fields.call_queue_duration_seconds,
        fields.pstn_call_type,
        fields.second_upn,
        fields.is_abandoned,
    )
    return hashlib.sha256("\x1f".join(told_apart).encode()).hexdigest()


def _count(text: str) -> int:
    if not text:
        return 1
    value = _number(text, "TotalCallCount")
    if value < 0 or value != int(value):
        raise BadValueError("TotalCallCount is not a whole number")
    if value > MOST_CALLS:
        raise BadValueError(f"TotalCallCount is over {MOST_CALLS}")
    return int(value)


def _wait(fields: Fields, count: int) -> int | None:
    """The time in the queue. An average over several calls is no call's wait."""
    if fields.call_queue_duration_seconds:
        return _seconds(fields.call_queue_duration_seconds, "CallQueueDurationSeconds")
    if fields.avg_call_queue_duration_seconds and count == 1:
        return _seconds(fields.avg_call_queue_duration_seconds, "AvgCallQueueDurationSeconds")
    return None


def _ended(fields: Fields, arrived: int, wait: int | None) -> int:
    """The end: EndTime, else Duration, else the end of the stay in the queue (a report tells of
    calls that are over)."""
    ended = optional_instant(fields.end_time, "EndTime")
    if ended is not None:
        between(arrived, ended, "UserStartTimeUTC", "EndTime")
        return ended
    if fields.duration:
        return arrived + (_seconds(fields.duration, "Duration") or 0)
    return arrived + (wait or 0)


def _outcome(fields: Fields) -> Outcome:
    result, legend = fields.call_queue_call_result.casefold(), fields.legend.casefold()
    outcome = _RESULTS.get(result)
    if outcome is None and not result:
        outcome = next((value for name, value in _LEGENDS.items() if legend.startswith(name)), None)
    if outcome is None:
        raise BadValueError("CallQueueCallResult is none of the documented results")
    abandoned = fields.is_abandoned.casefold()
    if outcome is not Outcome.ANSWERED and abandoned in _TRUE:
        return Outcome.ABANDONED
    if outcome is Outcome.ABANDONED and abandoned in _FALSE:
        return Outcome.FLOW_OUT
    return outcome


def _queue(fields: Fields) -> Queue:
    """The queue by its id, else by its resource account, whose name is what the report shows."""
    identity = (fields.call_queue_identity or fields.call_queue_id).removeprefix("sip:")
    name = key(identity.partition("@")[0] or identity, "CallQueueIdentity")
    return Queue(key(fields.call_queue_id or identity.casefold(), "CallQueueIdentity"), name)


def _agent(upn: str) -> Agent | None:
    if not upn:
        return None
    return Agent(key(upn.casefold(), "SecondUPN"), key(upn.partition("@")[0], "SecondUPN"))


def _direction(call_type: str) -> Direction:
    return Direction.INTERNAL if call_type.casefold() == "internal" else Direction.INBOUND


def _seconds(text: str, field: str) -> int | None:
    return duration(_number(text, field) * 1000, field)


def _number(text: str, field: str) -> float:
    """A number with a point or, as some exports write it, a comma before its decimals."""
    if _THOUSANDS.fullmatch(text):
        raise BadValueError(f"{field} is ambiguous: its comma may part thousands or decimals")
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        raise BadValueError(f"{field} is not a number") from None
    if not math.isfinite(value) or "_" in text:
        raise BadValueError(f"{field} is not a number")
    return value
