"""Reads contact records into contacts: one record is one contact. README.md says how and why."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import BinaryIO

import msgspec

from portal.adapters.sources.amazon_connect.payload import Endpoint, QueueStay, Record
from portal.adapters.sources.framing.guard import Row, guarded, rejected
from portal.adapters.sources.framing.json_rows import JsonRows
from portal.adapters.sources.framing.opening import open_text
from portal.adapters.sources.framing.values import (
    LONGEST_MS,
    BadValue,
    between,
    duration,
    instant,
    key,
    not_future,
    phone_number,
)
from portal.domain.contacts.model import (
    Agent,
    Channel,
    Contact,
    Customer,
    Direction,
    Gap,
    Outcome,
    Queue,
    RejectedRow,
    SourceRecord,
    Timing,
)
from portal.domain.contacts.ports import SourceOptions

OWN = "an Amazon Connect contact record"
_CHANNELS = {channel.value.upper(): channel for channel in Channel}
_OUTBOUND = frozenset({"OUTBOUND", "EXTERNAL_OUTBOUND", "AGENT_REPLY"})
_NOT_OFFERED = _OUTBOUND | {"MONITOR"}
_LONGEST_S = LONGEST_MS // 1000


class AmazonConnect:
    """The source `amazon-connect`: JSON object, array, JSON lines, or objects one after another."""

    name = "amazon-connect"
    title = "Amazon Connect"
    gaps: Mapping[Timing, Gap] = {}

    def read(self, file: BinaryIO, options: SourceOptions) -> Iterator[Row]:
        """See `portal.domain.contacts.ports.Source.read`."""
        opened = open_text(file)
        decode = msgspec.json.Decoder(Record).decode
        return guarded(_rows(JsonRows(opened, decode, own=OWN), options))


def _rows(values: JsonRows[Record], options: SourceOptions) -> Iterator[Row]:
    for row in values:
        if isinstance(row, RejectedRow):
            yield row
            continue
        line, record, raw = row
        try:
            yield source_record(line, record, options)
        except BadValue as error:
            yield rejected(line, str(error), raw)


def source_record(line: int, record: Record, options: SourceOptions) -> SourceRecord:
    """One record's contact. Raises BadValue for a value that breaks a rule."""
    version = instant(record.LastUpdateTimestamp, "LastUpdateTimestamp")
    not_future(version, options.now_ms, "LastUpdateTimestamp")
    record_id = key(record.ContactId, "ContactId")
    return SourceRecord(line, record_id, version, (_contact(record, options),))


def _contact(record: Record, options: SourceOptions) -> Contact:
    started = instant(record.InitiationTimestamp, "InitiationTimestamp")
    not_future(started, options.now_ms, "InitiationTimestamp")
    ended = None
    if record.DisconnectTimestamp:
        ended = instant(record.DisconnectTimestamp, "DisconnectTimestamp")
        not_future(ended, options.now_ms, "DisconnectTimestamp")
        between(started, ended, "InitiationTimestamp", "DisconnectTimestamp")
    channel = _CHANNELS.get(record.Channel)
    if channel is None:
        raise BadValue("Channel is none of VOICE, CHAT, TASK, EMAIL")
    stay, work = record.Queue, record.Agent
    connected = None
    if work is not None and work.ConnectedToAgentTimestamp:
        connected = instant(work.ConnectedToAgentTimestamp, "ConnectedToAgentTimestamp")
    else:
        work = None
    outcome, arrived, wait = Outcome.CONNECTED if work else Outcome.UNCONNECTED, started, None
    if stay is not None and not stay.EnqueueTimestamp:
        stay = None
    if stay is not None and record.InitiationMethod not in _NOT_OFFERED:
        arrived, wait = _stay(stay, connected)
        outcome = _outcome(record, answered=work is not None, ended=ended is not None)
    if ended is not None:
        between(arrived, ended, "EnqueueTimestamp", "DisconnectTimestamp")
    attributes = record.Attributes
    return Contact(
        0,
        channel,
        _direction(record.InitiationMethod, channel),
        outcome,
        started,
        arrived,
        ended,
        _queue(stay.ARN, stay.Name) if stay is not None else None,
        _agent(work.ARN, work.Username) if work is not None else None,
        wait,
        _seconds(work.AgentInteractionDuration, "AgentInteractionDuration") if work else None,
        _seconds(work.CustomerHoldDuration, "CustomerHoldDuration") if work else None,
        _seconds(work.AfterContactWorkDuration, "AfterContactWorkDuration") if work else None,
        record.TransferCompletedTimestamp is not None or record.TransferredToEndpoint is not None,
        _customer(record.CustomerEndpoint, options.region),
        {name: text for name, text in attributes.items() if text is not None}
        if attributes
        else None,
    )


def _stay(stay: QueueStay, connected: int | None) -> tuple[int, int | None]:
    """Arrival in the queue and the wait there: Queue.Duration, else from the timestamps."""
    arrived = instant(stay.EnqueueTimestamp or "", "EnqueueTimestamp")
    left = None
    if stay.DequeueTimestamp:
        left = instant(stay.DequeueTimestamp, "DequeueTimestamp")
        between(arrived, left, "EnqueueTimestamp", "DequeueTimestamp")
    if stay.Duration is not None:
        return arrived, _seconds(stay.Duration, "Queue.Duration")
    left = left or connected
    if left is None:
        return arrived, None
    return arrived, between(arrived, left, "EnqueueTimestamp", "ConnectedToAgentTimestamp")


def _outcome(record: Record, *, answered: bool, ended: bool) -> Outcome:
    """How a stay in a queue ended. A callback nobody took is never abandoned."""
    if answered:
        return Outcome.ANSWERED
    if not ended:
        return Outcome.WAITING
    if record.InitiationMethod == "CALLBACK":
        return Outcome.CALLBACK
    if record.NextContactId or record.TransferCompletedTimestamp or record.TransferredToEndpoint:
        return Outcome.FLOW_OUT
    return Outcome.ABANDONED


def _direction(method: str, channel: Channel) -> Direction:
    if method in _OUTBOUND or (method == "API" and channel is Channel.VOICE):
        return Direction.OUTBOUND
    return Direction.INTERNAL if method == "MONITOR" else Direction.INBOUND


def _seconds(value: int | None, field: str) -> int | None:
    if value is not None and 0 <= value <= _LONGEST_S:
        return value * 1000
    return None if value is None else duration(value * 1000, field)


@lru_cache(maxsize=4096)
def _queue(arn: str | None, name: str | None) -> Queue:
    identifier = key(arn or name, "Queue.ARN")
    return Queue(identifier, key(name or identifier.rpartition("/")[2], "Queue.Name"))


@lru_cache(maxsize=65_536)
def _agent(arn: str | None, username: str | None) -> Agent:
    identifier = key(arn or username, "Agent.ARN")
    return Agent(identifier, key(username or identifier.rpartition("/")[2], "Agent.Username"))


def _customer(endpoint: Endpoint | None, region: str | None) -> Customer | None:
    if endpoint is None or not (address := endpoint.Address):
        return None
    if endpoint.Type is None or endpoint.Type == "TELEPHONE_NUMBER":
        number = phone_number(address, region)
        return Customer(number) if number else None
    if endpoint.Type == "EMAIL_ADDRESS":
        return Customer(email=address.strip().lower())
    return Customer(external_id=address.strip())
